/*
 * names.h: what `$name` stands for: the definitions and lists of a query set.  Private to common/query.
 */
#ifndef COMMON_QUERY_NAMES_H
#define COMMON_QUERY_NAMES_H

#include "common/str.h"

struct field_test;
struct node;
struct texts;

struct query_list {
	struct str *at;
	size_t n;
};

enum { DEFINE_FORMS = 7 /* of a list: as written, behind part: and the like (enum term_form) */ };

/* Of a list, trees and tests are made when they are first used, once for all queries. */
struct query_define {
	struct node *nodes[DEFINE_FORMS]; /* of an expression the first */
	struct query_list *list;          /* of a list, else NULL */
	const struct field_test **tests;  /* by field; NULL: none yet */
	size_t n_terms;                   /* with those of what it names */
	unsigned depth;                   /* levels, likewise */
	bool unzoned;                     /* something in it has no place in title: and the like */
};

struct query_names {
	struct query_define *at;
	const struct texts *names; /* of them */
	struct str zone;           /* in which times are meant, as zone.h knows them */
};

struct query_define *names_find(const struct query_names *names, struct str name); /* or NULL */

#endif
