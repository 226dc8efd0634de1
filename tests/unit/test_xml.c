/*
 * The XML scanner: what it makes of good and broken markup, and its verdict against libxml2's.
 *
 * libxml2 is used here only as a second opinion on what is well-formed, on files without a document type.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>
#include <libxml/parser.h>

#include "common/buf.h"
#include "common/mem.h"

#include "ingest/formats/xml.h"

static struct arena *arena;

/* (name attr=value "text" children) */
static void draw(struct buf *out, const struct xml_node *node)
{
	must(buf_char(out, '(') == 0);
	must(buf_str(out, node->name) == 0);
	for (const struct xml_attr *a = node->attrs; a; a = a->next)
		must(buf_printf(out, " %.*s=%.*s", STR_ARG(a->name), STR_ARG(a->value)) == 0);
	if (node->text.n)
		must(buf_printf(out, " \"%.*s\"", STR_ARG(node->text)) == 0);
	for (const struct xml_node *c = node->first; c; c = c->next)
		draw(out, c);
	must(buf_char(out, ')') == 0);
}

static const struct {
	const char *xml, *tree, *fault; /* fault NULL: well-formed */
} rows[] = {
    {"<a/>", "(a)", NULL},
    {"<?xml version=\"1.0\"?>\n<!-- x --><a b=\"1\" c='2'>x<d/>y</a>\n", "(a b=1 c=2 \"xy\"(d))",
     NULL},
    {"<a>&lt;&amp;&#65;&#x42;</a>", "(a \"<&AB\")", NULL},
    {"<a><![CDATA[<b>&amp;]]>c</a>", "(a \"<b>&amp;c\")", NULL},
    {"<a b=\"&quot;&auml;\"/>", "(a b=\"\xc3\xa4)", "undeclared entity"},
    {"<!DOCTYPE a SYSTEM \"x.dtd\"><a>&auml;</a>", "(a \"\xc3\xa4\")", NULL},
    {"<!DOCTYPE a [<!ELEMENT a ANY><!-- ]> --><?x ]>?>]><a>x</a>", "(a \"x\")", NULL},
    {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", NULL, "document type declares entities"},
    {"<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'>%b;]><a/>", NULL,
     "document type declares entities"},
    {"<!DOCTYPE a [<!>]><a/>", "(a)", "document type that is none"},
    {"<a>AT&T</a>", "(a \"AT&T\")", "\"&\" that begins no reference"},
    {"<a>1 < 2</a>", "(a \"1 < 2\")", "\"<\" that begins nothing"},
    {"<a><b>x</a>", "(a(b \"x\"))", "end tag missing"},
    {"<a></b>x</a>", "(a \"x\")", "end tag that closes nothing"},
    {"<a><b>x", "(a(b \"x\"))", "ends before its elements do"},
    {"<a><item><t>1</t><item><t>2</t></item></a>", "(a(item(t \"1\"))(item(t \"2\")))",
     "item within an item"},
    {"<a><item><x><item/></x></item></a>", "(a(item(x(item))))", NULL},
    {"<a b=1 c d='2'e=\"3\">x</a>", "(a b=1 c= d=2 e=3 \"x\")", "attribute without quotes"},
    {"<a b='1' b='2'/>", "(a b=1)", "attribute given twice"},
    {"<a b='<'/>", "(a b=<)", "\"<\" in an attribute"},
    {"<a b='1'", NULL, "ends within a tag"},
    {"<a><b <c>x</c></a>", "(a(b(c \"x\")))", "\"<\" within a tag"},
    {"<a><!-- -- --></a>", "(a)", "\"--\" in a comment"},
    {"<a><!-- x", "(a)", "comment does not end"},
    {"<a><![CDATA[x", "(a \"x\")", "CDATA does not end"},
    {"<a>x]]>y</a>", "(a \"x]]>y\")", "\"]]>\" in text"},
    {" <?xml version='1.0'?><a/>", "(a)", "XML declaration not at the start"},
    {"<?xml version='1.0'><a/>", "(a)", "XML declaration does not end"},
    {"<a/><b/>", "(a)", "more than one root element"},
    {"<a/>x", "(a)", "text outside of the root element"},
    {"x", NULL, "text outside of the root element"},
    {"", NULL, "no element at all"},
    {"<a>&#0;&#x1F;</a>", "(a)", "reference to a character that must not be"},
    {"<a><x:b/></a>", "(a(b))", "undeclared namespace prefix"},
    {"<a><d xmlns='http://www.w3.org/1999/xhtml'><p>x</p></d></a>", "(a(d))", NULL},
    {"<\xc3\xa4>x</\xc3\xa4>", "(\xc3\xa4 \"x\")", NULL},
};

static void test_rows(void **state)
{
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct xml_doc doc;
		struct buf out;
		buf_init(&out, 4096);
		assert_int_equal(xml_parse(str_of(rows[i].xml), arena, &doc), 0);
		if (doc.root)
			draw(&out, doc.root);
		bool tree = rows[i].tree ? str_is(buf_view(&out), rows[i].tree) : doc.root == NULL;
		bool fault =
		    rows[i].fault ? doc.fault && strcmp(doc.fault, rows[i].fault) == 0 : !doc.fault;
		if (!tree || !fault) {
			print_message("%s\n  have %.*s, fault %s\n", rows[i].xml,
				      STR_ARG(buf_view(&out)), doc.fault ? doc.fault : "none");
			bad++;
		}
		buf_done(&out);
	}
	assert_int_equal(bad, 0);
}

static void test_names(void **state)
{
	(void)state;
	struct xml_doc doc;
	assert_int_equal(
	    xml_parse(STR("<feed xmlns='http://www.w3.org/2005/Atom' "
			  "xmlns:t='http://purl.org/syndication/thread/1.0' "
			  "xml:lang='de'><entry xml:base='/x'><t:total t:a='1' a='2'>3</t:total>"
			  "<o xmlns='urn:o'/><dc:creator>c</dc:creator></entry></feed>"),
		      arena, &doc),
	    0);
	struct xml_node *entry = xml_child(doc.root, XML_NS_ATOM, "ENTRY");
	assert_non_null(entry);
	struct xml_node *total = xml_child(entry, XML_NS_THR, "total");
	assert_non_null(total);
	assert_true(str_is(xml_attr(total, "a"), "2"));
	assert_true(str_is(xml_attr_ns(total, XML_NS_THR, "a"), "1"));
	assert_true(str_is(xml_inherited(total, "lang"), "de"));
	assert_true(str_is(xml_attr_ns(entry, XML_NS_XML, "base"), "/x"));
	assert_non_null(xml_child(entry, XML_NS_OTHER, "o"));
	assert_non_null(xml_child(entry, XML_NS_DC, "creator")); /* undeclared, but known */
	assert_true(str_is(doc.uri, "http://www.w3.org/2005/Atom"));
	assert_true(str_is(total->inner, "3"));
}

static void test_limits(void **state)
{
	(void)state;
	struct buf text;
	struct xml_doc doc;
	struct arena *big = arena_create(256 * MiB), *small = arena_create(64 * KiB);
	buf_init(&text, 16 * MiB);
	for (int i = 0; i < XML_MAX_DEPTH + 10; i++)
		must(buf_z(&text, "<a>") == 0);
	assert_int_equal(xml_parse(buf_view(&text), big, &doc), 0);
	assert_true(doc.cut);
	assert_string_equal(doc.fault, "elements too deep");
	buf_reset(&text);
	must(buf_z(&text, "<r>") == 0);
	for (int i = 0; i < XML_MAX_NODES + 10; i++)
		must(buf_z(&text, "<a/>") == 0);
	assert_int_equal(xml_parse(buf_view(&text), big, &doc), 0);
	assert_true(doc.cut);
	assert_string_equal(doc.fault, "too many elements");
	assert_int_equal(xml_parse(buf_view(&text), small, &doc), -1);
	arena_free(small);
	arena_free(big);
	buf_done(&text);
}

static void quiet(void *arg, const char *msg, ...)
{
	(void)arg;
	(void)msg;
}

/* Both must say the same of every recorded file that has no document type and is UTF-8 all through. */
static void test_second_opinion(void **state)
{
	static const char *const places[] = {
	    "realfeeds/data/*/*",    "realfeeds/data/*/*/*",   "feedparser/data/*/*",
	    "feedparser/data/*/*/*", "feedvalidator/data/*/*", "feedvalidator/data/*/*/*",
	    "gofeed/data/*/*",       "gofeed/data/*/*/*",      "xml-hostile/*/*/*"};
	(void)state;
	const char *shared = getenv("POSTHORN_SHARED") ? getenv("POSTHORN_SHARED") : "../shared";
	size_t asked = 0, differ = 0;
	xmlSetGenericErrorFunc(NULL, quiet);
	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		glob_t found;
		char *pattern = xasprintf("%s/fixtures/%s", shared, places[p]);
		if (glob(pattern, 0, NULL, &found) == 0) {
			for (size_t i = 0; i < found.gl_pathc; i++) {
				static char bytes[1 << 20];
				FILE *f = fopen(found.gl_pathv[i], "rb");
				size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
				if (f)
					(void)fclose(f); /* only read */
				struct str text = {bytes, n};
				bool declared =
				    str_find_str(text, STR("encoding=")) < n &&
				    str_find_str(text, STR("encoding=\"utf-8\"")) == n &&
				    str_find_str(text, STR("encoding=\"UTF-8\"")) == n;
				if (n == 0 || n == sizeof bytes || !utf8_valid(text) ||
				    bytes[0] != '<' || declared ||
				    memmem(bytes, n, "<!DOCTYPE", 9) || memchr(bytes, 0, n))
					continue;
				struct xml_doc doc;
				struct arena *a = arena_create(256 * MiB);
				assert_int_equal(xml_parse(text, a, &doc), 0);
				xmlDocPtr theirs = xmlReadMemory(
				    bytes, (int)n, NULL, "UTF-8",
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
				const xmlError *e = xmlGetLastError();
				bool namespaces = e && e->domain == XML_FROM_NAMESPACE;
				bool good = theirs && !namespaces;
				asked++;
				if (good != !doc.fault) {
					print_message("  %s: ours %s, theirs %s\n",
						      found.gl_pathv[i],
						      doc.fault ? doc.fault : "fine",
						      good ? "fine"
						      : e  ? e->message
							   : "?");
					differ++;
				}
				xmlFreeDoc(theirs);
				xmlResetLastError();
				arena_free(a);
			}
			globfree(&found);
		}
		free(pattern);
	}
	xmlCleanupParser();
	if (!asked) {
		if (getenv("CI") || getenv("POSTHORN_SHARED"))
			fail_msg("no fixtures below %s", shared);
		print_message("skipped: no fixtures below %s (set POSTHORN_SHARED)\n", shared);
		skip();
	}
	print_message("%zu files judged by both, %zu differently\n", asked, differ);
	assert_true(differ * 1000 <= asked * 5);
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
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_second_opinion),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
