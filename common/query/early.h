/*
 * early.h: what of a query can be told before a post is judged.  Private to common/query.
 *
 * ingest knows a post's words and what its source says, but not its language, tonality, intent and the like.
 * An early query holds for each post that the whole one holds for, however it is judged, and for some more:
 * conditions that are not known yet are taken for true, under NOT for false, and so are stems.
 */
#ifndef COMMON_QUERY_EARLY_H
#define COMMON_QUERY_EARLY_H

#include "common/arena.h"

#include "common/query/tree.h"

struct early {
	struct arena *arena;
	uint8_t *late; /* by node.defined, zeroed: what is known of definitions and lists */
};

/* In the arena, as far as it is another one.  An AND of nothing holds always, an OR of nothing never. */
struct node *query_early(struct node *node, struct early *early);
/* Is it one that holds always? */
bool query_holds_always(const struct node *node);

#endif
