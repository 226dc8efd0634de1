/*
 * bus_sqlite_log.c: one topic in one file.
 *
 * The row id is partition << 48 | offset: a partition is a contiguous range of one tree, and reading
 * on is a walk along its leaves.  The next offset of each partition is a stored counter, so
 * that it survives the removal of all rows.
 *
 * Retention never touches what a registered group has not read.  Of topics that are read by programs
 * of ours (posts, scored) nothing goes before the first group came; of events and dead, which may
 * have no reader at all, the oldest go when the size limit is reached.
 */
#include <stdlib.h>
#include <string.h>

#include "common/bus_sqlite.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

enum { APPEND_ROWS = 500, DROP_ROWS = 1000, DROP_ROUNDS = 8 };
#define APPEND_BYTES ((size_t)4 * 1024 * 1024)

static const char schema[] =
    "create table if not exists meta(name text primary key, value) without rowid;"
    "create table if not exists counters(partition integer primary key, next integer not null);"
    "create table if not exists rows(id integer primary key, at_ms integer not null,"
    " key blob not null, value blob not null);";

static int64_t row_id(int partition, int64_t offset)
{
	return (int64_t)partition << 48 | offset;
}

static int64_t offset_of(int64_t id)
{
	return id & (((int64_t)1 << 48) - 1);
}

/* Identity and partitions of a new log, or a check of an old one's. */
static int settle(struct sql_log *log, const char *name, struct error *err)
{
	struct sq *db = log->file.db;
	if (sql_file_begin(&log->file))
		goto failed;
	int64_t partitions = sq_number(db, "select value from meta where name='partitions'");
	if (partitions < 0) {
		char id[37];
		sql_uuid(id);
		char *sql =
		    xasprintf("insert into meta values('version',1),('log_id','%s'),"
			      "('partitions',%d);"
			      "with recursive n(i) as (select 0 union all select i+1 from n "
			      "where i<%d) insert into counters select i,0 from n",
			      id, log->partitions, log->partitions - 1);
		int rc = sq_exec(db, sql);
		free(sql);
		if (rc)
			goto failed;
		partitions = log->partitions;
	}
	if (sql_file_commit(&log->file))
		goto failed;
	if (partitions != log->partitions)
		return error_set(
		    err,
		    "topic \"%s\" has %lld partitions, expected %d: the number is fixed "
		    "when a topic is made; set it so, or take another prefix",
		    name, (long long)partitions, log->partitions);
	struct sq_stmt *get = sq_prepare(db, "select value from meta where name='log_id'");
	if (sq_step(get) != 1 || sq_col_text(get, 0).n != 36) {
		sq_reset(get);
		return error_set(err, "topic \"%s\" has no identity: not a log of ours", name);
	}
	memcpy(log->id, sq_col_text(get, 0).p, 37);
	sq_reset(get);
	return 0;

failed:
	sql_file_rollback(&log->file);
	return error_set(err, "could not make topic \"%s\": %s", name, sq_reason(db));
}

int sql_log_open(struct sql_log *log, const char *dir, const char *prefix, int topic,
		 int partitions, int64_t size_limit_bytes, int64_t retention_ms, struct error *err)
{
	*log = (struct sql_log){.topic = topic,
				.partitions = partitions,
				.size_limit_bytes = size_limit_bytes,
				.retention_ms = retention_ms};
	char *name = xasprintf("%s.%s", prefix, bus_topic_names[topic]);
	int rc = sql_file_open(&log->file, dir, name, SQ_FULL, schema, err);
	if (rc == 0)
		rc = settle(log, name, err);
	free(name);
	if (rc) {
		sql_log_close(log);
		return -1;
	}
	struct sq *db = log->file.db;
	log->counter = sq_prepare(db, "select next from counters where partition=?");
	log->count = sq_prepare(db, "update counters set next=?2 where partition=?1");
	log->insert = sq_prepare(db, "insert into rows values(?,?,?,?)");
	log->read = sq_prepare(db, "select id,key,value from rows where id>=? and id<? "
				   "order by id limit ?");
	log->first = sq_prepare(db, "select id from rows where id>=? and id<? order by id limit 1");
	log->ends = sq_prepare(db, "select partition,next from counters");
	log->old = sq_prepare(db, "select max(id),count(*) from (select id,at_ms from rows where "
				  "id>=?1 and id<?2 order by id limit ?4) where at_ms<?3");
	log->drop = sq_prepare(db, "delete from rows where id>=? and id<=?");
	log->pages = sq_prepare(db, "pragma page_count");
	log->free = sq_prepare(db, "pragma freelist_count");
	return 0;
}

void sql_log_close(struct sql_log *log)
{
	sql_file_close(&log->file);
}

static int64_t number(struct sq_stmt *stmt)
{
	int64_t n = sq_step(stmt) > 0 ? sq_col_int(stmt, 0) : -1;
	sq_reset(stmt);
	return n;
}

static int64_t used_bytes(struct sql_log *log)
{
	return (number(log->pages) - number(log->free)) * 4096;
}

/* Removes rows of a partition below `to` and older than `before_ms`, oldest first. */
static int64_t drop(struct sql_log *log, int partition, int64_t to, int64_t before_ms)
{
	int64_t from = row_id(partition, 0), last = -1, n = 0;
	sq_int(log->old, 1, from);
	sq_int(log->old, 2, row_id(partition, to));
	sq_int(log->old, 3, before_ms);
	sq_int(log->old, 4, DROP_ROWS);
	if (sq_step(log->old) > 0) {
		last = sq_col_int(log->old, 0);
		n = sq_col_int(log->old, 1);
	}
	sq_reset(log->old);
	if (n <= 0)
		return 0;
	sq_int(log->drop, 1, from);
	sq_int(log->drop, 2, last);
	return sq_run(log->drop) ? -1 : n;
}

static int64_t drop_all(struct sql_log *log, const struct sql_read *read, int64_t before_ms)
{
	int64_t sum = 0;
	for (int p = 0; p < log->partitions; p++) {
		int64_t n = drop(log, p, read->to[p], before_ms);
		if (n < 0)
			return -1;
		sum += n;
	}
	return sum;
}

int64_t sql_log_retain(struct sql_log *log, const struct sql_read *read)
{
	if (read->groups == 0)
		return 0; /* whoever comes first is to find everything */
	if (sql_file_begin(&log->file))
		goto failed;
	int64_t n = drop_all(log, read, clock_real_ms() - log->retention_ms);
	if (n < 0 || sql_file_commit(&log->file))
		goto failed;
	return n;
failed:
	sql_file_rollback(&log->file);
	return -1;
}

/* Room for `bytes` more?  1: yes, perhaps after removing what was read; 0: no; -1: failure. */
static int make_room(struct sql_log *log, const struct sql_read *read, size_t bytes)
{
	int64_t need = (int64_t)bytes;
	if (used_bytes(log) + need <= log->size_limit_bytes)
		return 1;
	struct sql_read any = *read;
	if (read->groups == 0) {
		if (strcmp(bus_topic_names[log->topic], "events") != 0 &&
		    strcmp(bus_topic_names[log->topic], "dead") != 0)
			return 0;
		for (int p = 0; p < log->partitions; p++)
			any.to[p] = offset_of(-1);
	}
	for (int i = 0; i < DROP_ROUNDS; i++) {
		int64_t n = drop_all(log, &any, INT64_MAX);
		if (n < 0)
			return -1;
		if (n == 0 || used_bytes(log) + need <= log->size_limit_bytes / 10 * 9)
			break;
	}
	return used_bytes(log) + need <= log->size_limit_bytes;
}

/* Only tests set it: a disk that is full, without filling one. */
static void apply_page_limit(struct sql_log *log)
{
	const char *text = getenv("POSTHORN_SQLITE_MAX_PAGES");
	int64_t pages = 0;
	if (text && num_int(str_of(text), 1, INT32_MAX, &pages))
		pages = 0;
	if (pages == log->max_pages)
		return;
	log->max_pages = pages;
	char *sql =
	    xasprintf("pragma max_page_count=%lld", pages ? (long long)pages : 1073741823LL);
	(void)sq_exec(log->file.db, sql); /* a limit that is not taken shows in the test */
	free(sql);
}

enum sql_append sql_log_append(struct sql_log *log, struct bus_out *list,
			       const struct sql_read *read, size_t *ret_n)
{
	int64_t next[BUS_PARTITIONS_MAX];
	memset(next, -1, sizeof next);
	size_t n = 0, bytes = 0;
	apply_page_limit(log);
	if (sql_file_begin(&log->file))
		goto failed;
	for (const struct bus_out *out = list;
	     out && n < APPEND_ROWS && (n == 0 || bytes + out->size <= APPEND_BYTES);
	     out = out->next, n++)
		bytes += out->size;
	int room = make_room(log, read, bytes);
	if (room < 0)
		goto failed;
	if (!room) {
		sql_file_rollback(&log->file);
		return SQL_TOPIC_FULL;
	}
	int64_t now_ms = clock_real_ms();
	const struct bus_out *out = list;
	for (size_t i = 0; i < n; i++, out = out->next) {
		int p = out->partition;
		if (next[p] < 0) {
			sq_int(log->counter, 1, p);
			next[p] = number(log->counter);
			if (next[p] < 0)
				goto failed;
		}
		sq_int(log->insert, 1, row_id(p, next[p]));
		sq_int(log->insert, 2, now_ms);
		sq_blob(log->insert, 3, out->key);
		sq_blob(log->insert, 4, out->value);
		if (sq_run(log->insert))
			goto failed;
		next[p]++;
	}
	for (int p = 0; p < log->partitions; p++) {
		if (next[p] < 0)
			continue;
		sq_int(log->count, 1, p);
		sq_int(log->count, 2, next[p]);
		if (sq_run(log->count))
			goto failed;
	}
	if (sql_file_commit(&log->file))
		goto failed;
	sql_file_notify(&log->file);
	*ret_n = n;
	return SQL_APPENDED;
failed:
	sql_file_rollback(&log->file);
	return SQL_APPEND_FAILED;
}

int sql_log_ends(struct sql_log *log)
{
	int rc;
	while ((rc = sq_step(log->ends)) > 0)
		log->end[sq_col_int(log->ends, 0)] = sq_col_int(log->ends, 1);
	sq_reset(log->ends);
	return rc;
}

int64_t sql_log_first(struct sql_log *log, int partition)
{
	sq_int(log->first, 1, row_id(partition, 0));
	sq_int(log->first, 2, row_id(partition + 1, 0));
	int64_t id = number(log->first);
	return id < 0 ? log->end[partition] : offset_of(id);
}

int sql_log_push(struct sql_log *log, struct bus *bus, int partition, int64_t *pos, int limit)
{
	int64_t end = log->end[partition];
	sq_int(log->read, 1, row_id(partition, *pos));
	sq_int(log->read, 2, row_id(partition, end));
	sq_int(log->read, 3, limit);
	int rc = 0, n = 0;
	while (core_wants(bus) && (rc = sq_step(log->read)) > 0) {
		int64_t offset = offset_of(sq_col_int(log->read, 0));
		core_input(bus, log->topic, partition, offset, sq_col_blob(log->read, 1),
			   sq_col_blob(log->read, 2));
		*pos = offset + 1;
		n++;
	}
	/* a statement left open would keep the log from being checkpointed */
	sq_reset(log->read);
	if (rc < 0)
		return -1;
	if (rc == 0 && n < limit && core_wants(bus)) {
		*pos = end; /* what lay between is gone */
		core_at_end(bus, log->topic, partition, end);
	}
	return n;
}
