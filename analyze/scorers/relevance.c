/*
 * Does the post speak of the customer's topic?  A head that each customer fits on labelled posts of their
 * own (classes yes and no); the shipped model has none.
 */
#include "analyze/scorer.h"

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	if (in->features->n_spans)
		ret->relevance = scorer_yes(in, head, NULL);
}

const struct scorer scorer_relevance = {"relevance", "relevance",
					"probability that the post is on topic", score};
