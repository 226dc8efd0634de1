/*
 * robots.h: what a site's robots.txt says to us (RFC 9309).
 *
 * Pure.  All groups for our product token are merged, else those for `*`; of the rules that match, the
 * longest decides, Allow wins a tie; `*` and a final `$` are special; both sides are compared after
 * the same percent-normalisation; /robots.txt is always allowed.  Crawl-delay is no part of the RFC and
 * widely meant: it is reported.  At most 500 KiB are read, the rest is ignored (and a line that is cut).
 * What a failed fetch of the file means is decided in gate.c.
 *
 *   struct robots *robots = robots_parse(bytes, STR("posthorn"));
 *   struct robots_decision d = robots_decide(robots, STR("https://example.org/a/b?c"));
 *   robots_free(robots);
 */
#ifndef INGEST_ROBOTS_H
#define INGEST_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"

enum { ROBOTS_MAX_BYTES = 500 * 1024 };

struct robots;

struct robots_decision {
	bool allowed;
	int line;        /* of the rule that decided; 0: no rule did */
	struct str rule; /* its pattern as written; lives as long as robots */
	const char *why; /* one sentence, static */
};

/* `agent` is our product token ("posthorn").  Never fails: rubbish has no rules. */
struct robots *robots_parse(struct str bytes, struct str agent);
void robots_free(struct robots *robots); /* NULL is fine */

/* `url` may be a whole URL or a path. */
struct robots_decision robots_decide(const struct robots *robots, struct str url);

int64_t robots_delay_ms(const struct robots *robots); /* -1: none asked for */
size_t robots_bytes(const struct robots *robots);     /* of memory, roughly */

/* The product token of a User-Agent: "posthorn/0.1 (+...)" gives "posthorn". */
struct str robots_token(struct str user_agent);

#endif
