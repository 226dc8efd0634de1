#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/ground.h"
#include "analyze/negation.h"

enum { NAME_LEAST = 2 }; /* bytes of a term that may be the beginning of a name */

/* Does a name or tag begin with the term's words written as one? */
static bool begins_with(struct str name, const struct term *term)
{
	size_t at = 0;
	for (size_t k = 0; k < term->n; k++) {
		struct str w = term->words[k];
		if (at + w.n > name.n || memcmp(name.p + at, w.p, w.n) != 0)
			return false;
		at += w.n;
	}
	return at >= NAME_LEAST;
}

/* Words of the text that the term takes up from token i on; 0: it does not stand there. */
static size_t match(const struct term *term, const struct tokens *tokens, size_t i)
{
	const struct token *t = &tokens->at[i];
	if (t->quoted)
		return 0;
	if (t->kind == TOKEN_MENTION || t->kind == TOKEN_TAG)
		return begins_with(t->folded, term);
	for (size_t k = 0; k < term->n; k++) {
		if (i + k >= tokens->n || t[k].quoted || !str_eq(t[k].folded, term->words[k]))
			return 0;
	}
	return term->n;
}

size_t ground_find(struct occurrence *ret, const struct term *terms, size_t n_terms,
		   const struct tokens *tokens)
{
	size_t n = 0;
	must(n_terms <= GROUND_TARGETS);
	for (size_t i = 0; i < tokens->n; i++) {
		struct occurrence longest = {i, i, 0};
		for (size_t k = 0; k < n_terms; k++) {
			size_t end = i + match(&terms[k], tokens, i);
			if (end > longest.to)
				longest = (struct occurrence){i, end, 1u << k};
			else if (end > i && end == longest.to)
				longest.target |= 1u << k;
		}
		if (longest.target)
			ret[n++] = longest;
	}
	return n;
}

static int by_place(const void *a, const void *b)
{
	const struct occurrence *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to < y->to) - (x->to > y->to); /* the longer first */
}

/* Into the order of the text, without those that overlap; targets at one place become one occurrence. */
static size_t settle(struct ground *g, struct occurrence *at, size_t n)
{
	size_t kept = 0;
	qsort(at, n, sizeof *at, by_place);
	for (size_t i = 0; i < n; i++) {
		struct occurrence *last = kept ? &at[kept - 1] : NULL;
		if (g->tokens->at[at[i].from].quoted)
			continue;
		if (last && at[i].from == last->from && at[i].to == last->to)
			last->target |= at[i].target;
		else if (!last || at[i].from >= last->to)
			at[kept++] = at[i];
	}
	for (size_t i = 0; i < kept; i++) {
		g->found |= at[i].target;
		memset(g->names + at[i].from, NAME_MORE, at[i].to - at[i].from);
		g->names[at[i].from] = NAME_FIRST;
	}
	return kept;
}

/* What the words of each clause say by themselves. */
static void hear(struct ground *g, const struct lexicon *lexicon)
{
	const struct tokens *tokens = g->tokens;
	int negated = 0;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (i > 0 && t->sentence != tokens->at[i - 1].sentence)
			negated = 0;
		if (t->quoted || g->names[i])
			continue;
		int vote = lexicon_vote(lexicon, t->folded);
		g->votes[g->clauses.of[i]] += negated > 0 ? -vote : vote;
		negated = negates(t->folded) ? NEGATION_REACH : negated - 1;
	}
}

int ground_votes(const struct ground *ground, size_t target)
{
	int sum = 0;
	for (size_t c = 0; ground->tokens && c < ground->clauses.n; c++)
		sum += ground->speaks[c] >> target & 1 ? ground->votes[c] : 0;
	return sum;
}

static bool is_you(struct str w)
{
	static const char *const words[] = {"dein", "deine", "du",    "euch",  "euer",
					    "eure", "eurem", "euren", "eurer", "ihr",
					    "u",    "you",   "your",  "yours"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(w, words[i]))
			return true;
	}
	return false;
}

/* Clauses without a target go on with what was spoken of; those that say "you" with who is mentioned. */
static void carry(struct ground *g, const bool *you, uint32_t mentioned)
{
	uint32_t on = 0, sentence = 0;
	for (size_t c = 0; c < g->clauses.n; c++) {
		if (g->speaks[c]) {
			uint32_t central = g->speaks[c] & ~g->relations.passing;
			on = central ? central : g->speaks[c];
			sentence = g->clauses.sentence[c];
		} else if (you[c] && mentioned) {
			g->speaks[c] = on = mentioned;
			sentence = g->clauses.sentence[c];
		} else if (on && g->clauses.sentence[c] - sentence <= GROUND_REACH) {
			g->speaks[c] = on;
		}
	}
	for (size_t c = g->clauses.n; c-- > 0;) { /* and those before the first belong to it */
		if (!g->speaks[c] && c + 1 < g->clauses.n)
			g->speaks[c] = g->speaks[c + 1];
	}
}

void ground_read(struct ground *ret, struct occurrence *at, size_t n, struct str text,
		 const struct tokens *tokens, const struct lexicon *lexicon, struct arena *arena)
{
	struct ground g = {.tokens = tokens, .names = arena_zalloc(arena, tokens->n + 1)};
	n = settle(&g, at, n);
	clauses_cut(&g.clauses, text, tokens, g.names, arena);
	relations_find(&g.relations, tokens, &g.clauses, at, n);
	g.speaks = arena_zalloc(arena, (g.clauses.n + 1) * sizeof *g.speaks);
	g.votes = arena_zalloc(arena, (g.clauses.n + 1) * sizeof *g.votes);
	bool *you = arena_zalloc(arena, g.clauses.n + 1);
	uint32_t mentioned = 0;
	hear(&g, lexicon);
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (t->quoted)
			continue;
		uint16_t c = g.clauses.of[i];
		you[c] = you[c] || is_you(t->folded);
	}
	for (size_t k = 0; k < n; k++) {
		const struct token *t = &tokens->at[at[k].from];
		g.speaks[g.clauses.of[at[k].from]] |= at[k].target;
		if (t->kind == TOKEN_MENTION)
			mentioned = at[k].target;
	}
	carry(&g, you, mentioned);
	*ret = g;
}
