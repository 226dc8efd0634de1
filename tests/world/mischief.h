/*
 * mischief.h: answers as the real web gives them on its bad days.
 *
 * A path's first part names the behaviour, the rest is the page that is served that way:
 * /slow/town/x.rss?ms=3000.  Without a rest a small feed is served.  Each is one row of the table
 * in mischief.c; tests/world/README.md lists them.
 */
#ifndef TESTS_WORLD_MISCHIEF_H
#define TESTS_WORLD_MISCHIEF_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/str.h"

enum world_manner {
	WORLD_PLAIN, /* as a good server would */
	WORLD_SLOW,  /* `wait_ms` before the first byte */
	WORLD_DRIP,  /* `wait_ms` before each byte */
	WORLD_ENDLESS,
	WORLD_BROKEN, /* the connection closes in the middle of the body */
	WORLD_HANGUP, /* it closes before the first byte */
	WORLD_BOMB,   /* the body is a gzip bomb */
};

/* What to do with a request. */
struct world_plan {
	enum world_manner manner;
	int status;      /* 0: that of the page */
	struct str rest; /* path of the page; "" for the small feed; borrowed from the path asked */
	int64_t wait_ms;
	unsigned mib;         /* of the bomb */
	char type[128];       /* content type, or "" for that of the page */
	char retry_after[64]; /* or "" */
	struct buf location;  /* redirects; world_plan_done frees it */
};

/* Looks up a query argument; NULL where it is not given. */
typedef const char *world_query_fn(void *arg, const char *name);

/* True where the path's first part is a behaviour; then *ret is filled (world_plan_done it).  False: a
 * plan for a plain page is filled. */
bool world_mischief(struct str path, world_query_fn *query, void *arg, struct world_plan *ret);
void world_plan_done(struct world_plan *plan);

/* The small feed; the endless one is its start and then this item for ever. */
extern const char world_small_feed[], world_endless_start[], world_endless_item[];

#endif
