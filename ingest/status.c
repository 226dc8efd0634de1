/*
 * status.c: `posthorn-ingest status`: the health of each source, from its record in Redis.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/num.h"
#include "common/redis.h"

#include "ingest/config.h"
#include "ingest/run.h"
#include "ingest/seen.h"

enum { WAIT_MS = 5000 };

struct wait {
	bool over, ok;
};

static void on_record(void *arg, bool ok)
{
	struct wait *wait = arg;
	wait->over = true;
	wait->ok = ok;
}

static void age_text(int64_t at_ms, int64_t now_ms, char out[32])
{
	if (at_ms == 0)
		(void)snprintf(out, 32, "never");
	else
		num_duration_text(at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms, out);
}

/* A reason may quote what a server sent. */
static void print_plain(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		char c[4];
		unsigned cp = utf8_next(s, &i);
		(void)fwrite(c, 1, utf8_put(c, utf8_plain(cp) ? cp : ' '), stdout);
	}
}

static void print_source(const struct source *source, const struct record *record)
{
	int64_t now_ms = clock_wall_ms();
	char read[32], next[32];
	age_text(record->success_ms, now_ms, read);
	age_text(record->next_ms, now_ms, next);
	const char *state = record->failures     ? "failing"
			    : !record->first_ms  ? "new"
			    : record->flaw.n > 0 ? "flawed"
						 : "ok";
	struct str reason = record->failures ? record->error : record->flaw;
	printf("%-28s %-8s %14s %s%14s %8" PRId64 " %8" PRId64 "  ", source->name, state, read,
	       record->next_ms > now_ms ? " " : "-", next, record->failures, record->posts);
	print_plain(reason);
	(void)putchar('\n');
}

int status_main(const char *config_path)
{
	struct error err;
	struct config *config = ingest_config_load(config_path, &err);
	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	int code = 0;
	struct loop *loop = loop_create();
	struct redis_options options = {.loop = loop,
					.address = config->common.redis,
					.password = config->common.redis_password};
	struct redis *redis = redis_open(&options, &err);
	struct seen *seen =
	    redis ? seen_create(redis, config->common.tenant, config->ingest.remember_ms) : NULL;
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	while (redis && !redis_up(redis) && clock_mono_ms() < until_ms)
		loop_turn(loop, 100);
	if (!redis || !redis_up(redis)) {
		fprintf(stderr, "could not read the crawl state: %s\n",
			redis ? "redis is away" : err.text);
		code = EX_UNAVAILABLE;
	} else {
		printf("%-28s %-8s %14s %15s %8s %8s  %s\n", "source", "state", "last read",
		       "next poll", "failures", "posts", "reason");
	}
	for (size_t i = 0; i < config->n_sources && code == 0; i++) {
		struct arena *arena = arena_create(1024 * 1024);
		struct record record;
		struct wait wait = {false, false};
		seen_record(seen, config->sources[i].name, arena, &record, on_record, &wait);
		while (!wait.over) /* the answer comes, if only as "gone" */
			loop_turn(loop, 100);
		if (wait.ok) {
			print_source(&config->sources[i], &record);
		} else {
			fprintf(stderr, "could not read the crawl state: redis went away\n");
			code = EX_UNAVAILABLE;
		}
		arena_free(arena);
	}
	redis_close(redis);
	seen_free(seen);
	ingest_config_free(config);
	loop_free(loop);
	return code;
}
