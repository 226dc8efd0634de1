/*
 * rules.h: which rule takes a post.  First match wins.
 *
 * A rule says either `drop: REASON` (filtered, counted under the reason) or team, promise, priority
 * (the weight, 1.0 by default) and lane.  Without `when` it always matches.  Pure.
 */
#ifndef ROUTE_RULES_H
#define ROUTE_RULES_H

#include "common/buf.h"
#include "route/condition.h"
#include "route/priority.h"

struct rule {
	int number;             /* 1 is the first in the file; 0: built in */
	struct condition *when; /* owned by the policy; NULL: always */
	const char *name;       /* for people, "" for none; borrowed */
	const char *when_text;  /* "" for always */
	const char *team, *lane, *drop;
	int64_t promise_ms; /* 0: none */
	int64_t weight;     /* thousandths */
};

struct policy {
	struct rule *rules; /* owned */
	size_t n_rules;
	int64_t max_age_ms;
	struct priority_scale scale;
	char hash[13];   /* first 12 hex digits of SHA-256 of `text` */
	struct buf text; /* the effective configuration without secrets */
};

/* One rule from its settings; err is "expected ..." (condition: three lines).  `rule` borrows the
 * strings.  Counter names are made of reasons, teams and lanes: [a-z0-9_-], 1 to 40. */
int rule_make(struct rule *ret, int number, const char *when, const char *team, const char *lane,
	      const char *drop, const char *priority, int64_t promise_ms, struct error *err);
bool rule_word_valid(const char *z);
/* What makes sense for any brand, for `plan` without a configuration. */
void rules_built_in(struct policy *policy);
const struct rule *rules_find(const struct policy *policy, const struct scored *scored,
			      struct arena *arena); /* NULL: none matches */
void policy_hash(struct policy *policy);            /* from text */
void policy_done(struct policy *policy);

#endif
