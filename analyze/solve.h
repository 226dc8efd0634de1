/*
 * solve.h: one linear two-class classifier, L2-regularised with squared hinge loss.
 *
 * Dual coordinate descent (Hsieh, Chang, Lin, Keerthi, Sundararajan 2008: "A Dual Coordinate
 * Descent Method for Large-scale Linear SVM", algorithm 1).  Needs only the four operations; rows
 * are visited in an order drawn from a fixed seed, so the weights are the same on every machine.
 */
#ifndef ANALYZE_SOLVE_H
#define ANALYZE_SOLVE_H

#include "analyze/corpus.h"

struct solve_problem {
	const struct corpus_row *rows; /* their entries index features and values */
	size_t n_rows;
	const struct corpus_feature *features;
	const float *values; /* of each entry */
	unsigned row_bits;
	const bool *positive;          /* of each row */
	const double *start;           /* each row's margin before anything is learnt; NULL: 0 */
	bool no_bias;                  /* it stays 0 */
	double c_positive, c_negative; /* price of an error */
};

/* w has 2^row_bits + 1 places, the last is the bias. */
void solve_svm(const struct solve_problem *problem, double *w);

#endif
