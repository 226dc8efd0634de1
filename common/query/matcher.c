/*
 * matcher.c: which elements of all queries stand in a post, where, and which queries it could match.
 */
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/matcher.h"

enum {
	FIRST_COUNT = 1000, /* posts after which elements are counted */
	LAST_COUNT = 100000,
	AHEAD = 4 /* words */
};

static void use_anchors(struct query_matcher *m, const struct anchors *anchors)
{
	m->anchors = anchors;
	for (size_t e = 0; e < m->set->n_elements; e++) {
		m->states[e].from = anchors->from[e];
		m->states[e].n_under = anchors->from[e + 1] - anchors->from[e];
	}
}

struct query_matcher *query_matcher_create(const struct query_set *set)
{
	struct query_matcher *m = xcalloc(1, sizeof *m);
	must(set->compiled);
	m->set = set;
	m->scratch = arena_create(SIZE_MAX / 4);
	m->memory = lookup_memory_create(set->lookup);
	m->states = xcalloc(set->n_elements + 1, sizeof *m->states);
	m->queries = xcalloc(set->n_all + 1, sizeof *m->queries);
	for (size_t i = 0; i < set->n_all; i++)
		m->queries[i].program = set->programs[i];
	m->candidates = xcalloc(set->n_all + 1, sizeof *m->candidates);
	use_anchors(m, &set->anchors);
	m->count_at = FIRST_COUNT;
	m->room_found = m->room_seen = m->room_stretches = m->room_passed = 1024;
	m->passed = xcalloc(m->room_passed, sizeof *m->passed);
	m->stretches = xcalloc(m->room_stretches, sizeof *m->stretches);
	m->found = xcalloc(m->room_found, sizeof *m->found);
	m->seen = xcalloc(m->room_seen, sizeof *m->seen);
	return m;
}

void query_matcher_free(struct query_matcher *m)
{
	if (!m)
		return;
	lookup_memory_free(m->memory);
	arena_free(m->scratch);
	free(m->states);
	free(m->queries);
	free(m->candidates);
	free(m->stretches);
	free(m->passed);
	anchors_done(&m->counted);
	free(m->found);
	free(m->seen);
	free(m);
}

uint64_t query_looked_at(const struct query_matcher *m)
{
	return m->looked_at;
}

uint64_t query_looked_at_one(const struct query_matcher *m, size_t i)
{
	return m->queries[i].looks;
}

uint64_t query_given_up(const struct query_matcher *m)
{
	return m->given_up;
}

/* ---- the post's words ------------------------------------------------------------------------ */

/* The element is in the post: what is under it may match. */
static void candidates(struct query_matcher *m, uint32_t element)
{
	const struct element_state *state = &m->states[element];
	m->present[element % PRESENT / 64] |= UINT64_C(1) << element % 64;
	if (state->n_under == 0)
		return;
	if (m->n_stretches == m->room_stretches) {
		m->room_stretches *= 2;
		m->stretches = xrealloc(m->stretches, m->room_stretches * sizeof *m->stretches);
	}
	m->stretches[m->n_stretches++] = (struct stretch){state->from, state->n_under};
	__builtin_prefetch(&m->anchors->queries[state->from]);
}
static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void sort(uint32_t *at, size_t n)
{
	enum { FEW = 40 };
	if (n > FEW) {
		qsort(at, n, sizeof *at, by_number);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		uint32_t one = at[i];
		size_t k = i;
		for (; k > 0 && at[k - 1] > one; k--)
			at[k] = at[k - 1];
		at[k] = one;
	}
}

/* Of a query under an element that is there, what else must be there is there, too. */
static bool seconded(const struct query_matcher *m, const struct anchored *at)
{
	return at->second[0] == ANCHOR_NONE || present(m, at->second[0]) ||
	       (at->second[1] != ANCHOR_NONE && present(m, at->second[1]));
}

static void pass(struct query_matcher *m, uint32_t query)
{
	if (m->n_passed == m->room_passed) {
		m->room_passed *= 2;
		m->passed = xrealloc(m->passed, m->room_passed * sizeof *m->passed);
	}
	m->passed[m->n_passed++] = query;
	__builtin_prefetch(&m->queries[query], 1);
}

void matcher_choose(struct query_matcher *m)
{
	const struct anchors *a = m->anchors;
	m->n_passed = 0;
	for (size_t s = 0; s < m->n_stretches; s++) {
		const struct anchored *at = &a->queries[m->stretches[s].from];
		for (uint32_t i = 0; i < m->stretches[s].n; i++, at++)
			if (seconded(m, at))
				pass(m, at->query);
	}
	for (size_t i = 0; i < m->n_passed; i++) { /* each once */
		struct query_state *query = &m->queries[m->passed[i]];
		if (query->stamp == m->stamp)
			continue;
		query->stamp = m->stamp;
		__builtin_prefetch(&m->set->program.steps[query->program]);
		m->candidates[m->n_candidates++] = m->passed[i];
	}
	memcpy(m->candidates + m->n_candidates, a->always, a->n_always * sizeof *m->candidates);
	m->n_candidates += a->n_always;
	sort(m->candidates, m->n_candidates);
}

static void see(struct query_matcher *m, uint32_t element, uint32_t place)
{
	struct element_state *state = &m->states[element];
	if (m->n_seen + 1 >= m->room_seen) {
		m->room_seen *= 2;
		m->seen = xrealloc(m->seen, m->room_seen * sizeof *m->seen);
	}
	uint32_t at = (uint32_t)++m->n_seen;
	m->seen[at] = (struct seen){place, 0};
	if (state->stamp != m->stamp) {
		state->stamp = m->stamp;
		state->first = state->last = at;
		state->n = 1;
		state->posts++;
		candidates(m, element);
		return;
	}
	m->seen[state->last].next = at;
	state->last = at;
	state->n++;
}

static void take_word(struct query_matcher *m, int z, const struct token *t)
{
	struct zone *zone = &m->zones[z];
	size_t n;
	const uint32_t *elements = lookup_token(m->memory, zone->text, t, &n);
	if (m->n_found + n > m->room_found) {
		while (m->n_found + n > m->room_found)
			m->room_found *= 2;
		m->found = xrealloc(m->found, m->room_found * sizeof *m->found);
	}
	zone->at[zone->n++] = (struct placed){t, (uint32_t)m->n_found, (uint32_t)n};
	for (size_t i = 0; i < n; i++) {
		m->found[m->n_found++] = elements[i];
		__builtin_prefetch(&m->states[elements[i]], 1);
	}
}

static void take_text(struct query_matcher *m, int z, struct str text, const struct tokens *tokens)
{
	struct zone *zone = &m->zones[z];
	size_t n = tokens && m->set->n_elements ? tokens->n : 0; /* fields alone look at no word */
	*zone =
	    (struct zone){.text = text, .at = arena_alloc(m->arena, (n + 1) * sizeof *zone->at)};
	for (size_t i = 0; i < n; i++) {
		if (i + 2 * AHEAD < n)
			lookup_ahead_where(m->memory, &tokens->at[i + 2 * AHEAD]);
		if (i + AHEAD < n)
			lookup_ahead_what(m->memory, &tokens->at[i + AHEAD]);
		if (tokens->at[i].quoted == (z == 2))
			take_word(m, z, &tokens->at[i]);
	}
	for (uint32_t i = 0; i < zone->n; i++) {
		const struct placed *word = &zone->at[i];
		for (uint32_t k = 0; k < word->n_found; k++)
			see(m, m->found[word->first_found + k],
			    (uint32_t)z << ZONE_SHIFT | (i + 1));
	}
}

void matcher_begin(struct query_matcher *m, const struct query_post *p, struct arena *arena)
{
	if (++m->stamp == 0) { /* after four thousand million posts */
		for (size_t e = 0; e < m->set->n_elements; e++)
			m->states[e].stamp = 0;
		for (size_t i = 0; i < m->set->n_all; i++)
			m->queries[i].stamp = 0;
		m->stamp = 1;
	}
	m->arena = arena;
	m->post = p;
	m->fields =
	    (struct field_post){p->post, p->analysis, p->title, p->text, POST_TONALITY_NULL};
	m->n_found = m->n_seen = m->n_candidates = m->n_stretches = m->n_targets = 0;
	memset(m->present, 0, sizeof m->present);
	memset(m->exact, 0, sizeof m->exact);
	lookup_language(m->memory, p->lang);
	take_text(m, 0, p->post->title, p->title);
	take_text(m, 1, p->post->text, p->text);
	take_text(m, 2, p->post->text, m->set->zones & ZONE_QUOTE ? p->text : NULL);
}

void matcher_count(struct query_matcher *m)
{
	uint32_t *counts = xcalloc(m->set->n_elements + 1, sizeof *counts);
	for (size_t e = 0; e < m->set->n_elements; e++)
		counts[e] = m->states[e].posts;
	anchors_done(&m->counted);
	anchors_build(&m->counted, m->set, counts, m->posts);
	free(counts);
	use_anchors(m, &m->counted);
	m->count_at = m->count_at < LAST_COUNT ? m->count_at * 10 : UINT64_MAX;
}
