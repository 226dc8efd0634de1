/*
 * The parsers against what other projects expect of theirs (../shared/fixtures, README there):
 *
 *   realfeeds, feedvalidator   captured feeds, a validator's cases; values on which two other parsers agree
 *   feedparser  small cases; the assertions that speak of fields we have
 *   miniflux    odd dates, character sets
 *   xml-hostile, web-walls   nothing may come out
 *
 * Prints a table and the misses by name; fails below the figures reached.  Both sides are compared as
 * plain lines: markup gone, references decoded, white space collapsed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"

#include "ingest/date.h"
#include "ingest/formats/feed.h"
#include "ingest/html_text.h"

enum { MAX_MISSES = 60 };

struct tally {
	const char *suite;
	size_t files, expected, found, fields, agreed, misses;
};

/* ---- reaching the fixtures ----------------------------------------------------------- */

static const char *shared(void)
{
	const char *path = getenv("POSTHORN_SHARED");
	return path ? path : "../shared";
}

static bool read_path(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	buf_init(out, 64 * MiB);
	for (;;) {
		char *to = buf_reserve(out, 65536);
		must(to);
		size_t n = fread(to, 1, 65536, f);
		out->n += n;
		if (n == 0)
			break;
	}
	(void)fclose(f); /* only read */
	return true;
}

static bool read_fixture(const char *suite, const char *file, struct buf *out)
{
	char *path = xasprintf("%s/fixtures/%s/%s", shared(), suite, file);
	bool found = read_path(path, out);
	free(path);
	return found;
}

/* Calls fn for each line of a file of JSON lines; skips the test where it is absent. */
static void each_case(struct tally *t, const char *file, void (*fn)(struct tally *, const json_t *))
{
	struct buf lines;
	if (!read_fixture(t->suite, file, &lines)) {
		print_message("skipped: no %s/fixtures/%s (set POSTHORN_SHARED)\n", shared(),
			      t->suite);
		if (getenv("CI") || getenv("POSTHORN_SHARED"))
			fail_msg("the fixtures must be there");
		skip();
	}
	struct str rest = buf_view(&lines), line;
	while (str_split(&rest, '\n', &line)) {
		json_t *c = line.n ? json_loadb(line.p, line.n, 0, NULL) : NULL;
		if (c)
			fn(t, c);
		json_decref(c);
	}
	buf_done(&lines);
}

static void miss(struct tally *t, const char *file, const char *what, const char *want,
		 const char *have)
{
	if (t->misses++ < MAX_MISSES)
		print_message("  miss %s %s: want \"%.100s\", have \"%.100s\"\n", file, what,
			      want ? want : "", have ? have : "(null)");
}

static void print_tally(const struct tally *t)
{
	print_message("%-12s %5zu files  items %5zu of %5zu  fields %5zu of %5zu  %6.2f %%\n",
		      t->suite, t->files, t->found, t->expected, t->agreed, t->fields,
		      t->fields ? 100.0 * (double)t->agreed / (double)t->fields : 100.0);
}

/* ---- comparing ---------------------------------------------------------------------- */

static char *collapse(struct arena *arena, struct str line)
{
	struct buf out;
	buf_init(&out, 1 * MiB);
	bool gap = false;
	for (size_t pos = 0; pos < line.n;) { /* all of Unicode's blanks are one */
		size_t from = pos;
		unsigned cp = utf8_next(line, &pos);
		if (cp <= 32 || cp == 0x85 || cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200a) ||
		    cp == 0x2028 || cp == 0x2029 || cp == 0x3000) {
			gap = out.n > 0;
			continue;
		}
		if (gap)
			must(buf_char(&out, ' ') == 0);
		gap = false;
		must(buf_add(&out, line.p + from, pos - from) == 0);
	}
	char *z = arena_z(arena, buf_view(&out));
	buf_done(&out);
	return z;
}

/* One plain line; also of text that still holds markup or was escaped once more. */
static char *plain(struct arena *arena, struct str s)
{
	struct str line = html_line(s, HTML_TEXT_HTML, 1 * MiB, arena);
	if (html_likely(line))
		line = html_line(line, HTML_TEXT_HTML, 1 * MiB, arena);
	return collapse(arena, line);
}

/* Ours only has its white space collapsed, unless theirs had markup taken away that ours kept as words. */
static bool same(struct arena *arena, struct str want, struct str have, const char **ret_want,
		 const char **ret_have)
{
	*ret_want = plain(arena, want);
	*ret_have = have.p ? collapse(arena, have) : "";
	return strcmp(*ret_want, *ret_have) == 0 ||
	       (have.p && strcmp(*ret_want, plain(arena, have)) == 0) ||
	       strcmp(collapse(arena, want), *ret_have) == 0;
}

static const char *string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void field(struct tally *t, struct arena *arena, const char *file, const char *what,
		  const char *want, struct str have)
{
	if (!want)
		return;
	t->fields++;
	const char *a, *b;
	if (same(arena, str_of(want), have, &a, &b))
		t->agreed++;
	else
		miss(t, file, what, a, have.p ? b : NULL);
}

static void date_field(struct tally *t, const char *file, const char *what, const char *want,
		       int64_t have)
{
	int64_t ms;
	char text[NUM_TIME_LEN + 1] = "none";
	if (!want || num_time_ms(str_of(want), &ms))
		return;
	t->fields++;
	if (have != POST_NO_TIME)
		num_time_text(have, text);
	if (have != POST_NO_TIME && ms / 1000 == have / 1000)
		t->agreed++;
	else
		miss(t, file, what, want, text);
}

static struct feed parse(struct arena *arena, struct str bytes, const char *content_type,
			 const char *location, const char *url)
{
	struct feed_input in = {.bytes = bytes,
				.content_type = content_type ? str_of(content_type) : STR(""),
				.content_location = location ? str_of(location) : STR(""),
				.url = url ? str_of(url) : STR("")};
	struct feed feed;
	struct error err;
	assert_int_equal(feed_parse(&in, arena, &feed, &err), 0);
	return feed;
}

/* ---- real feeds ----------------------------------------------------------------------- */

static void real_feed(struct tally *t, const json_t *c)
{
	const char *file = string_at(c, "file");
	const json_t *agreed = json_object_get(c, "agreed"),
		     *items = json_object_get(agreed, "items");
	struct buf bytes;
	assert_true(read_fixture(t->suite, file, &bytes));
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	struct feed feed = parse(arena, buf_view(&bytes), NULL, NULL, "");
	t->files++;
	if (agreed) {
		field(t, arena, file, "feed title", string_at(agreed, "feed_title"), feed.title);
		field(t, arena, file, "feed link", string_at(agreed, "feed_link"), feed.link);
	}
	size_t n = json_array_size(items);
	t->expected += n;
	t->found += feed.n_items < n ? feed.n_items : n;
	if (items && feed.n_items != n) {
		char want[32], have[32];
		(void)snprintf(want, sizeof want, "%zu", n);
		(void)snprintf(have, sizeof have, "%zu", feed.n_items);
		miss(t, file, "items", want, have);
	}
	for (size_t i = 0; i < n && i < feed.n_items; i++) {
		const json_t *want = json_array_get(items, i);
		const struct feed_item *have = &feed.items[i];
		field(t, arena, file, "title", string_at(want, "title"), have->title);
		field(t, arena, file, "link", string_at(want, "link"), have->link);
		field(t, arena, file, "id", string_at(want, "id"), have->id);
		field(t, arena, file, "comments", string_at(want, "comments_url"),
		      have->comments_url);
		field(t, arena, file, "author", string_at(want, "author"),
		      have->author.name.n ? have->author.name : have->author.mail);
		date_field(t, file, "published", string_at(want, "published"), have->created_at);
		/* theirs knows one date of RSS, we know atom:updated beside it */
		bool edited =
		    have->updated_at != POST_NO_TIME && strncmp(feed.format, "rss", 3) != 0;
		date_field(t, file, "date", string_at(want, "date"),
			   edited ? have->updated_at : have->created_at);
	}
	arena_free(arena);
	buf_done(&bytes);
}

static void test_realfeeds(void **state)
{
	(void)state;
	struct tally t = {.suite = "realfeeds"};
	each_case(&t, "oracle.jsonl", real_feed);
	print_tally(&t);
	assert_int_equal(t.found, t.expected);
	assert_int_equal(t.agreed, t.fields);
	assert_int_equal(t.misses, 0); /* no item too many either */
}

static void test_feedvalidator(void **state)
{
	(void)state;
	struct tally t = {.suite = "feedvalidator"};
	each_case(&t, "oracle.jsonl", real_feed);
	print_tally(&t);
	/* one file declares entities: refused on purpose */
	assert_int_equal(t.found, t.expected - 1);
	assert_true(t.agreed * 1000 >= t.fields * 998);
}

/* ---- feedparser ----------------------------------------------------------------------- */

enum mapped { UNMAPPED, TEXT, TIME, FLAG };

struct value {
	enum mapped as;
	struct str text;
	int64_t time;
	bool flag;
};

static struct value text_value(struct str s)
{
	return (struct value){.as = TEXT, .text = s};
}

static struct value time_value(int64_t ms)
{
	return (struct value){.as = TIME, .time = ms};
}

static struct value author_value(const struct feed_author *a, const char *what)
{
	if (strcmp(what, "name") == 0)
		return text_value(a->name);
	if (strcmp(what, "email") == 0)
		return text_value(a->mail);
	if (strcmp(what, "href") == 0 || strcmp(what, "url") == 0)
		return text_value(a->url);
	return (struct value){0};
}

/* feedparser writes "Name (mail)". */
static struct str author_text(struct arena *arena, const struct feed_author *a)
{
	if (a->name.n && a->mail.n)
		return str_of(
		    arena_printf(arena, "%.*s (%.*s)", STR_ARG(a->name), STR_ARG(a->mail)));
	return a->name.n ? a->name : a->mail;
}

static struct value item_value(struct arena *arena, const struct feed_item *item, const char *key,
			       const json_t *path)
{
	const char *sub = json_string_value(json_array_get(path, 3));
	const char *third = json_string_value(json_array_get(path, 4));
	bool first = json_integer_value(json_array_get(path, 3)) == 0;
	if (strcmp(key, "title") == 0)
		return text_value(item->title);
	if (strcmp(key, "title_detail") == 0 && sub && strcmp(sub, "value") == 0)
		return text_value(item->title);
	if (strcmp(key, "link") == 0)
		return text_value(item->link);
	if (strcmp(key, "id") == 0 || strcmp(key, "guid") == 0)
		return text_value(item->id);
	if (strcmp(key, "author") == 0)
		return text_value(author_text(arena, &item->author));
	if (strcmp(key, "author_detail") == 0 && sub)
		return author_value(&item->author, sub);
	if (strcmp(key, "authors") == 0 && first && third)
		return author_value(&item->author, third);
	if (strcmp(key, "description") == 0 || strcmp(key, "summary") == 0)
		return text_value(item->text);
	if (strcmp(key, "content") == 0 && first && third && strcmp(third, "value") == 0)
		return text_value(item->text);
	if (strcmp(key, "comments") == 0)
		return text_value(item->comments_url);
	if (strcmp(key, "wfw_commentrss") == 0)
		return text_value(item->comments_feed);
	if (strcmp(key, "published_parsed") == 0 || strcmp(key, "created_parsed") == 0)
		return time_value(item->created_at);
	if (strcmp(key, "updated_parsed") == 0)
		return time_value(item->updated_at != POST_NO_TIME ? item->updated_at
								   : item->created_at);
	size_t nth = (size_t)json_integer_value(json_array_get(path, 3));
	if (strcmp(key, "tags") == 0 && third && strcmp(third, "term") == 0 &&
	    nth < item->n_categories)
		return text_value(item->categories[nth]);
	return (struct value){0};
}

static struct value value_at(struct arena *arena, const struct feed *feed, const json_t *path)
{
	const char *a = json_string_value(json_array_get(path, 0));
	const char *b = json_string_value(json_array_get(path, 1));
	const char *sub = json_string_value(json_array_get(path, 2));
	if (!a)
		return (struct value){0};
	if (strcmp(a, "bozo") == 0)
		return (struct value){.as = FLAG, .flag = feed->bozo};
	if (strcmp(a, "encoding") == 0)
		return text_value(str_of(feed->charset));
	if (strcmp(a, "version") == 0)
		return text_value(str_of(feed->format));
	if (strcmp(a, "feed") == 0 && b) {
		if (strcmp(b, "title") == 0 ||
		    (strcmp(b, "title_detail") == 0 && sub && strcmp(sub, "value") == 0))
			return text_value(feed->title);
		if (strcmp(b, "link") == 0)
			return text_value(feed->link);
		if (strcmp(b, "language") == 0)
			return text_value(feed->lang);
		return (struct value){0};
	}
	const json_t *index = json_array_get(path, 1);
	const char *key = sub;
	if (strcmp(a, "entries") != 0 || !json_is_integer(index) || !key)
		return (struct value){0};
	static const struct feed_item none = {.created_at = POST_NO_TIME,
					      .updated_at = POST_NO_TIME};
	size_t i = (size_t)json_integer_value(index);
	return item_value(arena, i < feed->n_items ? &feed->items[i] : &none, key, path);
}

static int64_t tuple_ms(const json_t *v)
{
	int64_t n[6];
	for (size_t i = 0; i < 6; i++)
		n[i] = json_integer_value(json_array_get(v, i));
	return (num_days(n[0], (int)n[1], (int)n[2]) * 86400 + n[3] * 3600 + n[4] * 60 + n[5]) *
	       1000;
}

/* Labels that mean the same to a browser, and to us. */
static const char *charset_alias(const char *name)
{
	static const char *const pairs[][2] = {
	    {"us-ascii", "windows-1252"},   {"iso-8859-1", "windows-1252"},
	    {"iso-8859-9", "windows-1254"}, {"euc-kr", "cp949"},
	    {"shift_jis", "cp932"},         {"big5", "big5-hkscs"},
	    {"gb2312", "gb18030"},          {"rss091u", "rss091"},
	    {"rss091n", "rss091"}};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strcasecmp(name, pairs[i][0]) == 0)
			return pairs[i][1];
	return name;
}

/* 1 holds, 0 does not, -1 not ours to say. */
static int holds(struct arena *arena, const struct feed *feed, const json_t *e, char *want,
		 size_t room, const char **ret_have)
{
	const char *op = string_at(e, "op");
	const json_t *expected = json_object_get(e, "value"), *path = json_object_get(e, "path");
	struct value v = value_at(arena, feed, path);
	*ret_have = v.as == FLAG ? (v.flag ? feed->reason : "false") : "";
	(void)snprintf(want, room, "%s", op);
	if (v.as == FLAG && strcmp(op, "truthy") == 0)
		return v.flag;
	if (v.as == FLAG && strcmp(op, "falsy") == 0)
		return !v.flag;
	if (strcmp(op, "eq") != 0)
		return -1;
	if (v.as == TIME && json_is_array(expected)) {
		char text[NUM_TIME_LEN + 1];
		num_time_text(tuple_ms(expected), text);
		(void)snprintf(want, room, "%s", text);
		return v.time != POST_NO_TIME && v.time / 1000 == tuple_ms(expected) / 1000;
	}
	if (v.as != TEXT || !json_is_string(expected))
		return -1;
	const char *wanted = json_string_value(expected);
	const char *first = json_string_value(json_array_get(path, 0));
	if (strcmp(first, "encoding") == 0 || strcmp(first, "version") == 0)
		wanted = charset_alias(wanted);
	const char *a;
	bool good = same(arena, str_of(wanted), v.text, &a, ret_have);
	(void)snprintf(want, room, "%s", a);
	return good;
}

static const char *header(const json_t *c, const char *name)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)json_object_get(c, "response_headers"), key,
			    v) if (strcasecmp(key, name) == 0) return json_string_value(v);
	return NULL;
}

static void feedparser_case(struct tally *t, const json_t *c)
{
	static const char *const skipped[] = {"itunes", "media-rss", "psc", "geo", "cdf"};
	const char *file = string_at(c, "file"), *group = string_at(c, "group");
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
		if (strstr(group, skipped[i]))
			return;
	if (!json_is_true(json_object_get(c, "verified")))
		return;
	struct buf bytes;
	assert_true(read_fixture(t->suite, file, &bytes));
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	char *url = xasprintf("http://127.0.0.1:8097/%s", file);
	struct feed feed = parse(arena, buf_view(&bytes), header(c, "content-type"),
				 header(c, "content-location"), url);
	bool ours = false, good = true;
	size_t i;
	json_t *e;
	json_array_foreach(json_object_get(c, "expect"), i, e)
	{
		char want[200];
		const char *have;
		int result = holds(arena, &feed, e, want, sizeof want, &have);
		ours = ours || result >= 0;
		if (result == 0) {
			char *path = json_dumps(json_object_get(e, "path"), JSON_COMPACT);
			miss(t, file, path, want, have);
			free(path);
			good = false;
		}
	}
	t->files++;
	t->fields += ours;
	t->agreed += ours && good;
	free(url);
	arena_free(arena);
	buf_done(&bytes);
}

static void test_feedparser(void **state)
{
	(void)state;
	struct tally t = {.suite = "feedparser"};
	each_case(&t, "cases.jsonl", feedparser_case);
	print_tally(&t);
	assert_true(t.agreed * 1000 >= t.fields * 983);
}

/* ---- miniflux ------------------------------------------------------------------------- */

static void date_case(struct tally *t, const json_t *c)
{
	const char *input = string_at(c, "input");
	int64_t ms = POST_NO_TIME;
	enum post_date_quality q = date_parse(str_of(input), &ms);
	const json_t *unix_time = json_object_get(c, "unix");
	bool good = json_is_true(json_object_get(c, "error")) ? q == POST_DATE_MISSING
		    : unix_time
			? q != POST_DATE_MISSING && ms / 1000 == json_integer_value(unix_time)
			: q != POST_DATE_MISSING;
	t->fields++;
	t->agreed += good;
	if (!good)
		miss(t, input, "date", "", "");
}

static void test_dates(void **state)
{
	(void)state;
	struct tally t = {.suite = "miniflux"};
	each_case(&t, "dates.jsonl", date_case);
	print_tally(&t);
	assert_int_equal(t.agreed, t.fields);
}

static void miniflux_case(struct tally *t, const json_t *c)
{
	const char *file = string_at(c, "file");
	const json_t *expect = json_object_get(c, "expect");
	struct buf bytes;
	if (!file || !json_is_array(expect) || !read_fixture(t->suite, file, &bytes))
		return;
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	struct feed feed = parse(arena, buf_view(&bytes), NULL, NULL, string_at(c, "feed_url"));
	size_t i;
	json_t *e;
	t->files++;
	json_array_foreach(expect, i, e)
	{
		const json_t *path = json_object_get(e, "path"),
			     *value = json_object_get(e, "value");
		const char *a = json_string_value(json_array_get(path, 0));
		const char *key = json_string_value(json_array_get(path, 2)),
			   *op = string_at(e, "op");
		size_t at = (size_t)json_integer_value(json_array_get(path, 1));
		if (!a || !op)
			continue;
		if (strcmp(a, "Entries") == 0 && strcmp(op, "len") == 0 &&
		    json_array_size(path) == 1) {
			t->expected += (size_t)json_integer_value(value);
			t->found += feed.n_items;
			if ((json_int_t)feed.n_items != json_integer_value(value))
				miss(t, file, "Entries", "", "");
		}
		const char *want = json_string_value(value);
		if (strcmp(a, "Title") == 0)
			field(t, arena, file, a, want, feed.title);
		if (strcmp(a, "Entries") != 0 || !key || at >= feed.n_items)
			continue;
		const struct feed_item *item = &feed.items[at];
		if (strcmp(key, "Title") == 0 && item->title.n) /* theirs falls back to the text */
			field(t, arena, file, key, want, item->title);
		else if (strcmp(key, "URL") == 0)
			field(t, arena, file, key, want,
			      item->origin.n ? item->origin : item->link);
		else if (strcmp(key, "Content") == 0)
			field(t, arena, file, key, want, item->text);
		else if (strcmp(key, "Author") == 0)
			field(t, arena, file, key, want,
			      item->author.name.n ? item->author.name : item->author.mail);
		else if (strcmp(key, "CommentsURL") == 0)
			field(t, arena, file, key, want, item->comments_url);
		else if (strcmp(key, "Date") == 0 && strcmp(op, "instant") == 0)
			date_field(t, file, key, want, item->created_at);
	}
	arena_free(arena);
	buf_done(&bytes);
}

static void test_miniflux(void **state)
{
	(void)state;
	struct tally t = {.suite = "miniflux"};
	each_case(&t, "cases.jsonl", miniflux_case);
	print_tally(&t);
	assert_int_equal(t.found, t.expected);
	assert_true(t.agreed * 1000 >= t.fields * 890);
}

/* ---- what must not become posts ---------------------------------------------------------- */

static void hostile_case(struct tally *t, const json_t *c)
{
	const char *file = string_at(c, "file"), *class = string_at(c, "class");
	struct buf bytes;
	assert_true(read_fixture(t->suite, file, &bytes));
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	clock_t start = clock();
	struct feed feed = parse(arena, buf_view(&bytes), "text/xml", NULL, "http://example.org/");
	bool fast = clock() - start < CLOCKS_PER_SEC;
	bool dead = strcmp(class, "ok") == 0 || feed.status != FEED_OK || strcmp(class, "dtd") == 0;
	t->files++;
	t->fields++;
	t->agreed += fast && dead && feed.n_items == 0;
	if (!fast || !dead || feed.n_items)
		miss(t, file, class, "", feed_status_name(feed.status));
	arena_free(arena);
	buf_done(&bytes);
}

static void wall_case(struct tally *t, const json_t *c)
{
	const char *file = string_at(c, "file"), *class = string_at(c, "class");
	struct buf bytes;
	if (strcmp(class, "feed") == 0)
		return;
	assert_true(read_fixture(t->suite, file, &bytes));
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	struct feed feed = parse(arena, buf_view(&bytes), NULL, NULL, "http://example.org/");
	bool wall = strcmp(class, "blocked") == 0 || strcmp(class, "no-content") == 0;
	bool good =
	    feed.n_items == 0 && (wall ? feed.status == FEED_BLOCKED : feed.status >= FEED_BLOCKED);
	t->files++;
	t->fields++;
	t->agreed += good;
	if (!good)
		miss(t, file, class, "", feed_status_name(feed.status));
	arena_free(arena);
	buf_done(&bytes);
}

static void test_hostile(void **state)
{
	(void)state;
	struct tally t = {.suite = "xml-hostile"};
	each_case(&t, "cases.jsonl", hostile_case);
	print_tally(&t);
	assert_int_equal(t.agreed, t.fields);
}

static void test_walls(void **state)
{
	(void)state;
	struct tally t = {.suite = "web-walls"};
	each_case(&t, "cases.jsonl", wall_case);
	print_tally(&t);
	assert_int_equal(t.agreed, t.fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_realfeeds),  cmocka_unit_test(test_feedvalidator),
	    cmocka_unit_test(test_feedparser), cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_miniflux),   cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_walls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
