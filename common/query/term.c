/*
 * A term is cut by the tokeniser that cuts posts, so that both agree on what a word is.  Wildcards would
 * separate words there; two letters that nobody writes stand in for them while it cuts.
 */
#include <stdio.h>

#include "common/mem.h"
#include "common/text/link.h"
#include "common/text/token.h"

#include "common/query/spell.h"
#include "common/query/term.h"

/* Lycian letters: of a script that was last written before our era. */
#define STAR "\xf0\x90\x8a\x80"
#define ONE  "\xf0\x90\x8a\x81"
enum { STAND_IN = 4, MAX_WORDS = 1000, MAX_JOINTS = 5 };

/* Behind a star that is a key of a telephone, an emoji. */
static bool is_key(struct str behind)
{
	return str_starts(behind, "\xe2\x83\xa3") || str_starts(behind, "\xef\xb8\x8f\xe2\x83\xa3");
}

static struct str stand_in(struct str s, struct arena *arena)
{
	char *p = arena_alloc(arena, s.n * STAND_IN + 1), *out = p;
	for (size_t i = 0; i < s.n; i++) {
		bool star = s.p[i] == '*' && !is_key(str_sub(s, i + 1, s.n));
		if (star || s.p[i] == '?') {
			memcpy(out, s.p[i] == '*' ? STAR : ONE, STAND_IN);
			out += STAND_IN;
		} else {
			*out++ = s.p[i];
		}
	}
	return (struct str){p, (size_t)(out - p)};
}

/* Back to * and ?, of several stars one.  *ret_wild: there were any. */
static struct str stand_out(struct str s, struct arena *arena, bool *ret_wild)
{
	char *p = arena_alloc(arena, s.n + 1);
	size_t n = 0;
	*ret_wild = false;
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_sub(s, i, s.n);
		bool star = str_starts(rest, STAR);
		if (star || str_starts(rest, ONE)) {
			*ret_wild = true;
			i += STAND_IN - 1;
			if (star && n && p[n - 1] == '*')
				continue;
			p[n++] = star ? '*' : '?';
		} else {
			p[n++] = s.p[i];
		}
	}
	return (struct str){p, n};
}

struct word {
	struct element element;
	bool joint; /* a hyphen and nothing else stands before it */
};

static bool is_hyphen(struct str gap)
{
	return str_is(gap, "-") || str_is(gap, "\u2010") || str_is(gap, "\u2011");
}

static int word_of(struct reader *r, struct str text, const struct token *t, size_t at,
		   enum term_form form, struct word *ret)
{
	bool wild, written_wild;
	struct str key = stand_out(t->folded, r->arena, &wild);
	size_t mark = t->kind == TOKEN_TAG || t->kind == TOKEN_MENTION;
	struct str written =
	    stand_out(spell_written(str_sub(text, t->start + mark, t->end), r->arena), r->arena,
		      &written_wild);
	struct element *e = &ret->element;
	*e = (struct element){.key = key, .written = written};
	if (t->kind == TOKEN_URL)
		return reader_refuse(r, at, "a link is found by link:HOST or link:HOST/PATH");
	if (wild && str_is(key, "*") && !mark) {
		e->kind = ELEMENT_ANY;
		if (form != TERM_QUOTED && form != TERM_BARE)
			return reader_fail(r, at, "letters or digits around \"*\"", 1);
		return 0;
	}
	switch (t->kind) {
	case TOKEN_TAG: e->kind = wild ? ELEMENT_GLOB_TAG : ELEMENT_TAG; break;
	case TOKEN_MENTION: e->kind = wild ? ELEMENT_GLOB_NAME : ELEMENT_NAME; break;
	case TOKEN_EMOJI: e->kind = ELEMENT_EMOJI; break;
	default: e->kind = wild ? ELEMENT_GLOB : ELEMENT_WORD;
	}
	if (form == TERM_BARE || form == TERM_QUOTED)
		return 0;
	const char *said = form == TERM_PART ? "part:" : form == TERM_STEM ? "stem:" : "loose:";
	if (e->kind != ELEMENT_WORD) {
		char message[80];
		(void)snprintf(message, sizeof message, "%s takes a word without mark or wildcard",
			       said);
		return reader_refuse(r, at, message);
	}
	e->kind = form == TERM_PART   ? ELEMENT_PART
		  : form == TERM_STEM ? ELEMENT_STEM
				      : ELEMENT_LOOSE;
	if (form == TERM_LOOSE)
		e->key = spell_plain(key, r->arena);
	return 0;
}

static struct str joined(struct str a, struct str b, struct arena *arena)
{
	char *p = arena_alloc(arena, a.n + b.n + 1);
	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	return (struct str){p, a.n + b.n};
}

/* A row of the words with those joints closed whose bit is set. */
static struct row row_of(struct reader *r, const struct word *words, size_t n, unsigned closed,
			 enum term_form form)
{
	struct row row = {.at = arena_alloc(r->arena, n * sizeof *row.at)};
	unsigned joint = 0;
	for (size_t i = 0; i < n; i++) {
		const struct element *e = &words[i].element;
		bool join = words[i].joint && (closed >> joint++ & 1);
		if (!join) {
			row.at[row.n++] = *e;
			continue;
		}
		struct element *before = &row.at[row.n - 1];
		before->key = joined(before->key, e->key, r->arena);
		before->written = joined(before->written, e->written, r->arena);
		if (e->kind == ELEMENT_GLOB || e->kind == ELEMENT_ANY)
			before->kind = before->kind == ELEMENT_TAG ? ELEMENT_GLOB_TAG
				       : before->kind == ELEMENT_WORD || before->kind == ELEMENT_ANY
					   ? ELEMENT_GLOB
					   : before->kind;
		else if (before->kind == ELEMENT_ANY)
			before->kind = ELEMENT_GLOB;
	}
	if (form == TERM_PART && row.n > 1) { /* E-Postfach: e, and what begins with post */
		for (uint32_t i = 0; i + 1 < row.n; i++)
			row.at[i].kind = ELEMENT_WORD;
		row.at[row.n - 1].place = PART_FIRST;
	}
	return row;
}

static const struct term *term_of(struct reader *r, const struct word *words, size_t n,
				  size_t joints, enum term_form form)
{
	struct term *term = arena_alloc(r->arena, sizeof *term);
	bool few = joints <= MAX_JOINTS;
	size_t n_rows = few ? (size_t)1 << joints : 2;
	term->rows = arena_alloc(r->arena, n_rows * sizeof *term->rows);
	term->n_rows = (uint32_t)n_rows;
	for (size_t i = 0; i < n_rows; i++)
		term->rows[i] = row_of(r, words, n, few ? (unsigned)i : i ? ~0u : 0, form);
	return term;
}

static const struct term *one_element(struct reader *r, struct element element)
{
	struct term *term = arena_alloc(r->arena, sizeof *term);
	term->rows = arena_alloc(r->arena, sizeof *term->rows);
	term->n_rows = 1;
	term->rows[0].at = arena_alloc(r->arena, sizeof element);
	term->rows[0].n = 1;
	term->rows[0].at[0] = element;
	return term;
}

static const struct term *raw(struct reader *r, struct str text, size_t at)
{
	struct tokens t;
	text = str_trim(text);
	struct element e = {.kind = ELEMENT_RAW, .written = spell_exact(text, r->arena)};
	tokens_cut(&t, e.written, NULL, 0, r->arena);
	for (size_t i = 0; i < t.n; i++) {
		if (t.at[i].kind == TOKEN_URL) {
			(void)reader_refuse(r, at,
					    "a link is found by link:HOST or link:HOST/PATH");
			return NULL;
		}
	}
	if (t.n == 0) {
		(void)reader_fail(r, at, "a letter, digit or emoji between the braces", text.n);
		return NULL;
	}
	const struct token *first = &t.at[0];
	e.key = first->folded;
	if (first->kind == TOKEN_MENTION)
		e.key = str_sub(e.key, 0, str_find(e.key, '@', 0));
	e.place = first->kind == TOKEN_EMOJI ? ELEMENT_EMOJI : ELEMENT_WORD;
	return one_element(r, e);
}

static const struct term *link_term(struct reader *r, struct str text, size_t at)
{
	struct str rest = link_bare(text);
	size_t slash = str_find(rest, '/', 0);
	struct str host = str_sub(rest, 0, slash);
	if (!host.n || str_find(host, ' ', 0) < host.n || host.p[0] == '.' || spell_wild(host) ||
	    str_find(host, ':', 0) < host.n) {
		(void)reader_fail(
		    r, at, "a host such as dhl.de, or a host with a path, without port or wildcard",
		    text.n);
		return NULL;
	}
	struct element e = {.kind = ELEMENT_LINK,
			    .key = spell_written(host, r->arena),
			    .written = spell_exact(str_sub(rest, slash, rest.n), r->arena)};
	return one_element(r, e);
}

const struct term *term_parse(struct reader *r, struct str text, size_t at, enum term_form form)
{
	if (reader_terms(r, at, 1))
		return NULL;
	if (form == TERM_RAW)
		return raw(r, text, at);
	if (form == TERM_LINK)
		return link_term(r, text, at);
	struct str cut = stand_in(text, r->arena);
	struct tokens t;
	tokens_cut(&t, cut, NULL, 0, r->arena);
	if (t.n == 0) {
		(void)reader_fail(r, at, "a word with a letter, a digit or an emoji", text.n);
		return NULL;
	}
	if (t.n > MAX_WORDS) {
		(void)reader_refuse(r, at, "more than 1,000 words in one term");
		return NULL;
	}
	struct word *words = arena_alloc(r->arena, t.n * sizeof *words);
	size_t joints = 0, solid = 0;
	for (size_t i = 0; i < t.n; i++) {
		words[i].joint = false;
		if (word_of(r, cut, &t.at[i], at, form, &words[i]) != 0)
			return NULL;
		solid += spell_letters(words[i].element.key) > 0;
		if (i == 0 || form == TERM_QUOTED)
			continue;
		struct str gap =
		    spell_exact(str_sub(cut, t.at[i - 1].end, t.at[i].start), r->arena);
		bool letters = (t.at[i].kind == TOKEN_WORD || t.at[i].kind == TOKEN_NUMBER) &&
			       t.at[i - 1].kind != TOKEN_EMOJI;
		words[i].joint = letters && is_hyphen(gap);
		joints += words[i].joint;
		if (form != TERM_BARE && !words[i].joint) {
			(void)reader_fail(r, at, "one word (or an OR group of words)", text.n);
			return NULL;
		}
	}
	if (!solid) {
		(void)reader_fail(r, at, "a letter, a digit or an emoji beside the wildcards",
				  text.n);
		return NULL;
	}
	return term_of(r, words, t.n, joints, form);
}
