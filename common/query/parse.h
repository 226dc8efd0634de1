/*
 * parse.h: the text of a query to its tree.  Private to common/query.
 *
 *   or    := and ("OR" and)*
 *   and   := not (["AND"] not)*
 *   not   := "NOT" not | near
 *   near  := unit (("NEAR/n" | "ONEAR/n" | "NOT NEAR/n" | "SENTENCE" | "NOT SENTENCE") unit)*
 *   unit  := "ATLEAST/n" unit | PREFIX ":" unit | field | "$name" | term | "(" or ")"
 */
#ifndef COMMON_QUERY_PARSE_H
#define COMMON_QUERY_PARSE_H

#include "common/query/names.h"
#include "common/query/reader.h"
#include "common/query/tree.h"

enum { QUERY_DEPTH = 200 };

/* The whole text.  New in r->arena; NULL: refused, r->err says where.  allow_all: also what has no
 * positive part. */
struct node *query_tree(struct reader *r, bool allow_all);

#endif
