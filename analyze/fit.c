#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/calibrate.h"
#include "analyze/eval.h"
#include "analyze/exact.h"
#include "analyze/fit.h"
#include "analyze/linear.h"
#include "analyze/solve.h"

struct fit {
	const struct fit_options *options;
	struct corpus *train, *dev;
	double *idf;    /* of each row of the model */
	float *values;  /* of each entry of train */
	double **w;     /* of each class: 2^row_bits weights and the bias */
	int8_t *packed; /* weights in 8 bits, rows of n_classes */
	struct model_head *head;
};

static size_t n_rows_of(const struct fit *fit)
{
	return (size_t)1 << fit->options->corpus.row_bits;
}

/* What a block may say.  Signs are few and clear: with the same weight as words they drown. */
static const double gains[FEATURE_BLOCKS] = {
    [FEATURE_WORDS] = 1, [FEATURE_PAIRS] = 1, [FEATURE_SIGNS] = 3, [FEATURE_CHARS] = 1};

static double root_of(uint32_t n)
{
	return n ? (double)exact_isqrt((1ULL << 32) / n) / 65536 : 0;
}

static void weigh(struct fit *fit)
{
	const struct corpus *c = fit->train;
	size_t n = n_rows_of(fit);
	uint32_t *df = xcalloc(n, sizeof *df);
	for (size_t i = 0; i < c->n_rows; i++) {
		for (uint32_t j = c->rows[i].from; j < c->rows[i].to; j++)
			df[c->features[j].row]++;
	}
	free(fit->idf);
	fit->idf = xcalloc(n, sizeof *fit->idf);
	for (size_t r = 0; r < n; r++) {
		double idf = exact_log((1.0 + (double)c->n_rows) / (1.0 + df[r])) + 1;
		if (idf < 0.1)
			idf = 0.1; /* colliding features can make df exceed the rows */
		fit->idf[r] = exact_exp(0.5 * exact_log(idf));
	}
	free(df);
	free(fit->values);
	fit->values = xcalloc(c->n_features + 1, sizeof *fit->values);
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct corpus_row *row = &c->rows[i];
		double root[FEATURE_BLOCKS];
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			root[b] = root_of(row->n[b]);
		for (uint32_t j = row->from; j < row->to; j++) {
			const struct corpus_feature *f = &c->features[j];
			fit->values[j] =
			    (float)(gains[f->block] * root[f->block] * f->count * fit->idf[f->row]);
		}
	}
}

static void solve_all(struct fit *fit, double price)
{
	const struct corpus *c = fit->train;
	bool *positive = xcalloc(c->n_rows + 1, sizeof *positive);
	for (size_t k = 0; k < c->n_labels; k++) {
		for (size_t i = 0; i < c->n_rows; i++)
			positive[i] = corpus_has_label(&c->rows[i], k, c->options.multi);
		struct solve_problem problem = {.rows = c->rows,
						.n_rows = c->n_rows,
						.features = c->features,
						.values = fit->values,
						.row_bits = c->options.row_bits,
						.positive = positive,
						.c_positive = price,
						.c_negative = price};
		solve_svm(&problem, fit->w[k]);
	}
	free(positive);
}

/* Weights to 8 bits, one scale for the whole head.  The largest few in ten thousand are clipped:
 * rare words with huge weights would leave the others no bits. */
static void pack(struct fit *fit)
{
	size_t n = n_rows_of(fit), classes = fit->head->n_classes;
	enum { BINS = 4096 };
	double largest = 1e-9;
	for (size_t k = 0; k < classes; k++) {
		for (size_t r = 0; r < n; r++) {
			double v = fit->w[k][r] * fit->idf[r];
			if (v < 0)
				v = -v;
			if (v > largest)
				largest = v;
		}
	}
	size_t *bins = xcalloc(BINS + 1, sizeof *bins), total = 0;
	for (size_t k = 0; k < classes; k++) {
		for (size_t r = 0; r < n; r++) {
			double v = fit->w[k][r] * fit->idf[r];
			if (v == 0)
				continue;
			total++;
			bins[(size_t)((v < 0 ? -v : v) / largest * BINS)]++;
		}
	}
	size_t above = 0, bin = BINS;
	while (bin > 1 && above + bins[bin] <= total / 5000)
		above += bins[bin--];
	free(bins);
	double limit = largest * (double)(bin + 1) / BINS, unit = 127 / limit;
	for (size_t r = 0; r < n; r++) {
		for (size_t k = 0; k < classes; k++) {
			double v = fit->w[k][r] * fit->idf[r] * unit;
			v = v > 127 ? 127 : v < -127 ? -127 : v;
			fit->packed[r * classes + k] = (int8_t)(int)(v < 0 ? v - 0.5 : v + 0.5);
		}
	}
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		double scale = 1000 * gains[b] / unit * 65536;
		must(scale < MODEL_SCALE_MAX);
		fit->head->scale[b] = (uint32_t)(scale + 0.5);
	}
	for (size_t k = 0; k < classes; k++) {
		double bias = fit->w[k][n] * 1000;
		fit->head->classes[k].bias = (int32_t)(bias < 0 ? bias - 0.5 : bias + 0.5);
	}
}

/* Margins as scoring will compute them, from the packed weights. */
static int64_t *margins_of(const struct fit *fit, const struct corpus *c)
{
	size_t classes = fit->head->n_classes;
	int64_t *margins = xcalloc(c->n_rows * classes + 1, sizeof *margins);
	int32_t *sums = xcalloc(classes * FEATURE_BLOCKS, sizeof *sums);
	struct arena *arena = arena_create(1 * MiB);
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct corpus_row *row = &c->rows[i];
		struct linear_sums s;
		memset(sums, 0, classes * FEATURE_BLOCKS * sizeof *sums);
		for (size_t b = 0; b < FEATURE_BLOCKS; b++) {
			s.block[b] = sums + b * classes;
			s.root[b] = row->n[b] ? exact_isqrt((1ULL << 32) / row->n[b]) : 0;
		}
		for (uint32_t j = row->from; j < row->to; j++) {
			const struct corpus_feature *f = &c->features[j];
			for (size_t k = 0; k < classes; k++)
				s.block[f->block][k] +=
				    f->count * fit->packed[f->row * classes + k];
		}
		struct linear_result r;
		arena_reset(arena);
		linear_result(&r, fit->head, &s, arena);
		memcpy(margins + i * classes, r.margin, classes * sizeof *margins);
	}
	arena_free(arena);
	free(sums);
	return margins;
}

static void evaluate(const struct fit *fit, const int64_t *margins, bool abstains, struct eval *e)
{
	const struct model_head *head = fit->head;
	eval_init(e, head->n_classes);
	for (size_t i = 0; i < fit->dev->n_rows; i++) {
		const struct corpus_row *row = &fit->dev->rows[i];
		const int64_t *m = margins + i * head->n_classes;
		if (!head->multi) {
			uint32_t p;
			int best = calibrate_best(head, m, &p);
			if (!abstains || p >= head->abstain)
				eval_add(e, (int)row->label, best);
			continue;
		}
		bool right = true;
		for (size_t k = 0; k < head->n_classes; k++) {
			bool is = corpus_has_label(row, k, true), said = m[k] > 0;
			e->is[k] += is;
			e->said[k] += said;
			e->hit[k] += is && said;
			right = right && is == said;
		}
		e->n++;
		e->right += right;
	}
}

/* Biases and tables on dev for the present weights; the figure they are chosen by. */
static double calibrate(struct fit *fit)
{
	struct eval e;
	int64_t *margins = margins_of(fit, fit->dev);
	calibrate_biases(fit->head, fit->dev, margins);
	calibrate_tables(fit->head, fit->dev, margins);
	evaluate(fit, margins, false, &e);
	free(margins);
	return eval_macro_f1(&e);
}

static double choose_price(struct fit *fit)
{
	static const double prices[] = {0.02, 0.05, 0.1, 0.2, 0.4};
	if (fit->options->price > 0)
		return fit->options->price;
	size_t step = fit->head->n_classes > 12 ? 2 : 1; /* many classes take long */
	double best = -1, chosen = prices[0];
	for (size_t i = 0; i < ARRAY_LEN(prices); i += step) {
		solve_all(fit, prices[i]);
		pack(fit);
		double f = calibrate(fit);
		fprintf(stderr, "price %.2f: dev macro-F1 %.4f\n", prices[i], f);
		if (f > best + 0.0005) {
			best = f;
			chosen = prices[i];
		}
	}
	return chosen;
}

static void report(struct fit *fit)
{
	struct eval e;
	struct buf text;
	buf_init(&text, 1 * MiB);
	int64_t *margins = margins_of(fit, fit->dev);
	evaluate(fit, margins, false, &e);
	eval_print(&e, fit->head, &text);
	if (fit->head->abstain) {
		size_t all = e.n;
		evaluate(fit, margins, true, &e);
		(void)buf_printf(&text, "below %.2f it abstains: %.1f %% of dev; of the others ",
				 fit->head->abstain / (double)MODEL_P,
				 100.0 * (double)(all - e.n) / (double)all);
		(void)buf_printf(&text, "%.4f are right\n", eval_accuracy(&e));
	}
	fputs(buf_view(&text).p, stderr);
	buf_done(&text);
	free(margins);
}

static int8_t weight_at(const void *arg, size_t head, size_t class, uint32_t row)
{
	const struct fit *fit = arg;
	(void)head; /* there is one */
	return fit->packed[row * fit->head->n_classes + class];
}

/* Without dev files: every fifth row of train. */
static void split_off(struct fit *fit)
{
	struct corpus *train = fit->train, *dev = fit->dev;
	size_t kept = 0;
	dev->features = xmalloc((train->n_features + 1) * sizeof *dev->features);
	memcpy(dev->features, train->features, train->n_features * sizeof *dev->features);
	dev->n_features = train->n_features;
	dev->rows = xcalloc(train->n_rows + 1, sizeof *dev->rows);
	for (size_t i = 0; i < train->n_rows; i++) {
		if (i % 5 == 4)
			dev->rows[dev->n_rows++] = train->rows[i];
		else
			train->rows[kept++] = train->rows[i];
	}
	train->n_rows = kept;
}

static int read_corpora(struct fit *fit, struct error *err)
{
	const struct fit_options *o = fit->options;
	fit->train = corpus_create(&o->corpus);
	fit->dev = corpus_create(&o->corpus);
	if (corpus_add_files(fit->train, o->train, true, err) != 0)
		return -1;
	corpus_sort_labels(fit->train);
	corpus_adopt_labels(fit->dev, fit->train);
	if (corpus_add_files(fit->dev, o->dev, false, err) != 0)
		return -1;
	if (!o->dev)
		split_off(fit);
	else
		fprintf(stderr, "%s: %zu rows of train left out, their texts are in dev\n", o->task,
			corpus_subtract(fit->train, fit->dev));
	if (fit->train->n_labels < (o->corpus.multi ? 1 : 2) || fit->dev->n_rows == 0)
		return error_set(err,
				 "could not fit \"%s\": expected two labels or more and rows "
				 "in both parts, found %zu labels, %zu and %zu rows",
				 o->task, fit->train->n_labels, fit->train->n_rows,
				 fit->dev->n_rows);
	return 0;
}

static int fit_all(struct fit *fit, struct error *err)
{
	const struct fit_options *o = fit->options;
	size_t n = n_rows_of(fit), classes = fit->train->n_labels;
	fit->head = model_head_new(o->task, classes);
	fit->head->multi = o->corpus.multi;
	fit->w = xcalloc(classes, sizeof *fit->w);
	fit->packed = xcalloc(n * classes, 1);
	for (size_t k = 0; k < classes; k++) {
		memcpy(fit->head->classes[k].name, fit->train->names[k], MODEL_NAME_MAX);
		fit->w[k] = xcalloc(n + 1, sizeof **fit->w);
	}
	fprintf(stderr, "%s: %zu classes, train %zu rows, dev %zu rows\n", o->task, classes,
		fit->train->n_rows, fit->dev->n_rows);
	weigh(fit);
	double price = choose_price(fit);
	solve_all(fit, price);
	pack(fit);
	(void)calibrate(fit);
	if (o->errors < 1 && !o->corpus.multi) {
		int64_t *margins = margins_of(fit, fit->dev);
		fit->head->abstain = calibrate_abstain(fit->head, fit->dev, margins, o->errors);
		free(margins);
	}
	report(fit);
	if (o->refit && o->dev) {
		int32_t *moved = xcalloc(classes, sizeof *moved);
		for (size_t k = 0; k < classes; k++)
			moved[k] = fit->head->classes[k].bias - (int32_t)(fit->w[k][n] * 1000);
		if (corpus_add_files(fit->train, o->dev, false, err) != 0) {
			free(moved);
			return -1;
		}
		weigh(fit);
		solve_all(fit, price);
		pack(fit);
		for (size_t k = 0; k < classes; k++)
			fit->head->classes[k].bias += moved[k];
		free(moved);
	}
	return model_write(o->out, o->corpus.row_bits, &fit->head, 1, weight_at, fit, err);
}

int fit_run(const struct fit_options *options, struct error *err)
{
	struct fit fit = {.options = options};
	int rc = read_corpora(&fit, err);
	if (rc == 0)
		rc = fit_all(&fit, err);
	for (size_t k = 0; fit.w && k < fit.train->n_labels; k++)
		free(fit.w[k]);
	free(fit.w);
	free(fit.idf);
	free(fit.values);
	free(fit.packed);
	free(fit.head);
	corpus_free(fit.train);
	corpus_free(fit.dev);
	return rc;
}
