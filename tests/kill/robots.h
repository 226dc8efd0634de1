/*
 * robots.h: agents who work while everything dies around them, through `posthorn-route queue`.
 *
 * Each is a process of its own: claims, then closes, answers, releases, extends, or sleeps past its
 * lease and comes back with a stale token.  What was acknowledged (exit 0) is written down
 * and must still be true at the end.
 */
#ifndef TESTS_KILL_ROBOTS_H
#define TESTS_KILL_ROBOTS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/kill/events.h"
#include "tests/kill/stage.h"

struct robots;

struct robot_sums {
	size_t claims, closes, answers, others; /* acknowledged */
	size_t refused, away;                   /* exit 65; exit 69 */
	size_t excused;                         /* acknowledged inside a window */
};

struct robots *robots_start(const struct stage *stage, int n, uint64_t seed);
/* Lets each finish what it is at. */
void robots_stop(struct robots *robots);
/* After robots_stop: every acknowledgement against Redis and the events. */
void robots_check(const struct robots *robots, struct stage *stage, const struct events *events,
		  struct robot_sums *ret);
void robots_free(struct robots *robots); /* stops them too; NULL is fine */

/* One claim that dies with its lease in hand (crash point during_lease): its agent's name is
 * `agent`.  True if it died that way. */
bool robots_die_during_lease(const struct stage *stage, const char *agent, int64_t timeout_ms);
/* Number of the ticket this agent holds, 0: none. */
int64_t robots_held_by(struct stage *stage, const char *agent);

#endif
