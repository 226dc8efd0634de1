/*
 * Danger and rubbish, a probability each: a threat, a call to violence, an insult against people, an
 * author at risk, spam.  They raise attention; none decides alone.
 */
#include "analyze/scorer.h"

#define FLAG(name, help)                                                                           \
	static void score_##name(const struct scoring *in, const struct model_head *head,          \
				 struct analysis *ret)                                             \
	{                                                                                          \
		if (in->features->n_spans)                                                         \
			ret->flags.name = scorer_yes(in, head, NULL);                              \
	}                                                                                          \
	const struct scorer scorer_##name = {#name, #name, help, score_##name}

FLAG(threat, "probability of a threat against people or property");
FLAG(violence, "probability of a call to violence");
FLAG(insult, "probability of an insult against people");
FLAG(selfharm, "probability that the author is at risk");
FLAG(spam, "probability of advertising or fraud");
