/* Clauses, what they say of two names beside each other, and whom they speak of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/mem.h"

#include "analyze/ground.h"

/* The terms of all tests here, as folded words: bit 0 is a, bit 1 is b ... */
static const struct term terms[] = {
    {{"A", 1}, (struct str[]){{"dhl", 3}}, 1},
    {{"B", 1}, (struct str[]){{"hermes", 6}}, 1},
    {{"C", 1}, (struct str[]){{"ups", 3}}, 1},
    {{"D", 1}, (struct str[]){{"royal", 5}, {"mail", 4}}, 2},
};

static struct ground ground_of(const char *text, struct tokens *tokens, struct arena *arena)
{
	struct ground g;
	tokens_cut(tokens, str_of(text), NULL, 0, arena);
	struct occurrence *at = arena_alloc(arena, (tokens->n + 1) * sizeof *at);
	size_t n = ground_find(at, terms, ARRAY_LEN(terms), tokens);
	ground_read(&g, at, n, str_of(text), tokens, NULL, arena);
	return g;
}

/* "ab": the targets of a set. */
static const char *set_text(uint32_t set, struct arena *arena)
{
	char *text = arena_zalloc(arena, 34), *at = text;
	for (int k = 0; k < 32; k++) {
		if (set >> k & 1)
			*at++ = (char)('a' + k);
	}
	return text;
}

static void test_clauses(void **state)
{
	static const struct {
		const char *text, *of; /* the clause of each word */
	} rows[] = {
	    {"DHL ist gut aber Hermes nicht", "000111"},
	    {"gut, schlecht; egal", "012"},
	    {"Eins. Zwei drei! Vier", "0112"},
	    {"E-Post und ePost", "0000"},
	    {"Preis - Leistung (super) ok", "0123"},
	    {"X while Y", "011"},
	    {"gut – schlecht", "01"},
	    {"Achtung: Zug fällt aus", "0111"},
	    {"eins\nzwei", "01"},
	    {"", ""},
	    /* names */
	    {"DHL, Hermes und UPS streiken", "00000"},
	    {"DHL, Hermes, die Post streikt", "00111"},
	    {"DHL hat es verloren und Hermes gefunden", "0000111"},
	    {"von DHL und Hermes kommt nichts", "000000"},
	    {"DHL dagegen top", "000"},
	    {"DHL ist aber schlecht", "0000"},
	    {"DHL aber auch Hermes", "0000"}, /* "auch" is no name: still DHL's */
	    {"Unlike Hermes, DHL rings", "0011"},
	    {"@DHL @Hermes wo bleibt es", "00000"},
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens tokens;
		struct ground g = ground_of(rows[i].text, &tokens, arena);
		char of[64] = "";
		for (size_t k = 0; k < tokens.n; k++)
			of[k] = (char)('0' + g.clauses.of[k]);
		if (strcmp(of, rows[i].of) != 0)
			fail_msg("\"%s\": %s", rows[i].text, of);
	}
	arena_free(arena);
}

/* Without names nothing is joined; quoted words belong to no clause; a long text has a last clause. */
static void test_limits(void **state)
{
	static const struct post_span quote = {4, 8};
	struct arena *arena = arena_create(8 * MiB);
	struct tokens tokens;
	struct clauses c;
	struct buf text;
	(void)state;
	tokens_cut(&tokens, STR("gut schlecht"), &quote, 0, arena);
	clauses_cut(&c, STR("gut schlecht"), &tokens, NULL, arena);
	assert_int_equal(c.n, 1);
	tokens_cut(&tokens, STR("gut nein. aber"), &quote, 1, arena);
	clauses_cut(&c, STR("gut nein. aber"), &tokens, NULL, arena);
	assert_int_equal(c.of[1], CLAUSES_NONE);
	assert_int_equal(c.of[2], 1);
	buf_init(&text, 1 * MiB);
	for (int i = 0; i < CLAUSES_MOST + 10; i++)
		assert_int_equal(buf_z(&text, "x; "), 0);
	tokens_cut(&tokens, buf_view(&text), NULL, 0, arena);
	clauses_cut(&c, buf_view(&text), &tokens, NULL, arena);
	assert_int_equal(c.n, CLAUSES_MOST);
	assert_int_equal(c.of[tokens.n - 1], CLAUSES_MOST - 1);
	buf_done(&text);
	arena_free(arena);
}

static void test_relations(void **state)
{
	static const struct {
		const char *text, *better, *worse, *unlike, *neither, *alike, *passing;
	} rows[] = {
	    {"DHL ist gut, Hermes nicht", "", "", "", "", "", ""},
	    /* compared */
	    {"DHL ist besser als Hermes", "a", "b", "", "", "", ""},
	    {"DHL ist viel zuverlässiger als der Hermes", "a", "b", "", "", "", ""},
	    {"Besser als Hermes ist DHL", "a", "b", "", "", "", ""},
	    {"DHL is worse than Hermes", "b", "a", "", "", "", ""},
	    {"I'd rather use DHL than Hermes", "a", "b", "", "", "", ""},
	    {"Prefer DHL to Hermes", "a", "b", "", "", "", ""},
	    {"DHL ist nicht besser als Hermes", "", "ab", "", "", "b", ""},
	    {"DHL ist nicht schlechter als Hermes", "a", "b", "", "", "", ""},
	    {"Lieber DHL als Hermes", "a", "b", "", "", "", ""},
	    {"DHL kam wieder als Hermes", "", "", "", "", "", ""},
	    {"Royal Mail is faster than UPS", "d", "c", "", "", "", ""},
	    /* instead */
	    {"Use DHL instead of Hermes", "a", "b", "", "", "", ""},
	    {"Statt Hermes nehme ich DHL", "a", "b", "", "", "", ""},
	    {"Kauft bei DHL und nicht bei Hermes", "a", "b", "", "", "", ""},
	    {"DHL ist nicht Hermes", "", "", "", "", "", ""},
	    /* switched */
	    {"Von Hermes zu DHL gewechselt", "a", "b", "", "", "", ""},
	    {"switched from Hermes to DHL", "a", "b", "", "", "", ""},
	    {"dumped Hermes for DHL", "a", "b", "", "", "", ""},
	    {"Das Paket ging von Hermes zu DHL", "", "", "", "", "", ""},
	    /* set against */
	    {"Unlike Hermes, DHL delivers", "", "", "b", "", "", ""},
	    {"Im Gegensatz zu Hermes klingelt DHL", "", "", "b", "", "", ""},
	    {"DHL is great compared to Hermes", "", "", "b", "", "", ""},
	    /* neither, alike */
	    {"Weder DHL noch Hermes kommt", "", "", "", "ab", "", ""},
	    {"Neither DHL nor Hermes came", "", "", "", "ab", "ab", ""},
	    {"DHL nervt, Hermes auch", "", "", "", "", "b", ""},
	    {"DHL is bad, Hermes even worse", "", "", "", "", "b", ""},
	    {"DHL nervt, Hermes ist kein Stück besser", "", "", "", "", "b", ""},
	    {"DHL und Hermes sind beide lahm", "", "", "", "", "ab", ""},
	    /* in passing */
	    {"UPS mahnt mich wegen einer Bestellung bei Hermes", "", "", "", "", "", "b"},
	    {"My Hermes order is stuck with UPS", "", "", "", "", "", "b"},
	    {"Mit Hermes und UPS nur Ärger", "", "", "", "", "", ""},
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens tokens;
		const struct relations r = ground_of(rows[i].text, &tokens, arena).relations;
		const uint32_t is[] = {r.better, r.worse, r.unlike, r.neither, r.alike, r.passing};
		const char *const wanted[] = {rows[i].better,  rows[i].worse, rows[i].unlike,
					      rows[i].neither, rows[i].alike, rows[i].passing};
		for (size_t k = 0; k < ARRAY_LEN(is); k++) {
			if (strcmp(set_text(is[k], arena), wanted[k]) != 0)
				fail_msg("\"%s\": set %zu is \"%s\", not \"%s\"", rows[i].text, k,
					 set_text(is[k], arena), wanted[k]);
		}
	}
	arena_free(arena);
}

/* Whom each clause speaks of. */
static void test_carried_over(void **state)
{
	static const struct {
		const char *text, *speaks; /* of each clause, blanks between */
	} rows[] = {
	    {"DHL top, Hermes flop", "a b"},
	    {"Hermes hat es verloren. Die sind unfähig. DHL top", "b b a"},
	    {"Schon wieder! Nichts da. Hermes halt. Eins. Zwei. Drei", "b b b b b -"},
	    {"@DHLPaket danke. Hermes nervt. Ihr aber nicht", "a b a a"},
	    {"Hermes nervt. Ihr auch", "b b"}, /* nobody is mentioned */
	    {"#RoyalMail lost it", "d"},
	    {"Royal Mail lost it", "d"},
	    {"Royal lost it", "-"},
	    {"DHLX lost it", "-"}, /* a word is no name */
	    {"UPS mahnt mich wegen einer Bestellung bei Hermes. Frech", "bc c"},
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens tokens;
		struct ground g = ground_of(rows[i].text, &tokens, arena);
		char said[128] = "";
		for (size_t c = 0; c < g.clauses.n; c++) {
			size_t n = strlen(said);
			(void)snprintf(said + n, sizeof said - n, "%s%s", c ? " " : "",
				       g.speaks[c] ? set_text(g.speaks[c], arena) : "-");
		}
		if (strcmp(said, rows[i].speaks) != 0)
			fail_msg("\"%s\": %s", rows[i].text, said);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clauses), cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_relations), cmocka_unit_test(test_carried_over)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
