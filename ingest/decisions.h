/*
 * decisions.h: `posthorn-ingest guard` and `robots`: what the fetcher would decide, with reasons.
 *
 * Exit codes: 0 allowed; 1 something is refused or forbidden; 64 usage; 66 the file cannot be read.
 */
#ifndef INGEST_DECISIONS_H
#define INGEST_DECISIONS_H

#include "common/cli.h"

extern const struct cli_option guard_options[], robots_options[];
int guard_main(const struct cli *cli);
int robots_main(const struct cli *cli);

#endif
