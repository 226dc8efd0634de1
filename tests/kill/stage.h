/*
 * stage.h: everything that runs during the kill test, in one folder: Redis, the bus, the programs.
 *
 *   stage_open(&stage, &options, &err) -> stage_start(...) one by one -> kills -> stage_close(&stage)
 *
 * The folder keeps the configuration, the replay file, Redis' files, the bus and logs/.
 */
#ifndef TESTS_KILL_STAGE_H
#define TESTS_KILL_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#include "tests/kill/feed.h"
#include "tests/kill/lag.h"
#include "tests/kill/proc.h"
#include "tests/kill/rds.h"
#include "tests/kill/windows.h"

enum target { INGEST, ANALYZE, ANALYZE2, ROUTE, ROUTE2, REDIS, TARGETS };

#define STAGE_PREFIX "{kill}:"
enum { STAGE_RATE = 400 }; /* lines of the replay file per second */

struct stage {
	char *dir, *bin, *spec; /* spec: of the bus, with an absolute path */
	bool kafka, own_broker;
	struct proc procs[TARGETS];
	struct feeds *feeds;
	struct lag *lag;
	struct rds *rds; /* NULL while Redis is down */
	struct windows windows;
	int64_t published_twice;    /* by an ingest that was killed before it wrote its record */
	int64_t pace_ms, pace_line; /* the replay was at this line at that time, and on time */
};

struct stage_options {
	const char *dir, *bin;
	bool kafka;
	int feeds;
};

int stage_open(struct stage *stage, const struct stage_options *options, struct error *err);
void stage_close(struct stage *stage);
/* With NAME=VALUE for this start only, or NULL.  Redis: returns when it answers. */
int stage_start(struct stage *stage, enum target target, const char *env, struct error *err);
/* One run of a program to its end: `run --until-idle`; false: not within timeout_ms, or not 0. */
bool stage_until_idle(struct stage *stage, enum target target, int64_t timeout_ms);
/* SIGKILL; Redis' connection is given up with it. */
void stage_kill(struct stage *stage, enum target target);

/* What had been begun and was not finished when the target stood still or died:
 *   ingest   posts on the bus whose page is not recorded yet, or lines of the replay file that are
 *            due and not recorded (stage_pace must have looked at it while it ran)
 *   analyze  posts on the bus that are not committed as scored
 *   route    scored posts whose effect is not in Redis
 * -1: could not be told.  Redis must be up. */
int64_t stage_in_flight(struct stage *stage, enum target target);
void stage_pace_reset(struct stage *stage);
void stage_pace(struct stage *stage); /* looks for 12 ms where the replay stands */
int64_t stage_end(struct stage *stage, const char *topic); /* messages ever written; -1: unknown */
int64_t stage_recorded(struct stage *stage); /* posts on the bus whose page is recorded */
/* After the death of an ingest: what it published and did not record comes again. */
void stage_ingest_died(struct stage *stage);
int64_t stage_applied(struct stage *stage); /* scored posts whose effect is in Redis */
int64_t stage_cursor(struct stage *stage);  /* last recorded line of the replay file */

/* Takes a copy of Redis' log as it stands now, or puts the last one back and starts Redis with it (it
 * must be down); the time in between becomes a window. */
int stage_snapshot(struct stage *stage, struct error *err);
int stage_restore(struct stage *stage, struct error *err);

#endif
