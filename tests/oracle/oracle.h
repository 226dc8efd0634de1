/*
 * oracle: a slow evaluator of the monitoring language (QUERY.md), written from the specification alone, as the other side
 * of a comparison.  It computes, for every node of a query, the list of all its occurrences, and combines the lists naively.
 *
 *   char why[200];
 *   struct slow_query *query = slow_parse("paket NEAR/3 weg", 16, why, sizeof(why));
 *   struct slow_post *post = slow_post(line, strlen(line));
 *   if (query && post) yes = slow_match(query, post);
 *   slow_post_free(post); slow_free(query);
 *
 * Not for production: quadratic and worse.  Choices where the specification leaves one are in NOTES.md.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct slow_query;
struct slow_post;

/* New query, free with slow_free; NULL when refused, then `why` holds one line with the reason. */
struct slow_query *slow_parse(const char *query, size_t n, char *why, size_t room);
void slow_free(struct slow_query *query);

/* New post from a JSON object, free with slow_post_free; NULL when it is no JSON object. */
struct slow_post *slow_post(const char *json, size_t n);
void slow_post_free(struct slow_post *post);

/* 1 when the post matches, else 0. */
int slow_match(const struct slow_query *query, const struct slow_post *post);

/* Asked for `part:`: is the folded part a component of the folded word?  Set it; the default takes equality, or that the
 * word begins or ends with the part. */
extern bool (*slow_is_part)(const char *folded_word, const char *folded_part);

/* The same for bytes that are not folded yet. */
bool slow_part(const char *word, size_t n, const char *part, size_t m);

#endif
