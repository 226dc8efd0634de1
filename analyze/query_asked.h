/*
 * query_asked.h: what the query commands are asked about: one expression, or a file of queries.
 */
#ifndef ANALYZE_QUERY_ASKED_H
#define ANALYZE_QUERY_ASKED_H

#include "common/cli.h"
#include "common/query/file.h"

#define SET_OPTION                                                                                 \
	{                                                                                          \
		"set", "FILE", "the queries of a file instead of one expression"                   \
	}
#define MODEL_OPTION                                                                               \
	{                                                                                          \
		"model", "FILE",                                                                   \
		    "weights that judge posts without an analysis; default: the shipped ones"      \
	}

struct asked {
	struct query_file *file; /* NULL: one expression */
	struct query_set *set;   /* of the file, or of the expression */
};

/* The operand, or --set; 0, or an exit code, said.  asked_done after 0 only. */
int asked_for(struct asked *a, const struct cli *cli);
int asked_expression(struct asked *a, const char *operand);
int asked_file(struct asked *a, const char *path);
void asked_done(struct asked *a);
/* To standard output; 0, or an exit code, said. */
int asked_put(const struct buf *out);

#endif
