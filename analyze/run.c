/*
 * run.c: topic posts -> score -> topic scored, same key.
 *
 * work() takes inputs while the bus gives some and takes outputs, at most BATCH per turn so that
 * signals and the metrics page are not kept waiting; the bus calls again when there is more, or
 * room again.  An input that is no post ends as a dead letter; a delete passes with analysis null.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stats.h"

#include "analyze/config.h"
#include "analyze/queries.h"
#include "analyze/run.h"
#include "analyze/score.h"
#include "analyze/shipped.h"

enum { BATCH = 500, STOP_MS = 10000, IDLE_MS = 50, LAG_MS = 1000 };

enum { ST_POSTS, ST_DELETES, ST_DEAD, ST_TONALITY, ST_LANGUAGE, ST_MICROSECONDS, ST_LAG, ST_COUNT };
static const struct stats_row rows[ST_COUNT] = {
    [ST_POSTS] = {"analyze_posts_total", STATS_COUNTER, NULL, "posts scored"},
    [ST_DELETES] = {"analyze_deletes_total", STATS_COUNTER, NULL, "deletions passed on"},
    [ST_DEAD] = {"analyze_dead_total", STATS_COUNTER, NULL, "inputs that were no post"},
    [ST_TONALITY] = {"analyze_tonality_total", STATS_COUNTER, "label",
		     "posts by tonality; none: left to a person"},
    [ST_LANGUAGE] = {"analyze_language_total", STATS_COUNTER, "lang",
		     "posts by language; none: unsure"},
    [ST_MICROSECONDS] = {"analyze_scoring_microseconds_total", STATS_COUNTER, NULL,
			 "CPU time spent scoring"},
    [ST_LAG] = {"analyze_lag", STATS_GAUGE, NULL, "posts on the bus that wait for us"},
};

static int stats_base = -1;

void analyze_stats_register(void)
{
	if (stats_base < 0)
		stats_base = stats_register(rows, ST_COUNT);
}

struct run {
	struct analyze_run_options opt;
	struct analyze_config *config;
	struct queries *queries; /* NULL: none */
	struct queries_reload *reload;
	bool again; /* SIGHUP came while they were loaded */
	struct model *model;
	struct score *score;
	struct loop *loop;
	struct loop_timer *work, *lag, *deadline, *reloaded;
	struct bus *bus;
	struct stats_server *stats;
	struct bus_msg *held; /* scored, but the bus was full */
	struct buf out;       /* what it became */
	int base;             /* of our counters */
	bool stopping;
	int code;
};

/* ---- work ---- */

static int64_t cpu_us(void)
{
	struct timespec now;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void count(struct run *run)
{
	struct analysis a;
	if (score_last(run->score, &a)->op == POST_DELETE) {
		stats_add(run->base + ST_DELETES, 1);
		return;
	}
	char lang[16] = "none";
	const char *label = post_tonality_name(a.tonality.label);
	if (a.lang.n && a.lang.n < sizeof lang)
		(void)snprintf(lang, sizeof lang, "%.*s", STR_ARG(a.lang));
	stats_add(run->base + ST_POSTS, 1);
	stats_add_label(run->base + ST_TONALITY, label ? label : "none", 1);
	stats_add_label(run->base + ST_LANGUAGE, lang, 1);
}

static void dead(struct run *run, struct bus_msg *msg, const char *reason)
{
	static struct log_limit limit = {.every_ms = 10000};
	unsigned skipped;
	stats_add(run->base + ST_DEAD, 1);
	if (log_allow(&limit, &skipped))
		log_warn("not a post",
			 "key=%s reason=%s skipped=%u next=\"put aside on the topic dead\"",
			 log_q(msg->key), log_qz(reason), skipped);
	bus_done(run->bus, msg, reason);
}

/* Hands over what `held` became.  False: the bus is full, or gone. */
static bool hand_over(struct run *run)
{
	struct bus_msg *msg = run->held;
	switch (bus_forward(run->bus, msg, "scored", msg->key, buf_view(&run->out))) {
	case BUS_OK:
		run->held = NULL;
		bus_done(run->bus, msg, NULL);
		return true;
	case BUS_TOO_LARGE:
		run->held = NULL;
		dead(run, msg, "the scored post is larger than the bus takes");
		return true;
	default: return false; /* on_room, or on_failed, calls */
	}
}

static void take(struct run *run, struct bus_msg *msg)
{
	struct error err;
	buf_reset(&run->out);
	if (score_line(run->score, msg->value, &run->out, &err) != 0) {
		dead(run, msg, err.text);
		return;
	}
	count(run);
	run->held = msg;
}

static void work(void *arg)
{
	struct run *run = arg;
	int64_t start = cpu_us();
	struct bus_msg *msg;
	int n = 0;
	if (run->held && !hand_over(run))
		return;
	while (n < BATCH && !run->stopping && (msg = bus_next(run->bus))) {
		n++;
		take(run, msg);
		if (run->held && !hand_over(run))
			break;
	}
	stats_add(run->base + ST_MICROSECONDS, cpu_us() - start);
	if (run->stopping && !run->held)
		loop_stop(run->loop);
	else if (n == BATCH)
		loop_timer_set(run->work, 0);
	else if (run->opt.until_idle && n == 0 && bus_idle(run->bus))
		loop_stop(run->loop);
	else if (run->opt.until_idle)
		loop_timer_set(run->work, IDLE_MS); /* commits end without a word */
}

static void on_lag(void *arg)
{
	struct run *run = arg;
	int64_t lag = bus_lag(run->bus);
	if (lag >= 0)
		stats_set(run->base + ST_LAG, lag);
	loop_timer_set(run->lag, LAG_MS);
}

/* ---- signals ---- */

static void on_term(void *arg)
{
	struct run *run = arg;
	if (run->stopping)
		return;
	log_info("stopping", "next=\"finishing what is in hand\"");
	run->stopping = true;
	loop_timer_set(run->deadline, STOP_MS);
	loop_timer_set(run->work, 0);
}

static void on_deadline(void *arg)
{
	struct run *run = arg;
	log_warn("could not finish in time", "next=\"exiting; what is open is scored again\"");
	loop_stop(run->loop);
}

static void set_level(const struct analyze_config *config)
{
	enum log_level level;
	if (log_level_of(config->common.log_level, &level) == 0)
		log_set_level(level);
}

/* What v.config, v.model and v.queries stand for, kept once under its hash, so that an analysis can be
 * recomputed later.  Fails softly: scoring does not need it. */
static void keep_version(const struct run *run, const char *kind, const char *id, struct str bytes)
{
	char *dir = xasprintf("%s/versions", run->config->common.data);
	char *path = xasprintf("%s/%s-%s", dir, kind, id), *part = xasprintf("%s.tmp", path);
	(void)mkdir(run->config->common.data, 0777); /* may be there */
	(void)mkdir(dir, 0777);
	int fd = access(path, F_OK) == 0
		     ? -1
		     : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0) {
		bool whole = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
		if (close(fd) != 0 || !whole || rename(part, path) != 0)
			log_warn("could not keep a version",
				 "path=%s reason=%s next=\"scoring all the same\"", log_qz(path),
				 log_qz(strerror(errno)));
	} else if (access(path, F_OK) != 0) {
		log_warn("could not keep a version",
			 "path=%s reason=%s next=\"scoring all the same\"", log_qz(path),
			 log_qz(strerror(errno)));
	}
	free(part);
	free(path);
	free(dir);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Between two posts: each is matched with one set and names its version. */
static void use_queries(struct run *run, struct queries *queries)
{
	score_use_queries(run->score, queries);
	if (queries != run->queries)
		queries_free(run->queries);
	run->queries = queries;
	if (!queries)
		return;
	const struct query_file *file = queries->file;
	keep_version(run, "queries", file->version, buf_view(&file->text));
	log_info("queries in use", "queries=%zu version=%s", query_set_n(file->set), file->version);
	if (queries->common)
		log_warn(
		    "queries are looked at for a great many posts",
		    "n=%zu query=%s next=\"posthorn-analyze query cost measures what they take\"",
		    queries->n_common, log_qz(queries->common));
}

static void on_queries(void *arg, struct queries *queries, const struct error *err)
{
	struct run *run = arg;
	if (queries) {
		use_queries(run, queries);
	} else {
		log_err("queries are wrong", "reason=%s next=\"going on with the old ones\"",
			log_qz(err->text));
	}
	loop_timer_set(run->reloaded, 0);
}

static void on_hup(void *arg);

/* The reload is over; not freed from its own call. */
static void on_reloaded(void *arg)
{
	struct run *run = arg;
	queries_reload_free(run->reload);
	run->reload = NULL;
	if (run->again) { /* the file may have changed while it was read */
		run->again = false;
		on_hup(run);
	}
}

static void on_hup(void *arg)
{
	struct run *run = arg;
	struct error err;
	struct analyze_config *new = analyze_config_load(run->opt.config_path, &err);
	if (!new) {
		log_err("configuration is wrong", "reason=%s next=\"going on with the old one\"",
			log_qz(err.text));
		return;
	}
	const struct analyze_config *old = run->config;
	const struct {
		const char *name;
		bool same;
	} fixed[] = {
	    {"tenant", same(old->common.tenant, new->common.tenant)},
	    {"bus", same(old->common.bus, new->common.bus)},
	    {"data", same(old->common.data, new->common.data)},
	    {"analyze.model", same(old->analyze.model, new->analyze.model)},
	    {"analyze.metrics", same(old->analyze.metrics, new->analyze.metrics)},
	    {"analyze.abstain", old->analyze.abstain == new->analyze.abstain},
	};
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		if (!fixed[i].same)
			log_warn("setting needs restart",
				 "setting=%s next=\"going on with the old value\"", fixed[i].name);
	}
	run->again = new->analyze.queries && run->reload;
	if (new->analyze.queries && !run->reload)
		run->reload =
		    queries_reload_start(run->loop, new->analyze.queries, on_queries, run);
	else if (!new->analyze.queries)
		use_queries(run, NULL);
	set_level(new);
	log_info("configuration reloaded", "log_level=%s", log_qz(new->common.log_level));
	analyze_config_free(new); /* the rest of the old one stays */
}

/* ---- the bus calls ---- */

static void on_ready(void *arg)
{
	work(arg);
}

static void on_room(void *arg)
{
	work(arg);
}

static void on_bus_failed(void *arg, const char *reason)
{
	struct run *run = arg;
	log_err("bus is lost", "reason=%s next=\"exiting; what is open is scored again\"",
		log_qz(reason));
	run->code = EX_UNAVAILABLE;
	loop_stop(run->loop);
}

static int bus_start(struct run *run, struct error *err)
{
	static const char *const topics[] = {"posts", NULL};
	const struct conf_common *common = &run->config->common;
	struct bus_options options = {.loop = run->loop,
				      .program = "analyze",
				      .instance = run->opt.instance,
				      .topics = topics,
				      .arg = run,
				      .on_ready = on_ready,
				      .on_room = on_room,
				      .on_failed = on_bus_failed};
	run->bus = bus_open_conf(common, &options, err);
	return run->bus ? 0 : -1;
}

/* ---- life cycle ---- */

static int start(struct run *run, struct error *err)
{
	char *path = shipped_path(run->config->analyze.model, SHIPPED_MODEL);
	run->model = model_open(path, err);
	free(path);
	if (!run->model) {
		run->code = EX_CONFIG;
		return -1;
	}
	struct score_settings settings = analyze_config_settings(&run->config->analyze);
	run->score = score_create(run->model, &settings);
	run->reloaded = loop_timer_add(run->loop, on_reloaded, run);
	if (run->config->analyze.queries) {
		run->queries = queries_load(run->config->analyze.queries, err);
		if (!run->queries) {
			run->code = EX_CONFIG;
			return -1;
		}
		use_queries(run, run->queries);
	}
	analyze_stats_register();
	run->base = stats_base;
	keep_version(run, "config", score_config_id(run->score),
		     str_of(score_config_text(run->score)));
	keep_version(run, "model", model_id(run->model), model_bytes(run->model));
	run->code = EX_UNAVAILABLE;
	if (bus_start(run, err) != 0)
		return -1;
	run->stats = stats_serve(run->loop, run->config->analyze.metrics, err);
	if (!run->stats)
		return -1;
	run->code = 0;
	log_info("started", "bus=%s model=%s metrics=127.0.0.1:%d", log_qz(run->config->common.bus),
		 model_id(run->model), stats_server_port(run->stats));
	return 0;
}

int analyze_run(const struct analyze_run_options *options)
{
	struct error err = {""};
	struct run run = {.opt = *options};
	run.config = analyze_config_load(options->config_path, &err);
	if (!run.config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	set_level(run.config);
	buf_init(&run.out, 4 * MiB);
	run.loop = loop_create();
	run.work = loop_timer_add(run.loop, work, &run);
	run.lag = loop_timer_add(run.loop, on_lag, &run);
	run.deadline = loop_timer_add(run.loop, on_deadline, &run);
	loop_signal(run.loop, SIGTERM, on_term, &run);
	loop_signal(run.loop, SIGINT, on_term, &run);
	loop_signal(run.loop, SIGHUP, on_hup, &run);
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
	if (start(&run, &err) != 0) {
		log_err("could not start", "reason=%s", log_qz(err.text));
	} else {
		loop_timer_set(run.work, 0);
		loop_timer_set(run.lag, LAG_MS);
		loop_run(run.loop);
	}
	/* an input still held was not forwarded: it must not be ended, and comes again */
	if (run.bus && bus_close(run.bus, STOP_MS) != 0 && run.code == 0)
		log_warn("bus was not done in time", "next=\"open posts are scored again\"");
	stats_server_close(run.stats);
	loop_timer_del(run.work);
	loop_timer_del(run.lag);
	loop_timer_del(run.deadline);
	loop_timer_del(run.reloaded);
	queries_reload_free(run.reload);
	loop_free(run.loop);
	score_free(run.score);
	queries_free(run.queries);
	model_close(run.model);
	buf_done(&run.out);
	analyze_config_free(run.config);
	return run.code;
}
