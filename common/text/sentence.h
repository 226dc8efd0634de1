/*
 * sentence.h: where sentences end, fed one character class at a time.  Private to common/text.
 *
 * The rules SB3 to SB11 of UAX #29, plus: every line break ends a sentence; the full stop of an
 * abbreviation (sentence_abbreviation) is shown to the machine as an ordinary character.
 */
#ifndef COMMON_TEXT_SENTENCE_H
#define COMMON_TEXT_SENTENCE_H

#include "common/text/chars.h"
#include "common/text/token.h"

struct sentence {
	uint8_t state;  /* 0, or what came since the last terminator: see sentence.c */
	uint8_t before; /* class before that terminator (SB7) */
	uint8_t last;   /* class of the last character */
	bool ended;     /* a border was passed; whoever numbers sentences clears it */
};

/* The character of class `sb` at text[pos]; text is looked ahead into for rule SB8. */
void sentence_step(struct sentence *s, enum char_sb sb, struct str text, size_t pos);

/* The same; inside a sentence most characters change nothing. */
static inline void sentence_feed(struct sentence *s, enum char_sb sb, struct str text, size_t pos)
{
	if (s->state == 0 && sb != SB_SEP && sb != SB_ATERM && sb != SB_STERM && sb != SB_EXTEND)
		s->last = (uint8_t)sb;
	else
		sentence_step(s, sb, text, pos);
}

/* Does the full stop at text[pos], directly behind the last of the n tokens, belong to an
 * abbreviation, or to a number before a month? */
bool sentence_abbreviation(const struct token *tokens, size_t n, struct str text, size_t pos);

#endif
