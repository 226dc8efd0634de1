/*
 * query_import.c: expressions of other products in our language, written from their pieces.
 *
 * What was left out takes its operator along: "a AND country:de" is "a".  Then a list that was joined by AND
 * finds more, one that was joined by OR fewer, and under NOT the other way round; the notes say so.
 * The result is tried as a query; an error there is led back to what was typed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"

#include "analyze/query.h"
#include "analyze/query_import.h"
#include "analyze/query_posts.h"

const struct cli_option query_import_options[] = {
    {"from", "NAME", "brandwatch or talkwalker; default: brandwatch"}, {NULL, NULL, NULL}};

struct piece *import_piece(struct import *im, enum piece_kind kind, size_t at)
{
	struct piece *p = arena_zalloc(im->r.arena, sizeof *p);
	p->kind = kind;
	p->at = at;
	return p;
}

void import_note(struct import *im, const struct piece *piece, const char *verb, struct str what,
		 const char *why, enum note_effect effect)
{
	if (im->n_notes == im->room_notes) {
		im->room_notes = im->room_notes ? 2 * im->room_notes : 16;
		im->notes = xrealloc(im->notes, im->room_notes * sizeof *im->notes);
	}
	im->notes[im->n_notes++] = (struct note){piece, verb, why, what, effect};
}

/* ---- what is gone, and what that does ---- */

static void find_gone(struct piece *p)
{
	bool gone = p->n > 0;
	for (size_t i = 0; i < p->n; i++) {
		find_gone(p->of[i].piece);
		gone = gone && p->of[i].piece->gone;
	}
	p->gone = p->gone || gone;
}

static void find_effects(struct piece *p, int wider, int lost)
{
	p->wider = wider;
	p->lost = lost;
	if (!p->gone && (p->kind == PIECE_AND || p->kind == PIECE_NEAR))
		lost = wider;
	else if (!p->gone && p->kind == PIECE_OR)
		lost = -wider;
	for (size_t i = 0; i < p->n; i++)
		find_effects(p->of[i].piece, p->kind == PIECE_NOT ? -wider : wider, lost);
}

static void put_notes(const struct import *im, struct buf *out)
{
	for (const struct note *note = im->notes; note < im->notes + im->n_notes; note++) {
		int wider = note->effect == NOTE_WIDER      ? note->piece->wider
			    : note->effect == NOTE_NARROWER ? -note->piece->wider
			    : note->effect == NOTE_GONE     ? note->piece->lost
							    : 0;
		(void)buf_printf(out, "%s: ", note->verb);
		for (size_t i = 0; i < note->what.n; i++) /* a terminal shall not obey it */
			(void)buf_char(out, (unsigned char)note->what.p[i] < 0x20 ||
						    note->what.p[i] == 0x7f
						? ' '
						: note->what.p[i]);
		(void)buf_printf(out, " (%s%s)\n", note->why,
				 wider > 0   ? "; the query finds more posts"
				 : wider < 0 ? "; the query finds fewer posts"
					     : "");
	}
}

/* ---- writing ---- */

/* What stands at `out` of the result was typed at `in`; as it was typed, or not. */
struct mark {
	size_t out, in;
	bool as_typed;
};

struct writer {
	struct str typed;
	struct buf *out;
	struct mark *marks;
	size_t n, room;
};

static void put(struct writer *w, struct str s, size_t at)
{
	bool as_typed = s.p >= w->typed.p && s.p < w->typed.p + w->typed.n;
	if (w->n == w->room) {
		w->room = w->room ? 2 * w->room : 64;
		w->marks = xrealloc(w->marks, w->room * sizeof *w->marks);
	}
	w->marks[w->n++] =
	    (struct mark){w->out->n, as_typed ? (size_t)(s.p - w->typed.p) : at, as_typed};
	(void)buf_str(w->out, s);
}

/* White space and comments; where something must stand, a blank. */
static void put_gap(struct writer *w, struct str gap, bool needed)
{
	if (needed && !gap.n)
		(void)buf_char(w->out, ' ');
	while (gap.n) {
		size_t open = str_find_str(gap, STR("<<<")), close = str_find_str(gap, STR(">>>"));
		put(w, str_sub(gap, 0, open), 0);
		if (open == gap.n)
			return;
		(void)buf_z(w->out, "/*");
		for (size_t i = open + 3; i < close; i++) {
			(void)buf_char(w->out, gap.p[i]);
			if (gap.p[i] == '*' && gap.p[i + 1] == '/')
				(void)buf_char(w->out, ' ');
		}
		(void)buf_z(w->out, "*/");
		gap = str_sub(gap, close + 3, gap.n);
	}
}

/* Values of one field joined by OR, or one of them: they can share its name. */
static bool shares_prefix(const struct piece *group)
{
	const struct piece *of = group->of[0].piece;
	if (!group->prefix.n || (of->kind != PIECE_OR && of->kind != PIECE_FIELD))
		return false;
	for (size_t i = 0; i < of->n; i++)
		if (!of->of[i].piece->gone && (of->of[i].piece->kind != PIECE_FIELD ||
					       !str_eq(of->of[i].piece->prefix, group->prefix)))
			return false;
	return of->kind == PIECE_OR || str_eq(of->prefix, group->prefix);
}

static void put_piece(struct writer *w, const struct piece *p, bool prefixed);

static void put_list(struct writer *w, const struct piece *p, bool prefixed)
{
	bool first = true;
	for (size_t i = 0; i < p->n; i++) {
		const struct joint *joint = &p->of[i];
		if (joint->piece->gone)
			continue;
		if (!first) {
			put_gap(w, joint->before, true);
			put(w, joint->op, joint->at);
			put_gap(w, joint->behind, joint->op.n > 0);
		}
		put_piece(w, joint->piece, prefixed);
		first = false;
	}
}

/* prefixed: the name of its field stands there already. */
static void put_piece(struct writer *w, const struct piece *p, bool prefixed)
{
	switch (p->kind) {
	case PIECE_TERM:
	case PIECE_FIELD:
		if (!prefixed)
			put(w, p->prefix, p->at);
		put(w, p->text, p->at);
		break;
	case PIECE_AND:
	case PIECE_OR:
	case PIECE_NEAR: put_list(w, p, prefixed); break;
	case PIECE_NOT:
		put(w, STR("NOT"), p->at);
		put_gap(w, p->of[0].behind, true);
		put_piece(w, p->of[0].piece, false);
		break;
	case PIECE_GROUP:
		prefixed = shares_prefix(p);
		put(w, prefixed ? p->prefix : STR(""), p->at);
		put(w, STR("("), p->at);
		put_gap(w, p->of[0].behind, false);
		put_piece(w, p->of[0].piece, prefixed);
		put_gap(w, p->tail, false);
		put(w, STR(")"), p->at);
		break;
	case PIECE_ZONE: put(w, p->prefix, p->at); put_piece(w, p->of[0].piece, false);
	}
}

/* An error in what was written, "query:LINE:COLUMN: WHAT" and two lines more, as one in what was typed. */
static int lead_back(struct import *im, const struct writer *w, struct error *err)
{
	size_t line, column, at = 0, typed = 0;
	int n = 0;
	struct str out = buf_view(w->out);
	if (sscanf(err->text, "query:%zu:%zu: %n", &line, &column, &n) < 2 || n == 0)
		return -1;
	while (line-- > 1)
		at = str_find(out, '\n', at) + 1;
	while (column-- > 1 && at < out.n)
		(void)utf8_next(out, &at);
	for (size_t i = 0; i < w->n && w->marks[i].out <= at; i++)
		typed = w->marks[i].in + (w->marks[i].as_typed ? at - w->marks[i].out : 0);
	struct error theirs = *err;
	theirs.text[strcspn(theirs.text, "\n")] = '\0';
	im->r.err = err;
	return reader_refuse(&im->r, typed < im->r.text.n ? typed : im->r.text.n, theirs.text + n);
}

static int write_query(struct import *im, struct piece *p, struct buf *ours, struct error *err)
{
	struct writer w = {.typed = im->r.text, .out = ours};
	find_gone(p);
	find_effects(p, 1, 0);
	if (p->gone)
		return reader_refuse(&im->r, p->at, "nothing of this can be carried over");
	put_gap(&w, im->before, false);
	put_piece(&w, p, false);
	put_gap(&w, im->behind, false);
	int rc = query_set_add(im->tried, "query", buf_view(ours), NULL, err);
	if (rc)
		(void)lead_back(im, &w, err);
	free(w.marks);
	return rc;
}

int query_import(struct str text, enum import_tool tool, struct buf *ours, struct buf *notes,
		 struct error *err)
{
	int rc = -1;
	buf_init(ours, 64 * MiB);
	buf_init(notes, 64 * MiB);
	struct import im = {
	    .r = {.text = text, .arena = arena_create(SIZE_MAX / 4), .err = err, .name = "query"},
	    .tool = tool,
	    .tried = query_set_create()};
	struct piece *p = reader_check(&im.r) ? NULL : import_read(&im);
	if (p) {
		rc = write_query(&im, p, ours, err);
		put_notes(&im, notes);
	}
	query_set_free(im.tried);
	arena_free(im.r.arena);
	free(im.notes);
	return rc;
}

/* ---- the command ---- */

int query_import_main(const struct cli *cli)
{
	const char *from = cli_get(cli, "from");
	struct buf text, ours, notes;
	struct error err;
	if (from && strcmp(from, "brandwatch") != 0 && strcmp(from, "talkwalker") != 0)
		return cli_usage(cli, "expected --from brandwatch or talkwalker, found \"%s\"",
				 from);
	if (cli->n_operands != 1)
		return cli_usage(cli, "expected one expression (in quotes), - or @FILE");
	int rc = query_operand(cli->operands[0], &text);
	if (rc == 0) {
		enum import_tool tool =
		    from && strcmp(from, "talkwalker") == 0 ? IMPORT_TALKWALKER : IMPORT_BRANDWATCH;
		if (query_import(buf_view(&text), tool, &ours, &notes, &err) != 0)
			rc = EX_DATAERR;
		fprintf(stderr, "%.*s", STR_ARG(buf_view(&notes)));
		if (rc)
			fprintf(stderr, "%s\n", err.text);
		else if (printf("%.*s\n", STR_ARG(str_trim(buf_view(&ours)))) < 0 ||
			 fflush(stdout) != 0)
			rc = EX_IOERR;
		buf_done(&ours);
		buf_done(&notes);
	}
	buf_done(&text);
	return rc;
}
