/* town.c, town_feed.c, town_text.c of tests/world: what a place shows, when, in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "common/mem.h"
#include "common/num.h"
#include "tests/world/town_feed.h"
#include "tests/world/town_text.h"

#define BASE "http://127.0.0.1:8080"

static const char places[] = "place\tchannel\tformat\towned\tlang\tpath\ttitle\n"
			     "forum\tforum\tatom\tyes\tde\t/forum.atom\tForum & mehr\n"
			     "social\tsocial\trss\tno\tde\t/social.rss\t@brieftal\n"
			     "news\tnews\trdf\tno\tde\t/news.rdf\tBote\n"
			     "reviews\treview\tjsonfeed\tno\ten\t/reviews.json\tReviews\n";

static const char posts[] =
    "{\"id\":\"f1\",\"place\":\"forum\",\"at\":\"-23:30\",\"author\":\"moni\",\"name\":\"Moni "
    "<K>\","
    "\"title\":\"Wo & wann?\",\"text\":\"Erste Zeile\\nzweite \\\"<b>\\n\\nNeuer Absatz\"}\n"
    "{\"id\":\"f3\",\"place\":\"forum\",\"at\":\"09:00\",\"author\":\"karl\",\"reply_to\":\"f1\","
    "\"text\":\"> Erste Zeile\\nJa.\",\"edit\":{\"at\":\"09:30\",\"text\":\"Nein.\"}}\n"
    "{\"id\":\"f2\",\"place\":\"forum\",\"at\":\"08:30\",\"author\":\"wut\",\"text\":\"Deppen\","
    "\"deleted_at\":\"10:00\"}\n"
    "{\"id\":\"s1\",\"place\":\"social\",\"at\":\"08:10\",\"author\":\"lea\",\"name\":\"Lea M.\","
    "\"text\":\"@brieftal wo?\",\"followers\":31}\n"
    "{\"id\":\"s2\",\"place\":\"social\",\"at\":\"08:20\",\"author\":\"brieftal\",\"reply_to\":"
    "\"s1\","
    "\"text\":\"Hier.\"}\n"
    "{\"id\":\"n1\",\"place\":\"news\",\"at\":\"07:00\",\"author\":\"red\",\"title\":\"T\","
    "\"text\":\"Text ]]> mehr\"}\n"
    "{\"id\":\"r1\",\"place\":\"reviews\",\"at\":\"07:00\",\"author\":\"jo\",\"title\":\"Meh\","
    "\"text\":\"Crashes \\\"daily\\\".\",\"rating\":2,\"followers\":4}\n"
    "{\"id\":\"r2\",\"place\":\"reviews\",\"at\":\"07:05\",\"author\":\"us\",\"reply_to\":\"r1\","
    "\"text\":\"Sorry!\"}\n";

static int64_t clock_at(int hour, int minute)
{
	return TOWN_MIDNIGHT + (hour * 60 + minute) * INT64_C(60000);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static struct town *load(const char *places_text, const char *posts_text, struct error *err)
{
	char dir[] = "/tmp/posthorn-town-XXXXXX", path[200];
	assert_non_null(mkdtemp(dir));
	write_file(dir, "places.tsv", places_text);
	write_file(dir, "posts.jsonl", posts_text);
	struct town *town = town_load(dir, err);
	snprintf(path, sizeof path, "%s/places.tsv", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/posts.jsonl", dir);
	unlink(path);
	rmdir(dir);
	return town;
}

static int setup(void **state)
{
	struct error err = {""};
	*state = load(places, posts, &err);
	if (!*state)
		fprintf(stderr, "%s\n", err.text);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	town_free(*state);
	return 0;
}

/* The feed at that moment; *ret_modified_ms may be NULL. */
static void feed_at(struct town *town, const char *path, int64_t now_ms, struct buf *out,
		    int64_t *ret_modified_ms)
{
	int64_t modified_ms;
	const struct town_place *place = town_place_at(town, str_of(path));
	assert_non_null(place);
	buf_init(out, MiB);
	assert_int_equal(town_feed(town, place, now_ms, BASE, out, &modified_ms), 0);
	if (ret_modified_ms)
		*ret_modified_ms = modified_ms;
}

/* The string value of an XPath expression over the feed: well-formed, namespaces bound. */
static void assert_xpath(struct buf *feed, const char *expression, const char *expected)
{
	static const char *const names[][2] = {
	    {"a", "http://www.w3.org/2005/Atom"},
	    {"thr", "http://purl.org/syndication/thread/1.0"},
	    {"at", "http://purl.org/atompub/tombstones/1.0"},
	    {"dc", "http://purl.org/dc/elements/1.1/"},
	    {"c", "http://purl.org/rss/1.0/modules/content/"},
	    {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	    {"r", "http://purl.org/rss/1.0/"},
	    {"ph", "https://posthorn.example/ns/1"},
	};
	xmlDocPtr doc = xmlReadMemory(feed->p, (int)feed->n, "feed", NULL, XML_PARSE_NONET);
	if (!doc)
		fail_msg("not well-formed:\n%s", feed->p);
	xmlXPathContextPtr context = xmlXPathNewContext(doc);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		xmlXPathRegisterNs(context, BAD_CAST names[i][0], BAD_CAST names[i][1]);
	xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST expression, context);
	assert_non_null(object);
	xmlChar *value = xmlXPathCastToString(object);
	if (strcmp((char *)value, expected) != 0)
		fail_msg("%s: expected \"%s\", found \"%s\" in\n%s", expression, expected, value,
			 feed->p);
	xmlFree(value);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
}

static void test_atom(void **state)
{
	static const struct {
		const char *expression, *expected;
	} rows[] = {
	    {"/a:feed/a:title", "Forum & mehr"},
	    {"/a:feed/@xml:lang", "de"},
	    {"/a:feed/a:updated", "2026-11-23T10:00:00+01:00"},
	    {"count(//a:entry)", "2"},
	    {"//a:entry[1]/a:id", "tag:town.example,2026:f3"},
	    {"//a:entry[1]/a:title", "Re: Wo & wann?"},
	    {"//a:entry[1]/a:published", "2026-11-23T09:00:00+01:00"},
	    {"//a:entry[1]/a:updated", "2026-11-23T09:30:00+01:00"},
	    {"//a:entry[1]/a:content", "<p>Nein.</p>"},
	    {"//a:entry[1]/thr:in-reply-to/@ref", "tag:town.example,2026:f1"},
	    {"//a:entry[1]/thr:in-reply-to/@href", BASE "/post/f1"},
	    {"//a:entry[2]/a:title", "Wo & wann?"},
	    {"//a:entry[2]/a:author/a:name", "Moni <K>"},
	    {"//a:entry[2]/a:author/a:uri", BASE "/user/moni"},
	    {"//a:entry[2]/a:link/@href", BASE "/post/f1"},
	    {"//a:entry[2]/a:published", "2026-11-22T23:30:00+01:00"},
	    {"//a:entry[2]/a:content",
	     "<p>Erste Zeile<br/>zweite &quot;&lt;b&gt;</p><p>Neuer Absatz</p>"},
	    {"//at:deleted-entry/@ref", "tag:town.example,2026:f2"},
	    {"//at:deleted-entry/@when", "2026-11-23T10:00:00+01:00"},
	};
	struct buf feed;
	feed_at(*state, "/forum.atom", clock_at(12, 0), &feed, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_xpath(&feed, rows[i].expression, rows[i].expected);
	buf_done(&feed);
}

static void test_rss_and_rdf(void **state)
{
	struct buf feed;
	feed_at(*state, "/social.rss", clock_at(12, 0), &feed, NULL);
	assert_xpath(&feed, "/rss/channel/item[1]/guid", "tag:town.example,2026:s2");
	assert_xpath(&feed, "/rss/channel/item[1]/guid/@isPermaLink", "false");
	assert_xpath(&feed, "//item[1]/thr:in-reply-to/@ref", "tag:town.example,2026:s1");
	assert_xpath(&feed, "count(//item/title)", "0");
	assert_xpath(&feed, "//item[2]/dc:creator", "@lea");
	assert_xpath(&feed, "//item[2]/ph:followers", "31");
	assert_xpath(&feed, "//item[2]/pubDate", "Mon, 23 Nov 2026 08:10:00 +0100");
	assert_xpath(&feed, "//item[2]/description", "<p>@brieftal wo?</p>");
	buf_done(&feed);
	feed_at(*state, "/news.rdf", clock_at(12, 0), &feed, NULL);
	assert_xpath(&feed, "/rdf:RDF/r:item/@rdf:about", "tag:town.example,2026:n1");
	assert_xpath(&feed, "//rdf:li/@rdf:resource", "tag:town.example,2026:n1");
	assert_xpath(&feed, "//r:item/c:encoded", "<p>Text ]]&gt; mehr</p>");
	assert_xpath(&feed, "//r:item/dc:date", "2026-11-23T07:00:00+01:00");
	buf_done(&feed);
}

static void test_jsonfeed(void **state)
{
	struct buf feed;
	const char *id, *url, *html, *published, *author, *parent, *name;
	int rating, followers;
	feed_at(*state, "/reviews.json", clock_at(12, 0), &feed, NULL);
	json_t *root = json_loadb(feed.p, feed.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_t *items = json_object_get(root, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_int_equal(json_unpack(json_array_get(items, 1),
				     "{s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:{s:i}}],s:{s:i}}", "id", &id,
				     "url", &url, "content_html", &html, "date_published",
				     &published, "authors", "name", &name, "url", &author, "_town",
				     "followers", &followers, "_review", "rating", &rating),
			 0);
	assert_string_equal(id, "tag:town.example,2026:r1");
	assert_string_equal(url, BASE "/post/r1");
	assert_string_equal(html, "<p>Crashes &quot;daily&quot;.</p>");
	assert_string_equal(published, "2026-11-23T07:00:00+01:00");
	assert_string_equal(name, "jo");
	assert_string_equal(author, BASE "/user/jo");
	assert_int_equal(followers, 4);
	assert_int_equal(rating, 2);
	assert_int_equal(
	    json_unpack(json_array_get(items, 0), "{s:{s:s}}", "_thread", "in_reply_to", &parent),
	    0);
	assert_string_equal(parent, "tag:town.example,2026:r1");
	json_decref(root);
	buf_done(&feed);
}

/* Time travel: posts, edits and deletions come at their minute, and nothing else changes bytes. */
static void test_time(void **state)
{
	static const struct {
		int hour, minute, entries, gone, modified_hour, modified_minute;
		const char *answer; /* text of f3, "" while it is not there */
	} rows[] = {
	    {-2, 0, 0, 0, -24, 0, ""},
	    {0, 0, 1, 0, 0, -30, ""},
	    {8, 29, 1, 0, 0, -30, ""},
	    {8, 30, 2, 0, 8, 30, ""},
	    {9, 0, 3, 0, 9, 0, "<blockquote><p>Erste Zeile</p></blockquote><p>Ja.</p>"},
	    {9, 30, 3, 0, 9, 30, "<p>Nein.</p>"},
	    {9, 59, 3, 0, 9, 30, "<p>Nein.</p>"},
	    {10, 0, 2, 1, 10, 0, "<p>Nein.</p>"},
	    {18, 0, 2, 1, 10, 0, "<p>Nein.</p>"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf feed, later;
		int64_t modified_ms;
		char number[16];
		int64_t now_ms = clock_at(rows[i].hour, rows[i].minute);
		feed_at(*state, "/forum.atom", now_ms, &feed, &modified_ms);
		snprintf(number, sizeof number, "%d", rows[i].entries);
		assert_xpath(&feed, "count(//a:entry)", number);
		snprintf(number, sizeof number, "%d", rows[i].gone);
		assert_xpath(&feed, "count(//at:deleted-entry)", number);
		assert_xpath(&feed, "//a:entry[a:id='tag:town.example,2026:f3']/a:content",
			     rows[i].answer);
		assert_int_equal(modified_ms,
				 clock_at(rows[i].modified_hour, rows[i].modified_minute));
		feed_at(*state, "/forum.atom", now_ms + 59999, &later, NULL);
		assert_true(str_eq(buf_view(&feed), buf_view(&later)));
		buf_done(&feed);
		buf_done(&later);
	}
}

static void test_newest_25(void **state)
{
	struct buf text;
	struct error err = {""};
	(void)state;
	buf_init(&text, MiB);
	for (int i = 0; i < 40; i++)
		buf_printf(&text,
			   "{\"id\":\"p%d\",\"place\":\"news\",\"at\":\"08:%02d\",\"author\":\"a\","
			   "\"text\":\"x\"%s}\n",
			   i, i, i == 2 || i == 30 ? ",\"deleted_at\":\"09:00\"" : "");
	struct town *town = load(places, text.p, &err);
	assert_string_equal(err.text, "");
	const struct town_place *place = town_place_at(town, STR("/news.rdf"));
	struct town_view view;
	town_view(town, place, clock_at(8, 59), &view);
	assert_int_equal(view.n, TOWN_SHOWN);
	assert_true(str_is(view.posts[0]->id, "p39"));
	assert_true(str_is(view.posts[24]->id, "p15"));
	assert_int_equal(view.modified_ms, clock_at(8, 39));
	town_view(town, place, clock_at(9, 0), &view);
	assert_int_equal(view.n, TOWN_SHOWN);
	assert_true(str_is(view.posts[24]->id, "p14")); /* moves up for p30 */
	assert_int_equal(view.n_gone, 1);               /* p2 had left the page before */
	assert_true(str_is(view.gone[0]->id, "p30"));
	assert_int_equal(view.modified_ms, clock_at(9, 0));
	town_free(town);
	buf_done(&text);
}

static void test_post_pages(void **state)
{
	static const struct {
		const char *id;
		int hour, status;
	} rows[] = {{"f2", 8, 404},  {"f2", 9, 200},  {"f2", 10, 410},
		    {"f1", 12, 200}, {"xx", 12, 404}, {"", 12, 404}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		int64_t modified_ms = 0;
		buf_init(&out, MiB);
		assert_int_equal(town_post_page(*state, str_of(rows[i].id),
						clock_at(rows[i].hour, 0), BASE, &out,
						&modified_ms),
				 rows[i].status);
		if (rows[i].status == 200)
			assert_non_null(strstr(out.p, "<article>"));
		buf_done(&out);
	}
}

static void test_sources(void **state)
{
	struct buf out;
	buf_init(&out, MiB);
	assert_int_equal(town_sources(*state, BASE, "5m", &out), 0);
	assert_non_null(strstr(out.p,
			       "  - name: forum\n    driver: feed\n    url: \"" BASE
			       "/forum.atom\"\n    key: \"forum\"\n    channel: \"forum\"\n"
			       "    place: \"Forum & mehr\"\n    owned: yes\n    poll: 5m\n"));
	buf_done(&out);
}

static void test_html(void **state)
{
	static const struct {
		const char *text, *html;
	} rows[] = {
	    {"", ""},
	    {"a", "<p>a</p>"},
	    {"a\nb", "<p>a<br/>b</p>"},
	    {"a\n\n\nb\n", "<p>a</p><p>b</p>"},
	    {"> q\n> r\na", "<blockquote><p>q<br/>r</p></blockquote><p>a</p>"},
	    {"> q\n>\n> r", "<blockquote><p>q</p><p>r</p></blockquote>"},
	    {"a\n> q", "<p>a</p><blockquote><p>q</p></blockquote>"},
	    {"<script>&\"", "<p>&lt;script&gt;&amp;&quot;</p>"},
	    {"siehe http://x.example/a?b=1&c=2.",
	     "<p>siehe <a href=\"http://x.example/a?b=1&amp;c=2\">"
	     "http://x.example/a?b=1&amp;c=2</a>.</p>"},
	    {"(https://x.example)", "<p>(<a href=\"https://x.example\">https://x.example</a>)</p>"},
	    {"a\x01\x1f"
	     "b",
	     "<p>ab</p>"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		buf_init(&out, MiB);
		assert_int_equal(town_text_html(&out, str_of(rows[i].text)), 0);
		assert_string_equal(out.p ? out.p : "", rows[i].html);
		buf_done(&out);
	}
}

static void test_faults(void **state)
{
#define POST(rest) "{\"id\":\"a\",\"place\":\"news\",\"author\":\"x\",\"text\":\"t\"," rest "}\n"
	static const struct {
		const char *places, *posts, *reason;
	} rows[] = {
	    {"head\nnews\tnews\trdf\n", "", "places.tsv:2: expected 7 columns"},
	    {"head\nn\tnews\tpdf\tno\tde\t/n\tT\n", "", "found \"pdf\""},
	    {"head\nn\tnews\trdf\tmaybe\tde\t/n\tT\n", "", "expected yes or no"},
	    {"head\nn\tnews\trdf\tno\tde\t/n\tT\nn\tnews\trdf\tno\tde\t/m\tT\n", "", "already"},
	    {places, "{\n", "posts.jsonl:1: could not read"},
	    {places, "\n[]\n", "posts.jsonl:2: expected an object"},
	    {places, POST("\"at\":\"9:00\""), "found \"9:00\""},
	    {places, POST("\"at\":\"24:00\""), "found \"24:00\""},
	    {places, POST("\"att\":\"09:00\""), "unknown member \"att\""},
	    {places, POST("\"at\":\"09:00\",\"rating\":6"), "from 1 to 5"},
	    {places, POST("\"at\":\"09:00\"") POST("\"at\":\"09:00\""), "is there twice"},
	    {places, POST("\"at\":\"09:00\",\"reply_to\":\"zz\""), "answers \"zz\", which is not"},
	    {places, POST("\"at\":\"09:00\",\"reply_to\":\"a\""), "before it was written"},
	    {places,
	     POST("\"at\":\"09:00\",\"reply_to\":\"b\"") "{\"id\":\"b\",\"place\":\"news\","
							 "\"at\":\"09:01\",\"author\":\"x\","
							 "\"text\":\"t\"}",
	     "before it was written"},
	    {places, POST("\"at\":\"09:00\",\"deleted_at\":\"08:00\""), "before it was written"},
	    {places,
	     "{\"id\":\"a\",\"place\":\"moon\",\"at\":\"09:00\",\"author\":\"x\",\"text\":\"t\"}",
	     "place \"moon\" is not in"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = {""};
		assert_null(load(rows[i].places, rows[i].posts, &err));
		if (!strstr(err.text, rows[i].reason))
			fail_msg("row %zu: expected \"%s\", found \"%s\"", i, rows[i].reason,
				 err.text);
	}
}

/* The shipped town: loads, and every feed is well-formed at every quarter of an hour. */
static void test_shipped_town(void **state)
{
	struct error err = {""};
	(void)state;
	struct town *town = town_load("tests/world/town", &err);
	if (!town)
		fail_msg("%s", err.text);
	assert_true(town_n_posts(town) >= 400);
	for (size_t i = 0; i < town_n_places(town); i++) {
		const struct town_place *place = town_place(town, i);
		for (int quarter = -4; quarter <= 24 * 4; quarter++) {
			struct buf feed;
			int64_t modified_ms;
			buf_init(&feed, 4 * MiB);
			assert_int_equal(town_feed(town, place, clock_at(0, quarter * 15), BASE,
						   &feed, &modified_ms),
					 0);
			assert_true(modified_ms <= clock_at(0, quarter * 15));
			if (place->format == TOWN_JSONFEED) {
				json_t *root = json_loadb(feed.p, feed.n, 0, NULL);
				assert_non_null(root);
				json_decref(root);
			} else {
				assert_xpath(&feed, "count(/*)", "1");
			}
			buf_done(&feed);
		}
	}
	town_free(town);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_atom, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rss_and_rdf, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_jsonfeed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_time, setup, teardown),
	    cmocka_unit_test(test_newest_25),
	    cmocka_unit_test_setup_teardown(test_post_pages, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_sources, setup, teardown),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_shipped_town),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	xmlCleanupParser();
	return rc;
}
