/*
 * words.h: what features and model know of a word, worked out once and remembered.
 *
 *   struct words *words = words_create(lexicon, model);   // model NULL: without sums
 *   words_begin(words);                                   // before each post
 *   const struct word *word = words_get(words, token->folded, token->hash);
 *                                                         // valid until the next words_begin
 *   words_free(words);
 *
 * A few thousand words make up most of what people write, so that the pieces of a word are rarely
 * hashed and their rows rarely added up.  The memory is a table of fixed size (WORDS_PLACES); a word
 * takes the place of the one of four that was of use least recently, unless that stands in the same post.
 * What is returned never depends on what is remembered.
 */
#ifndef ANALYZE_WORDS_H
#define ANALYZE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/text/token.h"

#include "analyze/lexicon.h"

enum {
	WORD_BYTES = 48,   /* of a longer word only the beginning counts */
	WORD_SHORTEST = 2, /* bytes of the smallest piece */
	WORD_LONGEST = 5,
	WORD_PIECES = (WORD_BYTES + 2) * (WORD_LONGEST - WORD_SHORTEST + 1), /* at most */
	WORD_KEPT = 26,       /* folded bytes of the longest word that is remembered */
	WORDS_PLACES = 65536, /* a power of two */
	WORDS_WAYS = 4        /* places that a word may take */
};

enum word_flag {
	WORD_LENGTHENED = 1, /* a letter three times or more: "sooo" */
	WORD_SCRIPT = 2,     /* another script than Latin */
	WORD_NEGATES = 4
};

struct word {
	uint64_t id; /* hash of the spelling */
	uint16_t n_pieces;
	int8_t vote; /* of the lexicon */
	uint8_t flags;
	uint8_t n; /* bytes of folded */
	char folded[WORD_KEPT + 1];
	uint32_t post;  /* the last one it stood in */
	int16_t sums[]; /* of the rows of its pieces, one per column of the model */
};

struct model;
struct words;

/* Both are borrowed; either may be NULL. */
struct words *words_create(const struct lexicon *lexicon, const struct model *model);
void words_free(struct words *words); /* NULL is fine */
void words_begin(struct words *words);
const struct model *words_model(const struct words *words); /* or NULL */
/* Begins to fetch from memory what words_get will look at: first where, a few words later what.  Changes
 * nothing. */
void words_ahead_where(const struct words *words, uint64_t hash);
void words_ahead_what(const struct words *words, uint64_t hash);
/* hash: hash_word(folded), which tokens carry. */
const struct word *words_get(struct words *words, struct str folded, uint64_t hash);

/* The hashes of its pieces (at most WORD_PIECES); returns how many. */
size_t words_pieces(struct str folded, uint32_t *ret);

uint64_t words_id(struct str folded); /* word.id, without the rest */

/* A 32-bit feature of a value.  Odd constants: the fractional part of well known roots, as in splitmix64
 * and xxHash. */
static inline uint32_t words_feature(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xc2b2ae3d27d4eb4fULL;
	h ^= h >> 29;
	return (uint32_t)((h * 0x9e3779b97f4a7c15ULL) >> 32);
}

#endif
