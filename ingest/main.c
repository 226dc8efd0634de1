/*
 * main.c: posthorn-ingest hears: it polls sources and puts their posts on the bus.
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/settings.h"

#include "ingest/commands.h"
#include "ingest/decisions.h"
#include "ingest/parse.h"

static const struct cli_command commands[] = {
    {"run", "", "config",
     "polls the sources and publishes their posts until it is told to stop\n"
     "SIGTERM: finishes what is in hand, exit 0.  SIGHUP: reads the configuration again; a wrong\n"
     "one is said and the old one kept.",
     ingest_run_options, ingest_run},
    {"once", "", "config",
     "each source once, replays to their end\n"
     "The same as `run --until-idle`; with --stdout it needs neither bus nor Redis and remembers\n"
     "nothing.",
     ingest_once_options, ingest_once},
    {"check", "", "config", "validates the configuration and says what is wrong with it",
     ingest_config_options, ingest_check},
    {"status", "", "config",
     "health of the sources, a line each\n"
     "State, last successful read, next poll (- : overdue since), failures in a row, posts\n"
     "published, why it fails.",
     ingest_config_options, ingest_status},
    {"parse", "FILE...", NULL,
     "posts of saved pages as JSON lines on standard output\n"
     "Oldest first within a file; `-` reads standard input.  A status object per file goes to\n"
     "standard error.  Bad content is no error.  Needs no configuration and no server.",
     parse_options, parse_main},
    {"guard", "URL...", NULL,
     "may the fetcher talk to it, and why\n"
     "Names are resolved.  Exit 1 where one is refused.",
     guard_options, guard_main},
    {"robots", "URL FILE", NULL,
     "what the robots.txt in a file says about a URL\n"
     "Prints the rule that decided.  Exit 1: forbidden.",
     robots_options, robots_main},
    {"settings", "", NULL, SETTINGS_HELP, settings_options, ingest_settings},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

static const struct cli_note exits[] = {
    {"0", "done"},        {"1", "`guard`, `robots`: refused or forbidden"},
    CLI_EXIT_USAGE,       CLI_EXIT_NO_INPUT,
    CLI_EXIT_UNAVAILABLE, CLI_EXIT_IO,
    CLI_EXIT_CONFIG,      CLI_NOTE_END};
static const struct cli_note environment[] = {CLI_ENV_CLOCK, CLI_ENV_CONFIG, CLI_NOTE_END};
static const struct cli_note files[] = {
    {"FILE of --config",
     "the configuration of all programs; `posthorn-ingest settings` prints what is read from it"},
    {"data/", "small state of the bus, in the folder that the setting `data` names"},
    CLI_NOTE_END};

static const struct cli_program program = {
    .name = "posthorn-ingest",
    .help = "polls web sources and puts their new posts on the bus",
    .more = "posthorn-ingest asks the sources of the configuration in turn, as politely as "
	    "robots.txt,\n"
	    "a rest per host and validators make it, reads their pages as posts and publishes "
	    "those it\n"
	    "has not seen on the topic `posts`.\n\n"
	    "What it knows of a source (validators, cursor, the ids it has seen) is one record in "
	    "Redis,\n"
	    "written after the posts of a page were delivered: nothing is lost or heard twice when "
	    "the\n"
	    "program ends in the middle.  A source that fails is asked more and more rarely; one "
	    "warning\n"
	    "says when that begins and one line when it ends.  Where the bus is full or Redis is "
	    "away,\n"
	    "polling pauses.",
    .commands = commands,
    .exits = exits,
    .environment = environment,
    .files = files,
    .see = "posthorn-analyze(1), posthorn-route(1); docs/CONFIGURATION.md, docs/INTERFACES.md and\n"
	   "docs/COUNTERS.md of the source tree"};

int main(int argc, char **argv)
{
	struct error err;
	log_init("ingest");
	if (clock_init(&err)) {
		fprintf(stderr, "posthorn-ingest: %s\n", err.text);
		return EX_CONFIG;
	}
	return cli_main(&program, argc, argv);
}
