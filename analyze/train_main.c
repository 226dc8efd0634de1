/*
 * posthorn-train: models from labelled texts.  Reads only its arguments.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"
#include "common/num.h"

#include "analyze/fit.h"
#include "analyze/predict.h"

static const char help[] =
    "posthorn-train: classifiers from labelled texts\n"
    "\n"
    "  posthorn-train fit --task NAME --train FILE[,FILE...] --out MODEL [options]\n"
    "  posthorn-train predict --model MODEL FILE       id, label, probability per row\n"
    "  posthorn-train eval --model MODEL FILE[,FILE...] [options]\n"
    "  posthorn-train pack --out MODEL HEAD=MODEL...   joins heads into one file\n"
    "\n"
    "Tables are tab-separated with a header line, plain or gzipped; the text stands in column\n"
    "`text`.\n"
    "\n"
    "  --dev FILE[,FILE...]  rows for choosing and calibrating; default: a fifth of train\n"
    "  --label COLUMN[,...]  of the label; the first that a table has (default label)\n"
    "  --multi               a cell holds several labels, comma separated\n"
    "  --bits N              2^N rows of weights, 8 to 22 (default 18)\n"
    "  --price C             of an error while fitting (default: tried out on dev)\n"
    "  --errors PART         abstain so that at most this part of the labels is wrong on dev\n"
    "  --fragments N         so many random pieces of 1 to 3 words of every training text\n"
    "  --refit               at the end fit on train and dev together\n"
    "  --skip-labels L,...   leave rows out by label\n"
    "  --skip-ids P,...      ... by the beginning of their id\n"
    "  --langs L,...         take only rows of these languages\n"
    "  --map FROM=TO,...     rename labels; *=TO renames all others\n"
    "  --task NAME           head of the model (fit: its name; else default the first)\n";

enum opt {
	OPT_TASK = 256,
	OPT_TRAIN,
	OPT_DEV,
	OPT_OUT,
	OPT_MODEL,
	OPT_LABEL,
	OPT_MULTI,
	OPT_BITS,
	OPT_PRICE,
	OPT_ERRORS,
	OPT_FRAGMENTS,
	OPT_REFIT,
	OPT_SKIP_LABELS,
	OPT_SKIP_IDS,
	OPT_LANGS,
	OPT_MAP,
	OPT_HELP
};

static const struct option options[] = {{"task", required_argument, NULL, OPT_TASK},
					{"train", required_argument, NULL, OPT_TRAIN},
					{"dev", required_argument, NULL, OPT_DEV},
					{"out", required_argument, NULL, OPT_OUT},
					{"model", required_argument, NULL, OPT_MODEL},
					{"label", required_argument, NULL, OPT_LABEL},
					{"multi", no_argument, NULL, OPT_MULTI},
					{"bits", required_argument, NULL, OPT_BITS},
					{"price", required_argument, NULL, OPT_PRICE},
					{"errors", required_argument, NULL, OPT_ERRORS},
					{"fragments", required_argument, NULL, OPT_FRAGMENTS},
					{"refit", no_argument, NULL, OPT_REFIT},
					{"skip-labels", required_argument, NULL, OPT_SKIP_LABELS},
					{"skip-ids", required_argument, NULL, OPT_SKIP_IDS},
					{"langs", required_argument, NULL, OPT_LANGS},
					{"map", required_argument, NULL, OPT_MAP},
					{"help", no_argument, NULL, OPT_HELP},
					{NULL, 0, NULL, 0}};

struct args {
	struct fit_options fit;
	const char *model;
};

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "posthorn-train: %s%s%s; see posthorn-train --help\n", what,
		value ? " " : "", value ? value : "");
	return EX_USAGE;
}

static int number(const char *name, const char *text, double min, double max, double *ret)
{
	if (num_double(str_of(text), min, max, ret) == 0)
		return 0;
	fprintf(stderr, "posthorn-train: --%s: expected a number from %g to %g, found \"%s\"\n",
		name, min, max, text);
	return -1;
}

static int parse(int argc, char **argv, struct args *a)
{
	double bits = 18, fragments = 0;
	*a = (struct args){.fit = {.errors = 1, .corpus = {.labels = "label"}}};
	int c, rc = 0;
	while (rc == 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		struct fit_options *f = &a->fit;
		switch (c) {
		case OPT_TASK: f->task = optarg; break;
		case OPT_TRAIN: f->train = optarg; break;
		case OPT_DEV: f->dev = optarg; break;
		case OPT_OUT: f->out = optarg; break;
		case OPT_MODEL: a->model = optarg; break;
		case OPT_LABEL: f->corpus.labels = optarg; break;
		case OPT_MULTI: f->corpus.multi = true; break;
		case OPT_BITS:
			rc = number("bits", optarg, MODEL_BITS_MIN, MODEL_BITS_MAX, &bits);
			break;
		case OPT_PRICE: rc = number("price", optarg, 1e-6, 1e6, &f->price); break;
		case OPT_ERRORS: rc = number("errors", optarg, 0, 1, &f->errors); break;
		case OPT_FRAGMENTS: rc = number("fragments", optarg, 0, 20, &fragments); break;
		case OPT_REFIT: f->refit = true; break;
		case OPT_SKIP_LABELS: f->corpus.skip_labels = optarg; break;
		case OPT_SKIP_IDS: f->corpus.skip_ids = optarg; break;
		case OPT_LANGS: f->corpus.langs = optarg; break;
		case OPT_MAP: f->corpus.map = optarg; break;
		case OPT_HELP: fputs(help, stdout); exit(0);
		default: rc = -1;
		}
	}
	a->fit.corpus.row_bits = (unsigned)bits;
	a->fit.corpus.fragments = (unsigned)fragments;
	return rc;
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

static int run_on_model(const struct args *a, const char *path, bool eval)
{
	struct error err;
	if (!a->model || !path)
		return usage("expected --model MODEL and a FILE", NULL);
	struct model *model = model_open(a->model, &err);
	if (!model)
		return fail(&err);
	const struct model_head *head = head_of(model, a->fit.task);
	int rc = EX_USAGE;
	if (head && eval) {
		struct buf text;
		buf_init(&text, 1 * MiB);
		rc = predict_eval(model, head, path, &a->fit.corpus, &text, &err) == 0 ? 0
										       : fail(&err);
		fputs(buf_view(&text).p, stdout);
		buf_done(&text);
	} else if (head) {
		rc = predict_table(model, head, path, stdout, &err) == 0 ? 0 : fail(&err);
	}
	model_close(model);
	return rc;
}

static int run_pack(const struct args *a, char **parts, int n)
{
	struct predict_part list[MODEL_HEADS_MAX];
	struct error err;
	int rc = 0, open = 0;
	if (!a->fit.out || n < 1 || n > MODEL_HEADS_MAX)
		return usage("expected --out MODEL and HEAD=MODEL...", NULL);
	for (; open < n && rc == 0; open++) {
		char *equals = strchr(parts[open], '=');
		if (!equals || equals == parts[open] || equals - parts[open] >= MODEL_NAME_MAX) {
			rc = usage("expected HEAD=MODEL, found", parts[open]);
			break;
		}
		*equals = '\0';
		list[open].head = parts[open];
		list[open].model = model_open(equals + 1, &err);
		if (!list[open].model) {
			rc = fail(&err);
			break;
		}
	}
	if (rc == 0 && predict_pack(a->fit.out, list, (size_t)n, &err) != 0)
		rc = fail(&err);
	while (open-- > 0)
		model_close((struct model *)list[open].model);
	return rc;
}

int main(int argc, char **argv)
{
	struct args a;
	struct error err;
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		fputs(help, argc < 2 ? stderr : stdout);
		return argc < 2 ? EX_USAGE : 0;
	}
	const char *command = argv[1];
	if (parse(argc - 1, argv + 1, &a) != 0)
		return EX_USAGE;
	char **rest = argv + 1 + optind;
	int n_rest = argc - 1 - optind;
	if (strcmp(command, "fit") == 0) {
		if (!a.fit.task || !a.fit.train || !a.fit.out || n_rest)
			return usage("fit: expected --task, --train and --out", NULL);
		if (strlen(a.fit.task) >= MODEL_NAME_MAX)
			return usage("the name of a task has at most 31 bytes", NULL);
		return fit_run(&a.fit, &err) == 0 ? 0 : fail(&err);
	}
	if (strcmp(command, "predict") == 0 && n_rest == 1)
		return run_on_model(&a, rest[0], false);
	if (strcmp(command, "eval") == 0 && n_rest == 1)
		return run_on_model(&a, rest[0], true);
	if (strcmp(command, "pack") == 0)
		return run_pack(&a, rest, n_rest);
	return usage("unknown command or arguments:", command);
}
