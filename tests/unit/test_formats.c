/* From pages to items and posts: ids, threads, dates, kinds, what walls give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/num.h"

#include "ingest/formats/feed.h"

static struct arena *arena;
static struct feed feed;

#define ATOM                                                                                       \
	"<feed xmlns='http://www.w3.org/2005/Atom' "                                               \
	"xmlns:thr='http://purl.org/syndication/thread/1.0' "                                      \
	"xmlns:at='http://purl.org/atompub/tombstones/1.0'>"

static void parse_as(const char *body, const char *type)
{
	struct feed_input in = {.bytes = str_of(body),
				.content_type = str_of(type),
				.content_location = STR(""),
				.url = STR("http://example.org/blog/feed")};
	struct error err;
	assert_int_equal(feed_parse(&in, arena, &feed, &err), 0);
}

static void parse(const char *body)
{
	parse_as(body, "");
}

static struct post post_of(size_t i, const char *channel)
{
	struct feed_facts facts = {.source = STR("s"),
				   .url = STR("HTTP://Example.org/blog/feed?utm_source=x"),
				   .channel = str_of(channel),
				   .place = STR("P"),
				   .fetched_at = INT64_C(1795334400000)}; /* 2026-11-22T08:00Z */
	struct post post;
	assert_true(i < feed.n_items);
	feed_to_post(&feed, i, &facts, arena, &post);
	return post;
}

#define EQ(have, want)                                                                             \
	do {                                                                                       \
		struct str have_ = (have);                                                         \
		if (!str_is(have_, (want)))                                                        \
			fail_msg("%s is \"%.*s\", not \"%s\"", #have, STR_ARG(have_), (want));     \
	} while (0)

static void test_kinds_of_pages(void **state)
{
	static const struct {
		const char *body;
		enum feed_status status;
		const char *format;
		size_t n;
	} rows[] = {
	    {"<rss version='2.0'><channel><item><title>a</title></item></channel></rss>", FEED_OK,
	     "rss20", 1},
	    {"<rss version='0.91'><channel/></rss>", FEED_OK, "rss091", 0},
	    {"<rss><item><title>a</title></item></rss>", FEED_OK, "rss", 1},
	    {"<RDF "
	     "xmlns='http://my.netscape.com/rdf/simple/0.9/'><item><title>a</title></item></RDF>",
	     FEED_OK, "rss090", 1},
	    {ATOM "<entry><id>1</id></entry></feed>", FEED_OK, "atom10", 1},
	    {"<a:feed "
	     "xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:id>1</a:id></a:entry></a:feed>",
	     FEED_OK, "atom10", 1},
	    {"<feed version='0.3' "
	     "xmlns='http://purl.org/atom/ns#'><entry><id>1</id></entry></feed>",
	     FEED_OK, "atom03", 1},
	    {"<entry xmlns='http://www.w3.org/2005/Atom'><id>1</id></entry>", FEED_OK, "atom10", 1},
	    {"<rss xmlns='urn:nobody'><channel><item><title>a</title></item></channel></rss>",
	     FEED_OK, "rss", 1},
	    {"{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":1}]}", FEED_OK,
	     "jsonfeed10", 1},
	    {"{\"version\":\"https://jsonfeed.org/version/"
	     "1.1\",\"items\":[{\"id\":\"1\"},{\"id\":\"2",
	     FEED_MALFORMED, "jsonfeed11", 1},
	    {"{\"version\":\"https://jsonfeed.org/version/1.1\"}", FEED_MALFORMED, "jsonfeed11", 0},
	    {"{\"items\":[]}", FEED_UNSUPPORTED, "json", 0},
	    {"[1,2]", FEED_UNSUPPORTED, "json", 0},
	    {"Warning: x\n<rss "
	     "version='2.0'><channel><item><title>a</title></item></channel></rss>",
	     FEED_MALFORMED, "rss20", 1},
	    {"<rss version='2.0'><channel><item><title>a</title></item><item><title>b",
	     FEED_MALFORMED, "rss20", 2},
	    {"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><item><title>&a;</title></item></rss>",
	     FEED_MALFORMED, "xml", 0},
	    {"<!DOCTYPE html><html><body>hello</body></html>", FEED_UNSUPPORTED, "html", 0},
	    {"<html><title>Just a moment...</title></html>", FEED_BLOCKED, "html", 0},
	    {"<html><form><input type=\"password\"></form></html>", FEED_BLOCKED, "html", 0},
	    {"<rss><channel><item><title>RSS reader not yet "
	     "whitelisted!</title></item></channel></rss>",
	     FEED_BLOCKED, "rss", 0},
	    {"<opml><body/></opml>", FEED_UNSUPPORTED, "xml", 0},
	    {"hello", FEED_UNSUPPORTED, "unknown", 0},
	    {" \n", FEED_UNSUPPORTED, "unknown", 0},
	    {"", FEED_UNSUPPORTED, "unknown", 0},
	};
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		parse(rows[i].body);
		if (feed.status != rows[i].status || strcmp(feed.format, rows[i].format) != 0 ||
		    feed.n_items != rows[i].n) {
			print_message("%s\n  have %s %s %zu (%s)\n", rows[i].body,
				      feed_status_name(feed.status), feed.format, feed.n_items,
				      feed.reason);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void test_rss(void **state)
{
	(void)state;
	parse("<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/' "
	      "xmlns:dc='http://purl.org/dc/elements/1.1/' "
	      "xmlns:slash='http://purl.org/rss/1.0/modules/slash/' "
	      "xmlns:wfw='http://wellformedweb.org/CommentAPI/' "
	      "xmlns:atom='http://www.w3.org/2005/Atom'>"
	      "<channel><title>Die &amp;amp; "
	      "Das</title><link>http://example.org/</link><language>de_AT</language>"
	      "<ttl>30</ttl><atom:link rel='hub' href='http://hub.example/'/><atom:link rel='next' "
	      "href='?p=2'/>"
	      "<item><title>&lt;b&gt;Weg&lt;/b&gt; &amp;amp; "
	      "fort</title><link>/p/1?utm_source=rss&amp;a=1</link>"
	      "<guid isPermaLink='false'> g1 </guid><author>e@example.org (Erna M.)</author>"
	      "<pubDate>So, 22 Nov 2026 07:00:00 +0100</pubDate><category>x</category>"
	      "<description>short</description>"
	      "<content:encoded><![CDATA[<p>long<img "
	      "src='i.png'></p><blockquote>theirs</blockquote>]]></content:encoded>"
	      "<comments>/p/1#c</comments><slash:comments>4</slash:comments><wfw:commentRss>/p/1/"
	      "feed</wfw:commentRss>"
	      "<enclosure url='/a.mp3' type='audio/mpeg'/></item></channel></rss>");
	assert_int_equal(feed.status, FEED_OK);
	EQ(feed.title, "Die & Das");
	EQ(feed.lang, "de-AT");
	EQ(feed.hub, "http://hub.example/");
	EQ(feed.next, "http://example.org/blog/feed?p=2");
	assert_int_equal(feed.ttl_ms, 1800000);
	struct feed_item *item = &feed.items[0];
	EQ(item->id, "g1");
	EQ(item->title, "Weg & fort");
	EQ(item->link, "http://example.org/p/1?utm_source=rss&a=1");
	EQ(item->text, "long\n\ntheirs");
	assert_int_equal(item->n_quotes, 1);
	assert_int_equal(item->quotes[0].start, 6);
	EQ(item->author.name, "Erna M.");
	EQ(item->author.mail, "e@example.org");
	EQ(item->comments_url, "http://example.org/p/1#c");
	EQ(item->comments_feed, "http://example.org/p/1/feed");
	assert_int_equal(item->n_comments, 4);
	assert_int_equal(item->n_media, 2);
	EQ(item->media[0].kind, "audio");
	EQ(item->media[1].url, "http://example.org/blog/i.png");
	EQ(item->categories[0], "x");

	struct post post = post_of(0, "blog");
	EQ(post.id, "feed:http://example.org/blog/feed:g1");
	EQ(post.conversation, "feed:http://example.org/blog/feed:g1");
	EQ(post.url, "http://example.org/p/1?a=1");
	EQ(post.kind, "article");
	EQ(post.lang, "de-AT");
	EQ(post.place, "P");
	assert_int_equal(post.created_at, INT64_C(1795327200000));
	assert_int_equal(post.date_quality, POST_DATE_EXACT);
	assert_int_equal(post.edited_at, POST_NO_TIME);
	assert_int_equal(post.counts.replies, 4);
	assert_int_equal(post.author.followers, POST_NO_NUMBER);
	assert_true(post.parent.p == NULL && post.rev.n == 16);
}

static void test_ttl(void **state)
{
	(void)state;
	parse("<rss "
	      "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/"
	      "'><channel><sy:updatePeriod>daily"
	      "</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel></rss>");
	assert_int_equal(feed.ttl_ms, 6 * 3600000);
	parse("<rss><channel><ttl>0</ttl></channel></rss>");
	assert_int_equal(feed.ttl_ms, POST_NO_NUMBER);
}

static void test_atom_thread(void **state)
{
	(void)state;
	/* newest first, as forums serve it; c answers b answers a; d answers what is elsewhere */
	parse(ATOM "<entry><id>d</id><title>AW: x</title><thr:in-reply-to ref='z'/></entry>"
		   "<entry><id>c</id><title>Re: x</title><thr:in-reply-to ref='b'/></entry>"
		   "<entry><id>b</id><title>Re: x</title><thr:in-reply-to ref='a'/></entry>"
		   "<entry><id>a</id><title>x</title><author><name>Moni "
		   "K.</name><uri>/members/moni_k</uri></author></entry>"
		   "<entry><id>e</id><title>e</title><thr:in-reply-to ref='f'/></entry>"
		   "<entry><id>f</id><title>f</title><thr:in-reply-to ref='e'/></entry>"
		   "<at:deleted-entry ref='gone' when='2026-11-22T07:00:00Z'/></feed>");
	struct post post = post_of(1, "forum");
	EQ(post.parent, "feed:http://example.org/blog/feed:b");
	EQ(post.conversation, "feed:http://example.org/blog/feed:a");
	EQ(post.kind, "reply");
	assert_true(post.title.p == NULL);
	post = post_of(0, "forum");
	EQ(post.parent, "feed:http://example.org/blog/feed:z");
	EQ(post.conversation, "feed:http://example.org/blog/feed:z");
	post = post_of(3, "forum");
	EQ(post.title, "x");
	EQ(post.kind, "post");
	EQ(post.author.handle, "moni_k");
	EQ(post.author.name, "Moni K.");
	EQ(post.author.url, "http://example.org/members/moni_k");
	post = post_of(4, "forum"); /* a circle ends */
	EQ(post.conversation, post.id.p);
	post = post_of(6, "forum");
	assert_int_equal(post.op, POST_DELETE);
	EQ(post.id, "feed:http://example.org/blog/feed:gone");
	assert_int_equal(post.edited_at, INT64_C(1795330800000));
	assert_true(post.text.p == NULL && post.title.p == NULL);
}

static void test_forum_titles(void **state)
{
	static const struct {
		const char *title, *channel, *kind;
		bool kept;
	} rows[] = {
	    {"Re: Paket", "forum", "reply", false},
	    {"AW: Paket", "forum", "reply", false},
	    {"Brett \xe2\x80\xa2 Re: Paket", "forum", "reply", false},
	    {"Paket", "forum", "post", true},
	    {"Brett \xe2\x80\xa2 Paket", "forum", "post", true},
	    {"Re: Paket", "blog", "article", true},
	    {"Reise", "social", "post", true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char body[256];
		(void)snprintf(body, sizeof body,
			       "<rss><item><guid>1</guid><title>%s</title></item></rss>",
			       rows[i].title);
		parse(body);
		struct post post = post_of(0, rows[i].channel);
		EQ(post.kind, rows[i].kind);
		assert_int_equal(post.title.p != NULL, rows[i].kept);
	}
}

static void test_ids(void **state)
{
	(void)state;
	parse("<rss>"
	      "<item><guid>g</guid><link>http://x/1</link></item>"   /* 0 */
	      "<item><guid>g</guid><link>http://x/2</link></item>"   /* 1: same guid, other link */
	      "<item><guid>g</guid><link>http://x/2</link></item>"   /* 2: twin of 1 */
	      "<item><guid>h</guid><link>http://x/3</link></item>"   /* 3 */
	      "<item><link>http://x/4</link><title>a</title></item>" /* 4: no guid */
	      "<item><link>http://x/4?utm_source=y</link><title>a</title></item>" /* 5: twin of 4 */
	      "<item><link>http://x/4</link><title>b</title></item>"              /* 6 */
	      "<item><description>text</description></item>"                      /* 7 */
	      "<item><description>other</description></item>"                     /* 8 */
	      "</rss>");
	static const bool twins[] = {false, false, true, false, false, true, false, false, false};
	assert_int_equal(feed.n_items, ARRAY_LEN(twins));
	for (size_t i = 0; i < ARRAY_LEN(twins); i++)
		if (feed.items[i].twin != twins[i])
			fail_msg("item %zu: twin is %d", i, feed.items[i].twin);
	EQ(feed.items[0].native, "g http://x/1");
	EQ(feed.items[1].native, "g http://x/2");
	EQ(feed.items[3].native, "h");
	assert_int_equal(feed.items[4].native.n, 32);
	/* ids are the same on every reading and do not hang on the page around them */
	struct str before = arena_str(arena, feed.items[4].native);
	parse("<rss><item><title>a</title><link>http://x/4</link></item></rss>");
	EQ(feed.items[0].native, before.p);
}

static void test_dates(void **state)
{
	(void)state;
	parse("<rss><item><guid>1</guid><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate></item>"
	      "<item><guid>2</guid></item>"
	      "<item><guid>3</guid><pubDate>2026-11-20</pubDate></item>"
	      "<item><guid>4</guid><pubDate>soon</pubDate></item></rss>");
	struct post post = post_of(0, "blog"); /* an hour in the future */
	assert_int_equal(post.created_at, post.fetched_at);
	assert_int_equal(post.date_quality, POST_DATE_GUESSED);
	post = post_of(1, "blog");
	assert_int_equal(post.created_at, POST_NO_TIME);
	assert_int_equal(post.date_quality, POST_DATE_MISSING);
	post = post_of(2, "blog");
	assert_int_equal(post.date_quality, POST_DATE_DAY);
	post = post_of(3, "blog");
	assert_int_equal(post.date_quality, POST_DATE_MISSING);
}

static void test_json(void **state)
{
	(void)state;
	parse(
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"language\":\"de\","
	    "\"home_page_url\":\"/\",\"next_url\":\"/"
	    "2.json\",\"hubs\":[{\"type\":\"WebSub\",\"url\":\"http://h/\"}],"
	    "\"authors\":[{\"name\":\"Feed\"}],\"items\":["
	    "{\"id\":9007199254740993,\"url\":\"/r/1\",\"content_html\":\"<p>a &amp; b</p>\","
	    "\"date_published\":\"2026-11-20T10:00:00Z\",\"date_modified\":\"2026-11-21T10:00:"
	    "00Z\","
	    "\"authors\":[{\"name\":\"A B\",\"_x\":{\"followers\":12,\"handle\":\"ab\"}}],"
	    "\"_review\":{\"rating\":2.5},\"tags\":[\"t\",7]},"
	    "7,"
	    "{\"id\":\"2\",\"content_text\":\"> q\\nmine <b>\",\"_r\":{\"in_reply_to\":\"1\"}}]}");
	assert_int_equal(feed.status, FEED_OK);
	assert_int_equal(feed.n_items, 2);
	assert_int_equal(feed.n_bad, 1);
	EQ(feed.next, "http://example.org/2.json");
	EQ(feed.items[0].id, "9007199254740993"); /* not a double */
	EQ(feed.items[0].text, "a & b");
	EQ(feed.items[0].author.handle, "ab");
	assert_int_equal(feed.items[0].author.followers, 12);
	EQ(feed.items[1].text, "> q\nmine <b>");
	assert_int_equal(feed.items[1].n_quotes, 1);
	EQ(feed.items[1].author.name, "Feed");
	struct post post = post_of(0, "review");
	EQ(post.kind, "review");
	assert_true(post.counts.rating == 2.5);
	assert_int_equal(post.edited_at, INT64_C(1795255200000));
	post = post_of(1, "social");
	EQ(post.parent, "feed:http://example.org/blog/feed:1");
	EQ(post.lang, "de");
	assert_true(isnan(post.counts.rating));
}

static void test_reviews(void **state)
{
	(void)state;
	parse("<feed xmlns='http://www.w3.org/2005/Atom' xmlns:im='http://itunes.apple.com/rss' "
	      "xmlns:s='urn:s'>"
	      "<entry><id>1</id><title>Schlecht</title><im:rating>1</im:rating>"
	      "<author><name>x</name><s:followers>250</s:followers></author></entry></feed>");
	struct post post = post_of(0, "review");
	EQ(post.kind, "review");
	assert_true(post.counts.rating == 1.0);
	assert_int_equal(post.author.followers, 250);
	EQ(post.author.handle, "x");
}

/* Text of a post never passes its limit, whatever it is made of, and is cut between characters. */
static void test_long(void **state)
{
	static const char *const units[] = {"x",  "\xc3\xa4",         "\"",
					    "\\", "\xf0\x9f\x98\x80", "a\n\n"};
	(void)state;
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		struct buf body, line;
		buf_init(&body, 4 * MiB);
		buf_init(&line, 2 * POST_MAX_BYTES);
		must(buf_z(&body, "<rss><item><guid>1</guid><description><![CDATA[") == 0);
		while (body.n < 700 * KiB)
			must(buf_z(&body, units[u]) == 0);
		must(buf_z(&body, "]]></description></item></rss>") == 0);
		parse(body.p);
		struct post post = post_of(0, "blog");
		assert_true(post.cut);
		assert_true(utf8_valid(post.text));
		assert_true(post.text.n > 100 * KiB);
		assert_int_equal(post_write(&line, &post), 0);
		assert_true(line.n <= POST_MAX_BYTES);
		buf_done(&body);
		buf_done(&line);
		arena_reset(arena);
	}
}

static void test_limits(void **state)
{
	(void)state;
	struct buf body;
	buf_init(&body, 16 * MiB);
	must(buf_z(&body, "<rss>") == 0);
	for (int i = 0; i < FEED_MAX_ITEMS + 5; i++)
		must(buf_printf(&body, "<item><guid>%d</guid></item>", i) == 0);
	must(buf_z(&body, "</rss>") == 0);
	parse(body.p);
	assert_int_equal(feed.n_items, FEED_MAX_ITEMS);
	assert_true(feed.cut_items);
	char *more = buf_reserve(&body, FEED_MAX_BYTES);
	assert_non_null(more);
	memset(more, ' ', FEED_MAX_BYTES);
	struct feed_input in = {.bytes = {body.p, FEED_MAX_BYTES + 1}};
	struct error err;
	assert_int_equal(feed_parse(&in, arena, &feed, &err), -1);
	assert_string_equal(err.text, "could not parse feed: 8388609 bytes, more than 8388608");
	struct arena *small = arena_create(1024);
	in.bytes.n = 100000;
	assert_int_equal(feed_parse(&in, small, &feed, &err), -1);
	arena_free(small);
	buf_done(&body);
}

static void test_charset(void **state)
{
	(void)state;
	parse_as("<rss><item><title>Gr\xfc\xdf"
		 "e</title></item></rss>",
		 "text/xml; charset=iso-8859-1");
	EQ(feed.items[0].title, "Gr\xc3\xbc\xc3\x9f"
				"e");
	assert_string_equal(feed.charset, "windows-1252");
	assert_int_equal(feed.repaired, 0);
	assert_int_equal(feed.status, FEED_OK);
	parse("<rss><item><title>a\x01\x02</title></item></rss>");
	EQ(feed.items[0].title, "a");
	assert_int_equal(feed.repaired, 2);
	assert_int_equal(feed.status, FEED_MALFORMED);
	assert_true(feed.bozo);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_create(FEED_ARENA_BYTES);
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
	    cmocka_unit_test(test_kinds_of_pages),
	    cmocka_unit_test(test_rss),
	    cmocka_unit_test(test_ttl),
	    cmocka_unit_test(test_atom_thread),
	    cmocka_unit_test(test_forum_titles),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_reviews),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_charset),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
