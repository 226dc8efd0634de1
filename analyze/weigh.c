#include <stdlib.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/weigh.h"

const double weigh_gains[FEATURE_BLOCKS] = {[FEATURE_WORDS] = 1,
					    [FEATURE_PAIRS] = 1,
					    [FEATURE_SIGNS] = 3,
					    [FEATURE_CHARS] = 1,
					    [FEATURE_VOTES] = 1};

double *weigh_idf(const struct corpus *c)
{
	size_t n = (size_t)1 << c->options.row_bits;
	uint32_t *df = xcalloc(n, sizeof *df);
	double *idf = xcalloc(n, sizeof *idf);
	for (size_t i = 0; i < c->n_rows; i++) {
		for (uint32_t j = c->rows[i].from; j < c->rows[i].to; j++)
			df[c->features[j].row]++;
	}
	for (size_t r = 0; r < n; r++) {
		double v = exact_log((1.0 + (double)c->n_rows) / (1.0 + df[r])) + 1;
		if (v < 0.1)
			v = 0.1; /* colliding features can make df exceed the rows */
		idf[r] = exact_exp(0.5 * exact_log(v));
	}
	free(df);
	return idf;
}

float *weigh_values(const struct corpus *c, const double *idf)
{
	float *values = xcalloc(c->n_features + 1, sizeof *values);
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct corpus_row *row = &c->rows[i];
		double unit[FEATURE_BLOCKS];
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			unit[b] = row->n[b]
				      ? weigh_gains[b] *
					    (double)exact_isqrt((1ULL << 32) / row->n[b]) / 65536
				      : 0;
		for (uint32_t j = row->from; j < row->to; j++) {
			const struct corpus_feature *f = &c->features[j];
			values[j] = (float)(unit[f->block] * f->count * idf[f->row]);
		}
	}
	return values;
}

static double size_of(double v)
{
	return v < 0 ? -v : v;
}

/* The largest few in a hundred thousand are clipped: rare words with huge weights would leave the others no
 * bits. */
static double limit_of(size_t n, size_t classes, double *const *w, const double *idf)
{
	enum { BINS = 4096 };
	double largest = 1e-9;
	size_t *bins = xcalloc(BINS + 1, sizeof *bins), total = 0, above = 0, bin = BINS;
	for (size_t k = 0; k < classes; k++) {
		for (size_t r = 0; r < n; r++) {
			double v = size_of(w[k][r] * idf[r]);
			largest = v > largest ? v : largest;
		}
	}
	for (size_t k = 0; k < classes; k++) {
		for (size_t r = 0; r < n; r++) {
			double v = size_of(w[k][r] * idf[r]);
			total += v > 0;
			bins[(size_t)(v / largest * BINS)] += v > 0;
		}
	}
	while (bin > 1 && above + bins[bin] <= total / 50000)
		above += bins[bin--];
	free(bins);
	return largest * (double)(bin + 1) / BINS;
}

void weigh_pack(struct model_head *head, unsigned row_bits, double *const *w, const double *idf,
		int8_t *packed)
{
	size_t n = (size_t)1 << row_bits, classes = head->n_classes;
	double unit = 127 / limit_of(n, classes, w, idf);
	for (size_t r = 0; r < n; r++) {
		for (size_t k = 0; k < classes; k++) {
			double v = w[k][r] * idf[r] * unit;
			v = v > 127 ? 127 : v < -127 ? -127 : v;
			packed[r * classes + k] = (int8_t)(int)(v < 0 ? v - 0.5 : v + 0.5);
		}
	}
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		double scale = 1000 * weigh_gains[b] / unit * 65536;
		must(scale < MODEL_SCALE_MAX);
		head->scale[b] = (uint32_t)(scale + 0.5);
	}
	for (size_t k = 0; k < classes; k++) {
		double bias = w[k][n] * 1000;
		head->classes[k].bias = (int32_t)(bias < 0 ? bias - 0.5 : bias + 0.5);
	}
}
