#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/chars.h"

#include "common/query/parser.h"

/* ---- nodes ----------------------------------------------------------------------------------- */

struct node *node_new(struct parser *p, enum query_op op, size_t from)
{
	struct node *node = arena_zalloc(p->r->arena, sizeof *node);
	node->op = op;
	node->text = p->r->text;
	node->form = "";
	node->from = from;
	node->to = p->r->pos;
	return node;
}

struct node *node_over(struct parser *p, enum query_op op, struct node *a, struct node *b)
{
	struct node *node = node_new(p, op, a->from);
	node->n_of = b ? 2 : 1;
	node->of = arena_alloc(p->r->arena, 2 * sizeof *node->of);
	node->of[0] = a;
	node->of[1] = b;
	return node;
}

void node_add(struct parser *p, struct node *node, struct node *one)
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

int parse_down_to(struct parser *p, unsigned depth, size_t at)
{
	if (depth > QUERY_DEPTH)
		return reader_refuse(p->r, at, "nested deeper than 200 levels");
	if (depth > p->r->deepest)
		p->r->deepest = depth;
	return 0;
}

int parse_deeper(struct parser *p, size_t at)
{
	return parse_down_to(p, ++p->depth, at);
}

/* ---- operators ------------------------------------------------------------------------------- */

bool parse_is_operator(struct str word)
{
	static const char *const words[] = {"AND",  "OR",    "NOT",    "SENTENCE",
					    "NEAR", "ONEAR", "ATLEAST"};
	struct str name = str_sub(word, 0, str_find(word, '/', 0));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(name, words[i]))
			return i >= 4 || name.n == word.n;
	return false;
}

int parse_counted(struct parser *p, struct str word, uint32_t *ret)
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
	*ret_rc = parse_counted(p, word, ret_n);
	return *ret_rc == 0;
}

int parse_check_operand(struct parser *p, const struct node *node, size_t at, bool counted)
{
	const char *reason = NULL;
	at = node->text.p == p->r->text.p ? node->from : at;
	switch (node->op) {
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++)
			if (parse_check_operand(p, node->of[i], at, counted))
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
		if (rc || parse_at_end(p))
			return rc ? NULL : node;
		size_t at = p->r->pos;
		if (!proximity(p, &op, &n, &rc)) {
			p->r->pos = before;
			return rc ? NULL : node;
		}
		if (parse_down_to(p, p->depth + ++chain, at) || reader_skip(p->r) ||
		    parse_check_operand(p, node, begin, false))
			return NULL;
		begin = p->r->pos;
		struct node *right = parse_unit(p);
		if (!right || parse_check_operand(p, right, begin, false))
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
	if (reader_skip(r) || parse_deeper(p, at))
		return NULL;
	if (parse_at_end(p) || r->text.p[r->pos] == ')') {
		(void)reader_fail(r, r->pos, "a term behind NOT", !parse_at_end(p));
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
		if (parse_at_end(p) || r->text.p[r->pos] == ')' || str_is(word, "OR"))
			return all ? all : first;
		bool joined = !str_is(word, "AND");
		if (!joined) {
			r->pos += word.n;
			if (reader_skip(r))
				return NULL;
			if (parse_at_end(p) || r->text.p[r->pos] == ')') {
				(void)reader_fail(r, r->pos, "a term behind AND", !parse_at_end(p));
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

struct node *parse_or(struct parser *p)
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
		if (parse_at_end(p) || r->text.p[r->pos] == ')') {
			(void)reader_fail(r, r->pos, "a term behind OR", !parse_at_end(p));
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
	if (parse_at_end(&p)) {
		(void)reader_fail(r, r->pos, "an expression", 0);
		return NULL;
	}
	struct node *node = parse_or(&p);
	if (!node || reader_skip(r))
		return NULL;
	if (!parse_at_end(&p)) {
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
