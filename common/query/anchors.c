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
#include "common/query/spell.h"

struct counting {
	const uint32_t *counts; /* NULL: guess */
	uint64_t posts;
	uint32_t *guesses; /* by element */
	uint64_t *defined; /* costs by node.defined, 0: not known yet */
};

/* The commonest words of German and English, folded. */
static bool is_small_word(struct str s)
{
	static const char *const words[] = {
	    "der",   "die",  "das",  "den", "dem",  "des",   "ein", "eine", "und",  "oder",
	    "nicht", "ist",  "sind", "war", "hat",  "ich",   "du",  "er",   "sie",  "es",
	    "wir",   "ihr",  "in",   "im",  "an",   "am",    "auf", "aus",  "bei",  "mit",
	    "nach",  "von",  "vom",  "zu",  "zum",  "zur",   "so",  "wie",  "was",  "wenn",
	    "auch",  "noch", "nur",  "mal", "the",  "a",     "and", "or",   "not",  "is",
	    "are",   "be",   "have", "i",   "you",  "he",    "she", "it",   "we",   "they",
	    "my",    "your", "of",   "to",  "on",   "at",    "for", "with", "from", "by",
	    "this",  "that", "as",   "but", "mein", "meine", "mir", "mich", "sich", "dass",
	    "fuer",  "ueber"};
	enum { LONGEST = 5 };
	for (size_t i = 0; s.n && s.n <= LONGEST && i < ARRAY_LEN(words); i++)
		if (words[i][0] == s.p[0] && str_is(s, words[i]))
			return true;
	return false;
}

/* Posts in a million in which it is expected, by its length. */
static uint64_t guess(const struct element *e)
{
	size_t n = e->key.n, letters = 0;
	switch (e->kind) {
	case ELEMENT_WORD:
		if (is_small_word(e->key))
			return 300000;
		break;
	case ELEMENT_ANY: return 1000000;
	case ELEMENT_GLOB:
	case ELEMENT_GLOB_TAG:
	case ELEMENT_GLOB_NAME:
		letters = spell_letters(e->key);
		return letters < 2 ? 900000 : letters < 10 ? 400000 >> letters : 400;
	case ELEMENT_PART: return n < 12 ? 200000 >> n / 2 : 1000;
	case ELEMENT_LINK: return 300;
	case ELEMENT_STEM: n = e->written.n; break;
	default: break;
	}
	return n < 2 ? 300000 : n < 11 ? 300000 >> n : 100;
}

static uint64_t common(const struct counting *c, const struct element *e)
{
	uint64_t guessed = c->guesses[e->number];
	if (!c->counts || e->kind == ELEMENT_ANY)
		return guessed;
	/* of what was not seen, longer words are rarer still */
	return 1 + (uint64_t)c->counts[e->number] * 1000000 / c->posts + guessed / 10000;
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

static uint64_t cost_of(const struct counting *c, const struct node *node);

static uint64_t cost_anew(const struct counting *c, const struct node *node)
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

/* Of an operand that must hold; UINT64_MAX: it has no anchor. */
static uint64_t cost_of(const struct counting *c, const struct node *node)
{
	uint64_t *kept = node->defined ? &c->defined[node->defined] : NULL;
	uint64_t cost = kept && *kept ? *kept : cost_anew(c, node);
	if (kept)
		*kept = cost;
	return cost;
}

/* ---- clauses --------------------------------------------------------------------------------- */

/* One of its elements must be in the post: an element of a row, or those of a node. */
struct clause {
	uint64_t cost;
	const struct element *element; /* or NULL: the anchor of `node` */
	const struct node *node;
};

enum { CLAUSES = 32 /* more are not looked at */ };

struct clauses {
	struct clause at[CLAUSES];
	size_t n;
};

static void add_clause(struct clauses *all, struct clause clause)
{
	if (all->n < CLAUSES && clause.cost != UINT64_MAX)
		all->at[all->n++] = clause;
}

static void clauses_of(const struct counting *c, const struct node *node, struct clauses *all)
{
	const struct term *term = node->term;
	switch (node->op) {
	case OP_FIELD:
	case OP_NOT: return;
	case OP_TERM:
		if (term->n_rows > 1)
			break;
		for (uint32_t i = 0; i < term->rows[0].n; i++)
			if (term->rows[0].at[i].kind != ELEMENT_ANY)
				add_clause(all, (struct clause){common(c, &term->rows[0].at[i]),
								&term->rows[0].at[i], NULL});
		return;
	case OP_OR: break;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST:
	case OP_ZONE: clauses_of(c, node->of[0], all); return;
	default:
		for (uint32_t i = 0; i < node->n_of; i++)
			clauses_of(c, node->of[i], all);
		return;
	}
	add_clause(all, (struct clause){cost_of(c, node), NULL, node});
}

/* ---- the index --------------------------------------------------------------------------------- */

struct pairs {
	struct pair {
		uint32_t element;
		struct anchored anchored;
	} * at;
	size_t n, room;
	struct anchored anchored; /* of the query in hand */
};

static void take(struct pairs *pairs, uint32_t element)
{
	if (pairs->n == pairs->room) {
		pairs->room = pairs->room ? 2 * pairs->room : 1024;
		pairs->at = xrealloc(pairs->at, pairs->room * sizeof *pairs->at);
	}
	pairs->at[pairs->n++] = (struct pair){element, pairs->anchored};
}

/* The elements of the anchor of a term or OR group that has one; the same into `few`, if given, of which
 * there are at most two: false where there are more. */
static bool anchor_of(const struct counting *c, const struct node *node, struct pairs *pairs,
		      uint32_t *few)
{
	struct clauses all = {.n = 0};
	if (node->op == OP_TERM) {
		for (uint32_t i = 0; i < node->term->n_rows; i++) {
			uint32_t number = rarest(c, &node->term->rows[i])->number;
			if (!few)
				take(pairs, number);
			else if (few[0] == ANCHOR_NONE || few[1] == ANCHOR_NONE)
				few[few[0] != ANCHOR_NONE] = number;
			else
				return false;
		}
		return true;
	}
	if (node->op == OP_OR) {
		for (uint32_t i = 0; i < node->n_of; i++)
			if (!anchor_of(c, node->of[i], pairs, few))
				return false;
		return true;
	}
	/* inside an OR group: the rarest clause of it */
	clauses_of(c, node, &all);
	const struct clause *best = &all.at[0];
	for (size_t i = 1; i < all.n; i++)
		if (all.at[i].cost < best->cost)
			best = &all.at[i];
	if (!best->element)
		return anchor_of(c, best->node, pairs, few);
	if (!few) {
		take(pairs, best->element->number);
		return true;
	}
	if (few[0] != ANCHOR_NONE && few[1] != ANCHOR_NONE)
		return false;
	few[few[0] != ANCHOR_NONE] = best->element->number;
	return true;
}

/* Puts the query under its rarest clause, and says what else must be there: the next rarest of one or two
 * elements.  False: it has no clause. */
static bool put(const struct counting *c, const struct node *node, struct pairs *pairs)
{
	struct clauses all = {.n = 0};
	clauses_of(c, node, &all);
	if (all.n == 0)
		return false;
	size_t best = 0;
	for (size_t i = 1; i < all.n; i++)
		if (all.at[i].cost < all.at[best].cost)
			best = i;
	uint64_t least = UINT64_MAX;
	uint32_t *second = pairs->anchored.second;
	second[0] = second[1] = ANCHOR_NONE;
	for (size_t i = 0; i < all.n; i++) {
		uint32_t few[2] = {ANCHOR_NONE, ANCHOR_NONE};
		if (i == best || all.at[i].cost >= least)
			continue;
		if (all.at[i].element)
			few[0] = all.at[i].element->number;
		else if (!anchor_of(c, all.at[i].node, NULL, few))
			continue;
		least = all.at[i].cost;
		second[0] = few[0];
		second[1] = few[1];
	}
	if (all.at[best].element)
		take(pairs, all.at[best].element->number);
	else
		(void)anchor_of(c, all.at[best].node, pairs, NULL);
	return true;
}

void anchors_build(struct anchors *ret, const struct query_set *set, const uint32_t *counts,
		   uint64_t posts)
{
	const struct counting c = {counts, posts, xcalloc(set->n_elements + 1, sizeof *c.guesses),
				   xcalloc(set->program.n_defined, sizeof *c.defined)};
	struct pairs pairs = {0};
	for (size_t e = 0; e < set->n_elements; e++)
		c.guesses[e] = (uint32_t)guess(&set->elements[e]);
	*ret = (struct anchors){.always = xcalloc(set->n_all + 1, sizeof *ret->always),
				.costs = xcalloc(set->n_all + 1, sizeof *ret->costs)};
	for (size_t i = 0; i < set->n_all; i++) {
		pairs.anchored.query = (uint32_t)i;
		ret->costs[i] = cost_of(&c, set->queries[i].node);
		if (ret->costs[i] == UINT64_MAX || !put(&c, set->queries[i].node, &pairs))
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
		ret->queries[ret->from[pairs.at[i].element + 1]++] = pairs.at[i].anchored;
	free(pairs.at);
	free(c.guesses);
	free(c.defined);
}

void anchors_done(struct anchors *anchors)
{
	free(anchors->from);
	free(anchors->queries);
	free(anchors->always);
	free(anchors->costs);
}
