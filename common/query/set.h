/*
 * set.h: the inside of a query set, between set.c, eval.c and show.c.  Private to common/query.
 */
#ifndef COMMON_QUERY_SET_H
#define COMMON_QUERY_SET_H

#include "common/query/lookup.h"
#include "common/query/names.h"
#include "common/query/program.h"
#include "common/query/query.h"
#include "common/query/texts.h"
#include "common/query/tree.h"

/* A query under an element; of `second`, unless both are ANCHOR_NONE, one must be in the post, too. */
struct anchored {
	uint32_t query, second[2];
};
#define ANCHOR_NONE UINT32_MAX

/* Under which elements queries are looked for: those under e are queries[from[e]] up to queries[from[e + 1]];
 * `always` those without an anchor. */
struct anchors {
	struct anchored *queries;
	uint32_t *from, *always;
	size_t n_always;
	uint64_t *
	    costs; /* by query: for about how many of a million posts it is looked at; UINT64_MAX: for all */
};

struct query {
	const char *name;
	struct str text;
	struct node *node;
	uint32_t target; /* of the set's targets; QUERY_NO_TARGET: it has none */
	int64_t when;    /* a time in from..until; POST_NO_TIME: it has none */
};

struct query_set {
	struct arena *arena;
	struct query *queries;
	size_t n, room;
	struct texts names; /* of the queries */
	struct query *targets;
	struct texts target_texts; /* equal ones are one */
	struct query_define *defines;
	struct texts define_names;
	struct str zone; /* of what is added */
	/* compiled */
	size_t n_all; /* of queries: target k is looked for as if it were query n + k */
	bool compiled;
	struct element *elements;
	size_t n_elements;
	struct lookup *lookup;
	struct anchors anchors; /* by guess */
	struct program program;
	uint32_t *programs; /* by query: where it begins */
	bool reads_words;
	unsigned zones; /* enum query_zone bits that any query looks into besides title and text */
};

/* A leaf as written, or the operator alone. */
void query_show_head(const struct node *node, struct buf *out);
/* counts: of posts in which each element stood, of `posts`; NULL: it is guessed from the words' lengths. */
void anchors_build(struct anchors *ret, const struct query_set *set, const uint32_t *counts,
		   uint64_t posts);
void anchors_done(struct anchors *anchors);

#endif
