#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/eval.h"
#include "analyze/exact.h"
#include "analyze/judge.h"

enum {
	WORDS = (MODEL_CLASSES_MAX + 63) / 64,
	LANG_BYTES = 8,
	LANGS = 32,
	BINS = 10,
	SEED = 19790101
};

struct answer {
	int is, said;                    /* one of many; -1: a label the head lacks */
	uint64_t set[WORDS], out[WORDS]; /* several */
	uint32_t p;                      /* of the label said, millionths */
	char lang[LANG_BYTES];
};

struct bins {
	uint64_t n[BINS], p[BINS], right[BINS];
};

struct judge {
	const struct model_head *head;
	struct answer *answers;
	size_t n, room;
	struct bins bins;
};

struct judge *judge_create(const struct model_head *head)
{
	struct judge *judge = xcalloc(1, sizeof *judge);
	judge->head = head;
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	free(judge->answers);
	free(judge);
}

static void count_bin(struct bins *bins, uint32_t p, bool right)
{
	size_t bin = p >= MODEL_P ? BINS - 1 : (size_t)p * BINS / MODEL_P;
	bins->n[bin]++;
	bins->p[bin] += p;
	bins->right[bin] += right;
}

void judge_add(struct judge *judge, struct str lang, const struct linear_result *r, struct str cell)
{
	const struct model_head *head = judge->head;
	struct answer a = {.is = -1, .said = r->best, .p = r->p[r->best]};
	struct str part;
	memcpy(a.lang, lang.p ? lang.p : "", lang.n < LANG_BYTES - 1 ? lang.n : LANG_BYTES - 1);
	if (!head->multi) {
		a.is = model_class_of(head, str_trim(cell));
		count_bin(&judge->bins, a.p, a.is == a.said);
	} else {
		while (str_split(&cell, ',', &part)) {
			int k = model_class_of(head, str_trim(part));
			if (k >= 0)
				a.set[k / 64] |= 1ULL << k % 64;
		}
		for (uint32_t k = 0; k < head->n_classes; k++) {
			a.out[k / 64] |= (uint64_t)(r->margin[k] > 0) << k % 64;
			count_bin(&judge->bins, r->p[k], a.set[k / 64] >> k % 64 & 1);
		}
	}
	if (judge->n == judge->room) {
		judge->room = judge->room * 2 + 1024;
		judge->answers = xrealloc(judge->answers, judge->room * sizeof *judge->answers);
	}
	judge->answers[judge->n++] = a;
}

static void count(const struct judge *judge, const struct answer *a, struct eval *e)
{
	bool is[MODEL_CLASSES_MAX], said[MODEL_CLASSES_MAX];
	if (!judge->head->multi) {
		eval_add(e, a->is, a->said);
		return;
	}
	for (uint32_t k = 0; k < judge->head->n_classes; k++) {
		is[k] = a->set[k / 64] >> k % 64 & 1;
		said[k] = a->out[k / 64] >> k % 64 & 1;
	}
	eval_add_multi(e, is, said);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* The rows of `which`, n of them: figures, and how much they would differ with other rows. */
static void put_figures(const struct judge *judge, const size_t *which, size_t n, struct buf *out)
{
	double accuracy[JUDGE_SAMPLES], macro[JUDGE_SAMPLES];
	struct eval e;
	uint64_t random = SEED;
	for (int s = 0; s < JUDGE_SAMPLES; s++) {
		eval_init(&e, judge->head->n_classes);
		for (size_t i = 0; i < n; i++)
			count(judge, &judge->answers[which[exact_random(&random) % n]], &e);
		accuracy[s] = eval_accuracy(&e);
		macro[s] = eval_macro_f1(&e);
	}
	qsort(accuracy, JUDGE_SAMPLES, sizeof *accuracy, by_value);
	qsort(macro, JUDGE_SAMPLES, sizeof *macro, by_value);
	eval_init(&e, judge->head->n_classes);
	for (size_t i = 0; i < n; i++)
		count(judge, &judge->answers[which[i]], &e);
	size_t low = JUDGE_SAMPLES / 40, high = JUDGE_SAMPLES - 1 - low;
	(void)buf_printf(out, "n %zu  accuracy %.4f (%.3f to %.3f)  macro-F1 %.4f (%.3f to %.3f)\n",
			 n, eval_accuracy(&e), accuracy[low], accuracy[high], eval_macro_f1(&e),
			 macro[low], macro[high]);
}

static double calibration_error(const struct bins *bins)
{
	double sum = 0, n = 0;
	for (int i = 0; i < BINS; i++) {
		double gap = ((double)bins->right[i] * MODEL_P - (double)bins->p[i]) / MODEL_P;
		sum += gap < 0 ? -gap : gap;
		n += (double)bins->n[i];
	}
	return n > 0 ? sum / n : 0;
}

static void put_languages(const struct judge *judge, size_t *which, struct buf *out)
{
	const char *langs[LANGS];
	size_t n_langs = 0;
	for (size_t i = 0; i < judge->n; i++) {
		const char *lang = judge->answers[i].lang;
		size_t k = 0;
		while (k < n_langs && strcmp(langs[k], lang) != 0)
			k++;
		if (k == n_langs && n_langs < LANGS)
			langs[n_langs++] = lang;
	}
	for (size_t k = 0; n_langs > 1 && k < n_langs; k++) {
		size_t n = 0;
		for (size_t i = 0; i < judge->n; i++) {
			if (strcmp(judge->answers[i].lang, langs[k]) == 0)
				which[n++] = i;
		}
		if (n < JUDGE_LANG_LEAST)
			continue;
		(void)buf_printf(out, "%-4s ", langs[k][0] ? langs[k] : "?");
		put_figures(judge, which, n, out);
	}
}

void judge_print(const struct judge *judge, struct buf *out)
{
	size_t *which = xcalloc(judge->n + 1, sizeof *which);
	struct eval e;
	if (judge->n == 0) {
		(void)buf_z(out, "no rows\n");
		free(which);
		return;
	}
	for (size_t i = 0; i < judge->n; i++)
		which[i] = i;
	put_figures(judge, which, judge->n, out);
	(void)buf_printf(out, "calibration error %.4f\n", calibration_error(&judge->bins));
	put_languages(judge, which, out);
	eval_init(&e, judge->head->n_classes);
	for (size_t i = 0; i < judge->n; i++)
		count(judge, &judge->answers[i], &e);
	eval_print_classes(&e, judge->head, out);
	free(which);
}
