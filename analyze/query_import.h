/*
 * query_import.h: an expression of Brandwatch or Talkwalker in our language.
 *
 *   struct buf ours, notes;
 *   if (query_import(STR("(a AND b)~5"), IMPORT_BRANDWATCH, &ours, &notes, &err) == 0) ...   // (a NEAR/6 b)
 *
 * It is read into pieces (query_import_read.c), distances as ours (query_import_near.c), values of fields by
 * a table (query_import_fields.c), and written from them (query_import.c).  Layout and comments stay as typed.
 */
#ifndef ANALYZE_QUERY_IMPORT_H
#define ANALYZE_QUERY_IMPORT_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/query/query.h"
#include "common/query/reader.h"

enum import_tool { IMPORT_BRANDWATCH, IMPORT_TALKWALKER };

/* *ours: a query that is accepted; *notes: a line for whatever is not carried over, with what its loss does.
 * Both are made here, done by the caller.  -1: no query, err has three lines that point into `text`. */
int query_import(struct str text, enum import_tool tool, struct buf *ours, struct buf *notes,
		 struct error *err);

/* ---- for its files ---- */

enum piece_kind {
	PIECE_TERM,
	PIECE_FIELD,
	PIECE_AND,
	PIECE_OR,
	PIECE_NEAR,
	PIECE_NOT,
	PIECE_GROUP,
	PIECE_ZONE
};

/* An operand of a piece, with what joins it to the one before; white space and comments as typed. */
struct joint {
	struct piece *piece;
	struct str before, op, behind;
	size_t at; /* where op was typed */
};

struct piece {
	enum piece_kind kind;
	struct str prefix; /* "site:" of a field, or of a group of its values; "title:" of a zone */
	struct str text;   /* of a term, or the value of a field */
	struct str tail;   /* before the parenthesis that closes a group */
	size_t at;         /* where it was typed */
	struct joint *of;  /* operands: one of NOT, GROUP and ZONE */
	size_t n;
	bool gone; /* left out */
	/* 1: more posts are found, -1: fewer, 0: as many; set at the end */
	int wider; /* if the piece finds more */
	int lost;  /* if it is left out */
};

/* What it does to the piece. */
enum note_effect { NOTE_SAME, NOTE_WIDER, NOTE_NARROWER, NOTE_GONE };

struct note {
	const struct piece *piece;
	const char *verb, *why;
	struct str what;
	enum note_effect effect;
};

/* How values of a field are carried over. */
enum field_how {
	HOW_AS_TYPED,
	HOW_ZONE,
	HOW_EXACT,
	HOW_HOST,
	HOW_ADDRESS,
	HOW_MARK,
	HOW_WORD,
	HOW_LANGUAGE,
	HOW_UNKNOWN
};

struct value_word {
	const char *theirs, *ours;
};

struct import_field {
	const char *theirs, *ours;
	enum field_how how;
	const struct value_word *words; /* of HOW_WORD and HOW_LANGUAGE */
};

struct import {
	struct reader r;
	enum import_tool tool;
	struct note *notes;
	size_t n_notes, room_notes;
	struct str before, behind; /* white space and comments around it all */
	struct query_set *tried;   /* values go there to see whether they are accepted */
	/* what is being read */
	const struct import_field *field; /* a value of it; NULL: terms */
	struct str field_name;            /* as typed */
	bool exact;                       /* case counts */
	unsigned depth;
};

/* At pos: the character, '\0' at the end; what follows; the word. */
static inline char import_at(const struct import *im)
{
	return im->r.pos < im->r.text.n ? im->r.text.p[im->r.pos] : '\0';
}

static inline struct str import_typed(const struct import *im, size_t from)
{
	return str_sub(im->r.text, from, im->r.pos);
}

static inline struct str import_rest(const struct import *im)
{
	return str_sub(im->r.text, im->r.pos, im->r.text.n);
}

static inline struct str import_peek(const struct import *im)
{
	struct str word = reader_word(&im->r);
	return str_sub(word, 0, str_find_str(word, STR("<<<")));
}

struct piece *import_piece(struct import *im, enum piece_kind kind, size_t at);
void import_note(struct import *im, const struct piece *piece, const char *verb, struct str what,
		 const char *why, enum note_effect effect);

/* The whole text; NULL: refused, r->err says where. */
struct piece *import_read(struct import *im);

/* An operand more. */
void import_join(struct import *im, struct piece *list, struct joint joint);
struct piece *import_over(struct import *im, enum piece_kind kind, size_t from, struct piece *of);
/* A term, as im->exact says: `typed` with its quotation marks, `bare` without. */
struct piece *import_term(struct import *im, size_t from, struct str typed, struct str bare);

/* The proximity operator at pos in our spelling, empty: none stands there.  -1: refused. */
int import_near_op(struct import *im, const struct piece *left, struct str *ret_op);
/* ~n and ^n behind a group or a phrase (`bare` without quotation marks, else STR_NULL): `p` as changed by
 * them. */
struct piece *import_marks(struct import *im, struct piece *p, struct str bare);
void import_note_weight(struct import *im, const struct piece *p, struct str typed);

/* NULL: none of that name. */
const struct import_field *import_field_named(struct str name);
/* Any other. */
extern const struct import_field import_field_unknown;
/* A value of im->field: `typed` with its quotation marks, `bare` without.  `left out` is noted. */
struct piece *import_value(struct import *im, struct str typed, struct str bare);

#endif
