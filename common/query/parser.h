/*
 * parser.h: between parse.c, which reads operators, and unit.c, which reads what stands between them.  Private to
 * common/query.
 */
#ifndef COMMON_QUERY_PARSER_H
#define COMMON_QUERY_PARSER_H

#include "common/query/parse.h"

struct parser {
	struct reader *r;
	unsigned depth;
	bool in_zone; /* title: and the like take no field conditions */
};

static inline bool parse_at_end(const struct parser *p)
{
	return p->r->pos == p->r->text.n;
}

/* In the arena, of what ends at pos. */
struct node *node_new(struct parser *p, enum query_op op, size_t from);
struct node *node_over(struct parser *p, enum query_op op, struct node *a, struct node *b);
/* An operand more. */
void node_add(struct parser *p, struct node *node, struct node *one);

/* -1: nested too deeply. */
int parse_down_to(struct parser *p, unsigned depth, size_t at);
/* A level more; the caller takes it back. */
int parse_deeper(struct parser *p, size_t at);

/* Is it an operator, which cannot be a term? */
bool parse_is_operator(struct str word);
/* NAME/number at pos, which moves behind it. */
int parse_counted(struct parser *p, struct str word, uint32_t *ret);
/* What stands beside a proximity operator, or behind ATLEAST: terms, OR groups of these, proximity
 * expressions.  It begins at `at`, as far as it stands here and not in a definition. */
int parse_check_operand(struct parser *p, const struct node *node, size_t at, bool counted);

/* At pos, which moves behind it; NULL: refused. */
struct node *parse_or(struct parser *p);
struct node *parse_unit(struct parser *p);

#endif
