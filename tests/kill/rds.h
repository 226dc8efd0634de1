/*
 * rds.h: a blocking Redis client for the harness, apart from common/redis.h, which is under test.
 *
 * Replies are hiredis' own inside rds.c; here they are handed out as plain texts.
 */
#ifndef TESTS_KILL_RDS_H
#define TESTS_KILL_RDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"

struct rds;

/* Retries until the server answers PING (not while it loads) or timeout_ms have passed: NULL. */
struct rds *rds_open(const char *socket_path, int64_t timeout_ms);
void rds_close(struct rds *rds); /* NULL is fine */

/* One command; the reply flattened into `items` (a text or number is one item, nil none).
 * Returns the number of items, or -1: error or connection lost.  Borrowed until the next call. */
int64_t rds_ask(struct rds *rds, const struct str **ret_items, const char *fmt, ...);
/* The single text of the reply, or STR_NULL. */
struct str rds_text(struct rds *rds, const char *fmt, ...);
int64_t rds_number(struct rds *rds, const char *fmt, ...); /* INT64_MIN where it is none */

/* Asks the same question of many: `fmt` has one %b, filled with each of `words` in turn; the
 * answers come through `fn` in the order of words.  -1: connection lost. */
typedef void rds_fn(void *arg, size_t i, const struct str *items, size_t n);
int rds_each(struct rds *rds, const char *fmt, const struct str *words, size_t n_words, rds_fn *fn,
	     void *arg);
/* Every key that begins with prefix, through `fn` (i: running number, one item). */
int rds_keys(struct rds *rds, const char *prefix, rds_fn *fn, void *arg);

#endif
