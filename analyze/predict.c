#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/judge.h"
#include "analyze/linear.h"
#include "analyze/predict.h"
#include "analyze/table.h"

static void score_text(const struct model *model, struct words *words,
		       const struct model_head *head, struct str text, struct arena *arena,
		       struct linear_result *ret)
{
	struct tokens tokens;
	struct features features;
	struct linear_sums sums;
	tokens_cut(&tokens, utf8_cut(text, POST_MAX_BYTES), NULL, 0, arena);
	features_of(&features, NULL, &tokens, words, arena);
	linear_sum(&sums, model, &features, arena);
	linear_result(ret, head, &sums, arena);
}

static void print_labels(const struct model_head *head, const struct linear_result *r, FILE *out)
{
	if (!head->multi) {
		fprintf(out, "%s\t%.4f\n", head->classes[r->best].name,
			r->p[r->best] / (double)MODEL_P);
		return;
	}
	uint32_t least = MODEL_P, most = 0;
	bool any = false;
	for (uint32_t k = 0; k < head->n_classes; k++) {
		most = r->p[k] > most ? r->p[k] : most;
		if (r->margin[k] <= 0)
			continue;
		fprintf(out, "%s%s", any ? "," : "", head->classes[k].name);
		any = true;
		least = r->p[k] < least ? r->p[k] : least;
	}
	fprintf(out, "\t%.4f\n", (any ? least : MODEL_P - most) / (double)MODEL_P);
}

int predict_table(const struct model *model, const struct model_head *head, const char *path,
		  FILE *out, struct error *err)
{
	struct table *table = table_open(path, err);
	if (!table)
		return -1;
	int id = table_column(table, "id"), text = table_column(table, "text");
	if (text < 0) {
		table_close(table);
		return error_set(err, "could not read table \"%s\": expected a column \"text\"",
				 path);
	}
	struct arena *arena = arena_create(256 * MiB);
	struct words *words = words_create(model_lexicon(model), model);
	while (table_next(table)) {
		struct linear_result r;
		score_text(model, words, head, table_cell(table, text), arena, &r);
		fprintf(out, "%.*s\t", STR_ARG(table_cell(table, id)));
		print_labels(head, &r, out);
		arena_reset(arena);
	}
	words_free(words);
	arena_free(arena);
	table_close(table);
	return 0;
}

/* ---- eval ---------------------------------------------------------------------------------- */

static int eval_file(const struct model *model, const struct model_head *head, const char *path,
		     const struct corpus_options *options, struct judge *judge, struct error *err)
{
	struct table *table = table_open(path, err);
	if (!table)
		return -1;
	int id = table_column(table, "id"), text = table_column(table, "text");
	int lang = table_column(table, "lang"), label = -1;
	struct str rest = str_of(options->labels), name;
	while (label < 0 && str_split(&rest, ',', &name)) {
		char *z = xstrndup(name.p, name.n);
		label = table_column(table, z);
		free(z);
	}
	if (text < 0 || label < 0) {
		table_close(table);
		return error_set(err,
				 "could not read table \"%s\": expected the columns \"text\" "
				 "and \"%s\"",
				 path, options->labels);
	}
	struct arena *arena = arena_create(256 * MiB);
	struct words *words = words_create(model_lexicon(model), model);
	while (table_next(table)) {
		struct str cell = corpus_label(options, table_cell(table, id),
					       table_cell(table, lang), table_cell(table, label));
		if (!cell.p)
			continue;
		struct linear_result r;
		score_text(model, words, head, table_cell(table, text), arena, &r);
		judge_add(judge, table_cell(table, lang), &r, cell);
		arena_reset(arena);
	}
	words_free(words);
	arena_free(arena);
	table_close(table);
	return 0;
}

int predict_eval(const struct model *model, const struct model_head *head, const char *paths,
		 const struct corpus_options *options, struct buf *out, struct error *err)
{
	struct corpus_options as_head = *options;
	as_head.multi = head->multi != 0;
	struct judge *judge = judge_create(head);
	struct str rest = str_of(paths), part;
	int rc = 0;
	while (rc == 0 && str_split(&rest, ',', &part)) {
		char *path = xstrndup(part.p, part.n);
		rc = eval_file(model, head, path, &as_head, judge, err);
		free(path);
	}
	if (rc == 0)
		judge_print(judge, out);
	judge_free(judge);
	return rc;
}

/* ---- pack ---------------------------------------------------------------------------------- */

static int8_t part_weight(const void *arg, size_t head, size_t class, uint32_t row)
{
	const struct predict_part *part = (const struct predict_part *)arg + head;
	const struct model_head *from = model_head_at(part->model, 0);
	return model_weights(
	    part->model)[(size_t)row * model_stride(part->model) + from->first + class];
}

int predict_pack(const char *out, const struct predict_part *parts, size_t n, struct error *err)
{
	struct model_head *heads[MODEL_HEADS_MAX] = {NULL};
	if (n == 0 || n > MODEL_HEADS_MAX)
		return error_set(err, "could not pack: expected 1 to %d heads", MODEL_HEADS_MAX);
	for (size_t i = 1; i < n; i++) {
		if (model_row_bits(parts[i].model) != model_row_bits(parts[0].model))
			return error_set(err,
					 "could not pack \"%s\": its table has another size; "
					 "fit all heads with the same --bits",
					 parts[i].head);
	}
	for (size_t i = 0; i < n; i++) {
		const struct model_head *from = model_head_at(parts[i].model, 0);
		heads[i] = model_head_new(parts[i].head, from->n_classes);
		memcpy(heads[i]->classes, from->classes, from->n_classes * sizeof from->classes[0]);
		heads[i]->multi = from->multi;
		heads[i]->abstain = from->abstain;
		memcpy(heads[i]->scale, from->scale, sizeof from->scale);
	}
	int rc = model_write(out, model_row_bits(parts[0].model), heads, n,
			     model_lexicon(parts[0].model), part_weight, parts, err);
	for (size_t i = 0; i < n; i++)
		free(heads[i]);
	return rc;
}
