/*
 * store.h: the transitions of tickets, each one Lua script in Redis.
 *
 *   struct store *store = store_open(redis, "posthorn");      // redis stays the caller's
 *   store_claim(store, "anna", 600000, 0, teams, n, on_claimed, self);
 *   static void on_claimed(void *arg, const struct store_result *r)
 *   {
 *       if (r->code == STORE_OK) ... r->ticket, r->token, r->lease_until ...
 *       else ... r->text says why, in a sentence ...
 *   }
 *
 * Callbacks come from the loop, once per call, also when Redis goes away (STORE_GONE: whether it was
 * done is then unknown; claims expire by themselves, answer and close may be repeated).  The result is
 * borrowed during the callback.  Wall time is clock_wall_ms() at the call.
 *
 * Tools without a loop of their own use store_wait in place of a callback:
 *   store_claim(store, ..., store_wait_fn, &wait);  if (store_wait(store, loop, &wait, 5000)) ...
 */
#ifndef ROUTE_STORE_H
#define ROUTE_STORE_H

#include "common/redis.h"

enum store_code {
	STORE_OK,
	STORE_EMPTY,   /* nothing to claim */
	STORE_STALE,   /* the token is not the valid one */
	STORE_STATE,   /* not possible in this state */
	STORE_UNKNOWN, /* no such ticket */
	STORE_RETRY,   /* apply: the stored offset is another, in `text` */
	STORE_ERROR,   /* Redis refused; `text` is its reason */
	STORE_GONE     /* Redis is away */
};

struct store_result {
	enum store_code code;
	char text[256]; /* why not; OK: promise state after answer and close */
	int64_t ticket, token, lease_until;
	int64_t numbers[5]; /* tick: warned, breached, expired, moved, more; purge: purged */
	const struct redis_reply *reply; /* the whole list, borrowed; NULL if there is none */
};

typedef void store_fn(void *arg, const struct store_result *result);

struct store;

struct store *store_open(struct redis *redis, const char *tenant);
void store_close(struct store *store);              /* after the last callback; NULL is fine */
struct str store_prefix(const struct store *store); /* "{t}:" */

/* Agents.  ticket 0: the best of the teams. */
void store_claim(struct store *store, const char *agent, int64_t lease_ms, int64_t ticket,
		 const char *const *teams, size_t n_teams, store_fn *fn, void *arg);
void store_extend(struct store *store, int64_t ticket, int64_t token, int64_t lease_ms,
		  store_fn *fn, void *arg);
void store_release(struct store *store, int64_t ticket, int64_t token, store_fn *fn, void *arg);
void store_answer(struct store *store, int64_t ticket, int64_t token, const char *url, store_fn *fn,
		  void *arg);
/* token 0: nobody holds it. */
void store_close_ticket(struct store *store, int64_t ticket, int64_t token, const char *reason,
			const char *agent, store_fn *fn, void *arg);
bool store_reason_valid(const char *reason); /* of a close */
extern const char store_reasons[];           /* "answered community ..." for help texts */
void store_correct(struct store *store, int64_t ticket, const char *agent, const char *name,
		   const char *value, store_fn *fn, void *arg);
/* name is one of tonality lang relevance urgency answer and value fits it. */
int store_correction_valid(const char *name, const char *value, struct error *err);

/* The daemon. */
void store_open_tenant(struct store *store, const char *hash, struct str text,
		       const char *const *teams_and_labels, size_t n, store_fn *fn, void *arg);
/* args: everything after prefix and time, as route/lua/apply.lua says. */
void store_apply(struct store *store, size_t n, const struct str *args, store_fn *fn, void *arg);
void store_tick(struct store *store, int64_t at_most, store_fn *fn, void *arg);
void store_purge(struct store *store, int64_t before_ms, int64_t at_most, store_fn *fn, void *arg);
void store_relayed(struct store *store, struct str id, store_fn *fn, void *arg);

struct store_wait {
	bool done;
	struct store_result result; /* `reply` is NULL here: it has ended */
};
void store_wait_fn(void *arg, const struct store_result *result);
/* Turns the loop until the answer is there; after timeout_ms (real) the result is STORE_GONE and
 * `wait` must stay valid until store_close.  Returns the code. */
enum store_code store_wait(struct loop *loop, struct store_wait *wait, int64_t timeout_ms);

#endif
