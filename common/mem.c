#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/mem.h"

enum { LARGE_PAGE = 2 << 20 };

_Noreturn void must_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "level=err msg=\"cannot happen: %s at %s:%d; please report this\"\n", cond,
		file, line);
	abort();
}

static void *checked(void *p)
{
	if (!p) {
		fputs("level=err msg=\"out of memory; the service manager should restart this "
		      "program, nothing accepted is lost\"\n",
		      stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t n)
{
	return checked(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1));
}

char *xstrdup(const char *s)
{
	return s ? xstrndup(s, strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	char *copy = xmalloc(n + 1);
	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;
	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : text);
}

static size_t whole_pages(size_t n)
{
	return (n + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
}

void *large_alloc(size_t n)
{
	/* one page more, so that a border of pages lies in it; what is before and behind goes back */
	size_t size = whole_pages(n);
	char *p = mmap(NULL, size + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	(void)checked(p == MAP_FAILED ? NULL : p);
	size_t head = (LARGE_PAGE - (uintptr_t)p % LARGE_PAGE) % LARGE_PAGE;
	if (head)
		(void)munmap(p, head);
	(void)munmap(p + head + size, LARGE_PAGE - head);
	(void)madvise(p + head, size, MADV_HUGEPAGE); /* small pages hold the same */
	return p + head;
}

void large_free(void *p, size_t n)
{
	if (p)
		(void)munmap(p, whole_pages(n));
}
