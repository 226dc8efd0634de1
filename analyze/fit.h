/*
 * fit.h: from labelled texts to a model file with one head.
 *
 * The recipe: features counted (corpus.h), each weighted by the root of its inverse document frequency
 * and each block by the root of its size; one linear classifier per class against the rest (solve.h) for a
 * few prices of error, the best on dev kept; weights rounded to 8 bits; biases moved on dev towards
 * the best macro-F1; margins turned into probabilities by Platt's method on dev.  From here on all
 * is integers (model.h).
 *
 * Training rows whose text dev has as well are left out.  Without dev a fifth of the training rows (every fifth) serves as dev.
 */
#ifndef ANALYZE_FIT_H
#define ANALYZE_FIT_H

#include "analyze/corpus.h"

struct fit_options {
	const char *task, *train, *dev, *out; /* train, dev: files, comma separated */
	struct corpus_options corpus;
	double price;  /* of an error; 0: tried out on dev */
	double errors; /* the head abstains so that at most this part of its labels on dev is wrong;
			    * 1: it never does */
	bool refit;    /* after all is chosen: weights from train and dev together */
};

/* Prints its progress and dev figures to standard error. */
int fit_run(const struct fit_options *options, struct error *err);

#endif
