#include <endian.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/features.h"

enum {
	WORD_BYTES = 48, /* of a longer word only the beginning counts */
	SIGNS_MOST = 20, /* more signs and marks than any token has */
	SHORTEST = 2,    /* bytes of the smallest piece */
	LONGEST = 5,
	NEGATED_WORDS = 3 /* how far a negation reaches */
};

/* Odd constants: the fractional part of well known roots, as in splitmix64 and xxHash. */
static const uint64_t K1 = 0x9e3779b97f4a7c15ULL, K2 = 0xc2b2ae3d27d4eb4fULL;

enum unit { /* what a word feature says; part of its hash */
	    UNIT_WORD = 1,
	    UNIT_PAIR,
	    UNIT_NEGATED,
	    UNIT_SIGN,
	    UNIT_MARK
};

enum mark { MARK_URL = 1, MARK_NAME, MARK_TAG, MARK_UPPER, MARK_LONG, MARK_SCRIPT, MARK_NUMBER };

static uint64_t load8(const unsigned char *p)
{
	uint64_t x;
	memcpy(&x, p, 8);
	return le64toh(x);
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= K2;
	return h ^ h >> 29;
}

static uint32_t finish(uint64_t h)
{
	return (uint32_t)((h * K1) >> 32);
}

/* The folded word with every run of three or more equal bytes cut to two ("sooo" is "soo"), a
 * blank at both ends and zeros behind.  Returns its length with the blanks. */
static size_t spell(struct str folded, unsigned char out[WORD_BYTES + 16], bool *ret_long)
{
	size_t n = 0;
	out[n++] = ' ';
	*ret_long = false;
	for (size_t i = 0; i < folded.n && n <= WORD_BYTES; i++) {
		unsigned char c = (unsigned char)folded.p[i];
		if (n > 2 && c < 0x80 && out[n - 1] == c && out[n - 2] == c) {
			*ret_long = true;
			continue;
		}
		out[n++] = c;
	}
	out[n] = ' ';
	memset(out + n + 1, 0, 8);
	return n + 1;
}

static uint64_t hash_word(const unsigned char *p, size_t n)
{
	uint64_t h = K2 ^ n;
	for (; n > 8; p += 8, n -= 8)
		h = mix((h ^ load8(p)) * K1);
	uint64_t tail = n == 8 ? load8(p) : load8(p) & ((1ULL << n * 8) - 1);
	return mix((h ^ tail) * K1);
}

static const uint64_t piece_mask[LONGEST + 1] = {0,        0xff,       0xffff,
						 0xffffff, 0xffffffff, 0xffffffffffULL};

/* All pieces of SHORTEST..LONGEST bytes.  Words hold no zero byte, so that pieces of different
 * length differ as numbers. */
static uint32_t *add_pieces(uint32_t *out, const unsigned char *word, size_t n)
{
	size_t i = 0;
	for (; i + LONGEST <= n; i++) {
		uint64_t x = load8(word + i);
		for (int k = SHORTEST; k <= LONGEST; k++)
			*out++ = finish(x & piece_mask[k]);
	}
	for (; i + SHORTEST <= n; i++) {
		uint64_t x = load8(word + i);
		for (size_t k = SHORTEST; i + k <= n; k++)
			*out++ = finish(x & piece_mask[k]);
	}
	return out;
}

static bool negates(struct str w)
{
	static const char *const words[] = {
	    "kein",    "keine",   "keinem",  "keinen", "keiner", "keines", "nicht",
	    "nichts",  "nie",     "niemals", "ohne",   "no",     "not",    "never",
	    "nothing", "without", "cannot",  "nix",    "net",    "t" /* don't */};
	if (w.n == 0 || w.n > 7)
		return false;
	if (w.p[0] != 'n' && w.p[0] != 'k' && w.p[0] != 'o' && w.p[0] != 'c' && w.p[0] != 'w' &&
	    w.p[0] != 't')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(w, words[i]))
			return true;
	}
	return false;
}

struct walk {
	uint32_t *out[FEATURE_BLOCKS]; /* where the next feature goes */
	uint64_t before;               /* unit before, for pairs; 0 where there is none */
	uint32_t sentence;             /* of that unit */
	int negated;                   /* words still under a negation */
};

static void unit(struct walk *w, int block, enum unit kind, uint64_t value)
{
	*w->out[block]++ = finish(mix(value ^ (uint64_t)kind * K2));
}

static void signs(struct walk *w, unsigned bits)
{
	for (unsigned bit = 0; bits; bit++, bits >>= 1) {
		if (bits & 1)
			unit(w, FEATURE_SIGNS, UNIT_SIGN, bit + 1);
	}
}

static void word_units(struct walk *w, const struct token *t, const unsigned char *word, size_t n,
		       bool lengthened)
{
	uint64_t id;
	switch (t->kind) {
	case TOKEN_URL: id = MARK_URL; break;
	case TOKEN_MENTION: id = MARK_NAME; break;
	case TOKEN_NUMBER: id = MARK_NUMBER + (t->folded.n < 6 ? t->folded.n : 6); break;
	default: id = hash_word(word, n); break;
	}
	if (t->kind == TOKEN_URL || t->kind == TOKEN_MENTION || t->kind == TOKEN_NUMBER)
		unit(w, FEATURE_SIGNS, UNIT_MARK, id);
	else
		unit(w, t->kind == TOKEN_EMOJI ? FEATURE_SIGNS : FEATURE_WORDS, UNIT_WORD, id);
	if (t->kind == TOKEN_TAG)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_TAG);
	if (t->flags & TOKEN_UPPER)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_UPPER);
	if (lengthened)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_LONG);
	/* all scripts from Greek on alike: a language never seen in training is no known one */
	if ((t->kind == TOKEN_WORD || t->kind == TOKEN_TAG) && t->folded.n &&
	    (unsigned char)t->folded.p[0] >= 0xcd)
		unit(w, FEATURE_SIGNS, UNIT_MARK, MARK_SCRIPT);
	if (w->before && w->sentence == t->sentence) {
		unit(w, FEATURE_PAIRS, UNIT_PAIR, w->before * 3 + id);
		if (w->negated > 0 && t->kind == TOKEN_WORD) {
			w->negated--;
			unit(w, FEATURE_PAIRS, UNIT_NEGATED, id);
		}
	} else {
		w->negated = 0;
	}
	if (t->kind == TOKEN_WORD && negates(t->folded))
		w->negated = NEGATED_WORDS;
	w->before = id;
	w->sentence = t->sentence;
}

static void room(const struct tokens *t, size_t most[FEATURE_BLOCKS])
{
	for (size_t i = 0; t && i < t->n; i++) {
		size_t bytes = t->at[i].folded.n < WORD_BYTES ? t->at[i].folded.n : WORD_BYTES;
		most[FEATURE_WORDS] += 1;
		most[FEATURE_PAIRS] += 2;
		most[FEATURE_SIGNS] += SIGNS_MOST;
		most[FEATURE_CHARS] += (bytes + 2) * (LONGEST - SHORTEST + 1);
	}
	most[FEATURE_SIGNS] += SIGNS_MOST;
}

static struct feature_span *begin(struct features *f, const struct walk *w, size_t token,
				  enum feature_place place)
{
	struct feature_span *span = &f->spans[f->n_spans++];
	span->token = (uint32_t)token;
	span->place = place;
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		span->from[b] = (uint32_t)(w->out[b] - f->hashes[b]);
	return span;
}

static void end(const struct features *f, const struct walk *w, struct feature_span *span)
{
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		span->to[b] = (uint32_t)(w->out[b] - f->hashes[b]);
}

static void walk_text(struct features *f, struct walk *w, const struct tokens *tokens)
{
	w->before = 0;
	w->negated = 0;
	bool first = true;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (t->quoted)
			continue;
		unsigned char word[WORD_BYTES + 16];
		bool lengthened = false, letters = t->kind == TOKEN_WORD || t->kind == TOKEN_TAG;
		size_t n =
		    letters || t->kind == TOKEN_EMOJI ? spell(t->folded, word, &lengthened) : 0;
		if (first && tokens->signs_at_start) {
			struct feature_span *before = begin(f, w, i, FEATURE_BEFORE);
			signs(w, tokens->signs_at_start);
			end(f, w, before);
		}
		first = false;
		struct feature_span *span = begin(f, w, i, FEATURE_IN);
		word_units(w, t, word, n, lengthened);
		if (letters)
			w->out[FEATURE_CHARS] = add_pieces(w->out[FEATURE_CHARS], word, n);
		end(f, w, span);
		if (t->signs) {
			span = begin(f, w, i, FEATURE_BEHIND);
			signs(w, t->signs);
			end(f, w, span);
		}
	}
}

void features_of(struct features *ret, const struct tokens *title, const struct tokens *text,
		 struct arena *arena)
{
	size_t n_tokens = (title ? title->n : 0) + (text ? text->n : 0);
	size_t most[FEATURE_BLOCKS] = {0};
	room(title, most);
	room(text, most);
	struct features f = {.n_spans = 0};
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		f.hashes[b] = arena_alloc(arena, (most[b] + 1) * sizeof *f.hashes[b]);
	f.spans = arena_alloc(arena, (2 * n_tokens + 2) * sizeof *f.spans);
	struct walk w = {.before = 0};
	memcpy(w.out, f.hashes, sizeof w.out);
	if (title)
		walk_text(&f, &w, title);
	f.n_title = f.n_spans;
	if (text)
		walk_text(&f, &w, text);
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		f.n[b] = (uint32_t)(w.out[b] - f.hashes[b]);
		must(f.n[b] <= most[b]);
	}
	*ret = f;
}
