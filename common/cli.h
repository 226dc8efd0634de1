/*
 * cli.h: commands and options from one table: it parses, and it is `--help`.
 *
 *   static const struct cli_option plan_options[] = {
 *       {"config", "FILE", "configuration (-c)"}, {"now", "TIME", "..."}, {NULL, NULL, NULL}};
 *   {"plan", "", "prints decisions", plan_options, plan_main}
 *
 * Options are --name VALUE or --name=VALUE, -c is --config; a repeated option is a list.  No short
 * options besides, no abbreviations.
 */
#ifndef COMMON_CLI_H
#define COMMON_CLI_H

#include <stdbool.h>
#include <stddef.h>

struct cli;

struct cli_option {
	const char *name, *value; /* value NULL: a flag */
	const char *help;
};

struct cli_command {
	const char *words;    /* "queue claim" */
	const char *operands; /* "TICKET", "" for none */
	size_t n_operands;
	const char *help; /* one sentence */
	const struct cli_option *options;
	int (*run)(const struct cli *cli); /* exit code */
};

struct cli {
	const char *operands[4];
	size_t n_operands;
	struct {
		const char *name, *value;
	} given[64];
	size_t n_given;
};

/* Runs argv against the table (ends with words NULL); returns the exit code (64: usage). */
int cli_main(const char *program, const struct cli_command *commands, int argc, char **argv);

const char *cli_get(const struct cli *cli, const char *name); /* the last one given, or NULL */
bool cli_has(const struct cli *cli, const char *name);
/* The values of a repeated option; returns how many were written, at most max. */
size_t cli_all(const struct cli *cli, const char *name, const char **ret, size_t max);

#endif
