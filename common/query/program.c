#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/program.h"

enum { USED = 8 /* steps of a definition: shorter ones are repeated where they are used */ };

void program_init(struct program *p, uint32_t n_defined)
{
	*p = (struct program){.n_defined = n_defined};
	p->defined = xcalloc(n_defined, sizeof *p->defined);
	memset(p->defined, 0xff, n_defined * sizeof *p->defined);
}

void program_done(struct program *p)
{
	free(p->steps);
	free(p->fields);
	free(p->defined);
}

static uint32_t put(struct program *p, unsigned op, uint32_t number)
{
	if (p->n_steps == p->room_steps) {
		p->room_steps = p->room_steps ? 2 * p->room_steps : 256;
		p->steps = xrealloc(p->steps, p->room_steps * sizeof *p->steps);
	}
	p->steps[p->n_steps] = (struct step){.op = (uint8_t)op, .number = number, .size = 1};
	return p->n_steps++;
}

static uint32_t put_field(struct program *p, const struct field_test *field)
{
	if (p->n_fields == p->room_fields) {
		p->room_fields = p->room_fields ? 2 * p->room_fields : 64;
		p->fields = xrealloc(p->fields, p->room_fields * sizeof *p->fields);
	}
	p->fields[p->n_fields] = field;
	return put(p, OP_FIELD, p->n_fields++);
}

/* The step holds all that was put since. */
static uint32_t close_step(struct program *p, uint32_t step)
{
	p->steps[step].size = p->n_steps - step;
	return step;
}

static void put_row(struct program *p, const struct row *row)
{
	uint32_t step = row->n == 1 ? UINT32_MAX : put(p, STEP_ROW, 0);
	for (uint32_t i = 0; i < row->n; i++) {
		const struct element *e = &row->at[i];
		(void)put(p,
			  e->kind == ELEMENT_ANY   ? STEP_ANY
			  : e->kind == ELEMENT_RAW ? STEP_RAW
						   : STEP_WORD,
			  e->number);
	}
	if (row->n != 1)
		(void)close_step(p, step);
}

static uint32_t put_term(struct program *p, const struct term *term)
{
	uint32_t step = p->n_steps;
	if (term->n_rows != 1)
		(void)put(p, OP_OR, 0);
	for (uint32_t i = 0; i < term->n_rows; i++)
		put_row(p, &term->rows[i]);
	return close_step(p, step);
}

uint32_t program_add(struct program *p, const struct node *node)
{
	uint32_t *defined = node->defined ? &p->defined[node->defined] : NULL;
	if (defined && *defined != UINT32_MAX && p->steps[*defined].size > USED)
		return put(p, STEP_USE, *defined);
	if (defined)
		*defined = p->n_steps;
	if (node->op == OP_TERM)
		return put_term(p, node->term);
	if (node->op == OP_FIELD)
		return put_field(p, node->field);
	uint32_t step = put(p, node->op, node->number);
	p->steps[step].zone = (uint8_t)node->zone;
	for (uint32_t i = 0; i < node->n_of; i++)
		(void)program_add(p, node->of[i]);
	return close_step(p, step);
}
