/* The monitoring language: each case of tests/oracle/cases.h, by the engine and by the slow evaluator; limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"

#include "common/query/part.h"
#include "common/query/query.h"

#include "tests/oracle/cases.h"
#include "tests/oracle/oracle.h"

/* A post of the case as both read it: ours wants an id. */
static struct str json_of(const struct test *test, struct arena *arena)
{
	struct buf buf;
	buf_init(&buf, 4 * MiB);
	(void)buf_z(&buf, "{\"v\":1,\"op\":\"create\",\"id\":\"a:b:1\"");
	if (test->json && !strstr(test->json, "\"v\":1")) {
		(void)buf_printf(&buf, ",%s", test->json + 1);
	} else if (test->json) {
		buf_reset(&buf);
		(void)buf_z(&buf, test->json);
	} else {
		if (test->title) {
			(void)buf_z(&buf, ",\"title\":");
			(void)buf_json_str(&buf, str_of(test->title));
		}
		(void)buf_z(&buf, ",\"text\":");
		(void)buf_json_str(&buf, str_of(test->text));
		(void)buf_char(&buf, '}');
	}
	struct str json = arena_str(arena, buf_view(&buf));
	buf_done(&buf);
	return json;
}

/* 1, 0, -1 refused (err says why). */
static int by_engine(const char *query, struct str json, struct arena *arena, struct error *err)
{
	struct query_set *set = query_set_create();
	struct post post;
	struct analysis analysis;
	struct tokens title, text;
	bool has;
	int rc = -1;
	if (query_set_add(set, "q", str_of(query), NULL, err) == 0) {
		query_set_compile(set);
		struct query_matcher *matcher = query_matcher_create(set);
		if (scored_parse(json, arena, &post, &analysis, &has, err) != 0)
			fail_msg("%s: %.*s", err->text, STR_ARG(json));
		tokens_cut(&title, post.title, NULL, 0, arena);
		tokens_cut(&text, post.text, post.quotes, post.n_quotes, arena);
		struct query_post p = {.post = &post,
				       .analysis = has ? &analysis : NULL,
				       .title = &title,
				       .text = &text,
				       .lang = has && analysis.lang.p ? analysis.lang : post.lang};
		struct query_match *matches;
		rc = (int)query_match(matcher, &p, arena, &matches);
		assert_int_equal(rc, query_holds(matcher, 0, &p, arena));
		query_matcher_free(matcher);
	}
	query_set_free(set);
	return rc;
}

static int by_oracle(const char *query, struct str json)
{
	char why[300];
	struct slow_query *q = slow_parse(query, strlen(query), why, sizeof why);
	struct slow_post *post = slow_post(json.p, json.n);
	int rc = q ? slow_match(q, post) : -1;
	slow_post_free(post);
	slow_free(q);
	return rc;
}

static void test_cases(void **state)
{
	struct arena *arena = arena_create(SIZE_MAX / 4);
	size_t wrong = 0, n = ARRAY_LEN(tests);
	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct test *test = &tests[i];
		struct error err = {""};
		struct str json = json_of(test, arena);
		int ours = by_engine(test->query, json, arena, &err);
		int theirs = by_oracle(test->query, json);
		if (ours != test->want || theirs != test->want) {
			print_message(
			    "cases.h:%d: %s | %.*s: expected %d, engine %d, oracle %d %s\n",
			    test->line, test->query, STR_ARG(json), test->want, ours, theirs,
			    err.text);
			wrong++;
		}
		arena_reset(arena);
	}
	print_message("%zu cases, %zu wrong\n", n, wrong);
	assert_int_equal(wrong, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest list[] = {cmocka_unit_test(test_cases)};
	return cmocka_run_group_tests(list, NULL, NULL);
}
