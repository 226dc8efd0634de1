/*
 * str.h: text as pointer and length.
 *
 * Inside the programs text is a view, valid UTF-8 from the parser on; NUL-terminated strings
 * live only at the edges of libraries.  A struct str owns nothing: it is valid as long as the
 * arena, buffer or literal it points into.  {NULL, 0} is "unknown" (JSON null), which differs
 * from an empty text (p not NULL, n 0).
 */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(lit)   ((struct str){("" lit), sizeof(lit) - 1})
#define STR_NULL   ((struct str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : "" /* for printf's %.*s */

static inline struct str str_of(const char *z) /* view of a C string; NULL gives STR_NULL */
{
	return z ? (struct str){z, strlen(z)} : STR_NULL;
}
static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

int str_cmp(struct str a, struct str b);   /* byte order, shorter first */
bool str_ieq(struct str a, const char *z); /* ASCII case ignored */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
struct str str_trim(struct str s);                        /* ASCII white space off both ends */
struct str str_sub(struct str s, size_t from, size_t to); /* [from,to), clamped */
/* Position of the first `c` at or after `from`, or s.n where there is none. */
size_t str_find(struct str s, char c, size_t from);
/* Position of the first `needle`, or s.n. */
size_t str_find_str(struct str s, struct str needle);
/* The part before the next `sep` goes to *ret_part, *rest moves behind it; false at the end. */
bool str_split(struct str *rest, char sep, struct str *ret_part);

/* UTF-8.  Decodes one code point at s[*pos], moves *pos behind it.  Invalid bytes give U+FFFD
 * and move on by the maximal invalid prefix (Unicode 15, section 3.9, table 3-8). */
unsigned utf8_next(struct str s, size_t *pos);
size_t utf8_put(char out[4], unsigned cp); /* bytes written, 1..4 */
bool utf8_valid(struct str s);
/* Longest prefix of at most `max` bytes that does not cut a code point. */
struct str utf8_cut(struct str s, size_t max);
size_t utf8_count(struct str s); /* code points */
/* May it go to a terminal or into a log?  Not: controls (also the second block), ends of lines, marks
 * that turn the reading order, and U+FFFD, which utf8_next gives for broken bytes. */
bool utf8_plain(unsigned cp);

#endif
