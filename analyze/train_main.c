/*
 * train_main.c: posthorn-train: models from labelled texts.  Reads only its arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/cli.h"
#include "common/mem.h"

#include "analyze/adapt.h"
#include "analyze/corrections.h"
#include "analyze/fit.h"
#include "analyze/predict.h"
#include "analyze/shipped.h"

#define MODEL_ROW                                                                                  \
	{                                                                                          \
		"model", "FILE", "the model"                                                       \
	}
#define TASK_ROW                                                                                   \
	{                                                                                          \
		"task", "NAME", "head of the model; default: its first"                            \
	}
/* which rows count, and under which label */
#define ROWS_ROWS                                                                                  \
	{"label", "COLUMN,...",                                                                    \
	 "column of the label: the first that a table has; default: label"},                       \
	    {"multi", NULL, "a cell holds several labels, comma separated"},                       \
	    {"skip-labels", "LABEL,...", "leaves rows out by label"},                              \
	    {"skip-ids", "PREFIX,...", "leaves rows out by the beginning of their id"},            \
	    {"langs", "LANG,...", "takes only rows of these languages"},                           \
	{                                                                                          \
		"map", "FROM=TO,...", "renames labels; *=TO renames all others"                    \
	}

static const struct cli_option fit_options[] = {
    {"task", "NAME", "name of the head, at most 63 bytes"},
    {"train", "FILE,...", "tables to learn from"},
    {"out", "MODEL", "the file to write"},
    {"dev", "FILE,...",
     "more rows; choices are made on parts of train and dev that the weights had not seen"},
    ROWS_ROWS,
    {"bits", "N", "2^N rows of weights, 8 to 22; default: 18"},
    {"price", "C", "of an error while fitting; default: several are tried"},
    {"errors", "PART", "abstains so that at most this part of the labels is wrong"},
    {"fragments", "N", "so many random pieces of 1 to 3 words of every training text"},
    {"for", "GOAL", "accuracy, macro-f1, or both (the mean): what is chosen for; default: both"},
    {"on-dev", NULL, "choose on dev alone, where its rows are nearer to the use"},
    {"no-dev", NULL, "the final weights are of train alone; default: of train and dev"},
    {"base", "MODEL",
     "adapts a head of this model instead: --with is learnt, --train is not asked for"},
    {"with", "FILE,...", "tables of corrected rows"},
    {"force", NULL, "writes an adapted model even if it is worse"},
    {"lexicon", "FILE", "votes of words; default: the shipped one; none: without"},
    {NULL, NULL, NULL}};
/* the label column and --multi may be named as for fit: the model knows what it answers */
static const struct cli_option predict_options[] = {
    MODEL_ROW, TASK_ROW, ROWS_ROWS, {NULL, NULL, NULL}};
static const struct cli_option eval_options[] = {
    MODEL_ROW, TASK_ROW, ROWS_ROWS, {NULL, NULL, NULL}};
static const struct cli_option pack_options[] = {{"out", "MODEL", "the file to write"},
						 {NULL, NULL, NULL}};

static int read_corpus(const struct cli *cli, struct corpus_options *ret)
{
	int64_t bits = 18, fragments = 0;
	int code = cli_int(cli, "bits", MODEL_BITS_MIN, MODEL_BITS_MAX, &bits);
	if (code == 0)
		code = cli_int(cli, "fragments", 0, 20, &fragments);
	const char *labels = cli_get(cli, "label");
	*ret = (struct corpus_options){.labels = labels ? labels : "label",
				       .multi = cli_has(cli, "multi"),
				       .row_bits = (unsigned)bits,
				       .skip_labels = cli_get(cli, "skip-labels"),
				       .skip_ids = cli_get(cli, "skip-ids"),
				       .langs = cli_get(cli, "langs"),
				       .map = cli_get(cli, "map"),
				       .fragments = (unsigned)fragments};
	return code;
}

static int fail(const struct error *err)
{
	fprintf(stderr, "posthorn-train: %s\n", err->text);
	return EX_DATAERR;
}

static const struct model_head *head_of(const struct model *model, const char *task)
{
	const struct model_head *head = task ? model_head(model, task) : model_head_at(model, 0);
	if (!head)
		fprintf(stderr, "posthorn-train: the model has no head \"%s\"\n", task);
	return head;
}

static int fit_main(const struct cli *cli)
{
	struct error err;
	static const char *const goals[] = {"both", "accuracy", "macro-f1"};
	const char *goal = cli_get(cli, "for"), *named = cli_get(cli, "lexicon");
	struct fit_options fit = {.task = cli_get(cli, "task"),
				  .train = cli_get(cli, "train"),
				  .dev = cli_get(cli, "dev"),
				  .out = cli_get(cli, "out"),
				  .errors = 1,
				  .on_dev = cli_has(cli, "on-dev"),
				  .no_dev = cli_has(cli, "no-dev")};
	int code = read_corpus(cli, &fit.corpus);
	if (code == 0)
		code = cli_double(cli, "price", 1e-6, 1e6, &fit.price);
	if (code == 0)
		code = cli_double(cli, "errors", 0, 1, &fit.errors);
	if (code)
		return code;
	if (fit.task && strlen(fit.task) >= MODEL_NAME_MAX)
		return cli_usage(cli, "expected at most %d bytes after --task, found \"%s\"",
				 MODEL_NAME_MAX - 1, fit.task);
	if (cli_get(cli, "base")) {
		struct adapt_options adapt = {.base = cli_get(cli, "base"),
					      .task = fit.task,
					      .with = cli_get(cli, "with"),
					      .dev = fit.dev,
					      .out = fit.out,
					      .corpus = fit.corpus,
					      .price = fit.price > 0 ? fit.price : 1,
					      .force = cli_has(cli, "force")};
		if (!adapt.with)
			return cli_usage(cli, "expected --with FILE beside --base");
		return adapt_run(&adapt, &err) == 0 ? 0 : fail(&err);
	}
	if (!fit.task || !fit.train)
		return cli_usage(cli, "expected --task NAME and --train FILE, or --base MODEL");
	size_t at = 0;
	while (goal && at < ARRAY_LEN(goals) && strcmp(goal, goals[at]) != 0)
		at++;
	if (at == ARRAY_LEN(goals))
		return cli_usage(cli, "expected accuracy, macro-f1 or both after --for");
	fit.goal = (enum calibrate_goal)at;
	struct lexicon *lexicon = NULL;
	if (!named || strcmp(named, "none") != 0) {
		char *path = shipped_path(named, SHIPPED_LEXICON);
		lexicon = lexicon_open(path, &err);
		free(path);
		if (!lexicon)
			return fail(&err);
	}
	fit.corpus.lexicon = lexicon;
	code = fit_run(&fit, &err) == 0 ? 0 : fail(&err);
	lexicon_close(lexicon);
	return code;
}

static int lexicon_main(const struct cli *cli)
{
	struct error err;
	int rc = lexicon_build(cli_get(cli, "out"), (const char *const *)cli->operands,
			       cli->n_operands, &err);
	return rc == 0 ? 0 : fail(&err);
}

static int on_model(const struct cli *cli, bool eval)
{
	struct error err;
	struct corpus_options corpus;
	const char *path = cli->operands[0];
	int code = read_corpus(cli, &corpus);
	if (code)
		return code;
	struct model *model = model_open(cli_get(cli, "model"), &err);
	if (!model)
		return fail(&err);
	const struct model_head *head = head_of(model, cli_get(cli, "task"));
	code = EX_USAGE;
	if (head && eval) {
		struct buf text;
		buf_init(&text, 1 * MiB);
		code = predict_eval(model, head, path, &corpus, &text, &err) == 0 ? 0 : fail(&err);
		fputs(buf_view(&text).p, stdout);
		buf_done(&text);
	} else if (head) {
		code = predict_table(model, head, path, stdout, &err) == 0 ? 0 : fail(&err);
	}
	model_close(model);
	return code;
}

static int predict_main(const struct cli *cli)
{
	return on_model(cli, false);
}

static int eval_main(const struct cli *cli)
{
	return on_model(cli, true);
}

static int pack_main(const struct cli *cli)
{
	struct predict_part list[MODEL_HEADS_MAX];
	struct model *models[MODEL_HEADS_MAX];
	char *names[MODEL_HEADS_MAX];
	struct error err;
	int code = 0;
	size_t n = 0;
	if (cli->n_operands > MODEL_HEADS_MAX)
		return cli_usage(cli, "expected at most %d heads", MODEL_HEADS_MAX);
	while (n < cli->n_operands && code == 0) {
		const char *part = cli->operands[n];
		size_t name_n = strcspn(part, "=");
		if (name_n == 0 || name_n >= MODEL_NAME_MAX || !part[name_n]) {
			code = cli_usage(cli, "expected HEAD=MODEL, found \"%s\"", part);
			break;
		}
		models[n] = model_open(part + name_n + 1, &err);
		if (!models[n]) {
			code = fail(&err);
			break;
		}
		names[n] = xstrndup(part, name_n);
		list[n].head = names[n];
		list[n].model = models[n];
		n++;
	}
	if (code == 0 && predict_pack(cli_get(cli, "out"), list, n, &err) != 0)
		code = fail(&err);
	while (n-- > 0) {
		model_close(models[n]);
		free(names[n]);
	}
	return code;
}

static int corrections_main(const struct cli *cli)
{
	struct error err;
	int rc = corrections_print(cli_get(cli, "posts"), cli->operands[0], stdout, &err);
	return rc == 0 ? 0 : fail(&err);
}

static const struct cli_option corrections_options[] = {
    {"posts", "FILE", "posts or scored posts, one JSON a line; - is standard input"},
    {NULL, NULL, NULL}};

static const struct cli_command commands[] = {
    {"fit", "", "out",
     "learns a model with one head from labelled texts, or adapts a head of a model\n"
     "Says on standard error what it chose and how it did on dev.  The same input gives the same\n"
     "bytes.  A text that train and dev both have counts as dev.",
     fit_options, fit_main},
    {"predict", "FILE", "model", "id, label and probability of every row of a table",
     predict_options, predict_main},
    {"eval", "FILE[,FILE...]", "model", "how well a model does on labelled texts", eval_options,
     eval_main},
    {"pack", "HEAD=MODEL...", "out",
     "joins heads into one file\n"
     "Each is the first head of its file and gets the name in front of the sign of equality.",
     pack_options, pack_main},
    {"corrections", "EVENTS", "posts",
     "what agents corrected, as a table for --with\n"
     "EVENTS are events of the topic events, one JSON a line.",
     corrections_options, corrections_main},
    {"lexicon", "FILE:COLUMN:SCALE...", "out",
     "makes the table of votes from lists of polar words\n"
     "COLUMN holds a number, divided by SCALE, or `positive` or `negative`; the word is in the "
     "first\n"
     "column.  The table holds hashes, no words.",
     pack_options, lexicon_main},
    {NULL, NULL, NULL, NULL, NULL, NULL}};

static const struct cli_note exits[] = {
    {"0", "done"},
    CLI_EXIT_USAGE,
    {"65", "a table or a model cannot be used, or the result not be written"},
    CLI_NOTE_END};

static const struct cli_program program = {
    .name = "posthorn-train",
    .help = "makes and judges classifiers from labelled texts",
    .more =
	"posthorn-train learns what posthorn-analyze judges by.  It reads only its arguments.\n\n"
	"Tables are tab-separated with a header line, plain or gzipped; the text stands in the\n"
	"column `text`, its label in `label` or where --label says, its id in `id`, its language "
	"in\n"
	"`lang`.",
    .commands = commands,
    .exits = exits,
    .see =
	"posthorn-analyze(1); analyze/models/README.md of the source tree tells how the shipped\n"
	"weights were made"};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
