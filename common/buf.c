#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/bytes.h"
#include "common/json_out.h"
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

int buf_add(struct buf *buf, const void *p, size_t n)
{
	char *to = buf_reserve(buf, n);
	if (!to)
		return -1;
	if (n)
		memcpy(to, p, n);
	buf->n += n;
	buf->p[buf->n] = '\0';
	return 0;
}

int buf_add_file(struct buf *buf, const char *path, size_t most, struct error *err)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return error_set(err, "could not open \"%s\": %m", path);
	char block[16384];
	size_t n, all = 0;
	int rc = 0;
	while (rc == 0 && (n = fread(block, 1, sizeof block, f)) > 0)
		rc = (all += n) > most ? -1 : buf_add(buf, block, n);
	if (rc)
		(void)error_set(err, "could not read \"%s\": larger than %zu bytes", path, most);
	else if (ferror(f))
		rc = error_set(err, "could not read \"%s\": %m", path);
	(void)fclose(f); /* only read */
	return rc;
}

int buf_str(struct buf *buf, struct str s)
{
	return buf_add(buf, s.p, s.n);
}

int buf_z(struct buf *buf, const char *z)
{
	return buf_add(buf, z, strlen(z));
}

int buf_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
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
	for (size_t i = 0;; i++) {
		size_t plain = bytes_unescaped(s.p + i, s.n - i);
		(void)buf_add(buf, s.p + i, plain);
		i += plain;
		if (i == s.n)
			break;
		char escape[6];
		(void)buf_add(buf, escape, (size_t)(json_out_escape(escape, s.p[i]) - escape));
	}
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
	char text[JSON_OUT_INT];
	return buf_add(buf, text, (size_t)(json_out_int(text, v) - text));
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
