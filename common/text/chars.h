/*
 * chars.h: what kind of character is this?  Private to common/text.
 *
 * Classes come from utf8proc (categories, default-ignorable, regional indicators) and from small
 * tables of Unicode's that utf8proc does not carry (Emoji=Yes below U+3300, sentence terminators).
 * char_class() looks Latin up in a table that is filled from char_class_slow() once; the slow one
 * alone is the reference path that tests compare with.
 */
#ifndef COMMON_TEXT_CHARS_H
#define COMMON_TEXT_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

enum {
	CHAR_LETTER = 1,
	CHAR_DIGIT = 2, /* Nd */
	CHAR_MARK = 4,
	CHAR_WORD = 7,
	CHAR_IGNORE = 8,     /* default ignorable: taken out before words are cut */
	CHAR_SPACE = 16,     /* white space and controls */
	CHAR_UPPER = 32,     /* Lu, Lt */
	CHAR_PICT = 64,      /* an emoji by itself */
	CHAR_PICT_VS = 128,  /* an emoji only with U+FE0F behind it (the copyright sign, arrows) */
	CHAR_PUNCT = 256,    /* P* */
	CHAR_REGIONAL = 512, /* half of a flag */
	CHAR_SKIN = 1024,
	CHAR_QUOTE = 2048 /* quotation marks that end a URL; not the plain apostrophe */
};

/* Sentence_Break classes of UAX #29, in the top four bits of a class. */
enum char_sb {
	SB_OTHER,
	SB_SEP, /* CR, LF, Sep: paragraph ends */
	SB_SP,
	SB_LOWER,
	SB_UPPER,
	SB_OLETTER,
	SB_NUMERIC,
	SB_ATERM,
	SB_STERM,
	SB_CLOSE,
	SB_SCONTINUE,
	SB_EXTEND
};

static inline enum char_sb char_sb(uint16_t class)
{
	return (enum char_sb)(class >> 12);
}

enum { CHAR_TABLE = 0x180 }; /* ASCII, Latin-1, Latin Extended-A */
extern uint16_t char_table[CHAR_TABLE];
extern bool char_table_filled;
void char_table_fill(void);

uint16_t char_class_slow(unsigned cp);

/* char_table_fill() must have run. */
static inline uint16_t char_class(unsigned cp)
{
	return cp < CHAR_TABLE ? char_table[cp] : char_class_slow(cp);
}

static inline unsigned char_next(struct str s, size_t *pos)
{
	unsigned char c = (unsigned char)s.p[*pos];
	if (c < 0x80) {
		(*pos)++;
		return c;
	}
	return utf8_next(s, pos);
}

/* Does a letter, digit or mark come next at text[pos], invisible characters aside? */
bool char_word_at(struct str text, size_t pos);

/* Marks that fall away in folding: accents and points of Latin, Greek, Cyrillic, Hebrew, Arabic;
 * not the vowel signs of Indic scripts nor the voicing marks of kana, which make other words. */
bool char_is_accent(unsigned cp);

/* The emoji sequence at s[pos], or pos if there is none.  The folded form (no variation selectors,
 * no skin tone) is appended at *out, which moves; out may be NULL. */
size_t char_emoji_end(struct str s, size_t pos, char **out);

#endif
