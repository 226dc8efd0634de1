/*
 * post_fields.h: an object of JSON into a struct, by a table with a row per member.
 *
 * Rows stand in the order in which members are written, so that the next key is mostly the next row;
 * others are told apart by length and first letter before bytes are compared.  A null leaves what the
 * struct holds (its "unknown"); a key of the table that comes twice is refused, as is a value of
 * another type; unknown members are checked and skipped.  For post*.c only.
 */
#ifndef COMMON_POST_FIELDS_H
#define COMMON_POST_FIELDS_H

#include "common/error.h"
#include "common/json_in.h"
#include "common/post.h"

enum field_type {
	FIELD_TEXT,   /* struct str */
	FIELD_INT,    /* int64_t */
	FIELD_SIZE,   /* size_t, from 0 up */
	FIELD_REAL,   /* double */
	FIELD_P,      /* int32_t, ten-thousandths; a number beyond becomes the largest there is */
	FIELD_LEVEL,  /* int, -1..3 */
	FIELD_BOOL,   /* bool */
	FIELD_SAID,   /* two bools: the value, and that there was one */
	FIELD_MAYBE,  /* int, 1 or 0 */
	FIELD_TIME,   /* int64_t, ms since 1970 UTC */
	FIELD_NAME,   /* an enum: which of `names` */
	FIELD_OBJECT, /* `fields`, with offsets from the same struct */
	FIELD_LIST,   /* `list` */
	FIELD_CALL    /* `call` */
};

struct fields_reader {
	struct json_in in;
	struct error *err;
	bool analysis;      /* read it; else it is passed over */
	const char *behind; /* where the last member before the one in hand ended, or its bracket */
	bool first;         /* the one in hand has none before it */
};

struct fields {
	const struct field *rows;
	unsigned n; /* at most 64 */
};

struct field {
	const char *name;
	uint16_t tag; /* length and first letter */
	uint16_t at;  /* offset in the struct */
	enum field_type type;
	union {
		const char *const *names; /* NULL at the end */
		const struct fields *fields;
		const struct field_list *list;
		int (*call)(struct fields_reader *r, void *base);
	};
};

/* A list of objects becomes an array in the arena. */
struct field_list {
	struct fields of;
	size_t size, max;               /* bytes of an item; items */
	const void *fresh;              /* an item of which nothing is known */
	size_t n_at;                    /* offset of the number of items in the struct */
	bool (*sane)(const void *item); /* or NULL */
};

#define FIELD(name, type, base, member)                                                            \
	{                                                                                          \
		name, sizeof(name) - 1 + 256 * (unsigned char)(name)[0], offsetof(base, member),   \
		    type,                                                                          \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}
#define FIELD_OF(name, type, base, member, what)                                                   \
	{                                                                                          \
		name, sizeof(name) - 1 + 256 * (unsigned char)(name)[0], offsetof(base, member),   \
		    type,                                                                          \
		{                                                                                  \
			.what                                                                      \
		}                                                                                  \
	}
#define FIELDS(rows)                                                                               \
	{                                                                                          \
		rows, sizeof(rows) / sizeof *(rows)                                                \
	}

/* 0, or -1 + err.  The value that comes must be an object; `base` is written as it goes. */
int fields_read(struct fields_reader *r, const struct fields *fields, void *base);
/* The array for one item more than n, zeroed or moved when it is full. */
void *fields_grow(struct fields_reader *r, void *items, size_t n, size_t size);

extern const char *const post_op_names[], *const post_addressed_names[];
extern const char *const post_quality_names[], *const post_tonality_names[];

int fields_wrong(struct fields_reader *r, struct str member, const char *expected); /* -1 */
int fields_bad(struct fields_reader *r); /* -1: r->in says why */

/* The seam of a post that was accepted, from a second look at its bytes. */
void post_seam_find(struct str json, struct post_seam *ret);

#endif
