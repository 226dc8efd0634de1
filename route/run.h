/*
 * run.h: `posthorn-route run` and `check`: the daemon, and what it would say to a configuration.
 */
#ifndef ROUTE_RUN_H
#define ROUTE_RUN_H

#include "common/cli.h"

extern const struct cli_option run_options[], check_options[];
int run_main(const struct cli *cli);
int check_main(const struct cli *cli);

#endif
