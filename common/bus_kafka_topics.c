#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "common/bus_kafka.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

enum { ADMIN_MS = 15000 };

static const int64_t week_ms = 7 * 86400000LL;

/* Partitions of a topic, 0: it does not exist, -1: nobody answered. */
static int count(rd_kafka_t *rk, const char *name, int timeout_ms, struct error *err)
{
	rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
	const struct rd_kafka_metadata *md = NULL;
	if (!topic)
		return error_set(err, "%s", rd_kafka_err2str(rd_kafka_last_error()));
	rd_kafka_resp_err_t rc = rd_kafka_metadata(rk, 0, topic, &md, timeout_ms);
	int n = -1;
	if (rc != RD_KAFKA_RESP_ERR_NO_ERROR)
		(void)error_set(err, "%s", rd_kafka_err2str(rc));
	else if (md->topic_cnt == 1 && md->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR)
		n = md->topics[0].partition_cnt;
	else if (md->topic_cnt == 1 && md->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		n = 0;
	else
		(void)error_set(err, "%s",
				md->topic_cnt ? rd_kafka_err2str(md->topics[0].err) : "no answer");
	if (md)
		rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(topic);
	return n;
}

static rd_kafka_event_t *admin_wait(rd_kafka_queue_t *queue, rd_kafka_event_type_t type)
{
	int64_t until = clock_mono_ms() + ADMIN_MS;
	int64_t left;
	while ((left = until - clock_mono_ms()) > 0) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(queue, (int)left);
		if (event && rd_kafka_event_type(event) == type)
			return event;
		rd_kafka_event_destroy(event);
	}
	return NULL;
}

/* 0, also when somebody else was faster. */
static int make(struct kf *kf, rd_kafka_t *rk, const char *name, struct error *err)
{
	char text[300];
	rd_kafka_NewTopic_t *topic =
	    rd_kafka_NewTopic_new(name, core_options(kf->bus)->partitions, -1, text, sizeof text);
	if (!topic)
		return error_set(err, "%s", text);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
	rd_kafka_event_t *event = admin_wait(queue, RD_KAFKA_EVENT_CREATETOPICS_RESULT);
	int rc = event ? 0 : error_set(err, "no answer");
	if (event && rd_kafka_event_error(event)) {
		rc = error_set(err, "%s", rd_kafka_event_error_string(event));
	} else if (event) {
		size_t n;
		const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
		    rd_kafka_event_CreateTopics_result(event), &n);
		rd_kafka_resp_err_t e =
		    n ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
		if (e && e != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			rc = error_set(err, "%s",
				       rd_kafka_topic_result_error_string(results[0])
					   ? rd_kafka_topic_result_error_string(results[0])
					   : rd_kafka_err2str(e));
	}
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_NewTopic_destroy(topic);
	if (rc == 0)
		log_info("topic made", "topic=%s partitions=%d", name,
			 core_options(kf->bus)->partitions);
	return rc;
}

static void warn_retention(const rd_kafka_ConfigResource_t *resource)
{
	size_t n;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
	for (size_t i = 0; i < n; i++) {
		int64_t ms;
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);
		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "retention.ms") != 0 || !value ||
		    num_int(str_of(value), -1, INT64_MAX, &ms) || ms < 0 || ms >= week_ms)
			continue;
		log_warn(
		    "retention is short",
		    "topic=%s retention_ms=%lld next=\"going on; whatever stands still for longer "
		    "than that loses messages: set retention.ms to 7 days or more\"",
		    rd_kafka_ConfigResource_name(resource), (long long)ms);
	}
}

/* Says so where retention is below seven days; no answer is no reason to stop. */
static void check_retention(rd_kafka_t *rk, char *const *names)
{
	rd_kafka_ConfigResource_t *resources[BUS_TOPICS];
	for (int t = 0; t < BUS_TOPICS; t++)
		resources[t] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, names[t]);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_DescribeConfigs(rk, resources, BUS_TOPICS, NULL, queue);
	rd_kafka_event_t *event = admin_wait(queue, RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT);
	size_t n = 0;
	if (event && !rd_kafka_event_error(event)) {
		const rd_kafka_ConfigResource_t **all = rd_kafka_DescribeConfigs_result_resources(
		    rd_kafka_event_DescribeConfigs_result(event), &n);
		for (size_t i = 0; i < n; i++)
			warn_retention(all[i]);
	}
	rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_ConfigResource_destroy_array(resources, BUS_TOPICS);
}

static enum kf_setup settle(struct kf *kf, rd_kafka_t *rk, const char *name, int timeout_ms,
			    struct error *err)
{
	int wanted = core_options(kf->bus)->partitions;
	int n = count(rk, name, timeout_ms, err);
	if (n < 0)
		return KF_AWAY;
	if (n == 0 && make(kf, rk, name, err))
		return KF_AWAY;
	/* a new topic takes a moment until every broker knows it */
	for (int64_t until = clock_mono_ms() + ADMIN_MS; n == 0 && clock_mono_ms() < until;)
		if ((n = count(rk, name, timeout_ms, err)) < 0)
			return KF_AWAY;
	if (n == 0) {
		(void)error_set(err, "topic \"%s\" was made and is not there", name);
		return KF_AWAY;
	}
	if (n == wanted)
		return KF_READY;
	(void)error_set(
	    err,
	    "topic \"%s\" has %d partitions, expected %d: the number is fixed when a topic "
	    "is made; set it so, or take another prefix",
	    name, n, wanted);
	return KF_WRONG;
}

enum kf_setup kf_setup(struct kf *kf, void *arg, int timeout_ms, struct error *err)
{
	rd_kafka_t *rk = arg;
	char *names[BUS_TOPICS];
	enum kf_setup rc = KF_READY;
	for (int t = 0; t < BUS_TOPICS; t++)
		names[t] = kf_topic_name(kf, t);
	for (int t = 0; t < BUS_TOPICS && rc == KF_READY; t++)
		rc = settle(kf, rk, names[t], timeout_ms, err);
	if (rc == KF_READY) {
		char *cluster = rd_kafka_clusterid(rk, timeout_ms);
		if (cluster) {
			size_t n = strnlen(cluster, sizeof kf->cluster - 1);
			memcpy(kf->cluster, cluster, n);
			rd_kafka_mem_free(rk, cluster);
			check_retention(rk, names);
		} else {
			(void)error_set(err, "no identity of the cluster");
			rc = KF_AWAY;
		}
	}
	for (int t = 0; t < BUS_TOPICS; t++)
		free(names[t]);
	return rc;
}

int kf_watermarks(void *rk, const char *name, int partition, int64_t *ret_first, int64_t *ret_end,
		  struct error *err)
{
	rd_kafka_resp_err_t rc =
	    rd_kafka_query_watermark_offsets(rk, name, partition, ret_first, ret_end, 3000);
	return rc ? error_set(err, "could not ask for offsets of topic \"%s\": %s", name,
			      rd_kafka_err2str(rc))
		  : 0;
}
