/*
 * anchors.c: which queries could a post match?
 *
 * An anchor is a set of elements of which at least one stands in every post that the query matches: of an
 * AND the anchor of the rarest operand, of an OR those of all operands, of NOT none.  How rare an element
 * is, is guessed from its length at first (what is short is common), and counted later.
 */
#include <stdlib.h>

#include "common/mem.h"

#include "common/query/set.h"

struct counting {
	const uint32_t *counts; /* NULL: guess */
	uint64_t posts;
};

/* Posts in a million in which it is expected, by its length. */
static uint64_t guess(const struct element *e)
{
	size_t n = e->key.n, letters = 0;
	switch (e->kind) {
	case ELEMENT_ANY: return 1000000;
	case ELEMENT_GLOB:
	case ELEMENT_GLOB_TAG:
	case ELEMENT_GLOB_NAME:
		for (size_t i = 0; i < n; i++)
			letters += e->key.p[i] != '*' && e->key.p[i] != '?';
		return letters < 2 ? 900000 : letters < 10 ? 400000 >> letters : 400;
	case ELEMENT_PART: return n < 12 ? 200000 >> n / 2 : 1000;
	case ELEMENT_LINK: return 300;
	case ELEMENT_STEM: n = e->written.n; break;
	default: break;
	}
	return n < 2 ? 300000 : n < 12 ? 600000 >> n : 100;
}

static uint64_t common(const struct counting *c, const struct element *e)
{
	if (!c->counts || e->kind == ELEMENT_ANY)
		return guess(e);
	/* of what was not seen, longer words are rarer still */
	return 1 + (uint64_t)c->counts[e->number] * 1000000 / c->posts + guess(e) / 10000;
}

static const struct element *rarest(const struct counting *c, const struct row *row)
{
	const struct element *best = &row->at[0];
	uint64_t least = common(c, best);
	for (uint32_t k = 1; k < row->n; k++) {
		uint64_t one = common(c, &row->at[k]);
		if (one < least) {
			least = one;
			best = &row->at[k];
		}
	}
	return best;
}

/* Of an operand that must hold; UINT64_MAX: it has no anchor. */
static uint64_t cost_of(const struct counting *c, const struct node *node)
{
	uint64_t cost = 0, best = UINT64_MAX;
	switch (node->op) {
	case OP_TERM:
		for (uint32_t i = 0; i < node->term->n_rows; i++)
			cost += common(c, rarest(c, &node->term->rows[i]));
		return cost;
	case OP_FIELD:
	case OP_NOT: return UINT64_MAX;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++) {
			uint64_t one = cost_of(c, node->of[i]);
			if (one == UINT64_MAX)
				return one;
			cost += one;
		}
		return cost;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST:
	case OP_ZONE: return cost_of(c, node->of[0]);
	default:
		for (uint32_t i = 0; i < node->n_of; i++) {
			uint64_t one = cost_of(c, node->of[i]);
			best = one < best ? one : best;
		}
		return best;
	}
}

uint64_t query_common(const struct query_set *set, size_t i)
{
	const struct counting c = {NULL, 0};
	return cost_of(&c, set->queries[i].node);
}

struct pairs {
	struct pair {
		uint32_t element, query;
	} * at;
	size_t n, room;
	uint32_t query;
};

static void take(struct pairs *pairs, uint32_t element)
{
	if (pairs->n == pairs->room) {
		pairs->room = pairs->room ? 2 * pairs->room : 1024;
		pairs->at = xrealloc(pairs->at, pairs->room * sizeof *pairs->at);
	}
	pairs->at[pairs->n++] = (struct pair){element, pairs->query};
}

/* The elements of the anchor of a node that has one. */
static void anchors_of(const struct counting *c, const struct node *node, struct pairs *pairs)
{
	const struct node *best = NULL;
	uint64_t least = UINT64_MAX;
	switch (node->op) {
	case OP_TERM:
		for (uint32_t i = 0; i < node->term->n_rows; i++)
			take(pairs, rarest(c, &node->term->rows[i])->number);
		return;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++)
			anchors_of(c, node->of[i], pairs);
		return;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST:
	case OP_ZONE: anchors_of(c, node->of[0], pairs); return;
	default: break;
	}
	for (uint32_t i = 0; i < node->n_of; i++) {
		uint64_t cost = cost_of(c, node->of[i]);
		if (!best || cost < least) {
			best = node->of[i];
			least = cost;
		}
	}
	anchors_of(c, best, pairs);
}

void anchors_build(struct anchors *ret, const struct query_set *set, const uint32_t *counts,
		   uint64_t posts)
{
	const struct counting c = {counts, posts};
	struct pairs pairs = {0};
	*ret = (struct anchors){.always = xcalloc(set->n + 1, sizeof *ret->always)};
	for (size_t i = 0; i < set->n; i++) {
		pairs.query = (uint32_t)i;
		if (cost_of(&c, set->queries[i].node) != UINT64_MAX)
			anchors_of(&c, set->queries[i].node, &pairs);
		else
			ret->always[ret->n_always++] = (uint32_t)i;
	}
	/* a row per element, by counting */
	ret->from = xcalloc(set->n_elements + 2, sizeof *ret->from);
	ret->queries = xcalloc(pairs.n + 1, sizeof *ret->queries);
	for (size_t i = 0; i < pairs.n; i++)
		ret->from[pairs.at[i].element + 2]++;
	for (size_t e = 2; e < set->n_elements + 2; e++)
		ret->from[e] += ret->from[e - 1];
	for (size_t i = 0; i < pairs.n; i++)
		ret->queries[ret->from[pairs.at[i].element + 1]++] = pairs.at[i].query;
	free(pairs.at);
}

void anchors_done(struct anchors *anchors)
{
	free(anchors->from);
	free(anchors->queries);
	free(anchors->always);
}
