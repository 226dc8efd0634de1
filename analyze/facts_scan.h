/*
 * facts_scan.h: what the finders of facts share.  Private to facts*.c.
 *
 * A finder is asked at one word whether its fact begins there.  It sees words 1..n and, between each
 * and the next, a gap: the characters there in a plain form.  Words 0 and beyond n exist and are
 * empty, so a finder may look around freely; it looks at no more than FACT_REACH words either way, which
 * keeps the whole linear.
 *
 * A gap has white space as one blank (with a line break in it: one newline), every dash as -, curly
 * apostrophes as ', the euro sign as E and the pound sign as L (letters cannot stand in a gap), other
 * signs beyond ASCII as ^.  Invisible characters are left out.  Of more than six characters there are
 * the first three, ~, and the last three.
 */
#ifndef ANALYZE_FACTS_SCAN_H
#define ANALYZE_FACTS_SCAN_H

#include "common/text/token.h"

enum { FACT_REACH = 16, FACT_GAP = 8 };

enum fact_shape {
	FACT_CODE = 1,   /* ASCII letters and digits, nothing invisible in it */
	FACT_DIGIT = 2,  /* a code with a digit in it */
	FACT_NUMBER = 4, /* a code of nothing but digits */
	FACT_TAG = 8,    /* #1234: the mark is part of the word */
};

struct fact_word {
	const struct token *t; /* NULL: not looked at yet */
	struct str s;          /* folded; "" for URLs, names and emoji */
	char gap[FACT_GAP];    /* to the next word; NUL-terminated */
	uint8_t shape;
};

struct facts {
	struct str text;
	const struct token *at;  /* word i is at[i - 1]: those outside quotes */
	struct fact_word *words; /* 0..n, filled when they are asked for */
	size_t n;
	int64_t now_ms;
	struct arena *arena;
};

enum fact_match {
	FACT_NONE,
	FACT_FOUND,
	FACT_VOID, /* has the shape and fails the check: no fact begins inside it either */
};

struct fact_found {
	size_t last;       /* its last word */
	size_t start, end; /* bytes */
	struct str value;
};

typedef enum fact_match fact_finder(const struct facts *f, size_t i, struct fact_found *ret);
fact_finder fact_iban, fact_card, fact_tracking, fact_email, fact_order, fact_phone, fact_money,
    fact_deadline, fact_duration, fact_date, fact_time, fact_postcode;

/* Lists as of fact_in: the words that a deadline and a duration begin with; those of which one stands at
 * most ORDER_BACK words before an order number. */
enum { FACT_ORDER_BACK = 4 };
extern const char fact_deadline_firsts[], fact_duration_firsts[], fact_order_names[];

/* ---- words and gaps (facts_word.c) ---- */
/* f->at and f->n: the words of `tokens` outside quotes. */
void facts_init(struct facts *f, struct str text, const struct tokens *tokens, int64_t now_ms,
		struct arena *arena);
extern const struct fact_word fact_no_word;
void fact_fill(const struct facts *f, size_t i, size_t gap_end);
static inline const struct fact_word *fact_word(const struct facts *f, size_t i)
{
	if (i > f->n)
		return &fact_no_word;
	if (!f->words[i].t)
		fact_fill(f, i, i < f->n ? f->at[i].start : f->text.n);
	return &f->words[i];
}
/* Is the word one of a list written " a b c "?  The list must be a constant: it is known by its address. */
bool fact_in(const struct facts *f, size_t i, const char *list);
/* The words of such a list: where it goes on, NULL behind the last. */
const char *fact_list_next(const char *list, struct str *ret);
bool fact_gap(const struct facts *f, size_t i, const char *gap);        /* behind word i: this */
bool fact_gap_char(const struct facts *f, size_t i, const char *chars); /* one character of these */
/* The number that word i is, of at most `digits` digits; -1 where it is none. */
int64_t fact_int(const struct facts *f, size_t i, size_t digits);
size_t fact_start(const struct facts *f, size_t i);
size_t fact_end(const struct facts *f, size_t i);
/* The byte behind the first k characters of the gap behind word i; k 0 is fact_end. */
size_t fact_gap_end(const struct facts *f, size_t i, size_t k);
/* Is the number at word i part of a longer one, or of a name (iPhone-15, 3.1.4, a_2)?  Joints named
 * in `allowed` do not count. */
bool fact_glued_before(const struct facts *f, size_t i, const char *allowed);
bool fact_glued_behind(const struct facts *f, size_t i, const char *allowed);
bool fact_capital(const struct facts *f, size_t i);
bool fact_upper(const struct facts *f, size_t i); /* no small letter in it */
/* text[start,end) in ASCII capitals, or small letters */
struct str fact_case(const struct facts *f, size_t start, size_t end, bool upper);

/* ---- dates and times (facts_date.c, facts_time.c) ---- */
struct fact_day {
	int64_t year; /* 0: not said */
	int month, day;
};
/* The date at word i: its last word, and in *ret_end the byte behind it; 0 where there is none.
 * `expected`: something before it says that a date comes. */
size_t fact_day_at(const struct facts *f, size_t i, bool expected, struct fact_day *ret,
		   size_t *ret_end);
struct str fact_day_text(const struct facts *f, struct fact_day day);
struct fact_day fact_day_of(int64_t days); /* since 1970-01-01 */
/* Is the number at word i one of something: money, hours, degrees? */
bool fact_unit_behind(const struct facts *f, size_t i);
int fact_weekday(const struct facts *f, size_t i); /* 0 Monday .. 6, -1 */
int fact_month(const struct facts *f, size_t i);   /* 1..12, 0 */
/* The time of day at word i, in minutes and, if said, seconds: like fact_day_at. */
size_t fact_clock_at(const struct facts *f, size_t i, int *ret_minutes, int *ret_seconds,
		     size_t *ret_end);

/* ---- so and so many hours, days, weeks (facts_duration.c) ---- */
struct fact_quantity {
	int64_t n;    /* 0: half of one */
	char unit;    /* m h D W M Y */
	size_t last;  /* word */
	bool article; /* "a week", "einer Woche" */
};
bool fact_quantity_at(const struct facts *f, size_t i, struct fact_quantity *ret);
/* Moves *i over words of the list with blanks behind them; false where there are too many. */
bool fact_skip(const struct facts *f, size_t *i, const char *list);

#endif
