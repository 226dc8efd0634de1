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
	for (size_t i = 0;; i++) {
		size_t plain = bytes_unescaped(s.p + i, s.n - i);
		memcpy(to, s.p + i, plain);
		to += plain;
		i += plain;
		if (i == s.n)
			break;
		to = json_out_escape(to, s.p[i]);
	}
	*to++ = '"';
	return to;
}

char *json_out_int(char *to, int64_t v)
{
	char digits[JSON_OUT_INT], *from = digits + sizeof digits;
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		*--from = (char)('0' + size % 10);
	while (size /= 10);
	if (v < 0)
		*--from = '-';
	size_t n = (size_t)(digits + sizeof digits - from);
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
	return to + n;
}
