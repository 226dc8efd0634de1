/* Urgency comes from the need: the same complaint told politely and rudely ranks nearly the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/mem.h"

#include "analyze/score.h"
#include "analyze/shipped.h"
#include "analyze/table.h"

static int level_of(const struct score *score, struct str text, struct arena *arena)
{
	struct post post;
	struct analysis a;
	arena_reset(arena);
	post_init(&post);
	post.id = post.conversation = STR("a");
	post.text = text;
	score_post(score, &post, arena, &a);
	return a.urgency.level;
}

static void test_pairs(void **state)
{
	struct error err;
	struct score_settings settings = {.abstain_percent = -1};
	char *path = shipped_path(NULL, SHIPPED_MODEL);
	struct model *model = model_open(path, &err);
	struct table *table = table_open("tests/data/tone_pairs.tsv", &err);
	(void)state;
	if (!model || !table)
		fail_msg("%s", err.text);
	struct score *score = score_create(model, &settings);
	struct arena *arena = arena_create(64 * MiB);
	int text = table_column(table, "text"), equal = 0, near = 0, n = 0, pressing = 0;
	while (table_next(table)) { /* the polite one, and below it the rude one */
		int polite = level_of(score, table_cell(table, text), arena);
		assert_true(table_next(table));
		int rude = level_of(score, table_cell(table, text), arena);
		assert_true(polite >= 0 && rude >= 0);
		equal += polite == rude;
		near += abs(polite - rude) <= 1;
		pressing += polite >= 2;
		n++;
	}
	print_message(
	    "# polite and rude: equal urgency in %d of %d pairs, at most one apart in %d\n", equal,
	    n, near);
	assert_true(n == 40 && pressing >= 10); /* or equality would prove nothing */
	assert_true(equal >= 26 && near >= 36);
	arena_free(arena);
	score_free(score);
	table_close(table);
	model_close(model);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
