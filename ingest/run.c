/*
 * run.c: who is polled when, and what becomes of it.
 *
 * tick() is the heart: while there is room, the scheduler names the next source and a poll is started;
 * everything that makes room (a poll that ends, the bus, Redis) calls it again.
 *
 * Stopping and reloading are the same movement: no new polls, give up what only reads, let finish
 * what publishes; then exit, or build the set of sources anew.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/redis.h"
#include "common/stats.h"

#include "ingest/fetch.h"
#include "ingest/gate.h"
#include "ingest/guard.h"
#include "ingest/poll.h"
#include "ingest/run.h"
#include "ingest/schedule.h"
#include "ingest/seen.h"
#include "ingest/wanted.h"

enum { STOP_MS = 10000, LATE_MS = 1000 };
#define MEMORY_BUDGET (64 * MiB) /* held by pages under way, above which no new poll starts */

struct slot {
	void *memory; /* of the driver */
	struct poll *poll;
	bool finished; /* ended, or polled as often as --until-idle asks for */
};

struct run {
	struct run_options opt;
	struct loop *loop;
	struct loop_timer *timer, *deadline;
	struct config *config, *next; /* next: after a SIGHUP, until all polls have ended */
	struct guard *guard;
	struct fetcher *fetcher;
	struct gate *gate;
	struct schedule *schedule;
	struct slot *slots;
	size_t n_slots, active;
	struct redis *redis;
	struct seen *seen;
	struct bus *bus;
	struct stats_server *stats;
	struct poll_env env;
	uint64_t seed;
	uint32_t serial;
	bool paused; /* the bus is full */
	bool stopping;
	bool late; /* did not finish in time */
	int code;
};

static void tick(void *arg);

/* ---- the set of sources ---- */

static void sources_close(struct run *run)
{
	for (size_t i = 0; i < run->n_slots; i++) {
		poll_free(run->slots[i].poll);
		free(run->slots[i].memory);
	}
	free(run->slots);
	run->slots = NULL;
	run->n_slots = run->active = 0;
	schedule_free(run->schedule);
	gate_free(run->gate);
	fetcher_free(run->fetcher);
	guard_free(run->guard);
	run->schedule = NULL;
	run->gate = NULL;
	run->fetcher = NULL;
	run->guard = NULL;
}

static void sources_open(struct run *run)
{
	const struct config *config = run->config;
	const struct ingest_conf *conf = &config->ingest;
	int64_t now_ms = clock_wall_ms();
	run->guard = guard_create();
	for (size_t i = 0; i < conf->allow_networks.n; i++) {
		int rc = guard_allow(run->guard, str_of(conf->allow_networks.items[i]), NULL);
		must(rc == 0); /* ingest_config_load has read it */
	}
	run->fetcher =
	    fetcher_create(run->loop, run->guard, conf->user_agent, (int)conf->host_connections);
	run->gate = gate_create(run->fetcher, run->guard, conf->user_agent, conf->robots);
	run->schedule = schedule_create(conf->host_gap_ms, (int)conf->host_connections);
	run->n_slots = config->n_sources;
	run->slots = xcalloc(run->n_slots + 1, sizeof *run->slots);
	for (size_t i = 0; i < run->n_slots; i++) {
		const struct source *source = &config->sources[i];
		size_t size = source->driver->memory_size;
		run->slots[i].memory = size ? xcalloc(1, size) : NULL;
		int id = schedule_add(run->schedule, str_of(source->host), now_ms);
		must((size_t)id == i);
	}
	run->env.config = config;
	run->env.fetcher = run->fetcher;
	run->env.gate = run->gate;
}

/* ---- polls ---- */

static bool all_finished(const struct run *run)
{
	for (size_t i = 0; i < run->n_slots; i++)
		if (!run->slots[i].finished)
			return false;
	return true;
}

static bool may_start(const struct run *run)
{
	if (run->stopping || run->next || run->paused ||
	    run->active >= (size_t)run->config->ingest.parallel ||
	    (run->redis && !redis_up(run->redis)))
		return false;
	size_t bytes = fetcher_bytes(run->fetcher);
	for (size_t i = 0; i < run->n_slots; i++)
		if (run->slots[i].poll)
			bytes += poll_bytes(run->slots[i].poll);
	return bytes < MEMORY_BUDGET;
}

static void reload_now(struct run *run);

static void tick(void *arg)
{
	struct run *run = arg;
	if (run->active == 0 && run->stopping) {
		loop_stop(run->loop);
		return;
	}
	if (run->active == 0 && run->next)
		reload_now(run);
	if (run->active == 0 && run->opt.until_idle && all_finished(run)) {
		loop_stop(run->loop);
		return;
	}
	int id = -1;
	while (may_start(run) && (id = schedule_take(run->schedule, clock_wall_ms())) >= 0) {
		struct slot *slot = &run->slots[id];
		run->active++;
		slot->poll =
		    poll_start(&run->env, &run->config->sources[id], slot->memory, ++run->serial);
	}
	int64_t now_ms = clock_wall_ms(), next_ms = schedule_next(run->schedule, now_ms);
	if (!may_start(run) || next_ms == SCHEDULE_NEVER)
		return; /* what makes room calls again */
	loop_timer_set(run->timer, next_ms > now_ms ? clock_to_real_ms(next_ms - now_ms) : 0);
}

static void on_done(void *arg, struct poll *poll, const struct poll_outcome *borrowed)
{
	struct run *run = arg;
	const struct poll_outcome copy = *borrowed, *outcome = &copy; /* goes with the poll */
	size_t i = (size_t)(poll_source(poll) - run->config->sources);
	int id = (int)i;
	struct slot *slot = &run->slots[i];
	must(i < run->n_slots && slot->poll == poll);
	slot->poll = NULL;
	run->active--;
	poll_free(poll);
	bool over = outcome->ended ||
		    (run->opt.until_idle && (outcome->failed || !outcome->more) && !run->stopping);
	slot->finished |= over;
	if (outcome->gap_ms >= 0)
		schedule_gap(run->schedule, id, outcome->gap_ms);
	schedule_done(run->schedule, id, clock_wall_ms(), over ? SCHEDULE_NEVER : outcome->due_ms,
		      outcome->asked_host);
	/* a host without rests is our own: there a source speaks for itself only */
	if (outcome->hold_ms > 0 && run->config->ingest.host_gap_ms > 0)
		schedule_hold(run->schedule, id, outcome->hold_ms);
	loop_timer_set(run->timer, 0);
}

static void stop_polls(struct run *run)
{
	for (size_t i = 0; i < run->n_slots; i++)
		if (run->slots[i].poll)
			poll_stop(run->slots[i].poll);
	loop_timer_set(run->timer, 0);
}

/* ---- where posts go ---- */

static enum bus_result publish(void *arg, struct str key, struct str value, uint64_t token,
			       bool *ret_delivered)
{
	struct run *run = arg;
	if (run->opt.to_stdout) {
		*ret_delivered = true;
		(void)fwrite(value.p, 1, value.n,
			     stdout); /* failures are found by the flush at the end */
		(void)fputc('\n', stdout);
		if (ferror(stdout)) {
			log_err("could not write posts", "next=\"giving up\"");
			run->code = EX_IOERR;
			run->stopping = true;
			loop_stop(run->loop);
		}
		return BUS_OK;
	}
	enum bus_result result = bus_publish(run->bus, "posts", key, value, token);
	if (result == BUS_FULL && !run->paused) {
		run->paused = true;
		log_info("bus is full", "next=\"no new pages until there is room\"");
	}
	return result;
}

static void on_delivered(void *arg, uint64_t token, bool ok)
{
	struct run *run = arg;
	for (size_t i = 0; i < run->n_slots; i++) {
		struct poll *poll = run->slots[i].poll;
		if (poll && poll_serial(poll) == token >> 32) {
			poll_delivered(poll, (uint32_t)token, ok);
			return;
		}
	}
}

static void on_room(void *arg)
{
	struct run *run = arg;
	if (run->paused)
		log_info("bus has room", "next=\"going on\"");
	run->paused = false;
	for (size_t i = 0; i < run->n_slots && !run->paused; i++)
		if (run->slots[i].poll)
			poll_room(run->slots[i].poll);
	loop_timer_set(run->timer, 0);
}

static void on_bus_failed(void *arg, const char *reason)
{
	struct run *run = arg;
	log_err("bus is lost", "reason=%s next=\"exiting; what was not delivered is read again\"",
		log_qz(reason));
	run->code = EX_UNAVAILABLE;
	run->stopping = true;
	loop_stop(run->loop);
}

static int bus_start(struct run *run, struct error *err)
{
	const struct conf_common *common = &run->config->common;
	struct bus_options options = {
	    .loop = run->loop,
	    .program = "ingest",
	    .instance = run->opt.instance,
	    .arg = run,
	    .on_delivered = on_delivered,
	    .on_room = on_room,
	    .on_failed = on_bus_failed,
	};
	run->bus = bus_open_conf(common, &options, err);
	return run->bus ? 0 : -1;
}

/* ---- signals ---- */

static void on_term(void *arg)
{
	struct run *run = arg;
	if (run->stopping)
		return;
	log_info("stopping", "polls=%zu next=\"finishing what is in hand\"", run->active);
	run->stopping = true;
	loop_timer_set(run->deadline, STOP_MS);
	stop_polls(run);
}

static void on_deadline(void *arg)
{
	struct run *run = arg;
	log_warn("could not finish in time",
		 "polls=%zu next=\"exiting; their pages are read again at the next start\"",
		 run->active);
	run->late = true;
	loop_stop(run->loop);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void say_restart(const struct config *old, const struct config *new)
{
	const struct {
		const char *name, *a, *b;
	} fixed[] = {
	    {"tenant", old->common.tenant, new->common.tenant},
	    {"bus", old->common.bus, new->common.bus},
	    {"redis", old->common.redis, new->common.redis},
	    {"data", old->common.data, new->common.data},
	    {"ingest.metrics", old->ingest.metrics, new->ingest.metrics},
	};
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (!same(fixed[i].a, fixed[i].b))
			log_warn("setting needs restart",
				 "setting=%s next=\"going on with the old value\"", fixed[i].name);
	if (old->ingest.remember_ms != new->ingest.remember_ms)
		log_warn("setting needs restart",
			 "setting=ingest.remember next=\"going on with the old value\"");
}

static void set_level(const struct config *config)
{
	enum log_level level;
	if (log_level_of(config->common.log_level, &level) == 0)
		log_set_level(level);
}

static void say_wanted(const struct config *config)
{
	const char *always;
	size_t n = config->wanted ? wanted_queries(config->wanted, &always) : 0;
	if (config->wanted && always)
		log_warn(
		    "a query wants every post",
		    "query=%s next=\"keeping all; it needs a word, or a condition on the source\"",
		    log_qz(always));
	else if (config->wanted)
		log_info("posts are kept by queries", "queries=%zu", n);
}

static void reload_now(struct run *run)
{
	say_restart(run->config, run->next);
	sources_close(run);
	ingest_config_free(run->config);
	run->config = run->next;
	run->next = NULL;
	set_level(run->config);
	say_wanted(run->config);
	sources_open(run);
	log_info("configuration reloaded", "sources=%zu", run->n_slots);
}

static void on_hup(void *arg)
{
	struct run *run = arg;
	struct error err;
	struct config *config = ingest_config_load(run->opt.config_path, &err);
	if (!config) {
		log_err("configuration is wrong", "reason=%s next=\"going on with the old one\"",
			log_qz(err.text));
		return;
	}
	ingest_config_free(run->next);
	run->next = config;
	stop_polls(run);
}

/* ---- life cycle ---- */

static void on_redis_up(void *arg)
{
	tick(arg);
}

static int servers_open(struct run *run, struct error *err)
{
	const struct conf_common *common = &run->config->common;
	struct redis_options options = {.loop = run->loop,
					.address = common->redis,
					.password = common->redis_password,
					.arg = run,
					.on_up = on_redis_up};
	run->redis = redis_open(&options, err);
	if (!run->redis || bus_start(run, err))
		return -1;
	run->stats = stats_serve(run->loop, run->config->ingest.metrics, err);
	if (!run->stats)
		return -1;
	log_info("started", "sources=%zu bus=%s metrics=127.0.0.1:%d", run->n_slots,
		 log_qz(common->bus), stats_server_port(run->stats));
	return 0;
}

static void run_close(struct run *run)
{
	/* Redis first: what waits for it is told that it is gone, and polls may be freed */
	redis_close(run->redis);
	run->redis = NULL;
	sources_close(run);
	if (run->bus && bus_close(run->bus, run->late ? LATE_MS : STOP_MS) != 0 && run->code == 0)
		log_warn("bus was not done in time", "next=\"unconfirmed posts are read again\"");
	stats_server_close(run->stats);
	seen_free(run->seen);
	ingest_config_free(run->config);
	ingest_config_free(run->next);
	loop_timer_del(run->timer);
	loop_timer_del(run->deadline);
	loop_free(run->loop);
}

int ingest_run_main(const struct run_options *options)
{
	struct error err = {""};
	struct run run = {.opt = *options};
	run.config = ingest_config_load(options->config_path, &err);
	if (!run.config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	set_level(run.config);
	say_wanted(run.config);
	run.loop = loop_create();
	run.timer = loop_timer_add(run.loop, tick, &run);
	run.deadline = loop_timer_add(run.loop, on_deadline, &run);
	loop_signal(run.loop, SIGTERM, on_term, &run);
	loop_signal(run.loop, SIGINT, on_term, &run);
	loop_signal(run.loop, SIGHUP, on_hup, &run);
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	run.seed = (uint64_t)clock_real_ms();
	poll_stats_init();
	run.env = (struct poll_env){.loop = run.loop,
				    .seed = &run.seed,
				    .at_once = options->until_idle,
				    .arg = &run,
				    .publish = publish,
				    .done = on_done};
	sources_open(&run);
	if (!options->to_stdout && servers_open(&run, &err)) {
		log_err("could not start", "reason=%s", log_qz(err.text));
		run.code = EX_UNAVAILABLE;
	} else {
		run.seen = seen_create(run.redis, run.config->common.tenant,
				       run.config->ingest.remember_ms);
		run.env.seen = run.seen;
		loop_timer_set(run.timer, 0);
		loop_run(run.loop);
	}
	run_close(&run);
	if (fflush(stdout) != 0 && run.code == 0) {
		log_err("could not write posts", "next=\"giving up\"");
		run.code = EX_IOERR;
	}
	return run.code;
}
