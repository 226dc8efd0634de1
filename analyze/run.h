/*
 * run.h: the daemon: posts from the bus, scored, onto the bus.
 */
#ifndef ANALYZE_RUN_H
#define ANALYZE_RUN_H

#include <stdbool.h>

struct analyze_run_options {
	const char *config_path;
	int instance;
	bool until_idle; /* exit when every post there is has been scored */
};

int analyze_run(const struct analyze_run_options *options); /* a sysexits code */

void analyze_stats_register(void); /* our counters, once; analyze_run does it */

#endif
