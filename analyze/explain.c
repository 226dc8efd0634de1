#include <inttypes.h>
#include <stdlib.h>

#include "common/mem.h"

#include "analyze/explain.h"

static int64_t size_of(int64_t weight)
{
	return weight < 0 ? -weight : weight;
}

static bool before(const struct post_why *a, const struct post_why *b)
{
	if (size_of(a->weight) != size_of(b->weight))
		return size_of(a->weight) > size_of(b->weight);
	bool title_a = str_is(a->field, "title"), title_b = str_is(b->field, "title");
	return title_a != title_b ? title_a : a->start < b->start;
}

/* The word, or the signs behind or before it, without the white space around. */
static size_t place_of(const struct tokens *tokens, struct str field,
		       const struct feature_span *span, struct str *ret_words)
{
	const struct token *t = &tokens->at[span->token];
	size_t from = t->start, to = t->end;
	if (span->place == FEATURE_BEHIND) {
		from = t->end;
		to = span->token + 1 < tokens->n ? t[1].start : field.n;
	} else if (span->place == FEATURE_BEFORE) {
		from = span->token > 0 ? t[-1].end : 0;
		to = t->start;
	}
	*ret_words = str_trim(str_sub(field, from, to));
	if (ret_words->n == 0) /* the mouth of ":D" is a word itself */
		*ret_words = str_sub(field, from, to);
	return (size_t)(ret_words->p - field.p);
}

struct post_why *explain_why(const struct scoring *in, const struct model_head *head, int positive,
			     int negative, size_t *ret_n)
{
	struct post_why *why = arena_alloc(in->arena, (EXPLAIN_MOST + 1) * sizeof *why);
	size_t n = 0;
	for (size_t i = 0; i < in->features->n_spans; i++) {
		const struct feature_span *span = &in->features->spans[i];
		int64_t weight = linear_span_weight(in->model, head, in->sums, in->features, span,
						    positive, negative);
		if (size_of(weight) < EXPLAIN_LEAST)
			continue;
		bool title = i < in->features->n_title;
		struct str field = title ? in->post->title : in->post->text, words;
		size_t start = place_of(title ? in->title : in->text, field, span, &words);
		struct post_why one = {.field = title ? STR("title") : STR("text"),
				       .text = words,
				       .start = start,
				       .end = start + words.n,
				       .weight = weight};
		size_t at = n;
		for (; at > 0 && before(&one, &why[at - 1]); at--)
			why[at] = why[at - 1];
		if (at < EXPLAIN_MOST)
			why[at] = one;
		if (n < EXPLAIN_MOST)
			n++;
	}
	*ret_n = n;
	return why;
}

/* ---- for people ------------------------------------------------------------------------------ */

static const char *colour_of(int64_t weight)
{
	return weight > 0 ? "\033[32;1m" : "\033[31;1m";
}

static const struct post_why *why_at(const struct analysis *a, const char *field, size_t pos)
{
	for (size_t i = 0; i < a->tonality.n_why; i++) {
		const struct post_why *w = &a->tonality.why[i];
		if (w->start == pos && str_is(w->field, field))
			return w;
	}
	return NULL;
}

/* One line of it: an id, a language. */
static void put_line(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		char c[4];
		unsigned cp = utf8_next(s, &i);
		(void)buf_add(out, c, utf8_put(c, utf8_plain(cp) ? cp : ' '));
	}
}

/* Strangers' text on a terminal: control characters would move the cursor. */
static void put_plain(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == 0x7f || (c < 0x20 && c != '\n'))
			(void)buf_char(out, ' ');
		else if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
			(void)buf_char(out, ' ');
		else if (i > 0 && c < 0xa0 && c >= 0x80 && (unsigned char)s.p[i - 1] == 0xc2)
			continue; /* second byte of a C1 control */
		else
			(void)buf_char(out, (char)c);
	}
}

static void print_field(struct buf *out, const char *name, struct str text,
			const struct analysis *a, bool colour)
{
	size_t plain = 0;
	for (size_t pos = 0; pos < text.n; pos++) {
		const struct post_why *w = why_at(a, name, pos);
		if (!w)
			continue;
		put_plain(out, str_sub(text, plain, pos));
		(void)buf_z(out, colour ? colour_of(w->weight) : w->weight > 0 ? "[+" : "[-");
		put_plain(out, w->text);
		(void)buf_z(out, colour ? "\033[0m" : "]");
		plain = w->end;
		pos = w->end - 1;
	}
	put_plain(out, str_sub(text, plain, text.n));
	(void)buf_char(out, '\n');
}

void explain_print(struct buf *out, const struct post *post, const struct analysis *a,
		   int64_t margin, bool colour)
{
	const char *label = post_tonality_name(a->tonality.label);
	put_line(out, post->id);
	(void)buf_char(out, '\n');
	if (post->title.n)
		print_field(out, "title", post->title, a, colour);
	if (post->text.n)
		print_field(out, "text", post->text, a, colour);
	struct str lang = a->lang.p ? a->lang : STR("unsure");
	(void)buf_z(out, "  language ");
	put_line(out, lang);
	(void)buf_printf(out, "   tonality %s", label ? label : "left to a person");
	if (a->tonality.p != POST_NO_P) /* no number: nothing to judge */
		(void)buf_printf(out, " (p %.2f, score %+.2f)", (double)a->tonality.p / POST_ONE,
				 (double)a->tonality.score / POST_ONE);
	(void)buf_char(out, '\n');
	int64_t rest = margin;
	for (size_t i = 0; i < a->tonality.n_why; i++) {
		const struct post_why *w = &a->tonality.why[i];
		(void)buf_printf(out, "  %+6" PRId64 "  ", w->weight);
		put_plain(out, w->text);
		(void)buf_char(out, '\n');
		rest -= w->weight;
	}
	(void)buf_printf(out,
			 "  %+6" PRId64 "  all else\n  %+6" PRId64
			 "  positive less negative, in thousandths\n\n",
			 rest, margin);
}
