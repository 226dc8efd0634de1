/*
 * json_out.h: pieces of JSON written where there is room already; buf.h grows its own.
 *
 * Each writes at `to`, which must have room for the most it says, and returns where it ended; no NUL.
 */
#ifndef COMMON_JSON_OUT_H
#define COMMON_JSON_OUT_H

#include <stdint.h>

#include "common/bytes.h"
#include "common/str.h"

enum { JSON_OUT_INT = 20 }; /* bytes of the longest int64_t */

/* A constant: JSON_OUT_LIT(to, ",\"lang\":"). */
#define JSON_OUT_LIT(to, lit) ((char *)memcpy((to), "" lit, sizeof(lit) - 1) + (sizeof(lit) - 1))

char *json_out_escape(char *to, char c); /* of a quote, a backslash or a control: at most 6 bytes */
/* Quoted and escaped; STR_NULL gives null.  At most json_out_room(s) bytes. */
static inline char *json_out_str(char *to, struct str s);
static inline size_t json_out_room(struct str s)
{
	return s.p ? 6 * s.n + 2 : 4;
}
static inline char *json_out_int(char *to, int64_t v); /* at most JSON_OUT_INT bytes */

/* ---- what most strings and numbers are, without a call ---- */

char *json_out_any(char *to, struct str s);
char *json_out_large(char *to, int64_t v);
extern const char json_out_digits[200]; /* 00 01 02 ... 99 */

static inline char *json_out_str(char *to, struct str s)
{
	if (!s.p)
		return JSON_OUT_LIT(to, "null");
	if (s.n >= 16 || bytes_unescaped(s.p, s.n) != s.n)
		return json_out_any(to, s);
	*to = '"';
	to = bytes_copy(to + 1, s.p, s.n);
	*to = '"';
	return to + 1;
}

/* Offsets and weights have few digits. */
static inline char *json_out_int(char *to, int64_t v)
{
	if (v <= -10000 || v >= 10000)
		return json_out_large(to, v);
	unsigned size = v < 0 ? (unsigned)-v : (unsigned)v, high = size / 100;
	if (v < 0)
		*to++ = '-';
	if (high >= 10) {
		memcpy(to, json_out_digits + 2 * (size_t)high, 2);
		to += 2;
	} else if (high) {
		*to++ = (char)('0' + high);
	} else if (size < 10) {
		*to = (char)('0' + size);
		return to + 1;
	}
	memcpy(to, json_out_digits + 2 * (size_t)(size % 100), 2);
	return to + 2;
}

#endif
