/*
 * condition_ast.h: a parsed condition, between condition_parse.c and condition.c and nobody else.
 */
#ifndef ROUTE_CONDITION_AST_H
#define ROUTE_CONDITION_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"

enum field_kind { F_WORD, F_SITE, F_BOOL, F_NUMBER, F_TONALITY, F_HAS, F_TIME };

struct field {
	const char *name;
	enum field_kind kind;
};

enum { HAS_LINK, HAS_IMAGE, HAS_VIDEO, HAS_QUESTION, HAS_QUOTE };

enum compare { C_TEXTS, C_RANGE, C_AGE_BELOW, C_AGE_ABOVE };

struct one {
	bool negated;
	const struct field *field;
	enum compare compare;
	struct str *texts; /* folded patterns, or names; in the arena */
	size_t n_texts;
	unsigned set;      /* bits: 1 << enum post_tonality, 1 << HAS_*; yes 1, no 2 */
	double low, high;  /* C_RANGE, both ends... */
	bool above, below; /* ...left out (> and <) */
	int64_t from, to;  /* times: [from, to) in ms */
};

struct condition {
	struct arena *arena;
	struct one *at;
	size_t n;
};

#endif
