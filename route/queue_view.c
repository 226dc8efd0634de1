/*
 * queue_view.c: `queue list` and `queue show`: what waits, and one ticket with its reasons.
 *
 * Strangers' text is printed to a terminal: control characters become blanks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"
#include "route/keys.h"
#include "route/queue.h"
#include "route/queue_shell.h"
#include "route/receipt.h"
#include "route/ticket_json.h"

enum { LIST_MAX = 1000, POSTS_SHOWN = 20 };

const struct cli_option queue_list_options[] = {{"config", "FILE", "configuration (-c)"},
						{"team", "TEAM", "only this team; may be repeated"},
						{"limit", "N", "at most so many; default 20"},
						{"claimed", NULL, "those that agents hold instead"},
						{"json", NULL, "one JSON object per line"},
						{NULL, NULL, NULL}};
const struct cli_option queue_show_options[] = {
    {"config", "FILE", "configuration (-c)"},
    {"json", NULL, "the ticket's fields as one JSON object"},
    {NULL, NULL, NULL}};

/* ---- a ticket's fields ---- */

struct fields {
	struct str *at; /* name, value, ... in the arena */
	size_t n;
};

static struct str value(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i + 1 < fields->n; i += 2)
		if (str_is(fields->at[i], name))
			return fields->at[i + 1];
	return STR("");
}

static int64_t number(const struct fields *fields, const char *name)
{
	int64_t v = 0;
	return num_int(value(fields, name), INT64_MIN / 2, INT64_MAX / 2, &v) ? 0 : v;
}

static int read_ticket(struct shell *shell, struct str id, struct fields *ret)
{
	struct str words[] = {STR("HGETALL"),
			      keys_item(store_prefix(shell->store), "ticket:", id, shell->arena)};
	const struct redis_reply *reply = shell_ask(shell, 2, words);
	if (!reply || reply->type != REDIS_LIST)
		return -1;
	ret->n = reply->n;
	ret->at = arena_alloc(shell->arena, (reply->n + 1) * sizeof *ret->at);
	for (size_t i = 0; i < reply->n; i++)
		ret->at[i] = arena_str(shell->arena, reply->items[i].text);
	return 0;
}

static void print_json(const struct fields *fields)
{
	struct buf out;
	buf_init(&out, 1 * MiB);
	if (ticket_json(&out, fields->at, fields->n) == 0)
		(void)printf("%s\n", out.p);
	buf_done(&out);
}

/* For a terminal: no control characters, C1 and direction marks included. */
static struct str clean(struct shell *shell, struct str s, bool lines)
{
	char *out = arena_alloc(shell->arena, s.n + 1);
	size_t n = 0;
	for (size_t pos = 0; pos < s.n;) {
		size_t at = pos;
		unsigned cp = utf8_next(s, &pos);
		bool bad = cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
			   (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
			   cp == 0xfffd;
		if (bad) {
			out[n++] = cp == '\n' && lines ? '\n' : ' ';
		} else {
			memcpy(out + n, s.p + at, pos - at);
			n += pos - at;
		}
	}
	return (struct str){out, n};
}

/* ---- list ---- */

struct row {
	struct str id;
	double rank; /* comparable over queues: see docs/INTERFACES.md */
};

struct rows {
	struct row at[LIST_MAX * 2];
	size_t n;
};

static int by_rank(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return str_cmp(x->id, y->id);
}

static int add_set(struct shell *shell, struct rows *rows, struct str key, double plus,
		   const char *limit)
{
	struct str words[] = {STR("ZRANGE"), key, STR("0"), str_of(limit), STR("WITHSCORES")};
	const struct redis_reply *reply = shell_ask(shell, ARRAY_LEN(words), words);
	if (!reply)
		return -1;
	for (size_t i = 0; i + 1 < reply->n && rows->n < ARRAY_LEN(rows->at); i += 2) {
		struct row *row = &rows->at[rows->n++];
		row->id = arena_str(shell->arena, reply->items[i].text);
		row->rank = strtod(arena_z(shell->arena, reply->items[i + 1].text), NULL) + plus;
	}
	return 0;
}

static int read_rows(struct shell *shell, const struct cli *cli, struct rows *rows, int64_t limit)
{
	const char *teams[SHELL_TEAMS];
	char last[24];
	struct str prefix = store_prefix(shell->store);
	(void)snprintf(last, sizeof last, "%" PRId64, limit - 1);
	if (cli_has(cli, "claimed"))
		return add_set(shell, rows, keys_of(prefix, "lease", shell->arena), 0, last);
	size_t n = shell_teams(shell, cli, teams);
	double now = (double)clock_wall_ms();
	for (size_t i = 0; i < n; i++) {
		struct str team = str_of(teams[i]);
		if (add_set(shell, rows, keys_item(prefix, "q:", team, shell->arena), 0, last) ||
		    add_set(shell, rows, keys_item(prefix, "late:", team, shell->arena), now, last))
			return -1;
	}
	qsort(rows->at, rows->n, sizeof *rows->at, by_rank);
	return 0;
}

static void print_row(struct shell *shell, const struct fields *f)
{
	char left[32] = "";
	if (number(f, "deadline"))
		num_duration_text(number(f, "deadline") - clock_wall_ms(), left);
	struct str head = utf8_cut(clean(shell, value(f, "head"), false), 60);
	struct str state = value(f, "state");
	(void)printf("%6.*s  %-10.*s %9s  %-7.*s %-9.*s %5" PRId64 "  %.*s%s%.*s\n",
		     STR_ARG(value(f, "id")), STR_ARG(value(f, "team")), left,
		     STR_ARG(value(f, "channel")), STR_ARG(value(f, "tonality")),
		     number(f, "priority"), STR_ARG(head), str_is(state, "claimed") ? "  @" : "",
		     STR_ARG(str_is(state, "claimed") ? value(f, "agent") : STR("")));
}

int queue_list(const struct cli *cli)
{
	struct shell shell;
	int64_t limit = 20;
	int rc = cli_int(cli, "limit", 1, LIST_MAX, &limit);
	if (rc == 0)
		rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	struct rows *rows = xcalloc(1, sizeof *rows);
	if (read_rows(&shell, cli, rows, limit))
		rc = EX_UNAVAILABLE;
	for (size_t i = 0; rc == 0 && i < rows->n && (int64_t)i < limit; i++) {
		struct fields f;
		if (read_ticket(&shell, rows->at[i].id, &f))
			rc = EX_UNAVAILABLE;
		else if (cli_has(cli, "json"))
			print_json(&f);
		else
			print_row(&shell, &f);
	}
	free(rows);
	shell_close(&shell);
	return rc;
}

/* ---- show ---- */

static void print_line(struct shell *shell, const char *name, struct str text)
{
	if (text.n)
		(void)printf("%-14s %.*s\n", name, STR_ARG(clean(shell, text, false)));
}

static void print_time(const char *name, int64_t ms)
{
	char text[NUM_TIME_LEN + 1], left[32];
	if (!ms)
		return;
	num_time_text(ms, text);
	num_duration_text(ms - clock_wall_ms(), left);
	(void)printf("%-14s %s (%s from now)\n", name, text, left);
}

static void print_receipt(struct shell *shell, struct str receipt)
{
	struct error err;
	if (!receipt.n)
		return;
	(void)printf("%-14s %.*s\n", "receipt", STR_ARG(clean(shell, receipt, false)));
	(void)printf("%-14s %s\n", "arithmetic",
		     receipt_recompute(receipt, &err) ? err.text : "adds up");
}

static int print_post(struct shell *shell, struct str id)
{
	struct str words[] = {STR("GET"),
			      keys_item(store_prefix(shell->store), "post:", id, shell->arena)};
	const struct redis_reply *reply = shell_ask(shell, 2, words);
	struct post post;
	struct analysis analysis;
	bool has;
	struct error err;
	if (!reply)
		return -1;
	(void)printf("\n-- %.*s\n", STR_ARG(clean(shell, id, false)));
	if (reply->type != REDIS_TEXT) {
		(void)printf("(deleted at its source)\n");
		return 0;
	}
	struct str json = arena_str(shell->arena, reply->text);
	if (scored_parse(json, shell->arena, &post, &analysis, &has, &err)) {
		(void)printf("(not readable: %s)\n", err.text);
		return 0;
	}
	print_line(shell, "from", post.author.name.n ? post.author.name : post.author.handle);
	print_line(shell, "url", post.url);
	print_line(shell, "title", post.title);
	(void)printf("\n%.*s\n", STR_ARG(clean(shell, post.text, true)));
	return 0;
}

static int print_posts(struct shell *shell, struct str ticket)
{
	struct str words[] = {STR("ZRANGE"),
			      keys_item(store_prefix(shell->store), "posts:", ticket, shell->arena),
			      STR("0"), STR("19")};
	const struct redis_reply *reply = shell_ask(shell, ARRAY_LEN(words), words);
	struct str ids[POSTS_SHOWN];
	size_t n = 0;
	if (!reply)
		return -1;
	for (; n < reply->n && n < POSTS_SHOWN; n++)
		ids[n] = arena_str(shell->arena, reply->items[n].text);
	for (size_t i = 0; i < n; i++)
		if (print_post(shell, ids[i]))
			return -1;
	return 0;
}

static void print_facts(struct shell *shell, const struct fields *f)
{
	static const char *const names[] = {"id",
					    "state",
					    "team",
					    "lane",
					    "priority",
					    "when",
					    "channel",
					    "place",
					    "author_name",
					    "author_handle",
					    "followers",
					    "url",
					    "reply_via",
					    "lang",
					    "tonality",
					    "urgency",
					    "promise_state",
					    "agent",
					    "answered_by",
					    "answer_url",
					    "close_reason",
					    "corrected_tonality",
					    "corrected_lang"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		print_line(shell, names[i], value(f, names[i]));
	print_time("created_at", number(f, "created_at"));
	print_time("deadline", number(f, "deadline"));
	print_receipt(shell, value(f, "receipt"));
}

int queue_show(const struct cli *cli)
{
	struct shell shell;
	struct fields f;
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	if (read_ticket(&shell, str_of(cli->operands[0]), &f)) {
		rc = EX_UNAVAILABLE;
	} else if (f.n == 0) {
		(void)fprintf(stderr, "there is no ticket %s\n", cli->operands[0]);
		rc = EX_DATAERR;
	} else if (cli_has(cli, "json")) {
		print_json(&f);
	} else {
		print_facts(&shell, &f);
		rc = print_posts(&shell, str_of(cli->operands[0])) ? EX_UNAVAILABLE : 0;
	}
	shell_close(&shell);
	return rc;
}
