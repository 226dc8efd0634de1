/*
 * linear.h: the classifier's engine: one pass over a post's features scores all heads.
 *
 *   struct linear_sums sums;
 *   linear_sum(&sums, model, &features, arena);
 *   struct linear_result r;
 *   linear_result(&r, model_head(model, "tonality"), &sums, arena);
 *   r.best, r.p[r.best], r.margin[r.best]
 *
 * Integers only: the same post and model give the same numbers on every machine.
 */
#ifndef ANALYZE_LINEAR_H
#define ANALYZE_LINEAR_H

#include "analyze/model.h"

struct linear_sums {
	int32_t *block[FEATURE_BLOCKS]; /* model_stride() sums each */
	uint32_t root[FEATURE_BLOCKS];  /* isqrt(2^32 / n), 0 where n is 0 */
};

struct linear_result {
	int64_t *margin; /* per class, thousandths */
	uint32_t *p;     /* per class, millionths; of one-of-many heads they add up to 1 */
	int best;        /* class of the largest margin, the first of equals */
};

uint32_t linear_root(uint32_t n); /* isqrt(2^32 / n), 0 of 0 */
/* Everything in the arena. */
void linear_sum(struct linear_sums *ret, const struct model *model, const struct features *f,
		struct arena *arena);
void linear_result(struct linear_result *ret, const struct model_head *head,
		   const struct linear_sums *sums, struct arena *arena);

/* The sums of the spans with chosen[i] alone; each block's count is that of their features. */
void linear_sum_spans(struct linear_sums *ret, const struct model *model, const struct features *f,
		      const bool *chosen, struct arena *arena);
/* Probabilities and the best class anew from the margins. */
void linear_shares(struct linear_result *r, const struct model_head *head);
/* What the features of each span add to the margin of class `plus` less that of class `minus`; n_spans
 * numbers. */
void linear_span_weights(int64_t *ret, const struct model *model, const struct model_head *head,
			 const struct linear_sums *sums, const struct features *f, int plus,
			 int minus);

uint32_t linear_p(const struct model_class *class, int64_t margin);

#endif
