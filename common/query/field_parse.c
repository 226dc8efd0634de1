/*
 * field_parse.c: `name:value` of a query to a test.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/link.h"
#include "common/text/token.h"
#include "common/zone.h"

#include "common/query/field.h"
#include "common/query/names.h"
#include "common/query/spell.h"

enum { MAX_VALUES = 100000 };

static const struct field fields[] = {
    [FIELD_SOURCE] = {FIELD_SOURCE, "source", F_WORD, NULL, false},
    [FIELD_DRIVER] = {FIELD_DRIVER, "driver", F_WORD, NULL, false},
    [FIELD_CHANNEL] = {FIELD_CHANNEL, "channel", F_WORD, " " POST_CHANNELS " ", false},
    [FIELD_PLACE] = {FIELD_PLACE, "place", F_WORD, NULL, false},
    [FIELD_KIND] = {FIELD_KIND, "kind", F_WORD, " post comment reply article review repost ",
		    false},
    [FIELD_CONVERSATION] = {FIELD_CONVERSATION, "conversation", F_WORD, NULL, false},
    [FIELD_ROLE] = {FIELD_ROLE, "role", F_WORD, " customer " POST_ROLES " ", false},
    [FIELD_ADDRESSED] = {FIELD_ADDRESSED, "addressed", F_WORD, " mention own_page reply none ",
			 false},
    [FIELD_AUTHOR] = {FIELD_AUTHOR, "author", F_WORD, NULL, false},
    [FIELD_LANG] = {FIELD_LANG, "lang", F_WORD, NULL, true},
    [FIELD_SITE] = {FIELD_SITE, "site", F_SITE, NULL, false},
    [FIELD_OWNED] = {FIELD_OWNED, "owned", F_BOOL, NULL, false},
    [FIELD_BOT] = {FIELD_BOT, "bot", F_BOOL, NULL, false},
    [FIELD_BACKFILL] = {FIELD_BACKFILL, "backfill", F_BOOL, NULL, false},
    [FIELD_HAS] = {FIELD_HAS, "has", F_HAS, NULL, false},
    [FIELD_FOLLOWERS] = {FIELD_FOLLOWERS, "followers", F_NUMBER, NULL, false},
    [FIELD_LIKES] = {FIELD_LIKES, "likes", F_NUMBER, NULL, false},
    [FIELD_REPLIES] = {FIELD_REPLIES, "replies", F_NUMBER, NULL, false},
    [FIELD_SHARES] = {FIELD_SHARES, "shares", F_NUMBER, NULL, false},
    [FIELD_VIEWS] = {FIELD_VIEWS, "views", F_NUMBER, NULL, false},
    [FIELD_RATING] = {FIELD_RATING, "rating", F_NUMBER, NULL, false},
    [FIELD_WORDS] = {FIELD_WORDS, "words", F_NUMBER, NULL, false},
    [FIELD_REACH] = {FIELD_REACH, "reach", F_NUMBER, NULL, false},
    [FIELD_RELEVANCE] = {FIELD_RELEVANCE, "relevance", F_NUMBER, NULL, true},
    [FIELD_ANSWER] = {FIELD_ANSWER, "answer", F_NUMBER, NULL, true},
    [FIELD_URGENCY] = {FIELD_URGENCY, "urgency", F_NUMBER, NULL, true},
    [FIELD_THREAT] = {FIELD_THREAT, "threat", F_NUMBER, NULL, true},
    [FIELD_INSULT] = {FIELD_INSULT, "insult", F_NUMBER, NULL, true},
    [FIELD_SPAM] = {FIELD_SPAM, "spam", F_NUMBER, NULL, true},
    [FIELD_SARCASM] = {FIELD_SARCASM, "sarcasm", F_NUMBER, NULL, true},
    [FIELD_TONALITY] = {FIELD_TONALITY, "tonality", F_TONALITY, NULL, true},
    [FIELD_TARGET] = {FIELD_TARGET, "target", F_TARGET, NULL, true},
    [FIELD_INTENT] = {FIELD_INTENT, "intent", F_WORD,
		      " complaint criticism question request suggestion praise purchase "
		      "cancellation report help "
		      "news advert talk ",
		      true},
    [FIELD_CREATED] = {FIELD_CREATED, "created", F_TIME, NULL, false},
    [FIELD_FETCHED] = {FIELD_FETCHED, "fetched", F_TIME, NULL, false},
};

/* in the order of enum post_tonality */
static const char *const labels[] = {"unsure", "negative", "neutral", "positive"};
/* in the order of HAS_* */
static const char *const has_values[] = {"link", "image", "video", "question", "quote"};

const struct field *field_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

size_t field_count(void)
{
	return ARRAY_LEN(fields);
}

const struct field *field_at(size_t i)
{
	return &fields[i];
}

/* One value, quoted or bare. */
static int read_value(struct reader *r, struct str *ret)
{
	const char *close;
	size_t at = r->pos;
	if (reader_quote(r->text, r->pos, &close)) {
		if (reader_quoted(r, ret))
			return -1;
		if (!ret->n)
			return reader_fail(r, at, "a value", r->pos - at);
		return 0;
	}
	*ret = reader_word(r);
	if (!ret->n)
		return reader_fail(r, r->pos, "a value", r->pos < r->text.n);
	if (str_is(*ret, "AND") || str_is(*ret, "OR") || str_is(*ret, "NOT"))
		return reader_fail(r, r->pos, "a value (in quotes, if it is this word)", ret->n);
	r->pos += ret->n;
	return 0;
}

static int name_index(const char *const *names, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(s, names[i]))
			return (int)i;
	return -1;
}

/* ---- times ---- */

static int64_t utc_ms(const struct reader *r, int64_t year, int month, int day, int hour,
		      int minute)
{
	int64_t local = ((num_days(year, month, day) * 24 + hour) * 60 + minute) * 60000;
	int minutes = 60;
	must(zone_minutes(r->names->zone, local, &minutes));
	return local - minutes * 60000;
}

/* "2026-11-21", "2026-11-21T10:00", RFC 3339: what it spans, [from, to). */
static int read_time(const struct reader *r, struct str s, int64_t *from, int64_t *to)
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
	*from = utc_ms(r, y, (int)mo, (int)d, (int)h, (int)mi);
	if (s.n == 16) {
		*to = *from + 60000;
	} else {
		/* the next midnight: a day has 23, 24 or 25 hours */
		bool last = d == in_month;
		*to = last ? utc_ms(r, mo == 12 ? y + 1 : y, mo == 12 ? 1 : (int)mo + 1, 1, 0, 0)
			   : utc_ms(r, y, (int)mo, (int)d + 1, 0, 0);
	}
	return 0;
}

/* ---- the kinds of values ---- */

struct operand {
	bool greater, less, equal; /* of the comparison in front */
	size_t at;                 /* where the value begins */
};

static int parse_time(struct reader *r, struct field_test *one, const struct operand *op,
		      struct str value)
{
	static const char *expected =
	    "a time such as 2026-11-21, 2026-11-21T10:00 or an age such as >-24h";
	int64_t age;
	if (value.n > 2 && value.p[0] == '-') {
		char unit = value.p[value.n - 1];
		if ((unit != 'h' && unit != 'd') || (!op->greater && !op->less) || op->equal ||
		    num_duration_ms(str_sub(value, 1, value.n), &age))
			return reader_fail(r, op->at, expected, value.n);
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
		    (a.n && read_time(r, a, &from, &to)) ||
		    (b.n && read_time(r, b, &second_from, &second_to)) ||
		    (a.n && b.n && from >= second_to))
			return reader_fail(
			    r, op->at, "two times in order, FROM..TO, one may be missing", value.n);
		if (a.n)
			one->from = from;
		if (b.n)
			one->to = second_to;
		return 0;
	}
	if (read_time(r, value, &from, &to))
		return reader_fail(r, op->at, expected, value.n);
	if (op->greater)
		one->from = op->equal ? from : to;
	else if (op->less)
		one->to = op->equal ? to : from;
	else
		one->from = from, one->to = to;
	return 0;
}

/* What values a field can have: others are a slip of the pen. */
static const struct range {
	const char *fields, *expected; /* " a b "; the last row: all others */
	double low, high;
	bool whole;
} ranges[] = {
    {" tonality ", "a number from -1 to 1", -1, 1, false},
    {" relevance answer threat insult spam sarcasm ", "a number from 0 to 1", 0, 1, false},
    {" urgency ", "0, 1, 2 or 3", 0, 3, true},
    {" rating ", "a number", -1e15, 1e15, false},
    {"", "a whole number from 0", 0, 1e15, true},
};

static const struct range *range_of(const struct field *field)
{
	char name[32];
	size_t i = 0;
	(void)snprintf(name, sizeof name, " %s ", field->name);
	while (i + 1 < ARRAY_LEN(ranges) && !strstr(ranges[i].fields, name))
		i++;
	return &ranges[i];
}

static bool in_range(const struct field *field, double v)
{
	const struct range *range = range_of(field);
	return isinf(v) ||
	       (v >= range->low && v <= range->high && (!range->whole || v == floor(v)));
}

static int parse_number(struct reader *r, struct field_test *one, const struct operand *op,
			struct str value)
{
	static const char *expected = "a number such as 100, >=0.5 or 10..50";
	double a = -INFINITY, b = INFINITY;
	one->compare = C_RANGE;
	for (size_t i = 0; i < value.n; i++) /* no 1e3, no inf */
		if (!strchr("0123456789.-+", value.p[i]))
			return reader_fail(r, op->at, expected, value.n);
	size_t dots = str_find_str(value, STR(".."));
	if (dots < value.n) {
		struct str low = str_sub(value, 0, dots), high = str_sub(value, dots + 2, value.n);
		if (op->greater || op->less || (!low.n && !high.n) ||
		    (low.n && num_double(low, -1e15, 1e15, &a)) ||
		    (high.n && num_double(high, -1e15, 1e15, &b)))
			return reader_fail(r, op->at, expected, value.n);
		if (a > b)
			return reader_fail(
			    r, op->at, "a number range such as 10..50, the smaller first", value.n);
	} else {
		double v;
		/* 1.000 would be read as 1: thousands are written without separator */
		size_t dot = str_find(value, '.', 0);
		bool thousands = dot < value.n && value.n - dot == 4 && dot > 0 &&
				 value.p[dot - 1] != '0' && value.p[value.n - 1] == '0';
		if (thousands || num_double(value, -1e15, 1e15, &v))
			return reader_fail(r, op->at, expected, value.n);
		if (op->greater)
			a = v, one->above = !op->equal;
		else if (op->less)
			b = v, one->below = !op->equal;
		else
			a = b = v;
	}
	if (!in_range(one->field, a) || !in_range(one->field, b))
		return reader_fail(r, op->at, range_of(one->field)->expected, value.n);
	one->low = a;
	one->high = b;
	return 0;
}

static int parse_choice(struct reader *r, struct field_test *one, const struct operand *op,
			struct str value)
{
	int i = -1;
	one->compare = C_TEXTS;
	if (op->greater || op->less)
		return reader_fail(r, op->at, "a value without comparison", value.n);
	switch (one->field->kind) {
	case F_BOOL:
		if (str_ieq(value, "yes") || str_ieq(value, "true"))
			i = 0;
		else if (str_ieq(value, "no") || str_ieq(value, "false"))
			i = 1;
		if (i < 0)
			return reader_fail(r, op->at, "yes or no", value.n);
		break;
	case F_HAS:
		i = name_index(has_values, ARRAY_LEN(has_values), value);
		if (i < 0)
			return reader_fail(r, op->at, "link, image, video, question or quote",
					   value.n);
		break;
	default: /* F_TONALITY, F_TARGET */
		i = name_index(labels, ARRAY_LEN(labels), value);
		if (i < 0)
			return reader_fail(
			    r, op->at, "negative, neutral, positive, unsure or a number (-1..1)",
			    value.n);
	}
	one->set |= 1u << i;
	return 0;
}

/* Two or three letters, perhaps more behind a hyphen (RFC 5646, 2.1), or wildcards. */
static bool is_language(struct str s)
{
	size_t n = str_find(s, '-', 0);
	if (spell_wild(s))
		return true;
	for (size_t i = 0; i < n; i++)
		if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
			return false;
	return n == 2 || n == 3;
}

/* The host in *s, which may be written as a link without path.  -1: there is none. */
static int site_of(struct str *s)
{
	struct str path, host = link_host(*s, &path);
	bool bare = path.n == 0 || str_is(path, "/");
	for (size_t i = 0; i < host.n; i++)
		bare = bare && !strchr(" :/", host.p[i]);
	*s = host;
	return bare && host.n && host.p[0] != '.' ? 0 : -1;
}

static int parse_word(struct reader *r, struct field_test *one, const struct operand *op,
		      struct str value)
{
	one->compare = C_TEXTS;
	if (op->greater || op->less)
		return reader_fail(r, op->at, "a value without comparison", value.n);
	if (str_is(value, "*"))
		return reader_fail(r, op->at, "a value with a letter or digit", value.n);
	if (one->n_texts == MAX_VALUES)
		return reader_fail(r, op->at, "at most 100,000 values", value.n);
	if (one->field->id == FIELD_AUTHOR && value.n > 1 && value.p[0] == '@')
		value = str_sub(value, 1, value.n);
	if (one->field->id == FIELD_LANG && !is_language(value))
		return reader_fail(r, op->at, "a language such as de, en or de-AT", value.n);
	size_t written = value.n;
	if (one->field->kind == F_SITE && site_of(&value))
		return reader_fail(r, op->at, "a host such as dhl.de, without path", written);
	if ((one->n_texts & (one->n_texts - 1)) == 0) { /* full: 1, 2, 4, 8 ... */
		size_t room = one->n_texts ? 2 * one->n_texts : 1;
		struct str *more = arena_alloc(r->arena, room * sizeof *more);
		if (one->n_texts)
			memcpy(more, one->texts, one->n_texts * sizeof *more);
		one->texts = more;
	}
	one->texts[one->n_texts++] = text_fold(value, r->arena);
	return 0;
}

/* A value that was read. */
static int parse_one(struct reader *r, struct field_test *one, const struct operand *op,
		     struct str value, bool quoted)
{
	enum field_kind kind = one->field->kind;
	bool numeric = kind == F_NUMBER || kind == F_TIME ||
		       (kind == F_TONALITY && !quoted &&
			!((value.p[0] | 0x20) >= 'a' && (value.p[0] | 0x20) <= 'z'));
	if (kind == F_TIME)
		return parse_time(r, one, op, value);
	if (numeric)
		return parse_number(r, one, op, value);
	if (kind == F_WORD || kind == F_SITE)
		return parse_word(r, one, op, value);
	return parse_choice(r, one, op, value);
}

static int parse_value(struct reader *r, struct field_test *one)
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
	const char *close;
	bool quoted = reader_quote(r->text, r->pos, &close) != 0;
	struct str value = STR_NULL;
	if (read_value(r, &value))
		return -1;
	return parse_one(r, one, &op, value, quoted);
}

/* Where the next of several values goes: numbers have a range each. */
static struct field_test *next_test(struct reader *r, struct field_test *one, bool first)
{
	bool number = one->field->kind == F_NUMBER || one->field->kind == F_TIME ||
		      one->field->kind == F_TONALITY;
	if (!number || first)
		return one;
	struct field_test *next = arena_zalloc(r->arena, sizeof *next);
	next->field = one->field;
	next->other = one->other;
	one->other = next;
	return next;
}

static int read_list(struct reader *r, const struct query_list *list, struct field_test *one)
{
	struct operand op = {.at = r->pos};
	for (size_t i = 0; i < list->n; i++) {
		struct reader line = *r;
		const char *close;
		struct str value = line.text = list->at[i];
		line.pos = 0;
		bool quoted = reader_quote(value, 0, &close) != 0;
		if ((quoted && read_value(&line, &value)) ||
		    parse_one(r, next_test(r, one, i == 0), &op, value, quoted))
			return -1;
	}
	return 0;
}

static struct field_test *test_new(struct reader *r, const struct field *field)
{
	struct field_test *one = arena_zalloc(r->arena, sizeof *one);
	one->field = field;
	return one;
}

/* name:$list: read when it is used first; times each time, as the zone may be another one. */
static const struct field_test *parse_list(struct reader *r, const struct field *field)
{
	struct str word = reader_word(r);
	struct query_define *define = names_find(r->names, str_sub(word, 1, word.n));
	if (!define || !define->list) {
		(void)reader_fail(r, r->pos, "the name of a list of this set behind \"$\"", word.n);
		return NULL;
	}
	if (!define->tests)
		define->tests = arena_zalloc(r->arena, field_count() * sizeof *define->tests);
	if (!define->tests[field->id] || field->kind == F_TIME) {
		struct field_test *one = test_new(r, field);
		if (read_list(r, define->list, one))
			return NULL;
		define->tests[field->id] = one;
	}
	r->pos += word.n;
	return define->tests[field->id];
}

/* name:(v1 OR v2) */
static int parse_group(struct reader *r, struct field_test *one)
{
	size_t open = r->pos++;
	bool first = true;
	for (;;) {
		struct field_test *to = next_test(r, one, first);
		first = false;
		if (reader_skip(r) || parse_value(r, to) || reader_skip(r))
			return -1;
		if (r->pos == r->text.n)
			return reader_fail(r, open, "a closing parenthesis", r->text.n - open);
		if (r->text.p[r->pos] == ')') {
			r->pos++;
			return 0;
		}
		struct str word = reader_word(r);
		if (reader_english(r, word))
			return -1;
		if (!str_is(word, "OR"))
			return reader_fail(r, r->pos, "OR or \")\"", word.n ? word.n : 1);
		r->pos += word.n;
	}
}

const struct field_test *field_parse(struct reader *r, const struct field *field)
{
	char c = r->pos < r->text.n ? r->text.p[r->pos] : ' ';
	if (reader_space(c)) {
		(void)reader_fail(r, r->pos, "a value directly behind the colon",
				  r->pos < r->text.n);
		return NULL;
	}
	if (c == '$')
		return parse_list(r, field);
	struct field_test *one = test_new(r, field);
	return (c == '(' ? parse_group(r, one) : parse_value(r, one)) ? NULL : one;
}
