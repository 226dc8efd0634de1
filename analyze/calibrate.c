#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/calibrate.h"
#include "analyze/eval.h"
#include "analyze/exact.h"
#include "analyze/linear.h"

/* ---- biases --------------------------------------------------------------------------------- */

static int best_class(const int64_t *m, size_t n)
{
	int best = 0;
	for (size_t k = 1; k < n; k++) {
		if (m[k] > m[best])
			best = (int)k;
	}
	return best;
}

double calibrate_worth(const struct eval *e, enum calibrate_goal goal)
{
	switch (goal) {
	case GOAL_ACCURACY: return eval_accuracy(e);
	case GOAL_MACRO_F1: return eval_macro_f1(e);
	default: return (eval_accuracy(e) + eval_macro_f1(e)) / 2;
	}
}

static double worth(const struct model_head *head, const struct corpus *dev, const int64_t *margins,
		    enum calibrate_goal goal)
{
	struct eval e;
	eval_init(&e, head->n_classes);
	for (size_t i = 0; i < dev->n_rows; i++)
		eval_add(&e, (int)dev->rows[i].label,
			 best_class(margins + i * head->n_classes, head->n_classes));
	return calibrate_worth(&e, goal);
}

static void move(struct model_head *head, const struct corpus *dev, int64_t *margins, size_t k,
		 int by)
{
	head->classes[k].bias += by;
	for (size_t i = 0; i < dev->n_rows; i++)
		margins[i * head->n_classes + k] += by;
}

/* Coordinate search; a step must pay, or small dev sets are learnt by heart. */
static void one_of_many(struct model_head *head, const struct corpus *dev, int64_t *margins,
			enum calibrate_goal goal)
{
	enum { STEP = 40, REACH = 12, ROUNDS = 3 };
	static const double PAYS = 0.001;
	double best = worth(head, dev, margins, goal);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t k = 0; k < head->n_classes; k++) {
			int chosen = 0;
			for (int s = -REACH; s <= REACH; s++) {
				move(head, dev, margins, k, s * STEP);
				double f = worth(head, dev, margins, goal);
				move(head, dev, margins, k, -s * STEP);
				if (f > best + PAYS) {
					best = f;
					chosen = s * STEP;
				}
			}
			move(head, dev, margins, k, chosen);
		}
	}
}

struct pair {
	int64_t margin;
	bool positive;
};

static int by_margin(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return x->margin > y->margin ? -1 : x->margin < y->margin;
}

/* The border with the best F1 for one class against the rest. */
static void one_class(struct model_head *head, const struct corpus *dev, int64_t *margins, size_t k)
{
	size_t n = dev->n_rows, positives = 0;
	struct pair *pairs = xcalloc(n + 1, sizeof *pairs);
	for (size_t i = 0; i < n; i++) {
		pairs[i] = (struct pair){margins[i * head->n_classes + k],
					 corpus_has_label(&dev->rows[i], k, true)};
		positives += pairs[i].positive;
	}
	qsort(pairs, n, sizeof *pairs, by_margin);
	double best = 0;
	int64_t border = 0;
	size_t hit = 0;
	for (size_t i = 0; positives && i < n; i++) {
		hit += pairs[i].positive;
		if (i + 1 < n && pairs[i + 1].margin == pairs[i].margin)
			continue;
		double f = 2.0 * (double)hit / ((double)(i + 1) + (double)positives);
		if (f > best) {
			best = f;
			border = i + 1 < n ? (pairs[i].margin + pairs[i + 1].margin) / 2
					   : pairs[i].margin - 1;
		}
	}
	/* a class that nothing separates keeps the classifier's own border */
	if (positives >= 5 && best >= 0.1)
		move(head, dev, margins, k, (int)-border);
	free(pairs);
}

void calibrate_biases(struct model_head *head, const struct corpus *dev, int64_t *margins,
		      enum calibrate_goal goal)
{
	if (!head->multi) {
		if (head->n_classes <= 30) /* of 150 intents none is worth moving */
			one_of_many(head, dev, margins, goal);
		return;
	}
	for (size_t k = 0; k < head->n_classes; k++)
		one_class(head, dev, margins, k);
}

/* ---- probabilities --------------------------------------------------------------------------- */

struct platt {
	double a, b; /* p = 1 / (1 + exp(a x + b)) */
};

static double loss(const struct platt *f, const double *x, const double *t, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double z = f->a * x[i] + f->b;
		sum += z >= 0 ? t[i] * z + exact_log(1 + exact_exp(-z))
			      : (t[i] - 1) * z + exact_log(1 + exact_exp(z));
	}
	return sum;
}

/* Newton's method with halving, as Lin, Lin and Weng 2007 give it ("A note on Platt's probabilistic
 * outputs for support vector machines"). */
static struct platt platt_fit(const double *x, const double *t, size_t n, size_t positives)
{
	struct platt f = {0, exact_log(((double)(n - positives) + 1) / ((double)positives + 1))};
	double now = loss(&f, x, t, n);
	for (int round = 0; round < 100; round++) {
		double h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0;
		for (size_t i = 0; i < n; i++) {
			double z = f.a * x[i] + f.b;
			double p =
			    z >= 0 ? exact_exp(-z) / (1 + exact_exp(-z)) : 1 / (1 + exact_exp(z));
			double d = t[i] - p, s = p * (1 - p);
			h11 += x[i] * x[i] * s;
			h22 += s;
			h21 += x[i] * s;
			g1 += x[i] * d;
			g2 += d;
		}
		if (g1 < 1e-5 && g1 > -1e-5 && g2 < 1e-5 && g2 > -1e-5)
			break;
		double det = h11 * h22 - h21 * h21;
		double da = -(h22 * g1 - h21 * g2) / det, db = -(-h21 * g1 + h11 * g2) / det;
		double step = 1, slope = g1 * da + g2 * db;
		while (step >= 1e-10) {
			struct platt next = {f.a + step * da, f.b + step * db};
			double then = loss(&next, x, t, n);
			if (then < now + 1e-4 * step * slope) {
				f = next;
				now = then;
				break;
			}
			step /= 2;
		}
		if (step < 1e-10)
			break;
	}
	return f;
}

void calibrate_tables(struct model_head *head, const struct corpus *dev, const int64_t *margins)
{
	size_t n = dev->n_rows;
	double *x = xcalloc(n + 1, sizeof *x), *t = xcalloc(n + 1, sizeof *t);
	for (size_t k = 0; k < head->n_classes; k++) {
		size_t positives = 0;
		for (size_t i = 0; i < n; i++)
			positives += corpus_has_label(&dev->rows[i], k, head->multi);
		for (size_t i = 0; i < n; i++) {
			x[i] = (double)margins[i * head->n_classes + k] / 1000;
			t[i] = corpus_has_label(&dev->rows[i], k, head->multi)
				   ? ((double)positives + 1) / ((double)positives + 2)
				   : 1 / ((double)(n - positives) + 2);
		}
		struct platt f = {-2, 0}; /* where dev says nothing */
		if (positives >= 5 && n - positives >= 5)
			f = platt_fit(x, t, n, positives);
		if (f.a > -0.1)
			f.a = -0.1; /* a larger margin never means less */
		for (int j = 0; j <= MODEL_STEPS; j++) {
			double m = (double)(j - MODEL_STEPS / 2) * MODEL_STEP / 1000;
			double p = 1 / (1 + exact_exp(f.a * m + f.b));
			head->classes[k].p[j] = (uint32_t)(p * MODEL_P + 0.5);
		}
	}
	free(x);
	free(t);
}

int calibrate_best(const struct model_head *head, const int64_t *margins, uint32_t *ret_p)
{
	int best = best_class(margins, head->n_classes);
	uint64_t total = 0;
	for (size_t k = 0; k < head->n_classes; k++)
		total += linear_p(&head->classes[k], margins[k]);
	uint64_t p = linear_p(&head->classes[best], margins[best]);
	*ret_p = total ? (uint32_t)((p * MODEL_P + total / 2) / total) : 0;
	return best;
}

uint32_t calibrate_abstain(const struct model_head *head, const struct corpus *dev,
			   const int64_t *margins, double errors)
{
	enum { STEP = MODEL_P / 100 };
	for (uint32_t border = 0; border < MODEL_P; border += STEP) {
		size_t said = 0, wrong = 0;
		for (size_t i = 0; i < dev->n_rows; i++) {
			uint32_t p;
			int best = calibrate_best(head, margins + i * head->n_classes, &p);
			if (p < border)
				continue;
			said++;
			wrong += best != (int)dev->rows[i].label;
		}
		if ((double)wrong <= errors * (double)said)
			return border;
	}
	return MODEL_P;
}
