/*
 * town_feed.h: a place of the town as a feed, and its posts as pages for people.
 *
 * Pure: town, place, time and the address of the server in; bytes out.  Equal moments give equal
 * bytes, and moments between which nothing visible happened do too.
 *
 *   struct buf out;
 *   buf_init(&out, 4 * MiB);
 *   int64_t modified_ms;
 *   town_feed(town, place, now_ms, "http://127.0.0.1:8080", &out, &modified_ms);
 *
 * What the feeds carry, format by format, stands in tests/world/README.md.
 */
#ifndef TESTS_WORLD_TOWN_FEED_H
#define TESTS_WORLD_TOWN_FEED_H

#include <stdint.h>

#include "common/buf.h"
#include "tests/world/town.h"

const char *town_feed_type(enum town_format format); /* its content type */

/* Appends the feed; -1 at the buffer's limit. */
int town_feed(const struct town *town, const struct town_place *place, int64_t now_ms,
	      const char *base, struct buf *out, int64_t *ret_modified_ms);

/* The page of a post: its HTTP status (200, 404 before its time, 410 after its deletion). */
int town_post_page(const struct town *town, struct str id, int64_t now_ms, const char *base,
		   struct buf *out, int64_t *ret_modified_ms);

/* The `sources:` list of posthorn's configuration for all places, in YAML. */
int town_sources(const struct town *town, const char *base, const char *poll, struct buf *out);

#endif
