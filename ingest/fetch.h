/*
 * fetch.h: one HTTP request at a time per call, many at once on the loop (libcurl's multi interface).
 *
 * What the network does is a value, never an error: every fetch ends in exactly one call of its
 * function with a struct fetch_result, from the loop, never from inside fetch_start.
 *
 * The limits: connecting 10 s, all in all 30 s, body 8 MiB after decompression (counted as it is
 * written, so a bomb ends there), headers 64 KiB, 5 redirects.  Every URL, also that of each redirect,
 * passes guard_url, and every socket passes guard_address before it connects.  No cookies, no
 * passwords, no proxy from the environment.
 *
 *   struct fetcher *fetcher = fetcher_create(loop, guard, "posthorn/0.1 (+https://...)");
 *   struct fetch_request request = {.url = url, .etag = etag, .fn = done, .arg = self};
 *   struct fetch *fetch = fetch_start(fetcher, &request);
 *   ... done(self, &result) is called; the handle is gone then ...
 *   fetcher_free(fetcher);      // cancels what is under way, without calling back
 *
 * When not to use it: for streams that stay open (they need a driver of their own).
 */
#ifndef INGEST_FETCH_H
#define INGEST_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/str.h"

struct guard;
struct fetcher;
struct fetch;

enum fetch_outcome {
	FETCH_OK,           /* 2xx with a body */
	FETCH_NOT_MODIFIED, /* 304 to our validators */
	FETCH_MOVED,        /* a redirect to another origin, where the request said to stop there */
	FETCH_STATUS,       /* any other status */
	FETCH_TOO_LARGE,    /* body or headers passed their limit */
	FETCH_TIMEOUT,
	FETCH_REFUSED, /* by the guard: the URL, a redirect or an address */
	FETCH_FAILED   /* no connection, broken transfer, too many redirects, ... */
};
enum { FETCH_OUTCOMES = FETCH_FAILED + 1 };

struct fetch_result {
	enum fetch_outcome outcome;
	int status;      /* last HTTP status, 0: none came */
	int redirects;   /* followed */
	bool cut;        /* body is the first limit_bytes of a longer one (keep_cut) */
	struct str body; /* of FETCH_OK */
	struct str etag, last_modified, content_type,
	    content_location;   /* as sent; STR_NULL: not sent */
	struct str url;         /* asked last; of FETCH_MOVED: where it wants us to go */
	int64_t retry_after_ms; /* distance from now (wall time); -1: not sent or not readable */
	int64_t took_ms;        /* real time */
	struct str why;         /* in words, for what is no success; else empty */
};

typedef void fetch_fn(void *arg, const struct fetch_result *result);

struct fetch_request {
	const char *url;
	const char *accept;               /* Accept header, NULL: anything */
	const char *etag, *last_modified; /* validators as they were sent, NULL or "": none */
	size_t limit_bytes;               /* 0: FETCH_BODY_MAX */
	int redirects;                    /* how many more may be followed; FETCH_REDIRECTS */
	bool stop_at_origin;              /* FETCH_MOVED instead of following to another origin */
	bool keep_cut;                    /* at limit_bytes: success with what is there */
	int64_t timeout_ms;               /* 0: 30 s */
	fetch_fn *fn;
	void *arg;
};

enum {
	FETCH_BODY_MAX = 8 * 1024 * 1024,
	FETCH_HEADER_MAX = 64 * 1024,
	FETCH_REDIRECTS = 5,
	FETCH_CONNECT_MS = 10000,
	FETCH_TOTAL_MS = 30000
};

/* guard is borrowed; host_connections: at most so many to one host and port. */
struct fetcher *fetcher_create(struct loop *loop, const struct guard *guard, const char *user_agent,
			       int host_connections);
void fetcher_free(struct fetcher *fetcher); /* NULL is fine */

/* Strings are copied.  The handle is valid until the function is called. */
struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_request *request);
void fetch_cancel(struct fetch *fetch); /* the function is not called; NULL is fine */

size_t fetcher_bytes(const struct fetcher *fetcher); /* held in bodies under way */
size_t fetcher_active(const struct fetcher *fetcher);

const char *fetch_outcome_name(enum fetch_outcome outcome); /* "ok" "not_modified" ... */

/* Retry-After: seconds or an HTTP date; distance from wall_ms, never negative; -1: neither. */
int64_t fetch_retry_after(struct str value, int64_t wall_ms);

#endif
