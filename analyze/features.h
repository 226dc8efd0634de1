/*
 * features.h: what the classifier sees of a post: hashes of words and of pieces of words.
 *
 * Computed from the token arrays alone (common/text/token.h), quoted words left out.  Five blocks,
 * each with a count of its own, because a smiley among fifty words would count for nothing:
 *   words   the word itself (also of a tag)
 *   pairs   the word with the one before it in the sentence; the word under a negation
 *   signs   emoji, emoticons, exclamation and question marks, and marks for URL, name, tag, number,
 *           shouting, lengthening, other scripts than Latin
 *   votes   what the lexicon says of the word, also under a negation
 *   chars   pieces of 2 to 5 bytes of each folded word with a blank at either end
 * Each feature is a 32-bit hash whose upper bits choose a row of the model.  Every feature belongs
 * to one token, so that a score can be traced back to words.  A change here needs a new
 * FEATURES_VERSION: models carry it and are refused when it differs.
 *
 * The pieces are not listed: a span names its word, which knows how many it has, what their rows add up
 * to (words.h), and can be asked for them (words_pieces).
 *
 * All in the arena; a post of POST_MAX_BYTES needs at most FEATURES_ARENA bytes per byte of text.
 */
#ifndef ANALYZE_FEATURES_H
#define ANALYZE_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "common/text/token.h"

#include "analyze/words.h"

enum { FEATURES_VERSION = 2, FEATURES_ARENA = 256 };
enum {
	FEATURE_WORDS,
	FEATURE_PAIRS,
	FEATURE_SIGNS,
	FEATURE_VOTES,
	FEATURE_HASHED, /* the blocks above are lists of hashes */
	FEATURE_CHARS = FEATURE_HASHED,
	FEATURE_BLOCKS
};

/* Where a span's features stand: in the word, or in the signs behind it or (first word) before it. */
enum feature_place { FEATURE_IN, FEATURE_BEHIND, FEATURE_BEFORE };

/* A token's features: for each hashed block b those of hashes[b] from from[b] up to where the next span's
 * begin (one span more stands behind the last), and the pieces of `word`. */
struct feature_span {
	uint32_t from[FEATURE_HASHED];
	const struct word *word; /* of words and tags, else NULL; valid until words_begin */
	uint32_t token;          /* index in its token array */
	enum feature_place place;
};

struct features {
	uint32_t *hashes[FEATURE_HASHED];
	uint32_t n[FEATURE_BLOCKS];
	struct feature_span *spans; /* title's tokens first */
	size_t n_spans, n_title;    /* spans of the title */
};

/* title or text may be NULL.  Begins a new post in `words`. */
void features_of(struct features *ret, const struct tokens *title, const struct tokens *text,
		 struct words *words, struct arena *arena);

#endif
