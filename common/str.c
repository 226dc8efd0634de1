#include <stdint.h>

#include "common/str.h"

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool str_ieq(struct str a, const char *z)
{
	size_t i = 0;
	for (; i < a.n && z[i]; i++)
		if (lower((unsigned char)a.p[i]) != lower((unsigned char)z[i]))
			return false;
	return i == a.n && !z[i];
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

static bool space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n && space(s.p[0]))
		s.p++, s.n--;
	while (s.n && space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){s.p ? s.p + from : NULL, to - from};
}

size_t str_find(struct str s, char c, size_t from)
{
	if (from >= s.n)
		return s.n;
	const char *p = memchr(s.p + from, c, s.n - from);
	return p ? (size_t)(p - s.p) : s.n;
}

size_t str_find_str(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	const char *p = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return p ? (size_t)(p - s.p) : s.n;
}

bool str_split(struct str *rest, char sep, struct str *ret_part)
{
	if (!rest->p)
		return false;
	size_t at = str_find(*rest, sep, 0);
	*ret_part = (struct str){rest->p, at};
	*rest = at < rest->n ? (struct str){rest->p + at + 1, rest->n - at - 1} : STR_NULL;
	return true;
}

unsigned utf8_next(struct str s, size_t *pos)
{
	size_t i = *pos;
	unsigned char c = (unsigned char)s.p[i++];
	unsigned lo = 0x80, hi = 0xBF, need, cp;

	if (c < 0x80) {
		*pos = i;
		return c;
	}
	if (c >= 0xC2 && c <= 0xDF) {
		need = 1, cp = c & 0x1F;
	} else if (c >= 0xE0 && c <= 0xEF) {
		need = 2, cp = c & 0x0F;
		lo = c == 0xE0 ? 0xA0 : 0x80;
		hi = c == 0xED ? 0x9F : 0xBF;
	} else if (c >= 0xF0 && c <= 0xF4) {
		need = 3, cp = c & 0x07;
		lo = c == 0xF0 ? 0x90 : 0x80;
		hi = c == 0xF4 ? 0x8F : 0xBF;
	} else {
		*pos = i;
		return 0xFFFD;
	}
	for (; need; need--, i++) {
		if (i >= s.n || (unsigned char)s.p[i] < lo || (unsigned char)s.p[i] > hi) {
			*pos = i;
			return 0xFFFD;
		}
		cp = cp << 6 | ((unsigned char)s.p[i] & 0x3F);
		lo = 0x80, hi = 0xBF;
	}
	*pos = i;
	return cp;
}

size_t utf8_put(char out[4], unsigned cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

bool utf8_valid(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		if (utf8_next(s, &i) != 0xFFFD)
			continue;
		/* a real U+FFFD is EF BF BD */
		if (i - at != 3 || memcmp(s.p + at, "\xEF\xBF\xBD", 3) != 0)
			return false;
	}
	return true;
}

struct str utf8_cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((unsigned char)s.p[max] & 0xC0) == 0x80)
		max--;
	return (struct str){s.p, max};
}

size_t utf8_count(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; n++)
		(void)utf8_next(s, &i); /* only the step counts */
	return n;
}

bool utf8_plain(unsigned cp)
{
	return cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f) && cp != 0x2028 && cp != 0x2029 &&
	       !(cp >= 0x202a && cp <= 0x202e) && !(cp >= 0x2066 && cp <= 0x2069) && cp != 0xfffd;
}
