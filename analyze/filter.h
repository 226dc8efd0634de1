/*
 * filter.h: `posthorn-analyze score` and `explain`: posts on standard input, judged, on standard output.
 *
 * A line that is no post becomes an error object on standard error, with its number; the rest goes on.
 * Exit codes: 0; 64 usage; 74 input or output failed; 78 configuration or model.
 */
#ifndef ANALYZE_FILTER_H
#define ANALYZE_FILTER_H

#include <stdint.h>

#include "common/cli.h"
#include "common/str.h"

extern const struct cli_option filter_options[];
/* Line 1 without the byte order mark that some editors begin a file with; others as they are. */
struct str filter_line(int64_t number, struct str line);
/* {"line":N,"error":"..."} on standard error. */
void filter_error(int64_t line, const char *text);
int score_main(const struct cli *cli);
int explain_main(const struct cli *cli);

#endif
