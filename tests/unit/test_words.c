/* The two languages: chosen by the locale, filled in order, numbers and times as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"

#include "route/words.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_create(MiB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void is(struct str got, const char *want)
{
	if (!str_is(got, want))
		print_error("got \"%.*s\", want \"%s\"\n", STR_ARG(got), want);
	assert_true(str_is(got, want));
}

static void set(const char *name, const char *value)
{
	if (value)
		(void)setenv(name, value, 1);
	else
		(void)unsetenv(name);
}

static void test_locale(void **state)
{
	static const struct {
		const char *all, *messages, *lang;
		enum words_lang want;
	} rows[] = {
	    {NULL, NULL, NULL, WORDS_EN},
	    {NULL, NULL, "de_DE.UTF-8", WORDS_DE},
	    {NULL, NULL, "en_US.UTF-8", WORDS_EN},
	    {NULL, "de_AT", "en_US", WORDS_DE},
	    {NULL, "C", "de_DE", WORDS_EN},
	    {"C", "de_DE", "de_DE", WORDS_EN},
	    {"de", "C", "C", WORDS_DE},
	    {"", "", "de_CH.UTF-8", WORDS_DE},
	    {NULL, NULL, "POSIX", WORDS_EN},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		set("LC_ALL", rows[i].all);
		set("LC_MESSAGES", rows[i].messages);
		set("LANG", rows[i].lang);
		assert_int_equal(words_of_locale(), rows[i].want);
	}
}

static void test_fill(void **state)
{
	static const struct {
		const char *pattern, *a, *b, *want;
	} rows[] = {
	    {"plain", "x", "y", "plain"},
	    {"$1 and $2", "x", "y", "x and y"},
	    {"$2 vor $1", "x", "y", "y vor x"},
	    {"$1$1", "ab", "", "abab"},
	    {"5 $ for $1", "me", "", "5 $ for me"},
	    {"($3)", "x", "y", "()"},
	    {"$1", "$2", "never", "$2"},
	    {"", "x", "y", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is(words_fill(arena, rows[i].pattern, 2,
			      (struct str[]){str_of(rows[i].a), str_of(rows[i].b)}),
		   rows[i].want);
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t n;
		const char *en, *de;
	} rows[] = {
	    {0, "0", "0"},
	    {999, "999", "999"},
	    {1000, "1,000", "1.000"},
	    {12000, "12,000", "12.000"},
	    {1234567, "1,234,567", "1.234.567"},
	    {-500, "-500", "-500"},
	    {-12345, "-12,345", "-12.345"},
	    {INT64_MIN, "-9,223,372,036,854,775,808", "-9.223.372.036.854.775.808"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is(words_number(arena, WORDS_EN, rows[i].n), rows[i].en);
		is(words_number(arena, WORDS_DE, rows[i].n), rows[i].de);
	}
}

static void test_durations(void **state)
{
	static const struct {
		int64_t s;
		const char *en, *de;
	} rows[] = {
	    {0, "0 s", "0 s"},           {59, "59 s", "59 s"},
	    {60, "1 min", "1 min"},      {3599, "59 min", "59 min"},
	    {3600, "1 h", "1 h"},        {3600 + 300, "1 h 05", "1 h 05"},
	    {24 * 3600, "24 h", "24 h"}, {47 * 3600, "47 h", "47 h"},
	    {48 * 3600, "2 d", "2 T"},   {75 * 3600, "3 d 3 h", "3 T 3 h"},
	    {-720, "12 min", "12 min"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is(words_duration(arena, WORDS_EN, rows[i].s * 1000), rows[i].en);
		is(words_duration(arena, WORDS_DE, rows[i].s * 1000), rows[i].de);
	}
	assert_true(words_duration(arena, WORDS_EN, INT64_MIN).n > 0); /* no overflow */
}

static void test_times(void **state)
{
	int64_t t = INT64_C(1795425720000); /* Mon 2026-11-23 10:22 in Berlin */
	(void)state;
	is(words_time(arena, t, 3600000), "10:22");
	is(words_day_time(arena, WORDS_DE, t, 3600000), "Mo 23.11. 10:22");
	is(words_day_time(arena, WORDS_EN, t, 3600000), "Mon 23 Nov 10:22");
	is(words_day_time(arena, WORDS_EN, t, 15 * 3600000), "Tue 24 Nov 00:22");
	is(words_day_time(arena, WORDS_DE, 0, 0), "Do 01.01. 00:00");
}

static void test_names(void **state)
{
	(void)state;
	is(words_name(arena, WORDS_DE, WORDS_DROPPED, STR("own")), "eigene Stimme");
	is(words_name(arena, WORDS_EN, WORDS_CLOSE, STR("no_action")), "no action needed");
	is(words_name(arena, WORDS_DE, WORDS_CHANNEL, STR("carrier_pigeon")), "carrier pigeon");
	is(words_name(arena, WORDS_DE, WORDS_LANG, STR("")), "unsicher");
	/* every close reason of the contract has a name, in this order */
	static const char *const reasons[] = {"answered", "community", "no_action",  "irrelevant",
					      "spam",     "elsewhere", "unreachable"};
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		assert_string_equal(words_key(WORDS_CLOSE, i), reasons[i]);
}

/* A sentence of one language must take the same parts as the other's. */
static void test_same_parts(void **state)
{
	(void)state;
	for (int id = 0; id < WORDS_COUNT; id++) {
		const char *both[] = {word(WORDS_EN, (enum word)id), word(WORDS_DE, (enum word)id)};
		unsigned parts[2] = {0, 0};
		for (int k = 0; k < 2; k++) {
			assert_non_null(both[k]);
			assert_true(utf8_valid(str_of(both[k])));
			for (const char *c = both[k]; *c; c++)
				if (c[0] == '$' && c[1] >= '1' && c[1] <= '9')
					parts[k] |= 1U << (c[1] - '1');
		}
		if (parts[0] != parts[1])
			print_error("\"%s\" and \"%s\" take different parts\n", both[0], both[1]);
		assert_int_equal(parts[0], parts[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_locale),     cmocka_unit_test(test_fill),
	    cmocka_unit_test(test_numbers),    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_times),      cmocka_unit_test(test_names),
	    cmocka_unit_test(test_same_parts),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
