/*
 * How pressing the need is, from 0 to 3, whatever the tone, and why (the codebook's reasons).  Three
 * heads say whether it is at least 1, 2, 3; a level holds with all below it.  p is that of at least 2.
 */
#include "analyze/scorer.h"

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	const struct model_head *routine = model_head(in->model, "urgency1");
	const struct model_head *critical = model_head(in->model, "urgency3");
	const struct model_head *reasons = model_head(in->model, "reasons");
	bool is_routine = false, is_pressing, is_critical = false;
	if (in->features->n_spans == 0)
		return;
	ret->urgency.p = scorer_yes(in, head, &is_pressing);
	if (routine)
		(void)scorer_yes(in, routine, &is_routine); /* only the decision counts */
	if (critical)
		(void)scorer_yes(in, critical, &is_critical);
	ret->urgency.level = is_pressing ? is_critical ? 3 : 2 : is_routine ? 1 : 0;
	if (reasons && is_pressing)
		ret->urgency.reasons = scorer_labels(in, reasons, &ret->urgency.n_reasons);
}

const struct scorer scorer_urgency = {"urgency", "urgency2",
				      "how pressing the need is, 0 to 3, with reasons", score};
