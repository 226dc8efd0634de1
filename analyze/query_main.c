#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/mem.h"

#include "analyze/query.h"
#include "analyze/query_asked.h"
#include "analyze/query_posts.h"

const struct cli_option query_match_options[] = {
    SET_OPTION,
    {"kwic", NULL, "keywords in context, for people, instead of the posts"},
    MODEL_OPTION,
    {NULL, NULL, NULL}};

const struct cli_option query_why_options[] = {SET_OPTION, MODEL_OPTION, {NULL, NULL, NULL}};
const struct cli_option query_cost_options[] = {SET_OPTION, MODEL_OPTION, {NULL, NULL, NULL}};
const struct cli_option query_diff_options[] = {
    {"sets", NULL, "OLD and NEW are files of queries, compared by their names"},
    MODEL_OPTION,
    {NULL, NULL, NULL}};

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
	m->rc = asked_put(&m->out);
	buf_reset(&m->out);
}

static int each_line(const struct cli *cli, query_line_taker *take)
{
	struct asked a;
	int rc = asked_for(&a, cli);
	if (rc)
		return rc;
	struct matching m = {.set = a.set,
			     .matcher = query_matcher_create(a.set),
			     .kwic = cli_has(cli, "kwic"),
			     .named = a.file != NULL};
	buf_init(&m.out, 64 * MiB);
	rc = query_posts(cli, take, &m);
	buf_done(&m.out);
	query_matcher_free(m.matcher);
	asked_done(&a);
	return rc ? rc : m.rc;
}

int query_match_main(const struct cli *cli)
{
	return each_line(cli, match_line);
}

/* ---- why ---------------------------------------------------------------------------------------- */

static void why_line(void *arg, const struct query_line *line, struct arena *arena)
{
	struct matching *m = arg;
	if (m->rc)
		return;
	(void)buf_str(&m->out, line->post.post->id);
	(void)buf_char(&m->out, '\n');
	for (size_t i = 0; i < query_set_n(m->set); i++) {
		if (m->named)
			(void)buf_printf(&m->out, "%s\n", query_set_name(m->set, i));
		query_why(m->matcher, i, &line->post, arena, &m->out);
	}
	m->rc = asked_put(&m->out);
	buf_reset(&m->out);
}

int query_why_main(const struct cli *cli)
{
	return each_line(cli, why_line);
}

/* ---- cost --------------------------------------------------------------------------------------- */

struct costing {
	struct query_matcher *matcher;
	uint64_t posts, matched, ns;
	uint64_t *matches; /* by query */
};

static void cost_line(void *arg, const struct query_line *line, struct arena *arena)
{
	struct costing *c = arg;
	struct query_match *matches;
	uint64_t from = clock_cpu_ns();
	size_t n = query_match(c->matcher, &line->post, arena, &matches);
	c->ns += clock_cpu_ns() - from;
	c->posts++;
	c->matched += n > 0;
	for (size_t i = 0; i < n; i++)
		c->matches[matches[i].query]++;
}

/* The queries that are looked at most, at most ten. */
static void put_costs(struct buf *out, const struct query_set *set, const struct costing *c)
{
	enum { MOST = 10 };
	size_t n = query_set_n(set), top[MOST], k = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t looks = query_looked_at_one(c->matcher, i);
		size_t at = k < MOST ? k++ : MOST;
		for (; at > 0 && query_looked_at_one(c->matcher, top[at - 1]) < looks; at--)
			if (at < MOST)
				top[at] = top[at - 1];
		if (at < MOST)
			top[at] = i;
	}
	(void)buf_z(out, "looked at   matches   query\n");
	for (size_t i = 0; i < k; i++)
		(void)buf_printf(out, "%8.2f %% %8.2f %%  %s\n",
				 100.0 * (double)query_looked_at_one(c->matcher, top[i]) /
				     (double)c->posts,
				 100.0 * (double)c->matches[top[i]] / (double)c->posts,
				 query_set_name(set, top[i]));
}

int query_cost_main(const struct cli *cli)
{
	struct asked a;
	struct buf out;
	uint64_t from = clock_cpu_ns();
	int rc = asked_for(&a, cli);
	if (rc)
		return rc;
	double compile_ms = (double)(clock_cpu_ns() - from) / 1e6;
	struct costing c = {.matcher = query_matcher_create(a.set),
			    .matches = xcalloc(query_set_n(a.set) + 1, sizeof *c.matches)};
	rc = query_posts(cli, cost_line, &c);
	buf_init(&out, 4 * MiB);
	if (rc == 0 && c.posts == 0) {
		fprintf(
		    stderr,
		    "posthorn-analyze: no posts on standard input; cost is measured on a sample\n");
		rc = EX_DATAERR;
	}
	if (rc == 0) {
		(void)buf_printf(
		    &out,
		    "%zu queries read in %.1f ms; %.1f KiB\n%llu posts: %.2f us each for matching, "
		    "%.2f queries looked at, %.1f %% of the posts match\n",
		    query_set_n(a.set), compile_ms, (double)query_set_bytes(a.set) / 1024,
		    (unsigned long long)c.posts, (double)c.ns / 1e3 / (double)c.posts,
		    (double)query_looked_at(c.matcher) / (double)c.posts,
		    100.0 * (double)c.matched / (double)c.posts);
		put_costs(&out, a.set, &c);
		rc = asked_put(&out);
	}
	buf_done(&out);
	free(c.matches);
	query_matcher_free(c.matcher);
	asked_done(&a);
	return rc;
}

/* ---- diff --------------------------------------------------------------------------------------- */

struct diffing {
	const struct query_set *old_set, *new_set;
	struct query_matcher *old, *new;
	bool named;
	struct buf out;
	uint64_t gained, lost, kept;
	int rc;
};

static bool among(const struct query_set *set, const struct query_match *matches, size_t n,
		  const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(query_set_name(set, matches[i].query), name) == 0)
			return true;
	return false;
}

/* Those of `matches` that the other set does not have, a line each; how many. */
static uint64_t put_others(struct diffing *d, const struct query_line *line, char sign,
			   const struct query_set *set, struct query_match *matches, size_t n,
			   const struct query_set *other_set, const struct query_match *others,
			   size_t n_others)
{
	uint64_t count = 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = query_set_name(set, matches[i].query);
		if (among(other_set, others, n_others, name))
			continue;
		count++;
		matches[i].n_spans = matches[i].n_spans ? 1 : 0;
		(void)buf_printf(&d->out, "%c ", sign);
		query_kwic(&d->out, line, &matches[i], d->named ? name : NULL);
	}
	return count;
}

static void diff_line(void *arg, const struct query_line *line, struct arena *arena)
{
	struct diffing *d = arg;
	struct query_match *old, *new;
	if (d->rc)
		return;
	size_t was = query_match(d->old, &line->post, arena, &old);
	size_t is = query_match(d->new, &line->post, arena, &new);
	uint64_t lost = put_others(d, line, '-', d->old_set, old, was, d->new_set, new, is);
	d->gained += put_others(d, line, '+', d->new_set, new, is, d->old_set, old, was);
	d->lost += lost;
	d->kept += was - lost;
	d->rc = asked_put(&d->out);
	buf_reset(&d->out);
}

int query_diff_main(const struct cli *cli)
{
	struct asked old, new;
	bool files = cli_has(cli, "sets");
	if (cli->n_operands != 2)
		return cli_usage(cli, "expected two, the old and the new one");
	int (*asked)(struct asked *, const char *) = files ? asked_file : asked_expression;
	int rc = asked(&old, cli->operands[0]);
	if (rc)
		return rc;
	rc = asked(&new, cli->operands[1]);
	if (rc) {
		asked_done(&old);
		return rc;
	}
	struct diffing d = {.old_set = old.set,
			    .new_set = new.set,
			    .old = query_matcher_create(old.set),
			    .new = query_matcher_create(new.set),
			    .named = files};
	buf_init(&d.out, 8 * MiB);
	rc = query_posts(cli, diff_line, &d);
	if (rc == 0 && d.rc == 0) {
		(void)buf_printf(&d.out, "%llu gained, %llu lost, %llu match both\n",
				 (unsigned long long)d.gained, (unsigned long long)d.lost,
				 (unsigned long long)d.kept);
		d.rc = asked_put(&d.out);
	}
	buf_done(&d.out);
	query_matcher_free(d.old);
	query_matcher_free(d.new);
	asked_done(&old);
	asked_done(&new);
	return rc ? rc : d.rc;
}
