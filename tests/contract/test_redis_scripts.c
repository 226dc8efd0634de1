/*
 * The scripts of the queue against a real Redis that this test starts: compare-and-set, repeats,
 * joining, answers by own voices, deletions, leases and tokens, timers, the outbox.
 *
 * Each case has a tenant of its own.  check_sane() walks over all keys of the tenant after each
 * step and checks what must always be true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/redis.h"
#include "lua.h"

#include "route/batch.h"
#include "route/config.h"
#include "route/ticket_json.h"
#include "tests/support/schema.h"
#include "tests/support/scored_post.h"

#define T0 INT64_C(1795334400000) /* 2026-11-22T08:00:00Z, the wall clock of the cases */

static char dir[] = "/tmp/posthorn-scripts-XXXXXX";
static char address[100];
static pid_t server;
static struct loop *loop;
static struct redis *redis;
static struct arena *arena;
static char prefix[32], slot_key[48];
static int tenants;
static int64_t now;

/* ---- Redis ---- */

static void start_server(void)
{
	char sock[80];
	(void)snprintf(sock, sizeof sock, "%s/r.sock", dir);
	(void)snprintf(address, sizeof address, "unix:%s", sock);
	server = fork();
	must(server >= 0);
	if (server == 0) {
		/* also gone when this test dies */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL))
			_exit(1);
		const char *program = access("/usr/bin/redis-server", X_OK) == 0
					  ? "/usr/bin/redis-server"
					  : "/usr/bin/redis-check-rdb";
		if (chdir(dir))
			_exit(1);
		execl(program, "redis-server", "--port", "0", "--unixsocket", sock, "--save", "",
		      "--appendonly", "yes", "--appendfsync", "always", "--logfile", "log",
		      (char *)NULL);
		_exit(1);
	}
}

static void stop_server(int signo)
{
	kill(server, signo);
	waitpid(server, NULL, 0);
}

static const struct redis_reply *ask(const char *first, ...)
{
	struct str words[16];
	size_t n = 0;
	va_list ap;
	va_start(ap, first);
	for (const char *z = first; z; z = va_arg(ap, const char *))
		words[n++] = str_of(z);
	va_end(ap);
	const struct redis_reply *reply = redis_call(redis, 10000, n, words);
	if (reply->type == REDIS_GONE || reply->type == REDIS_ERROR)
		fail_msg("%s: %.*s", first, STR_ARG(reply->text));
	return reply;
}

static const char *key(const char *name)
{
	return arena_printf(arena, "%s%s", prefix, name);
}

static const char *text_of(const struct redis_reply *reply)
{
	if (reply->type == REDIS_NIL)
		return "(nil)";
	if (reply->type == REDIS_INT)
		return arena_printf(arena, "%lld", (long long)reply->number);
	return arena_z(arena, reply->text);
}

static const char *field(int64_t ticket, const char *name)
{
	return text_of(
	    ask("HGET", key(arena_printf(arena, "ticket:%lld", (long long)ticket)), name, NULL));
}

static int64_t count(const char *name)
{
	int64_t v = 0;
	(void)num_int(str_of(text_of(ask("HGET", key("count"), name, NULL))), INT64_MIN + 1,
		      INT64_MAX, &v);
	return v;
}

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- scripts ---- */

static const char *ms(int64_t v)
{
	return arena_printf(arena, "%lld", (long long)v);
}

static const struct {
	const char *name, *source;
} sources[] = {{"apply", lua_apply},     {"claim", lua_claim},   {"extend", lua_extend},
	       {"release", lua_release}, {"answer", lua_answer}, {"close", lua_close},
	       {"correct", lua_correct}, {"tick", lua_tick},     {"purge", lua_purge},
	       {"relayed", lua_relayed}, {"open", lua_open}};
static struct redis_script scripts[ARRAY_LEN(sources)];
static bool without_cas;
static struct redis_script apply_without_cas;

struct args {
	struct str at[400];
	size_t n;
};

static void add(struct args *args, const char *z)
{
	must(args->n < ARRAY_LEN(args->at));
	args->at[args->n++] = str_of(z);
}

/* Runs a script; returns its list as texts joined by blanks. */
static const char *run_args(const char *name, const struct args *args)
{
	struct redis_script *script = NULL;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (is(scripts[i].name, name))
			script = &scripts[i];
	must(script);
	if (without_cas && is(name, "apply"))
		script = &apply_without_cas;
	struct args all = {.n = 0};
	add(&all, prefix);
	add(&all, arena_printf(arena, "%lld", (long long)now));
	memcpy(all.at + 2, args->at, args->n * sizeof *args->at);
	struct str slot = str_of(slot_key);
	const struct redis_reply *reply =
	    redis_eval_wait(redis, 10000, script, 1, &slot, args->n + 2, all.at);
	if (reply->type != REDIS_LIST)
		fail_msg("%s: %.*s", name, STR_ARG(reply->text));
	char *out = arena_printf(arena, "%s", "");
	for (size_t i = 0; i < reply->n; i++)
		out = arena_printf(arena, "%s%s%s", out, i ? " " : "",
				   reply->items[i].type == REDIS_LIST ? "[]"
								      : text_of(&reply->items[i]));
	return out;
}

static const char *run(const char *name, ...)
{
	struct args args = {.n = 0};
	va_list ap;
	va_start(ap, name);
	for (const char *z; (z = va_arg(ap, const char *));)
		add(&args, z);
	va_end(ap);
	return run_args(name, &args);
}

/* Claims the best of a team for `lease`; it must be `ticket`.  Returns the token. */
static const char *claim(const char *agent, const char *lease, const char *ticket, const char *a,
			 const char *b)
{
	long n = 0, token = 0;
	const char *got = run("claim", agent, lease, "0", a, b, NULL);
	if (sscanf(got, "OK %ld %ld", &n, &token) != 2 || !is(ms(n), ticket))
		fail_msg("expected ticket %s, got \"%s\"", ticket, got);
	assert_true(token > 0);
	return ms(token);
}

#define expect(got, begins)                                                                        \
	do {                                                                                       \
		const char *got_ = (got);                                                          \
		if (strncmp(got_, begins, strlen(begins)) != 0)                                    \
			fail_msg("line %d: expected \"%s\", got \"%s\"", __LINE__, begins, got_);  \
	} while (0)

/* A post as the batch builder would send it. */
struct spec {
	const char *id, *conversation, *author;
	int64_t created, priority, promise;
	const char *team;
};

static void begin(struct args *args, const char *prev, const char *next)
{
	args->n = 0;
	add(args, "0");
	add(args, prev);
	add(args, next);
	add(args, "1000");
	add(args, "1");
}

static void add_ticket(struct args *args, struct spec s)
{
	int64_t boost = s.priority * 3600, deadline = s.created + s.promise;
	const char *pairs[][2] = {
	    {"conversation", s.conversation},
	    {"author", s.author},
	    {"author_name", "Moni K."},
	    {"author_handle", "moni"},
	    {"followers", "5"},
	    {"team", s.team ? s.team : "care"},
	    {"rule", "1"},
	    {"rule_name", "a rule"},
	    {"when", "x"},
	    {"priority", ms(s.priority)},
	    {"boost", ms(boost)},
	    {"rank", ms((s.promise ? deadline : s.created + 604800000) - boost)},
	    {"receipt", "{}"},
	    {"channel", "forum"},
	    {"tonality", "negative"},
	    {"head", arena_printf(arena, "Text von %s", s.id)},
	    {"url", arena_printf(arena, "http://x/%s", s.id)},
	    {"reply_via", ""},
	    {"created_at", ms(s.created)},
	    {"promise", ms(s.promise)},
	    {"start", ms(s.created)},
	    {"warn_at", s.promise ? ms(s.created + s.promise * 8 / 10) : ""},
	    {"deadline", s.promise ? ms(deadline) : ""},
	};
	add(args, "C");
	add(args, s.id);
	add(args, "de:negative");
	add(args, "forum");
	add(args, "1000");
	add(args, arena_printf(arena,
			       "{\"title\":null,\"text\":\"Geheimnis %s\",\"url\":\"http://x/%s\"}",
			       s.id, s.id));
	add(args, ms(s.created));
	add(args, ms(ARRAY_LEN(pairs)));
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		add(args, pairs[i][0]);
		add(args, pairs[i][1]);
	}
}

static void add_filtered(struct args *args, const char *id, const char *reason)
{
	const char *words[] = {"F", id, "", "forum", "", reason};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		add(args, words[i]);
}

static void add_own(struct args *args, const char *id, const char *conversation, const char *parent,
		    int64_t at)
{
	const char *words[] = {"O",          id,     "",     "forum", "",
			       conversation, parent, ms(at), "hilft", "http://x/reply"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		add(args, words[i]);
}

static void add_delete(struct args *args, const char *id)
{
	const char *words[] = {"D", id, "", "forum", ""};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		add(args, words[i]);
}

static int64_t offset; /* of the latest batch */

static const char *apply(struct args *args)
{
	args->at[1] = str_of(offset ? arena_printf(arena, "%lld log", (long long)offset) : "");
	args->at[2] = str_of(arena_printf(arena, "%lld log", (long long)offset + 1));
	const char *got = run_args("apply", args);
	if (strncmp(got, "OK", 2) == 0)
		offset++;
	return got;
}

static void one(struct spec s)
{
	struct args args;
	begin(&args, "", "");
	add_ticket(&args, s);
	expect(apply(&args), "OK");
}

/* ---- what must always be true ---- */

static void check_ticket(int64_t n, int64_t *open, int64_t *claimed)
{
	const char *id = ms(n), *team = field(n, "team"), *state = field(n, "state");
	bool waits = is(state, "open"), held = is(state, "claimed");
	const char *q = text_of(ask("ZSCORE", key(arena_printf(arena, "q:%s", team)), id, NULL));
	const char *late =
	    text_of(ask("ZSCORE", key(arena_printf(arena, "late:%s", team)), id, NULL));
	const char *lease = text_of(ask("ZSCORE", key("lease"), id, NULL));
	const char *in_open = text_of(ask("ZSCORE", key("open"), id, NULL));
	const char *in_done = text_of(ask("ZSCORE", key("done"), id, NULL));
	if ((waits ? 1 : 0) != !is(q, "(nil)") + !is(late, "(nil)"))
		fail_msg("ticket %s is %s; q %s, late %s", id, state, q, late);
	if (held == is(lease, "(nil)"))
		fail_msg("ticket %s is %s with lease %s", id, state, lease);
	if ((waits || held) == is(in_open, "(nil)") || (waits || held) != is(in_done, "(nil)"))
		fail_msg("ticket %s is %s; open %s, done %s", id, state, in_open, in_done);
	const char *promise = field(n, "promise_state");
	bool running = is(promise, "running") || is(promise, "breached");
	if (running != !is(text_of(ask("ZSCORE", key("deadline"), id, NULL)), "(nil)"))
		fail_msg("ticket %s: promise %s and the set of deadlines differ", id, promise);
	if (running && !waits && !held)
		fail_msg("ticket %s is %s and its promise %s", id, state, promise);
	const char *conv = key(arena_printf(arena, "conv:%s", field(n, "conversation")));
	if (!waits && !held && is(text_of(ask("HGET", conv, field(n, "author"), NULL)), id))
		fail_msg("ticket %s is %s and still awaits posts of its author", id, state);
	*open += waits;
	*claimed += held;
}

static void check_sane(void)
{
	int64_t tickets = 0, open = 0, claimed = 0;
	(void)num_int(str_of(text_of(ask("GET", key("seq"), NULL))), 0, INT64_MAX, &tickets);
	for (int64_t n = 1; n <= tickets; n++)
		if (!is(field(n, "id"), "(nil)"))
			check_ticket(n, &open, &claimed);
	assert_int_equal(ask("ZCARD", key("lease"), NULL)->number, claimed);
	assert_int_equal(ask("ZCARD", key("open"), NULL)->number, open + claimed);
	assert_int_equal(count("heard"),
			 count("routed") + count("filtered") + count("updated") + count("deleted"));
	assert_int_equal(count("routed"), count("tickets") + count("joined"));
	/* promises: what began ended one way or runs */
	assert_int_equal(count("due:forum") + count("late:forum"),
			 ask("ZCARD", key("deadline"), NULL)->number);
}

static int fresh(void **state)
{
	(void)state;
	arena_reset(arena);
	(void)snprintf(prefix, sizeof prefix, "{t%d}:", ++tenants);
	(void)snprintf(slot_key, sizeof slot_key, "%soff:scored", prefix);
	offset = 0;
	now = T0;
	without_cas = false;
	return 0;
}

/* Whatever a case did, what it told is as documented. */
static void check_events(void)
{
	const struct redis_reply *r = ask("LRANGE", key("recent"), "0", "-1", NULL);
	struct error err;
	for (size_t i = 0; i < r->n; i++)
		if (schema_check_all("event", r->items[i].text, &err))
			fail_msg("%s\n%.*s", err.text, STR_ARG(r->items[i].text));
}

static int sane(void **state)
{
	(void)state;
	check_sane();
	check_events();
	return 0;
}

/* ---- cases ---- */

static void test_compare_and_set(void **state)
{
	struct args args;
	(void)state;
	begin(&args, "", "10 log");
	add_filtered(&args, "a", "old");
	expect(run_args("apply", &args), "OK 10 log 0 0 0");
	/* the same again (a reply was lost): nothing happens, we are told where it stands */
	expect(run_args("apply", &args), "RETRY_FROM 10 log");
	begin(&args, "9 log", "11 log");
	add_filtered(&args, "b", "old");
	expect(run_args("apply", &args), "RETRY_FROM 10 log");
	begin(&args, "10 other", "11 other");
	add_filtered(&args, "b", "old");
	expect(run_args("apply", &args), "RETRY_FROM 10 log");
	assert_int_equal(count("heard"), 1);
	begin(&args, "10 log", "15 log"); /* gaps are fine */
	add_filtered(&args, "b", "old");
	expect(run_args("apply", &args), "OK 15 log");
	assert_int_equal(count("filtered:old"), 2);
	expect(text_of(ask("HGET", key("audit"), "b", NULL)), "old");
	begin(&args, "15 log", "16 log");
	add_filtered(&args, "b", "old");
	expect(run_args("apply", &args), "OK 16 log 0 0 1");
	assert_int_equal(count("heard"), 2);
}

/* Redis lost its tail and the router goes on: with compare-and-set it is told to go back; the
 * mutant goes on and the lost post is lost for ever.  This is the test that the rule exists for. */
static void test_lost_tail(void **state)
{
	(void)state;
	for (int mutant = 0; mutant < 2; mutant++) {
		struct args args;
		fresh(NULL);
		without_cas = mutant;
		one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
		/* what a restart from an older append-only file leaves: the ticket of p2 never was */
		begin(&args, "2 log", "3 log"); /* the router believes that 2 was applied */
		add_ticket(&args, (struct spec){"p3", "c3", "a3", T0, 500, 60000, NULL});
		const char *got = run_args("apply", &args);
		if (mutant)
			expect(got, "OK 3 log");
		else
			expect(got, "RETRY_FROM 1 log");
		expect(text_of(ask("GET", key("p:p3"), NULL)), mutant ? "2" : "(nil)");
	}
	without_cas = false;
}

static void test_repeat_and_join(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 600000, NULL});
	one((struct spec){"p1", "c1", "a1", T0, 500, 600000, NULL}); /* the same post again */
	assert_int_equal(count("repeat"), 1);
	assert_int_equal(count("tickets"), 1);
	check_sane();
	/* the same author goes on: same ticket, more urgent, sooner */
	int64_t version = 0, later = 0;
	(void)num_int(str_of(field(1, "version")), 0, 1000, &version);
	one((struct spec){"p2", "c1", "a1", T0 + 1000, 900, 60000, NULL});
	assert_int_equal(count("tickets"), 1);
	assert_int_equal(count("joined"), 1);
	expect(field(1, "posts"), "2");
	expect(field(1, "priority"), "900");
	expect(field(1, "deadline"), ms(T0 + 61000));
	expect(field(1, "rank"), ms(T0 + 61000 - 900 * 3600));
	(void)num_int(str_of(field(1, "version")), 0, 1000, &later);
	assert_true(later > version);
	/* less urgent and later: nothing gets worse */
	one((struct spec){"p3", "c1", "a1", T0 + 2000, 100, 600000, NULL});
	expect(field(1, "priority"), "900");
	expect(field(1, "deadline"), ms(T0 + 61000));
	/* another author, another conversation: tickets of their own */
	one((struct spec){"p4", "c1", "a2", T0, 500, 60000, NULL});
	one((struct spec){"p5", "c2", "a1", T0, 500, 60000, NULL});
	assert_int_equal(count("tickets"), 3);
	assert_int_equal(ask("ZCARD", key("q:care"), NULL)->number, 3);
	assert_int_equal(ask("TTL", key("p:p1"), NULL)->number > 900, 1);
	expect(run("claim", "anna", "60000", "1", NULL), "OK 1 ");
	const char *token = field(1, "token");
	/* a post for a claimed ticket joins it and does not put it back into the queue */
	one((struct spec){"p6", "c1", "a1", T0, 2000, 60000, NULL});
	expect(field(1, "state"), "claimed");
	check_sane();
	expect(run("close", "1", token, "no_action", "anna", NULL), "OK void");
	/* after the end a new ticket begins */
	one((struct spec){"p7", "c1", "a1", T0, 500, 60000, NULL});
	expect(text_of(ask("GET", key("p:p7"), NULL)), "4");
}

static void test_update(void **state)
{
	struct args args;
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	const char *update[] = {"U", "p1",   "",   "forum", "", "{\"text\":\"neu\"}",
				"1", "head", "neu"};
	begin(&args, "", "");
	for (size_t i = 0; i < ARRAY_LEN(update); i++)
		add(&args, update[i]);
	expect(apply(&args), "OK");
	expect(field(1, "head"), "neu");
	expect(text_of(ask("GET", key("post:p1"), NULL)), "{\"text\":\"neu\"}");
	/* an update never creates */
	update[1] = "unknown";
	begin(&args, "", "");
	for (size_t i = 0; i < ARRAY_LEN(update); i++)
		add(&args, update[i]);
	expect(apply(&args), "OK");
	assert_int_equal(count("tickets"), 1);
	assert_int_equal(count("filtered:update_unknown"), 1);
	expect(text_of(ask("GET", key("post:unknown"), NULL)), "(nil)");
}

static void test_delete(void **state)
{
	struct args args;
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	one((struct spec){"p2", "c1", "a1", T0 + 1, 500, 60000, NULL});
	begin(&args, "", "");
	add_delete(&args, "p1");
	expect(apply(&args), "OK");
	check_sane();
	/* the other post is shown now; the ticket goes on */
	expect(field(1, "state"), "open");
	expect(field(1, "post"), "p2");
	expect(field(1, "head"), "Geheimnis p2");
	expect(field(1, "deleted"), "1");
	begin(&args, "", "");
	add_delete(&args, "p2");
	add_delete(&args, "p2"); /* repeated */
	add_delete(&args, "never-heard-of");
	expect(apply(&args), "OK");
	expect(field(1, "state"), "closed");
	expect(field(1, "close_reason"), "deleted");
	expect(field(1, "promise_state"), "void");
	assert_int_equal(count("filtered:delete_unknown"), 1);
	assert_true(count("closed") == 1 && count("closed:deleted") == 1);
	/* promise 9: no text and no author anywhere */
	const struct redis_reply *keys = ask("KEYS", arena_printf(arena, "{t%d}:*", tenants), NULL);
	size_t n = keys->n;
	char **names = arena_alloc(arena, (n + 1) * sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = arena_z(arena, keys->items[i].text);
	for (size_t i = 0; i < n; i++) {
		const struct redis_reply *dump = ask("DUMP", names[i], NULL);
		static const char *const secrets[] = {"Geheimnis", "Moni", "moni", "Text von"};
		for (size_t k = 0; k < ARRAY_LEN(secrets); k++)
			if (memmem(dump->text.p, dump->text.n, secrets[k], strlen(secrets[k])))
				fail_msg("\"%s\" is still in %s", secrets[k], names[i]);
	}
	/* a create that comes after its deletion opens nothing */
	one((struct spec){"never-heard-of", "c9", "a1", T0, 500, 60000, NULL});
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	assert_int_equal(count("tickets"), 1);
	assert_int_equal(count("filtered:deleted"), 2);
}

static void test_own_answer(void **state)
{
	static const struct {
		const char *what, *parent;
		int64_t at;
		const char *state, *promise;
	} rows[] = {
	    {"in time", "p1", T0 + 60000, "answered", "kept"},
	    {"late by 1 ms", "p1", T0 + 60001, "answered", "missed"},
	    {"parent unknown", "", T0 + 5, "answered", "kept"},
	    {"parent is the thread", "c1", T0 + 5, "answered", "kept"},
	    {"to somebody else", "another", T0 + 5, "open", "running"},
	    {"written before the post", "", T0 - 5, "open", "running"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct args args;
		fresh(NULL);
		one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
		begin(&args, "", "");
		add_own(&args, "r1", "c1", rows[i].parent, rows[i].at);
		add_own(&args, "r1", "c1", rows[i].parent, rows[i].at); /* twice is once */
		expect(apply(&args), "OK");
		if (!is(field(1, "state"), rows[i].state) ||
		    !is(field(1, "promise_state"), rows[i].promise))
			fail_msg("%s: %s %s", rows[i].what, field(1, "state"),
				 field(1, "promise_state"));
		assert_int_equal(count("filtered:own"), 1);
		assert_int_equal(count("tickets"), 1);
		check_sane();
	}
	/* heard late, written in time: the breach had fired, the promise was kept */
	struct args args;
	fresh(NULL);
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	now = T0 + 70000;
	expect(run("tick", "1000", NULL), "OK 1 1 0 1 0");
	assert_int_equal(count("late:forum"), 1);
	begin(&args, "", "");
	add_own(&args, "r1", "c1", "p1", T0 + 59000);
	expect(apply(&args), "OK");
	expect(field(1, "promise_state"), "kept");
	expect(field(1, "answered_by"), "own:hilft");
	expect(field(1, "answer_url"), "http://x/reply");
	assert_int_equal(count("kept:forum"), 1);
	assert_int_equal(count("late:forum"), 0);
	/* an agent who had it and says so afterwards is not contradicted */
	fresh(NULL);
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	const char *token = claim("anna", "60000", "1", "care", NULL);
	begin(&args, "", "");
	add_own(&args, "r1", "c1", "p1", T0 + 5);
	expect(apply(&args), "OK");
	expect(run("answer", "1", token, "http://x/reply", NULL), "OK kept");
	assert_int_equal(count("kept:forum"), 1);
}

static void test_claim_order(void **state)
{
	(void)state;
	expect(run("claim", "anna", "60000", "0", "care", NULL), "EMPTY");
	one((struct spec){"due-later", "c1", "a", T0, 0, 7200000, NULL});
	one((struct spec){"due-soon", "c2", "a", T0, 0, 3600000, NULL});
	one((struct spec){"heavy", "c3", "a", T0, 2000, 7200000, NULL}); /* boost 2 h */
	one((struct spec){"other-team", "c4", "a", T0, 9000, 7200000, "press"});
	(void)claim("anna", "60000", "3", "care", NULL);
	(void)claim("anna", "60000", "2", "care", NULL);
	(void)claim("anna", "60000", "1", "care", NULL);
	expect(run("claim", "anna", "60000", "0", "care", NULL), "EMPTY");
	(void)claim("anna", "60000", "4", "care", "press");
	expect(run("claim", "anna", "60000", "4", NULL), "STATE ticket 4 is held by anna");
	expect(run("claim", "anna", "60000", "99", NULL), "UNKNOWN there is no ticket 99");
}

/* Overdue ones compare with those in time by weight, and what is twice over its time goes first. */
static void test_overdue_order(void **state)
{
	(void)state;
	one((struct spec){"late-light", "c1", "a", T0 - 3700000, 0, 3600000, NULL});
	one((struct spec){"late-heavy", "c2", "a", T0 - 3700000, 1000, 3600000, NULL});
	one((struct spec){"in-time-heavy", "c3", "a", T0, 3000, 3600000, NULL});
	expect(run("tick", "1000", NULL), "OK 2 2 0 2 0");
	assert_int_equal(ask("ZCARD", key("late:care"), NULL)->number, 2);
	/* index in ms: 3: due in 1 h, boost 3 h: -2 h; 2: boost 1 h: -1 h; 1: 0 */
	const char *third = claim("anna", "60000", "3", "care", NULL);
	const char *second = claim("anna", "60000", "2", "care", NULL);
	expect(run("release", "3", third, NULL), "OK");
	now = T0 - 3700000 + 2 * 3600000; /* 1 has waited twice its promise */
	expect(run("tick", "1000", NULL), "OK 1 0 0 1 0");
	expect(run("claim", "anna", "60000", "0", "care", NULL), "OK 1");
	expect(field(2, "aged"), "1"); /* also while it was claimed */
	expect(run("release", "2", second, NULL), "OK");
	expect(run("claim", "anna", "60000", "0", "care", NULL), "OK 2");
}

static void test_tokens(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	expect(run("answer", "1", "1", "http://x", NULL), "STALE ticket 1 is not claimed");
	const char *old = claim("anna", "60000", "1", "care", NULL);
	expect(run("extend", "1", "2", "60000", NULL), "STALE ticket 1 is held by anna");
	expect(run("extend", "1", old, "90000", NULL), "OK");
	expect(run("release", "1", old, NULL), "OK");
	assert_int_equal(count("released"), 1);
	assert_non_null(strstr(text_of(ask("LINDEX", key("recent"), "0", NULL)),
			       "\"agent\":\"anna\",\"reason\":\"agent\""));
	expect(run("release", "1", old, NULL), "STALE ticket 1 is not claimed");
	const char *valid = claim("ben", "60000", "1", "care", NULL);
	assert_true(strtoll(valid, NULL, 10) > strtoll(old, NULL, 10));
	/* anna's token of before: refused everywhere */
	expect(run("answer", "1", old, "http://x", NULL), "STALE ticket 1 is held by ben");
	expect(run("close", "1", old, "spam", "anna", NULL), "STALE ticket 1 is held by ben");
	expect(run("close", "1", "0", "spam", "anna", NULL), "STALE ticket 1 is held by ben");
	expect(run("extend", "1", old, "60000", NULL), "STALE");
	expect(run("release", "1", old, NULL), "STALE");
	check_sane();
	now = T0 + 30000;
	expect(run("answer", "1", valid, "http://x", NULL), "OK kept");
	expect(run("answer", "1", valid, "http://x", NULL), "OK kept"); /* said twice */
	expect(run("answer", "1", old, "http://x", NULL), "STALE ticket 1 was answered by ben");
	expect(run("extend", "1", valid, "60000", NULL), "STALE");
	expect(run("claim", "anna", "60000", "1", NULL), "STATE ticket 1 is answered");
	expect(run("close", "1", valid, "answered", "ben", NULL), "OK kept");
	expect(run("close", "1", valid, "answered", "ben", NULL), "STALE ticket 1 was closed");
	expect(run("answer", "77", "1", "http://x", NULL), "UNKNOWN");
	assert_int_equal(count("kept:forum"), 1);
	assert_int_equal(count("answered"), 1);
}

/* A Redis that was set back has forgotten tokens that agents still hold. */
static void test_tokens_after_rollback(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 600000, NULL});
	const char *old = claim("anna", "60000", "1", "care", NULL);
	expect(run("release", "1", old, NULL), "OK");
	(void)ask("DEL", key("token"), NULL);
	usleep(2000);
	const char *valid = claim("ben", "60000", "1", "care", NULL);
	assert_true(strtoll(valid, NULL, 10) > strtoll(old, NULL, 10));
	expect(run("answer", "1", old, "http://x", NULL), "STALE ticket 1 is held by ben");
}

static void test_lease_expiry(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 600000, NULL});
	const char *token = claim("anna", "50", "1", "care", NULL);
	usleep(80000);
	/* over is over, also before anybody has reaped it */
	expect(run("answer", "1", token, "http://x", NULL), "STALE ticket 1 is not claimed");
	check_sane();
	(void)claim("anna", "50", "1", "care", NULL);
	usleep(80000);
	expect(run("tick", "1000", NULL), "OK 0 0 1 0 0");
	expect(field(1, "state"), "open");
	check_sane();
	(void)claim("anna", "50", "1", "care", NULL);
	usleep(80000);
	(void)claim("ben", "60000", "1", "care", NULL); /* claim reaps too */
	expect(field(1, "agent"), "ben");
	assert_int_equal(count("lease_expired"), 3);
	const struct redis_reply *r = ask("LRANGE", key("recent"), "0", "-1", NULL);
	int expired = 0;
	for (size_t i = 0; i < r->n; i++)
		expired +=
		    strstr(arena_z(arena, r->items[i].text), "\"reason\":\"expired\"") != NULL;
	assert_int_equal(expired, 3);
}

static void test_timers(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 100000, NULL});
	now = T0 + 79999;
	expect(run("tick", "1000", NULL), "OK 0 0 0 0 0");
	now = T0 + 80000;
	expect(run("tick", "1000", NULL), "OK 1 0 0 0 0");
	expect(run("tick", "1000", NULL), "OK 0 0 0 0 0"); /* once */
	/* the deadline moves: the old breach is void, the warning has been given */
	one((struct spec){"p2", "c1", "a1", T0 - 5000, 500, 90000, NULL});
	expect(field(1, "deadline"), ms(T0 + 85000));
	assert_int_equal(ask("ZCARD", key("timers"), NULL)->number, 2); /* breach, aged */
	now = T0 + 85000;
	expect(run("tick", "1000", NULL), "OK 0 1 0 1 0");
	now = T0 + 100000;
	expect(run("tick", "1000", NULL), "OK 0 0 0");
	check_sane();
	now = T0 + 10000000;
	expect(run("tick", "1000", NULL), "OK 0 0 0 1 0"); /* aged */
	expect(run("tick", "1000", NULL), "OK 0 0 0 0 0");
	assert_int_equal(ask("ZCARD", key("timers"), NULL)->number, 0);
	assert_int_equal(count("breach"), 1);
	assert_int_equal(count("warn"), 1);
	/* finished tickets are not warned of */
	one((struct spec){"p3", "c3", "a1", now, 500, 100000, NULL});
	expect(run("close", "2", "0", "irrelevant", "anna", NULL), "OK void");
	now += 1000000;
	expect(run("tick", "1000", NULL), "OK 0 0 0 0 0");
	/* bounded, and it says that there is more */
	for (int i = 0; i < 5; i++)
		one((struct spec){arena_printf(arena, "m%d", i), arena_printf(arena, "m%d", i), "a",
				  T0, 1, 1000, NULL});
	expect(run("tick", "4", NULL), "OK 4 0 0 0 1");
	expect(run("tick", "4", NULL), "OK 1 3 0 3 1");
}

static void test_close_reasons(void **state)
{
	static const struct {
		const char *reason;
		int64_t after;
		const char *promise;
	} rows[] = {{"answered", 1000, "kept"},      {"answered", 70000, "missed"},
		    {"community", 1000, "void"},     {"community", 70000, "missed"},
		    {"irrelevant", 70000, "void"},   {"spam", 70000, "void"},
		    {"unreachable", 70000, "missed"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fresh(NULL);
		one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
		now = T0 + rows[i].after;
		(void)run("tick", "1000", NULL);
		expect(run("close", "1", "0", rows[i].reason, "anna", NULL),
		       arena_printf(arena, "OK %s", rows[i].promise));
		expect(field(1, "close_reason"), rows[i].reason);
		check_sane();
	}
	fresh(NULL);
	one((struct spec){"p1", "c1", "a1", T0, 500, 0, NULL}); /* no promise */
	expect(run("close", "1", "0", "answered", "anna", NULL), "OK none");
}

static void test_correct_purge_outbox(void **state)
{
	(void)state;
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	expect(run("correct", "1", "anna", "tonality", "positive", NULL), "OK");
	expect(run("correct", "9", "anna", "tonality", "positive", NULL), "UNKNOWN");
	expect(field(1, "corrected_tonality"), "positive");
	expect(field(1, "tonality"), "negative");
	/* the outbox holds each change once, in order; versions rise */
	const struct redis_reply *r = ask("XRANGE", key("out"), "-", "+", NULL);
	assert_int_equal(r->n, 3);
	static const char *const kinds[] = {"created", "activate", "corrected"};
	char id[48];
	for (size_t i = 0; i < 3; i++) {
		const char *event = arena_z(arena, r->items[i].items[1].items[3].text);
		expect(event, arena_printf(arena, "{\"event\":\"%s\",\"ticket\":1,\"version\":%zu,",
					   kinds[i], i + 1));
		expect(text_of(&r->items[i].items[1].items[1]), "c1");
		if (i == 1)
			(void)snprintf(id, sizeof id, "%.*s", STR_ARG(r->items[i].items[0].text));
	}
	expect(run("relayed", id, NULL), "OK");
	assert_int_equal(ask("XLEN", key("out"), NULL)->number, 1);
	expect(text_of(ask("GET", key("relayed"), NULL)), id);
	/* purge: only finished ones, only old ones; the post stays known by its id */
	expect(run("purge", ms(T0 + 1), "10", NULL), "OK 0");
	expect(run("close", "1", "0", "spam", "anna", NULL), "OK void");
	expect(run("purge", ms(T0), "10", NULL), "OK 0");
	expect(run("purge", ms(T0 + 1), "10", NULL), "OK 1");
	expect(field(1, "id"), "(nil)");
	expect(text_of(ask("GET", key("post:p1"), NULL)), "(nil)");
	one((struct spec){"p1", "c1", "a1", T0, 500, 60000, NULL});
	assert_int_equal(count("tickets"), 1);
	struct args args;
	begin(&args, "", "");
	add_delete(&args, "p1"); /* a deletion after the purge makes no ghost of a ticket */
	expect(apply(&args), "OK");
	expect(field(1, "deleted"), "(nil)");
}

/* ---- records as the program itself makes them, against docs/schemas ---- */

static void check_ticket_json(const char *ticket)
{
	const struct redis_reply *r =
	    ask("HGETALL", key(arena_printf(arena, "ticket:%s", ticket)), NULL);
	struct str *fields = arena_alloc(arena, (r->n + 1) * sizeof *fields);
	struct error err;
	struct buf json;
	for (size_t i = 0; i < r->n; i++)
		fields[i] = r->items[i].text;
	buf_init(&json, MiB);
	assert_int_equal(ticket_json(&json, fields, r->n), 0);
	if (schema_check_all("ticket", buf_view(&json), &err))
		fail_msg("%s\n%s", err.text, json.p);
	buf_done(&json);
}

/* A scored post takes the way of the daemon: decision, batch, script. */
static void hear(const struct config *config, const char *members, const char *analysis)
{
	struct batch batch;
	struct decision decision;
	struct args args = {.n = 0};
	struct scored s = scored_post(arena, members, analysis);
	ticket_decide(&decision, &config->policy, &s, now, arena);
	batch_init(&batch);
	batch_begin(&batch, 0, STR(""), config->route.dedup_ms, false);
	batch_add(&batch, &decision, &config->policy, &s);
	const struct str *given = batch_args(&batch, STR(""), &args.n);
	must(args.n <= ARRAY_LEN(args.at));
	memcpy(args.at, given, args.n * sizeof *given);
	expect(apply(&args), "OK");
	batch_done(&batch);
	check_sane();
}

static struct config *schema_config(void)
{
	static const char text[] =
	    "rules:\n"
	    "  - {name: a name, when: 'channel:forum', team: care, lane: l, promise: 30m}\n"
	    "  - {team: press}\n";
	char path[80];
	struct error err;
	(void)snprintf(path, sizeof path, "%s/c.yaml", dir);
	FILE *f = fopen(path, "w");
	must(f && fputs(text, f) >= 0 && fclose(f) == 0);
	struct config *config = config_load(path, &err);
	if (!config)
		fail_msg("%s", err.text);
	return config;
}

#define A2 "\"author\":{\"id\":\"u2\",\"handle\":null,\"name\":null}"

static void test_schemas(void **state)
{
	static const char *const kinds[] = {
	    "created", "activate", "joined",   "updated",  "warn",   "breach",    "fulfill",
	    "claimed", "extended", "released", "answered", "closed", "corrected", "deleted"};
	static const char *const corrections[][2] = {{"tonality", "positive"},
						     {"lang", "en"},
						     {"relevance", "no"},
						     {"urgency", "3"},
						     {"answer", "yes"}};
	struct config *config = schema_config();
	(void)state;
	now = SCORED_FETCHED;
	hear(config, "\"id\":\"a\",\"conversation\":\"c\"", "");
	check_ticket_json("1");
	hear(config, "\"id\":\"b\",\"conversation\":\"c\"", "");
	hear(config, "\"op\":\"update\",\"id\":\"a\",\"conversation\":\"c\",\"text\":\"anders\"",
	     "\"urgency\":{\"level\":2,\"p\":0.5,\"reasons\":[]},\"tonality\":{\"label\":null}");
	check_ticket_json("1");
	const char *token = claim("anna", "60000", "1", "care", NULL);
	check_ticket_json("1");
	expect(run("extend", "1", token, "90000", NULL), "OK");
	now = SCORED_CREATED + 1500000;
	expect(run("tick", "1000", NULL), "OK 1");
	now = SCORED_CREATED + 1900000;
	expect(run("tick", "1000", NULL), "OK 0 1");
	check_ticket_json("1");
	expect(run("release", "1", token, NULL), "OK");
	now += INT64_C(40) * 86400000;
	(void)run("tick", "1000", NULL);
	expect(field(1, "aged"), "1");
	check_ticket_json("1");
	for (size_t i = 0; i < ARRAY_LEN(corrections); i++)
		expect(run("correct", "1", "anna", corrections[i][0], corrections[i][1], NULL),
		       "OK");
	token = claim("anna", "60000", "1", "care", NULL);
	expect(run("answer", "1", token, "https://x/1", NULL), "OK");
	check_ticket_json("1");

	/* another life: no promise, nothing known of the author, closed; then deleted at its source */
	now = SCORED_FETCHED;
	hear(config, "\"id\":\"d\",\"conversation\":\"d\",\"channel\":\"telex\",\"place\":null," A2,
	     "\"lang\":null,\"tonality\":{\"label\":null,\"score\":null,\"p\":null}");
	check_ticket_json("2");
	expect(run("close", "2", "0", "community", "anna", NULL), "OK");
	hear(config, "\"op\":\"delete\",\"id\":\"d\",\"conversation\":\"d\"", NULL);
	expect(field(2, "deleted"), "1");
	check_ticket_json("2");

	const struct redis_reply *r = ask("LRANGE", key("recent"), "0", "-1", NULL);
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const char *begins = arena_printf(arena, "\"event\":\"%s\"", kinds[k]);
		size_t seen = 0;
		for (size_t i = 0; i < r->n; i++)
			seen += str_find_str(r->items[i].text, str_of(begins)) < r->items[i].text.n;
		if (!seen)
			fail_msg("no event \"%s\" among %zu", kinds[k], r->n);
	}
	config_free(config);
}

static void test_open(void **state)
{
	(void)state;
	expect(run("open", "nonce1", "hash", "text", "care", "Kunden", NULL), "OK 1 []");
	expect(run("open", "nonce2", "hash", "text", "press", "Presse", NULL), "OK 0 []");
	expect(text_of(ask("GET", key("epoch"), NULL)), "nonce1");
	expect(text_of(ask("GET", key("version:hash"), NULL)), "text");
	expect(text_of(ask("HGET", key("teams"), "press", NULL)), "Presse");
	expect(text_of(ask("HGET", key("teams"), "care", NULL)), "(nil)");
}

/* A random life of some tickets, sane after every step; the seed is printed. */
static void test_random_life(void **state)
{
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)clock_real_ms();
	int64_t token[64] = {0};
	(void)state;
	print_message("seed %u (SEED=%u runs it again)\n", seed, seed);
	srand(seed);
	for (int step = 0; step < 250; step++) {
		const char *got;
		int64_t n = rand() % 12 + 1;
		struct args args;
		begin(&args, "", "");
		now += rand() % 20000;
		switch (rand() % 9) {
		case 0:
		case 1:
		case 2:
			one((struct spec){arena_printf(arena, "p%d", rand() % 60),
					  arena_printf(arena, "c%d", rand() % 6),
					  arena_printf(arena, "a%d", rand() % 3),
					  now - rand() % 50000, rand() % 3000,
					  rand() % 4 ? rand() % 100000 + 1 : 0,
					  rand() % 2 ? "care" : "press"});
			break;
		case 3:
			got = run("claim", "anna", rand() % 3 ? "60000" : "1", "0", "care", "press",
				  NULL);
			int64_t ticket = 0, given = 0;
			if (sscanf(got, "OK %ld %ld", &ticket, &given) == 2 && ticket < 64)
				token[ticket] = given;
			break;
		case 4: (void)run("answer", ms(n), ms(token[n]), "http://x", NULL); break;
		case 5: (void)run("release", ms(n), ms(token[n]), NULL); break;
		case 6: (void)run("close", ms(n), ms(token[n]), "elsewhere", "anna", NULL); break;
		case 7:
			add_own(&args, arena_printf(arena, "r%d", step),
				arena_printf(arena, "c%d", rand() % 6), "", now - rand() % 10000);
			expect(apply(&args), "OK");
			break;
		default:
			add_delete(&args, arena_printf(arena, "p%d", rand() % 60));
			expect(apply(&args), "OK");
		}
		(void)run("tick", "1000", NULL);
		check_sane();
	}
}

/* Killed in the middle of many calls: what is in the append-only file is whole. */
static void on_any(void *arg, const struct redis_reply *reply)
{
	if (reply->type == REDIS_LIST)
		++*(int *)arg;
}

static void test_killed_redis(void **state)
{
	int acknowledged = 0;
	(void)state;
	for (int i = 0; i < 400; i++) {
		struct args args, all = {.n = 0};
		begin(&args, i ? arena_printf(arena, "%d log", i) : "",
		      arena_printf(arena, "%d log", i + 1));
		add_ticket(&args,
			   (struct spec){arena_printf(arena, "p%d", i),
					 arena_printf(arena, "c%d", i), "a", T0, 1, 60000, NULL});
		add(&all, prefix);
		add(&all, ms(now));
		memcpy(all.at + 2, args.at, args.n * sizeof *args.at);
		struct str slot = str_of(slot_key);
		redis_eval(redis, &scripts[0], on_any, &acknowledged, 1, &slot, args.n + 2, all.at);
		if (i == 300)
			for (int turn = 0; turn < 10000 && acknowledged < 50; turn++)
				loop_turn(loop, 10);
	}
	assert_true(acknowledged >= 50);
	stop_server(SIGKILL);
	while (redis_up(redis))
		loop_turn(loop, 100);
	start_server();
	for (int turn = 0; turn < 1000 && !redis_up(redis); turn++)
		loop_turn(loop, 100);
	int64_t stored = 0;
	const char *text = text_of(ask("HGET", key("off:scored"), "0", NULL));
	if (sscanf(text, "%ld log", &stored) != 1)
		fail_msg("stored offset: %s", text);
	assert_true(stored >= acknowledged); /* nothing acknowledged is gone */
	assert_int_equal(count("tickets"), stored);
	assert_int_equal(ask("ZCARD", key("q:care"), NULL)->number, stored);
	assert_int_equal(ask("ZCARD", key("open"), NULL)->number, stored);
	/* nothing is applied beyond the stored offset */
	expect(text_of(ask("GET", key(arena_printf(arena, "p:p%ld", stored)), NULL)), "(nil)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, sane)
	    CASE(test_compare_and_set), cmocka_unit_test_setup(test_lost_tail, fresh),
	    CASE(test_repeat_and_join), CASE(test_update),
	    CASE(test_delete),          CASE(test_own_answer),
	    CASE(test_claim_order),     CASE(test_overdue_order),
	    CASE(test_tokens),          CASE(test_tokens_after_rollback),
	    CASE(test_lease_expiry),    CASE(test_timers),
	    CASE(test_close_reasons),   CASE(test_correct_purge_outbox),
	    CASE(test_schemas),         CASE(test_open),
	    CASE(test_random_life),     CASE(test_killed_redis),
	};
	log_set_level(LOG_ERR);
	must(mkdtemp(dir));
	arena = arena_create(512 * MiB);
	static const char with[] = "local MUTANT_NO_CAS = false\n",
			  without[] = "local MUTANT_NO_CAS = true\n";
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		scripts[i].name = sources[i].name;
		scripts[i].source = xasprintf("%s%s%s", with, lua_lib, sources[i].source);
	}
	apply_without_cas.name = "apply";
	apply_without_cas.source = xasprintf("%s%s%s", without, lua_lib, lua_apply);
	start_server();
	loop = loop_create();
	struct error err;
	struct redis_options options = {.loop = loop, .address = address};
	redis = redis_open(&options, &err);
	must(redis);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	redis_close(redis);
	loop_free(loop);
	stop_server(SIGTERM);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		free((void *)scripts[i].source);
	free((void *)apply_without_cas.source);
	arena_free(arena);
	char command[100];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command) ? 1 : rc;
}
