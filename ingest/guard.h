/*
 * guard.h: may the fetcher talk to this address?
 *
 * URLs come from strangers: from feeds, redirects, DNS.  The guard answers twice:
 *  - guard_url looks at the text: http and https only, no user name, no tricks that two parsers
 *    could read differently, addresses written as numbers in whatever base, ports.  A name
 *    gets GUARD_RESOLVE: only its addresses can tell.  The URL to fetch is the one it returns, as
 *    libcurl's own parser read it.
 *  - guard_address looks at the real socket address, at the moment of connecting (fetch.c), so that
 *    a name that answers differently the second time gains nothing.
 *
 * Refused is everything that is not global unicast after unwrapping IPv4-mapped and NAT64 forms:
 * loopback, private, link-local, unique-local, shared (CGNAT), multicast, documentation, 6to4, Teredo and
 * the other special ranges; and ports other than 80, 443, 8080, 8443.  Networks added with
 * guard_allow are exempt, on every port.
 *
 *   struct guard *guard = guard_create();
 *   guard_allow(guard, STR("127.0.0.0/8"), &err);
 *   if (guard_url(guard, url, &target) == GUARD_REFUSE) ... target.why ...
 *   guard_free(guard);
 */
#ifndef INGEST_GUARD_H
#define INGEST_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/error.h"
#include "common/str.h"

enum { GUARD_URL_MAX = 4096 };

enum guard_verdict { GUARD_ALLOW, GUARD_REFUSE, GUARD_RESOLVE };

struct guard_target {
	char url[GUARD_URL_MAX + 1]; /* normalised, without fragment */
	char origin[300];            /* "https://example.org:443": what a robots.txt speaks for */
	char host[256];              /* lower case, no trailing dot; IPv6 in brackets */
	int port;
	char why[200]; /* reason of the verdict */
};

struct guard;

struct guard *guard_create(void);
void guard_free(struct guard *guard); /* NULL is fine */

/* "127.0.0.0/8", "fd00::/8", "192.0.2.7"; -1 + err for anything else. */
int guard_allow(struct guard *guard, struct str network, struct error *err);

/* The text of a URL.  *ret is always filled; on GUARD_REFUSE only `why` counts. */
enum guard_verdict guard_url(const struct guard *guard, struct str url, struct guard_target *ret);

/* The address of a connection.  false: refused, *ret_why (static) says why; on true it says which rule
 * let it pass. */
bool guard_address(const struct guard *guard, const struct sockaddr *address, const char **ret_why);

const char *guard_verdict_name(enum guard_verdict verdict); /* "allow" "refuse" "resolve" */

#endif
