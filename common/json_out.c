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

const char json_out_digits[200] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293"
    "949596979899";

char *json_out_any(char *to, struct str s)
{
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

char *json_out_large(char *to, int64_t v)
{
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char digits[JSON_OUT_INT], *from = digits + sizeof digits;
	if (v < 0)
		*to++ = '-';
	do
		*--from = (char)('0' + size % 10);
	while (size /= 10);
	return bytes_copy(to, from, (size_t)(digits + sizeof digits - from));
}
