/*
 * clauses.h: where a post changes its mind: stretches of words that speak of one thing.
 *
 * A clause ends where a sentence does, before a word of contrast ("aber", "while", "dagegen"), and at commas,
 * semicolons, dashes, brackets and line breaks.  Words that others wrote belong to none.
 */
#ifndef ANALYZE_CLAUSES_H
#define ANALYZE_CLAUSES_H

#include "common/text/token.h"

enum {
	CLAUSES_NONE = UINT16_MAX /* of quoted words */,
	CLAUSES_MOST = 1000 /* the last takes the rest */
};

struct clauses {
	uint16_t *of; /* clause of each token: 0, 1, 2 ... */
	size_t n;
	bool *contrast;     /* of each clause: it began with a word of contrast */
	uint32_t *sentence; /* of each clause */
};

/* text: the bytes that the tokens were cut from.  New in the arena. */
void clauses_cut(struct clauses *ret, struct str text, const struct tokens *tokens,
		 struct arena *arena);

#endif
