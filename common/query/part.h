/*
 * part.h: is a word of German a component of another?  Private to common/query.
 */
#ifndef COMMON_QUERY_PART_H
#define COMMON_QUERY_PART_H

#include "common/query/tree.h"

/* Both folded.  True also where the word is an inflected form of the part itself.  PART_FIRST: the word must
 * begin with it. */
bool part_in(struct str word, struct str part, enum part_place place);

/* The part with its umlaut, haeus of haus, written to ret[PART_ROOM]; false: it has none.  In each word that the
 * part is in stand the first three letters of it or of this. */
enum { PART_ROOM = 25 };
bool part_umlaut(struct str part, char *ret, struct str *ret_s);

#endif
