/*
 * corrections.h: what agents corrected, as training rows.
 *
 * An event `corrected` names a ticket's post, the judgement (tonality, lang, urgency, answer, relevance) and
 * what it should have been; it holds no text.  The texts come from the posts (topic posts or scored, one JSON
 * a line, as a bus reader prints them).  The last word about a post and judgement counts.
 */
#ifndef ANALYZE_CORRECTIONS_H
#define ANALYZE_CORRECTIONS_H

#include <stdio.h>

#include "common/error.h"

/* Prints a table: id, lang, tonality, urgency, answer, relevance, text; cells that nobody corrected are
 * empty.  Lines that are no event or no post are counted and left out; how many is said on standard error.
 * -1 + err: a file cannot be read. */
int corrections_print(const char *posts, const char *events, FILE *out, struct error *err);

#endif
