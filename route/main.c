/*
 * main.c: the commands of posthorn-route.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "route/plan.h"
#include "route/queue.h"
#include "route/report.h"
#include "route/run.h"
#include "route/top.h"

static const struct cli_command commands[] = {
    {"run", "", 0, "the daemon: scored posts become tickets", run_options, run_main},
    {"check", "", 0, "validates the configuration", check_options, check_main},
    {"plan", "", 0, "scored posts in, decisions with receipts out; writes nothing", plan_options,
     plan_main},
    QUEUE_COMMANDS,
    {"queue top", "", 0, "the queue as a live view", top_options, top_run},
    {"report", "", 0, "the figures in plain words", report_options, report_run},
    {NULL, NULL, 0, NULL, NULL, NULL}};

int main(int argc, char **argv)
{
	struct error err;
	log_init("route");
	if (clock_init(&err)) {
		(void)fprintf(stderr, "posthorn-route: %s\n", err.text);
		return EX_CONFIG;
	}
	return cli_main("posthorn-route", commands, argc, argv);
}
