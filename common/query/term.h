/*
 * term.h: what stands for words in a query, cut into elements.  Private to common/query.
 */
#ifndef COMMON_QUERY_TERM_H
#define COMMON_QUERY_TERM_H

#include "common/query/reader.h"
#include "common/query/tree.h"

enum term_form {
	TERM_BARE,   /* hyphens may be joined */
	TERM_QUOTED, /* in a row only; a lone * is any word */
	TERM_RAW,
	TERM_PART,
	TERM_STEM,
	TERM_LOOSE,
	TERM_LINK
};

/* The term whose text is `text` and stands at r->text[at].  New in r->arena; NULL: refused, r->err. */
const struct term *term_parse(struct reader *r, struct str text, size_t at, enum term_form form);

#endif
