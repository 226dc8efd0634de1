/*
 * condition.h: one `when:` of a rule: field conditions of the monitoring language.
 *
 *   tonality:negative AND owned:yes
 *   channel:(forum OR blog) NOT author:"Deutsche Post" followers:>1000
 *
 * Conditions stand side by side or joined by AND (the same); NOT in front of one negates it.  The
 * forms are those of docs/QUERY-LANGUAGE.md, "Fields"; terms, OR between conditions and parentheses
 * around them come with the query engine and are refused with a hint.
 *
 * Fields: source driver channel place kind conversation role addressed author lang (folded, whole
 * value, * and ?); site; owned bot backfill; followers likes replies shares views rating reach
 * tonality relevance answer urgency; tonality:negative neutral positive, and `unsure`: the model
 * abstained (there is an analysis and its label is null); has:link image video question quote;
 * created fetched.  An unknown value satisfies no condition.  The time zone is Europe/Berlin.
 *
 * Pure.  The text is copied; the condition may be used from one thread at a time.
 */
#ifndef ROUTE_CONDITION_H
#define ROUTE_CONDITION_H

#include "common/arena.h"
#include "common/error.h"
#include "common/post.h"

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
/* Memory for folding comes from `arena`. */
bool condition_holds(const struct condition *condition, const struct scored *scored,
		     struct arena *arena);
/* Can it hold for a post of a source of which only source, driver, channel, place (STR_NULL: not known
 * either) and owned are known?  Other conditions are taken to be possible. */
bool condition_may_hold(const struct condition *condition, const struct scored *source,
			struct arena *arena);

#endif
