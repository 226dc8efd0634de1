#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/chars.h"

#include "common/query/field.h"
#include "common/query/parse.h"
#include "common/query/term.h"

struct parser {
	struct reader *r;
	unsigned depth;
	bool in_zone; /* title: and the like take no field conditions */
};

static struct node *parse_or(struct parser *p);
static struct node *parse_unit(struct parser *p);

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct node *node_new(struct parser *p, enum query_op op, size_t from)
{
	struct node *node = arena_zalloc(p->r->arena, sizeof *node);
	node->op = op;
	node->text = p->r->text;
	node->form = "";
	node->from = from;
	node->to = p->r->pos;
	return node;
}

static struct node *node_over(struct parser *p, enum query_op op, struct node *a, struct node *b)
{
	struct node *node = node_new(p, op, a->from);
	node->n_of = b ? 2 : 1;
	node->of = arena_alloc(p->r->arena, 2 * sizeof *node->of);
	node->of[0] = a;
	node->of[1] = b;
	return node;
}

/* Room for 1, 2, 4 ... operands. */
static void node_add(struct parser *p, struct node *node, struct node *one)
{
	uint32_t n = node->n_of;
	if ((n & (n - 1)) == 0) {
		struct node **more = arena_alloc(p->r->arena, (n ? 2 * n : 1) * sizeof *more);
		if (n)
			memcpy(more, node->of, n * sizeof *more);
		node->of = more;
	}
	node->of[node->n_of++] = one;
	node->to = one->to;
}

static int down_to(struct parser *p, unsigned depth, size_t at)
{
	if (depth > QUERY_DEPTH)
		return reader_refuse(p->r, at, "nested deeper than 200 levels");
	if (depth > p->r->deepest)
		p->r->deepest = depth;
	return 0;
}

static int deeper(struct parser *p, size_t at)
{
	return down_to(p, ++p->depth, at);
}

/* ---- operators ------------------------------------------------------------------------------- */

static bool at_end(const struct parser *p)
{
	return p->r->pos == p->r->text.n;
}

/* Is it an operator, which cannot be a term? */
static bool is_operator(struct str word)
{
	static const char *const words[] = {"AND",  "OR",    "NOT",    "SENTENCE",
					    "NEAR", "ONEAR", "ATLEAST"};
	struct str name = str_sub(word, 0, str_find(word, '/', 0));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(name, words[i]))
			return i >= 4 || name.n == word.n;
	return false;
}

/* NAME/number at pos, which moves behind it. */
static int counted(struct parser *p, struct str word, uint32_t *ret)
{
	struct reader *r = p->r;
	size_t slash = str_find(word, '/', 0);
	int64_t n;
	char expected[64] = "a number of words after \"NEAR/\"";
	bool atleast = str_starts(word, "ATLEAST");
	if (atleast)
		memcpy(expected, "a number of times after \"ATLEAST/\"",
		       sizeof "a number of times after \"ATLEAST/\"");
	else if (word.p[0] == 'O')
		memcpy(expected, "a number of words after \"ONEAR/\"",
		       sizeof "a number of words after \"ONEAR/\"");
	struct str number = str_sub(word, slash + 1, word.n);
	size_t at = r->pos + (slash < word.n ? slash + 1 : slash);
	if (slash == word.n || number.n == 0)
		return reader_fail(r, at, expected, at < r->text.n ? 1 : 0);
	if (num_int(number, INT64_MIN, INT64_MAX, &n) || number.p[0] == '-' || number.p[0] == '+')
		return reader_fail(r, at, expected, number.n);
	if (n < 1 || n > (atleast ? INT32_MAX : 1000))
		return reader_fail(r, at, atleast ? "a number from 1" : "a number from 1 to 1000",
				   number.n);
	*ret = (uint32_t)n;
	r->pos += word.n;
	return 0;
}

/* The proximity operator at pos, behind white space: its kind and number, or false; *ret_rc -1: refused. */
static bool proximity(struct parser *p, enum query_op *ret_op, uint32_t *ret_n, int *ret_rc)
{
	struct reader *r = p->r;
	size_t begin = r->pos;
	struct str word = reader_word(r);
	bool not = str_is(word, "NOT");
	*ret_rc = 0;
	*ret_n = 0;
	if (not ) {
		r->pos += word.n;
		if ((*ret_rc = reader_skip(r)) != 0)
			return false;
		word = reader_word(r);
	}
	struct str name = str_sub(word, 0, str_find(word, '/', 0));
	if (str_is(word, "SENTENCE")) {
		r->pos += word.n;
		*ret_op = not ? OP_NOT_SENTENCE : OP_SENTENCE;
		return true;
	}
	bool near = str_is(name, "NEAR"), onear = str_is(name, "ONEAR");
	if (!near && !onear) {
		r->pos = begin;
		return false;
	}
	if (not &&onear) {
		*ret_rc = reader_refuse(r, r->pos, "NOT goes with NEAR, not with ONEAR");
		return false;
	}
	*ret_op = not ? OP_NOT_NEAR : near ? OP_NEAR : OP_ONEAR;
	*ret_rc = counted(p, word, ret_n);
	return *ret_rc == 0;
}

/* What stands beside a proximity operator, or behind ATLEAST: terms, OR groups of these, proximity
 * expressions.  It begins at `at`, as far as it stands here and not in a definition. */
static int check_operand(struct parser *p, const struct node *node, size_t at, bool counted)
{
	const char *reason = NULL;
	at = node->text.p == p->r->text.p ? node->from : at;
	switch (node->op) {
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++)
			if (check_operand(p, node->of[i], at, counted))
				return -1;
		return 0;
	case OP_AND:
	case OP_NOT:
		reason = counted ? "ATLEAST counts a term or an OR group of terms"
				 : "AND and NOT have no place beside NEAR or SENTENCE: "
				   "write (a NEAR/5 b) AND c, or (a NEAR/5 b) NOT c";
		break;
	case OP_ZONE:
		reason = counted ? "the prefix goes around the whole: title:(ATLEAST/2 a)"
				 : "the prefix goes around the whole: title:(a NEAR/5 b)";
		break;
	case OP_ATLEAST:
		reason = "ATLEAST has no place here: write (ATLEAST/2 a) AND (a NEAR/5 b)";
		break;
	case OP_FIELD:
		reason = "a field condition has no place among words: join it with AND";
		break;
	default: return 0;
	}
	return reader_refuse(p->r, at, reason);
}

/* ---- units ----------------------------------------------------------------------------------- */

static struct node *parse_term(struct parser *p, struct str text, size_t at, enum term_form form)
{
	const struct term *term = term_parse(p->r, text, at, form);
	if (!term)
		return NULL;
	static const char *const forms[] = {[TERM_PART] = "part:",
					    [TERM_STEM] = "stem:",
					    [TERM_LOOSE] = "loose:",
					    [TERM_LINK] = "link:"};
	struct node *node = node_new(p, OP_TERM, at);
	node->term = term;
	node->form = form >= TERM_PART ? forms[form] : "";
	return node;
}

static struct node *parse_quoted(struct parser *p, enum term_form form)
{
	size_t at = p->r->pos;
	struct str text;
	if (reader_quoted(p->r, &text))
		return NULL;
	return parse_term(p, text, at, form);
}

static struct node *parse_raw(struct parser *p)
{
	size_t at = p->r->pos, end = str_find(p->r->text, '}', at);
	if (end == p->r->text.n) {
		(void)reader_fail(p->r, at, "\"}\" at the end", end - at);
		return NULL;
	}
	p->r->pos = end + 1;
	return parse_term(p, str_sub(p->r->text, at + 1, end), at, TERM_RAW);
}

static struct node *parse_group(struct parser *p)
{
	struct reader *r = p->r;
	size_t open = r->pos++;
	if (deeper(p, open) || reader_skip(r))
		return NULL;
	if (!at_end(p) && r->text.p[r->pos] == ')') {
		(void)reader_fail(r, r->pos, "an expression between the parentheses", 1);
		return NULL;
	}
	struct node *node = parse_or(p);
	if (!node || reader_skip(r))
		return NULL;
	if (at_end(p) || r->text.p[r->pos] != ')') {
		(void)reader_refuse(r, open, "expected \")\" for this parenthesis, found none");
		return NULL;
	}
	r->pos++;
	p->depth--;
	node->bracketed = true;
	return node;
}

/* $name */
static bool is_name(struct str word)
{
	return word.n > 1 && word.p[0] == '$' && (word.p[1] | 0x20) >= 'a' &&
	       (word.p[1] | 0x20) <= 'z';
}

static struct query_define *defined(struct reader *r, struct str word)
{
	struct query_define *define = names_find(r->names, str_sub(word, 1, word.n));
	if (!define)
		(void)reader_fail(
		    r, r->pos, "the name of a definition that stands before, behind \"$\"", word.n);
	return define;
}

static struct node *parse_list(struct parser *p, const struct query_list *list, size_t at,
			       const enum term_form *form);

/* part:, stem:, loose:, link: and a word or an OR group of words. */
static struct node *parse_formed(struct parser *p, enum term_form form)
{
	struct reader *r = p->r;
	size_t at = r->pos;
	const char *close;
	if (!at_end(p) && r->text.p[at] == '(') {
		struct node *node = node_new(p, OP_OR, at);
		r->pos++;
		for (;;) {
			if (reader_skip(r))
				return NULL;
			if (!at_end(p) && r->text.p[r->pos] == '(') {
				(void)reader_fail(r, r->pos, "words joined by OR", 1);
				return NULL;
			}
			struct node *one = parse_formed(p, form);
			if (!one || reader_skip(r))
				return NULL;
			node_add(p, node, one);
			struct str word = reader_word(r);
			if (!at_end(p) && r->text.p[r->pos] == ')') {
				r->pos++;
				node->to = r->pos;
				node->bracketed = true;
				return node->n_of == 1 ? one : node;
			}
			if (!str_is(word, "OR")) {
				if (reader_english(r, word))
					return NULL;
				(void)reader_fail(r, r->pos, "OR or \")\"",
						  word.n ? word.n : !at_end(p));
				return NULL;
			}
			r->pos += word.n;
		}
	}
	if (reader_quote(r->text, at, &close))
		return parse_quoted(p, form);
	struct str word = reader_word(r);
	if (!word.n || is_operator(word)) {
		(void)reader_fail(r, at, "a word directly behind the colon",
				  word.n ? word.n : !at_end(p));
		return NULL;
	}
	if (reader_english(r, word))
		return NULL;
	if (is_name(word)) {
		const struct query_define *define = defined(r, word);
		if (define && !define->list)
			(void)reader_refuse(r, at,
					    "expected a word or a list: a definition has no place "
					    "behind part:, stem:, loose: or link:");
		r->pos += define ? word.n : 0;
		return define && define->list ? parse_list(p, define->list, at, &form) : NULL;
	}
	r->pos += word.n;
	return parse_term(p, word, at, form);
}

static struct node *parse_zone(struct parser *p, enum query_zone zone, size_t at)
{
	struct reader *r = p->r;
	if (at_end(p) || reader_space(r->text.p[r->pos])) {
		(void)reader_fail(r, r->pos, "a term or a group directly behind the colon", 0);
		return NULL;
	}
	if (p->in_zone) {
		(void)reader_refuse(r, at,
				    "a prefix inside title:, text:, lead: or quote: finds nothing");
		return NULL;
	}
	if (deeper(p, at))
		return NULL;
	p->in_zone = r->unzoned = true;
	struct node *of = parse_unit(p);
	p->in_zone = false;
	p->depth--;
	if (!of)
		return NULL;
	struct node *node = node_over(p, OP_ZONE, of, NULL);
	node->from = at;
	node->zone = zone;
	return node;
}

/* A line of a list as a term: what has blanks, and neither quotation marks nor braces around it, is a
 * phrase. */
static struct str list_line(const struct reader *r, struct str line)
{
	const char *close;
	if (reader_quote(line, 0, &close) || line.p[0] == '{' || str_find(line, ' ', 0) == line.n)
		return line;
	struct str quoted = str_of(arena_printf(r->arena, "\"%.*s\"", STR_ARG(line)));
	for (size_t i = 1; i + 1 < quoted.n; i++) /* marks inside: like all punctuation there */
		if (quoted.p[i] == '"')
			((char *)quoted.p)[i] = ' ';
	return quoted;
}

/* A list of terms: any of them; each as `form` says, or as it is written. */
static struct node *parse_list(struct parser *p, const struct query_list *list, size_t at,
			       const enum term_form *form)
{
	struct reader *r = p->r;
	struct node *all = node_new(p, OP_OR, at);
	for (size_t i = 0; i < list->n; i++) {
		struct reader line = *r;
		struct parser inner = {.r = &line, .depth = p->depth, .in_zone = p->in_zone};
		line.text = list_line(r, list->at[i]);
		line.pos = 0;
		struct node *one = form ? parse_formed(&inner, *form) : parse_unit(&inner);
		if (one && (reader_skip(&line) || line.pos < line.text.n)) {
			(void)reader_fail(&line, line.pos, "one term in each line of the list", 1);
			one = NULL;
		}
		r->n_terms = line.n_terms;
		r->deepest = line.deepest;
		r->unzoned = line.unzoned;
		if (!one)
			return NULL;
		node_add(p, all, one);
	}
	all->to = r->pos;
	all->bracketed = true;
	return all->n_of == 1 ? all->of[0] : all;
}

static struct node *parse_define(struct parser *p, struct str word)
{
	struct reader *r = p->r;
	struct query_define *define = defined(r, word);
	size_t at = r->pos;
	if (!define)
		return NULL;
	if (define->list) {
		r->pos += word.n;
		return parse_list(p, define->list, at, NULL);
	}
	if (p->in_zone && define->unzoned) {
		(void)reader_refuse(
		    r, at,
		    "a definition with a field condition or a prefix has no place in "
		    "title:, text:, lead: or quote:");
		return NULL;
	}
	if (reader_terms(r, at, define->n_terms) || down_to(p, p->depth + 1 + define->depth, at))
		return NULL;
	r->unzoned = r->unzoned || define->unzoned;
	r->pos += word.n;
	struct node *node = arena_alloc(r->arena, sizeof *node);
	*node = *define->node;
	node->bracketed = true;
	node->defined = (uint32_t)(define - r->names->at) + 1;
	return node;
}

/* What may stand before a colon besides fields. */
static const struct prefix {
	const char *name;
	enum query_zone zone; /* 0: it is a form */
	enum term_form form;
} prefixes[] = {{"title", ZONE_TITLE, 0}, {"text", ZONE_TEXT, 0}, {"lead", ZONE_LEAD, 0},
		{"quote", ZONE_QUOTE, 0}, {"part", 0, TERM_PART}, {"stem", 0, TERM_STEM},
		{"loose", 0, TERM_LOOSE}, {"link", 0, TERM_LINK}};

static const struct prefix *prefix_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_is(name, prefixes[i].name))
			return &prefixes[i];
	return NULL;
}

/* "kund:in", "Kund:innen", "Kund:innenservice": the colon joins a gender form.  part:innenstadt is none. */
static bool gender_colon(struct str word, size_t colon)
{
	struct str name = str_sub(word, 0, colon), rest = str_sub(word, colon + 1, word.n);
	if (colon == 0 || !char_word_at(word, colon - 1))
		return false;
	size_t n = str_starts(rest, "innen") ? 5 : str_starts(rest, "in") ? 2 : 0;
	if (n == 5 && rest.n > 5 && rest.p[5] != '*')
		return !prefix_named(name) && !field_named(name);
	return n && (n == rest.n || rest.p[n] == '*');
}

/* The prefix stands at `at`. */
static struct node *parse_prefixed(struct parser *p, enum term_form form, size_t at)
{
	bool single = p->r->pos < p->r->text.n && !strchr("($", p->r->text.p[p->r->pos]);
	struct node *node = parse_formed(p, form);
	if (node && (single || node->op == OP_OR))
		node->from = at;
	if (node && single)
		node->form = ""; /* it stands in the text already */
	return node;
}

/* Letters and underscores: what somebody could take for a field. */
static bool field_like(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (((name.p[i] | 0x20) < 'a' || (name.p[i] | 0x20) > 'z') && name.p[i] != '_')
			return false;
	return name.n > 0;
}

/* How many letters are to be put in, taken out or replaced to make one of the other (Levenshtein 1966). */
static size_t letters_apart(struct str a, const char *b)
{
	enum { MOST = 32 };
	size_t row[MOST + 1], n = strlen(b);
	if (a.n > MOST || n > MOST)
		return MOST;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; i <= a.n; i++) {
		size_t before = row[0];
		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			size_t least = before + ((a.p[i - 1] | 0x20) != b[k - 1]);
			least = row[k] + 1 < least ? row[k] + 1 : least;
			least = row[k - 1] + 1 < least ? row[k - 1] + 1 : least;
			before = row[k];
			row[k] = least;
		}
	}
	return row[n];
}

/* What was probably meant by a name that there is not; NULL: nobody knows. */
static const char *name_meant(struct str name)
{
	const char *best = NULL;
	size_t least = name.n < 5 ? 2 : 3;
	for (size_t i = 0; i < ARRAY_LEN(prefixes) + field_count(); i++) {
		const char *one = i < ARRAY_LEN(prefixes) ? prefixes[i].name
							  : field_at(i - ARRAY_LEN(prefixes))->name;
		size_t apart = letters_apart(name, one);
		if (apart < least) {
			least = apart;
			best = one;
		}
	}
	return best;
}

static struct node *parse_field(struct parser *p, struct str name, size_t at)
{
	struct reader *r = p->r;
	const struct field *field = field_named(name);
	if (!field) {
		const char *meant = name_meant(name);
		(void)reader_fail(
		    r, at,
		    str_starts(str_sub(r->text, at, r->text.n), "http")
			? "link: in front of a host (link:dhl.de)"
		    : meant ? arena_printf(r->arena, "%s: (a colon in a word: use quotes)", meant)
			    : "the name of a field or a prefix (a colon in a word: use quotes)",
		    name.n);
		return NULL;
	}
	if (p->in_zone) {
		(void)reader_refuse(
		    r, at, "a field condition has no place in title:, text:, lead: or quote:");
		return NULL;
	}
	if (reader_terms(r, at, 1))
		return NULL;
	r->unzoned = true;
	r->pos = at + name.n + 1;
	const struct field_test *test = field_parse(r, field);
	if (!test)
		return NULL;
	struct node *node = node_new(p, OP_FIELD, at);
	node->field = test;
	return node;
}

/* A bare word, or NAME: and what stands behind it. */
static struct node *parse_word(struct parser *p, struct str word)
{
	struct reader *r = p->r;
	size_t at = r->pos, colon = str_find(word, ':', 0);
	struct str name = str_sub(word, 0, colon);
	if (colon < word.n && field_like(name) && !gender_colon(word, colon)) {
		const struct prefix *prefix = prefix_named(name);
		if (!prefix)
			return parse_field(p, name, at);
		r->pos += colon + 1;
		return prefix->zone ? parse_zone(p, prefix->zone, at)
				    : parse_prefixed(p, prefix->form, at);
	}
	/* a hyphen, a minus, or the dash that word processors make of one */
	if (word.p[0] == '-' || str_starts(word, "\u2212") || str_starts(word, "\u2013")) {
		(void)reader_refuse(r, at, "for exclusion use NOT, not a hyphen");
		return NULL;
	}
	r->pos += word.n;
	return parse_term(p, word, at, TERM_BARE);
}

static struct node *parse_atleast(struct parser *p, struct str word)
{
	size_t at = p->r->pos;
	uint32_t n;
	if (counted(p, word, &n) || reader_skip(p->r) || deeper(p, at))
		return NULL;
	size_t begin = p->r->pos;
	struct node *of = parse_unit(p);
	p->depth--;
	if (!of || check_operand(p, of, begin, true))
		return NULL;
	struct node *node = node_over(p, OP_ATLEAST, of, NULL);
	node->from = at;
	node->number = n;
	return node;
}

static struct node *parse_unit(struct parser *p)
{
	struct reader *r = p->r;
	const char *close;
	if (at_end(p)) {
		(void)reader_fail(r, r->pos, "a term", 0);
		return NULL;
	}
	char c = r->text.p[r->pos];
	if (c == '(')
		return parse_group(p);
	if (c == '{')
		return parse_raw(p);
	if (c == ')' || c == '}') {
		(void)reader_fail(r, r->pos, "a term", 1);
		return NULL;
	}
	if (reader_quote(r->text, r->pos, &close))
		return parse_quoted(p, TERM_QUOTED);
	struct str word = reader_word(r);
	if (reader_english(r, word))
		return NULL;
	if (str_starts(word, "ATLEAST") && is_operator(word))
		return parse_atleast(p, word);
	if (is_operator(word)) {
		(void)reader_fail(r, r->pos, "a term before and behind an operator", word.n);
		return NULL;
	}
	if (is_name(word))
		return parse_define(p, word);
	return parse_word(p, word);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static struct node *parse_near(struct parser *p)
{
	size_t begin = p->r->pos;
	struct node *node = parse_unit(p);
	unsigned chain = 0;
	while (node) {
		enum query_op op;
		uint32_t n;
		size_t before = p->r->pos;
		int rc = reader_skip(p->r);
		if (rc || at_end(p))
			return rc ? NULL : node;
		size_t at = p->r->pos;
		if (!proximity(p, &op, &n, &rc)) {
			p->r->pos = before;
			return rc ? NULL : node;
		}
		if (down_to(p, p->depth + ++chain, at) || reader_skip(p->r) ||
		    check_operand(p, node, begin, false))
			return NULL;
		begin = p->r->pos;
		struct node *right = parse_unit(p);
		if (!right || check_operand(p, right, begin, false))
			return NULL;
		node = node_over(p, op, node, right);
		node->number = n;
	}
	return NULL;
}

static struct node *parse_not(struct parser *p)
{
	struct reader *r = p->r;
	size_t at = r->pos;
	struct str word = reader_word(r);
	if (!str_is(word, "NOT"))
		return parse_near(p);
	r->pos += word.n;
	if (reader_skip(r) || deeper(p, at))
		return NULL;
	if (at_end(p) || r->text.p[r->pos] == ')') {
		(void)reader_fail(r, r->pos, "a term behind NOT", !at_end(p));
		return NULL;
	}
	struct node *of = parse_not(p);
	p->depth--;
	if (!of)
		return NULL;
	struct node *node = node_over(p, OP_NOT, of, NULL);
	node->from = at;
	return node;
}

static struct node *parse_and(struct parser *p)
{
	struct reader *r = p->r;
	struct node *first = parse_not(p), *all = NULL;
	while (first) {
		if (reader_skip(r))
			return NULL;
		struct str word = reader_word(r);
		if (at_end(p) || r->text.p[r->pos] == ')' || str_is(word, "OR"))
			return all ? all : first;
		bool joined = !str_is(word, "AND");
		if (!joined) {
			r->pos += word.n;
			if (reader_skip(r))
				return NULL;
			if (at_end(p) || r->text.p[r->pos] == ')') {
				(void)reader_fail(r, r->pos, "a term behind AND", !at_end(p));
				return NULL;
			}
		}
		struct node *next = parse_not(p);
		if (!next)
			return NULL;
		if (!all) {
			all = node_new(p, OP_AND, first->from);
			node_add(p, all, first);
		}
		node_add(p, all, next);
		all->joined = all->joined || (joined && next->op != OP_NOT);
	}
	return NULL;
}

static struct node *parse_or(struct parser *p)
{
	struct reader *r = p->r;
	struct node *first = parse_and(p), *all = NULL;
	while (first) {
		struct str word = reader_word(r);
		if (!str_is(word, "OR"))
			return all ? all : first;
		r->pos += word.n;
		if (reader_skip(r))
			return NULL;
		if (at_end(p) || r->text.p[r->pos] == ')') {
			(void)reader_fail(r, r->pos, "a term behind OR", !at_end(p));
			return NULL;
		}
		struct node *next = parse_and(p);
		if (!next)
			return NULL;
		if (!all) {
			all = node_new(p, OP_OR, first->from);
			node_add(p, all, first);
		}
		node_add(p, all, next);
	}
	return NULL;
}

/* Is there a leaf that does not stand under NOT? */
static bool positive(const struct node *node)
{
	if (node->op == OP_TERM || node->op == OP_FIELD)
		return true;
	for (uint32_t i = 0; i < node->n_of && node->op != OP_NOT; i++)
		if (positive(node->of[i]))
			return true;
	return false;
}

struct node *query_tree(struct reader *r, bool allow_all)
{
	struct parser p = {.r = r};
	char_table_fill();
	if (reader_check(r) || reader_skip(r))
		return NULL;
	if (at_end(&p)) {
		(void)reader_fail(r, r->pos, "an expression", 0);
		return NULL;
	}
	struct node *node = parse_or(&p);
	if (!node || reader_skip(r))
		return NULL;
	if (!at_end(&p)) {
		(void)reader_fail(r, r->pos, "an operator, a term or the end", 1);
		return NULL;
	}
	if (!allow_all && !positive(node)) {
		(void)reader_refuse(
		    r, node->from,
		    "nothing but NOT: it would match nearly every post; add what must be there");
		return NULL;
	}
	return node;
}
