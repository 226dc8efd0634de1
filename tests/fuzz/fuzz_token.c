/*
 * Texts of any bytes: the fast path says what the reference path says, tokens keep their promises, and
 * facts are those that are found without gates.
 *
 *   build/fuzz/fuzz_token FILE...         each file and variations of it: see tests/support/vary.h
 *   clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ...   the same under libFuzzer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/facts.h"
#include "analyze/features.h"

#include "tests/support/vary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tokens *t, struct str text)
{
	uint32_t position[2] = {0, 0}, sentence[2] = {0, 0};
	size_t end = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct token *at = &t->at[i];
		must(at->start >= end && at->end > at->start && at->end <= text.n);
		must(at->folded.n > 0 && at->kind <= TOKEN_NUMBER);
		must(at->position == ++position[at->quoted]);
		must(at->sentence >= sentence[at->quoted] &&
		     at->sentence <= sentence[at->quoted] + 1);
		sentence[at->quoted] = at->sentence;
		end = at->end;
	}
	must(t->sentences == (position[0] ? sentence[0] + 1 : 0));
}

static void same(const struct tokens *a, const struct tokens *b)
{
	must(a->n == b->n && a->sentences == b->sentences &&
	     a->signs_at_start == b->signs_at_start);
	for (size_t i = 0; i < a->n; i++) {
		const struct token *x = &a->at[i], *y = &b->at[i];
		must(x->start == y->start && x->end == y->end && str_eq(x->folded, y->folded));
		must(x->position == y->position && x->sentence == y->sentence);
		must(x->kind == y->kind && x->quoted == y->quoted && x->flags == y->flags &&
		     x->signs == y->signs && x->hash == y->hash);
	}
}

static void same_facts(struct str text, const struct tokens *tokens, struct arena *arena)
{
	struct post_fact a[FACTS_MAX], b[FACTS_MAX];
	const int64_t now_ms = INT64_C(1795000000000);
	size_t n = facts_find(a, FACTS_MAX, STR("text"), text, tokens, now_ms, arena);
	must(n == facts_find_reference(b, FACTS_MAX, STR("text"), text, tokens, now_ms, arena));
	for (size_t i = 0; i < n; i++)
		must(a[i].start == b[i].start && a[i].end == b[i].end &&
		     str_eq(a[i].kind, b[i].kind) && str_eq(a[i].value, b[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct arena *arena = arena_create((size_t)(128 + FEATURES_ARENA) * POST_MAX_BYTES);
	struct str text = {(const char *)data + 2, size - 2 < 65536 ? size - 2 : 65536};
	struct post_span quotes[2] = {{data[0], data[0] + data[1] / 2u},
				      {data[0] + data[1], data[0] + 2u * data[1]}};
	struct tokens a, b;
	struct features f;
	static struct words *words; /* for all inputs: what it remembers must not matter */
	if (!words)
		words = words_create(NULL, NULL);
	for (size_t n = 0; n <= 2; n++) {
		tokens_cut(&a, text, quotes, n, arena);
		tokens_cut_reference(&b, text, quotes, n, arena);
		same(&a, &b);
		if (utf8_valid(text) && n == 0)
			check(&a, text);
		features_of(&f, &a, &b, words, arena);
		if (utf8_valid(text))
			same_facts(text, &a, arena);
		arena_reset(arena);
	}
	struct str once = text_fold(text, arena);
	must(once.p != NULL);
	arena_free(arena);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

int main(int argc, char **argv)
{
	static const char *const pieces[] = {
	    "*in",    "https://", "www.", "@",  "#",     "\u200d", "\u00ad", "\ufe0f",
	    "\u20e3", "😡",        "🏽", ".",  "\n",    "\u0308", "ß",      "Ö",
	    "·innen", "\xff",     "1",    ":)", "z. B.", "\u0130"};
	static const struct vary_plan plan = {LLVMFuzzerTestOneInput, 2, 8, pieces,
					      ARRAY_LEN(pieces)};
	return vary_main(argc, argv, &plan);
}

#endif
