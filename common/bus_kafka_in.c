/*
 * bus_kafka_in.c: the consumer.
 *
 * Each assigned partition has a queue of its own (split off the consumer's), so that the consumer's
 * queue carries only rebalances, commits and errors and is always drained at once, while messages
 * are taken as the core wants them; librdkafka stops fetching a partition whose queue is full.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "common/bus_kafka.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	BATCH = 64,
	RETRY_MS = 500,
	COMMIT_WAIT_MS = 3000,
	/* far below max.poll.interval.ms: polling shows that this program is alive */
	POLL_MS = 30000,
};

struct kf_in {
	struct kf *kf;
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	rd_kafka_queue_t *commits; /* results of commits that nobody waits for */
	char *names[BUS_TOPICS];
	rd_kafka_queue_t *parts[BUS_TOPICS][BUS_PARTITIONS_MAX]; /* NULL: not assigned */
	rd_kafka_topic_partition_list_t
	    *waiting; /* an assignment whose offsets are not known yet */
	int64_t waiting_ms;
	struct log_limit trouble;
};

struct kf_in *kf_in_open(struct kf *kf, struct error *err)
{
	char text[300];
	struct kf_in *in = xcalloc(1, sizeof *in);
	in->kf = kf;
	in->trouble.every_ms = 10000;
	for (int t = 0; t < BUS_TOPICS; t++)
		in->names[t] = kf_topic_name(kf, t);
	rd_kafka_conf_t *conf = kf_conf(kf, true, err);
	if (!conf)
		goto failed;
	in->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
	if (!in->rk) {
		rd_kafka_conf_destroy(conf);
		(void)error_set(err, "could not make a consumer: %s", text);
		goto failed;
	}
	in->queue = rd_kafka_queue_get_consumer(in->rk);
	(void)rd_kafka_poll_set_consumer(in->rk);        /* one queue for all; cannot fail here */
	(void)rd_kafka_set_log_queue(in->rk, in->queue); /* cannot fail here */
	kf_wake(kf, in->queue);
	in->commits = rd_kafka_queue_new(in->rk);
	kf_wake(kf, in->commits);
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(BUS_TOPICS);
	for (int t = 0; t < BUS_TOPICS; t++)
		if (core_reads(kf->bus, t))
			rd_kafka_topic_partition_list_add(topics, in->names[t],
							  RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t rc = rd_kafka_subscribe(in->rk, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	if (rc) {
		(void)error_set(err, "could not subscribe: %s", rd_kafka_err2str(rc));
		goto failed;
	}
	return in;
failed:
	kf_in_close(in, 0);
	return NULL;
}

static int topic_of(const struct kf_in *in, const char *name)
{
	for (int t = 0; t < BUS_TOPICS; t++)
		if (strcmp(in->names[t], name) == 0)
			return t;
	return -1;
}

static void drop_queue(struct kf_in *in, int topic, int partition)
{
	rd_kafka_queue_t **queue = &in->parts[topic][partition];
	if (!*queue)
		return;
	rd_kafka_queue_io_event_enable(*queue, -1, NULL, 0);
	rd_kafka_queue_destroy(*queue);
	*queue = NULL;
}

/* ------------------------------------------------------------------ group */

static void trouble(struct kf_in *in, const char *what, const char *reason)
{
	unsigned skipped;
	if (log_allow(&in->trouble, &skipped))
		log_warn(what, "reason=%s skipped=%u next=\"trying again\"", log_qz(reason),
			 skipped);
}

static void forget_waiting(struct kf_in *in)
{
	if (in->waiting)
		rd_kafka_topic_partition_list_destroy(in->waiting);
	in->waiting = NULL;
}

/* Asks where things stand, then begins.  The answers are local; where nobody answers, later. */
static void begin_waiting(struct kf_in *in)
{
	struct error err;
	int64_t first[BUS_TOPICS][BUS_PARTITIONS_MAX], end[BUS_TOPICS][BUS_PARTITIONS_MAX];
	rd_kafka_topic_partition_list_t *list = in->waiting;
	if (!list || clock_mono_ms() < in->waiting_ms)
		return;
	rd_kafka_resp_err_t rc = rd_kafka_committed(in->rk, list, 3000);
	if (rc) {
		(void)error_set(&err, "%s", rd_kafka_err2str(rc));
		goto later;
	}
	for (int i = 0; i < list->cnt; i++) {
		int t = topic_of(in, list->elems[i].topic), p = list->elems[i].partition;
		must(t >= 0 && p >= 0 && p < BUS_PARTITIONS_MAX);
		if (list->elems[i].err) {
			(void)error_set(&err, "%s", rd_kafka_err2str(list->elems[i].err));
			goto later;
		}
		if (kf_watermarks(in->rk, in->names[t], p, &first[t][p], &end[t][p], &err))
			goto later;
	}
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *elem = &list->elems[i];
		int t = topic_of(in, elem->topic), p = elem->partition;
		char id[400];
		(void)snprintf(id, sizeof id, "%s/%s/%ld", in->kf->cluster, elem->topic,
			       kf_epoch(core_options(in->kf->bus)));
		struct bus_part part = {.topic = bus_topic_names[t],
					.partition = p,
					.log_id = id,
					.first_offset = first[t][p],
					.end_offset = end[t][p],
					.committed = elem->offset >= 0 ? elem->offset : -1};
		elem->offset = core_assigned(in->kf->bus, t, &part);
		rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(in->rk, elem->topic, p);
		must(queue);
		rd_kafka_queue_forward(queue, NULL);
		kf_wake(in->kf, queue);
		in->parts[t][p] = queue;
	}
	rc = rd_kafka_assign(in->rk, list);
	if (rc)
		log_warn("assignment was not taken", "reason=%s next=\"waiting for the next one\"",
			 rd_kafka_err2str(rc));
	forget_waiting(in);
	core_joined(in->kf->bus, true);
	kf_back(in->kf);
	return;
later:
	trouble(in, "offsets are not known yet", err.text);
	in->waiting_ms = clock_mono_ms() + RETRY_MS;
	core_kick_in(in->kf->bus, RETRY_MS);
}

static void revoke_all(struct kf_in *in, bool lost)
{
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; p < BUS_PARTITIONS_MAX; p++) {
			if (!in->parts[t][p])
				continue;
			core_revoked(in->kf->bus, t, p, lost);
			drop_queue(in, t, p);
		}
	}
	forget_waiting(in);
	core_joined(in->kf->bus, false);
}

static void on_rebalance(struct kf_in *in, rd_kafka_event_t *event)
{
	/* eager: all goes before anything comes */
	revoke_all(in, rd_kafka_assignment_lost(in->rk));
	if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		in->waiting =
		    rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(event));
		in->waiting_ms = 0;
		begin_waiting(in);
		return;
	}
	rd_kafka_resp_err_t rc = rd_kafka_assign(in->rk, NULL);
	if (rc)
		log_warn("revocation was not taken", "reason=%s next=\"waiting for the next one\"",
			 rd_kafka_err2str(rc));
}

static void on_error(struct kf_in *in, rd_kafka_event_t *event)
{
	char text[300];
	const struct bus_options *o = core_options(in->kf->bus);
	rd_kafka_resp_err_t rc = rd_kafka_fatal_error(in->rk, text, sizeof text);
	if (rc == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
		core_failed(
		    in->kf->bus,
		    "another %s with instance number %d has come to this bus and takes over: "
		    "stop one of them, or give it another --instance",
		    o->program, o->instance);
	else
		core_failed(in->kf->bus, "the consumer ended: %s",
			    rc ? text : rd_kafka_event_error_string(event));
}

/* ------------------------------------------------------------------ commits */

static void told(struct kf_in *in, rd_kafka_resp_err_t all,
		 const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; list && i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *elem = &list->elems[i];
		rd_kafka_resp_err_t rc = all ? all : elem->err;
		int t = topic_of(in, elem->topic);
		if (rc)
			trouble(in, "commit refused", rd_kafka_err2str(rc));
		if (t >= 0)
			core_committed(in->kf->bus, t, elem->partition, elem->offset, !rc);
	}
}

void kf_in_commit(struct kf_in *in, const struct bus_commit *commits, size_t n, bool now)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, in->names[commits[i].topic],
						  commits[i].partition)
		    ->offset = commits[i].offset;
	if (!now) {
		rd_kafka_resp_err_t rc =
		    rd_kafka_commit_queue(in->rk, list, in->commits, NULL, NULL);
		if (rc)
			told(in, rc, list);
		rd_kafka_topic_partition_list_destroy(list);
		return;
	}
	/* rd_kafka_commit would wait for as long as it takes */
	rd_kafka_queue_t *queue = rd_kafka_queue_new(in->rk);
	rd_kafka_resp_err_t rc = rd_kafka_commit_queue(in->rk, list, queue, NULL, NULL);
	rd_kafka_event_t *event = rc ? NULL : rd_kafka_queue_poll(queue, COMMIT_WAIT_MS);
	if (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT)
		told(in, rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event));
	else
		told(in, rc ? rc : RD_KAFKA_RESP_ERR__TIMED_OUT, list);
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_topic_partition_list_destroy(list);
}

/* ------------------------------------------------------------------ messages */

static void on_message(struct kf_in *in, int t, int p, const rd_kafka_message_t *message)
{
	if (!message->err) {
		kf_back(in->kf);
		core_input(in->kf->bus, t, p, message->offset,
			   (struct str){message->key, message->key_len},
			   (struct str){message->payload, message->len});
	} else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		core_at_end(in->kf->bus, t, p, message->offset);
	} else {
		trouble(in, "could not read", rd_kafka_message_errstr(message));
	}
}

/* Round by round, so that all partitions get theirs. */
static void read_some(struct kf_in *in)
{
	rd_kafka_message_t *messages[BATCH];
	int partitions = core_options(in->kf->bus)->partitions;
	bool more = true;
	while (more && core_wants(in->kf->bus)) {
		more = false;
		for (int t = 0; t < BUS_TOPICS; t++) {
			for (int p = 0; core_reads(in->kf->bus, t) && p < partitions; p++) {
				if (!in->parts[t][p] || !core_wants(in->kf->bus))
					continue;
				ssize_t n = rd_kafka_consume_batch_queue(in->parts[t][p], 0,
									 messages, BATCH);
				for (ssize_t i = 0; i < n; i++) {
					on_message(in, t, p, messages[i]);
					rd_kafka_message_destroy(messages[i]);
				}
				more = more || n > 0;
			}
		}
	}
}

void kf_in_work(struct kf_in *in)
{
	rd_kafka_event_t *event;
	while ((event = rd_kafka_queue_poll(in->queue, 0))) {
		switch (rd_kafka_event_type(event)) {
		case RD_KAFKA_EVENT_REBALANCE:
			if (!core_closing(in->kf->bus))
				on_rebalance(in, event);
			else
				(void)rd_kafka_assign(in->rk, NULL); /* leaving anyway */
			break;
		default:
			if (!kf_common_event(in->kf, event) &&
			    rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
				on_error(in, event);
		}
		rd_kafka_event_destroy(event);
	}
	while ((event = rd_kafka_queue_poll(in->commits, 0))) {
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT)
			told(in, rd_kafka_event_error(event),
			     rd_kafka_event_topic_partition_list(event));
		rd_kafka_event_destroy(event);
	}
	begin_waiting(in);
	read_some(in);
	core_kick_in(in->kf->bus, POLL_MS);
}

void kf_in_seek(struct kf_in *in, int topic, int partition, int64_t offset)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(in->rk, in->names[topic], NULL);
	/* time-out 0: what was fetched before is outdated from here on, the rest happens by itself */
	rd_kafka_resp_err_t rc =
	    rkt ? rd_kafka_seek(rkt, partition, offset, 0) : rd_kafka_last_error();
	if (rc)
		core_failed(in->kf->bus, "could not go to offset %lld of topic %s: %s",
			    (long long)offset, bus_topic_names[topic], rd_kafka_err2str(rc));
	if (rkt)
		rd_kafka_topic_destroy(rkt);
}

void kf_in_refresh(struct kf_in *in)
{
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; p < BUS_PARTITIONS_MAX; p++) {
			int64_t first, end;
			/* what the last answers said; EOF settles what is left */
			if (in->parts[t][p] &&
			    !rd_kafka_get_watermark_offsets(in->rk, in->names[t], p, &first,
							    &end) &&
			    end > 0)
				core_end(in->kf->bus, t, p, end);
		}
	}
}

void kf_in_close(struct kf_in *in, int64_t timeout_ms)
{
	if (!in)
		return;
	if (in->rk && in->queue) {
		int64_t until = clock_mono_ms() + (timeout_ms < 1000 ? 1000 : timeout_ms);
		revoke_all(in, false);
		rd_kafka_error_t *error = rd_kafka_consumer_close_queue(in->rk, in->queue);
		while (!error && !rd_kafka_consumer_closed(in->rk) && clock_mono_ms() < until) {
			rd_kafka_event_t *event = rd_kafka_queue_poll(in->queue, 50);
			if (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
				(void)rd_kafka_assign(in->rk, NULL); /* leaving anyway */
			rd_kafka_event_destroy(event);
		}
		if (error)
			rd_kafka_error_destroy(error);
		rd_kafka_queue_io_event_enable(in->queue, -1, NULL, 0);
		rd_kafka_queue_destroy(in->queue);
	}
	if (in->commits) {
		rd_kafka_queue_io_event_enable(in->commits, -1, NULL, 0);
		rd_kafka_queue_destroy(in->commits);
	}
	if (in->rk)
		rd_kafka_destroy_flags(in->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	forget_waiting(in);
	for (int t = 0; t < BUS_TOPICS; t++)
		free(in->names[t]);
	free(in);
}
