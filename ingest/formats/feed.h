/*
 * feed.h: a page's bytes become a feed, a feed's items become posts.
 *
 * Pure: bytes and facts in, values out, no I/O, no clock.  Reads RSS 0.9x-2.0, RSS 1.0 (RDF),
 * Atom 0.3 and 1.0, CDF, JSON Feed 1.0 and 1.1; the kind is found in the bytes, the content type only
 * names the charset.  Broken input is no error: what is good is kept, what is bad is counted and
 * `status` tells.  Document types are never read, entities other than those of HTML never expanded.
 *
 *   struct arena *arena = arena_create(FEED_ARENA_BYTES);
 *   struct feed_input in = {.bytes = body, .content_type = STR("text/xml"), .url = final_url};
 *   struct feed feed;
 *   if (feed_parse(&in, arena, &feed, &err)) ... too large, nothing in `feed` ...
 *   if (feed.status == FEED_BLOCKED || feed.status == FEED_UNSUPPORTED) ... a failed fetch: feed.reason ...
 *   for (size_t i = 0; i < feed.n_items; i++) {
 *       if (feed.items[i].twin)         // equal to an earlier one under the id rule
 *           continue;
 *       feed_to_post(&feed, i, &facts, arena, &post);
 *   }
 *   arena_reset(arena);
 *
 * All results live in the arena (or in static memory), none in `in`.  Text is valid UTF-8, decoded and
 * free of markup; addresses are absolute where a base was known.  Unknown is STR_NULL, POST_NO_TIME,
 * POST_NO_NUMBER or NaN.
 *
 * When not to use it: for a page made for people (HTML gives FEED_UNSUPPORTED or FEED_BLOCKED), or for an API.
 */
#ifndef INGEST_FORMATS_FEED_H
#define INGEST_FORMATS_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/post.h"

#define FEED_MAX_BYTES   (8UL * 1024 * 1024)   /* a larger page is refused */
#define FEED_ARENA_BYTES (128UL * 1024 * 1024) /* a limit that feed_parse never reaches */
enum {
	FEED_MAX_ITEMS = 5000,      /* further ones are dropped, `cut_items` is set */
	FEED_MAX_TITLE = 4096,      /* bytes; longer is cut */
	FEED_MAX_URL = 4096,        /* bytes; longer is dropped */
	FEED_MAX_MEDIA = 32,        /* per item */
	FEED_MAX_CATEGORIES = 32,   /* per item */
	FEED_MAX_ITEM_QUOTES = 1000 /* spans per item */
};

enum feed_status {
	FEED_OK,        /* a feed without fault (it may be empty) */
	FEED_MALFORMED, /* was meant as a feed, has faults; items hold what could be read */
	FEED_BLOCKED, /* a wall: challenge, cookie wall, log-in or error page instead of the feed */
	FEED_UNSUPPORTED /* something else: HTML, other XML or JSON, binary, nothing */
};

struct feed_input {
	struct str bytes;        /* the body, decompressed */
	struct str content_type; /* header value, or empty */
	struct str url;          /* final URL after redirects: base of relative links; or empty */
	struct str content_location; /* header value, or empty; a better base than url */
};

struct feed_author {
	struct str name, handle, url, mail;
	int64_t followers;
};

struct feed_item {
	struct str id;     /* as the feed wrote it (guid, atom:id, rdf:about, JSON id), or null */
	struct str link;   /* permalink, absolute, or null */
	struct str origin; /* the permalink before a feed service replaced it (origLink), or null */
	struct str title, text;
	struct post_span *quotes; /* spans of text written by others */
	size_t n_quotes;
	bool cut;                  /* text was longer than a post may be */
	struct feed_author author; /* the feed's own author where the item names none */
	int64_t created_at, updated_at;
	enum post_date_quality created_quality,
	    updated_quality;      /* EXACT, DAY, GUESSED or MISSING */
	struct str lang;          /* declared here or above */
	struct str in_reply_to;   /* native id of what it answers (thr:in-reply-to ref), or null */
	struct str in_reply_link; /* its address (thr:in-reply-to href), or null */
	struct str comments_url;  /* page with the comments */
	struct str comments_feed; /* feed with the comments (wfw:commentRss, rel=replies) */
	int64_t n_comments;       /* slash:comments, thr:total, thr:count */
	int64_t likes, shares, views;
	double rating; /* of a review, as written, usually 1..5; NaN none */
	struct post_media *media;
	size_t n_media;
	struct str *categories;
	size_t n_categories;
	bool deleted; /* a tombstone (RFC 6721): id and time only */

	/* filled by feed_post_ids (which feed_parse calls at its end) */
	struct str native; /* the native part of the post's id; never null */
	struct str parent; /* native of what it answers, on this page or not, or null */
	struct str root;   /* native where following parents on this page ends; never null */
	bool twin; /* an earlier item of the page has the same native: not a post of its own */
};

struct feed {
	enum feed_status status;
	const char
	    *format; /* rss090 rss091 rss092 rss093 rss094 rss10 rss20 rss atom03 atom10 atom cdf
	                        jsonfeed10 jsonfeed11; "html", "xml", "json" or "unknown" for no feed */
	const char
	    *charset;    /* what the bytes were read as, lower case: "utf-8" "windows-1252" ... */
	size_t repaired; /* invalid byte sequences replaced, control bytes dropped */
	bool bozo; /* not as its format asks (also where status is FEED_OK: a wrong charset) */
	const char *reason; /* first fault in words, "" where there is none */
	struct str title, link, lang;
	struct str hub, self, next; /* WebSub hub, own address, next page (RFC 5005, next_url) */
	int64_t ttl_ms; /* how long the publisher lets it rest; POST_NO_NUMBER unknown */
	int64_t updated_at;
	struct feed_item *items; /* document order */
	size_t n_items;
	size_t n_bad;   /* items without id, address, title and text (they are kept all the same) */
	bool cut_items; /* there were more than FEED_MAX_ITEMS */
};

/* 0, also for hopeless content (then status tells); -1 + err only for more than FEED_MAX_BYTES or
 * an arena that is too small. */
int feed_parse(const struct feed_input *in, struct arena *arena, struct feed *ret,
	       struct error *err);

const char *
feed_status_name(enum feed_status status); /* "ok" "malformed" "blocked" "unsupported" */

/* The id rule: native is the guid; guid and link where one guid stands on different links in this
 * page; without guid a hash of link and title (link without tracking parameters).  Marks twins, follows replies. */
int feed_post_ids(struct feed *feed, struct arena *arena);

/* What a post takes from its source's configuration and from the fetch. */
struct feed_facts {
	struct str source;      /* its name */
	struct str key;         /* scope of the ids; empty: feed_scope(url) */
	struct str url;         /* of the source as configured; needed where key is empty */
	struct str channel;     /* blog forum social news review mail */
	struct str place, lang; /* or null */
	bool owned, backfill;
	int64_t fetched_at;
};

/* The default key of a source: its normalised URL. */
struct str feed_scope(struct arena *arena, struct str url);

/* Fills *ret from item i: op create (or delete for a tombstone), dates after fetched_at are clamped to
 * it, parent and conversation follow replies within the page.  `rev` is set.  Views point into the
 * arena, `feed` and `facts`. */
void feed_to_post(const struct feed *feed, size_t i, const struct feed_facts *facts,
		  struct arena *arena, struct post *ret);

#endif
