#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/eval.h"
#include "analyze/fit.h"
#include "analyze/linear.h"
#include "analyze/solve.h"
#include "analyze/weigh.h"

enum { FOLDS = 4 };

/* Prices of an error, in the order of their promise: where time is short the first few are tried. */
static const double prices[] = {0.1, 0.03, 0.3, 0.06, 0.15};

struct fit {
	const struct fit_options *options;
	struct corpus *all;    /* train rows, then dev rows */
	size_t n_train;        /* rows of train */
	struct corpus *judged; /* rows that choices are made on: views into `all` */
	size_t *judged_at;     /* their numbers in `all` */
	int64_t *margins;      /* of the judged rows, n_classes each */
	double *idf;
	float *values;
	double **w; /* of each class: 2^row_bits weights and the bias */
	int8_t *packed;
	struct model_head *head;
	bool folds;
	size_t n_prices;
};

/* What a search for the price costs, in entries visited; keeps a fit below ten minutes on one core. */
static const double BUDGET = 1.0e9;

static void plan(struct fit *fit)
{
	const struct fit_options *o = fit->options;
	double once = (double)fit->all->n_features * (double)fit->all->n_labels;
	fit->n_prices = o->price > 0 ? 1 : ARRAY_LEN(prices);
	fit->folds = !o->on_dev && once * (double)fit->n_prices * (FOLDS - 1) <= BUDGET;
	while (!fit->folds && fit->n_prices > 1 && once * (double)fit->n_prices > BUDGET)
		fit->n_prices--;
}

static void choose_judged(struct fit *fit)
{
	const struct corpus *all = fit->all;
	bool has_dev = fit->n_train < all->n_rows;
	fit->judged = xcalloc(1, sizeof *fit->judged);
	fit->judged->options = all->options;
	fit->judged->rows = xcalloc(all->n_rows + 1, sizeof *fit->judged->rows);
	fit->judged_at = xcalloc(all->n_rows + 1, sizeof *fit->judged_at);
	for (size_t i = 0; i < all->n_rows; i++) {
		bool judged = fit->folds ? true : has_dev ? i >= fit->n_train : i % 5 == 4;
		if (!judged || all->rows[i].fragment)
			continue;
		fit->judged_at[fit->judged->n_rows] = i;
		fit->judged->rows[fit->judged->n_rows++] = all->rows[i];
	}
}

/* Rows that weights for part `fold` may see; fold FOLDS: the final ones. */
static bool learns_from(const struct fit *fit, size_t i, unsigned fold)
{
	bool has_dev = fit->n_train < fit->all->n_rows;
	if (fold == FOLDS)
		return !fit->options->no_dev || i < fit->n_train;
	if (fit->folds)
		return corpus_part(&fit->all->rows[i], FOLDS) != fold;
	return has_dev ? i < fit->n_train : i % 5 != 4;
}

static void solve(struct fit *fit, double price, unsigned fold)
{
	const struct corpus *all = fit->all;
	size_t n = 0, classes = all->n_labels, bias = (size_t)1 << all->options.row_bits;
	struct corpus_row *rows = xcalloc(all->n_rows + 1, sizeof *rows);
	bool *positive = xcalloc(all->n_rows + 1, sizeof *positive);
	for (size_t i = 0; i < all->n_rows; i++) {
		if (learns_from(fit, i, fold))
			rows[n++] = all->rows[i];
	}
	for (size_t k = 0; k < classes; k++) {
		if (k == 1 && classes == 2 && !all->options.multi) { /* the mirror image */
			for (size_t r = 0; r <= bias; r++)
				fit->w[1][r] = -fit->w[0][r];
			break;
		}
		for (size_t i = 0; i < n; i++)
			positive[i] = corpus_has_label(&rows[i], k, all->options.multi);
		struct solve_problem problem = {.rows = rows,
						.n_rows = n,
						.features = all->features,
						.values = fit->values,
						.row_bits = all->options.row_bits,
						.positive = positive,
						.c_positive = price,
						.c_negative = price};
		solve_svm(&problem, fit->w[k]);
	}
	free(positive);
	free(rows);
}

static int64_t margin_of(const struct fit *fit, const struct corpus_row *row, const double *w)
{
	double sum = w[(size_t)1 << fit->all->options.row_bits];
	for (uint32_t j = row->from; j < row->to; j++)
		sum += w[fit->all->features[j].row] * (double)fit->values[j];
	return (int64_t)(sum * 1000);
}

/* Margins of the judged rows by weights that had not seen them. */
static void judge(struct fit *fit, double price)
{
	size_t classes = fit->all->n_labels;
	for (unsigned fold = 0; fold < (fit->folds ? FOLDS : 1); fold++) {
		solve(fit, price, fold);
		for (size_t i = 0; i < fit->judged->n_rows; i++) {
			const struct corpus_row *row = &fit->judged->rows[i];
			if (fit->folds && corpus_part(row, FOLDS) != fold)
				continue;
			for (size_t k = 0; k < classes; k++)
				fit->margins[i * classes + k] = margin_of(fit, row, fit->w[k]);
		}
	}
}

static void evaluate(const struct fit *fit, bool abstains, struct eval *e)
{
	const struct model_head *head = fit->head;
	eval_init(e, head->n_classes);
	for (size_t i = 0; i < fit->judged->n_rows; i++) {
		const struct corpus_row *row = &fit->judged->rows[i];
		const int64_t *m = fit->margins + i * head->n_classes;
		if (!head->multi) {
			uint32_t p;
			int best = calibrate_best(head, m, &p);
			if (!abstains || p >= head->abstain)
				eval_add(e, (int)row->label, best);
			continue;
		}
		bool is[MODEL_CLASSES_MAX], said[MODEL_CLASSES_MAX];
		for (size_t k = 0; k < head->n_classes; k++) {
			is[k] = corpus_has_label(row, k, true);
			said[k] = m[k] > 0;
		}
		eval_add_multi(e, is, said);
	}
}

/* Biases for the margins at hand (they are moved along); how good that is. */
static double choose_biases(struct fit *fit)
{
	struct eval e;
	for (size_t k = 0; k < fit->head->n_classes; k++)
		fit->head->classes[k].bias = 0;
	calibrate_biases(fit->head, fit->judged, fit->margins, fit->options->goal);
	calibrate_tables(fit->head, fit->judged, fit->margins);
	evaluate(fit, false, &e);
	return fit->head->multi ? eval_macro_f1(&e) : calibrate_worth(&e, fit->options->goal);
}

static double choose_price(struct fit *fit)
{
	double best = -1, chosen = fit->options->price;
	for (size_t i = 0; i < fit->n_prices; i++) {
		double price = fit->options->price > 0 ? fit->options->price : prices[i];
		judge(fit, price);
		double worth = choose_biases(fit);
		fprintf(stderr, "price %.2f: %.4f\n", price, worth);
		if (worth > best + 0.0005) {
			best = worth;
			chosen = price;
		}
	}
	if (fit->n_prices > 1 && chosen != prices[fit->n_prices - 1]) {
		judge(fit, chosen);
		(void)choose_biases(fit);
	}
	return chosen;
}

static void report(const struct fit *fit)
{
	struct eval e;
	struct buf text;
	buf_init(&text, 1 * MiB);
	evaluate(fit, false, &e);
	eval_print(&e, fit->head, &text);
	if (fit->head->abstain) {
		size_t all = e.n;
		evaluate(fit, true, &e);
		(void)buf_printf(&text,
				 "below %.2f it abstains: %.1f %%; of the others %.4f are right\n",
				 fit->head->abstain / (double)MODEL_P,
				 100.0 * (double)(all - e.n) / (double)all, eval_accuracy(&e));
	}
	fputs(buf_view(&text).p, stderr);
	buf_done(&text);
}

static int8_t weight_at(const void *arg, size_t head, size_t class, uint32_t row)
{
	const struct fit *fit = arg;
	(void)head; /* there is one */
	return fit->packed[row * fit->head->n_classes + class];
}

static int read_rows(struct fit *fit, struct error *err)
{
	const struct fit_options *o = fit->options;
	struct corpus *dev = corpus_create(&o->corpus);
	fit->all = corpus_create(&o->corpus);
	int rc = corpus_add_files(fit->all, o->train, true, err);
	if (rc == 0)
		rc = corpus_add_files(dev, o->dev, false, err);
	if (rc == 0) {
		size_t dropped = corpus_subtract(fit->all, dev);
		if (dropped)
			fprintf(stderr, "%s: %zu texts of train are in dev, too: counted as dev\n",
				o->task, dropped);
		fit->n_train = fit->all->n_rows;
		rc = corpus_add_files(fit->all, o->dev, false, err);
	}
	corpus_free(dev);
	if (rc != 0)
		return -1;
	/* sorting renumbers and may drop rows without a label of train: none, they were not read */
	corpus_sort_labels(fit->all);
	if (fit->all->n_labels < (o->corpus.multi ? 1 : 2) || fit->all->n_rows < 10)
		return error_set(
		    err,
		    "could not fit \"%s\": expected two labels or more and ten rows or "
		    "more, found %zu labels and %zu rows",
		    o->task, fit->all->n_labels, fit->all->n_rows);
	return 0;
}

static int fit_all(struct fit *fit, struct error *err)
{
	const struct fit_options *o = fit->options;
	size_t n = (size_t)1 << o->corpus.row_bits, classes = fit->all->n_labels;
	fit->head = model_head_new(o->task, classes);
	fit->head->multi = o->corpus.multi;
	fit->w = xcalloc(classes, sizeof *fit->w);
	for (size_t k = 0; k < classes; k++) {
		memcpy(fit->head->classes[k].name, fit->all->names[k], MODEL_NAME_MAX);
		fit->w[k] = xcalloc(n + 1, sizeof **fit->w);
	}
	fit->idf = weigh_idf(fit->all);
	fit->values = weigh_values(fit->all, fit->idf);
	plan(fit);
	choose_judged(fit);
	fit->margins = xcalloc(fit->judged->n_rows * classes + 1, sizeof *fit->margins);
	fprintf(stderr, "%s: %zu classes, train %zu rows, dev %zu rows, chosen on %s\n", o->task,
		classes, fit->n_train, fit->all->n_rows - fit->n_train,
		fit->folds ? "parts of both" : "dev");
	double price = choose_price(fit);
	if (o->errors < 1 && !o->corpus.multi)
		fit->head->abstain =
		    calibrate_abstain(fit->head, fit->judged, fit->margins, o->errors);
	report(fit);
	int32_t *moved = xcalloc(classes, sizeof *moved);
	for (size_t k = 0; k < classes; k++)
		moved[k] = fit->head->classes[k].bias;
	solve(fit, price, FOLDS);
	fit->packed = xcalloc(n * classes, 1);
	weigh_pack(fit->head, o->corpus.row_bits, fit->w, fit->idf, fit->packed);
	for (size_t k = 0; k < classes; k++)
		fit->head->classes[k].bias += moved[k];
	free(moved);
	return model_write(o->out, o->corpus.row_bits, &fit->head, 1, o->corpus.lexicon, weight_at,
			   fit, err);
}

int fit_run(const struct fit_options *options, struct error *err)
{
	struct fit fit = {.options = options};
	int rc = read_rows(&fit, err);
	if (rc == 0)
		rc = fit_all(&fit, err);
	for (size_t k = 0; fit.w && k < fit.all->n_labels; k++)
		free(fit.w[k]);
	free(fit.w);
	free(fit.idf);
	free(fit.values);
	free(fit.packed);
	free(fit.margins);
	free(fit.head);
	free(fit.judged_at);
	if (fit.judged)
		free(fit.judged->rows);
	free(fit.judged);
	corpus_free(fit.all);
	return rc;
}
