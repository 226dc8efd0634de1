/*
 * idioms.h: what customers say whose words, one by one, say something else or nothing: "danke für nichts",
 * "never let me down", "Finger weg von X".
 *
 * Two tables of phrases, praise and blame, written from general knowledge of what customers write.  A whole
 * post has words enough without them, a clause of six words has not.  Pure.
 */
#ifndef ANALYZE_IDIOMS_H
#define ANALYZE_IDIOMS_H

#include "common/text/token.h"

/* The longest phrase that begins at token i: 1 praise, -1 blame, 0 none.  *ret_n: its words, 0 for none. */
int idiom_at(const struct tokens *tokens, size_t i, size_t *ret_n);

#endif
