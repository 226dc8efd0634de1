/*
 * settings.c: see settings.h.
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/bus.h"
#include "common/mem.h"
#include "common/settings.h"
#include "common/stats.h"

const struct cli_option settings_options[] = {
    {"markdown", NULL, "as tables in Markdown"},
    {"counters", NULL, "the Prometheus counters instead, as a table in Markdown"},
    {NULL, NULL, NULL}};

int settings_print(const struct cli *cli, const struct conf_section *const *sections,
		   void (*counters)(void))
{
	struct buf out;
	buf_init(&out, MiB);
	if (cli_has(cli, "counters")) {
		counters();
		(void)bus_stats(); /* the rows are wanted, not where they begin */
		stats_doc(&out);
	}
	for (; !cli_has(cli, "counters") && *sections; sections++) {
		if (cli_has(cli, "markdown")) {
			conf_doc(*sections, &out);
		} else {
			(void)buf_z(&out, out.n ? "\n" : "");
			conf_help(*sections, &out);
		}
	}
	must(!out.full);
	int code =
	    fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	buf_done(&out);
	return code;
}
