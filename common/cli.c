/*
 * cli.c: argv against the table; the texts are in cli_help.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/cli.h"
#include "common/mem.h"
#include "common/num.h"

enum { TEXT_MAX = 256 * 1024 };

static size_t words_count(const char *words)
{
	size_t n = *words != '\0';
	for (; *words; words++)
		n += *words == ' ';
	return n;
}

size_t cli_words_common(const struct cli_command *command, size_t n, char **words)
{
	const char *p = command->words;
	size_t i = 0;
	for (; i < n && *p; i++) {
		size_t len = strcspn(p, " ");
		if (strlen(words[i]) != len || strncmp(words[i], p, len) != 0)
			break;
		p += len + (p[len] == ' ');
	}
	return i;
}

bool cli_needs(const struct cli_command *command, const char *option)
{
	size_t n = strlen(option);
	for (const char *p = command->needs; p && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		if (len == n && strncmp(p, option, n) == 0)
			return true;
		p += len;
	}
	return false;
}

/* ---- one command ---- */

struct operand_range {
	size_t min, max;
};

static struct operand_range operand_range(const char *operands)
{
	struct operand_range range = {0, 0};
	for (const char *p = operands; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		size_t tail = p[0] == '[' ? 4 : 3; /* "...]" or "..." */
		range.min += p[0] != '[';
		range.max++;
		if (len >= tail && strncmp(p + len - tail, "...", 3) == 0)
			range.max = SIZE_MAX;
		p += len;
	}
	return range;
}

static const struct cli_option *option_find(const struct cli_command *c, const char *name, size_t n)
{
	for (const struct cli_option *o = c->options; o && o->name; o++)
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static int option_unknown(const struct cli *cli, const char *found)
{
	struct buf list;
	buf_init(&list, TEXT_MAX);
	for (const struct cli_option *o = cli->command->options; o && o->name; o++)
		(void)buf_printf(&list, " --%s", o->name); /* of our own tables */
	int code =
	    list.n ? cli_usage(cli, "expected one of the options%s, found \"%s\"", list.p, found)
		   : cli_usage(cli, "expected no options, found \"%s\"", found);
	buf_done(&list);
	return code;
}

static int parse(struct cli *cli, int argc, char **argv)
{
	bool options = true;
	struct operand_range range = operand_range(cli->command->operands);
	for (int i = 0; i < argc; i++) {
		const char *arg = options && strcmp(argv[i], "-c") == 0 ? "--config" : argv[i];
		if (options && strcmp(arg, "--") == 0) {
			options = false;
			continue;
		}
		/* -word, too, is an operand where one is awaited: "-" is standard input, and an expression may
		 * begin so */
		bool awaited = cli->n_operands < range.max;
		if (!options || arg[0] != '-' || !arg[1] || (arg[1] != '-' && awaited)) {
			if (cli->n_operands == range.max)
				return cli_usage(cli, "expected %s%s, found \"%s\"",
						 range.max ? "no more than "
							   : "no further argument",
						 cli->command->operands, arg);
			cli->operands[cli->n_operands++] = arg;
			continue;
		}
		size_t n = arg[1] == '-' ? strcspn(arg + 2, "=") : 0;
		const struct cli_option *o = n ? option_find(cli->command, arg + 2, n) : NULL;
		if (!o)
			return option_unknown(cli, argv[i]);
		const char *value = arg[2 + n] ? arg + 3 + n : NULL;
		if (value && !o->value)
			return cli_usage(cli, "expected no value after --%s, found \"%s\"", o->name,
					 value);
		if (!value && o->value && i + 1 == argc)
			return cli_usage(cli, "expected %s after --%s", o->value, o->name);
		if (!value && o->value)
			value = argv[++i];
		cli->given[cli->n_given++] = (struct cli_given){o->name, value};
	}
	if (cli->n_operands < range.min)
		return cli_usage(cli, "expected %s", cli->command->operands);
	for (const struct cli_option *o = cli->command->options; o && o->name; o++)
		if (cli_needs(cli->command, o->name) && !cli_has(cli, o->name))
			return cli_usage(cli, "expected --%s %s%s", o->name,
					 o->value ? o->value : "",
					 strcmp(o->name, "config") == 0 ? " (-c)" : "");
	return 0;
}

static int command_run(const struct cli_program *program, const struct cli_command *command,
		       int argc, char **argv)
{
	struct cli cli = {.program = program, .command = command};
	cli.operands = xcalloc((size_t)argc + 1, sizeof *cli.operands);
	cli.given = xcalloc((size_t)argc + 1, sizeof *cli.given);
	int code = parse(&cli, argc, argv);
	if (code == 0)
		code = command->run(&cli);
	free(cli.operands);
	free(cli.given);
	return code;
}

/* ---- which command ---- */

static bool wants_help(size_t n, char **words)
{
	for (size_t i = 0; i < n && strcmp(words[i], "--") != 0; i++)
		if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
			return true;
	return false;
}

static int print(struct buf *text)
{
	int code = fwrite(text->p, 1, text->n, stdout) == text->n && fflush(stdout) == 0 ? EX_OK
											 : EX_IOERR;
	buf_done(text);
	return code;
}

static const struct cli_command *command_find(const struct cli_program *program, size_t n,
					      char **words, size_t *ret_taken)
{
	*ret_taken = 0;
	for (const struct cli_command *c = program->commands; c->words; c++) {
		size_t common = cli_words_common(c, n, words);
		if (common > *ret_taken)
			*ret_taken = common;
		if (common == words_count(c->words)) {
			*ret_taken = common;
			return c;
		}
	}
	return NULL;
}

/* The words that may follow the first `taken` ones, each once: they stand together in the table. */
static int command_unknown(const struct cli_program *program, size_t taken, char **words,
			   const char *found)
{
	struct buf line;
	const char *last = "";
	size_t last_n = 0;
	buf_init(&line, TEXT_MAX);
	(void)buf_z(&line, program->name); /* texts of our own tables and of argv */
	for (size_t i = 0; i < taken; i++)
		(void)buf_printf(&line, " %s", words[i]);
	(void)buf_z(&line, ": expected one of the commands");
	for (const struct cli_command *c = program->commands; c->words; c++) {
		const char *next = c->words;
		if (cli_words_common(c, taken, words) < taken)
			continue;
		for (size_t i = 0; i < taken; i++)
			next += strcspn(next, " ") + 1;
		size_t n = strcspn(next, " ");
		if (n == last_n && strncmp(next, last, n) == 0)
			continue;
		(void)buf_printf(&line, " %.*s", (int)n, next);
		last = next;
		last_n = n;
	}
	if (found)
		(void)buf_printf(&line, ", found \"%s\"", found);
	(void)fprintf(stderr, "%s; --help tells more\n", buf_view(&line).p);
	buf_done(&line);
	return EX_USAGE;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
	size_t n = argc > 0 ? (size_t)argc - 1 : 0, taken;
	char **words = argv + 1;
	struct buf text;
	buf_init(&text, TEXT_MAX);
	if (n == 1 && strcmp(words[0], "--version") == 0) {
		(void)buf_printf(&text, "%s " POSTHORN_VERSION "\n", program->name);
		return print(&text);
	}
	if (n == 1 && strcmp(words[0], "--man") == 0) {
		cli_man(&text, program);
		return print(&text);
	}
	bool help = n > 0 && strcmp(words[0], "help") == 0;
	if (help) {
		words++;
		n--;
	}
	const struct cli_command *command = command_find(program, n, words, &taken);
	bool left = n > taken && words[taken][0] != '-';
	help = help ? command || !left : wants_help(n - taken, words + taken) && (command || !left);
	if (help && command)
		cli_help_command(&text, program, command);
	else if (help)
		cli_help_program(&text, program, taken, words);
	if (help)
		return print(&text);
	buf_done(&text);
	if (!command)
		return command_unknown(program, taken, words, n > taken ? words[taken] : NULL);
	return command_run(program, command, (int)(n - taken), words + taken);
}

/* ---- what commands ask ---- */

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

int cli_int(const struct cli *cli, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	const char *text = cli_get(cli, name);
	if (!text || num_int(str_of(text), min, max, ret) == 0)
		return 0;
	return cli_usage(cli, "expected %lld to %lld after --%s, found \"%s\"", (long long)min,
			 (long long)max, name, text);
}

int cli_double(const struct cli *cli, const char *name, double min, double max, double *ret)
{
	const char *text = cli_get(cli, name);
	if (!text || num_double(str_of(text), min, max, ret) == 0)
		return 0;
	return cli_usage(cli, "expected a number from %g to %g after --%s, found \"%s\"", min, max,
			 name, text);
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	(void)fprintf(stderr, "%s %s: ", cli->program->name, cli->command->words);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	return EX_USAGE;
}
