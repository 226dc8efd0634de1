#include "analyze/scorer.h"

int32_t scorer_p(int64_t millionths)
{
	int64_t half = millionths < 0 ? -50 : 50;
	return (int32_t)((millionths + half) / 100);
}

int32_t scorer_yes(const struct scoring *in, const struct model_head *head, bool *ret_is)
{
	struct linear_result r;
	int yes = model_class_of(head, STR("yes"));
	linear_result(&r, head, in->sums, in->arena);
	if (yes < 0)
		yes = 0;
	if (ret_is)
		*ret_is = head->multi ? r.margin[yes] > 0 : r.best == yes;
	return scorer_p(r.p[yes]);
}

struct post_label *scorer_labels(const struct scoring *in, const struct model_head *head,
				 size_t *ret_n)
{
	struct linear_result r;
	struct post_label *labels = arena_alloc(in->arena, head->n_classes * sizeof *labels);
	size_t n = 0;
	linear_result(&r, head, in->sums, in->arena);
	for (uint32_t k = 0; k < head->n_classes; k++) {
		int32_t p = scorer_p(r.p[k]);
		if (r.margin[k] <= 0)
			continue;
		size_t at = n++;
		for (; at > 0 && labels[at - 1].p < p; at--)
			labels[at] = labels[at - 1];
		labels[at] = (struct post_label){str_of(head->classes[k].name), p};
	}
	*ret_n = n;
	return labels;
}
