#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/mem.h"

/* Eight bytes at a time: the high bit of each byte that is below 0x20, a quotation mark, a backslash or
 * above ASCII (Mycroft's test for a byte below n, "Bit Twiddling Hacks"). */
static uint64_t load8(const char *p)
{
	uint64_t x;
	memcpy(&x, p, 8);
	return le64toh(x);
}

static const uint64_t ONES = 0x0101010101010101ULL, HIGHS = 0x8080808080808080ULL;

static uint64_t zero_bytes(uint64_t x)
{
	return (x - ONES) & ~x & HIGHS;
}

static uint64_t special(uint64_t x)
{
	uint64_t control = (x - ONES * 0x20) & ~x & HIGHS;
	return control | zero_bytes(x ^ ONES * '"') | zero_bytes(x ^ ONES * '\\');
}

size_t json_plain(struct str s, size_t i)
{
	for (; i + 8 <= s.n; i += 8) {
		uint64_t found = special(load8(s.p + i));
		if (found)
			return i + (size_t)__builtin_ctzll(found) / 8;
	}
	for (; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == '"' || c == '\\')
			break;
	}
	return i;
}

static int wrong(struct json *in, const char *what)
{
	in->what = what;
	return -1;
}

int json_fail(const struct json *in, const char *what, struct error *err)
{
	return error_set(err, "could not read %s: %s at byte %zu", what,
			 in->what ? in->what : "it is wrong", (size_t)(in->at - in->text.p));
}

void json_begin(struct json *in, struct str text)
{
	if (!text.p)
		text = STR("");
	*in = (struct json){.text = text, .at = text.p, .end = text.p + text.n};
}

static void skip_space(struct json *in)
{
	while (in->at < in->end &&
	       (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t'))
		in->at++;
}

int json_end(struct json *in)
{
	skip_space(in);
	return in->at == in->end ? 0 : wrong(in, "something stands behind the end");
}

/* ---- strings --------------------------------------------------------------------------------- */

static int hex4(const char *p, const char *end)
{
	int v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = p[i], lower = c | 0x20;
		int d = c >= '0' && c <= '9'           ? c - '0'
			: lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
						       : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* Bytes of the well-formed sequence at p (Unicode 15, table 3-7), 0 if there is none. */
static size_t sequence(const char *at, const char *end)
{
	const unsigned char *p = (const unsigned char *)at;
	size_t left = (size_t)(end - at);
	unsigned c = p[0];
	if (c < 0xc2 || c > 0xf4)
		return 0;
	if (c < 0xe0)
		return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	unsigned low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	unsigned high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	size_t n = c < 0xf0 ? 3 : 4;
	if (left < n || p[1] < low || p[1] > high || (p[2] & 0xc0) != 0x80 ||
	    (n == 4 && (p[3] & 0xc0) != 0x80))
		return 0;
	return n;
}

static int escape(struct json *in)
{
	const char *p = in->at + 1; /* behind the backslash */
	if (p >= in->end)
		return wrong(in, "a text has no end");
	if (*p != 'u') {
		if (!memchr("\"\\/bfnrt", *p, 8))
			return wrong(in, "no escape begins so");
		in->at = p + 1;
		return 0;
	}
	int v = hex4(p + 1, in->end);
	if (v < 0)
		return wrong(in, "expected four hexadecimal digits");
	p += 5;
	if (v >= 0xdc00 && v <= 0xdfff)
		return wrong(in, "half of a character");
	if (v >= 0xd800 && v <= 0xdbff) {
		int low =
		    in->end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, in->end) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return wrong(in, "half of a character");
		p += 6;
	}
	in->at = p;
	return 0;
}

/* in->at is behind the opening quotation mark. */
static int read_string(struct json *in, struct json_value *ret)
{
	const char *from = in->at, *p = from;
	bool escaped = false;
	for (;;) {
		while (in->end - p >= 8) {
			uint64_t x = load8(p), found = special(x) | (x & HIGHS);
			if (found) {
				p += __builtin_ctzll(found) / 8;
				break;
			}
			p += 8;
		}
		in->at = p;
		if (p >= in->end)
			return wrong(in, "a text has no end");
		unsigned char c = (unsigned char)*p;
		if (c == '"')
			break;
		if (c == '\\') {
			escaped = true;
			if (escape(in) != 0)
				return -1;
			p = in->at;
		} else if (c < 0x20) {
			return wrong(in, "a control character in a text");
		} else if (c < 0x80) {
			p++;
		} else {
			size_t n = sequence(p, in->end);
			if (n == 0)
				return wrong(in, "invalid UTF-8");
			p += n;
		}
	}
	*ret = (struct json_value){
	    .kind = JSON_IS_STRING, .escaped = escaped, .raw = {from, (size_t)(p - from)}};
	in->at = p + 1;
	return 0;
}

struct str json_text(const struct json_value *v, struct arena *arena)
{
	if (!v->escaped)
		return v->raw;
	char *to = arena_alloc(arena, v->raw.n + 1), *out = to;
	const char *p = v->raw.p, *end = p + v->raw.n;
	while (p < end) {
		const char *back = memchr(p, '\\', (size_t)(end - p));
		size_t n = (size_t)((back ? back : end) - p);
		memcpy(out, p, n);
		out += n;
		p += n;
		if (!back)
			break;
		static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
		const char *simple = memchr(from, p[1], 8);
		if (simple) {
			*out++ = into[simple - from];
			p += 2;
			continue;
		}
		unsigned cp = (unsigned)hex4(p + 2, end);
		p += 6;
		if (cp >= 0xd800 && cp <= 0xdbff) {
			cp =
			    0x10000 + ((cp - 0xd800) << 10) + ((unsigned)hex4(p + 2, end) - 0xdc00);
			p += 6;
		}
		out += utf8_put(out, cp);
	}
	*out = '\0';
	return (struct str){to, (size_t)(out - to)};
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool digit_at(const struct json *in, const char *p)
{
	return p < in->end && *p >= '0' && *p <= '9';
}

static const char *digits(const struct json *in, const char *p)
{
	while (digit_at(in, p))
		p++;
	return p;
}

static int read_real(struct json *in, struct json_value *ret)
{
	char small[64], *z = ret->raw.n < sizeof small ? small : xmalloc(ret->raw.n + 1);
	memcpy(z, ret->raw.p, ret->raw.n);
	z[ret->raw.n] = '\0';
	ret->kind = JSON_IS_REAL;
	ret->real = strtod(z, NULL);
	if (z != small)
		free(z);
	return isfinite(ret->real) ? 0 : wrong(in, "a number is too large");
}

static int read_number(struct json *in, struct json_value *ret)
{
	const char *from = in->at, *p = from + (*from == '-');
	bool real = false;
	if (!digit_at(in, p))
		return wrong(in, "expected a value");
	const char *first = p;
	p = *p == '0' ? p + 1 : digits(in, p);
	const char *behind = p;
	if (p < in->end && *p == '.') {
		real = true;
		if (!digit_at(in, p + 1))
			return wrong(in, "expected a digit behind the point");
		p = digits(in, p + 1);
	}
	if (p < in->end && (*p | 0x20) == 'e') {
		real = true;
		p++;
		if (p < in->end && (*p == '+' || *p == '-'))
			p++;
		if (!digit_at(in, p))
			return wrong(in, "expected a digit in the exponent");
		p = digits(in, p);
	}
	*ret = (struct json_value){.raw = {from, (size_t)(p - from)}};
	if (real) {
		if (read_real(in, ret) != 0)
			return -1;
		in->at = p;
		return 0;
	}
	bool negative = *from == '-';
	uint64_t v = 0, most = (uint64_t)INT64_MAX + negative;
	for (; first < behind; first++) {
		unsigned d = (unsigned)(*first - '0');
		if (v > (most - d) / 10)
			return wrong(in, "a whole number is too large");
		v = v * 10 + d;
	}
	ret->kind = JSON_IS_INT;
	ret->integer = (int64_t)(negative ? 0 - v : v);
	ret->real = (double)ret->integer;
	in->at = p;
	return 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int word(struct json *in, const char *z, size_t n)
{
	if ((size_t)(in->end - in->at) < n || memcmp(in->at, z, n) != 0)
		return wrong(in, "expected a value");
	in->at += n;
	return 0;
}

int json_next(struct json *in, struct json_value *ret)
{
	skip_space(in);
	if (in->at >= in->end)
		return wrong(in, "expected a value, found the end");
	switch (*in->at) {
	case '"': in->at++; return read_string(in, ret);
	case '{':
	case '[':
		if (in->depth == JSON_DEPTH)
			return wrong(in, "nested deeper than 32");
		in->depth++;
		*ret = (struct json_value){.kind = *in->at == '{' ? JSON_IS_OBJECT : JSON_IS_LIST};
		in->at++;
		return 0;
	case 't':
		*ret = (struct json_value){.kind = JSON_IS_BOOL, .truth = true};
		return word(in, "true", 4);
	case 'f': *ret = (struct json_value){.kind = JSON_IS_BOOL}; return word(in, "false", 5);
	case 'n': *ret = (struct json_value){.kind = JSON_IS_NULL}; return word(in, "null", 4);
	default: return read_number(in, ret);
	}
}

/* 1: go on; 0: the closing bracket was read. */
static int go_on(struct json *in, bool *first, char close)
{
	skip_space(in);
	if (in->at >= in->end)
		return wrong(in, "an object or list has no end");
	if (*in->at == close) {
		in->at++;
		in->depth--;
		return 0;
	}
	if (!*first) {
		if (*in->at != ',')
			return wrong(in, "expected a comma or the closing bracket");
		in->at++;
		skip_space(in);
	}
	*first = false;
	return 1;
}

int json_element(struct json *in, bool *first)
{
	return go_on(in, first, ']');
}

int json_member(struct json *in, bool *first, struct arena *arena, struct str *ret_key)
{
	struct json_value key;
	int more = go_on(in, first, '}');
	if (more <= 0)
		return more;
	if (in->at >= in->end || *in->at != '"')
		return wrong(in, "expected a key");
	in->at++;
	if (read_string(in, &key) != 0)
		return -1;
	*ret_key = json_text(&key, arena);
	if (key.escaped && memchr(ret_key->p, '\0', ret_key->n))
		return wrong(in, "U+0000 in a key");
	skip_space(in);
	if (in->at >= in->end || *in->at != ':')
		return wrong(in, "expected a colon");
	in->at++;
	return 1;
}

/* The escape of U+0000; not a backslash before "u0000". */
static bool holds_nul(struct str raw)
{
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] != '\\')
			continue;
		i++;
		if (raw.p[i] == 'u' && memcmp(raw.p + i + 1, "0000", 4) == 0)
			return true;
	}
	return false;
}

/* Depth is bounded by JSON_DEPTH, so recursion is. */
int json_skip(struct json *in, const struct json_value *v)
{
	struct json_value inner;
	bool first = true;
	int more = 0;
	if (v->kind != JSON_IS_OBJECT && v->kind != JSON_IS_LIST)
		return 0;
	for (;;) {
		if (v->kind == JSON_IS_LIST) {
			more = json_element(in, &first);
		} else if ((more = go_on(in, &first, '}')) > 0) {
			if (in->at >= in->end || *in->at != '"')
				return wrong(in, "expected a key");
			in->at++;
			if (read_string(in, &inner) != 0)
				return -1;
			if (inner.escaped && holds_nul(inner.raw))
				return wrong(in, "U+0000 in a key");
			skip_space(in);
			if (in->at >= in->end || *in->at != ':')
				return wrong(in, "expected a colon");
			in->at++;
		}
		if (more <= 0)
			return more;
		if (json_next(in, &inner) != 0 || json_skip(in, &inner) != 0)
			return -1;
	}
}
