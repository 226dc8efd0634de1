/*
 * What the author wants, by the codebook: complaint, question, praise ... each that holds, most probable
 * first; none where nothing is clear.
 */
#include "analyze/scorer.h"

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	if (in->features->n_spans)
		ret->intent = scorer_labels(in, head, &ret->n_intent);
}

const struct scorer scorer_intent = {
    "intent", "intent", "complaint, question, praise and ten more, each with p", score};
