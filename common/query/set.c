/*
 * set.c: queries are parsed and their elements numbered.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/zone.h"

#include "common/query/early.h"
#include "common/query/field.h"
#include "common/query/parse.h"
#include "common/query/part.h"
#include "common/query/set.h"

struct query_set *query_set_create(void)
{
	struct query_set *set = xcalloc(1, sizeof *set);
	set->arena = arena_create(SIZE_MAX / 4);
	set->zone = STR("Europe/Berlin");
	return set;
}

int query_set_zone(struct query_set *set, const char *zone, struct error *err)
{
	int minutes;
	if ((!strchr(zone, '/') && strcmp(zone, "UTC") != 0) ||
	    !zone_minutes(str_of(zone), 0, &minutes))
		return error_set(
		    err, "expected UTC or a place such as Europe/Vienna or America/New_York");
	set->zone = arena_str(set->arena, str_of(zone));
	return 0;
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
	free(set->targets);
	texts_done(&set->names);
	texts_done(&set->target_texts);
	free(set->defines);
	texts_done(&set->define_names);
	free(set->elements);
	anchors_done(&set->anchors);
	program_done(&set->program);
	free(set->programs);
	arena_free(set->arena);
	free(set);
}

struct query_define *names_find(const struct query_names *names, struct str name)
{
	size_t i = names ? texts_find(names->names, name) : 0;
	return names && i < names->names->n ? &names->at[i] : NULL;
}

/* *ret says of the text how many terms it has, and the like. */
static struct node *parse(struct query_set *set, struct str text,
			  const struct query_options *options, struct reader *ret,
			  struct error *err)
{
	struct query_names names = {set->defines, &set->define_names, set->zone};
	struct reader r = {.text = arena_str(set->arena, text),
			   .arena = set->arena,
			   .err = err,
			   .name = options && options->said ? options->said : "query",
			   .names = &names};
	struct node *node = query_tree(&r, options && options->allow_all);
	r.names = NULL;
	*ret = r;
	return node;
}

static struct query_define *define_new(struct query_set *set, const char *name)
{
	size_t n = set->define_names.n;
	texts_add(&set->define_names, arena_str(set->arena, str_of(name)));
	if ((n & (n - 1)) == 0) /* full: 0, 1, 2, 4 ... */
		set->defines = xrealloc(set->defines, (n ? 2 * n : 1) * sizeof *set->defines);
	set->defines[n] = (struct query_define){0};
	return &set->defines[n];
}

static int defined_already(const struct query_set *set, const char *name, struct error *err)
{
	return texts_find(&set->define_names, str_of(name)) < set->define_names.n
		   ? error_set(err, "expected a new name: it is defined twice")
		   : 0;
}

int query_set_define(struct query_set *set, const char *name, struct str expression,
		     struct error *err)
{
	struct query_options options = {.allow_all = true};
	struct reader read;
	if (defined_already(set, name, err))
		return -1;
	struct node *node = parse(set, expression, &options, &read, err);
	if (!node)
		return -1;
	struct query_define *define = define_new(set, name);
	define->nodes[0] = node;
	define->n_terms = read.n_terms;
	define->depth = read.deepest;
	define->unzoned = read.unzoned;
	return 0;
}

int query_set_list(struct query_set *set, const char *name, const struct str *values, size_t n,
		   struct error *err)
{
	if (n == 0)
		return error_set(err, "expected a value in the list");
	if (defined_already(set, name, err))
		return -1;
	struct query_list *list = arena_alloc(set->arena, sizeof *list);
	list->at = arena_alloc(set->arena, n * sizeof *list->at);
	list->n = n;
	for (size_t i = 0; i < n; i++)
		list->at[i] = arena_str(set->arena, values[i]);
	define_new(set, name)->list = list;
	return 0;
}

/* What says `key: time` is one. */
static int check_time(struct query_set *set, const char *key, const char *time, struct error *err)
{
	struct query_options options = {.said = key};
	struct reader read;
	const char *text = arena_printf(set->arena, "created:%s", time ? time : "");
	return !time || parse(set, str_of(text), &options, &read, err) ? 0 : -1;
}

/* from and until become one more condition. */
static int dated(struct query_set *set, struct node **node, const struct query_options *options,
		 int64_t *ret_when, struct error *err)
{
	struct query_options said = {.said = "from, until"};
	struct reader read;
	if (!options || (!options->from && !options->until))
		return 0;
	if (check_time(set, "from", options->from, err) ||
	    check_time(set, "until", options->until, err))
		return -1;
	char *text = arena_printf(set->arena, "created:%s..%s", options->from ? options->from : "",
				  options->until ? options->until : "");
	struct node *when = parse(set, str_of(text), &said, &read, err);
	if (!when)
		return -1;
	*ret_when = options->from ? when->field->from : when->field->to - 1;
	struct node *both = arena_alloc(set->arena, sizeof *both);
	*both = **node;
	both->op = OP_AND;
	both->number = 0;
	both->joined = false;
	both->defined = 0;
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
	struct reader read;
	must(!set->compiled);
	struct node *node = parse(set, text, options, &read, err);
	int64_t when = POST_NO_TIME;
	if (!node || dated(set, &node, options, &when, err))
		return -1;
	if (set->n == set->room) {
		set->room = set->room ? 2 * set->room : 16;
		set->queries = xrealloc(set->queries, set->room * sizeof *set->queries);
	}
	struct query *query = &set->queries[set->n++];
	*query = (struct query){.name = arena_z(set->arena, str_of(name)),
				.text = arena_str(set->arena, text),
				.node = node,
				.target = QUERY_NO_TARGET,
				.when = when};
	texts_add(&set->names, str_of(query->name));
	return 0;
}

int query_set_target(struct query_set *set, size_t i, struct str text, struct error *err)
{
	struct query_options options = {.said = "targets"};
	struct reader read;
	size_t k = texts_find(&set->target_texts, text);
	must(i < set->n && !set->compiled);
	set->queries[i].target = (uint32_t)k;
	if (k < set->target_texts.n)
		return 0;
	struct node *node = parse(set, text, &options, &read, err);
	if (!node)
		return -1;
	set->targets = xrealloc(set->targets, (k + 1) * sizeof *set->targets);
	set->targets[k] = (struct query){.name = "targets",
					 .text = arena_str(set->arena, text),
					 .node = node,
					 .target = QUERY_NO_TARGET,
					 .when = POST_NO_TIME};
	texts_add(&set->target_texts, set->targets[k].text);
	return 0;
}

/* More than any node.defined. */
static size_t n_defined(const struct query_set *set)
{
	return set->define_names.n * DEFINE_FORMS + 1;
}

void query_set_early(struct query_set *set)
{
	struct early early = {set->arena, xcalloc(n_defined(set), 1)};
	must(!set->compiled);
	for (size_t i = 0; i < set->n; i++)
		set->queries[i].node = query_early(set->queries[i].node, &early);
	free(early.late);
}

bool query_set_always(const struct query_set *set, size_t i)
{
	return query_holds_always(set->queries[i].node);
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

int64_t query_set_when(const struct query_set *set, size_t i)
{
	return set->queries[i].when;
}

size_t query_set_find(const struct query_set *set, const char *name)
{
	return texts_find(&set->names, str_of(name));
}

size_t query_set_bytes(const struct query_set *set)
{
	return arena_used(set->arena) + set->room * sizeof *set->queries +
	       set->n_elements * (sizeof *set->elements + sizeof *set->anchors.from) +
	       set->program.room_steps * sizeof *set->program.steps +
	       (set->lookup ? lookup_bytes(set->lookup) : 0);
}

/* ---- elements get numbers -------------------------------------------------------------------- */

struct numbering {
	struct query_set *set;
	size_t room;
	uint32_t *slots; /* 1 + number, by hash */
	size_t mask;
	bool *done; /* by node.defined: it was numbered with the query that used it first */
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
	if (node->defined && n->done[node->defined])
		return;
	n->done[node->defined] = true;
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

void query_set_compile(struct query_set *set)
{
	struct numbering n = {.set = set, .mask = 63};
	must(!set->compiled);
	n.slots = xcalloc(n.mask + 1, sizeof *n.slots);
	n.done = xcalloc(n_defined(set), sizeof *n.done);
	set->n_all = set->n + set->target_texts.n;
	set->queries = xrealloc(set->queries, (set->n_all + 1) * sizeof *set->queries);
	if (set->targets)
		memcpy(set->queries + set->n, set->targets,
		       set->target_texts.n * sizeof *set->targets);
	for (size_t i = 0; i < set->n_all; i++)
		number_all(&n, set->queries[i].node);
	free(n.slots);
	free(n.done);
	set->lookup = lookup_create(set->elements, set->n_elements);
	program_init(&set->program, (uint32_t)n_defined(set));
	set->programs = xcalloc(set->n_all + 1, sizeof *set->programs);
	for (size_t i = 0; i < set->n_all; i++)
		set->programs[i] = program_add(&set->program, set->queries[i].node);
	anchors_build(&set->anchors, set, NULL, 0);
	set->compiled = true;
}
