#include <stdio.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/field.h"
#include "common/query/lint.h"
#include "common/query/set.h"

enum { MARK_MOST = 60 };

struct lint {
	const struct query *query;
	struct lint_finding *at;
	size_t n;
	struct arena *arena;
};

static void say(struct lint *l, int number, const struct node *node, const char *text)
{
	/* what stands in a definition is not in this text */
	bool here = node->text.p == l->query->node->text.p;
	if (l->n < LINT_MOST)
		l->at[l->n++] =
		    (struct lint_finding){number, here ? node->from : 0, here ? node->to : 0, text};
}

static struct str said(const struct node *node)
{
	return str_sub(node->text, node->from, node->to);
}

/* ---- which operands are the same --------------------------------------------------------------- */

static bool same(const struct node *a, const struct node *b)
{
	if (a->op != b->op || a->n_of != b->n_of || a->number != b->number || a->zone != b->zone)
		return false;
	if (a->op == OP_FIELD)
		return str_eq(said(a), said(b));
	if (a->op == OP_TERM) {
		if (a->term->n_rows != b->term->n_rows)
			return false;
		for (uint32_t i = 0; i < a->term->n_rows; i++) {
			const struct row *x = &a->term->rows[i], *y = &b->term->rows[i];
			if (x->n != y->n)
				return false;
			for (uint32_t k = 0; k < x->n; k++)
				if (x->at[k].number != y->at[k].number)
					return false;
		}
		return true;
	}
	for (uint32_t i = 0; i < a->n_of; i++)
		if (!same(a->of[i], b->of[i]))
			return false;
	return true;
}

/* ---- always, never ----------------------------------------------------------------------------- */

enum truth { NEVER, SOMETIMES, ALWAYS };

/* Does `out` hold wherever `one` does (and: one AND NOT out) or the other way (one OR NOT out)? */
static bool excludes(const struct node *out, const struct node *one, bool and)
{
	if (same(out, one))
		return true;
	if (out->op != (and? OP_OR : OP_AND))
		return false;
	for (uint32_t i = 0; i < out->n_of && i < 200; i++)
		if (same(out->of[i], one))
			return true;
	return false;
}

static enum truth truth(const struct node *node)
{
	enum { FEW = 200 }; /* pairs are compared */
	uint32_t n = node->n_of < FEW ? node->n_of : FEW;
	bool and = node->op == OP_AND;
	if (node->op == OP_NOT)
		return ALWAYS - truth(node->of[0]);
	if (node->op == OP_ZONE)
		return truth(node->of[0]) == NEVER ? NEVER : SOMETIMES;
	if (node->op != OP_AND && node->op != OP_OR)
		return SOMETIMES;
	enum truth all = and? ALWAYS : NEVER;
	for (uint32_t i = 0; i < n; i++) {
		enum truth one = truth(node->of[i]);
		all = and? (one < all ? one : all) : (one > all ? one : all);
		for (uint32_t k = 0; k < n; k++)
			if (node->of[k]->op == OP_NOT &&
			    excludes(node->of[k]->of[0], node->of[i], and))
				return and? NEVER : ALWAYS;
	}
	return all;
}

/* ---- one node ---------------------------------------------------------------------------------- */

static void lint_or(struct lint *l, const struct node *node)
{
	for (uint32_t i = 0; i < node->n_of; i++) {
		const struct node *of = node->of[i];
		if (of->op != OP_AND || of->bracketed)
			continue;
		say(l, of->joined ? 2 : 1, of,
		    of->joined ? "words side by side mean AND, which binds tighter than OR: put "
				 "parentheses "
				 "around what belongs together"
			       : "AND binds tighter than OR: put parentheses around what belongs "
				 "together");
	}
}

static void lint_operands(struct lint *l, const struct node *node)
{
	enum { FEW = 200 };
	for (uint32_t i = 1; i < node->n_of && i < FEW; i++)
		for (uint32_t k = 0; k < i; k++)
			if (same(node->of[i], node->of[k])) {
				say(l, 7, node->of[i], "this stands there twice: leave one out");
				break;
			}
}

static void lint_word(struct lint *l, const struct node *node)
{
	static const struct {
		const char *word, *meant;
	} words[] = {{"and", "AND"},           {"or", "OR"},   {"not", "NOT"}, {"near", "NEAR/5"},
		     {"sentence", "SENTENCE"}, {"und", "AND"}, {"oder", "OR"}, {"nicht", "NOT"}};
	struct str text = said(node);
	text = str_sub(text, 0, str_find(text, '/', 0));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(text, words[i].word) && text.n == strlen(words[i].word))
			say(l, 3, node,
			    arena_printf(
				l->arena,
				"\"%.*s\" is read as a word: the operator is %s, in capitals "
				"(the word in quotes)",
				STR_ARG(text), words[i].meant));
}

static void lint_globs(struct lint *l, const struct node *node)
{
	for (uint32_t i = 0; i < node->term->n_rows; i++)
		for (uint32_t k = 0; k < node->term->rows[i].n; k++) {
			const struct element *e = &node->term->rows[i].at[k];
			size_t letters = 0;
			if (e->kind != ELEMENT_GLOB && e->kind != ELEMENT_GLOB_TAG &&
			    e->kind != ELEMENT_GLOB_NAME)
				continue;
			for (size_t j = 0; j < e->key.n; j++)
				letters += e->key.p[j] != '*' && e->key.p[j] != '?';
			if (letters < 3 && str_find(e->key, '*', 0) < e->key.n) {
				say(l, 4, node,
				    "with so few letters the wildcard fits a great many words");
				return;
			}
		}
	struct str text = said(node);
	if (str_ends(text, "?\"") || str_ends(text, "?\u201c") || str_ends(text, "?\u201d"))
		say(l, 4, node,
		    "at the end of a phrase ? stands for one letter more: leave it out");
	if (str_find_str(text, STR("**")) < text.n)
		say(l, 4, node, "one * is as good as two");
}

static void lint(struct lint *l, const struct node *node)
{
	switch (node->op) {
	case OP_TERM: lint_globs(l, node); return;
	case OP_OR:
		lint_or(l, node);
		lint_operands(l, node);
		break;
	case OP_AND:
		lint_operands(l, node);
		/* "a or b": in a group of words (nicht OR nie) it is meant as one */
		for (uint32_t i = 0; i < node->n_of && node->joined; i++)
			if (node->of[i]->op == OP_TERM)
				lint_word(l, node->of[i]);
		break;
	default: break;
	}
	for (uint32_t i = 0; i < node->n_of; i++)
		lint(l, node->of[i]);
}

size_t query_lint(const struct query_set *set, size_t i, struct lint_finding *ret,
		  struct arena *arena)
{
	enum { COMMON = 500000 };
	struct lint l = {.query = &set->queries[i], .at = ret, .arena = arena};
	must(i < set->n && set->compiled);
	const struct node *node = l.query->node;
	enum truth all = truth(node);
	lint(&l, node);
	if (all == NEVER)
		say(&l, 5, node, "it can never match: one part excludes another");
	if (all == ALWAYS)
		say(&l, 6, node, "it matches every post");
	uint64_t cost = query_common(set, i);
	if (cost == UINT64_MAX)
		say(&l, 8, node,
		    "it has no term that must be there, so that it is looked at for every post");
	else if (cost >= COMMON)
		say(&l, 8, node,
		    arena_printf(
			arena, "all its parts are common: it is looked at for about one post in %u",
			cost >= 1000000 ? 1 : (unsigned)(1000000 / cost)));
	return l.n;
}

void query_lint_print(struct buf *out, const struct query_set *set, size_t i,
		      const struct lint_finding *findings, size_t n)
{
	struct str text = set->queries[i].node->text;
	for (size_t k = 0; k < n; k++) {
		const struct lint_finding *f = &findings[k];
		size_t begin = f->from, number = 1;
		while (begin > 0 && text.p[begin - 1] != '\n')
			begin--;
		for (size_t at = 0; at < begin; at++)
			number += text.p[at] == '\n';
		struct str line = str_sub(text, begin, str_find(text, '\n', begin));
		struct str mark = str_sub(text, f->from, f->to);
		mark = str_sub(mark, 0, str_find(mark, '\n', 0));
		(void)buf_printf(out, "Q%d %zu:%zu: %s\n%.*s\n%*s", f->number, number,
				 utf8_count(str_sub(text, begin, f->from)) + 1, f->text,
				 (int)utf8_cut(line, 400).n, line.p,
				 (int)utf8_count(str_sub(text, begin, f->from)), "");
		size_t width = utf8_count(mark);
		for (size_t c = 0; c < (width ? width : 1) && c < MARK_MOST; c++)
			(void)buf_char(out, '^');
		(void)buf_char(out, '\n');
	}
}
