/*
 * cut.c: a post's text with what others wrote in it.  Words, positions and sentences are those of the
 * text without the quotes, so the quotes are taken out, both parts cut on their own, and the tokens
 * put back into the order of the text.
 */
#include <string.h>

#include "common/text/scan.h"

/* A text without, or of nothing but, the quoted spans; pieces say where each part came from. */
struct piece {
	size_t to, from; /* byte `to` of the copy was byte `from` of the text */
};

struct extract {
	char *p;
	size_t n;
	struct piece *pieces;
	size_t n_pieces;
};

static void extract_add(struct extract *e, struct str text, size_t from, size_t to, char glue)
{
	if (from >= to)
		return;
	if (e->n)
		e->p[e->n++] = glue;
	e->pieces[e->n_pieces++] = (struct piece){e->n, from};
	memcpy(e->p + e->n, text.p + from, to - from);
	e->n += to - from;
}

static void extract_init(struct extract *e, struct str text, size_t n_quotes, struct arena *arena)
{
	e->p = arena_alloc(arena, text.n + n_quotes + 2);
	e->n = 0;
	e->pieces = arena_alloc(arena, (n_quotes + 2) * sizeof *e->pieces);
	e->n_pieces = 0;
}

static void map_back(struct tokens *t, const struct extract *e, bool quoted)
{
	size_t piece = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct token *token = &t->at[i];
		while (piece + 1 < e->n_pieces && e->pieces[piece + 1].to <= token->start)
			piece++;
		/* no word crosses pieces: the glue is white space */
		size_t shift = e->pieces[piece].from - e->pieces[piece].to;
		token->start += (uint32_t)shift;
		token->end += (uint32_t)shift;
		token->quoted = quoted;
	}
}

static void cut(struct tokens *ret, struct str text, const struct post_span *quotes,
		size_t n_quotes, struct arena *arena, bool fast)
{
	if (n_quotes == 0) {
		scan_text(ret, text, arena, fast);
		return;
	}
	struct extract own, others;
	extract_init(&own, text, n_quotes, arena);
	extract_init(&others, text, n_quotes, arena);
	size_t done = 0;
	for (size_t i = 0; i < n_quotes; i++) {
		size_t from = quotes[i].start > done ? quotes[i].start : done;
		size_t to = quotes[i].end < text.n ? quotes[i].end : text.n;
		if (from >= to)
			continue;
		extract_add(&own, text, done, from, ' ');
		extract_add(&others, text, from, to, '\n');
		done = to;
	}
	extract_add(&own, text, done, text.n, ' ');
	struct tokens mine, theirs;
	scan_text(&mine, (struct str){own.p, own.n}, arena, fast);
	scan_text(&theirs, (struct str){others.p, others.n}, arena, fast);
	map_back(&mine, &own, false);
	map_back(&theirs, &others, true);
	*ret = mine;
	ret->n = mine.n + theirs.n;
	ret->at = arena_alloc(arena, (ret->n + 1) * sizeof *ret->at);
	for (size_t i = 0, x = 0, y = 0; i < ret->n; i++) {
		bool take_mine =
		    y == theirs.n || (x < mine.n && mine.at[x].start < theirs.at[y].start);
		ret->at[i] = take_mine ? mine.at[x++] : theirs.at[y++];
	}
}

void tokens_cut(struct tokens *ret, struct str text, const struct post_span *quotes,
		size_t n_quotes, struct arena *arena)
{
	cut(ret, text, quotes, n_quotes, arena, true);
}

void tokens_cut_reference(struct tokens *ret, struct str text, const struct post_span *quotes,
			  size_t n_quotes, struct arena *arena)
{
	cut(ret, text, quotes, n_quotes, arena, false);
}
