/*
 * queue_shell.c: see queue_shell.h.
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "route/keys.h"
#include "route/queue_shell.h"

int shell_open(struct shell *shell, const struct cli *cli)
{
	struct error err;
	const char *path = cli_get(cli, "config");
	*shell = (struct shell){0};
	log_set_level(LOG_ERR); /* an agent reads our words, not our log */
	shell->config = config_load(path, &err);
	if (!shell->config) {
		(void)fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	const struct conf_common *common = &shell->config->common;
	shell->arena = arena_create(64 * MiB);
	shell->loop = loop_create();
	struct redis_options options = {
	    .loop = shell->loop, .address = common->redis, .password = common->redis_password};
	shell->redis = keys_tenant_valid(common->tenant) ? redis_open(&options, &err) : NULL;
	if (!shell->redis) {
		(void)fprintf(stderr, "%s\n", err.text);
		shell_close(shell);
		return EX_CONFIG;
	}
	shell->store = store_open(shell->redis, common->tenant);
	int64_t end = clock_mono_ms() + SHELL_WAIT_MS;
	while (!redis_up(shell->redis) && clock_mono_ms() < end)
		loop_turn(shell->loop, 100);
	if (redis_up(shell->redis))
		return 0;
	(void)fprintf(stderr, "redis at %s does not answer: is it running?\n", common->redis);
	shell_close(shell);
	return EX_UNAVAILABLE;
}

void shell_close(struct shell *shell)
{
	redis_close(shell->redis);
	store_close(shell->store);
	if (shell->loop)
		loop_free(shell->loop);
	arena_free(shell->arena);
	config_free(shell->config);
	*shell = (struct shell){0};
}

size_t shell_teams(const struct shell *shell, const struct cli *cli, const char *ret[SHELL_TEAMS])
{
	size_t n = cli_all(cli, "team", ret, SHELL_TEAMS);
	for (size_t i = 0; n == 0 && i < shell->config->n_teams && i < SHELL_TEAMS; i++)
		ret[i] = shell->config->teams[i].name;
	if (n)
		return n;
	return shell->config->n_teams < SHELL_TEAMS ? shell->config->n_teams : SHELL_TEAMS;
}

const struct redis_reply *shell_ask(struct shell *shell, size_t n, const struct str *words)
{
	const struct redis_reply *reply = redis_call(shell->redis, SHELL_WAIT_MS, n, words);
	if (reply->type == REDIS_GONE) {
		(void)fprintf(stderr, "redis went away: try again\n");
		return NULL;
	}
	if (reply->type == REDIS_ERROR) {
		(void)fprintf(stderr, "redis refuses: %.*s\n", STR_ARG(reply->text));
		return NULL;
	}
	return reply;
}
