/*
 * main.c: posthorn-analyze judges: posts in, scored posts out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"

#include "analyze/config.h"
#include "analyze/explain.h"
#include "analyze/run.h"
#include "analyze/score.h"

static int cmd_score(int argc, char **argv);
static int cmd_explain(int argc, char **argv);
static int cmd_run(int argc, char **argv);
static int cmd_check(int argc, char **argv);
static int cmd_help(int argc, char **argv);

static const struct command {
	const char *name, *usage, *help;
	int (*fn)(int argc, char **argv);
} commands[] = {
    {"score", "[-c FILE] [--model FILE]",
     "Posts as JSON lines on standard input, scored posts on standard output, in the same order.\n"
     "A line that is no post becomes an error object on standard error, with its number; the rest\n"
     "goes on.  Empty lines are skipped.",
     cmd_score},
    {"explain", "[-c FILE] [--model FILE]",
     "The same for people: each post with the words that moved its tonality.  Green or [+ ] "
     "speaks\n"
     "for positive, red or [- ] for negative; the weights and the rest add up to the margin.",
     cmd_explain},
    {"run", "-c FILE [--instance N] [--until-idle]",
     "Scores the posts of the bus until it is told to stop.\n"
     "SIGTERM: finishes what is in hand, exit 0.  SIGHUP: reads FILE again.\n"
     "--instance N    our name on the bus when several run (1..99)\n"
     "--until-idle    exit 0 when every post there is has been scored",
     cmd_run},
    {"check", "-c FILE", "Reads configuration and model and says what is wrong with them: exit 78.",
     cmd_check},
    {"help", "[COMMAND]", "What a command does, or all settings of the configuration.", cmd_help},
};

static int usage(const struct command *command, const char *fault)
{
	if (fault)
		fprintf(stderr, "posthorn-analyze: %s\n", fault);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!command || command == &commands[i])
			fprintf(stderr, "%s posthorn-analyze %s %s\n",
				command || i == 0 ? "usage:" : "      ", commands[i].name,
				commands[i].usage);
	return EX_USAGE;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

struct args {
	const char *config, *model;
	int64_t instance;
	bool until_idle;
};

static int args_read(int argc, char **argv, bool daemon, struct args *ret)
{
	*ret = (struct args){.instance = 1};
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;
		if (strcmp(argv[i], "-c") == 0 && has_value)
			ret->config = argv[++i];
		else if (strcmp(argv[i], "--model") == 0 && has_value && !daemon)
			ret->model = argv[++i];
		else if (strcmp(argv[i], "--instance") == 0 && has_value && daemon &&
			 num_int(str_of(argv[i + 1]), 1, 99, &ret->instance) == 0)
			i++;
		else if (strcmp(argv[i], "--until-idle") == 0 && daemon)
			ret->until_idle = true;
		else
			return usage(find(argv[0]), "cannot make sense of the arguments");
	}
	return 0;
}

/* ---- filters ----------------------------------------------------------------------------------- */

struct filter {
	struct model *model;
	struct score *score;
	struct buf out;
	struct arena *arena; /* of explain */
	bool explain, colour;
	int64_t number; /* of the line */
};

static void print_error(const struct filter *f, const char *text)
{
	struct buf line;
	buf_init(&line, 16 * KiB);
	(void)buf_z(&line, "{\"line\":");
	(void)buf_json_int(&line, f->number);
	(void)buf_z(&line, ",\"error\":");
	(void)buf_json_str(&line, str_of(text));
	(void)buf_z(&line, "}\n");
	fputs(buf_view(&line).p, stderr);
	buf_done(&line);
}

static int flush_out(struct filter *f)
{
	bool ok =
	    fwrite(buf_view(&f->out).p, 1, f->out.n, stdout) == f->out.n && fflush(stdout) == 0;
	buf_reset(&f->out);
	if (!ok)
		fprintf(stderr, "posthorn-analyze: could not write: %s\n", strerror(errno));
	return ok ? 0 : EX_IOERR;
}

static void take_line(struct filter *f, struct str line)
{
	struct error err;
	f->number++;
	if (str_trim(line).n == 0)
		return;
	size_t before = f->out.n;
	if (score_line(f->score, line, &f->out, &err) != 0) {
		f->out.n = before;
		print_error(f, err.text);
		return;
	}
	if (f->explain) {
		struct analysis a;
		f->out.n = before;
		const struct post *post = score_last(f->score, &a);
		if (post->op != POST_DELETE)
			explain_print(&f->out, post, &a,
				      score_tonality_margin(f->score, post, f->arena), f->colour);
		arena_reset(f->arena);
		return;
	}
	(void)buf_char(&f->out, '\n'); /* flushed long before the limit */
}

/* Reads in blocks; after each, what is done goes out: a slow writer sees its answers at once, a
 * fast one gets whole blocks. */
static int filter(struct filter *f)
{
	enum { BLOCK = 64 * 1024, LINE_MAX_BYTES = 2 * POST_MAX_BYTES };
	struct buf in;
	bool skipping = false; /* the rest of a line that is too long */
	int rc = 0;
	ssize_t got;
	buf_init(&in, LINE_MAX_BYTES + BLOCK);
	do {
		char *to = buf_reserve(&in, BLOCK);
		must(to);
		got = read(STDIN_FILENO, to, BLOCK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fprintf(stderr, "posthorn-analyze: could not read: %s\n", strerror(errno));
			rc = EX_IOERR;
			break;
		}
		in.n += (size_t)got;
		size_t from = 0;
		for (;;) {
			char *end = memchr(in.p + from, '\n', in.n - from);
			if (!end && (got > 0 || from == in.n))
				break;
			size_t to_here = end ? (size_t)(end - in.p) : in.n;
			struct str line = {in.p + from, to_here - from};
			if (!skipping)
				take_line(f, line);
			skipping = false;
			from = end ? to_here + 1 : to_here;
			if (f->out.n > 1 * MiB && (rc = flush_out(f)) != 0)
				break;
		}
		memmove(in.p, in.p + from, in.n - from);
		in.n -= from;
		if (in.n > LINE_MAX_BYTES) {
			if (!skipping) {
				f->number++;
				print_error(f, "the line is longer than a post may be");
			}
			skipping = true;
			in.n = 0;
		}
		if (rc == 0 && f->out.n)
			rc = flush_out(f);
	} while (got != 0 && rc == 0);
	buf_done(&in);
	return rc;
}

static int filter_main(int argc, char **argv, bool explain)
{
	struct args args;
	struct error err;
	struct analyze_config *config = NULL;
	struct score_settings settings = {.abstain_percent = -1, .why = true};
	if (args_read(argc, argv, false, &args) != 0)
		return EX_USAGE;
	if (args.config) {
		config = analyze_config_load(args.config, &err);
		if (!config) {
			fprintf(stderr, "%s\n", err.text);
			return EX_CONFIG;
		}
		settings = analyze_config_settings(&config->analyze);
	}
	char *path = analyze_model_path(args.model ? args.model
					: config   ? config->analyze.model
						   : NULL);
	struct filter f = {.model = model_open(path, &err), .explain = explain};
	int rc = EX_CONFIG;
	if (!f.model) {
		fprintf(stderr, "posthorn-analyze: %s\n", err.text);
	} else {
		f.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
		f.score = score_create(f.model, &settings);
		f.arena = arena_create(256 * MiB);
		buf_init(&f.out, 8 * MiB);
		rc = filter(&f);
		buf_done(&f.out);
		arena_free(f.arena);
		score_free(f.score);
	}
	model_close(f.model);
	free(path);
	analyze_config_free(config);
	return rc;
}

static int cmd_score(int argc, char **argv)
{
	return filter_main(argc, argv, false);
}

static int cmd_explain(int argc, char **argv)
{
	return filter_main(argc, argv, true);
}

/* ---- with a configuration --------------------------------------------------------------------- */

static int cmd_run(int argc, char **argv)
{
	struct args args;
	if (args_read(argc, argv, true, &args) != 0)
		return EX_USAGE;
	if (!args.config)
		return usage(find("run"), "which configuration? (-c FILE)");
	struct analyze_run_options options = {args.config, (int)args.instance, args.until_idle};
	return analyze_run(&options);
}

static int cmd_check(int argc, char **argv)
{
	struct args args;
	struct error err;
	if (args_read(argc, argv, false, &args) != 0)
		return EX_USAGE;
	if (!args.config)
		return usage(find("check"), "which configuration? (-c FILE)");
	struct analyze_config *config = analyze_config_load(args.config, &err);
	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return EX_CONFIG;
	}
	char *path = analyze_model_path(args.model ? args.model : config->analyze.model);
	struct model *model = model_open(path, &err);
	if (model)
		printf("%s: fine for posthorn-analyze, model %s %s\n", args.config, path,
		       model_id(model));
	else
		fprintf(stderr, "%s: %s\n", args.config, err.text);
	int rc = model ? 0 : EX_CONFIG;
	model_close(model);
	free(path);
	analyze_config_free(config);
	return rc;
}

static int cmd_help(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find(argv[1]) : NULL;
	if (argc > 1 && !command)
		return usage(NULL, "there is no such command");
	if (command) {
		printf("posthorn-analyze %s %s\n\n%s\n", command->name, command->usage,
		       command->help);
		return 0;
	}
	puts("posthorn-analyze judges posts: language and tonality, with reasons.\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  posthorn-analyze %s %s\n", commands[i].name, commands[i].usage);
	puts("\nScorers:");
	for (size_t i = 0; scorers[i]; i++)
		printf("  %-10s %s\n", scorers[i]->name, scorers[i]->help);
	struct buf text;
	buf_init(&text, 64 * KiB);
	conf_help(&analyze_section, &text);
	conf_help(&conf_common_section, &text);
	printf("\nSettings:\n%s", buf_view(&text).p);
	buf_done(&text);
	return 0;
}

int main(int argc, char **argv)
{
	struct error err;
	log_init("analyze");
	if (clock_init(&err) != 0) {
		fprintf(stderr, "posthorn-analyze: %s\n", err.text);
		return EX_CONFIG;
	}
	if (argc < 2)
		return usage(NULL, NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cmd_help(1, argv + 1);
	const struct command *command = find(argv[1]);
	if (!command)
		return usage(NULL, "there is no such command");
	if (argc > 2 && strcmp(argv[2], "--help") == 0) {
		char *asked[] = {argv[1], argv[1], NULL};
		return cmd_help(2, asked);
	}
	return command->fn(argc - 1, argv + 1);
}
