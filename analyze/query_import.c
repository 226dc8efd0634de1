/*
 * query_import.c: expressions of other products in our language.
 *
 * Both write terms, phrases, AND, OR, NOT and parentheses as we do.  What differs is rewritten token by token
 * from a table; what has no counterpart (countries, devices, demographics) is named and left out.  Brandwatch
 * counts the words between two others, we count their distance: NEAR/3 there is NEAR/4 here.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/query/query.h"

#include "analyze/query.h"
#include "analyze/query_posts.h"

const struct cli_option query_import_options[] = {
    {"from", "NAME", "brandwatch or talkwalker; default: brandwatch"}, {NULL, NULL, NULL}};

/* NAME: there is NAME here; "" : the value alone behind `mark`; NULL: not carried over. */
static const struct {
	const char *theirs, *ours, *mark;
} fields[] = {
    {"title", "title:", ""},         {"headline", "title:", ""},
    {"site", "site:", ""},           {"domainurl", "site:", ""},
    {"domain", "site:", ""},         {"url", "link:", ""},
    {"links", "link:", ""},          {"link", "link:", ""},
    {"author", "author:", ""},       {"authorname", "author:", ""},
    {"language", "lang:", ""},       {"lang", "lang:", ""},
    {"hashtags", "", "#"},           {"hashtag", "", "#"},
    {"at_mentions", "", "@"},        {"mentions", "", "@"},
    {"sentiment", "tonality:", ""},  {"authorfollowers", "followers:", ""},
    {"followers", "followers:", ""}, {"twitterfollowers", "followers:", ""},
    {"reach", "reach:", ""},         {"published", "created:", ""},
};

struct import {
	struct str text;
	size_t pos;
	bool brandwatch;
	struct buf out;
	size_t left; /* things left out */
};

static void left_out(struct import *im, struct str what, const char *why)
{
	fprintf(stderr, "left out: %.*s (%s)\n", STR_ARG(what), why);
	im->left++;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* To the end of a quoted text or a group behind pos, both marks included. */
static size_t closed(struct str s, size_t pos)
{
	char open = s.p[pos], close = open == '(' ? ')' : open == '{' ? '}' : open;
	size_t depth = 0;
	for (size_t i = pos; i < s.n; i++) {
		if (open != close && s.p[i] == open)
			depth++;
		else if (s.p[i] == close && (open != close ? --depth == 0 : i > pos))
			return i + 1;
	}
	return s.n;
}

static struct str bare(const struct import *im)
{
	size_t end = im->pos;
	while (end < im->text.n && !blank(im->text.p[end]) && !strchr("()\"{}", im->text.p[end]))
		end++;
	return str_sub(im->text, im->pos, end);
}

/* "a b c"~5: all within five words.  Two words are NEAR, more side by side NEAR one by one. */
static bool put_slop(struct import *im, struct str phrase)
{
	if (im->pos >= im->text.n || im->text.p[im->pos] != '~')
		return false;
	size_t end = im->pos + 1;
	while (end < im->text.n && isdigit((unsigned char)im->text.p[end]))
		end++;
	int64_t n = 0;
	if (num_int(str_sub(im->text, im->pos + 1, end), 1, 999, &n) != 0)
		return false;
	im->pos = end;
	struct str rest = str_trim(str_sub(phrase, 1, phrase.n - 1)), word;
	bool first = true;
	(void)buf_char(&im->out, '(');
	while (str_split(&rest, ' ', &word)) {
		if (!word.n)
			continue;
		if (!first)
			(void)buf_printf(&im->out, " NEAR/%lld ", (long long)n + im->brandwatch);
		(void)buf_str(&im->out, word);
		first = false;
	}
	(void)buf_char(&im->out, ')');
	return true;
}

/* The value behind a field: quoted, a group, or a word. */
static struct str value(struct import *im)
{
	size_t from = im->pos;
	if (from < im->text.n && strchr("\"({[", im->text.p[from])) {
		size_t end = im->text.p[from] == '[' ? str_find(im->text, ']', from) + 1
						     : closed(im->text, from);
		im->pos = end < im->text.n ? end : im->text.n;
	} else {
		im->pos += bare(im).n;
	}
	return str_sub(im->text, from, im->pos);
}

static void put_field(struct import *im, struct str word, size_t colon)
{
	struct str name = str_sub(word, 0, colon), all = {im->text.p + im->pos, 0};
	im->pos += colon + 1;
	struct str v = value(im);
	all.n = (size_t)(v.p + v.n - all.p);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!str_ieq(name, fields[i].theirs))
			continue;
		if (v.n && v.p[0] == '[') { /* authorFollowers:[100 TO 500] */
			size_t to = str_find_str(v, STR(" TO "));
			struct str low = str_trim(str_sub(v, 1, to));
			struct str high = str_trim(str_sub(v, to + 4, v.n - 1));
			(void)buf_printf(&im->out, "%s%.*s..%.*s", fields[i].ours, STR_ARG(low),
					 STR_ARG(high));
			return;
		}
		(void)buf_printf(&im->out, "%s%s%.*s", fields[i].ours, fields[i].mark, STR_ARG(v));
		return;
	}
	left_out(im, all, "there is no such field here");
	(void)buf_char(&im->out, '\1'); /* a hole, closed below */
}

static void put_word(struct import *im)
{
	struct str word = bare(im);
	size_t colon = str_find(word, ':', 0), slash = str_find(word, '/', 0);
	struct str name = str_sub(word, 0, slash);
	int64_t n;
	if (str_ieq(name, "near") && slash < word.n) {
		bool ordered = word.p[word.n - 1] == 'f';
		struct str number = str_sub(word, slash + 1, word.n - ordered);
		im->pos += word.n;
		if (num_int(number, 1, 999, &n) == 0) {
			(void)buf_printf(&im->out, "%sNEAR/%lld", ordered ? "O" : "",
					 (long long)n + im->brandwatch);
			return;
		}
		left_out(im, word, "expected a number of words");
		return;
	}
	if (word.n > 1 && word.p[0] == '-') {
		im->pos++;
		(void)buf_z(&im->out, "NOT ");
		return;
	}
	if (word.n > 1 && word.p[0] == '+') {
		im->pos++; /* AND is what stands side by side */
		return;
	}
	if (colon > 0 && colon < word.n && !str_starts(word, "http")) {
		put_field(im, word, colon);
		return;
	}
	im->pos += word.n;
	(void)buf_str(&im->out, word);
}

static void import(struct import *im)
{
	while (im->pos < im->text.n) {
		struct str rest = str_sub(im->text, im->pos, im->text.n);
		char c = rest.p[0];
		if (str_starts(rest, "<<<")) { /* Brandwatch's comments */
			size_t end = str_find_str(rest, STR(">>>"));
			(void)buf_printf(&im->out, "/*%.*s*/", STR_ARG(str_sub(rest, 3, end)));
			im->pos += end < rest.n ? end + 3 : rest.n;
		} else if (c == '"') {
			struct str phrase = str_sub(im->text, im->pos, closed(im->text, im->pos));
			im->pos += phrase.n;
			if (!put_slop(im, phrase))
				(void)buf_str(&im->out, phrase);
		} else if (c == '{') {
			struct str raw = str_sub(im->text, im->pos, closed(im->text, im->pos));
			im->pos += raw.n;
			(void)buf_str(&im->out, raw);
		} else if (blank(c) || strchr("()}", c)) {
			(void)buf_char(&im->out, c);
			im->pos++;
		} else {
			put_word(im);
		}
	}
}

/* A condition that was left out takes its operator along: "a AND \1" is "a". */
static void close_holes(struct buf *out)
{
	static const char *const before[] = {" AND NOT \1", " NOT \1", " AND \1", " OR \1", " \1"};
	static const char *const behind[] = {"\1 AND ", "\1 OR ", "\1 "};
	struct str s = buf_view(out);
	char *p = xstrndup(s.p ? s.p : "", s.n), *at;
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		while ((at = strstr(p, before[i])))
			memmove(at, at + strlen(before[i]), strlen(at + strlen(before[i])) + 1);
	for (size_t i = 0; i < ARRAY_LEN(behind); i++)
		while ((at = strstr(p, behind[i])))
			memmove(at, at + strlen(behind[i]), strlen(at + strlen(behind[i])) + 1);
	while ((at = strchr(p, '\1')))
		memmove(at, at + 1, strlen(at));
	buf_reset(out);
	(void)buf_z(out, p);
	free(p);
}

int query_import_main(const struct cli *cli)
{
	const char *from = cli_get(cli, "from");
	struct import im = {.brandwatch = !from || strcmp(from, "brandwatch") == 0};
	struct error err;
	int rc = 0;
	if (from && strcmp(from, "brandwatch") != 0 && strcmp(from, "talkwalker") != 0)
		return cli_usage(cli, "expected --from brandwatch or talkwalker, found \"%s\"",
				 from);
	if (cli->n_operands != 1)
		return cli_usage(cli, "expected one expression (in quotes), - or @FILE");
	char *text = query_operand(cli->operands[0], &rc);
	if (!text)
		return rc;
	im.text = str_of(text);
	buf_init(&im.out, 8 * MiB);
	import(&im);
	close_holes(&im.out);
	struct query_set *set = query_set_create();
	struct str ours = str_trim(buf_view(&im.out));
	if (query_set_add(set, "query", ours, NULL, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		rc = EX_DATAERR;
	} else if (printf("%.*s\n", STR_ARG(ours)) < 0 || fflush(stdout) != 0) {
		rc = EX_IOERR;
	}
	query_set_free(set);
	buf_done(&im.out);
	free(text);
	return rc;
}
