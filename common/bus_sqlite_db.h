/*
 * bus_sqlite_db.h: SQLite as the bus needs it.  Private to common/bus_sqlite*.c.
 *
 *   struct sq *db = sq_open(path, SQ_FULL, &err);
 *   struct sq_stmt *get = sq_prepare(db, "select value from meta where name=?");
 *   sq_text(get, 1, STR("log_id"));
 *   while ((rc = sq_step(get)) > 0) ... sq_col_text(get, 0) ...     // valid until the next step
 *   sq_reset(get);
 *   sq_close(db);                                                   // statements too
 */
#ifndef COMMON_BUS_SQLITE_DB_H
#define COMMON_BUS_SQLITE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

struct sq;
struct sq_stmt;

/* SQ_FULL syncs every commit, SQ_NORMAL survives a kill but may lose the last commits to a
 * loss of power. */
enum sq_sync { SQ_FULL, SQ_NORMAL };
/* What went wrong: may pass by itself, disk or page limit full, or never. */
enum sq_trouble { SQ_PASSING, SQ_NO_ROOM, SQ_BROKEN };

struct sq *sq_open(const char *path, enum sq_sync sync, struct error *err);
void sq_close(struct sq *db);
int sq_exec(struct sq *db, const char *sql); /* 0, or -1: see sq_reason, sq_trouble */
const char *sq_reason(const struct sq *db);
enum sq_trouble sq_trouble(const struct sq *db);
int64_t sq_changes(const struct sq *db);
void sq_rollback(struct sq *db);                   /* fine outside of a transaction */
int64_t sq_number(struct sq *db, const char *sql); /* first column of the first row; -1: none */

struct sq_stmt *sq_prepare(struct sq *db, const char *sql); /* the SQL is ours: ends on errors */
void sq_int(struct sq_stmt *stmt, int at, int64_t v);       /* parameters from 1 */
void sq_text(struct sq_stmt *stmt, int at, struct str v);   /* borrowed until sq_reset */
void sq_blob(struct sq_stmt *stmt, int at, struct str v);   /* borrowed until sq_reset */
int sq_step(struct sq_stmt *stmt);                          /* 1: row, 0: end, -1: error */
int sq_run(struct sq_stmt *stmt);                           /* step to the end, reset; 0 or -1 */
void sq_reset(struct sq_stmt *stmt);
int64_t sq_col_int(struct sq_stmt *stmt, int col);
struct str sq_col_text(struct sq_stmt *stmt, int col);
struct str sq_col_blob(struct sq_stmt *stmt, int col);

#endif
