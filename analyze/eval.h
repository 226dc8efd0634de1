/*
 * eval.h: how good are the answers?  Counts of right and wrong, and the usual figures of them.
 */
#ifndef ANALYZE_EVAL_H
#define ANALYZE_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#include "analyze/model.h"

struct eval {
	size_t n_classes, n, right; /* right: all labels of the row as they should be */
	uint32_t hit[MODEL_CLASSES_MAX], said[MODEL_CLASSES_MAX], is[MODEL_CLASSES_MAX];
};

void eval_init(struct eval *e, size_t n_classes);
/* One answer of a one-of-many head; is or said may be -1 (a label the model lacks; abstained). */
void eval_add(struct eval *e, int is, int said);
/* The labels of a row of a head of several: n_classes each. */
void eval_add_multi(struct eval *e, const bool *is, const bool *said);
double eval_accuracy(const struct eval *e);
double eval_precision(const struct eval *e, size_t class);
double eval_recall(const struct eval *e, size_t class);
double eval_f1(const struct eval *e, size_t class);
double eval_macro_f1(const struct eval *e); /* over the classes that occur */

/* A table for people. */
void eval_print_classes(const struct eval *e, const struct model_head *head, struct buf *out);
void eval_print(const struct eval *e, const struct model_head *head, struct buf *out);

#endif
