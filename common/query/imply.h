/*
 * imply.h: does one expression hold wherever another does?  For the linter; private to common/query.
 */
#ifndef COMMON_QUERY_IMPLY_H
#define COMMON_QUERY_IMPLY_H

#include "common/query/tree.h"

/* Elements have their numbers.  False also where it cannot be seen from words, wildcards and parts, or when
 * *steps, of which each comparison takes one, are used up. */
bool query_implies(const struct node *a, const struct node *b, unsigned *steps);
/* Both can hold for the same post?  False only where fields have one value and ask for two. */
bool query_together(const struct node *a, const struct node *b);

#endif
