/* What a member of the bus never does: take messages and topics away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "common/mem.h"
#include "tests/support/bus_rig.h"

static rd_kafka_t *admin(const struct rig *rig)
{
	char text[200];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	must(rd_kafka_conf_set(conf, "bootstrap.servers", rig->spec + strlen("kafka:"), text,
			       sizeof text) == RD_KAFKA_CONF_OK);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
	must(rk);
	return rk;
}

void rig_empty(struct rig *rig, const char *topic, int partitions)
{
	if (!rig->kafka)
		return; /* there retention is ours, and does it by itself */
	rd_kafka_t *rk = admin(rig);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	char *name = xasprintf("%s.%s", rig->prefix, topic);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
	for (int p = 0; p < partitions; p++)
		rd_kafka_topic_partition_list_add(list, name, p)->offset = RD_KAFKA_OFFSET_END;
	rd_kafka_DeleteRecords_t *del = rd_kafka_DeleteRecords_new(list);
	rd_kafka_DeleteRecords(rk, &del, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
	must(event && !rd_kafka_event_error(event));
	rd_kafka_event_destroy(event);
	rd_kafka_DeleteRecords_destroy(del);
	rd_kafka_topic_partition_list_destroy(list);
	free(name);
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(rk);
}

void rig_gap(struct rig *rig, const char *topic)
{
	if (!rig->kafka)
		return; /* there are none while a group reads */
	char text[200];
	char *name = xasprintf("%s.%s", rig->prefix, topic);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	must(rd_kafka_conf_set(conf, "bootstrap.servers", rig->spec + strlen("kafka:"), text,
			       sizeof text) == RD_KAFKA_CONF_OK);
	must(rd_kafka_conf_set(conf, "transactional.id", name, text, sizeof text) ==
	     RD_KAFKA_CONF_OK);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
	must(rk && !rd_kafka_init_transactions(rk, 30000) && !rd_kafka_begin_transaction(rk));
	must(!rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(name), RD_KAFKA_V_PARTITION(0),
				RD_KAFKA_V_VALUE((void *)"aborted", 7), RD_KAFKA_V_END));
	must(!rd_kafka_flush(rk, 10000) && !rd_kafka_abort_transaction(rk, 30000));
	rd_kafka_destroy(rk);
	free(name);
}

void rig_remove(struct rig *rig, const char *topic)
{
	char *name = xasprintf("%s.%s", rig->prefix, topic);
	if (!rig->kafka) {
		static const char *const endings[] = {"db", "db-wal", "db-shm"};
		for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
			char *path = xasprintf("%s/bus/%s.%s", rig->dir, name, endings[i]);
			(void)unlink(path); /* -wal and -shm may not be there */
			free(path);
		}
		free(name);
		return;
	}
	rd_kafka_t *rk = admin(rig);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	rd_kafka_DeleteTopic_t *del = rd_kafka_DeleteTopic_new(name);
	rd_kafka_DeleteTopics(rk, &del, 1, NULL, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
	must(event && !rd_kafka_event_error(event));
	rd_kafka_event_destroy(event);
	rd_kafka_DeleteTopic_destroy(del);
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(rk);
	free(name);
	usleep(500000); /* until the broker has told itself */
}
