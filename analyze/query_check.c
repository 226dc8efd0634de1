/*
 * query_check.c: `query check`: what is wrong with a query, what is odd, what it costs, and whether it matches the
 * posts that it should.
 */
#include <stdio.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/query/lint.h"

#include "analyze/query.h"
#include "analyze/query_asked.h"

const struct cli_option query_check_options[] = {
    SET_OPTION, {"show", NULL, "print each query with all its brackets"}, {NULL, NULL, NULL}};

/* Microseconds of a look at query i for a post, over some milliseconds. */
static double measured_us(const struct query_set *set, size_t i, struct arena *arena)
{
	static const char *const sample[] = {
	    "Das Paket ist seit Montag in der Filiale und keiner hat mir etwas gesagt.",
	    "Ich habe nun zum dritten Mal angerufen und warte immer noch auf eine Antwort!",
	    "Wer von euch hat das auch? Bei uns geht seit heute Morgen nichts mehr.",
	    "Danke für die schnelle Hilfe, so wünscht man sich das.",
	    "My parcel was left in the rain and nobody at the shop could tell me why.",
	    "Is there a way to change the address after it has been sent?",
	    "The train was late again, but the staff were friendly.",
	    "Good morning everyone, what a day to be outside"};
	enum { ENOUGH_NS = 5000000 };
	struct query_matcher *matcher = query_matcher_create(set);
	struct arena *texts = arena_create(16 * MiB);
	struct post posts[ARRAY_LEN(sample)];
	struct tokens cut[ARRAY_LEN(sample)], none = {0};
	for (size_t k = 0; k < ARRAY_LEN(sample); k++) {
		post_init(&posts[k]);
		posts[k].text = str_of(sample[k]);
		tokens_cut(&cut[k], posts[k].text, NULL, 0, texts);
	}
	uint64_t began = 0, took = 0, looks = 0;
	for (int round = -1; took < ENOUGH_NS; round++) { /* the first warms up */
		began = round == 0 ? clock_cpu_ns() : began;
		for (size_t k = 0; k < ARRAY_LEN(sample); k++) {
			struct query_post p = {.post = &posts[k], .title = &none, .text = &cut[k]};
			arena_reset(arena);
			(void)query_holds(matcher, i, &p, arena);
		}
		looks += round < 0 ? 0 : ARRAY_LEN(sample);
		took = round < 0 ? 0 : clock_cpu_ns() - began;
	}
	double us = (double)took / 1e3 / (double)looks;
	arena_free(texts);
	query_matcher_free(matcher);
	return us;
}

static void put_cost(struct buf *out, const struct query_set *set, size_t i, struct arena *arena)
{
	uint32_t cost = query_lint_cost(set, i);
	if (cost >= LINT_COMMON)
		(void)buf_printf(out, "cost: looked at for %s, %.2f us each as measured here\n",
				 cost >= 1000000 ? "every post" : "a great many posts",
				 measured_us(set, i, arena));
	else
		(void)buf_printf(
		    out, "cost: looked at for about one post in %u, as guessed from its words\n",
		    1000000 / (cost ? cost : 1));
}

static size_t check_expects(const struct query_file *file, struct buf *out, struct arena *arena)
{
	struct query_matcher *matcher = query_matcher_create(file->set);
	size_t wrong = 0;
	for (size_t i = 0; i < file->n_expects; i++) {
		const struct query_expect *e = &file->expects[i];
		arena_reset(arena);
		if (query_file_expected(file, i, matcher, arena))
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
	size_t n_found = 0, wrong = 0;
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
			if (!a.file || cli_has(cli, "show") ||
			    query_lint_cost(a.set, i) >= LINT_COMMON)
				put_cost(&out, a.set, i, arena);
			n_found += n;
		}
		if (a.file)
			wrong = check_expects(a.file, &out, arena);
		(void)buf_printf(&out, "%zu quer%s fine", queries, queries == 1 ? "y," : "ies,");
		if (n_found)
			(void)buf_printf(&out, " but %zu thing%s to look at", n_found,
					 n_found == 1 ? "" : "s");
		if (a.file && a.file->n_expects)
			(void)buf_printf(&out, "; %zu of %zu expected posts as expected",
					 a.file->n_expects - wrong, a.file->n_expects);
		(void)buf_char(&out, '\n');
		rc = asked_put(&out);
		if (rc == 0 && wrong)
			rc = EX_DATAERR;
		asked_done(&a);
	}
	buf_done(&out);
	arena_free(arena);
	return rc;
}
