/*
 * gen.h: the posts of the kill test, as lines for the driver `replay`, from a seed.
 *
 * Conversations of 1 to 6 posts by 1 to 3 authors are told interleaved, some hundred at a time.
 * Among them: own voices, press, old and backfill posts (filtered, each with its reason), 5 %
 * lines that were there before, 1 % updates, deletions of known and of unknown ids, long texts,
 * and lines that are no posts at all.  Each invented post gets its row in `wants`.
 */
#ifndef TESTS_KILL_GEN_H
#define TESTS_KILL_GEN_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#include "tests/kill/want.h"

struct gen_sums {
	size_t lines, posts, tickets, filtered, gone, repeats, updates, deletes, broken;
};

/* Writes `lines` lines to path.  `now_ms`: posts are dated within the hour before it. */
int gen_write(const char *path, uint64_t seed, size_t lines, int64_t now_ms, struct wants *wants,
	      struct gen_sums *ret_sums, struct error *err);

#endif
