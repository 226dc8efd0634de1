/* The small pieces of common/: text, numbers, buffers, arena, hashes.  One row per case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {{"0", 0},
		    {"500ms", 500},
		    {"90s", 90000},
		    {"30m", 1800000},
		    {"8h", 28800000},
		    {"7d", 604800000},
		    {"2w", 1209600000},
		    {"1h30m", 5400000},
		    {"5min", 300000},
		    {"", -1},
		    {"5", -1},
		    {"m", -1},
		    {"5x", -1},
		    {"-5m", -1},
		    {"5 m", -1},
		    {"1.5h", -1},
		    {"99999999999999999999d", -1},
		    {"9999999999999w", -1}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = -1;
		int rc = num_duration_ms(str_of(rows[i].text), &ms);
		if (rc != (rows[i].ms < 0 ? -1 : 0) || ms != rows[i].ms)
			fail_msg("\"%s\" gave %d, %lld", rows[i].text, rc, (long long)ms);
	}
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* INT64_MIN: refused */
	} rows[] = {{"1970-01-01T00:00:00Z", 0},
		    {"2026-11-22T08:00:00.000Z", 1795334400000},
		    {"2026-11-22T09:00:00+01:00", 1795334400000},
		    {"2000-02-29T23:59:59.5-00:30", 951870599500},
		    {"1969-12-31T23:59:59.999Z", -1},
		    {"1900-02-29T00:00:00Z", INT64_MIN},
		    {"2023-04-31T00:00:00Z", INT64_MIN},
		    {"2023-04-30T24:00:00Z", INT64_MIN},
		    {"2023-04-30T12:00:00", INT64_MIN},
		    {"2023-04-30T12:00:00.Z", INT64_MIN},
		    {"2023-04-30T12:00:00+0100", INT64_MIN},
		    {"2023-04-30T12:00:00Zx", INT64_MIN},
		    {"2023-04-30t12:00:60.123999z", 1682856060123},
		    {"2023-04-30 12:00:00-23:59", 1682942340000},
		    {"2023-04-30T12:00:00+24:00", INT64_MIN},
		    {"2023-04-30T12:00:00+00:60", INT64_MIN},
		    {"2023-04-30T12:00:00 ", INT64_MIN},
		    {"2023-04-30T12:00:00", INT64_MIN},
		    {"2023-00-30T12:00:00Z", INT64_MIN},
		    {"2023-13-30T12:00:00Z", INT64_MIN},
		    {"2023-04-00T12:00:00Z", INT64_MIN},
		    {"2023-04-30T12:60:00Z", INT64_MIN},
		    {"2023-04-30T12:00:61Z", INT64_MIN}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = INT64_MIN;
		(void)num_time_ms(str_of(rows[i].text), &ms);
		if (ms != rows[i].ms)
			fail_msg("\"%s\" gave %lld", rows[i].text, (long long)ms);
	}
	/* every place holds what it must */
	static const char good[] = "2023-04-30T12:00:00+01:00";
	for (size_t i = 0; i < sizeof good - 1; i++)
		for (const char *c = "/:-+ x"; *c; c++) {
			char one[sizeof good];
			int64_t ms;
			memcpy(one, good, sizeof good);
			one[i] = *c;
			bool same =
			    *c == good[i] || (i == 10 && *c == ' ') || (i == 19 && *c == '-');
			assert_int_equal(num_time_ms(str_of(one), &ms), same ? 0 : -1);
		}
	char text[NUM_TIME_LEN + 1];
	for (int64_t ms = -60000000000000; ms < 250000000000000; ms += 86399999 * 977LL) {
		int64_t back;
		num_time_text(ms, text);
		assert_int_equal(num_time_ms(str_of(text), &back), 0);
		assert_int_equal(back, ms);
	}
}

static void test_numbers(void **state)
{
	int64_t v = 7;
	uint64_t size = 7;
	double d = 7;
	(void)state;
	assert_int_equal(num_int(STR("-9223372036854775808"), INT64_MIN, 0, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(num_int(STR("9223372036854775807"), 0, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(num_int(STR("9223372036854775808"), 0, INT64_MAX, &v), -1);
	assert_int_equal(num_int(STR("12 "), 0, 100, &v), -1);
	assert_int_equal(num_int(STR(""), 0, 100, &v), -1);
	assert_int_equal(num_int(STR("-"), -100, 100, &v), -1);
	assert_true(v == INT64_MAX); /* refused: unchanged */
	assert_int_equal(num_size(STR("900kB"), &size), 0);
	assert_int_equal(size, 900000);
	assert_int_equal(num_size(STR("16MiB"), &size), 0);
	assert_int_equal(size, 16777216);
	assert_int_equal(num_size(STR("16 MiB"), &size), -1);
	assert_int_equal(num_size(STR("16MiB3"), &size), -1);
	assert_int_equal(num_double(STR("-1.5e3"), -1e9, 1e9, &d), 0);
	assert_true(d == -1500.0);
	assert_int_equal(num_double(STR("nan"), -1e9, 1e9, &d), -1);
	assert_int_equal(num_double(STR("0x10"), -1e9, 1e9, &d), -1);
	char text[32];
	num_duration_text(-5400000, text);
	assert_string_equal(text, "-1 h 30 min");
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
		size_t count;
	} rows[] = {{"", true, 0},
		    {"Grüße 😡", true, 7},
		    {"\xEF\xBF\xBD", true, 1},
		    {"\xC0\x80", false, 2},
		    {"\xED\xA0\x80", false, 3},
		    {"\xF4\x90\x80\x80", false, 4},
		    {"\xE2\x82", false, 1},
		    {"a\xFF"
		     "b",
		     false, 3}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = str_of(rows[i].bytes);
		if (utf8_valid(s) != rows[i].valid || utf8_count(s) != rows[i].count)
			fail_msg("row %zu: valid %d count %zu", i, utf8_valid(s), utf8_count(s));
	}
	for (unsigned cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 97) {
		char out[4];
		size_t pos = 0, n = utf8_put(out, cp);
		unsigned want = cp >= 0xD800 && cp <= 0xDFFF ? 0xFFFD : cp;
		assert_int_equal(utf8_next((struct str){out, n}, &pos), want);
		assert_int_equal(pos, n);
	}
	assert_int_equal(utf8_cut(STR("aü"), 2).n, 1);
	assert_int_equal(utf8_cut(STR("aü"), 3).n, 3);
}

static void test_str(void **state)
{
	struct str rest = STR("a,,b"), part;
	(void)state;
	assert_true(str_split(&rest, ',', &part) && str_is(part, "a"));
	assert_true(str_split(&rest, ',', &part) && part.n == 0);
	assert_true(str_split(&rest, ',', &part) && str_is(part, "b"));
	assert_false(str_split(&rest, ',', &part));
	assert_true(str_is(str_trim(STR(" \t x y\n")), "x y"));
	assert_true(str_ieq(STR("ETag"), "etag"));
	assert_false(str_ieq(STR("ETag"), "eta"));
	assert_int_equal(str_find_str(STR("abcabd"), STR("abd")), 3);
	assert_int_equal(str_find_str(STR("abc"), STR("x")), 3);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
	assert_true(str_ends(STR("x.lua"), ".lua") && !str_starts(STR("x"), "xy"));
}

static void test_buf(void **state)
{
	struct buf buf;
	(void)state;
	buf_init(&buf, 10);
	assert_int_equal(buf_z(&buf, "12345"), 0);
	assert_int_equal(buf_z(&buf, "678901"), -1);
	assert_true(buf.full && buf.n == 5);
	assert_int_equal(buf_z(&buf, "6"), -1); /* stays refused until reset */
	buf_reset(&buf);
	assert_int_equal(buf_printf(&buf, "%d-%s", 42, "ab"), 0);
	assert_string_equal(buf.p, "42-ab");
	buf_done(&buf);

	static const struct {
		double v;
		const char *text;
	} nums[] = {
	    {0, "0"}, {0.1, "0.1"}, {-1, "-1"}, {1.0 / 3, "0.3333333333333333"}, {1e300, "1e+300"}};
	for (size_t i = 0; i < ARRAY_LEN(nums); i++) {
		buf_init(&buf, 100);
		(void)buf_json_num(&buf, nums[i].v);
		assert_string_equal(buf.p, nums[i].text);
		buf_done(&buf);
	}
	buf_init(&buf, 200);
	(void)buf_json_str(&buf, (struct str){"a\"\\\n\x01\0ü", 8});
	assert_string_equal(buf.p, "\"a\\\"\\\\\\n\\u0001\\u0000ü\"");
	buf_reset(&buf);
	(void)buf_json_str(&buf, STR_NULL);
	(void)buf_json_num(&buf, NAN);
	assert_string_equal(buf.p, "nullnull");
	buf_done(&buf);
	buf_init(&buf, 3);
	assert_int_equal(buf_json_str(&buf, STR("abc")), -1);
	assert_int_equal(buf.n, 0); /* nothing half written */
	buf_done(&buf);
}

static void test_arena(void **state)
{
	struct arena *arena = arena_create(100000);
	(void)state;
	for (int round = 0; round < 3; round++) {
		char *last = NULL;
		for (int i = 0; i < 90; i++) {
			char *p = arena_alloc(arena, 1000);
			assert_int_equal((uintptr_t)p % 16, 0);
			assert_true(p != last);
			memset(p, i, 1000);
			last = p;
		}
		assert_int_equal(arena_used(arena), 90000);
		assert_null(arena_try(arena, 10001));
		assert_non_null(arena_try(arena, 10000));
		assert_null(arena_try(arena, SIZE_MAX));
		arena_reset(arena);
		assert_int_equal(arena_used(arena), 0);
	}
	assert_string_equal(arena_printf(arena, "%s-%d", "x", 3), "x-3");
	assert_null(arena_str(arena, STR_NULL).p);
	arena_free(arena);
}

static void test_large(void **state)
{
	static const size_t sizes[] = {1, 4096, 2 * MiB, 2 * MiB + 1, 5 * MiB};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *p = large_alloc(sizes[i]);
		assert_int_equal((uintptr_t)p % (2 * MiB), 0);
		assert_int_equal(p[0] | p[sizes[i] / 2] | p[sizes[i] - 1], 0);
		memset(p, 1, sizes[i]);
		large_free(p, sizes[i]);
	}
	large_free(NULL, 5);
}

/* Every byte and the length count. */
static void test_hash_word(void **state)
{
	char word[40] = "", other[40];
	(void)state;
	for (size_t n = 1; n <= 32; n++) {
		for (size_t i = 0; i < n; i++)
			word[i] = (char)('a' + i % 26);
		uint64_t hash = hash_word((struct str){word, n});
		assert_int_equal(hash, hash_word((struct str){word, n}));
		assert_int_not_equal(hash, hash_word((struct str){word, n - 1}));
		for (size_t i = 0; i < n; i++) {
			memcpy(other, word, sizeof other);
			other[i] ^= 0x20;
			assert_int_not_equal(hash, hash_word((struct str){other, n}));
		}
	}
}

static void test_hashes(void **state)
{
	/* values of Kafka's own test of its murmur2 (org.apache.kafka.common.utils.Utils) */
	static const struct {
		const char *key;
		int32_t hash;
	} rows[] = {{"21", -973932308},
		    {"foobar", -790332482},
		    {"a-little-bit-long-string", -985981536},
		    {"a-little-bit-longer-string", -1486304829},
		    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971}};
	char hex[HASH_HEX_LEN + 1], other[HASH_HEX_LEN + 1];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal((int32_t)hash_murmur2(str_of(rows[i].key)), rows[i].hash);
	hash_sha256_hex(STR("abc"), hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256_hex_parts((struct str[]){STR("ab"), STR("c")}, 2, hex);
	hash_sha256_hex_parts((struct str[]){STR("a"), STR("bc")}, 2, other);
	assert_string_not_equal(hex, other);
}

static void test_errors(void **state)
{
	struct error err;
	char longer[600];
	(void)state;
	assert_int_equal(error_set(&err, "could not %s", "x"), -1);
	assert_int_equal(error_prefix(&err, "source \"%s\"", "a"), -1);
	assert_string_equal(err.text, "source \"a\": could not x");
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	(void)error_set(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	(void)error_prefix(&err, "p");
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_true(strncmp(err.text, "p: yyy", 6) == 0);
	(void)error_prefix(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

/* What a stranger wrote can neither end a line nor steer a terminal. */
static void test_log_quotes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"plain", "\"plain\""},
	    {"a \"b\" \\c", "\"a \\\"b\\\" \\\\c\""},
	    {"line\nmsg=\"x\"", "\"line msg=\\\"x\\\"\""},
	    {"\033[31m\x7f", "\" [31m \""},
	    {"Gr\xc3\xbc\xc3\x9f"
	     "e \xe2\x82\xac",
	     "\"Gr\xc3\xbc\xc3\x9f"
	     "e \xe2\x82\xac\""},
	    {"\xc2\x9b"
	     "31m",
	     "\" 31m\""}, /* CSI as one code point */
	    {"\x9b"
	     "31m \xff",
	     "\" 31m  \""}, /* and as one byte */
	    {"\xe2\x80\xae"
	     "gpj.exe \xe2\x81\xa6",
	     "\" gpj.exe  \""}, /* other reading order */
	    {"a\xe2\x80\xa8"
	     "b",
	     "\"a b\""}, /* line separator */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(log_qz(rows[i].in), rows[i].out);
	char quotes[300];
	memset(quotes, '"', sizeof quotes - 1);
	quotes[sizeof quotes - 1] = '\0';
	assert_true(strlen(log_qz(quotes)) < 280);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_durations), cmocka_unit_test(test_times),
	    cmocka_unit_test(test_numbers),   cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_str),       cmocka_unit_test(test_buf),
	    cmocka_unit_test(test_large),     cmocka_unit_test(test_hash_word),
	    cmocka_unit_test(test_arena),     cmocka_unit_test(test_hashes),
	    cmocka_unit_test(test_errors),    cmocka_unit_test(test_log_quotes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
