/*
 * url.h: addresses as text: resolving and normalising.  No network, no host name look-ups.
 *
 * url_resolve follows RFC 3986 section 5.2 (with the leniency browsers have for white space within
 * and around).  url_normalise gives equal text for addresses that mean the same page, for ids
 * and for comparing; it is not what is shown or fetched:
 *
 *   HTTP://Example.org:80/a/../b?utm_source=x&id=7&PHPSESSID=0123#top  ->  http://example.org/b?id=7
 *
 * Results live in the arena; an address that is no http(s) is kept but trimmed.
 */
#ifndef INGEST_URL_H
#define INGEST_URL_H

#include <stdbool.h>

#include "common/arena.h"

enum { URL_MAX_BYTES = 8192 }; /* longer ones are refused: STR_NULL */

/* The absolute address of `ref` seen from `base`; without a usable base `ref` itself, trimmed.
 * STR_NULL where ref is null or too long. */
struct str url_resolve(struct arena *arena, struct str base, struct str ref);

/* Lower-case scheme and host, no default port, fragment, user, tracking parameters (utm_*, fbclid,
 * gclid ...) or session ids; dot segments resolved, "%7e" and "~" alike, an empty path is "/". */
struct str url_normalise(struct arena *arena, struct str url);

/* The same address without tracking parameters and session ids, else untouched: for people. A link that only
 * forwards (google.com/url?url=...) is replaced by its target. */
struct str url_clean(struct arena *arena, struct str url);

bool url_is_web(struct str url); /* http:// or https:// with a host */
/* Lower-case host name, without port; STR_NULL where there is none. */
struct str url_host(struct arena *arena, struct str url);

#endif
