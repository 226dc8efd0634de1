/*
 * ticket.c: filters, then rules.
 */
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"
#include "route/ticket.h"

enum { HEAD_BYTES = 160 };

static bool is_own(const struct post *post)
{
	static const char *const roles[] = {"us", "agency", "employee"};
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (str_is(post->author.role, roles[i]))
			return true;
	return false;
}

static int64_t age_when_heard(const struct post *post)
{
	if (post->created_at == POST_NO_TIME || post->fetched_at == POST_NO_TIME ||
	    post->date_quality == POST_DATE_MISSING)
		return 0;
	return post->fetched_at - post->created_at;
}

static void filter(struct decision *d, enum decision_kind kind, const char *reason)
{
	d->kind = kind;
	d->reason = reason;
}

static void decide_create(struct decision *d, const struct policy *policy, const struct scored *s,
			  struct arena *arena)
{
	const struct post *p = &s->post;
	bool old = age_when_heard(p) > policy->max_age_ms;
	if (!p->backfill && !old && p->date_quality == POST_DATE_EXACT &&
	    p->created_at != POST_NO_TIME && p->fetched_at != POST_NO_TIME)
		d->delay_ms = p->fetched_at > p->created_at ? p->fetched_at - p->created_at : 0;
	if (p->backfill) {
		filter(d, DECIDE_FILTER, "backfill");
		return;
	}
	if (is_own(p)) {
		filter(d, DECIDE_OWN, "own");
		return;
	}
	if (old) {
		filter(d, DECIDE_FILTER, "old");
		return;
	}
	if (str_is(p->kind, "repost")) {
		filter(d, DECIDE_FILTER, "repost");
		return;
	}
	d->rule = rules_find(policy, s, arena);
	if (!d->rule || d->rule->drop) {
		filter(d, DECIDE_FILTER, d->rule ? d->rule->drop : "no_rule");
		return;
	}
	d->kind = DECIDE_TICKET;
	promise_make(&d->promise, p, d->rule->promise_ms, d->at);
	priority_make(&d->priority, s, d->rule->weight, &d->promise, &policy->scale);
}

void ticket_decide(struct decision *ret, const struct policy *policy, const struct scored *scored,
		   int64_t now, struct arena *arena)
{
	bool exact;
	*ret = (struct decision){.at = now, .delay_ms = -1};
	ret->written = promise_written(&scored->post, now, &exact);
	switch (scored->post.op) {
	case POST_UPDATE: ret->kind = DECIDE_UPDATE; return;
	case POST_DELETE: ret->kind = DECIDE_DELETE; return;
	case POST_CREATE: decide_create(ret, policy, scored, arena);
	}
}

struct str ticket_head(const struct post *post, struct arena *arena)
{
	struct str from = str_trim(post->title);
	if (!from.n)
		from = str_trim(post->text);
	char *out = arena_alloc(arena, HEAD_BYTES + 1);
	size_t n = 0;
	bool space = false;
	for (size_t i = 0; i < from.n && n < HEAD_BYTES; i++) {
		bool white = from.p[i] == ' ' || (from.p[i] >= '\t' && from.p[i] <= '\r');
		if (!white || !space)
			out[n++] = white ? ' ' : from.p[i];
		space = white;
	}
	/* filled to the brim: the last code point may be cut; utf8_cut looks at what follows */
	struct str head = {out, n};
	while (head.n && !utf8_valid(head))
		head.n--;
	return head;
}

struct str ticket_author_key(const struct post *post, struct arena *arena)
{
	struct str id = post->author.id.n ? post->author.id : post->author.handle;
	struct str parts[] = {id.n ? post->driver : STR("post"), id.n ? id : post->id};
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex_parts(parts, 2, hex);
	return arena_str(arena, (struct str){hex, 16});
}

struct str ticket_tonality_counter(const struct decision *decision, const struct scored *scored,
				   struct arena *arena)
{
	if (scored->post.op != POST_CREATE || scored->post.backfill ||
	    decision->kind == DECIDE_OWN || !scored->has_analysis)
		return STR("");
	const char *label = post_tonality_name(scored->analysis.tonality.label);
	struct str lang = scored->analysis.lang;
	/* a counter's name: letters and hyphens only, whatever a stranger declared */
	for (size_t i = 0; i < lang.n; i++)
		if (lang.n > 12 || !((lang.p[i] >= 'a' && lang.p[i] <= 'z') || lang.p[i] == '-'))
			lang = STR("other");
	return str_of(arena_printf(arena, "%.*s:%s", lang.n ? (int)lang.n : 1,
				   lang.n ? lang.p : "?", label ? label : "unsure"));
}
