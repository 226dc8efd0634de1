/*
 * condition.c: a rule's `when:` is a query of the monitoring language with one post to hold for.
 */
#include <stdlib.h>

#include "common/mem.h"
#include "common/query/lint.h"
#include "route/condition.h"

struct condition {
	struct query_set *set;
	struct query_matcher *matcher;
};

struct condition *condition_parse(struct str text, struct error *err)
{
	/* NOT alone is fine here: a rule sees posts that were chosen already */
	const struct query_options options = {.said = "when", .allow_all = true};
	struct condition *c = xcalloc(1, sizeof *c);
	c->set = query_set_create();
	if (query_set_add(c->set, "when", text, &options, err) != 0) {
		condition_free(c);
		return NULL;
	}
	query_set_compile(c->set);
	c->matcher = query_matcher_create(c->set);
	return c;
}

void condition_lint(const struct condition *condition, struct buf *out)
{
	struct lint_finding findings[LINT_MOST];
	struct arena *arena = arena_create(16 * MiB);
	size_t n = query_lint(condition->set, 0, findings, arena), kept = 0;
	for (size_t i = 0; i < n; i++)
		if (findings[i].number != 8)
			findings[kept++] = findings[i];
	query_lint_print(out, condition->set, 0, findings, kept);
	arena_free(arena);
}

void condition_free(struct condition *condition)
{
	if (!condition)
		return;
	query_matcher_free(condition->matcher);
	query_set_free(condition->set);
	free(condition);
}

bool condition_reads_words(const struct condition *condition)
{
	return query_set_reads_words(condition->set);
}

bool condition_holds(const struct condition *condition, const struct scored *scored,
		     const struct query_words *words, struct arena *arena)
{
	static const struct query_words none;
	const struct analysis *a = scored->has_analysis ? &scored->analysis : NULL;
	struct query_post p = query_post_of(&scored->post, a, words ? words : &none);
	return query_holds(condition->matcher, 0, &p, arena);
}

bool condition_may_hold(const struct condition *condition, const struct scored *source,
			struct arena *arena)
{
	return query_may_hold(condition->set, 0, &source->post, arena);
}
