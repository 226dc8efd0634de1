#include "common/bus_backend.h"

static void *kafka_open(struct bus *bus, const char *where, struct error *err)
{
	(void)bus;
	(void)error_set(err, "could not open bus \"kafka:%s\": not built yet", where);
	return NULL;
}

const struct bus_backend bus_kafka = {.scheme = "kafka", .open = kafka_open};
