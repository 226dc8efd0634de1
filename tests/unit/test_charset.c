/* Which charset is believed, and what becomes of bytes that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"

#include "ingest/charset.h"

#define B(lit) lit, sizeof(lit) - 1

static const struct {
	const char *what, *bytes;
	size_t n;
	const char *type, *name, *text;
	size_t repaired;
	bool wrong;
} rows[] = {
    {"nothing said", B("Gr\xc3\xbc\xc3\x9f"), "", "utf-8", "Gr\xc3\xbc\xc3\x9f", 0, false},
    {"nothing said, no UTF-8", B("Gr\xfc\xdf"), "", "windows-1252", "Gr\xc3\xbc\xc3\x9f", 0, false},
    {"nothing said, ASCII", B("abc"), "", "utf-8", "abc", 0, false},
    {"mark", B("\xef\xbb\xbfx\xc3\xbc"), "text/xml; charset=iso-8859-1", "utf-8", "x\xc3\xbc", 0,
     false},
    {"UTF-16 mark", B("\xff\xfex\0\xfc\0"), "", "utf-16le", "x\xc3\xbc", 0, false},
    {"UTF-16 mark, other end", B("\xfe\xff\0x\0\xfc"), "", "utf-16be", "x\xc3\xbc", 0, false},
    {"UTF-16 without mark", B("<\0a\0>\0\xfc\0"), "", "utf-16le", "<a>\xc3\xbc", 0, false},
    {"UTF-32", B("\0\0\xfe\xff\0\0\0x"), "", "utf-32be", "x", 0, false},
    {"header", B("\xfc"), "text/xml; charset=\"ISO-8859-1\"", "windows-1252", "\xc3\xbc", 0, false},
    {"header beats declaration", B("<?xml encoding='koi8-r'?>\xfc"), "text/xml;charset=iso-8859-1",
     "windows-1252", "<?xml encoding='koi8-r'?>\xc3\xbc", 0, false},
    {"declaration", B("<?xml version='1.0' encoding='ISO-8859-15'?>\xa4"), "text/xml",
     "iso-8859-15", "<?xml version='1.0' encoding='ISO-8859-15'?>\xe2\x82\xac", 0, false},
    {"latin 1 is windows-1252", B("<?xml encoding=\"iso-8859-1\"?>\x80\x84"), "", "windows-1252",
     "<?xml encoding=\"iso-8859-1\"?>\xe2\x82\xac\xe2\x80\x9e", 0, false},
    {"gb2312 is gb18030", B("<?xml encoding=\"gb2312\"?>\x81\x40"), "", "gb18030",
     "<?xml encoding=\"gb2312\"?>\xe4\xb8\x82", 0, false},
    {"says latin 1, is UTF-8", B("<?xml encoding=\"iso-8859-1\"?>\xc3\xbc"), "", "utf-8",
     "<?xml encoding=\"iso-8859-1\"?>\xc3\xbc", 0, true},
    {"says UTF-8, is windows-1252", B("<?xml encoding=\"utf-8\"?>Gr\xfc\xdf"), "", "windows-1252",
     "<?xml encoding=\"utf-8\"?>Gr\xc3\xbc\xc3\x9f", 0, true},
    {"says UTF-8, mostly is", B("<?xml encoding=\"utf-8\"?>\xc3\xbc\xc3\xb6\xfc!"), "", "utf-8",
     "<?xml encoding=\"utf-8\"?>\xc3\xbc\xc3\xb6\xef\xbf\xbd!", 1, true},
    {"says UTF-16, is ASCII", B("<?xml encoding=\"utf-16\"?>x"), "", "utf-8",
     "<?xml encoding=\"utf-16\"?>x", 0, true},
    {"unknown", B("<?xml encoding=\"bogus\"?>\xc3\xbc"), "text/xml; charset=nonsense", "utf-8",
     "<?xml encoding=\"bogus\"?>\xc3\xbc", 0, true},
    {"meta", B("<html><meta charset=koi8-r>\xc1"), "", "koi8-r",
     "<html><meta charset=koi8-r>\xd0\xb0", 0, false},
    {"control bytes",
     B("a\0b\x01"
       "c\x1b\t\n\r"),
     "", "utf-8", "abc\t\n\r", 3, false},
    {"U+FFFE", B("a\xef\xbf\xbe"), "", "utf-8", "a", 1, false},
    {"surrogates", B("\xc3\xbc\xed\xa0\x80x"), "text/xml; charset=utf-8", "utf-8",
     "\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx", 3, true},
    {"half a character at the end", B("\xc3\xbc\xe2\x82"), "text/xml; charset=utf-8", "utf-8",
     "\xc3\xbc\xef\xbf\xbd", 1, true},
    {"a replacement that was there before", B("\xef\xbf\xbd"), "", "utf-8", "\xef\xbf\xbd", 0,
     false},
    {"unassigned in windows-1252", B("\xfc\x81"), "", "windows-1252", "\xc3\xbc\xef\xbf\xbd", 1,
     false},
    {"empty", B(""), "", "utf-8", "", 0, false},
};

static void test_charset(void **state)
{
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		struct charset c;
		struct error err;
		buf_init(&out, 4096);
		assert_int_equal(charset_to_utf8((struct str){rows[i].bytes, rows[i].n},
						 str_of(rows[i].type), &out, &c, &err),
				 0);
		assert_true(utf8_valid(buf_view(&out)));
		if (!str_is(buf_view(&out), rows[i].text) || strcmp(c.name, rows[i].name) != 0 ||
		    c.repaired != rows[i].repaired || c.wrong != rows[i].wrong) {
			print_message("%s: have \"%.*s\" as %s, repaired %zu, wrong %d\n",
				      rows[i].what, STR_ARG(buf_view(&out)), c.name, c.repaired,
				      c.wrong);
			bad++;
		}
		buf_done(&out);
	}
	assert_int_equal(bad, 0);
}

static void test_too_large(void **state)
{
	(void)state;
	struct buf out;
	struct charset c;
	struct error err;
	buf_init(&out, 5);
	assert_int_equal(charset_to_utf8(STR("\xfc\xfc\xfc"), STR(""), &out, &c, &err), -1);
	assert_string_equal(err.text, "could not decode text: more than 5 bytes as UTF-8");
	buf_done(&out);
}

static void test_header(void **state)
{
	(void)state;
	assert_true(str_is(charset_of_header(STR("text/xml; charset=utf-8")), "utf-8"));
	assert_true(str_is(charset_of_header(STR("text/xml; a=b; Charset = 'x' ; c=d")), "x"));
	assert_true(charset_of_header(STR("text/xml; charset:utf-8")).p == NULL);
	assert_true(charset_of_header(STR("charset=utf-8")).p == NULL);
	assert_true(charset_of_header(STR("")).p == NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_charset),
	    cmocka_unit_test(test_too_large),
	    cmocka_unit_test(test_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
