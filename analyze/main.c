/*
 * main.c: posthorn-analyze judges: posts in, scored posts out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/query/file.h"
#include "common/settings.h"

#include "analyze/config.h"
#include "analyze/filter.h"
#include "analyze/model.h"
#include "analyze/query.h"
#include "analyze/run.h"
#include "analyze/shipped.h"

static const struct cli_option run_options[] = {
    {"config", "FILE", "configuration (-c)"},
    {"instance", "N", "our name on the bus where several run, 1 to 99; default: 1"},
    {"until-idle", NULL, "exit 0 when every post there is has been scored"},
    {NULL, NULL, NULL}};
static const struct cli_option check_options[] = {
    {"config", "FILE", "configuration (-c)"},
    {"model", "FILE", "weights; default: those of the configuration, else the shipped ones"},
    {NULL, NULL, NULL}};

static int run_main(const struct cli *cli)
{
	int64_t instance = 1;
	int code = cli_int(cli, "instance", 1, 99, &instance);
	struct analyze_run_options options = {cli_get(cli, "config"), (int)instance,
					      cli_has(cli, "until-idle")};
	return code ? code : analyze_run(&options);
}

static int check_main(const struct cli *cli)
{
	struct error err;
	const char *file = cli_get(cli, "config"), *named = cli_get(cli, "model");
	struct analyze_config *config = analyze_config_load(file, &err);
	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	char *path = shipped_path(named ? named : config->analyze.model, SHIPPED_MODEL);
	struct model *model = model_open(path, &err);
	struct query_file *queries = NULL;
	const char *set = config->analyze.queries;
	if (!model)
		fprintf(stderr, "%s: %s\n", file, err.text);
	else if (set && !(queries = query_file_load(set, &err)))
		fprintf(stderr, "%s\n", err.text);
	else
		printf("%s: fine for posthorn-analyze, model %s %s\n", file, path, model_id(model));
	if (queries)
		printf("%s: fine, %zu queries\n", set, query_set_n(queries->set));
	int code = model && (queries || !set) ? 0 : EX_CONFIG;
	query_file_free(queries);
	model_close(model);
	free(path);
	analyze_config_free(config);
	return code;
}

static int settings_main(const struct cli *cli)
{
	static const struct conf_section *const sections[] = {&conf_common_section,
							      &analyze_section, NULL};
	return settings_print(cli, sections, analyze_stats_register);
}

static const struct cli_command commands[] = {
    {"run", "", "config",
     "scores the posts of the bus until it is told to stop\n"
     "SIGTERM: finishes what is in hand, exit 0.  SIGHUP: reads the configuration again; a wrong\n"
     "one is said and the old one kept.",
     run_options, run_main},
    {"check", "", "config", "validates the configuration and the model", check_options, check_main},
    {"score", "", NULL,
     "posts as JSON lines in, scored posts out, in the same order\n"
     "A line that is no post becomes an error object on standard error, with its number; the rest\n"
     "goes on.  Empty lines are skipped.",
     filter_options, score_main},
    {"explain", "", NULL,
     "shows people each post with the words that moved its tonality\n"
     "Green or [+ ] speaks for positive, red or [- ] for negative; the weights and the rest add "
     "up\n"
     "to the margin.",
     filter_options, explain_main},
    {"query check", "[EXPRESSION]", NULL,
     "looks a query over, or all of a file\n"
     "What is refused ends with 65 and three lines: what was expected, the line, a caret.  What "
     "is\n"
     "allowed but probably not meant is said with a number (docs/QUERY-LANGUAGE.md), and for how "
     "many\n"
     "posts it is looked at.  Of a file the posts under `expect` are tried as well.  EXPRESSION: "
     "the\n"
     "query itself in quotes, - for standard input, or @FILE.",
     query_check_options, query_check_main},
    {"query match", "[EXPRESSION]", NULL,
     "posts as JSON lines in, those that match out, unchanged\n"
     "A post that has an analysis is matched with it, others are judged first.  A line that is no "
     "post\n"
     "becomes an error object on standard error; the rest goes on.",
     query_match_options, query_match_main},
    {"query why", "[EXPRESSION]", NULL,
     "for each post which part of a query, or of all of a file, held and which did not\n"
     "A line for each part: + holds, - does not; with the places of its words, or what the field "
     "is.",
     query_why_options, query_why_main},
    {"query cost", "[EXPRESSION]", NULL,
     "what a query, or all of a file, costs on a sample of posts\n"
     "Time for each post, how many queries are looked at and how many match; the ten that are "
     "looked\n"
     "at most.",
     query_cost_options, query_cost_main},
    {"query diff", "OLD NEW", NULL,
     "posts that a changed query gains (+) and loses (-), with their keywords in context",
     query_diff_options, query_diff_main},
    {"query import", "[EXPRESSION]", NULL,
     "an expression of Brandwatch or Talkwalker in this language\n"
     "Prints the query; what it cannot carry over is named on standard error and left out.",
     query_import_options, query_import_main},
    {"settings", "", NULL, SETTINGS_HELP, settings_options, settings_main},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

static const struct cli_note exits[] = {{"0", "done"},     CLI_EXIT_USAGE,       CLI_EXIT_DATA,
					CLI_EXIT_NO_INPUT, CLI_EXIT_UNAVAILABLE, CLI_EXIT_IO,
					CLI_EXIT_CONFIG,   CLI_NOTE_END};
static const struct cli_note environment[] = {CLI_ENV_CLOCK, CLI_ENV_CONFIG, CLI_ENV_NO_COLOR,
					      CLI_NOTE_END};
static const struct cli_note files[] = {
    {"FILE of --config",
     "the configuration of all programs; `posthorn-analyze settings` prints what is read from it"},
    {"posthorn.model", "the shipped weights: beside the program, in ../share/posthorn from it, or "
		       "in analyze/models of\n"
		       "the source tree"},
    {"data/", "small state of the bus, in the folder that the setting `data` names"},
    CLI_NOTE_END};

static const struct cli_program program = {
    .name = "posthorn-analyze",
    .help =
	"judges posts: language, tonality, intent, urgency, danger, with the words that decided",
    .more = "posthorn-analyze takes posts from the topic `posts`, judges each and puts it on the "
	    "topic\n"
	    "`scored`: the bytes of the post with one more member, `analysis`.\n\n"
	    "It keeps no state.  The same post, model and settings give the same bytes, on every\n"
	    "machine: scores are integers.  Where the model is not sure enough of the tonality, "
	    "the label\n"
	    "is null and a person decides.",
    .commands = commands,
    .exits = exits,
    .environment = environment,
    .files = files,
    .see = "posthorn-ingest(1), posthorn-route(1), posthorn-train(1); docs/CONFIGURATION.md,\n"
	   "docs/INTERFACES.md and docs/COUNTERS.md of the source tree"};

int main(int argc, char **argv)
{
	struct error err;
	log_init("analyze");
	if (clock_init(&err) != 0) {
		fprintf(stderr, "posthorn-analyze: %s\n", err.text);
		return EX_CONFIG;
	}
	return cli_main(&program, argc, argv);
}
