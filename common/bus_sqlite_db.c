#include <errno.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "common/bus_sqlite_db.h"
#include "common/mem.h"

enum { STMTS_MAX = 32 };

struct sq {
	sqlite3 *db;
	struct sq_stmt *stmts[STMTS_MAX];
	int n_stmts;
	int rc; /* of the last failure, extended */
	char reason[200];
};

struct sq_stmt {
	struct sq *db;
	sqlite3_stmt *stmt;
};

static int failed(struct sq *db, int rc)
{
	db->rc = sqlite3_extended_errcode(db->db);
	if ((db->rc & 0xff) != (rc & 0xff))
		db->rc = rc;
	(void)sqlite3_snprintf(sizeof db->reason, db->reason, "%s", sqlite3_errmsg(db->db));
	return -1;
}

struct sq *sq_open(const char *path, enum sq_sync sync, struct error *err)
{
	struct sq *db = xcalloc(1, sizeof *db);
	int rc = sqlite3_open_v2(
	    path, &db->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		(void)error_set(err, "could not open \"%s\": %s", path,
				db->db ? sqlite3_errmsg(db->db) : "out of memory");
		sq_close(db);
		return NULL;
	}
	(void)sqlite3_extended_result_codes(db->db, 1);
	/* our own writers queue on a flock; this is for strangers and recovery */
	(void)sqlite3_busy_timeout(db->db, 3000);
	if (sq_exec(db, "pragma journal_mode=wal") ||
	    sq_exec(db,
		    sync == SQ_FULL ? "pragma synchronous=full" : "pragma synchronous=normal")) {
		(void)error_set(err, "could not open \"%s\": %s", path, db->reason);
		sq_close(db);
		return NULL;
	}
	return db;
}

void sq_close(struct sq *db)
{
	if (!db)
		return;
	for (int i = 0; i < db->n_stmts; i++) {
		(void)sqlite3_finalize(db->stmts[i]->stmt);
		free(db->stmts[i]);
	}
	(void)sqlite3_close(db->db);
	free(db);
}

int sq_exec(struct sq *db, const char *sql)
{
	int rc = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : failed(db, rc);
}

const char *sq_reason(const struct sq *db)
{
	return db->reason;
}

enum sq_trouble sq_trouble(const struct sq *db)
{
	switch (db->rc & 0xff) {
	case SQLITE_FULL: return SQ_NO_ROOM;
	case SQLITE_IOERR:
		/* with a full disk SQLite says FULL or, from the -shm file, an I/O error */
		return sqlite3_system_errno(db->db) == ENOSPC || db->rc == SQLITE_IOERR_WRITE ||
			       db->rc == SQLITE_IOERR_SHMSIZE
			   ? SQ_NO_ROOM
			   : SQ_PASSING;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_READONLY:
	case SQLITE_MISMATCH: return SQ_BROKEN;
	default: return SQ_PASSING;
	}
}

int64_t sq_changes(const struct sq *db)
{
	return sqlite3_changes(db->db);
}

void sq_rollback(struct sq *db)
{
	if (!sqlite3_get_autocommit(db->db))
		(void)sqlite3_exec(db->db, "rollback", NULL, NULL, NULL);
}

int64_t sq_number(struct sq *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = -1;
	if (sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

struct sq_stmt *sq_prepare(struct sq *db, const char *sql)
{
	struct sq_stmt *stmt = xcalloc(1, sizeof *stmt);
	must(db->n_stmts < STMTS_MAX);
	stmt->db = db;
	must(sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->stmt, NULL) ==
	     SQLITE_OK);
	db->stmts[db->n_stmts++] = stmt;
	return stmt;
}

void sq_int(struct sq_stmt *stmt, int at, int64_t v)
{
	must(sqlite3_bind_int64(stmt->stmt, at, v) == SQLITE_OK);
}

void sq_text(struct sq_stmt *stmt, int at, struct str v)
{
	must(sqlite3_bind_text(stmt->stmt, at, v.p, (int)v.n, SQLITE_STATIC) == SQLITE_OK);
}

void sq_blob(struct sq_stmt *stmt, int at, struct str v)
{
	must(sqlite3_bind_blob(stmt->stmt, at, v.n ? v.p : "", (int)v.n, SQLITE_STATIC) ==
	     SQLITE_OK);
}

int sq_step(struct sq_stmt *stmt)
{
	int rc = sqlite3_step(stmt->stmt);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : failed(stmt->db, rc);
}

int sq_run(struct sq_stmt *stmt)
{
	int rc;
	while ((rc = sq_step(stmt)) > 0)
		;
	sq_reset(stmt);
	return rc;
}

void sq_reset(struct sq_stmt *stmt)
{
	/* it repeats the error of the last step, which was seen there */
	(void)sqlite3_reset(stmt->stmt);
}

int64_t sq_col_int(struct sq_stmt *stmt, int col)
{
	return sqlite3_column_int64(stmt->stmt, col);
}

struct str sq_col_text(struct sq_stmt *stmt, int col)
{
	const unsigned char *p = sqlite3_column_text(stmt->stmt, col);
	return (struct str){p ? (const char *)p : "",
			    (size_t)sqlite3_column_bytes(stmt->stmt, col)};
}

struct str sq_col_blob(struct sq_stmt *stmt, int col)
{
	const void *p = sqlite3_column_blob(stmt->stmt, col);
	return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(stmt->stmt, col)};
}
