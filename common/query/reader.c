#include <stdio.h>
#include <string.h>

#include "common/query/reader.h"

enum { BEFORE = 100, SHOWN = 180, QUERY_BYTES = 1024 * 1024 };

/* The line with text[at], cut so that all fits a struct error, and a caret under it. */
static int fail(struct reader *r, size_t at, const char *message)
{
	struct str before = str_sub(r->text, 0, at);
	size_t begin = at, number = 1;
	while (begin > 0 && r->text.p[begin - 1] != '\n')
		begin--;
	for (size_t i = 0; i < begin; i++)
		number += r->text.p[i] == '\n';
	size_t column = utf8_count(str_sub(r->text, begin, at)) + 1;
	size_t from = before.n - begin > BEFORE ? before.n - BEFORE : begin;
	while (from < before.n && ((unsigned char)r->text.p[from] & 0xC0) == 0x80)
		from++;
	struct str line = str_sub(r->text, from, str_find(r->text, '\n', from));
	char shown[SHOWN + 1];
	line = utf8_cut(line, SHOWN);
	for (size_t i = 0; i < line.n;
	     i++) /* a terminal shall not obey it, and the caret must fit */
		shown[i] = (unsigned char)line.p[i] < 0x20 || line.p[i] == 0x7f ? ' ' : line.p[i];
	shown[line.n] = '\0';
	int indent = (int)utf8_count(str_sub(r->text, from, at));
	return error_set(r->err, "%s:%zu:%zu: %s\n%s\n%*s^", r->name, number, column, message,
			 shown, indent, "");
}

int reader_fail(struct reader *r, size_t at, const char *expected, size_t found_n)
{
	char message[200], what[64];
	struct str found = utf8_cut(str_sub(r->text, at, at + found_n), 40);
	found = str_sub(found, 0, str_find(found, '\n', 0));
	if (found_n)
		(void)snprintf(what, sizeof what, "\"%.*s\"", STR_ARG(found));
	else
		(void)snprintf(what, sizeof what, "%s", at < r->text.n ? "nothing" : "the end");
	(void)snprintf(message, sizeof message, "expected %s, found %s", expected, what);
	return fail(r, at, message);
}

int reader_refuse(struct reader *r, size_t at, const char *reason)
{
	return fail(r, at, reason);
}

int reader_check(struct reader *r)
{
	size_t at = 0, next = 0;
	bool control = false, broken = false;
	while (at < r->text.n && at < QUERY_BYTES && !control && !broken) {
		unsigned char c = (unsigned char)r->text.p[at];
		next = at;
		control = (c < 0x20 && !strchr("\t\n\v\f\r", c)) || c == 0;
		broken = utf8_next(r->text, &next) == 0xfffd &&
			 !str_starts(str_sub(r->text, at, r->text.n), "\xef\xbf\xbd");
		at = control || broken ? at : next;
	}
	if (at == r->text.n)
		return 0;
	r->text.n = at; /* what is shown of it */
	return reader_refuse(r, at,
			     broken    ? "expected UTF-8 text"
			     : control ? "expected no control character"
				       : "longer than 1 MiB");
}

int reader_terms(struct reader *r, size_t at, size_t n)
{
	enum { MOST = 100000 };
	r->n_terms += n;
	return r->n_terms > MOST ? reader_refuse(r, at, "more than 100,000 terms in one query") : 0;
}

int reader_english(struct reader *r, struct str word)
{
	static const char *const words[][2] = {{"UND", "AND"}, {"ODER", "OR"}, {"NICHT", "NOT"}};
	char message[80];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!str_is(word, words[i][0]))
			continue;
		(void)snprintf(message, sizeof message,
			       "operators are English: write %s (or \"%s\" for the word)",
			       words[i][1], words[i][0]);
		return reader_refuse(r, r->pos, message);
	}
	return 0;
}

bool reader_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A blank of any kind at text[at]: its bytes, or 0. */
static size_t blank(struct str text, size_t at)
{
	if (at >= text.n)
		return 0;
	if (reader_space(text.p[at]) || text.p[at] == '\f' || text.p[at] == '\v')
		return 1;
	if ((unsigned char)text.p[at] < 0xc2)
		return 0;
	size_t end = at;
	unsigned cp = utf8_next(text, &end);
	bool is = cp == 0x85 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
		  cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
	return is ? end - at : 0;
}

int reader_skip(struct reader *r)
{
	for (;;) {
		size_t n = blank(r->text, r->pos);
		struct str rest = str_sub(r->text, r->pos, r->text.n);
		if (n) {
			r->pos += n;
		} else if (str_starts(rest, "/*")) {
			size_t end = str_find_str(str_sub(rest, 2, rest.n), STR("*/"));
			if (end + 2 == rest.n)
				return reader_fail(r, r->pos, "\"*/\" at the end of the comment",
						   2);
			r->pos += end + 4;
		} else {
			return 0;
		}
	}
}

size_t reader_quote(struct str text, size_t at, const char **ret_close)
{
	static const struct {
		const char *open, *close;
	} marks[] = {
	    {"\"", "\"\0"},
	    {"\u201e", "\u201c\0\u201d\0\"\0"}, /* German, low; often closed by a plain one */
	    {"\u201c", "\u201d\0"},
	    {"\u00bb", "\u00ab\0"},
	    {"\u00ab", "\u00bb\0"},
	};
	struct str rest = str_sub(text, at, text.n);
	if (!rest.n || !strchr("\"\xc2\xe2", rest.p[0])) /* as all marks begin */
		return 0;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (!str_starts(rest, marks[i].open))
			continue;
		*ret_close = marks[i].close;
		return strlen(marks[i].open);
	}
	/* one that only closes is none to begin with, but ends a word */
	if (str_starts(rest, "\u201d")) {
		*ret_close = NULL;
		return 3;
	}
	return 0;
}

struct str reader_word(const struct reader *r)
{
	size_t end = r->pos;
	const char *close;
	while (end < r->text.n && !blank(r->text, end) && !strchr("(){}", r->text.p[end]) &&
	       !reader_quote(r->text, end, &close) &&
	       !(r->text.p[end] == '/' && end + 1 < r->text.n && r->text.p[end + 1] == '*'))
		end++;
	return str_sub(r->text, r->pos, end);
}

int reader_quoted(struct reader *r, struct str *ret)
{
	const char *close = NULL;
	size_t begin = r->pos, open = reader_quote(r->text, begin, &close);
	if (!close)
		return reader_refuse(r, begin, "this quotation mark closes, but none was opened");
	for (size_t end = begin + open; end < r->text.n; end++) {
		struct str rest = str_sub(r->text, end, r->text.n);
		for (const char *mark = close; *mark; mark += strlen(mark) + 1) {
			if (!str_starts(rest, mark))
				continue;
			*ret = str_sub(r->text, begin + open, end);
			r->pos = end + strlen(mark);
			return 0;
		}
	}
	return reader_refuse(r, begin,
			     "expected a closing quotation mark for this one, found none");
}
