/*
 * cli.c: see cli.h.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"
#include "common/cli.h"

static void print_usage(FILE *out, const char *program, const struct cli_command *c)
{
	(void)fprintf(out, "usage: %s %s%s%s [options]\n%s\n", program, c->words,
		      *c->operands ? " " : "", c->operands, c->help);
	for (const struct cli_option *o = c->options; o->name; o++) {
		char left[64];
		(void)snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
			       o->value ? o->value : "");
		(void)fprintf(out, "  %-22s %s\n", left, o->help);
	}
}

static void print_commands(FILE *out, const char *program, const struct cli_command *commands)
{
	(void)fprintf(out, "usage: %s COMMAND [options]; --help after a command tells more\n",
		      program);
	for (const struct cli_command *c = commands; c->words; c++)
		(void)fprintf(out, "  %-16s %s\n", c->words, c->help);
}

/* How many of argv the command's words take; 0 if they differ. */
static int words_match(const char *words, int argc, char **argv)
{
	int n = 0;
	while (*words) {
		size_t len = strcspn(words, " ");
		if (n == argc || strlen(argv[n]) != len || strncmp(argv[n], words, len) != 0)
			return 0;
		words += len + (words[len] == ' ');
		n++;
	}
	return n;
}

static const struct cli_option *find_option(const struct cli_command *c, const char *name, size_t n)
{
	for (const struct cli_option *o = c->options; o->name; o++)
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static int parse(struct cli *cli, const struct cli_command *c, int argc, char **argv, char *why,
		 size_t why_size)
{
	for (int i = 0; i < argc; i++) {
		const char *arg = strcmp(argv[i], "-c") == 0 ? "--config" : argv[i];
		if (strncmp(arg, "--", 2) != 0 || !arg[2]) {
			if (cli->n_operands == c->n_operands) {
				(void)snprintf(why, why_size, "unexpected argument \"%s\"", arg);
				return -1;
			}
			cli->operands[cli->n_operands++] = arg;
			continue;
		}
		size_t n = strcspn(arg + 2, "=");
		const struct cli_option *o = find_option(c, arg + 2, n);
		const char *value = arg[2 + n] ? arg + 3 + n : NULL;
		if (o && o->value && !value && i + 1 < argc)
			value = argv[++i];
		if (!o || !o->value != !value || cli->n_given == ARRAY_LEN(cli->given)) {
			(void)snprintf(why, why_size, "%s \"%s\"",
				       !o         ? "unknown option"
				       : o->value ? "expected a value after"
						  : "expected no value after",
				       arg);
			return -1;
		}
		cli->given[cli->n_given].name = o->name;
		cli->given[cli->n_given++].value = value;
	}
	if (cli->n_operands < c->n_operands) {
		(void)snprintf(why, why_size, "expected %s", c->operands);
		return -1;
	}
	return 0;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int cli_main(const char *program, const struct cli_command *commands, int argc, char **argv)
{
	for (const struct cli_command *c = commands; c->words; c++) {
		int n = words_match(c->words, argc - 1, argv + 1);
		if (!n)
			continue;
		if (wants_help(argc - 1 - n, argv + 1 + n)) {
			print_usage(stdout, program, c);
			return 0;
		}
		struct cli cli = {0};
		char why[200];
		if (parse(&cli, c, argc - 1 - n, argv + 1 + n, why, sizeof why) == 0)
			return c->run(&cli);
		(void)fprintf(stderr, "%s %s: %s\n", program, c->words, why);
		print_usage(stderr, program, c);
		return EX_USAGE;
	}
	bool help = argc > 1 && wants_help(argc - 1, argv + 1);
	if (argc > 1 && !help)
		(void)fprintf(stderr, "%s: unknown command \"%s\"\n", program, argv[1]);
	print_commands(help ? stdout : stderr, program, commands);
	return help ? 0 : EX_USAGE;
}

const char *cli_get(const struct cli *cli, const char *name)
{
	const char *found = NULL;
	for (size_t i = 0; i < cli->n_given; i++)
		if (strcmp(cli->given[i].name, name) == 0)
			found = cli->given[i].value;
	return found;
}

bool cli_has(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->n_given; i++)
		if (strcmp(cli->given[i].name, name) == 0)
			return true;
	return false;
}

size_t cli_all(const struct cli *cli, const char *name, const char **ret, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < cli->n_given && n < max; i++)
		if (strcmp(cli->given[i].name, name) == 0)
			ret[n++] = cli->given[i].value;
	return n;
}
