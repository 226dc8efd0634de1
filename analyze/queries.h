/*
 * queries.h: the query set that posts are matched with, loaded beside the work and swapped between two posts.
 *
 *   struct queries *queries = queries_load("queries.yaml", &err);     // parses, compiles, makes a matcher
 *   score_use_queries(score, queries);                                // from the next post on
 *   queries_free(queries);                                            // when others are in use
 *
 *   struct queries_reload *reload = queries_reload_start(loop, path, on_loaded, arg);
 *   queries_reload_free(reload);
 *
 * The file is read, parsed and compiled in a thread of its own, so that no post waits for it.
 */
#ifndef ANALYZE_QUERIES_H
#define ANALYZE_QUERIES_H

#include "common/loop.h"
#include "common/query/file.h"

struct queries {
	struct query_file *file;
	struct query_matcher *matcher;
	size_t n_common;    /* that are looked at for a great many posts: Q8 of the linter */
	const char *common; /* the name of one; NULL: there is none */
};

struct queries *queries_load(const char *path, struct error *err); /* NULL + err */
void queries_free(struct queries *queries);                        /* NULL is fine */

/* queries: yours now, or NULL and err says why. */
typedef void queries_loaded(void *arg, struct queries *queries, const struct error *err);
struct queries_reload;
/* Begins to load; `done` is called from the loop.  Borrowed path is copied. */
struct queries_reload *queries_reload_start(struct loop *loop, const char *path,
					    queries_loaded *done, void *arg);
/* Waits for the thread; what it loaded and nobody took is freed.  NULL is fine. */
void queries_reload_free(struct queries_reload *reload);

#endif
