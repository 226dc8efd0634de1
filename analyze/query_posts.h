/*
 * query_posts.h: posts from standard input, judged and cut, for the query commands.
 */
#ifndef ANALYZE_QUERY_POSTS_H
#define ANALYZE_QUERY_POSTS_H

#include "common/cli.h"
#include "common/query/query.h"

/* One line that is a post.  Valid during the call; matching may use the arena. */
struct query_line {
	struct str json;
	struct query_post post;
};
typedef void query_line_taker(void *arg, const struct query_line *line, struct arena *arena);

/* Calls `take` for each post.  A post that carries an analysis keeps it; others are judged by the model of
 * --model, else the shipped one; deletes are passed over.  A line that is no post is said on standard error,
 * with its number; the rest goes on.  0, or an exit code, said. */
int query_posts(const struct cli *cli, query_line_taker *take, void *arg);

/* The expression that an operand gives: itself, or for "-" and "@FILE" what stands there.  *ret is made here,
 * done by the caller.  0, or an exit code, said. */
int query_operand(const char *operand, struct buf *ret);

/* Keyword in context: the words of a match with what stands around them, a line each, for people. */
void query_kwic(struct buf *out, const struct query_line *line, const struct query_match *match,
		const char *name);

#endif
