/*
 * tree.h: a query as a tree.  Private to common/query.
 *
 * Leaves are terms and field conditions.  A term is a choice of rows; a row is elements side by side: the
 * phrase "kein paket" is one row of two, E-Post is the rows [e post] and [epost].  An element is what one
 * word of a post can be or not be; equal elements of all queries are one (query/words.h numbers them).
 */
#ifndef COMMON_QUERY_TREE_H
#define COMMON_QUERY_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

enum query_op {
	OP_TERM,
	OP_FIELD,
	OP_AND, /* operands: two or more */
	OP_OR,
	OP_NOT,     /* one */
	OP_ATLEAST, /* one, `number` times */
	OP_ZONE,    /* one, in `zone` */
	OP_NEAR,    /* two, at most `number` apart; the same for those below */
	OP_ONEAR,
	OP_NOT_NEAR,
	OP_SENTENCE,
	OP_NOT_SENTENCE
};

enum query_zone { ZONE_TITLE = 1, ZONE_TEXT = 2, ZONE_QUOTE = 4, ZONE_LEAD = 8, ZONE_POST = 3 };

enum element_kind {
	ELEMENT_WORD,  /* `key` folded: the word, a tag or a name of these letters */
	ELEMENT_TAG,   /* only the tag */
	ELEMENT_NAME,  /* only the name, on any host or, where `key` has one, on that */
	ELEMENT_EMOJI, /* that emoji */
	ELEMENT_GLOB, /* `key` with * and ?, folded; `written` the same as written, in lower case */
	ELEMENT_GLOB_TAG,
	ELEMENT_GLOB_NAME,
	ELEMENT_ANY,   /* any one word */
	ELEMENT_PART,  /* `key` as a component, at `place` */
	ELEMENT_STEM,  /* the stem of `written`, in the language of the post */
	ELEMENT_LOOSE, /* `key` with plain vowels for umlauts */
	ELEMENT_LINK,  /* host `key`, path beginning with `written` */
	ELEMENT_RAW    /* `written` exactly; `key`: the first word in it, of kind `place` */
};

enum part_place { PART_ANYWHERE, PART_FIRST };

struct element {
	enum element_kind kind;
	struct str key, written;
	uint8_t place;
	uint32_t number; /* among the elements of a set */
};

struct row {
	struct element *at; /* numbers are set when the query is compiled */
	uint32_t n;
};

struct term {
	struct row *rows;
	uint32_t n_rows;
};

struct field_test;

struct node {
	enum query_op op;
	uint32_t number; /* of NEAR/n, ATLEAST/n */
	enum query_zone zone;
	struct str text;  /* what it was read from */
	size_t from, to;  /* bytes of that */
	const char *form; /* of a term: "part:" and the like, or "" */
	struct node **of; /* operands */
	uint32_t n_of;
	bool joined;    /* of AND: at least two operands stood side by side */
	bool bracketed; /* it stood in parentheses */
	uint32_t
	    defined; /* equal ones (but 0) are the same use of a definition or list of the set */
	union {
		const struct term *term;
		const struct field_test *field;
	};
};

#endif
