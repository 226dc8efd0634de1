/* What strangers write reaches the terminal tamed: no controls, no bidi, and the columns hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "common/mem.h"

#include "route/term.h"
#include "route/top_text.h"

static struct arena *arena;

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

static void is(struct str got, const char *want)
{
	if (!str_is(got, want))
		print_error("got \"%.*s\", want \"%s\"\n", STR_ARG(got), want);
	assert_true(str_is(got, want));
}

static void test_clean(void **state)
{
	static const struct {
		const char *in, *want;
		size_t columns;
	} rows[] = {
	    {"plain", "plain", 5},
	    {"", "", 0},
	    {"  white \t\n\u00a0 space  ", "white space", 11},
	    {"red \033[31mtext\a", "red ·[31mtext·", 14},
	    {"c1 \xc2\x9b"
	     "31m",
	     "c1 ·31m", 7},
	    {"del\x7f", "del·", 4},
	    {"evil\u202etxt.exe\u2066x\u2069", "eviltxt.exex", 12},
	    {"mark\u200e\u200f\u061c", "mark", 4},
	    {"zero\u200bwidth\ufeff\u00ad", "zerowidth", 9},
	    {"Grüße", "Grüße", 5},
	    {"e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302", 1},
	    {"日本", "日本", 4},
	    {"שלום", "שלום", 4},
	    {"😅", "😅", 2},
	    {"👩\u200d👩\u200d👧", "👩👩👧", 6},
	    {"👍🏽", "👍", 2},
	    {"🇩🇪", "DE", 2},
	    {"❤\ufe0f", "❤", 1},
	    {"private \ue000", "private ·", 9},
	    {"bad \xff\xfe utf8", "bad \ufffd\ufffd utf8", 11},
	    {"tag\U000e0041", "tag", 3},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str got = text_clean(arena, str_of(rows[i].in), false);
		is(got, rows[i].want);
		assert_int_equal(text_width(got), rows[i].columns);
	}
	is(text_clean(arena, STR("a\n\nb\rc"), true), "a\n\nb c");
}

static void test_cut(void **state)
{
	static const struct {
		const char *in;
		size_t columns;
		const char *want;
	} rows[] = {
	    {"Beschwerde", 10, "Beschwerde"},
	    {"Beschwerde", 9, "Beschwer…"},
	    {"ein Wort", 5, "ein…"},
	    {"日本語", 5, "日本…"},
	    {"日本語", 4, "日…"},
	    {"x", 0, ""},
	    {"xy", 1, "…"},
	    {"ae\u0301io", 3, "ae\u0301…"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str got = text_cut(arena, str_of(rows[i].in), rows[i].columns);
		is(got, rows[i].want);
		assert_true(text_width(got) <= rows[i].columns);
	}
}

static void test_wrap(void **state)
{
	static const char *const want[] = {"  one two", "  three", "  Donaudam", "  pfschiff",
					   "  fahrt",   "",        "  日本語日", "  本"};
	struct lines v;
	(void)state;
	lines_init(&v, arena, 10);
	lines_wrap(&v, 0, STR("one two three Donaudampfschifffahrt\n\n\n日本語日本"), 2);
	assert_int_equal(v.n, ARRAY_LEN(want));
	for (size_t i = 0; i < v.n; i++)
		is(lines_plain(&v, i), want[i]);
}

static void test_fields(void **state)
{
	struct lines v;
	struct buf out;
	(void)state;
	lines_init(&v, arena, 20);
	lines_field(&v, 0, STR("日本語"), 5);
	lines_put(&v, 0, STR("|"));
	lines_field_right(&v, TEXT_RED, STR("12"), 4);
	lines_put(&v, 0, STR("|this is far too long for it"));
	lines_end(&v);
	is(lines_plain(&v, 0), "日本…|  12|this is…");
	assert_int_equal(v.at[0].columns, 19); /* no blank before the ellipsis */

	buf_init(&out, KiB);
	lines_ansi(&v, 0, true, &out);
	is(buf_view(&out), "日本…|  \033[0;31m12\033[0m|this is…");
	buf_done(&out);
}

static void test_keys(void **state)
{
	static const struct {
		const char *bytes;
		size_t used;
		unsigned key;
	} rows[] = {
	    {"q", 1, 'q'},
	    {"\033[A", 3, TERM_UP},
	    {"\033OB", 3, TERM_DOWN},
	    {"\033[5~x", 4, TERM_PAGE_UP},
	    {"\033[6~", 4, TERM_PAGE_DOWN},
	    {"\033[1;5H", 6, TERM_OTHER},
	    {"\033[H", 3, TERM_HOME},
	    {"\033[4~", 4, TERM_END},
	    {"\r", 1, TERM_ENTER},
	    {"\x7f", 1, TERM_BACKSPACE},
	    {"\003", 1, TERM_INTERRUPT},
	    {"\032", 1, TERM_SUSPEND},
	    {"\025", 1, TERM_CLEAR},
	    {"ü", 2, 0xfc},
	    {"€", 3, 0x20ac},
	    {"\033", 0, 0},
	    {"\033[", 0, 0},
	    {"\033[1", 0, 0},
	    {"\xc3", 0, 0},
	    {"\033x", 1, TERM_ESCAPE},
	    {"\xff", 1, 0xfffd},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned key = 0;
		assert_int_equal(term_decode(str_of(rows[i].bytes), &key), rows[i].used);
		if (rows[i].used)
			assert_int_equal(key, rows[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),  cmocka_unit_test(test_cut),  cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_fields), cmocka_unit_test(test_keys),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
