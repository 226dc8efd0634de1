/*
 * set.c: queries are parsed, their elements numbered, each query put under its anchor.
 *
 * An anchor is a set of elements of which at least one stands in every post that the query matches: of an
 * AND the anchor of the rarest operand, of an OR those of all operands, of NOT none.  How rare an element
 * is, is guessed from its length: what is short is common.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"

#include "common/query/field.h"
#include "common/query/parse.h"
#include "common/query/part.h"
#include "common/query/set.h"

struct query_set *query_set_create(void)
{
	struct query_set *set = xcalloc(1, sizeof *set);
	set->arena = arena_create(SIZE_MAX / 4);
	return set;
}

void query_prepare(void)
{
	struct arena *arena = arena_create(64 * KiB);
	struct tokens tokens;
	tokens_cut(&tokens, STR("am 3. Mai usw. z. B."), NULL, 0, arena);
	(void)part_in(STR("briefpost"), STR("post"), PART_ANYWHERE);
	arena_free(arena);
}

void query_set_free(struct query_set *set)
{
	if (!set)
		return;
	lookup_free(set->lookup);
	free(set->queries);
	free(set->defines);
	free(set->elements);
	free(set->anchored_from);
	free(set->anchored);
	free(set->always);
	arena_free(set->arena);
	free(set);
}

struct query_define *names_find(const struct query_names *names, struct str name)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (str_eq(names->at[i].name, name))
			return &names->at[i];
	return NULL;
}

const struct query_list *names_list(const struct query_names *names, struct str name)
{
	const struct query_define *define = names_find(names, name);
	return define ? define->list : NULL;
}

static struct node *parse(struct query_set *set, struct str text,
			  const struct query_options *options, size_t *ret_terms, struct error *err)
{
	struct query_names names = {.at = set->defines, .n = set->n_defines};
	struct reader r = {.text = arena_str(set->arena, text),
			   .arena = set->arena,
			   .err = err,
			   .name = options && options->said ? options->said : "query",
			   .names = &names};
	struct node *node = query_tree(&r, options && options->allow_all);
	*ret_terms = r.n_terms;
	return node;
}

static struct query_define *define_new(struct query_set *set, const char *name)
{
	set->defines = xrealloc(set->defines, (set->n_defines + 1) * sizeof *set->defines);
	struct query_define *define = &set->defines[set->n_defines++];
	*define = (struct query_define){.name = arena_str(set->arena, str_of(name))};
	return define;
}

int query_set_define(struct query_set *set, const char *name, struct str expression,
		     struct error *err)
{
	struct query_options options = {.allow_all = true};
	size_t n;
	struct node *node = parse(set, expression, &options, &n, err);
	if (!node)
		return -1;
	struct query_define *define = define_new(set, name);
	define->node = node;
	define->n_terms = n;
	return 0;
}

int query_set_list(struct query_set *set, const char *name, const struct str *values, size_t n,
		   struct error *err)
{
	if (n == 0)
		return error_set(err, "expected a value in the list \"%s\"", name);
	struct query_list *list = arena_alloc(set->arena, sizeof *list);
	list->at = arena_alloc(set->arena, n * sizeof *list->at);
	list->n = n;
	for (size_t i = 0; i < n; i++)
		list->at[i] = arena_str(set->arena, values[i]);
	define_new(set, name)->list = list;
	return 0;
}

/* from and until become one more condition. */
static int dated(struct query_set *set, struct node **node, const struct query_options *options,
		 struct error *err)
{
	struct query_options said = {.said = "from, until"};
	size_t n;
	if (!options || (!options->from && !options->until))
		return 0;
	char *text = arena_printf(set->arena, "created:%s..%s", options->from ? options->from : "",
				  options->until ? options->until : "");
	struct node *when = parse(set, str_of(text), &said, &n, err);
	if (!when)
		return -1;
	struct node *both = arena_alloc(set->arena, sizeof *both);
	*both = **node;
	both->op = OP_AND;
	both->number = 0;
	both->joined = false;
	both->of = arena_alloc(set->arena, 2 * sizeof *both->of);
	both->n_of = 2;
	both->of[0] = *node;
	both->of[1] = when;
	*node = both;
	return 0;
}

int query_set_add(struct query_set *set, const char *name, struct str text,
		  const struct query_options *options, struct error *err)
{
	size_t n;
	must(!set->compiled);
	struct node *node = parse(set, text, options, &n, err);
	if (!node || dated(set, &node, options, err))
		return -1;
	if (set->n == set->room) {
		set->room = set->room ? 2 * set->room : 16;
		set->queries = xrealloc(set->queries, set->room * sizeof *set->queries);
	}
	set->queries[set->n++] = (struct query){.name = arena_z(set->arena, str_of(name)),
						.text = arena_str(set->arena, text),
						.node = node};
	return 0;
}

int query_set_target(struct query_set *set, size_t i, struct str text, struct error *err)
{
	struct query_options options = {.said = "targets"};
	size_t n;
	must(i < set->n && !set->compiled);
	set->queries[i].target = parse(set, text, &options, &n, err);
	return set->queries[i].target ? 0 : -1;
}

size_t query_set_n(const struct query_set *set)
{
	return set->n;
}

const char *query_set_name(const struct query_set *set, size_t i)
{
	return set->queries[i].name;
}

bool query_set_reads_words(const struct query_set *set)
{
	return set->reads_words;
}

size_t query_set_find(const struct query_set *set, const char *name)
{
	size_t i = 0;
	while (i < set->n && strcmp(set->queries[i].name, name) != 0)
		i++;
	return i;
}

size_t query_set_bytes(const struct query_set *set)
{
	return arena_used(set->arena) + set->room * sizeof *set->queries +
	       set->n_elements * (sizeof *set->elements + sizeof *set->anchored_from) +
	       (set->lookup ? lookup_bytes(set->lookup) : 0);
}

/* ---- elements get numbers -------------------------------------------------------------------- */

struct numbering {
	struct query_set *set;
	size_t room;
	uint32_t *slots; /* 1 + number, by hash */
	size_t mask;
};

static bool same_element(const struct element *a, const struct element *b)
{
	return a->kind == b->kind && a->place == b->place && str_eq(a->key, b->key) &&
	       str_eq(a->written, b->written);
}

static uint64_t element_hash(const struct element *e)
{
	return hash_mix(hash_word(e->key) * 3 + hash_word(e->written) + (uint64_t)e->kind * 64 +
			e->place);
}

static void grow_slots(struct numbering *n)
{
	free(n->slots);
	n->mask = n->mask * 2 + 1;
	n->slots = xcalloc(n->mask + 1, sizeof *n->slots);
	for (size_t k = 0; k < n->set->n_elements; k++) {
		size_t i = element_hash(&n->set->elements[k]) & n->mask;
		while (n->slots[i])
			i = (i + 1) & n->mask;
		n->slots[i] = (uint32_t)k + 1;
	}
}

static void number(struct numbering *n, struct element *e)
{
	struct query_set *set = n->set;
	if (e->kind == ELEMENT_WORD || e->kind == ELEMENT_TAG || e->kind == ELEMENT_NAME ||
	    e->kind == ELEMENT_EMOJI || e->kind == ELEMENT_PART || e->kind == ELEMENT_LOOSE)
		e->written = STR_NULL; /* the key says all */
	if (e->kind == ELEMENT_STEM)
		e->key = STR_NULL;
	if (2 * set->n_elements >= n->mask)
		grow_slots(n);
	size_t i = element_hash(e) & n->mask;
	while (n->slots[i] && !same_element(&set->elements[n->slots[i] - 1], e))
		i = (i + 1) & n->mask;
	if (!n->slots[i]) {
		if (set->n_elements == n->room) {
			n->room = n->room ? 2 * n->room : 64;
			set->elements = xrealloc(set->elements, n->room * sizeof *set->elements);
		}
		e->number = (uint32_t)set->n_elements;
		set->elements[set->n_elements++] = *e;
		n->slots[i] = (uint32_t)set->n_elements;
	}
	e->number = n->slots[i] - 1;
}

static void number_all(struct numbering *n, struct node *node)
{
	if (node->op == OP_TERM) {
		for (uint32_t i = 0; i < node->term->n_rows; i++)
			for (uint32_t k = 0; k < node->term->rows[i].n; k++)
				number(n, &node->term->rows[i].at[k]);
	}
	if (node->op == OP_TERM || (node->op == OP_FIELD && field_reads_words(node->field)))
		n->set->reads_words = true;
	if (node->op == OP_ZONE)
		n->set->zones |= node->zone;
	for (uint32_t i = 0; i < node->n_of; i++)
		number_all(n, node->of[i]);
}

/* ---- anchors --------------------------------------------------------------------------------- */

/* Expected posts in a million in which it stands: a guess. */
static uint64_t common(const struct element *e)
{
	size_t n = e->key.n;
	switch (e->kind) {
	case ELEMENT_ANY: return 1000000;
	case ELEMENT_GLOB:
	case ELEMENT_GLOB_TAG:
	case ELEMENT_GLOB_NAME: {
		size_t letters = 0;
		for (size_t i = 0; i < n; i++)
			letters += e->key.p[i] != '*' && e->key.p[i] != '?';
		return letters < 2 ? 900000 : letters < 10 ? 400000 >> letters : 400;
	}
	case ELEMENT_PART: return n < 12 ? 200000 >> n / 2 : 1000;
	case ELEMENT_LINK: return 300;
	case ELEMENT_STEM: n = e->written.n; break;
	default: break;
	}
	return n < 2 ? 300000 : n < 12 ? 600000 >> n : 100;
}

/* Of an operand that must hold. */
static uint64_t cost_of(const struct node *node)
{
	uint64_t cost = 0, best = UINT64_MAX;
	switch (node->op) {
	case OP_TERM:
		for (uint32_t i = 0; i < node->term->n_rows; i++) {
			const struct row *row = &node->term->rows[i];
			uint64_t rarest = UINT64_MAX;
			for (uint32_t k = 0; k < row->n; k++)
				if (common(&row->at[k]) < rarest)
					rarest = common(&row->at[k]);
			cost += rarest;
		}
		return cost;
	case OP_FIELD:
	case OP_NOT: return UINT64_MAX;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++) {
			uint64_t one = cost_of(node->of[i]);
			if (one == UINT64_MAX)
				return one;
			cost += one;
		}
		return cost;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST:
	case OP_ZONE: return cost_of(node->of[0]);
	default:
		for (uint32_t i = 0; i < node->n_of; i++) {
			uint64_t one = cost_of(node->of[i]);
			best = one < best ? one : best;
		}
		return best;
	}
}

uint64_t query_common(const struct query_set *set, size_t i)
{
	return cost_of(set->queries[i].node);
}

typedef void anchor_taker(void *arg, uint32_t element);

/* The elements of the anchor: cost_of(node) is not UINT64_MAX. */
static void anchors(const struct node *node, anchor_taker *take, void *arg)
{
	switch (node->op) {
	case OP_TERM:
		for (uint32_t i = 0; i < node->term->n_rows; i++) {
			const struct row *row = &node->term->rows[i];
			const struct element *rarest = &row->at[0];
			for (uint32_t k = 1; k < row->n; k++)
				if (common(&row->at[k]) < common(rarest))
					rarest = &row->at[k];
			take(arg, rarest->number);
		}
		break;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++)
			anchors(node->of[i], take, arg);
		break;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST:
	case OP_ZONE: anchors(node->of[0], take, arg); break;
	default: {
		const struct node *best = NULL;
		uint64_t least = UINT64_MAX;
		for (uint32_t i = 0; i < node->n_of; i++) {
			uint64_t cost = cost_of(node->of[i]);
			if (!best || cost < least) {
				best = node->of[i];
				least = cost;
			}
		}
		anchors(best, take, arg);
	}
	}
}

struct pairs {
	struct pair {
		uint32_t element, query;
	} * at;
	size_t n, room;
	uint32_t query;
};

static void take_pair(void *arg, uint32_t element)
{
	struct pairs *pairs = arg;
	if (pairs->n == pairs->room) {
		pairs->room = pairs->room ? 2 * pairs->room : 1024;
		pairs->at = xrealloc(pairs->at, pairs->room * sizeof *pairs->at);
	}
	pairs->at[pairs->n++] = (struct pair){element, pairs->query};
}

static void index_queries(struct query_set *set)
{
	struct pairs pairs = {0};
	set->always = xcalloc(set->n + 1, sizeof *set->always);
	for (size_t i = 0; i < set->n; i++) {
		struct query *query = &set->queries[i];
		query->anchored = cost_of(query->node) != UINT64_MAX;
		pairs.query = (uint32_t)i;
		if (query->anchored)
			anchors(query->node, take_pair, &pairs);
		else
			set->always[set->n_always++] = (uint32_t)i;
	}
	/* a row per element, by counting */
	set->anchored_from = xcalloc(set->n_elements + 2, sizeof *set->anchored_from);
	set->anchored = xcalloc(pairs.n + 1, sizeof *set->anchored);
	for (size_t i = 0; i < pairs.n; i++)
		set->anchored_from[pairs.at[i].element + 2]++;
	for (size_t e = 2; e < set->n_elements + 2; e++)
		set->anchored_from[e] += set->anchored_from[e - 1];
	for (size_t i = 0; i < pairs.n; i++)
		set->anchored[set->anchored_from[pairs.at[i].element + 1]++] = pairs.at[i].query;
	free(pairs.at);
}

void query_set_compile(struct query_set *set)
{
	struct numbering n = {.set = set, .mask = 63};
	must(!set->compiled);
	n.slots = xcalloc(n.mask + 1, sizeof *n.slots);
	for (size_t i = 0; i < set->n; i++) {
		number_all(&n, set->queries[i].node);
		if (set->queries[i].target)
			number_all(&n, set->queries[i].target);
	}
	free(n.slots);
	set->lookup = lookup_create(set->elements, set->n_elements);
	index_queries(set);
	set->compiled = true;
}
