/*
 * report_main.c: the command around report.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

#include "route/queue_shell.h"
#include "route/report.h"
#include "route/term.h"

enum { WIDTH = 100 };

const struct cli_option report_options[] = {{"config", "FILE", "configuration (-c)"},
					    {"team", "NAME", "the first posts of this team only"},
					    {"lang", "de|en", "language; default: the locale's"},
					    {"json", NULL, "one JSON object"},
					    {NULL, NULL, NULL}};

static void print_lines(const struct lines *v)
{
	bool colours = term_colours(STDOUT_FILENO);
	struct buf row;
	buf_init(&row, 64 * KiB);
	for (size_t i = 0; i < v->n; i++) {
		struct str plain = lines_plain(v, i);
		buf_reset(&row);
		if (colours)
			lines_ansi(v, i, true, &row);
		(void)printf("%.*s\n", STR_ARG(colours ? buf_view(&row) : plain));
	}
	buf_done(&row);
}

static int print(const struct top_model *m, enum words_lang lang, bool json)
{
	struct arena *arena = arena_create(64 * MiB);
	struct say say = {m, lang, NULL, arena};
	int code = 0;
	if (json) {
		struct buf out;
		buf_init(&out, 16 * MiB);
		must(report_json(&out, &say) == 0);
		(void)fwrite(out.p, 1, out.n, stdout);
		buf_done(&out);
	} else {
		struct lines v;
		lines_init(&v, arena, WIDTH);
		report_text(&v, &say);
		print_lines(&v);
	}
	if (fflush(stdout) || ferror(stdout))
		code = EX_IOERR;
	arena_free(arena);
	return code;
}

int report_run(const struct cli *cli)
{
	struct shell shell;
	enum words_lang lang = words_of_locale();
	const char *name = cli_get(cli, "lang");
	if (name && words_lang_of(name, &lang))
		return cli_usage(cli, "expected de or en after --lang, found \"%s\"", name);
	int code = shell_open(&shell, cli);
	if (code)
		return code;
	struct top_reader *reader =
	    top_reader_create(shell.redis, shell.config->common.tenant, NULL, NULL);
	struct top_ask ask = {.team = cli_get(cli, "team"), .tickets = REPORT_FIRST};
	const struct top_model *m = top_reader_wait(reader, shell.loop, &ask, SHELL_WAIT_MS);
	if (m && !m->refused.n) {
		code = print(m, lang, cli_has(cli, "json"));
	} else {
		(void)fprintf(stderr, "posthorn-route report: redis %s: %.*s\n",
			      m ? "refuses" : "went away", m ? (int)m->refused.n : 9,
			      m ? m->refused.p : "try again");
		code = EX_UNAVAILABLE;
	}
	shell_close(&shell);
	top_reader_free(reader);
	return code;
}
