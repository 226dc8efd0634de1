/*
 * feed.c: RSS, Atom, JSON Feed behind one URL.
 *
 * All knowledge of formats is in ingest/formats/; this maps a feed's fate to a verdict and its items to
 * posts.  No cursor: a feed is a window, what was seen is told apart by ids.
 */
#include "ingest/formats/feed.h"
#include "ingest/source.h"

static void feed_ask(const struct source *source, void *memory, struct str cursor, int64_t now_ms,
		     struct source_ask *ret)
{
	(void)memory, (void)cursor, (void)now_ms;
	*ret = (struct source_ask){
	    .want = SOURCE_FETCH,
	    .url = source->url,
	    .accept = "application/atom+xml, application/rss+xml, application/feed+json, "
		      "application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
	};
}

static void feed_read(const struct source *source, void *memory, const struct source_page *page,
		      struct str cursor, struct arena *arena, struct source_posts *ret)
{
	struct feed_input in = {page->bytes, page->content_type, page->url, page->content_location};
	struct feed *feed = arena_zalloc(arena, sizeof *feed);
	struct error err;
	(void)memory, (void)cursor;
	*ret = (struct source_posts){.verdict = SOURCE_BAD};
	if (feed_parse(&in, arena, feed, &err)) {
		ret->reason = arena_z(arena, str_of(err.text));
		return;
	}
	if (feed->status == FEED_BLOCKED || feed->status == FEED_UNSUPPORTED) {
		ret->reason = arena_printf(arena, "no feed but %s: %s",
					   feed_status_name(feed->status), feed->reason);
		return;
	}
	ret->verdict = feed->status == FEED_MALFORMED ? SOURCE_FLAWED : SOURCE_GOOD;
	ret->reason = feed->reason;
	ret->n_bad = feed->n_bad;

	struct feed_facts facts = {
	    .source = str_of(source->name),
	    .key = source->key ? str_of(source->key) : STR(""),
	    .url = str_of(source->url),
	    .channel = str_of(source->channel),
	    .place = str_of(source->place),
	    .lang = str_of(source->lang),
	    .owned = source->owned,
	    .fetched_at = page->fetched_at,
	};
	ret->posts = arena_alloc(arena, (feed->n_items + 1) * sizeof *ret->posts);
	for (size_t i = 0; i < feed->n_items; i++)
		if (!feed->items[i].twin)
			feed_to_post(feed, i, &facts, arena, &ret->posts[ret->n++]);
}

const struct source_driver source_feed = {
    .name = "feed",
    .help = "an RSS, Atom or JSON feed",
    .needs_url = true,
    .ask = feed_ask,
    .read = feed_read,
};
