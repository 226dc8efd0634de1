/*
 * near.c: ranges of places, and those of proximity expressions.
 */
#include <stdlib.h>
#include <string.h>

#include "common/query/matcher.h"

void ranges_add(struct query_matcher *m, struct ranges *r, uint32_t first, uint32_t last)
{
	m->work++;
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 8;
		struct range *more = arena_alloc(m->scratch, room * sizeof *more);
		if (r->n)
			memcpy(more, r->at, r->n * sizeof *more);
		r->at = more;
		r->room = room;
	}
	r->at[r->n++] = (struct range){first, last};
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

void ranges_settle(struct ranges *r)
{
	bool sorted = true;
	for (size_t i = 1; i < r->n && sorted; i++)
		sorted = by_first(&r->at[i - 1], &r->at[i]) < 0;
	if (sorted)
		return;
	qsort(r->at, r->n, sizeof *r->at, by_first);
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (n == 0 || by_first(&r->at[n - 1], &r->at[i]) != 0)
			r->at[n++] = r->at[i];
	r->n = n;
}

/* ---- operators ------------------------------------------------------------------------------- */

/* The first of r (by first) that begins at `first` or later. */
static size_t from_first(const struct ranges *r, uint32_t first)
{
	size_t low = 0, high = r->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (r->at[mid].first < first)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* a, then b, at most n apart. */
static void ordered(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
		    uint32_t n, struct ranges *ret, size_t enough)
{
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		for (size_t k = from_first(b, x.last + 1); k < b->n && ret->n < enough; k++) {
			struct range y = b->at[k];
			if (y.first - x.last > n || m->work > QUERY_WORK)
				break;
			ranges_add(m, ret, x.first, y.last);
		}
	}
}

/* Both in one sentence, not overlapping. */
static void in_sentence(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
			struct ranges *ret, size_t enough)
{
	size_t from = 0;
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		uint32_t sentence = sentence_of(m, x.first);
		if (sentence_of(m, x.last) != sentence)
			continue;
		while (from < b->n && sentence_of(m, b->at[from].first) < sentence)
			from++;
		for (size_t k = from; k < b->n && ret->n < enough; k++) {
			struct range y = b->at[k];
			if (sentence_of(m, y.first) != sentence || m->work++ > QUERY_WORK)
				break;
			if (sentence_of(m, y.last) != sentence ||
			    (y.first <= x.last && x.first <= y.last))
				continue;
			ranges_add(m, ret, x.first < y.first ? x.first : y.first,
				   x.last > y.last ? x.last : y.last);
		}
	}
}

/* How far ranges up to each reach: the two that reach furthest, because one may be the very same. */
struct reach {
	struct range most, second; /* first 1, last 0: none */
};

static struct reach *reaches(struct query_matcher *m, const struct ranges *b)
{
	const struct range none = {1, 0};
	struct reach *reach = arena_alloc(m->scratch, (b->n + 1) * sizeof *reach);
	reach[0] = (struct reach){none, none};
	for (size_t i = 0; i < b->n; i++) {
		reach[i + 1] = reach[i];
		if (b->at[i].last >= reach[i].most.last)
			reach[i + 1] = (struct reach){b->at[i], reach[i].most};
		else if (b->at[i].last >= reach[i].second.last)
			reach[i + 1].second = b->at[i];
	}
	return reach;
}

/* Is there a b, not the very same, that begins before `end` and reaches `start`? */
static bool touched(const struct ranges *b, const struct reach *reach, struct range x,
		    uint32_t start, uint32_t end)
{
	const struct reach *r = &reach[from_first(b, end)];
	bool same = r->most.first == x.first && r->most.last == x.last;
	struct range far = same ? r->second : r->most;
	return far.first <= far.last && far.last >= start;
}

static void without_near(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
			 uint32_t n, struct ranges *ret, size_t enough)
{
	const struct reach *reach = reaches(m, b);
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		if (!touched(b, reach, x, x.first > n ? x.first - n : 0, x.last + n + 1))
			ranges_add(m, ret, x.first, x.last);
	}
}

/* The place of the first word, in the zone of `place`, of that sentence or a later one. */
static uint32_t sentence_begin(const struct query_matcher *m, uint32_t place, uint32_t sentence)
{
	uint32_t zone = place >> ZONE_SHIFT << ZONE_SHIFT, low = 1;
	uint32_t high = m->zones[place >> ZONE_SHIFT].n + 1;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (sentence_of(m, zone | mid) < sentence)
			low = mid + 1;
		else
			high = mid;
	}
	return zone | low;
}

static void without_in_sentence(struct query_matcher *m, const struct ranges *a,
				const struct ranges *b, struct ranges *ret, size_t enough)
{
	const struct reach *reach = reaches(m, b);
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		uint32_t start = sentence_begin(m, x.first, sentence_of(m, x.first));
		uint32_t end = sentence_begin(m, x.last, sentence_of(m, x.last) + 1);
		if (!touched(b, reach, x, start, end))
			ranges_add(m, ret, x.first, x.last);
	}
}

void near_find(struct query_matcher *m, const struct step *step, const struct ranges *a,
	       const struct ranges *b, struct ranges *ret, size_t enough)
{
	switch (step->op) {
	case OP_NEAR:
		ordered(m, a, b, step->number, ret, enough);
		ordered(m, b, a, step->number, ret, enough);
		break;
	case OP_ONEAR: ordered(m, a, b, step->number, ret, enough); break;
	case OP_SENTENCE: in_sentence(m, a, b, ret, enough); break;
	case OP_NOT_NEAR: without_near(m, a, b, step->number, ret, enough); break;
	default: without_in_sentence(m, a, b, ret, enough);
	}
}
