/* Receipts: recomputed from their inputs alone; any changed number is found; no text inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "route/config.h"
#include "route/receipt.h"
#include "tests/support/scored_post.h"

static struct config *config;
static struct arena *arena;

static void receipt_of(struct buf *out, const char *post, const char *analysis)
{
	struct scored s = scored_post(arena, post, analysis);
	struct decision d;
	ticket_decide(&d, &config->policy, &s, SCORED_FETCHED + 7, arena);
	assert_int_equal(d.kind, DECIDE_TICKET);
	buf_init(out, RECEIPT_MAX_BYTES);
	assert_int_equal(receipt_write(out, &d, &config->policy, &s), 0);
}

static void test_recomputes(void **state)
{
	static const char *const posts[] = {
	    "", "\"owned\":true,\"addressed\":\"mention\",\"author\":{\"followers\":12345}",
	    "\"channel\":\"unheard \\\"of\\\"\"",
	    "\"created_at\":null,\"date_quality\":\"missing\"",
	    "\"author\":{\"role\":\"a role that is much longer than anything that we know of\"}"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(posts); i++) {
		struct buf a, b;
		struct error err;
		receipt_of(&a, posts[i], "");
		receipt_of(&b, posts[i], "");
		assert_true(str_eq(buf_view(&a), buf_view(&b)));
		if (receipt_recompute(buf_view(&a), &err))
			fail_msg("row %zu: %s: %s", i, err.text, buf_view(&a).p);
		buf_done(&a);
		buf_done(&b);
	}
}

static void test_holds_no_text(void **state)
{
	struct buf out;
	(void)state;
	receipt_of(&out, "\"title\":\"Geheimnis\"", "");
	assert_null(strstr(buf_view(&out).p, "Geheimnis"));
	assert_null(strstr(buf_view(&out).p, "Paket"));
	assert_null(strstr(buf_view(&out).p, "moni"));
	buf_done(&out);
}

/* Every number that follows from others, made one larger, must be noticed. */
static void test_notices_changes(void **state)
{
	static const char *const names[] = {
	    "\"sum\":",   "\"deadline\":", "\"boost\":", "\"rank\":",   "\"promise\":",
	    "\"start\":", "\"work\":",     "\"k\":",     "\"points\":", "\"input\":\"1.000\""};
	struct buf out;
	(void)state;
	receipt_of(&out, "", "");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[RECEIPT_MAX_BYTES];
		struct error err = {""};
		(void)snprintf(text, sizeof text, "%s", buf_view(&out).p);
		char *at = strstr(text, names[i]);
		if (!at)
			fail_msg("no %s in %s", names[i], text);
		char *digit = at + strcspn(at, "0123456789");
		digit += strspn(digit, "0123456789.") - 1;
		*digit = *digit == '9' ? '8' : (char)(*digit + 1);
		if (strstr(names[i], "input"))
			memcpy(strstr(text, "1.00"), "3.00", 4);
		if (receipt_recompute(str_of(text), &err) == 0)
			fail_msg("not noticed: %s", names[i]);
		assert_true(err.text[0] != '\0');
	}
	buf_done(&out);
	struct error err;
	assert_int_equal(receipt_recompute(STR("{}"), &err), -1);
	assert_int_equal(receipt_recompute(STR("nonsense"), &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recomputes),
	    cmocka_unit_test(test_holds_no_text),
	    cmocka_unit_test(test_notices_changes),
	};
	struct error err;
	arena = arena_create(16 * MiB);
	config = config_load(NULL, &err);
	must(config);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	config_free(config);
	arena_free(arena);
	return rc;
}
