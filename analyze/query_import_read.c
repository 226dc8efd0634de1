/*
 * query_import_read.c: expressions of other products to pieces.
 *
 *   or    := and ("OR" and)*
 *   and   := not (["AND"] not)*
 *   not   := ("NOT" | "-") not | near
 *   near  := unit (("NEAR/n" | "NEAR/nf" | ...) unit)*
 *   unit  := "+"* ("(" or ")" | phrase | {as written} | FIELD ":" unit | word) ("~n" | "^n")*
 */
#include <ctype.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/link.h"

#include "analyze/query_import.h"

enum { DEPTH = 200 };

static struct piece *read_or(struct import *im);
static struct piece *read_unit(struct import *im);

/* Over white space and comments. */
static int skip(struct import *im, struct str *ret)
{
	struct reader *r = &im->r;
	size_t from = r->pos;
	for (;;) {
		if (reader_skip(r))
			return -1;
		if (!str_starts(import_rest(im), "<<<"))
			break;
		size_t end = str_find_str(import_rest(im), STR(">>>"));
		if (end == import_rest(im).n)
			return reader_fail(r, r->pos, "\">>>\" at the end of the comment", 3);
		r->pos += end + 3;
	}
	*ret = import_typed(im, from);
	return 0;
}

static struct piece *deeper(struct import *im, struct piece *(*read)(struct import *))
{
	if (im->depth == DEPTH) {
		(void)reader_refuse(&im->r, im->r.pos, "nested deeper than 200 levels");
		return NULL;
	}
	im->depth++;
	struct piece *p = read(im);
	im->depth--;
	return p;
}

void import_join(struct import *im, struct piece *list, struct joint joint)
{
	size_t n = list->n;
	if ((n & (n - 1)) == 0) { /* full: 1, 2, 4, 8 ... */
		struct joint *more = arena_alloc(im->r.arena, (n ? 2 * n : 1) * sizeof *more);
		if (n)
			memcpy(more, list->of, n * sizeof *more);
		list->of = more;
	}
	list->of[list->n++] = joint;
}

struct piece *import_over(struct import *im, enum piece_kind kind, size_t from, struct piece *of)
{
	struct piece *p = import_piece(im, kind, from);
	import_join(im, p, (struct joint){.piece = of});
	return p;
}

static struct piece *read_near(struct import *im)
{
	struct piece *first = deeper(im, read_unit), *all = NULL;
	while (first) {
		struct joint next = {0};
		size_t before = im->r.pos;
		if (skip(im, &next.before))
			return NULL;
		next.at = im->r.pos;
		size_t op_n = import_peek(im).n;
		if (!all)
			all = import_over(im, PIECE_NEAR, first->at, first);
		if (import_near_op(im, all, &next.op))
			return NULL;
		if (!next.op.n) {
			im->r.pos = before;
			return all->n > 1 ? all : first;
		}
		im->r.pos += op_n;
		if (skip(im, &next.behind) || !(next.piece = deeper(im, read_unit)))
			return NULL;
		import_join(im, all, next);
	}
	return NULL;
}

/* ---- units ---- */

static bool has_wildcard(struct str s)
{
	return str_find(s, '*', 0) < s.n || str_find(s, '?', 0) < s.n;
}

/* The text of a term: a link, as written, or as typed. */
struct piece *import_term(struct import *im, size_t from, struct str typed, struct str bare)
{
	struct piece *p = import_piece(im, PIECE_TERM, from);
	p->text = typed;
	struct str link = link_bare(bare);
	bool blank = str_find(bare, ' ', 0) < bare.n;
	if (!blank && (link.n < bare.n || str_starts(bare, "www.")))
		p->text = str_of(arena_printf(im->r.arena, "link:%.*s", STR_ARG(link)));
	else if (im->exact && has_wildcard(bare))
		import_note(im, p, "changed", typed,
			    "case does not count in a term with wildcards here", NOTE_WIDER);
	else if (im->exact && str_find(bare, '}', 0) == bare.n)
		p->text = str_of(arena_printf(im->r.arena, "{%.*s}", STR_ARG(bare)));
	return p;
}

static struct piece *read_group(struct import *im)
{
	struct reader *r = &im->r;
	size_t open = r->pos++;
	struct joint kid = {0};
	struct piece *group = import_piece(im, PIECE_GROUP, open);
	if (im->field && im->field->how != HOW_MARK)
		group->prefix =
		    im->field->ours
			? str_of(im->field->ours)
			: str_of(arena_printf(r->arena, "%.*s:", STR_ARG(im->field_name)));
	if (skip(im, &kid.behind))
		return NULL;
	if (import_at(im) == ')') {
		(void)reader_fail(r, r->pos, "an expression between the parentheses", 1);
		return NULL;
	}
	if (!(kid.piece = read_or(im)) || skip(im, &group->tail))
		return NULL;
	if (import_at(im) != ')') {
		(void)reader_refuse(r, open, "expected \")\" for this parenthesis, found none");
		return NULL;
	}
	r->pos++;
	import_join(im, group, kid);
	return import_marks(im, group, STR_NULL);
}

static struct piece *read_phrase(struct import *im)
{
	size_t from = im->r.pos;
	struct str bare;
	if (reader_quoted(&im->r, &bare))
		return NULL;
	if (im->field)
		return import_marks(im, import_value(im, import_typed(im, from), bare), STR_NULL);
	return import_marks(im, import_term(im, from, import_typed(im, from), bare), bare);
}

/* {as written}, [from TO until] */
static struct piece *read_closed(struct import *im, char close, const char *expected)
{
	size_t from = im->r.pos, end = str_find(im->r.text, close, from);
	if (end == im->r.text.n) {
		(void)reader_fail(&im->r, from, expected, 1);
		return NULL;
	}
	im->r.pos = end + 1;
	struct str typed = import_typed(im, from);
	if (im->field)
		return import_marks(im, import_value(im, typed, typed), STR_NULL);
	struct piece *p = import_piece(im, PIECE_TERM, from);
	p->text = typed;
	if (close == '}')
		return import_marks(im, p, STR_NULL);
	p->gone = true;
	import_note(im, p, "left out", typed, "a range needs a field in front of it", NOTE_GONE);
	return p;
}

/* Behind "NAME:". */
static struct piece *read_field(struct import *im, size_t from, struct str name)
{
	struct import outer = *im;
	const struct import_field *field = import_field_named(name);
	im->field = field ? field : &import_field_unknown;
	im->field_name = name;
	while (reader_space(import_at(im))) /* subreddit: nba */
		im->r.pos++;
	if (!import_at(im) || import_at(im) == ')') {
		(void)reader_fail(&im->r, im->r.pos, "a value behind the colon",
				  import_at(im) != '\0');
		return NULL;
	}
	if (im->field->how == HOW_ZONE || im->field->how == HOW_EXACT)
		im->field = NULL;
	im->exact = im->exact || (field && field->how == HOW_EXACT);
	struct piece *p = deeper(im, read_unit);
	if (p && !p->n)
		p->at = from;
	if (p && field && field->how == HOW_ZONE) {
		p = import_over(im, PIECE_ZONE, from, p);
		p->prefix = str_of(field->ours);
	}
	im->field = outer.field;
	im->field_name = outer.field_name;
	im->exact = outer.exact;
	return p;
}

/* Is what stands before the colon the name of a field?  Not in 10:30, Kund:innen and https://. */
static bool names_field(const struct import *im, struct str word, size_t colon)
{
	struct str name = str_sub(word, 0, colon), behind = str_sub(word, colon + 1, word.n);
	if (colon == 0 || colon == word.n)
		return false;
	if (import_field_named(name))
		return true;
	bool gender = str_is(behind, "in") || str_starts(behind, "innen") || str_is(behind, "in*");
	bool like =
	    isalpha((unsigned char)name.p[0]) && !im->field && !gender && !str_starts(behind, "//");
	for (size_t i = 0; i < name.n; i++)
		like = like && (isalnum((unsigned char)name.p[i]) || strchr("_.", name.p[i]));
	return like;
}

/* Without the ^2 behind it. */
static struct str weightless(struct str s)
{
	size_t mark = str_find(s, '^', 1);
	for (size_t i = mark + 1; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]) && s.p[i] != '.')
			return s;
	return str_sub(s, 0, mark);
}

/* The value of a field without quotation marks; it may hold what begins a comment here. */
static struct piece *read_bare_value(struct import *im)
{
	size_t from = im->r.pos;
	do
		im->r.pos += import_peek(im).n;
	while (str_starts(import_rest(im), "/*") && (im->r.pos += 2));
	struct str typed = import_typed(im, from), text = weightless(typed);
	struct piece *p = import_value(im, text, text);
	if (text.n < typed.n)
		import_note_weight(im, p, str_sub(typed, text.n, typed.n));
	return p;
}

/* A word: without the weight (a^2) and the fuzziness (a~2) behind it, and the $ of $AAPL in front. */
static struct piece *read_term(struct import *im, struct str word)
{
	size_t from = im->r.pos, end = word.n;
	bool fuzzy = false, dollar = word.p[0] == '$';
	im->r.pos += word.n;
	for (size_t i = end; i > 0 && strchr("0123456789.~^", word.p[i - 1]); i--) {
		if (word.p[i - 1] == '~' || word.p[i - 1] == '^')
			end = i - 1;
		fuzzy = fuzzy || word.p[i - 1] == '~';
	}
	dollar = dollar && end > 1 && isalpha((unsigned char)word.p[1]);
	struct str text = str_sub(word, dollar, end);
	struct str mark = str_sub(word, end, word.n);
	struct piece *p = import_term(im, from, text, text);
	p->gone = end == 0;
	if (mark.n && end)
		mark =
		    str_of(arena_printf(im->r.arena, "%.*s of %.*s", STR_ARG(mark), STR_ARG(word)));
	if (p->gone)
		import_note(im, p, "left out", mark,
			    "it stands behind nothing that it could change", NOTE_SAME);
	else if (fuzzy)
		import_note(im, p, "left out", mark, "similar spellings are not found here",
			    NOTE_NARROWER);
	else if (mark.n)
		import_note_weight(im, p, mark);
	if (dollar)
		import_note(im, p, "changed", word,
			    "a word with $ is found by the word, and that without $ too",
			    NOTE_WIDER);
	return p;
}

static struct piece *read_word(struct import *im)
{
	struct reader *r = &im->r;
	struct str word = import_peek(im);
	size_t from = r->pos, colon = str_find(word, ':', 0);
	if (!word.n) {
		(void)reader_fail(r, from, "a term", import_at(im) != '\0');
		return NULL;
	}
	if (str_is(word, "AND") || str_is(word, "OR") || str_is(word, "NOT") ||
	    str_is(word, "NEAR") || str_starts(word, "NEAR/")) {
		(void)reader_fail(r, from, "a term before and behind an operator", word.n);
		return NULL;
	}
	if (names_field(im, word, colon)) {
		r->pos += colon + 1;
		return read_field(im, from, str_sub(word, 0, colon));
	}
	return im->field ? read_bare_value(im) : read_term(im, word);
}

/* +a: the word itself, as ours are; ++a: its case counts. */
static struct piece *read_unit(struct import *im)
{
	const char *close;
	bool outer = im->exact;
	size_t plus = 0;
	while (import_at(im) == '+' && im->r.pos + 1 < im->r.text.n &&
	       !reader_space(import_rest(im).p[1])) {
		im->r.pos++;
		plus++;
	}
	im->exact = outer || plus > 1;
	struct piece *p = import_at(im) == '('   ? read_group(im)
			  : import_at(im) == '{' ? read_closed(im, '}', "\"}\" for this brace")
			  : import_at(im) == '[' ? read_closed(im, ']', "\"]\" for this bracket")
			  : reader_quote(im->r.text, im->r.pos, &close) ? read_phrase(im)
									: read_word(im);
	im->exact = outer;
	return p;
}

/* ---- lists ---- */

static struct piece *read_not(struct import *im)
{
	struct joint kid = {0};
	size_t from = im->r.pos;
	if (str_is(import_peek(im), "NOT"))
		im->r.pos += 3;
	else if (import_at(im) == '-' && import_rest(im).n > 1 &&
		 !reader_space(import_rest(im).p[1]) && !im->field)
		im->r.pos++;
	else
		return read_near(im);
	if (skip(im, &kid.behind) || !(kid.piece = deeper(im, read_not)))
		return NULL;
	struct piece *p = import_piece(im, PIECE_NOT, from);
	import_join(im, p, kid);
	return p;
}

/* Operands joined by AND, or side by side; or, of `kind` OR, such lists joined by OR. */
static struct piece *read_list(struct import *im, enum piece_kind kind,
			       struct piece *(*read)(struct import *))
{
	struct piece *first = read(im), *all = NULL;
	while (first) {
		struct joint next = {0};
		size_t before = im->r.pos;
		if (skip(im, &next.before))
			return NULL;
		struct str word = import_peek(im);
		bool is_or = str_is(word, "OR"), is_and = str_is(word, "AND");
		if (!import_at(im) || import_at(im) == ')' || is_or != (kind == PIECE_OR)) {
			im->r.pos = before;
			return all ? all : first;
		}
		next.at = im->r.pos;
		if (is_or || is_and) {
			next.op = word;
			im->r.pos += word.n;
			if (skip(im, &next.behind))
				return NULL;
		}
		if (!(next.piece = read(im)))
			return NULL;
		if (!all)
			all = import_over(im, kind, first->at, first);
		import_join(im, all, next);
	}
	return NULL;
}

static struct piece *read_and(struct import *im)
{
	return read_list(im, PIECE_AND, read_not);
}

static struct piece *read_or(struct import *im)
{
	return read_list(im, PIECE_OR, read_and);
}

struct piece *import_read(struct import *im)
{
	if (skip(im, &im->before))
		return NULL;
	struct piece *p = read_or(im);
	if (!p || skip(im, &im->behind))
		return NULL;
	if (im->r.pos < im->r.text.n) {
		(void)reader_fail(&im->r, im->r.pos, "an operator, a term or the end", 1);
		return NULL;
	}
	return p;
}
