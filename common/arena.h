/*
 * arena.h: memory for everything one page or message gives birth to.
 *
 * Allocate freely, never free single pieces, reset once per message.  The arena keeps its
 * first block over a reset, so the steady state allocates nothing.  A limit makes it safe with
 * strangers' input: passing it returns NULL from arena_try, and ends the process in
 * arena_alloc (use that only for sizes that your own code bounds).
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

#include "common/str.h"

struct arena;

struct arena *arena_create(size_t limit_bytes);
void arena_free(struct arena *arena);  /* NULL is fine */
void arena_reset(struct arena *arena); /* everything allocated from it is gone */

void *arena_try(struct arena *arena,
		size_t n); /* 16-byte aligned, uninitialised; NULL at the limit */
void *arena_alloc(struct arena *arena, size_t n); /* the same, never NULL */
void *arena_zalloc(struct arena *arena, size_t n);
struct str arena_str(struct arena *arena,
		     struct str s);               /* copy, NUL-terminated; STR_NULL stays so */
char *arena_z(struct arena *arena, struct str s); /* copy as C string; STR_NULL gives "" */
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *arena); /* bytes handed out since the reset */

#endif
