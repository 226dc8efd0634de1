/*
 * feed.h: a web server with some growing feeds, for what only the driver `feed` can lose.
 *
 * Every feed grows in steps and stands still in between: a page whose validators were kept although
 * its posts were not delivered would then be answered with 304, and nobody would ever ask for those
 * posts again.  Items never leave a page, so all of them must have become tickets.
 */
#ifndef TESTS_KILL_FEED_H
#define TESTS_KILL_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#include "tests/kill/want.h"

struct feeds;

/* On a free port of 127.0.0.1, in a thread of its own; `n` feeds at /feed/0 ... */
struct feeds *feeds_open(int n, struct error *err);
void feeds_close(struct feeds *feeds); /* NULL is fine */
int feeds_port(const struct feeds *feeds);
int feeds_count(const struct feeds *feeds);
/* One more step of one feed (the next one in turn): new items, newest first, as of now. */
void feeds_grow(struct feeds *feeds, int items, int64_t now_ms);
/* The rows for all items there are; `key` of feed i is fI. */
void feeds_wants(const struct feeds *feeds, struct wants *wants);
/* Pages sent whole, and 304 answers. */
void feeds_served(const struct feeds *feeds, size_t *ret_pages, size_t *ret_unchanged);

#endif
