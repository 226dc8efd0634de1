/*
 * town_feed.c: RSS 2.0, Atom 1.0, JSON Feed 1.1 and RSS 1.0.
 *
 * Each format is written as its publishers really write it: RSS carries escaped HTML, RDF
 * CDATA, social RSS has no titles and @handles, a forum is Atom with threads and tombstones.
 */
#include <stdio.h>

#include "common/mem.h"
#include "tests/world/town_feed.h"
#include "tests/world/town_text.h"

#define NS_ATOM    "http://www.w3.org/2005/Atom"
#define NS_THR     "http://purl.org/syndication/thread/1.0"
#define NS_AT      "http://purl.org/atompub/tombstones/1.0"
#define NS_DC      "http://purl.org/dc/elements/1.1/"
#define NS_CONTENT "http://purl.org/rss/1.0/modules/content/"
#define NS_RDF     "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define NS_RSS1    "http://purl.org/rss/1.0/"
#define NS_OURS    "https://posthorn.example/ns/1"

/* guids do not change with the port */
#define GUID "tag:town.example,2026:"

struct pen {
	struct buf *out;
	const char *base;
	const struct town_place *place;
	int64_t now_ms;
	const struct town_view *view;
};

static void put(struct pen *pen, const char *z)
{
	/* the buffer remembers a refusal; town_feed looks at the end */
	(void)buf_z(pen->out, z);
}

static void put_text(struct pen *pen, struct str s)
{
	(void)town_text_escape(pen->out, s);
}

/* <name>text</name> and a line's end */
static void element(struct pen *pen, const char *name, struct str text)
{
	(void)buf_printf(pen->out, "<%s>", name);
	put_text(pen, text);
	(void)buf_printf(pen->out, "</%s>\n", name);
}

static void guid(struct pen *pen, const struct town_post *post)
{
	put(pen, GUID);
	put_text(pen, post->id);
}

static void post_link(struct pen *pen, const struct town_post *post)
{
	put(pen, pen->base);
	put(pen, "/post/");
	put_text(pen, post->id);
}

static void place_link(struct pen *pen)
{
	put(pen, pen->base);
	put_text(pen, pen->place->path);
}

static void reply_mark(struct pen *pen, const struct town_post *post)
{
	if (!post->parent)
		return;
	put(pen, "<thr:in-reply-to ref=\"");
	guid(pen, post->parent);
	put(pen, "\" href=\"");
	post_link(pen, post->parent);
	put(pen, "\" type=\"text/html\"/>\n");
}

static void our_numbers(struct pen *pen, const struct town_post *post)
{
	if (post->followers != TOWN_NO_NUMBER)
		(void)buf_printf(pen->out, "<ph:followers>%lld</ph:followers>\n",
				 (long long)post->followers);
	if (post->rating != TOWN_NO_NUMBER)
		(void)buf_printf(pen->out, "<ph:rating>%lld</ph:rating>\n",
				 (long long)post->rating);
}

static int64_t edited_ms(const struct pen *pen, const struct town_post *post)
{
	return post->edit_ms <= pen->now_ms ? post->edit_ms : post->at_ms;
}

/* ---- RSS 2.0 ------------------------------------------------------------------------- */

static void rss_item(struct pen *pen, const struct town_post *post)
{
	put(pen, "<item>\n");
	if (post->title.n)
		element(pen, "title", post->title);
	put(pen, "<link>");
	post_link(pen, post);
	put(pen, "</link>\n<guid isPermaLink=\"false\">");
	guid(pen, post);
	put(pen, "</guid>\n<pubDate>");
	(void)town_text_rfc822(pen->out, post->at_ms);
	put(pen, "</pubDate>\n");
	if (edited_ms(pen, post) != post->at_ms) {
		put(pen, "<atom:updated>");
		(void)town_text_rfc3339(pen->out, post->edit_ms);
		put(pen, "</atom:updated>\n");
	}
	if (str_is(pen->place->channel, "social")) {
		put(pen, "<dc:creator>@");
		put_text(pen, post->author);
		put(pen, "</dc:creator>\n");
	} else {
		element(pen, "dc:creator", post->name);
	}
	our_numbers(pen, post);
	reply_mark(pen, post);
	put(pen, "<description>");
	(void)town_text_html_escaped(pen->out, town_text_at(post, pen->now_ms));
	put(pen, "</description>\n</item>\n");
}

static void rss(struct pen *pen)
{
	put(pen,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"" NS_DC
	    "\" xmlns:atom=\"" NS_ATOM "\" xmlns:thr=\"" NS_THR "\" xmlns:ph=\"" NS_OURS
	    "\">\n<channel>\n");
	element(pen, "title", pen->place->title);
	put(pen, "<link>");
	place_link(pen);
	put(pen, "</link>\n<atom:link rel=\"self\" type=\"application/rss+xml\" href=\"");
	place_link(pen);
	put(pen, "\"/>\n");
	element(pen, "description", pen->place->title);
	element(pen, "language", pen->place->lang);
	put(pen, "<lastBuildDate>");
	(void)town_text_rfc822(pen->out, pen->view->modified_ms);
	put(pen, "</lastBuildDate>\n");
	for (size_t i = 0; i < pen->view->n; i++)
		rss_item(pen, pen->view->posts[i]);
	put(pen, "</channel>\n</rss>\n");
}

/* ---- Atom 1.0 ------------------------------------------------------------------------ */

static void atom_date(struct pen *pen, const char *name, int64_t ms)
{
	(void)buf_printf(pen->out, "<%s>", name);
	(void)town_text_rfc3339(pen->out, ms);
	(void)buf_printf(pen->out, "</%s>\n", name);
}

/* Atom wants a title; a forum gives its answers that of the thread. */
static void entry_title(struct pen *pen, const struct town_post *post)
{
	const struct town_post *root = post;
	while (root->parent)
		root = root->parent;
	if (post->title.n) {
		put_text(pen, post->title);
	} else if (root->title.n && str_is(post->place->channel, "forum")) {
		put(pen, "Re: ");
		put_text(pen, root->title);
	}
}

static void atom_entry(struct pen *pen, const struct town_post *post)
{
	put(pen, "<entry>\n<id>");
	guid(pen, post);
	put(pen, "</id>\n<title>");
	entry_title(pen, post);
	put(pen, "</title>\n");
	put(pen, "<link rel=\"alternate\" type=\"text/html\" href=\"");
	post_link(pen, post);
	put(pen, "\"/>\n");
	atom_date(pen, "published", post->at_ms);
	atom_date(pen, "updated", edited_ms(pen, post));
	put(pen, "<author>\n");
	element(pen, "name", post->name);
	put(pen, "<uri>");
	put(pen, pen->base);
	put(pen, "/user/");
	put_text(pen, post->author);
	put(pen, "</uri>\n");
	put(pen, "</author>\n");
	our_numbers(pen, post);
	reply_mark(pen, post);
	put(pen, "<content type=\"html\">");
	(void)town_text_html_escaped(pen->out, town_text_at(post, pen->now_ms));
	put(pen, "</content>\n</entry>\n");
}

static void atom(struct pen *pen)
{
	put(pen, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"" NS_ATOM
		 "\" xmlns:thr=\"" NS_THR "\" xmlns:at=\"" NS_AT "\" xmlns:ph=\"" NS_OURS
		 "\" xml:lang=\"");
	put_text(pen, pen->place->lang);
	put(pen, "\">\n<id>" GUID "place:");
	put_text(pen, pen->place->name);
	put(pen, "</id>\n");
	element(pen, "title", pen->place->title);
	put(pen, "<link rel=\"self\" type=\"application/atom+xml\" href=\"");
	place_link(pen);
	put(pen, "\"/>\n");
	atom_date(pen, "updated", pen->view->modified_ms);
	for (size_t i = 0; i < pen->view->n_gone; i++) {
		put(pen, "<at:deleted-entry ref=\"");
		guid(pen, pen->view->gone[i]);
		put(pen, "\" when=\"");
		(void)town_text_rfc3339(pen->out, pen->view->gone[i]->deleted_ms);
		put(pen, "\"/>\n");
	}
	for (size_t i = 0; i < pen->view->n; i++)
		atom_entry(pen, pen->view->posts[i]);
	put(pen, "</feed>\n");
}

/* ---- RSS 1.0 ------------------------------------------------------------------------- */

static void rdf_item(struct pen *pen, const struct town_post *post)
{
	put(pen, "<item rdf:about=\"");
	guid(pen, post);
	put(pen, "\">\n");
	element(pen, "title", post->title);
	put(pen, "<link>");
	post_link(pen, post);
	put(pen, "</link>\n<dc:date>");
	(void)town_text_rfc3339(pen->out, post->at_ms);
	put(pen, "</dc:date>\n");
	if (edited_ms(pen, post) != post->at_ms)
		atom_date(pen, "atom:updated", post->edit_ms);
	element(pen, "dc:creator", post->name);
	our_numbers(pen, post);
	reply_mark(pen, post);
	put(pen, "<content:encoded>");
	(void)town_text_html_cdata(pen->out, town_text_at(post, pen->now_ms));
	put(pen, "</content:encoded>\n</item>\n");
}

static void rdf(struct pen *pen)
{
	put(pen, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:rdf=\"" NS_RDF
		 "\" xmlns=\"" NS_RSS1 "\" xmlns:dc=\"" NS_DC "\" xmlns:content=\"" NS_CONTENT
		 "\" xmlns:atom=\"" NS_ATOM "\" xmlns:thr=\"" NS_THR "\" xmlns:ph=\"" NS_OURS
		 "\">\n<channel rdf:about=\"");
	place_link(pen);
	put(pen, "\">\n");
	element(pen, "title", pen->place->title);
	put(pen, "<link>");
	place_link(pen);
	put(pen, "</link>\n");
	element(pen, "description", pen->place->title);
	element(pen, "dc:language", pen->place->lang);
	put(pen, "<items><rdf:Seq>\n");
	for (size_t i = 0; i < pen->view->n; i++) {
		put(pen, "<rdf:li rdf:resource=\"");
		guid(pen, pen->view->posts[i]);
		put(pen, "\"/>\n");
	}
	put(pen, "</rdf:Seq></items>\n</channel>\n");
	for (size_t i = 0; i < pen->view->n; i++)
		rdf_item(pen, pen->view->posts[i]);
	put(pen, "</rdf:RDF>\n");
}

/* ---- JSON Feed 1.1 ------------------------------------------------------------------- */

static void json_link(struct pen *pen, const char *start, struct str path)
{
	struct buf url;
	buf_init(&url, 64 * KiB);
	int rc = buf_z(&url, start) | buf_str(&url, path) | buf_json_str(pen->out, buf_view(&url));
	(void)rc; /* the buffer remembers a refusal */
	buf_done(&url);
}

static void json_link_below(struct pen *pen, const char *below, struct str id)
{
	struct buf start;
	buf_init(&start, 64 * KiB);
	(void)buf_printf(&start, "%s%s", pen->base, below);
	json_link(pen, start.p ? start.p : "", id);
	buf_done(&start);
}

static void json_item(struct pen *pen, const struct town_post *post)
{
	struct buf html;
	buf_init(&html, pen->out->limit_bytes);
	(void)town_text_html(&html, town_text_at(post, pen->now_ms));
	put(pen, "\n{\"id\":");
	json_link(pen, GUID, post->id);
	put(pen, ",\"url\":");
	json_link_below(pen, "/post/", post->id);
	if (post->title.n) {
		put(pen, ",\"title\":");
		(void)buf_json_str(pen->out, post->title);
	}
	put(pen, ",\"content_html\":");
	(void)buf_json_str(pen->out, buf_view(&html));
	buf_done(&html);
	put(pen, ",\"date_published\":\"");
	(void)town_text_rfc3339(pen->out, post->at_ms);
	if (edited_ms(pen, post) != post->at_ms) {
		put(pen, "\",\"date_modified\":\"");
		(void)town_text_rfc3339(pen->out, post->edit_ms);
	}
	put(pen, "\",\"authors\":[{\"name\":");
	(void)buf_json_str(pen->out, post->name);
	put(pen, ",\"url\":");
	json_link_below(pen, "/user/", post->author);
	if (post->followers != TOWN_NO_NUMBER)
		(void)buf_printf(pen->out, ",\"_town\":{\"followers\":%lld}",
				 (long long)post->followers);
	put(pen, "}]");
	if (post->rating != TOWN_NO_NUMBER)
		(void)buf_printf(pen->out, ",\"_review\":{\"rating\":%lld}",
				 (long long)post->rating);
	if (post->parent) {
		put(pen, ",\"_thread\":{\"in_reply_to\":");
		json_link(pen, GUID, post->parent->id);
		put(pen, ",\"in_reply_link\":");
		json_link_below(pen, "/post/", post->parent->id);
		put(pen, "}");
	}
	put(pen, "}");
}

static void jsonfeed(struct pen *pen)
{
	put(pen, "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":");
	(void)buf_json_str(pen->out, pen->place->title);
	put(pen, ",\"language\":");
	(void)buf_json_str(pen->out, pen->place->lang);
	put(pen, ",\"feed_url\":");
	json_link_below(pen, "", pen->place->path);
	put(pen, ",\"items\":[");
	for (size_t i = 0; i < pen->view->n; i++) {
		if (i > 0)
			put(pen, ",");
		json_item(pen, pen->view->posts[i]);
	}
	put(pen, "\n]}\n");
}

/* ---- outside ------------------------------------------------------------------------- */

static const struct {
	void (*write)(struct pen *pen);
	const char *type;
} formats[] = {
    [TOWN_RSS] = {rss, "application/rss+xml; charset=utf-8"},
    [TOWN_ATOM] = {atom, "application/atom+xml"},
    [TOWN_JSONFEED] = {jsonfeed, "application/feed+json"},
    [TOWN_RDF] = {rdf, "application/rdf+xml"},
};

const char *town_feed_type(enum town_format format)
{
	return formats[format].type;
}

int town_feed(const struct town *town, const struct town_place *place, int64_t now_ms,
	      const char *base, struct buf *out, int64_t *ret_modified_ms)
{
	struct town_view view;
	town_view(town, place, now_ms, &view);
	struct pen pen = {out, base, place, now_ms, &view};
	formats[place->format].write(&pen);
	if (out->full)
		return -1;
	*ret_modified_ms = view.modified_ms;
	return 0;
}

int town_post_page(const struct town *town, struct str id, int64_t now_ms, const char *base,
		   struct buf *out, int64_t *ret_modified_ms)
{
	const struct town_post *post = town_post_of(town, id);
	if (!post || post->at_ms > now_ms)
		return 404;
	if (post->deleted_ms <= now_ms)
		return 410;
	struct pen pen = {out, base, post->place, now_ms, NULL};
	put(&pen, "<!DOCTYPE html>\n<html lang=\"");
	put_text(&pen, post->place->lang);
	put(&pen, "\"><head><meta charset=\"utf-8\"><title>");
	put_text(&pen, post->title.n ? post->title : post->name);
	put(&pen, "</title></head><body>\n<p>");
	put_text(&pen, post->place->title);
	put(&pen, "</p>\n<article>\n");
	if (post->title.n)
		element(&pen, "h1", post->title);
	put(&pen, "<p><b>");
	put_text(&pen, post->name);
	put(&pen, "</b> @");
	put_text(&pen, post->author);
	put(&pen, " <time>");
	(void)town_text_rfc3339(out, post->at_ms);
	put(&pen, "</time></p>\n");
	(void)town_text_html(out, town_text_at(post, now_ms));
	put(&pen, "\n</article>\n");
	if (post->parent) {
		put(&pen, "<p><a href=\"");
		post_link(&pen, post->parent);
		put(&pen, "\">&uarr;</a></p>\n");
	}
	put(&pen, "</body></html>\n");
	*ret_modified_ms = edited_ms(&pen, post);
	return out->full ? 500 : 200;
}

/* a YAML scalar in double quotes: JSON's form is one */
static void yaml_value(struct buf *out, const char *name, struct str value)
{
	(void)buf_printf(out, "    %s: ", name);
	(void)buf_json_str(out, value);
	(void)buf_char(out, '\n');
}

int town_sources(const struct town *town, const char *base, const char *poll, struct buf *out)
{
	(void)buf_z(out, "sources:\n");
	for (size_t i = 0; i < town_n_places(town); i++) {
		const struct town_place *place = town_place(town, i);
		struct pen pen = {out, base, place, 0, NULL};
		(void)buf_printf(
		    out, "  - name: %.*s\n    driver: feed\n    url: ", STR_ARG(place->name));
		json_link_below(&pen, "", place->path);
		(void)buf_char(out, '\n');
		/* ids must not change with the port */
		yaml_value(out, "key", place->name);
		yaml_value(out, "channel", place->channel);
		yaml_value(out, "place", place->title);
		(void)buf_printf(out, "    owned: %s\n    poll: %s\n", place->owned ? "yes" : "no",
				 poll);
	}
	return out->full ? -1 : 0;
}
