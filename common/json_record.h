/*
 * json_record.h: a JSON object into a struct, by a table: one row a member.
 *
 *   static const struct record_member members[] = {
 *       RECORD(struct post, id, RECORD_TEXT),
 *       RECORD_IN(struct post, author, author_members),      // members of an inner object, same struct
 *       RECORD_LIST(struct post, media, n_media, struct post_media, media_members, 200),
 *       RECORD_END};
 *   record_read(&reader, members, post);                     // -1: reader.err says why
 *
 * null and absent leave what the struct had.  A member that the table does not know is checked as JSON
 * and otherwise ignored, the last or first of equals alike; a known one that comes twice is an error.
 * Members are looked for behind the one found last: written in the table's order, each costs one
 * comparison.
 */
#ifndef COMMON_JSON_RECORD_H
#define COMMON_JSON_RECORD_H

#include <stddef.h>

#include "common/json.h"

enum record_type {
	RECORD_TEXT,   /* struct str */
	RECORD_INT,    /* int64_t */
	RECORD_SMALL,  /* int */
	RECORD_SIZE,   /* size_t, not negative */
	RECORD_NUMBER, /* double */
	RECORD_P,      /* int32_t, ten-thousandths */
	RECORD_BOOL,   /* bool */
	RECORD_TRIT,   /* int: 1, 0; what it was for null */
	RECORD_TIME,   /* int64_t, ms */
	RECORD_NAME,   /* an enum; `names` in its order, NULL-terminated */
	RECORD_INNER,  /* an object with members of the same struct */
	RECORD_ROWS,   /* a list of objects: a pointer and, at `count`, a size_t */
	RECORD_SPANS,  /* a list of [start,end): struct post_span pointer and count */
	RECORD_RAW     /* skipped; `where` tells the reader's caller where it stood */
};

struct record_member {
	const char *name;
	enum record_type type;
	size_t at;                           /* in the struct */
	size_t count;                        /* of lists */
	size_t size, most;                   /* of a row, and how many rows */
	const struct record_member *members; /* of inner objects and rows */
	const char *const *names;            /* of enums */
};

struct record_reader {
	struct json json;
	struct arena *arena;
	const char *what; /* "post": for errors */
	struct error *err;
	/* of RECORD_RAW: from its comma (of the first member: from the bracket) to the comma or bracket
	 * behind it, and where its value begins */
	size_t raw_from, raw_value, raw_to;
	bool raw_first; /* no member stands before it */
};

#define RECORD_END                                                                                 \
	{                                                                                          \
		.name = NULL                                                                       \
	}
#define RECORD(type, field, kind)                                                                  \
	{                                                                                          \
		.name = #field, kind, .at = offsetof(type, field)                                  \
	}
#define RECORD_AS(name_, type, field, kind)                                                        \
	{                                                                                          \
		.name = name_, kind, .at = offsetof(type, field)                                   \
	}

/* Reads the object whose opening bracket json_next has just read. */
int record_read(struct record_reader *r, const struct record_member *members, void *to);
/* The error of a member with the wrong kind of value; -1. */
int record_wrong(struct record_reader *r, const char *member, const char *expected);

#endif
