/*
 * queue.c: the commands that change something.  Each is one script; what it refuses is said as it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/crash.h"
#include "common/num.h"
#include "common/post.h"
#include "route/queue.h"
#include "route/queue_shell.h"

#define CONFIG_ROW                                                                                 \
	{                                                                                          \
		"config", "FILE", "configuration (-c)"                                             \
	}
#define TOKEN_ROW                                                                                  \
	{                                                                                          \
		"token", "N", "the token that the claim gave"                                      \
	}
#define AGENT_ROW                                                                                  \
	{                                                                                          \
		"agent", "NAME", "who; default: the user's name"                                   \
	}
#define END_ROW                                                                                    \
	{                                                                                          \
		NULL, NULL, NULL                                                                   \
	}

const struct cli_option queue_claim_options[] = {
    CONFIG_ROW,
    {"team", "TEAM", "best of this team; may be repeated; default: of all"},
    {"ticket", "N", "this one"},
    AGENT_ROW,
    {"lease", "DURATION", "how long it is yours; default: `lease` of the configuration"},
    {"json", NULL, "one JSON object"},
    END_ROW};
const struct cli_option queue_extend_options[] = {
    CONFIG_ROW, TOKEN_ROW, {"lease", "DURATION", "from now on"}, END_ROW};
const struct cli_option queue_release_options[] = {CONFIG_ROW, TOKEN_ROW, END_ROW};
const struct cli_option queue_answer_options[] = {
    CONFIG_ROW, TOKEN_ROW, {"url", "PERMALINK", "where the answer stands"}, END_ROW};
const struct cli_option queue_close_options[] = {
    CONFIG_ROW,
    TOKEN_ROW,
    {"reason", "REASON",
     "one of answered community no_action irrelevant spam elsewhere unreachable"},
    AGENT_ROW,
    END_ROW};
const struct cli_option queue_correct_options[] = {
    CONFIG_ROW,
    {"tonality", "LABEL", "negative, neutral or positive"},
    {"lang", "LANGUAGE", "de, en, ..."},
    {"relevance", "YES", "yes or no"},
    {"urgency", "N", "0 to 3"},
    {"answer", "YES", "yes or no: does it need one"},
    AGENT_ROW,
    END_ROW};

static const char *agent_of(const struct cli *cli)
{
	const char *agent = cli_get(cli, "agent");
	if (!agent)
		agent = getenv("USER");
	return agent && *agent ? agent : "agent";
}

static int ticket_of(const char *text, int64_t *ret)
{
	return num_int(str_of(text ? text : ""), 1, INT64_C(1) << 52, ret);
}

static int token_of(const struct cli *cli, bool optional, int64_t *ret)
{
	const char *text = cli_get(cli, "token");
	*ret = 0;
	if (!text && optional)
		return 0;
	return num_int(str_of(text ? text : ""), 0, INT64_C(1) << 52, ret);
}

/* What a refusal is to the shell. */
static int exit_of(const struct store_result *r)
{
	if (r->code == STORE_OK)
		return 0;
	(void)fprintf(stderr, "%s\n", r->text);
	return r->code == STORE_EMPTY ? 1 : r->code == STORE_GONE ? EX_UNAVAILABLE : EX_DATAERR;
}

/* Ends a command: waits for the one answer, closes. */
static int finish(struct shell *shell, struct store_wait *wait, struct store_result *ret)
{
	(void)store_wait(shell->loop, wait, SHELL_WAIT_MS);
	*ret = wait->result;
	return exit_of(ret);
}

static int lease_of(const struct cli *cli, const struct shell *shell, int64_t *ret)
{
	const char *text = cli_get(cli, "lease");
	*ret = shell->config->route.lease_ms;
	return text && (num_duration_ms(str_of(text), ret) || *ret < 1000) ? -1 : 0;
}

int queue_claim(const struct cli *cli)
{
	struct shell shell;
	struct store_wait wait = {0};
	struct store_result r;
	const char *teams[SHELL_TEAMS];
	int64_t lease, ticket = 0;
	if (cli_get(cli, "ticket") && ticket_of(cli_get(cli, "ticket"), &ticket))
		return cli_usage(cli, "expected a ticket's number after --ticket");
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	if (lease_of(cli, &shell, &lease)) {
		shell_close(&shell);
		return cli_usage(cli, "expected a duration such as 10m after --lease, at least 1s");
	}
	size_t n = shell_teams(&shell, cli, teams);
	store_claim(shell.store, agent_of(cli), lease, ticket, teams, n, store_wait_fn, &wait);
	rc = finish(&shell, &wait, &r);
	if (rc == 0) {
		crash_point("during_lease");
		char until[NUM_TIME_LEN + 1];
		num_time_text(r.lease_until, until);
		(void)printf(cli_has(cli, "json") ? "{\"ticket\":%" PRId64 ",\"token\":%" PRId64
						    ",\"lease_until\":\"%s\"}\n"
						  : "ticket=%" PRId64 " token=%" PRId64
						    " lease_until=%s\n",
			     r.ticket, r.token, until);
	}
	shell_close(&shell);
	return rc;
}

int queue_extend(const struct cli *cli)
{
	struct shell shell;
	struct store_wait wait = {0};
	struct store_result r;
	int64_t ticket, token, lease;
	if (ticket_of(cli->operands[0], &ticket) || token_of(cli, false, &token))
		return cli_usage(cli, "expected a ticket's number and --token N");
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	if (lease_of(cli, &shell, &lease)) {
		shell_close(&shell);
		return cli_usage(cli, "expected a duration such as 10m after --lease, at least 1s");
	}
	store_extend(shell.store, ticket, token, lease, store_wait_fn, &wait);
	rc = finish(&shell, &wait, &r);
	if (rc == 0) {
		char until[NUM_TIME_LEN + 1];
		num_time_text(r.lease_until, until);
		(void)printf("ticket=%" PRId64 " lease_until=%s\n", ticket, until);
	}
	shell_close(&shell);
	return rc;
}

int queue_release(const struct cli *cli)
{
	struct shell shell;
	struct store_wait wait = {0};
	struct store_result r;
	int64_t ticket, token;
	if (ticket_of(cli->operands[0], &ticket) || token_of(cli, false, &token))
		return cli_usage(cli, "expected a ticket's number and --token N");
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	store_release(shell.store, ticket, token, store_wait_fn, &wait);
	rc = finish(&shell, &wait, &r);
	if (rc == 0)
		(void)printf("ticket=%" PRId64 " state=open\n", ticket);
	shell_close(&shell);
	return rc;
}

/* A permalink: http or https, one line, bounded. */
static bool is_url(const char *z)
{
	struct str s = str_of(z);
	return z && s.n <= 2000 && (str_starts(s, "https://") || str_starts(s, "http://")) &&
	       s.n > 9 && strcspn(z, " \t\r\n\"<>") == s.n && utf8_valid(s);
}

int queue_answer(const struct cli *cli)
{
	struct shell shell;
	struct store_wait wait = {0};
	struct store_result r;
	int64_t ticket, token;
	const char *url = cli_get(cli, "url");
	if (ticket_of(cli->operands[0], &ticket) || token_of(cli, false, &token))
		return cli_usage(cli, "expected a ticket's number and --token N");
	if (!is_url(url))
		return cli_usage(cli, "expected the permalink of the answer, --url https://...");
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	store_answer(shell.store, ticket, token, url, store_wait_fn, &wait);
	rc = finish(&shell, &wait, &r);
	if (rc == 0)
		(void)printf("ticket=%" PRId64 " state=answered promise=%s\n", ticket, r.text);
	shell_close(&shell);
	return rc;
}

int queue_close(const struct cli *cli)
{
	struct shell shell;
	struct store_wait wait = {0};
	struct store_result r;
	int64_t ticket, token;
	const char *reason = cli_get(cli, "reason");
	if (ticket_of(cli->operands[0], &ticket) || token_of(cli, true, &token))
		return cli_usage(cli, "expected a ticket's number, and --token N if it is claimed");
	if (!store_reason_valid(reason))
		return cli_usage(cli, "expected one of %s after --reason, found \"%s\"",
				 store_reasons, reason);
	int rc = shell_open(&shell, cli);
	if (rc)
		return rc;
	store_close_ticket(shell.store, ticket, token, reason, agent_of(cli), store_wait_fn, &wait);
	rc = finish(&shell, &wait, &r);
	if (rc == 0)
		(void)printf("ticket=%" PRId64 " state=closed promise=%s\n", ticket, r.text);
	shell_close(&shell);
	return rc;
}

int queue_correct(const struct cli *cli)
{
	static const char *const names[] = {"tonality", "lang", "relevance", "urgency", "answer"};
	struct shell shell;
	struct store_wait wait = {
	    0}; /* as long as the shell: an answer may come as late as its end */
	struct error err;
	int64_t ticket;
	size_t given = 0;
	if (ticket_of(cli->operands[0], &ticket))
		return cli_usage(cli, "expected a ticket's number");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = cli_get(cli, names[i]);
		given += value != NULL;
		if (value && store_correction_valid(names[i], value, &err))
			return cli_usage(cli, "%s", err.text);
	}
	if (!given)
		return cli_usage(cli, "expected what is right, such as --tonality positive");
	int rc = shell_open(&shell, cli);
	for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++) {
		const char *value = cli_get(cli, names[i]);
		struct store_result r;
		if (!value)
			continue;
		wait = (struct store_wait){0};
		store_correct(shell.store, ticket, agent_of(cli), names[i], value, store_wait_fn,
			      &wait);
		rc = finish(&shell, &wait, &r);
		if (rc == 0)
			(void)printf("ticket=%" PRId64 " %s=%s\n", ticket, names[i], value);
		if (r.code == STORE_GONE) /* `wait` may still be written to */
			break;
	}
	shell_close(&shell);
	return rc;
}
