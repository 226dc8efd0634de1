/*
 * gate.c: a small table origin -> rules.  The scheduler lets one request out per host, so two asks for
 * one origin at the same time are rare and simply fetch twice.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/mem.h"

#include "ingest/fetch.h"
#include "ingest/gate.h"
#include "ingest/guard.h"
#include "ingest/robots.h"

#define KEEP_MS      ((int64_t)24 * 3600 * 1000)
#define DELAY_MAX_MS ((int64_t)3600 * 1000)
/* of all rules together: one origin's can take 6 MiB, and a source may send us on to ever new ones */
#define RULES_MAX_BYTES (64 * MiB)

enum { MAX_ORIGINS = 4096 };

struct origin {
	char *name;
	struct robots *robots;
	int64_t fetched_ms;
};

struct gate_ask {
	struct gate *gate;
	struct gate_ask *prev, *next;
	struct fetch *fetch;
	char *url, *origin;
	gate_fn *fn;
	void *arg;
};

struct gate {
	struct fetcher *fetcher;
	const struct guard *guard;
	char *token;
	bool obey;
	struct origin *origins;
	size_t n, bytes; /* bytes: of all their rules */
	struct gate_ask *first;
};

struct gate *gate_create(struct fetcher *fetcher, const struct guard *guard, const char *user_agent,
			 bool obey)
{
	struct gate *gate = xcalloc(1, sizeof *gate);
	struct str token = robots_token(str_of(user_agent));
	gate->fetcher = fetcher;
	gate->guard = guard;
	gate->token = xstrndup(token.p, token.n);
	gate->obey = obey;
	return gate;
}

void gate_cancel(struct gate_ask *ask)
{
	if (!ask)
		return;
	fetch_cancel(ask->fetch);
	if (ask->prev)
		ask->prev->next = ask->next;
	else
		ask->gate->first = ask->next;
	if (ask->next)
		ask->next->prev = ask->prev;
	free(ask->url);
	free(ask->origin);
	free(ask);
}

void gate_free(struct gate *gate)
{
	if (!gate)
		return;
	while (gate->first)
		gate_cancel(gate->first);
	for (size_t i = 0; i < gate->n; i++) {
		free(gate->origins[i].name);
		robots_free(gate->origins[i].robots);
	}
	free(gate->origins);
	free(gate->token);
	free(gate);
}

static struct origin *find(struct gate *gate, const char *name)
{
	for (size_t i = 0; i < gate->n; i++)
		if (strcmp(gate->origins[i].name, name) == 0)
			return &gate->origins[i];
	return NULL;
}

/* The place of the copy that is oldest, not counting the one at `but`. */
static size_t oldest(const struct gate *gate, size_t but)
{
	size_t at = but == 0 ? 1 : 0;
	for (size_t i = at + 1; i < gate->n; i++)
		if (i != but && gate->origins[i].fetched_ms < gate->origins[at].fetched_ms)
			at = i;
	return at;
}

static void forget(struct gate *gate, size_t at)
{
	struct origin *origin = &gate->origins[at];
	gate->bytes -= robots_bytes(origin->robots);
	free(origin->name);
	robots_free(origin->robots);
	*origin = gate->origins[--gate->n];
}

/* Takes `robots` over; the oldest make room. */
static struct origin *put(struct gate *gate, const char *name, struct robots *robots,
			  int64_t now_ms)
{
	struct origin *known = find(gate, name);
	if (known)
		forget(gate, (size_t)(known - gate->origins));
	gate->origins = xrealloc(gate->origins, (gate->n + 1) * sizeof *gate->origins);
	gate->origins[gate->n++] =
	    (struct origin){.name = xstrdup(name), .robots = robots, .fetched_ms = now_ms};
	gate->bytes += robots_bytes(robots);
	while (gate->n > 1 && (gate->n > MAX_ORIGINS || gate->bytes > RULES_MAX_BYTES)) {
		size_t at = oldest(gate, gate->n - 1);
		struct origin new = gate->origins[gate->n - 1];
		forget(gate, at); /* the new one has moved to its place */
		gate->origins[at] = gate->origins[gate->n - 1];
		gate->origins[gate->n - 1] = new;
	}
	return &gate->origins[gate->n - 1];
}

static void decide(const struct origin *origin, const char *url, bool asked, gate_fn *fn, void *arg)
{
	struct robots_decision d = robots_decide(origin->robots, str_of(url));
	int64_t delay_ms = robots_delay_ms(origin->robots);
	char why[400];
	if (delay_ms < 0)
		delay_ms = 0;
	if (d.line) /* the pattern is cut where it is too long for a message */
		(void)snprintf(why, sizeof why, "robots.txt line %d \"%.*s\": %s", d.line,
			       (int)(d.rule.n < 200 ? d.rule.n : 200), d.rule.p, d.why);
	else
		(void)snprintf(why, sizeof why, "%s", d.why);
	struct gate_answer answer = {.allowed = d.allowed,
				     .asked = asked,
				     .delay_ms = delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS,
				     .retry_after_ms = -1,
				     .why = why};
	fn(arg, &answer);
}

static void on_robots(void *arg, const struct fetch_result *result)
{
	struct gate_ask *ask = arg;
	struct gate *gate = ask->gate;
	struct origin *origin = find(gate, ask->origin);
	bool none = result->outcome == FETCH_STATUS && result->status >= 400 &&
		    result->status < 500 && result->status != 429;
	ask->fetch = NULL; /* it is gone after this function */
	if (result->outcome == FETCH_OK || none) {
		struct str bytes = none ? STR("") : result->body;
		origin = put(gate, ask->origin, robots_parse(bytes, str_of(gate->token)),
			     clock_wall_ms());
	}
	gate_fn *fn = ask->fn;
	void *fn_arg = ask->arg;
	char why[400];
	struct gate_answer answer = {
	    .asked = true, .retry_after_ms = result->retry_after_ms, .why = why};
	/* the host is cut to what fits a message */
	(void)snprintf(
	    why, sizeof why, "robots.txt of %.150s is unreachable (%.*s), so nothing may be asked",
	    ask->origin, (int)(result->why.n < 150 ? result->why.n : 150), result->why.p);
	char *url = ask->url;
	ask->url = NULL;
	gate_cancel(ask);
	if (origin)
		decide(origin, url, true, fn, fn_arg);
	else
		fn(fn_arg, &answer);
	free(url);
}

void gate_ask(struct gate *gate, const char *url, struct gate_ask **ret_ask, gate_fn *fn, void *arg)
{
	struct guard_target target;
	struct gate_answer yes = {.allowed = true, .retry_after_ms = -1, .why = ""};
	*ret_ask = NULL;
	/* what the guard refuses the fetcher will refuse, with its reason */
	if (!gate->obey || guard_url(gate->guard, str_of(url), &target) == GUARD_REFUSE) {
		fn(arg, &yes);
		return;
	}
	const struct origin *origin = find(gate, target.origin);
	if (origin && clock_wall_ms() - origin->fetched_ms < KEEP_MS) {
		decide(origin, target.url, false, fn, arg);
		return;
	}
	struct gate_ask *ask = xcalloc(1, sizeof *ask);
	ask->gate = gate;
	ask->next = gate->first;
	if (ask->next)
		ask->next->prev = ask;
	gate->first = ask;
	ask->url = xstrdup(target.url);
	ask->origin = xstrdup(target.origin);
	ask->fn = fn;
	ask->arg = arg;
	*ret_ask = ask;
	char *robots_url = xasprintf("%s/robots.txt", target.origin);
	struct fetch_request request = {.url = robots_url,
					.accept = "text/plain, */*;q=0.5",
					.limit_bytes = ROBOTS_MAX_BYTES,
					.keep_cut = true,
					.redirects = FETCH_REDIRECTS,
					.fn = on_robots,
					.arg = ask};
	ask->fetch = fetch_start(gate->fetcher, &request);
	free(robots_url);
}
