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

enum { EVERY = 20, MAX_POSTS = 20000000 };

static struct loop *loop;
static struct bus *bus;
static struct redis *redis;
static struct str *texts;
static size_t n_texts;
static int64_t rate, total, sent, expected, seen, warm, full;
static double *at; /* seconds, by ticket number */
static double *ms;
static size_t n_ms;
static double began;
static char stream[100], last_id[64] = "$", run_id[40];
static struct arena *arena;

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
	redis_sendz(redis, on_events, NULL, "XREAD", "COUNT", "1000", "BLOCK", "1000", "STREAMS",
		    stream, last_id, NULL);
}

static void publish_due(void *arg)
{
	static struct buf out;
	(void)arg;
	if (!out.limit_bytes)
		buf_init(&out, 1 * MiB);
	int64_t due = (int64_t)((now() - began) * (double)rate);
	if (due > total)
		due = total;
	while (sent < due) {
		struct post post;
		char id[80];
		struct error err;
		bool ticket = sent % EVERY == 0;
		arena_reset(arena);
		if (post_parse(texts[(size_t)sent % n_texts], arena, &post, &err)) {
			sent++;
			continue;
		}
		if (ticket)
			snprintf(id, sizeof id, "%s%" PRId64, run_id, sent / EVERY);
		else
			snprintf(id, sizeof id, "n%s%" PRId64, run_id, sent);
		post.id = post.conversation = str_of(id);
		post.owned = ticket;
		post.created_at = post.fetched_at = clock_wall_ms();
		buf_reset(&out);
		must(post_write(&out, &post) == 0);
		if (ticket)
			at[sent / EVERY] = now();
		if (bus_publish(bus, "posts", post.conversation, buf_view(&out), 0) == BUS_FULL) {
			full++;
			return;
		}
		expected += ticket;
		sent++;
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

static void read_texts(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	texts = xcalloc(20000, sizeof *texts);
	while (n_texts < 20000 && (n = getline(&line, &room, stdin)) > 1) {
		texts[n_texts++] = (struct str){xstrndup(line, (size_t)n - 1), (size_t)n - 1};
	}
	free(line);
	must(n_texts);
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
	arena = arena_create(16 * MiB);
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
	listen_again();
	began = now();
	double end = began + (double)seconds + 60;
	while ((sent < total || seen < expected) && now() < end) {
		publish_due(NULL);
		loop_turn(loop, 1);
	}
	(void)bus_close(bus, 5000); /* the figures are taken */
	if (seen < expected || !n_ms) {
		fprintf(stderr, "latency: only %" PRId64 " of %" PRId64 " tickets came\n", seen,
			expected);
		return 70;
	}
	qsort(ms, n_ms, sizeof *ms, compare);
	printf("| %s | %" PRId64 " | %.1f | %.1f | %.1f | %zu | %" PRId64 " |\n",
	       str_starts(str_of(argv[1]), "kafka") ? "Kafka" : "SQLite", rate, ms[n_ms / 2],
	       ms[n_ms * 99 / 100], ms[n_ms - 1], n_ms, full);
	return 0;
}
