/* What is known of words: the same whether it was remembered or not, and what the lexicon says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/model.h"
#include "analyze/rows.h"
#include "analyze/words.h"

enum { BITS = 8 };

static char dir[] = "/tmp/posthorn-words-XXXXXX";
static char path[64], list[64], table[64];

static int8_t weight(const void *arg, size_t head, size_t class, uint32_t row)
{
	(void)arg;
	return (int8_t)(uint8_t)(row * 37 + class * 101 + head * 7);
}

static struct model *model_of(size_t classes)
{
	struct error err;
	struct model_head *head = model_head_new("h", classes);
	for (size_t k = 0; k < classes; k++)
		(void)snprintf(head->classes[k].name, MODEL_NAME_MAX, "c%zu", k);
	assert_int_equal(model_write(path, BITS, &head, 1, NULL, weight, NULL, &err), 0);
	free(head);
	struct model *model = model_open(path, &err);
	assert_non_null(model);
	return model;
}

static int make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/model", dir);
	(void)snprintf(list, sizeof list, "%s/list.tsv", dir);
	(void)snprintf(table, sizeof table, "%s/lexicon", dir);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	(void)unlink(list); /* not every test writes it */
	(void)unlink(table);
	return unlink(path) | rmdir(dir);
}

/* Rows are added alike by AVX2 and without, whatever the width and number. */
static void test_rows_alike(void **state)
{
	static const size_t widths[] = {3, 16, 17, 40, 64, 80, 150},
			    counts[] = {0, 1, 255, 256, 257, 999};
	uint32_t hashes[999];
	uint64_t random = 4;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
		hashes[i] = (uint32_t)exact_random(&random);
	for (size_t i = 0; i < ARRAY_LEN(widths) * ARRAY_LEN(counts); i++) {
		struct model *model = model_of(widths[i / ARRAY_LEN(counts)]);
		size_t n = counts[i % ARRAY_LEN(counts)], stride = model_stride(model);
		int32_t fast[256] = {0}, plain[256] = {0};
		rows_add(model, fast, hashes, n);
		rows_force_plain(true);
		rows_add(model, plain, hashes, n);
		rows_force_plain(false);
		for (size_t k = 0; k < stride; k++) {
			int32_t sum = 0;
			for (size_t j = 0; j < n; j++)
				sum +=
				    model_weights(model)[(hashes[j] >> (32 - BITS)) * stride + k];
			assert_int_equal(fast[k], sum);
			assert_int_equal(plain[k], sum);
		}
		model_close(model);
	}
}

static void random_word(char *to, size_t *ret_n, uint64_t *random)
{
	*ret_n = 1 + exact_random(random) % (exact_random(random) % 8 == 0 ? 90 : 6);
	for (size_t i = 0; i < *ret_n; i++)
		to[i] = (char)('a' + exact_random(random) % 4);
}

static const struct word *get(struct words *words, struct str word)
{
	uint64_t hash = hash_word(word) << 12; /* few places, which are fought for */
	words_ahead_where(words, hash);
	words_ahead_what(words, hash);
	return words_get(words, word, hash);
}

/* 200,000 words in posts of 1 to 40 words. */
static void test_memory_does_not_matter(void **state)
{
	struct model *model = model_of(20);
	struct words *words = words_create(NULL, model), *fresh = words_create(NULL, model);
	uint64_t random = 9;
	size_t left = 0;
	char held[40][96];
	const struct word *got[40];
	size_t n[40], count = 0;
	(void)state;
	for (int i = 0; i < 200000; i++) {
		if (left-- == 0) {
			/* all words of a post are valid until the next one */
			for (size_t j = 0; j < count; j++) {
				words_begin(fresh);
				const struct word *again = get(fresh, (struct str){held[j], n[j]});
				assert_int_equal(got[j]->id, again->id);
				assert_int_equal(got[j]->n_pieces, again->n_pieces);
				assert_memory_equal(got[j]->sums, again->sums,
						    model_stride(model) * sizeof(int16_t));
			}
			words_begin(words);
			count = 0;
			left = exact_random(&random) % 40;
		}
		random_word(held[count], &n[count], &random);
		got[count] = get(words, (struct str){held[count], n[count]});
		count++;
	}
	words_free(fresh);
	words_free(words);
	model_close(model);
}

static void test_sums_are_of_the_pieces(void **state)
{
	static const char *const some[] = {
	    "a", "paket", "sooooo", "unverschaemtheit",
	    "donaudampfschifffahrtsgesellschaftskapitaensmuetzenbaendchen"};
	struct model *model = model_of(5);
	struct words *words = words_create(NULL, model);
	(void)state;
	words_begin(words);
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		uint32_t pieces[WORD_PIECES];
		const struct word *word = get(words, str_of(some[i]));
		size_t n = words_pieces(str_of(some[i]), pieces);
		assert_int_equal(word->n_pieces, n);
		for (size_t k = 0; k < 5; k++) {
			int sum = 0;
			for (size_t j = 0; j < n; j++)
				sum += model_weights(
				    model)[(pieces[j] >> (32 - BITS)) * model_stride(model) + k];
			assert_int_equal(word->sums[k], sum);
		}
	}
	words_free(words);
	model_close(model);
}

static void write_list(const char *text)
{
	FILE *f = fopen(list, "wb");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void test_lexicon(void **state)
{
	static const struct {
		const char *word;
		int vote;
	} rows[] = {{"toll", 2},  {"schlecht", -2}, {"maessig", -1}, {"egal", 0}, {"unbekannt", 0},
		    {"nicht", 0}, {"die", 0},       {"zwei", 0},     {"", 0}};
	struct error err;
	char spec[128];
	const char *specs[] = {spec};
	(void)state;
	write_list(
	    "word\tvalue\nToll\t4\nschlecht\tnegative\nmäßig\t-1\negal\t0.1\nnicht\t-4\ndie\t-4\n"
	    "zwei Wörter\t4\n\t3\nkaputt\tx\n");
	(void)snprintf(spec, sizeof spec, "%s:value:2", list);
	int kept = dup(STDERR_FILENO);
	assert_non_null(freopen("/dev/null", "w", stderr));
	assert_int_equal(lexicon_build(table, specs, 1, &err), 0);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	(void)close(kept);
	struct lexicon *lexicon = lexicon_open(table, &err);
	assert_non_null(lexicon);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (lexicon_vote(lexicon, str_of(rows[i].word)) != rows[i].vote)
			fail_msg("\"%s\": %d", rows[i].word,
				 lexicon_vote(lexicon, str_of(rows[i].word)));
	}
	lexicon_close(lexicon);
	assert_int_equal(lexicon_vote(NULL, STR("toll")), 0);
	/* cut, foreign, missing */
	assert_int_equal(truncate(table, 1000), 0);
	assert_null(lexicon_open(table, &err));
	assert_non_null(strstr(err.text, "it is cut, or no lexicon"));
	assert_null(lexicon_open("/nowhere/lexicon", &err));
	assert_non_null(strstr(err.text, "No such file"));
	(void)snprintf(spec, sizeof spec, "%s:other:2", list);
	assert_int_equal(lexicon_build(table, specs, 1, &err), -1);
	assert_non_null(strstr(err.text, "no such column"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows_alike), cmocka_unit_test(test_memory_does_not_matter),
	    cmocka_unit_test(test_sums_are_of_the_pieces), cmocka_unit_test(test_lexicon)};
	return cmocka_run_group_tests(tests, make, unmake);
}
