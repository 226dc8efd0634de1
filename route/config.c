/*
 * config.c: the tables of route's sections, and their validation.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "route/config.h"

static const struct conf_row route_rows[] = {
    CONF_DURATION(struct route_conf, "max_age", max_age_ms, "7d", "1m", "3650d",
		  "posts that are older when heard are counted with reason `old`"),
    CONF_DURATION(struct route_conf, "dedup", dedup_ms, "400d", "1d", "3650d",
		  "how long a post is known again by its id; not shorter than keep"),
    CONF_DURATION(struct route_conf, "keep", keep_ms, "90d", "1h", "3650d",
		  "how long finished tickets and their posts are kept"),
    CONF_DURATION(struct route_conf, "lease", lease_ms, "10m", "1s", "1d",
		  "how long a claimed ticket is the agent's before it goes back"),
    CONF_DURATION(struct route_conf, "work", work_ms, "6m", "1s", "1d",
		  "time that one ticket takes on average (scale of the queue)"),
    CONF_INT(struct route_conf, ahead, "10", "1", "1000",
	     "how many tickets ahead a deadline begins to count (K of the ATC rule)"),
    CONF_BOOL(struct route_conf, audit, "no", "keep the id and reason of every filtered post"),
    CONF_STR(struct route_conf, metrics, "127.0.0.1:0",
	     "address of the Prometheus endpoint; port 0 picks a free one"),
    CONF_END};
const struct conf_section route_section = {"route", CONF_MAP, sizeof(struct route_conf), route_rows,
					   "How posts become tickets."};

static const struct conf_row team_rows[] = {
    CONF_STR(struct team_conf, name, CONF_NEEDED, "short name, as in rules and keys"),
    CONF_STR(struct team_conf, label, NULL, "name for people"), CONF_END};
const struct conf_section teams_section = {"teams", CONF_MAPS, sizeof(struct team_conf), team_rows,
					   "Teams that work on tickets."};

static const struct conf_row rule_rows[] = {
    CONF_STR(struct rule_conf, name, NULL, "name for people"),
    CONF_STR(struct rule_conf, when, NULL, "condition; without it the rule always matches"),
    CONF_STR(struct rule_conf, team, NULL, "team whose queue gets the ticket"),
    CONF_STR(struct rule_conf, lane, NULL, "label of a lane within the team"),
    CONF_STR(struct rule_conf, drop, NULL, "reason under which the post is filtered and counted"),
    CONF_STR(struct rule_conf, priority, NULL, "weight, 0.001 to 1000; 1.0 where not given"),
    CONF_DURATION(struct rule_conf, "promise", promise_ms, NULL, "1s", "365d",
		  "time to the first answer; none where not given"),
    CONF_END};
const struct conf_section rules_section = {
    "rules", CONF_MAPS, sizeof(struct rule_conf), rule_rows,
    "Who gets a post: the first rule that matches decides; no match: reason `no_rule`."};

static bool team_known(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_teams; i++)
		if (strcmp(config->teams[i].name, name) == 0)
			return true;
	return config->n_teams == 0;
}

/* Without `teams:` they are those that the rules name. */
static void teams_of_rules(struct config *config)
{
	const struct policy *policy = &config->policy;
	config->own_teams = xcalloc(policy->n_rules + 1, sizeof *config->own_teams);
	config->teams = config->own_teams;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const char *team = policy->rules[i].team;
		bool known = !team;
		for (size_t k = 0; k < config->n_teams && !known; k++)
			known = strcmp(config->teams[k].name, team) == 0;
		if (!known)
			config->own_teams[config->n_teams++] = (struct team_conf){team, NULL};
	}
}

static int read_rules(struct config *config, struct error *err)
{
	struct rule_conf *rows = NULL;
	size_t n = 0;
	struct policy *policy = &config->policy;
	if (conf_read_list(config->conf, &rules_section, &rows, &n, err))
		return -1;
	if (n == 0) {
		rules_built_in(policy);
		return 0;
	}
	policy->rules = xcalloc(n, sizeof *policy->rules);
	for (size_t i = 0; i < n; i++) {
		struct error why;
		int line = conf_line(config->conf, "rules", i, NULL);
		if (rule_make(&policy->rules[i], (int)i + 1, rows[i].when, rows[i].team,
			      rows[i].lane, rows[i].drop, rows[i].priority, rows[i].promise_ms,
			      &why)) {
			if (strncmp(why.text, "when:", 5) == 0)
				line = conf_line(config->conf, "rules", i, "when");
			return conf_fail(config->conf, line, err, "%s", why.text);
		}
		policy->rules[i].name = rows[i].name ? rows[i].name : "";
		policy->n_rules++;
		if (rows[i].team && !team_known(config, rows[i].team))
			return conf_fail(config->conf, conf_line(config->conf, "rules", i, "team"),
					 err, "expected one of the teams, found \"%s\"",
					 rows[i].team);
	}
	return 0;
}

static int64_t poll_of(const struct conf_node *node, int64_t otherwise)
{
	const char *text = conf_scalar(conf_get(node, "poll"));
	int64_t ms;
	/* a wrong value is said by ingest, whose setting it is */
	return text && num_duration_ms(str_of(text), &ms) == 0 ? ms : otherwise;
}

static int check_source(struct config *config, const struct conf_node *node, int64_t poll_ms,
			struct arena *arena, struct error *err)
{
	struct scored s = {0};
	const char *name = conf_scalar(conf_get(node, "name"));
	const char *owned = conf_scalar(conf_get(node, "owned"));
	post_init(&s.post);
	s.post.source = str_of(name);
	s.post.driver = str_of(conf_scalar(conf_get(node, "driver")));
	s.post.channel = str_of(conf_scalar(conf_get(node, "channel")));
	s.post.place = str_of(conf_scalar(conf_get(node, "place")));
	s.post.owned_known = true;
	s.post.owned = owned && (strcmp(owned, "yes") == 0 || strcmp(owned, "true") == 0);
	for (size_t i = 0; i < config->policy.n_rules; i++) {
		const struct rule *rule = &config->policy.rules[i];
		char poll[32];
		if (!rule->number || !rule->promise_ms || rule->promise_ms >= poll_ms ||
		    (rule->when && !condition_may_hold(rule->when, &s, arena)))
			continue;
		num_duration_text(poll_ms, poll);
		return conf_fail(
		    config->conf, conf_line(config->conf, "rules", i, "promise"), err,
		    "expected a promise that is not shorter than %s, the time between "
		    "two polls of the source \"%s\"; poll it more often or promise less",
		    poll, name ? name : "?");
	}
	return 0;
}

/* A promise that is over before its post is heard is none. */
static int check_polls(struct config *config, struct error *err)
{
	const struct conf_node *sources = conf_section_node(config->conf, "sources");
	int64_t otherwise = poll_of(conf_section_node(config->conf, "ingest"), 5 * 60000);
	struct arena *arena = arena_create(1 * MiB);
	int rc = 0;
	for (size_t i = 0; i < conf_count(sources) && rc == 0; i++) {
		const struct conf_node *node = conf_item(sources, i);
		const char *driver = conf_scalar(conf_get(node, "driver"));
		if (driver && strcmp(driver, "replay") == 0)
			continue; /* a file is not polled */
		arena_reset(arena);
		rc = check_source(config, node, poll_of(node, otherwise), arena, err);
	}
	arena_free(arena);
	return rc;
}

/* The text behind the hash: what decisions depend on, as read. */
static void write_text(struct config *config)
{
	struct buf *text = &config->policy.text;
	buf_init(text, 4 * MiB);
	conf_text(&route_section, &config->route, text);
	for (size_t i = 0; i < config->policy.n_rules; i++) {
		const struct rule *rule = &config->policy.rules[i];
		(void)buf_printf(text,
				 "rule %d when=%s team=%s lane=%s drop=%s weight=%" PRId64
				 " promise=%" PRId64 "\n",
				 rule->number, rule->when_text, rule->team ? rule->team : "",
				 rule->lane, rule->drop ? rule->drop : "", rule->weight,
				 rule->promise_ms);
	}
	policy_hash(&config->policy);
}

static int read_all(struct config *config, struct error *err)
{
	struct conf *conf = config->conf;
	if (conf_check_names(conf, err) ||
	    conf_read(conf, &conf_common_section, &config->common, err) ||
	    conf_read(conf, &route_section, &config->route, err) ||
	    conf_read_list(conf, &teams_section, &config->teams, &config->n_teams, err))
		return -1;
	if (config->route.dedup_ms < config->route.keep_ms) {
		const char *given =
		    conf_get(conf_section_node(conf, "route"), "dedup") ? "dedup" : "keep";
		char keep[32];
		num_duration_text(config->route.keep_ms, keep);
		return conf_fail(
		    conf, conf_line(conf, "route", 0, given), err,
		    "expected \"dedup\" not shorter than \"keep\" (%s): what is deleted "
		    "at its source is found by its id",
		    keep);
	}
	for (size_t i = 0; i < config->n_teams; i++)
		if (!rule_word_valid(config->teams[i].name))
			return conf_fail(
			    conf, conf_line(conf, "teams", i, "name"), err,
			    "expected lower-case letters, digits, _ and -, found \"%s\"",
			    config->teams[i].name);
	if (read_rules(config, err))
		return -1;
	if (config->n_teams == 0)
		teams_of_rules(config);
	return check_polls(config, err);
}

struct config *config_load(const char *path, struct error *err)
{
	struct config *config = xcalloc(1, sizeof *config);
	config->conf = path ? conf_load(path, err) : conf_parse("built-in", STR("{}"), err);
	if (!config->conf || read_all(config, err)) {
		config_free(config);
		return NULL;
	}
	config->policy.max_age_ms = config->route.max_age_ms;
	config->policy.scale = (struct priority_scale){config->route.ahead, config->route.work_ms};
	write_text(config);
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	policy_done(&config->policy);
	free(config->own_teams);
	conf_free(config->conf);
	free(config);
}
