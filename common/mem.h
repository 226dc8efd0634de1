/*
 * mem.h: allocation that does not fail, and checks that stay on.
 *
 * Small allocations do not fail here: x* functions end the process with a message when
 * memory is gone, and the service manager starts it again (everything accepted is on the
 * bus or in Redis).  Whatever a stranger can make grow must have a limit of its own at
 * creation (buf.h, arena.h); these functions are not that limit.
 */
#ifndef COMMON_MEM_H
#define COMMON_MEM_H

#include <stddef.h>

/* What cannot happen.  Stays on in release builds; prints place and condition, aborts. */
#define must(cond) ((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))
_Noreturn void must_failed(const char *cond, const char *file, int line);

void *xmalloc(size_t n);                 /* new, uninitialised; you free() it */
void *xcalloc(size_t n, size_t size);    /* new, zeroed; overflow of n*size ends the process */
void *xrealloc(void *p, size_t n);       /* as realloc, never NULL */
char *xstrdup(const char *s);            /* new; NULL gives NULL */
char *xstrndup(const char *s, size_t n); /* new, NUL-terminated copy of n bytes */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* new */

/* New, zeroed, for tables of megabytes that are read here and there: on large pages where the system has
 * them, because looking up the address of a small page takes longer than reading it. */
void *large_alloc(size_t n);
void large_free(void *p, size_t n); /* NULL is fine */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define KiB          1024UL
#define MiB          (1024UL * 1024UL)

#endif
