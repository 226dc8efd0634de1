/*
 * explain.h: why a score is what it is.
 *
 * explain_why: the words that moved the tonality, most first.  The margin explained is that of
 * positive less that of negative, so that a weight above 0 speaks for positive, below for negative;
 * all words' weights and a rest (the bias, and rounding) add up to it.
 */
#ifndef ANALYZE_EXPLAIN_H
#define ANALYZE_EXPLAIN_H

#include "common/buf.h"

#include "analyze/scorer.h"

enum { EXPLAIN_MOST = 8, EXPLAIN_LEAST = 5 /* thousandths; smaller weights are no reason */ };

/* New in the arena; at most EXPLAIN_MOST, by size of weight, then by place. */
struct post_why *explain_why(const struct scoring *in, const struct model_head *head, int positive,
			     int negative, size_t *ret_n);

/* The same for the spans with chosen[i] (NULL: all) and their sums. */
struct post_why *explain_spans(const struct scoring *in, const struct model_head *head,
			       const struct linear_sums *sums, const bool *chosen, int positive,
			       int negative, size_t *ret_n);

/* For people: the post's text with the words of `why` marked, then a table.  margin is the one the
 * weights belong to. */
void explain_print(struct buf *out, const struct post *post, const struct analysis *a,
		   int64_t margin, bool colour);

#endif
