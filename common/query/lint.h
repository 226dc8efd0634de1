/*
 * lint.h: what is allowed in a query, but probably not meant.
 *
 *   Q1  AND beside OR without parentheses
 *   Q2  words side by side (AND) beside OR without parentheses
 *   Q3  an operator in lower case, or a German one in lower case, read as a word
 *   Q4  a wildcard that hardly narrows anything, or does nothing
 *   Q5  it, or a part of it, can never hold
 *   Q6  it, or a part of it, holds for every post
 *   Q7  an operand that another makes superfluous
 *   Q8  every part is common, so that it is looked at for many posts
 *   Q9  target: in a query without targets
 *   Q10 signs of other products that mean nothing here
 *   Q11 a value that no post has
 */
#ifndef COMMON_QUERY_LINT_H
#define COMMON_QUERY_LINT_H

#include "common/query/query.h"

enum { LINT_MOST = 64 };

struct lint_finding {
	int number;       /* of the list above */
	size_t from, to;  /* bytes of the query's text */
	const char *text; /* one sentence with what to do; in the arena */
};

/* Findings of query i of a compiled set, by place; at most LINT_MOST. */
size_t query_lint(const struct query_set *set, size_t i, struct lint_finding *ret,
		  struct arena *arena);
/* From here on Q8 speaks. */
enum { LINT_COMMON = 300000 };
/* For about how many of a million posts query i has to be looked at, guessed from its words. */
uint32_t query_lint_cost(const struct query_set *set, size_t i);
/* For people: each with its line and a caret. */
void query_lint_print(struct buf *out, const struct query_set *set, size_t i,
		      const struct lint_finding *findings, size_t n);

#endif
