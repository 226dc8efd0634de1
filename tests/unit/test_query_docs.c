/* Every example of docs/QUERY-LANGUAGE.md and every expected post of deploy/queries. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/query/file.h"

/* 1, 0, -1 refused. */
static int matches(struct str query, const struct post *post, const struct analysis *analysis,
		   struct arena *arena, struct error *err)
{
	struct query_set *set = query_set_create();
	int rc = -1;
	if (query_set_add(set, "example", query, NULL, err) == 0) {
		struct query_words words;
		query_set_compile(set);
		struct query_matcher *matcher = query_matcher_create(set);
		query_cut(post, &words, arena);
		struct query_post p = query_post_of(post, analysis, &words);
		rc = query_holds(matcher, 0, &p, arena);
		query_matcher_free(matcher);
	}
	query_set_free(set);
	return rc;
}

/* The post of a line behind + or -: "TEXT", "TITLE | TEXT" or a JSON object. */
static int try_line(struct str query, struct str line, struct arena *arena, struct error *err)
{
	struct post post;
	struct analysis analysis;
	bool has = false;
	if (line.n && line.p[0] == '{' && line.p[1] == '"') {
		const char *more =
		    strstr(arena_z(arena, line), "\"id\"") ? "" : "\"id\":\"a:b:1\",";
		const char *v = strstr(arena_z(arena, line), "\"v\":") ? "" : "\"v\":1,";
		struct str json = str_of(
		    arena_printf(arena, "{%s%s%.*s", v, more, STR_ARG(str_sub(line, 1, line.n))));
		if (scored_parse(json, arena, &post, &analysis, &has, err) != 0)
			fail_msg("%s: %.*s", err->text, STR_ARG(line));
	} else {
		size_t bar = str_find_str(line, STR(" | "));
		post_init(&post);
		if (bar < line.n)
			post.title = str_sub(line, 0, bar);
		post.text = bar < line.n ? str_sub(line, bar + 3, line.n) : line;
	}
	return matches(query, &post, has ? &analysis : NULL, arena, err);
}

static void test_manual(void **state)
{
	enum { OUTSIDE, QUERY, LINES, REFUSED } where = OUTSIDE;
	struct arena *arena = arena_create(64 * MiB);
	struct buf query;
	char *line = NULL;
	size_t room = 0, number = 0, blocks = 0, wrong = 0;
	ssize_t n;
	FILE *f = fopen("docs/QUERY-LANGUAGE.md", "r");
	(void)state;
	assert_non_null(f);
	buf_init(&query, 1 * MiB);
	while ((n = getline(&line, &room, f)) > 0) {
		struct str s = str_trim((struct str){line, (size_t)n});
		struct error err = {""};
		number++;
		if (where == OUTSIDE) {
			where = str_is(s, "```query")     ? QUERY
				: str_is(s, "```refused") ? REFUSED
							  : OUTSIDE;
			blocks += where != OUTSIDE;
			buf_reset(&query);
			continue;
		}
		bool example = where != REFUSED && s.n > 1 && (s.p[0] == '+' || s.p[0] == '-') &&
			       s.p[1] == ' ';
		if (str_is(s, "```")) {
			if (where == REFUSED &&
			    try_line(buf_view(&query), STR("egal"), arena, &err) != -1) {
				print_message("line %zu is not refused: %s\n", number,
					      buf_view(&query).p);
				wrong++;
			}
			where = OUTSIDE;
		} else if (example) {
			where = LINES;
			int got = try_line(buf_view(&query), str_sub(s, 2, s.n), arena, &err);
			if (got != (s.p[0] == '+')) {
				print_message("line %zu: %s\n%.*s gives %d %s\n", number,
					      buf_view(&query).p, STR_ARG(s), got, err.text);
				wrong++;
			}
		} else {
			if (query.n)
				(void)buf_char(&query, '\n');
			(void)buf_str(&query, s);
		}
		arena_reset(arena);
	}
	(void)fclose(f); /* only read */
	print_message("%zu examples of the manual, %zu wrong\n", blocks, wrong);
	assert_true(blocks >= 180);
	assert_int_equal(wrong, 0);
	free(line);
	buf_done(&query);
	arena_free(arena);
}

static void test_codebook(void **state)
{
	struct arena *arena = arena_create(64 * MiB);
	size_t files = 0, expects = 0, wrong = 0;
	DIR *dir = opendir("deploy/queries");
	struct dirent *entry;
	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[512];
		struct error err;
		if (!str_ends(str_of(entry->d_name), ".yaml"))
			continue;
		(void)snprintf(path, sizeof path, "deploy/queries/%s", entry->d_name);
		struct query_file *file = query_file_load(path, &err);
		if (!file)
			fail_msg("%s", err.text);
		struct query_matcher *matcher = query_matcher_create(file->set);
		for (size_t i = 0; i < file->n_expects; i++) {
			const struct query_expect *e = &file->expects[i];
			if (!query_file_expected(file, i, matcher, arena)) {
				print_message("%s:%d: %s\n", path, e->line, e->text);
				wrong++;
			}
			arena_reset(arena);
		}
		expects += file->n_expects;
		files++;
		query_matcher_free(matcher);
		query_file_free(file);
	}
	(void)closedir(dir);
	print_message("%zu files, %zu expected posts, %zu wrong\n", files, expects, wrong);
	assert_true(files >= 4 && expects > 400);
	assert_int_equal(wrong, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest list[] = {cmocka_unit_test(test_manual),
					  cmocka_unit_test(test_codebook)};
	return cmocka_run_group_tests(list, NULL, NULL);
}
