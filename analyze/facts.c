/*
 * The driver: one pass over the words tells where which kind may begin; there the finders are asked in
 * the order of the table.  What begins later inside a found fact wins only if it is higher in the table.
 */
#include "common/hash.h"
#include "common/mem.h"

#include "analyze/facts.h"
#include "analyze/facts_scan.h"

/* What tells that a kind may begin at a word; without it the finder is not asked. */
enum sign {
	DIGIT_HERE,  /* a digit stands in it */
	DIGIT_AHEAD, /* in it or in the next word */
	AT_AHEAD,    /* an @ joins it, or one of the FACT_REACH - 1 words behind it, to the next */
	WORD_HERE,   /* it is one of `words` */
	WORD_BEFORE, /* one of them stands at most FACT_ORDER_BACK words before it */
};

/* Order is priority: numbers that prove themselves, then those with a word beside them, then the
 * rest. */
static const struct kind {
	const char *name;
	bool personal;
	fact_finder *find;
	enum sign sign;
	const char *words;
} kinds[] = {
    {"iban", true, fact_iban, DIGIT_HERE, NULL},
    {"card", true, fact_card, DIGIT_HERE, NULL},
    {"tracking", true, fact_tracking, DIGIT_AHEAD, NULL},
    {"email", true, fact_email, AT_AHEAD, NULL},
    {"order", true, fact_order, WORD_BEFORE, fact_order_names},
    {"phone", true, fact_phone, DIGIT_HERE, NULL},
    {"money", false, fact_money, DIGIT_AHEAD, NULL},
    {"deadline", false, fact_deadline, WORD_HERE, fact_deadline_firsts},
    {"duration", false, fact_duration, WORD_HERE, fact_duration_firsts},
    {"date", false, fact_date, DIGIT_AHEAD, NULL},
    {"time", false, fact_time, DIGIT_HERE, NULL},
    {"postcode", true, fact_postcode, DIGIT_AHEAD, NULL},
};

typedef uint16_t kind_set; /* bit k: kinds[k] */

static kind_set kinds_with(enum sign sign)
{
	kind_set set = 0;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		set |= (kind_set)((kinds[k].sign == sign) << k);
	return set;
}

/* The kinds that name this word, by its hash, and perhaps some that do not. */
static kind_set kinds_naming(uint64_t hash)
{
	enum { PLACES = 4096 };
	static kind_set known[PLACES];
	static bool filled;
	if (!filled) {
		struct str word;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			const char *p = kinds[k].words;
			while (p && (p = fact_list_next(p, &word)))
				known[hash_word(word) % PLACES] |= (kind_set)(1 << k);
		}
		filled = true;
	}
	return known[hash % PLACES];
}

/* may[from..to] get these, too. */
static void allow(kind_set *may, size_t from, size_t to, kind_set set)
{
	for (size_t i = from; i <= to; i++)
		may[i] |= set;
}

/* An @ and no blank between two words; most have a blank alone. */
static inline bool joined_by_at(const char *gap, size_t n)
{
	return n && gap[0] != ' ' && memchr(gap, '@', n) && !memchr(gap, ' ', n);
}

/* The kinds that may begin at word i, for each; true where there is any. */
static bool look_for_signs(struct str text, const struct token *at, size_t n, kind_set *may)
{
	const kind_set digit_here = kinds_with(DIGIT_HERE), digit = kinds_with(DIGIT_AHEAD),
		       mail = kinds_with(AT_AHEAD), here = kinds_with(WORD_HERE),
		       before = kinds_with(WORD_BEFORE);
	kind_set all = 0;
	for (size_t i = 1; i <= n; i++) {
		const struct token *t = &at[i - 1];
		size_t next = i < n ? t[1].start : text.n;
		kind_set set = kinds_naming(t->hash);
		may[i] |= set & here;
		if (set & before)
			allow(may, i + 1, i + FACT_ORDER_BACK, set & before);
		if (t->flags & TOKEN_DIGIT) {
			may[i - 1] |= digit;
			may[i] |= digit | digit_here;
			set |= digit;
		}
		if (joined_by_at(text.p + t->end, next - t->end))
			allow(may, i >= FACT_REACH ? i + 1 - FACT_REACH : 1, i, set |= mail);
		all |= set;
	}
	return all != 0;
}

const char *facts_kind(size_t i)
{
	return i < ARRAY_LEN(kinds) ? kinds[i].name : NULL;
}

/* The first of those in `set` that begins at word i.  *ret_kind is no kind where it is void. */
static enum fact_match match(const struct facts *f, size_t i, kind_set set, size_t *ret_kind,
			     struct fact_found *ret)
{
	struct fact_found no = {0};
	for (; set; set &= (kind_set)(set - 1)) {
		struct fact_found found;
		size_t k = (size_t)__builtin_ctz(set);
		enum fact_match m = kinds[k].find(f, i, &found);
		if (m == FACT_FOUND) {
			*ret = found;
			*ret_kind = k;
			return m;
		}
		if (m == FACT_VOID && found.last > no.last)
			no = found;
	}
	*ret_kind = ARRAY_LEN(kinds);
	if (no.last)
		*ret = no;
	return no.last ? FACT_VOID : FACT_NONE;
}

/* Does a fact of a higher kind than `kind` begin behind word i, up to `last`?  Returns where, or 0. */
static size_t better_inside(const struct facts *f, const kind_set *may, size_t i, size_t last,
			    size_t kind)
{
	const kind_set higher = (kind_set)((1u << kind) - 1);
	for (size_t j = i + 1; j <= last; j++) {
		struct fact_found found;
		size_t k;
		if (match(f, j, may[j] & higher, &k, &found) == FACT_FOUND)
			return j;
	}
	return 0;
}

static size_t find(struct post_fact *ret, size_t most, struct str field, struct facts *f,
		   const kind_set *may)
{
	if (most > FACTS_MAX)
		most = FACTS_MAX;
	size_t n = 0, done = 0;
	for (size_t i = 1; i <= f->n && n < most; i++) {
		struct fact_found found;
		size_t kind;
		enum fact_match m = may[i] ? match(f, i, may[i], &kind, &found) : FACT_NONE;
		if (m == FACT_NONE || (m == FACT_FOUND && found.start < done))
			continue;
		must(found.last >= i && found.last <= f->n);
		size_t better = m == FACT_FOUND ? better_inside(f, may, i, found.last, kind) : 0;
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

size_t facts_find(struct post_fact *ret, size_t most, struct str field, struct str text,
		  const struct tokens *tokens, int64_t now_ms, struct arena *arena)
{
	struct facts f;
	kind_set *may = arena_zalloc(arena, (tokens->n + 1 + FACT_ORDER_BACK) * sizeof *may);
	facts_init(&f, text, tokens, now_ms, arena);
	return look_for_signs(text, f.at, f.n, may) ? find(ret, most, field, &f, may) : 0;
}

size_t facts_find_reference(struct post_fact *ret, size_t most, struct str field, struct str text,
			    const struct tokens *tokens, int64_t now_ms, struct arena *arena)
{
	struct facts f;
	kind_set *may = arena_zalloc(arena, (tokens->n + 1) * sizeof *may);
	facts_init(&f, text, tokens, now_ms, arena);
	if (f.n)
		allow(may, 1, f.n, (1 << ARRAY_LEN(kinds)) - 1);
	return find(ret, most, field, &f, may);
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
