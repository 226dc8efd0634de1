/*
 * wanted.h: which posts of a source with `keep: matching` are kept: those that a query of analyze could match.
 *
 *   struct wanted *wanted = wanted_load(path, &err);
 *   if (wanted_post(wanted, &post)) ...
 *   wanted_free(wanted);
 *
 * Language, tonality and the like are not known yet: a query that asks for nothing else wants every post
 * (common/query/early.h).  One thread.
 */
#ifndef INGEST_WANTED_H
#define INGEST_WANTED_H

#include "common/error.h"
#include "common/post.h"

struct wanted;

struct wanted *wanted_load(const char *path, struct error *err); /* new; NULL + err */
void wanted_free(struct wanted *wanted);                         /* NULL is fine */
bool wanted_post(struct wanted *wanted, const struct post *post);
/* How many queries there are, and in *ret_always the name of one that wants every post, or NULL. */
size_t wanted_queries(const struct wanted *wanted, const char **ret_always);

#endif
