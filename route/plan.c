/*
 * plan.c: a filter.  One line of JSON for each post, in order; a bad line becomes an error object on
 * standard error with its number and the rest goes on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "route/config.h"
#include "route/plan.h"
#include "route/receipt.h"

enum { LINE_MAX_BYTES = 2 * 1024 * 1024 };

const struct cli_option plan_options[] = {
    {"config", "FILE", "configuration (-c); without it the built-in rules"},
    {"now", "TIME", "the time of the decisions, RFC 3339; default: now"},
    {NULL, NULL, NULL}};

static void write_ticket(struct buf *out, const struct decision *d, const struct policy *policy,
			 const struct scored *s)
{
	char deadline[NUM_TIME_LEN + 1];
	num_time_text(d->promise.deadline, deadline);
	(void)buf_z(out, ",\"team\":");
	(void)buf_json_str(out, str_of(d->rule->team));
	(void)buf_z(out, ",\"lane\":");
	(void)buf_json_str(out, *d->rule->lane ? str_of(d->rule->lane) : STR_NULL);
	(void)buf_printf(out, ",\"priority\":%" PRId64 ",\"promise\":", d->priority.sum);
	if (d->promise.target_ms) {
		char target[32];
		num_duration_text(d->promise.target_ms, target);
		(void)buf_printf(out, "\"%s\",\"deadline\":\"%s\"", target, deadline);
	} else {
		(void)buf_z(out, "null,\"deadline\":null");
	}
	(void)buf_printf(out, ",\"rank\":%" PRId64 ",\"receipt\":", d->priority.rank);
	(void)receipt_write(out, d, policy, s);
}

static void write_decision(struct buf *out, const struct decision *d, const struct policy *policy,
			   const struct scored *s)
{
	static const char *const names[] = {[DECIDE_FILTER] = "filtered",
					    [DECIDE_OWN] = "filtered",
					    [DECIDE_TICKET] = "ticket",
					    [DECIDE_UPDATE] = "update",
					    [DECIDE_DELETE] = "delete"};
	(void)buf_z(out, "{\"id\":");
	(void)buf_json_str(out, s->post.id);
	(void)buf_z(out, ",\"conversation\":");
	(void)buf_json_str(out, s->post.conversation);
	(void)buf_printf(out, ",\"decision\":\"%s\",\"reason\":", names[d->kind]);
	(void)buf_json_str(out, str_of(d->reason));
	if (d->rule) {
		(void)buf_printf(out, ",\"rule\":%d,\"when\":", d->rule->number);
		(void)buf_json_str(out, str_of(d->rule->when_text));
	}
	if (d->kind == DECIDE_TICKET)
		write_ticket(out, d, policy, s);
	(void)buf_z(out, "}\n");
}

struct plan {
	struct config *config;
	struct arena *arena;
	struct buf out;
	bool fixed_now;
	int64_t now;
};

static int plan_line(struct plan *plan, struct str line, struct error *err)
{
	struct scored s = {.json = line};
	struct decision d;
	arena_reset(plan->arena);
	buf_reset(&plan->out);
	if (line.n > LINE_MAX_BYTES)
		return error_set(err, "could not read post: longer than %d bytes", LINE_MAX_BYTES);
	if (scored_parse(line, plan->arena, &s.post, &s.analysis, &s.has_analysis, err))
		return -1;
	ticket_decide(&d, &plan->config->policy, &s, plan->fixed_now ? plan->now : clock_wall_ms(),
		      plan->arena);
	write_decision(&plan->out, &d, &plan->config->policy, &s);
	must(!plan->out.full);
	return 0;
}

static int plan_all(struct plan *plan)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = EX_OK;
	for (int64_t number = 1; (n = getline(&line, &room, stdin)) >= 0; number++) {
		struct error err;
		struct str text = str_trim((struct str){line, (size_t)n});
		if (!text.n)
			continue;
		if (plan_line(plan, text, &err) == 0) {
			struct str out = buf_view(&plan->out);
			if (fwrite(out.p, 1, out.n, stdout) != out.n)
				break;
			continue;
		}
		struct buf bad;
		buf_init(&bad, 4 * KiB);
		(void)buf_printf(&bad, "{\"line\":%" PRId64 ",\"error\":", number);
		(void)buf_json_str(&bad, utf8_valid(str_of(err.text)) ? str_of(err.text)
								      : STR("bad line"));
		(void)fprintf(stderr, "%s}\n", buf_view(&bad).p);
		buf_done(&bad);
	}
	free(line);
	if (fflush(stdout) || ferror(stdout)) {
		(void)fprintf(stderr, "posthorn-route plan: could not write: %m\n");
		rc = EX_IOERR;
	}
	return rc;
}

int plan_main(const struct cli *cli)
{
	struct error err;
	struct plan plan = {0};
	const char *now = cli_get(cli, "now");
	if (now && num_time_ms(str_of(now), &plan.now))
		return cli_usage(
		    cli, "expected a time such as 2026-11-22T08:00:00Z after --now, found \"%s\"",
		    now);
	plan.fixed_now = now != NULL;
	plan.config = config_load(cli_get(cli, "config"), &err);
	if (!plan.config) {
		(void)fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	plan.arena = arena_create(64 * MiB);
	buf_init(&plan.out, 1 * MiB);
	int rc = plan_all(&plan);
	buf_done(&plan.out);
	arena_free(plan.arena);
	config_free(plan.config);
	return rc;
}
