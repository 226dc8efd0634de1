/*
 * lookup.h: from a word of a post to the elements of all queries that it is.  Private to common/query.
 *
 * Exact forms are found by hash; wildcards and parts by three of their letters, then tried.  All that costs
 * some microseconds, but people use few words: what a spelling is, is remembered, so that most words of most
 * posts cost one look.  What is returned never depends on what is remembered.
 */
#ifndef COMMON_QUERY_LOOKUP_H
#define COMMON_QUERY_LOOKUP_H

#include "common/text/token.h"

#include "common/query/tree.h"

struct lookup;        /* of a query set; does not change */
struct lookup_memory; /* of one thread */

/* elements[i].number is i; borrowed. */
struct lookup *lookup_create(const struct element *elements, size_t n);
void lookup_free(struct lookup *lookup);
size_t lookup_bytes(const struct lookup *lookup);

struct lookup_memory *lookup_memory_create(const struct lookup *lookup);
void lookup_memory_free(struct lookup_memory *memory);
/* The language of the post that comes, "" or NULL: not known. */
void lookup_language(struct lookup_memory *memory, struct str lang);
/* Begin to fetch from memory what lookup_token will look at: first where, some words later what.  Change
 * nothing. */
void lookup_ahead_where(const struct lookup_memory *memory, const struct token *t);
void lookup_ahead_what(const struct lookup_memory *memory, const struct token *t);
/* The numbers of the elements that this token of `text` is, in no order; of ELEMENT_RAW those whose first
 * word it could be.  Valid until the next call; *ret_n of them. */
const uint32_t *lookup_token(struct lookup_memory *memory, struct str text, const struct token *t,
			     size_t *ret_n);

#endif
