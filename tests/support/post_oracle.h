/*
 * post_oracle.h: posts read through jansson, and the analysis put in by a second look at the bytes:
 * what common/post_read.c must agree with.
 *
 * With `reject_duplicates` any key that comes twice in its object refuses the post; without it the
 * last one counts, known or not.  Otherwise as scored_parse, but slow; text is copied into the arena.
 */
#ifndef TESTS_SUPPORT_POST_ORACLE_H
#define TESTS_SUPPORT_POST_ORACLE_H

#include "common/post.h"

int oracle_parse(struct str json, bool reject_duplicates, struct arena *arena,
		 struct post *ret_post, struct analysis *ret_analysis, bool *ret_has,
		 struct error *err);
/* The same without looking into an analysis, as post_parse. */
int oracle_parse_post(struct str json, bool reject_duplicates, struct arena *arena,
		      struct post *ret_post, struct error *err);
/* Is it JSON at all, any value, nested no deeper than posts may be? */
bool oracle_is_json(struct str json);
int oracle_join(struct buf *out, struct str post_json, struct str analysis_json);

#endif
