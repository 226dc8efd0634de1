/*
 * eval.c: a post against the queries it could match.
 */
#include <stdlib.h>

#include "common/mem.h"

#include "common/query/matcher.h"

static int by_last(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* As many as possible that do not overlap: always the one that ends first. */
static bool at_least(struct query_matcher *m, const struct step *step, unsigned zones)
{
	struct ranges r = {0};
	find_ranges(m, step + 1, zones, &r, SIZE_MAX);
	if (r.n)
		qsort(r.at, r.n, sizeof *r.at, by_last);
	uint32_t n = 0, end = 0;
	for (size_t i = 0; i < r.n && n < step->number; i++) {
		if (n && r.at[i].first <= end)
			continue;
		end = r.at[i].last;
		n++;
	}
	return n >= step->number;
}

static bool blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* Is there such a text, and more in it than white space? */
static bool zone_there(const struct query_matcher *m, enum query_zone zone)
{
	const struct post *post = m->post->post;
	bool quoted = false, own = false;
	size_t pos = 0;
	if (zone == ZONE_TITLE)
		return !blank(post->title);
	for (size_t i = 0; i < post->n_quotes; i++) {
		own = own || !blank(str_sub(post->text, pos, post->quotes[i].start));
		quoted = quoted ||
			 !blank(str_sub(post->text, post->quotes[i].start, post->quotes[i].end));
		pos = post->quotes[i].end;
	}
	return zone == ZONE_QUOTE ? quoted : own || !blank(str_sub(post->text, pos, post->text.n));
}

/* Of the targets that stand there, query's own. */
static uint32_t target_there(const struct query_matcher *m, size_t query)
{
	for (uint32_t k = 0; k < m->n_targets; k++) /* most posts have none */
		if (m->target_of[k] == m->set->queries[query].target)
			return k;
	return QUERY_NO_TARGET;
}

void matcher_turn(struct query_matcher *m, size_t query)
{
	arena_reset(m->scratch);
	uint32_t target = target_there(m, query);
	m->fields.target =
	    target == QUERY_NO_TARGET ? POST_TONALITY_NULL : m->targets[target].label;
	m->work = 0;
}

/* A query whose work passes all bounds does not match, and is counted. */
static bool matches(struct query_matcher *m, size_t query)
{
	matcher_turn(m, query);
	bool does = step_holds(m, program_of(m, query), ZONE_POST);
	if (m->work <= QUERY_WORK)
		return does;
	m->given_up++;
	return false;
}

bool step_holds(struct query_matcher *m, const struct step *step, unsigned zones)
{
	const struct step *s = step + 1, *end = step + step->size;
	struct ranges r = {0};
	switch (step->op) {
	case OP_FIELD:
		return field_holds(m->set->program.fields[step->number], &m->fields, m->scratch);
	case OP_AND:
		for (; s < end; s += s->size)
			if (!step_holds(m, s, zones))
				return false;
		return true;
	case OP_OR:
		for (; s < end; s += s->size)
			if (step_holds(m, s, zones))
				return true;
		return false;
	case OP_NOT: return !step_holds(m, s, zones);
	case OP_ZONE: return zone_there(m, step->zone) && step_holds(m, s, step->zone);
	case OP_ATLEAST: return at_least(m, step, zones);
	case STEP_USE: return step_holds(m, used(m, step), zones);
	default: find_ranges(m, step, zones, &r, 1); return r.n > 0;
	}
}

/* ---- matches --------------------------------------------------------------------------------- */

static bool is_leaf(const struct step *step)
{
	return step->op == STEP_WORD || step->op == STEP_ROW || step->op == STEP_RAW;
}

static bool inside(struct range x, const struct ranges *all)
{
	for (size_t i = 0; i < all->n && all->at[i].first <= x.first; i++)
		if (x.last <= all->at[i].last)
			return true;
	return false;
}

/* The places of the terms by which an expression holds that does: none under NOT, of OR only what holds, of
 * a proximity expression what takes part.  within: only what lies inside one of these; NULL: anywhere. */
static void find_terms(struct query_matcher *m, const struct step *step, unsigned zones,
		       const struct ranges *within, struct ranges *ret)
{
	const struct step *s = step + 1, *end = step + step->size;
	struct ranges all = {0}, r = {0};
	switch (step->op) {
	case OP_FIELD:
	case OP_NOT: return;
	case STEP_USE: find_terms(m, used(m, step), zones, within, ret); return;
	case OP_ATLEAST: find_terms(m, s, zones, within, ret); return;
	case OP_ZONE: find_terms(m, s, step->zone, within, ret); return;
	case OP_AND:
	case OP_OR:
		for (; s < end && ret->n < QUERY_RANGES; s += s->size)
			if (step->op == OP_AND || within || is_leaf(s) || step_holds(m, s, zones))
				find_terms(m, s, zones, within, ret);
		return;
	default: break;
	}
	find_ranges(m, step, zones, &all, within ? SIZE_MAX : QUERY_SPANS);
	for (size_t i = 0; i < all.n && r.n < QUERY_SPANS; i++)
		if (!within || inside(all.at[i], within))
			ranges_add(m, &r, all.at[i].first, all.at[i].last);
	if (is_leaf(step)) {
		for (size_t i = 0; i < r.n; i++)
			ranges_add(m, ret, r.at[i].first, r.at[i].last);
		return;
	}
	if (r.n == 0)
		return;
	find_terms(m, s, zones, &r, ret);
	if (step->op != OP_NOT_NEAR && step->op != OP_NOT_SENTENCE)
		find_terms(m, s + s->size, zones, &r, ret);
}

static void spans_of(struct query_matcher *m, size_t query, struct query_match *match)
{
	struct ranges r = {0};
	matcher_turn(m, query);
	find_terms(m, program_of(m, query), ZONE_POST, NULL, &r);
	ranges_settle(&r);
	match->n_spans = r.n < QUERY_SPANS ? r.n : QUERY_SPANS;
	match->spans = arena_alloc(m->arena, (match->n_spans + 1) * sizeof *match->spans);
	for (size_t i = 0; i < match->n_spans; i++)
		match->spans[i] =
		    (struct query_span){.title = r.at[i].first >> ZONE_SHIFT == 0,
					.start = placed(m, r.at[i].first)->token->start,
					.end = placed(m, r.at[i].last)->token->end};
}

static bool has_targets(const struct query_matcher *m)
{
	return m->set->n_all > m->set->n && m->post->judge;
}

/* Those targets that stand there, among the candidates behind the queries: the first ones of the set, so that
 * it does not depend on where they were looked for. */
static void judge_targets(struct query_matcher *m)
{
	const struct query_set *set = m->set;
	for (size_t i = 0; i < m->n_candidates && m->n_targets < QUERY_TARGETS; i++) {
		struct query_match places;
		uint32_t target = m->candidates[i];
		if (target < set->n || !matches(m, target))
			continue;
		spans_of(m, target, &places);
		if (places.n_spans == 0)
			continue;
		m->target_of[m->n_targets] = target - (uint32_t)set->n;
		m->targets[m->n_targets++] =
		    (struct query_target){places.spans, places.n_spans, POST_TONALITY_NULL};
	}
	if (m->n_targets)
		m->post->judge(m->post->arg, m->targets, m->n_targets);
}

void query_cut(const struct post *post, struct query_words *ret, struct arena *arena)
{
	tokens_cut(&ret->title, post->title, NULL, 0, arena);
	tokens_cut(&ret->text, post->text, post->quotes, post->n_quotes, arena);
}

struct query_post query_post_of(const struct post *post, const struct analysis *analysis,
				const struct query_words *words)
{
	return (struct query_post){.post = post,
				   .analysis = analysis,
				   .title = &words->title,
				   .text = &words->text,
				   .lang = post_lang(post, analysis)};
}

size_t query_match(struct query_matcher *m, const struct query_post *p, struct arena *arena,
		   struct query_match **ret)
{
	const struct query_set *set = m->set;
	if (m->posts++ == m->count_at)
		matcher_count(m);
	matcher_begin(m, p, arena);
	matcher_choose(m);
	if (has_targets(m))
		judge_targets(m);
	size_t n = 0;
	for (size_t i = 0; i < m->n_candidates && m->candidates[i] < set->n; i++) {
		uint32_t query = m->candidates[i];
		m->looked_at++;
		m->queries[query].looks++;
		if (matches(m, query))
			m->candidates[n++] = query;
	}
	*ret = arena_alloc(arena, (n + 1) * sizeof **ret);
	for (size_t i = 0; i < n; i++) {
		(*ret)[i] = (struct query_match){.query = m->candidates[i],
						 .target = target_there(m, m->candidates[i])};
		spans_of(m, m->candidates[i], &(*ret)[i]);
	}
	return n;
}

void matcher_begin_one(struct query_matcher *m, const struct query_post *p, struct arena *arena)
{
	matcher_begin(m, p, arena);
	if (!has_targets(m))
		return;
	matcher_choose(m);
	judge_targets(m);
}

bool query_holds(struct query_matcher *m, size_t i, const struct query_post *p, struct arena *arena)
{
	must(i < m->set->n);
	matcher_begin_one(m, p, arena);
	return matches(m, i);
}
