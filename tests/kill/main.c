/*
 * The kill test: posts at 400/s through the whole pipeline while everything is killed again and again;
 * at the end every post is where it belongs.  README.md tells how to read it.
 *
 *   posthorn-kill --bin DIR [--bus sqlite|kafka] [--seed N] [--kills N] [--points N] [--rollbacks N]
 *                 [--zombies N] [--posts N] [--only TARGET|POINT|rollback|zombie] [--robots N] [--keep]
 *
 * Exit 0: all promises held.  1: findings, listed.  2: it could not be run.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/census.h"
#include "tests/kill/find.h"
#include "tests/kill/gen.h"
#include "tests/kill/plan.h"
#include "tests/kill/robots.h"

enum { FEEDS = 6, DRAIN_MS = 60000, STAND_MS = 20000, QUIET_MS = 10000, AHEAD_LINES = 1600 };

struct args {
	const char *bin, *bus, *only;
	int64_t seed, kills, points, rollbacks, zombies, posts, robots;
	bool keep;
};

static const struct {
	const char *name;
	size_t offset;
	int64_t def, max;
} numbers[] = {
    {"--seed", offsetof(struct args, seed), 0, INT64_MAX},
    {"--kills", offsetof(struct args, kills), 20, 1000},
    {"--points", offsetof(struct args, points), 3, 100},
    {"--rollbacks", offsetof(struct args, rollbacks), 2, 16},
    {"--zombies", offsetof(struct args, zombies), 1, 10},
    {"--posts", offsetof(struct args, posts), 80000, 1000000},
    {"--robots", offsetof(struct args, robots), 3, 8},
};

static int parse(int argc, char **argv, struct args *ret)
{
	*ret = (struct args){.bus = "sqlite"};
	for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
		*(int64_t *)(void *)((char *)ret + numbers[k].offset) = numbers[k].def;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		size_t k = 0;
		if (strcmp(argv[i], "--keep") == 0) {
			ret->keep = true;
			continue;
		}
		if (!value)
			return -1;
		while (k < ARRAY_LEN(numbers) && strcmp(numbers[k].name, argv[i]) != 0)
			k++;
		if (k < ARRAY_LEN(numbers)) {
			if (num_int(str_of(value), 0, numbers[k].max,
				    (int64_t *)(void *)((char *)ret + numbers[k].offset)))
				return -1;
		} else if (strcmp(argv[i], "--bin") == 0) {
			ret->bin = value;
		} else if (strcmp(argv[i], "--bus") == 0) {
			ret->bus = value;
		} else if (strcmp(argv[i], "--only") == 0) {
			ret->only = value;
		} else {
			return -1;
		}
		i++;
	}
	return ret->bin ? 0 : -1;
}

/* The rest of the file, at its pace; returns the line reached. */
static int64_t read_on(struct stage *stage, int64_t to_line)
{
	struct proc *ingest = &stage->procs[INGEST];
	int64_t line, stood = -1, stood_ms = clock_mono_ms();
	while ((line = stage_cursor(stage)) < to_line) {
		if (line != stood) {
			stood = line;
			stood_ms = clock_mono_ms();
		}
		if (!proc_alive(ingest) || clock_mono_ms() - stood_ms > STAND_MS)
			break;
		pause_ms(20);
	}
	if (line < to_line)
		find(FIND_SHORT, "ingest stands at line %" PRId64 " of %" PRId64, line, to_line);
	return line;
}

/* Nothing is left to be killed: the file ends a few seconds from where it is read now.  Returns its new
 * number of lines. */
static int64_t shorten(struct stage *stage, struct wants *wants, int64_t lines)
{
	int64_t left = stage_cursor(stage) + AHEAD_LINES, cut = left;
	char *path = xasprintf("%s/posts.jsonl", stage->dir);
	FILE *file = left < lines ? fopen(path, "r+e") : NULL;
	int c;
	while (file && left > 0 && (c = getc(file)) != EOF)
		left -= c == '\n';
	/* far enough ahead: nobody has these lines in hand */
	bool done = file && left == 0 && ftruncate(fileno(file), ftell(file)) == 0;
	if (file)
		(void)fclose(file);
	free(path);
	if (!done)
		return lines;
	wants_cut(wants, (size_t)cut);
	return cut;
}

/* Until every scored post is in Redis. */
static bool applied_all(struct stage *stage, int64_t timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	while (stage_in_flight(stage, ANALYZE) != 0 || stage_in_flight(stage, ROUTE) != 0) {
		if (clock_mono_ms() > end)
			return false;
		pause_ms(20);
	}
	return true;
}

/* Redis loses the last seconds when nothing comes any more that would show it: the router that lives
 * on has to notice by itself. */
static void quiet_rollback(struct stage *stage, int64_t lines)
{
	struct error err;
	int rc = 0;
	(void)read_on(stage, lines > 1000 ? lines - 1000 : 0);
	rc = stage_snapshot(stage, &err);
	(void)read_on(stage, lines);
	if (!applied_all(stage, DRAIN_MS))
		find(FIND_SHORT, "scored posts are not taken in");
	if (rc == 0) {
		stage_kill(stage, REDIS);
		rc = stage_restore(stage, &err);
	}
	if (rc) {
		find(FIND_SHORT, "%s", err.text);
		return;
	}
	if (!applied_all(stage, QUIET_MS))
		find(FIND_LOST,
		     "Redis was set back while nothing came: %" PRId64
		     " scored posts are not in it, and the router does not notice",
		     stage_in_flight(stage, ROUTE));
}

/* Each program to its end, in the order of the flow. */
static void drain(struct stage *stage)
{
	for (int t = INGEST; t <= ROUTE2; t++)
		if (stage->procs[t].pid && !proc_end(&stage->procs[t], 20000))
			find(FIND_DIED, "%s did not end on SIGTERM", stage->procs[t].name);
	static const enum target order[] = {INGEST, ANALYZE, ROUTE};
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (!stage_until_idle(stage, order[i], DRAIN_MS))
			find(FIND_DIED, "%s run --until-idle did not come to its end",
			     stage->procs[order[i]].name);
}

static int judge(struct stage *stage, struct wants *wants, struct robots *robots)
{
	struct event_sums told;
	struct census census;
	struct robot_sums acks = {0};
	struct error err;
	size_t pages, unchanged;
	struct events *events =
	    events_read(stage->spec, "kill", wants, &stage->windows, &told, &err);
	if (!events) {
		(void)fprintf(stderr, "posthorn-kill: %s\n", err.text);
		return -1;
	}
	int rc = census_take(stage->rds, STAGE_PREFIX, wants, events, &told, &census);
	if (rc)
		(void)fprintf(stderr, "posthorn-kill: Redis could not be read\n");
	if (robots)
		robots_check(robots, stage, events, &acks);
	feeds_served(stage->feeds, &pages, &unchanged);
	printf(
	    "census: %zu posts expected, %zu in %zu tickets (%zu open, %zu claimed, %zu answered, "
	    "%zu closed), %zu filtered, %zu known ids came again\n",
	    wants_count(wants), census.posts, census.tickets, census.open, census.claimed,
	    census.answered, census.closed, census.audited, census.repeats);
	printf("events: %zu (%zu came twice, %zu of rolled-back time): %zu created, %zu joined, "
	       "%zu claimed, %zu released, %zu closed, %zu answered, %zu warn, %zu breach\n",
	       told.read, told.repeated, told.ghosts, told.created, told.joined, told.claimed,
	       told.released, told.closed, told.answered, told.warn, told.breach);
	printf("agents: %zu claims, %zu closes, %zu answers, %zu others acknowledged; %zu refused, "
	       "%zu "
	       "while Redis was away, %zu in rolled-back time\n",
	       acks.claims, acks.closes, acks.answers, acks.others, acks.refused, acks.away,
	       acks.excused);
	printf("feeds: %zu pages, %zu not modified\n", pages, unchanged);
	events_free(events);
	return rc;
}

/* 0: all of it was done, findings or not. */
static int run(const struct args *args, const char *dir, struct wants *wants)
{
	struct stage stage;
	struct stage_options options = {
	    .dir = dir, .bin = args->bin, .kafka = strcmp(args->bus, "kafka") == 0, .feeds = FEEDS};
	struct gen_sums gen;
	struct error err;
	struct robots *robots = NULL;
	char *file = xasprintf("%s/posts.jsonl", dir);
	int rc = gen_write(file, (uint64_t)args->seed, (size_t)args->posts, clock_wall_ms(), wants,
			   &gen, &err);
	free(file);
	if (rc == 0)
		rc = stage_open(&stage, &options, &err);
	else
		stage = (struct stage){0};
	if (rc == 0)
		rc = stage_start(&stage, REDIS, NULL, &err);
	if (rc)
		(void)fprintf(stderr, "posthorn-kill: %s\n", err.text);
	if (rc == 0) {
		printf(
		    "up to %zu lines: %zu posts, %zu for tickets, %zu filtered, %zu deleted, %zu "
		    "repeats, "
		    "%zu updates, %zu broken\n",
		    gen.lines, gen.posts, gen.tickets, gen.filtered, gen.gone, gen.repeats,
		    gen.updates, gen.broken);
		(void)fflush(stdout);
		(void)stage_start(&stage, ROUTE, NULL, NULL);
		(void)stage_start(&stage, ANALYZE, NULL, NULL);
		(void)stage_start(&stage, INGEST, NULL, NULL);
		if (args->robots)
			robots = robots_start(&stage, (int)args->robots, (uint64_t)args->seed + 1);
		struct plan_options plan = {.kills = (int)args->kills,
					    .points = (int)args->points,
					    .rollbacks = (int)args->rollbacks,
					    .zombies = (int)args->zombies,
					    .only = args->only,
					    .seed = (uint64_t)args->seed + 2,
					    .lines = (size_t)args->posts,
					    .two_analyzers = args->only == NULL};
		bool whole = plan_run(&stage, &plan, stdout);
		if (!whole)
			rc = -1;
		if (robots)
			robots_stop(robots);
		if (whole) {
			int64_t lines = shorten(&stage, wants, args->posts);
			if (plan.rollbacks && !plan.only)
				quiet_rollback(&stage, lines);
			else
				(void)read_on(&stage, lines);
			if (stage.rds)
				drain(&stage);
		}
		if (whole && stage.rds) {
			feeds_wants(stage.feeds, wants);
			rc = judge(&stage, wants, robots);
		}
	}
	robots_free(robots);
	stage_close(&stage);
	return rc;
}

int main(int argc, char **argv)
{
	struct args args;
	char dir[200];
	const char *tmp = getenv("TMPDIR");
	int64_t began = clock_mono_ms();
	log_init("kill");
	log_set_level(LOG_ERR);
	(void)signal(SIGPIPE, SIG_IGN);
	if (parse(argc, argv, &args)) {
		(void)fprintf(stderr,
			      "usage: posthorn-kill --bin DIR [--bus sqlite|kafka] [--seed N] "
			      "[--kills N] [--points N] [--rollbacks N] [--zombies N] "
			      "[--posts N] [--robots N] [--only WHAT] [--keep]\n");
		return 2;
	}
	if (args.seed == 0)
		args.seed = clock_real_ms() % 1000000;
	(void)snprintf(dir, sizeof dir, "%s/posthorn-kill.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir)) {
		perror(dir);
		return 2;
	}
	printf("kill test on %s, seed %" PRId64 "%s%s\n", args.bus, args.seed,
	       args.only ? ", only " : "", args.only ? args.only : "");
	struct wants *wants = wants_create();
	int rc = run(&args, dir, wants);
	wants_free(wants);
	size_t found = find_report(stdout);
	bool keep = args.keep || rc || found;
	if (!keep) {
		char *command = xasprintf("rm -rf '%s'", dir);
		if (system(command) != 0)
			(void)fprintf(stderr, "could not remove %s\n", dir);
		free(command);
	} else {
		printf("the folder is kept, with the programs' logs: %s\n", dir);
	}
	printf("kill test on %s: %s in %.0f s\n", args.bus,
	       rc      ? "COULD NOT BE RUN"
	       : found ? "FAILED"
		       : "passed",
	       (double)(clock_mono_ms() - began) / 1000);
	return rc ? 2 : found ? 1 : 0;
}
