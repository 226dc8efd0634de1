/* Query sets in files: what is refused, and where; definitions, lists, time zones, expected posts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/query/file.h"

static char dir[] = "/tmp/posthorn-query-file-XXXXXX", path[64], list_path[64];

static void put(const char *to, const char *text)
{
	FILE *f = fopen(to, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/set.yaml", dir);
	(void)snprintf(list_path, sizeof list_path, "%s/list.txt", dir);
	put(list_path, "DHL\n\nDeutsche Post\n\"Post AG\"\n");
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(list_path);
	return rmdir(dir);
}

static void test_refused(void **state)
{
	static const struct {
		const char *set, *error; /* behind the name of the file */
	} sets[] = {
	    {"name: q\nquery: a\n", ":1: expected a list"},
	    {"- query: a\n", ":1: expected the setting \"name\""},
	    {"- name: q\n", ":1: expected the setting \"query\""},
	    {"- name: q\n  query: a (\n", ":2: q: query:1:4: expected a term"},
	    {"- {name: q, query: a}\n- {name: q, query: b}\n", ":2: this name is given twice"},
	    {"- name: q\n  query: a\n  colour: red\n", ":3: "},
	    {"- name: q\n  query: a\n  priority: high\n", ":3: expected a whole number"},
	    {"- name: q\n  query: a\n  allow_all: maybe\n", ":3: expected "},
	    {"- name: q\n  query: NOT a\n", ":2: q: query:1:1: nothing but NOT"},
	    {"- name: q\n  query: a\n  from: 2026-02-30\n", ":3: q: from:1:9: expected a time"},
	    {"- name: q\n  query: a\n  until: soon\n", ":3: q: until:1:9: expected a time"},
	    {"- name: q\n  query: a\n  targets: b (\n", ":3: q: targets:1:4: expected a term"},
	    {"- name: q\n  query: a\n  expect: a\n", ":3: expected a list of \"yes: TEXT\""},
	    {"- name: q\n  query: a\n  expect:\n    - maybe: a\n", ":4: expected \"yes: TEXT\""},
	    {"- name: q\n  query: a\n  expect:\n    - yes: '{\"text\":1}'\n", ":4: "},
	    {"- {name: q, query: a}\n---\n- {name: r, query: b}\n", ":2: expected the end"},
	    {"- define: {b: x}\n  name: q\n", ":1: expected this in an entry of its own"},
	    {"- define: {b: x}\n- define: {b: y}\n", ":2: $b: expected a new name"},
	    {"- define: {b: x $b}\n", ":1: $b: query:1:3: expected the name of a definition"},
	    {"- define: {b: x}\n- {name: q, query: part:$b}\n",
	     ":2: q: query:1:6: expected a word"},
	    {"- define: {b: lang:de}\n- {name: q, query: title:$b}\n",
	     ":2: q: query:1:7: a definition"},
	    {"- define: {b: title:x}\n- {name: q, query: lead:$b}\n",
	     ":2: q: query:1:6: a definition"},
	    {"- define: {b: x AND y}\n- {name: q, query: z NEAR/3 $b}\n",
	     ":2: q: query:1:10: AND and"},
	    {"- define: {b: {list: none.txt}}\n", ":1: "},
	    {"- define: {b: {list: list.txt, what: 1}}\n", ":1: expected an expression, or"},
	    {"- timezone: Mars\n", ":1: expected UTC or a place"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct error err;
		char expected[200];
		(void)snprintf(expected, sizeof expected, "%s%s", path, sets[i].error);
		put(path, sets[i].set);
		struct query_file *file = query_file_load(path, &err);
		if (file)
			fail_msg("not refused: %s", sets[i].set);
		if (!str_starts(str_of(err.text), expected))
			fail_msg("%s\nis refused with \"%s\",\nexpected \"%s\"", sets[i].set,
				 err.text, expected);
	}
}

/* As deep as parentheses may be, not one deeper. */
static void test_depth(void **state)
{
	struct buf text;
	(void)state;
	for (int n = 66; n <= 67; n++) {
		struct error err;
		buf_init(&text, MiB);
		(void)buf_z(&text, "- define:\n    d0: a\n");
		for (int i = 1; i <= n;
		     i++) /* three levels each: its own two, and around the name */
			(void)buf_printf(&text, "    d%d: (x OR (y $d%d))\n", i, i - 1);
		(void)buf_printf(&text, "- {name: q, query: $d%d}\n", n);
		put(path, text.p);
		struct query_file *file = query_file_load(path, &err);
		assert_int_equal(file != NULL, n == 66);
		if (!file)
			assert_non_null(strstr(err.text, "nested deeper than 200 levels"));
		query_file_free(file);
		buf_done(&text);
	}
}

static void test_expected(void **state)
{
	static const char set[] =
	    "- define: {brand: {list: list.txt}}\n"
	    "- name: list\n"
	    "  query: $brand NEAR/3 weg\n"
	    "  expect:\n"
	    "    - yes: Die Deutsche Post ist weg\n"
	    "    - yes: Post AG weg\n"
	    "    - no: Die Deutsche Bahn, die Post, weg\n"
	    "- name: authors\n"
	    "  query: author:$brand\n"
	    "  expect:\n"
	    "    - yes: '{\"text\":\"x\",\"author\":{\"name\":\"Deutsche Post\"}}'\n"
	    "    - yes: '{\"text\":\"x\",\"author\":{\"name\":\"Post AG\"}}'\n"
	    "    - no: '{\"text\":\"x\",\"author\":{\"name\":\"Post\"}}'\n"
	    "- name: others\n"
	    "  query: NOT author:$brand site:dhl.de\n"
	    "  expect:\n"
	    "    - no: '{\"text\":\"x\",\"url\":\"https://dhl.de/\",\"author\":{\"name\":\"Post "
	    "AG\"}}'\n"
	    "    - yes: "
	    "'{\"text\":\"x\",\"url\":\"https://dhl.de/\",\"author\":{\"name\":\"Post\"}}'\n"
	    "- define: {words: {list: list.txt}}\n"
	    "- name: dated\n"
	    "  query: paket\n"
	    "  from: 2026-11-01\n"
	    "  until: 2026-11-30\n"
	    "  expect:\n"
	    "    - yes: Paket\n"
	    "    - no: '{\"text\":\"Paket\",\"created_at\":\"2026-12-01T12:00:00Z\"}'\n"
	    "- name: midnight in Berlin\n"
	    "  query: created:2026-11-21\n"
	    "  expect:\n"
	    "    - yes: '{\"text\":\"x\",\"created_at\":\"2026-11-20T23:30:00Z\"}'\n"
	    "    - no: '{\"text\":\"x\",\"created_at\":\"2026-11-21T23:30:00Z\"}'\n"
	    "- timezone: America/New_York\n"
	    "- name: midnight in New York\n"
	    "  query: created:2026-11-21\n"
	    "  expect:\n"
	    "    - no: '{\"text\":\"x\",\"created_at\":\"2026-11-20T23:30:00Z\"}'\n"
	    "    - yes: '{\"text\":\"x\",\"created_at\":\"2026-11-22T04:30:00Z\"}'\n";
	struct error err;
	struct arena *arena = arena_create(MiB);
	(void)state;
	put(path, set);
	struct query_file *file = query_file_load(path, &err);
	if (!file)
		fail_msg("%s", err.text);
	struct query_matcher *matcher = query_matcher_create(file->set);
	assert_int_equal(file->n_expects, 14);
	for (size_t i = 0; i < file->n_expects; i++)
		if (!query_file_expected(file, i, matcher, arena))
			fail_msg("line %d: %s", file->expects[i].line, file->expects[i].text);
	query_matcher_free(matcher);
	query_file_free(file);
	arena_free(arena);
}

/* A list shows as it is read again; part: of a list is that of each. */
static void test_list(void **state)
{
	static const char set[] = "- define: {all: {list: list.txt}}\n"
				  "- {name: q, query: $all AND weg}\n"
				  "- {name: r, query: part:$all}\n";
	struct error err;
	struct buf out;
	(void)state;
	put(list_path, "DHL\nPost\n");
	put(path, set);
	struct query_file *file = query_file_load(path, &err);
	if (!file)
		fail_msg("%s", err.text);
	buf_init(&out, MiB);
	query_set_show(file->set, 0, &out);
	(void)buf_char(&out, ' ');
	query_set_show(file->set, 1, &out);
	assert_string_equal(out.p, "((DHL OR Post) AND weg) (part:DHL OR part:Post)");
	query_file_free(file);
	buf_reset(&out);
	put(list_path, "DHL\nDeutsche Post\n");
	put(path, "- define: {all: {list: list.txt}}\n- {name: q, query: $all AND weg}\n");
	file = query_file_load(path, &err);
	if (!file)
		fail_msg("%s", err.text);
	query_set_show(file->set, 0, &out);
	assert_string_equal(out.p, "((DHL OR \"Deutsche Post\") AND weg)");
	query_file_free(file);
	buf_done(&out);
}

/* A list is read once, however many queries use it, and means the same in each. */
static void test_shared_list(void **state)
{
	enum { LINES = 2000, QUERIES = 300 };
	struct error err;
	struct buf list, set;
	struct arena *arena = arena_create(4 * MiB);
	(void)state;
	buf_init(&list, MiB);
	buf_init(&set, MiB);
	for (int i = 0; i < LINES; i++)
		(void)buf_printf(&list, "ort%d\n", i);
	(void)buf_z(&set, "- define: {all: {list: list.txt}}\n");
	for (int i = 0; i < QUERIES; i++)
		(void)buf_printf(&set, "- {name: q%d, query: 'w%d NEAR/2 %s$all%s'}\n", i, i,
				 i % 3 == 2 ? "part:" : "", i % 2 ? " NOT author:$all" : "");
	put(list_path, list.p);
	put(path, set.p);
	struct query_file *file = query_file_load(path, &err);
	if (!file)
		fail_msg("%s", err.text);
	assert_in_range(query_set_bytes(file->set), 1, 6 * MiB); /* 600,000 terms would take 180 */
	struct query_matcher *matcher = query_matcher_create(file->set);
	for (int i = 0; i < QUERIES; i++) {
		struct query_words words;
		struct post post = {
		    .text = str_of(arena_printf(arena, "w%d x ort%d", i, (i * 7) % LINES))};
		struct query_match *found;
		query_cut(&post, &words, arena);
		struct query_post p = query_post_of(&post, NULL, &words);
		assert_int_equal(query_match(matcher, &p, arena, &found), 1);
		assert_int_equal(found->query, i);
		assert_int_equal(found->n_spans, 2);
		arena_reset(arena);
	}
	query_matcher_free(matcher);
	query_file_free(file);
	buf_done(&list);
	buf_done(&set);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest list[] = {
	    cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_expected), cmocka_unit_test(test_list),
	    cmocka_unit_test(test_shared_list)};
	return cmocka_run_group_tests(list, make_dir, remove_dir);
}
