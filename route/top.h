/*
 * top.h: `posthorn-route queue top`, the live view of the queue for agents and care leads.
 *
 *   posthorn-route queue top -c FILE [--team NAME] [--agent NAME] [--lang de|en]
 *   posthorn-route queue top -c FILE --once [--width N]
 *
 * Exit codes: 0; 64 usage; 69 Redis is not there (--once); 78 configuration.
 */
#ifndef ROUTE_TOP_H
#define ROUTE_TOP_H

#include "common/cli.h"

extern const struct cli_option top_options[];
int top_run(const struct cli *cli);

#endif
