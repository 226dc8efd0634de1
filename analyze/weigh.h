/*
 * weigh.h: counts to values, and real weights to the 8 bits of a model.
 *
 * A feature's value in a text is gain(block) * count * sqrt(idf(row)) / sqrt(features of the block):
 * idf folds into the weights, the rest is the model's arithmetic (model.h).
 */
#ifndef ANALYZE_WEIGH_H
#define ANALYZE_WEIGH_H

#include "analyze/corpus.h"

/* What a block may say.  Signs are few and clear: with the same weight as words they drown. */
extern const double weigh_gains[FEATURE_BLOCKS];

/* Root of the inverse document frequency of each row of the model; new, you free it. */
double *weigh_idf(const struct corpus *corpus);
/* Values of all entries of the corpus; new, you free it. */
float *weigh_values(const struct corpus *corpus, const double *idf);

/* Weights w[class][row] (and the bias behind the last row) to 8 bits, one scale for the whole head;
 * packed has rows of head->n_classes.  Sets the head's scales and biases. */
void weigh_pack(struct model_head *head, unsigned row_bits, double *const *w, const double *idf,
		int8_t *packed);

#endif
