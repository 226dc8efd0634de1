/*
 * store.c: arguments in, results out.  All knowledge of transitions is in route/lua.
 */
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"
#include "lua.h"
#include "route/keys.h"
#include "route/store.h"

#ifdef POSTHORN_MUTANT_NO_CAS
static const char lua_build[] = "local MUTANT_NO_CAS = true\n";
#else
static const char lua_build[] = "local MUTANT_NO_CAS = false\n";
#endif

enum script {
	S_APPLY,
	S_CLAIM,
	S_EXTEND,
	S_RELEASE,
	S_ANSWER,
	S_CLOSE,
	S_CORRECT,
	S_TICK,
	S_PURGE,
	S_RELAYED,
	S_OPEN,
	S_COUNT
};

static const struct {
	const char *name, *source;
} sources[S_COUNT] = {
    [S_APPLY] = {"apply", lua_apply},       [S_CLAIM] = {"claim", lua_claim},
    [S_EXTEND] = {"extend", lua_extend},    [S_RELEASE] = {"release", lua_release},
    [S_ANSWER] = {"answer", lua_answer},    [S_CLOSE] = {"close", lua_close},
    [S_CORRECT] = {"correct", lua_correct}, [S_TICK] = {"tick", lua_tick},
    [S_PURGE] = {"purge", lua_purge},       [S_RELAYED] = {"relayed", lua_relayed},
    [S_OPEN] = {"open", lua_open},
};

struct store {
	struct redis *redis;
	struct arena *arena; /* prefix, sources */
	struct str prefix, slot_key;
	struct redis_script scripts[S_COUNT];
};

struct store *store_open(struct redis *redis, const char *tenant)
{
	struct store *store = xcalloc(1, sizeof *store);
	store->redis = redis;
	store->arena = arena_create(1 * MiB);
	store->prefix = keys_prefix(tenant, store->arena);
	store->slot_key = keys_of(store->prefix, "off:scored", store->arena);
	for (size_t i = 0; i < S_COUNT; i++) {
		store->scripts[i].name = sources[i].name;
		store->scripts[i].source =
		    arena_printf(store->arena, "%s%s%s", lua_build, lua_lib, sources[i].source);
	}
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	arena_free(store->arena);
	free(store);
}

struct str store_prefix(const struct store *store)
{
	return store->prefix;
}

/* ---- results ---- */

struct call {
	store_fn *fn;
	void *arg;
	enum script script;
};

static enum store_code code_of(struct str s)
{
	static const struct {
		const char *name;
		enum store_code code;
	} codes[] = {{"OK", STORE_OK},           {"EMPTY", STORE_EMPTY},
		     {"STALE", STORE_STALE},     {"STATE", STORE_STATE},
		     {"UNKNOWN", STORE_UNKNOWN}, {"RETRY_FROM", STORE_RETRY}};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (str_is(s, codes[i].name))
			return codes[i].code;
	return STORE_ERROR;
}

static int64_t number(const struct redis_reply *reply, size_t i)
{
	return i < reply->n && reply->items[i].type == REDIS_INT ? reply->items[i].number : 0;
}

static void set_text(struct store_result *r, struct str s)
{
	(void)snprintf(r->text, sizeof r->text, "%.*s", STR_ARG(utf8_cut(s, sizeof r->text - 1)));
}

static void on_reply(void *arg, const struct redis_reply *reply)
{
	struct call *call = arg;
	struct store_result r = {.code = STORE_ERROR};
	if (reply->type == REDIS_GONE) {
		r.code = STORE_GONE;
		set_text(&r, STR("redis is away: try again"));
	} else if (reply->type == REDIS_ERROR) {
		set_text(&r, reply->text);
	} else if (reply->type == REDIS_LIST && reply->n && reply->items[0].type == REDIS_TEXT) {
		r.reply = reply;
		r.code = code_of(reply->items[0].text);
		if (reply->n > 1 && reply->items[1].type == REDIS_TEXT)
			set_text(&r, reply->items[1].text);
		for (size_t i = 0; i < ARRAY_LEN(r.numbers); i++)
			r.numbers[i] = number(reply, i + 1);
		if (r.code == STORE_OK && call->script == S_CLAIM) {
			r.ticket = r.numbers[0];
			r.token = r.numbers[1];
			r.lease_until = r.numbers[2];
		} else if (r.code == STORE_OK && call->script == S_EXTEND) {
			r.lease_until = r.numbers[0];
		}
	} else {
		set_text(&r, STR("unexpected reply of a script"));
	}
	if (call->fn)
		call->fn(call->arg, &r);
	free(call);
}

/* ---- calls ---- */

enum { SMALL_ARGS = 80 };

struct args {
	struct str at[SMALL_ARGS];
	char numbers[8][24];
	size_t n, n_numbers;
};

static void add(struct args *args, struct str s)
{
	must(args->n < SMALL_ARGS);
	args->at[args->n++] = s;
}

static void add_int(struct args *args, int64_t v)
{
	must(args->n_numbers < ARRAY_LEN(args->numbers));
	char *to = args->numbers[args->n_numbers++];
	(void)snprintf(to, sizeof args->numbers[0], "%" PRId64, v);
	add(args, str_of(to));
}

static void run(struct store *store, enum script script, size_t n, const struct str *args,
		store_fn *fn, void *arg)
{
	struct call *call = xcalloc(1, sizeof *call);
	*call = (struct call){.fn = fn, .arg = arg, .script = script};
	char now[24];
	struct str *all = xmalloc((n + 2) * sizeof *all);
	(void)snprintf(now, sizeof now, "%" PRId64, clock_wall_ms());
	all[0] = store->prefix;
	all[1] = str_of(now);
	memcpy(all + 2, args, n * sizeof *all);
	redis_eval(store->redis, &store->scripts[script], on_reply, call, 1, &store->slot_key,
		   n + 2, all);
	free(all);
}

void store_claim(struct store *store, const char *agent, int64_t lease_ms, int64_t ticket,
		 const char *const *teams, size_t n_teams, store_fn *fn, void *arg)
{
	struct args args = {0};
	add(&args, str_of(agent));
	add_int(&args, lease_ms);
	add_int(&args, ticket);
	for (size_t i = 0; i < n_teams && args.n < SMALL_ARGS; i++)
		add(&args, str_of(teams[i]));
	run(store, S_CLAIM, args.n, args.at, fn, arg);
}

void store_extend(struct store *store, int64_t ticket, int64_t token, int64_t lease_ms,
		  store_fn *fn, void *arg)
{
	struct args args = {0};
	add_int(&args, ticket);
	add_int(&args, token);
	add_int(&args, lease_ms);
	run(store, S_EXTEND, args.n, args.at, fn, arg);
}

void store_release(struct store *store, int64_t ticket, int64_t token, store_fn *fn, void *arg)
{
	struct args args = {0};
	add_int(&args, ticket);
	add_int(&args, token);
	run(store, S_RELEASE, args.n, args.at, fn, arg);
}

void store_answer(struct store *store, int64_t ticket, int64_t token, const char *url, store_fn *fn,
		  void *arg)
{
	struct args args = {0};
	add_int(&args, ticket);
	add_int(&args, token);
	add(&args, str_of(url));
	run(store, S_ANSWER, args.n, args.at, fn, arg);
}

void store_close_ticket(struct store *store, int64_t ticket, int64_t token, const char *reason,
			const char *agent, store_fn *fn, void *arg)
{
	struct args args = {0};
	must(store_reason_valid(reason));
	add_int(&args, ticket);
	add_int(&args, token);
	add(&args, str_of(reason));
	add(&args, str_of(agent));
	run(store, S_CLOSE, args.n, args.at, fn, arg);
}

const char store_reasons[] = "answered community no_action irrelevant spam elsewhere unreachable";

static bool one_of(const char *list, const char *word)
{
	struct str rest = str_of(list), one;
	while (str_split(&rest, ' ', &one))
		if (str_is(one, word))
			return true;
	return false;
}

bool store_reason_valid(const char *reason)
{
	return one_of(store_reasons, reason);
}

int store_correction_valid(const char *name, const char *value, struct error *err)
{
	static const struct {
		const char *name, *values;
	} rows[] = {{"tonality", "negative neutral positive"},
		    {"relevance", "yes no"},
		    {"urgency", "0 1 2 3"},
		    {"answer", "yes no"}};
	if (strcmp(name, "lang") == 0) {
		size_t n = strlen(value);
		if (n < 2 || n > 12 || strspn(value, "abcdefghijklmnopqrstuvwxyz-") != n)
			return error_set(
			    err, "expected a language such as de or en for lang, found \"%s\"",
			    value);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (one_of(rows[i].values, value))
			return 0;
		return error_set(err, "expected one of \"%s\" for %s, found \"%s\"", rows[i].values,
				 name, value);
	}
	return error_set(err, "expected tonality, lang, relevance, urgency or answer, found \"%s\"",
			 name);
}

void store_correct(struct store *store, int64_t ticket, const char *agent, const char *name,
		   const char *value, store_fn *fn, void *arg)
{
	struct args args = {0};
	add_int(&args, ticket);
	add(&args, str_of(agent));
	add(&args, str_of(name));
	add(&args, str_of(value));
	run(store, S_CORRECT, args.n, args.at, fn, arg);
}

void store_open_tenant(struct store *store, const char *hash, struct str text,
		       const char *const *teams_and_labels, size_t n, store_fn *fn, void *arg)
{
	unsigned char random[8];
	char nonce[17];
	must(RAND_bytes(random, sizeof random) == 1);
	for (size_t i = 0; i < sizeof random; i++)
		(void)snprintf(nonce + 2 * i, 3, "%02x", random[i]);
	struct str *args = xmalloc((3 + n) * sizeof *args);
	args[0] = str_of(nonce);
	args[1] = str_of(hash);
	args[2] = text;
	for (size_t i = 0; i < n; i++)
		args[3 + i] = str_of(teams_and_labels[i]);
	run(store, S_OPEN, 3 + n, args, fn, arg);
	free(args);
}

void store_apply(struct store *store, size_t n, const struct str *args, store_fn *fn, void *arg)
{
	run(store, S_APPLY, n, args, fn, arg);
}

void store_tick(struct store *store, int64_t at_most, store_fn *fn, void *arg)
{
	struct args args = {0};
	add_int(&args, at_most);
	run(store, S_TICK, args.n, args.at, fn, arg);
}

void store_purge(struct store *store, int64_t before_ms, int64_t at_most, store_fn *fn, void *arg)
{
	struct args args = {0};
	add_int(&args, before_ms);
	add_int(&args, at_most);
	run(store, S_PURGE, args.n, args.at, fn, arg);
}

void store_relayed(struct store *store, struct str id, store_fn *fn, void *arg)
{
	struct args args = {0};
	add(&args, id);
	run(store, S_RELAYED, args.n, args.at, fn, arg);
}

/* ---- without a loop of one's own ---- */

void store_wait_fn(void *arg, const struct store_result *result)
{
	struct store_wait *wait = arg;
	wait->done = true;
	wait->result = *result;
	wait->result.reply = NULL;
}

enum store_code store_wait(struct loop *loop, struct store_wait *wait, int64_t timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	while (!wait->done) {
		int64_t left = end - clock_mono_ms();
		if (left <= 0) {
			wait->result = (struct store_result){.code = STORE_GONE};
			(void)snprintf(wait->result.text, sizeof wait->result.text,
				       "redis did not answer in time: try again");
			break;
		}
		loop_turn(loop, left);
	}
	return wait->result.code;
}
