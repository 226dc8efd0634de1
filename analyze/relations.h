/*
 * relations.h: what a sentence says of two names beside each other: "lieber X als Y", "switched from X to Y".
 *
 * Read from the words around the names alone; no weights.  Each finding is a set of targets, one bit each:
 *   better   called the better one: "X is faster than Y", "statt Y nehme ich X", "zu X gewechselt"
 *   worse    the other one of these
 *   unlike   another one is set against it: "unlike X", "im Gegensatz zu X", "compared to X"
 *   neither  "weder X noch Y", "neither X nor Y": what is said of them is turned round
 *   alike    it is said to be as the one before: "X auch nicht", "Y is even worse", "beide"
 *   passing  only mentioned while another one is spoken of: "my X order is stuck with Y",
 *            "wegen einer Bestellung bei X"
 * Pure.
 */
#ifndef ANALYZE_RELATIONS_H
#define ANALYZE_RELATIONS_H

#include "analyze/clauses.h"

/* A name in the text: tokens [from,to). */
struct occurrence {
	size_t from, to;
	uint32_t target; /* a set with one bit */
};

struct relations {
	uint32_t better, worse, unlike, neither, alike, passing;
};

/* at: in the order of the text; of many the first 64 count. */
void relations_find(struct relations *ret, const struct tokens *tokens,
		    const struct clauses *clauses, const struct occurrence *at, size_t n);

#endif
