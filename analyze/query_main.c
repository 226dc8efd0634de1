#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"
#include "common/query/file.h"
#include "common/query/lint.h"

#include "analyze/query.h"
#include "analyze/query_posts.h"

#define SET_OPTION                                                                                 \
	{                                                                                          \
		"set", "FILE", "the queries of a file instead of one expression"                   \
	}
#define MODEL_OPTION                                                                               \
	{                                                                                          \
		"model", "FILE",                                                                   \
		    "weights that judge posts without an analysis; default: the shipped ones"      \
	}

const struct cli_option query_check_options[] = {
    SET_OPTION,
    {"show", NULL, "print each query with all its brackets"},
    MODEL_OPTION,
    {NULL, NULL, NULL}};
const struct cli_option query_match_options[] = {
    SET_OPTION,
    {"kwic", NULL, "keywords in context, for people, instead of the posts"},
    MODEL_OPTION,
    {NULL, NULL, NULL}};

/* ---- what is asked for: one expression, or a file of queries ------------------------------------ */

struct asked {
	struct query_file *file;
	struct query_set *set; /* of the file, or of the expression */
};

static void asked_done(struct asked *a)
{
	if (!a->file)
		query_set_free(a->set);
	query_file_free(a->file);
}

static int asked_expression(struct asked *a, const struct cli *cli, const char *operand)
{
	struct error err;
	int rc = 0;
	char *text = query_operand(cli, operand, &rc);
	if (!text)
		return rc;
	a->set = query_set_create();
	if (query_set_add(a->set, "query", str_of(text), NULL, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		rc = EX_DATAERR;
	} else {
		query_set_compile(a->set);
	}
	free(text);
	if (rc)
		asked_done(a);
	return rc;
}

static int asked_for(struct asked *a, const struct cli *cli)
{
	struct error err;
	const char *path = cli_get(cli, "set");
	*a = (struct asked){NULL, NULL};
	if (path && cli->n_operands)
		return cli_usage(cli, "expected an expression or --set, found both");
	if (!path && cli->n_operands != 1)
		return cli_usage(cli, "expected one expression (in quotes), or --set FILE");
	if (!path)
		return asked_expression(a, cli, cli->operands[0]);
	a->file = query_file_load(path, &err);
	if (!a->file) {
		fprintf(stderr, "%s\n", err.text);
		return EX_DATAERR;
	}
	a->set = a->file->set;
	return 0;
}

static int put(const struct buf *out)
{
	bool ok = fwrite(buf_view(out).p, 1, out->n, stdout) == out->n && fflush(stdout) == 0;
	if (!ok)
		fprintf(stderr, "posthorn-analyze: could not write\n");
	return ok ? 0 : EX_IOERR;
}

/* ---- check -------------------------------------------------------------------------------------- */

/* Does query i match a post of this text? */
static bool matches_text(struct query_matcher *matcher, size_t i, const char *text,
			 struct arena *arena)
{
	struct post post;
	struct tokens tokens, none = {0};
	post_init(&post);
	post.text = str_of(text);
	tokens_cut(&tokens, post.text, NULL, 0, arena);
	struct query_post p = {&post, NULL, &none, &tokens, STR_NULL};
	return query_holds(matcher, i, &p, arena);
}

static size_t check_expects(const struct query_file *file, struct buf *out, struct arena *arena)
{
	struct query_matcher *matcher = query_matcher_create(file->set);
	size_t wrong = 0;
	for (size_t i = 0; i < file->n_expects; i++) {
		const struct query_expect *e = &file->expects[i];
		arena_reset(arena);
		if (matches_text(matcher, e->query, e->text, arena) == e->yes)
			continue;
		wrong++;
		(void)buf_printf(out, "line %d: %s must %smatch: %s\n", e->line,
				 query_set_name(file->set, e->query), e->yes ? "" : "not ",
				 e->text);
	}
	query_matcher_free(matcher);
	return wrong;
}

int query_check_main(const struct cli *cli)
{
	struct asked a;
	struct buf out;
	struct lint_finding findings[LINT_MOST];
	struct arena *arena = arena_create(64 * MiB);
	size_t found = 0, wrong = 0;
	int rc = asked_for(&a, cli);
	buf_init(&out, 64 * MiB);
	if (rc == 0) {
		size_t queries = query_set_n(a.set);
		for (size_t i = 0; i < queries; i++) {
			arena_reset(arena);
			size_t n = query_lint(a.set, i, findings, arena);
			if (a.file && (n || cli_has(cli, "show")))
				(void)buf_printf(&out, "%s\n", query_set_name(a.set, i));
			if (cli_has(cli, "show")) {
				query_set_show(a.set, i, &out);
				(void)buf_char(&out, '\n');
			}
			query_lint_print(&out, a.set, i, findings, n);
			found += n;
		}
		if (a.file)
			wrong = check_expects(a.file, &out, arena);
		(void)buf_printf(&out, "%zu quer%s fine", queries, queries == 1 ? "y," : "ies,");
		if (found)
			(void)buf_printf(&out, " but %zu thing%s to look at", found,
					 found == 1 ? "" : "s");
		if (a.file && a.file->n_expects)
			(void)buf_printf(&out, "; %zu of %zu expected posts as expected",
					 a.file->n_expects - wrong, a.file->n_expects);
		(void)buf_char(&out, '\n');
		rc = put(&out);
		if (rc == 0 && wrong)
			rc = EX_DATAERR;
		asked_done(&a);
	}
	buf_done(&out);
	arena_free(arena);
	return rc;
}

/* ---- match -------------------------------------------------------------------------------------- */

struct matching {
	const struct query_set *set;
	struct query_matcher *matcher;
	bool kwic, named;
	struct buf out;
	int rc;
};

static void match_line(void *arg, const struct query_line *line, struct arena *arena)
{
	struct matching *m = arg;
	struct query_match *matches;
	size_t n = query_match(m->matcher, &line->post, arena, &matches);
	if (m->rc || !n)
		return;
	if (!m->kwic) {
		(void)buf_str(&m->out, line->json);
		(void)buf_char(&m->out, '\n');
	}
	for (size_t i = 0; m->kwic && i < n; i++)
		query_kwic(&m->out, line, &matches[i],
			   m->named ? query_set_name(m->set, matches[i].query) : NULL);
	m->rc = put(&m->out);
	buf_reset(&m->out);
}

int query_match_main(const struct cli *cli)
{
	struct asked a;
	int rc = asked_for(&a, cli);
	if (rc)
		return rc;
	struct matching m = {.set = a.set,
			     .matcher = query_matcher_create(a.set),
			     .kwic = cli_has(cli, "kwic"),
			     .named = a.file != NULL};
	buf_init(&m.out, 8 * MiB);
	rc = query_posts(cli, match_line, &m);
	buf_done(&m.out);
	query_matcher_free(m.matcher);
	asked_done(&a);
	return rc ? rc : m.rc;
}
