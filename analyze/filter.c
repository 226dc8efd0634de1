/*
 * filter.c: see filter.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/config.h"
#include "analyze/explain.h"
#include "analyze/filter.h"
#include "analyze/queries.h"
#include "analyze/score.h"
#include "analyze/shipped.h"
#include "analyze/targets.h"

const struct cli_option filter_options[] = {
    {"config", "FILE", "configuration (-c); without it the defaults"},
    {"model", "FILE", "weights; default: those of the configuration, else the shipped ones"},
    {"target", "TERM,...",
     "tonality towards each of these, too: names, words, at most 16; may be repeated"},
    {NULL, NULL, NULL}};

struct filter {
	struct model *model;
	struct score *score;
	struct buf out;
	struct arena *arena; /* of explain */
	bool explain, colour;
	int64_t number; /* of the line */
};

struct str filter_line(int64_t number, struct str line)
{
	static const char mark[] = "\xef\xbb\xbf";
	return number == 1 && str_starts(line, mark) ? str_sub(line, sizeof mark - 1, line.n)
						     : line;
}

void filter_error(int64_t number, const char *text)
{
	struct buf line;
	buf_init(&line, 16 * KiB);
	(void)buf_z(&line, "{\"line\":");
	(void)buf_json_int(&line, number);
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
	line = filter_line(++f->number, line);
	if (str_trim(line).n == 0)
		return;
	size_t before = f->out.n;
	if (score_line(f->score, line, &f->out, &err) != 0) {
		f->out.n = before;
		filter_error(f->number, err.text);
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
				filter_error(f->number, "the line is longer than a post may be");
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

/* All that --target names, comma separated; new, or NULL. */
static char *targets_given(const struct cli *cli)
{
	const char *given[TARGETS_MOST];
	size_t n = cli_all(cli, "target", given, TARGETS_MOST);
	char *all = n ? xstrdup(given[0]) : NULL;
	for (size_t i = 1; i < n; i++) {
		char *longer = xasprintf("%s,%s", all, given[i]);
		free(all);
		all = longer;
	}
	return all;
}

static int filter_main(const struct cli *cli, bool explain)
{
	struct error err;
	struct analyze_config *config = NULL;
	struct score_settings settings = {.abstain_percent = -1, .why = true};
	const char *config_path = cli_get(cli, "config"), *named = cli_get(cli, "model");
	if (config_path) {
		config = analyze_config_load(config_path, &err);
		if (!config) {
			fprintf(stderr, "%s\n", err.text);
			return EX_CONFIG;
		}
		settings = analyze_config_settings(&config->analyze);
		named = named ? named : config->analyze.model;
	}
	char *targets = targets_given(cli);
	settings.targets = targets;
	char *path = shipped_path(named, SHIPPED_MODEL);
	struct filter f = {.model = model_open(path, &err), .explain = explain};
	const char *set = config ? config->analyze.queries : NULL;
	struct queries *queries = f.model && set ? queries_load(set, &err) : NULL;
	int rc = EX_CONFIG;
	if (!f.model || (set && !queries)) {
		fprintf(stderr, "posthorn-analyze: %s\n", err.text);
	} else {
		f.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
		f.score = score_create(f.model, &settings);
		score_use_queries(f.score, queries);
		f.arena = arena_create(256 * MiB);
		buf_init(&f.out, 8 * MiB);
		rc = filter(&f);
		buf_done(&f.out);
		arena_free(f.arena);
		score_free(f.score);
	}
	queries_free(queries);
	model_close(f.model);
	free(path);
	free(targets);
	analyze_config_free(config);
	return rc;
}

int score_main(const struct cli *cli)
{
	return filter_main(cli, false);
}

int explain_main(const struct cli *cli)
{
	return filter_main(cli, true);
}
