/*
 * Would a reasonable customer or onlooker expect the company to react to this very post?
 */
#include "analyze/scorer.h"

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	if (in->features->n_spans)
		ret->answer_p = scorer_yes(in, head, NULL);
}

const struct scorer scorer_answer = {"answer", "answer",
				     "probability that the post wants an answer", score};
