/*
 * calibrate.h: what a margin is worth: biases and probabilities, from the margins of dev rows.
 */
#ifndef ANALYZE_CALIBRATE_H
#define ANALYZE_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/corpus.h"
#include "analyze/eval.h"

/* What biases of one-of-many heads are chosen for; GOAL_BOTH: the mean of the two.  Of several labels
 * it is always each one's F1. */
enum calibrate_goal { GOAL_BOTH, GOAL_ACCURACY, GOAL_MACRO_F1 };
double calibrate_worth(const struct eval *e, enum calibrate_goal goal);

/* margins: n_rows times head->n_classes, thousandths; biases are added in place as they are chosen. */
void calibrate_biases(struct model_head *head, const struct corpus *dev, int64_t *margins,
		      enum calibrate_goal goal);
/* Fills the tables of the head; `head` NULL rows: a fixed slope where dev is too small. */
void calibrate_tables(struct model_head *head, const struct corpus *dev, const int64_t *margins);
/* The smallest probability from which on at most `errors` of the labels are wrong. */
uint32_t calibrate_abstain(const struct model_head *head, const struct corpus *dev,
			   const int64_t *margins, double errors);

/* Best class and its probability among the classes, from margins. */
int calibrate_best(const struct model_head *head, const int64_t *margins, uint32_t *ret_p);

#endif
