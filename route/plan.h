/*
 * plan.h: `posthorn-route plan`: scored posts in, decisions with receipts out; writes nothing.
 */
#ifndef ROUTE_PLAN_H
#define ROUTE_PLAN_H

#include "common/cli.h"

extern const struct cli_option plan_options[];
int plan_main(const struct cli *cli);

#endif
