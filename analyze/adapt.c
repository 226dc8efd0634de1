#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"

#include "analyze/adapt.h"
#include "analyze/eval.h"
#include "analyze/linear.h"
#include "analyze/solve.h"
#include "analyze/weigh.h"

enum { PARTS = 4 };

struct adapt {
	const struct adapt_options *options;
	struct model *base;
	const struct model_head *head;
	size_t head_at;
	struct corpus *rows, *dev;
	int8_t *fresh; /* the head's columns after learning, n_classes a row */
};

static int8_t base_weight(const struct adapt *a, uint32_t row, size_t column)
{
	return model_weights(a->base)[(size_t)row * model_stride(a->base) + column];
}

/* The margins of a row, by the weights of the base or the fresh ones. */
static void result_of(const struct adapt *a, const struct corpus *c, const struct corpus_row *row,
		      bool fresh, struct linear_result *ret, struct arena *arena)
{
	size_t stride = model_stride(a->base), n = a->head->n_classes;
	struct linear_sums sums;
	int32_t *all = arena_zalloc(arena, stride * FEATURE_BLOCKS * sizeof *all);
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		sums.block[b] = all + (size_t)b * stride;
		sums.root[b] = linear_root(row->n[b]);
	}
	for (uint32_t j = row->from; j < row->to; j++) {
		const struct corpus_feature *f = &c->features[j];
		for (size_t k = 0; k < n; k++) {
			size_t column = a->head->first + k;
			int w = fresh ? a->fresh[(size_t)f->row * n + k]
				      : base_weight(a, f->row, column);
			sums.block[f->block][column] += f->count * w;
		}
	}
	linear_result(ret, a->head, &sums, arena);
}

static void evaluate(const struct adapt *a, const struct corpus *c, bool held_only, bool fresh,
		     struct eval *e)
{
	struct arena *arena = arena_create(16 * MiB);
	eval_init(e, a->head->n_classes);
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct corpus_row *row = &c->rows[i];
		struct linear_result r;
		if (held_only && corpus_part(row, PARTS) != 0)
			continue;
		arena_reset(arena);
		result_of(a, c, row, fresh, &r, arena);
		if (!a->head->multi) {
			eval_add(e, (int)row->label, r.best);
			continue;
		}
		bool is[MODEL_CLASSES_MAX], said[MODEL_CLASSES_MAX];
		for (size_t k = 0; k < a->head->n_classes; k++) {
			is[k] = corpus_has_label(row, k, true);
			said[k] = r.margin[k] > 0;
		}
		eval_add_multi(e, is, said);
	}
	arena_free(arena);
}

/* The change of one class's weights: rows that are not held back, from their present margins on. */
static void learn(struct adapt *a, const float *values, double unit)
{
	const struct corpus *c = a->rows;
	size_t n = 0, classes = a->head->n_classes, places = (size_t)1 << c->options.row_bits;
	struct corpus_row *rows = xcalloc(c->n_rows + 1, sizeof *rows);
	bool *positive = xcalloc(c->n_rows + 1, sizeof *positive);
	double *start = xcalloc(c->n_rows + 1, sizeof *start);
	double *w = xcalloc(places + 1, sizeof *w);
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < c->n_rows; i++) {
		if (corpus_part(&c->rows[i], PARTS) != 0)
			rows[n++] = c->rows[i];
	}
	for (size_t k = 0; k < classes; k++) {
		for (size_t i = 0; i < n; i++) {
			struct linear_result r;
			arena_reset(arena);
			result_of(a, c, &rows[i], false, &r, arena);
			positive[i] = corpus_has_label(&rows[i], k, c->options.multi);
			start[i] = (double)r.margin[k] / 1000;
		}
		struct solve_problem problem = {.rows = rows,
						.n_rows = n,
						.features = c->features,
						.values = values,
						.row_bits = c->options.row_bits,
						.positive = positive,
						.start = start,
						.no_bias = true,
						.c_positive = a->options->price,
						.c_negative = a->options->price};
		solve_svm(&problem, w);
		for (size_t r = 0; r < places; r++) {
			double v = base_weight(a, (uint32_t)r, a->head->first + k) + w[r] / unit;
			v = v > 127 ? 127 : v < -127 ? -127 : v;
			a->fresh[r * classes + k] = (int8_t)(int)(v < 0 ? v - 0.5 : v + 0.5);
		}
	}
	arena_free(arena);
	free(w);
	free(start);
	free(positive);
	free(rows);
}

/* Values as they are at scoring: no idf, which is in the base's weights already. */
static float *values_of(const struct corpus *c)
{
	size_t n = (size_t)1 << c->options.row_bits;
	double *ones = xcalloc(n, sizeof *ones);
	for (size_t r = 0; r < n; r++)
		ones[r] = 1;
	float *values = weigh_values(c, ones);
	free(ones);
	return values;
}

static int8_t weight_at(const void *arg, size_t head, size_t class, uint32_t row)
{
	const struct adapt *a = arg;
	if (head == a->head_at)
		return a->fresh[(size_t)row * a->head->n_classes + class];
	return base_weight(a, row, model_head_at(a->base, head)->first + class);
}

static int save(const struct adapt *a, struct error *err)
{
	struct model_head *heads[MODEL_HEADS_MAX];
	size_t n = model_n_heads(a->base);
	for (size_t h = 0; h < n; h++)
		heads[h] = model_head_copy(model_head_at(a->base, h));
	int rc = model_write(a->options->out, model_row_bits(a->base), heads, n,
			     model_lexicon(a->base), weight_at, a, err);
	for (size_t h = 0; h < n; h++)
		free(heads[h]);
	return rc;
}

static struct corpus *read_rows(const struct adapt *a, const char *paths, struct error *err)
{
	struct corpus_options options = a->options->corpus;
	options.row_bits = model_row_bits(a->base);
	options.lexicon = model_lexicon(a->base);
	options.multi = a->head->multi != 0;
	struct corpus *c = corpus_create(&options);
	for (uint32_t k = 0; k < a->head->n_classes; k++)
		memcpy(c->names[c->n_labels++], a->head->classes[k].name, MODEL_NAME_MAX);
	if (corpus_add_files(c, paths, false, err) == 0)
		return c;
	corpus_free(c);
	return NULL;
}

/* Of several labels the share of whole sets says little: their macro-F1 alone counts. */
static bool worse(const char *what, bool multi, const struct eval *before, const struct eval *after)
{
	fprintf(
	    stderr,
	    "%s: %zu rows, accuracy %.4f before, %.4f after; macro-F1 %.4f before, %.4f after\n",
	    what, before->n, eval_accuracy(before), eval_accuracy(after), eval_macro_f1(before),
	    eval_macro_f1(after));
	double gain = eval_macro_f1(after) - eval_macro_f1(before);
	if (!multi)
		gain += eval_accuracy(after) - eval_accuracy(before);
	return gain < 0;
}

static int adapt(struct adapt *a, struct error *err)
{
	struct eval before, after;
	const struct adapt_options *o = a->options;
	a->rows = read_rows(a, o->with, err);
	if (!a->rows || (o->dev && !(a->dev = read_rows(a, o->dev, err))))
		return -1;
	evaluate(a, a->rows, true, false, &before);
	if (a->rows->n_rows < ADAPT_LEAST || before.n == 0 || before.n == a->rows->n_rows)
		return error_set(
		    err,
		    "could not adapt \"%s\": expected %d rows or more with labels that it "
		    "has, found %zu",
		    a->head->name, ADAPT_LEAST, a->rows->n_rows);
	a->fresh = xcalloc((size_t)a->head->n_classes << model_row_bits(a->base), 1);
	float *values = values_of(a->rows);
	/* what one step of a weight is worth where a block has one feature */
	learn(a, values, (double)a->head->scale[FEATURE_WORDS] / 65536 / 1000);
	free(values);
	evaluate(a, a->rows, true, true, &after);
	bool is_worse = worse("held back", a->head->multi, &before, &after);
	if (a->dev) {
		evaluate(a, a->dev, false, false, &before);
		evaluate(a, a->dev, false, true, &after);
		is_worse = worse("dev", a->head->multi, &before, &after) || is_worse;
	}
	if (is_worse && !o->force)
		return error_set(
		    err,
		    "the adapted \"%s\" is worse than before; nothing was written (--force "
		    "writes it all the same)",
		    a->head->name);
	return save(a, err);
}

int adapt_run(const struct adapt_options *options, struct error *err)
{
	struct adapt a = {.options = options};
	a.base = model_open(options->base, err);
	if (!a.base)
		return -1;
	int rc = -1;
	for (size_t h = 0; h < model_n_heads(a.base) && !a.head; h++) {
		if (!options->task || strcmp(options->task, model_head_at(a.base, h)->name) == 0) {
			a.head = model_head_at(a.base, h);
			a.head_at = h;
		}
	}
	if (a.head)
		rc = adapt(&a, err);
	else
		(void)error_set(err, "the model has no head \"%s\"", options->task);
	free(a.fresh);
	corpus_free(a.rows);
	corpus_free(a.dev);
	model_close(a.base);
	return rc;
}
