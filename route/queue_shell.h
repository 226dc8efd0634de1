/*
 * queue_shell.h: what the commands of an agent's shell have in common: configuration, one connection,
 * one loop.
 */
#ifndef ROUTE_QUEUE_SHELL_H
#define ROUTE_QUEUE_SHELL_H

#include "common/cli.h"
#include "route/config.h"
#include "route/store.h"

enum { SHELL_WAIT_MS = 5000, SHELL_TEAMS = 64 };

struct shell {
	struct config *config;
	struct loop *loop;
	struct redis *redis;
	struct store *store;
	struct arena *arena;
};

/* 0, or the exit code after the reason was said; then nothing is left open. */
int shell_open(struct shell *shell, const struct cli *cli);
void shell_close(struct shell *shell);
/* --team as given, else all of the configuration; returns how many. */
size_t shell_teams(const struct shell *shell, const struct cli *cli, const char *ret[SHELL_TEAMS]);
/* One command; the reply is borrowed until the next.  NULL: it failed, said. */
const struct redis_reply *shell_ask(struct shell *shell, size_t n, const struct str *words);

#endif
