/*
 * run.h: the daemon: sources, schedule, bus and Redis on one loop.
 */
#ifndef INGEST_RUN_H
#define INGEST_RUN_H

#include <stdbool.h>

struct run_options {
	const char *config_path;
	int instance;    /* 1..99: our name on the bus */
	bool until_idle; /* every source once, replays to their end, then exit 0 */
	bool to_stdout;  /* posts as JSON lines on stdout: no bus, no Redis */
};

/* Returns a sysexits code. */
int ingest_run_main(const struct run_options *options);

/* `posthorn-ingest status`: one line per source from its record. */
int status_main(const char *config_path);

#endif
