/*
 * A tokenizer in the manner of browsers' (names, quoted attributes, comments, raw text elements) feeds
 * a writer that keeps at most the strongest pending white space.  A stack of open elements exists only
 * to know where a quote or a dropped element ends; beyond its depth elements are not remembered.
 */
#include <stdint.h>
#include <stdlib.h>

#include "common/mem.h"

#include "ingest/entities.h"
#include "ingest/html_element.h"
#include "ingest/html_text.h"

enum gap { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_PARAGRAPH };
enum { MAX_OPEN = 128 };

struct open {
	struct str name;
	enum html_kind kind;
	bool quote, drop, pre;
};

struct writer {
	struct arena *arena;
	char *out;
	size_t n, limit;
	enum gap gap, quote_gap;
	int pre, quote, drop; /* open elements of that kind */
	size_t quote_start;   /* SIZE_MAX: nothing written in it yet */
	struct html_text *ret;
	bool full;
};

struct reader {
	struct str s;
	size_t pos;
	enum html_text_mode mode;
	struct writer w;
	struct open open[MAX_OPEN];
	size_t n_open;
	bool no_more_gt; /* no '>' to come: not looked for again */
	bool no_more_comments;
};

struct attrs { /* those that matter */
	struct str class, src, alt, width, height;
};

/* ---- writing ----------------------------------------------------------------------- */

static void gap(struct writer *w, enum gap g)
{
	if (g > w->gap)
		w->gap = g;
}

static void put(struct writer *w, const char *p, size_t n)
{
	static const char *const gaps[] = {"", " ", "\n", "\n\n"};
	const char *between = w->n ? gaps[w->gap] : "";
	size_t m = strlen(between);
	if (w->ret->cut || w->n + m + n > w->limit) {
		w->ret->cut = true;
		return;
	}
	memcpy(w->out + w->n, between, m);
	w->n += m;
	w->gap = GAP_NONE;
	if (w->quote && w->quote_start == SIZE_MAX)
		w->quote_start = w->n;
	memcpy(w->out + w->n, p, n);
	w->n += n;
}

static void quote_open(struct writer *w)
{
	gap(w, w->quote_gap);
	if (w->quote++ == 0)
		w->quote_start = SIZE_MAX;
}

static void quote_close(struct writer *w)
{
	gap(w, w->quote_gap);
	if (--w->quote || w->quote_start == SIZE_MAX || w->ret->n_quotes == HTML_TEXT_MAX_QUOTES)
		return;
	struct post_span *last = w->ret->n_quotes ? &w->ret->quotes[w->ret->n_quotes - 1] : NULL;
	if (last && w->quote_start - last->end <= 2) /* only white space between */
		last->end = w->n;
	else
		w->ret->quotes[w->ret->n_quotes++] = (struct post_span){w->quote_start, w->n};
}

/* One code point of character data. */
static void put_cp(struct writer *w, unsigned cp, const char *p, size_t n)
{
	if (w->drop)
		return;
	switch (cp) {
	case '\n':
		gap(w, w->pre ? (w->gap >= GAP_LINE ? GAP_PARAGRAPH : GAP_LINE) : GAP_BLANK);
		return;
	case ' ':
	case '\t':
	case '\r':
	case '\f':
	case 0xa0:
		if (w->pre && cp != '\r' && w->gap == GAP_NONE && w->n)
			put(w, " ", 1);
		else
			gap(w, GAP_BLANK);
		return;
	case 0xfeff: return;
	default: break;
	}
	if (cp < 32 || (cp >= 0x7f && cp < 0xa0))
		return;
	put(w, p, n);
}

static void put_text(struct writer *w, struct str s, bool references)
{
	for (size_t pos = 0; pos < s.n && !w->ret->cut;) {
		struct entity e;
		if (references && s.p[pos] == '&' && entity_read(s, pos, &e)) {
			char u[4];
			if (e.cp)
				put_cp(w, e.cp, u, utf8_put(u, e.cp));
			pos += e.n;
			continue;
		}
		size_t from = pos;
		unsigned cp = utf8_next(s, &pos);
		put_cp(w, cp, s.p + from, pos - from);
	}
}

/* ---- elements ---------------------------------------------------------------------- */

static void image(struct reader *r, const struct attrs *a)
{
	struct writer *w = &r->w;
	if (w->drop)
		return;
	if (a->alt.n && a->alt.n <= 32 &&
	    (html_holds(a->class, "emoji") || html_holds(a->class, "smil") ||
	     html_holds(a->src, "/smil") || html_holds(a->src, "/emoji"))) {
		put_text(w, a->alt, false);
		return;
	}
	gap(w, GAP_BLANK);
	bool counter = str_is(a->width, "1") || str_is(a->height, "1");
	if (!a->src.n || counter || w->ret->n_images == HTML_TEXT_MAX_IMAGES ||
	    str_starts(a->src, "data:"))
		return;
	struct html_image *to = &w->ret->images[w->ret->n_images];
	char *copy = arena_try(w->arena, a->src.n + a->alt.n + 1);
	if (!copy) {
		w->full = true;
		return;
	}
	memcpy(copy, a->src.p, a->src.n);
	to->src = (struct str){copy, a->src.n};
	to->alt = STR_NULL;
	if (a->alt.n) {
		memcpy(copy + a->src.n, a->alt.p, a->alt.n);
		to->alt = (struct str){copy + a->src.n, a->alt.n};
	}
	w->ret->n_images++;
}

static void leave(struct reader *r)
{
	struct open *o = &r->open[--r->n_open];
	struct writer *w = &r->w;
	w->drop -= o->drop;
	w->pre -= o->pre;
	if (o->quote)
		quote_close(w);
	if (o->kind == HTML_BLOCK || o->kind == HTML_PRE || o->kind == HTML_QUOTE)
		gap(w, GAP_PARAGRAPH);
	else if (o->kind == HTML_LINE)
		gap(w, GAP_LINE);
	else if (o->kind == HTML_CELL)
		gap(w, GAP_BLANK);
}

static void enter(struct reader *r, struct str name, const struct attrs *a, bool empty)
{
	bool known;
	enum html_kind kind = html_kind_of(name, &known);
	struct writer *w = &r->w;
	switch (kind) {
	case HTML_BREAK:
		if (!w->drop)
			gap(w, w->gap >= GAP_LINE ? GAP_PARAGRAPH : GAP_LINE);
		return;
	case HTML_RULE: gap(w, GAP_PARAGRAPH); return;
	case HTML_VOID: return;
	case HTML_IMAGE: image(r, a); return;
	case HTML_LINE: gap(w, GAP_LINE); break;
	case HTML_CELL: gap(w, GAP_BLANK); break;
	case HTML_BLOCK:
	case HTML_PRE: gap(w, GAP_PARAGRAPH); break;
	default: break;
	}
	bool script = str_ieq(name, "script") || str_ieq(name, "style");
	if (empty && (r->mode == HTML_TEXT_XML || !known || (kind == HTML_RAW && !script)))
		return;
	bool boxed =
	    kind == HTML_LINE || kind == HTML_BLOCK || kind == HTML_CELL || kind == HTML_INLINE;
	bool quote = kind == HTML_QUOTE || (boxed && a->class.n && html_class_is_quote(a->class));
	if ((!known && !quote) || r->n_open == MAX_OPEN)
		return;
	r->open[r->n_open++] = (struct open){.name = name,
					     .kind = kind,
					     .quote = quote,
					     .drop = kind == HTML_DROP || kind == HTML_RAW,
					     .pre = kind == HTML_PRE};
	w->drop += kind == HTML_DROP || kind == HTML_RAW;
	w->pre += kind == HTML_PRE;
	if (quote)
		quote_open(w);
}

static void close_element(struct reader *r, struct str name)
{
	for (size_t i = r->n_open; i-- > 0;)
		if (html_same_name(r->open[i].name, name)) {
			while (r->n_open > i)
				leave(r);
			return;
		}
	bool known;
	enum html_kind kind = html_kind_of(name, &known);
	if (kind == HTML_BREAK || kind == HTML_BLOCK) /* "</p>" alone still parts */
		gap(&r->w, kind == HTML_BLOCK ? GAP_PARAGRAPH : GAP_LINE);
}

/* A new paragraph, item or row ends the one before, whose end tag may be left out. */
static void imply_end(struct reader *r, struct str name)
{
	static const char *const siblings[] = {"p", "li", "dt", "dd", "tr", "td", "th", "option"};
	if (!r->n_open)
		return;
	struct str top = r->open[r->n_open - 1].name;
	for (size_t i = 0; i < ARRAY_LEN(siblings); i++)
		if (str_ieq(name, siblings[i]) && str_ieq(top, siblings[i])) {
			leave(r);
			return;
		}
}

/* ---- reading ----------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	c |= 32;
	return c >= 'a' && c <= 'z';
}

static char peek(const struct reader *r, size_t ahead)
{
	return r->pos + ahead < r->s.n ? r->s.p[r->pos + ahead] : '\0';
}

/* References in an attribute decoded. */
static struct str value(struct reader *r, struct str raw)
{
	if (str_find(raw, '&', 0) == raw.n)
		return raw;
	char *out = arena_try(r->w.arena, raw.n);
	if (!out) {
		r->w.full = true;
		return STR("");
	}
	size_t n = 0;
	for (size_t pos = 0; pos < raw.n;) {
		struct entity e;
		if (raw.p[pos] == '&' && entity_read(raw, pos, &e)) {
			n += e.cp ? utf8_put(out + n, e.cp) : 0;
			pos += e.n;
		} else {
			out[n++] = raw.p[pos++];
		}
	}
	return (struct str){out, n};
}

static void read_attr(struct reader *r, struct attrs *a)
{
	size_t from = r->pos;
	while (r->pos < r->s.n && !is_space(peek(r, 0)) && peek(r, 0) != '=' && peek(r, 0) != '>' &&
	       peek(r, 0) != '/')
		r->pos++;
	struct str name = str_sub(r->s, from, r->pos), raw = STR("");
	if (r->pos == from)
		r->pos++; /* a stray '=' */
	while (is_space(peek(r, 0)))
		r->pos++;
	if (peek(r, 0) != '=')
		return;
	r->pos++;
	while (is_space(peek(r, 0)))
		r->pos++;
	char quote = peek(r, 0);
	if (quote == '"' || quote == '\'') {
		size_t end = str_find(r->s, quote, r->pos + 1);
		raw = str_sub(r->s, r->pos + 1, end);
		r->pos = end < r->s.n ? end + 1 : end;
	} else {
		from = r->pos;
		while (r->pos < r->s.n && !is_space(peek(r, 0)) && peek(r, 0) != '>')
			r->pos++;
		raw = str_sub(r->s, from, r->pos);
	}
	struct str *to = str_ieq(name, "class")    ? &a->class
			 : str_ieq(name, "src")    ? &a->src
			 : str_ieq(name, "alt")    ? &a->alt
			 : str_ieq(name, "width")  ? &a->width
			 : str_ieq(name, "height") ? &a->height
						   : NULL;
	if (to && !to->p)
		*to = value(r, raw);
}

static struct str read_name(struct reader *r)
{
	size_t from = r->pos;
	while (r->pos < r->s.n && !is_space(peek(r, 0)) && peek(r, 0) != '>' && peek(r, 0) != '/')
		r->pos++;
	struct str name = str_sub(r->s, from, r->pos);
	size_t colon = str_find(name, ':', 0);
	return r->mode == HTML_TEXT_XML && colon < name.n ? str_sub(name, colon + 1, name.n) : name;
}

/* Behind the start tag of a raw text element: moves to its end tag. */
static void skip_raw(struct reader *r, struct str name)
{
	while (r->pos < r->s.n) {
		r->pos = str_find(r->s, '<', r->pos);
		if (peek(r, 1) == '/' &&
		    html_same_name(str_sub(r->s, r->pos + 2, r->pos + 2 + name.n), name))
			return;
		r->pos++;
	}
}

static void read_start(struct reader *r)
{
	r->pos++;
	struct str name = read_name(r);
	struct attrs a = {0};
	bool empty = false;
	while (r->pos < r->s.n && peek(r, 0) != '>') {
		empty = peek(r, 0) == '/';
		if (empty || is_space(peek(r, 0)))
			r->pos++;
		else
			read_attr(r, &a);
	}
	r->pos++;
	imply_end(r, name);
	enter(r, name, &a, empty);
	bool known;
	bool script = str_ieq(name, "script") || str_ieq(name, "style");
	/* "<iframe/>" is written by those who think in XML; scripts are not risked */
	if (html_kind_of(name, &known) == HTML_RAW &&
	    !(empty && (r->mode == HTML_TEXT_XML || !script)))
		skip_raw(r, name);
}

static void read_end(struct reader *r)
{
	r->pos += 2;
	struct str name = read_name(r);
	r->pos = str_find(r->s, '>', r->pos) + 1;
	close_element(r, name);
}

static void read_markup(struct reader *r)
{
	struct str rest = str_sub(r->s, r->pos, r->s.n);
	char c = peek(r, 1);
	if (is_letter(c)) {
		read_start(r);
	} else if (c == '/' && is_letter(peek(r, 2))) {
		read_end(r);
	} else if (str_starts(rest, "<!--")) {
		size_t end = r->no_more_comments
				 ? rest.n
				 : str_find_str(str_sub(rest, 4, rest.n), STR("-->"));
		r->no_more_comments = 4 + end >= rest.n;
		if (4 + end >= rest.n) /* never ended: better too short than all the rest */
			r->pos = str_find(r->s, '>', r->pos) + 1;
		else
			r->pos += 4 + end + 3;
	} else if (r->mode == HTML_TEXT_XML && str_starts(rest, "<![CDATA[")) {
		struct str body = str_sub(rest, 9, rest.n);
		size_t end = str_find_str(body, STR("]]>"));
		put_text(&r->w, str_sub(body, 0, end), false);
		r->pos += 9 + end + 3;
	} else if ((c == '!' || c == '?' || c == '/') && !r->no_more_gt &&
		   str_find(r->s, '>', r->pos) < r->s.n) {
		r->pos = str_find(r->s, '>', r->pos) + 1;
	} else {
		r->no_more_gt = r->no_more_gt || c == '!' || c == '?' || c == '/';
		put_text(&r->w, STR("<"), false);
		r->pos++;
	}
}

/* Lines with ">" in front are quotes; what follows "-- " is a signature. */
static void read_plain(struct reader *r)
{
	struct str rest = r->s, line;
	struct writer *w = &r->w;
	bool quoting = false, signature = false;
	while (str_split(&rest, '\n', &line)) {
		struct str bare = str_trim(line);
		bool quoted = str_starts(bare, ">") || signature;
		if (!signature && (str_is(line, "-- ") || str_is(line, "-- \r")))
			quoted = signature = true;
		if (quoted && !quoting)
			quote_open(w);
		if (!quoted && quoting && bare.n)
			quote_close(w);
		quoting = quoted || (quoting && !bare.n);
		put_text(w, bare, false);
		gap(w, bare.n ? GAP_LINE : GAP_PARAGRAPH);
	}
	if (quoting)
		quote_close(w);
}

/* Quoted lines inside HTML that carries mail or forum text in <pre> or with <br>. */
static void mark_quoted_lines(struct html_text *t)
{
	if (t->n_quotes)
		return;
	size_t start = SIZE_MAX, end = 0;
	for (size_t pos = 0; pos <= t->text.n;) {
		size_t eol = str_find(t->text, '\n', pos);
		struct str line = str_sub(t->text, pos, eol);
		bool quoted =
		    line.n > 1 && line.p[0] == '>' && (line.p[1] == ' ' || line.p[1] == '>');
		if (quoted && start == SIZE_MAX)
			start = pos;
		if (quoted)
			end = eol;
		if ((!quoted && line.n) || eol >= t->text.n) {
			if (start != SIZE_MAX && t->n_quotes < HTML_TEXT_MAX_QUOTES)
				t->quotes[t->n_quotes++] = (struct post_span){start, end};
			start = SIZE_MAX;
		}
		pos = eol + 1;
	}
}

int html_text(struct str raw, enum html_text_mode mode, size_t limit_bytes, struct arena *arena,
	      struct html_text *ret)
{
	/* no reference is shorter than what it stands for, no gap wider than the markup that asks for
	 * it: the text is never longer than its source */
	size_t room = raw.n < limit_bytes ? raw.n : limit_bytes;
	struct reader *r = xcalloc(1, sizeof *r);
	*ret = (struct html_text){0};
	struct post_span *quotes = xcalloc(HTML_TEXT_MAX_QUOTES, sizeof *quotes);
	struct html_image images[HTML_TEXT_MAX_IMAGES];
	ret->quotes = quotes;
	ret->images = images;
	*r = (struct reader){.s = raw, .mode = mode};
	r->w = (struct writer){.arena = arena,
			       .limit = room,
			       .ret = ret,
			       .quote_start = SIZE_MAX,
			       .quote_gap = mode == HTML_TEXT_PLAIN ? GAP_LINE : GAP_PARAGRAPH};
	r->w.out = arena_try(arena, room + 1);
	r->w.full = !r->w.out;
	if (!r->w.full && mode == HTML_TEXT_PLAIN)
		read_plain(r);
	while (mode != HTML_TEXT_PLAIN && r->pos < raw.n && !r->w.full && !ret->cut) {
		size_t lt = str_find(raw, '<', r->pos);
		put_text(&r->w, str_sub(raw, r->pos, lt), true);
		r->pos = lt;
		if (lt < raw.n)
			read_markup(r);
	}
	while (!r->w.full && r->n_open)
		leave(r);
	if (!r->w.full) {
		r->w.out[r->w.n] = '\0';
		ret->text = (struct str){r->w.out, r->w.n};
		if (mode != HTML_TEXT_PLAIN)
			mark_quoted_lines(ret);
		ret->quotes = arena_try(arena, ret->n_quotes * sizeof *quotes);
		ret->images = arena_try(arena, ret->n_images * sizeof *images);
		if (ret->quotes && ret->images) {
			memcpy(ret->quotes, quotes, ret->n_quotes * sizeof *quotes);
			memcpy(ret->images, images, ret->n_images * sizeof *images);
		} else {
			r->w.full = true;
		}
	}
	int result = r->w.full ? -1 : 0;
	free(quotes);
	free(r);
	return result;
}

struct str html_line(struct str raw, enum html_text_mode mode, size_t limit_bytes,
		     struct arena *arena)
{
	struct html_text t;
	if (html_text(raw, mode, limit_bytes, arena, &t))
		return STR_NULL;
	size_t n = 0;
	char *p = (char *)(uintptr_t)t.text.p;
	for (size_t i = 0; i < t.text.n; i++) {
		bool blank = p[i] == '\n' || p[i] == ' ';
		if (!blank || (n && p[n - 1] != ' '))
			p[n++] = blank ? ' ' : p[i];
	}
	p[n] = '\0';
	return (struct str){p, n};
}
