/* The figures of a model, in both languages, and as JSON that reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "common/mem.h"

#include "route/report.h"

#define NOW INT64_C(1795425720000) /* Mon 2026-11-23 10:22 in Berlin */

static struct arena *arena;
static struct top_model *m;

static const struct {
	const char *name;
	int64_t n;
} counts[] = {
    {"heard", 1412},
    {"routed", 138},
    {"tickets", 44},
    {"unsure", 7},
    {"filtered", 1274},
    {"filtered:own", 74},
    {"filtered:crisis_pr", 1200},
    {"tonality:de:negative", 30},
    {"tonality:de:unsure", 5},
    {"tonality:en:positive", 3},
    {"tonality:?:neutral", 1},
    {"team:care", 40},
    {"team:lob", 4},
    {"kept:forum", 12},
    {"missed:forum", 1},
    {"late:forum", 2},
    {"due:social", 9},
    {"void:social", 3},
    {"delay:n", 4},
    {"delay:sum", 480000},
    {"delay:max", 300000},
    {"delay:le:60", 1},
    {"delay:le:300", 3},
    {"some:counter:of:tomorrow", 1},
};

static int setup(void **state)
{
	(void)state;
	arena = arena_create(16 * MiB);
	m = arena_zalloc(arena, sizeof *m);
	m->arena = arena;
	m->now = NOW;
	m->utc_offset_ms = 3600000;
	m->next_breach = TOP_NONE;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		top_model_counter(m, str_of(counts[i].name), counts[i].n);
	top_model_team(m, STR("care"))->label = STR("Kundenservice");
	m->queue = arena_zalloc(arena, 7 * sizeof *m->queue);
	for (int64_t i = 0; i < 7; i++) {
		struct top_ticket *t = &m->queue[m->n_queue++];
		top_ticket_init(t);
		t->id = 10 + i;
		t->rank = NOW + i;
		t->head = STR("Wo bleibt \"mein\" Päckchen?");
		t->channel = STR("forum");
		t->place = STR("Zustellung");
		t->tonality = STR("negative");
		t->promise_state = STR("running");
		t->promise = 1800000;
		t->deadline = NOW + 300000;
		t->priority = 1730;
	}
	top_model_sort(m);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void same(enum words_lang lang, const char *const *want, size_t n)
{
	struct say say = {m, lang, NULL, arena};
	struct lines v;
	lines_init(&v, arena, 100);
	report_text(&v, &say);
	for (size_t i = 0; i < n; i++) {
		struct str got = i < v.n ? lines_plain(&v, i) : STR("(no line)");
		if (!str_is(got, want[i]))
			print_error("line %zu\n got \"%.*s\"\nwant \"%s\"\n", i, STR_ARG(got),
				    want[i]);
		assert_true(str_is(got, want[i]));
	}
}

static void test_english(void **state)
{
	static const char *const want[] = {
	    "What Posthorn made of it, as of Mon 23 Nov 10:22",
	    "",
	    "1,412 heard > 138 routed > 44 tickets > 7 unsure",
	    "",
	    "Dropped, by reason",
	    "    1,200  crisis pr",
	    "       74  our own voice",
	    "",
	    "Tonality by language (customers and everybody else; own voices left out)",
	    "  language           negative    neutral   positive     unsure        all",
	    "  German                   30          0          0          5         35",
	    "  English                   0          0          3          0          3",
	    "  unsure                    0          1          0          0          1",
	    "  all                      30          1          3          5         39",
	    "",
	    "Tickets by team",
	    "       40  Kundenservice",
	    "        4  lob",
	    "",
	    "Promises",
	    "  channel                kept     missed        due    overdue       void",
	    "  Forum                    12          1          0          2          0",
	    "  Social                    0          0          9          0          3",
	    "  all                      12          1          9          2          3",
	    "",
	    "Hearing delay (from written to heard)",
	    "  half within 5 min, mean 2 min, longest 5 min, of 4 posts with an exact date",
	    "",
	    "It would answer these first",
	    "1 5 min left      Wo bleibt \"mein\" Päckchen?",
	    "                  Forum Zustellung #10",
	    "                  negative, 30 min promise (1,730 points)",
	};
	(void)state;
	same(WORDS_EN, want, ARRAY_LEN(want));
}

static void test_german(void **state)
{
	static const char *const want[] = {
	    "Was Posthorn daraus gemacht hat, Stand Mo 23.11. 10:22",
	    "",
	    "1.412 gehört > 138 zugestellt > 44 Tickets > 7 unsicher",
	    "",
	    "Aussortiert, nach Grund",
	    "    1.200  crisis pr",
	    "       74  eigene Stimme",
	    "",
	    "Tonalität nach Sprache (ohne eigene Stimmen)",
	    "  Sprache             negativ    neutral    positiv   unsicher       alle",
	};
	(void)state;
	same(WORDS_DE, want, ARRAY_LEN(want));
}

static void test_five(void **state)
{
	struct say say = {m, WORDS_EN, NULL, arena};
	struct lines v;
	size_t heads = 0;
	(void)state;
	lines_init(&v, arena, 100);
	report_text(&v, &say);
	for (size_t i = 0; i < v.n; i++) {
		struct str line = lines_plain(&v, i);
		heads += str_find_str(line, STR("Päckchen")) < line.n;
	}
	assert_int_equal(heads, REPORT_FIRST);
	m->n_queue = 0;
	lines_init(&v, arena, 100);
	report_text(&v, &say);
	assert_true(str_is(lines_plain(&v, v.n - 1), "  Nothing is waiting for an answer."));
}

static int64_t number(const json_t *root, const char *a, const char *b)
{
	const json_t *v = json_object_get(root, a);
	if (b)
		v = json_object_get(v, b);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void test_json(void **state)
{
	struct say say = {m, WORDS_EN, NULL, arena};
	struct buf out;
	(void)state;
	buf_init(&out, MiB);
	assert_int_equal(report_json(&out, &say), 0);
	json_t *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(number(root, "heard", NULL), 1412);
	assert_int_equal(number(root, "dropped", "crisis_pr"), 1200);
	assert_int_equal(number(root, "teams", "care"), 40);
	assert_int_equal(number(json_object_get(root, "tonality"), "de", "negative"), 30);
	assert_int_equal(number(json_object_get(root, "promises"), "forum", "late"), 2);
	assert_int_equal(number(root, "delay", "median_le"), 300000);
	const json_t *first = json_object_get(root, "first");
	assert_int_equal(json_array_size(first), REPORT_FIRST);
	assert_string_equal(json_string_value(json_object_get(json_array_get(first, 0), "head")),
			    "Wo bleibt \"mein\" Päckchen?");
	assert_int_equal(number(json_array_get(first, 0), "left", NULL), 300000);
	json_decref(root);
	/* an empty tenant is an object too */
	*m = (struct top_model){.arena = arena, .now = NOW, .next_breach = TOP_NONE};
	buf_reset(&out);
	assert_int_equal(report_json(&out, &say), 0);
	root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_decref(root);
	buf_done(&out);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {EACH(test_english), EACH(test_german), EACH(test_five),
					   EACH(test_json)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
