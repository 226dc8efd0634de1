/* Tonality towards each of several. */
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

#include "analyze/score.h"
#include "analyze/shipped.h"
#include "analyze/table.h"

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
	    {"DHL,Hermes", "Weder DHL noch Hermes liefern gut", "DHL=negative Hermes=negative"},
	    {"DHL,Hermes", "Von Hermes zu DHL gewechselt", "DHL=positive Hermes=negative"},
	    {"DHL,Hermes", "Use DHL instead of Hermes", "DHL=positive Hermes=negative"},
	    {"DHL,Hermes", "Hermes mahnt wegen einer Bestellung bei DHL, unverschämt",
	     "DHL=neutral Hermes=negative"},
	    {"Apple,Apple Music", "Apple Music is great, love it", "Apple Music=positive"},
	    {"Royal Mail", "Thank you @RoyalMail, great service!", "Royal Mail=positive"},
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

/* What others wrote names nobody; reasons come from the target's own clauses and not from its name. */
static void test_reasons(void **state)
{
	static struct post_span quote = {0, 22};
	struct score_settings settings = {
	    .abstain_percent = -1, .why = true, .targets = "DHL,Hermes,UPS"};
	struct model *model = shipped();
	struct score *score = score_create(model, &settings);
	struct arena *arena = arena_create(64 * MiB);
	struct post post;
	struct analysis a;
	(void)state;
	post_init(&post);
	post.id = post.conversation = STR("a");
	post.title = STR("DHL ist super, vielen Dank");
	post.text = STR("@UPS ist ne Frechheit! Hermes hat alles verloren, katastrophal!");
	post.quotes = &quote;
	post.n_quotes = 1;
	score_post(score, &post, arena, &a);
	assert_int_equal(a.n_targets, 2);
	const struct post_tonality_score *dhl = &a.targets[0].tonality;
	const struct post_tonality_score *hermes = &a.targets[1].tonality;
	assert_int_equal(dhl->label, POST_POSITIVE);
	assert_int_equal(hermes->label, POST_NEGATIVE);
	assert_true(dhl->p > 0 && dhl->p <= POST_ONE && hermes->score < 0);
	assert_true(dhl->n_why >= 1);
	for (size_t i = 0; i < dhl->n_why; i++)
		assert_true(str_is(dhl->why[i].field, "title") && dhl->why[i].start >= 4);
	assert_true(hermes->n_why >= 2 && hermes->n_why <= 8);
	for (size_t i = 0; i < hermes->n_why; i++) {
		const struct post_why *why = &hermes->why[i];
		assert_true(str_is(why->field, "text") && why->start >= 23);
		assert_true(str_eq(why->text, str_sub(post.text, why->start, why->end)));
		assert_false(str_is(why->text, "Hermes"));
	}
	arena_free(arena);
	score_free(score);
	model_close(model);
}

/* v.config tells the targets apart, however many there are. */
static void test_configuration(void **state)
{
	char names[2][2048];
	struct model *model = shipped();
	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(names[i], 'x', sizeof names[i]);
		names[i][sizeof names[i] - 2] = (char)('a' + i);
		names[i][sizeof names[i] - 1] = '\0';
	}
	struct score_settings settings = {.abstain_percent = -1, .targets = "DHL,UPS"};
	struct score *few = score_create(model, &settings);
	assert_string_equal(score_config_text(few), "abstain=model\ntargets=DHL,UPS\n");
	settings.targets = names[0];
	struct score *a = score_create(model, &settings);
	settings.targets = names[1];
	struct score *b = score_create(model, &settings);
	assert_string_not_equal(score_config_id(a), score_config_id(b));
	score_free(few);
	score_free(a);
	score_free(b);
	model_close(model);
}

/* A post that names targets from end to end costs no more than its length. */
static void test_full_of_names(void **state)
{
	struct score_settings settings = {.abstain_percent = -1, .targets = "DHL,Hermes,und"};
	struct model *model = shipped();
	struct score *score = score_create(model, &settings);
	struct arena *arena = arena_create(512 * MiB);
	struct buf text;
	struct post post;
	struct analysis a;
	(void)state;
	buf_init(&text, POST_MAX_BYTES);
	while (text.n + 32 < POST_MAX_BYTES)
		assert_int_equal(buf_z(&text, "DHL und Hermes als von zu, "), 0);
	post_init(&post);
	post.id = post.conversation = STR("a");
	post.text = buf_view(&text);
	score_post(score, &post, arena, &a);
	assert_int_equal(a.n_targets, 3);
	buf_done(&text);
	arena_free(arena);
	score_free(score);
	model_close(model);
}

/* The same for the line of JSON, whose arena is bounded, with as many targets as there may be. */
static void test_full_line(void **state)
{
	struct score_settings settings = {
	    .abstain_percent = -1, .why = true, .targets = "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,b"};
	struct model *model = shipped();
	struct score *score = score_create(model, &settings);
	struct buf line, out;
	struct error err;
	struct analysis a;
	(void)state;
	buf_init(&line, POST_MAX_BYTES);
	buf_init(&out, 4 * MiB);
	assert_int_equal(buf_z(&line, "{\"v\":1,\"op\":\"create\",\"id\":\"a:b:1\",\"text\":\"b"),
			 0);
	while (line.n + 8 < POST_MAX_BYTES)
		assert_int_equal(buf_z(&line, " a"), 0);
	assert_int_equal(buf_z(&line, "\"}"), 0);
	assert_int_equal(score_line(score, buf_view(&line), &out, &err), 0);
	(void)score_last(score, &a);
	assert_int_equal(a.n_targets, 16);
	buf_done(&line);
	buf_done(&out);
	score_free(score);
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
	for (size_t k = 0; k < a.n_targets; k++) { /* label, p and score agree */
		const struct post_tonality_score *t = &a.targets[k].tonality;
		int sign = t->label == POST_POSITIVE ? 1 : t->label == POST_NEGATIVE ? -1 : 0;
		assert_true(t->p >= POST_ONE / 3 && t->p <= POST_ONE && t->score * sign >= 0);
	}
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
	static const double floors[PARTS] = {.64, .68, .64};
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
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_is_meant),  cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_configuration), cmocka_unit_test(test_full_of_names),
	    cmocka_unit_test(test_full_line),     cmocka_unit_test(test_written_set)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
