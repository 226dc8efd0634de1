/*
 * latency BUS TENANT REDIS RATE SECONDS < posts.jsonl: milliseconds from the bus to the ticket.
 *
 * Publishes the corpus at RATE posts/s on topic posts, every twentieth as a post on an own page (the
 * benchmark's rule makes a ticket of those, and of no others), and reads the outbox stream of Redis
 * as fast as it can.  A post's latency is the time from just before bus_publish to the arrival
 * of its `created` event here.  The first second is not counted.  analyze and route run outside.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"
#include "common/redis.h"

enum { EVERY = 20, MAX_POSTS = 20000000, MAX_TEXTS = 20000 };
#define MARK "@POST@"

static struct loop *loop;
static struct bus *bus;
static struct redis *redis, *listener;
static struct str *texts[2];
static size_t n_texts;
static int64_t rate, total, sent, expected, seen, warm, full;
static double *at; /* seconds, by ticket number */
static double *ms;
static size_t n_ms;
static double began;
static char stream[100], last_id[64] = "$", run_id[40];

static double now(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void listen_again(void);

static void on_events(void *arg, const struct redis_reply *reply)
{
	(void)arg;
	double t = now();
	if (reply->type == REDIS_LIST && reply->n) {
		const struct redis_reply *entries = &reply->items[0].items[1];
		for (size_t i = 0; i < entries->n; i++) {
			const struct redis_reply *e = &entries->items[i];
			snprintf(last_id, sizeof last_id, "%.*s", STR_ARG(e->items[0].text));
			for (size_t w = 0; w + 1 < e->items[1].n; w += 2) {
				struct str v = e->items[1].items[w + 1].text;
				if (str_find_str(v, STR("\"event\":\"created\"")) == v.n)
					continue;
				size_t p = str_find_str(v, str_of(run_id));
				int64_t k;
				if (p == v.n)
					continue;
				struct str rest = str_sub(v, p + strlen(run_id), v.n), number;
				if (!str_split(&rest, '"', &number) ||
				    num_int(number, 0, total / EVERY, &k))
					continue;
				seen++;
				if (k * EVERY >= warm)
					ms[n_ms++] = (t - at[k]) * 1000;
			}
		}
	}
	if (reply->type != REDIS_GONE)
		listen_again();
}

static void listen_again(void)
{
	redis_sendz(listener, on_events, NULL, "XREAD", "COUNT", "1000", "BLOCK", "1000", "STREAMS",
		    stream, last_id, NULL);
}

/* Each text was rendered once, with MARK where its id goes (as id and as conversation). */
static void publish_due(void)
{
	static struct buf out;
	if (!out.limit_bytes)
		buf_init(&out, 1 * MiB);
	int64_t due = (int64_t)((now() - began) * (double)rate);
	if (due > total)
		due = total;
	for (; sent < due; sent++) {
		char id[80];
		bool ticket = sent % EVERY == 0;
		struct str rest = texts[ticket][(size_t)sent % n_texts];
		snprintf(id, sizeof id, "%s%s%" PRId64, ticket ? "" : "n", run_id,
			 ticket ? sent / EVERY : sent);
		buf_reset(&out);
		for (size_t mark; (mark = str_find_str(rest, STR(MARK))) < rest.n;) {
			(void)buf_str(&out, str_sub(rest, 0, mark)); /* 1 MiB is enough */
			(void)buf_z(&out, id);
			rest = str_sub(rest, mark + strlen(MARK), rest.n);
		}
		(void)buf_str(&out, rest);
		if (ticket)
			at[sent / EVERY] = now();
		if (bus_publish(bus, "posts", str_of(id), buf_view(&out), 0) == BUS_FULL) {
			full++;
			return;
		}
		expected += ticket;
	}
}

static void on_failed(void *arg, const char *reason)
{
	(void)arg;
	log_err("bus failed", "reason=%s", log_qz(reason));
	_exit(69);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* texts[0]: posts that become none, texts[1]: posts that become tickets. */
static void read_texts(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	struct arena *arena = arena_create(16 * MiB);
	struct buf out;
	buf_init(&out, 1 * MiB);
	texts[0] = xcalloc(MAX_TEXTS, sizeof(struct str));
	texts[1] = xcalloc(MAX_TEXTS, sizeof(struct str));
	while (n_texts < MAX_TEXTS && (n = getline(&line, &room, stdin)) > 1) {
		struct post post;
		struct error err;
		arena_reset(arena);
		if (post_parse((struct str){line, (size_t)n}, arena, &post, &err))
			continue;
		post.id = post.conversation = STR(MARK);
		for (int ticket = 0; ticket < 2; ticket++) {
			post.owned = ticket;
			buf_reset(&out);
			must(post_write(&out, &post) == 0);
			texts[ticket][n_texts] = (struct str){xstrndup(out.p, out.n), out.n};
		}
		n_texts++;
	}
	free(line);
	arena_free(arena);
	buf_done(&out);
	must(n_texts);
}

/* What Redis has counted: tells a late listener from a lost post. */
static int64_t tickets_made(const char *tenant)
{
	char key[100];
	int64_t n = 0;
	snprintf(key, sizeof key, "{%s}:count", tenant);
	struct str words[] = {STR("HGET"), str_of(key), STR("tickets")};
	const struct redis_reply *r = redis_call(redis, 5000, 3, words);
	if (r->type == REDIS_TEXT)
		(void)num_int(r->text, 0, INT64_MAX, &n); /* else 0 */
	return n;
}

int main(int argc, char **argv)
{
	struct error err;
	int64_t seconds;
	if (argc != 6 || num_int(str_of(argv[4]), 1, 1000000, &rate) ||
	    num_int(str_of(argv[5]), 2, 600, &seconds))
		return 64;
	log_init("latency");
	log_set_level(LOG_WARN);
	total = rate * seconds;
	warm = rate;
	must(total < MAX_POSTS);
	read_texts();
	at = xcalloc((size_t)(total / EVERY + 1), sizeof *at);
	ms = xcalloc((size_t)(total / EVERY + 1), sizeof *ms);
	loop = loop_create();
	snprintf(stream, sizeof stream, "{%s}:out", argv[2]);
	snprintf(run_id, sizeof run_id, "lat:%d:", (int)getpid());
	struct redis_options r = {.loop = loop, .address = argv[3]};
	struct bus_options o = {.loop = loop,
				.spec = argv[1],
				.prefix = argv[2],
				.partitions = 8,
				.program = "latency",
				.instance = 1,
				.on_failed = on_failed};
	redis = redis_open(&r, &err);
	bus = redis ? bus_open(&o, &err) : NULL;
	if (!bus) {
		fprintf(stderr, "%s\n", err.text);
		return 69;
	}
	for (int64_t until = clock_mono_ms() + 3000; clock_mono_ms() < until;)
		loop_turn(loop, 20);
	must(redis_up(redis));
	int64_t before = tickets_made(argv[2]);
	struct redis_options l = r;
	listener = redis_open(&l, &err);
	while (!redis_up(listener))
		loop_turn(loop, 20);
	listen_again();
	began = now();
	double end = began + (double)seconds + 60, drained = 0;
	while ((sent < total || seen < expected) && now() < end) {
		publish_due();
		loop_turn(loop, 1);
		/* the outbox is trimmed once relayed: what we were too slow to see is counted, not lost */
		if (sent == total && now() > drained + 1) {
			drained = now();
			if (tickets_made(argv[2]) - before == expected &&
			    now() > began + (double)seconds + 5)
				break;
		}
	}
	int64_t made = tickets_made(argv[2]) - before;
	(void)bus_close(bus, 5000); /* the figures are taken */
	if (made < expected || !n_ms) {
		fprintf(stderr, "latency: only %" PRId64 " of %" PRId64 " tickets were made\n",
			made, expected);
		return 70;
	}
	qsort(ms, n_ms, sizeof *ms, compare);
	printf("| %s | %" PRId64 " | %.1f | %.1f | %.1f | %zu of %" PRId64 " | %" PRId64 " |\n",
	       str_starts(str_of(argv[1]), "kafka") ? "Kafka" : "SQLite", rate, ms[n_ms / 2],
	       ms[n_ms * 99 / 100], ms[n_ms - 1], n_ms, (total - warm + EVERY - 1) / EVERY, full);
	return 0;
}
