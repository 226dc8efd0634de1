/*
 * redis.h: the one door to Redis (hiredis, asynchronous, on our loop).
 *
 * Connects to "unix:PATH" or "HOST:PORT"; goes on by itself with back-off (0.1 s .. 5 s) after a loss,
 * says so once when it goes and once when it is back.  Commands sent while away or in flight at the
 * loss are answered with REDIS_GONE: the caller knows whether repeating is harmless (scripts
 * with compare-and-set: always).
 *
 * SIGPIPE is ignored from the first redis_open on.
 *
 * A reply is valid inside the callback only.  No hiredis type shows here.
 */
#ifndef COMMON_REDIS_H
#define COMMON_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/loop.h"
#include "common/str.h"

struct redis;

enum redis_type { REDIS_GONE, REDIS_ERROR, REDIS_NIL, REDIS_INT, REDIS_TEXT, REDIS_LIST };

struct redis_reply {
	enum redis_type type;
	struct str text;                 /* REDIS_TEXT (status replies too), REDIS_ERROR */
	int64_t number;                  /* REDIS_INT */
	const struct redis_reply *items; /* REDIS_LIST */
	size_t n;
};

typedef void redis_fn(void *arg, const struct redis_reply *reply);

struct redis_options {
	struct loop *loop;
	const char *address;  /* "unix:PATH", "HOST:PORT" */
	const char *password; /* or NULL */
	int64_t silence_ms; /* a command unanswered so long: the connection is given up; 0: 30 s */
	void *arg;
	void (*on_up)(void *arg);   /* connected (again); may be NULL */
	void (*on_down)(void *arg); /* lost; in-flight callbacks have been called; may be NULL */
};

struct redis *redis_open(const struct redis_options *options,
			 struct error *err); /* err: bad address */
void redis_close(
    struct redis *redis); /* callbacks of what is in flight get REDIS_GONE; NULL is fine */
bool redis_up(const struct redis *redis);

/* Sends words; fn may be NULL.  Words are copied. */
void redis_send(struct redis *redis, redis_fn *fn, void *arg, size_t n, const struct str *words);
/* The same from C strings, ending with NULL. */
void redis_sendz(struct redis *redis, redis_fn *fn, void *arg, ...) __attribute__((sentinel));

/* A Lua script, sent by SHA1; loaded again by itself on NOSCRIPT.  `source` is borrowed for ever. */
struct redis_script {
	const char *name, *source;
	char sha[41]; /* filled at first use */
};
void redis_eval(struct redis *redis, struct redis_script *script, redis_fn *fn, void *arg,
		size_t n_keys, const struct str *keys, size_t n_args, const struct str *args);

/* For tools without a loop of their own: runs `loop` until the reply is there or timeout_ms have
 * passed (then REDIS_GONE).  The reply is borrowed until the next call. */
const struct redis_reply *redis_call(struct redis *redis, int64_t timeout_ms, size_t n,
				     const struct str *words);
const struct redis_reply *redis_eval_wait(struct redis *redis, int64_t timeout_ms,
					  struct redis_script *script, size_t n_keys,
					  const struct str *keys, size_t n_args,
					  const struct str *args);

#endif
