/*
 * seen.h: what is remembered of each source: validators, cursor, health, seen ids.
 *
 * It is one record per source, written in one step (one Lua script) after the last delivery report of a
 * page: after a crash the page is asked for again and its posts come again, none is lost.
 *
 * In Redis, with T the tenant and S the name of the source:
 *
 *   {T}:src:S      HASH   url first success poll next failures error flaw etag modified cursor posts
 *       url        the source's URL when this was written; another one now: the source is new
 *       first      ms of the first successful read
 *       success    ms of the last successful read       poll   ms of the last try
 *       next       ms before which it is not asked again
 *       failures   tries failed in a row                error  why the last one failed
 *       flaw       what was wrong with the last page though posts could be read
 *       etag, modified   validators exactly as they were sent
 *       cursor     the driver's own
 *       posts      published so far
 *   {T}:seen:S     HASH   id -> "MS FLAGS CONTENT CONVERSATION"
 *       MS         when it was written               FLAGS  "-", or of d (deleted), u (a voice of ours)
 *       CONTENT    hash of title and text, or "-"    CONVERSATION  key on the bus; "=": the id itself
 *   {T}:seenage:S  ZSET   id by MS: what is older than `remember` goes, 1,000 per page
 *
 * Example: HGET {posthorn}:seen:forum-zustellung feed:example.org/f.atom:17
 *          "1763798400000 - 0a1b2c3d4e5f6071 feed:example.org/f.atom:12"
 *
 * Costs some 210 bytes of Redis per remembered id.
 *
 * Without Redis (`once --stdout`) the same is kept in memory and is gone with the process.
 *
 * Every function answers through `fn`, perhaps before it returns; ok false: Redis is away or
 * refused, nothing was written or read; asking again is harmless.
 */
#ifndef INGEST_SEEN_H
#define INGEST_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/str.h"

#include "ingest/page.h"

struct redis;
struct seen;

struct record {
	int64_t first_ms, success_ms, poll_ms, next_ms; /* 0: never */
	int64_t failures, posts;
	struct str url, etag, modified, cursor, error, flaw; /* empty: none */
};

typedef void seen_fn(void *arg, bool ok);

/* redis NULL: in memory.  redis is borrowed and must be closed before seen_free. */
struct seen *seen_create(struct redis *redis, const char *tenant, int64_t remember_ms);
void seen_free(struct seen *seen); /* NULL is fine */

/* Fills *ret (all zero where nothing is known), texts in the arena. */
void seen_record(struct seen *seen, const char *source, struct arena *arena, struct record *ret,
		 seen_fn *fn, void *arg);
/* Fills ret[0..n) in the order of ids; unknown ones have `known` false. */
void seen_memories(struct seen *seen, const char *source, const struct str *ids, size_t n,
		   struct arena *arena, struct memory *ret, seen_fn *fn, void *arg);
/* Writes the record and the memories (all of their fields) in one step. */
void seen_save(struct seen *seen, const char *source, const struct record *record,
	       const struct memory *keep, size_t n, int64_t now_ms, seen_fn *fn, void *arg);

/* The text of a memory and back; -1 on anything that was not written by us. */
struct str seen_memory_text(const struct memory *memory, struct arena *arena);
int seen_memory_parse(struct str id, struct str text, struct arena *arena, struct memory *ret);

#endif
