/*
 * predict.h: a model's answers for the rows of tables, and how right they are.
 */
#ifndef ANALYZE_PREDICT_H
#define ANALYZE_PREDICT_H

#include <stdio.h>

#include "analyze/corpus.h"
#include "analyze/model.h"

/* One line per row of the table: id, label(s), probability of the label (of several: of the least
 * sure; of none: that none holds), tab-separated. */
int predict_table(const struct model *model, const struct model_head *head, const char *path,
		  FILE *out, struct error *err);

/* The figures of judge.h over all files, which a head of several labels reads as such; rows whose label the model lacks count as
 * wrong.  Of options the columns and filters are used. */
int predict_eval(const struct model *model, const struct model_head *head, const char *paths,
		 const struct corpus_options *options, struct buf *out, struct error *err);

/* Joins the first heads of several models into one file. */
struct predict_part {
	const char *head; /* its name in the new file */
	const struct model *model;
};
int predict_pack(const char *out, const struct predict_part *parts, size_t n, struct error *err);

#endif
