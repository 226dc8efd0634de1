/*
 * Does the wording say the opposite of what is meant?  Where that is likely, tonality calls nothing
 * praise: a person decides.
 */
#include "analyze/scorer.h"

/* From here on praise is not called so; the head's own border would doubt one honest thanks in ten. */
enum { LIKELY = POST_ONE / 4 };

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	if (in->features->n_spans == 0)
		return;
	ret->sarcasm_p = scorer_yes(in, head, NULL);
	ret->sarcastic = ret->sarcasm_p >= LIKELY;
}

const struct scorer scorer_sarcasm = {"sarcasm", "sarcasm",
				      "probability that the opposite is meant", score};
