/* Conditions of rules: what holds, what does not, what is refused and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "tests/support/scored_post.h"

static const struct {
	const char *when, *post, *analysis;
	bool holds;
} rows[] = {
    {"channel:forum", "", "", true},
    {"channel:blog", "", "", false},
    {"channel:(blog OR forum)", "", "", true},
    {"NOT channel:blog", "", "", true},
    {"channel:forum AND tonality:negative", "", "", true},
    {"channel:forum tonality:positive", "", "", false},
    {"channel:forum NOT tonality:positive", "", "", true},
    {"place:zustellung", "", "", true},
    {"place:\"Zustellung\"", "", "", true},
    {"place:zustell*", "", "", true},
    {"place:zustellun", "", "", false},
    {"source:forum-?ustellung", "", "", true},
    {"author:\"moni k.\"", "", "", true},
    {"author:@MONI_K", "", "", true},
    {"author:moni", "", "", false},
    {"author:m\xC3\xBCller", "\"author\":{\"name\":\"MUELLER\"}", "", true},
    {"lang:de", "", "\"lang\":\"de-AT\"", true},
    {"lang:en", "", "\"lang\":null", false},
    {"paket NEAR/3 kommt OR channel:blog", "\"text\":\"Mein Paket kommt\"", "", true},
    {"(channel:forum OR part:paket) AND NOT followers:(1 OR 2)", "", "", true},
    {"intent:complaint", "", "\"intent\":[{\"label\":\"complaint\",\"p\":0.9}]", true},
    {"lang:de", "", NULL, true},
    {"site:example.org", "", "", true},
    {"site:forum.example.org", "", "", true},
    {"site:ample.org", "", "", false},
    {"owned:no", "", "", true},
    {"owned:yes", "\"owned\":true", "", true},
    {"bot:no", "", "", false}, /* unknown */
    {"NOT bot:yes", "", "", true},
    {"backfill:yes", "\"backfill\":true", "", true},
    {"role:press", "\"author\":{\"role\":\"press\"}", "", true},
    {"addressed:mention", "\"addressed\":\"mention\"", "", true},
    {"conversation:t:s:1", "", "", true},
    {"kind:post", "", "", true},
    {"followers:>100", "\"author\":{\"followers\":101}", "", true},
    {"followers:>100", "\"author\":{\"followers\":100}", "", false},
    {"followers:>=100", "\"author\":{\"followers\":100}", "", true},
    {"followers:<100", "", "", false},
    {"NOT followers:>100", "", "", true},
    {"followers:10..20", "\"author\":{\"followers\":20}", "", true},
    {"followers:..20", "\"author\":{\"followers\":21}", "", false},
    {"reach:5", "\"counts\":{\"views\":5}", "", true},
    {"rating:<=2", "\"counts\":{\"rating\":1.5}", "", true},
    {"tonality:<-0.5", "", "", true},
    {"tonality:-1..-0.9", "", "", false},
    {"tonality:unsure", "", "\"tonality\":{\"label\":null}", true},
    {"tonality:(unsure OR negative)", "", "", true},
    {"tonality:unsure", "", NULL, false},
    {"NOT tonality:unsure", "", NULL, true},
    {"urgency:>=2", "", "", false},
    {"urgency:>=2", "", "\"urgency\":{\"level\":2,\"p\":0.5,\"reasons\":[]}", true},
    {"answer:>0.5", "", "\"answer\":{\"p\":0.6}", true},
    {"has:question", "\"text\":\"Wo ist es? Bitte.\"", "", true},
    {"has:question", "\"text\":\"Wo?Da!\"", "", true}, /* UAX #29 */
    {"has:question", "\"text\":\"Was?!\"", "", false},
    {"has:question", "\"text\":\"Wo ist es?\",\"quotes\":[[0,10]]", "", false},
    {"has:link", "\"text\":\"siehe https://x.example\"", "", true},
    {"has:link", "\"text\":\"siehe https://x.example\",\"quotes\":[[0,20]]", "", false},
    {"has:image", "\"media\":[{\"kind\":\"image\",\"url\":\"u\",\"alt\":null}]", "", true},
    {"has:quote", "", "", false},
    {"created:2026-11-22", "", "", true},
    {"created:>2026-11-22", "", "", false},
    {"created:<=2026-11-22", "", "", true},
    {"created:2026-11-22T09:00", "", "", true}, /* Berlin, winter */
    {"created:2026-11-22T08:00", "", "", false},
    {"created:2026-07-01T10:00", "\"created_at\":\"2026-07-01T08:00:30.000Z\"", "", true},
    {"created:2026-11-22T08:00:00Z", "", "", true},
    {"created:2026-11-20..2026-11-22", "", "", true},
    {"created:>-1h", "", "", true},
    {"created:<-1h", "", "", false},
    {"created:2026-10-25", "\"created_at\":\"2026-10-25T22:59:59.000Z\"", "", true}, /* 25 h */
    {"created:2026-10-25", "\"created_at\":\"2026-10-25T23:00:00.000Z\"", "", false},
    {"created:2026-11-22", "\"created_at\":null,\"date_quality\":\"missing\"", "", false},
    {"channel:forum /* why */ owned:no", "", "", true},
};

static const struct query_words *cut(const struct scored *s, struct arena *arena)
{
	struct query_words *words = arena_alloc(arena, sizeof *words);
	query_cut(&s->post, words, arena);
	return words;
}

static void test_holds(void **state)
{
	struct arena *arena = arena_create(8 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err;
		struct condition *c = condition_parse(str_of(rows[i].when), &err);
		if (!c)
			fail_msg("%s: %s", rows[i].when, err.text);
		struct scored s = scored_post(arena, rows[i].post, rows[i].analysis);
		if (condition_holds(c, &s, cut(&s, arena), arena) != rows[i].holds)
			fail_msg("%s: expected %d for {%s} {%s}", rows[i].when, rows[i].holds,
				 rows[i].post, rows[i].analysis ? rows[i].analysis : "null");
		condition_free(c);
		arena_reset(arena);
	}
	arena_free(arena);
}

static const struct {
	const char *when, *begins;
} refused[] = {
    {"", "when:1:1: expected an expression, found the end"},
    {"chanel:forum", "when:1:1: expected the name of a field or a prefix, perhaps channel:"},
    {"medium:forum", "when:1:1: expected the name of a field or a prefix (a colon"},
    {"channel:", "when:1:9: expected a value directly behind the colon, found the end"},
    {"channel: forum", "when:1:9: expected a value directly behind the colon"},
    {"channel:forum AND", "when:1:18: expected a term behind AND, found the end"},
    {"AND channel:forum", "when:1:1: expected a term before and behind an operator, found \"AND\""},
    {"channel:a AND AND channel:b", "when:1:15: expected a term before and behind an operator"},
    {"NOT", "when:1:4: expected a term behind NOT, found the end"},
    {"channel:a UND channel:b", "when:1:11: operators are English: write AND"},
    {"-channel:a", "when:1:1: for exclusion use NOT"},
    {"channel:(a OR b", "when:1:9: expected a closing parenthesis"},
    {"channel:(a b)", "when:1:12: expected OR or \")\""},
    {"channel:()", "when:1:10: expected a value"},
    {"channel:\"a", "when:1:9: expected a closing quotation mark"},
    {"channel:*", "when:1:9: expected a value with a letter"},
    {"channel:>a", "when:1:10: expected a value without comparison"},
    {"followers:10k", "when:1:11: expected a number"},
    {"followers:1.000", "when:1:11: expected a number"},
    {"followers:1.5", "when:1:11: expected a whole number"},
    {"followers:500..100", "when:1:11: expected a number"},
    {"followers:..", "when:1:11: expected a number"},
    {"urgency:4", "when:1:9: expected 0, 1, 2 or 3"},
    {"tonality:2", "when:1:10: expected a number from -1 to 1"},
    {"lang:>de", "when:1:7: expected a value without comparison"},
    {"owned:maybe", "when:1:7: expected yes or no"},
    {"has:nothing", "when:1:5: expected link, image"},
    {"tonality:angry", "when:1:10: expected negative, neutral, positive"},
    {"created:2026-02-30", "when:1:9: expected a time"},
    {"created:-24h", "when:1:9: expected a time"},
    {"created:>-24m", "when:1:10: expected a time"},
    {"paket NEAR/0 weg", "when:1:12: expected a number from 1 to 1000, found \"0\""},
    {"(paket", "when:1:1: expected \")\" for this parenthesis"},
    {"place:\xC3\xA4\xC3\xA4\xC3\xA4 chanel:a",
     "when:1:11: expected the name of a field or a prefix, perhaps channel:"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct error err = {""};
		struct condition *c = condition_parse(str_of(refused[i].when), &err);
		if (c)
			fail_msg("%s: was accepted", refused[i].when);
		if (!str_starts(str_of(err.text), refused[i].begins))
			fail_msg("%s: expected \"%s\", got \"%s\"", refused[i].when,
				 refused[i].begins, err.text);
		/* three lines, the caret under the column */
		const char *second = strchr(err.text, '\n');
		assert_non_null(second);
		const char *third = strchr(second + 1, '\n');
		assert_non_null(third);
		assert_int_equal(third[strlen(third) - 1], '^');
	}
}

static void test_patterns_are_not_slow(void **state)
{
	struct arena *arena = arena_create(8 * MiB);
	struct error err;
	char text[3001];
	(void)state;
	memset(text, 'a', 3000);
	text[3000] = '\0';
	char post[3100];
	(void)snprintf(post, sizeof post, "\"place\":\"%s\"", text);
	struct scored s = scored_post(arena, post, "");
	struct condition *c = condition_parse(STR("place:*a*a*a*a*a*a*a*a*a*a*a*b"), &err);
	assert_non_null(c);
	assert_false(condition_holds(c, &s, cut(&s, arena), arena));
	condition_free(c);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_patterns_are_not_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
