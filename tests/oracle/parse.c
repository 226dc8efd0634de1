/*
 * From the text of a query to a tree, or a reason to refuse it (QUERY.md sections 2-4, 6, 7).
 *
 * First the query is cut into lexemes (bare runs, quoted, braced, parentheses), then a recursive descent:
 *   or: and {OR and}    and: not {[AND] not}    not: {NOT} near    near: prim {NEAR/n prim | ...}
 *   prim: ( or ) | term | name:value | zone:prim | ATLEAST/n prim
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/oracle.h"
#include "tests/oracle/inner.h"

enum lex_kind { L_END, L_OPEN, L_CLOSE, L_BARE, L_QUOTED, L_RAW };

struct lex {
	enum lex_kind kind;
	bool glued; /* nothing stands between it and the one before */
	const char *text;
	size_t n;
};

struct parser {
	struct pool *pool;
	struct lex *lex;
	size_t n_lex, at;
	int depth;
	size_t n_terms;
	bool in_zone;
	char *why;
	size_t room;
	jmp_buf out;
};

#define DEPTH_MAX 200
#define TERMS_MAX 100000
#define BYTES_MAX 1048576

static _Noreturn void refuse(struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (parser->room > 0)
		vsnprintf(parser->why, parser->room, format, args);
	va_end(args);
	longjmp(parser->out, 1);
}

/* ---- lexemes ---- */

/* Does cp close what `open` opened? */
static bool closes(uint32_t open, uint32_t cp)
{
	switch (open) {
	case '"': return cp == '"';
	case 0x201E: /* „…“ and „…” */ return cp == 0x201C || cp == 0x201D;
	case 0x201C: /* “…” */ return cp == 0x201D;
	case 0xBB: /* »…« */ return cp == 0xAB;
	case 0xAB: /* «…» */ return cp == 0xBB;
	default: return false;
	}
}

static void lex_all(struct parser *parser, const char *query, size_t n)
{
	size_t i = 0, took;
	uint32_t cp, open;
	bool glued = false;

	parser->lex = pool_get(parser->pool, (n + 2) * sizeof(*parser->lex));
	while (i < n) {
		struct lex *lex = &parser->lex[parser->n_lex];

		took = cp_at(query + i, n - i, &cp);
		if (took == 0 || cp == 0)
			refuse(parser, "the query is not valid UTF-8");
		lex->glued = glued;
		glued = true;
		if (is_space(cp)) {
			i += took;
			glued = false;
		} else if (cp == '/' && i + 1 < n && query[i + 1] == '*') {
			const char *end = memmem(query + i + 2, n - i - 2, "*/", 2);

			if (end == NULL)
				refuse(parser, "comment left open");
			i = (size_t)(end - query) + 2;
			glued = false;
		} else if (cp == '(' || cp == ')') {
			lex->kind = cp == '(' ? L_OPEN : L_CLOSE;
			parser->n_lex++;
			i += took;
		} else if (cp == '{') {
			const char *end = memchr(query + i + 1, '}', n - i - 1);

			if (end == NULL)
				refuse(parser, "brace left open");
			lex->kind = L_RAW;
			lex->text = query + i + 1;
			lex->n = (size_t)(end - lex->text);
			parser->n_lex++;
			i = (size_t)(end - query) + 1;
		} else if (cp == '}') {
			refuse(parser, "brace closed that was not opened");
		} else if (is_quotation(cp)) {
			open = cp;
			i += took;
			lex->kind = L_QUOTED;
			lex->text = query + i;
			for (;;) {
				if (i >= n)
					refuse(parser, "quotation mark left open");
				took = cp_at(query + i, n - i, &cp);
				if (took == 0 || cp == 0)
					refuse(parser, "the query is not valid UTF-8");
				if (closes(open, cp))
					break;
				i += took;
			}
			lex->n = (size_t)(query + i - lex->text);
			i += took;
			parser->n_lex++;
		} else {
			lex->kind = L_BARE;
			lex->text = query + i;
			while (i < n) {
				took = cp_at(query + i, n - i, &cp);
				if (took == 0 || cp == 0)
					refuse(parser, "the query is not valid UTF-8");
				if (is_space(cp) || is_quotation(cp) ||
				    strchr("(){}", (int)(cp < 0x80 ? cp : 'x')) != NULL ||
				    (cp == '/' && i + 1 < n && query[i + 1] == '*'))
					break;
				i += took;
			}
			lex->n = (size_t)(query + i - lex->text);
			parser->n_lex++;
		}
	}
	parser->lex[parser->n_lex].kind = L_END;
}

static struct lex *peek(struct parser *parser)
{
	return &parser->lex[parser->at];
}

static bool bare_is(const struct lex *lex, const char *word)
{
	return lex->kind == L_BARE && lex->n == strlen(word) &&
	       memcmp(lex->text, word, lex->n) == 0;
}

static bool bare_begins(const struct lex *lex, const char *word)
{
	return lex->kind == L_BARE && lex->n >= strlen(word) &&
	       memcmp(lex->text, word, strlen(word)) == 0;
}

static bool is_operator(const struct lex *lex)
{
	return bare_is(lex, "AND") || bare_is(lex, "OR") || bare_is(lex, "NOT") ||
	       bare_is(lex, "SENTENCE") || bare_is(lex, "NEAR") || bare_is(lex, "ONEAR") ||
	       bare_begins(lex, "NEAR/") || bare_begins(lex, "ONEAR/");
}

/* ---- nodes ---- */

static struct node *node_new(struct parser *parser, enum node_kind kind)
{
	struct node *node = pool_get(parser->pool, sizeof(*node));

	node->kind = kind;
	return node;
}

static void node_add(struct parser *parser, struct node *node, struct node *kid)
{
	if ((node->n_kids & (node->n_kids - 1)) == 0) /* full at every power of two */
		node->kids = pool_grow(parser->pool, node->kids, node->n_kids * sizeof(*node->kids),
				       (2 * node->n_kids + 1) * sizeof(*node->kids));
	node->kids[node->n_kids++] = kid;
}

static struct node *term_new(struct parser *parser, enum term_kind term)
{
	struct node *node = node_new(parser, N_TERM);

	if (++parser->n_terms > TERMS_MAX)
		refuse(parser, "more than 100,000 terms");
	node->term = term;
	return node;
}

/* ---- terms ---- */

static bool holds_letter(const char *text)
{
	uint32_t cp;
	size_t took, n = strlen(text);

	for (size_t i = 0; (took = cp_at(text + i, n - i, &cp)) > 0; i += took)
		if (is_letter(cp) || is_digit(cp))
			return true;
	return false;
}

static struct node *row_term(struct parser *parser, const char *text, size_t n, bool quoted)
{
	struct node *node = term_new(parser, T_ROW);
	struct words *words = words_cut(parser->pool, text, n, NULL, false, true);
	bool real = false;

	node->pieces = pool_get(parser->pool, (words->n_tokens + 1) * sizeof(*node->pieces));
	for (size_t i = 0; i < words->n_tokens; i++) {
		const struct token *token = &words->tokens[i];
		struct piece *piece = &node->pieces[node->n_pieces++];

		if (token->kind == K_URL)
			refuse(parser, "a URL is found by link: only");
		piece->kind = token->kind;
		piece->written = token->written;
		piece->folded = token->folded;
		piece->host = token->host;
		piece->host_folded = token->host_folded;
		if (token->kind == K_EMOJI) {
			real = true;
		} else {
			piece->pattern =
			    strpbrk(token->written, "*?") != NULL ||
			    (token->host != NULL && strpbrk(token->host, "*?") != NULL);
			piece->any = token->kind == K_WORD &&
				     strspn(token->written, "*") == strlen(token->written);
			real = real || holds_letter(token->written);
		}
		if (!quoted && i + 1 < words->n_tokens &&
		    words->tokens[i + 1].from == token->to + 1) {
			const struct item *between = &words->items[token->to];

			piece->joins =
			    !between->emoji && !between->gap &&
			    (between->cp == '-' || between->cp == 0x2010 || between->cp == 0x2011);
		}
	}
	if (!real)
		refuse(parser, "a term without a letter, digit or emoji");
	return node;
}

static struct node *raw_term(struct parser *parser, const char *text, size_t n)
{
	struct node *node = term_new(parser, T_RAW);
	struct words *words;
	char *whole;
	bool real = false;

	while (n > 0 && isspace((unsigned char)text[0])) {
		text++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	words = words_cut(parser->pool, text, n, NULL, false, false);
	whole = pool_get(parser->pool, 5 * n + 1);
	for (size_t i = 0; i < words->n_items; i++) {
		const struct item *item = &words->items[i];

		real = real || item->emoji || is_letter(item->cp) || is_digit(item->cp);
		strcat(whole, item->raw);
	}
	if (!real)
		refuse(parser, "a term without a letter, digit or emoji");
	node->raw = pool_get(parser->pool, sizeof(*node->raw));
	node->raw[0] = decompose(parser->pool, whole);
	node->n_raw = 1;
	return node;
}

/* The one word, hyphens allowed, of part:, stem: and loose:. */
static struct node *special_term(struct parser *parser, enum term_kind kind, const char *text,
				 size_t n)
{
	struct node *node;

	if (n > 0 && text[0] == '-')
		refuse(parser, "a leading hyphen: use NOT");
	node = row_term(parser, text, n, false);
	node->term = kind;
	for (size_t i = 0; i < node->n_pieces; i++) {
		if (node->pieces[i].kind != K_WORD || node->pieces[i].pattern)
			refuse(parser, "expected one plain word");
		if (i + 1 < node->n_pieces && !node->pieces[i].joins)
			refuse(parser, "expected one word");
	}
	return node;
}

static struct node *special_group(struct parser *parser, enum term_kind kind)
{
	struct node *group = node_new(parser, N_OR);

	if (++parser->depth > DEPTH_MAX)
		refuse(parser, "nesting deeper than 200");
	parser->at++; /* ( */
	for (;;) {
		struct lex *lex = peek(parser);

		if (lex->kind == L_OPEN) {
			node_add(parser, group, special_group(parser, kind));
		} else if (lex->kind == L_BARE && !is_operator(lex) &&
			   !bare_begins(lex, "ATLEAST/") &&
			   memchr(lex->text, ':', lex->n) == NULL && !bare_is(lex, "UND") &&
			   !bare_is(lex, "ODER") && !bare_is(lex, "NICHT")) {
			node_add(parser, group, special_term(parser, kind, lex->text, lex->n));
			parser->at++;
		} else if (lex->kind == L_BARE && !is_operator(lex) &&
			   memchr(lex->text, ':', lex->n) != NULL) {
			/* Kund:innen; anything else with a colon gives two pieces and is refused there */
			node_add(parser, group, special_term(parser, kind, lex->text, lex->n));
			parser->at++;
		} else {
			refuse(parser, "expected a word in the group");
		}
		lex = peek(parser);
		if (lex->kind == L_CLOSE)
			break;
		if (!bare_is(lex, "OR"))
			refuse(parser, "expected OR or )");
		parser->at++;
	}
	parser->at++;
	parser->depth--;
	group->parens = true;
	return group;
}

static struct node *link_term(struct parser *parser, const char *text, size_t n)
{
	struct node *node = term_new(parser, T_LINK);
	char *all = pool_text(parser->pool, text, n), *slash, *scheme;

	if ((scheme = strstr(all, "://")) != NULL)
		all = scheme + 3;
	slash = strchr(all, '/');
	if (slash != NULL) {
		node->link_path = pool_text(parser->pool, slash, strlen(slash));
		*slash = '\0';
	}
	node->link_host = lower(parser->pool, all);
	if (!holds_letter(all))
		refuse(parser, "expected a host after link:");
	for (const char *c = all; *c != '\0'; c++)
		if (strchr("*?: @", *c) != NULL)
			refuse(parser, "expected a host after link:");
	return node;
}

/* ---- times ---- */

static int64_t days_from_civil(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static int month_days(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0) ? 29 : days[m - 1];
}

/* Seconds UTC of 01:00 UTC on the last Sunday of a month of 31 days. */
static int64_t last_sunday(int y, int m)
{
	int64_t day = days_from_civil(y, m, 31);
	int64_t weekday = ((day % 7) + 7 + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */

	return (day - weekday) * 86400 + 3600;
}

/* Local seconds in Europe/Berlin to UTC; the first of two in autumn. */
static int64_t berlin(int y, int64_t local)
{
	int64_t summer = local - 7200;

	return summer >= last_sunday(y, 3) && summer < last_sunday(y, 10) ? summer : local - 3600;
}

static bool digits(const char **at, int n, int *ret)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		v = 10 * v + (**at - '0');
	}
	*ret = v;
	return true;
}

/* 1 day, 2 minute, 3 instant, 0 none of them. */
static int read_time(const char *text, int64_t *ret_from, int64_t *ret_to)
{
	const char *at = text;
	int y, m, d, h, min, s, oh, om, ms = 0;
	int64_t day;

	if (!digits(&at, 4, &y) || *at++ != '-' || !digits(&at, 2, &m) || *at++ != '-' ||
	    !digits(&at, 2, &d) || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return 0;
	day = days_from_civil(y, m, d);
	if (*at == '\0') {
		int64_t next = (day + 1) * 86400;

		*ret_from = 1000 * berlin(y, day * 86400);
		*ret_to = 1000 * berlin(y, next);
		return 1;
	}
	if (*at++ != 'T' || !digits(&at, 2, &h) || *at++ != ':' || !digits(&at, 2, &min) ||
	    h > 23 || min > 59)
		return 0;
	if (*at == '\0') {
		*ret_from = 1000 * berlin(y, day * 86400 + h * 3600 + min * 60);
		*ret_to = *ret_from + 60000;
		return 2;
	}
	if (*at++ != ':' || !digits(&at, 2, &s) || s > 60)
		return 0;
	if (*at == '.') {
		int scale = 100;

		at++;
		if (*at < '0' || *at > '9')
			return 0;
		for (; *at >= '0' && *at <= '9'; at++, scale /= 10)
			ms += (*at - '0') * scale;
	}
	*ret_from = 1000 * (day * 86400 + h * 3600 + min * 60 + s) + ms;
	if (strcmp(at, "Z") != 0) {
		int sign = *at == '-' ? -1 : 1;

		if (*at != '+' && *at != '-')
			return 0;
		at++;
		if (!digits(&at, 2, &oh) || *at++ != ':' || !digits(&at, 2, &om) || *at != '\0' ||
		    oh > 23 || om > 59)
			return 0;
		*ret_from -= sign * 1000 * (int64_t)(oh * 3600 + om * 60);
	}
	*ret_to = *ret_from + 1;
	return 3;
}

bool time_instant(const char *text, int64_t *ret_ms)
{
	int64_t to;

	return read_time(text, ret_ms, &to) == 3;
}

bool time_value(const char *text, struct when *ret_when)
{
	if (text[0] == '-') {
		size_t n = strspn(text + 1, "0123456789");
		char unit = text[1 + n];

		if (n == 0 || n > 9 || (unit != 'h' && unit != 'd') || text[2 + n] != '\0')
			return false;
		ret_when->age = true;
		ret_when->from =
		    strtoll(text + 1, NULL, 10) * (unit == 'h' ? 3600000LL : 86400000LL);
		return true;
	}
	ret_when->age = false;
	return read_time(text, &ret_when->from, &ret_when->to) != 0;
}

/* ---- fields ---- */

struct field {
	const char *name;
	enum field_kind kind;
	bool whole; /* numbers: no decimals */
	double low, high;
};

#define MANY 1e18

static const struct field fields[] = {
    {"source", F_WORDS, 0, 0, 0},
    {"driver", F_WORDS, 0, 0, 0},
    {"channel", F_WORDS, 0, 0, 0},
    {"place", F_WORDS, 0, 0, 0},
    {"kind", F_WORDS, 0, 0, 0},
    {"conversation", F_WORDS, 0, 0, 0},
    {"role", F_WORDS, 0, 0, 0},
    {"addressed", F_WORDS, 0, 0, 0},
    {"author", F_WORDS, 0, 0, 0},
    {"lang", F_LANG, 0, 0, 0},
    {"site", F_SITE, 0, 0, 0},
    {"owned", F_YES, 0, 0, 0},
    {"bot", F_YES, 0, 0, 0},
    {"backfill", F_YES, 0, 0, 0},
    {"has", F_HAS, 0, 0, 0},
    {"followers", F_NUMBER, true, 0, MANY},
    {"likes", F_NUMBER, true, 0, MANY},
    {"replies", F_NUMBER, true, 0, MANY},
    {"shares", F_NUMBER, true, 0, MANY},
    {"views", F_NUMBER, true, 0, MANY},
    {"rating", F_NUMBER, false, 0, MANY},
    {"words", F_NUMBER, true, 0, MANY},
    {"reach", F_NUMBER, true, 0, MANY},
    {"tonality", F_NUMBER, false, -1, 1},
    {"relevance", F_NUMBER, false, 0, 1},
    {"answer", F_NUMBER, false, 0, 1},
    {"threat", F_NUMBER, false, 0, 1},
    {"insult", F_NUMBER, false, 0, 1},
    {"spam", F_NUMBER, false, 0, 1},
    {"sarcasm", F_NUMBER, false, 0, 1},
    {"urgency", F_NUMBER, true, 0, 3},
    {"target", F_LABEL, 0, 0, 0},
    {"intent", F_LABEL, 0, 0, 0},
    {"created", F_TIME, 0, 0, 0},
    {"fetched", F_TIME, 0, 0, 0},
};

static bool read_number(const struct field *field, const char *text, double *ret)
{
	const char *at = text;
	size_t n;

	if (*at == '-')
		at++;
	n = strspn(at, "0123456789");
	if (n == 0 || n > 15)
		return false;
	at += n;
	if (*at == '.' && !field->whole) {
		at++;
		n = strspn(at, "0123456789");
		if (n == 0)
			return false;
		at += n;
	}
	if (*at != '\0')
		return false;
	*ret = strtod(text, NULL);
	return *ret >= field->low && *ret <= field->high;
}

static bool is_tone_label(const char *text)
{
	return strcmp(text, "negative") == 0 || strcmp(text, "neutral") == 0 ||
	       strcmp(text, "positive") == 0;
}

static void add_value(struct parser *parser, struct node *node, const struct field *field,
		      const char *bytes, size_t n, bool quoted)
{
	char *text = pool_text(parser->pool, bytes, n), *dots;
	struct value value = {.op = OP_IS};

	if (n == 0)
		refuse(parser, "expected a value after \"%s:\"", field->name);
	if (!quoted && text[0] == '$')
		refuse(parser, "unknown name \"%s\"", text);
	if (field->kind == F_NUMBER || field->kind == F_TIME) {
		if (field->kind == F_NUMBER && strcmp(field->name, "tonality") == 0 &&
		    is_tone_label(text)) {
			value.is_label = true;
			value.folded = fold(parser->pool, text);
			goto done;
		}
		if (text[0] == '>' || text[0] == '<') {
			bool with = text[1] == '=';

			value.op = text[0] == '>' ? (with ? OP_MORE_IS : OP_MORE)
				   : with         ? OP_LESS_IS
						  : OP_LESS;
			text += with ? 2 : 1;
		} else if ((dots = strstr(text, "..")) != NULL) {
			char *high = dots + 2;

			*dots = '\0';
			value.op = OP_RANGE;
			value.has_low = *text != '\0';
			value.has_high = *high != '\0';
			if (!value.has_low && !value.has_high)
				refuse(parser, "an empty range");
			if (field->kind == F_NUMBER) {
				if ((value.has_low && !read_number(field, text, &value.low)) ||
				    (value.has_high && !read_number(field, high, &value.high)))
					refuse(parser, "not a range of numbers for \"%s\"",
					       field->name);
				if (value.has_low && value.has_high && value.low > value.high)
					refuse(parser, "a range that runs backwards");
			} else {
				if ((value.has_low && !time_value(text, &value.from)) ||
				    (value.has_high && !time_value(high, &value.to)))
					refuse(parser, "not a range of times for \"%s\"",
					       field->name);
				if (value.has_low && value.has_high && value.from.age &&
				    value.to.age && value.from.from < value.to.from)
					refuse(parser, "a range that runs backwards");
				if (value.has_low && value.has_high && !value.from.age &&
				    !value.to.age && value.from.from > value.to.from)
					refuse(parser, "a range that runs backwards");
			}
			goto done;
		}
		if (field->kind == F_NUMBER && !read_number(field, text, &value.low))
			refuse(parser, "\"%s\" is no number for \"%s\"", text, field->name);
		if (field->kind == F_TIME && !time_value(text, &value.from))
			refuse(parser, "\"%s\" is no time", text);
		if (field->kind == F_TIME && value.from.age && value.op == OP_IS)
			refuse(parser, "an age needs > or <");
	} else {
		if (!quoted && (text[0] == '>' || text[0] == '<'))
			refuse(parser, "\"%s\" takes no comparison", field->name);
		if (!quoted && strchr(text, ':') != NULL)
			refuse(parser, "a value with a colon goes in quotes");
		value.folded = fold(parser->pool, text);
		switch (field->kind) {
		case F_YES:
			if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0)
				value.yes = true;
			else if (strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
				refuse(parser, "expected yes or no after \"%s:\"", field->name);
			break;
		case F_HAS:
			if (strcmp(text, "link") != 0 && strcmp(text, "image") != 0 &&
			    strcmp(text, "video") != 0 && strcmp(text, "question") != 0 &&
			    strcmp(text, "quote") != 0)
				refuse(parser, "unknown value \"has:%s\"", text);
			break;
		case F_LABEL:
			if (strcmp(field->name, "target") == 0 && !is_tone_label(text))
				refuse(parser, "unknown label \"%s\"", text);
			break;
		case F_SITE:
			if (strpbrk(text, "/:@*? ") != NULL || !holds_letter(text))
				refuse(parser, "expected a host after site:");
			value.folded = lower(parser->pool, text);
			break;
		default: break;
		}
	}
done:
	if (++parser->n_terms > TERMS_MAX)
		refuse(parser, "more than 100,000 terms");
	if ((node->n_values & (node->n_values - 1)) == 0)
		node->values = pool_grow(parser->pool, node->values, node->n_values * sizeof(value),
					 (2 * node->n_values + 1) * sizeof(value));
	node->values[node->n_values++] = value;
}

static struct node *field_node(struct parser *parser, const struct field *field, const char *rest,
			       size_t n)
{
	struct node *node = node_new(parser, N_FIELD);
	struct lex *lex = peek(parser);

	if (parser->in_zone)
		refuse(parser, "no field condition inside title: and the like");
	node->field = field->name;
	node->field_kind = field->kind;
	if (n > 0) {
		add_value(parser, node, field, rest, n, false);
	} else if (lex->glued && lex->kind == L_QUOTED) {
		add_value(parser, node, field, lex->text, lex->n, true);
		parser->at++;
	} else if (lex->glued && lex->kind == L_OPEN) {
		parser->at++;
		for (;;) {
			lex = peek(parser);
			if ((lex->kind != L_BARE && lex->kind != L_QUOTED) || is_operator(lex))
				refuse(parser, "expected a value in the group");
			add_value(parser, node, field, lex->text, lex->n, lex->kind == L_QUOTED);
			parser->at++;
			lex = peek(parser);
			if (lex->kind == L_CLOSE)
				break;
			if (!bare_is(lex, "OR"))
				refuse(parser, "expected OR or ) in the group of values");
			parser->at++;
		}
		parser->at++;
	} else {
		refuse(parser, "expected a value after \"%s:\"", field->name);
	}
	return node;
}

/* ---- expressions ---- */

static struct node *parse_or(struct parser *parser);

/* n behind "NEAR/", 1..max. */
static int number_behind(struct parser *parser, const struct lex *lex, const char *word, long max)
{
	char digits_[24];
	size_t skip = strlen(word), n = lex->n - skip;
	long v;

	if (n == 0 || n > 12)
		refuse(parser, "expected a number of words after \"%s\"", word);
	memcpy(digits_, lex->text + skip, n);
	digits_[n] = '\0';
	if (strspn(digits_, "0123456789") != n)
		refuse(parser, "expected a number of words after \"%s\", found \"%s\"", word,
		       digits_);
	v = strtol(digits_, NULL, 10);
	if (v < 1 || v > max)
		refuse(parser, "expected a number from 1 to %ld after \"%s\"", max, word);
	return (int)v;
}

/* May this stand beside NEAR and the like, or behind ATLEAST? */
static void check_operand(struct parser *parser, const struct node *node, const char *where)
{
	switch (node->kind) {
	case N_TERM:
	case N_NEAR:
	case N_ONEAR:
	case N_NOT_NEAR:
	case N_SENTENCE:
	case N_NOT_SENTENCE: return;
	case N_OR:
		for (size_t i = 0; i < node->n_kids; i++)
			check_operand(parser, node->kids[i], where);
		return;
	case N_AND:
		refuse(parser, "AND inside an operand of %s: write (a %s c) AND (b %s c)", where,
		       where, where);
	case N_NOT: refuse(parser, "NOT inside an operand of %s: write NOT %s", where, where);
	case N_ZONE:
		refuse(parser, "title: and the like beside %s: write title:(a %s b)", where, where);
	case N_FIELD: refuse(parser, "a field condition beside %s: join it with AND", where);
	case N_ATLEAST: refuse(parser, "ATLEAST beside %s", where);
	}
}

static const char *const zones[] = {"title", "text", "lead", "quote"};

/* A lexeme that begins with letters and a colon is a field, but `Kund:in` is a word.  Returns the length of the name or 0. */
static size_t field_name(const struct lex *lex)
{
	size_t i = 0, took, behind;
	uint32_t cp;

	while (i < lex->n && (took = cp_at(lex->text + i, lex->n - i, &cp)) > 0 &&
	       (is_letter(cp) || cp == '_'))
		i += took;
	if (i == 0 || i >= lex->n || lex->text[i] != ':')
		return 0;
	behind = i + 1;
	if (lex->n - behind >= 2 && strncasecmp(lex->text + behind, "in", 2) == 0) {
		size_t end = behind + 2;

		if (lex->n - end >= 3 && strncasecmp(lex->text + end, "nen", 3) == 0)
			end += 3;
		if (end == lex->n)
			return 0;
		if (cp_at(lex->text + end, lex->n - end, &cp) > 0 && !is_letter(cp) &&
		    !is_digit(cp) && !is_mark(cp) && cp != '*' && cp != '?')
			return 0;
	}
	return i;
}

static struct node *primary(struct parser *parser)
{
	struct lex *lex = peek(parser);
	struct node *node;
	size_t n;

	switch (lex->kind) {
	case L_END: refuse(parser, "expected a term at the end");
	case L_CLOSE: refuse(parser, "expected a term, found \")\"");
	case L_OPEN:
		if (++parser->depth > DEPTH_MAX)
			refuse(parser, "nesting deeper than 200");
		parser->at++;
		if (peek(parser)->kind == L_CLOSE)
			refuse(parser, "an empty group");
		node = parse_or(parser);
		if (peek(parser)->kind != L_CLOSE)
			refuse(parser, "parenthesis left open");
		parser->at++;
		parser->depth--;
		node->parens = true;
		return node;
	case L_QUOTED: parser->at++; return row_term(parser, lex->text, lex->n, true);
	case L_RAW: parser->at++; return raw_term(parser, lex->text, lex->n);
	case L_BARE: break;
	}

	if (is_operator(lex))
		refuse(parser, "expected a term, found the operator \"%.*s\"", (int)lex->n,
		       lex->text);
	if (bare_is(lex, "UND") || bare_is(lex, "ODER") || bare_is(lex, "NICHT"))
		refuse(parser, "use %s",
		       bare_is(lex, "UND")    ? "AND"
		       : bare_is(lex, "ODER") ? "OR"
					      : "NOT");
	if (lex->text[0] == '-')
		refuse(parser, "a leading hyphen: use NOT");
	if (lex->text[0] == '$' && lex->n > 1) {
		uint32_t cp;

		if (cp_at(lex->text + 1, lex->n - 1, &cp) > 0 && is_letter(cp))
			refuse(parser, "unknown name \"%.*s\"", (int)lex->n, lex->text);
	}
	if (bare_is(lex, "ATLEAST"))
		refuse(parser, "expected a number: ATLEAST/n");
	if (bare_begins(lex, "ATLEAST/")) {
		node = node_new(parser, N_ATLEAST);
		node->n = number_behind(parser, lex, "ATLEAST/", 1000000000L);
		parser->at++;
		if (bare_begins(peek(parser), "ATLEAST/"))
			refuse(parser, "ATLEAST of ATLEAST");
		node_add(parser, node, primary(parser));
		check_operand(parser, node->kids[0], "ATLEAST");
		return node;
	}
	n = field_name(lex);
	if (n > 0) {
		const char *name = lex->text, *rest = lex->text + n + 1;
		size_t n_rest = lex->n - n - 1;

		for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
			if (strlen(zones[i]) != n || memcmp(zones[i], name, n) != 0)
				continue;
			if (parser->in_zone)
				refuse(parser, "\"%s:\" inside another one", zones[i]);
			node = node_new(parser, N_ZONE);
			node->zone = (enum zone)i;
			if (n_rest > 0) {
				lex->text = rest;
				lex->n = n_rest;
			} else {
				parser->at++;
				if (peek(parser)->kind == L_END || !peek(parser)->glued ||
				    peek(parser)->kind == L_CLOSE)
					refuse(parser, "expected an expression after \"%s:\"",
					       zones[i]);
			}
			parser->in_zone = true;
			node_add(parser, node, primary(parser));
			parser->in_zone = false;
			return node;
		}
		parser->at++;
		if ((n == 4 && memcmp(name, "part", 4) == 0) ||
		    (n == 4 && memcmp(name, "stem", 4) == 0) ||
		    (n == 5 && memcmp(name, "loose", 5) == 0)) {
			enum term_kind kind = name[0] == 'p'   ? T_PART
					      : name[0] == 's' ? T_STEM
							       : T_LOOSE;

			if (n_rest > 0)
				return special_term(parser, kind, rest, n_rest);
			if (peek(parser)->kind == L_OPEN && peek(parser)->glued)
				return special_group(parser, kind);
			refuse(parser, "expected a word after \"%.*s:\"", (int)n, name);
		}
		if (n == 4 && memcmp(name, "link", 4) == 0) {
			if (n_rest > 0)
				return link_term(parser, rest, n_rest);
			if (peek(parser)->kind == L_QUOTED && peek(parser)->glued) {
				parser->at++;
				return link_term(parser, parser->lex[parser->at - 1].text,
						 parser->lex[parser->at - 1].n);
			}
			refuse(parser, "expected a host after link:");
		}
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (strlen(fields[i].name) == n && memcmp(fields[i].name, name, n) == 0)
				return field_node(parser, &fields[i], rest, n_rest);
		refuse(parser, "unknown field \"%.*s\"", (int)n, name);
	}
	parser->at++;
	return row_term(parser, lex->text, lex->n, false);
}

static struct node *parse_near(struct parser *parser)
{
	struct node *left = primary(parser), *node;

	for (;;) {
		struct lex *lex = peek(parser);
		bool not = false;
		enum node_kind kind;
		int n = 0;
		const char *where;

		if (bare_is(lex, "NOT")) {
			struct lex *next = &parser->lex[parser->at + 1];

			if (!(bare_begins(next, "NEAR/") || bare_is(next, "NEAR") ||
			      bare_is(next, "SENTENCE")))
				return left;
			not = true;
			lex = next;
		}
		if (bare_is(lex, "NEAR") || bare_is(lex, "ONEAR"))
			refuse(parser, "expected a number: NEAR/n");
		if (bare_begins(lex, "NEAR/")) {
			kind = not ? N_NOT_NEAR : N_NEAR;
			n = number_behind(parser, lex, "NEAR/", 1000);
			where = "NEAR";
		} else if (bare_begins(lex, "ONEAR/")) {
			kind = N_ONEAR;
			n = number_behind(parser, lex, "ONEAR/", 1000);
			where = "ONEAR";
		} else if (bare_is(lex, "SENTENCE")) {
			kind = not ? N_NOT_SENTENCE : N_SENTENCE;
			where = "SENTENCE";
		} else {
			return left;
		}
		parser->at += not ? 2 : 1;
		node = node_new(parser, kind);
		node->n = n;
		check_operand(parser, left, where);
		node_add(parser, node, left);
		if (bare_is(peek(parser), "NOT"))
			refuse(parser, "NOT behind %s: write a NOT %s b", where, where);
		node_add(parser, node, primary(parser));
		check_operand(parser, node->kids[1], where);
		left = node;
	}
}

static struct node *parse_not(struct parser *parser)
{
	size_t nots = 0;
	struct node *node;

	while (bare_is(peek(parser), "NOT")) {
		nots++;
		parser->at++;
	}
	node = parse_near(parser);
	/* an even number changes nothing but that all stands under NOT */
	if (nots > 0) {
		struct node *first = node_new(parser, N_NOT);

		node_add(parser, first, node);
		node = first;
		if (nots % 2 == 0) {
			first = node_new(parser, N_NOT);
			node_add(parser, first, node);
			node = first;
		}
	}
	return node;
}

static struct node *parse_and(struct parser *parser)
{
	struct node *node = parse_not(parser), *all = NULL;

	for (;;) {
		struct lex *lex = peek(parser);

		if (lex->kind == L_END || lex->kind == L_CLOSE || bare_is(lex, "OR"))
			break;
		if (bare_is(lex, "AND"))
			parser->at++;
		if (all == NULL) {
			all = node_new(parser, N_AND);
			node_add(parser, all, node);
		}
		node_add(parser, all, parse_not(parser));
	}
	return all != NULL ? all : node;
}

static struct node *parse_or(struct parser *parser)
{
	struct node *node = parse_and(parser), *all = NULL;

	while (bare_is(peek(parser), "OR")) {
		parser->at++;
		if (all == NULL) {
			all = node_new(parser, N_OR);
			node_add(parser, all, node);
		}
		node_add(parser, all, parse_and(parser));
	}
	return all != NULL ? all : node;
}

/* Is there a term or condition that stands under no NOT? */
static bool positive(const struct node *node)
{
	if (node->kind == N_NOT)
		return false;
	if (node->n_kids == 0)
		return true;
	for (size_t i = 0; i < node->n_kids; i++)
		if (positive(node->kids[i]))
			return true;
	return false;
}

/* Returns the top of the tree, or NULL with parser->why filled. */
static struct node *parse_all(struct parser *parser, const char *query, size_t n)
{
	struct node *top;

	if (setjmp(parser->out) != 0)
		return NULL;
	if (n > BYTES_MAX)
		refuse(parser, "more than 1 MB");
	lex_all(parser, query, n);
	if (parser->n_lex == 0)
		refuse(parser, "an empty expression");
	top = parse_or(parser);
	if (peek(parser)->kind != L_END)
		refuse(parser, "a parenthesis closed that was not opened");
	if (!positive(top))
		refuse(parser, "no positive part");
	return top;
}

struct slow_query *slow_parse(const char *query, size_t n, char *why, size_t room)
{
	struct slow_query *ret = calloc(1, sizeof(*ret));
	struct parser *parser;

	if (ret == NULL)
		abort();
	parser = pool_get(&ret->pool, sizeof(*parser));
	*parser = (struct parser){.pool = &ret->pool, .why = why, .room = room};
	if (room > 0)
		why[0] = '\0';
	ret->top = parse_all(parser, query, n);
	if (ret->top != NULL)
		return ret;
	slow_free(ret);
	return NULL;
}

void slow_free(struct slow_query *query)
{
	if (query == NULL)
		return;
	pool_done(&query->pool);
	free(query);
}
