#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/filter.h"
#include "analyze/query_posts.h"
#include "analyze/score.h"
#include "analyze/shipped.h"

static int read_file(FILE *file, const char *name, struct buf *ret)
{
	char block[65536];
	size_t n;
	while ((n = fread(block, 1, sizeof block, file)) > 0) {
		if (buf_add(ret, block, n) != 0)
			break; /* longer than any query may be: refused as one */
	}
	if (ferror(file)) {
		fprintf(stderr, "posthorn-analyze: could not read \"%s\": %s\n", name,
			strerror(errno));
		return EX_NOINPUT;
	}
	size_t mark = ret->n - filter_line(1, buf_view(ret)).n;
	if (mark)
		memmove(ret->p, ret->p + mark, ret->n - mark);
	ret->n -= mark;
	while (ret->n && (ret->p[ret->n - 1] == '\n' || ret->p[ret->n - 1] == '\r'))
		ret->n--;
	return 0;
}

int query_operand(const char *operand, struct buf *ret)
{
	bool name = operand[0] == '@' && !strpbrk(operand, " \t\n()");
	buf_init(ret, 2 * MiB);
	if (strcmp(operand, "-") == 0)
		return read_file(stdin, "standard input", ret);
	/* @dhl is a name as well, @dhl@social.example too: a file wins only where there is one */
	FILE *file = name ? fopen(operand + 1, "r") : NULL;
	if (file) {
		int rc = read_file(file, operand + 1, ret);
		(void)fclose(file); /* only read */
		return rc;
	}
	if (name && strchr(operand, '/')) {
		fprintf(stderr, "posthorn-analyze: could not read \"%s\": %s\n", operand + 1,
			strerror(errno));
		return EX_NOINPUT;
	}
	if (name && strchr(operand, '.'))
		fprintf(stderr,
			"posthorn-analyze: there is no file \"%s\": \"%s\" is read as a name\n",
			operand + 1, operand);
	(void)buf_z(ret, operand); /* too long: refused as a query */
	return 0;
}

struct posts {
	struct model *model;
	struct score *score;
	struct arena *arena;
	int64_t number;
	query_line_taker *take;
	void *arg;
};

static void take_line(struct posts *p, struct str json)
{
	struct post post;
	struct analysis analysis;
	struct query_words words;
	struct error err;
	bool has;
	json = filter_line(++p->number, json);
	struct query_line line = {.json = json};
	if (str_trim(json).n == 0)
		return;
	if (scored_parse(json, p->arena, &post, &analysis, &has, &err) != 0) {
		filter_error(p->number, err.text);
		return;
	}
	if (post.op == POST_DELETE)
		return;
	if (!has)
		score_post(p->score, &post, p->arena, &analysis);
	query_cut(&post, &words, p->arena);
	struct score_judging judging = {p->score, &post, p->arena};
	line.post = query_post_of(&post, &analysis, &words);
	line.post.lang = analysis.lang; /* not known where it is unsure */
	line.post.judge = score_judge;
	line.post.arg = &judging;
	p->take(p->arg, &line, p->arena);
}

int query_posts(const struct cli *cli, query_line_taker *take, void *arg)
{
	struct score_settings settings = {.abstain_percent = -1};
	struct posts p = {.take = take, .arg = arg};
	struct error err;
	char *path = shipped_path(cli_get(cli, "model"), SHIPPED_MODEL), *line = NULL;
	size_t room = 0;
	ssize_t n;
	p.model = model_open(path, &err);
	free(path);
	if (!p.model) {
		fprintf(stderr, "posthorn-analyze: %s\n", err.text);
		return EX_CONFIG;
	}
	p.score = score_create(p.model, &settings);
	p.arena = arena_create(SIZE_MAX / 4);
	while ((n = getline(&line, &room, stdin)) >= 0) {
		size_t length = (size_t)n;
		while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			length--;
		take_line(&p, (struct str){line, length});
		arena_reset(p.arena);
	}
	int rc = 0;
	if (ferror(stdin)) {
		fprintf(stderr, "posthorn-analyze: could not read: %s\n", strerror(errno));
		rc = EX_IOERR;
	}
	free(line);
	arena_free(p.arena);
	score_free(p.score);
	model_close(p.model);
	return rc;
}

/* At most so many characters before or behind, white space as one blank. */
static void put_context(struct buf *out, struct str s, bool before)
{
	enum { CONTEXT = 40 };
	size_t n = utf8_count(s), skip = before && n > CONTEXT ? n - CONTEXT : 0, i = 0;
	bool cut = n > CONTEXT;
	if (before && cut)
		(void)buf_z(out, "\u2026");
	for (size_t pos = 0; pos < s.n; i++) {
		char c[4];
		unsigned cp = utf8_next(s, &pos);
		if (i < skip)
			continue;
		if (!before && i == CONTEXT)
			break;
		(void)buf_add(out, c, utf8_put(c, utf8_plain(cp) ? cp : ' '));
	}
	if (!before && cut)
		(void)buf_z(out, "\u2026");
}

void query_kwic(struct buf *out, const struct query_line *line, const struct query_match *match,
		const char *name)
{
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	for (size_t i = 0; i < match->n_spans; i++) {
		const struct query_span *span = &match->spans[i];
		struct str field = span->title ? line->post.post->title : line->post.post->text;
		put_context(out, line->post.post->id, false);
		if (name)
			(void)buf_printf(out, "  %s", name);
		(void)buf_z(out, span->title ? "  title  " : "  ");
		put_context(out, str_sub(field, 0, span->start), true);
		(void)buf_z(out, colour ? "\033[1m" : "[");
		put_context(out, str_sub(field, span->start, span->end), false);
		(void)buf_z(out, colour ? "\033[0m" : "]");
		put_context(out, str_sub(field, span->end, field.n), false);
		(void)buf_char(out, '\n');
	}
	if (match->n_spans == 0) {
		put_context(out, line->post.post->id, false);
		if (name)
			(void)buf_printf(out, "  %s", name);
		(void)buf_z(out, "  (no word of it) ");
		put_context(out, line->post.post->text, false);
		(void)buf_char(out, '\n');
	}
}
