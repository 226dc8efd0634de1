#include <stdio.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/field.h"
#include "common/query/imply.h"
#include "common/query/lint.h"
#include "common/query/set.h"
#include "common/query/spell.h"

enum { MARK_MOST = 60, SHOWN = 40 /* bytes of another operand */ };

struct lint {
	const struct query *query;
	struct lint_finding *at;
	size_t n;
	struct arena *arena;
	unsigned steps; /* of comparing that are left: see imply.h */
	bool targets;   /* the query has some */
};

static struct str said(const struct node *node)
{
	return str_sub(node->text, node->from, node->to);
}

static void say(struct lint *l, int number, const struct node *node, const char *text)
{
	/* what stands in a definition is not in this text */
	bool here = node->text.p == l->query->node->text.p;
	if (l->n == LINT_MOST)
		return;
	if (!here)
		text = arena_printf(l->arena, "in a definition, %.*s: %s",
				    STR_ARG(utf8_cut(said(node), SHOWN)), text);
	l->at[l->n++] =
	    (struct lint_finding){number, here ? node->from : 0, here ? node->to : 0, text};
}

/* ---- always, never ----------------------------------------------------------------------------- */

enum { FEW = 200 /* operands are compared with each other */ };
enum truth { NEVER, SOMETIMES, ALWAYS };

/* Of two operands: what it makes of an AND, or an OR, of them that one of both is, or excludes, the other. */
static bool settles(struct lint *l, const struct node *a, const struct node *b, bool and)
{
	if (b->op != OP_NOT)
		return and&&!query_together(a, b);
	return and? query_implies(a, b->of[0], &l->steps) : query_implies(b->of[0], a, &l->steps);
}

static enum truth truth(struct lint *l, const struct node *node)
{
	uint32_t n = node->n_of < FEW ? node->n_of : FEW;
	bool and = node->op == OP_AND;
	if (node->op == OP_NOT)
		return ALWAYS - truth(l, node->of[0]);
	if (node->op == OP_ZONE)
		return truth(l, node->of[0]) == NEVER ? NEVER : SOMETIMES;
	if (node->op != OP_AND && node->op != OP_OR)
		return SOMETIMES;
	enum truth all = and? ALWAYS : NEVER;
	for (uint32_t i = 0; i < n; i++) {
		enum truth one = truth(l, node->of[i]);
		all = and? (one < all ? one : all) : (one > all ? one : all);
		for (uint32_t k = 0; k < n; k++)
			if (k != i && settles(l, node->of[i], node->of[k], and))
				return and? NEVER : ALWAYS;
	}
	return all;
}

/* The outermost parts of which it is known. */
static void lint_truth(struct lint *l, const struct node *node)
{
	bool whole = node == l->query->node;
	enum truth one = node->op == OP_TERM || node->op == OP_FIELD ? SOMETIMES : truth(l, node);
	if (one == NEVER)
		say(l, 5, node,
		    whole ? "it can never match: one part excludes another"
			  : "this part can never hold: one thing in it excludes another");
	if (one == ALWAYS)
		say(l, 6, node, whole ? "it matches every post" : "this part holds for every post");
	for (uint32_t i = 0; one == SOMETIMES && i < node->n_of; i++)
		lint_truth(l, node->of[i]);
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

/* Of an OR what another part finds anyway, of an AND what another part asks for anyway. */
static bool superfluous(struct lint *l, enum query_op op, const struct node *one,
			const struct node *other)
{
	return op == OP_OR ? query_implies(one, other, &l->steps)
			   : query_implies(other, one, &l->steps);
}

static void lint_operands(struct lint *l, const struct node *node)
{
	uint32_t n = node->n_of < FEW ? node->n_of : FEW;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < n; k++) {
			const struct node *less = node->of[i], *more = node->of[k];
			/* of two that say the same, the second */
			if (k == i || !superfluous(l, node->op, less, more) ||
			    (k > i && superfluous(l, node->op, more, less)))
				continue;
			struct str other = said(more);
			say(l, 7, less,
			    arena_printf(l->arena, "%.*s%s %s this anyway: leave one out",
					 STR_ARG(utf8_cut(other, SHOWN)),
					 other.n > SHOWN ? "..." : "",
					 node->op == OP_OR ? "finds" : "asks for"));
			break;
		}
}

static void lint_word(struct lint *l, const struct node *node)
{
	static const struct {
		const char *word, *meant;
	} words[] = {{"and", "AND"},           {"or", "OR"},         {"not", "NOT"},
		     {"near", "NEAR/5"},       {"onear", "ONEAR/5"}, {"atleast", "ATLEAST/2"},
		     {"sentence", "SENTENCE"}, {"und", "AND"},       {"oder", "OR"},
		     {"nicht", "NOT"}};
	struct str text = said(node);
	text = str_sub(text, 0, str_find(text, '/', 0));
	while (text.n > 4 && text.p[text.n - 1] >= '0' && text.p[text.n - 1] <= '9') /* NEAR5 */
		text.n--;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(text, words[i].word) && text.n == strlen(words[i].word))
			say(l, 3, node,
			    arena_printf(
				l->arena,
				"\"%.*s\" is read as a word: the operator is %s, so written "
				"(the word in quotes)",
				STR_ARG(said(node)), words[i].meant));
}

static void lint_globs(struct lint *l, const struct node *node)
{
	for (uint32_t i = 0; i < node->term->n_rows; i++)
		for (uint32_t k = 0; k < node->term->rows[i].n; k++) {
			const struct element *e = &node->term->rows[i].at[k];
			if (e->kind != ELEMENT_GLOB && e->kind != ELEMENT_GLOB_TAG &&
			    e->kind != ELEMENT_GLOB_NAME)
				continue;
			if (spell_letters(e->key) < 3 && str_find(e->key, '*', 0) < e->key.n) {
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

/* Signs of other products: words are separated there, and nothing else. */
static void lint_signs(struct lint *l, const struct node *node)
{
	struct str text = said(node);
	const char *close;
	if (!text.n || *node->form || reader_quote(text, 0, &close) || text.p[0] == '{')
		return;
	bool first = strchr("+!~^=|<>%&", text.p[0]) != NULL || str_starts(text, "##");
	for (size_t i = 1; i < text.n && !first; i++)
		first = text.p[i] == '~' || text.p[i] == '^';
	if (first)
		say(l, 10, node,
		    "only letters, digits and marks count here: signs such as + ~ ^ ! mean nothing "
		    "(in "
		    "braces they count)");
}

static void lint_field(struct lint *l, const struct node *node)
{
	const struct field *field = node->field->field;
	struct str unknown = field_unknown(node->field);
	if (unknown.n)
		say(l, 11, node,
		    arena_printf(l->arena, "no post has %s:%.*s; there are %.*s", field->name,
				 STR_ARG(unknown), STR_ARG(str_trim(str_of(field->known)))));
	if (field->kind == F_TARGET && !l->targets)
		say(l, 9, node, "target: asks for the query's own targets, and it has none");
}

static void lint(struct lint *l, const struct node *node)
{
	switch (node->op) {
	case OP_TERM:
		lint_globs(l, node);
		lint_signs(l, node);
		return;
	case OP_FIELD: lint_field(l, node); return;
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
	enum { MOST = 400000, STEPS = 2000000 };
	struct lint l = {.query = &set->queries[i],
			 .at = ret,
			 .arena = arena,
			 .steps = STEPS,
			 .targets = set->queries[i].target != QUERY_NO_TARGET};
	must(i < set->n && set->compiled);
	const struct node *node = l.query->node;
	lint(&l, node);
	lint_truth(&l, node);
	uint64_t cost = set->anchors.costs[i];
	if (cost == UINT64_MAX)
		say(&l, 8, node,
		    "it has no term that must be there, so that it is looked at for every post");
	else if (cost >= LINT_COMMON)
		say(&l, 8, node,
		    cost >= MOST
			? "all its parts are common: it is looked at for most posts"
			: arena_printf(
			      arena,
			      "all its parts are common: it is looked at for about one post in %u",
			      (unsigned)(1000000 / cost)));
	return l.n;
}

uint32_t query_lint_cost(const struct query_set *set, size_t i)
{
	uint64_t cost = set->anchors.costs[i];
	return cost < 1000000 ? (uint32_t)cost : 1000000;
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
