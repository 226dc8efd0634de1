/*
 * names.h: what `$name` stands for: the definitions and lists of a query set.  Private to common/query.
 */
#ifndef COMMON_QUERY_NAMES_H
#define COMMON_QUERY_NAMES_H

#include "common/str.h"

struct node;
struct texts;

struct query_list {
	struct str *at;
	size_t n;
};

enum { DEFINE_FORMS = 7 /* of a list: as written, behind part: and the like (enum term_form) */ };

struct query_define {
	struct node
	    *nodes[DEFINE_FORMS]; /* of an expression the first; of a list those that were used */
	struct query_list *list;  /* of a list, else NULL */
	size_t n_terms;           /* with those of what it names */
	unsigned depth;           /* levels, likewise */
	bool unzoned;             /* something in it has no place in title: and the like */
};

struct query_names {
	struct query_define *at;
	const struct texts *names; /* of them */
	struct str zone;           /* in which times are meant, as zone.h knows them */
};

struct query_define *names_find(const struct query_names *names, struct str name); /* or NULL */
const struct query_list *names_list(const struct query_names *names, struct str name);

#endif
