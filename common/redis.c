/*
 * redis.c: hiredis' asynchronous API on our loop, with reconnection.
 *
 * Replies are turned into struct redis_reply in an arena that lives as long as the callback.
 */
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/redis.h"

enum { BACKOFF_MIN_MS = 100, BACKOFF_MAX_MS = 5000, CONNECT_MS = 5000, SILENCE_MS = 30000 };

struct redis {
	struct redis_options opt;
	char *address, *host, *password;
	int port; /* 0: host is a path */
	redisAsyncContext *ac;
	struct loop_io *io;
	int events;
	struct loop_timer *timer; /* reconnect, or connect time-out */
	int64_t backoff_ms;
	bool up, closing, said_away;
	const char *why;   /* we ended it ourselves, and why */
	size_t unanswered; /* commands in flight */
	int64_t heard_ms;  /* mono: the last answer, or the first question after none was open */
};

struct pending {
	struct redis *redis;
	redis_fn *fn;
	void *arg;
	/* scripts only: sent again in full on NOSCRIPT */
	struct redis_script *script;
	struct str *words;
	size_t n;
};

static void connect_now(void *arg);

/* ---- replies ---- */

static void reply_of(const redisReply *from, struct redis_reply *to, struct arena *arena)
{
	*to = (struct redis_reply){.type = REDIS_NIL};
	switch (from->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		to->type = REDIS_TEXT;
		to->text = (struct str){from->str, from->len};
		break;
	case REDIS_REPLY_ERROR:
		to->type = REDIS_ERROR;
		to->text = (struct str){from->str, from->len};
		break;
	case REDIS_REPLY_INTEGER:
		to->type = REDIS_INT;
		to->number = from->integer;
		break;
	case REDIS_REPLY_ARRAY: {
		struct redis_reply *items = arena_zalloc(arena, from->elements * sizeof *items);
		for (size_t i = 0; i < from->elements; i++)
			reply_of(from->element[i], &items[i], arena);
		to->type = REDIS_LIST;
		to->items = items;
		to->n = from->elements;
		break;
	}
	default: break;
	}
}

static void pending_free(struct pending *p)
{
	for (size_t i = 0; i < p->n; i++)
		free((void *)p->words[i].p);
	free(p->words);
	free(p);
}

static void deliver(struct pending *p, const redisReply *from)
{
	struct redis_reply reply = {.type = REDIS_GONE};
	struct arena *arena = from ? arena_create(1024 * MiB) : NULL;
	if (from)
		reply_of(from, &reply, arena);
	if (p->fn)
		p->fn(p->arg, &reply);
	arena_free(arena);
	pending_free(p);
}

static void send_words(struct redis *redis, struct pending *p, size_t n, const struct str *words);

static void answered(struct redis *redis)
{
	must(redis->unanswered);
	redis->unanswered--;
	redis->heard_ms = clock_mono_ms();
}

static void asked(struct redis *redis)
{
	if (redis->unanswered++)
		return;
	redis->heard_ms = clock_mono_ms();
	if (!loop_timer_is_set(redis->timer))
		loop_timer_set(redis->timer, redis->opt.silence_ms);
}

static void on_reply(redisAsyncContext *ac, void *reply, void *arg)
{
	struct pending *p = arg;
	const redisReply *from = reply;
	(void)ac;
	answered(p->redis);
	if (from && p->script && from->type == REDIS_REPLY_ERROR &&
	    strncmp(from->str, "NOSCRIPT", 8) == 0 && p->redis->up) {
		/* EVAL with the source also loads it */
		struct redis_script *script = p->script;
		p->script = NULL;
		free((void *)p->words[0].p);
		free((void *)p->words[1].p);
		p->words[0] = (struct str){xstrdup("EVAL"), 4};
		p->words[1] = (struct str){xstrdup(script->source), strlen(script->source)};
		send_words(p->redis, p, p->n, p->words);
		return;
	}
	deliver(p, from);
}

static void send_words(struct redis *redis, struct pending *p, size_t n, const struct str *words)
{
	const char **argv = xmalloc(n * sizeof *argv);
	size_t *lens = xmalloc(n * sizeof *lens);
	for (size_t i = 0; i < n; i++) {
		argv[i] = words[i].p ? words[i].p : "";
		lens[i] = words[i].n;
	}
	int rc = REDIS_ERR;
	if (redis->up && redis->ac)
		rc = redisAsyncCommandArgv(redis->ac, on_reply, p, (int)n, argv, lens);
	free(argv);
	free(lens);
	if (rc == REDIS_OK)
		asked(redis);
	else
		deliver(p, NULL);
}

/* ---- the connection and the loop ---- */

static void on_io(void *arg, int fd, int events)
{
	struct redis *redis = arg;
	(void)fd;
	if (events & LOOP_READ && redis->ac)
		redisAsyncHandleRead(redis->ac);
	if (events & LOOP_WRITE && redis->ac)
		redisAsyncHandleWrite(redis->ac);
}

static void want(struct redis *redis, int add, int drop)
{
	redis->events = (redis->events | add) & ~drop;
	if (redis->io)
		loop_io_set(redis->io, redis->events);
}

static void add_read(void *p)
{
	want(p, LOOP_READ, 0);
}

static void del_read(void *p)
{
	want(p, 0, LOOP_READ);
}

static void add_write(void *p)
{
	want(p, LOOP_WRITE, 0);
}

static void del_write(void *p)
{
	want(p, 0, LOOP_WRITE);
}

static void cleanup(void *p)
{
	struct redis *redis = p;
	loop_io_del(redis->io);
	redis->io = NULL;
	redis->events = 0;
}

/* The context is gone or going: hiredis frees it.  Called once per context. */
static void lost(struct redis *redis, const char *why)
{
	bool was_up = redis->up;
	redis->up = false;
	redis->ac = NULL;
	if (redis->closing)
		return;
	if (was_up || !redis->said_away) {
		log_warn("redis is away",
			 "address=%s reason=%s next=\"trying again, nothing is lost\"",
			 log_qz(redis->address), log_qz(why));
		redis->said_away = true;
	}
	loop_timer_set(redis->timer, redis->backoff_ms);
	redis->backoff_ms =
	    redis->backoff_ms * 2 < BACKOFF_MAX_MS ? redis->backoff_ms * 2 : BACKOFF_MAX_MS;
	if (was_up && redis->opt.on_down)
		redis->opt.on_down(redis->opt.arg);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
	struct redis *redis = ac->data;
	if (redis->ac == ac)
		lost(redis, redis->why ? redis->why : status == REDIS_OK ? "closed" : ac->errstr);
}

static void is_up(struct redis *redis)
{
	redis->up = true;
	redis->backoff_ms = BACKOFF_MIN_MS;
	loop_timer_clear(redis->timer);
	if (redis->said_away)
		log_info("redis is back", "address=%s", log_qz(redis->address));
	redis->said_away = false;
	if (redis->opt.on_up)
		redis->opt.on_up(redis->opt.arg);
}

/* The first command of a connection: proves that it is a Redis that takes our words. */
static void on_hello(redisAsyncContext *ac, void *reply, void *arg)
{
	struct redis *redis = arg;
	const redisReply *from = reply;
	if (!from || redis->ac != ac)
		return; /* the disconnect callback tells */
	/* LOADING and MASTERDOWN pass; a wrong password needs a person, so it is said each time */
	if (from->type == REDIS_REPLY_ERROR) {
		if (strncmp(from->str, "LOADING", 7) != 0)
			log_err("redis refuses us",
				"address=%s reason=%s next=\"check redis_password; trying again\"",
				log_qz(redis->address), log_qz(from->str));
		redisAsyncDisconnect(ac);
		return;
	}
	is_up(redis);
}

static void on_connect(const redisAsyncContext *ac, int status)
{
	struct redis *redis = ac->data;
	if (redis->ac != ac)
		return;
	if (status != REDIS_OK) {
		lost(redis, ac->errstr);
		return;
	}
	int rc = redis->password
		     ? redisAsyncCommand(redis->ac, on_hello, redis, "AUTH %s", redis->password)
		     : redisAsyncCommand(redis->ac, on_hello, redis, "PING");
	if (rc != REDIS_OK)
		log_warn("could not greet redis", "address=%s next=\"trying again\"",
			 log_qz(redis->address));
}

/* A Redis that is stopped, or behind a cut cable, keeps its connection and answers nothing. */
static void watch(struct redis *redis)
{
	int64_t left = redis->heard_ms + redis->opt.silence_ms - clock_mono_ms();
	if (!redis->unanswered)
		return;
	if (left > 0) {
		loop_timer_set(redis->timer, left);
		return;
	}
	redis->why = "no answer to a command";
	redisAsyncFree(redis->ac); /* answers what is in flight with GONE, then on_disconnect */
	redis->why = NULL;
}

static void on_timer(void *arg)
{
	struct redis *redis = arg;
	if (redis->up) {
		watch(redis);
		return;
	}
	if (redis->ac && !redis->up) { /* connecting took too long */
		redisAsyncContext *ac = redis->ac;
		lost(redis, "no answer");
		redisAsyncFree(ac);
		return;
	}
	if (!redis->ac)
		connect_now(redis);
}

static void connect_now(void *arg)
{
	struct redis *redis = arg;
	redisAsyncContext *ac = redis->port ? redisAsyncConnect(redis->host, redis->port)
					    : redisAsyncConnectUnix(redis->host);
	must(ac);
	if (ac->err) {
		lost(redis, ac->errstr);
		redisAsyncFree(ac);
		return;
	}
	redis->ac = ac;
	ac->data = redis;
	ac->ev.data = redis;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	redis->events = 0;
	redis->io = loop_io_add(redis->opt.loop, ac->c.fd, 0, on_io, redis);
	(void)redisAsyncSetDisconnectCallback(ac, on_disconnect); /* only fails when set twice */
	(void)redisAsyncSetConnectCallback(ac, on_connect);
	loop_timer_set(redis->timer, CONNECT_MS);
}

static int address_read(struct redis *redis, struct error *err)
{
	struct str text = str_of(redis->address);
	if (str_starts(text, "unix:") && text.n > 5) {
		redis->host = xstrdup(redis->address + 5);
		return 0;
	}
	size_t colon = text.n;
	while (colon && text.p[colon - 1] != ':')
		colon--;
	int64_t port;
	if (colon < 2 || num_int(str_sub(text, colon, text.n), 1, 65535, &port))
		return error_set(
		    err, "could not read redis address \"%s\": expected unix:PATH or HOST:PORT",
		    redis->address);
	redis->host = xstrndup(text.p, colon - 1);
	redis->port = (int)port;
	return 0;
}

struct redis *redis_open(const struct redis_options *options, struct error *err)
{
	struct redis *redis = xcalloc(1, sizeof *redis);
	redis->opt = *options;
	if (!redis->opt.silence_ms)
		redis->opt.silence_ms = SILENCE_MS;
	redis->address = xstrdup(options->address);
	redis->password = xstrdup(options->password);
	redis->backoff_ms = BACKOFF_MIN_MS;
	/* hiredis writes to sockets as to files: a Redis that goes away between two looks would end us */
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	if (address_read(redis, err)) {
		redis_close(redis);
		return NULL;
	}
	redis->timer = loop_timer_add(options->loop, on_timer, redis);
	loop_timer_set(redis->timer, 0); /* callbacks come from the loop only */
	return redis;
}

void redis_close(struct redis *redis)
{
	if (!redis)
		return;
	redis->closing = true;
	if (redis->ac)
		redisAsyncFree(redis->ac); /* answers what is in flight with NULL */
	loop_timer_del(redis->timer);
	free(redis->address);
	free(redis->host);
	free(redis->password);
	free(redis);
}

bool redis_up(const struct redis *redis)
{
	return redis->up;
}

/* ---- commands ---- */

void redis_send(struct redis *redis, redis_fn *fn, void *arg, size_t n, const struct str *words)
{
	struct pending *p = xcalloc(1, sizeof *p);
	*p = (struct pending){.redis = redis, .fn = fn, .arg = arg};
	send_words(redis, p, n, words);
}

void redis_sendz(struct redis *redis, redis_fn *fn, void *arg, ...)
{
	struct str words[32];
	size_t n = 0;
	va_list ap;
	va_start(ap, arg);
	for (const char *z; (z = va_arg(ap, const char *));) {
		must(n < ARRAY_LEN(words));
		words[n++] = str_of(z);
	}
	va_end(ap);
	redis_send(redis, fn, arg, n, words);
}

static void sha1_hex(const char *text, char out[41])
{
	unsigned char sum[20];
	must(EVP_Digest(text, strlen(text), sum, NULL, EVP_sha1(), NULL) == 1);
	for (int i = 0; i < 20; i++) {
		out[2 * i] = "0123456789abcdef"[sum[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
	}
	out[40] = '\0';
}

void redis_eval(struct redis *redis, struct redis_script *script, redis_fn *fn, void *arg,
		size_t n_keys, const struct str *keys, size_t n_args, const struct str *args)
{
	struct pending *p = xcalloc(1, sizeof *p);
	*p = (struct pending){.redis = redis, .fn = fn, .arg = arg, .script = script};
	if (!script->sha[0])
		sha1_hex(script->source, script->sha);
	char count[24];
	int digits = snprintf(count, sizeof count, "%zu", n_keys);
	p->n = 3 + n_keys + n_args;
	p->words = xmalloc(p->n * sizeof *p->words);
	p->words[0] = (struct str){xstrdup("EVALSHA"), 7};
	p->words[1] = (struct str){xstrdup(script->sha), 40};
	p->words[2] = (struct str){xstrdup(count), (size_t)digits};
	for (size_t i = 0; i < n_keys + n_args; i++) {
		struct str w = i < n_keys ? keys[i] : args[i - n_keys];
		p->words[3 + i] = (struct str){xstrndup(w.p ? w.p : "", w.n), w.n};
	}
	send_words(redis, p, p->n, p->words);
}

/* ---- for tools ---- */

struct waiting {
	bool done;
	struct redis_reply reply;
	struct arena *arena;
};

static void copy_reply(const struct redis_reply *from, struct redis_reply *to, struct arena *arena)
{
	*to = *from;
	to->text = arena_str(arena, from->text);
	if (from->n == 0)
		return;
	struct redis_reply *items = arena_alloc(arena, from->n * sizeof *items);
	for (size_t i = 0; i < from->n; i++)
		copy_reply(&from->items[i], &items[i], arena);
	to->items = items;
}

/* A reply that comes after its caller gave up finds `arena` NULL and frees the note. */
static void on_waited(void *arg, const struct redis_reply *reply)
{
	struct waiting *w = arg;
	if (!w->arena) {
		free(w);
		return;
	}
	copy_reply(reply, &w->reply, w->arena);
	w->done = true;
}

static const struct redis_reply *wait_for(struct redis *redis, struct waiting *w, int64_t until_ms)
{
	static struct redis_reply reply;
	static struct arena *arena; /* borrowed until the next call */
	while (!w->done && clock_mono_ms() < until_ms)
		loop_turn(redis->opt.loop, 20);
	arena_free(arena);
	arena = w->arena;
	reply = w->done ? w->reply : (struct redis_reply){.type = REDIS_GONE};
	if (w->done)
		free(w);
	else
		w->arena = NULL;
	return &reply;
}

static bool wait_up(struct redis *redis, int64_t until_ms)
{
	while (!redis->up && clock_mono_ms() < until_ms)
		loop_turn(redis->opt.loop, 20);
	return redis->up;
}

static struct waiting *waiting_new(void)
{
	struct waiting *w = xcalloc(1, sizeof *w);
	w->arena = arena_create(1024 * MiB);
	return w;
}

const struct redis_reply *redis_call(struct redis *redis, int64_t timeout_ms, size_t n,
				     const struct str *words)
{
	static const struct redis_reply gone = {.type = REDIS_GONE};
	int64_t until_ms = clock_mono_ms() + timeout_ms;
	if (!wait_up(redis, until_ms))
		return &gone;
	struct waiting *w = waiting_new();
	redis_send(redis, on_waited, w, n, words);
	return wait_for(redis, w, until_ms);
}

const struct redis_reply *redis_eval_wait(struct redis *redis, int64_t timeout_ms,
					  struct redis_script *script, size_t n_keys,
					  const struct str *keys, size_t n_args,
					  const struct str *args)
{
	static const struct redis_reply gone = {.type = REDIS_GONE};
	int64_t until_ms = clock_mono_ms() + timeout_ms;
	if (!wait_up(redis, until_ms))
		return &gone;
	struct waiting *w = waiting_new();
	redis_eval(redis, script, on_waited, w, n_keys, keys, n_args, args);
	return wait_for(redis, w, until_ms);
}
