/*
 * query.h: `posthorn-analyze query ...`: what analysts do with queries in a shell.
 */
#ifndef ANALYZE_QUERY_H
#define ANALYZE_QUERY_H

#include "common/cli.h"

extern const struct cli_option query_check_options[], query_match_options[], query_why_options[],
    query_cost_options[], query_diff_options[], query_import_options[];

int query_check_main(const struct cli *cli);
int query_match_main(const struct cli *cli);
int query_why_main(const struct cli *cli);
int query_cost_main(const struct cli *cli);
int query_diff_main(const struct cli *cli);
int query_import_main(const struct cli *cli); /* query_import.c */

#endif
