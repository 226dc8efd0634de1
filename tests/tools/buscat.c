/*
 * buscat SPEC PREFIX TOPIC [PARTITIONS]: prints every value of a topic, one per line, and ends when
 * all is read.  For scenarios: it reads under its own group and changes nothing for others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/num.h"

static const char *why;

static int64_t from_start(void *arg, const struct bus_part *part)
{
	(void)arg, (void)part;
	return BUS_START_EARLIEST;
}

static void on_ready(void *arg)
{
	(void)arg; /* the main loop asks anyway */
}

static void on_failed(void *arg, const char *reason)
{
	(void)arg;
	why = reason;
	log_err("bus failed", "reason=%s", log_qz(reason));
}

int main(int argc, char **argv)
{
	struct error err;
	int64_t partitions = 8;
	if (argc < 4 || (argc > 4 && num_int(str_of(argv[4]), 1, 256, &partitions))) {
		fputs("usage: buscat SPEC PREFIX TOPIC [PARTITIONS]\n", stderr);
		return 64;
	}
	log_init("buscat");
	log_set_level(LOG_WARN);
	struct loop *loop = loop_create();
	char group[40];
	snprintf(group, sizeof group, "buscat%d", (int)getpid());
	const char *topics[] = {argv[3], NULL};
	struct bus_options o = {.loop = loop,
				.spec = argv[1],
				.prefix = argv[2],
				.partitions = (int)partitions,
				.program = group,
				.instance = 1,
				.topics = topics,
				.on_assigned = from_start,
				.on_ready = on_ready,
				.on_failed = on_failed};
	struct bus *bus = bus_open(&o, &err);
	if (!bus) {
		fprintf(stderr, "%s\n", err.text);
		return 69;
	}
	int64_t until = clock_mono_ms() + 60000;
	while (!why && !bus_idle(bus) && clock_mono_ms() < until) {
		struct bus_msg *msg = bus_next(bus);
		if (!msg) {
			loop_turn(loop, 100);
			continue;
		}
		fwrite(msg->value.p, 1, msg->value.n, stdout);
		putchar('\n');
		bus_done(bus, msg, NULL);
	}
	int rc = bus_close(bus, 10000);
	loop_free(loop);
	return why || rc || clock_mono_ms() >= until ? 69 : 0;
}
