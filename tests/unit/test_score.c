/* Scoring: a post in, the same post with its analysis out; same bytes each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/config.h"
#include "analyze/explain.h"
#include "analyze/score.h"

/* A model of our own: German is what has "ist", English what has "the", good is "gut", bad "weg". */
static char dir[] = "/tmp/posthorn-score-XXXXXX";
static char path[64];
static struct model *model;

enum { BITS = 12, STRONG = 100 };

static const struct {
	const char *word;
	int head, class;
} words[] = {{"ist", 0, 0}, {"the", 0, 1}, {"weg", 1, 0}, {"gut", 1, 2}, {"😡", 1, 0}};

static int8_t weight(const void *arg, size_t head, size_t class, uint32_t row)
{
	const uint32_t *rows = arg;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (rows[i] == row && words[i].head == (int)head && words[i].class == (int)class)
			return STRONG;
	}
	return 0;
}

static int make(void **state)
{
	static const char *const languages[] = {"de", "en"};
	static const char *const tonalities[] = {"negative", "neutral", "positive"};
	struct model_head *heads[2] = {model_head_new("language", 2),
				       model_head_new("tonality", 3)};
	struct arena *arena = arena_create(1 * MiB);
	struct words *plain = words_create(NULL, NULL);
	uint32_t rows[ARRAY_LEN(words)];
	struct error err;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct tokens t;
		struct features f;
		tokens_cut(&t, str_of(words[i].word), NULL, 0, arena);
		features_of(&f, NULL, &t, plain, arena);
		int block = f.n[FEATURE_WORDS] ? FEATURE_WORDS : FEATURE_SIGNS;
		rows[i] = f.hashes[block][0] >> (32 - BITS);
	}
	words_free(plain);
	arena_free(arena);
	for (size_t h = 0; h < 2; h++) {
		for (uint32_t k = 0; k < heads[h]->n_classes; k++) {
			const char *name = h ? tonalities[k] : languages[k];
			memcpy(heads[h]->classes[k].name, name, strlen(name));
			for (uint32_t j = 0; j <= MODEL_STEPS; j++)
				heads[h]->classes[k].p[j] = j < 65 ? 10000 : 990000;
		}
		heads[h]->abstain = 600000;
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			heads[h]->scale[b] = 2000 * 65536 / STRONG;
	}
	heads[1]->classes[1].bias = 20; /* neutral where nothing else speaks */
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/m", dir);
	if (model_write(path, BITS, heads, 2, NULL, weight, rows, &err) != 0)
		fail_msg("%s", err.text);
	free(heads[0]);
	free(heads[1]);
	model = model_open(path, &err);
	assert_non_null(model);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	model_close(model);
	return unlink(path) | rmdir(dir);
}

#define POST(more) "{\"v\":1,\"op\":\"create\",\"id\":\"a:b:1\"" more "}"

static struct score *create(int64_t abstain)
{
	struct score_settings settings = {.abstain_percent = abstain, .why = true};
	return score_create(model, &settings);
}

static void test_rows(void **state)
{
	static const struct {
		const char *post;
		int64_t abstain;
		const char *has; /* in the scored post, or in the error */
		bool ok;
	} rows[] = {
	    /* tonality */
	    {POST(",\"text\":\"weg\""), -1, "\"label\":\"negative\"", true},
	    {POST(",\"text\":\"gut\""), -1, "\"label\":\"positive\"", true},
	    {POST(",\"text\":\"Gut!\""), -1, "\"label\":\"positive\"", true},
	    {POST(",\"title\":\"gut\",\"text\":\"\""), -1, "\"label\":\"positive\"", true},
	    {POST(",\"text\":\"😡\""), -1, "\"label\":\"negative\"", true},
	    {POST(",\"text\":\"bote\""), -1, "\"label\":\"neutral\"", true},
	    {POST(",\"text\":\"gut weg\""), -1, "\"label\":null", true}, /* 0.5 each */
	    {POST(",\"text\":\"gut weg\""), 0, "\"label\":\"negative\"", true},
	    {POST(",\"text\":\"gut\""), 100, "\"label\":null", true},
	    {POST(",\"text\":\"gut\""), -1, "\"score\":0.", true},
	    {POST(",\"text\":\"weg\""), -1, "\"score\":-0.", true},
	    {POST(",\"text\":\"\""), -1, "\"tonality\":{\"label\":null,\"score\":null,\"p\":null",
	     true},
	    {POST(""), -1, "\"tonality\":{\"label\":null,\"score\":null", true},
	    {POST(",\"text\":\"... !\""), -1, "\"tonality\":{\"label\":null,\"score\":null", true},
	    /* what others wrote does not count */
	    {POST(",\"text\":\"weg gut\",\"quotes\":[[0,3]]"), -1, "\"label\":\"positive\"", true},
	    /* reasons, with places in the decoded text */
	    {POST(",\"text\":\"ist \\u00fc gut\""), -1,
	     "{\"field\":\"text\",\"start\":7,\"end\":10,\"text\":\"gut\",\"weight\":", true},
	    {POST(",\"title\":\"weg\",\"text\":\"x\""), -1,
	     "{\"field\":\"title\",\"start\":0,\"end\":3,\"text\":\"weg\",\"weight\":-", true},
	    /* language */
	    {POST(",\"text\":\"ist\""), -1, "\"lang\":\"de\"", true},
	    {POST(",\"text\":\"the\""), -1, "\"lang\":\"en\"", true},
	    {POST(",\"text\":\"bote\""), -1, "},\"lang\":null", true},
	    {POST(",\"text\":\"bote\",\"lang\":\"de-AT\""), -1, "},\"lang\":\"de-AT\"", true},
	    {POST(",\"text\":\"the\",\"lang\":\"de\""), -1, "},\"lang\":\"de\"",
	     true}, /* too short */
	    {POST(",\"text\":\"the the the the the\",\"lang\":\"de\""), -1, "},\"lang\":\"en\"",
	     true},
	    {POST(",\"text\":\"ist ist ist ist ist\",\"lang\":\"de-AT\""), -1,
	     "},\"lang\":\"de-AT\"", true},
	    {POST(",\"lang\":\"nl\""), -1, "},\"lang\":\"nl\"", true},
	    /* what is not known is not invented */
	    {POST(",\"text\":\"gut\""), -1, "\"relevance\":null", true},
	    {POST(",\"text\":\"gut\""), -1, "\"answer\":{\"p\":null}", true},
	    {POST(",\"text\":\"gut\""), -1, "\"urgency\":{\"level\":null", true},
	    /* the post's own bytes survive */
	    {POST(",\"novel\": {\"x\":[1.50]},\"text\":\"g\\u0075t\""), -1,
	     "\"novel\": {\"x\":[1.50]},\"text\":\"g\\u0075t\",\"analysis\":{", true},
	    {"{\"v\":1,\"op\":\"delete\",\"id\":\"a:b:1\"}", -1, "\"analysis\":null}", true},
	    /* no posts */
	    {"", -1, "could not read post", false},
	    {"{", -1, "could not read post", false},
	    {"[]", -1, "could not read post", false},
	    {"{\"v\":1,\"op\":\"create\"}", -1, "id", false},
	    {POST(",\"text\":1"), -1, "text", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct score *score = create(rows[i].abstain);
		struct error err = {""};
		struct buf out;
		buf_init(&out, 1 * MiB);
		int rc = score_line(score, str_of(rows[i].post), &out, &err);
		const char *said = rc == 0 ? buf_view(&out).p : err.text;
		if ((rc == 0) != rows[i].ok || !strstr(said, rows[i].has))
			fail_msg("row %zu %s\ngives %s\nwithout %s", i, rows[i].post, said,
				 rows[i].has);
		if (rc != 0)
			assert_int_equal(out.n, 0);
		buf_done(&out);
		score_free(score);
	}
}

static void test_versions(void **state)
{
	struct score *a = create(-1), *b = create(50);
	struct error err;
	struct buf out;
	(void)state;
	buf_init(&out, 1 * MiB);
	assert_int_equal(score_line(a, STR(POST(",\"text\":\"x\"")), &out, &err), 0);
	char *expected =
	    xasprintf("\"v\":{\"engine\":\"%s\",\"model\":\"%s\",\"queries\":\"e3b0c44298fc\","
		      "\"config\":\"%s\"}",
		      SCORE_ENGINE, model_id(model), score_config_id(a));
	assert_non_null(strstr(buf_view(&out).p, expected));
	assert_string_not_equal(score_config_id(a), score_config_id(b));
	assert_string_equal(score_config_text(b), "abstain=50\n");
	free(expected);
	buf_done(&out);
	score_free(a);
	score_free(b);
}

/* A scorer that has seen other posts says the same as a fresh one. */
static void test_same_bytes(void **state)
{
	static const char *const texts[] = {"gut", "weg! weg :(", "the", "ist 😡 gut", "", "ßÄ"};
	struct score *used = create(-1);
	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			struct score *fresh = create(-1);
			struct error err;
			struct buf a, b;
			buf_init(&a, 1 * MiB);
			buf_init(&b, 1 * MiB);
			char *post = xasprintf(POST(",\"text\":\"%s\""), texts[i]);
			assert_int_equal(score_line(used, str_of(post), &a, &err), 0);
			assert_int_equal(score_line(fresh, str_of(post), &b, &err), 0);
			assert_true(str_eq(buf_view(&a), buf_view(&b)));
			free(post);
			buf_done(&a);
			buf_done(&b);
			score_free(fresh);
		}
	}
	score_free(used);
}

/* What one post needed is free for the next: else the arena's limit ends the process. */
static void test_memory_is_used_again(void **state)
{
	struct score *score = create(-1);
	struct buf post, out;
	struct error err;
	(void)state;
	buf_init(&post, 1 * MiB);
	buf_init(&out, 1 * MiB);
	assert_int_equal(buf_z(&post, "{\"v\":1,\"op\":\"create\",\"id\":\"x\",\"text\":\""), 0);
	while (post.n < 100000)
		assert_int_equal(buf_z(&post, "gut "), 0);
	assert_int_equal(buf_z(&post, "\"}"), 0);
	for (int i = 0; i < 60; i++) {
		buf_reset(&out);
		assert_int_equal(score_line(score, buf_view(&post), &out, &err), 0);
	}
	buf_done(&post);
	buf_done(&out);
	score_free(score);
}

/* Weights shown and the rest add up; at most eight, the heaviest first. */
static void test_reasons(void **state)
{
	struct score *score = create(-1);
	struct arena *arena = arena_create(64 * MiB);
	struct error err;
	struct buf out;
	struct analysis a;
	(void)state;
	buf_init(&out, 1 * MiB);
	assert_int_equal(score_line(score,
				    STR(POST(",\"text\":\"gut gut weg gut gut gut gut gut gut gut "
					     "gut gut weg 😡\"")),
				    &out, &err),
			 0);
	const struct post *post = score_last(score, &a);
	assert_int_equal(a.tonality.n_why, 8);
	for (size_t i = 1; i < 8; i++)
		assert_true(llabs(a.tonality.why[i - 1].weight) >= llabs(a.tonality.why[i].weight));
	assert_true(str_is(a.tonality.why[0].text, "😡") && a.tonality.why[0].weight < 0);
	assert_true(str_is(a.tonality.why[1].text, "gut") && a.tonality.why[1].weight > 0);
	buf_reset(&out);
	int64_t margin = score_tonality_margin(score, post, arena), rest = margin;
	for (size_t i = 0; i < 8; i++)
		rest -= a.tonality.why[i].weight;
	explain_print(&out, post, &a, margin, false);
	char *line = xasprintf("%+6lld  all else", (long long)rest);
	assert_non_null(strstr(buf_view(&out).p, line));
	assert_non_null(strstr(buf_view(&out).p, "[+gut] [+gut]"));
	free(line);
	buf_done(&out);
	arena_free(arena);
	score_free(score);
}

static void test_control_characters_stay_off_the_terminal(void **state)
{
	struct score *score = create(-1);
	struct error err;
	struct buf out;
	struct analysis a;
	(void)state;
	buf_init(&out, 1 * MiB);
	assert_int_equal(
	    score_line(score, STR(POST(",\"text\":\"gut\\u001b[2J \\u009b2J weg\"")), &out, &err),
	    0);
	const struct post *post = score_last(score, &a);
	buf_reset(&out);
	explain_print(&out, post, &a, 0, false);
	assert_null(strchr(buf_view(&out).p, '\033'));
	assert_null(strstr(buf_view(&out).p, "\xc2\x9b"));
	buf_reset(&out);
	explain_print(&out, post, &a, 0, true);
	assert_non_null(strstr(buf_view(&out).p, "\033[32;1mgut\033[0m"));
	/* an id is a feed's guid, a language what somebody declared */
	assert_int_equal(score_line(score,
				    STR("{\"id\":\"a\\u001b[2J\\nb\",\"lang\":\"\\u009b31m\","
					"\"text\":\"gut\"}"),
				    &out, &err),
			 0);
	post = score_last(score, &a);
	buf_reset(&out);
	explain_print(&out, post, &a, 0, false);
	assert_null(strchr(buf_view(&out).p, '\033'));
	assert_null(strstr(buf_view(&out).p, "\xc2\x9b"));
	assert_non_null(strstr(buf_view(&out).p, "a [2J b\n"));
	buf_done(&out);
	score_free(score);
}

static void test_configuration(void **state)
{
	static const struct {
		const char *yaml, *error; /* NULL: fine */
		int64_t abstain;
	} rows[] = {
	    {"bus: sqlite:bus\n", NULL, -1},
	    {"bus: sqlite:bus\nanalyze:\n  abstain: 40\n", NULL, 40},
	    {"bus: sqlite:bus\nanalyze:\n  abstain: 101\n", ":3:", 0},
	    {"bus: sqlite:bus\nanalyze:\n  modell: x\n", ":3:", 0},
	};
	(void)state;
	char *file = xasprintf("%s/c.yaml", dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = {""};
		FILE *f = fopen(file, "w");
		assert_non_null(f);
		assert_true(fputs(rows[i].yaml, f) >= 0);
		assert_int_equal(fclose(f), 0);
		struct analyze_config *config = analyze_config_load(file, &err);
		if (!config != (rows[i].error != NULL) ||
		    (rows[i].error && !strstr(err.text, rows[i].error)))
			fail_msg("row %zu: %s", i, err.text);
		if (config)
			assert_int_equal(config->analyze.abstain, rows[i].abstain);
		analyze_config_free(config);
	}
	assert_int_equal(unlink(file), 0);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_same_bytes),
	    cmocka_unit_test(test_memory_is_used_again),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_control_characters_stay_off_the_terminal),
	    cmocka_unit_test(test_configuration),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}
