#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "common/bus_kafka.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

/* Why these values: the notes beside them; the rest is librdkafka's default. */
static const char *const common_settings[][2] = {
    {"log.queue", "true"}, /* log lines come as events, in our thread */
    {"socket.nagle.disable", "true"},
    {"socket.keepalive.enable", "true"},
    {"reconnect.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "2000"},
    {"allow.auto.create.topics", "false"},
    {NULL, NULL}};

static const char *const producer_settings[][2] = {
    {"enable.idempotence", "true"}, /* no doubles, no reordering by retries */
    {"acks", "all"},
    {"linger.ms", "2"},
    {"compression.codec", "lz4"},
    {"message.timeout.ms", "0"}, /* never gives up: what was accepted waits in the window */
    {"message.max.bytes", "1000000"},
    {"queue.buffering.max.messages", "1000000"}, /* our window of bytes is the limit */
    {NULL, NULL}};

static const char *const consumer_settings[][2] = {
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"}, /* idle */
    {"auto.offset.reset", "earliest"},
    {"partition.assignment.strategy", "range"}, /* cooperative-sticky is broken before 2.10 */
    {"session.timeout.ms", "6000"},
    {"heartbeat.interval.ms", "1500"},
    {"fetch.wait.max.ms", "100"},
    {"fetch.error.backoff.ms", "50"},
    {"queued.min.messages", "10000"},
    {"queued.max.messages.kbytes", "6144"}, /* of each partition: it has its own queue */
    {"check.crcs", "true"},
    {NULL, NULL}};

/* Correctness hangs on these. */
static const char *const fixed[] = {"enable.idempotence",       "enable.auto.commit",
				    "enable.auto.offset.store", "enable.partition.eof",
				    "auto.offset.reset",        "group.id",
				    "group.instance.id",        "log.queue",
				    "bootstrap.servers",        "metadata.broker.list"};

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char text[256];
	if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK)
		log_err("setting of librdkafka", "reason=%s", log_qz(text));
}

static void set_all(rd_kafka_conf_t *conf, const char *const (*rows)[2])
{
	for (; (*rows)[0]; rows++)
		set(conf, (*rows)[0], (*rows)[1]);
}

static int set_properties(rd_kafka_conf_t *conf, const struct bus_options *o, struct error *err)
{
	char text[256];
	for (size_t i = 0; o->properties && o->properties[i]; i += 2) {
		const char *name = o->properties[i], *value = o->properties[i + 1];
		int64_t epoch;
		if (!value)
			return error_set(err, "bus property \"%s\" has no value", name);
		if (strcmp(name, "posthorn.epoch") == 0) {
			if (num_int(str_of(value), 0, INT32_MAX, &epoch))
				return error_set(err,
						 "bus property \"posthorn.epoch\": expected a "
						 "number, found \"%s\"",
						 value);
			continue;
		}
		for (size_t f = 0; f < ARRAY_LEN(fixed); f++)
			if (strcmp(name, fixed[f]) == 0)
				return error_set(
				    err,
				    "bus property \"%s\" cannot be changed: nothing may "
				    "be lost",
				    name);
		if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK)
			return error_set(err, "bus property \"%s\": %s", name, text);
	}
	return 0;
}

void *kf_conf(const struct kf *kf, bool consumer, struct error *err)
{
	const struct bus_options *o = core_options(kf->bus);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[600];
	set(conf, "bootstrap.servers", kf->servers);
	(void)snprintf(text, sizeof text, "%s.%s-%d", o->prefix, o->program, o->instance);
	set(conf, "client.id", text);
	set_all(conf, common_settings);
	set_all(conf, consumer ? consumer_settings : producer_settings);
	if (consumer) {
		(void)snprintf(text, sizeof text, "%s.%s", o->prefix, o->program);
		set(conf, "group.id", text);
		/* the broker knows a member by this over restarts, with the topics it had: a
		 * function of all three, or it would hear nothing */
		int n = snprintf(text, sizeof text, "%s-%d", o->program, o->instance);
		for (size_t i = 0; o->topics[i]; i++)
			n += snprintf(text + n, sizeof text - (size_t)n, "-%s", o->topics[i]);
		set(conf, "group.instance.id", text);
		rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR |
						   RD_KAFKA_EVENT_LOG);
	} else {
		rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR |
						   RD_KAFKA_EVENT_LOG);
	}
	if (set_properties(conf, o, err)) {
		rd_kafka_conf_destroy(conf);
		return NULL;
	}
	return conf;
}

long kf_epoch(const struct bus_options *o)
{
	int64_t epoch = 0;
	for (size_t i = 0; o->properties && o->properties[i]; i += 2)
		if (strcmp(o->properties[i], "posthorn.epoch") == 0)
			(void)num_int(str_of(o->properties[i + 1]), 0, INT32_MAX, &epoch);
	return (long)epoch;
}

char *kf_topic_name(const struct kf *kf, int topic)
{
	return xasprintf("%s.%s", core_options(kf->bus)->prefix, bus_topic_names[topic]);
}

void kf_wake(const struct kf *kf, void *queue)
{
	static const uint64_t one = 1;
	rd_kafka_queue_io_event_enable(queue, kf->wake_fd, &one, sizeof one);
}

bool kf_common_event(struct kf *kf, void *arg)
{
	rd_kafka_event_t *event = arg;
	const char *facility, *text;
	int level;
	switch (rd_kafka_event_type(event)) {
	case RD_KAFKA_EVENT_LOG:
		if (rd_kafka_event_log(event, &facility, &text, &level) == 0)
			log_debug("librdkafka", "facility=%s text=%s", facility, log_qz(text));
		return true;
	case RD_KAFKA_EVENT_ERROR:
		if (rd_kafka_event_error_is_fatal(event))
			return false;
		if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN &&
		    !kf->away) {
			kf->away = true;
			log_warn("bus is away",
				 "servers=%s reason=%s next=\"trying again until it is back; "
				 "nothing is lost\"",
				 log_qz(kf->servers), log_qz(rd_kafka_event_error_string(event)));
		} else {
			log_debug("librdkafka", "error=%s",
				  log_qz(rd_kafka_event_error_string(event)));
		}
		return true;
	case RD_KAFKA_EVENT_NONE: return true;
	default: return false;
	}
}

void kf_back(struct kf *kf)
{
	if (!kf->away)
		return;
	kf->away = false;
	log_info("bus is back", "servers=%s", log_qz(kf->servers));
}
