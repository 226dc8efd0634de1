#include "common/bytes.h"
#include "common/json_out.h"

char *json_out_escape(char *to, char c)
{
	static const char hex[] = "0123456789abcdef";
	*to++ = '\\';
	switch (c) {
	case '\n': *to++ = 'n'; return to;
	case '\r': *to++ = 'r'; return to;
	case '\t': *to++ = 't'; return to;
	case '"':
	case '\\': *to++ = c; return to;
	default:
		to = JSON_OUT_LIT(to, "u00");
		*to++ = hex[(unsigned char)c / 16];
		*to++ = hex[(unsigned char)c % 16];
		return to;
	}
}

char *json_out_str(char *to, struct str s)
{
	if (!s.p)
		return JSON_OUT_LIT(to, "null");
	*to++ = '"';
	for (;;) {
		size_t plain = bytes_unescaped(s.p, s.n);
		to = bytes_copy(to, s.p, plain);
		if (plain == s.n)
			break;
		to = json_out_escape(to, s.p[plain]);
		s = (struct str){s.p + plain + 1, s.n - plain - 1};
	}
	*to++ = '"';
	return to;
}

static char *two_digits(char *to, unsigned v)
{
	to[0] = (char)('0' + v / 10);
	to[1] = (char)('0' + v % 10);
	return to + 2;
}

char *json_out_int(char *to, int64_t v)
{
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char digits[JSON_OUT_INT], *from = digits + sizeof digits;
	if (v < 0)
		*to++ = '-';
	if (size < 10000) { /* offsets and weights */
		unsigned small = (unsigned)size, high = small / 100;
		if (small < 10) {
			*to = (char)('0' + small);
			return to + 1;
		}
		if (high >= 10)
			to = two_digits(to, high);
		else if (high)
			*to++ = (char)('0' + high);
		return two_digits(to, small % 100);
	}
	do
		*--from = (char)('0' + size % 10);
	while (size /= 10);
	return bytes_copy(to, from, (size_t)(digits + sizeof digits - from));
}
