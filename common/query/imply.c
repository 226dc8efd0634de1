#include "common/mem.h"

#include "common/query/field.h"
#include "common/query/imply.h"
#include "common/query/part.h"
#include "common/query/spell.h"

enum { FEW = 200 /* operands and rows are compared */ };

static uint32_t few(uint32_t n)
{
	return n < FEW ? n : FEW;
}

static bool element_implies(const struct element *a, const struct element *b)
{
	if (a->number == b->number)
		return true;
	if (b->kind == ELEMENT_ANY)
		return a->kind != ELEMENT_RAW; /* which may be several words */
	bool marked = a->kind == ELEMENT_TAG || a->kind == ELEMENT_NAME;
	if (a->kind != ELEMENT_WORD && !marked)
		return false;
	switch (b->kind) {
	case ELEMENT_WORD: return marked && str_eq(a->key, b->key);
	case ELEMENT_GLOB: return spell_fits(b->key, a->key, marked);
	case ELEMENT_PART: return part_in(a->key, b->key, (enum part_place)b->place);
	default: return false;
	}
}

/* Do b's words stand in each place where a's do? */
static bool row_implies(const struct row *a, const struct row *b)
{
	for (uint32_t from = 0; from + b->n <= a->n; from++) {
		uint32_t n = 0;
		while (n < b->n && element_implies(&a->at[from + n], &b->at[n]))
			n++;
		if (n == b->n)
			return true;
	}
	return false;
}

static bool term_implies(const struct term *a, const struct term *b)
{
	for (uint32_t i = 0; i < a->n_rows; i++) {
		bool one = false;
		for (uint32_t k = 0; k < few(b->n_rows) && !one; k++)
			one = row_implies(&a->rows[i], &b->rows[k]);
		if (!one)
			return false;
	}
	return true;
}

static bool left(unsigned *steps)
{
	*steps -= *steps > 0;
	return *steps > 0;
}

static bool field_same(const struct node *a, const struct node *b)
{
	return str_eq(str_sub(a->text, a->from, a->to), str_sub(b->text, b->from, b->to));
}

static bool same_operator(const struct node *a, const struct node *b)
{
	return a->op == b->op && a->n_of == b->n_of && a->number == b->number && a->zone == b->zone;
}

/* Of operators whose operands say the same, each as the other. */
static bool same(const struct node *a, const struct node *b, unsigned *steps)
{
	if (!left(steps) || !same_operator(a, b))
		return false;
	if (a->op == OP_FIELD)
		return field_same(a, b);
	if (a->op == OP_TERM)
		return term_implies(a->term, b->term) && term_implies(b->term, a->term);
	for (uint32_t i = 0; i < a->n_of; i++)
		if (!same(a->of[i], b->of[i], steps))
			return false;
	return true;
}

bool query_implies(const struct node *a, const struct node *b, unsigned *steps)
{
	if (!left(steps))
		return false;
	if (same(a, b, steps))
		return true;
	if (a->op == OP_TERM && b->op == OP_TERM)
		return term_implies(a->term, b->term);
	if (a->op == OP_OR) {
		for (uint32_t i = 0; i < a->n_of; i++)
			if (i == FEW || !query_implies(a->of[i], b, steps))
				return false;
		return true;
	}
	if (b->op == OP_AND) {
		for (uint32_t i = 0; i < b->n_of; i++)
			if (i == FEW || !query_implies(a, b->of[i], steps))
				return false;
		return true;
	}
	for (uint32_t i = 0; b->op == OP_OR && i < few(b->n_of); i++)
		if (query_implies(a, b->of[i], steps))
			return true;
	switch (a->op) {
	case OP_AND:
	case OP_NEAR:
	case OP_ONEAR:
	case OP_SENTENCE:
		for (uint32_t i = 0; i < few(a->n_of); i++)
			if (query_implies(a->of[i], b, steps))
				return true;
		return false;
	case OP_NOT_NEAR:
	case OP_NOT_SENTENCE:
	case OP_ATLEAST: return query_implies(a->of[0], b, steps);
	case OP_NOT: return b->op == OP_NOT && query_implies(b->of[0], a->of[0], steps);
	default: return false;
	}
}

bool query_together(const struct node *a, const struct node *b)
{
	return a->op != OP_FIELD || b->op != OP_FIELD || field_together(a->field, b->field);
}
