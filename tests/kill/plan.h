/*
 * plan.h: the deaths, in an order that follows from the seed.
 *
 *   kill -9       of ingest, analyze, route and Redis, each until enough of them counted: the target is
 *                 frozen first, then it is looked at whether work was in flight, then it is killed
 *   crash points  the program is started with POSTHORN_CRASH=NAME:N and has to die there
 *   rollback      Redis comes back as it was some seconds ago while the programs live on
 *   zombie        a router, and an analyzer, stands still until another has its work, then wakes up
 *
 * One after the other; everything is started again at once.
 */
#ifndef TESTS_KILL_PLAN_H
#define TESTS_KILL_PLAN_H

#include <stdint.h>
#include <stdio.h>

#include "tests/kill/stage.h"

struct plan_options {
	int kills, points, rollbacks, zombies; /* of each kind */
	const char *only;                      /* target or point; NULL: all */
	uint64_t seed;
	size_t lines; /* of the replay file */
	bool two_analyzers;
};

/* Runs it all; what could not be reached is a finding.  Prints one line per kind to `to`.  False:
 * there is no point in going on. */
bool plan_run(struct stage *stage, const struct plan_options *options, FILE *to);

#endif
