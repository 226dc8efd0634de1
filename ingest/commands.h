/*
 * commands.h: the commands of posthorn-ingest that read a configuration, from the command line.
 */
#ifndef INGEST_COMMANDS_H
#define INGEST_COMMANDS_H

#include "common/cli.h"

extern const struct cli_option ingest_run_options[], ingest_once_options[], ingest_config_options[];
int ingest_run(const struct cli *cli);
int ingest_once(const struct cli *cli);
int ingest_check(const struct cli *cli);
int ingest_status(const struct cli *cli);
int ingest_settings(const struct cli *cli);

#endif
