/*
 * JSON Feed 1.0 and 1.1.  Ids may be numbers in the wild: they are kept as text, never counted with.
 *
 * Extensions begin with an underscore (section "Extensions"); of those the members rating, followers,
 * handle, likes, shares, views, in_reply_to and lang are read whoever wrote them.
 * A text that breaks off is read item by item up to the break.
 */
#include <math.h>
#include <stdio.h>

#include <jansson.h>

#include "common/mem.h"

#include "ingest/formats/xml_feed.h"
#include "ingest/html_text.h"

enum { MAX_VALUES = 1000 * 1000 };

static struct str text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)}
				 : STR_NULL;
}

/* A number or a string that is one. */
static double number_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_number(v) ? json_number_value(v) : feed_number(text_of(object, key));
}

static int64_t count_of(const json_t *object, const char *key)
{
	double v = number_of(object, key);
	return v >= 0 && v <= 1e12 ? (int64_t)v : POST_NO_NUMBER;
}

static void take_count(const json_t *object, const char *key, int64_t *to)
{
	int64_t v = count_of(object, key);
	if (v != POST_NO_NUMBER)
		*to = v;
}

/* Ids: strings, also numbers. */
static struct str id_of(struct reader *r, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	char digits[40];
	if (json_is_integer(v))
		(void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		(void)snprintf(digits, sizeof digits, "%.17g", json_real_value(v));
	else
		return feed_keep(r, str_trim(text_of(object, key)));
	return feed_keep(r, str_of(digits));
}

static struct str line_of(struct reader *r, const json_t *object, const char *key, size_t limit)
{
	struct str raw = text_of(object, key);
	return feed_line(r, raw, html_likely(raw), limit);
}

static void read_author(struct reader *r, const json_t *author, struct feed_author *a)
{
	const char *key;
	json_t *v;
	if (!json_is_object(author))
		return;
	a->name = line_of(r, author, "name", 512);
	a->url = feed_url(r, r->base, text_of(author, "url"));
	take_count(author, "followers", &a->followers);
	json_object_foreach((json_t *)(uintptr_t)author, key, v)
	{
		if (key[0] != '_' || !json_is_object(v))
			continue;
		take_count(v, "followers", &a->followers);
		if (text_of(v, "handle").n)
			a->handle = line_of(r, v, "handle", 256);
	}
}

/* authors[] of 1.1, author of 1.0; many write either. */
static void read_authors(struct reader *r, const json_t *object, struct feed_author *a)
{
	const json_t *all = json_object_get(object, "authors");
	const json_t *first = json_is_object(all) ? all : json_array_get(all, 0);
	read_author(r, first ? first : json_object_get(object, "author"), a);
}

static void read_extensions(struct reader *r, const json_t *object, struct feed_item *item)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)object, key, v)
	{
		if (key[0] != '_' || !json_is_object(v))
			continue;
		double rating = number_of(v, "rating");
		if (!isnan(rating))
			item->rating = rating;
		take_count(v, "followers", &item->author.followers);
		take_count(v, "likes", &item->likes);
		take_count(v, "shares", &item->shares);
		take_count(v, "views", &item->views);
		take_count(v, "comments", &item->n_comments);
		if (text_of(v, "handle").n && !item->author.handle.n)
			item->author.handle = line_of(r, v, "handle", 256);
		if (!item->in_reply_to.n)
			item->in_reply_to = id_of(r, v, "in_reply_to");
	}
}

static void read_attachments(struct reader *r, const json_t *object, struct feed_item *item)
{
	size_t i;
	json_t *v;
	feed_media(r, item, STR("image"), feed_url(r, r->base, text_of(object, "image")), STR_NULL);
	json_array_foreach(json_object_get(object, "attachments"), i, v)
	{
		struct str type = text_of(v, "mime_type");
		struct str kind = str_starts(type, "image/")   ? STR("image")
				  : str_starts(type, "video/") ? STR("video")
				  : str_starts(type, "audio/") ? STR("audio")
							       : STR("file");
		feed_media(r, item, kind, feed_url(r, r->base, text_of(v, "url")),
			   text_of(v, "title"));
	}
}

static void read_item(struct reader *r, const json_t *object)
{
	size_t i;
	json_t *v;
	struct feed_item *item = json_is_object(object) ? feed_item_add(r) : NULL;
	if (!item) {
		r->feed->n_bad += !json_is_object(object);
		return;
	}
	item->id = id_of(r, object, "id");
	item->link = feed_url(r, r->base, text_of(object, "url"));
	if (!item->link.n)
		item->link = feed_url(r, r->base, text_of(object, "external_url"));
	if (!item->link.n && (str_starts(item->id, "http://") || str_starts(item->id, "https://")))
		item->link = feed_url(r, r->base, item->id);
	item->title = line_of(r, object, "title", FEED_MAX_TITLE);
	struct str html = text_of(object, "content_html"), plain = text_of(object, "content_text"),
		   summary = text_of(object, "summary");
	if (!(html.n && feed_body(r, html, true, r->base, item)) &&
	    !(plain.n && feed_body(r, plain, false, r->base, item)))
		(void)feed_body(r, summary, html_likely(summary), r->base, item); /* or nothing */
	read_authors(r, object, &item->author);
	feed_date(text_of(object, "date_published"), &item->created_at, &item->created_quality);
	feed_date(text_of(object, "date_modified"), &item->updated_at, &item->updated_quality);
	item->lang = feed_lang(r, text_of(object, "language"));
	json_array_foreach(json_object_get(object, "tags"), i, v) if (json_is_string(v))
	    feed_category(r, item, (struct str){json_string_value(v), json_string_length(v)});
	read_attachments(r, object, item);
	read_extensions(r, object, item);
	feed_item_done(r);
}

static bool is_feed(const json_t *root, const char **ret_format)
{
	struct str version = text_of(root, "version");
	bool named = str_find_str(version, STR("jsonfeed.org/version/1")) < version.n;
	const json_t *first = json_array_get(json_object_get(root, "items"), 0);
	bool alike = json_object_get(first, "id") &&
		     (text_of(first, "content_html").p || text_of(first, "content_text").p);
	*ret_format = str_ends(version, "/1.1") ? "jsonfeed11" : "jsonfeed10";
	return json_is_object(root) && (named || (!version.p && alike));
}

static void read_facts(struct reader *r, const json_t *root)
{
	struct feed *feed = r->feed;
	feed->title = line_of(r, root, "title", FEED_MAX_TITLE);
	feed->link = feed_url(r, r->base, text_of(root, "home_page_url"));
	feed->self = feed_url(r, r->base, text_of(root, "feed_url"));
	feed->next = feed_url(r, r->base, text_of(root, "next_url"));
	feed->lang = feed_lang(r, text_of(root, "language"));
	feed->hub =
	    feed_url(r, r->base, text_of(json_array_get(json_object_get(root, "hubs"), 0), "url"));
	read_authors(r, root, &r->author);
	arena_reset(r->tmp);
}

/* What can still be read of a text that is no JSON as a whole: complete items. */
static void salvage(struct reader *r, struct str text)
{
	size_t at = str_find_str(text, STR("\"items\""));
	at = str_find(text, '[', at);
	for (at++; at < text.n;) {
		at = str_find(text, '{', at);
		json_error_t error;
		json_t *item = at < text.n ? json_loadb(text.p + at, text.n - at,
							JSON_DISABLE_EOF_CHECK, &error)
					   : NULL;
		if (!item)
			return;
		if (json_object_get(item, "id") || json_object_get(item, "url"))
			read_item(r, item);
		at += (size_t)error.position;
		json_decref(item);
	}
}

static bool too_many_values(struct str text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ',' || text.p[i] == '[' || text.p[i] == '{';
	return n > MAX_VALUES;
}

bool json_feed_read(struct reader *r, struct str text)
{
	struct feed *feed = r->feed;
	json_error_t error;
	bool named = str_find_str(text, STR("jsonfeed.org/version/1")) < text.n ||
		     str_find_str(text, STR("jsonfeed.org\\/version\\/1")) < text.n;
	if (too_many_values(text)) {
		feed_fault(feed, "more JSON values than are read");
		feed->status = FEED_MALFORMED;
		feed->format = "jsonfeed10";
		return named;
	}
	json_t *root = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);
	if (!root && named) {
		feed->format =
		    str_find_str(text, STR("/1.1\"")) < text.n ? "jsonfeed11" : "jsonfeed10";
		feed->status = FEED_MALFORMED;
		feed_fault(feed, "no valid JSON");
		salvage(r, text);
		return true;
	}
	bool ret = root && is_feed(root, &feed->format);
	if (ret) {
		size_t i;
		json_t *v;
		feed->status = FEED_OK;
		read_facts(r, root);
		const json_t *items = json_object_get(root, "items");
		if (!json_is_array(items)) {
			feed->status = FEED_MALFORMED;
			feed_fault(feed, "no items");
		}
		json_array_foreach(items, i, v) read_item(r, v);
	}
	json_decref(root);
	return ret;
}
