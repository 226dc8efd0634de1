/*
 * promise.h: when the first answer to a post is due.
 *
 * A plain duration in wall time for now; calendars with business hours will stand behind the same
 * two questions.  The clock starts when the post was written if its date is exact, else when it was
 * heard.  Pure.
 */
#ifndef ROUTE_PROMISE_PROMISE_H
#define ROUTE_PROMISE_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/post.h"

enum { PROMISE_WARN_PERCENT = 80 };

struct promise {
	int64_t target_ms;                /* 0: none, the rest is then meaningless but start */
	int64_t start, warn_at, deadline; /* wall ms */
	bool from_fetched;                /* the date was not exact */
};

/* When `post` counts as written: created_at if exact, else fetched_at, else now. */
int64_t promise_written(const struct post *post, int64_t now, bool *ret_exact);
void promise_make(struct promise *ret, const struct post *post, int64_t target_ms, int64_t now);
/* The rule that the scripts apply: an answer at the very deadline is in time. */
bool promise_kept(const struct promise *promise, int64_t answered_at);

#endif
