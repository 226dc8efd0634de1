/*
 * source.h: what a source is, and what a driver has to do.
 *
 * A driver is one const struct in one file of ingest/sources/, named in the table of sources.c.  It
 * thinks and does no I/O: asked what to request next given its cursor, handed the bytes that came, it
 * returns posts.  Everything else is done around it, the same for all: robots.txt, politeness,
 * limits, time-outs, back-off, what was seen before, updates and deletes, order, publishing, the
 * cursor after delivery.
 *
 *   ask  (cursor, now)  -> fetch this URL | read this file from here | wait until | at the end
 *   read (page, cursor) -> posts, the next cursor
 *
 * To add one, copy sources/replay.c; sources/feed.c shows one that goes to the network.
 */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/conf.h"
#include "common/error.h"
#include "common/post.h"

struct source_driver;

/* One entry of `sources:`.  Borrowed from struct config. */
struct source {
	const char *name;
	const char *driver_name;
	const char *url;     /* NULL: none */
	const char *key;     /* scope of its ids; NULL: the driver's default */
	const char *channel; /* blog forum social news review mail */
	const char *place;   /* NULL: unknown */
	const char *lang;    /* NULL: unknown */
	bool owned;
	const char
	    *names; /* "registered": a name belongs to one author; "free": anybody may take it */
	const char *keep; /* "all" or "matching": see wanted.h */
	int64_t poll_ms;

	const struct source_driver *driver;
	const void *options; /* what the driver's table describes; NULL where it has none */
	const char *host;    /* of url, lower case; "" without url */
	int line;            /* in the configuration */
};

enum source_want {
	SOURCE_FETCH, /* url, accept */
	SOURCE_READ,  /* path, offset: up to SOURCE_READ_MAX bytes of a file */
	SOURCE_WAIT,  /* nothing before until_ms */
	SOURCE_END    /* never again */
};

enum { SOURCE_READ_MAX = 1024 * 1024 };

struct source_ask {
	enum source_want want;
	const char *url;    /* SOURCE_FETCH */
	const char *accept; /* SOURCE_FETCH: Accept header; NULL: anything */
	const char *path;   /* SOURCE_READ */
	int64_t offset;     /* SOURCE_READ */
	int64_t until_ms;   /* SOURCE_WAIT, wall time */
};

struct source_page {
	struct str bytes;
	struct str url, content_type, content_location; /* SOURCE_FETCH; url: after redirects */
	bool last;                                      /* SOURCE_READ: the file ends here */
	int64_t fetched_at;                             /* wall time */
};

enum source_verdict {
	SOURCE_GOOD,   /* posts, perhaps none */
	SOURCE_FLAWED, /* posts, and something was wrong: `reason` */
	SOURCE_BAD     /* nothing to be had: a failed fetch, `reason` */
};

struct source_posts {
	enum source_verdict verdict;
	const char *reason; /* of FLAWED and BAD; in the arena or static */
	struct post *posts; /* in the arena */
	size_t n;
	size_t n_bad;      /* items that could not be read and were dropped */
	struct str cursor; /* the next one; STR_NULL: none */
	bool more;         /* ask again at once, not after `poll` */
};

struct source_driver {
	const char *name;
	const char *help;               /* one sentence */
	const struct conf_row *options; /* its own settings in `sources:`, or NULL */
	size_t options_size;
	size_t memory_size; /* what it keeps in memory per source, zeroed at start */
	bool needs_url;
	/* Posts are in the order in which they happened, and say themselves whether they are backfill.
	 * false: a page is a window on what is there now, newest first where no dates tell. */
	bool is_log;

	/* What the tables cannot say; NULL: nothing. */
	int (*check)(const struct source *source, struct error *err);
	/* `cursor` is what read returned last and was delivered; STR_NULL at the very start. */
	void (*ask)(const struct source *source, void *memory, struct str cursor, int64_t now_ms,
		    struct source_ask *ret);
	/* Results live in the arena; `page` is gone afterwards. */
	void (*read)(const struct source *source, void *memory, const struct source_page *page,
		     struct str cursor, struct arena *arena, struct source_posts *ret);
};

/* sources.c: the one table. */
extern const struct source_driver *const source_drivers[]; /* ends with NULL */
const struct source_driver *source_driver_find(const char *name);

extern const struct source_driver source_feed, source_replay;

#endif
