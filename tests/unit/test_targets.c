/* Tonality towards each of several, and the clauses that it rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/mem.h"

#include "analyze/clauses.h"
#include "analyze/score.h"
#include "analyze/shipped.h"
#include "analyze/table.h"

static void test_clauses(void **state)
{
	static const struct {
		const char *text, *of; /* the clause of each word */
	} rows[] = {{"DHL ist gut aber Hermes nicht", "000111"},
		    {"gut, schlecht; egal", "012"},
		    {"Eins. Zwei drei! Vier", "0112"},
		    {"E-Post und ePost", "0000"},
		    {"Preis - Leistung (super) ok", "0123"},
		    {"X while Y", "011"},
		    {"gut – schlecht", "01"},
		    {"Achtung: Zug fällt aus", "0111"},
		    {"", ""}};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens tokens;
		struct clauses c;
		char of[64] = "";
		tokens_cut(&tokens, str_of(rows[i].text), NULL, 0, arena);
		clauses_cut(&c, str_of(rows[i].text), &tokens, arena);
		for (size_t k = 0; k < tokens.n; k++)
			of[k] = (char)('0' + c.of[k]);
		if (strcmp(of, rows[i].of) != 0)
			fail_msg("\"%s\": %s", rows[i].text, of);
	}
	arena_free(arena);
}

/* "DHL=positive Hermes=negative": what is said of each. */
static void said(const struct model *model, const char *targets, struct str text, char *ret,
		 size_t room)
{
	struct score_settings settings = {.abstain_percent = -1, .why = true, .targets = targets};
	struct score *score = score_create(model, &settings);
	struct arena *arena = arena_create(64 * MiB);
	struct post post;
	struct analysis a;
	post_init(&post);
	post.id = post.conversation = STR("a");
	post.text = text;
	score_post(score, &post, arena, &a);
	ret[0] = '\0';
	for (size_t i = 0; i < a.n_targets; i++) {
		const struct post_tonality_score *t = &a.targets[i].tonality;
		size_t n = strlen(ret);
		(void)snprintf(ret + n, room - n, "%s%.*s=%s", n ? " " : "",
			       STR_ARG(a.targets[i].query), post_tonality_name(t->label));
		assert_true(t->n_why <= 8 && t->score >= -POST_ONE && t->score <= POST_ONE);
	}
	arena_free(arena);
	score_free(score);
}

static struct model *shipped(void)
{
	struct error err;
	char *path = shipped_path(NULL, SHIPPED_MODEL);
	struct model *model = model_open(path, &err);
	if (!model)
		fail_msg("%s", err.text);
	free(path);
	return model;
}

static void test_who_is_meant(void **state)
{
	static const struct {
		const char *targets, *text, *said;
	} rows[] = {
	    {"DHL,Hermes", "DHL was great but Hermes lost it", "DHL=positive Hermes=negative"},
	    {"Hermes,DHL", "DHL was great but Hermes lost it", "Hermes=negative DHL=positive"},
	    {"DHL,Hermes", "Danke @DHLPaket, super!", "DHL=positive"}, /* the beginning of a name */
	    {"UPS,Hermes", "DHL was great", ""},
	    {"DHL,Hermes", "DHL ist besser als Hermes", "DHL=positive Hermes=negative"},
	    {"DHL,Hermes", "Hermes ist schlechter als DHL", "DHL=positive Hermes=negative"},
	    {"Deutsche Bahn", "Die Deutsche Bahn!", "Deutsche Bahn=neutral"},
	    {"Deutsche Bahn", "Die Bahn!", ""},
	    {"über", "UEBER den Wolken", "über=neutral"}, /* folded */
	    {",, ,", "nichts", ""},
	};
	struct model *model = shipped();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[256];
		said(model, rows[i].targets, str_of(rows[i].text), text, sizeof text);
		if (strcmp(text, rows[i].said) != 0)
			fail_msg("\"%s\": %s", rows[i].text, text);
	}
	model_close(model);
}

/* The written set: macro-F1 over its rows, beside the whole post's label for every target. */
static void test_written_set(void **state)
{
	static const char *const labels[] = {"negative", "neutral", "positive"};
	struct error err;
	struct model *model = shipped();
	struct table *table = table_open("tests/data/targets.tsv", &err);
	unsigned hit[3] = {0}, is[3] = {0}, out[3] = {0}, n = 0;
	double f1 = 0;
	(void)state;
	assert_non_null(table);
	int target = table_column(table, "target"), label = table_column(table, "label");
	int text = table_column(table, "text");
	char both[128] = "", last[1024] = "";
	struct table *ahead = table_open("tests/data/targets.tsv", &err);
	assert_true(table_next(ahead));
	while (table_next(table)) {
		/* two rows a post, one below the other */
		struct str t = table_cell(table, text), name = table_cell(table, target);
		if (!str_is(t, last)) {
			(void)snprintf(last, sizeof last, "%.*s", STR_ARG(t));
			assert_true(table_next(ahead));
			(void)snprintf(both, sizeof both, "%.*s,%.*s", STR_ARG(name),
				       STR_ARG(table_cell(ahead, target)));
			(void)table_next(ahead); /* the last post has no next */
		}
		char answers[256], wanted[128];
		said(model, both, t, answers, sizeof answers);
		for (int k = 0; k < 3; k++) {
			(void)snprintf(wanted, sizeof wanted, "%.*s=%s", STR_ARG(name), labels[k]);
			bool is_k = str_is(table_cell(table, label), labels[k]);
			bool out_k = strstr(answers, wanted) != NULL;
			is[k] += is_k;
			out[k] += out_k;
			hit[k] += is_k && out_k;
		}
		n++;
	}
	for (int k = 0; k < 3; k++)
		f1 += 2.0 * hit[k] / (is[k] + out[k]) / 3;
	print_message("# tonality towards targets: macro-F1 %.3f on %u rows of our own\n", f1, n);
	assert_true(n == 140 && f1 > 0.5);
	table_close(ahead);
	table_close(table);
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_clauses),
					   cmocka_unit_test(test_who_is_meant),
					   cmocka_unit_test(test_written_set)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
