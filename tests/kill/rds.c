#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/proc.h"
#include "tests/kill/rds.h"

struct rds {
	redisContext *ctx;
	redisReply *reply; /* the last one, whose bytes are lent out */
	struct str *items;
	size_t n, room;
	char number[32];
};

struct rds *rds_open(const char *socket_path, int64_t timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	struct rds *rds = xcalloc(1, sizeof *rds);
	for (;;) {
		rds->ctx = redisConnectUnix(socket_path);
		if (rds->ctx && rds->ctx->err == 0) {
			struct timeval limit = {20, 0};
			(void)redisSetTimeout(rds->ctx, limit);
			if (str_is(rds_text(rds, "PING"), "PONG"))
				return rds;
		}
		if (rds->ctx)
			redisFree(rds->ctx);
		rds->ctx = NULL;
		if (clock_mono_ms() >= end) {
			rds_close(rds);
			return NULL;
		}
		pause_ms(5);
	}
}

void rds_close(struct rds *rds)
{
	if (!rds)
		return;
	if (rds->reply)
		freeReplyObject(rds->reply);
	if (rds->ctx)
		redisFree(rds->ctx);
	free(rds->items);
	free(rds);
}

static void add(struct rds *rds, struct str item)
{
	if (rds->n == rds->room) {
		rds->room = rds->room ? rds->room * 2 : 64;
		rds->items = xrealloc(rds->items, rds->room * sizeof *rds->items);
	}
	rds->items[rds->n++] = item;
}

static void flatten(struct rds *rds, redisReply *reply)
{
	switch (reply->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS: add(rds, (struct str){reply->str, (size_t)reply->len}); break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < reply->elements; i++)
			flatten(rds, reply->element[i]);
		break;
	default: break;
	}
}

static int64_t take(struct rds *rds, redisReply *reply)
{
	if (rds->reply)
		freeReplyObject(rds->reply);
	rds->reply = reply;
	rds->n = 0;
	if (!reply || reply->type == REDIS_REPLY_ERROR)
		return -1;
	flatten(rds, reply);
	return (int64_t)rds->n;
}

int64_t rds_ask(struct rds *rds, const struct str **ret_items, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int64_t n = take(rds, redisvCommand(rds->ctx, fmt, ap));
	va_end(ap);
	*ret_items = rds->items;
	return n;
}

struct str rds_text(struct rds *rds, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int64_t n = take(rds, redisvCommand(rds->ctx, fmt, ap));
	va_end(ap);
	return n == 1 ? rds->items[0] : STR_NULL;
}

int64_t rds_number(struct rds *rds, const char *fmt, ...)
{
	va_list ap;
	int64_t number = INT64_MIN;
	va_start(ap, fmt);
	int64_t n = take(rds, redisvCommand(rds->ctx, fmt, ap));
	va_end(ap);
	if (n >= 0 && rds->reply->type == REDIS_REPLY_INTEGER)
		return rds->reply->integer;
	if (n == 1)
		(void)num_int(rds->items[0], INT64_MIN, INT64_MAX, &number);
	return number;
}

int rds_each(struct rds *rds, const char *fmt, const struct str *words, size_t n_words, rds_fn *fn,
	     void *arg)
{
	enum { BATCH = 500 };
	for (size_t from = 0; from < n_words; from += BATCH) {
		size_t to = from + BATCH < n_words ? from + BATCH : n_words;
		for (size_t i = from; i < to; i++)
			if (redisAppendCommand(rds->ctx, fmt, words[i].p, words[i].n) != REDIS_OK)
				return -1;
		for (size_t i = from; i < to; i++) {
			void *reply = NULL;
			if (redisGetReply(rds->ctx, &reply) != REDIS_OK)
				return -1;
			if (take(rds, reply) < 0)
				return -1;
			fn(arg, i, rds->items, rds->n);
		}
	}
	return 0;
}

int rds_keys(struct rds *rds, const char *prefix, rds_fn *fn, void *arg)
{
	char cursor[32] = "0";
	size_t number = 0;
	do {
		int64_t n = take(
		    rds, redisCommand(rds->ctx, "SCAN %s MATCH %s* COUNT 5000", cursor, prefix));
		if (n < 1 || rds->items[0].n >= sizeof cursor)
			return -1;
		memcpy(cursor, rds->items[0].p, rds->items[0].n);
		cursor[rds->items[0].n] = '\0';
		for (int64_t i = 1; i < n; i++)
			fn(arg, number++, &rds->items[i], 1);
	} while (strcmp(cursor, "0") != 0);
	return 0;
}
