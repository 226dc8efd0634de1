/*
 * unit.c: what stands between operators: terms, groups, prefixes, fields, definitions.
 */
#include <string.h>

#include "common/mem.h"
#include "common/text/chars.h"

#include "common/query/field.h"
#include "common/query/parser.h"
#include "common/query/term.h"

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
	if (parse_deeper(p, open) || reader_skip(r))
		return NULL;
	if (!parse_at_end(p) && r->text.p[r->pos] == ')') {
		(void)reader_fail(r, r->pos, "an expression between the parentheses", 1);
		return NULL;
	}
	struct node *node = parse_or(p);
	if (!node || reader_skip(r))
		return NULL;
	if (parse_at_end(p) || r->text.p[r->pos] != ')') {
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

static struct node *parse_define(struct parser *p, struct str word, enum term_form form);

/* part:, stem:, loose:, link: and a word or an OR group of words. */
static struct node *parse_formed(struct parser *p, enum term_form form)
{
	struct reader *r = p->r;
	size_t at = r->pos;
	const char *close;
	if (!parse_at_end(p) && r->text.p[at] == '(') {
		struct node *node = node_new(p, OP_OR, at);
		r->pos++;
		for (;;) {
			if (reader_skip(r))
				return NULL;
			if (!parse_at_end(p) && r->text.p[r->pos] == '(') {
				(void)reader_fail(r, r->pos, "words joined by OR", 1);
				return NULL;
			}
			struct node *one = parse_formed(p, form);
			if (!one || reader_skip(r))
				return NULL;
			node_add(p, node, one);
			struct str word = reader_word(r);
			if (!parse_at_end(p) && r->text.p[r->pos] == ')') {
				r->pos++;
				node->to = r->pos;
				node->bracketed = true;
				return node->n_of == 1 ? one : node;
			}
			if (!str_is(word, "OR")) {
				if (reader_english(r, word))
					return NULL;
				(void)reader_fail(r, r->pos, "OR or \")\"",
						  word.n ? word.n : !parse_at_end(p));
				return NULL;
			}
			r->pos += word.n;
		}
	}
	if (reader_quote(r->text, at, &close))
		return parse_quoted(p, form);
	struct str word = reader_word(r);
	if (!word.n || parse_is_operator(word)) {
		(void)reader_fail(r, at, "a word directly behind the colon",
				  word.n ? word.n : !parse_at_end(p));
		return NULL;
	}
	if (reader_english(r, word))
		return NULL;
	if (is_name(word))
		return parse_define(p, word, form);
	r->pos += word.n;
	return parse_term(p, word, at, form);
}

static struct node *parse_zone(struct parser *p, enum query_zone zone, size_t at)
{
	struct reader *r = p->r;
	if (parse_at_end(p) || reader_space(r->text.p[r->pos])) {
		(void)reader_fail(r, r->pos, "a term or a group directly behind the colon", 0);
		return NULL;
	}
	if (p->in_zone) {
		(void)reader_refuse(r, at,
				    "a prefix inside title:, text:, lead: or quote: finds nothing");
		return NULL;
	}
	if (parse_deeper(p, at))
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

/* A list of terms, any of them, each as `form` says or, TERM_BARE, as it is written.  Read when it is used
 * first; what it counts is in the definition then. */
static struct node *list_of(struct parser *p, struct query_define *define, enum term_form form)
{
	struct reader lines = *p->r;
	struct node *all = node_new(p, OP_OR, p->r->pos);
	if (define->nodes[form])
		return define->nodes[form];
	lines.n_terms = lines.deepest = 0;
	lines.unzoned = false;
	for (size_t i = 0; i < define->list->n; i++) {
		struct parser inner = {.r = &lines};
		lines.text = list_line(p->r, define->list->at[i]);
		lines.pos = 0;
		struct node *one =
		    form == TERM_BARE ? parse_unit(&inner) : parse_formed(&inner, form);
		if (!one || reader_skip(&lines))
			return NULL;
		if (lines.pos < lines.text.n) {
			(void)reader_fail(&lines, lines.pos, "one term in each line of the list",
					  1);
			return NULL;
		}
		node_add(p, all, one);
	}
	define->n_terms = lines.n_terms;
	define->depth = lines.deepest;
	define->unzoned = lines.unzoned;
	define->nodes[form] = all->n_of == 1 ? all->of[0] : all;
	return define->nodes[form];
}

/* $name, behind a prefix of that form or, TERM_BARE, alone. */
static struct node *parse_define(struct parser *p, struct str word, enum term_form form)
{
	struct reader *r = p->r;
	struct query_define *define = defined(r, word);
	size_t at = r->pos;
	if (!define)
		return NULL;
	if (!define->list && form != TERM_BARE) {
		(void)reader_refuse(r, at,
				    "expected a word or a list: a definition has no place behind "
				    "part:, stem:, loose: or link:");
		return NULL;
	}
	const struct node *said = define->list ? list_of(p, define, form) : define->nodes[0];
	if (!said)
		return NULL;
	if (p->in_zone && define->unzoned) {
		(void)reader_refuse(
		    r, at,
		    "a definition with a field condition or a prefix has no place in "
		    "title:, text:, lead: or quote:");
		return NULL;
	}
	if (reader_terms(r, at, define->n_terms) ||
	    parse_down_to(p, p->depth + 1 + define->depth, at))
		return NULL;
	r->unzoned = r->unzoned || define->unzoned;
	r->pos += word.n;
	struct node *node = arena_alloc(r->arena, sizeof *node);
	*node = *said;
	node->bracketed = true;
	node->defined = (uint32_t)(define - r->names->at) * DEFINE_FORMS + form + 1;
	if (node->op != OP_TERM && node->op != OP_FIELD) { /* these show what they say */
		node->text = r->text;
		node->from = at;
		node->to = r->pos;
	}
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
		    : meant ? arena_printf(r->arena,
					   "the name of a field or a prefix, perhaps %s: (a colon "
					   "in a word: use quotes)",
					   meant)
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
	if (parse_counted(p, word, &n) || reader_skip(p->r) || parse_deeper(p, at))
		return NULL;
	size_t begin = p->r->pos;
	struct node *of = parse_unit(p);
	p->depth--;
	if (!of || parse_check_operand(p, of, begin, true))
		return NULL;
	struct node *node = node_over(p, OP_ATLEAST, of, NULL);
	node->from = at;
	node->number = n;
	return node;
}

struct node *parse_unit(struct parser *p)
{
	struct reader *r = p->r;
	const char *close;
	if (parse_at_end(p)) {
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
	if (str_starts(word, "ATLEAST") && parse_is_operator(word))
		return parse_atleast(p, word);
	if (parse_is_operator(word)) {
		(void)reader_fail(r, r->pos, "a term before and behind an operator", word.n);
		return NULL;
	}
	if (is_name(word))
		return parse_define(p, word, TERM_BARE);
	return parse_word(p, word);
}
