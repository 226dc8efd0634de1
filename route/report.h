/*
 * report.h: `posthorn-route report`, the figures of a run in plain words: funnel, what was dropped
 * and why, tonality by language, tickets by team, promises, hearing delay, and the five posts it
 * would answer first.
 *
 *   posthorn-route report -c FILE [--team NAME] [--lang de|en] [--json]
 *
 * --json prints one object whose members are named as the counters of docs/INTERFACES.md.
 * Exit codes: 0; 64 usage; 69 Redis is not there; 78 configuration.
 */
#ifndef ROUTE_REPORT_H
#define ROUTE_REPORT_H

#include "common/buf.h"

#include "common/cli.h"
#include "route/top_say.h"

enum { REPORT_FIRST = 5 };

extern const struct cli_option report_options[];
int report_run(const struct cli *cli);

/* Pure: the model as lines for people, and as one JSON object with a line feed. */
void report_text(struct lines *out, const struct say *say);
int report_json(struct buf *out, const struct say *say); /* -1 at buf's limit */

#endif
