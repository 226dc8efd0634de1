#include <math.h>
#include <stdlib.h>

#include "common/json_in.h"
#include "common/mem.h"

void json_in_init(struct json_in *in, struct str text, struct arena *arena)
{
	const char *p = text.p ? text.p : "";
	*in = (struct json_in){.begin = p, .at = p, .end = p + text.n, .arena = arena};
}

int json_in_fail(struct json_in *in, const char *reason)
{
	if (!in->reason)
		in->reason = reason;
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline void skip_space(struct json_in *in)
{
	const char *p = in->at, *end = in->end;
	if (p < end && (unsigned char)*p > ' ')
		return; /* mostly */
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	in->at = p;
}

/* The next byte that is no white space; 0, which begins nothing, at the end. */
static inline char next(struct json_in *in)
{
	skip_space(in);
	return in->at < in->end ? *in->at : '\0';
}

enum json_in_kind json_in_kind(struct json_in *in)
{
	static const uint8_t kinds[256] = {
	    ['n'] = KIND_NULL,   ['t'] = KIND_BOOL,   ['f'] = KIND_BOOL,   ['"'] = KIND_STRING,
	    ['{'] = KIND_OBJECT, ['['] = KIND_LIST,   ['-'] = KIND_NUMBER, ['0'] = KIND_NUMBER,
	    ['1'] = KIND_NUMBER, ['2'] = KIND_NUMBER, ['3'] = KIND_NUMBER, ['4'] = KIND_NUMBER,
	    ['5'] = KIND_NUMBER, ['6'] = KIND_NUMBER, ['7'] = KIND_NUMBER, ['8'] = KIND_NUMBER,
	    ['9'] = KIND_NUMBER};
	return kinds[(unsigned char)next(in)];
}

static int word(struct json_in *in, const char *z, size_t n)
{
	if ((size_t)(in->end - in->at) < n || memcmp(in->at, z, n) != 0)
		return json_in_fail(in, "unknown word");
	in->at += n;
	return 0;
}

int json_in_null(struct json_in *in)
{
	return word(in, "null", 4);
}

int json_in_bool(struct json_in *in, bool *ret)
{
	bool yes = in->at < in->end && *in->at == 't';
	if (word(in, yes ? "true" : "false", yes ? 4 : 5))
		return -1;
	*ret = yes;
	return 0;
}

/* ---- numbers ---- */

double json_in_double(const struct json_in_number *number)
{
	char small[64], *text = small;
	if (number->whole)
		return (double)number->integer;
	if (number->text.n >= sizeof small)
		text = xmalloc(number->text.n + 1);
	memcpy(text, number->text.p, number->text.n);
	text[number->text.n] = '\0';
	double v = strtod(text, NULL);
	if (text != small)
		free(text);
	return v;
}

static const char *digits(const char *p, const char *end)
{
	while (p < end && is_digit(*p))
		p++;
	return p;
}

/* [from,to) are digits; counted downwards, as INT64_MIN has no positive twin. */
static int integer_of(const char *from, const char *to, bool negative, int64_t *ret)
{
	int64_t v = 0;
	if (to - from <= 18) {
		for (const char *p = from; p < to; p++)
			v = v * 10 + (*p - '0');
		*ret = negative ? -v : v;
		return 0;
	}
	for (const char *p = from; p < to; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *p - '0', &v))
			return -1;
	if (!negative && v == INT64_MIN)
		return -1;
	*ret = negative ? v : -v;
	return 0;
}

int json_in_number(struct json_in *in, struct json_in_number *ret)
{
	enum { SAFE_DIGITS = 300 }; /* before the point; a double holds 308 */
	const char *from = in->at, *end = in->end, *p = from + (*from == '-'), *first = p;
	if (p == end || !is_digit(*p)) {
		in->at = p;
		return json_in_fail(in, "invalid number");
	}
	p = *p == '0' ? p + 1 : digits(p, end);
	*ret = (struct json_in_number){.whole = true};
	if (p == end || (*p != '.' && *p != 'e' && *p != 'E')) {
		if (integer_of(first, p, first > from, &ret->integer))
			return json_in_fail(in, "whole number beyond 64 bits");
		ret->text = (struct str){from, (size_t)(p - from)};
		in->at = p;
		return 0;
	}
	bool large = p - first > SAFE_DIGITS;
	ret->whole = false;
	for (int part = 0; part < 2; part++) { /* fraction, exponent */
		if (p == end || (part == 0 ? *p != '.' : *p != 'e' && *p != 'E'))
			continue;
		p++;
		if (part == 1) {
			large = true;
			p += p < end && (*p == '+' || *p == '-');
		}
		if (p == end || !is_digit(*p)) {
			in->at = p;
			return json_in_fail(in, "invalid number");
		}
		p = digits(p, end);
	}
	ret->text = (struct str){from, (size_t)(p - from)};
	if (large && isinf(json_in_double(ret)))
		return json_in_fail(in, "number beyond a double");
	in->at = p;
	return 0;
}

/* ---- objects and lists ---- */

int json_in_open(struct json_in *in, char bracket)
{
	if (next(in) != bracket)
		return json_in_fail(in, bracket == '{' ? "expected an object" : "expected a list");
	if (in->depth == JSON_IN_DEPTH)
		return json_in_fail(in, "nested deeper than 32");
	in->depth++;
	in->at++;
	in->fresh = true;
	return 0;
}

/* Behind the comma; 1: something must follow, 0: it was the closing bracket. */
static inline int more(struct json_in *in, char closing)
{
	char c = next(in);
	if (c == closing) {
		in->at++;
		in->depth--;
		in->fresh = false;
		return 0;
	}
	if (in->fresh) {
		in->fresh = false;
		return 1;
	}
	if (c != ',')
		return json_in_fail(in,
				    closing == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
	in->at++;
	return 1;
}

static int raw_key(struct json_in *in, struct str *ret, bool *ret_escaped)
{
	int rc = more(in, '}');
	if (rc <= 0)
		return rc;
	if (next(in) != '"')
		return json_in_fail(in, "expected a key");
	if (json_in_scan(in, ret, ret_escaped))
		return -1;
	if (next(in) != ':')
		return json_in_fail(in, "expected ':'");
	in->at++;
	return 1;
}

int json_in_key_any(struct json_in *in, struct str *ret_key)
{
	struct str key;
	bool escaped;
	int rc = raw_key(in, &key, &escaped);
	if (rc <= 0)
		return rc;
	if (escaped) {
		key = json_in_unescape(in, key);
		if (key.n && memchr(key.p, '\0', key.n))
			return json_in_fail(in, "U+0000 in a key");
	}
	*ret_key = key;
	return 1;
}

int json_in_item(struct json_in *in)
{
	return more(in, ']');
}

/* A scalar is passed; of a container only the bracket, and *ret_open says which. */
static int skip_one(struct json_in *in, char *ret_open)
{
	struct json_in_number number;
	struct str s;
	bool b;
	*ret_open = '\0';
	switch (json_in_kind(in)) {
	case KIND_NULL: return json_in_null(in);
	case KIND_BOOL: return json_in_bool(in, &b);
	case KIND_NUMBER: return json_in_number(in, &number);
	case KIND_STRING: return json_in_scan(in, &s, &b);
	case KIND_OBJECT: *ret_open = '{'; return json_in_open(in, '{');
	case KIND_LIST: *ret_open = '['; return json_in_open(in, '[');
	default: return json_in_fail(in, "expected a value");
	}
}

/* Is there an escaped U+0000 in this key, which was checked? */
static bool holds_nul(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] == '\\') {
			if (key.n - i >= 6 && memcmp(key.p + i, "\\u0000", 6) == 0)
				return true;
			i++;
		}
	return false;
}

int json_in_skip(struct json_in *in)
{
	char open[JSON_IN_DEPTH + 1], bracket;
	int n = 0;
	do {
		if (n) {
			struct str key;
			bool escaped = false;
			int rc =
			    open[n - 1] == '{' ? raw_key(in, &key, &escaped) : json_in_item(in);
			if (rc < 0)
				return -1;
			if (rc == 0) {
				n--;
				continue;
			}
			if (escaped && holds_nul(key))
				return json_in_fail(in, "U+0000 in a key");
		}
		if (skip_one(in, &bracket))
			return -1;
		if (bracket)
			open[n++] = bracket;
	} while (n);
	return 0;
}

int json_in_end(struct json_in *in)
{
	skip_space(in);
	return in->at == in->end ? 0 : json_in_fail(in, "something behind the end");
}
