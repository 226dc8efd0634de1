/*
 * bus_kafka_out.c: the producer.
 *
 * All outputs that are not acknowledged are in one list, in the order they came.  librdkafka has
 * the first part of it; `unsent` is where the rest begins.  When the producer breaks (an idempotent
 * one may end for good, "fatal", in librdkafka before 2.3 after a plain disconnect), it is thrown away
 * and the whole list goes to a new one: doubles are harmless, gaps and swaps are not.
 */
#include <stdlib.h>

#include <librdkafka/rdkafka.h>

#include "common/bus_kafka.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

enum { RENEW_MS = 1000, EVENTS_PER_WORK = 1000 };

struct kf_out {
	struct kf *kf;
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	char *names[BUS_TOPICS];
	struct bus_out *head, *tail, *unsent;
	bool broken;
	int64_t renew_ms;
};

static int connect_producer(struct kf_out *out, struct error *err)
{
	char text[300];
	rd_kafka_conf_t *conf = kf_conf(out->kf, false, err);
	if (!conf)
		return -1;
	out->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
	if (!out->rk) {
		rd_kafka_conf_destroy(conf);
		return error_set(err, "could not make a producer: %s", text);
	}
	out->queue = rd_kafka_queue_get_main(out->rk);
	(void)rd_kafka_set_log_queue(out->rk, NULL); /* to the main queue; cannot fail here */
	kf_wake(out->kf, out->queue);
	return 0;
}

static void disconnect(struct kf_out *out)
{
	if (!out->rk)
		return;
	rd_kafka_queue_io_event_enable(out->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(out->queue);
	/* the bytes are ours: nothing of them may be looked at any more after this */
	(void)rd_kafka_purge(out->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_destroy(out->rk);
	out->rk = NULL;
	out->queue = NULL;
}

struct kf_out *kf_out_open(struct kf *kf, struct error *err)
{
	struct kf_out *out = xcalloc(1, sizeof *out);
	out->kf = kf;
	for (int t = 0; t < BUS_TOPICS; t++)
		out->names[t] = kf_topic_name(kf, t);
	if (connect_producer(out, err)) {
		kf_out_close(out);
		return NULL;
	}
	return out;
}

void *kf_out_client(struct kf_out *out)
{
	return out->rk;
}

void kf_out_send(struct kf_out *out, struct bus_out *msg)
{
	msg->prev = out->tail;
	msg->next = NULL;
	if (out->tail)
		out->tail->next = msg;
	else
		out->head = msg;
	out->tail = msg;
	if (!out->unsent)
		out->unsent = msg;
}

static void unlink_out(struct kf_out *out, struct bus_out *msg)
{
	if (msg->prev)
		msg->prev->next = msg->next;
	else
		out->head = msg->next;
	if (msg->next)
		msg->next->prev = msg->prev;
	else
		out->tail = msg->prev;
}

static void broke(struct kf_out *out, const char *reason)
{
	if (out->broken)
		return;
	out->broken = true;
	out->renew_ms = clock_mono_ms() + RENEW_MS;
	log_warn("producer broke",
		 "reason=%s next=\"making a new one, sending again what was not "
		 "acknowledged\"",
		 log_qz(reason));
	core_kick_in(out->kf->bus, RENEW_MS);
}

/* Errors of this very message: no new producer will help. */
static bool is_refusal(rd_kafka_resp_err_t rc)
{
	switch (rc) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
	case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return true;
	default: return false;
	}
}

static void on_report(struct kf_out *out, rd_kafka_event_t *event)
{
	const rd_kafka_message_t *message;
	while ((message = rd_kafka_event_message_next(event))) {
		struct bus_out *msg = message->_private;
		if (message->err && !is_refusal(message->err)) {
			broke(out, rd_kafka_err2str(message->err));
			continue; /* stays in the list */
		}
		if (!message->err)
			kf_back(out->kf);
		unlink_out(out, msg);
		core_delivered(out->kf->bus, msg, !message->err, rd_kafka_err2str(message->err));
	}
}

static void drain(struct kf_out *out)
{
	for (int i = 0; i < EVENTS_PER_WORK; i++) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(out->queue, 0);
		if (!event)
			return;
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
			on_report(out, event);
		else if (!kf_common_event(out->kf, event) &&
			 rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
			broke(out, rd_kafka_event_error_string(event));
		rd_kafka_event_destroy(event);
	}
	core_kick(out->kf->bus); /* there is more, and the descriptor will not tell again */
}

static void push(struct kf_out *out)
{
	for (; out->unsent; out->unsent = out->unsent->next) {
		struct bus_out *msg = out->unsent;
		rd_kafka_resp_err_t rc =
		    rd_kafka_producev(out->rk, RD_KAFKA_V_TOPIC(out->names[msg->topic]),
				      RD_KAFKA_V_PARTITION(msg->partition), RD_KAFKA_V_MSGFLAGS(0),
				      RD_KAFKA_V_KEY(msg->key.p, msg->key.n),
				      RD_KAFKA_V_VALUE((void *)msg->value.p, msg->value.n),
				      RD_KAFKA_V_OPAQUE(msg), RD_KAFKA_V_END);
		if (rc == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return; /* deliveries make room, and wake us */
		if (rc && is_refusal(rc)) {
			out->unsent = msg->next;
			unlink_out(out, msg);
			core_delivered(out->kf->bus, msg, false, rd_kafka_err2str(rc));
			core_kick(out->kf->bus);
			return;
		}
		if (rc) {
			broke(out, rd_kafka_err2str(rc));
			return;
		}
	}
}

void kf_out_work(struct kf_out *out, bool ready)
{
	struct error err;
	if (out->rk)
		drain(out);
	if (out->broken) {
		int64_t left = out->renew_ms - clock_mono_ms();
		if (left > 0) {
			core_kick_in(out->kf->bus, left);
			return;
		}
		disconnect(out);
		if (connect_producer(out, &err)) {
			log_warn("no new producer", "reason=%s next=\"trying again\"",
				 log_qz(err.text));
			out->renew_ms = clock_mono_ms() + RENEW_MS;
			core_kick_in(out->kf->bus, RENEW_MS);
			return;
		}
		out->broken = false;
		out->unsent = out->head;
	}
	if (ready)
		push(out);
}

void kf_out_close(struct kf_out *out)
{
	if (!out)
		return;
	disconnect(out);
	while (out->head) {
		struct bus_out *msg = out->head;
		out->head = msg->next;
		core_out_free(out->kf->bus, msg);
	}
	for (int t = 0; t < BUS_TOPICS; t++)
		free(out->names[t]);
	free(out);
}
