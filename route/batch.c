/*
 * batch.c: the order of arguments is that of route/lua/apply.lua, and nowhere else.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "common/mem.h"
#include "route/batch.h"
#include "route/receipt.h"

enum { NEW_OFFSET = 2 }; /* place of the new offset among the arguments */

void batch_init(struct batch *batch)
{
	*batch = (struct batch){.arena = arena_create(64 * MiB)};
}

void batch_done(struct batch *batch)
{
	arena_free(batch->arena);
	free(batch->args);
}

static void add(struct batch *batch, struct str s)
{
	if (batch->n_args == batch->room) {
		batch->room = batch->room ? batch->room * 2 : 1024;
		batch->args = xrealloc(batch->args, batch->room * sizeof *batch->args);
	}
	batch->args[batch->n_args++] = s.p ? s : STR("");
}

static struct str int_text(struct batch *batch, int64_t v)
{
	return str_of(arena_printf(batch->arena, "%" PRId64, v));
}

static struct str known_int(struct batch *batch, int64_t v)
{
	return v == POST_NO_NUMBER ? STR("") : int_text(batch, v);
}

static struct str two_decimals(struct batch *batch, int32_t v)
{
	return v == POST_NO_P ? STR("")
			      : str_of(arena_printf(batch->arena, "%.2f", (double)v / POST_ONE));
}

void batch_begin(struct batch *batch, int partition, struct str prev, int64_t dedup_ms, bool audit)
{
	arena_reset(batch->arena);
	batch->n_args = batch->posts = batch->bytes = 0;
	add(batch, int_text(batch, partition));
	add(batch, arena_str(batch->arena, prev));
	add(batch, STR("")); /* NEW_OFFSET */
	add(batch, int_text(batch, dedup_ms / 1000 > 0 ? dedup_ms / 1000 : 1));
	add(batch, audit ? STR("1") : STR("0"));
}

/* A channel is part of counters' names: the known ones, else "other". */
static struct str channel_of(const struct post *post)
{
	static const char *const known[] = {"blog", "forum", "social", "news", "review", "mail"};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is(post->channel, known[i]))
			return post->channel;
	return STR("other");
}

struct pairs {
	struct batch *batch;
	size_t count_at, n;
};

static struct pairs pairs_begin(struct batch *batch)
{
	struct pairs pairs = {batch, batch->n_args, 0};
	add(batch, STR(""));
	return pairs;
}

static void pair(struct pairs *pairs, const char *name, struct str value)
{
	add(pairs->batch, str_of(name));
	add(pairs->batch, value);
	pairs->n++;
}

static void pairs_end(struct pairs *pairs)
{
	pairs->batch->args[pairs->count_at] = int_text(pairs->batch, (int64_t)pairs->n);
}

/* What an update may change: facts of the text. */
static void text_facts(struct pairs *pairs, const struct scored *s)
{
	struct batch *batch = pairs->batch;
	const struct analysis *a = &s->analysis;
	pair(pairs, "head", ticket_head(&s->post, batch->arena));
	pair(pairs, "url", s->post.url);
	pair(pairs, "reply_via", s->post.reply_via);
	if (!s->has_analysis)
		return;
	const char *label = post_tonality_name(a->tonality.label);
	pair(pairs, "lang", a->lang);
	pair(pairs, "tonality", str_of(label ? label : "unsure"));
	pair(pairs, "tonality_score", two_decimals(batch, a->tonality.score));
	pair(pairs, "tonality_p", two_decimals(batch, a->tonality.p));
	pair(pairs, "urgency", a->urgency.level < 0 ? STR("") : int_text(batch, a->urgency.level));
}

static void place_facts(struct pairs *pairs, const struct scored *s)
{
	struct batch *batch = pairs->batch;
	const struct post *p = &s->post;
	pair(pairs, "conversation", p->conversation.n ? p->conversation : p->id);
	pair(pairs, "author", ticket_author_key(p, batch->arena));
	pair(pairs, "author_handle", p->author.handle);
	pair(pairs, "author_name", p->author.name);
	pair(pairs, "followers", known_int(batch, p->author.followers));
	pair(pairs, "source", p->source);
	pair(pairs, "channel", channel_of(p));
	pair(pairs, "place", p->place);
	pair(pairs, "owned", p->owned ? STR("yes") : STR("no"));
	pair(pairs, "kind", p->kind);
	pair(pairs, "addressed", str_of(post_addressed_name(p->addressed)));
	pair(pairs, "role", post_role(p));
}

static void add_ticket(struct batch *batch, const struct decision *d, const struct policy *policy,
		       const struct scored *s)
{
	struct buf receipt;
	buf_init(&receipt, RECEIPT_MAX_BYTES);
	must(receipt_write(&receipt, d, policy, s) == 0); /* ids and inputs are bounded */
	add(batch, s->json);
	add(batch, int_text(batch, d->written));
	struct pairs pairs = pairs_begin(batch);
	place_facts(&pairs, s);
	text_facts(&pairs, s);
	const struct promise *promise = &d->promise;
	bool promised = promise->target_ms > 0;
	pair(&pairs, "team", str_of(d->rule->team));
	pair(&pairs, "lane", str_of(d->rule->lane));
	pair(&pairs, "rule", int_text(batch, d->rule->number));
	pair(&pairs, "rule_name", str_of(d->rule->name));
	pair(&pairs, "when", str_of(d->rule->when_text));
	pair(&pairs, "priority", int_text(batch, d->priority.sum));
	pair(&pairs, "boost", int_text(batch, d->priority.boost_ms));
	pair(&pairs, "rank", int_text(batch, d->priority.rank));
	pair(&pairs, "receipt", arena_str(batch->arena, buf_view(&receipt)));
	pair(&pairs, "created_at", int_text(batch, d->written));
	pair(&pairs, "heard_at",
	     s->post.fetched_at == POST_NO_TIME ? STR("") : int_text(batch, s->post.fetched_at));
	pair(&pairs, "promise", int_text(batch, promise->target_ms));
	pair(&pairs, "start", int_text(batch, promise->start));
	pair(&pairs, "warn_at", promised ? int_text(batch, promise->warn_at) : STR(""));
	pair(&pairs, "deadline", promised ? int_text(batch, promise->deadline) : STR(""));
	pairs_end(&pairs);
	buf_done(&receipt);
}

void batch_add(struct batch *batch, const struct decision *d, const struct policy *policy,
	       const struct scored *s)
{
	static const char *const ops[] = {[DECIDE_FILTER] = "F",
					  [DECIDE_OWN] = "O",
					  [DECIDE_TICKET] = "C",
					  [DECIDE_UPDATE] = "U",
					  [DECIDE_DELETE] = "D"};
	const struct post *p = &s->post;
	add(batch, str_of(ops[d->kind]));
	add(batch, p->id);
	add(batch, ticket_tonality_counter(d, s, batch->arena));
	add(batch, channel_of(p));
	add(batch, d->delay_ms < 0 ? STR("") : int_text(batch, d->delay_ms));
	switch (d->kind) {
	case DECIDE_FILTER: add(batch, str_of(d->reason)); break;
	case DECIDE_OWN:
		add(batch, p->conversation.n ? p->conversation : p->id);
		add(batch, p->parent);
		add(batch, int_text(batch, d->written));
		add(batch, p->author.handle.n ? p->author.handle : p->author.name);
		add(batch, p->url);
		break;
	case DECIDE_TICKET: add_ticket(batch, d, policy, s); break;
	case DECIDE_UPDATE: {
		add(batch, s->json);
		struct pairs pairs = pairs_begin(batch);
		text_facts(&pairs, s);
		pairs_end(&pairs);
		break;
	}
	case DECIDE_DELETE: break;
	}
	batch->posts++;
	batch->bytes += s->json.n;
}

bool batch_full(const struct batch *batch)
{
	return batch->posts >= BATCH_POSTS || batch->bytes >= BATCH_BYTES;
}

const struct str *batch_args(struct batch *batch, struct str new_offset, size_t *ret_n)
{
	batch->args[NEW_OFFSET] = arena_str(batch->arena, new_offset);
	*ret_n = batch->n_args;
	return batch->args;
}
