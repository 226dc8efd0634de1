#include "common/mem.h"

#include "analyze/clauses.h"

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

/* Does the gap end a clause?  Not every sign does: apostrophes and hyphens stand in words. */
static bool gap_ends(struct str gap)
{
	for (size_t i = 0; i < gap.n; i++) {
		unsigned char c = (unsigned char)gap.p[i];
		if (c == ',' || c == ';' || c == '(' || c == ')' || c == '\n' || c == '|')
			return true;
		if (c == '-' && i > 0 && gap.p[i - 1] == ' ')
			return true;
		if (c == ':' && i + 1 < gap.n && gap.p[i + 1] == ' ')
			return true;
		if (c == 0xe2 && i + 2 < gap.n && (unsigned char)gap.p[i + 1] == 0x80 &&
		    ((unsigned char)gap.p[i + 2] == 0x93 || (unsigned char)gap.p[i + 2] == 0x94))
			return true; /* dashes */
	}
	return false;
}

void clauses_cut(struct clauses *ret, struct str text, const struct tokens *tokens,
		 struct arena *arena)
{
	struct clauses c = {.of = arena_alloc(arena, (tokens->n + 1) * sizeof *c.of),
			    .contrast = arena_zalloc(arena, CLAUSES_MOST * sizeof *c.contrast),
			    .sentence = arena_zalloc(arena, CLAUSES_MOST * sizeof *c.sentence)};
	const struct token *before = NULL;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (t->quoted) {
			c.of[i] = CLAUSES_NONE;
			continue;
		}
		bool contrast = t->kind == TOKEN_WORD && contrasts(t->folded);
		bool begins = !before || contrast || t->sentence != before->sentence ||
			      gap_ends(str_sub(text, before->end, t->start));
		if (begins && c.n < CLAUSES_MOST) {
			c.contrast[c.n] = contrast;
			c.sentence[c.n++] = t->sentence;
		}
		c.of[i] = (uint16_t)(c.n - 1);
		before = t;
	}
	*ret = c;
}
