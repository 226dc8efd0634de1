/*
 * One item or entry.  Each child says what it is; where several can fill a field, the better source
 * (a rank) wins, and among equals the first; of links the last, as other readers do.
 */
#include <math.h>

#include "common/mem.h"

#include "ingest/formats/xml_feed.h"
#include "ingest/html_text.h"

enum { N_BODIES = 8 };

struct draft {
	struct reader *r;
	struct feed_item *item;
	const struct xml_node *title, *bodies[N_BODIES]; /* bodies by rank, the best last */
	int title_rank, link_rank, author_rank, created_rank, updated_rank;
	struct str permalink; /* guid that is one */
};

static void author_line(struct reader *r, struct str raw, struct feed_author *a)
{
	/* "mail (Name)", "Name <mail>", "Name (mail)", a name, a mail */
	struct str s = html_line(
	    raw,
	    html_likely(raw) && str_find(raw, '<', 0) == raw.n ? HTML_TEXT_HTML : HTML_TEXT_PLAIN,
	    1024, r->tmp);
	size_t open = str_find(s, '(', 0), angle = str_find(s, '<', 0);
	size_t mark = open < s.n ? open : angle;
	struct str outer = str_trim(str_sub(s, 0, mark)), inner = STR("");
	if (mark < s.n)
		inner = str_trim(str_sub(s, mark + 1, str_find(s, open < s.n ? ')' : '>', mark)));
	bool outer_mail = str_find(outer, '@', 1) < outer.n && str_find(outer, ' ', 0) == outer.n;
	bool inner_mail = str_find(inner, '@', 1) < inner.n && str_find(inner, ' ', 0) == inner.n;
	if (inner_mail) {
		a->mail =
		    feed_keep(r, str_starts(inner, "mailto:") ? str_sub(inner, 7, inner.n) : inner);
		a->name = feed_keep(r, outer);
	} else if (outer_mail) {
		a->mail = feed_keep(r, outer);
		a->name = feed_keep(r, inner);
	} else {
		a->name = feed_keep(r, s);
	}
}

void xml_person_read(struct reader *r, const struct xml_node *node, struct feed_author *a)
{
	for (const struct xml_node *c = node->first; c; c = c->next) {
		if (xml_is_core(c, "name"))
			a->name = xml_line(r, c, 512);
		else if (xml_is_core(c, "uri") || xml_is_core(c, "url") ||
			 xml_is_core(c, "homepage"))
			a->url = xml_url(r, c, c->text);
		else if (xml_is_core(c, "email"))
			a->mail = xml_line(r, c, 512);
		else if (str_ieq(c->name, "followers"))
			a->followers = feed_count(c->text);
		else if (str_ieq(c->name, "handle") || str_ieq(c->name, "preferredUsername"))
			a->handle = xml_line(r, c, 256);
	}
	if (!node->first)
		author_line(r, node->text, a);
}

static void set_author(struct draft *d, const struct xml_node *c, int rank)
{
	if (rank <= d->author_rank)
		return;
	int64_t followers = d->item->author.followers;
	struct feed_author a = {.followers = followers};
	xml_person_read(d->r, c, &a);
	if (a.name.n || a.mail.n || a.url.n) {
		d->item->author = a;
		d->author_rank = rank;
	}
}

static void set_link(struct draft *d, const struct xml_node *c, struct str ref, int rank)
{
	if (rank < d->link_rank || !str_trim(ref).n)
		return;
	struct str url = xml_url(d->r, c, ref);
	if (url.n) {
		d->item->link = url;
		d->link_rank = rank;
	}
}

static struct str media_kind(struct str type, struct str medium, struct str url)
{
	static const char *const kinds[] = {"image", "video", "audio"};
	static const char *const pictures[] = {".jpg", ".jpeg", ".png", ".gif", ".webp"};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(type, kinds[i]) || str_is(medium, kinds[i]))
			return str_of(kinds[i]);
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		if (str_ends(url, pictures[i]))
			return STR("image");
	return STR("file");
}

static void add_media(struct draft *d, const struct xml_node *c, struct str ref)
{
	struct str url = xml_url(d->r, c, ref);
	feed_media(d->r, d->item, media_kind(xml_attr(c, "type"), xml_attr(c, "medium"), url), url,
		   xml_attr(c, "title"));
}

/* <link>: text in RSS, href with a relation in Atom. */
static void read_link(struct draft *d, const struct xml_node *c)
{
	struct str href = xml_attr(c, "href"), rel = xml_attr(c, "rel"), type = xml_attr(c, "type");
	if (!href.p && (!rel.n || str_ieq(rel, "alternate"))) {
		set_link(d, c, c->text, c->ns == XML_NS_ATOM ? 5 : 9);
		return;
	}
	if (!rel.n || str_ieq(rel, "alternate") || str_ends(rel, "/alternate"))
		set_link(d, c, href,
			 !type.n || str_is(type, "text/html") ||
				 str_is(type, "application/xhtml+xml")
			     ? 8
			     : 7);
	else if (str_ieq(rel, "self"))
		set_link(d, c, href, 1);
	else if (str_ieq(rel, "enclosure"))
		add_media(d, c, href);
	else if (str_ieq(rel, "replies")) {
		int64_t count = feed_count(xml_attr_ns(c, XML_NS_THR, "count"));
		if (count != POST_NO_NUMBER)
			d->item->n_comments = count;
		if (str_is(type, "text/html") || str_is(type, "application/xhtml+xml"))
			d->item->comments_url = xml_url(d->r, c, href);
		else
			d->item->comments_feed = xml_url(d->r, c, href);
	}
}

static void set_created(struct draft *d, struct str s, int rank)
{
	if (rank <= d->created_rank)
		return;
	int64_t before = d->item->created_at;
	feed_date(s, &d->item->created_at, &d->item->created_quality);
	if (d->item->created_at != before || before != POST_NO_TIME)
		d->created_rank = rank;
}

static void set_updated(struct draft *d, struct str s, int rank)
{
	if (rank <= d->updated_rank)
		return;
	feed_date(s, &d->item->updated_at, &d->item->updated_quality);
	if (d->item->updated_at != POST_NO_TIME)
		d->updated_rank = rank;
}

static void set_body(struct draft *d, const struct xml_node *c, int rank)
{
	if (!d->bodies[rank] && (str_trim(c->text).n || c->markup))
		d->bodies[rank] = c;
}

static void set_title(struct draft *d, const struct xml_node *c, int rank)
{
	if (rank > d->title_rank && (str_trim(c->text).n || c->markup)) {
		d->title = c;
		d->title_rank = rank;
	}
}

static void read_core(struct draft *d, const struct xml_node *c)
{
	struct feed_item *item = d->item;
	if (xml_is_core(c, "title")) {
		set_title(d, c, 3);
	} else if (xml_is_core(c, "link")) {
		read_link(d, c);
	} else if (xml_is_core(c, "guid") || xml_is_core(c, "id")) {
		if (!item->id.n)
			item->id = feed_keep(d->r, str_trim(c->text));
		if (xml_is_core(c, "guid") && !str_ieq(xml_attr(c, "isPermaLink"), "false"))
			d->permalink = str_trim(c->text);
		else if (c->ns == XML_NS_ATOM)
			d->permalink = str_trim(c->text);
	} else if (xml_is_core(c, "description") || xml_is_core(c, "abstract")) {
		set_body(d, c, 4);
	} else if (xml_is_core(c, "summary")) {
		set_body(d, c, 3);
	} else if (xml_is_core(c, "content")) {
		set_body(d, c, 6);
	} else if (xml_is_core(c, "body") || xml_is_core(c, "fullitem")) {
		set_body(d, c, 5);
	} else if (xml_is_core(c, "author")) {
		set_author(d, c, 3);
	} else if (xml_is_core(c, "contributor")) {
		set_author(d, c, 1);
	} else if (xml_is_core(c, "pubDate") || xml_is_core(c, "published")) {
		set_created(d, c->text, 5);
	} else if (xml_is_core(c, "issued")) {
		set_created(d, c->text, 4);
	} else if (xml_is_core(c, "created") || xml_is_core(c, "date")) {
		set_created(d, c->text, 2);
	} else if (xml_is_core(c, "updated") || xml_is_core(c, "lastBuildDate")) {
		set_updated(d, c->text, 4);
	} else if (xml_is_core(c, "modified")) {
		set_updated(d, c->text, 3);
	} else if (xml_is_core(c, "category")) {
		struct str term = xml_attr(c, "label");
		term = term.n ? term : xml_attr(c, "term");
		feed_category(d->r, item, term.n ? term : c->text);
	} else if (xml_is_core(c, "comments")) {
		item->comments_url = xml_url(d->r, c, c->text);
	} else if (xml_is_core(c, "enclosure")) {
		add_media(d, c, xml_attr(c, "url"));
	}
}

static void read_media(struct draft *d, const struct xml_node *c)
{
	struct str name = c->name;
	if (str_ieq(name, "group") || str_ieq(name, "community")) {
		for (const struct xml_node *k = c->first; k; k = k->next)
			if (k->ns == XML_NS_MEDIA && !str_ieq(k->name, "group"))
				read_media(d, k);
	} else if (str_ieq(name, "content") || str_ieq(name, "thumbnail")) {
		add_media(d, c, xml_attr(c, "url"));
		for (const struct xml_node *k = c->first; k; k = k->next)
			if (xml_is(k, XML_NS_MEDIA, "description"))
				set_body(d, k, 1);
	} else if (str_ieq(name, "title")) {
		set_title(d, c, 1);
	} else if (str_ieq(name, "description")) {
		set_body(d, c, 2);
	} else if (str_ieq(name, "statistics")) {
		d->item->views = feed_count(xml_attr(c, "views"));
	} else if (str_ieq(name, "starRating")) {
		d->item->likes = feed_count(xml_attr(c, "count"));
	}
}

static void read_dc(struct draft *d, const struct xml_node *c)
{
	struct str name = c->name;
	if (str_ieq(name, "creator"))
		set_author(d, c, 4);
	else if (str_ieq(name, "author"))
		set_author(d, c, 3);
	else if (str_ieq(name, "date") || str_ieq(name, "issued"))
		set_created(d, c->text, 4);
	else if (str_ieq(name, "created"))
		set_created(d, c->text, 1);
	else if (str_ieq(name, "modified"))
		set_updated(d, c->text, 2);
	else if (str_ieq(name, "title"))
		set_title(d, c, 2);
	else if (str_ieq(name, "description"))
		set_body(d, c, 2);
	else if (str_ieq(name, "subject"))
		feed_category(d->r, d->item, c->text);
	else if (str_ieq(name, "language"))
		d->item->lang = feed_lang(d->r, c->text);
}

/* Extensions of whoever wrote them: known by their names alone. */
static void read_other(struct draft *d, const struct xml_node *c)
{
	struct feed_item *item = d->item;
	struct str name = c->name;
	double rating = feed_number(c->text);
	if (str_ieq(name, "rating") && !isnan(rating) && c->ns != XML_NS_ITUNES)
		item->rating = rating;
	else if (str_ieq(name, "followers"))
		item->author.followers = feed_count(c->text);
	else if (str_ieq(name, "likes") || str_ieq(name, "favourites"))
		item->likes = feed_count(c->text);
	else if (str_ieq(name, "shares") || str_ieq(name, "reposts"))
		item->shares = feed_count(c->text);
	else if (str_ieq(name, "views"))
		item->views = feed_count(c->text);
}

static void read_child(struct draft *d, const struct xml_node *c)
{
	struct feed_item *item = d->item;
	switch (c->ns) {
	case XML_NS_NONE:
	case XML_NS_ATOM: read_core(d, c); break;
	case XML_NS_CONTENT:
		if (str_ieq(c->name, "encoded"))
			set_body(d, c, 7);
		break;
	case XML_NS_XHTML:
		if (str_ieq(c->name, "body") || str_ieq(c->name, "div"))
			set_body(d, c, 5);
		break;
	case XML_NS_DC: read_dc(d, c); break;
	case XML_NS_MEDIA: read_media(d, c); break;
	case XML_NS_SLASH:
		if (str_ieq(c->name, "comments"))
			item->n_comments = feed_count(c->text);
		break;
	case XML_NS_WFW:
		if (str_ieq(c->name, "commentRss"))
			item->comments_feed = xml_url(d->r, c, c->text);
		break;
	case XML_NS_THR:
		if (str_ieq(c->name, "total"))
			item->n_comments = feed_count(c->text);
		else if (str_ieq(c->name, "in-reply-to") && !item->in_reply_to.n) {
			item->in_reply_to = feed_keep(d->r, str_trim(xml_attr(c, "ref")));
			item->in_reply_link = xml_url(d->r, c, xml_attr(c, "href"));
		}
		break;
	case XML_NS_ITUNES:
		if (str_ieq(c->name, "summary"))
			set_body(d, c, 1);
		else if (str_ieq(c->name, "subtitle"))
			set_body(d, c, 0);
		else if (str_ieq(c->name, "author"))
			set_author(d, c, 2);
		break;
	case XML_NS_FEEDBURNER:
		if (str_ieq(c->name, "origLink"))
			item->origin = xml_url(d->r, c, c->text);
		break;
	default: read_other(d, c); break;
	}
}

static void read_tombstone(struct reader *r, const struct xml_node *node, struct feed_item *item)
{
	item->deleted = true;
	item->id = feed_keep(r, str_trim(xml_attr(node, "ref")));
	feed_date(xml_attr(node, "when"), &item->updated_at, &item->updated_quality);
	for (const struct xml_node *c = node->first; c; c = c->next)
		if (xml_is_core(c, "link") && xml_attr(c, "href").p)
			item->link = xml_url(r, c, xml_attr(c, "href"));
}

void xml_item_read(struct reader *r, const struct xml_node *node, struct feed_item *item)
{
	if (node->ns == XML_NS_TOMBSTONE) {
		read_tombstone(r, node, item);
		return;
	}
	struct draft d = {.r = r, .item = item};
	for (const struct xml_node *c = node->first; c; c = c->next)
		read_child(&d, c);
	if (d.title)
		item->title = xml_line(r, d.title, FEED_MAX_TITLE);
	for (int rank = N_BODIES; rank-- > 0 && !item->text.n;)
		if (d.bodies[rank])
			(void)xml_body(r, d.bodies[rank], item); /* false: the next one */
	if (!item->id.n)
		item->id = feed_keep(r, str_trim(xml_attr_ns(node, XML_NS_RDF, "about")));
	if (d.link_rank <= 1 && d.permalink.n &&
	    (str_starts(d.permalink, "http://") || str_starts(d.permalink, "https://")))
		item->link = xml_url(r, node, d.permalink);
	if (!item->link.n) /* CDF; RDF whose item says no more than what it is about */
		item->link = xml_url(r, node, xml_attr(node, "href"));
	if (!item->link.n && str_starts(item->id, "http") && node->ns != XML_NS_ATOM)
		item->link = xml_url(r, node, xml_attr_ns(node, XML_NS_RDF, "about"));
	struct str lastmod = xml_attr(node, "lastmod");
	if (lastmod.p)
		set_updated(&d, lastmod, 1);
	struct str lang = xml_inherited(node, "lang");
	if (lang.n && !item->lang.n)
		item->lang = feed_lang(r, lang);
}
