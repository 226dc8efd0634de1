/*
 * ground.h: which clauses of a text speak of which target.
 *
 *   struct ground g;
 *   n = ground_find(at, terms, n_terms, &tokens);     // or from elsewhere: the places of queries' targets
 *   ground_read(&g, at, n, text, &tokens, lexicon, arena);
 *   g.speaks[g.clauses.of[i]] >> k & 1          // does token i's clause speak of target k?
 *
 * A term stands where its folded words do, in a row, or where a name or tag begins with them ("DHL" finds
 * @DHLPaket, "Royal Mail" @RoyalMail).  Of two occurrences that overlap the first counts, of two that begin at
 * one word the longer.  Words that others wrote do not count.
 *
 * A clause speaks of the targets that stand in it.  One without a target goes on with those before it, as
 * far as GROUND_REACH sentences; one that says "you" speaks of who is mentioned (@X); those before the first
 * target belong to that.  Pure.
 */
#ifndef ANALYZE_GROUND_H
#define ANALYZE_GROUND_H

#include "analyze/clauses.h"
#include "analyze/lexicon.h"
#include "analyze/relations.h"

enum { GROUND_TARGETS = 32, GROUND_REACH = 2 };

struct term {
	struct str name;   /* as given */
	struct str *words; /* folded */
	size_t n;
};

struct ground {
	const struct tokens *tokens; /* NULL: no such text, and all sets are empty */
	struct clauses clauses;
	struct relations relations;
	uint32_t *speaks; /* of each clause: a set of targets */
	int *votes;       /* of each clause: of the lexicon, turned round under a negation */
	uint8_t *names;   /* enum clause_name of each token: a name says nothing of its bearer */
	uint32_t found;   /* targets that stand in it */
};

/* Where terms stand, at most once at each token; term k is target k, at most GROUND_TARGETS. */
size_t ground_find(struct occurrence *ret, const struct term *terms, size_t n_terms,
		   const struct tokens *tokens);
/* at: in any order; it is put in order.  lexicon may be NULL.  Everything in the arena. */
void ground_read(struct ground *ret, struct occurrence *at, size_t n, struct str text,
		 const struct tokens *tokens, const struct lexicon *lexicon, struct arena *arena);
/* The votes of the clauses of one target. */
int ground_votes(const struct ground *ground, size_t target);

#endif
