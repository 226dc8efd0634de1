/*
 * json_in.h: JSON read in one pass, by asking for the next thing.
 *
 *   struct json_in in;
 *   json_in_init(&in, text, arena);
 *   if (json_in_open(&in, '{') == 0)
 *           while ((more = json_in_key(&in, &key)) > 0)
 *                   if (str_is(key, "id")) ... json_in_str(&in, &id) ... else json_in_skip(&in);
 *   if (more == 0 && json_in_end(&in) == 0) ... all of it was well-formed ...
 *
 * The whole grammar of RFC 8259, nothing beside it: UTF-8 is checked, also in what is skipped; halves
 * of surrogate pairs, whole numbers beyond 64 bits and others beyond a double are refused, and U+0000
 * in a key.  That is the set the library jansson accepts (json_loadb with JSON_ALLOW_NUL), but for
 * depth and for a NUL byte between tokens; tests/fuzz/fuzz_json.c feeds both.  Duplicate keys are the
 * caller's affair.
 *
 * Strings are views into the text, or, where they hold escapes, into the arena.  No function reads
 * outside the text.  After -1 `reason` and `at` say what is wrong and where; ask no more then.
 */
#ifndef COMMON_JSON_IN_H
#define COMMON_JSON_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/bytes.h"
#include "common/str.h"

enum { JSON_IN_DEPTH = 32 }; /* objects and lists, one in another */

/* Of the value that begins with a byte: json_in_kind. */
enum json_in_kind {
	KIND_NONE,
	KIND_NULL,
	KIND_BOOL,
	KIND_NUMBER,
	KIND_STRING,
	KIND_OBJECT,
	KIND_LIST
};

struct json_in {
	const char *begin, *at, *end; /* borrowed; `at`: the next byte to read */
	struct arena *arena;          /* borrowed; takes at most as many bytes as the text has */
	const char *reason;           /* NULL as long as all is well */
	int depth;
	bool fresh; /* just behind a bracket: the next thing has no comma before it */
};

struct json_in_number {
	bool whole; /* no fraction, no exponent: `integer` holds it */
	int64_t integer;
	struct str text; /* as written */
};

void json_in_init(struct json_in *in, struct str text, struct arena *arena);

/* What comes next; KIND_NONE where no value can begin.  White space before it is passed. */
enum json_in_kind json_in_kind(struct json_in *in);

/* All below: 0 and *ret, or -1. */
int json_in_open(struct json_in *in, char bracket); /* '{' or '[', which json_in_kind has seen */
int json_in_null(struct json_in *in);
int json_in_bool(struct json_in *in, bool *ret);
static inline int json_in_str(struct json_in *in, struct str *ret);
int json_in_number(struct json_in *in, struct json_in_number *ret);
int json_in_skip(struct json_in *in); /* any value */
int json_in_end(struct json_in *in);  /* only white space is left */

/* 1: there is one more, and the value comes next; 0: the object or list ended; -1. */
static inline int json_in_key(struct json_in *in, struct str *ret_key);
int json_in_item(struct json_in *in);

int json_in_fail(struct json_in *in, const char *reason); /* -1; the first reason stays */
double json_in_double(const struct json_in_number *number);

/* ---- what most strings and keys are, without a call ---- */

/* Checks the string at `at` and goes behind it; *ret is what stands between the quotes. */
int json_in_scan(struct json_in *in, struct str *ret, bool *ret_escaped);
/* That without its escapes, in the arena. */
struct str json_in_unescape(struct json_in *in, struct str s);
int json_in_str_any(struct json_in *in, struct str *ret);
int json_in_key_any(struct json_in *in, struct str *ret_key);

/* Length of a string of at most 15 plain letters whose first one is at p; 16: it is none, or is too
 * near to the end of the text to be looked at in one piece. */
static inline size_t json_in_short(const char *p, const char *end)
{
	if (end - p < 16)
		return 16;
	bytes_hits hits = bytes_not_ascii(p);
	if (!bytes_any(hits))
		return 16;
	size_t n = bytes_at(hits);
	return p[n] == '"' ? n : 16;
}

static inline int json_in_str(struct json_in *in, struct str *ret)
{
	const char *p = in->at + 1;
	size_t n = json_in_short(p, in->end);
	if (n == 16)
		return json_in_str_any(in, ret);
	*ret = (struct str){p, n};
	in->at = p + n + 1;
	return 0;
}

/* Mostly `,"key":` or, behind the bracket, `"key":`. */
static inline int json_in_key(struct json_in *in, struct str *ret_key)
{
	const char *p = in->at;
	if (in->end - p < 20 || (!in->fresh && *p++ != ',') || *p++ != '"')
		return json_in_key_any(in, ret_key);
	size_t n = json_in_short(p, in->end);
	if (n == 16 || p[n + 1] != ':')
		return json_in_key_any(in, ret_key);
	*ret_key = (struct str){p, n};
	in->fresh = false;
	in->at = p + n + 2;
	return 1;
}

#endif
