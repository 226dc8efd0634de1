/* Priority: the logarithm, each factor, and the order that follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>

#include "common/mem.h"
#include "route/priority.h"
#include "tests/support/scored_post.h"

static const struct priority_scale scale = {10, 360000};

static void test_ln(void **state)
{
	(void)state;
	static const struct {
		int64_t v, want;
	} rows[] = {{1000, 0},       {2000, 693},  {500, -693},     {1, -6908},
		    {1000000, 6908}, {2718, 1000}, {1001000, 6909}, {1000000000000000, 27631}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (priority_ln(rows[i].v) != rows[i].want)
			fail_msg("ln(%lld/1000): got %lld", (long long)rows[i].v,
				 (long long)priority_ln(rows[i].v));
	/* against the C library over the whole range: the last digit may round the other way */
	for (int64_t v = 1; v < INT64_C(1000000000000000); v += v / 97 + 1) {
		double exact = 1000 * log((double)v / 1000);
		assert_true(fabs((double)priority_ln(v) - exact) < 0.51);
	}
}

static void test_weight(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t want; /* 0: refused */
	} rows[] = {{"1", 1000}, {"2.0", 2000}, {"0.001", 1}, {"1.5", 1500}, {"1000", 1000000},
		    {"0", 0},    {"0.0", 0},    {"1001", 0},  {"1.", 0},     {"1.2345", 0},
		    {"-1", 0},   {"1.-5", 0},   {"", 0},      {"2,0", 0},    {" 1", 0}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got = 0;
		int rc = priority_weight(str_of(rows[i].text), &got);
		if ((rc == 0) != (rows[i].want != 0) || (rc == 0 && got != rows[i].want))
			fail_msg("\"%s\": %d %lld", rows[i].text, rc, (long long)got);
	}
}

static int64_t sum_of(const char *post, const char *analysis, int64_t weight)
{
	struct arena *arena = arena_create(8 * MiB);
	struct scored s = scored_post(arena, post, analysis);
	struct promise promise;
	struct priority p;
	promise_make(&promise, &s.post, 3600000, SCORED_FETCHED);
	priority_make(&p, &s, weight, &promise, &scale);
	int64_t sum = 0;
	for (size_t i = 0; i < PRIORITY_FACTORS; i++)
		sum += p.factors[i].points;
	assert_int_equal(sum, p.sum);
	assert_int_equal(p.boost_ms, 3600 * sum);
	assert_int_equal(p.rank, promise.deadline - p.boost_ms);
	arena_free(arena);
	return sum;
}

static void test_factors(void **state)
{
	(void)state;
	static const struct {
		const char *post, *analysis;
		int64_t weight, more; /* than the default post's 500: forum 100, negative 400 */
	} rows[] = {
	    {"", "", 1000, 0},
	    {"", "", 2000, 693},
	    {"", NULL, 1000, -400},
	    {"", "\"tonality\":{\"label\":null}", 1000, -250},
	    {"", "\"tonality\":{\"label\":\"positive\"}", 1000, -700},
	    {"", "\"urgency\":{\"level\":3,\"p\":1,\"reasons\":[]}", 1000, 1800},
	    {"", "\"urgency\":{\"level\":0,\"p\":1,\"reasons\":[]}", 1000, -500},
	    {"\"channel\":\"social\"", "", 1000, 100},
	    {"\"channel\":\"unheard-of\"", "", 1000, -100},
	    {"\"owned\":true", "", 1000, 200},
	    {"\"addressed\":\"mention\"", "", 1000, 300},
	    {"\"author\":{\"followers\":0}", "", 1000, 0},
	    {"\"author\":{\"followers\":999}", "", 1000, 690},
	    {"\"author\":{\"followers\":99999999}", "", 1000, 1000},
	    {"\"counts\":{\"views\":999}", "", 1000, 690},
	    {"\"author\":{\"role\":\"press\"}", "", 1000, 300},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got = sum_of(rows[i].post, rows[i].analysis, rows[i].weight);
		if (got != 500 + rows[i].more)
			fail_msg("row %zu: got %lld", i, (long long)got);
	}
}

/* The ATC rule: equal weights go by deadline; a heavier ticket passes one that is due sooner, but not
 * one that is due much sooner. */
static void test_order(void **state)
{
	(void)state;
	struct promise soon = {.target_ms = 1, .deadline = 10000000},
		       later = {.target_ms = 1, .deadline = 12000000},
		       much_later = {.target_ms = 1, .deadline = 20000000};
	int64_t light = priority_boost(0, &scale), heavy = priority_boost(693, &scale);
	assert_true(priority_rank(light, &soon) < priority_rank(light, &later));
	assert_true(priority_rank(heavy, &later) < priority_rank(light, &soon));
	assert_true(priority_rank(heavy, &much_later) > priority_rank(light, &soon));
	struct promise none = {.start = 5};
	assert_int_equal(priority_rank(0, &none), 5 + PRIORITY_NO_PROMISE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ln),
	    cmocka_unit_test(test_weight),
	    cmocka_unit_test(test_factors),
	    cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
