/*
 * top_text.c: cleaning, measuring and laying out text.
 */
#include <string.h>

#include <utf8proc.h>

#include "common/mem.h"

#include "route/top_text.h"

enum { MARKS_MAX = 2 };

static bool is_white(unsigned c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

/* Invisible, or of a width that terminals disagree about. */
static bool is_left_out(unsigned c)
{
	static const unsigned ranges[][2] = {
	    {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},     {0x115f, 0x1160},
	    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e},
	    {0x2060, 0x206f},   {0x20d0, 0x20ff},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
	    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x1bca0, 0x1bca3},
	    {0x1d173, 0x1d17a}, {0x1f3fb, 0x1f3ff}, {0xe0000, 0xe0fff},
	};
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

static bool is_strange(unsigned c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN: return true;
	default: return false;
	}
}

static size_t width_of(unsigned c)
{
	int w = utf8proc_charwidth((utf8proc_int32_t)c);
	return w > 0 ? (size_t)w : 0;
}

struct str text_clean(struct arena *arena, struct str s, bool lines)
{
	/* the middle dot (2 bytes) and U+FFFD (3) for a single byte are the longest growth */
	char *out = arena_alloc(arena, 3 * s.n + 1);
	size_t n = 0, marks = MARKS_MAX;
	bool space = false;
	for (size_t pos = 0; pos < s.n;) {
		unsigned c = utf8_next(s, &pos);
		if (lines && c == '\n') {
			out[n++] = '\n';
			space = false;
			marks = MARKS_MAX;
			continue;
		}
		if (is_white(c)) {
			space = true;
			continue;
		}
		if (is_left_out(c))
			continue;
		if (c >= 0x1f1e6 && c <= 0x1f1ff)
			c = c - 0x1f1e6 + 'A';
		if (is_strange(c))
			c = 0xb7;
		size_t w = width_of(c);
		marks = w ? 0 : marks + 1;
		if (!w && marks > MARKS_MAX)
			continue;
		if (space && n > 0 && out[n - 1] != '\n')
			out[n++] = ' ';
		space = false;
		n += utf8_put(out + n, c);
	}
	out[n] = '\0';
	return (struct str){out, n};
}

size_t text_width(struct str s)
{
	size_t columns = 0;
	for (size_t pos = 0; pos < s.n;)
		columns += width_of(utf8_next(s, &pos));
	return columns;
}

/* The longest prefix of at most `columns`, marks of its last letter included. */
static struct str prefix(struct str s, size_t columns)
{
	size_t used = 0, end = 0;
	for (size_t pos = 0; pos < s.n; end = pos) {
		used += width_of(utf8_next(s, &pos));
		if (used > columns)
			break;
	}
	return (struct str){s.p, end};
}

struct str text_cut(struct arena *arena, struct str s, size_t columns)
{
	if (text_width(s) <= columns)
		return s;
	if (columns == 0)
		return STR("");
	struct str head = prefix(s, columns - 1);
	while (head.n && head.p[head.n - 1] == ' ')
		head.n--;
	return str_of(arena_printf(arena, "%.*s…", STR_ARG(head)));
}

/* ---- lines ---- */

void lines_init(struct lines *v, struct arena *arena, size_t width)
{
	*v = (struct lines){.arena = arena, .width = width};
}

static struct line *present(struct lines *v)
{
	if (v->n == v->room) {
		size_t room = v->room ? 2 * v->room : 64;
		struct line *more = arena_alloc(v->arena, room * sizeof *more);
		if (v->n)
			memcpy(more, v->at, v->n * sizeof *more);
		v->at = more;
		v->room = room;
		v->open = false;
	}
	if (!v->open)
		v->at[v->n] = (struct line){0};
	v->open = true;
	return &v->at[v->n];
}

static void add(struct lines *v, unsigned attr, struct str clean)
{
	struct line *line = present(v);
	if (!clean.n)
		return;
	if (line->n == line->room) {
		size_t room = line->room ? 2 * line->room : 8;
		struct run *more = arena_alloc(v->arena, room * sizeof *more);
		if (line->n)
			memcpy(more, line->runs, line->n * sizeof *more);
		line->runs = more;
		line->room = room;
	}
	line->runs[line->n++] = (struct run){clean, attr};
	line->columns += text_width(clean);
}

static void blanks(struct lines *v, unsigned attr, size_t n)
{
	if (n > lines_left(v))
		n = lines_left(v);
	if (!n)
		return;
	char *p = arena_alloc(v->arena, n);
	memset(p, ' ', n);
	add(v, attr, (struct str){p, n});
}

/* Like text_clean, but blanks at the ends stay: callers put sentences together. */
static struct str clean_part(struct arena *arena, struct str s)
{
	struct str inside = text_clean(arena, s, false);
	bool before = s.n && s.p[0] == ' ', after = s.n > 1 && s.p[s.n - 1] == ' ';
	if (!before && !after)
		return inside;
	return str_of(
	    arena_printf(arena, "%s%.*s%s", before ? " " : "", STR_ARG(inside), after ? " " : ""));
}

void lines_put(struct lines *v, unsigned attr, struct str s)
{
	(void)present(v);
	add(v, attr, text_cut(v->arena, clean_part(v->arena, s), lines_left(v)));
}

void lines_putz(struct lines *v, unsigned attr, const char *z)
{
	lines_put(v, attr, str_of(z));
}

static void field(struct lines *v, unsigned attr, struct str s, size_t columns, bool right)
{
	(void)present(v);
	if (columns > lines_left(v))
		columns = lines_left(v);
	struct str cut = text_cut(v->arena, text_clean(v->arena, s, false), columns);
	size_t rest = columns - text_width(cut);
	if (right)
		blanks(v, attr & TEXT_REVERSE, rest);
	add(v, attr, cut);
	if (!right)
		blanks(v, attr & TEXT_REVERSE, rest);
}

void lines_field(struct lines *v, unsigned attr, struct str s, size_t columns)
{
	field(v, attr, s, columns, false);
}

void lines_field_right(struct lines *v, unsigned attr, struct str s, size_t columns)
{
	field(v, attr, s, columns, true);
}

void lines_tab(struct lines *v, size_t column)
{
	struct line *line = present(v);
	if (column > line->columns)
		blanks(v, 0, column - line->columns);
}

void lines_fill(struct lines *v, unsigned attr, struct str s)
{
	size_t w = text_width(s), left = lines_left(v);
	for (size_t i = 0; w && i < left / w; i++)
		add(v, attr, s);
}

size_t lines_left(const struct lines *v)
{
	size_t used = v->open ? v->at[v->n].columns : 0;
	return used < v->width ? v->width - used : 0;
}

void lines_mark(struct lines *v, unsigned attr)
{
	present(v)->attr |= attr;
}

void lines_end(struct lines *v)
{
	(void)present(v);
	v->n++;
	v->open = false;
}

/* One paragraph: words as long as they fit, overlong words cut hard. */
static void wrap_paragraph(struct lines *v, unsigned attr, struct str s, size_t indent)
{
	size_t room = v->width > indent ? v->width - indent : 1;
	do {
		struct str part = prefix(s, room);
		if (part.n == 0 && s.n) /* a wide character in a single column */
			return;
		if (part.n < s.n && s.p[part.n] != ' ') {
			size_t cut = part.n;
			while (cut && part.p[cut - 1] != ' ')
				cut--;
			if (cut)
				part.n = cut;
		}
		size_t next = part.n;
		while (part.n && part.p[part.n - 1] == ' ')
			part.n--;
		while (next < s.n && s.p[next] == ' ')
			next++;
		lines_tab(v, indent);
		add(v, attr, part);
		lines_end(v);
		s = str_sub(s, next, s.n);
	} while (s.n);
}

void lines_wrap(struct lines *v, unsigned attr, struct str s, size_t indent)
{
	struct str rest = text_clean(v->arena, s, true), part;
	bool empty = false;
	while (str_split(&rest, '\n', &part)) {
		/* at most one empty line between paragraphs */
		if (!part.n && empty)
			continue;
		empty = !part.n;
		wrap_paragraph(v, attr, part, indent);
	}
}

static void copy_runs(struct lines *v, const struct line *line)
{
	for (size_t k = 0; k < line->n; k++)
		add(v, line->runs[k].attr | line->attr, line->runs[k].text);
}

void lines_beside(struct lines *v, const struct lines *left, const struct lines *right,
		  size_t column, struct str between)
{
	for (size_t i = 0; i < left->n || i < right->n; i++) {
		if (i < left->n)
			copy_runs(v, &left->at[i]);
		lines_tab(v, column);
		add(v, TEXT_DIM, between);
		if (i < right->n)
			copy_runs(v, &right->at[i]);
		must(present(v)->columns <= v->width);
		lines_end(v);
	}
}

void lines_append(struct lines *v, const struct lines *from, size_t first, size_t n)
{
	for (size_t i = first; i < from->n && i < first + n; i++) {
		copy_runs(v, &from->at[i]);
		present(v)->attr = from->at[i].attr;
		lines_end(v);
	}
}

/* ---- out ---- */

struct str lines_plain(const struct lines *v, size_t i)
{
	const struct line *line = &v->at[i];
	size_t n = 0, at = 0;
	for (size_t k = 0; k < line->n; k++)
		n += line->runs[k].text.n;
	char *out = arena_alloc(v->arena, n + 1);
	for (size_t k = 0; k < line->n; k++) {
		memcpy(out + at, line->runs[k].text.p, line->runs[k].text.n);
		at += line->runs[k].text.n;
	}
	while (at && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
	return (struct str){out, at};
}

static void set_attr(struct buf *out, unsigned attr, bool colours)
{
	static const struct {
		unsigned attr;
		const char *code;
		bool colour;
	} codes[] = {
	    {TEXT_BOLD, ";1", false},    {TEXT_DIM, ";2", false},       {TEXT_RED, ";31", true},
	    {TEXT_YELLOW, ";33", true},  {TEXT_GREEN, ";32", true},     {TEXT_BLUE, ";36", true},
	    {TEXT_REVERSE, ";7", false}, {TEXT_UNDERLINE, ";4", false},
	};
	(void)buf_z(out, "\033[0");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (attr & codes[i].attr && (colours || !codes[i].colour))
			(void)buf_z(out, codes[i].code);
	(void)buf_char(out, 'm');
}

void lines_ansi(const struct lines *v, size_t i, bool colours, struct buf *out)
{
	const struct line *line = &v->at[i];
	unsigned now = 0;
	for (size_t k = 0; k < line->n; k++) {
		unsigned attr = line->runs[k].attr | line->attr;
		if (attr != now)
			set_attr(out, attr, colours);
		now = attr;
		(void)buf_str(out, line->runs[k].text);
	}
	if (line->attr & TEXT_REVERSE && line->columns < v->width) {
		if (now != line->attr)
			set_attr(out, line->attr, colours);
		now = line->attr;
		(void)buf_printf(out, "%*s", (int)(v->width - line->columns), "");
	}
	if (now)
		set_attr(out, 0, colours);
}
