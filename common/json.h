/*
 * json.h: JSON text read once, from left to right, without a tree.
 *
 *   struct json in;
 *   struct json_value v;
 *   json_begin(&in, text);
 *   json_next(&in, &v);                                  // the value: here an object
 *   for (bool first = true; (more = json_member(&in, &first, &key)) > 0;) {
 *       json_next(&in, &v);                              // its value
 *       if (known(key)) use(v); else json_skip(&in, &v); // objects and lists must be read or skipped
 *   }
 *   json_end(&in);                                       // nothing but white space behind it
 *
 * The whole grammar of RFC 8259, nothing more: depth at most JSON_DEPTH, valid UTF-8, no lone
 * surrogates, integers of 64 bits, reals that do not overflow; U+0000 is allowed in text, not in keys.
 * All functions return -1 and leave a reason in in->what at byte in->at - in->text.p where the text is
 * wrong; after that nothing may be called but json_fail.  Values are views into the text.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"

enum { JSON_DEPTH = 32 };

enum json_kind {
	JSON_IS_NULL,
	JSON_IS_BOOL,
	JSON_IS_INT,
	JSON_IS_REAL,
	JSON_IS_STRING,
	JSON_IS_OBJECT,
	JSON_IS_LIST
};

struct json_value {
	enum json_kind kind;
	bool truth;     /* of JSON_IS_BOOL */
	bool escaped;   /* of JSON_IS_STRING: raw holds backslashes */
	struct str raw; /* of JSON_IS_STRING: between the quotation marks; of numbers: the digits */
	int64_t integer; /* of JSON_IS_INT */
	double real;     /* of JSON_IS_INT and JSON_IS_REAL */
};

struct json {
	struct str text;
	const char *at, *end;
	const char *what; /* is wrong; NULL: nothing */
	int depth;
};

void json_begin(struct json *in, struct str text);
int json_end(struct json *in);
/* The next value.  Of an object or list only the opening bracket is read. */
int json_next(struct json *in, struct json_value *ret);
/* 1 and a key, unescaped where it was escaped (arena), and the colon is read; 0: the object is over. */
int json_member(struct json *in, bool *first, struct arena *arena, struct str *ret_key);
/* 1: another element comes; 0: the list is over. */
int json_element(struct json *in, bool *first);
/* Reads over what json_next opened; for other values nothing is left to read. */
int json_skip(struct json *in, const struct json_value *v);

/* The text of a JSON_IS_STRING: raw itself, or new in the arena. */
struct str json_text(const struct json_value *v, struct arena *arena);
/* "could not read WHAT: REASON at byte N", and -1. */
int json_fail(const struct json *in, const char *what, struct error *err);

/* Appends text as a JSON string without the quotation marks' help of printf; see buf_json_str. */
size_t json_plain(struct str s,
		  size_t from); /* first byte at or behind `from` that must be escaped */

#endif
