/*
 * matcher.h: the inside of a matcher: what is known of the post in hand, between matcher.c (which words stand
 * where), find.c and near.c (where expressions stand), eval.c and why.c.  Private to common/query.
 *
 * A place is the position of a word in its zone, with the zone in the upper bits: places of different zones
 * are further apart than any distance.  What a term or a proximity expression finds is a list of ranges,
 * sorted and without doubles; what only has to be true stops at the first.
 */
#ifndef COMMON_QUERY_MATCHER_H
#define COMMON_QUERY_MATCHER_H

#include "common/query/field.h"
#include "common/query/set.h"

enum {
	ZONES = 3, /* title, text, quotes */
	ZONE_SHIFT = 30,
	PRESENT = 8192
};

/* A word of the post. */
struct placed {
	const struct token *token;
	uint32_t first_found, n_found; /* of query_matcher.found */
};

struct zone {
	struct str text;
	struct placed *at; /* at[position - 1] */
	uint32_t n;
};

/* Where an element stands: a chain through query_matcher.seen.  With what else is asked of an element that is
 * met, in half a cache line. */
struct element_state {
	uint32_t stamp, first, last, n;
	uint32_t from, n_under; /* of anchors->queries */
	uint32_t posts;         /* in which it stood */
	uint32_t unused;
};

struct query_state {
	uint32_t stamp; /* the post for which it is a candidate */
	uint32_t program;
	uint64_t looks;
};

struct seen {
	uint32_t place, next; /* 0: the last */
};

struct range {
	uint32_t first, last; /* places */
};

struct ranges {
	struct range *at;
	size_t n, room;
};

struct query_matcher {
	const struct query_set *set;
	struct lookup_memory *memory;
	struct element_state *states;
	struct query_state *queries;
	uint32_t stamp;
	uint64_t looked_at, given_up;
	const struct anchors *anchors; /* of the set, later `counted` */
	struct anchors counted;
	uint64_t posts, count_at;
	struct arena *scratch; /* of the expression in hand; QUERY_WORK bounds it */
	/* of the post in hand */
	struct arena *arena;
	const struct query_post *post;
	struct field_post fields;
	struct zone zones[ZONES];
	uint32_t *found; /* element numbers of all words, one after the other */
	size_t n_found, room_found;
	struct seen *seen; /* seen[0] is unused */
	size_t n_seen, room_seen;
	uint64_t present[PRESENT / 64]; /* a bit for some elements each */
	struct stretch {
		uint32_t from, n; /* of anchors->queries */
	} * stretches;
	size_t n_stretches, room_stretches;
	uint32_t *passed; /* candidates, perhaps more than once */
	size_t n_passed, room_passed;
	uint32_t *candidates;
	size_t n_candidates;
	struct query_target targets[QUERY_TARGETS]; /* that stand there */
	uint32_t target_of[QUERY_TARGETS];          /* which of the set's these are */
	size_t n_targets;
	uint64_t work;           /* ranges that the query in hand made so far */
	struct str exact[ZONES]; /* for raw terms; p NULL: not made yet */
	size_t *exact_from[ZONES];
};

/* Perhaps: some elements share a bit. */
static inline bool present(const struct query_matcher *m, uint32_t element)
{
	return m->present[element % PRESENT / 64] >> element % 64 & 1;
}

/* What a STEP_USE stands for. */
static inline const struct step *used(const struct query_matcher *m, const struct step *step)
{
	return &m->set->program.steps[step->number];
}

static inline const struct step *program_of(const struct query_matcher *m, size_t query)
{
	return &m->set->program.steps[m->queries[query].program];
}

static inline const struct placed *placed(const struct query_matcher *m, uint32_t place)
{
	if (place >> ZONE_SHIFT >= ZONES) /* before the first word of the title */
		return NULL;
	const struct zone *zone = &m->zones[place >> ZONE_SHIFT];
	uint32_t position = place & ((1u << ZONE_SHIFT) - 1);
	return position >= 1 && position <= zone->n ? &zone->at[position - 1] : NULL;
}

/* Of a place that there is: its zone and sentence as one number. */
static inline uint32_t sentence_of(const struct query_matcher *m, uint32_t place)
{
	return (place >> ZONE_SHIFT) << ZONE_SHIFT | placed(m, place)->token->sentence;
}

/* ---- matcher.c ---- */

/* Looks up the words of the post. */
void matcher_begin(struct query_matcher *m, const struct query_post *p, struct arena *arena);
/* Then: what may match, into m->candidates in their order. */
void matcher_choose(struct query_matcher *m);
/* Queries are put under what turned out to be rare: after some posts, and again after ten times as many. */
void matcher_count(struct query_matcher *m);

/* ---- near.c ---- */

void ranges_add(struct query_matcher *m, struct ranges *r, uint32_t first, uint32_t last);
/* Sorted by their first places, each once. */
void ranges_settle(struct ranges *r);
/* Where a proximity expression stands whose operands stand at a and b; it may stop after `enough`. */
void near_find(struct query_matcher *m, const struct step *step, const struct ranges *a,
	       const struct ranges *b, struct ranges *ret, size_t enough);

/* ---- find.c ---- */

/* Where a term, an OR of terms or a proximity expression stands, sorted; it may stop after `enough`.  zones: bits
 * of enum query_zone. */
void find_ranges(struct query_matcher *m, const struct step *step, unsigned zones,
		 struct ranges *ret, size_t enough);

/* ---- eval.c ---- */

/* What `target:` asks for; no work yet, and what was found for others is forgotten. */
void matcher_turn(struct query_matcher *m, size_t query);
bool step_holds(struct query_matcher *m, const struct step *step, unsigned zones);
/* For one query, whatever its index says. */
void matcher_begin_one(struct query_matcher *m, const struct query_post *p, struct arena *arena);

#endif
