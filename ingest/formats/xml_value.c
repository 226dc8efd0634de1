/* From an element to a value: text, line, address, number, date. */
#include <math.h>

#include "common/mem.h"
#include "common/num.h"

#include "ingest/date.h"
#include "ingest/formats/xml_feed.h"
#include "ingest/html_text.h"
#include "ingest/url.h"

enum { MAX_BASE = 2048, BODY_LIMIT = POST_MAX_BYTES };

struct content { /* how the bytes of an element are to be read */
	struct str raw;
	enum html_text_mode mode;
	bool is_text; /* false: a picture or the like */
};

bool xml_is_core(const struct xml_node *node, const char *name)
{
	return (node->ns == XML_NS_NONE || node->ns == XML_NS_ATOM) && str_ieq(node->name, name);
}

void feed_fault(struct feed *feed, const char *reason)
{
	feed->bozo = true;
	if (!feed->reason[0])
		feed->reason = reason;
}

struct str feed_keep(struct reader *r, struct str s)
{
	if (!s.n)
		return STR_NULL;
	char *p = arena_try(r->arena, s.n + 1);
	if (!p) {
		r->full = true;
		return STR_NULL;
	}
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){p, s.n};
}

/* ---- text -------------------------------------------------------------------------- */

static int base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Empty where it is no base64 or no UTF-8. */
static struct str base64(struct reader *r, struct str s)
{
	char *out = arena_try(r->tmp, s.n + 1);
	size_t n = 0;
	unsigned bits = 0;
	int have = 0;
	for (size_t i = 0; out && i < s.n && s.p[i] != '='; i++) {
		int digit = base64_digit(s.p[i]);
		if (digit < 0)
			continue;
		bits = bits << 6 | (unsigned)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
		}
	}
	struct str text = {out, n};
	return out && utf8_valid(text) ? text : STR("");
}

/* Atom 0.3 and 1.0 say by attributes what is inside; elsewhere the looks decide. */
static struct content content_of(struct reader *r, const struct xml_node *node)
{
	struct str type = xml_attr(node, "type"), mode = xml_attr(node, "mode");
	struct content c = {.raw = node->text, .mode = HTML_TEXT_PLAIN, .is_text = true};
	if (node->markup && str_trim(node->inner).n) {
		c.raw = node->inner;
		c.mode = HTML_TEXT_XML;
		/* <content type="html"> with elements that forgot to be escaped is no XHTML, but reads as it */
		return c;
	}
	bool binary = node->ns == XML_NS_ATOM && str_find(type, '/', 0) < type.n &&
		      !str_starts(type, "text/") && !str_ends(type, "+xml") &&
		      !str_ends(type, "/xml");
	if (str_is(mode, "base64") || (binary && !mode.n)) {
		c.raw = base64(r, node->text);
		c.is_text = c.raw.n > 0;
	}
	if (str_is(type, "html") || str_is(type, "text/html") || str_is(type, "xhtml") ||
	    str_is(type, "application/xhtml+xml") || html_likely(c.raw))
		c.mode = HTML_TEXT_HTML;
	return c;
}

struct str feed_line(struct reader *r, struct str raw, bool markup, size_t limit)
{
	enum html_text_mode mode = markup ? HTML_TEXT_HTML : HTML_TEXT_PLAIN;
	return feed_keep(r, html_line(raw, mode, limit, r->tmp));
}

struct str xml_line(struct reader *r, const struct xml_node *node, size_t limit)
{
	struct content c = content_of(r, node);
	return c.is_text ? feed_keep(r, html_line(c.raw, c.mode, limit, r->tmp)) : STR_NULL;
}

static bool body(struct reader *r, const struct content *c, struct str base, struct feed_item *item)
{
	struct html_text t;
	if (html_text(c->raw, c->mode, BODY_LIMIT, r->tmp, &t) || !t.text.n)
		return false;
	size_t n = t.n_quotes < FEED_MAX_ITEM_QUOTES ? t.n_quotes : FEED_MAX_ITEM_QUOTES;
	struct post_span *quotes = arena_try(r->arena, n * sizeof *quotes);
	item->text = feed_keep(r, t.text);
	item->cut = t.cut;
	if (!quotes) {
		r->full = true;
		return false;
	}
	memcpy(quotes, t.quotes, n * sizeof *quotes);
	item->quotes = quotes;
	item->n_quotes = n;
	for (size_t i = 0; i < t.n_images; i++)
		feed_media(r, item, STR("image"), feed_url(r, base, t.images[i].src),
			   t.images[i].alt);
	return true;
}

bool feed_body(struct reader *r, struct str raw, bool markup, struct str base,
	       struct feed_item *item)
{
	struct content c = {raw, markup ? HTML_TEXT_HTML : HTML_TEXT_PLAIN, true};
	return body(r, &c, base, item);
}

/* ---- addresses --------------------------------------------------------------------- */

static struct str base_of(struct reader *r, const struct xml_node *node)
{
	if (!node)
		return r->base;
	if (node->base.p)
		return node->base;
	struct str above = base_of(r, node->parent), own = xml_attr_ns(node, XML_NS_XML, "base");
	if (str_trim(own).n && own.n <= MAX_BASE) {
		struct str resolved = url_resolve(r->doc, above, own);
		if (resolved.p && resolved.n <= MAX_BASE && url_is_web(resolved))
			above = resolved;
	}
	/* the tree is ours; only `base` changes */
	((struct xml_node *)(uintptr_t)node)->base = above.p ? above : STR("");
	return above;
}

struct str feed_url(struct reader *r, struct str base, struct str ref)
{
	ref = str_trim(ref);
	if (!ref.n || ref.n > FEED_MAX_URL)
		return STR_NULL;
	struct str url = url_resolve(r->tmp, base, ref);
	return url.n <= FEED_MAX_URL ? feed_keep(r, url) : STR_NULL;
}

struct str xml_url(struct reader *r, const struct xml_node *node, struct str ref)
{
	return feed_url(r, base_of(r, node), ref);
}

bool xml_body(struct reader *r, const struct xml_node *node, struct feed_item *item)
{
	struct content c = content_of(r, node);
	return c.is_text && body(r, &c, base_of(r, node), item);
}

/* ---- numbers and dates -------------------------------------------------------------- */

struct str feed_lang(struct reader *r, struct str tag)
{
	tag = str_trim(tag);
	struct str kept = feed_keep(r, tag.n <= 35 ? tag : STR(""));
	for (size_t i = 0; i < kept.n; i++)
		if (kept.p[i] == '_')
			((char *)(uintptr_t)kept.p)[i] = '-';
	return kept;
}

void feed_date(struct str s, int64_t *ms, enum post_date_quality *quality)
{
	int64_t found;
	enum post_date_quality q = date_parse(s, &found);
	if (q == POST_DATE_MISSING)
		return;
	*ms = found;
	*quality = q;
}

double feed_number(struct str s)
{
	double v;
	return num_double(str_trim(s), -1e9, 1e9, &v) == 0 ? v : NAN;
}

int64_t feed_count(struct str s)
{
	int64_t v;
	return num_int(str_trim(s), 0, INT64_C(1000000000000), &v) == 0 ? v : POST_NO_NUMBER;
}

/* ---- items ------------------------------------------------------------------------- */

void feed_media(struct reader *r, struct feed_item *item, struct str kind, struct str url,
		struct str alt)
{
	if (!url.n || item->n_media == FEED_MAX_MEDIA)
		return;
	for (size_t i = 0; i < item->n_media; i++)
		if (str_eq(item->media[i].url, url))
			return;
	if (!item->media)
		item->media = arena_try(r->arena, FEED_MAX_MEDIA * sizeof *item->media);
	if (!item->media) {
		r->full = true;
		return;
	}
	item->media[item->n_media++] =
	    (struct post_media){kind, url, feed_keep(r, utf8_cut(alt, 1024))};
}

void feed_category(struct reader *r, struct feed_item *item, struct str name)
{
	struct str line = feed_line(r, name, html_likely(name), 256);
	if (!line.n || item->n_categories == FEED_MAX_CATEGORIES)
		return;
	if (!item->categories)
		item->categories =
		    arena_try(r->arena, FEED_MAX_CATEGORIES * sizeof *item->categories);
	if (item->categories)
		item->categories[item->n_categories++] = line;
	else
		r->full = true;
}

void feed_item_init(struct feed_item *item)
{
	*item = (struct feed_item){.created_at = POST_NO_TIME,
				   .updated_at = POST_NO_TIME,
				   .n_comments = POST_NO_NUMBER,
				   .likes = POST_NO_NUMBER,
				   .shares = POST_NO_NUMBER,
				   .views = POST_NO_NUMBER,
				   .rating = NAN};
	item->author.followers = POST_NO_NUMBER;
}

struct feed_item *feed_item_add(struct reader *r)
{
	struct feed *feed = r->feed;
	if (r->full || feed->n_items == FEED_MAX_ITEMS ||
	    arena_used(r->arena) > FEED_ARENA_BYTES / 2) {
		feed->cut_items = true;
		feed_fault(feed, "more items than are read");
		return NULL;
	}
	if (feed->n_items == r->n_room) {
		size_t room = r->n_room ? r->n_room * 2 : 32;
		struct feed_item *more = arena_try(r->arena, room * sizeof *more);
		if (!more) {
			r->full = true;
			return NULL;
		}
		if (feed->n_items)
			memcpy(more, feed->items, feed->n_items * sizeof *more);
		feed->items = more;
		r->n_room = room;
	}
	struct feed_item *item = &feed->items[feed->n_items++];
	feed_item_init(item);
	return item;
}

void feed_item_done(struct reader *r)
{
	struct feed *feed = r->feed;
	must(feed->n_items > 0);
	struct feed_item *item = &feed->items[feed->n_items - 1];
	if (!item->id.n && !item->link.n && !item->title.n && !item->text.n) {
		feed->n_bad++;
	}
	if (item->created_at == POST_NO_TIME) {
		item->created_at = item->updated_at;
		item->created_quality = item->updated_quality;
	}
	if (!item->deleted && !item->author.name.n && !item->author.mail.n && !item->author.url.n) {
		int64_t followers = item->author.followers;
		item->author = r->author;
		if (followers != POST_NO_NUMBER)
			item->author.followers = followers;
	}
	arena_reset(r->tmp);
}
