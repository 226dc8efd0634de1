#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <sqlite3.h>

#include "common/mem.h"

#include "tests/kill/lag.h"

enum { TIMEOUT_MS = 3000, GROUPS = 4 };

struct lag {
	char *dir, *prefix; /* SQLite */
	char *brokers;      /* Kafka */
	rd_kafka_t *ends;
	struct {
		char name[16];
		rd_kafka_t *rk;
	} groups[GROUPS];
};

static rd_kafka_t *client(const struct lag *lag, const char *group, struct error *err)
{
	char why[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_res_t rc =
	    rd_kafka_conf_set(conf, "bootstrap.servers", lag->brokers, why, sizeof why);
	if (rc == RD_KAFKA_CONF_OK)
		rc = rd_kafka_conf_set(conf, "group.id", group, why, sizeof why);
	if (rc == RD_KAFKA_CONF_OK)
		rc = rd_kafka_conf_set(conf, "log_level", "2", why, sizeof why);
	rd_kafka_t *rk =
	    rc == RD_KAFKA_CONF_OK ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why) : NULL;
	if (!rk) {
		rd_kafka_conf_destroy(conf);
		(void)error_set(err, "could not make a client of the broker: %s", why);
	}
	return rk;
}

struct lag *lag_open(const char *spec, const char *prefix, struct error *err)
{
	struct lag *lag = xcalloc(1, sizeof *lag);
	lag->prefix = xstrdup(prefix);
	if (strncmp(spec, "sqlite:", 7) == 0) {
		lag->dir = xstrdup(spec + 7);
		return lag;
	}
	must(strncmp(spec, "kafka:", 6) == 0);
	lag->brokers = xstrdup(spec + 6);
	lag->ends = client(lag, "kill-test", err);
	if (lag->ends)
		return lag;
	lag_close(lag);
	return NULL;
}

void lag_close(struct lag *lag)
{
	if (!lag)
		return;
	for (int i = 0; i < GROUPS; i++)
		if (lag->groups[i].rk)
			rd_kafka_destroy(lag->groups[i].rk);
	if (lag->ends)
		rd_kafka_destroy(lag->ends);
	free(lag->dir);
	free(lag->prefix);
	free(lag->brokers);
	free(lag);
}

/* Rows (partition, number) of a database of the bus into ret.  A file that is not there yet is -1. */
static int ask(const struct lag *lag, const char *name, const char *sql, const char *group,
	       int64_t ret[LAG_PARTITIONS])
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	char *path = xasprintf("%s/%s.%s.db", lag->dir, lag->prefix, name);
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	free(path);
	if (rc == SQLITE_OK) {
		(void)sqlite3_busy_timeout(db, 1000);
		rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	}
	if (rc == SQLITE_OK && group)
		rc = sqlite3_bind_text(stmt, 1, group, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK) {
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			int p = sqlite3_column_int(stmt, 0);
			int64_t v = sqlite3_column_int64(stmt, 1);
			if (p >= 0 && p < LAG_PARTITIONS)
				ret[p] = v < 0 ? 0 : v;
		}
	}
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int topic_number(const char *topic)
{
	/* as in the file of the groups: the order of bus.h */
	static const char *const topics[] = {"posts", "scored", "events", "dead"};
	for (int i = 0; i < 4; i++)
		if (strcmp(topics[i], topic) == 0)
			return i;
	must(!"a topic");
	return -1;
}

int lag_ends(struct lag *lag, const char *topic, int64_t ret[LAG_PARTITIONS])
{
	memset(ret, 0, LAG_PARTITIONS * sizeof *ret);
	if (lag->dir)
		return ask(lag, topic, "select partition, next from counters", NULL, ret);
	char *name = xasprintf("%s.%s", lag->prefix, topic);
	int rc = 0;
	for (int p = 0; rc == 0 && p < LAG_PARTITIONS; p++) {
		int64_t low;
		if (rd_kafka_query_watermark_offsets(lag->ends, name, p, &low, &ret[p],
						     TIMEOUT_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
			rc = -1;
	}
	free(name);
	return rc;
}

static rd_kafka_t *member(struct lag *lag, const char *group)
{
	int i = 0;
	while (lag->groups[i].rk && strcmp(lag->groups[i].name, group) != 0)
		must(++i < GROUPS);
	if (!lag->groups[i].rk) {
		char *id = xasprintf("%s.%s", lag->prefix, group);
		(void)snprintf(lag->groups[i].name, sizeof lag->groups[i].name, "%s", group);
		lag->groups[i].rk = client(lag, id, NULL);
		free(id);
	}
	return lag->groups[i].rk;
}

int lag_committed(struct lag *lag, const char *group, const char *topic,
		  int64_t ret[LAG_PARTITIONS])
{
	memset(ret, 0, LAG_PARTITIONS * sizeof *ret);
	if (lag->dir) {
		char sql[100];
		(void)snprintf(sql, sizeof sql,
			       "select partition, next from offsets where grp=? and topic=%d",
			       topic_number(topic));
		return ask(lag, "groups", sql, group, ret);
	}
	/* asks the coordinator only; joins nothing */
	rd_kafka_t *rk = member(lag, group);
	if (!rk)
		return -1;
	char *name = xasprintf("%s.%s", lag->prefix, topic);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(LAG_PARTITIONS);
	for (int p = 0; p < LAG_PARTITIONS; p++)
		(void)rd_kafka_topic_partition_list_add(list, name, p);
	int rc = rd_kafka_committed(rk, list, TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : -1;
	for (int p = 0; rc == 0 && p < LAG_PARTITIONS; p++)
		ret[p] = list->elems[p].offset > 0 ? list->elems[p].offset : 0;
	rd_kafka_topic_partition_list_destroy(list);
	free(name);
	return rc;
}

int64_t lag_sum(const int64_t offsets[LAG_PARTITIONS])
{
	int64_t sum = 0;
	for (int p = 0; p < LAG_PARTITIONS; p++)
		sum += offsets[p];
	return sum;
}
