/* Tonality towards each of several, and the clauses that it rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/hash.h"
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

/* ---- the written set --------------------------------------------------------------------- */

/* Rows t-...: what the rules were first made from.  Rows u-...: others, split by the hash of the post's id,
 * so that both targets of a post are on one side: one half for choosing constants, one for the figure. */
enum part { PART_FIRST, PART_DEV, PART_TEST, PARTS };
static const char *const part_names[PARTS] = {"first rows (rules made from them)",
					      "dev half (constants chosen on it)", "test half"};

struct tally {
	unsigned hit[3], is[3], out[3], n;
};

static const char *const labels[] = {"negative", "neutral", "positive"};

static void count(struct tally *t, struct str label, const char *said_label)
{
	for (int k = 0; k < 3; k++) {
		bool is = str_is(label, labels[k]);
		bool out = said_label && strcmp(said_label, labels[k]) == 0;
		t->is[k] += is;
		t->out[k] += out;
		t->hit[k] += is && out;
	}
	t->n++;
}

static double macro_f1(const struct tally *t)
{
	double f1 = 0;
	for (int k = 0; k < 3; k++) {
		unsigned all = t->is[k] + t->out[k];
		f1 += all ? 2.0 * t->hit[k] / all / 3 : 0;
	}
	return f1;
}

static enum part part_of(struct str id)
{
	struct str post = str_sub(id, 0, id.n - 2); /* without "-0" */
	if (id.p[0] == 't')
		return PART_FIRST;
	return hash_murmur2(post) >> 8 & 1 ? PART_TEST : PART_DEV;
}

struct row {
	struct str id, target, label, text;
};

/* Two rows a post, one below the other. */
static void count_post(const struct model *model, const struct row rows[2], struct arena *arena,
		       struct tally *own, struct tally *whole)
{
	struct score_settings settings = {
	    .abstain_percent = 0,
	    .targets =
		arena_printf(arena, "%.*s,%.*s", STR_ARG(rows[0].target), STR_ARG(rows[1].target))};
	struct score *score = score_create(model, &settings);
	struct post post;
	struct analysis a;
	post_init(&post);
	post.id = post.conversation = STR("a");
	post.text = rows[0].text;
	score_post(score, &post, arena, &a);
	assert_true(str_eq(rows[0].text, rows[1].text));
	for (int i = 0; i < 2; i++) {
		enum post_tonality label =
		    POST_TONALITY_NULL; /* a target not found counts as wrong */
		for (size_t k = 0; k < a.n_targets; k++) {
			if (str_eq(a.targets[k].query, rows[i].target))
				label = a.targets[k].tonality.label;
		}
		count(own, rows[i].label, post_tonality_name(label));
		count(whole, rows[i].label, post_tonality_name(a.tonality.label));
	}
	score_free(score);
}

static void test_written_set(void **state)
{
	static const double floors[PARTS] = {.6, .55, .52};
	struct error err;
	struct model *model = shipped();
	struct table *table = table_open("tests/data/targets.tsv", &err);
	struct tally own[PARTS] = {{.n = 0}}, whole[PARTS] = {{.n = 0}};
	struct arena *arena = arena_create(64 * MiB);
	struct row rows[2];
	size_t n = 0;
	(void)state;
	assert_non_null(table);
	int id = table_column(table, "id"), target = table_column(table, "target");
	int label = table_column(table, "label"), text = table_column(table, "text");
	while (table_next(table)) {
		rows[n++ % 2] = (struct row){arena_str(arena, table_cell(table, id)),
					     arena_str(arena, table_cell(table, target)),
					     arena_str(arena, table_cell(table, label)),
					     arena_str(arena, table_cell(table, text))};
		if (n % 2)
			continue;
		enum part part = part_of(rows[0].id);
		count_post(model, rows, arena, &own[part], &whole[part]);
		arena_reset(arena);
	}
	assert_int_equal(n, 472);
	for (int p = 0; p < PARTS; p++)
		print_message("# tonality towards targets: macro-F1 %.3f (the whole post's label "
			      "for each: %.3f) on %u rows, %s\n",
			      macro_f1(&own[p]), macro_f1(&whole[p]), own[p].n, part_names[p]);
	for (int p = 0; p < PARTS; p++)
		assert_true(macro_f1(&own[p]) > floors[p]);
	arena_free(arena);
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
