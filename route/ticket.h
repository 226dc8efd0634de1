/*
 * ticket.h: what happens to a scored post.  Pure: post + policy + time -> decision.
 *
 * Filters that need no rule come first, in this order: `backfill` (was old when its source was first
 * read), `own` (we, our agency, our employees: counted, and may answer a ticket), `old` (older than
 * max_age when heard), `repost`.  Then the rules; none matches: `no_rule`.  Updates and deletions
 * are decided by what is known of the post, inside the script.
 */
#ifndef ROUTE_TICKET_H
#define ROUTE_TICKET_H

#include "route/rules.h"

enum decision_kind { DECIDE_FILTER, DECIDE_OWN, DECIDE_TICKET, DECIDE_UPDATE, DECIDE_DELETE };

struct decision {
	enum decision_kind kind;
	const char *reason;       /* FILTER, OWN: borrowed from the policy, or static */
	const struct rule *rule;  /* TICKET, or the rule that dropped it; else NULL */
	struct promise promise;   /* TICKET */
	struct priority priority; /* TICKET; inputs are views into the post */
	int64_t written;          /* OWN, TICKET: when the post counts as written */
	int64_t delay_ms;         /* hearing delay, -1 where it says nothing */
	int64_t at;               /* `now` */
};

void ticket_decide(struct decision *ret, const struct policy *policy, const struct scored *scored,
		   int64_t now, struct arena *arena);

/* Title, else text; white space made single, at most 160 bytes, no cut code point. */
struct str ticket_head(const struct post *post, struct arena *arena);
/* Who wrote it, as a key that tells nothing: 16 hex digits.  Unknown authors: one per post. */
struct str ticket_author_key(const struct post *post, struct arena *arena);
/* "LANG:LABEL" for the counters ("?" and "unsure" where unknown), or "" where it is left out. */
struct str ticket_tonality_counter(const struct decision *decision, const struct scored *scored,
				   struct arena *arena);

#endif
