/*
 * targets.h: tonality towards each of several: "DHL is great but Hermes lost my parcel".
 *
 *   struct targets *targets = targets_create("DHL,Hermes");      // terms, comma separated
 *   targets_score(targets, &scoring, head, &analysis);            // fills analysis.targets
 *   targets_free(targets);
 *
 * A term matches words, tags and names by their folded form, several words in a row, and the beginning of a
 * name or tag ("DHL" finds @DHLPaket).  Words that others wrote do not count.  A target that does not occur
 * gives no entry.
 *
 * Each target gets the clauses (clauses.h) that speak of it: those it stands in; those behind, of the same or
 * the next sentences, until another target comes; clauses before the first target belong to that.  A clause
 * with several targets speaks of all of them, but of what is compared with ("better than X", "im Gegensatz zu
 * X") the opposite.  The margin is that of the tonality head over the features of these clauses, plus a
 * share of the whole post's.
 */
#ifndef ANALYZE_TARGETS_H
#define ANALYZE_TARGETS_H

#include "analyze/scorer.h"

enum { TARGETS_MOST = 16 };

struct targets;

struct targets *targets_create(const char *terms); /* at most TARGETS_MOST, the rest is left out */
void targets_free(struct targets *targets);        /* NULL is fine */
void targets_score(const struct targets *targets, const struct scoring *in,
		   const struct model_head *head, struct analysis *ret);

#endif
