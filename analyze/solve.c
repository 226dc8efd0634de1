#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/solve.h"

enum { EPOCHS = 40, SOLVE_SEED = 7 };
static const double TOLERANCE = 0.05;

static double dot(const struct solve_problem *p, const struct corpus_row *row, const double *w)
{
	double sum = 0;
	for (uint32_t i = row->from; i < row->to; i++)
		sum += w[p->features[i].row] * (double)p->values[i];
	return sum;
}

static void shuffle(uint32_t *order, size_t n, uint64_t *random)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = exact_random(random) % i;
		uint32_t t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

void solve_svm(const struct solve_problem *p, double *w)
{
	size_t n = p->n_rows, bias = (size_t)1 << p->row_bits;
	double *alpha = xcalloc(n + 1, sizeof *alpha), *square = xcalloc(n + 1, sizeof *square);
	uint32_t *order = xcalloc(n + 1, sizeof *order);
	uint64_t random = SOLVE_SEED;
	memset(w, 0, (bias + 1) * sizeof *w);
	for (size_t i = 0; i < n; i++) {
		order[i] = (uint32_t)i;
		square[i] = p->no_bias ? 0 : 1; /* of the bias */
		for (uint32_t j = p->rows[i].from; j < p->rows[i].to; j++)
			square[i] += (double)p->values[j] * (double)p->values[j];
	}
	for (int epoch = 0; epoch < EPOCHS; epoch++) {
		double worst = 0, least = 0;
		shuffle(order, n, &random);
		for (size_t k = 0; k < n; k++) {
			size_t i = order[k];
			const struct corpus_row *row = &p->rows[i];
			double y = p->positive[i] ? 1 : -1;
			double d = 0.5 / (p->positive[i] ? p->c_positive : p->c_negative);
			double g = y * (dot(p, row, w) + w[bias] + (p->start ? p->start[i] : 0)) -
				   1 + d * alpha[i];
			double projected = alpha[i] > 0 || g < 0 ? g : 0;
			if (projected > worst)
				worst = projected;
			if (projected < least)
				least = projected;
			if (projected > -1e-12 && projected < 1e-12)
				continue;
			double before = alpha[i];
			alpha[i] -= g / (square[i] + d);
			if (alpha[i] < 0)
				alpha[i] = 0;
			double step = (alpha[i] - before) * y;
			for (uint32_t j = row->from; j < row->to; j++)
				w[p->features[j].row] += step * (double)p->values[j];
			if (!p->no_bias)
				w[bias] += step;
		}
		if (worst - least < TOLERANCE)
			break;
	}
	free(order);
	free(square);
	free(alpha);
}
