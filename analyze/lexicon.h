/*
 * lexicon.h: what words are worth by themselves: praise or blame, from lists of polar words.
 *
 *   struct lexicon *lexicon = lexicon_open(path, &err);       // or lexicon_view of a model's part
 *   lexicon_vote(lexicon, word);                              // -2 .. 2; 0: not in it
 *   lexicon_close(lexicon);
 *
 * The file holds no words, only a hash table of what they are worth: 2^LEXICON_BITS places of 32
 * bits, 24 bits of a word's hash above 8 bits of its vote, linear probing from the place that the
 * hash's other bits name, 0 is free.  A foreign word is taken for one of the list about once in 50,000
 * times.  The same bytes stand in every model that was trained with it.
 */
#ifndef ANALYZE_LEXICON_H
#define ANALYZE_LEXICON_H

#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

enum {
	LEXICON_BITS = 17,
	LEXICON_PLACES = 1 << LEXICON_BITS,
	LEXICON_BYTES = 4 * LEXICON_PLACES,
	LEXICON_MOST = LEXICON_PLACES / 2, /* words */
	LEXICON_STRONG = 2                 /* votes are -2, -1, 1, 2 */
};

struct lexicon {
	const uint32_t *places; /* borrowed */
	void *owned;            /* what lexicon_open allocated, or NULL */
};

/* One file as lexicon_build wrote it; NULL + err. */
struct lexicon *lexicon_open(const char *path, struct error *err);
struct lexicon *lexicon_view(const uint32_t *places); /* LEXICON_PLACES of them, borrowed */
void lexicon_close(struct lexicon *lexicon);          /* NULL is fine */

/* word: folded (common/text/token.h).  NULL lexicon: 0. */
int lexicon_vote(const struct lexicon *lexicon, struct str word);

/* Builds a file from lists, each "FILE:COLUMN:SCALE": tab-separated with a header, the word in the
 * first column; COLUMN holds a number, divided by SCALE, or `positive` or `negative` (1, -1).  Beyond
 * .7 a vote is strong, below .25 none.  Several values of a word are averaged.  Words of more than one
 * token, negations, and words whose use in the other language is another one, are left out. */
int lexicon_build(const char *out, const char *const *lists, size_t n, struct error *err);

#endif
