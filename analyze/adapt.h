/*
 * adapt.h: a model learns from what people corrected, in seconds.
 *
 * One head of a model gets a correction to its weights, learnt from the corrected rows alone: the smallest
 * change (in the sense of solve.h, with the present margins as a start) that puts them right at the price
 * given.  Everything else of the model stays as it is, to the bit.  Every fourth text, chosen by its hash, is
 * held back: the figures before and after are of these, and a model that is worse on them, or on the rows of
 * `dev` where there are some, is not written unless forced.
 */
#ifndef ANALYZE_ADAPT_H
#define ANALYZE_ADAPT_H

#include "analyze/corpus.h"

enum { ADAPT_LEAST = 12 /* corrected rows; fewer show nothing */ };

struct adapt_options {
	const char *base, *task, *with, *dev, *out; /* task NULL: the first head; dev may be NULL */
	struct corpus_options corpus;
	double price;
	bool force;
};

/* Prints before and after to standard error.  -1 + err: unusable, or worse and not forced. */
int adapt_run(const struct adapt_options *options, struct error *err);

#endif
