#include "common/mem.h"

#include "analyze/clauses.h"

enum {
	CONTENT = 2, /* words besides a name before a conjunction may end a clause */
	ARTICLES = 2 /* that may stand before a name */
};

static bool is_one_of(struct str w, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is(w, list[i]))
			return true;
	}
	return false;
}

static bool contrasts(struct str w)
{
	static const char *const words[] = {
	    "aber",         "allerdings", "although",   "but",     "dafuer",   "dagegen",
	    "doch",         "einzig",     "hingegen",   "however", "instead",  "jedoch",
	    "nevertheless", "nur",        "obwohl",     "only",    "sondern",  "statt",
	    "stattdessen",  "though",     "trotzdem",   "unlike",  "waehrend", "whereas",
	    "wherease",     "while",      "wohingegen", "yet"};
	return is_one_of(w, words, ARRAY_LEN(words));
}

static bool joins(struct str w)
{
	static const char *const words[] = {
	    "after", "and",     "because", "before", "bevor", "bis",   "damit", "dass",
	    "denn",  "nachdem", "oder",    "or",     "seit",  "since", "so",    "sobald",
	    "und",   "until",   "weil",    "wenn",   "when",  "wo"};
	return is_one_of(w, words, ARRAY_LEN(words));
}

bool clauses_is_article(struct str folded)
{
	static const char *const words[] = {
	    "a",    "alle",  "an",     "das",  "dem",   "den",    "der",     "deren",   "des",
	    "die",  "diese", "dieser", "ein",  "eine",  "einem",  "einen",   "einer",   "ihr",
	    "ihre", "ihrem", "ihren",  "mein", "meine", "meinem", "meinen",  "meiner",  "my",
	    "our",  "that",  "the",    "this", "unser", "unsere", "unserem", "unseren", "your"};
	return is_one_of(folded, words, ARRAY_LEN(words));
}

/* Does a name come at token i, articles and prepositions aside? */
static bool name_at(const struct tokens *tokens, const uint8_t *names, size_t i)
{
	static const char *const prepositions[] = {"at", "bei", "beim", "mit", "von", "with"};
	for (size_t k = 0; k <= ARTICLES && i + k < tokens->n; k++) {
		struct str w = tokens->at[i + k].folded;
		if (names[i + k] == NAME_FIRST)
			return true;
		if (!clauses_is_article(w) && !is_one_of(w, prepositions, ARRAY_LEN(prepositions)))
			return false;
	}
	return false;
}

enum gap { GAP_NONE, GAP_COMMA, GAP_ENDS };

/* Does the gap end a clause?  Not every sign does: apostrophes and hyphens stand in words. */
static enum gap gap_of(struct str gap)
{
	enum gap ret = GAP_NONE;
	for (size_t i = 0; i < gap.n; i++) {
		unsigned char c = (unsigned char)gap.p[i];
		if (c == ';' || c == '(' || c == ')' || c == '\n' || c == '|')
			return GAP_ENDS;
		if (c == ',')
			ret = GAP_COMMA;
		if (c == '-' && i > 0 && gap.p[i - 1] == ' ')
			return GAP_ENDS;
		if (c == ':' && i + 1 < gap.n && gap.p[i + 1] == ' ')
			return GAP_ENDS;
		if (c == 0xe2 && i + 2 < gap.n && (unsigned char)gap.p[i + 1] == 0x80 &&
		    ((unsigned char)gap.p[i + 2] == 0x93 || (unsigned char)gap.p[i + 2] == 0x94))
			return GAP_ENDS; /* dashes */
	}
	return ret;
}

void clauses_cut(struct clauses *ret, struct str text, const struct tokens *tokens,
		 const uint8_t *names, struct arena *arena)
{
	struct clauses c = {.of = arena_alloc(arena, (tokens->n + 1) * sizeof *c.of),
			    .contrast = arena_zalloc(arena, CLAUSES_MOST * sizeof *c.contrast),
			    .sentence = arena_zalloc(arena, CLAUSES_MOST * sizeof *c.sentence)};
	const struct token *before = NULL;
	bool named = false;   /* the clause has a name */
	bool at_name = false; /* and the word before belongs to it */
	size_t content = 0;   /* its other words */
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (t->quoted) {
			c.of[i] = CLAUSES_NONE;
			continue;
		}
		bool contrast = t->kind == TOKEN_WORD && contrasts(t->folded);
		enum gap gap = before ? gap_of(str_sub(text, before->end, t->start)) : GAP_ENDS;
		/* but "unlike X, Y ..." is no enumeration */
		bool listed =
		    names && at_name && !(c.n && c.contrast[c.n - 1]) && name_at(tokens, names, i);
		bool behind = names && named && content <= CONTENT && gap == GAP_NONE &&
			      !name_at(tokens, names, i + 1);
		bool joined = names && named && !at_name && content >= CONTENT &&
			      t->kind == TOKEN_WORD && joins(t->folded) &&
			      name_at(tokens, names, i + 1);
		bool begins = gap == GAP_ENDS || (gap == GAP_COMMA && !listed) ||
			      (contrast && !behind) || joined || t->sentence != before->sentence;
		if (begins && c.n < CLAUSES_MOST) {
			c.sentence[c.n++] = t->sentence;
			named = false;
			content = 0;
		}
		c.contrast[c.n - 1] = c.contrast[c.n - 1] || contrast;
		c.of[i] = (uint16_t)(c.n - 1);
		at_name = names && names[i] != NAME_NONE;
		named = named || at_name;
		content += !at_name;
		before = t;
	}
	*ret = c;
}
