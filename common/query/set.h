/*
 * set.h: the inside of a query set, between set.c, eval.c and show.c.  Private to common/query.
 */
#ifndef COMMON_QUERY_SET_H
#define COMMON_QUERY_SET_H

#include "common/query/lookup.h"
#include "common/query/names.h"
#include "common/query/query.h"
#include "common/query/tree.h"

struct query {
	const char *name;
	struct str text;
	struct node *node;
	struct node *target; /* or NULL */
	bool anchored;       /* else it is looked at for every post */
};

struct query_set {
	struct arena *arena;
	struct query *queries;
	size_t n, room;
	struct query_define *defines;
	size_t n_defines;
	/* compiled */
	bool compiled;
	struct element *elements;
	size_t n_elements;
	struct lookup *lookup;
	uint32_t
	    *anchored_from; /* n_elements + 1: queries under element e are anchored[from[e]...) */
	uint32_t *anchored;
	uint32_t *always; /* queries without an anchor */
	size_t n_always;
	bool reads_words;
	unsigned zones; /* enum query_zone bits that any query looks into besides title and text */
};

/* A leaf as written, or the operator alone. */
void query_show_head(const struct node *node, struct buf *out);
/* For about how many of a million posts query i is looked at: a guess from the lengths of its words;
 * UINT64_MAX: for all. */
uint64_t query_common(const struct query_set *set, size_t i);

#endif
