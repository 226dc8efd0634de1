/* Rules: first match wins, what a rule may say, the built-in ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "route/config.h"
#include "tests/support/scored_post.h"

static void test_first_match_wins(void **state)
{
	struct arena *arena = arena_create(8 * MiB);
	struct policy policy = {0};
	struct error err;
	(void)state;
	policy.rules = xcalloc(3, sizeof *policy.rules);
	policy.n_rules = 3;
	assert_int_equal(
	    rule_make(&policy.rules[0], 1, "channel:news", NULL, NULL, "press", NULL, 0, &err), 0);
	assert_int_equal(rule_make(&policy.rules[1], 2, "tonality:negative", "care", NULL, NULL,
				   "2.0", 1800000, &err),
			 0);
	assert_int_equal(rule_make(&policy.rules[2], 3, NULL, "rest", NULL, NULL, NULL, 0, &err),
			 0);
	static const struct {
		const char *post, *analysis;
		int number;
	} rows[] = {
	    {"\"channel\":\"news\"", "", 1},
	    {"", "", 2},
	    {"", "\"tonality\":{\"label\":\"positive\"}", 3},
	    {"", NULL, 3},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scored s = scored_post(arena, rows[i].post, rows[i].analysis);
		const struct rule *rule = rules_find(&policy, &s, arena);
		assert_non_null(rule);
		assert_int_equal(rule->number, rows[i].number);
	}
	policy.n_rules = 2;
	struct scored s = scored_post(arena, "", NULL);
	assert_null(rules_find(&policy, &s, arena));
	policy.n_rules = 3;
	policy_done(&policy);
	arena_free(arena);
}

static void test_refused(void **state)
{
	static const struct {
		const char *when, *team, *lane, *drop, *priority, *says;
		int64_t promise_ms;
	} rows[] = {
	    {"channel:a", NULL, NULL, NULL, NULL, "either team or drop", 0},
	    {"channel:a", "care", NULL, "x", NULL, "either team or drop", 0},
	    {NULL, NULL, NULL, "press", NULL, "no promise", 1000},
	    {NULL, NULL, NULL, "press", "2.0", "no promise, priority", 0},
	    {NULL, "Care!", NULL, NULL, NULL, "lower-case letters", 0},
	    {NULL, NULL, NULL, "a:b", NULL, "lower-case letters", 0},
	    {NULL, "care", NULL, NULL, "0", "priority from 0.001", 0},
	    {NULL, "care", NULL, NULL, "1e9", "priority from 0.001", 0},
	    {NULL, "care", NULL, NULL, "-1", "priority from 0.001", 0},
	    {"chanel:a", "care", NULL, NULL, NULL, "when:1:1:", 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rule rule;
		struct error err = {""};
		assert_int_equal(rule_make(&rule, 1, rows[i].when, rows[i].team, rows[i].lane,
					   rows[i].drop, rows[i].priority, rows[i].promise_ms,
					   &err),
				 -1);
		if (!strstr(err.text, rows[i].says))
			fail_msg("row %zu: expected \"%s\", got \"%s\"", i, rows[i].says, err.text);
	}
}

static void test_built_in(void **state)
{
	static const struct {
		const char *post, *analysis, *team_or_drop;
	} rows[] = {
	    {"\"channel\":\"news\"", "", "press"},
	    {"", "", "care"},
	    {"\"text\":\"Wann kommt die Post?\"", "\"tonality\":{\"label\":\"neutral\"}", "care"},
	    {"\"text\":\"Sonntag.\"", "\"tonality\":{\"label\":\"neutral\"}", NULL},
	    {"\"text\":\"Sonntag.\"", NULL, NULL},
	};
	struct error err;
	struct arena *arena = arena_create(8 * MiB);
	(void)state;
	struct config *config = config_load(NULL, &err);
	if (!config)
		fail_msg("%s", err.text);
	assert_int_equal(strlen(config->policy.hash), 12);
	assert_int_equal(config->n_teams, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scored s = scored_post(arena, rows[i].post, rows[i].analysis);
		const struct rule *rule = rules_find(&config->policy, &s, arena);
		const char *got = rule ? rule->drop ? rule->drop : rule->team : NULL;
		if ((got == NULL) != (rows[i].team_or_drop == NULL) ||
		    (got && strcmp(got, rows[i].team_or_drop) != 0))
			fail_msg("row %zu: got %s", i, got ? got : "none");
	}
	config_free(config);
	arena_free(arena);
}

static void test_promise_and_poll(void **state)
{
	static const struct {
		const char *sources, *rules, *says; /* NULL: accepted */
	} rows[] = {
	    {"- {name: a, driver: feed, poll: 10m}", "- {team: care, promise: 10m}", NULL},
	    {"- {name: a, driver: feed, poll: 10m}", "- {team: care, promise: 9m}",
	     ":4: expected a promise that is not shorter than 10 min, the time between two polls "
	     "of the source \"a\""},
	    {"- {name: a, driver: feed}", "- {team: care, promise: 4m}", "not shorter than 5 min"},
	    {"- {name: a, driver: replay, poll: 10m}", "- {team: care, promise: 4m}", NULL},
	    /* a rule that cannot meet the source says nothing about it */
	    {"- {name: a, channel: blog, poll: 1h}",
	     "- {when: channel:social, team: care, promise: 4m}", NULL},
	    {"- {name: a, channel: blog, poll: 1h}",
	     "- {when: NOT channel:social tonality:negative, team: care, promise: 4m}",
	     "not shorter"},
	    {"- {name: a, channel: blog, owned: no, poll: 1h}",
	     "- {when: owned:yes, team: care, promise: 4m}", NULL},
	    {"- {name: a, channel: blog, owned: yes, poll: 1h}",
	     "- {when: owned:yes, team: care, promise: 4m}", "not shorter"},
	    {"- {name: a, poll: 1h}", "- {when: channel:social, team: care, promise: 4m}",
	     "not shorter"},
	};
	(void)state;
	char path[] = "/tmp/posthorn-rules-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = {""};
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		(void)fprintf(f, "sources:\n  %s\nrules:\n  %s\n", rows[i].sources, rows[i].rules);
		assert_int_equal(fclose(f), 0);
		struct config *config = config_load(path, &err);
		if (!config != (rows[i].says != NULL) ||
		    (rows[i].says && !strstr(err.text, rows[i].says)))
			fail_msg("row %zu: %s", i, config ? "accepted" : err.text);
		config_free(config);
	}
	(void)close(fd);
	(void)unlink(path);
}

/* A deletion is recognised by the post's id: it must be known for as long as the ticket is kept. */
static void test_dedup_and_keep(void **state)
{
	static const struct {
		const char *route, *says; /* NULL: accepted */
	} rows[] = {
	    {"{}", NULL},
	    {"{dedup: 90d}", NULL},
	    {"{dedup: 30d, keep: 30d}", NULL},
	    {"{dedup: 89d}", ":1: expected \"dedup\" not shorter than \"keep\" (90 d 0 h)"},
	    {"{keep: 401d}", ":1: expected \"dedup\" not shorter than \"keep\" (401 d 0 h)"},
	};
	(void)state;
	char path[] = "/tmp/posthorn-rules-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = {""};
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		(void)fprintf(f, "route: %s\n", rows[i].route);
		assert_int_equal(fclose(f), 0);
		struct config *config = config_load(path, &err);
		if (!config != (rows[i].says != NULL) ||
		    (rows[i].says && !strstr(err.text, rows[i].says)))
			fail_msg("row %zu: %s", i, config ? "accepted" : err.text);
		config_free(config);
	}
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_match_wins), cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_built_in),         cmocka_unit_test(test_promise_and_poll),
	    cmocka_unit_test(test_dedup_and_keep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
