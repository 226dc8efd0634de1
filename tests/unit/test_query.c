/* The monitoring language: each case of tests/oracle/cases.h, by the engine and by the slow evaluator; limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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
	struct query_words words;
	bool has;
	int rc = -1;
	if (query_set_add(set, "q", str_of(query), NULL, err) == 0) {
		query_set_compile(set);
		struct query_matcher *matcher = query_matcher_create(set);
		if (scored_parse(json, arena, &post, &analysis, &has, err) != 0)
			fail_msg("%s: %.*s", err->text, STR_ARG(json));
		query_cut(&post, &words, arena);
		struct query_post p = query_post_of(&post, has ? &analysis : NULL, &words);
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

/* What is too much is refused with its reason; one less is read. */
static int added(struct buf *text, struct error *err)
{
	struct query_set *set = query_set_create();
	int rc = query_set_add(set, "q", buf_view(text), NULL, err);
	query_set_free(set);
	return rc;
}

static void times(struct buf *out, const char *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)buf_z(out, what);
}

static void refused(struct buf *text, const char *why)
{
	struct error err;
	assert_int_equal(added(text, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("expected \"%s\", found \"%.200s\"", why, err.text);
}

static void test_limits(void **state)
{
	struct error err;
	struct buf text;
	(void)state;
	buf_init(&text, 8 * MiB);
	for (size_t n = 200; n <= 201; n++) {
		buf_reset(&text);
		times(&text, "(", n);
		(void)buf_z(&text, "a");
		times(&text, ")", n);
		if (n == 200)
			assert_int_equal(added(&text, &err), 0);
		else
			refused(&text, "nested deeper than 200 levels");
	}
	for (size_t n = 100000; n <= 100001; n++) {
		buf_reset(&text);
		times(&text, "a OR ", n - 1);
		(void)buf_z(&text, "b");
		if (n == 100000)
			assert_int_equal(added(&text, &err), 0);
		else
			refused(&text, "more than 100,000 terms");
	}
	for (size_t n = 1 * MiB; n <= 1 * MiB + 1; n++) {
		buf_reset(&text);
		(void)buf_z(&text, "a");
		times(&text, " ", n - 1);
		if (n == 1 * MiB)
			assert_int_equal(added(&text, &err), 0);
		else
			refused(&text, "longer than 1 MiB");
	}
	buf_done(&text);
}

/* Definitions that double each other are counted, not written out. */
static void test_doubling(void **state)
{
	struct query_set *set = query_set_create();
	struct error err;
	char name[8], twice[40];
	(void)state;
	assert_int_equal(query_set_define(set, "d0", STR("a"), &err), 0);
	int i = 1;
	for (; i < 40; i++) {
		(void)snprintf(name, sizeof name, "d%d", i);
		(void)snprintf(twice, sizeof twice, "($d%d OR $d%d)", i - 1, i - 1);
		if (query_set_define(set, name, str_of(twice), &err))
			break;
	}
	assert_int_equal(i, 17); /* 2^16 terms are read, 2^17 are not */
	assert_non_null(strstr(err.text, "more than 100,000 terms"));
	query_set_free(set);
}

/* A definition means what it says, wherever it stands, also where others use it. */
static void test_definitions(void **state)
{
	static const char brands[] =
	    "(dhl OR hermes OR dpd OR gls OR ups OR fedex OR tnt OR amazon)",
			  lost[] = "(weg OR \"nicht da\" OR verloren OR verschwunden OR futsch OR "
				   "gone OR lost OR missing)";
	static const char *const queries[] = {"%s",
					      "%s NEAR/3 paket",
					      "paket NOT %s",
					      "title:%s AND text:%s",
					      "ATLEAST/2 %s",
					      "paket NOT NEAR/2 %s",
					      "%s SENTENCE (paket OR %s)",
					      "lead:(%s paket)"};
	static const char *const posts[] = {"Mein Paket ist weg",
					    "dhl|Das Paket ist da",
					    "Hermes? Hermes! Paket",
					    "Paket nicht da, sagt dpd",
					    "UPS und GLS|FedEx hat es verloren",
					    "Paket von Amazon",
					    "dhl|dhl",
					    "Nichts von alledem",
					    "futsch, weg und verschwunden"};
	struct query_set *set = query_set_create();
	struct arena *arena = arena_create(MiB);
	struct error err;
	(void)state;
	assert_int_equal(query_set_define(set, "brands", str_of(brands), &err), 0);
	assert_int_equal(query_set_define(set, "lost", str_of(lost), &err), 0);
	assert_int_equal(query_set_define(set, "both", STR("$brands NEAR/9 $lost"), &err), 0);
	const char *both = arena_printf(arena, "(%s NEAR/9 %s)", brands, lost);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		const char *const names[][2] = {
		    {"$brands", brands}, {"$lost", lost}, {"$both", both}};
		for (size_t k = 0; k < 2 * ARRAY_LEN(names); k++) {
			const char *name = names[k / 2][k % 2];
			struct buf text;
			buf_init(&text, MiB);
			for (const char *p = queries[i]; *p; p++)
				if (*p == '%' && p++)
					(void)buf_z(&text, name);
				else
					(void)buf_char(&text, *p);
			if (query_set_add(set, name, buf_view(&text), NULL, &err))
				fail_msg("%s", err.text);
			buf_done(&text);
		}
	}
	query_set_compile(set);
	struct query_matcher *matcher = query_matcher_create(set);
	size_t true_ones = 0;
	for (size_t i = 0; i < ARRAY_LEN(posts); i++) {
		struct query_words words;
		struct str whole = str_of(posts[i]);
		size_t bar = str_find(whole, '|', 0);
		struct post post = {.text = whole};
		if (bar < whole.n) {
			post.title = str_sub(whole, 0, bar);
			post.text = str_sub(whole, bar + 1, whole.n);
		}
		query_cut(&post, &words, arena);
		struct query_post p = query_post_of(&post, NULL, &words);
		for (size_t k = 0; k < query_set_n(set); k += 2) {
			bool used = query_holds(matcher, k, &p, arena);
			if (used != query_holds(matcher, k + 1, &p, arena))
				fail_msg("%s in \"%s\": %d", query_set_name(set, k), posts[i],
					 used);
			true_ones += used;
		}
	}
	assert_in_range(true_ones, 40, 160); /* of 216 */
	query_matcher_free(matcher);
	query_set_free(set);
	arena_free(arena);
}

/* What can be told before a post is judged; "()": nothing, so that each post is kept. */
static void test_early(void **state)
{
	static const struct {
		const char *query, *early;
	} queries[] = {
	    {"paket NEAR/5 weg NOT brief", "((paket NEAR/5 weg) AND NOT brief)"},
	    {"paket lang:de", "paket"},
	    {"paket NOT lang:de", "paket"},
	    {"paket NOT (brief OR lang:de)", "(paket AND NOT brief)"},
	    {"paket NOT (brief lang:de)", "paket"},
	    {"paket NOT (brief NOT lang:de)", "paket"},
	    {"paket OR lang:de", "()"},
	    {"paket (brief OR tonality:negative)", "paket"},
	    {"lang:de", "()"},
	    {"channel:forum followers:>5 urgency:2", "(channel:forum AND followers:>5)"},
	    {"stem:paket", "()"},
	    {"paket NOT stem:brief", "paket"},
	    {"paket NEAR/3 stem:brief", "paket"},
	    {"paket NEAR/3 (brief OR stem:brief)", "paket"},
	    {"paket NOT NEAR/3 stem:brief", "paket"},
	    {"ATLEAST/2 (paket OR stem:brief)", "()"},
	    {"title:(paket stem:brief)", "title:(paket)"},
	    {"title:(stem:brief)", "()"},
	    {"dhl NOT title:(paket stem:brief)", "dhl"},
	    {"dhl NOT title:(paket NOT stem:brief)", "dhl"},
	    {"dhl NOT title:(paket OR stem:brief)", "(dhl AND NOT title:(paket))"},
	};
	struct buf out;
	(void)state;
	buf_init(&out, MiB);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct query_set *set = query_set_create();
		struct error err;
		if (query_set_add(set, "q", str_of(queries[i].query), NULL, &err))
			fail_msg("%s", err.text);
		query_set_early(set);
		query_set_compile(set);
		buf_reset(&out);
		query_set_show(set, 0, &out);
		if (!str_is(buf_view(&out), queries[i].early))
			fail_msg("%s: %s, expected %s", queries[i].query, out.p, queries[i].early);
		assert_int_equal(query_set_always(set, 0), strcmp(queries[i].early, "()") == 0);
		query_set_free(set);
	}
	buf_done(&out);
}

/* The places of a match are those of the words by which it holds. */
static void test_spans(void **state)
{
	static const struct {
		const char *query, *text; /* with the places in brackets */
	} matches[] = {
	    {"paket", "[Paket], noch ein [Paket]"},
	    {"\"mein paket\"", "[Mein Paket] und dein Paket"},
	    {"paket NOT dhl", "[Paket] weg"},
	    {"post NOT NEAR/1 \"deutsche post\"", "[Post] ist toll. Die Deutsche Post ist toll"},
	    {"paket ONEAR/2 weg", "Weg das Paket ist hier und da weg, [Paket] [weg] noch"},
	    {"paket NEAR/2 weg", "[Weg] das [Paket] ist hier und da weg"},
	    {"(paket AND xyz) OR noch", "Paket [noch]. Paket"},
	    {"(paket AND da) OR xyz", "[Paket] noch. [Paket] [da]"},
	    {"paket NOT SENTENCE noch", "Paket noch. [Paket] da"},
	    {"paket SENTENCE da", "Paket noch. [Paket] [da]"},
	    {"(a NEAR/1 b) NEAR/2 c", "b x a x [a] [b] x [c], c b"},
	    {"(a OR \"x y\") ONEAR/1 b", "a c [x y] [b] x y"},
	    {"ATLEAST/2 (a OR b)", "[a] c [b]"},
	    {"title:a OR text:b", "a [b]"},
	    {"{Apple}", "apple, [Apple]"},
	    {"lang:de OR a", "[a]"},
	    {"NOT x OR a", "[a]"},
	};
	struct arena *arena = arena_create(MiB);
	struct buf plain, marked;
	(void)state;
	buf_init(&plain, MiB);
	buf_init(&marked, MiB);
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		struct query_set *set = query_set_create();
		struct query_words words;
		struct query_match *found;
		struct error err;
		buf_reset(&plain);
		buf_reset(&marked);
		for (const char *p = matches[i].text; *p; p++)
			if (!strchr("[]", *p))
				(void)buf_char(&plain, *p);
		if (query_set_add(set, "q", str_of(matches[i].query), NULL, &err))
			fail_msg("%s", err.text);
		query_set_compile(set);
		struct query_matcher *matcher = query_matcher_create(set);
		struct post post = {.text = buf_view(&plain)};
		query_cut(&post, &words, arena);
		struct query_post p = query_post_of(&post, NULL, &words);
		assert_int_equal(query_match(matcher, &p, arena, &found), 1);
		size_t at = 0;
		for (size_t k = 0; k < found->n_spans; k++) {
			struct query_span span = found->spans[k];
			(void)buf_str(&marked, str_sub(post.text, at, span.start));
			(void)buf_printf(&marked, "[%.*s]",
					 STR_ARG(str_sub(post.text, span.start, span.end)));
			at = span.end;
		}
		(void)buf_str(&marked, str_sub(post.text, at, post.text.n));
		if (!str_is(buf_view(&marked), matches[i].text))
			fail_msg("%s: %s, expected %s", matches[i].query, marked.p,
				 matches[i].text);
		query_matcher_free(matcher);
		query_set_free(set);
	}
	buf_done(&plain);
	buf_done(&marked);
	arena_free(arena);
}

/* Each number of a list is a range of its own. */
static void test_number_list(void **state)
{
	static const struct str good[] = {{"1", 1}, {"4..5", 4}};
	static const double ratings[] = {1, 2, 4.5};
	static const bool expected[] = {true, false, true};
	struct query_set *set = query_set_create();
	struct arena *arena = arena_create(1 * MiB);
	struct error err;
	(void)state;
	assert_int_equal(query_set_list(set, "good", good, ARRAY_LEN(good), &err), 0);
	assert_int_equal(query_set_add(set, "q", STR("rating:$good"), NULL, &err), 0);
	query_set_compile(set);
	struct query_matcher *matcher = query_matcher_create(set);
	for (size_t i = 0; i < ARRAY_LEN(ratings); i++) {
		struct post post;
		post_init(&post);
		post.counts.rating = ratings[i];
		struct query_post p = {.post = &post};
		assert_int_equal(query_holds(matcher, 0, &p, arena), expected[i]);
	}
	query_matcher_free(matcher);
	query_set_free(set);
	arena_free(arena);
}

/* Targets that are alike are one; each query knows its own, and the judge hears all that stand there. */
static void judge(void *arg, struct query_target *targets, size_t n)
{
	int *calls = arg;
	++*calls;
	assert_int_equal(n, 2);
	assert_int_equal(targets[0].n_spans, 2);
	assert_int_equal(targets[0].spans[0].start, 0);
	targets[0].label = POST_POSITIVE;
	targets[1].label = POST_NEGATIVE;
}

static void test_targets(void **state)
{
	static const struct {
		const char *name, *text, *target;
		bool matches;
	} queries[] = {{"praise", "target:positive", "dhl", true},
		       {"blame", "target:negative", "dhl", false},
		       {"also", "paket target:positive", "dhl", true},
		       {"rival", "target:negative", "hermes", true},
		       {"absent", "target:negative OR target:positive", "ups", false},
		       {"none", "target:negative", NULL, false}};
	struct query_set *set = query_set_create();
	struct arena *arena = arena_create(16 * MiB);
	struct post post = {.text = STR("dhl gut, hermes verliert mein paket, dhl nie")};
	struct tokens title = {0}, text;
	struct query_match *matches;
	struct error err;
	int calls = 0;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		assert_int_equal(
		    query_set_add(set, queries[i].name, str_of(queries[i].text), NULL, &err), 0);
		if (queries[i].target)
			assert_int_equal(query_set_target(set, i, str_of(queries[i].target), &err),
					 0);
		assert_int_equal(query_set_find(set, queries[i].name), i);
	}
	assert_int_equal(query_set_find(set, "other"), ARRAY_LEN(queries));
	query_set_compile(set);
	struct query_matcher *matcher = query_matcher_create(set);
	tokens_cut(&text, post.text, NULL, 0, arena);
	struct query_post p = {
	    .post = &post, .title = &title, .text = &text, .judge = judge, .arg = &calls};
	size_t n = query_match(matcher, &p, arena, &matches), at = 0;
	assert_int_equal(calls, 1);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		if (at < n && matches[at].query == i) {
			assert_true(queries[i].matches);
			assert_int_equal(matches[at].target, i == 3 ? 1 : 0);
			at++;
		} else {
			assert_false(queries[i].matches);
		}
	}
	assert_int_equal(at, n);
	p.judge = NULL; /* then nothing is known */
	assert_int_equal(query_match(matcher, &p, arena, &matches), 0);
	query_matcher_free(matcher);
	query_set_free(set);
	arena_free(arena);
}

/* What spellings are is remembered, each for itself, and forgotten when there are too many. */
static void test_spellings(void **state)
{
	enum { SPELLINGS = 40000 };
	static const char *const alike[] = {"Müller", "Mueller"}; /* words and bytes */
	struct query_set *set = query_set_create();
	struct arena *arena = arena_create(MiB);
	struct error err;
	(void)state;
	assert_int_equal(query_set_add(set, "q", STR("w*7 OR M?ller"), NULL, &err), 0);
	query_set_compile(set);
	struct query_matcher *matcher = query_matcher_create(set);
	for (size_t i = 0; i < 2 * SPELLINGS; i++) {
		struct query_match *found;
		struct query_words words;
		arena_reset(arena);
		const char *number = arena_printf(arena, "%zu", i / 2);
		bool seven = i / 2 % 10 == 7;
		struct post post = {.title = str_of(alike[i % 2]),
				    .text = str_of(arena_printf(arena, "w%s", number))};
		query_cut(&post, &words, arena);
		struct query_post p = query_post_of(&post, NULL, &words);
		size_t n = query_match(matcher, &p, arena, &found);
		assert_int_equal(n, seven || i % 2 == 0);
		assert_int_equal(n ? found->n_spans : 0, seven + (i % 2 == 0));
	}
	query_matcher_free(matcher);
	query_set_free(set);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest list[] = {
	    cmocka_unit_test(test_cases),       cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_doubling),    cmocka_unit_test(test_definitions),
	    cmocka_unit_test(test_number_list), cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_spellings),   cmocka_unit_test(test_spans),
	    cmocka_unit_test(test_early)};
	return cmocka_run_group_tests(list, NULL, NULL);
}
