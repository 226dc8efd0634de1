/*
 * show.c: a query with all its brackets, so that nobody has to know what binds tighter.
 */
#include "common/mem.h"

#include "common/query/set.h"

static const char *name_of(const struct node *node)
{
	static const char *const names[] = {[OP_AND] = "AND",
					    [OP_OR] = "OR",
					    [OP_NEAR] = "NEAR",
					    [OP_ONEAR] = "ONEAR",
					    [OP_NOT_NEAR] = "NOT NEAR",
					    [OP_SENTENCE] = "SENTENCE",
					    [OP_NOT_SENTENCE] = "NOT SENTENCE"};
	return names[node->op];
}

static const char *zone_name(enum query_zone zone)
{
	return zone == ZONE_TITLE  ? "title"
	       : zone == ZONE_TEXT ? "text"
	       : zone == ZONE_LEAD ? "lead"
				   : "quote";
}

/* A term as it is read again: part:innen without parentheses would be a word, like Kund:innen. */
static void show_leaf(const struct node *node, struct buf *out)
{
	struct str text = str_sub(node->text, node->from, node->to);
	bool ending = *node->form && (str_ieq(text, "in") || str_ieq(text, "innen") ||
				      str_starts(text, "in*") || str_starts(text, "innen*"));
	(void)buf_z(out, node->form);
	(void)buf_z(out, ending ? "(" : "");
	(void)buf_str(out, text);
	(void)buf_z(out, ending ? ")" : "");
}

static void show(const struct node *node, struct buf *out)
{
	switch (node->op) {
	case OP_TERM:
	case OP_FIELD: show_leaf(node, out); return;
	case OP_NOT:
		(void)buf_z(out, "NOT ");
		show(node->of[0], out);
		return;
	case OP_ZONE:
		(void)buf_printf(out, "%s:(", zone_name(node->zone));
		show(node->of[0], out);
		(void)buf_char(out, ')');
		return;
	case OP_ATLEAST:
		(void)buf_printf(out, "ATLEAST/%u ", node->number);
		show(node->of[0], out);
		return;
	default: break;
	}
	(void)buf_char(out, '(');
	for (uint32_t i = 0; i < node->n_of; i++) {
		if (i)
			(void)buf_printf(out, " %s", name_of(node));
		if (i && node->number)
			(void)buf_printf(out, "/%u", node->number);
		if (i)
			(void)buf_char(out, ' ');
		show(node->of[i], out);
	}
	(void)buf_char(out, ')');
}

void query_set_show(const struct query_set *set, size_t i, struct buf *out)
{
	must(i < set->n);
	show(set->queries[i].node, out);
}

void query_show_head(const struct node *node, struct buf *out)
{
	switch (node->op) {
	case OP_TERM:
	case OP_FIELD: show(node, out); return;
	case OP_NOT: (void)buf_z(out, "NOT"); return;
	case OP_ZONE: (void)buf_printf(out, "%s:", zone_name(node->zone)); return;
	case OP_ATLEAST: (void)buf_printf(out, "ATLEAST/%u", node->number); return;
	default: (void)buf_z(out, name_of(node));
	}
	if (node->number)
		(void)buf_printf(out, "/%u", node->number);
}
