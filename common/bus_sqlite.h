/*
 * bus_sqlite.h: the parts of the embedded backend.  Private to common/bus_sqlite*.c.
 *
 * In DIR, for the prefix "posthorn":
 *
 *   posthorn.posts.db      rows (partition, offset), counters, identity; WAL, every commit synced
 *   posthorn.posts.lock    writers queue here (flock) before they begin
 *   posthorn.posts.notify  one byte is written after each commit: readers watch it with inotify
 *   posthorn.groups.*      the same three for members, leases and offsets of all groups
 *   posthorn.analyze-1.lock  held as long as that program lives; its time is its heartbeat
 */
#ifndef COMMON_BUS_SQLITE_H
#define COMMON_BUS_SQLITE_H

#include <sys/types.h>

#include "common/bus_backend.h"
#include "common/bus_sqlite_db.h"

/* A database with its lock and its notify file. */
struct sql_file {
	struct sq *db;
	char *path;
	int lock_fd, notify_fd;
	ino_t inode;
	bool locked;
};

/* Opens or makes it; `schema` runs under the lock. */
int sql_file_open(struct sql_file *file, const char *dir, const char *name, enum sq_sync sync,
		  const char *schema, struct error *err);
void sql_file_close(struct sql_file *file);
int sql_file_watch(const struct sql_file *file, int inotify_fd); /* watch descriptor or -1 */
int sql_file_begin(struct sql_file *file);                       /* lock and begin; 0 or -1 */
int sql_file_commit(struct sql_file *file); /* and unlock; on -1 it was rolled back */
void sql_file_rollback(struct sql_file *file);
void sql_file_notify(const struct sql_file *file);
bool sql_file_replaced(const struct sql_file *file); /* removed or made anew under our feet */
void sql_uuid(char out[37]);

/* ---- bus_sqlite_log.c: one topic ---- */

struct sql_log {
	struct sql_file file;
	int topic, partitions;
	char id[37];
	int64_t size_limit_bytes, retention_ms;
	struct sq_stmt *counter, *count, *insert, *read, *first, *ends, *old, *drop, *pages, *free;
	int64_t end[BUS_PARTITIONS_MAX];
	int64_t max_pages; /* what was last set */
};

/* How far groups have read: rows below may go. */
struct sql_read {
	int groups; /* registered ones */
	int64_t to[BUS_PARTITIONS_MAX];
	char slowest[64]; /* the group that is furthest behind, and by how much */
	int64_t behind;
};

enum sql_append { SQL_APPENDED, SQL_TOPIC_FULL, SQL_APPEND_FAILED };

int sql_log_open(struct sql_log *log, const char *dir, const char *prefix, int topic,
		 int partitions, int64_t size_limit_bytes, int64_t retention_ms, struct error *err);
void sql_log_close(struct sql_log *log);
/* Stores the first outputs of the list, *ret_n of them, in one transaction. */
enum sql_append sql_log_append(struct sql_log *log, struct bus_out *list,
			       const struct sql_read *read, size_t *ret_n);
/* Removes what is old and read; returns rows removed, -1 on failure. */
int64_t sql_log_retain(struct sql_log *log, const struct sql_read *read);
int sql_log_ends(struct sql_log *log); /* fills log->end */
int64_t sql_log_first(struct sql_log *log, int partition);
/* Pushes inputs from *pos on, at most `limit`, while the core wants them; moves *pos. */
int sql_log_push(struct sql_log *log, struct bus *bus, int partition, int64_t *pos, int limit);

/* ---- bus_sqlite_group.c: who reads what, and how far ---- */

struct sql_group;
struct sql_group *sql_group_open(struct bus *bus, struct sql_log *logs, const char *dir,
				 struct error *err);
const struct sql_file *sql_group_file(const struct sql_group *group);
/* Gets the name, once: true when it is ours.  A living twin ends the bus after a while. */
bool sql_group_enter(struct sql_group *group);
/* Takes, gives back and loses partitions; `started` is called with the first offset of each new. */
void sql_group_balance(struct sql_group *group,
		       void (*started)(void *arg, int topic, int partition, int64_t offset),
		       void *arg);
void sql_group_tick(struct sql_group *group); /* once a second: heartbeat, and look at the others */
bool sql_group_owns(const struct sql_group *group, int topic, int partition);
void sql_group_commit(struct sql_group *group, const struct bus_commit *list, size_t n);
int sql_group_read(struct sql_group *group, const struct sql_log *log, struct sql_read *ret);
void sql_group_close(struct sql_group *group); /* gives everything back, leaves */

#endif
