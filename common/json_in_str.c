/*
 * json_in_str.c: the strings of json_in.h.
 *
 * Checked once from end to end; only one with an escape is gone through again, without a question.
 */
#include "common/json_in.h"

/* Length of the code point at p, whose first byte is above 0x7f; 0: no UTF-8 (Unicode, table 3-7). */
static size_t code_point(const unsigned char *p, size_t n)
{
	unsigned char c = p[0];
	if (c < 0xe0)
		return c >= 0xc2 && n > 1 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (c < 0xf0) {
		if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
			return 0;
		return (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] >= 0xa0) ? 0 : 3;
	}
	if (n < 4 || c > 0xf4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 ||
	    (p[3] & 0xc0) != 0x80)
		return 0;
	return (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] >= 0x90) ? 0 : 4;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at p; -1: there are none. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static bool high_half(int32_t v)
{
	return v >= 0xd800 && v <= 0xdbff;
}

static bool low_half(int32_t v)
{
	return v >= 0xdc00 && v <= 0xdfff;
}

/* Length of the escape at p, which is a backslash; 0: there is no such escape. */
static size_t escape(const char *p, const char *end)
{
	if (end - p < 2)
		return 0;
	if (p[1] != 'u')
		return p[1] && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
	int32_t v = hex4(p + 2, end);
	if (v < 0 || low_half(v))
		return 0;
	if (!high_half(v))
		return 6;
	if (end - p < 12 || p[6] != '\\' || p[7] != 'u' || !low_half(hex4(p + 8, end)))
		return 0;
	return 12;
}

int json_in_scan(struct json_in *in, struct str *ret, bool *ret_escaped)
{
	const char *from = in->at + 1, *p = from, *end = in->end;
	bool escaped = false;
	for (;;) {
		p += bytes_ascii(p, (size_t)(end - p));
		/* text in other letters: on from one to the next */
		while (p < end && (unsigned char)*p >= 0x80) {
			size_t n = code_point((const unsigned char *)p, (size_t)(end - p));
			if (!n) {
				in->at = p;
				return json_in_fail(in, "invalid UTF-8");
			}
			p += n;
		}
		if (p == end) {
			in->at = p;
			return json_in_fail(in, "unfinished string");
		}
		if (*p == '"')
			break;
		if (*p == '\\') {
			size_t n = escape(p, end);
			if (!n) {
				in->at = p;
				return json_in_fail(in, "invalid escape");
			}
			p += n;
			escaped = true;
		} else if ((unsigned char)*p < 0x20) {
			in->at = p;
			return json_in_fail(in, "control character in a string");
		}
	}
	*ret = (struct str){from, (size_t)(p - from)};
	*ret_escaped = escaped;
	in->at = p + 1;
	return 0;
}

struct str json_in_unescape(struct json_in *in, struct str s)
{
	char *out = arena_alloc(in->arena, s.n), *to = out;
	const char *end = s.p + s.n;
	for (const char *p = s.p; p < end;) {
		const char *stop = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((stop ? stop : end) - p);
		memcpy(to, p, plain);
		to += plain;
		p += plain;
		if (!stop)
			break;
		switch (p[1]) {
		case 'b': *to++ = '\b'; break;
		case 'f': *to++ = '\f'; break;
		case 'n': *to++ = '\n'; break;
		case 'r': *to++ = '\r'; break;
		case 't': *to++ = '\t'; break;
		case 'u': {
			int32_t v = hex4(p + 2, end);
			if (high_half(v)) {
				v = 0x10000 + (v - 0xd800) * 0x400 + hex4(p + 8, end) - 0xdc00;
				p += 6;
			}
			to += utf8_put(to, (unsigned)v);
			p += 4;
			break;
		}
		default: *to++ = p[1];
		}
		p += 2;
	}
	return (struct str){out, (size_t)(to - out)};
}

int json_in_str_any(struct json_in *in, struct str *ret)
{
	struct str s;
	bool escaped;
	if (json_in_scan(in, &s, &escaped))
		return -1;
	*ret = escaped ? json_in_unescape(in, s) : s;
	return 0;
}
