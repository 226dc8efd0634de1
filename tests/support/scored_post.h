/*
 * scored_post.h: scored posts for tests of route, from one line of JSON each.
 *
 *   struct scored s = scored_post(arena, "\"channel\":\"forum\",\"owned\":true", "\"lang\":\"de\"");
 *
 * The first text holds members of the post that replace the defaults (a negative, exactly dated
 * customer post of 2026-11-22 08:00, heard at 08:05); the second members of `analysis`, or NULL
 * for a post without analysis.  Fails the test on bad JSON.
 */
#ifndef TESTS_SUPPORT_SCORED_POST_H
#define TESTS_SUPPORT_SCORED_POST_H

#include "route/condition.h"

#define SCORED_CREATED INT64_C(1795334400000) /* 2026-11-22T08:00:00Z */
#define SCORED_FETCHED INT64_C(1795334700000)

struct scored scored_post(struct arena *arena, const char *members, const char *analysis);

#endif
