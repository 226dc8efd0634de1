/*
 * promise.c: plain durations.
 */
#include "route/promise/promise.h"

int64_t promise_written(const struct post *post, int64_t now, bool *ret_exact)
{
	bool exact = post->date_quality == POST_DATE_EXACT && post->created_at != POST_NO_TIME;
	*ret_exact = exact;
	if (exact)
		return post->created_at;
	return post->fetched_at != POST_NO_TIME ? post->fetched_at : now;
}

void promise_make(struct promise *ret, const struct post *post, int64_t target_ms, int64_t now)
{
	bool exact;
	*ret = (struct promise){.target_ms = target_ms};
	ret->start = promise_written(post, now, &exact);
	ret->from_fetched = !exact;
	ret->deadline = ret->start + target_ms;
	/* divided first: no overflow, whole milliseconds */
	ret->warn_at = ret->start + target_ms / 100 * PROMISE_WARN_PERCENT +
		       target_ms % 100 * PROMISE_WARN_PERCENT / 100;
}

bool promise_kept(const struct promise *promise, int64_t answered_at)
{
	return answered_at <= promise->deadline;
}
