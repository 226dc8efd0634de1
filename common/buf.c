#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/json.h"
#include "common/mem.h"

void buf_init(struct buf *buf, size_t limit_bytes)
{
	*buf = (struct buf){.limit_bytes = limit_bytes};
}

void buf_done(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf){0};
}

void buf_reset(struct buf *buf)
{
	buf->n = 0;
	buf->full = false;
	if (buf->p)
		buf->p[0] = '\0';
}

char *buf_reserve(struct buf *buf, size_t n)
{
	if (buf->full || n > buf->limit_bytes - buf->n) {
		buf->full = true;
		return NULL;
	}
	if (buf->n + n + 1 > buf->room) {
		size_t room = buf->room ? buf->room * 2 : 256;
		if (room < buf->n + n + 1)
			room = buf->n + n + 1;
		if (room > buf->limit_bytes + 1)
			room = buf->limit_bytes + 1;
		buf->p = xrealloc(buf->p, room);
		buf->room = room;
	}
	return buf->p + buf->n;
}

int buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(n >= 0);
	char *to = buf_reserve(buf, (size_t)n);
	if (to) {
		must(vsnprintf(to, (size_t)n + 1, fmt, again) == n);
		buf->n += (size_t)n;
	}
	va_end(again);
	return to ? 0 : -1;
}

struct str buf_view(const struct buf *buf)
{
	return (struct str){buf->p ? buf->p : "", buf->n};
}

int buf_json_str(struct buf *buf, struct str s)
{
	if (!s.p)
		return buf_z(buf, "null");
	size_t before = buf->n;
	(void)buf_char(buf, '"'); /* `full` is looked at once, below */
	size_t from = 0;
	for (size_t i; (i = json_plain(s, from)) < s.n; from = i + 1) {
		unsigned char c = (unsigned char)s.p[i];
		(void)buf_add(buf, s.p + from, i - from);
		switch (c) {
		case '"': (void)buf_z(buf, "\\\""); break;
		case '\\': (void)buf_z(buf, "\\\\"); break;
		case '\n': (void)buf_z(buf, "\\n"); break;
		case '\r': (void)buf_z(buf, "\\r"); break;
		case '\t': (void)buf_z(buf, "\\t"); break;
		default: (void)buf_printf(buf, "\\u%04x", c);
		}
	}
	(void)buf_add(buf, s.p + from, s.n - from);
	(void)buf_char(buf, '"');
	if (!buf->full)
		return 0;
	buf->n = before;
	if (buf->p)
		buf->p[before] = '\0';
	return -1;
}

int buf_json_int(struct buf *buf, int64_t v)
{
	char text[24], *end = text + sizeof text, *at = end;
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		*--at = (char)('0' + size % 10);
	while (size /= 10);
	if (v < 0)
		*--at = '-';
	return buf_add(buf, at, (size_t)(end - at));
}

int buf_json_num(struct buf *buf, double v)
{
	if (!isfinite(v))
		return buf_z(buf, "null");
	char text[40];
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, v); /* 40 holds any %.17g */
		if (strtod(text, NULL) == v)
			break;
	}
	return buf_z(buf, text);
}
