/*
 * judge.h: how far a model's answers for labelled rows can be trusted: the usual figures with confidence
 * intervals, calibration error, and the same for each language.
 *
 *   struct judge *judge = judge_create(head);
 *   judge_add(judge, lang, &result, label cell);       // each row
 *   judge_print(judge, &out);
 *   judge_free(judge);
 *
 * Intervals are 95 %, by the bootstrap (Efron 1979): JUDGE_SAMPLES times as many rows drawn with
 * replacement, from a fixed seed.  The calibration error is the expected one over ten bins of p (Naeini,
 * Cooper, Hauskrecht 2015): of the label said, for heads of several classes of each class's yes.
 */
#ifndef ANALYZE_JUDGE_H
#define ANALYZE_JUDGE_H

#include "common/buf.h"

#include "analyze/linear.h"

enum { JUDGE_SAMPLES = 500, JUDGE_LANG_LEAST = 20 /* rows; of fewer a language has no figures */ };

struct judge;

struct judge *judge_create(const struct model_head *head); /* borrowed */
void judge_free(struct judge *judge);
/* cell: the label, of a head of several labels comma separated; unknown labels count as wrong. */
void judge_add(struct judge *judge, struct str lang, const struct linear_result *r,
	       struct str cell);
void judge_print(const struct judge *judge, struct buf *out);

#endif
