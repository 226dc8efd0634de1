/*
 * buf.h: a growing byte buffer with a limit.
 *
 *   struct buf body;
 *   buf_init(&body, 8 * MiB);
 *   if (buf_add(&body, p, n)) ... the limit was hit, nothing was added ...
 *   buf_done(&body);
 *
 * Once an addition is refused the buffer is marked `full` and refuses all further ones, so a
 * writer may check once at the end.  The bytes are always followed by a NUL that does not count.
 * For many small pieces that die together use arena.h.
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

struct buf {
	char *p; /* owned; NULL until the first addition */
	size_t n, room, limit_bytes;
	bool full; /* an addition was refused */
};

void buf_init(struct buf *buf, size_t limit_bytes);
void buf_done(struct buf *buf);  /* frees; buf may be all zero */
void buf_reset(struct buf *buf); /* empty again, memory kept */

/* Each returns 0, or -1 when the limit would be passed (then nothing is added). */
int buf_add(struct buf *buf, const void *p, size_t n);
/* The bytes of a file, at most so many; -1 + err: it cannot be read, or is larger. */
int buf_add_file(struct buf *buf, const char *path, size_t most, struct error *err);
int buf_str(struct buf *buf, struct str s);
int buf_z(struct buf *buf, const char *z);
int buf_char(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for n more bytes; returns where to write, or NULL at the limit; then set buf->n. */
char *buf_reserve(struct buf *buf, size_t n);

struct str buf_view(const struct buf *buf); /* borrowed until the next change; never NULL */

/* JSON text.  Strings are escaped as RFC 8259 asks (quote, backslash, U+0000-001F), UTF-8 kept;
 * STR_NULL is written as null. */
int buf_json_str(struct buf *buf, struct str s);
int buf_json_int(struct buf *buf, int64_t v);
/* A double with the fewest digits that read back as the same value, at most 17; NaN gives null. */
int buf_json_num(struct buf *buf, double v);

#endif
