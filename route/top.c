/*
 * top.c: opens, turns the loop, closes.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

#include "route/config.h"
#include "route/keys.h"
#include "route/term.h"
#include "route/top.h"
#include "route/top_keys.h"

enum {
	TICK_MS = 1000,
	ESCAPE_MS = 50,
	SILENT_MS = 2500, /* no answer for so long: Redis counts as away */
	ONCE_MS = 3000,
	ONCE_TICKETS = 10,
	ONCE_WIDTH = 100
};

struct top {
	struct config *config;
	struct loop *loop;
	struct redis *redis;
	struct store *store;
	struct top_reader *reader;
	struct term *term;
	struct loop_io *keyboard;
	struct loop_timer *tick, *escape;
	struct hands hands;
	struct arena *frame;
	const struct top_model *model;
	int64_t model_mono_ms, model_wall_ms; /* when the latest came */
	bool dirty, gone;
};

/* ---- reading ---- */

static size_t wanted(const struct top *top)
{
	size_t rows = top->hands.ui.rows, n = top->hands.index + 2 * rows + 10;
	return n < 50 ? 50 : n;
}

static void ask(struct top *top)
{
	struct top_ask question = {.team = top->hands.ui.team, .tickets = wanted(top)};
	if (top->hands.ui.mode == TOP_RECEIPT)
		question.ticket = top->hands.ui.selected;
	if (top->hands.explain)
		question.ticket = top->hands.explain;
	if (redis_up(top->redis) && top_reader_ask(top->reader, &question))
		top->hands.refresh = false;
}

static void on_model(void *arg, const struct top_model *model)
{
	struct top *top = arg;
	if (!model)
		return; /* on_tick sees that nothing comes */
	top->model = model;
	top->model_mono_ms = clock_mono_ms();
	top->model_wall_ms = model->now;
	top->hands.ui.away_since = 0;
	hands_model(&top->hands, model);
	top->dirty = true;
}

static void on_up(void *arg)
{
	struct top *top = arg;
	top->hands.refresh = true;
}

static void on_tick(void *arg)
{
	struct top *top = arg;
	if (top->model && clock_mono_ms() - top->model_mono_ms > SILENT_MS)
		top->hands.ui.away_since = top->model_wall_ms;
	ask(top);
	top->dirty = true; /* countdowns */
	loop_timer_set(top->tick, TICK_MS);
}

/* ---- the screen ---- */

static void draw(struct top *top)
{
	struct lines lines;
	struct top_model now;
	arena_reset(top->frame);
	term_size(STDOUT_FILENO, &top->hands.ui.width, &top->hands.ui.height);
	if (top->hands.ui.width > TOP_WIDTH_MAX)
		top->hands.ui.width = TOP_WIDTH_MAX;
	lines_init(&lines, top->frame, top->hands.ui.width);
	if (top->model) {
		/* time goes on between two answers, and while Redis is away */
		now = *top->model;
		now.now = clock_wall_ms();
		now.redis_now += clock_mono_ms() - top->model_mono_ms;
	}
	top_view(&lines, top->model ? &now : NULL, &top->hands.ui);
	term_draw(top->term, &lines);
	top->dirty = false;
}

static void on_key(void *arg, unsigned key)
{
	struct top *top = arg;
	hands_key(&top->hands, key);
	top->dirty = true;
}

static void on_keyboard(void *arg, int fd, int events)
{
	struct top *top = arg;
	(void)fd;
	(void)events;
	if (term_keys(top->term, on_key, top))
		top->hands.quit = true; /* the terminal is gone */
	if (term_pending(top->term))
		loop_timer_set(top->escape, ESCAPE_MS);
	else
		loop_timer_clear(top->escape);
}

static void on_escape(void *arg)
{
	struct top *top = arg;
	term_escape(top->term, on_key, top);
}

static void on_resize(void *arg)
{
	struct top *top = arg;
	top->dirty = true;
	term_redraw(top->term);
}

static void on_quit(void *arg)
{
	struct top *top = arg;
	top->hands.quit = true;
}

static void on_suspend(void *arg)
{
	struct top *top = arg;
	top->hands.suspend = true;
}

static void live(struct top *top)
{
	top->tick = loop_timer_add(top->loop, on_tick, top);
	top->escape = loop_timer_add(top->loop, on_escape, top);
	top->keyboard = loop_io_add(top->loop, STDIN_FILENO, LOOP_READ, on_keyboard, top);
	loop_timer_set(top->tick, 0);
	while (!top->hands.quit) {
		loop_turn(top->loop, -1);
		if (top->hands.refresh)
			ask(top);
		if (top->hands.suspend) {
			top->hands.suspend = false;
			term_suspend(top->term);
			top->dirty = true;
		}
		if (top->hands.redraw) {
			top->hands.redraw = false;
			term_redraw(top->term);
			top->dirty = true;
		}
		if (top->dirty)
			draw(top);
	}
}

/* ---- open and close ---- */

static int fail(int code, const char *text)
{
	(void)fprintf(stderr, "posthorn-route queue top: %s\n", text);
	return code;
}

static int open_redis(struct top *top)
{
	const struct conf_common *common = &top->config->common;
	struct error err;
	if (!keys_tenant_valid(common->tenant))
		return fail(EX_CONFIG, "tenant must be letters, digits, . _ - only");
	struct redis_options options = {.loop = top->loop,
					.address = common->redis,
					.password = common->redis_password,
					.arg = top,
					.on_up = on_up};
	top->redis = redis_open(&options, &err);
	if (!top->redis)
		return fail(EX_CONFIG, err.text);
	top->store = store_open(top->redis, common->tenant);
	top->reader = top_reader_create(top->redis, common->tenant, on_model, top);
	return 0;
}

static void close_all(struct top *top)
{
	redis_close(top->redis);
	store_close(top->store);
	top_reader_free(top->reader);
	hands_done(&top->hands);
	arena_free(top->frame);
	loop_free(top->loop);
	config_free(top->config);
}

static int print_once(struct top *top, size_t width)
{
	struct top_ui *ui = &top->hands.ui;
	struct top_ask question = {.team = ui->team, .tickets = ONCE_TICKETS};
	const struct top_model *m = top_reader_wait(top->reader, top->loop, &question, ONCE_MS);
	bool colours = term_colours(STDOUT_FILENO);
	if (!m) {
		(void)fprintf(
		    stderr,
		    "posthorn-route queue top: redis at %s does not answer: is it running?\n",
		    top->config->common.redis);
		return EX_UNAVAILABLE;
	}
	if (m->refused.n) {
		(void)fprintf(stderr, "posthorn-route queue top: redis refuses: %.*s\n",
			      STR_ARG(m->refused));
		return EX_UNAVAILABLE;
	}
	struct lines lines;
	struct buf row;
	ui->width = width;
	ui->height = 0;
	lines_init(&lines, top->frame, width);
	top_view(&lines, m, ui);
	buf_init(&row, 64 * KiB);
	for (size_t i = 0; i < lines.n; i++) {
		struct str plain = lines_plain(&lines, i);
		buf_reset(&row);
		if (colours)
			lines_ansi(&lines, i, true, &row);
		(void)printf("%.*s\n", STR_ARG(colours ? buf_view(&row) : plain));
	}
	buf_done(&row);
	return 0;
}

const struct cli_option top_options[] = {
    {"config", "FILE", "configuration (-c)"},
    {"once", NULL, "print once and end; needs no terminal"},
    {"team", "NAME", "this team only"},
    {"agent", "NAME", "who works here; default: the user's name"},
    {"lang", "de|en", "language; default: the locale's"},
    {"width", "N", "columns for --once; default: the terminal's, else 100"},
    {NULL, NULL, NULL}};

static int run_live(struct top *top)
{
	struct error err;
	/* before the terminal changes: a signal in between must find its handler */
	loop_signal(top->loop, SIGTERM, on_quit, top);
	loop_signal(top->loop, SIGINT, on_quit, top);
	loop_signal(top->loop, SIGHUP, on_quit, top);
	loop_signal(top->loop, SIGTSTP, on_suspend, top);
	loop_signal(top->loop, SIGWINCH, on_resize, top);
	top->term = term_open(STDIN_FILENO, STDOUT_FILENO, &err);
	if (!top->term)
		return fail(EX_USAGE, err.text);
	live(top);
	term_close(top->term);
	return 0;
}

int top_run(const struct cli *cli)
{
	struct top top = {0};
	struct error err;
	const char *path = cli_get(cli, "config"), *agent = cli_get(cli, "agent");
	const char *lang = cli_get(cli, "lang"), *columns = cli_get(cli, "width");
	enum words_lang words = words_of_locale();
	int64_t width = ONCE_WIDTH;
	size_t w, h;
	bool once = cli_has(cli, "once");
	if (!path)
		return fail(EX_USAGE, "expected -c FILE");
	if (lang && words_lang_of(lang, &words))
		return fail(EX_USAGE, "expected de or en after --lang");
	term_size(STDOUT_FILENO, &w, &h);
	if (isatty(STDOUT_FILENO))
		width = (int64_t)(w < TOP_WIDTH_MAX ? w : TOP_WIDTH_MAX);
	if (columns && num_int(str_of(columns), 40, TOP_WIDTH_MAX, &width))
		return fail(EX_USAGE, "expected 40 to 400 after --width");
	if (!agent || !*agent)
		agent = getenv("USER");
	log_set_level(LOG_ERR); /* the screen says what is away; a log line would tear it */
	top.config = config_load(path, &err);
	if (!top.config) {
		(void)fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	top.loop = loop_create();
	top.frame = arena_create(64 * MiB);
	int code = open_redis(&top);
	hands_init(&top.hands, words, agent && *agent ? agent : "agent", top.config->common.redis,
		   top.store, top.config->route.lease_ms);
	if (cli_get(cli, "team"))
		hands_team(&top.hands, cli_get(cli, "team"));
	if (code == 0)
		code = once ? print_once(&top, (size_t)width) : run_live(&top);
	close_all(&top);
	return code;
}
