/*
 * Detection works on the first bytes only; conversion is iconv's, in steps, with every byte it
 * refuses replaced.  UTF-8 itself is checked here, since iconv stops at what we want to repair.
 */
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>

#include "common/mem.h"

#include "ingest/charset.h"

enum { HEAD_BYTES = 1024 };

/* Labels as browsers read them, where iconv would read something else. */
static const struct {
	const char *label, *name;
} labels[] = {
    {"utf8", "utf-8"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"us-ascii", "windows-1252"},
    {"ascii", "windows-1252"},
    {"ansi_x3.4-1968", "windows-1252"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"l1", "windows-1252"},
    {"cp1252", "windows-1252"},
    {"x-cp1252", "windows-1252"},
    {"cp1251", "windows-1251"},
    {"x-cp1251", "windows-1251"},
    {"iso-8859-9", "windows-1254"},
    {"latin5", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"shift_jis", "cp932"},
    {"shift-jis", "cp932"},
    {"sjis", "cp932"},
    {"x-sjis", "cp932"},
    {"ks_c_5601-1987", "cp949"},
    {"euc-kr", "cp949"},
    {"big5", "big5-hkscs"},
    {"utf_16", "utf-16"},
    {"utf16", "utf-16"},
    {"u16", "utf-16"},
    {"utf_32", "utf-32"},
    {"utf32", "utf-32"},
    {"u32", "utf-32"},
    {"utf-16-le", "utf-16le"},
    {"utf-16-be", "utf-16be"},
    {"utf_16_le", "utf-16le"},
    {"utf_16_be", "utf-16be"},
    {"utf_32_le", "utf-32le"},
    {"utf_32_be", "utf-32be"},
};

/* First bytes of a text, with or without a byte order mark.  The longer ones first. */
static const struct {
	const char *bytes;
	size_t n, skip;
	const char *name;
} starts[] = {
    {"\0\0\xfe\xff", 4, 4, "utf-32be"}, {"\xff\xfe\0\0", 4, 4, "utf-32le"},
    {"\xef\xbb\xbf", 3, 3, "utf-8"},    {"\xfe\xff", 2, 2, "utf-16be"},
    {"\xff\xfe", 2, 2, "utf-16le"},     {"\0\0\0<", 4, 0, "utf-32be"},
    {"<\0\0\0", 4, 0, "utf-32le"},      {"\0<\0", 3, 0, "utf-16be"},
    {"<\0", 2, 0, "utf-16le"},          {"\x4c\x6f\xa7\x94", 4, 0, "ebcdic-us"},
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void canonical(struct str label, char out[32])
{
	label = str_trim(label);
	out[0] = '\0';
	if (label.n == 0 || label.n > 31)
		return;
	for (size_t i = 0; i < label.n; i++)
		out[i] = lower(label.p[i]);
	out[label.n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (strcmp(out, labels[i].label) == 0) {
			(void)snprintf(out, 32, "%s", labels[i].name); /* both fit */
			return;
		}
}

/* Value behind `key` and '=': quoted or bare. */
static struct str parameter(struct str s, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i + n < s.n; i++) {
		if (!str_ieq(str_sub(s, i, i + n), key))
			continue;
		size_t at = i + n;
		while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\n'))
			at++;
		if (at == s.n || s.p[at] != '=')
			continue;
		do
			at++;
		while (at < s.n && s.p[at] == ' ');
		char quote = at < s.n ? s.p[at] : ' ';
		if (quote == '"' || quote == '\'')
			return str_sub(s, at + 1, str_find(s, quote, at + 1));
		size_t end = at;
		while (end < s.n && !strchr(" ;,\"'>/?\t\r\n", s.p[end]))
			end++;
		return str_sub(s, at, end);
	}
	return STR_NULL;
}

struct str charset_of_header(struct str content_type)
{
	size_t semicolon = str_find(content_type, ';', 0);
	return parameter(str_sub(content_type, semicolon, content_type.n), "charset");
}

/* What the text says of itself, if it is ASCII so far. */
static struct str declared(struct str bytes)
{
	struct str head = str_sub(bytes, 0, HEAD_BYTES);
	struct str start = str_trim(head);
	if (str_starts(start, "<?xml")) {
		size_t end = str_find(start, '>', 0);
		return parameter(str_sub(start, 0, end), "encoding");
	}
	size_t meta = str_find_str(head, STR("<meta"));
	return meta < head.n ? parameter(str_sub(head, meta, head.n), "charset") : STR_NULL;
}

static bool is_wide(const char *name)
{
	return strncmp(name, "utf-16", 6) == 0 || strncmp(name, "utf-32", 6) == 0 ||
	       strncmp(name, "ucs-", 4) == 0 || strncmp(name, "iso-10646", 9) == 0;
}

static bool is_single(const char *name)
{
	return strncmp(name, "windows-12", 10) == 0 || strncmp(name, "iso-8859", 8) == 0;
}

/* Counts what a text read as UTF-8 would hold. */
static void survey(struct str s, size_t *ret_beyond_ascii, size_t *ret_bad)
{
	size_t beyond = 0, bad = 0;
	for (size_t pos = 0; pos < s.n;) {
		if ((unsigned char)s.p[pos] < 0x80) {
			pos++;
			continue;
		}
		size_t from = pos;
		if (utf8_next(s, &pos) == 0xfffd && !(pos - from == 3 && s.p[from] == '\xef'))
			bad++;
		else
			beyond++;
	}
	*ret_beyond_ascii = beyond;
	*ret_bad = bad;
}

static bool known(const char *name)
{
	iconv_t cd = iconv_open("utf-8", name);
	if (cd == (iconv_t)-1)
		return false;
	(void)iconv_close(cd); /* nothing to lose */
	return true;
}

/* Decides; *ret_skip is the length of a byte order mark. */
static void detect(struct str bytes, struct str content_type, struct charset *ret, size_t *ret_skip)
{
	char http[32], own[32], *name = ret->name;
	size_t beyond = 0, bad = 0;
	*ret_skip = 0;
	canonical(charset_of_header(content_type), http);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (bytes.n >= starts[i].n && memcmp(bytes.p, starts[i].bytes, starts[i].n) == 0) {
			*ret_skip = starts[i].skip;
			(void)snprintf(name, sizeof ret->name, "%s", starts[i].name);
			if (strcmp(name, "ebcdic-us") == 0 && http[0] && known(http))
				(void)snprintf(name, sizeof ret->name, "%s", http);
			return;
		}
	canonical(declared(bytes), own);
	survey(bytes, &beyond, &bad);
	bool utf8 = bad == 0 && beyond > 0;
	const char *candidates[] = {http, own};
	for (size_t i = 0; i < 2; i++) {
		const char *c = candidates[i];
		if (!c[0])
			continue;
		if (!known(c) || (is_wide(c) && !memchr(bytes.p, 0, bytes.n))) {
			ret->wrong = true;
			continue;
		}
		if (utf8 && is_single(c)) {
			ret->wrong = true;
			continue;
		}
		if (strcmp(c, "utf-8") == 0 && bad) {
			ret->wrong = true;
			if (beyond == 0) /* not one letter of it is UTF-8 */
				continue;
		}
		if (strcmp(c, "windows-1252") == 0 && bad == 0 && beyond == 0 && own[0] &&
		    strcmp(own, "utf-8") == 0 && i == 0)
			continue; /* ASCII: either will do */
		(void)snprintf(name, sizeof ret->name, "%s", c);
		return;
	}
	(void)snprintf(name, sizeof ret->name, "%s",
		       bad == 0 || beyond > bad ? "utf-8" : "windows-1252");
}

/* Appends, without control characters and with what is broken replaced. */
static int add_clean(struct buf *out, struct str s, size_t *repaired)
{
	size_t from = 0;
	for (size_t pos = 0; pos < s.n;) {
		unsigned char c = (unsigned char)s.p[pos];
		size_t at = pos;
		unsigned cp = c;
		if (c < 0x80)
			pos++;
		else
			cp = utf8_next(s, &pos);
		bool control = (cp < 32 && cp != '\t' && cp != '\n' && cp != '\r') ||
			       cp == 0xfffe || cp == 0xffff;
		bool broken = cp == 0xfffd && !(pos - at == 3 && c == 0xef &&
						s.p[at + 1] == '\xbf' && s.p[at + 2] == '\xbd');
		if (!control && !broken)
			continue;
		++*repaired;
		if (buf_add(out, s.p + from, at - from) || (broken && buf_z(out, "\xef\xbf\xbd")))
			return -1;
		from = pos;
	}
	return buf_add(out, s.p + from, s.n - from);
}

static int convert(struct str bytes, const char *name, struct buf *out, size_t *repaired)
{
	iconv_t cd = iconv_open("utf-8", name);
	must(cd != (iconv_t)-1); /* known() has opened it before */
	char *in = (char *)(uintptr_t)bytes.p, piece[4096];
	size_t left = bytes.n;
	int result = 0;
	while (left && result == 0) {
		char *to = piece;
		size_t room = sizeof piece, n = iconv(cd, &in, &left, &to, &room);
		result = add_clean(out, (struct str){piece, (size_t)(to - piece)}, repaired);
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		++*repaired;
		in++;
		left--;
		if (buf_z(out, "\xef\xbf\xbd"))
			result = -1;
	}
	(void)iconv_close(cd); /* nothing to lose */
	return result;
}

int charset_to_utf8(struct str bytes, struct str content_type, struct buf *out, struct charset *ret,
		    struct error *err)
{
	size_t skip;
	*ret = (struct charset){0};
	detect(bytes, content_type, ret, &skip);
	bytes = str_sub(bytes, skip, bytes.n);
	int result = strcmp(ret->name, "utf-8") == 0
			 ? add_clean(out, bytes, &ret->repaired)
			 : convert(bytes, ret->name, out, &ret->repaired);
	if (result)
		return error_set(err, "could not decode text: more than %zu bytes as UTF-8",
				 out->limit_bytes);
	return 0;
}
