/*
 * fold.h: one form for the many ways to write a word.  Private to common/text and common/query/spell.c.
 *
 * Compatibility decomposition and full case folding; a, o, u with a diaeresis become ae, oe, ue
 * and sharp s becomes ss; other accents (chars.h) fall away; then canonical composition.  Marks that
 * stay are put in canonical order over at most FOLD_MARKS neighbours, so that a letter with
 * 100,000 marks costs linear time (Unicode's stream-safe format allows 30).
 */
#ifndef COMMON_TEXT_FOLD_H
#define COMMON_TEXT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"

enum { FOLD_MARKS = 30 };

/* Latin letters and digits that fold by themselves.  n 0: not a word character, or one that needs
 * the slow way. */
struct fold_latin {
	char text[2];
	uint8_t n;
	uint8_t upper; /* 1: an upper case letter */
	uint8_t letter;
};
extern struct fold_latin fold_latin[0x180];
void fold_latin_fill(void);

/* Folds cleaned text (no ignorable characters but those inside emoji) with utf8proc. */
struct str fold_slow(struct str s, struct arena *arena);
/* The same, faster where all of it is ASCII. */
struct str fold_fast(struct str s, struct arena *arena);
/* In lower case where all of it is ASCII; else STR_NULL. */
struct str fold_ascii(struct str s, struct arena *arena);
/* Puts the mark just appended at at[n-1] into canonical order, within FOLD_MARKS. */
void fold_order(int32_t *at, size_t n);

#endif
