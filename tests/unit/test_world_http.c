/* http.c of tests/world: conditions, gzip, dates, types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "common/mem.h"
#include "tests/world/http.h"

static void test_accepts_gzip(void **state)
{
	static const struct {
		const char *header;
		bool yes;
	} rows[] = {
	    {NULL, false},
	    {"", false},
	    {"gzip", true},
	    {"deflate, gzip, br", true},
	    {"GZip;q=0.5", true},
	    {"gzip;q=0", false},
	    {"gzip; q=0.000, *", false},
	    {"*", true},
	    {"*;q=0", false},
	    {"identity", false},
	    {"gzip;q=rubbish", false},
	    {"gzipped", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (world_http_accepts_gzip(str_of(rows[i].header)) != rows[i].yes)
			fail_msg("\"%s\"", rows[i].header ? rows[i].header : "(none)");
}

static void test_not_modified(void **state)
{
	const int64_t at_ms = 1795417200000; /* Mon, 23 Nov 2026 07:00:00 GMT */
	static const struct {
		const char *none_match, *since;
		bool same;
	} rows[] = {
	    {NULL, NULL, false},
	    {"\"a\"", NULL, true},
	    {"W/\"a\"", NULL, true},
	    {"\"b\", \"a\"", NULL, true},
	    {"\"b\"", NULL, false},
	    {"a", NULL, false},
	    {"\"a", NULL, false},
	    {"*", NULL, true},
	    {"", "Mon, 23 Nov 2026 07:00:00 GMT", false}, /* the tag rules */
	    {"\"b\"", "Mon, 23 Nov 2026 07:00:00 GMT", false},
	    {NULL, "Mon, 23 Nov 2026 07:00:00 GMT", true},
	    {NULL, "Mon, 23 Nov 2026 07:00:01 GMT", true},
	    {NULL, "Mon, 23 Nov 2026 06:59:59 GMT", false},
	    {NULL, "yesterday", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (world_http_not_modified(str_of(rows[i].none_match), str_of(rows[i].since),
					    "\"a\"", at_ms) != rows[i].same)
			fail_msg("row %zu", i);
	assert_false(world_http_not_modified(STR_NULL, STR("Mon, 23 Nov 2026 07:00:00 GMT"),
					     "\"a\"", WORLD_NO_TIME));
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} rows[] = {
	    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	    {"Mon, 23 Nov 2026 07:00:00 GMT", 1795417200000},
	    {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199000},
	    {"Mon, 23 Nov 2026 07:00:00 CET", -1},
	    {"Mon, 23 Nox 2026 07:00:00 GMT", -1},
	    {"Mon, 23 Nov 2026 25:00:00 GMT", -1},
	    {"Mon, 23 Nov 2026 07:00:00 GMTx", -1},
	    {"", -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = -1;
		int rc = world_http_date_parse(str_of(rows[i].text), &ms);
		if (rc != (rows[i].ms < 0 ? -1 : 0) || ms != rows[i].ms)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].ms < 0)
			continue;
		char text[WORLD_DATE_LEN + 1];
		world_http_date(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_etag(void **state)
{
	char a[WORLD_ETAG_LEN + 1], b[WORLD_ETAG_LEN + 1];
	(void)state;
	world_http_etag(STR("one"), false, a);
	world_http_etag(STR("one"), false, b);
	assert_string_equal(a, b);
	world_http_etag(STR("two"), false, b);
	assert_string_not_equal(a, b);
	world_http_etag(STR("one"), true, b); /* other bytes on the wire */
	assert_string_not_equal(a, b);
	assert_true(a[0] == '"' && a[strlen(a) - 1] == '"');
}

/* Inflates a whole gzip file, checking its check sum; returns its length, -1 on a fault. */
static int64_t inflated(struct str gz, char *first, size_t n)
{
	static char room[1 << 16];
	z_stream z = {.next_in = (Bytef *)(uintptr_t)gz.p, .avail_in = (uInt)gz.n};
	int64_t total = 0;
	int rc = inflateInit2(&z, 15 + 16);
	while (rc == Z_OK) {
		z.next_out = (Bytef *)room;
		z.avail_out = sizeof room;
		rc = inflate(&z, Z_NO_FLUSH);
		size_t got = sizeof room - z.avail_out;
		for (size_t i = 0; i < got && (size_t)total + i < n; i++)
			first[(size_t)total + i] = room[i];
		total += (int64_t)got;
	}
	size_t left = z.avail_in;
	inflateEnd(&z);
	return rc == Z_STREAM_END && left == 0 ? total : -1;
}

static void test_gzip(void **state)
{
	struct buf plain, packed, small;
	(void)state;
	buf_init(&plain, MiB);
	buf_init(&packed, MiB);
	for (int i = 0; i < 20000; i++)
		buf_printf(&plain, "%d ", i * 7919);
	assert_int_equal(world_http_gzip(buf_view(&plain), &packed), 0);
	assert_true(packed.n < plain.n);
	char *back = malloc(plain.n);
	assert_int_equal(inflated(buf_view(&packed), back, plain.n), plain.n);
	assert_memory_equal(back, plain.p, plain.n);
	free(back);
	buf_init(&small, 100); /* the limit holds */
	assert_int_equal(world_http_gzip(buf_view(&plain), &small), -1);
	buf_done(&small);
	buf_done(&plain);
	buf_done(&packed);
}

static void test_gzip_bomb(void **state)
{
	struct buf bomb;
	char first[5];
	(void)state;
	buf_init(&bomb, 16 * MiB);
	assert_int_equal(world_http_gzip_bomb(20, &bomb), 0);
	assert_true(bomb.n < 40 * KiB);
	int64_t n = inflated(buf_view(&bomb), first, sizeof first);
	assert_true(n > (int64_t)(20 * MiB) && n < (int64_t)(21 * MiB));
	assert_memory_equal(first, "<?xml", 5);
	buf_done(&bomb);
}

static void test_types(void **state)
{
	static const struct {
		const char *path, *body, *type;
	} rows[] = {
	    {"a.xml", "<?xml version='1.0'?><rss version='2.0'>", "application/rss+xml"},
	    {"a.xml", "\xef\xbb\xbf<feed xmlns='x'>", "application/atom+xml"},
	    {"a.xml", "<rdf:RDF xmlns:rdf='x'>", "application/rdf+xml"},
	    {"a.xml", "<other/>", "application/xml"},
	    {"a.atom", "", "application/atom+xml"},
	    {"a.rss", "no feed at all", "application/rss+xml"},
	    {"a.json", "{\"version\":\"https://jsonfeed.org/version/1\"}", "application/feed+json"},
	    {"a.json", "{}", "application/json"},
	    {"a", "<?xml version='1.0'?><rss>", "application/rss+xml"},
	    {"a", "\x89PNG", "application/octet-stream"},
	    {"a.html", "<rss", "text/html"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(world_http_type(str_of(rows[i].path), str_of(rows[i].body)),
				    rows[i].type);
}

static void test_encode(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(world_http_encode(&out, STR("a b/\xc3\xa4?x=1&y"), true), 0);
	assert_string_equal(out.p, "a%20b/%C3%A4%3Fx%3D1%26y");
	buf_reset(&out);
	assert_int_equal(world_http_encode(&out, STR("http://h/"), false), 0);
	assert_string_equal(out.p, "http%3A%2F%2Fh%2F");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepts_gzip), cmocka_unit_test(test_not_modified),
	    cmocka_unit_test(test_dates),        cmocka_unit_test(test_etag),
	    cmocka_unit_test(test_gzip),         cmocka_unit_test(test_gzip_bomb),
	    cmocka_unit_test(test_types),        cmocka_unit_test(test_encode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
