/* From bytes to a feed: decode, find out what it is, hand it to the reader of its kind. */
#include <math.h>

#include "common/mem.h"

#include "ingest/charset.h"
#include "ingest/formats/xml_feed.h"
#include "ingest/url.h"

enum { LOOK_BYTES = 4096 };
#define TEXT_BYTES (3 * FEED_MAX_BYTES) /* one byte of an old charset is at most three of UTF-8 */
#define DOC_BYTES  (192UL * MiB)
#define TMP_BYTES  (8 * FEED_MAX_BYTES)

const char *feed_status_name(enum feed_status status)
{
	static const char *const names[] = {"ok", "malformed", "blocked", "unsupported"};
	return names[status];
}

static bool looks_like_html(struct str text)
{
	static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body"};
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (str_ieq(str_sub(text, 0, strlen(starts[i])), starts[i]))
			return true;
	return false;
}

/* Where a feed begins behind words that do not belong there ("Warning: include() ..."). */
static size_t junk_before(struct str text)
{
	static const char *const starts[] = {"<?xml ", "<rss ", "<feed ", "<rdf:RDF "};
	struct str head = str_sub(text, 0, LOOK_BYTES);
	size_t best = head.n;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t at = str_find_str(head, str_of(starts[i]));
		best = at < best ? at : best;
	}
	return best < head.n ? best : 0;
}

static void no_feed(struct feed *feed, struct str text, const char *format, const char *reason)
{
	const char *wall = wall_of_page(text);
	feed->status = wall ? FEED_BLOCKED : FEED_UNSUPPORTED;
	feed->format = format;
	feed->reason = wall ? wall : reason;
}

static void scan(struct reader *r, struct str text, struct xml_doc *ret)
{
	if (xml_parse(text, r->doc, ret)) {
		ret->cut = true;
		ret->fault = "more elements than are read";
	}
}

static void read_xml(struct reader *r, struct str text)
{
	struct feed *feed = r->feed;
	struct xml_doc doc;
	size_t junk = text.n && text.p[0] != '<' ? junk_before(text) : 0;
	scan(r, str_sub(text, junk, text.n), &doc);
	size_t wrapped = junk_before(str_sub(text, 1, text.n)) + 1;
	if (doc.root && str_ieq(doc.root->name, "html") && wrapped > 1) { /* a feed in a page */
		junk = wrapped;
		scan(r, str_sub(text, junk, text.n), &doc);
	}
	if (str_trim(str_sub(text, 0, junk)).n && !doc.fault)
		doc.fault = "text before the feed";
	if (doc.entities) {
		feed->format = "xml";
		feed->status = FEED_MALFORMED;
		feed_fault(feed, doc.fault);
		return;
	}
	if (xml_feed_read(r, &doc))
		return;
	bool html = doc.root && str_ieq(doc.root->name, "html");
	if (html || !doc.root)
		no_feed(feed, text, html ? "html" : "unknown",
			html ? "a page, no feed" : "no feed");
	else if (doc.fault) {
		feed->format = "xml";
		feed->status = FEED_MALFORMED;
		feed_fault(feed, doc.fault);
	} else
		no_feed(feed, text, "xml", "XML, but no feed");
}

static void read_text(struct reader *r, struct str text)
{
	struct feed *feed = r->feed;
	struct str trimmed = str_trim(text);
	if (!trimmed.n) {
		no_feed(feed, text, "unknown", "empty");
	} else if (trimmed.p[0] == '{' || trimmed.p[0] == '[') {
		if (!json_feed_read(r, trimmed))
			no_feed(feed, trimmed, "json", "JSON, but no feed");
	} else if (looks_like_html(trimmed) && !junk_before(str_sub(trimmed, 1, trimmed.n))) {
		no_feed(feed, trimmed, "html", "a page, no feed");
	} else if (trimmed.p[0] == '<' || junk_before(trimmed)) {
		read_xml(r, text);
	} else {
		no_feed(feed, trimmed, "unknown", "no feed");
	}
	const char *wall = feed->status <= FEED_MALFORMED ? wall_of_feed(feed) : NULL;
	if (wall) {
		feed->status = FEED_BLOCKED;
		feed->reason = wall;
		feed->n_items = 0;
	}
}

static struct str base_of(struct arena *arena, const struct feed_input *in)
{
	struct str base = str_sub(in->url, 0, in->url.n <= FEED_MAX_URL ? in->url.n : 0);
	if (!in->content_location.n || in->content_location.n > FEED_MAX_URL)
		return base;
	struct str better = url_resolve(arena, base, in->content_location);
	return url_is_web(better) ? better : base;
}

int feed_parse(const struct feed_input *in, struct arena *arena, struct feed *ret,
	       struct error *err)
{
	if (in->bytes.n > FEED_MAX_BYTES)
		return error_set(err, "could not parse feed: %zu bytes, more than %zu", in->bytes.n,
				 (size_t)FEED_MAX_BYTES);
	struct feed feed = {.status = FEED_UNSUPPORTED,
			    .format = "unknown",
			    .reason = "",
			    .ttl_ms = POST_NO_NUMBER,
			    .updated_at = POST_NO_TIME};
	struct buf text;
	struct charset charset;
	buf_init(&text, TEXT_BYTES);
	if (charset_to_utf8(in->bytes, in->content_type, &text, &charset, err)) {
		buf_done(&text);
		return error_prefix(err, "could not parse feed");
	}
	struct reader r = {.feed = &feed,
			   .arena = arena,
			   .doc = arena_create(DOC_BYTES),
			   .tmp = arena_create(TMP_BYTES),
			   .author = {.followers = POST_NO_NUMBER}};
	r.base = base_of(r.doc, in);
	read_text(&r, buf_view(&text));
	feed.repaired = charset.repaired;
	if (charset.repaired && feed.status == FEED_OK)
		feed.status = FEED_MALFORMED;
	if (charset.repaired)
		feed_fault(&feed, "bytes that are no text");
	if (charset.wrong)
		feed_fault(&feed, "wrong or unknown charset");
	feed.charset = arena_try(arena, sizeof charset.name);
	if (feed.charset)
		memcpy((char *)(uintptr_t)feed.charset, charset.name, sizeof charset.name);
	int result = r.full || !feed.charset || feed_post_ids(&feed, arena) ? -1 : 0;
	arena_free(r.tmp);
	arena_free(r.doc);
	buf_done(&text);
	if (result)
		return error_set(err, "could not parse feed: its content does not fit the arena");
	*ret = feed;
	return 0;
}
