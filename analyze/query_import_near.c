/*
 * query_import_near.c: how far apart words may be.
 *
 * Distances: Brandwatch's NEAR/n, and "a b"~n and (a AND b)~n everywhere, count the words in between; ours
 * and Talkwalker's NEAR/n count from word to word, so that neighbours are 1 apart.
 */
#include <ctype.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"

#include "analyze/query_import.h"

enum { MOST_APART = 1000 };

/* "NEAR/n" for words that are so far apart here. */
static struct str apart(struct import *im, const struct piece *p, const char *name, int64_t n,
			struct str typed)
{
	if (n > MOST_APART)
		import_note(im, p, "changed", typed, "words are at most 1,000 apart here",
			    NOTE_NARROWER);
	n = n > MOST_APART ? MOST_APART : n < 1 ? 1 : n;
	return str_of(arena_printf(im->r.arena, "%s/%lld", name, (long long)n));
}

/* The proximity operator at pos, or *ret_op empty. */
int import_near_op(struct import *im, const struct piece *left, struct str *ret_op)
{
	struct str word = import_peek(im);
	size_t slash = str_find(word, '/', 0), end = word.n;
	struct str name = str_sub(word, 0, slash);
	bool ordered = str_is(name, "ONEAR");
	int64_t n;
	*ret_op = STR_NULL;
	if (str_is(word, "SENTENCE"))
		*ret_op = word;
	if (ret_op->n ||
	    (!ordered && !str_is(word, "NEAR") && (!str_ieq(name, "near") || slash == word.n)))
		return 0;
	if (end && (word.p[end - 1] == 'f' || word.p[end - 1] == 'F')) {
		ordered = true;
		end--;
	}
	struct str number = str_sub(word, slash + 1, end);
	if (num_int(number, 0, INT32_MAX, &n))
		return reader_fail(&im->r, im->r.pos + (slash < word.n ? slash + 1 : slash),
				   "a number of words after \"NEAR/\"", number.n);
	*ret_op =
	    apart(im, left, ordered ? "ONEAR" : "NEAR", n + (im->tool == IMPORT_BRANDWATCH), word);
	return 0;
}

/* May it stand beside NEAR here? */
static bool can_be_near(const struct piece *p)
{
	if (p->kind == PIECE_TERM)
		return true;
	if (p->kind != PIECE_GROUP && p->kind != PIECE_OR && p->kind != PIECE_NEAR)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (!can_be_near(p->of[i].piece))
			return false;
	return true;
}

/* Into `group` go the operands of `all` near each other: two of them a NEAR b; more side by side,
 * (a NEAR b) AND (b NEAR c). */
static void near_each_other(struct import *im, struct piece *group, const struct piece *all,
			    int64_t n, struct str typed)
{
	struct piece *pairs = import_piece(im, PIECE_AND, all->at), *pair = NULL;
	struct str op = apart(im, group, "NEAR", n + 1, typed);
	for (size_t i = 1; i < all->n; i++) {
		struct joint second = all->of[i];
		second.op = op;
		pair = import_over(im, PIECE_NEAR, all->at, all->of[i - 1].piece);
		import_join(im, pair, second);
		import_join(im, pairs,
			    (struct joint){.piece = import_over(im, PIECE_GROUP, all->at, pair),
					   .before = STR(" "),
					   .op = STR("AND"),
					   .behind = STR(" "),
					   .at = second.at});
	}
	group->of[0].piece = all->n == 2 ? pair : pairs;
	if (all->n > 2)
		import_note(im, group, "changed", typed,
			    "each word is near the next here, not all near each other", NOTE_WIDER);
}

/* The words of a phrase as terms; what would be read as something else stands in quotation marks. */
static struct piece *words_of(struct import *im, size_t from, struct str phrase)
{
	static const char *const reserved[] = {"AND",      "OR",      "NOT", "NEAR", "ONEAR",
					       "SENTENCE", "ATLEAST", "UND", "ODER", "NICHT"};
	struct piece *all = import_piece(im, PIECE_AND, from);
	struct str left = phrase, word;
	while (str_split(&left, ' ', &word)) {
		if (!word.n)
			continue;
		bool plain = true;
		for (size_t i = 0; i < word.n; i++)
			plain = plain && !isspace((unsigned char)word.p[i]) &&
				(!ispunct((unsigned char)word.p[i]) || strchr("*?#@", word.p[i]));
		for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
			plain = plain && !str_is(word, reserved[i]);
		struct piece *one = import_term(im, from, word, word);
		if (!plain && one->text.p == word.p)
			one->text = str_of(arena_printf(im->r.arena, "\"%.*s\"", STR_ARG(word)));
		import_join(im, all,
			    (struct joint){.piece = one, .before = STR(" "), .behind = STR(" ")});
	}
	return all;
}

/* ~n or ^n at pos; *ret_n -1 without a number.  '\0': neither. */
static char read_mark(struct import *im, int64_t *ret_n, struct str *ret_typed)
{
	size_t begin = im->r.pos;
	while (reader_space(import_at(im)))
		im->r.pos++;
	size_t from = im->r.pos, end = from + 1;
	char mark = import_at(im);
	if (mark == '~' || mark == '^') {
		im->r.pos++;
		while (reader_space(import_at(im))) /* "a b" ~ 5 */
			im->r.pos++;
		size_t digits = im->r.pos;
		while (isdigit((unsigned char)import_at(im)) || import_at(im) == '.')
			im->r.pos++;
		*ret_n = -1;
		if (im->r.pos > digits || from == begin) {
			(void)num_int(import_typed(im, digits), 0, INT32_MAX, ret_n);
			end = im->r.pos > digits ? im->r.pos : end;
			im->r.pos = end;
			*ret_typed = import_typed(im, from);
			return mark;
		}
	}
	im->r.pos = begin;
	return '\0';
}

void import_note_weight(struct import *im, const struct piece *p, struct str typed)
{
	import_note(im, p, "left out", typed, "words have no weights here", NOTE_SAME);
}

/* (a AND b)~5, "a b"~5: what it stands behind, as changed by it.  `bare`: of a phrase. */
struct piece *import_marks(struct import *im, struct piece *p, struct str bare)
{
	int64_t n;
	struct str typed;
	for (char mark; p && (mark = read_mark(im, &n, &typed));) {
		struct piece *all = bare.p ? words_of(im, p->at, bare) : p;
		while (all->kind == PIECE_GROUP)
			all = all->of[0].piece;
		bool near = all->kind == PIECE_AND && all->n > 1 && n >= 0;
		for (size_t i = 0; near && i < all->n; i++)
			near = can_be_near(all->of[i].piece);
		if (mark == '^') {
			import_note_weight(im, p, typed);
		} else if (bare.p && all->n > 1 && n == 0) {
			; /* the phrase */
		} else if (near) {
			if (bare.p)
				p = import_over(im, PIECE_GROUP, p->at, NULL);
			near_each_other(im, p, all, n, typed);
		} else {
			import_note(im, p, "left out", typed,
				    "only words joined by AND can be near each other",
				    all->kind == PIECE_AND && all->n > 1 ? NOTE_WIDER : NOTE_SAME);
		}
		bare = STR_NULL;
	}
	return p;
}
