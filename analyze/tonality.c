/*
 * The tonality of a text: negative, neutral or positive, with probabilities that were calibrated on
 * posts the model had not seen.  Below the threshold it gives no label: a person decides.
 */
#include "analyze/explain.h"
#include "analyze/scorer.h"

static const struct {
	const char *name;
	enum post_tonality label;
} labels[] = {{"negative", POST_NEGATIVE}, {"neutral", POST_NEUTRAL}, {"positive", POST_POSITIVE}};

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	struct linear_result r;
	int negative = model_class_of(head, STR("negative"));
	int positive = model_class_of(head, STR("positive"));
	if (in->features->n_spans == 0 || negative < 0 || positive < 0)
		return; /* nothing was said: unknown, not neutral */
	linear_result(&r, head, in->sums, in->arena);
	int64_t least = in->settings->abstain_percent < 0
			    ? (int64_t)head->abstain
			    : in->settings->abstain_percent * (MODEL_P / 100);
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		if (r.p[r.best] >= least &&
		    str_is(str_of(head->classes[r.best].name), labels[i].name))
			ret->tonality.label = labels[i].label;
	}
	ret->tonality.p = scorer_p(r.p[r.best]);
	ret->tonality.score = scorer_p((int64_t)r.p[positive] - (int64_t)r.p[negative]);
	if (in->settings->why)
		ret->tonality.why = explain_why(in, head, positive, negative, &ret->tonality.n_why);
}

const struct scorer scorer_tonality = {
    "tonality", "tonality", "negative, neutral or positive, with the words that decided", score};
