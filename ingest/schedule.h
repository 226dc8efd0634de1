/*
 * schedule.h: who is asked next.
 *
 * Pure: `now` goes in, the next source comes out; wall time throughout, so the demo's fast clock
 * works.  A source is due at a time; a host answers one request at a time (or as many as are
 * allowed) and rests for its gap after each.  Of all sources that are due and whose host is free the one that has waited longest
 * goes first (ties: the one asked longest ago), so nobody starves, whatever the others do.
 *
 *   int id = schedule_add(schedule, "example.org", now);
 *   while ((id = schedule_take(schedule, now)) >= 0) ... ask it ...
 *   schedule_done(schedule, id, now, now + poll_ms);
 *   sleep until schedule_next(schedule, now)
 *
 * Sources without a host ("") wait for nobody.  Cost: one pass over the sources per take.
 */
#ifndef INGEST_SCHEDULE_H
#define INGEST_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

#define SCHEDULE_NEVER INT64_MAX

struct schedule;

/* host_requests: at the same time, usually 1. */
struct schedule *schedule_create(int64_t host_gap_ms, int host_requests);
void schedule_free(struct schedule *schedule); /* NULL is fine */

/* Returns the source's number (0, 1, 2, ...). */
int schedule_add(struct schedule *schedule, struct str host, int64_t due_ms);

/* The next source to ask now, its host is then busier; -1: nobody. */
int schedule_take(struct schedule *schedule, int64_t now_ms);
/* The source has been asked; it is due again at due_ms (SCHEDULE_NEVER: not again).  `asked_host`:
 * a request really went out, so its host rests now. */
void schedule_done(struct schedule *schedule, int id, int64_t now_ms, int64_t due_ms,
		   bool asked_host);

/* The host wants to be left alone until then (Retry-After); never shortens. */
void schedule_hold(struct schedule *schedule, int id, int64_t until_ms);
/* At least this between two requests to the source's host (Crawl-delay); never below the default. */
void schedule_gap(struct schedule *schedule, int id, int64_t gap_ms);

/* When somebody can be asked: <= now_ms: at once; SCHEDULE_NEVER: only after a schedule_done. */
int64_t schedule_next(const struct schedule *schedule, int64_t now_ms);
int64_t schedule_due(const struct schedule *schedule, int id);
bool schedule_busy(const struct schedule *schedule, int id); /* taken and not done */

/* Pause after the n-th failure in a row (n >= 1): base * 2^(n-1), at most max, of which a random half
 * is taken off, so that sources that failed together do not come back together.  *seed moves on. */
int64_t schedule_backoff(int failures, int64_t base_ms, int64_t max_ms, uint64_t *seed);

#endif
