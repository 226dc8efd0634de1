/* Decisions: the filters that need no rule, the order in which they come, facts of a ticket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "common/mem.h"
#include "route/config.h"
#include "route/ticket.h"
#include "tests/support/scored_post.h"

static struct config *config;
static struct arena *arena;

static const struct {
	const char *post, *analysis;
	enum decision_kind kind;
	const char *reason;
	int64_t delay_ms;
} rows[] = {
    {"", "", DECIDE_TICKET, NULL, 300000},
    {"\"op\":\"update\"", "", DECIDE_UPDATE, NULL, -1},
    {"\"op\":\"delete\"", NULL, DECIDE_DELETE, NULL, -1},
    {"\"backfill\":true", "", DECIDE_FILTER, "backfill", -1},
    {"\"backfill\":true,\"author\":{\"role\":\"us\"}", "", DECIDE_FILTER, "backfill", -1},
    {"\"author\":{\"role\":\"us\"}", "", DECIDE_OWN, "own", 300000},
    {"\"author\":{\"role\":\"agency\"}", "", DECIDE_OWN, "own", 300000},
    {"\"author\":{\"role\":\"employee\"}", "", DECIDE_OWN, "own", 300000},
    {"\"author\":{\"role\":\"superuser\"}", "", DECIDE_TICKET, NULL, 300000},
    {"\"created_at\":\"2026-11-15T08:04:59.000Z\"", "", DECIDE_FILTER, "old", -1},
    {"\"created_at\":\"2026-11-15T08:05:00.000Z\"", "", DECIDE_TICKET, NULL, 604800000},
    {"\"created_at\":null,\"date_quality\":\"missing\"", "", DECIDE_TICKET, NULL, -1},
    {"\"date_quality\":\"day\"", "", DECIDE_TICKET, NULL, -1},
    {"\"created_at\":\"2026-11-22T08:06:00.000Z\"", "", DECIDE_TICKET, NULL, 0}, /* clock ahead */
    {"\"kind\":\"repost\"", "", DECIDE_FILTER, "repost", 300000},
    {"\"channel\":\"news\"", "", DECIDE_FILTER, "press", 300000},
    {"\"text\":\"Sonntag.\"", "\"tonality\":{\"label\":\"neutral\"}", DECIDE_FILTER, "no_rule",
     300000},
};

static void test_decisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scored s = scored_post(arena, rows[i].post, rows[i].analysis);
		struct decision d;
		ticket_decide(&d, &config->policy, &s, SCORED_FETCHED + 1000, arena);
		if (d.kind != rows[i].kind || (d.reason == NULL) != (rows[i].reason == NULL) ||
		    (d.reason && strcmp(d.reason, rows[i].reason) != 0) ||
		    d.delay_ms != rows[i].delay_ms)
			fail_msg("row %zu {%s}: kind %d reason %s delay %lld", i, rows[i].post,
				 d.kind, d.reason ? d.reason : "-", (long long)d.delay_ms);
	}
}

static void test_promise_clock(void **state)
{
	static const struct {
		const char *post;
		int64_t start;
		bool from_fetched;
	} starts[] = {
	    {"", SCORED_CREATED, false},
	    {"\"date_quality\":\"guessed\"", SCORED_FETCHED, true},
	    {"\"created_at\":null,\"date_quality\":\"missing\"", SCORED_FETCHED, true},
	    {"\"created_at\":null,\"date_quality\":\"missing\",\"fetched_at\":null", 5000, true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct scored s = scored_post(arena, starts[i].post, "");
		struct promise p;
		promise_make(&p, &s.post, 1800000, 5000);
		assert_int_equal(p.start, starts[i].start);
		assert_int_equal(p.deadline, p.start + 1800000);
		assert_int_equal(p.warn_at, p.start + 1440000);
		assert_int_equal(p.from_fetched, starts[i].from_fetched);
		assert_true(promise_kept(&p, p.deadline));
		assert_false(promise_kept(&p, p.deadline + 1));
	}
	struct scored s = scored_post(arena, "", "");
	struct promise p;
	promise_make(&p, &s.post, 3, 0);
	assert_int_equal(p.warn_at, p.start + 2);
}

static void test_head(void **state)
{
	(void)state;
	struct scored s = scored_post(arena, "\"title\":\" Paket\\n\\t weg \"", "");
	assert_true(str_is(ticket_head(&s.post, arena), "Paket weg"));
	s = scored_post(arena, "\"title\":\"\",\"text\":\"x\"", "");
	assert_true(str_is(ticket_head(&s.post, arena), "x"));
	/* 159 bytes and an umlaut: the umlaut does not fit and is not cut */
	char text[400] = "\"text\":\"";
	size_t n = strlen(text);
	memset(text + n, 'a', 159);
	strcpy(text + n + 159, "\xC3\xBC\xC3\xBC\"");
	s = scored_post(arena, text, "");
	assert_int_equal(ticket_head(&s.post, arena).n, 159);
}

static void test_author_key(void **state)
{
	(void)state;
	struct scored a = scored_post(arena, "", ""),
		      b = scored_post(arena, "\"id\":\"t:s:2\"", "");
	assert_true(str_eq(ticket_author_key(&a.post, arena), ticket_author_key(&b.post, arena)));
	a = scored_post(arena, "\"author\":{\"id\":null,\"handle\":null}", "");
	b = scored_post(arena, "\"id\":\"t:s:2\",\"author\":{\"id\":null,\"handle\":null}", "");
	assert_false(str_eq(ticket_author_key(&a.post, arena), ticket_author_key(&b.post, arena)));
	a = scored_post(arena, "\"driver\":\"other\"", "");
	b = scored_post(arena, "", "");
	assert_false(str_eq(ticket_author_key(&a.post, arena), ticket_author_key(&b.post, arena)));
}

static void test_tonality_counter(void **state)
{
	static const struct {
		const char *post, *analysis, *want;
	} counters[] = {
	    {"", "", "de:negative"},
	    {"", "\"lang\":null,\"tonality\":{\"label\":null}", "?:unsure"},
	    {"", "\"lang\":\"de:x y\"", "other:negative"},
	    {"\"backfill\":true", "", ""},
	    {"\"author\":{\"role\":\"us\"}", "", ""},
	    {"\"op\":\"update\"", "", ""},
	    {"", NULL, ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		struct scored s = scored_post(arena, counters[i].post, counters[i].analysis);
		struct decision d;
		ticket_decide(&d, &config->policy, &s, SCORED_FETCHED, arena);
		struct str got = ticket_tonality_counter(&d, &s, arena);
		if (!str_is(got, counters[i].want))
			fail_msg("row %zu: got \"%.*s\"", i, STR_ARG(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decisions),
	    cmocka_unit_test(test_promise_clock),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_author_key),
	    cmocka_unit_test(test_tonality_counter),
	};
	struct error err;
	arena = arena_create(16 * MiB);
	config = config_load(NULL, &err);
	must(config);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	config_free(config);
	arena_free(arena);
	return rc;
}
