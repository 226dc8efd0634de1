/*
 * pages.h: what a good server answers for a path: bytes, type, time of the last change.
 *
 * Looks at the folder of feeds and the town; knows nothing of sockets and headers.
 */
#ifndef TESTS_WORLD_PAGES_H
#define TESTS_WORLD_PAGES_H

#include <stdint.h>

#include "common/buf.h"
#include "tests/world/town.h"

struct world_site {
	const char *base;                    /* "http://127.0.0.1:8080" */
	struct town *town;                   /* or NULL */
	const char *feeds_dir, *robots_file; /* or NULL */
	const char *poll;                    /* interval in the sources lists */
};

struct world_page {
	int status;
	const char *type;
	struct buf body;     /* world_page_done frees it */
	int64_t modified_ms; /* WORLD_NO_TIME: unknown */
};

/* path: decoded; "" is the small feed of mischief.h. */
void world_page(const struct world_site *site, struct str path, int64_t now_ms,
		struct world_page *ret);
void world_page_done(struct world_page *page);

#endif
