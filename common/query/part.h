/*
 * part.h: is a word of German a component of another?  Private to common/query.
 */
#ifndef COMMON_QUERY_PART_H
#define COMMON_QUERY_PART_H

#include "common/query/tree.h"

/* Both folded.  True also where the word is an inflected form of the part itself.  PART_FIRST: the word must
 * begin with it. */
bool part_in(struct str word, struct str part, enum part_place place);

#endif
