/*
 * why.c: for people: a query as a tree, with what holds and where.
 */
#include "common/mem.h"

#include "common/query/matcher.h"

static void put_places(struct query_matcher *m, const struct step *step, unsigned zones,
		       struct buf *out)
{
	static const char *const names[ZONES] = {"title", "text", "quote"};
	enum { SHOWN = 10 };
	struct ranges r = {0};
	find_ranges(m, step, zones, &r, SIZE_MAX);
	for (size_t i = 0; i < r.n && i < SHOWN; i++) {
		uint32_t first = r.at[i].first & ((1u << ZONE_SHIFT) - 1);
		uint32_t last = r.at[i].last & ((1u << ZONE_SHIFT) - 1);
		(void)buf_printf(out, "%s%s %u", i ? ", " : "  at ",
				 names[r.at[i].first >> ZONE_SHIFT], first);
		if (last > first)
			(void)buf_printf(out, "-%u", last);
	}
	if (r.n > SHOWN)
		(void)buf_printf(out, " and %zu more", r.n - SHOWN);
}

/* A node and its step. */
static void why(struct query_matcher *m, size_t query, const struct node *node,
		const struct step *step, unsigned zones, int depth, struct buf *out)
{
	matcher_turn(m, query);
	if (step->op == STEP_USE)
		step = used(m, step);
	(void)buf_printf(out, "%*s%c ", 2 * depth, "", step_holds(m, step, zones) ? '+' : '-');
	query_show_head(node, out);
	bool leaf = node->op == OP_TERM || node->op == OP_FIELD;
	if (node->op != OP_FIELD && node->op != OP_AND && node->op != OP_NOT &&
	    node->op != OP_ZONE && node->op != OP_ATLEAST && node->op != OP_OR)
		put_places(m, step, zones, out);
	if (node->op == OP_FIELD && node->field->field->kind != F_HAS) {
		(void)buf_z(out, "  is ");
		field_put_value(node->field->field, &m->fields, out);
	}
	(void)buf_char(out, '\n');
	const struct step *s = step + 1;
	for (uint32_t i = 0; !leaf && i < node->n_of; i++, s += s->size)
		why(m, query, node->of[i], s, node->op == OP_ZONE ? node->zone : zones, depth + 1,
		    out);
}

void query_why(struct query_matcher *m, size_t i, const struct query_post *p, struct arena *arena,
	       struct buf *out)
{
	must(i < m->set->n);
	matcher_begin_one(m, p, arena);
	why(m, i, m->set->queries[i].node, program_of(m, i), ZONE_POST, 0, out);
}
