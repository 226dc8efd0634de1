/*
 * fit.h: from labelled texts to a model file with one head.
 *
 * The recipe: features counted (corpus.h) and weighed (weigh.h); one linear classifier per class against
 * the rest (solve.h).  Everything that is chosen (price of an error, biases, probabilities, abstention)
 * is chosen on margins of rows that the weights behind them had not seen: FOLDS parts of train and dev,
 * each judged by weights fitted on the others; or, where that would take too long or `on_dev` asks for it,
 * the dev rows judged by weights fitted on train.  The final weights are fitted on train and dev
 * together and rounded to 8 bits; from there on all is integers (model.h).
 *
 * A text that stands in both parts counts as dev.  Without dev and without time for parts every fifth
 * training row serves as dev.  The same input gives the same bytes on every machine.
 */
#ifndef ANALYZE_FIT_H
#define ANALYZE_FIT_H

#include "analyze/calibrate.h"
#include "analyze/corpus.h"

struct fit_options {
	const char *task, *train, *dev, *out; /* train, dev: files, comma separated */
	struct corpus_options corpus;
	double price;  /* of an error; 0: tried out */
	double errors; /* the head abstains so that at most this part of its labels is wrong;
			    * 1: it never does */
	enum calibrate_goal goal;
	bool on_dev; /* choose on dev alone: for dev rows that are nearer to the use */
	bool no_dev; /* the final weights are of train alone */
};

/* Prints its progress and figures to standard error. */
int fit_run(const struct fit_options *options, struct error *err);

#endif
