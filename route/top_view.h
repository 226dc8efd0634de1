/*
 * top_view.h: the model and the state of the hands -> lines of text.  Pure.
 *
 * One screen of `queue top`: head and funnel; promises and what just happened (side by side from 90
 * columns on); the queue; one last line for keys, questions and results.  Works from 60x15; smaller
 * screens get what fits.  `height` 0 is --once: as many lines as there is to say, no last line.
 */
#ifndef ROUTE_TOP_VIEW_H
#define ROUTE_TOP_VIEW_H

#include "route/top_say.h"

enum { TOP_WIDTH_MIN = 20, TOP_WIDTH_MAX = 400, TOP_INPUT_MAX = 2000, TOP_MENU_MAX = 64 };

enum top_mode { TOP_LIST, TOP_RECEIPT, TOP_HELP };

struct top_menu {
	struct str title;
	struct str items[TOP_MENU_MAX];
	size_t n, at; /* at SIZE_MAX: nothing chosen yet */
};

/* What the hands have done; top_keys.c changes it, the view moves only the scroll positions. */
struct top_ui {
	enum words_lang lang;
	size_t width, height;
	const char *agent, *address;
	const char *team; /* NULL: all */
	enum top_mode mode;
	int64_t selected;     /* ticket, 0: none */
	size_t first;         /* first queue row on the screen */
	size_t rows;          /* queue rows that fit, as of the last view */
	size_t receipt_first; /* first line of the receipt */
	size_t receipt_rows, receipt_lines;
	const struct top_menu *menu; /* NULL: none */
	const char *question;        /* of the line being written; NULL: none */
	const char *input;           /* what has been written so far */
	const char *message;         /* result of the last action; NULL: none */
	bool refusal;                /* it is a refusal */
	int64_t away_since;          /* wall ms; 0: Redis is there */
};

/* `model` NULL: nothing has been read yet.  Fills `out` (of lines_init with ui->width). */
void top_view(struct lines *out, const struct top_model *model, struct top_ui *ui);
/* The receipt of model->detail, all its lines (top_receipt.c). */
void top_receipt(struct lines *out, const struct say *say);

#endif
