/*
 * commands.c: see commands.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/mem.h"
#include "common/settings.h"

#include "ingest/commands.h"
#include "ingest/config.h"
#include "ingest/poll.h"
#include "ingest/run.h"

#define CONFIG_ROW                                                                                 \
	{                                                                                          \
		"config", "FILE", "configuration (-c)"                                             \
	}
#define INSTANCE_ROW                                                                               \
	{                                                                                          \
		"instance", "N", "our name on the bus where several run, 1 to 99; default: 1"      \
	}

const struct cli_option ingest_run_options[] = {
    CONFIG_ROW,
    INSTANCE_ROW,
    {"until-idle", NULL, "each source once, replays to their end; exit 0 when all is delivered"},
    {NULL, NULL, NULL}};
const struct cli_option ingest_once_options[] = {
    CONFIG_ROW,
    INSTANCE_ROW,
    {"stdout", NULL, "posts as JSON lines on standard output; no bus, no Redis, no memory"},
    {NULL, NULL, NULL}};
const struct cli_option ingest_config_options[] = {CONFIG_ROW, {NULL, NULL, NULL}};

static int run(const struct cli *cli, bool until_idle)
{
	int64_t instance = 1;
	int code = cli_int(cli, "instance", 1, 99, &instance);
	struct run_options options = {cli_get(cli, "config"), (int)instance, until_idle,
				      cli_has(cli, "stdout")};
	return code ? code : ingest_run_main(&options);
}

int ingest_run(const struct cli *cli)
{
	return run(cli, cli_has(cli, "until-idle"));
}

int ingest_once(const struct cli *cli)
{
	return run(cli, true);
}

int ingest_check(const struct cli *cli)
{
	struct error err;
	struct config *config = ingest_config_load(cli_get(cli, "config"), &err);
	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	printf("%s: fine for posthorn-ingest, %zu sources\n", cli_get(cli, "config"),
	       config->n_sources);
	ingest_config_free(config);
	return 0;
}

int ingest_status(const struct cli *cli)
{
	return status_main(cli_get(cli, "config"));
}

/* A driver's own rows belong to its entries of `sources:`. */
int ingest_settings(const struct cli *cli)
{
	enum { DRIVERS_MAX = 32 };
	static const struct conf_row none[] = {CONF_END};
	const struct conf_section *sections[DRIVERS_MAX + 5];
	struct conf_section drivers[DRIVERS_MAX];
	size_t n = 0, d = 0;
	sections[n++] = &conf_common_section;
	sections[n++] = &ingest_section;
	sections[n++] = &sources_section;
	for (; source_drivers[d]; d++) {
		const struct source_driver *driver = source_drivers[d];
		must(d < DRIVERS_MAX);
		drivers[d] = (struct conf_section){
		    xasprintf("sources: driver %s", driver->name), CONF_MAP, driver->options_size,
		    driver->options ? driver->options : none,
		    xasprintf("Reads %s%s", driver->help,
			      driver->options ? "; these besides the settings of every source."
					      : "; no settings besides those of every source.")};
		sections[n++] = &drivers[d];
	}
	sections[n++] = &authors_section;
	sections[n] = NULL;
	int code = settings_print(cli, sections, poll_stats_init);
	while (d--) {
		free((char *)drivers[d].name);
		free((char *)drivers[d].help);
	}
	return code;
}
