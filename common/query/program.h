/*
 * program.h: queries as rows of steps, for the engine.  Private to common/query.
 *
 * A tree lies all over memory.  Its steps lie side by side, most queries in one or two cache lines: operands
 * follow their operator, and `size` leads behind all of them:
 *
 *   for (const struct step *s = op + 1; s < op + op->size; s += s->size)
 */
#ifndef COMMON_QUERY_PROGRAM_H
#define COMMON_QUERY_PROGRAM_H

#include "common/query/tree.h"

/* Instead of OP_TERM; a term that is a choice of rows is an OP_OR of them. */
enum step_op {
	STEP_ROW = OP_NOT_SENTENCE + 1, /* STEP_WORD and STEP_ANY, side by side */
	STEP_WORD,                      /* element `number` */
	STEP_RAW,
	STEP_ANY, /* any one word */
	STEP_USE  /* what begins at step `number`: a definition that stands in another query, too */
};

struct step {
	uint8_t op;      /* enum query_op or step_op */
	uint8_t zone;    /* of OP_ZONE: enum query_zone */
	uint32_t number; /* of OP_FIELD: of `fields`; else as in struct node */
	uint32_t size;   /* in steps, itself included */
};

struct program {
	struct step *steps;
	const struct field_test **fields;
	uint32_t n_steps, n_fields, room_steps, room_fields;
	uint32_t *defined,
	    n_defined; /* by node.defined: the step at which it begins; UINT32_MAX: not yet */
};

void program_init(struct program *p, uint32_t n_defined);
/* Behind what is there; its elements have numbers.  Where it begins. */
uint32_t program_add(struct program *p, const struct node *node);
void program_done(struct program *p);

#endif
