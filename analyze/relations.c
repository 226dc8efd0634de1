#include <string.h>

#include "common/mem.h"

#include "analyze/relations.h"

enum {
	MOST = 64,    /* occurrences: each is looked at beside each */
	NEAR = 4,     /* words before a name that may lead up to it */
	SPAN = 7,     /* from a comparative to its "than" */
	NEGATION = 3, /* from a negation to the comparative it turns */
	ALIKE = 3,    /* words behind a name in which "auch" speaks of it */
	VERBS = 40 /* words before and behind a name in which its sentence's verb is looked for */
};

/* Words, folded; a star at the end: what begins so. */
struct list {
	const char *const *words;
	size_t n;
};
#define LIST(name, ...)                                                                            \
	static const char *const name##_words[] = {__VA_ARGS__};                                   \
	static const struct list name = {name##_words, ARRAY_LEN(name##_words)}

LIST(than, "als", "than");
LIST(to, "to");
LIST(prefer, "prefer*");
LIST(instead, "statt", "anstatt", "anstelle", "instead");
LIST(negations, "nicht", "not", "no", "kein", "keinen", "keine", "kaum", "isn", "never", "nie",
     "t");
LIST(nots, "nicht", "not", "never", "nie");
LIST(ands, "and", "und", "aber", "but", "lieber");
LIST(unlikes, "unlike", "gegensatz", "anders", "vergleich", "verglichen", "compared");
LIST(away, "von", "vom", "from", "leave", "leaving", "left", "dump*", "ditch*", "quit", "verlass*",
     "verliess*", "kuendig*", "gekuendigt", "weg");
LIST(towards, "zu", "zum", "zur", "to", "nach", "for", "gegen");
LIST(switches, "wechsel*", "wechsle", "gewechselt", "switch*", "move", "moved", "moving", "swap*",
     "umgestiegen", "umsteigen", "umgezogen", "zurueck", "back", "went", "going", "gone",
     "gegangen", "dump*", "ditch*", "left", "leaving", "leave", "change*", "changing");
/* may stand between such a word and the name */
LIST(between, "of", "zu", "mit", "bei", "beim", "with", "to", "von", "damals", "frueher", "im",
     "at");
LIST(sources, "von", "vom", "bei", "beim", "mit", "from", "with", "at", "on", "via", "ueber", "of",
     "neben", "durch", "through", "by", "in", "im");
LIST(goods, "bestellung", "bestellungen", "order", "orders", "retoure", "einkauf");
LIST(same, "auch", "too", "either", "ebenfalls", "ebenso", "genauso", "genausowenig", "likewise");
LIST(both, "beide", "beiden", "beides", "both", "neither", "egal", "jeweils");
LIST(even, "even", "noch");
LIST(better, "besser", "better");
LIST(weder, "weder", "neither");
LIST(noch, "noch", "nor");
LIST(worse, "schlechter", "schlimmer", "langsamer", "teurer", "unfreundlicher", "worse", "slower",
     "lauter", "nerviger", "dirtier", "ruder", "unzuverlaessiger", "dreister", "less", "weniger",
     "duemmer", "later", "spaeter", "umstaendlicher", "komplizierter");
LIST(comparatives, "better", "more", "rather", "prefer*", "mehr");
LIST(no_comparatives, "immer", "aber", "oder", "wieder", "ueber", "unter", "other", "never",
     "after", "under", "over", "however", "unser", "einer", "keiner", "dieser", "jeder", "whether",
     "hinter", "sicher", "leider", "either", "neither", "order", "customer", "number", "ever",
     "super", "together", "fahrer", "weder", "provider", "anbieter", "driver", "fehler", "ausser");

static bool in(struct str w, const struct list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str rule = str_of(list->words[i]);
		bool open = rule.p[rule.n - 1] == '*';
		rule.n -= open;
		if (open ? w.n >= rule.n && memcmp(w.p, rule.p, rule.n) == 0 : str_eq(w, rule))
			return true;
	}
	return false;
}

static bool word_before(const struct tokens *tokens, size_t i, size_t back)
{
	return back <= i && tokens->at[i - back].sentence == tokens->at[i].sentence &&
	       !tokens->at[i - back].quoted;
}

/* The word of `list` that leads up to token i, with only articles and words of `gap` in between. */
static bool leads_at(const struct tokens *tokens, size_t i, const struct list *list,
		     const struct list *gap, size_t *ret_at)
{
	for (size_t back = 1; back <= NEAR && word_before(tokens, i, back); back++) {
		struct str w = tokens->at[i - back].folded;
		if (in(w, list)) {
			*ret_at = i - back;
			return true;
		}
		if (!clauses_is_article(w) && !in(w, gap))
			break;
	}
	return false;
}

static bool leads(const struct tokens *tokens, size_t i, const struct list *list)
{
	size_t at;
	return leads_at(tokens, i, list, &between, &at);
}

static bool negated(const struct tokens *tokens, size_t i)
{
	for (size_t back = 1; back <= NEGATION && word_before(tokens, i, back); back++) {
		if (in(tokens->at[i - back].folded, &negations))
			return true;
	}
	return false;
}

/* 1 better, -1 worse, 0 no comparative.  Most of German and many of English end in "er". */
static int comparative(struct str w)
{
	if (in(w, &worse))
		return -1;
	if (in(w, &comparatives))
		return 1;
	return w.n >= 5 && memcmp(w.p + w.n - 2, "er", 2) == 0 && !in(w, &no_comparatives);
}

enum compared { NOT_COMPARED, BETTER_THAN, WORSE_THAN, NO_BETTER_THAN };

static enum compared compared(const struct tokens *tokens, size_t i)
{
	size_t at = 0;
	bool prefers = false;
	if (!leads_at(tokens, i, &than, &between, &at)) {
		prefers = leads_at(tokens, i, &to, &between, &at);
		if (!prefers)
			return NOT_COMPARED;
	}
	for (size_t back = 1; back <= SPAN && word_before(tokens, at, back); back++) {
		struct str w = tokens->at[at - back].folded;
		int sign = prefers ? in(w, &prefer) : comparative(w);
		if (sign == 0)
			continue;
		if (negated(tokens, at - back))
			return sign > 0 ? NO_BETTER_THAN : BETTER_THAN;
		return sign > 0 ? BETTER_THAN : WORSE_THAN;
	}
	return NOT_COMPARED;
}

static bool sentence_has(const struct tokens *tokens, size_t i, const struct list *list)
{
	uint32_t sentence = tokens->at[i].sentence;
	for (size_t k = i > VERBS ? i - VERBS : 0; k < tokens->n && k <= i + VERBS; k++) {
		if (tokens->at[k].sentence == sentence && !tokens->at[k].quoted &&
		    in(tokens->at[k].folded, list))
			return true;
	}
	return false;
}

/* The other target that occurrence k is set beside: the nearest before it in its sentence, else the next
 * behind it there, else the nearest before at all, else none. */
static uint32_t partner(const struct tokens *tokens, const struct occurrence *at, size_t n,
			size_t k)
{
	uint32_t sentence = tokens->at[at[k].from].sentence, any = 0;
	for (size_t j = k; j-- > 0;) {
		if (at[j].target == at[k].target)
			continue;
		if (tokens->at[at[j].from].sentence == sentence)
			return at[j].target;
		any = any ? any : at[j].target;
	}
	for (size_t j = k + 1; j < n; j++) {
		if (tokens->at[at[j].from].sentence != sentence)
			break;
		if (at[j].target != at[k].target)
			return at[j].target;
	}
	return any;
}

/* "statt X", "instead of X", "and not X", ", nicht X". */
static bool instead_of(const struct tokens *tokens, const struct clauses *clauses, size_t i)
{
	size_t no = 0;
	if (leads(tokens, i, &instead))
		return true;
	if (!leads_at(tokens, i, &nots, &between, &no) || no == 0)
		return false;
	return in(tokens->at[no - 1].folded, &ands) || clauses->of[no - 1] != clauses->of[no];
}

static bool is_alike(const struct tokens *tokens, const struct clauses *clauses,
		     const struct occurrence *o)
{
	for (size_t i = o->from > 2 ? o->from - 2 : 0; i < tokens->n && i <= o->to + 2 * ALIKE;
	     i++) {
		struct str w = tokens->at[i].folded;
		if (tokens->at[i].quoted || clauses->of[i] != clauses->of[o->from])
			continue;
		if (i <= o->to + ALIKE && in(w, &same))
			return true;
		if (comparative(w) && i > 0 && in(tokens->at[i - 1].folded, &even))
			return true; /* "even worse" */
		if (in(w, &better) && negated(tokens, i))
			return true; /* "kein Stück besser" */
	}
	return false;
}

/* "my X order" */
static bool is_ordered(const struct tokens *tokens, const struct occurrence *o)
{
	return o->to < tokens->n && in(tokens->at[o->to].folded, &goods);
}

/* "from X", "wegen der Leute bei X" */
static bool is_behind(const struct tokens *tokens, const struct occurrence *o)
{
	size_t where;
	return tokens->at[o->from].kind != TOKEN_MENTION &&
	       leads_at(tokens, o->from, &sources, &sources, &where);
}

/* Is another target more in the middle of the clause than occurrence k, which stands behind a preposition?
 * Or does k only say where an order was made? */
static bool in_passing(const struct tokens *tokens, const struct clauses *clauses,
		       const struct occurrence *at, size_t n, size_t k)
{
	const struct occurrence *o = &at[k];
	bool ordered = is_ordered(tokens, o), behind = is_behind(tokens, o);
	for (size_t j = 0; j < n && (ordered || behind); j++) {
		if (at[j].target == o->target)
			continue;
		bool touches = at[j].to + 2 >= o->from && o->to + 2 >= at[j].from;
		bool central = !touches && clauses->of[at[j].from] == clauses->of[o->from] &&
			       !is_ordered(tokens, &at[j]) && !is_behind(tokens, &at[j]);
		if (ordered || central)
			return true;
	}
	return false;
}

/* What is said of occurrence k and its partner by the words before it. */
static void relate(struct relations *r, const struct tokens *tokens, const struct clauses *clauses,
		   const struct occurrence *at, size_t n, size_t k)
{
	const struct occurrence *o = &at[k];
	size_t i = o->from;
	uint32_t other = partner(tokens, at, n, k);
	bool switching = sentence_has(tokens, i, &switches);
	enum compared how = compared(tokens, i);
	if (how == NO_BETTER_THAN) {
		r->worse |= o->target | other;
	} else if (how != NOT_COMPARED) {
		r->better |= how == BETTER_THAN ? other : o->target;
		r->worse |= how == BETTER_THAN ? o->target : other;
	} else if (leads(tokens, i, &unlikes) ||
		   (leads(tokens, i, &than) && sentence_has(tokens, i, &unlikes))) {
		r->unlike |= o->target;
	} else if (other && instead_of(tokens, clauses, i)) {
		r->better |= other;
		r->worse |= o->target;
	} else if (switching && leads(tokens, i, &towards)) {
		r->better |= o->target;
		r->worse |= other;
	} else if (switching && other && leads(tokens, i, &away) && k + 1 < n &&
		   leads(tokens, at[k + 1].from, &towards)) {
		r->worse |= o->target;
	} else if (leads(tokens, i, &weder) ||
		   (k > 0 && leads(tokens, i, &noch) && (r->neither & at[k - 1].target))) {
		r->neither |= o->target;
	}
}

void relations_find(struct relations *ret, const struct tokens *tokens,
		    const struct clauses *clauses, const struct occurrence *at, size_t n)
{
	struct relations r = {.better = 0};
	uint32_t all = 0, central = 0;
	n = n < MOST ? n : MOST;
	for (size_t k = 0; k < n; k++) {
		relate(&r, tokens, clauses, at, n, k);
		if (k > 0 && is_alike(tokens, clauses, &at[k]))
			r.alike |= at[k].target;
		if (!in_passing(tokens, clauses, at, n, k))
			central |= at[k].target;
		all |= at[k].target;
	}
	if (n > 1 && sentence_has(tokens, at[n - 1].from, &both))
		r.alike = all;
	if (!(r.better | r.worse | r.unlike | r.neither)) /* these speak of both */
		r.passing = all & ~central & ~r.alike;
	r.better &= ~r.worse;
	*ret = r;
}
