/*
 * census.h: what really became of every post, read from Redis key by key (docs/INTERFACES.md).
 *
 * Run it when all programs have ended and Redis still runs.
 */
#ifndef TESTS_KILL_CENSUS_H
#define TESTS_KILL_CENSUS_H

#include <stddef.h>

#include "tests/kill/events.h"
#include "tests/kill/rds.h"
#include "tests/kill/want.h"

struct census {
	size_t tickets, open, claimed, answered, closed, posts, audited;
	size_t repeats; /* known ids that came again */
};

/* Fills what `wants` says the census fills; every difference is a finding.  `rolled_back`: Redis was
 * set back during the run. */
int census_take(struct rds *rds, const char *prefix, struct wants *wants,
		const struct events *events, const struct event_sums *sums, struct census *ret);

#endif
