#include "common/mem.h"

#include "common/query/early.h"
#include "common/query/field.h"
#include "common/query/set.h"

static struct node *constant(bool value, struct arena *arena)
{
	struct node *node = arena_zalloc(arena, sizeof *node);
	node->op = value ? OP_AND : OP_OR;
	node->form = "";
	return node;
}

static bool is_constant(const struct node *node, bool value)
{
	return node->op == (value ? OP_AND : OP_OR) && node->n_of == 0;
}

bool query_holds_always(const struct node *node)
{
	return is_constant(node, true);
}

/* A copy with other operands, and none of a definition any more. */
static struct node *with(const struct node *node, enum query_op op, struct node **of, uint32_t n,
			 struct arena *arena)
{
	struct node *copy = arena_zalloc(arena, sizeof *copy);
	*copy = *node;
	copy->op = op;
	copy->of = of;
	copy->n_of = n;
	copy->number = op == OP_AND || op == OP_OR ? 0 : node->number;
	copy->defined = 0;
	return copy;
}

static bool is_stem(const struct node *node)
{
	for (uint32_t i = 0; i < node->term->n_rows; i++)
		for (uint32_t k = 0; k < node->term->rows[i].n; k++)
			if (node->term->rows[i].at[k].kind == ELEMENT_STEM)
				return true;
	return false;
}

/* Is something in it that is not known yet? */
static bool is_late(const struct node *node, struct early *early)
{
	enum { UNKNOWN, NO, YES };
	uint8_t *kept = node->defined ? &early->late[node->defined] : NULL;
	if (kept && *kept != UNKNOWN)
		return *kept == YES;
	bool late = (node->op == OP_TERM && is_stem(node)) ||
		    (node->op == OP_FIELD && node->field->field->late);
	for (uint32_t i = 0; i < node->n_of && !late; i++)
		late = is_late(node->of[i], early);
	if (kept)
		*kept = late ? YES : NO;
	return late;
}

static struct node *change(struct node *node, bool wider, struct early *early);

/* AND or OR of the first n operands: what holds always, or never, goes, or settles it. */
static struct node *change_list(const struct node *node, enum query_op op, uint32_t n, bool wider,
				struct early *early)
{
	struct node **of = arena_alloc(early->arena, (n + 1) * sizeof *of);
	uint32_t kept = 0;
	bool and = op == OP_AND;
	for (uint32_t i = 0; i < n; i++) {
		struct node *one = change(node->of[i], wider, early);
		if (is_constant(one, !and))
			return one;
		if (!is_constant(one, and))
			of[kept++] = one;
	}
	return kept == 1 ? of[0] : with(node, op, of, kept, early->arena);
}

/* wider: it holds wherever the node does; else only there. */
static struct node *change(struct node *node, bool wider, struct early *early)
{
	struct node **of;
	if (!is_late(node, early))
		return node;
	switch (node->op) {
	case OP_FIELD:
	case OP_TERM:
	case OP_ATLEAST: return constant(wider, early->arena);
	case OP_AND:
	case OP_OR: return change_list(node, node->op, node->n_of, wider, early);
	case OP_NOT:
	case OP_ZONE:
		of = arena_alloc(early->arena, sizeof *of);
		of[0] = change(node->of[0], wider != (node->op == OP_NOT), early);
		if (node->op == OP_NOT && (is_constant(of[0], true) || is_constant(of[0], false)))
			return constant(is_constant(of[0], false), early->arena);
		if (is_constant(of[0], true)) /* is there such a text? */
			return constant(wider, early->arena);
		return is_constant(of[0], false) ? of[0]
						 : with(node, node->op, of, 1, early->arena);
	default: break;
	}
	if (!wider)
		return constant(false, early->arena);
	/* of a proximity expression both operands must be there, of NOT NEAR the first */
	bool first = node->op == OP_NOT_NEAR || node->op == OP_NOT_SENTENCE;
	return change_list(node, OP_AND, first ? 1 : 2, wider, early);
}

struct node *query_early(struct node *node, struct early *early)
{
	return change(node, true, early);
}

/* ---- of what a source is known --------------------------------------------------------------- */

enum may { MAY_NOT, MAY, MUST };

static enum may may_hold(const struct node *node, const struct field_post *p, struct arena *arena)
{
	enum may all = MUST, any = MAY_NOT;
	switch (node->op) {
	case OP_FIELD:
		if (!field_of_source(node->field, p->post))
			return MAY;
		return field_holds(node->field, p, arena) ? MUST : MAY_NOT;
	case OP_NOT: return MUST - may_hold(node->of[0], p, arena);
	case OP_AND:
		for (uint32_t i = 0; i < node->n_of; i++) {
			enum may one = may_hold(node->of[i], p, arena);
			all = one < all ? one : all;
		}
		return all;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++) {
			enum may one = may_hold(node->of[i], p, arena);
			any = one > any ? one : any;
		}
		return any;
	default: return MAY;
	}
}

bool query_may_hold(const struct query_set *set, size_t i, const struct post *source,
		    struct arena *arena)
{
	struct field_post p = {.post = source};
	return may_hold(set->queries[i].node, &p, arena) != MAY_NOT;
}
