/* The document: which format it is, what it says of itself, where its items are. */
#include "common/mem.h"

#include "ingest/formats/xml_feed.h"

static const char *rss_format(struct str version)
{
	static const struct {
		const char *version, *format;
	} known[] = {{"0.90", "rss090"}, {"0.91", "rss091"}, {"0.92", "rss092"}, {"0.93", "rss093"},
		     {"0.94", "rss094"}, {"2", "rss20"},     {"1.0", "rss10"}};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_starts(str_trim(version), known[i].version))
			return known[i].format;
	return "rss";
}

/* NULL: no feed. */
static const char *format_of(const struct xml_node *root, struct str default_uri)
{
	struct str name = root->name;
	const struct xml_node *first = root->first;
	if (str_ieq(name, "rss"))
		return rss_format(xml_attr(root, "version"));
	if (str_ieq(name, "RDF")) {
		while (first && !str_ieq(first->name, "channel") && !str_ieq(first->name, "item"))
			first = first->next;
		if (!first && root->first)
			return NULL;
		struct str uri = first ? first->uri : default_uri;
		return str_find_str(uri, STR("netscape.com")) < uri.n ? "rss090" : "rss10";
	}
	if (str_ieq(name, "feed") || (str_ieq(name, "entry") && root->ns == XML_NS_ATOM)) {
		if (str_find_str(root->uri, STR("2005/Atom")) < root->uri.n ||
		    str_find_str(root->uri, STR("2005/atom")) < root->uri.n)
			return "atom10";
		if (str_is(xml_attr(root, "version"), "0.3") || root->ns == XML_NS_ATOM)
			return "atom03";
		return "atom";
	}
	if (str_ieq(name, "channel")) {
		bool cdf = xml_attr(root, "href").p != NULL;
		for (; first; first = first->next)
			cdf = cdf || (str_ieq(first->name, "item") && xml_attr(first, "href").p);
		return cdf ? "cdf" : "rss";
	}
	return NULL;
}

/* A feed in a namespace nobody knows: its own elements are read as if they had none. */
static void adopt(struct xml_node *node, struct str uri)
{
	if (node->ns == XML_NS_OTHER && str_eq(node->uri, uri))
		node->ns = XML_NS_NONE;
	for (struct xml_node *c = node->first; c; c = c->next)
		adopt(c, uri);
}

static int64_t period_ms(struct str period)
{
	static const struct {
		const char *name;
		int64_t hours;
	} periods[] = {
	    {"hourly", 1}, {"daily", 24}, {"weekly", 168}, {"monthly", 720}, {"yearly", 8760}};
	for (size_t i = 0; i < ARRAY_LEN(periods); i++)
		if (str_ieq(str_trim(period), periods[i].name))
			return periods[i].hours * 3600000;
	return POST_NO_NUMBER;
}

static void feed_level_link(struct reader *r, const struct xml_node *c, int *rank)
{
	struct feed *feed = r->feed;
	struct str href = xml_attr(c, "href"), rel = xml_attr(c, "rel");
	int mine = 0;
	if (!href.p) {
		href = c->text;
		mine = 3;
	} else if (!rel.n || str_ieq(rel, "alternate")) {
		mine = 2;
	} else if (str_ieq(rel, "hub")) {
		feed->hub = xml_url(r, c, href);
	} else if (str_ieq(rel, "self")) {
		feed->self = xml_url(r, c, href);
	} else if (str_ieq(rel, "next") || str_ieq(rel, "prev-archive")) {
		if (!feed->next.p)
			feed->next = xml_url(r, c, href);
	}
	if (mine > *rank && str_trim(href).n) {
		feed->link = xml_url(r, c, href);
		*rank = mine;
	}
}

static void read_facts(struct reader *r, const struct xml_node *node)
{
	struct feed *feed = r->feed;
	int64_t period = POST_NO_NUMBER, frequency = 1;
	enum post_date_quality quality;
	int rank = 0;
	for (const struct xml_node *c = node->first; c; c = c->next) {
		if (xml_is_core(c, "title"))
			feed->title = feed->title.n ? feed->title : xml_line(r, c, FEED_MAX_TITLE);
		else if (xml_is(c, XML_NS_DC, "title"))
			feed->title = feed->title.n ? feed->title : xml_line(r, c, FEED_MAX_TITLE);
		else if (xml_is_core(c, "link"))
			feed_level_link(r, c, &rank);
		else if (xml_is_core(c, "language") || xml_is(c, XML_NS_DC, "language"))
			feed->lang = feed_lang(r, c->text);
		else if (xml_is_core(c, "updated") || xml_is_core(c, "lastBuildDate") ||
			 xml_is_core(c, "modified") || xml_is_core(c, "pubDate") ||
			 xml_is(c, XML_NS_DC, "date"))
			feed_date(c->text, &feed->updated_at, &quality);
		else if (xml_is_core(c, "ttl") && feed_count(c->text) > 0 &&
			 feed_count(c->text) < 525600)
			feed->ttl_ms = feed_count(c->text) * 60000;
		else if (xml_is(c, XML_NS_SY, "updatePeriod"))
			period = period_ms(c->text);
		else if (xml_is(c, XML_NS_SY, "updateFrequency") && feed_count(c->text) > 0)
			frequency = feed_count(c->text);
		else if (node->ns == XML_NS_ATOM && xml_is_core(c, "author") && !r->author.name.n)
			xml_person_read(r, c, &r->author);
	}
	if (feed->ttl_ms == POST_NO_NUMBER && period != POST_NO_NUMBER)
		feed->ttl_ms = period / frequency;
	arena_reset(r->tmp);
}

static bool is_item(const struct xml_node *node)
{
	return xml_is_core(node, "item") || xml_is_core(node, "entry") ||
	       xml_is(node, XML_NS_TOMBSTONE, "deleted-entry");
}

static void read_items(struct reader *r, const struct xml_node *node)
{
	for (const struct xml_node *c = node->first; c; c = c->next) {
		/* one that only wraps others is none itself */
		if (is_item(c) && (!c->unclosed || c->first)) {
			struct feed_item *item = feed_item_add(r);
			if (!item)
				return;
			xml_item_read(r, c, item);
			feed_item_done(r);
		}
		read_items(r, c); /* in items too: versions in conflict (SSE) stand there */
	}
}

bool xml_feed_read(struct reader *r, const struct xml_doc *doc)
{
	struct feed *feed = r->feed;
	struct xml_node *root = doc->root;
	const char *format = root ? format_of(root, doc->uri) : NULL;
	if (!format)
		return false;
	if (root->ns == XML_NS_OTHER)
		adopt(root, root->uri);
	feed->format = format;
	feed->status = doc->fault ? FEED_MALFORMED : FEED_OK;
	if (doc->fault)
		feed_fault(feed, doc->fault);
	feed->cut_items = doc->cut;
	struct str lang = xml_inherited(root, "lang");
	if (lang.n)
		feed->lang = feed_lang(r, lang);
	read_facts(r, root);
	const struct xml_node *channel = xml_child(root, root->ns, "channel");
	for (const struct xml_node *c = root->first; c && !channel; c = c->next)
		channel = str_ieq(c->name, "channel") ? c : NULL;
	if (channel) {
		lang = xml_inherited(channel, "lang");
		if (lang.n)
			feed->lang = feed_lang(r, lang);
		read_facts(r, channel);
	}
	if (str_ieq(root->name, "entry")) {
		struct feed_item *item = feed_item_add(r);
		if (item) {
			xml_item_read(r, root, item);
			feed_item_done(r);
		}
	} else {
		read_items(r, root);
	}
	return true;
}
