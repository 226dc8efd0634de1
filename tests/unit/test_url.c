/* Addresses: RFC 3986's own examples, normal forms, what people see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"

#include "ingest/url.h"

static struct arena *arena;

struct row {
	const char *in, *out;
};

static int check(const char *in, struct str have, const char *want)
{
	if (want ? str_is(have, want) : have.p == NULL)
		return 0;
	print_message("%s: want %s, have %.*s\n", in, want ? want : "null", STR_ARG(have));
	return 1;
}

static void test_resolve(void **state)
{
	/* RFC 3986, 5.4 */
	static const struct row rows[] = {
	    {"g:h", "g:h"},
	    {"g", "http://a/b/c/g"},
	    {"./g", "http://a/b/c/g"},
	    {"g/", "http://a/b/c/g/"},
	    {"/g", "http://a/g"},
	    {"//g", "http://g"},
	    {"?y", "http://a/b/c/d;p?y"},
	    {"g?y", "http://a/b/c/g?y"},
	    {"#s", "http://a/b/c/d;p?q#s"},
	    {"g#s", "http://a/b/c/g#s"},
	    {"g?y#s", "http://a/b/c/g?y#s"},
	    {";x", "http://a/b/c/;x"},
	    {"g;x", "http://a/b/c/g;x"},
	    {"", "http://a/b/c/d;p?q"},
	    {".", "http://a/b/c/"},
	    {"./", "http://a/b/c/"},
	    {"..", "http://a/b/"},
	    {"../", "http://a/b/"},
	    {"../g", "http://a/b/g"},
	    {"../..", "http://a/"},
	    {"../../", "http://a/"},
	    {"../../g", "http://a/g"},
	    {"../../../g", "http://a/g"},
	    {"../../../../g", "http://a/g"},
	    {"/./g", "http://a/g"},
	    {"/../g", "http://a/g"},
	    {"g.", "http://a/b/c/g."},
	    {".g", "http://a/b/c/.g"},
	    {"g..", "http://a/b/c/g.."},
	    {"..g", "http://a/b/c/..g"},
	    {"./../g", "http://a/b/g"},
	    {"./g/.", "http://a/b/c/g/"},
	    {"g/./h", "http://a/b/c/g/h"},
	    {"g/../h", "http://a/b/c/h"},
	    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
	    {"g;x=1/../y", "http://a/b/c/y"},
	    {"g?y/./x", "http://a/b/c/g?y/./x"},
	    {"g#s/../x", "http://a/b/c/g#s/../x"},
	    {"http:g", "http://a/b/c/g"},
	    {"  g\n", "http://a/b/c/g"},
	    {"https://x/y", "https://x/y"},
	    {"mailto:a@b", "mailto:a@b"},
	};
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		bad += check(rows[i].in,
			     url_resolve(arena, STR("http://a/b/c/d;p?q"), str_of(rows[i].in)),
			     rows[i].out);
	bad += check("no base", url_resolve(arena, STR(""), STR("a/b")), "a/b");
	bad += check("host only", url_resolve(arena, STR("http://a"), STR("b")), "http://a/b");
	bad += check("null", url_resolve(arena, STR("http://a"), STR_NULL), NULL);
	assert_int_equal(bad, 0);
}

static void test_normalise(void **state)
{
	static const struct row rows[] = {
	    {"HTTP://Example.ORG:80/a/../b?utm_source=x&id=7&PHPSESSID=0123#top",
	     "http://example.org/b?id=7"},
	    {"https://example.org:443", "https://example.org/"},
	    {"https://example.org:8443/", "https://example.org:8443/"},
	    {"http://example.org:443/", "http://example.org:443/"},
	    {"http://example.org?", "http://example.org/"},
	    {"http://example.org/%7euser/%c3%bc%2f", "http://example.org/~user/%C3%BC%2F"},
	    {"http://example.org/\xc3\xbc", "http://example.org/%C3%BC"},
	    {"http://u:p@example.org/", "http://example.org/"},
	    {"http://example.org./x", "http://example.org/x"},
	    {"http://example.org/f;jsessionid=0F3A?a=1", "http://example.org/f?a=1"},
	    {"http://example.org/t?t=5&sid=0123456789abcdef0123456789abcdef",
	     "http://example.org/t?t=5"},
	    {"http://example.org/t?sid=17", "http://example.org/t?sid=17"},
	    {"http://example.org/?a=1&amp;b=2", "http://example.org/?a=1&b=2"},
	    {"http://example.org/?utm_id=1&utmost=2", "http://example.org/?utmost=2"},
	    {"http://example.org/?b=2&a=1", "http://example.org/?b=2&a=1"},
	    {"http://example.org/?fbclid=x&gclid=y&utm_medium=z", "http://example.org/"},
	    {" http://example.org/a b\n", "http://example.org/a%20b"},
	    {"http://[::1]:80/x", "http://[::1]/x"},
	    {"tag:example.org,2026:1", "tag:example.org,2026:1"},
	    {"no address", "no address"},
	};
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str once = url_normalise(arena, str_of(rows[i].in));
		bad += check(rows[i].in, once, rows[i].out);
		bad += check("twice is once", url_normalise(arena, once), rows[i].out);
	}
	char longer[URL_MAX_BYTES + 2];
	memset(longer, 'a', sizeof longer);
	bad += check("too long", url_normalise(arena, (struct str){longer, sizeof longer}), NULL);
	assert_int_equal(bad, 0);
}

static void test_clean(void **state)
{
	static const struct row rows[] = {
	    {"http://Example.org/a?utm_source=x#top", "http://Example.org/a#top"},
	    {"http://example.org/a?x=1&utm_source=x", "http://example.org/a?x=1"},
	    {"https://www.google.com/url?rct=j&url=https://example.org/a%3Fb%3D1&ct=ga",
	     "https://example.org/a?b=1"},
	    {"https://www.google.com/url?q=javascript:alert(1)",
	     "https://www.google.com/url?q=javascript:alert(1)"},
	    {"https://example.org/url?url=https://other.example/",
	     "https://example.org/url?url=https://other.example/"},
	};
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		bad += check(rows[i].in, url_clean(arena, str_of(rows[i].in)), rows[i].out);
	assert_int_equal(bad, 0);
}

static void test_parts(void **state)
{
	(void)state;
	assert_true(str_is(url_host(arena, STR("https://u@EXAMPLE.org:80/x")), "example.org"));
	assert_true(str_is(url_host(arena, STR("http://[::1]:80/x")), "[::1]"));
	assert_true(url_host(arena, STR("mailto:a@b")).p == NULL);
	assert_true(url_is_web(STR("HTTPS://x/")));
	assert_false(url_is_web(STR("https:///x")));
	assert_false(url_is_web(STR("ftp://x/")));
	assert_false(url_is_web(STR("//x/")));
}

static int setup(void **state)
{
	(void)state;
	arena = arena_create(16 * MiB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_resolve),
	    cmocka_unit_test(test_normalise),
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_parts),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
