/*
 * bus_kafka.h: the parts of the Kafka backend.  Private to common/bus_kafka*.c.
 *
 * librdkafka has threads of its own; they do nothing here but make a descriptor readable
 * (kf_wake), and everything is drained in the backend's `work`.  No callback of ours is
 * registered with it.
 */
#ifndef COMMON_BUS_KAFKA_H
#define COMMON_BUS_KAFKA_H

#include "common/bus_backend.h"

/* What both halves share. */
struct kf {
	struct bus *bus;
	const char *servers;
	char cluster[64]; /* id of the cluster, once known */
	int wake_fd;      /* eventfd: something is in one of the queues */
	bool away;        /* said so */
};

/* ---- bus_kafka_conf.c ---- */

/* New rd_kafka_conf_t with what we want and the user's properties on top; NULL + err. */
void *kf_conf(const struct kf *kf, bool consumer, struct error *err);
long kf_epoch(const struct bus_options *options);    /* property posthorn.epoch, else 0 */
char *kf_topic_name(const struct kf *kf, int topic); /* new: "posthorn.posts" */
void kf_wake(const struct kf *kf, void *queue);      /* rd_kafka_queue_t: tell wake_fd */
/* Log lines and errors that mean nothing special; false: the caller's business. */
bool kf_common_event(struct kf *kf, void *event);
void kf_back(struct kf *kf); /* it works: says so if it did not */

/* ---- bus_kafka_topics.c ---- */

enum kf_setup { KF_READY, KF_AWAY, KF_WRONG };
/* Makes missing topics, checks partition counts and retention; rk is any client.  Blocks for at
 * most about timeout_ms where nobody answers. */
enum kf_setup kf_setup(struct kf *kf, void *rk, int timeout_ms, struct error *err);
int kf_watermarks(void *rk, const char *name, int partition, int64_t *ret_first, int64_t *ret_end,
		  struct error *err);

/* ---- bus_kafka_out.c ---- */

struct kf_out;
struct kf_out *kf_out_open(struct kf *kf, struct error *err);
void *kf_out_client(struct kf_out *out); /* rd_kafka_t; valid until the next work */
void kf_out_send(struct kf_out *out, struct bus_out *msg);
void kf_out_work(struct kf_out *out, bool ready); /* ready: the topics are there */
void kf_out_close(struct kf_out *out);            /* NULL is fine */

/* ---- bus_kafka_in.c ---- */

struct kf_in;
struct kf_in *kf_in_open(struct kf *kf, struct error *err); /* subscribes */
void kf_in_work(struct kf_in *in);
void kf_in_commit(struct kf_in *in, const struct bus_commit *list, size_t n, bool now);
void kf_in_seek(struct kf_in *in, int topic, int partition, int64_t offset);
void kf_in_refresh(struct kf_in *in);
void kf_in_close(struct kf_in *in, int64_t timeout_ms); /* NULL is fine */

#endif
