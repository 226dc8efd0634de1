/* HTML to plain text: paragraphs, what is dropped, what others wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"

#include "ingest/entities.h"
#include "ingest/html_text.h"

static struct arena *arena;

enum { H = HTML_TEXT_HTML, X = HTML_TEXT_XML, P = HTML_TEXT_PLAIN };

/* Quotes are marked with { and } in what is expected. */
static const struct {
	const char *html;
	int mode;
	const char *text;
} rows[] = {
    /* paragraphs and lines */
    {"<p>One</p><p>Two</p>", H, "One\n\nTwo"},
    {"  One \n\t two  ", H, "One two"},
    {"One<br>two<br/>three<br><br>four", H, "One\ntwo\nthree\n\nfour"},
    {"<p>One<p>Two", H, "One\n\nTwo"},
    {"<ul><li>a</li><li>b</li></ul>c", H, "a\nb\n\nc"},
    {"<div>a</div><div>b</div>", H, "a\nb"},
    {"<h1>T</h1>x", H, "T\n\nx"},
    {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", H, "a b\nc"},
    {"a<hr>b", H, "a\n\nb"},
    {"<pre>a\n  b\n\nc</pre>", H, "a\nb\n\nc"},
    {"<p>Wort<b>teil</b></p>", H, "Wortteil"},
    {"</p>a</p>b", H, "a\n\nb"},
    {"<P>GROSS</P><DIV>x</DIV>", H, "GROSS\n\nx"},
    /* links, pictures */
    {"see <a href=\"http://x\">here</a>.", H, "see here."},
    {"<img class=\"emoji\" alt=\"\xf0\x9f\x98\x80\" src=\"x.png\">ok", H, "\xf0\x9f\x98\x80ok"},
    {"a <img src=\"/smilies/wink.gif\" alt=\";)\"> b", H, "a ;) b"},
    {"a<img src=\"cat.jpg\" alt=\"a cat\">b", H, "a b"},
    /* dropped */
    {"a<script>alert('<p>x</p>')</script>b", H, "ab"},
    {"a<style>p{}</style>b<!-- c -->d", H, "abd"},
    {"a<SCRIPT>x</Script>b", H, "ab"},
    {"<head><title>T</title><meta></head>b", H, "b"},
    {"<title>T</title>b", H, "b"},
    {"a<script>never ends", H, "a"},
    {"a<script/>b</script>c", H, "ac"},
    {"a<script/>b", X, "ab"},
    {"a<iframe src=\"x\"/>b", H, "ab"},
    {"a<svg><text>x</text></svg>b", H, "ab"},
    {"a<!-- -- never ends >b", H, "ab"},
    {"<select><option>1</option></select>b", H, "b"},
    {"a<noscript>b</noscript>", H, "ab"},
    /* references */
    {"a &lt;b&gt; &amp;amp; &uuml; &#8364; &#x20AC; &#128; &hellip;", H,
     "a <b> &amp; \xc3\xbc \xe2\x82\xac \xe2\x82\xac \xe2\x82\xac \xe2\x80\xa6"},
    {"AT&T R&D a&b &unknown; &", H, "AT&T R&D a&b &unknown; &"},
    {"&copy 2026 &copy=1 &euro", H, "\xc2\xa9 2026 &copy=1 &euro"},
    {"a&nbsp;&nbsp;b", H, "a b"},
    {"&#0;&#xD800;&#x110000;x&#1;", H, "x"},
    /* what looks like a tag and is none */
    {"1 < 2 and 3 > 2", H, "1 < 2 and 3 > 2"},
    {"a <3 b", H, "a <3 b"},
    {"a </ b", H, "a </ b"},
    {"a <b", H, "a"},
    {"<p title=\"a > b\">x</p>", H, "x"},
    {"<p title='un<script>'>x</p>", H, "x"},
    /* others' words */
    {"a<blockquote>q</blockquote>b", H, "a\n\n{q}\n\nb"},
    {"<blockquote><p>q1</p><p>q2</p></blockquote>", H, "{q1\n\nq2}"},
    {"<blockquote>q1<blockquote>q2</blockquote>q3</blockquote>b", H, "{q1\n\nq2\n\nq3}\n\nb"},
    {"<blockquote>q1</blockquote><blockquote>q2</blockquote>b", H, "{q1\n\nq2}\n\nb"},
    {"<blockquote> </blockquote>b", H, "b"},
    {"<div class=\"bbcode_quote\">q</div>b", H, "{q}\n\nb"},
    {"<aside class=\"quote no-group\"><div>q</div></aside><p>b</p>", H, "{q}\n\nb"},
    {"<div class=\"gmail_quote\">q</div>b", H, "{q}\n\nb"},
    {"b<div class=\"signature\">sig</div>", H, "b\n\n{sig}"},
    {"<div class=\"pullquote\">mine</div>", H, "mine"},
    {"<blockquote>q</div></blockquote>b", H, "{q}\n\nb"},
    {"<blockquote>never ends", H, "{never ends}"},
    {"<p>&gt; q<br>&gt; r<br>b</p>", H, "{> q\n> r}\nb"},
    {"> q\n> r\nb", P, "{> q\n> r}\nb"},
    {"a\n> q\nb\n-- \nsig\nx", P, "a\n{> q}\nb\n{--\nsig\nx}"},
    {"a  b\n\n\n\nc <b> &amp;", P, "a b\n\nc <b> &amp;"},
    /* XML */
    {"<xhtml:p>a</xhtml:p><xhtml:p>b</xhtml:p>", X, "a\n\nb"},
    {"<div><![CDATA[1 < 2 &amp;]]></div>", X, "1 < 2 &amp;"},
    {"<p/>a<div/>b", X, "a\nb"},
    {"", H, ""},
};

static void test_text(void **state)
{
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct html_text t;
		char marked[256];
		size_t n = 0, q = 0;
		assert_int_equal(html_text(str_of(rows[i].html), (enum html_text_mode)rows[i].mode,
					   64 * KiB, arena, &t),
				 0);
		for (size_t k = 0; k <= t.text.n; k++) {
			if (q < t.n_quotes && t.quotes[q].end == k) {
				marked[n++] = '}';
				q++;
			}
			if (q < t.n_quotes && t.quotes[q].start == k)
				marked[n++] = '{';
			if (k < t.text.n)
				marked[n++] = t.text.p[k];
		}
		marked[n] = '\0';
		if (strcmp(marked, rows[i].text) != 0) {
			print_message("%s\n  want %s\n  have %s\n", rows[i].html, rows[i].text,
				      marked);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void test_limit(void **state)
{
	(void)state;
	struct html_text t;
	assert_int_equal(
	    html_text(STR("<p>\xc3\xa4\xc3\xb6\xc3\xbc</p>"), HTML_TEXT_HTML, 5, arena, &t), 0);
	assert_true(t.cut);
	assert_int_equal(t.text.n, 4); /* no code point is cut */
	assert_int_equal(html_text(STR("<p>abc</p>"), HTML_TEXT_HTML, 3, arena, &t), 0);
	assert_false(t.cut);
}

static void test_images(void **state)
{
	(void)state;
	struct html_text t;
	assert_int_equal(html_text(STR("<img src='a.png?x=1&amp;y=2' alt='A &amp; B'>"
				       "<img src=pixel.gif width=1 height=1><img alt=x>"
				       "<img src='data:image/png;base64,AAAA'>"),
				   HTML_TEXT_HTML, 100, arena, &t),
			 0);
	assert_int_equal(t.n_images, 1);
	assert_true(str_is(t.images[0].src, "a.png?x=1&y=2"));
	assert_true(str_is(t.images[0].alt, "A & B"));
}

static void test_line(void **state)
{
	(void)state;
	struct str s = html_line(STR(" <p>a</p>\n<p>b&amp;c</p> "), HTML_TEXT_HTML, 100, arena);
	assert_true(str_is(s, "a b&c"));
	assert_true(html_likely(STR("x &amp; y")));
	assert_true(html_likely(STR("a<br>b")));
	assert_true(html_likely(STR("</p>")));
	assert_false(html_likely(STR("1 < 2 & 3 > 2")));
	assert_false(html_likely(STR("<blink>")));
	assert_false(html_likely(STR("AT&T <3")));
}

static void test_entities(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		unsigned cp;
		int strict;
	} e[] = {
	    {"&amp;", 5, '&', 1},         {"&auml;", 6, 0xe4, 0},       {"&auml x", 5, 0xe4, 0},
	    {"&#228;", 6, 0xe4, 1},       {"&#xe4;", 6, 0xe4, 1},       {"&#XE4;", 6, 0xe4, 0},
	    {"&#150;", 6, 0x2013, 1},     {"&#228", 5, 0xe4, 0},        {"&#0;", 4, 0, 0},
	    {"&#99999999999;", 14, 0, 0}, {"&thetasym;", 10, 0x3d1, 0}, {"&zwnj;", 6, 0x200c, 0},
	    {"&Alpha;", 7, 0x391, 0},     {"&apos;", 6, '\'', 1},       {"&zacute;", 8, 0x17a, 0},
	};
	static const char *const none[] = {"&",  "&;",     "&#;",   "&#x;",
					   "&a", "&nope;", "&euro", "&amplifier;"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(e); i++) {
		struct entity have;
		assert_true(entity_read(str_of(e[i].s), 0, &have));
		assert_int_equal(have.n, e[i].n);
		assert_int_equal(have.cp, e[i].cp);
		assert_int_equal(have.strict, e[i].strict);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct entity have;
		assert_false(entity_read(str_of(none[i]), 0, &have));
	}
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
	    cmocka_unit_test(test_text),     cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_images),   cmocka_unit_test(test_line),
	    cmocka_unit_test(test_entities),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
