/*
 * Does the wording say the opposite of what is meant?  Where that is likely, tonality calls nothing
 * praise: a person decides.
 */
#include "analyze/scorer.h"

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	if (in->features->n_spans)
		ret->sarcasm_p = scorer_yes(in, head, &ret->sarcastic);
}

const struct scorer scorer_sarcasm = {"sarcasm", "sarcasm",
				      "probability that the opposite is meant", score};
