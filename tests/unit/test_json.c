/* JSON read and written by our own pieces: the grammar, where text stands, what is said of errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/buf.h"
#include "common/bytes.h"
#include "common/json_in.h"
#include "common/json_out.h"
#include "common/mem.h"

static struct arena *arena;

static bool accepted(struct str json, struct json_in *in)
{
	json_in_init(in, json, arena);
	return json_in_skip(in) == 0 && json_in_end(in) == 0;
}

static bool read_file(const char *path, struct buf *ret)
{
	char block[4096];
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	buf_reset(ret);
	for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
		assert_int_equal(buf_add(ret, block, n), 0);
	(void)fclose(f); /* only read */
	return true;
}

/* The suite of the grammar, a file a case; "either" is only not to crash. */
static void test_conformance(void **state)
{
	const char *shared = getenv("POSTHORN_SHARED");
	char *path = xasprintf("%s/fixtures/json/cases.jsonl", shared ? shared : "../shared");
	struct buf cases, bytes;
	int n[3] = {0};
	(void)state;
	buf_init(&cases, MiB);
	buf_init(&bytes, MiB);
	if (!read_file(path, &cases)) {
		print_message("skipped: no %s (POSTHORN_SHARED)\n", path);
		free(path);
		skip();
	}
	struct str rest = buf_view(&cases), line;
	while (str_split(&rest, '\n', &line) && line.n) {
		struct str key, expect = STR_NULL, file = STR_NULL;
		struct json_in in;
		arena_reset(arena);
		json_in_init(&in, line, arena);
		assert_int_equal(json_in_open(&in, '{'), 0);
		while (json_in_key(&in, &key) > 0) {
			assert_int_equal(json_in_kind(&in), KIND_STRING);
			assert_int_equal(json_in_str(&in, str_is(key, "file") ? &file : &expect),
					 0);
		}
		assert_null(in.reason);
		char *name = arena_printf(arena, "%.*s/%.*s", (int)(strrchr(path, '/') - path),
					  path, STR_ARG(file));
		assert_true(read_file(name, &bytes));
		bool is = accepted(buf_view(&bytes), &in);
		if (str_is(expect, "accept") ? !is : str_is(expect, "reject") && is)
			fail_msg("%.*s: %s", STR_ARG(file), is ? "accepted" : in.reason);
		n[str_is(expect, "accept") ? 0 : str_is(expect, "reject") ? 1 : 2]++;
	}
	print_message("# JSON suite: %d to accept, %d to refuse, %d either\n", n[0], n[1], n[2]);
	assert_true(n[0] && n[1]);
	buf_done(&cases);
	buf_done(&bytes);
	free(path);
}

static void test_errors(void **state)
{
	static const struct {
		const char *json, *reason;
		size_t at;
	} rows[] = {{"", "expected a value", 0},
		    {" [1,]", "expected a value", 4},
		    {"[1 2]", "expected ',' or ']'", 3},
		    {"{\"a\":1 \"b\"}", "expected ',' or '}'", 7},
		    {"{\"a\" 1}", "expected ':'", 5},
		    {"{\"a\":1,}", "expected a key", 7},
		    {"{\"a\":tru}", "unknown word", 5},
		    {"[-]", "invalid number", 2},
		    {"[1.]", "invalid number", 3},
		    {"[1e+]", "invalid number", 4},
		    {"[12345678901234567890]", "whole number beyond 64 bits", 1},
		    {"[1e999]", "number beyond a double", 1},
		    {"[\"ab", "unfinished string", 4},
		    {"[\"ab\xff\"]", "invalid UTF-8", 4},
		    {"[\"ab\x01\"]", "control character in a string", 4},
		    {"[\"a\\ud83d\"]", "invalid escape", 3},
		    {"{\"a\\u0000\":1}", "U+0000 in a key", 11},
		    {"[] x", "something behind the end", 3}};
	struct json_in in;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (accepted(str_of(rows[i].json), &in) || strcmp(in.reason, rows[i].reason) != 0 ||
		    in.at != in.begin + rows[i].at)
			fail_msg("%s: \"%s\" at byte %zu", rows[i].json, in.reason,
				 (size_t)(in.at - in.begin));
	}
	/* 32 deep, not 33 */
	char deep[66];
	struct str s = {deep + 1, 64};
	memset(deep, '[', 33);
	memset(deep + 33, ']', 33);
	assert_true(accepted(s, &in));
	assert_false(accepted((struct str){deep, 66}, &in));
	assert_string_equal(in.reason, "nested deeper than 32");
}

static void test_texts(void **state)
{
	static const struct {
		const char *json;
		struct str text;
		bool view;
	} rows[] = {
	    {"\"\"", {"", 0}, true},
	    {"\"a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\xa1 long enough for two vectors of it\"",
	     {"a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\xa1 long enough for two vectors of it", 44},
	     true},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", {"\"\\/\b\f\n\r\t", 8}, false},
	    {"\"\\u00e4x\\u20ac\\uD83d\\ude21\\u0000.\"",
	     {"\xc3\xa4x\xe2\x82\xac\xf0\x9f\x98\xa1\0.", 12},
	     false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json_in in;
		struct str s;
		json_in_init(&in, str_of(rows[i].json), arena);
		assert_int_equal(json_in_kind(&in), KIND_STRING);
		assert_int_equal(json_in_str(&in, &s), 0);
		if (!str_eq(s, rows[i].text))
			fail_msg("%s: %.*s", rows[i].json, STR_ARG(s));
		assert_int_equal(s.p == rows[i].json + 1, rows[i].view);
	}
}

/* Vectors, words and single bytes find the same place. */
static void test_bytes(void **state)
{
	static const char odd[] = {'"', '\\', '\0',   '\x1f', '\x7f',
				   ' ', '!',  '\x80', '\xa2', '\xff'};
	char text[80];
	(void)state;
	for (size_t n = 0; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (size_t k = 0; k < sizeof odd; k++) {
				unsigned char c = (unsigned char)odd[k];
				bool stop = c < 0x20 || c == '"' || c == '\\';
				memset(text, 'a', sizeof text);
				text[n] = '"'; /* behind the end: not to be seen */
				text[at] = odd[k];
				assert_int_equal(bytes_unescaped(text, n), stop ? at : n);
				assert_int_equal(bytes_ascii(text, n), stop || c >= 0x80 ? at : n);
			}
}

static void test_out(void **state)
{
	static const int64_t ints[] = {0,    7,     -7,     10,         -10,       99,
				       100,  -101,  999,    1000,       1023,      -9999,
				       9999, 10000, -10000, 1234567890, INT64_MAX, INT64_MIN};
	char all[0x81], text[sizeof all * 6 + 2], want[30];
	struct str back;
	struct json_in in;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ints); i++) {
		(void)snprintf(want, sizeof want, "%" PRId64, ints[i]);
		*json_out_int(text, ints[i]) = '\0';
		assert_string_equal(text, want);
	}
	for (size_t i = 0; i < 0x80; i++)
		all[i] = (char)i;
	struct str s = {all, 0x80};
	size_t n = (size_t)(json_out_str(text, s) - text);
	assert_true(n <= json_out_room(s));
	json_in_init(&in, (struct str){text, n}, arena);
	assert_int_equal(json_in_str(&in, &back), 0);
	assert_true(str_eq(s, back) && json_in_end(&in) == 0);
	*json_out_str(text, STR("\x01\x1f\b\n\r\t\"\\/\x7f")) = '\0';
	assert_string_equal(text, "\"\\u0001\\u001f\\u0008\\n\\r\\t\\\"\\\\/\x7f\"");
	*json_out_str(text, STR_NULL) = '\0';
	assert_string_equal(text, "null");
	/* the buffer writes the same */
	struct buf buf;
	buf_init(&buf, sizeof text);
	*json_out_str(text, s) = '\0';
	assert_int_equal(buf_json_str(&buf, s), 0);
	assert_string_equal(buf.p, text);
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conformance), cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_texts), cmocka_unit_test(test_bytes), cmocka_unit_test(test_out)};
	arena = arena_create(16 * MiB);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return rc;
}
