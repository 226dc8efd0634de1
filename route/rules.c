/*
 * rules.c: the list of rules.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"
#include "route/rules.h"

bool rule_word_valid(const char *z)
{
	size_t n = strlen(z);
	return n >= 1 && n <= 40 && strspn(z, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

int rule_make(struct rule *ret, int number, const char *when, const char *team, const char *lane,
	      const char *drop, const char *priority, int64_t promise_ms, struct error *err)
{
	static const char *shape = "lower-case letters, digits, _ and -, at most 40";
	struct rule rule = {.number = number,
			    .name = "",
			    .when_text = when ? when : "",
			    .team = team,
			    .lane = lane ? lane : "",
			    .drop = drop,
			    .promise_ms = promise_ms,
			    .weight = PRIORITY_WEIGHT_ONE};
	if (!team == !drop)
		return error_set(err, "expected either team or drop in a rule");
	if (drop && (promise_ms || priority || lane))
		return error_set(err, "expected no promise, priority or lane beside drop");
	if ((drop && !rule_word_valid(drop)) || (team && !rule_word_valid(team)) ||
	    (lane && !rule_word_valid(lane)))
		return error_set(err, "expected %s, found \"%s\"", shape,
				 drop && !rule_word_valid(drop)   ? drop
				 : team && !rule_word_valid(team) ? team
								  : lane);
	if (priority && priority_weight(str_of(priority), &rule.weight))
		return error_set(err,
				 "expected a priority from 0.001 to 1000 such as 2.0, found \"%s\"",
				 priority);
	if (when && !(rule.when = condition_parse(str_of(when), err)))
		return -1;
	*ret = rule;
	return 0;
}

void rules_built_in(struct policy *policy)
{
	static const struct {
		const char *when, *team, *drop, *priority;
		int64_t promise_ms;
	} rows[] = {
	    {"channel:news", NULL, "press", NULL, 0},
	    {"urgency:>=2", "care", NULL, "2.0", 3600000},
	    {"tonality:negative owned:yes", "care", NULL, "2.0", 3600000},
	    {"tonality:negative", "care", NULL, NULL, 8 * 3600000},
	    {"owned:yes tonality:unsure", "care", NULL, NULL, 8 * 3600000},
	    {"addressed:(mention OR reply)", "care", NULL, NULL, 8 * 3600000},
	    {"has:question", "care", NULL, NULL, 24 * 3600000},
	};
	policy->n_rules = ARRAY_LEN(rows);
	policy->rules = xcalloc(ARRAY_LEN(rows), sizeof *policy->rules);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err;
		must(rule_make(&policy->rules[i], 0, rows[i].when, rows[i].team, NULL, rows[i].drop,
			       rows[i].priority, rows[i].promise_ms, &err) == 0);
	}
}

const struct rule *rules_find(const struct policy *policy, const struct scored *scored,
			      struct arena *arena)
{
	struct query_words words, *cut = NULL;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];
		if (rule->when && !cut && condition_reads_words(rule->when)) {
			query_cut(&scored->post, &words, arena); /* once for all rules */
			cut = &words;
		}
		if (!rule->when || condition_holds(rule->when, scored, cut, arena))
			return rule;
	}
	return NULL;
}

void policy_hash(struct policy *policy)
{
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(buf_view(&policy->text), hex);
	memcpy(policy->hash, hex, 12);
	policy->hash[12] = '\0';
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		condition_free(policy->rules[i].when);
	free(policy->rules);
	buf_done(&policy->text);
}
