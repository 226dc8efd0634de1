/*
 * cli_help.c: the tables of a program as `--help` and as a manual page (man macros).
 *
 * The buffers hold texts of our own tables only; their limit is far away.
 */
#include <string.h>

#include "common/cli.h"

enum { COLUMN_MIN = 10, COLUMN_MAX = 26 };

static struct str first_line(const char *help)
{
	return (struct str){help, strcspn(help, "\n")};
}

static size_t option_width(const struct cli_option *o)
{
	return 2 + strlen(o->name) + (o->value ? 1 + strlen(o->value) : 0);
}

static bool only_needed(const struct cli_command *command)
{
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (!cli_needs(command, o->name))
			return false;
	return true;
}

/* What the list shows without capital and full stop becomes a sentence; then the rest. */
static void description(struct buf *out, const struct cli_command *command)
{
	struct str line = first_line(command->help);
	size_t from = out->n;
	(void)buf_str(out, line);
	if (line.n && out->p[from] >= 'a' && out->p[from] <= 'z')
		out->p[from] = (char)(out->p[from] - 'a' + 'A');
	(void)buf_z(out, ".");
	(void)buf_z(out, command->help + line.n);
}

/* ---- help ---- */

static void usage_line(struct buf *out, const struct cli_program *program,
		       const struct cli_command *command)
{
	(void)buf_printf(out, "usage: %s %s", program->name, command->words);
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (cli_needs(command, o->name))
			(void)buf_printf(out, " --%s%s%s", o->name, o->value ? " " : "",
					 o->value ? o->value : "");
	(void)buf_z(out, only_needed(command) ? "" : " [options]");
	(void)buf_printf(out, "%s%s\n", *command->operands ? " " : "", command->operands);
}

void cli_help_command(struct buf *out, const struct cli_program *program,
		      const struct cli_command *command)
{
	size_t width = COLUMN_MIN;
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (option_width(o) > width && option_width(o) <= COLUMN_MAX)
			width = option_width(o);
	usage_line(out, program, command);
	(void)buf_char(out, '\n');
	description(out, command);
	(void)buf_z(out, command->options && command->options->name ? "\n\n" : "\n");
	for (const struct cli_option *o = command->options; o && o->name; o++) {
		(void)buf_printf(out, "  --%s%s%s", o->name, o->value ? " " : "",
				 o->value ? o->value : "");
		for (size_t i = option_width(o); i < width; i++)
			(void)buf_char(out, ' ');
		(void)buf_printf(out, "  %s\n", o->help);
	}
}

void cli_help_program(struct buf *out, const struct cli_program *program, size_t n_words,
		      char **words)
{
	int width = COLUMN_MIN;
	for (const struct cli_command *c = program->commands; c->words; c++)
		if ((int)strlen(c->words) > width)
			width = (int)strlen(c->words);
	(void)buf_printf(out, "%s: %s\n\nusage: %s", program->name, program->help, program->name);
	for (size_t i = 0; i < n_words; i++)
		(void)buf_printf(out, " %s", words[i]);
	(void)buf_z(out, " COMMAND [options]\n");
	for (const struct cli_command *c = program->commands; c->words; c++)
		if (cli_words_common(c, n_words, words) == n_words)
			(void)buf_printf(out, "  %-*s  %.*s\n", width, c->words,
					 STR_ARG(first_line(c->help)));
	(void)buf_printf(out,
			 "\n%s COMMAND --help tells more about one; --version says which this is."
			 "\nThe manual: man %s, or docs/man/%s.1 in the source tree.\n",
			 program->name, program->name, program->name);
}

/* ---- manual ---- */

/* Text between macros.  Backticks turn bold on and off; in `bold` hyphens are minus signs that can
 * be copied. */
static void troff(struct buf *out, struct str text, bool bold)
{
	bool start = true, code = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (start && (c == '.' || c == '\''))
			(void)buf_z(out, "\\&");
		if (c == '`') {
			code = !code;
			(void)buf_z(out, code ? "\\fB" : "\\fP");
		} else if (c == '\\') {
			(void)buf_z(out, "\\e");
		} else if (c == '-' && (bold || code || (i + 1 < text.n && text.p[i + 1] == '-') ||
					(i && text.p[i - 1] == '-'))) {
			(void)buf_z(out, "\\-");
		} else if (c == '\'') {
			(void)buf_z(out, "\\(aq");
		} else if (c == '~') {
			(void)buf_z(out, "\\(ti");
		} else if (c == '^') {
			(void)buf_z(out, "\\(ha");
		} else {
			(void)buf_char(out, c);
		}
		start = c == '\n';
	}
}

static void troff_z(struct buf *out, const char *z, bool bold)
{
	troff(out, (struct str){z, strlen(z)}, bold);
}

static void paragraphs(struct buf *out, const char *text)
{
	for (const char *p = text; *p;) {
		const char *end = strstr(p, "\n\n");
		size_t n = end ? (size_t)(end - p) : strlen(p);
		(void)buf_z(out, p == text ? "" : ".PP\n");
		troff(out, (struct str){p, n}, false);
		(void)buf_char(out, '\n');
		p += n + (end ? 2 : 0);
	}
}

static void man_usage(struct buf *out, const struct cli_program *program,
		      const struct cli_command *command)
{
	(void)buf_z(out, "\\fB");
	troff_z(out, program->name, true);
	(void)buf_char(out, ' ');
	troff_z(out, command->words, true);
	(void)buf_z(out, "\\fP");
	for (const struct cli_option *o = command->options; o && o->name; o++) {
		if (!cli_needs(command, o->name))
			continue;
		(void)buf_z(out, " \\fB\\-\\-");
		troff_z(out, o->name, true);
		(void)buf_z(out, "\\fP");
		if (o->value) {
			(void)buf_z(out, " \\fI");
			troff_z(out, o->value, true);
			(void)buf_z(out, "\\fP");
		}
	}
	if (!only_needed(command))
		(void)buf_z(out, " [options]");
	if (*command->operands) {
		(void)buf_z(out, " \\fI");
		troff_z(out, command->operands, true);
		(void)buf_z(out, "\\fP");
	}
	(void)buf_char(out, '\n');
}

static void man_command(struct buf *out, const struct cli_program *program,
			const struct cli_command *command)
{
	(void)buf_z(out, ".SS ");
	troff_z(out, command->words, false);
	(void)buf_char(out, '\n');
	man_usage(out, program, command);
	(void)buf_z(out, ".PP\n");
	struct buf text;
	buf_init(&text, out->limit_bytes);
	description(&text, command);
	troff(out, buf_view(&text), false);
	(void)buf_char(out, '\n');
	buf_done(&text);
	for (const struct cli_option *o = command->options; o && o->name; o++) {
		(void)buf_z(out, ".TP\n\\fB\\-\\-");
		troff_z(out, o->name, true);
		(void)buf_z(out, "\\fP");
		if (o->value) {
			(void)buf_z(out, " \\fI");
			troff_z(out, o->value, true);
			(void)buf_z(out, "\\fP");
		}
		(void)buf_char(out, '\n');
		troff_z(out, o->help, false);
		(void)buf_char(out, '\n');
	}
}

static void man_notes(struct buf *out, const char *heading, const struct cli_note *notes)
{
	if (!notes || !notes->name)
		return;
	(void)buf_printf(out, ".SH %s\n", heading);
	for (; notes->name; notes++) {
		(void)buf_z(out, ".TP\n\\fB");
		troff_z(out, notes->name, true);
		(void)buf_z(out, "\\fP\n");
		troff_z(out, notes->text, false);
		(void)buf_char(out, '\n');
	}
}

static bool has_config(const struct cli_program *program)
{
	for (const struct cli_command *c = program->commands; c->words; c++)
		for (const struct cli_option *o = c->options; o && o->name; o++)
			if (strcmp(o->name, "config") == 0)
				return true;
	return false;
}

void cli_man(struct buf *out, const struct cli_program *program)
{
	(void)buf_printf(out,
			 ".\\\" made by `%s --man` from the tables in the code; do not edit\n"
			 ".TH %s 1 \"\" \"Posthorn " POSTHORN_VERSION "\" \"Posthorn\"\n"
			 ".SH NAME\n",
			 program->name, program->name);
	troff_z(out, program->name, true);
	(void)buf_z(out, " \\- ");
	troff_z(out, program->help, false);
	(void)buf_z(out, "\n.SH SYNOPSIS\n.nf\n");
	for (const struct cli_command *c = program->commands; c->words; c++)
		man_usage(out, program, c);
	(void)buf_z(out, ".fi\n.SH DESCRIPTION\n");
	paragraphs(out, program->more ? program->more : program->help);
	(void)buf_z(out, ".PP\nOptions are given as \\fB\\-\\-name\\fP \\fIVALUE\\fP or "
			 "\\fB\\-\\-name=\\fP\\fIVALUE\\fP, before or after other arguments.\n"
			 "\\fB\\-\\-\\fP ends the options.\n");
	if (has_config(program))
		(void)buf_z(out, "\\fB\\-c\\fP is short for \\fB\\-\\-config\\fP.\n");
	(void)buf_z(out, ".SH COMMANDS\n");
	for (const struct cli_command *c = program->commands; c->words; c++)
		man_command(out, program, c);
	man_notes(out, "EXIT STATUS", program->exits);
	man_notes(out, "ENVIRONMENT", program->environment);
	man_notes(out, "FILES", program->files);
	if (program->see) {
		(void)buf_z(out, ".SH SEE ALSO\n");
		troff_z(out, program->see, false);
		(void)buf_char(out, '\n');
	}
}
