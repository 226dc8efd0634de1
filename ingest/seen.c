/*
 * seen.c: the record of a source, in Redis or in memory.
 *
 * A call that waits for Redis is a struct call; it is freed when the answer is there, also when that is
 * "gone".  Fields of the hash come from one table, for writing and reading.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/redis.h"

#include "ingest/seen.h"

/* KEYS: record, seen, age.  ARGV: cut-off, number of words of the record, those words, then id, text, ms
 * of each memory. */
static struct redis_script save_script = {
    .name = "seen_save",
    .source = "local n = tonumber(ARGV[2])\n"
	      "redis.call('HSET', KEYS[1], unpack(ARGV, 3, 2 + n))\n"
	      "for i = 3 + n, #ARGV, 3 do\n"
	      "  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])\n"
	      "  redis.call('ZADD', KEYS[3], ARGV[i + 2], ARGV[i])\n"
	      "end\n"
	      "local old = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[1], 'LIMIT', "
	      "0, 1000)\n"
	      "if #old > 0 then\n"
	      "  redis.call('HDEL', KEYS[2], unpack(old))\n"
	      "  redis.call('ZREM', KEYS[3], unpack(old))\n"
	      "end\n"
	      "return #old\n"};

static const struct field {
	const char *name;
	size_t number, text; /* offsets; one of them is 0 past the first */
	bool is_text;
} fields[] = {
    {"first", offsetof(struct record, first_ms), 0, false},
    {"success", offsetof(struct record, success_ms), 0, false},
    {"poll", offsetof(struct record, poll_ms), 0, false},
    {"next", offsetof(struct record, next_ms), 0, false},
    {"failures", offsetof(struct record, failures), 0, false},
    {"posts", offsetof(struct record, posts), 0, false},
    {"url", 0, offsetof(struct record, url), true},
    {"etag", 0, offsetof(struct record, etag), true},
    {"modified", 0, offsetof(struct record, modified), true},
    {"cursor", 0, offsetof(struct record, cursor), true},
    {"error", 0, offsetof(struct record, error), true},
    {"flaw", 0, offsetof(struct record, flaw), true},
};

struct mem_source {
	char *name;
	struct arena *texts; /* of the record; made anew with each save */
	struct record record;
	struct arena *arena; /* of the memories */
	struct memory *items;
	size_t n, room;
	size_t *slots, n_slots;
};

struct seen {
	struct redis *redis;
	char *tenant;
	int64_t remember_ms;
	struct mem_source **sources;
	size_t n_sources;
	struct log_limit limit;
};

struct call {
	struct seen *seen;
	struct arena *arena;
	struct record *record;
	struct memory *memories;
	const struct str *ids;
	size_t n;
	seen_fn *fn;
	void *arg;
};

/* ---- texts ---- */

struct str seen_memory_text(const struct memory *memory, struct arena *arena)
{
	const char *flags = memory->deleted && memory->us ? "du"
			    : memory->deleted             ? "d"
			    : memory->us                  ? "u"
							  : "-";
	struct str content = memory->content.n ? memory->content : STR("-");
	struct str conversation = memory->conversation;
	if (conversation.n == 0 || str_eq(conversation, memory->id))
		conversation = STR("=");
	return str_of(arena_printf(arena, "%" PRId64 " %s %.*s %.*s", memory->touched_ms, flags,
				   STR_ARG(content), STR_ARG(conversation)));
}

int seen_memory_parse(struct str id, struct str text, struct arena *arena, struct memory *ret)
{
	struct memory memory = {.id = id, .known = true};
	struct str rest = text, ms, flags, content;
	if (!str_split(&rest, ' ', &ms) || !str_split(&rest, ' ', &flags) ||
	    !str_split(&rest, ' ', &content) || rest.n == 0 ||
	    num_int(ms, 0, INT64_MAX, &memory.touched_ms))
		return -1;
	memory.deleted = str_find(flags, 'd', 0) < flags.n;
	memory.us = str_find(flags, 'u', 0) < flags.n;
	memory.content = str_is(content, "-") ? STR("") : arena_str(arena, content);
	memory.conversation = str_is(rest, "=") ? id : arena_str(arena, rest); /* may hold blanks */
	*ret = memory;
	return 0;
}

static void record_set(struct record *record, struct str name, struct str value,
		       struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!str_is(name, fields[i].name))
			continue;
		if (fields[i].is_text)
			*(struct str *)((char *)record + fields[i].text) = arena_str(arena, value);
		else /* not a number: as if it were not there */
			(void)num_int(value, 0, INT64_MAX,
				      (int64_t *)((char *)record + fields[i].number));
	}
}

/* ---- Redis ---- */

static struct call *call_new(struct seen *seen, seen_fn *fn, void *arg)
{
	struct call *call = xcalloc(1, sizeof *call);
	call->seen = seen;
	call->fn = fn;
	call->arg = arg;
	return call;
}

static void answer(struct call *call, bool ok)
{
	seen_fn *fn = call->fn;
	void *arg = call->arg;
	free(call);
	fn(arg, ok);
}

/* An error that Redis itself reports (full, read-only, not permitted) passes or needs a person. */
static bool usable(struct call *call, const struct redis_reply *reply, enum redis_type type)
{
	unsigned skipped;
	if (reply->type == REDIS_ERROR && log_allow(&call->seen->limit, &skipped))
		log_warn("redis refused the crawl state",
			 "reason=%s skipped=%u next=\"trying again\"", log_q(reply->text), skipped);
	return reply->type == type;
}

static void on_record(void *arg, const struct redis_reply *reply)
{
	struct call *call = arg;
	if (!usable(call, reply, REDIS_LIST)) {
		answer(call, false);
		return;
	}
	for (size_t i = 0; i + 1 < reply->n; i += 2)
		record_set(call->record, reply->items[i].text, reply->items[i + 1].text,
			   call->arena);
	answer(call, true);
}

static void on_memories(void *arg, const struct redis_reply *reply)
{
	struct call *call = arg;
	if (!usable(call, reply, REDIS_LIST) || reply->n != call->n) {
		answer(call, false);
		return;
	}
	for (size_t i = 0; i < call->n; i++) {
		call->memories[i] = (struct memory){.id = call->ids[i]};
		/* unreadable is unknown: the post comes once more, which ids make harmless */
		if (reply->items[i].type == REDIS_TEXT)
			(void)seen_memory_parse(call->ids[i], reply->items[i].text, call->arena,
						&call->memories[i]);
	}
	answer(call, true);
}

static void on_saved(void *arg, const struct redis_reply *reply)
{
	struct call *call = arg;
	answer(call, usable(call, reply, REDIS_INT));
}

static struct str key(const struct seen *seen, struct arena *arena, const char *kind,
		      const char *source)
{
	return str_of(arena_printf(arena, "{%s}:%s:%s", seen->tenant, kind, source));
}

static void save_redis(struct seen *seen, const char *source, const struct record *record,
		       const struct memory *keep, size_t n, int64_t now_ms, struct call *call)
{
	struct arena *arena = arena_create(64 * MiB + n * 1024);
	struct str *args = arena_alloc(arena, (2 + 2 * ARRAY_LEN(fields) + 3 * n) * sizeof *args);
	size_t at = 0;
	args[at++] = str_of(arena_printf(arena, "%" PRId64, now_ms - seen->remember_ms));
	args[at++] = str_of(arena_printf(arena, "%zu", 2 * ARRAY_LEN(fields)));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *from = (const char *)record;
		args[at++] = str_of(fields[i].name);
		if (fields[i].is_text)
			args[at++] = *(const struct str *)(from + fields[i].text);
		else
			args[at++] = str_of(arena_printf(
			    arena, "%" PRId64, *(const int64_t *)(from + fields[i].number)));
	}
	for (size_t i = 0; i < n; i++) {
		args[at++] = keep[i].id;
		args[at++] = seen_memory_text(&keep[i], arena);
		args[at++] = str_of(arena_printf(arena, "%" PRId64, keep[i].touched_ms));
	}
	struct str keys[] = {key(seen, arena, "src", source), key(seen, arena, "seen", source),
			     key(seen, arena, "seenage", source)};
	redis_eval(seen->redis, &save_script, on_saved, call, ARRAY_LEN(keys), keys, at, args);
	arena_free(arena);
}

/* ---- in memory ---- */

static struct mem_source *mem_source(struct seen *seen, const char *name)
{
	for (size_t i = 0; i < seen->n_sources; i++)
		if (strcmp(seen->sources[i]->name, name) == 0)
			return seen->sources[i];
	struct mem_source *source = xcalloc(1, sizeof *source);
	source->name = xstrdup(name);
	source->texts = arena_create(MiB);
	source->arena = arena_create(SIZE_MAX / 4); /* as large as what is read in one run */
	seen->sources = xrealloc(seen->sources, (seen->n_sources + 1) * sizeof(void *));
	seen->sources[seen->n_sources++] = source;
	return source;
}

static size_t *mem_slot(struct mem_source *source, struct str id)
{
	size_t mask = source->n_slots - 1, at = (size_t)hash_fnv(id) & mask;
	while (source->slots[at] && !str_eq(source->items[source->slots[at] - 1].id, id))
		at = (at + 1) & mask;
	return &source->slots[at];
}

static void mem_grow(struct mem_source *source)
{
	if (2 * (source->n + 1) <= source->n_slots)
		return;
	free(source->slots);
	source->n_slots = source->n_slots ? source->n_slots * 2 : 64;
	source->slots = xcalloc(source->n_slots, sizeof *source->slots);
	for (size_t i = 0; i < source->n; i++)
		*mem_slot(source, source->items[i].id) = i + 1;
}

static void mem_put(struct mem_source *source, const struct memory *memory)
{
	mem_grow(source);
	size_t *slot = mem_slot(source, memory->id);
	if (!*slot) {
		if (source->n == source->room) {
			source->room = source->room ? source->room * 2 : 64;
			source->items =
			    xrealloc(source->items, source->room * sizeof *source->items);
		}
		source->items[source->n++] =
		    (struct memory){.id = arena_str(source->arena, memory->id)};
		*slot = source->n;
	}
	struct memory *to = &source->items[*slot - 1];
	struct str id = to->id;
	*to = *memory;
	to->id = id;
	to->content = arena_str(source->arena, memory->content);
	to->conversation = arena_str(source->arena, memory->conversation);
}

static void record_copy(struct record *to, const struct record *from, struct arena *arena)
{
	*to = *from;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!fields[i].is_text)
			continue;
		struct str *text = (struct str *)((char *)to + fields[i].text);
		*text = arena_str(arena, *text);
	}
}

static void mem_save(struct mem_source *source, const struct record *record,
		     const struct memory *keep, size_t n)
{
	struct arena *texts = arena_create(MiB);
	record_copy(&source->record, record, texts);
	arena_free(source->texts);
	source->texts = texts;
	for (size_t i = 0; i < n; i++)
		mem_put(source, &keep[i]);
}

/* ---- the interface ---- */

struct seen *seen_create(struct redis *redis, const char *tenant, int64_t remember_ms)
{
	struct seen *seen = xcalloc(1, sizeof *seen);
	seen->redis = redis;
	seen->tenant = xstrdup(tenant);
	seen->remember_ms = remember_ms;
	seen->limit.every_ms = 30000;
	return seen;
}

void seen_free(struct seen *seen)
{
	if (!seen)
		return;
	for (size_t i = 0; i < seen->n_sources; i++) {
		struct mem_source *source = seen->sources[i];
		arena_free(source->texts);
		arena_free(source->arena);
		free(source->items);
		free(source->slots);
		free(source->name);
		free(source);
	}
	free(seen->sources);
	free(seen->tenant);
	free(seen);
}

void seen_record(struct seen *seen, const char *source, struct arena *arena, struct record *ret,
		 seen_fn *fn, void *arg)
{
	*ret = (struct record){0};
	if (!seen->redis) {
		record_copy(ret, &mem_source(seen, source)->record, arena);
		fn(arg, true);
		return;
	}
	struct call *call = call_new(seen, fn, arg);
	call->arena = arena;
	call->record = ret;
	struct str words[] = {STR("HGETALL"), key(seen, arena, "src", source)};
	redis_send(seen->redis, on_record, call, ARRAY_LEN(words), words);
}

void seen_memories(struct seen *seen, const char *source, const struct str *ids, size_t n,
		   struct arena *arena, struct memory *ret, seen_fn *fn, void *arg)
{
	if (n == 0) {
		fn(arg, true);
		return;
	}
	if (!seen->redis) {
		struct mem_source *from = mem_source(seen, source);
		mem_grow(from);
		for (size_t i = 0; i < n; i++) {
			size_t at = *mem_slot(from, ids[i]);
			ret[i] = at ? from->items[at - 1] : (struct memory){.id = ids[i]};
		}
		fn(arg, true);
		return;
	}
	struct call *call = call_new(seen, fn, arg);
	call->arena = arena;
	call->memories = ret;
	call->ids = ids;
	call->n = n;
	struct str *words = arena_alloc(arena, (n + 2) * sizeof *words);
	words[0] = STR("HMGET");
	words[1] = key(seen, arena, "seen", source);
	memcpy(words + 2, ids, n * sizeof *words);
	redis_send(seen->redis, on_memories, call, n + 2, words);
}

void seen_save(struct seen *seen, const char *source, const struct record *record,
	       const struct memory *keep, size_t n, int64_t now_ms, seen_fn *fn, void *arg)
{
	if (!seen->redis) {
		mem_save(mem_source(seen, source), record, keep, n);
		fn(arg, true);
		return;
	}
	save_redis(seen, source, record, keep, n, now_ms, call_new(seen, fn, arg));
}
