/*
 * run.c: puts the daemon together: Redis first (its offsets), then the bus, then time.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/stats.h"
#include "route/intake.h"
#include "route/keys.h"
#include "route/relay.h"
#include "route/run.h"
#include "route/stats.h"

enum {
	TICK_MS = 1000, /* wall */
	TICK_MIN_MS = 50,
	TICK_AT_ONCE = 1000,
	RELAY_MS = 200,
	PURGE_MS = 30000,
	PURGE_AT_ONCE = 200,
	IDLE_MS = 50,
	FINISH_MS = 10000,
	CLOSE_MS = 10000
};

const struct cli_option run_options[] = {
    {"config", "FILE", "configuration (-c)"},
    {"instance", "N", "our name on the bus where several run, 1 to 99; default: 1"},
    {"until-idle", NULL, "exit 0 when nothing is left to do"},
    {"accept-gap", NULL, "go on where posts are gone from the log before they were routed"},
    {NULL, NULL, NULL}};
const struct cli_option check_options[] = {{"config", "FILE", "configuration (-c)"},
					   {NULL, NULL, NULL}};

struct run {
	const char *path;
	struct config *config;
	struct config *first; /* the bus borrows texts of it for ever */
	struct loop *loop;
	struct redis *redis;
	struct store *store;
	struct bus *bus;
	struct intake *intake;
	struct relay *relay;
	struct stats_server *metrics;
	struct loop_timer *tick, *relaying, *purge, *idle, *finish;
	int64_t instance;
	bool until_idle, accept_gap, ticking, ticked, refused, stopping;
	int exit_code;
};

static void stop(struct run *run, int exit_code)
{
	if (exit_code)
		run->exit_code = exit_code;
	loop_stop(run->loop);
}

static void on_fatal(void *arg, const char *reason)
{
	log_err("cannot go on", "reason=%s next=\"exiting with 69\"", log_qz(reason));
	stop(arg, EX_UNAVAILABLE);
}

/* ---- the bus ---- */

static int64_t on_assigned(void *arg, const struct bus_part *part)
{
	struct run *run = arg;
	return intake_assigned(run->intake, part);
}

static void on_revoked(void *arg, const char *topic, int partition)
{
	struct run *run = arg;
	(void)topic; /* we read one */
	intake_revoked(run->intake, partition);
}

static void on_ready(void *arg)
{
	struct run *run = arg;
	intake_pump(run->intake);
}

static void on_room(void *arg)
{
	struct run *run = arg;
	relay_pump(run->relay);
	intake_pump(run->intake);
}

static void on_delivered(void *arg, uint64_t token, bool ok)
{
	struct run *run = arg;
	relay_delivered(run->relay, token, ok);
}

static void open_bus(struct run *run)
{
	static const char *const topics[] = {"scored", NULL};
	/* also after a SIGHUP: what needs a restart stays as it was at the start */
	const struct conf_common *common = &run->first->common;
	struct bus_options options = {
	    .loop = run->loop,
	    .program = "route",
	    .instance = (int)run->instance,
	    .topics = topics,
	    .arg = run,
	    .on_delivered = on_delivered,
	    .on_assigned = on_assigned,
	    .on_revoked = on_revoked,
	    .on_ready = on_ready,
	    .on_room = on_room,
	    .on_failed = on_fatal,
	};
	struct error err;
	run->bus = bus_open_conf(common, &options, &err);
	if (!run->bus) {
		on_fatal(run, err.text);
		return;
	}
	intake_bus(run->intake, run->bus);
	relay_bus(run->relay, run->bus);
}

/* ---- Redis ---- */

static void on_tenant(void *arg, const struct store_result *r)
{
	struct run *run = arg;
	if (r->code == STORE_GONE || run->stopping)
		return; /* on_up comes again */
	if (r->code != STORE_OK || r->reply->n < 3) {
		log_err("redis refuses the start", "reason=%s next=\"trying again in 1 s\"",
			log_qz(r->text));
		run->refused = true;
		loop_timer_set(run->idle, 1000);
		return;
	}
	run->refused = false;
	if (run->until_idle)
		loop_timer_set(run->idle, IDLE_MS);
	if (r->numbers[0] && run->bus)
		log_warn("redis was emptied",
			 "next=\"reading the log from its beginning as far as it is there\"");
	if (!run->bus) {
		intake_offsets(run->intake, &r->reply->items[2]);
		open_bus(run);
	} else {
		intake_compare(run->intake, &r->reply->items[2]);
	}
	intake_resume(run->intake);
	relay_pump(run->relay);
}

static void open_tenant(struct run *run)
{
	const struct config *config = run->config;
	const char **teams = xcalloc(2 * config->n_teams + 1, sizeof *teams);
	for (size_t i = 0; i < config->n_teams; i++) {
		teams[2 * i] = config->teams[i].name;
		teams[2 * i + 1] =
		    config->teams[i].label ? config->teams[i].label : config->teams[i].name;
	}
	store_open_tenant(run->store, config->policy.hash, buf_view(&config->policy.text), teams,
			  2 * config->n_teams, on_tenant, run);
	free(teams);
}

static void on_unsure(void *arg)
{
	struct run *run = arg;
	if (redis_up(run->redis)) /* else on_up asks */
		open_tenant(run);
}

static void on_fsync(void *arg, const struct redis_reply *reply)
{
	(void)arg;
	if (reply->type == REDIS_LIST && reply->n == 2 && !str_is(reply->items[1].text, "always"))
		log_warn("redis may lose what it has acknowledged",
			 "appendfsync=%s next=\"going on; set appendfsync always for tickets\"",
			 log_q(reply->items[1].text));
}

static void on_up(void *arg)
{
	struct run *run = arg;
	if (!run->bus)
		redis_sendz(run->redis, on_fsync, run, "CONFIG", "GET", "appendfsync", NULL);
	open_tenant(run);
}

/* ---- time ---- */

static void set_tick(struct run *run)
{
	int64_t ms = clock_to_real_ms(TICK_MS);
	loop_timer_set(run->tick, ms < TICK_MIN_MS ? TICK_MIN_MS : ms);
}

static void on_ticked(void *arg, const struct store_result *r)
{
	struct run *run = arg;
	run->ticking = false;
	if (r->code == STORE_OK) {
		stats_add(ST_WARNED, r->numbers[0]);
		stats_add(ST_BREACHED, r->numbers[1]);
		stats_add(ST_EXPIRED, r->numbers[2]);
		run->ticked = !r->numbers[4];
		if (r->numbers[0] || r->numbers[1] || r->numbers[2])
			relay_pump(run->relay);
		if (r->numbers[4]) {
			loop_timer_set(run->tick, 0);
			return;
		}
	} else if (r->code == STORE_ERROR) {
		static struct log_limit limit = {.every_ms = 10000};
		unsigned skipped;
		if (log_allow(&limit, &skipped))
			log_err("redis refuses the tick",
				"reason=%s skipped=%u next=\"trying again in a second\"",
				log_qz(r->text), skipped);
	}
	set_tick(run);
}

static void on_tick(void *arg)
{
	struct run *run = arg;
	if (!redis_up(run->redis) || run->ticking) {
		set_tick(run);
		return;
	}
	run->ticking = true;
	store_tick(run->store, TICK_AT_ONCE, on_ticked, run);
}

static void on_relaying(void *arg)
{
	struct run *run = arg;
	relay_pump(run->relay);
	if (run->bus)
		stats_set(ST_LAG, bus_lag(run->bus));
	loop_timer_set(run->relaying, RELAY_MS);
}

static void on_applied(void *arg)
{
	struct run *run = arg;
	relay_pump(run->relay);
}

static void on_purged(void *arg, const struct store_result *r)
{
	struct run *run = arg;
	bool more = r->code == STORE_OK && r->numbers[0] == PURGE_AT_ONCE;
	if (r->code == STORE_OK)
		stats_add(ST_PURGED, r->numbers[0]);
	loop_timer_set(run->purge, more ? 100 : PURGE_MS);
}

static void on_purge(void *arg)
{
	struct run *run = arg;
	store_purge(run->store, clock_wall_ms() - run->config->route.keep_ms, PURGE_AT_ONCE,
		    on_purged, run);
}

static bool is_idle(const struct run *run)
{
	return run->bus && redis_up(run->redis) && bus_idle(run->bus) &&
	       intake_in_hand(run->intake) == 0 && run->ticked && relay_idle(run->relay) &&
	       bus_unacknowledged(run->bus) == 0;
}

/* Also where the start is tried again after Redis refused it. */
static void on_idle(void *arg)
{
	struct run *run = arg;
	if (run->refused && !run->stopping) {
		if (redis_up(run->redis))
			open_tenant(run);
		return;
	}
	if (run->stopping) {
		bool waits = redis_up(run->redis) && intake_in_hand(run->intake);
		if (!waits) {
			stop(run, 0);
			return;
		}
	} else if (run->until_idle && is_idle(run)) {
		stop(run, 0);
		return;
	}
	if (run->stopping || run->until_idle)
		loop_timer_set(run->idle, IDLE_MS);
}

/* ---- signals ---- */

static void on_finish(void *arg)
{
	log_warn("could not finish in time", "next=\"exiting; it comes again from the bus\"");
	stop(arg, 0);
}

static void on_term(void *arg)
{
	struct run *run = arg;
	if (run->stopping)
		return;
	log_info("stopping", "in_hand=%zu next=\"finishing what is in hand\"",
		 intake_in_hand(run->intake));
	run->stopping = true;
	intake_stop(run->intake);
	loop_timer_set(run->finish, FINISH_MS);
	loop_timer_set(run->idle, 0);
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static void on_hup(void *arg)
{
	struct run *run = arg;
	struct error err;
	struct config *fresh = config_load(run->path, &err);
	if (!fresh) {
		log_err("configuration not taken", "reason=%s next=\"keeping the old one\"",
			log_qz(err.text));
		return;
	}
	const struct conf_common *a = &run->config->common, *b = &fresh->common;
	if (!same_text(a->bus, b->bus) || !same_text(a->redis, b->redis) ||
	    !same_text(a->tenant, b->tenant) || !same_text(a->data, b->data) ||
	    a->partitions != b->partitions ||
	    !same_text(run->config->route.metrics, fresh->route.metrics))
		log_warn("configuration needs restart",
			 "settings=\"tenant bus redis data partitions metrics\" next=\"keeping "
			 "the old values of these, taking the rest\"");
	enum log_level level;
	if (log_level_of(b->log_level, &level) == 0)
		log_set_level(level);
	struct config *old = run->config; /* decisions in flight keep nothing of it */
	run->config = fresh;
	intake_config(run->intake, fresh);
	if (old != run->first)
		config_free(old);
	log_info("configuration taken", "config=%s rules=%zu", fresh->policy.hash,
		 fresh->policy.n_rules);
	if (redis_up(run->redis))
		open_tenant(run);
}

/* ---- life ---- */

static struct loop_timer *timer(struct run *run, loop_fn *fn, int64_t ms)
{
	struct loop_timer *t = loop_timer_add(run->loop, fn, run);
	if (ms >= 0)
		loop_timer_set(t, ms);
	return t;
}

static int open_all(struct run *run, struct error *err)
{
	const struct conf_common *common = &run->config->common;
	run->loop = loop_create();
	loop_signal(run->loop, SIGTERM, on_term, run);
	loop_signal(run->loop, SIGINT, on_term, run);
	loop_signal(run->loop, SIGHUP, on_hup, run);
	if (mkdir(common->data, 0777) && errno != EEXIST)
		return error_set(err, "could not make the directory \"%s\": %m", common->data);
	struct redis_options redis = {.loop = run->loop,
				      .address = common->redis,
				      .password = common->redis_password,
				      .arg = run,
				      .on_up = on_up};
	run->redis = redis_open(&redis, err);
	if (!run->redis)
		return -1;
	run->store = store_open(run->redis, common->tenant);
	run->relay = relay_create(run->redis, run->store);
	struct intake_options intake = {.loop = run->loop,
					.store = run->store,
					.config = run->config,
					.accept_gap = run->accept_gap,
					.arg = run,
					.on_applied = on_applied,
					.on_fatal = on_fatal,
					.on_unsure = on_unsure};
	run->intake = intake_create(&intake);
	if (run->config->route.metrics) {
		run->metrics = stats_serve(run->loop, run->config->route.metrics, err);
		if (!run->metrics)
			return -1;
		log_info("metrics", "port=%d", stats_server_port(run->metrics));
	}
	run->tick = timer(run, on_tick, 0);
	run->relaying = timer(run, on_relaying, RELAY_MS);
	run->purge = timer(run, on_purge, PURGE_MS);
	run->idle = timer(run, on_idle, run->until_idle ? IDLE_MS : -1);
	run->finish = timer(run, on_finish, -1);
	return 0;
}

static void close_all(struct run *run)
{
	if (run->bus && bus_close(run->bus, CLOSE_MS) && !run->exit_code)
		log_warn("the bus did not finish", "next=\"exiting; what is open comes again\"");
	run->bus = NULL;
	if (run->intake)
		intake_bus(run->intake, NULL);
	if (run->relay)
		relay_bus(run->relay, NULL);
	redis_close(run->redis); /* answers what is in flight */
	intake_free(run->intake);
	relay_free(run->relay);
	store_close(run->store);
	stats_server_close(run->metrics);
	if (run->loop)
		loop_free(run->loop);
	if (run->config != run->first)
		config_free(run->config);
	config_free(run->first);
}

static struct config *load(const struct cli *cli)
{
	struct error err;
	const char *path = cli_get(cli, "config");
	struct config *config = config_load(path, &err);
	if (config && !keys_tenant_valid(config->common.tenant)) {
		(void)conf_fail(
		    config->conf, conf_line(config->conf, "", 0, "tenant"), &err,
		    "expected letters, digits, dots, _ and - for \"tenant\", at most 64");
		config_free(config);
		config = NULL;
	}
	if (!config)
		(void)fprintf(stderr, "%s\n", err.text);
	return config;
}

/* What is allowed in the rules, but probably not meant. */
static void say_odd(const struct config *config)
{
	struct buf odd;
	buf_init(&odd, 1 * MiB);
	for (size_t i = 0; i < config->policy.n_rules; i++) {
		const struct rule *rule = &config->policy.rules[i];
		buf_reset(&odd);
		if (rule->when)
			condition_lint(rule->when, &odd);
		if (odd.n)
			(void)fprintf(stderr, "%s:%d: in the rule, %.*s", conf_path(config->conf),
				      conf_line(config->conf, "rules", i, "when"),
				      STR_ARG(buf_view(&odd)));
	}
	buf_done(&odd);
}

int check_main(const struct cli *cli)
{
	struct config *config = load(cli);
	if (!config)
		return EX_CONFIG;
	say_odd(config);
	(void)printf("%s: %zu rules, %zu teams, config %s\n", cli_get(cli, "config"),
		     config->policy.n_rules, config->n_teams, config->policy.hash);
	config_free(config);
	return 0;
}

int run_main(const struct cli *cli)
{
	struct run run = {.instance = 1, .path = cli_get(cli, "config")};
	struct error err;
	enum log_level level;
	int code = cli_int(cli, "instance", 1, 99, &run.instance);
	if (code)
		return code;
	run.until_idle = cli_has(cli, "until-idle");
	run.accept_gap = cli_has(cli, "accept-gap");
	run.config = run.first = load(cli);
	if (!run.config)
		return EX_CONFIG;
	if (log_level_of(run.config->common.log_level, &level) == 0)
		log_set_level(level);
	route_stats_register();
	if (open_all(&run, &err)) {
		log_err("could not start", "reason=%s next=\"exiting\"", log_qz(err.text));
		run.exit_code = EX_UNAVAILABLE;
	} else {
		log_info("started", "config=%s rules=%zu bus=%s redis=%s", run.config->policy.hash,
			 run.config->policy.n_rules, log_qz(run.config->common.bus),
			 log_qz(run.config->common.redis));
		loop_run(run.loop);
	}
	close_all(&run);
	return run.exit_code;
}
