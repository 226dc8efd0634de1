#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/mem.h"

enum { FIRST_BLOCK = 16 * 1024, ALIGN = 16, KEPT_MOST = 1 * MiB };

struct block {
	struct block *older;
	size_t room, used;
	_Alignas(ALIGN) char bytes[];
};

struct arena {
	struct block *top;
	size_t used, limit_bytes;
};

static struct block *block_new(size_t room, struct block *older)
{
	struct block *b = xmalloc(sizeof *b + room);
	b->older = older;
	b->room = room;
	b->used = 0;
	return b;
}

struct arena *arena_create(size_t limit_bytes)
{
	struct arena *a = xcalloc(1, sizeof *a);
	a->limit_bytes = limit_bytes;
	a->top = block_new(FIRST_BLOCK, NULL);
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->top, *older; b; b = older) {
		older = b->older;
		free(b);
	}
	free(a);
}

void arena_reset(struct arena *a)
{
	/* the newest block is the largest: kept, so that the next round of the same size needs one block
	 * and no system call */
	struct block *keep = a->top;
	for (struct block *b = keep->older, *older; b; b = older) {
		older = b->older;
		if (keep->room > KEPT_MOST) {
			free(keep);
			keep = b;
		} else {
			free(b);
		}
	}
	keep->older = NULL;
	keep->used = 0;
	a->top = keep;
	a->used = 0;
}

void *arena_try(struct arena *a, size_t n)
{
	if (n > a->limit_bytes - a->used || n > SIZE_MAX / 4)
		return NULL;
	size_t need = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (need == 0)
		need = ALIGN;
	if (need > a->top->room - a->top->used) {
		size_t room = a->top->room * 2 < 1 * MiB ? a->top->room * 2 : 1 * MiB;
		a->top = block_new(room > need ? room : need, a->top);
	}
	void *p = a->top->bytes + a->top->used;
	a->top->used += need;
	a->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = arena_try(a, n);
	must(p && "arena limit");
	return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
	if (!s.p)
		return STR_NULL;
	return (struct str){arena_z(a, s), s.n};
}

char *arena_z(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(n >= 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	must(vsnprintf(p, (size_t)n + 1, fmt, again) == n);
	va_end(again);
	return p;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
