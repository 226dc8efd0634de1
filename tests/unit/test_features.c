/* Features: what a text is to the classifier, and which word each feature belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/mem.h"

#include "analyze/features.h"

static struct words *words; /* without lexicon and model */

static struct features features(const char *title, const char *text, struct arena *arena)
{
	struct tokens a, b;
	struct features f;
	tokens_cut(&a, str_of(title ? title : ""), NULL, 0, arena);
	tokens_cut(&b, str_of(text), NULL, 0, arena);
	features_of(&f, title ? &a : NULL, &b, words, arena);
	return f;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* Same features, in whatever order. */
static bool equal(const struct features *a, const struct features *b, int block)
{
	if (a->n[block] != b->n[block])
		return false;
	if (block >= FEATURE_HASHED)
		return true;
	qsort(a->hashes[block], a->n[block], sizeof(uint32_t), by_value);
	qsort(b->hashes[block], b->n[block], sizeof(uint32_t), by_value);
	return memcmp(a->hashes[block], b->hashes[block], a->n[block] * sizeof(uint32_t)) == 0;
}

static void test_counts(void **state)
{
	static const struct {
		const char *text;
		uint32_t words, pairs, signs, chars;
	} rows[] = {
	    {"", 0, 0, 0, 0},          {"ab", 1, 0, 0, 6}, /* " ab ": 3 of two, 2 of three, 1 of four bytes */
	    {"ab cd", 2, 1, 0, 12},    {"ab. Cd", 2, 0, 0, 12}, /* no pair over the end of a sentence */
	    {"nicht ab", 2, 2, 0, 24}, /* the pair, and "ab" under the negation */
	    {"ab!", 1, 0, 1, 6},       {"ab :)", 1, 0, 1, 6},        {":( ab", 1, 0, 1, 6},
	    {"😡", 0, 0, 1, 0},         {"https://x.de", 0, 0, 1, 0}, {"@ab", 0, 0, 1, 0},
	    {"#ab", 1, 0, 1, 6},       {"AB", 1, 0, 1, 6},           {"42", 0, 0, 1, 0},
	    {"привет", 1, 0, 1, 46},   {"sooooo", 1, 0, 1, 10}, /* as "soo", and lengthened */
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct features f = features(NULL, rows[i].text, arena);
		const uint32_t n[FEATURE_BLOCKS] = {[FEATURE_WORDS] = rows[i].words,
						    [FEATURE_PAIRS] = rows[i].pairs,
						    [FEATURE_SIGNS] = rows[i].signs,
						    [FEATURE_CHARS] = rows[i].chars};
		for (int b = 0; b < FEATURE_BLOCKS; b++) {
			if (f.n[b] != n[b])
				fail_msg("\"%s\" block %d: %u features", rows[i].text, b, f.n[b]);
		}
	}
	arena_free(arena);
}

static void test_same_and_different(void **state)
{
	static const struct {
		const char *a, *b;
		int block;
		bool same;
	} rows[] = {
	    {"Grüße", "GRUESSE", FEATURE_WORDS, true},
	    {"Paket", "Brief", FEATURE_WORDS, false},
	    {"ab cd", "cd ab", FEATURE_WORDS, true},
	    {"ab cd", "cd ab", FEATURE_PAIRS, false},
	    {"sooo", "soooooo", FEATURE_WORDS, true},
	    {"https://a.de", "https://b.de", FEATURE_SIGNS, true},
	    {"@anna", "@bernd", FEATURE_SIGNS, true},
	    {"17", "99", FEATURE_SIGNS, true},
	    {"17", "1799", FEATURE_SIGNS, false},
	    {"ab :)", "ab :(", FEATURE_SIGNS, false},
	    {"👍🏽", "👍", FEATURE_SIGNS, true},
	    {"#post", "post", FEATURE_WORDS, true},
	    {"#post", "post", FEATURE_SIGNS, false},
	    {"дом", "家", FEATURE_SIGNS, true}, /* another script, whichever */
	};
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct features a = features(NULL, rows[i].a, arena);
		struct features b = features(NULL, rows[i].b, arena);
		if (equal(&a, &b, rows[i].block) != rows[i].same)
			fail_msg("\"%s\" and \"%s\"", rows[i].a, rows[i].b);
	}
	arena_free(arena);
}

/* Spans cover every feature once, in order, and name their words. */
static void test_spans(void **state)
{
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	struct features f = features("Hilfe!", "«Nie» wieder :( DHL, 3 Wochen 😡", arena);
	uint32_t at[FEATURE_BLOCKS] = {0};
	size_t places[3] = {0};
	for (size_t i = 0; i < f.n_spans; i++) {
		at[FEATURE_CHARS] += f.spans[i].word ? f.spans[i].word->n_pieces : 0;
		for (int b = 0; b < FEATURE_HASHED; b++) {
			assert_int_equal(f.spans[i].from[b], at[b]);
			assert_true(f.spans[i + 1].from[b] >= f.spans[i].from[b]);
			at[b] = f.spans[i + 1].from[b];
		}
		places[f.spans[i].place]++;
	}
	assert_memory_equal(at, f.n, sizeof at);
	assert_int_equal(f.n_title, 2); /* the word and its exclamation mark */
	assert_int_equal(places[FEATURE_IN], 7);
	assert_int_equal(places[FEATURE_BEHIND], 2);
	assert_int_equal(places[FEATURE_BEFORE], 0);
	arena_free(arena);
}

static void test_quotes_do_not_count(void **state)
{
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	static const struct post_span quote = {0, 12};
	struct tokens with, without;
	struct features a, b;
	tokens_cut(&with, STR("> Mist! :( \ndanke dir"), &quote, 1, arena);
	tokens_cut(&without, STR("danke dir"), NULL, 0, arena);
	features_of(&a, NULL, &with, words, arena);
	features_of(&b, NULL, &without, words, arena);
	for (int block = 0; block < FEATURE_BLOCKS; block++)
		assert_true(equal(&a, &b, block));
	assert_true(a.n[FEATURE_WORDS] == 2);
	arena_free(arena);
}

/* The arithmetic of hashing is fixed: models depend on it. */
static void test_known_hashes(void **state)
{
	struct arena *arena = arena_create(1 * MiB);
	(void)state;
	struct features f = features(NULL, "Paket ist weg!", arena);
	uint64_t sum = 14695981039346656037ULL;
	for (int b = 0; b < FEATURE_HASHED; b++) {
		for (uint32_t i = 0; i < f.n[b]; i++)
			sum = (sum ^ f.hashes[b][i]) * 1099511628211ULL;
	}
	for (size_t i = 0; i < f.n_spans; i++) {
		static const char *const spelled[] = {"paket", "ist", "weg"};
		uint32_t pieces[WORD_PIECES];
		size_t n = i < 3 ? words_pieces(str_of(spelled[i]), pieces) : 0;
		for (size_t j = 0; j < n; j++)
			sum = (sum ^ pieces[j]) * 1099511628211ULL;
	}
	if (sum != 0x15c8cc965dd7ef58ULL)
		fail_msg("features changed (%llx): raise FEATURES_VERSION, train again",
			 (unsigned long long)sum);
	arena_free(arena);
}

static void test_worst_cases(void **state)
{
	static const char *const pieces[] = {"a ", "😡", "aaaaaaaaa", "AB!?...:):( ", "nicht "};
	struct arena *arena = arena_create((size_t)(64 + FEATURES_ARENA) * POST_MAX_BYTES);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf text;
		buf_init(&text, POST_MAX_BYTES);
		while (buf_z(&text, pieces[i]) == 0)
			continue;
		struct tokens tokens;
		struct features f;
		tokens_cut(&tokens, buf_view(&text), NULL, 0, arena);
		features_of(&f, NULL, &tokens, words, arena); /* aborts beyond the arena's limit */
		assert_true(f.n_spans > 0);
		arena_reset(arena);
		buf_done(&text);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts),       cmocka_unit_test(test_same_and_different),
	    cmocka_unit_test(test_spans),        cmocka_unit_test(test_quotes_do_not_count),
	    cmocka_unit_test(test_known_hashes), cmocka_unit_test(test_worst_cases),
	};
	words = words_create(NULL, NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	words_free(words);
	return failed;
}
