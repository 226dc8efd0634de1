/*
 * json_out.h: pieces of JSON written where there is room already; buf.h grows its own.
 *
 * Each writes at `to`, which must have room for the most it says, and returns where it ended; no NUL.
 */
#ifndef COMMON_JSON_OUT_H
#define COMMON_JSON_OUT_H

#include <stdint.h>

#include "common/str.h"

enum { JSON_OUT_INT = 20 }; /* bytes of the longest int64_t */

/* A constant: JSON_OUT_LIT(to, ",\"lang\":"). */
#define JSON_OUT_LIT(to, lit) ((char *)memcpy((to), "" lit, sizeof(lit) - 1) + (sizeof(lit) - 1))

char *json_out_escape(char *to, char c); /* of a quote, a backslash or a control: at most 6 bytes */
/* Quoted and escaped; STR_NULL gives null.  At most json_out_room(s) bytes. */
char *json_out_str(char *to, struct str s);
static inline size_t json_out_room(struct str s)
{
	return s.p ? 6 * s.n + 2 : 4;
}
char *json_out_int(char *to, int64_t v); /* at most JSON_OUT_INT bytes */

#endif
