/*
 * top_text.h: text that strangers wrote, made fit for a grid of terminal cells; and lines of it.
 *
 * Widths are columns, by Unicode code point.  What terminals disagree about does not get out:
 * joiners, variation selectors and skin tones are left out (an emoji family shows its members),
 * flags become their two letters, at most two combining marks stay on a letter.  Controls become a
 * middle dot or a blank, bidi controls and other invisible characters are left out.  So a
 * post can neither move the cursor nor the columns.
 *
 * Lines are runs of text with attributes, in an arena.  Everything put into a line is cleaned
 * and cut at its width: a line can never be too wide.
 *
 *   struct lines v;
 *   lines_init(&v, arena, 100);
 *   lines_put(&v, TEXT_BOLD, STR("12 min"));
 *   lines_tab(&v, 12);
 *   lines_field(&v, 0, head, 40);        // cut with an ellipsis, padded with blanks
 *   lines_end(&v);
 */
#ifndef ROUTE_TOP_TEXT_H
#define ROUTE_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/str.h"

/* Cleaned as above; `lines` keeps line feeds, else all white space becomes single blanks. */
struct str text_clean(struct arena *arena, struct str s, bool lines);
/* Columns of cleaned text. */
size_t text_width(struct str s);
/* Cleaned text cut to at most `columns`, the last one then an ellipsis. */
struct str text_cut(struct arena *arena, struct str s, size_t columns);

enum text_attr {
	TEXT_BOLD = 1,
	TEXT_DIM = 2,
	TEXT_RED = 4,
	TEXT_YELLOW = 8,
	TEXT_GREEN = 16,
	TEXT_BLUE = 32,
	TEXT_REVERSE = 64,
	TEXT_UNDERLINE = 128
};

struct run {
	struct str text; /* clean */
	unsigned attr;   /* of enum text_attr */
};

struct line {
	struct run *runs;
	size_t n, room, columns;
	unsigned attr; /* added to all its runs, blanks to the right edge too */
};

struct lines {
	struct arena *arena;
	size_t width;
	struct line *at;
	size_t n, room;
	bool open; /* at[n] is being written */
};

void lines_init(struct lines *v, struct arena *arena, size_t width);
void lines_put(struct lines *v, unsigned attr, struct str s);
void lines_putz(struct lines *v, unsigned attr, const char *z);
/* Exactly `columns` wide; `right` puts the blanks before the text. */
void lines_field(struct lines *v, unsigned attr, struct str s, size_t columns);
void lines_field_right(struct lines *v, unsigned attr, struct str s, size_t columns);
void lines_tab(struct lines *v, size_t column);                /* blanks up to there; never back */
void lines_fill(struct lines *v, unsigned attr, struct str s); /* repeated to the right edge */
size_t lines_left(const struct lines *v);        /* columns still free in the present line */
void lines_mark(struct lines *v, unsigned attr); /* attribute of the whole present line */
void lines_end(struct lines *v); /* the present line is done (empty if nothing was put) */
/* Paragraphs of `s` broken at blanks to the width, each line after `indent` blanks. */
void lines_wrap(struct lines *v, unsigned attr, struct str s, size_t indent);
/* Lines of `right` put beside those of `left` from `column` on: both must fit. */
void lines_beside(struct lines *v, const struct lines *left, const struct lines *right,
		  size_t column, struct str between);
void lines_append(struct lines *v, const struct lines *from, size_t first, size_t n);

/* Text of one line without attributes, no trailing blanks; new in the arena. */
struct str lines_plain(const struct lines *v, size_t i);
/* One line with escape sequences (colours as asked); blanks to the right edge where marked. */
void lines_ansi(const struct lines *v, size_t i, bool colours, struct buf *out);

#endif
