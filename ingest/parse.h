/*
 * parse.h: `posthorn-ingest parse`, the parsers as a filter.
 *
 *   posthorn-ingest parse [--as feed] [--url BASE] [--header 'Name: value'] [--channel C] FILE...
 *
 * Posts as JSON lines on stdout, oldest first within a file; per file one status object on
 * stderr: {"status","format","charset","posts",...}.  Bad content is no error; `-` reads stdin.  Needs no
 * configuration and no server.
 */
#ifndef INGEST_PARSE_H
#define INGEST_PARSE_H

#include "common/cli.h"

extern const struct cli_option parse_options[];
/* Returns a sysexits code: 0; 64 usage; 66 a file could not be read (the others are still parsed);
 * 74 stdout could not be written. */
int parse_main(const struct cli *cli);

#endif
