/*
 * main.c: posthorn-route hands on: scored posts become tickets; agents work on them.
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/settings.h"
#include "route/config.h"
#include "route/plan.h"
#include "route/queue.h"
#include "route/report.h"
#include "route/run.h"
#include "route/stats.h"
#include "route/top.h"

static int settings_main(const struct cli *cli)
{
	static const struct conf_section *const sections[] = {&conf_common_section, &route_section,
							      &teams_section, &rules_section, NULL};
	return settings_print(cli, sections, route_stats_register);
}

static const struct cli_command commands[] = {
    {"run", "", "config",
     "the daemon: scored posts become tickets\n"
     "SIGTERM: finishes what is in hand, exit 0.  SIGHUP: reads the configuration again; a wrong\n"
     "one is said and the old one kept.",
     run_options, run_main},
    {"check", "", "config", "validates the configuration and says what is wrong with it",
     check_options, check_main},
    {"plan", "", NULL,
     "scored posts in, decisions with receipts out; writes nothing\n"
     "A line of JSON for each line of standard input, in order.  A bad line becomes an error "
     "object\n"
     "on standard error, with its number.",
     plan_options, plan_main},
    {"queue list", "", "config", "tickets in the order in which they would be claimed",
     queue_list_options, queue_list},
    {"queue show", "TICKET", "config", "a ticket with its posts and its receipt",
     queue_show_options, queue_show},
    {"queue claim", "", "config",
     "takes the best ticket, or a certain one, with a lease and a token\n"
     "Exit 1: nothing is waiting.  The token proves later that the ticket is still yours.",
     queue_claim_options, queue_claim},
    {"queue extend", "TICKET", "config token", "the lease begins again", queue_extend_options,
     queue_extend},
    {"queue release", "TICKET", "config token", "back into the queue", queue_release_options,
     queue_release},
    {"queue answer", "TICKET", "config token url", "it was answered, and where",
     queue_answer_options, queue_answer},
    {"queue close", "TICKET", "config reason",
     "no further work, and why\n"
     "A claimed ticket is closed only with its token.",
     queue_close_options, queue_close},
    {"queue correct", "TICKET", "config",
     "says what the machine got wrong\n"
     "What a person said is kept with the ticket and told on the topic `events`.",
     queue_correct_options, queue_correct},
    {"queue top", "", "config",
     "the queue as a live view\n"
     "For agents and care leads, on a terminal; `?` lists its keys.",
     top_options, top_run},
    {"report", "", "config",
     "the figures in plain words, and what to answer first\n"
     "Posts heard and what became of them, tonality, tickets by team, promises, hearing delay.",
     report_options, report_run},
    {"settings", "", NULL, SETTINGS_HELP, settings_options, settings_main},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

static const struct cli_note exits[] = {
    {"0", "done"},
    {"1", "`queue claim`: nothing is waiting"},
    CLI_EXIT_USAGE,
    {"65",
     "refused, with the reason on standard error: a stale token, a closed ticket, no such ticket"},
    CLI_EXIT_UNAVAILABLE,
    CLI_EXIT_IO,
    CLI_EXIT_CONFIG,
    CLI_NOTE_END};
static const struct cli_note environment[] = {
    CLI_ENV_CLOCK,
    CLI_ENV_CONFIG,
    CLI_ENV_NO_COLOR,
    {"LC_ALL, LC_MESSAGES, LANG", "language of `report` and `queue top`, and of its characters"},
    {"USER", "name of the agent where --agent is not given"},
    CLI_NOTE_END};
static const struct cli_note files[] = {
    {"FILE of --config",
     "the configuration of all programs; `posthorn-route settings` prints what is read from it"},
    {"data/", "small state of the bus, in the folder that the setting `data` names"},
    CLI_NOTE_END};

static const struct cli_program program = {
    .name = "posthorn-route",
    .help = "turns scored posts into tickets and queues, with promises and reasons",
    .more =
	"posthorn-route takes scored posts from the topic `scored`, asks the rules of the\n"
	"configuration who gets each and how soon, and puts tickets into the queues in Redis: with "
	"a\n"
	"priority, a deadline and a receipt from which both can be computed again.  What happens "
	"to a\n"
	"ticket is told on the topic `events`.\n\n"
	"The commands under `queue` are an agent's work from the shell.  A claimed ticket is the\n"
	"agent's until its lease ends; then it goes back.  Each change is one script in Redis; "
	"what it\n"
	"refuses is said on standard error.\n\n"
	"Its place in the log is stored together with the tickets, so that a post makes one "
	"ticket\n"
	"however often the program or Redis ends in the middle.",
    .commands = commands,
    .exits = exits,
    .environment = environment,
    .files = files,
    .see =
	"posthorn-ingest(1), posthorn-analyze(1); docs/CONFIGURATION.md, docs/INTERFACES.md and\n"
	"docs/COUNTERS.md of the source tree"};

int main(int argc, char **argv)
{
	struct error err;
	log_init("route");
	if (clock_init(&err)) {
		(void)fprintf(stderr, "posthorn-route: %s\n", err.text);
		return EX_CONFIG;
	}
	return cli_main(&program, argc, argv);
}
