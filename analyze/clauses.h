/*
 * clauses.h: where a post changes its mind: stretches of words that speak of one thing.
 *
 *   clauses_cut(&clauses, text, &tokens, names, arena);
 *   clauses.of[i]                       // clause of token i
 *
 * A clause ends where a sentence does, before a word of contrast ("aber", "while", "dagegen"), and at commas,
 * semicolons, dashes, colons, brackets and line breaks.  If the caller says which tokens are names:
 *   - a comma between two names ends none: "DHL, Hermes und GLS streiken";
 *   - a word of contrast right behind a name ends none: "DHL dagegen", "O2 ist aber";
 *   - a conjunction before another name ends one that has a name and more: "X lost it and Y found it".
 * Words that others wrote belong to none.  Pure.
 */
#ifndef ANALYZE_CLAUSES_H
#define ANALYZE_CLAUSES_H

#include "common/text/token.h"

enum {
	CLAUSES_NONE = UINT16_MAX, /* of quoted words */
	CLAUSES_MOST = 1000        /* the last takes the rest */
};

enum clause_name { NAME_NONE, NAME_FIRST, NAME_MORE }; /* of a name of several words */

struct clauses {
	uint16_t *of; /* clause of each token: 0, 1, 2 ... */
	size_t n;
	bool *contrast;     /* of each clause: it holds a word of contrast */
	uint32_t *sentence; /* of each clause */
};

/* text: the bytes that the tokens were cut from.  names: enum clause_name of each token, or NULL.  New in
 * the arena. */
void clauses_cut(struct clauses *ret, struct str text, const struct tokens *tokens,
		 const uint8_t *names, struct arena *arena);

/* Articles and the like, that may stand between a preposition and a name. */
bool clauses_is_article(struct str folded);

#endif
