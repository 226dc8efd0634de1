/*
 * term.h: the terminal as a grid of lines: raw keys in, changed lines out.
 *
 * One at a time per process (a terminal is one).  term_open switches to the alternate screen and to
 * raw keys and takes over standard error, so that a line of the log does not tear the screen: what
 * was logged is kept and written to the real standard error by term_close.
 * The terminal is restored by term_close, at exit() and by signals that kill (SEGV, ABRT, BUS, FPE,
 * ILL); the program catches TERM, INT and HUP in its loop and calls term_close.  kill -9 cannot be
 * helped: `reset`.
 *
 *   struct term *term = term_open(STDIN_FILENO, STDOUT_FILENO, &err);
 *   term_draw(term, &lines);
 *   ... loop: the descriptor is readable: term_keys(term, on_key, self)
 *   term_close(term);
 *
 * Colours are used unless NO_COLOR is set and not empty, TERM is "dumb", or out is no terminal.
 */
#ifndef ROUTE_TERM_H
#define ROUTE_TERM_H

#include <stdbool.h>

#include "common/error.h"

#include "route/top_text.h"

enum term_key { /* above all code points */
		TERM_UP = 0x110000,
		TERM_DOWN,
		TERM_LEFT,
		TERM_RIGHT,
		TERM_PAGE_UP,
		TERM_PAGE_DOWN,
		TERM_HOME,
		TERM_END,
		TERM_ENTER,
		TERM_ESCAPE,
		TERM_BACKSPACE,
		TERM_CLEAR,     /* Ctrl-U: the line */
		TERM_REDRAW,    /* Ctrl-L */
		TERM_INTERRUPT, /* Ctrl-C */
		TERM_SUSPEND,   /* Ctrl-Z */
		TERM_OTHER      /* a key we have no name for */
};

struct term;
typedef void term_key_fn(void *arg, unsigned key); /* a code point or enum term_key */

struct term *term_open(int in, int out, struct error *err); /* err: not a terminal */
void term_close(struct term *term);                         /* NULL is fine */
bool term_colours(int out); /* should text to this descriptor be coloured? */
/* Columns and lines of the window; 80x24 where it does not say. */
void term_size(int out, size_t *ret_width, size_t *ret_height);

/* Shows the lines, one per row; writes only rows that differ from what is there. */
void term_draw(struct term *term, const struct lines *lines);
void term_redraw(struct term *term); /* all rows are written at the next draw */

/* Reads what was typed.  -1: the terminal is gone (hang-up).  A lone Escape is told by
 * term_escape, to be called when nothing followed for 50 ms while term_pending is true. */
int term_keys(struct term *term, term_key_fn *fn, void *arg);
bool term_pending(const struct term *term);
void term_escape(struct term *term, term_key_fn *fn, void *arg);

/* Restores the terminal, stops the process (job control), takes the terminal again. */
void term_suspend(struct term *term);

/* Pure: decodes one key from bytes.  Returns how many it took, 0: more bytes are needed. */
size_t term_decode(struct str bytes, unsigned *ret_key);

#endif
