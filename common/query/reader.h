/*
 * reader.h: reading the text of a query, and errors that point at a place in it.  Private to common/query and
 * analyze/query_import*.c.
 *
 * An error is three lines: "query:1:17: expected WHAT, found WHAT", the line of the query, a caret under
 * the place.  Columns count code points from 1.  Long lines are cut around the place.
 */
#ifndef COMMON_QUERY_READER_H
#define COMMON_QUERY_READER_H

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

struct query_names;

struct reader {
	struct str text;
	size_t pos;
	struct arena *arena;
	struct error *err;
	const char *name; /* of what is read: "query", "when" */
	const struct query_names *names;
	/* of what was read so far, with the definitions in it */
	size_t n_terms;
	unsigned deepest; /* levels */
	bool unzoned;     /* something has no place in title: and the like */
};

/* -1.  found_n: bytes of what stands there, 0: "the end". */
int reader_fail(struct reader *r, size_t at, const char *expected, size_t found_n);
/* The same without "expected ..., found ...". */
int reader_refuse(struct reader *r, size_t at, const char *reason);
/* Is the text UTF-8 without control characters, and of at most 1 MiB? */
int reader_check(struct reader *r);
/* So many terms more; -1: they are too many for one query. */
int reader_terms(struct reader *r, size_t at, size_t n);
/* A word in capitals that is German for an operator is refused: -1. */
int reader_english(struct reader *r, struct str word);
bool reader_space(char c);
/* Over white space and comments; -1: a comment is left open. */
int reader_skip(struct reader *r);
/* The bare word at pos: up to white space, parentheses, braces, quotation marks or a comment. */
struct str reader_word(const struct reader *r);
/* A quotation mark at text[at]: its length in bytes and, in *ret_close, the marks that end it (each as
 * UTF-8, NUL behind each, one more at the end); 0: none stands there. */
size_t reader_quote(struct str text, size_t at, const char **ret_close);
/* What stands between the quotation marks at pos, which moves behind them. */
int reader_quoted(struct reader *r, struct str *ret);

#endif
