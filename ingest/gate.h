/*
 * gate.h: may this page be asked for?  robots.txt of each origin, fetched when it is needed and kept
 * for a day of wall time.
 *
 * What a failed fetch means (RFC 9309, 2.3.1): 2xx: its rules; 4xx except 429: everything is allowed;
 * 5xx, 429, time-out, no connection: nothing is allowed for now, unless an older copy is at hand.
 * Redirects are followed, also to other hosts; the rules count for the origin that was asked.
 *
 *   gate_ask(gate, url, &ask, fn, arg);     // fn once, from the loop or before gate_ask returns
 *   gate_cancel(ask);                       // or never
 */
#ifndef INGEST_GATE_H
#define INGEST_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

struct fetcher;
struct gate;
struct gate_ask;
struct guard;

struct gate_answer {
	bool allowed;
	bool asked;             /* a request was sent */
	int64_t delay_ms;       /* Crawl-delay, at most an hour; 0: none */
	int64_t retry_after_ms; /* what the host asked for when it was unreachable; -1: nothing */
	const char *why;        /* borrowed until the function returns */
};

typedef void gate_fn(void *arg, const struct gate_answer *answer);

/* `obey` false: everything is allowed, nothing is fetched. */
struct gate *gate_create(struct fetcher *fetcher, const struct guard *guard, const char *user_agent,
			 bool obey);
void gate_free(struct gate *gate); /* before the fetcher; NULL is fine */

/* *ret_ask is set to NULL where the answer came at once. */
void gate_ask(struct gate *gate, const char *url, struct gate_ask **ret_ask, gate_fn *fn,
	      void *arg);
void gate_cancel(struct gate_ask *ask); /* NULL is fine */

#endif
