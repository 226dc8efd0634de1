/*
 * page.c: one pass over the posts in the order in which they happened, with a table id -> memory that
 * later posts of the same page see changed.
 */
#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "ingest/page.h"
#include "ingest/wanted.h"

enum {
	TOUCHES = 16, /* a memory is written again when a 16th of its time is gone */
	/* room for what is set after the cut: revision, role, a remembered conversation */
	FIT_BYTES = POST_MAX_BYTES - 1024
};

/* Open addressing over indices + 1; 0 is free.  Size is a power of two above twice the count. */
struct table {
	size_t *slots, mask;
	const struct str *ids;
};

static void table_init(struct table *table, struct arena *arena, size_t n)
{
	size_t size = 4;
	while (size < 2 * n + 1)
		size *= 2;
	table->slots = arena_zalloc(arena, size * sizeof *table->slots);
	table->mask = size - 1;
}

/* The slot that holds id, or the free one where it belongs. */
static size_t *table_slot(const struct table *table, struct str id)
{
	size_t at = (size_t)hash_fnv(id) & table->mask;
	while (table->slots[at] && !str_eq(table->ids[table->slots[at] - 1], id))
		at = (at + 1) & table->mask;
	return &table->slots[at];
}

size_t page_ids(const struct post *posts, size_t n, struct arena *arena, struct str **ret_ids)
{
	struct str *ids = arena_alloc(arena, (2 * n + 1) * sizeof *ids);
	struct table table = {.ids = ids};
	size_t count = 0;
	table_init(&table, arena, 2 * n);
	for (size_t i = 0; i < n; i++) {
		const struct str both[] = {posts[i].id, posts[i].parent};
		for (size_t k = 0; k < 2; k++) {
			size_t *slot = both[k].n ? table_slot(&table, both[k]) : NULL;
			if (slot && !*slot) {
				ids[count++] = both[k];
				*slot = count;
			}
		}
	}
	*ret_ids = ids;
	return count;
}

/* ---- order ---- */

struct place {
	int64_t time_ms;
	size_t index;
};

static int by_time(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms ? -1 : 1;
	/* without better knowledge a window lists the newest first */
	return x->index > y->index ? -1 : x->index < y->index;
}

static struct post **in_order(const struct page_job *job, struct post *posts, size_t n,
			      struct arena *arena)
{
	struct post **order = arena_alloc(arena, (n + 1) * sizeof *order);
	struct place *places = arena_alloc(arena, (n + 1) * sizeof *places);
	for (size_t i = 0; i < n; i++) {
		const struct post *post = &posts[i];
		int64_t time_ms = post->op == POST_DELETE ? post->edited_at : post->created_at;
		places[i].time_ms = time_ms == POST_NO_TIME ? post->fetched_at : time_ms;
		places[i].index = i;
	}
	if (!job->source->driver->is_log && n > 1)
		qsort(places, n, sizeof *places, by_time);
	for (size_t i = 0; i < n; i++)
		order[i] = &posts[places[i].index];
	return order;
}

/* ---- completing a post ---- */

static bool handle_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c >= 0x80;
}

static bool quoted(const struct post *post, size_t at)
{
	for (size_t i = 0; i < post->n_quotes; i++)
		if (at >= post->quotes[i].start && at < post->quotes[i].end)
			return true;
	return false;
}

/* Does the text call one of our handles?  A handle ends before "." and "-" at its end. */
static bool mentions_us(const struct post *post, const struct authors *authors)
{
	struct str text = post->text;
	for (size_t at = str_find(text, '@', 0); at < text.n; at = str_find(text, '@', at + 1)) {
		if ((at > 0 && handle_char((unsigned char)text.p[at - 1])) || quoted(post, at))
			continue; /* an e-mail address, or not the author's own words */
		size_t end = at + 1;
		while (end < text.n && handle_char((unsigned char)text.p[end]))
			end++;
		while (end > at + 1 && strchr(".-", text.p[end - 1]))
			end--;
		struct str handle = str_sub(text, at + 1, end);
		const char *role = authors_role(authors, &handle, 1);
		if (role && strcmp(role, "us") == 0)
			return true;
	}
	return false;
}

static enum post_addressed addressed(const struct page_job *job, const struct post *post,
				     const struct memory *parent)
{
	if (post->owned)
		return POST_TO_OWN_PAGE;
	if (mentions_us(post, job->authors))
		return POST_TO_MENTION;
	return parent && parent->us ? POST_TO_REPLY : POST_TO_NONE;
}

static void set_role(const struct page_job *job, struct post *post)
{
	const struct str names[] = {post->author.handle, post->author.id, post->author.url,
				    post->author.name};
	const char *role = authors_role(job->authors, names, ARRAY_LEN(names));
	if (!role)
		return;
	/* what we say fulfils promises: nobody may speak for us by choosing a name */
	bool ours =
	    strcmp(role, "us") == 0 || strcmp(role, "agency") == 0 || strcmp(role, "employee") == 0;
	if (ours && strcmp(job->source->names, "free") == 0)
		return;
	post->author.role = str_of(role);
}

static bool is_backfill(const struct page_job *job, const struct post *post)
{
	if (job->backfill_before_ms == INT64_MIN)
		return false;
	/* on a first page a post without a date was simply there */
	if (post->created_at == POST_NO_TIME || post->date_quality == POST_DATE_MISSING ||
	    post->date_quality == POST_DATE_GUESSED)
		return true;
	return post->created_at < job->backfill_before_ms;
}

static void cut_text(struct post *post, size_t left)
{
	size_t n = 0;
	post->text = utf8_cut(post->text, left);
	post->cut = true;
	for (size_t i = 0; i < post->n_quotes; i++) {
		struct post_span span = post->quotes[i];
		if (span.end > post->text.n)
			span.end = post->text.n;
		if (span.start < span.end)
			post->quotes[n++] = span;
	}
	post->n_quotes = n;
}

/* What a post says beside its text, and what no honest page makes longer.  An address that is cut would
 * be another one: it goes. */
static const struct side {
	size_t offset, max;
	bool drop;
} sides[] = {
    {offsetof(struct post, title), 4096, false},
    {offsetof(struct post, url), 4096, true},
    {offsetof(struct post, reply_via), 4096, true},
    {offsetof(struct post, author.url), 4096, true},
    {offsetof(struct post, author.id), 512, false},
    {offsetof(struct post, author.handle), 512, false},
    {offsetof(struct post, author.name), 512, false},
    {offsetof(struct post, author.role), 64, false},
    {offsetof(struct post, source), 512, false},
    {offsetof(struct post, place), 512, false},
    {offsetof(struct post, driver), 64, false},
    {offsetof(struct post, channel), 64, false},
    {offsetof(struct post, kind), 64, false},
    {offsetof(struct post, lang), 64, true},
};

static struct str *side_of(struct post *post, const struct side *side)
{
	return (struct str *)((char *)post + side->offset);
}

static size_t side_bytes(struct post *post)
{
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		n += side_of(post, &sides[i])->n;
	for (size_t i = 0; i < post->n_media; i++)
		n += post->media[i].kind.n + post->media[i].url.n + post->media[i].alt.n + 64;
	return n;
}

/* At most half of the room is for all but the text. */
static bool cut_sides(struct post *post)
{
	struct post bare = *post;
	struct buf out;
	bare.text = STR("");
	bare.n_quotes = 0;
	buf_init(&out, POST_MAX_BYTES / 2);
	bool fits = post_write(&out, &bare) == 0;
	buf_done(&out);
	if (fits)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		struct str *s = side_of(post, &sides[i]);
		if (s->n > sides[i].max)
			*s = sides[i].drop ? STR_NULL : utf8_cut(*s, sides[i].max);
	}
	post->n_media = 0;
	post->cut = true;
	return true;
}

bool page_fit(struct post *post)
{
	/* escapes make a byte six at most; what is far below needs no look */
	if (side_bytes(post) + post->text.n + 16 * post->n_quotes < POST_MAX_BYTES / 8)
		return false;
	struct buf out;
	bool cut = cut_sides(post);
	buf_init(&out, 16 * POST_MAX_BYTES);
	while (post_write(&out, post) || out.n > FIT_BYTES) {
		/* escapes make bytes longer: by as much as they did on the average */
		size_t over = out.full ? post->text.n / 2
				       : (size_t)((double)(out.n - FIT_BYTES) *
						  (double)post->text.n / (double)out.n);
		must(post->text.n > 0); /* all else takes less */
		cut_text(post, post->text.n > over ? post->text.n - over - 1 : 0);
		cut = true;
		buf_done(&out);
		buf_init(&out, 16 * POST_MAX_BYTES);
	}
	buf_done(&out);
	return cut;
}

/* ---- deciding ---- */

/* Two posts say the same exactly when this is equal; whether they are create or update does not
 * count. */
static struct str content_of(const struct post *post, struct arena *arena)
{
	struct post same = *post;
	same.op = POST_CREATE;
	return post_rev(arena, &same);
}

struct settle {
	const struct page_job *job;
	struct arena *arena;
	struct page_result *ret;
	struct memory *memories;
	bool *changed;
};

static void publish(struct settle *s, struct post *post, enum post_op op)
{
	post->op = op;
	post->rev = post_rev(s->arena, post);
	s->ret->out[s->ret->n_out++] = post;
}

/* Known and unchanged: is it time to write down that it is still there? */
static bool repeat(struct settle *s, const struct memory *memory)
{
	s->ret->repeated++;
	return s->job->now_ms - memory->touched_ms > s->job->remember_ms / TOUCHES;
}

/* Answers to what was kept are kept, too. */
static bool keeps(const struct page_job *job, const struct post *post, const struct memory *parent)
{
	return strcmp(job->source->keep, "matching") != 0 || (parent && parent->known) ||
	       wanted_post(job->wanted, post);
}

/* Both return true if the memory has to be written. */
static bool settle_delete(struct settle *s, struct post *post, struct memory *memory)
{
	if (memory->deleted)
		return repeat(s, memory);
	if (page_fit(post))
		s->ret->cut++;
	if (memory->known && memory->conversation.n)
		post->conversation = memory->conversation;
	if (post->conversation.n == 0)
		post->conversation = post->id;
	memory->conversation = post->conversation;
	memory->deleted = true;
	publish(s, post, POST_DELETE);
	s->ret->deleted++;
	return true;
}

static bool settle_post(struct settle *s, struct post *post, struct memory *memory,
			const struct memory *parent)
{
	bool old = memory->known;
	if (memory->deleted)
		return repeat(s, memory);
	if (page_fit(post))
		s->ret->cut++;
	struct str content = content_of(post, s->arena);
	if (old && str_eq(content, memory->content))
		return repeat(s, memory);
	if (old && memory->conversation.n)
		post->conversation = memory->conversation; /* a post never moves to another key */
	if (post->conversation.n == 0)
		post->conversation = post->id;
	set_role(s->job, post);
	if (!s->job->source->driver->is_log || post->addressed == POST_TO_NONE)
		post->addressed = addressed(s->job, post, parent);
	if (!s->job->source->driver->is_log)
		post->backfill = is_backfill(s->job, post);
	if (!old && !keeps(s->job, post, parent)) {
		s->ret->unwanted++;
		return false;
	}
	memory->content = content;
	memory->conversation = post->conversation;
	memory->us = str_is(post->author.role, "us");
	publish(s, post, old ? POST_UPDATE : post->op);
	if (post->backfill)
		s->ret->backfill++;
	if (post->op == POST_UPDATE)
		s->ret->updated++;
	else
		s->ret->created++;
	return true;
}

void page_settle(const struct page_job *job, struct post *posts, size_t n,
		 const struct memory *memories, size_t n_memories, struct arena *arena,
		 struct page_result *ret)
{
	struct str *ids = arena_alloc(arena, (n_memories + 1) * sizeof *ids);
	struct table table = {.ids = ids};
	struct settle s = {job, arena, ret, NULL, NULL};
	struct post **order = in_order(job, posts, n, arena);
	*ret = (struct page_result){0};
	ret->out = arena_alloc(arena, (n + 1) * sizeof *ret->out);
	ret->keep = arena_alloc(arena, (n_memories + 1) * sizeof *ret->keep);
	s.memories = arena_alloc(arena, (n_memories + 1) * sizeof *s.memories);
	s.changed = arena_zalloc(arena, n_memories + 1);
	if (n_memories)
		memcpy(s.memories, memories, n_memories * sizeof *s.memories);
	table_init(&table, arena, n_memories);
	for (size_t i = 0; i < n_memories; i++) {
		ids[i] = memories[i].id;
		*table_slot(&table, ids[i]) = i + 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct post *post = order[i];
		size_t at = *table_slot(&table, post->id);
		size_t above = post->parent.n ? *table_slot(&table, post->parent) : 0;
		must(at > 0);
		struct memory *memory = &s.memories[at - 1];
		const struct memory *parent = above ? &s.memories[above - 1] : NULL;
		if (post->op == POST_DELETE ? settle_delete(&s, post, memory)
					    : settle_post(&s, post, memory, parent)) {
			memory->known = true;
			memory->touched_ms = job->now_ms;
			s.changed[at - 1] = true;
		}
	}
	for (size_t i = 0; i < n_memories; i++)
		if (s.changed[i])
			ret->keep[ret->n_keep++] = s.memories[i];
}
