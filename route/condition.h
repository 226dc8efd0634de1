/*
 * condition.h: one `when:` of a rule: a query of the monitoring language (docs/QUERY-LANGUAGE.md).
 *
 *   tonality:negative AND owned:yes
 *   part:paket NEAR/6 (weg OR verloren) NOT author:"Deutsche Post"
 *
 * All of the language but definitions and lists, which belong to query sets.  `tonality:unsure` holds where
 * the model abstained.  Of a post without an analysis the conditions on it hold for nothing.
 *
 * The text is copied; the condition may be used from one thread at a time.
 */
#ifndef ROUTE_CONDITION_H
#define ROUTE_CONDITION_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/post.h"
#include "common/query/query.h"

struct condition;

/* A scored post as this room sees it: views, see post.h. */
struct scored {
	struct str json; /* the bytes it came as */
	struct post post;
	struct analysis analysis;
	bool has_analysis;
};

/* New, or NULL.  err is three lines: "when:1:17: expected ..., found ...", the text, a caret. */
struct condition *condition_parse(struct str text, struct error *err);
void condition_free(struct condition *condition); /* NULL is fine */
/* For people: what is allowed in it, but probably not meant; what it costs does not count. */
void condition_lint(const struct condition *condition, struct buf *out);
bool condition_reads_words(const struct condition *condition);
/* words: of query_cut; may be NULL where it reads none.  Memory comes from `arena`. */
bool condition_holds(const struct condition *condition, const struct scored *scored,
		     const struct query_words *words, struct arena *arena);
/* Can it hold for a post of a source of which only source, driver, channel, place (STR_NULL: not known
 * either) and owned are known?  Other conditions are taken to be possible. */
bool condition_may_hold(const struct condition *condition, const struct scored *source,
			struct arena *arena);

#endif
