/*
 * A query of any bytes on its first line, a post's text behind it: refused with a place, or accepted; then shown
 * with its brackets, read again it says the same of the post, and the index hides nothing that holds.
 *
 *   build/fuzz/fuzz_query FILE...         each file and variations of it: see tests/support/vary.h
 *   clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ...   the same under libFuzzer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/lint.h"
#include "common/query/query.h"

#include "tests/support/vary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct query_options all = {.allow_all = true};

/* The query is its own target, too: its places lie in the text. */
static void judge(void *arg, struct query_target *targets, size_t n)
{
	const struct post *post = arg;
	must(n == 1 && targets->n_spans > 0);
	for (size_t i = 0; i < targets->n_spans; i++)
		must(targets->spans[i].start < targets->spans[i].end &&
		     targets->spans[i].end <= post->text.n);
	targets->label = POST_NEGATIVE;
}

/* -1 refused. */
static int matches(struct str query, const struct query_post *p, struct arena *arena,
		   struct buf *shown)
{
	struct query_set *set = query_set_create();
	struct error err = {""};
	int rc = -1;
	if (query_set_add(set, "q", query, &all, &err) == 0) {
		struct query_match *found;
		struct lint_finding findings[LINT_MOST];
		(void)query_set_target(set, 0, query, &err); /* or it has none */
		query_set_compile(set);
		struct query_matcher *matcher = query_matcher_create(set);
		rc = (int)query_match(matcher, p, arena, &found);
		must(rc == query_holds(matcher, 0, p, arena));
		for (size_t i = 0; rc && i < found->n_spans; i++)
			must(found->spans[i].start < found->spans[i].end &&
			     found->spans[i].end <= p->post->text.n);
		if (shown) {
			query_set_show(set, 0, shown);
			size_t n = query_lint(set, 0, findings, arena);
			struct buf said;
			buf_init(&said, 64 * MiB);
			query_lint_print(&said, set, 0, findings, n);
			buf_done(&said);
		}
		query_matcher_free(matcher);
	} else {
		size_t lines = 1;
		for (const char *c = err.text; *c; c++)
			lines += *c == '\n';
		must(lines == 3 && strncmp(err.text, "query:", 6) == 0);
	}
	query_set_free(set);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size < 20000 ? size : 20000};
	size_t end = str_find(input, '\n', 0);
	struct str query = str_sub(input, 0, end), text = str_sub(input, end + 1, input.n);
	if (!utf8_valid(text))
		text = STR("");
	struct arena *arena = arena_create(SIZE_MAX / 4);
	struct post post;
	struct analysis analysis;
	struct tokens tokens, none = {0};
	struct buf shown;
	post_init(&post);
	analysis_init(&analysis);
	post.text = text;
	tokens_cut(&tokens, text, NULL, 0, arena);
	struct query_post p = {.post = &post,
			       .analysis = &analysis,
			       .title = &none,
			       .text = &tokens,
			       .lang = STR("de"),
			       .judge = judge,
			       .arg = &post};
	buf_init(&shown, 64 * MiB);
	int first = matches(query, &p, arena, &shown);
	/* brackets may make it deeper than allowed */
	if (first >= 0 && query.n < 300) {
		int again = matches(buf_view(&shown), &p, arena, NULL);
		if (again != first) {
			fprintf(stderr, "%.*s\n%s\n%d, then %d\n", STR_ARG(query),
				buf_view(&shown).p, first, again);
			abort();
		}
	}
	buf_done(&shown);
	arena_free(arena);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

int main(int argc, char **argv)
{
	static const char *const pieces[] = {" AND ",
					     " OR ",
					     " NOT ",
					     " NEAR/3 ",
					     " ONEAR/2 ",
					     " SENTENCE ",
					     "ATLEAST/2 ",
					     "(",
					     ")",
					     "\"",
					     "{",
					     "}",
					     "title:",
					     "part:",
					     "stem:",
					     "loose:",
					     "link:",
					     "*",
					     "?",
					     "#",
					     "@",
					     "-",
					     "lang:de",
					     "created:>-1h",
					     "followers:1..2",
					     "/*",
					     "*/",
					     "ü",
					     "\xff",
					     "😡",
					     "$x",
					     "\xe2\x80\x9e"};
	static const struct vary_plan plan = {LLVMFuzzerTestOneInput, 0, 6, pieces,
					      ARRAY_LEN(pieces)};
	return vary_main(argc, argv, &plan);
}

#endif
