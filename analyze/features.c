#include <string.h>

#include "common/mem.h"

#include "analyze/features.h"
#include "analyze/model.h"
#include "analyze/negation.h"

enum { SIGNS_MOST = 20 /* more signs and marks than any token has */, AHEAD = 4 };

static const uint64_t KIND = 0xc2b2ae3d27d4eb4fULL;

enum unit { /* what a feature says; part of its hash */
	    UNIT_WORD = 1,
	    UNIT_PAIR,
	    UNIT_NEGATED,
	    UNIT_SIGN,
	    UNIT_MARK,
	    UNIT_VOTE
};

enum mark { MARK_URL = 1, MARK_NAME, MARK_TAG, MARK_UPPER, MARK_LONG, MARK_SCRIPT, MARK_NUMBER };

struct walk {
	struct features *f;
	uint32_t n[FEATURE_HASHED]; /* features so far */
	struct words *words;
	const int8_t *rows; /* of the model, to fetch them ahead */
	size_t stride;
	unsigned shift;
	uint64_t before;   /* unit before, for pairs; 0 where there is none */
	uint32_t sentence; /* of that unit */
	int negated;       /* words still under a negation */
};

static inline void unit(struct walk *w, int block, enum unit kind, uint64_t value)
{
	uint32_t hash = words_feature(value ^ (uint64_t)kind * KIND);
	__builtin_prefetch(w->rows + (size_t)(hash >> w->shift) * w->stride);
	w->f->hashes[block][w->n[block]++] = hash;
}

static void signs(struct walk *w, unsigned bits)
{
	for (; bits; bits &= bits - 1)
		unit(w, FEATURE_SIGNS, UNIT_SIGN, (unsigned)__builtin_ctz(bits) + 1u);
}

/* Pairs of what stands together in a sentence. */
static void join(struct walk *w, const struct token *t, uint64_t id)
{
	if (w->before && w->sentence == t->sentence) {
		unit(w, FEATURE_PAIRS, UNIT_PAIR, w->before * 3 + id);
		if (w->negated > 0 && t->kind == TOKEN_WORD) {
			w->negated--;
			unit(w, FEATURE_PAIRS, UNIT_NEGATED, id);
		}
	}
	w->before = id;
	w->sentence = t->sentence;
}

static const struct word *add_word(struct walk *w, const struct token *t)
{
	const struct word *word = words_get(w->words, t->folded, t->hash);
	unit(w, FEATURE_WORDS, UNIT_WORD, word->id);
	if (t->kind == TOKEN_TAG)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_TAG);
	if (t->flags & TOKEN_UPPER)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_UPPER);
	if (word->flags & WORD_LENGTHENED)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_LONG);
	if (word->flags & WORD_SCRIPT)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_SCRIPT);
	if (word->vote) /* under a negation that is another feature */
		unit(w, FEATURE_VOTES, UNIT_VOTE,
		     (uint64_t)(word->vote + LEXICON_STRONG) + (w->negated > 0 ? 16 : 0));
	join(w, t, word->id);
	if (t->kind == TOKEN_WORD && (word->flags & WORD_NEGATES))
		w->negated = NEGATION_REACH;
	return word;
}

static void add_other(struct walk *w, const struct token *t)
{
	uint64_t id;
	switch (t->kind) {
	case TOKEN_URL: id = MARK_URL; break;
	case TOKEN_MENTION: id = MARK_NAME; break;
	case TOKEN_NUMBER: id = MARK_NUMBER + (t->folded.n < 6 ? t->folded.n : 6); break;
	default: id = words_id(t->folded); break;
	}
	unit(w, FEATURE_SIGNS, t->kind == TOKEN_EMOJI ? UNIT_WORD : UNIT_MARK, id);
	join(w, t, id);
}

static struct feature_span *begin(const struct walk *w, size_t token, enum feature_place place)
{
	struct feature_span *span = &w->f->spans[w->f->n_spans++];
	span->token = (uint32_t)token;
	span->place = place;
	span->word = NULL;
	memcpy(span->from, w->n, sizeof span->from);
	return span;
}

static void walk_text(struct features *f, struct walk *w, const struct tokens *tokens)
{
	w->before = 0;
	w->negated = 0;
	w->sentence = 0;
	bool first = true;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (i + 2 * AHEAD < tokens->n)
			words_ahead_where(w->words, t[2 * AHEAD].hash);
		if (i + AHEAD < tokens->n)
			words_ahead_what(w->words, t[AHEAD].hash);
		if (t->quoted)
			continue;
		if (first && tokens->signs_at_start) {
			(void)begin(w, i, FEATURE_BEFORE);
			signs(w, tokens->signs_at_start);
		}
		first = false;
		if (w->sentence != t->sentence)
			w->negated = 0;
		struct feature_span *span = begin(w, i, FEATURE_IN);
		if (t->kind == TOKEN_WORD || t->kind == TOKEN_TAG) {
			span->word = add_word(w, t);
			f->n[FEATURE_CHARS] += span->word->n_pieces;
		} else {
			add_other(w, t);
		}
		if (t->signs) {
			(void)begin(w, i, FEATURE_BEHIND);
			signs(w, t->signs);
		}
	}
}

void features_of(struct features *ret, const struct tokens *title, const struct tokens *text,
		 struct words *words, struct arena *arena)
{
	/* of each token: a word, two pairs, a vote; signs and marks are counted when they are many */
	size_t n = (title ? title->n : 0) + (text ? text->n : 0);
	const size_t most[FEATURE_HASHED] = {n, 2 * n, (n + 2) * SIGNS_MOST, n};
	struct features f = {.n_spans = 0};
	static const int8_t no_rows;
	struct walk w = {.f = &f, .words = words, .rows = &no_rows};
	const struct model *model = words_model(words);
	if (model) {
		w.rows = model_weights(model);
		w.stride = model_stride(model);
		w.shift = 32 - model_row_bits(model);
	}
	for (int b = 0; b < FEATURE_HASHED; b++)
		f.hashes[b] = arena_alloc(arena, (most[b] + 1) * sizeof *f.hashes[b]);
	f.spans = arena_alloc(arena, (2 * n + 3) * sizeof *f.spans);
	words_begin(words);
	if (title)
		walk_text(&f, &w, title);
	f.n_title = f.n_spans;
	if (text)
		walk_text(&f, &w, text);
	memcpy(f.spans[f.n_spans].from, w.n, sizeof w.n);
	for (int b = 0; b < FEATURE_HASHED; b++) {
		f.n[b] = w.n[b];
		must(f.n[b] <= most[b]);
	}
	*ret = f;
}
