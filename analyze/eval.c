#include <string.h>

#include "analyze/eval.h"

void eval_init(struct eval *e, size_t n_classes)
{
	memset(e, 0, sizeof *e);
	e->n_classes = n_classes;
}

void eval_add(struct eval *e, int is, int said)
{
	e->n++;
	e->right += is == said && is >= 0;
	if (is >= 0)
		e->is[is]++;
	if (said >= 0)
		e->said[said]++;
	if (is >= 0 && is == said)
		e->hit[is]++;
}

void eval_add_multi(struct eval *e, const bool *is, const bool *said)
{
	bool right = true;
	for (size_t k = 0; k < e->n_classes; k++) {
		e->is[k] += is[k];
		e->said[k] += said[k];
		e->hit[k] += is[k] && said[k];
		right = right && is[k] == said[k];
	}
	e->n++;
	e->right += right;
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

double eval_accuracy(const struct eval *e)
{
	return ratio((double)e->right, (double)e->n);
}

double eval_precision(const struct eval *e, size_t k)
{
	return ratio(e->hit[k], e->said[k]);
}

double eval_recall(const struct eval *e, size_t k)
{
	return ratio(e->hit[k], e->is[k]);
}

double eval_f1(const struct eval *e, size_t k)
{
	return ratio(2.0 * e->hit[k], (double)e->said[k] + e->is[k]);
}

double eval_macro_f1(const struct eval *e)
{
	double sum = 0;
	size_t n = 0;
	for (size_t k = 0; k < e->n_classes; k++) {
		if (e->is[k] || e->said[k]) {
			sum += eval_f1(e, k);
			n++;
		}
	}
	return ratio(sum, (double)n);
}

void eval_print(const struct eval *e, const struct model_head *head, struct buf *out)
{
	(void)buf_printf(out, "n %zu  accuracy %.4f  macro-F1 %.4f\n", e->n, eval_accuracy(e),
			 eval_macro_f1(e));
	eval_print_classes(e, head, out);
}

void eval_print_classes(const struct eval *e, const struct model_head *head, struct buf *out)
{
	(void)buf_printf(out, "%-20s %9s %9s %9s %7s\n", "class", "precision", "recall", "F1", "n");
	for (size_t k = 0; k < e->n_classes; k++) {
		if (!e->is[k] && !e->said[k])
			continue;
		(void)buf_printf(out, "%-20s %9.4f %9.4f %9.4f %7u\n", head->classes[k].name,
				 eval_precision(e, k), eval_recall(e, k), eval_f1(e, k), e->is[k]);
	}
}
