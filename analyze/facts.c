/*
 * The driver: one pass over the words; at each, the finders are asked in the order of the table.  What
 * begins later inside a found fact wins only if it is higher in the table.
 */
#include "common/mem.h"

#include "analyze/facts.h"
#include "analyze/facts_scan.h"

/* Order is priority: numbers that prove themselves, then those with a word beside them, then the
 * rest. */
static const struct kind {
	const char *name;
	bool personal;
	fact_finder *find;
	bool digits; /* none is without a digit within FACT_NEAR words: elsewhere it is not tried */
} kinds[] = {
    {"iban", true, fact_iban, true},           {"card", true, fact_card, true},
    {"tracking", true, fact_tracking, true},   {"email", true, fact_email, false},
    {"order", true, fact_order, false},        {"phone", true, fact_phone, true},
    {"money", false, fact_money, true},        {"deadline", false, fact_deadline, false},
    {"duration", false, fact_duration, false}, {"date", false, fact_date, true},
    {"time", false, fact_time, true},          {"postcode", true, fact_postcode, true},
};

const char *facts_kind(size_t i)
{
	return i < ARRAY_LEN(kinds) ? kinds[i].name : NULL;
}

/* The first of kinds[0..below) that begins at word i.  *ret_kind is `below` where it is void. */
static enum fact_match match(const struct facts *f, size_t i, size_t below, size_t *ret_kind,
			     struct fact_found *ret)
{
	struct fact_found no = {0};
	bool near_digit = f->words[i].near_digit;
	for (size_t k = 0; k < below; k++) {
		struct fact_found found;
		if (kinds[k].digits && !near_digit)
			continue;
		enum fact_match m = kinds[k].find(f, i, &found);
		if (m == FACT_FOUND) {
			*ret = found;
			*ret_kind = k;
			return m;
		}
		if (m == FACT_VOID && found.last > no.last)
			no = found;
	}
	*ret_kind = below;
	if (no.last)
		*ret = no;
	return no.last ? FACT_VOID : FACT_NONE;
}

/* Does a fact of a higher kind than `kind` begin behind word i, up to `last`?  Returns where, or 0. */
static size_t better_inside(const struct facts *f, size_t i, size_t last, size_t kind)
{
	for (size_t j = i + 1; j <= last; j++) {
		struct fact_found found;
		size_t k;
		if (match(f, j, kind, &k, &found) == FACT_FOUND)
			return j;
	}
	return 0;
}

size_t facts_find(struct post_fact *ret, size_t most, struct str field, struct str text,
		  const struct tokens *tokens, int64_t now_ms, struct arena *arena)
{
	struct facts f;
	facts_init(&f, text, tokens, now_ms, arena);
	if (most > FACTS_MAX)
		most = FACTS_MAX;
	size_t n = 0, done = 0;
	for (size_t i = 1; i <= f.n && n < most; i++) {
		struct fact_found found;
		size_t kind;
		enum fact_match m = match(&f, i, ARRAY_LEN(kinds), &kind, &found);
		if (m == FACT_NONE || (m == FACT_FOUND && found.start < done))
			continue;
		must(found.last >= i && found.last <= f.n);
		size_t better = m == FACT_FOUND ? better_inside(&f, i, found.last, kind) : 0;
		if (better) {
			i = better - 1;
			continue;
		}
		i = found.last;
		if (m == FACT_VOID)
			continue;
		done = found.end;
		ret[n++] = (struct post_fact){.kind = str_of(kinds[kind].name),
					      .field = field,
					      .value = found.value,
					      .start = found.start,
					      .end = found.end,
					      .personal = kinds[kind].personal};
	}
	return n;
}

struct str facts_mask(struct str text, const struct post_fact *facts, size_t n, struct str field,
		      struct arena *arena)
{
	static const char mask[] = "\u2022\u2022\u2022";
	size_t hidden = 0;
	for (size_t i = 0; i < n; i++)
		hidden += facts[i].personal && str_eq(facts[i].field, field);
	if (!hidden)
		return text;
	char *p = arena_alloc(arena, text.n + hidden * (sizeof mask - 1) + 1), *out = p;
	size_t pos = 0;
	for (size_t i = 0; i < n; i++) {
		const struct post_fact *fact = &facts[i];
		if (!fact->personal || !str_eq(fact->field, field))
			continue;
		must(fact->start >= pos && fact->start <= fact->end && fact->end <= text.n);
		memcpy(out, text.p + pos, fact->start - pos);
		out += fact->start - pos;
		memcpy(out, mask, sizeof mask - 1);
		out += sizeof mask - 1;
		pos = fact->end;
	}
	memcpy(out, text.p + pos, text.n - pos);
	out += text.n - pos;
	*out = 0;
	return (struct str){p, (size_t)(out - p)};
}
