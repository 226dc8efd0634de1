/*
 * config.h: the settings of posthorn-route, and the policy made of them.
 *
 * A policy is everything a decision depends on besides the post and the time: rules, ages, scale,
 * and the hash that receipts name.  It is immutable; SIGHUP makes a new one.
 */
#ifndef ROUTE_CONFIG_H
#define ROUTE_CONFIG_H

#include "common/conf.h"
#include "route/rules.h"

struct route_conf {
	int64_t max_age_ms, dedup_ms, keep_ms, lease_ms, work_ms, ahead;
	bool audit;
	const char *metrics;
};

struct team_conf {
	const char *name, *label;
};

struct rule_conf {
	const char *name, *when, *team, *lane, *drop, *priority;
	int64_t promise_ms;
};

extern const struct conf_section route_section, teams_section, rules_section;

struct config {
	struct conf *conf; /* NULL: built-in defaults, no file */
	struct conf_common common;
	struct route_conf route;
	struct team_conf *teams; /* without `teams:` those that the rules name */
	size_t n_teams;
	struct team_conf *own_teams; /* where we made the list */
	struct policy policy;
};

/* Reads and validates all that route needs.  `path` NULL: the built-in rules.  New, or NULL with
 * "FILE:LINE: ..." in err. */
struct config *config_load(const char *path, struct error *err);
void config_free(struct config *config); /* NULL is fine */

#endif
