/*
 * targets.h: tonality towards each of several: "DHL is great but Hermes lost my parcel".
 *
 *   struct targets *targets = targets_create("DHL,Hermes");      // terms, comma separated; or NULL
 *   targets_score(targets, others, n, &scoring, head, ret);      // ret[k] of term k, then of the others
 *   targets_free(targets);
 *
 * A target is a term, or one of queries': places that were found already.  Each target gets the clauses
 * that speak of it (ground.h).  The margins are those of the tonality head over the features of these clauses,
 * names left out, with a share of the whole post's; the lexicon's votes add to the lead of positive over
 * negative.  Then the targets are seen together: where they have clauses apart, part of their mean lead is
 * taken off each, for who sets two beside each other mostly praises one; where they are alike ("beide", "Y
 * auch nicht") they are drawn together; what a comparison says outright (relations.h) holds; who is mentioned
 * in passing is neutral.  Label, p and score come from the margins so moved; `why` is the classifier's part
 * of them.
 *
 * A target that occurs always has a label: it does not abstain.  One that does not has none.
 */
#ifndef ANALYZE_TARGETS_H
#define ANALYZE_TARGETS_H

#include "common/query/query.h"

#include "analyze/scorer.h"

enum { TARGETS_MOST = 16 };

struct targets;

struct targets *targets_create(const char *terms); /* at most TARGETS_MOST, the rest is left out */
void targets_free(struct targets *targets);        /* NULL is fine */
size_t targets_n(const struct targets *targets);
struct str targets_term(const struct targets *targets, size_t k);

/* others: at most QUERY_TARGETS.  `ret`, zeroed, has room for all terms and for these. */
void targets_score(const struct targets *targets, const struct query_target *others,
		   size_t n_others, const struct scoring *in, const struct model_head *head,
		   struct post_tonality_score *ret);

#endif
