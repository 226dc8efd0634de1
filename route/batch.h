/*
 * batch.h: decisions of one partition as the arguments of the script `apply`.
 *
 * Life: batch_init once; batch_begin, batch_add for each post in order, batch_args to send; begin
 * again for the next.  Posts' bytes are borrowed until the script was sent (redis.h copies).
 */
#ifndef ROUTE_BATCH_H
#define ROUTE_BATCH_H

#include "route/ticket.h"

enum { BATCH_POSTS = 128, BATCH_BYTES = 1024 * 1024 };

struct batch {
	struct arena *arena;
	struct str *args;
	size_t n_args, room, posts, bytes;
};

void batch_init(struct batch *batch);
void batch_done(struct batch *batch);
/* prev: the stored value this batch follows, verbatim ("" for none). */
void batch_begin(struct batch *batch, int partition, struct str prev, int64_t dedup_ms, bool audit);
void batch_add(struct batch *batch, const struct decision *decision, const struct policy *policy,
	       const struct scored *scored);
bool batch_full(const struct batch *batch);
/* Sets the new offset and gives the arguments; valid until batch_begin. */
const struct str *batch_args(struct batch *batch, struct str new_offset, size_t *ret_n);

#endif
