/*
 * cli.h: commands and options from one table: it parses, and it is `--help` and the manual page.
 *
 *   static const struct cli_option plan_options[] = {
 *       {"config", "FILE", "configuration (-c)"}, {"json", NULL, "one object"}, {NULL, NULL, NULL}};
 *   static const struct cli_command commands[] = {
 *       {"plan", "[FILE...]", "config", "prints decisions", plan_options, plan_main},
 *       {NULL, NULL, NULL, NULL, NULL, NULL}};
 *   return cli_main(&(struct cli_program){.name = "posthorn-x", .help = "...", .commands = commands},
 *                   argc, argv);
 *
 * Every program understands, besides its commands:
 *   PROGRAM --help             what it is, and a line per command
 *   PROGRAM COMMAND --help     usage, description, options (also: PROGRAM help COMMAND, -h)
 *   PROGRAM --version
 *   PROGRAM --man              the manual page in troff, as docs/man is made of
 *
 * Options are --name VALUE or --name=VALUE, in any order with the operands; -c is --config; a
 * repeated option is a list; `--` ends the options; `-` is an operand.  No other short options, no
 * abbreviations.  A command line that does not fit the table ends with 64 and one line on standard
 * error that says what was expected; the command is not called.
 *
 * Texts of the tables are plain; a word in `backticks` becomes bold in the manual.
 */
#ifndef COMMON_CLI_H
#define COMMON_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define POSTHORN_VERSION "0.1"

struct cli;

struct cli_option {
	const char *name, *value; /* value NULL: a flag */
	const char *help;
};

struct cli_command {
	const char *words;    /* "queue claim" */
	const char *operands; /* "TICKET", "FILE..." (one or more), "[FILE]", "[FILE...]", "" */
	const char *needs;    /* names of options that must be given, "config token"; NULL: none */
	const char *help;     /* first line: one sentence for the list; further lines: the rest */
	const struct cli_option *options;  /* ends with name NULL */
	int (*run)(const struct cli *cli); /* exit code */
};

struct cli_note {
	const char *name, *text;
};

struct cli_program {
	const char *name;
	const char *help; /* one line: what it is */
	const char *more; /* paragraphs of the manual, an empty line between two */
	const struct cli_command *commands; /* ends with words NULL */
	/* of the manual; each ends with name NULL, or is NULL */
	const struct cli_note *exits, *environment, *files;
	const char *see; /* pages to read on, "posthorn-route(1), ..." */
};

/* Rows of the notes that several programs share. */
#define CLI_EXIT_USAGE                                                                             \
	{                                                                                          \
		"64", "the command line does not fit; one line says what was expected"             \
	}
#define CLI_EXIT_DATA                                                                              \
	{                                                                                          \
		"65", "the input cannot be used"                                                   \
	}
#define CLI_EXIT_NO_INPUT                                                                          \
	{                                                                                          \
		"66", "a file could not be read"                                                   \
	}
#define CLI_EXIT_UNAVAILABLE                                                                       \
	{                                                                                          \
		"69", "a service is not there, or no longer ours: Redis, the bus, an address"      \
	}
#define CLI_EXIT_IO                                                                                \
	{                                                                                          \
		"74", "the output could not be written"                                            \
	}
#define CLI_EXIT_CONFIG                                                                            \
	{                                                                                          \
		"78", "the configuration is wrong: file, line and what was expected are said"      \
	}
#define CLI_ENV_CLOCK                                                                              \
	{                                                                                          \
		"POSTHORN_CLOCK",                                                                  \
		    "REAL_MS:WALL_MS:SPEED: at the real time REAL_MS, in ms since 1970, the wall " \
		    "clock showed WALL_MS, and it runs SPEED times as fast.  All programs of one " \
		    "run need the same value.  Not set: real time."                                \
	}
#define CLI_ENV_CONFIG                                                                             \
	{                                                                                          \
		"any", "`${NAME}` in a value of the configuration is replaced by the variable."    \
	}
#define CLI_ENV_NO_COLOR                                                                           \
	{                                                                                          \
		"NO_COLOR", "Set to anything: no colours on a terminal."                           \
	}
#define CLI_NOTE_END                                                                               \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

/* What was given; borrowed from argv, valid while the command runs. */
struct cli {
	const struct cli_program *program;
	const struct cli_command *command;
	const char **operands;
	size_t n_operands;
	struct cli_given {
		const char *name, *value;
	} * given;
	size_t n_given;
};

/* Runs argv against the program's table; returns the exit code (64: usage). */
int cli_main(const struct cli_program *program, int argc, char **argv);

const char *cli_get(const struct cli *cli, const char *name); /* the last one given, or NULL */
bool cli_has(const struct cli *cli, const char *name);
/* The values of a repeated option; returns how many were written, at most max. */
size_t cli_all(const struct cli *cli, const char *name, const char **ret, size_t max);
/* A number with a range.  0, *ret left alone where the option is not given; else 64, said. */
int cli_int(const struct cli *cli, const char *name, int64_t min, int64_t max, int64_t *ret);
int cli_double(const struct cli *cli, const char *name, double min, double max, double *ret);

/* "PROGRAM COMMAND: " + text on standard error; returns 64. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* cli_help.c: the texts.  `n_words` words of argv choose a group ("queue"); 0: all commands. */
void cli_help_program(struct buf *out, const struct cli_program *program, size_t n_words,
		      char **words);
void cli_help_command(struct buf *out, const struct cli_program *program,
		      const struct cli_command *command);
void cli_man(struct buf *out, const struct cli_program *program);
/* How many of the n words are the first words of a command's words. */
size_t cli_words_common(const struct cli_command *command, size_t n, char **words);
bool cli_needs(const struct cli_command *command, const char *option);

#endif
