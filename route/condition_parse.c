/*
 * condition_parse.c: the text of a condition to a flat list, or an error with its place.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/token.h"
#include "route/condition.h"
#include "route/condition_ast.h"

enum { MAX_TEXT = 16384, MAX_CONDITIONS = 200, MAX_VALUES = 200 };

static const struct field fields[] = {
    {"source", F_WORD},       {"driver", F_WORD},    {"channel", F_WORD},
    {"place", F_WORD},        {"kind", F_WORD},      {"conversation", F_WORD},
    {"role", F_WORD},         {"addressed", F_WORD}, {"author", F_WORD},
    {"lang", F_WORD},         {"site", F_SITE},      {"owned", F_BOOL},
    {"bot", F_BOOL},          {"backfill", F_BOOL},  {"followers", F_NUMBER},
    {"likes", F_NUMBER},      {"replies", F_NUMBER}, {"shares", F_NUMBER},
    {"views", F_NUMBER},      {"rating", F_NUMBER},  {"reach", F_NUMBER},
    {"relevance", F_NUMBER},  {"answer", F_NUMBER},  {"urgency", F_NUMBER},
    {"tonality", F_TONALITY}, {"has", F_HAS},        {"created", F_TIME},
    {"fetched", F_TIME},
};

/* Fields of the language whose values no model gives yet. */
static const char *const later[] = {"words",   "threat", "insult", "spam",
				    "sarcasm", "intent", "target"};

/* in the order of enum post_tonality */
static const char *const labels[] = {"unsure", "negative", "neutral", "positive"};
/* in the order of HAS_* */
static const char *const has_values[] = {"link", "image", "video", "question", "quote"};

struct reader {
	struct str text;
	size_t pos;
	struct arena *arena;
	struct error *err;
};

static int fail(struct reader *r, size_t at, const char *expected, size_t found_n)
{
	struct str found = utf8_cut(str_sub(r->text, at, at + found_n), 40);
	struct str before = str_sub(r->text, 0, at);
	int column = (int)utf8_count(before) + 1;
	char what[64];
	if (found.n)
		(void)snprintf(what, sizeof what, "\"%.*s\"", STR_ARG(found));
	else
		(void)snprintf(what, sizeof what, "the end");
	/* the line, cut around the place so that all fits a struct error */
	size_t from = before.n > 100 ? before.n - 100 : 0;
	while (from < before.n && ((unsigned char)r->text.p[from] & 0xC0) == 0x80)
		from++;
	struct str line = utf8_cut(str_sub(r->text, from, r->text.n), 180);
	int indent = (int)utf8_count(str_sub(r->text, from, at));
	return error_set(r->err, "when:1:%d: expected %s, found %s\n%.*s\n%*s^", column, expected,
			 what, STR_ARG(line), indent, "");
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct reader *r)
{
	while (r->pos < r->text.n) {
		struct str rest = str_sub(r->text, r->pos, r->text.n);
		if (str_starts(rest, "/*")) {
			size_t end = str_find_str(rest, STR("*/"));
			if (end == rest.n)
				return; /* left open: refused as a term */
			r->pos += end + 2;
		} else if (is_space(r->text.p[r->pos])) {
			r->pos++;
		} else {
			return;
		}
	}
}

/* The bare word at pos: up to white space, parenthesis or quotation mark. */
static struct str peek_word(const struct reader *r)
{
	size_t end = r->pos;
	while (end < r->text.n && !is_space(r->text.p[end]) && !strchr("()\"", r->text.p[end]))
		end++;
	return str_sub(r->text, r->pos, end);
}

/* One value, quoted or bare. */
static int read_value(struct reader *r, struct str *ret)
{
	if (r->pos < r->text.n && r->text.p[r->pos] == '"') {
		size_t end = str_find(r->text, '"', r->pos + 1);
		if (end == r->text.n)
			return fail(r, r->pos, "a closing quotation mark", r->text.n - r->pos);
		*ret = str_sub(r->text, r->pos + 1, end);
		if (!ret->n)
			return fail(r, r->pos, "a value", 2);
		r->pos = end + 1;
		return 0;
	}
	*ret = peek_word(r);
	if (!ret->n)
		return fail(r, r->pos, "a value", r->pos < r->text.n);
	r->pos += ret->n;
	return 0;
}

static int name_index(const char *const *names, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, names[i]))
			return (int)i;
	return -1;
}

/* ---- times: Europe/Berlin, rule of 1996 and later ---- */

static int64_t last_sunday(int64_t year, int month)
{
	int64_t day = num_days(year, month, 31); /* March and October have 31 */
	return day - (day + 4) % 7;              /* 1970-01-01 was a Thursday; Sunday = 0 */
}

static int64_t berlin_ms(int64_t year, int month, int day, int hour, int minute)
{
	int64_t local = ((num_days(year, month, day) * 24 + hour) * 60 + minute) * 60000;
	int64_t begin = (last_sunday(year, 3) * 24 + 2) * 3600000; /* 02:00 local */
	int64_t end = (last_sunday(year, 10) * 24 + 3) * 3600000;  /* 03:00 local */
	return local - (local >= begin && local < end ? 2 : 1) * 3600000;
}

/* "2026-11-21", "2026-11-21T10:00", RFC 3339: what it spans, [from, to). */
static int read_time(struct str s, int64_t *from, int64_t *to)
{
	int64_t y, mo, d, h = 0, mi = 0;
	if (s.n > 16) {
		if (num_time_ms(s, from))
			return -1;
		*to = *from + 1;
		return 0;
	}
	if ((s.n != 10 && s.n != 16) || s.p[4] != '-' || s.p[7] != '-' ||
	    num_int(str_sub(s, 0, 4), 1970, 9999, &y) || num_int(str_sub(s, 5, 7), 1, 12, &mo) ||
	    num_int(str_sub(s, 8, 10), 1, 31, &d))
		return -1;
	int64_t in_month = mo == 12 ? 31 : num_days(y, (int)mo + 1, 1) - num_days(y, (int)mo, 1);
	if (d > in_month)
		return -1;
	if (s.n == 16 &&
	    (s.p[10] != 'T' || s.p[13] != ':' || num_int(str_sub(s, 11, 13), 0, 23, &h) ||
	     num_int(str_sub(s, 14, 16), 0, 59, &mi)))
		return -1;
	*from = berlin_ms(y, (int)mo, (int)d, (int)h, (int)mi);
	if (s.n == 16) {
		*to = *from + 60000;
	} else {
		int64_t next = num_days(y, (int)mo, (int)d) + 1;
		/* the next midnight: a day has 23, 24 or 25 hours */
		bool last = d == in_month;
		*to = last ? berlin_ms(mo == 12 ? y + 1 : y, mo == 12 ? 1 : (int)mo + 1, 1, 0, 0)
			   : berlin_ms(y, (int)mo, (int)d + 1, 0, 0);
		must(*to / 86400000 >= next - 2);
	}
	return 0;
}

/* ---- the kinds of values ---- */

struct operand {
	bool greater, less, equal; /* of the comparison in front */
	size_t at;                 /* where the value begins */
};

static int parse_time(struct reader *r, struct one *one, const struct operand *op, struct str value)
{
	static const char *expected =
	    "a time such as 2026-11-21, 2026-11-21T10:00 or an age such as >-24h";
	int64_t age;
	if (value.n > 2 && value.p[0] == '-') {
		char unit = value.p[value.n - 1];
		if ((unit != 'h' && unit != 'd') || (!op->greater && !op->less) || op->equal ||
		    num_duration_ms(str_sub(value, 1, value.n), &age))
			return fail(r, op->at, expected, value.n);
		one->compare = op->greater ? C_AGE_BELOW : C_AGE_ABOVE;
		one->from = age;
		return 0;
	}
	int64_t from, to, second_from, second_to;
	one->compare = C_RANGE;
	one->from = INT64_MIN + 1;
	one->to = INT64_MAX;
	size_t dots = str_find_str(value, STR(".."));
	if (dots < value.n) {
		struct str a = str_sub(value, 0, dots), b = str_sub(value, dots + 2, value.n);
		if (op->greater || op->less || (!a.n && !b.n) ||
		    (a.n && read_time(a, &from, &to)) ||
		    (b.n && read_time(b, &second_from, &second_to)) ||
		    (a.n && b.n && from >= second_to))
			return fail(r, op->at, "two times in order, FROM..TO, one may be missing",
				    value.n);
		if (a.n)
			one->from = from;
		if (b.n)
			one->to = second_to;
		return 0;
	}
	if (read_time(value, &from, &to))
		return fail(r, op->at, expected, value.n);
	if (op->greater)
		one->from = op->equal ? from : to;
	else if (op->less)
		one->to = op->equal ? to : from;
	else
		one->from = from, one->to = to;
	return 0;
}

static int parse_number(struct reader *r, struct one *one, const struct operand *op,
			struct str value)
{
	static const char *expected = "a number such as 100, >=0.5 or 10..50";
	double a = -INFINITY, b = INFINITY;
	one->compare = C_RANGE;
	size_t dots = str_find_str(value, STR(".."));
	if (dots < value.n) {
		struct str low = str_sub(value, 0, dots), high = str_sub(value, dots + 2, value.n);
		if (op->greater || op->less || (!low.n && !high.n) ||
		    (low.n && num_double(low, -1e15, 1e15, &a)) ||
		    (high.n && num_double(high, -1e15, 1e15, &b)) || a > b)
			return fail(r, op->at, expected, value.n);
	} else {
		double v;
		/* 1.000 would be read as 1: thousands are written without separator */
		size_t dot = str_find(value, '.', 0);
		bool thousands = dot < value.n && value.n - dot == 4 && dot > 0 &&
				 value.p[dot - 1] != '0' && value.p[value.n - 1] == '0';
		if (thousands || num_double(value, -1e15, 1e15, &v))
			return fail(r, op->at, expected, value.n);
		if (op->greater)
			a = v, one->above = !op->equal;
		else if (op->less)
			b = v, one->below = !op->equal;
		else
			a = b = v;
	}
	one->low = a;
	one->high = b;
	return 0;
}

static int parse_choice(struct reader *r, struct one *one, const struct operand *op,
			struct str value)
{
	int i = -1;
	one->compare = C_TEXTS;
	if (op->greater || op->less)
		return fail(r, op->at, "a value without comparison", value.n);
	switch (one->field->kind) {
	case F_BOOL:
		if (str_is(value, "yes") || str_is(value, "true"))
			i = 0;
		else if (str_is(value, "no") || str_is(value, "false"))
			i = 1;
		if (i < 0)
			return fail(r, op->at, "yes or no", value.n);
		break;
	case F_HAS:
		i = name_index(has_values, ARRAY_LEN(has_values), value);
		if (i < 0)
			return fail(r, op->at, "link, image, video, question or quote", value.n);
		break;
	default:
		i = name_index(labels, ARRAY_LEN(labels), value);
		if (i < 0)
			return fail(r, op->at,
				    "negative, neutral, positive, unsure or a number (-1..1)",
				    value.n);
	}
	one->set |= 1u << i;
	return 0;
}

static int parse_word(struct reader *r, struct one *one, const struct operand *op, struct str value)
{
	one->compare = C_TEXTS;
	if (op->greater || op->less)
		return fail(r, op->at, "a value without comparison", value.n);
	if (str_is(value, "*"))
		return fail(r, op->at, "a value with a letter or digit", value.n);
	if (one->n_texts == MAX_VALUES)
		return fail(r, op->at, "at most 200 values", value.n);
	if (str_is(str_of(one->field->name), "author") && value.n > 1 && value.p[0] == '@')
		value = str_sub(value, 1, value.n);
	if (!one->texts)
		one->texts = arena_alloc(r->arena, MAX_VALUES * sizeof *one->texts);
	one->texts[one->n_texts++] = text_fold(value, r->arena);
	return 0;
}

static int parse_value(struct reader *r, struct one *one, bool grouped)
{
	struct operand op = {0};
	if (r->pos < r->text.n && strchr("<>", r->text.p[r->pos])) {
		op.greater = r->text.p[r->pos] == '>';
		op.less = !op.greater;
		r->pos++;
		if (r->pos < r->text.n && r->text.p[r->pos] == '=') {
			op.equal = true;
			r->pos++;
		}
	}
	op.at = r->pos;
	bool quoted = r->pos < r->text.n && r->text.p[r->pos] == '"';
	struct str value = STR_NULL;
	if (read_value(r, &value))
		return -1;
	enum field_kind kind = one->field->kind;
	bool numeric = kind == F_NUMBER || kind == F_TIME ||
		       (kind == F_TONALITY && !quoted && !(value.p[0] >= 'a' && value.p[0] <= 'z'));
	if (numeric && grouped)
		return fail(r, op.at, "words in a group (numbers and times take ranges, a..b)",
			    value.n);
	if (kind == F_TIME)
		return parse_time(r, one, &op, value);
	if (numeric)
		return parse_number(r, one, &op, value);
	if (kind == F_WORD || kind == F_SITE)
		return parse_word(r, one, &op, value);
	return parse_choice(r, one, &op, value);
}

/* name:(v1 OR v2) */
static int parse_group(struct reader *r, struct one *one)
{
	size_t open = r->pos++;
	for (;;) {
		skip_space(r);
		if (parse_value(r, one, true))
			return -1;
		skip_space(r);
		if (r->pos == r->text.n)
			return fail(r, open, "a closing parenthesis", r->text.n - open);
		if (r->text.p[r->pos] == ')') {
			r->pos++;
			return 0;
		}
		struct str word = peek_word(r);
		if (!str_is(word, "OR"))
			return fail(r, r->pos, "OR or \")\"", word.n ? word.n : 1);
		r->pos += word.n;
	}
}

static int parse_field(struct reader *r, struct one *one)
{
	struct str word = peek_word(r);
	size_t colon = str_find(word, ':', 0);
	struct str name = str_sub(word, 0, colon);
	if (str_is(name, "OR") || str_is(name, "UND") || str_is(name, "ODER") ||
	    str_is(name, "NICHT"))
		return fail(r, r->pos, "AND or NOT; for OR write one rule for each side", name.n);
	if (!word.n)
		return fail(r, r->pos, "a field condition without parentheses around it", 1);
	if (word.p[0] == '-')
		return fail(r, r->pos, "a field condition (for exclusion use NOT)", word.n);
	if (colon == word.n)
		return fail(r, r->pos, "a field condition such as channel:forum", word.n);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_is(name, fields[i].name))
			one->field = &fields[i];
	if (name_index(later, ARRAY_LEN(later), name) >= 0)
		return fail(r, r->pos, "a field that is known already (its scorer does not exist)",
			    name.n);
	if (!one->field)
		return fail(r, r->pos, "the name of a field", name.n);
	r->pos += colon + 1;
	if (r->pos == r->text.n || is_space(r->text.p[r->pos]))
		return fail(r, r->pos, "a value after the colon", r->pos < r->text.n);
	return r->text.p[r->pos] == '(' ? parse_group(r, one) : parse_value(r, one, false);
}

static int parse_all(struct reader *r, struct condition *c)
{
	bool want_more = false, negated = false;
	size_t last = 0;
	for (;;) {
		skip_space(r);
		if (r->pos == r->text.n)
			break;
		struct str word = peek_word(r);
		last = r->pos;
		if (str_is(word, "AND")) {
			if (!c->n || want_more || negated)
				return fail(r, r->pos, "a condition before AND", word.n);
			want_more = true;
			r->pos += word.n;
		} else if (str_is(word, "NOT")) {
			if (negated)
				return fail(r, r->pos, "a condition after NOT", word.n);
			negated = true;
			r->pos += word.n;
		} else {
			if (c->n == MAX_CONDITIONS)
				return fail(r, r->pos, "at most 200 conditions", word.n);
			struct one *one = &c->at[c->n];
			*one = (struct one){.negated = negated};
			if (parse_field(r, one))
				return -1;
			c->n++;
			want_more = negated = false;
		}
	}
	if (want_more || negated)
		return fail(r, r->text.n,
			    negated ? "a condition after NOT" : "a condition after AND", 0);
	if (!c->n)
		return fail(r, last, "a condition (leave `when` out for a rule that always holds)",
			    0);
	return 0;
}

struct condition *condition_parse(struct str text, struct error *err)
{
	if (text.n > MAX_TEXT || !utf8_valid(text)) {
		(void)error_set(err, "when:1:1: expected at most 16 KiB of UTF-8 text");
		return NULL;
	}
	struct condition *c = xcalloc(1, sizeof *c);
	c->arena = arena_create(4 * MiB);
	c->at = arena_alloc(c->arena, MAX_CONDITIONS * sizeof *c->at);
	struct reader r = {.arena = c->arena, .err = err, .text = arena_str(c->arena, text)};
	if (parse_all(&r, c) == 0)
		return c;
	condition_free(c);
	return NULL;
}

void condition_free(struct condition *condition)
{
	if (!condition)
		return;
	arena_free(condition->arena);
	free(condition);
}
