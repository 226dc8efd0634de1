/* text_fold: terms, tags and names get the form words have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/mem.h"
#include "common/text/token.h"

static void test_rows(void **state)
{
	static const struct {
		const char *text, *folded;
	} rows[] = {
	    {"", ""},
	    {"Paket", "paket"},
	    {"ZÜRICH", "zuerich"},
	    {"zuerich", "zuerich"},
	    {"Zurich", "zurich"},
	    {"Zu\u0308rich", "zuerich"},
	    {"Straße", "strasse"},
	    {"ẞ", "ss"},
	    {"é", "e"},
	    {"Çà", "ca"},
	    {"ﬁ", "fi"},
	    {"Ａ", "a"},
	    {"Pa\u00adket", "paket"},
	    {"\u200bx\u200d", "x"},
	    {"😡🏽", "😡"},
	    {"❤️", "❤"},
	    {"👩‍💻", "👩‍💻"},
	    {"1️⃣", "1⃣"},
	    {"🇩🇪", "🇩🇪"},
	    {"E-Post", "e-post"},
	    {"C++", "c++"},
	    {"x😡Ü", "x😡ue"},
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str folded = text_fold(str_of(rows[i].text), arena);
		if (!str_is(folded, rows[i].folded))
			fail_msg("\"%s\" gives \"%.*s\"", rows[i].text, STR_ARG(folded));
		/* folded once, it stays */
		assert_true(str_eq(text_fold(folded, arena), folded));
	}
	assert_null(text_fold(STR_NULL, arena).p);
	arena_free(arena);
}

/* A word in a text and the same as a term must meet. */
static void test_as_tokens(void **state)
{
	static const char *const words[] = {
	    "Zürich", "GRÖSSE",   "é",      "ŉ",      "ﬀ", "𝐁old", "한국",
	    "ЁЛКА",   "😡🏽", "ℹ️", "™️", "ǅ", "İ",    "🏴󠁧󠁢󠁥󠁮󠁧󠁿"};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct tokens tokens;
		tokens_cut(&tokens, str_of(words[i]), NULL, 0, arena);
		assert_int_equal(tokens.n, 1);
		struct str term = text_fold(str_of(words[i]), arena);
		if (!str_eq(tokens.at[0].folded, term))
			fail_msg("\"%s\": word \"%.*s\", term \"%.*s\"", words[i],
				 STR_ARG(tokens.at[0].folded), STR_ARG(term));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
					   cmocka_unit_test(test_as_tokens)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
