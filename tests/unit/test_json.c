/* JSON: the same texts are accepted as jansson accepts, with the same values; see fuzz_json.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dirent.h>

#include "common/mem.h"

#include "tests/support/json_twin.h"

static void test_rows(void **state)
{
	static const struct {
		const char *json;
		bool ok;
	} rows[] = {
	    {"{}", true},
	    {" [1 , -0 , 0.5e+3, 1E2]\n", true},
	    {"[9223372036854775807, -9223372036854775808]", true},
	    {"[9223372036854775808]", false},
	    {"[-9223372036854775809]", false},
	    {"[1e308]", true},
	    {"[1e309]", false},
	    {"[1e-400]", true},
	    {"[01]", false},
	    {"[-]", false},
	    {"[1.]", false},
	    {"[.5]", false},
	    {"[+1]", false},
	    {"[1e]", false},
	    {"[NaN]", false},
	    {"[1,]", false},
	    {"[,1]", false},
	    {"{\"a\":1,}", false},
	    {"{\"a\" 1}", false},
	    {"{a:1}", false},
	    {"[\"\\ud83d\\ude21 \\u00e4\\/\\b\"]", true},
	    {"[\"\\ud83d\"]", false},
	    {"[\"\\ude21\"]", false},
	    {"[\"\\ud83d\\u0041\"]", false},
	    {"[\"\\u0000\"]", true},
	    {"{\"\\u0000\":1}", false},
	    {"{\"\\\\u0000\":1}", true}, /* a backslash, no NUL */
	    {"[\"\t\"]", false},
	    {"[\"\x7f\"]", true},
	    {"[\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\xa1\"]", true},
	    {"[\"\xc0\x80\"]", false},
	    {"[\"\xed\xa0\x80\"]", false},
	    {"[\"\xf4\x90\x80\x80\"]", false},
	    {"[\"\xe2\x82\"]", false},
	    {"[\"abc", false},
	    {"[\"abc\\", false},
	    {"[true,false,null]", true},
	    {"[tru]", false},
	    {"[] x", false},
	    {"", false},
	    {"\xef\xbb\xbf{}", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str json = str_of(rows[i].json);
		if (json_twin_ours(json) != rows[i].ok)
			fail_msg("%s: expected %s", rows[i].json, rows[i].ok ? "yes" : "no");
		json_twin_check(json);
	}
}

/* Every file of the conformance suite in the shared fixtures, and each of its lines. */
static void test_fixtures(void **state)
{
	const char *shared = getenv("POSTHORN_SHARED");
	char path[4096];
	(void)state;
	(void)snprintf(path, sizeof path, "%s/fixtures/json", shared ? shared : "../shared");
	size_t n = json_twin_folder(path);
	if (n == 0) {
		print_message("skipped: no JSON fixtures; set POSTHORN_SHARED\n");
		skip();
	}
	print_message("# %zu JSON texts read alike by both readers\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
					   cmocka_unit_test(test_fixtures)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
