/*
 * page.h: the book-keeping of a page: which of its posts are news.
 *
 * Pure.  A driver has turned a page into posts; seen.h knows what is remembered of their ids.  Here it
 * is decided what is published, as what, in which order, and what is to be remembered:
 *
 *   unknown id                         published as it is
 *   the same, of a source that keeps what matches, and nothing does
 *                                      nothing, nor is it remembered: the next page asks again
 *   known id, same title and text      nothing
 *   known id, other title or text      published with op update
 *   delete of a known id               published with the remembered conversation, once
 *   delete of an unknown id            published, and leaves a tombstone
 *   anything else for a deleted id     nothing
 *
 * Posts are also completed here: the author's role, how they address us, backfill, the cut at
 * POST_MAX_BYTES.
 *
 *   size_t n = page_ids(posts, n_posts, arena, &ids);        // look these up
 *   page_settle(&job, posts, n_posts, memories, arena, &result);
 *   publish result.out[] in order; remember result.keep[] with the source's record
 */
#ifndef INGEST_PAGE_H
#define INGEST_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/post.h"

#include "ingest/config.h"

/* What is remembered of one id. */
struct memory {
	struct str id;
	bool known;
	bool deleted;
	bool us;            /* written by a voice of ours: an answer to it is addressed to us */
	struct str content; /* hash of title and text, 16 hex digits; empty: only a tombstone */
	struct str conversation; /* the key on the bus */
	int64_t touched_ms;      /* last time this was written */
};

struct page_job {
	const struct source *source;
	const struct authors *authors;
	struct wanted *wanted; /* for a source that keeps what matches; else not looked at */
	int64_t now_ms;
	int64_t backfill_before_ms; /* posts written before this are backfill; INT64_MIN: none is */
	int64_t remember_ms;
};

struct page_result {
	struct post **out; /* oldest first */
	size_t n_out;
	struct memory *keep; /* what has to be written */
	size_t n_keep;
	size_t created, updated, deleted, repeated, backfill, cut, unwanted;
};

/* The ids to look up: those of the posts and of their parents, each once. */
size_t page_ids(const struct post *posts, size_t n, struct arena *arena, struct str **ret_ids);

/* `memories` are those of page_ids, in its order; posts are changed in place. */
void page_settle(const struct page_job *job, struct post *posts, size_t n,
		 const struct memory *memories, size_t n_memories, struct arena *arena,
		 struct page_result *ret);

/* Cuts until the post's JSON has at most POST_MAX_BYTES: the text, and before it whatever else takes
 * more than half of that room.  True if it did (`cut` is set). */
bool page_fit(struct post *post);

#endif
