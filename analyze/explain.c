#include <inttypes.h>
#include <stdlib.h>

#include "common/mem.h"

#include "analyze/explain.h"

static int64_t size_of(int64_t weight)
{
	return weight < 0 ? -weight : weight;
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

struct post_why *explain_spans(const struct scoring *in, const struct model_head *head,
			       const struct linear_sums *sums, const bool *chosen, int positive,
			       int negative, size_t *ret_n)
{
	/* spans come by place, so that of equal weights the first stays before */
	struct {
		size_t span;
		int64_t weight;
	} most[EXPLAIN_MOST + 1];
	size_t n = 0;
	int64_t *weights = arena_alloc(in->arena, in->features->n_spans * sizeof *weights + 1);
	int64_t least = EXPLAIN_LEAST;
	linear_span_weights(weights, in->model, head, sums, in->features, positive, negative);
	for (size_t i = 0; i < in->features->n_spans; i++) {
		int64_t weight = weights[i];
		if ((chosen && !chosen[i]) || size_of(weight) < least)
			continue;
		size_t at = n;
		for (; at > 0 && size_of(most[at - 1].weight) < size_of(weight); at--)
			most[at] = most[at - 1];
		most[at].span = i;
		most[at].weight = weight;
		if (n < EXPLAIN_MOST)
			n++;
		if (n == EXPLAIN_MOST)
			least = size_of(most[n - 1].weight) + 1;
	}
	struct post_why *why = arena_alloc(in->arena, (n + 1) * sizeof *why);
	for (size_t i = 0; i < n; i++) {
		bool title = most[i].span < in->features->n_title;
		struct str field = title ? in->post->title : in->post->text, words;
		size_t start = place_of(title ? in->title : in->text, field,
					&in->features->spans[most[i].span], &words);
		why[i] = (struct post_why){.field = title ? STR("title") : STR("text"),
					   .text = words,
					   .start = start,
					   .end = start + words.n,
					   .weight = most[i].weight};
	}
	*ret_n = n;
	return why;
}

struct post_why *explain_why(const struct scoring *in, const struct model_head *head, int positive,
			     int negative, size_t *ret_n)
{
	return explain_spans(in, head, in->sums, NULL, positive, negative, ret_n);
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

static void put_labels(struct buf *out, const char *name, const struct post_label *labels, size_t n)
{
	if (n == 0)
		return;
	(void)buf_printf(out, "  %s", name);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(out, "%s %.*s (%.2f)", i ? "," : "", STR_ARG(labels[i].label),
				 labels[i].p / (double)POST_ONE);
	(void)buf_char(out, '\n');
}

/* What the other heads say; of flags those that are worth a look. */
static void print_judgements(struct buf *out, const struct analysis *a)
{
	enum { WORTH = POST_ONE / 10 };
	const struct {
		const char *name;
		int32_t p;
	} others[] = {{"wants an answer", a->answer_p}, {"sarcasm", a->sarcasm_p},
		      {"threat", a->flags.threat},      {"violence", a->flags.violence},
		      {"insult", a->flags.insult},      {"self-harm", a->flags.selfharm},
		      {"spam", a->flags.spam},          {"on topic", a->relevance}};
	bool any = false;
	put_labels(out, "intent", a->intent, a->n_intent);
	if (a->urgency.level >= 0)
		(void)buf_printf(out, "  urgency %d (p of 2 or 3: %.2f)\n", a->urgency.level,
				 a->urgency.p / (double)POST_ONE);
	put_labels(out, "because of", a->urgency.reasons, a->urgency.n_reasons);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (others[i].p == POST_NO_P || (i > 0 && others[i].p < WORTH))
			continue;
		(void)buf_printf(out, "%s%s %.2f", any ? "   " : "  ", others[i].name,
				 others[i].p / (double)POST_ONE);
		any = true;
	}
	if (any)
		(void)buf_char(out, '\n');
	for (size_t i = 0; i < a->n_targets; i++) {
		const struct post_tonality_score *t = &a->targets[i].tonality;
		const char *label = post_tonality_name(t->label);
		(void)buf_z(out, "  towards ");
		put_line(out, a->targets[i].query);
		(void)buf_printf(out, ": %s (score %+.2f)\n", label ? label : "left to a person",
				 t->score / (double)POST_ONE);
	}
	for (size_t i = 0; i < a->n_facts; i++) {
		(void)buf_printf(out, "  %.*s ", STR_ARG(a->facts[i].kind));
		put_line(out, a->facts[i].value);
		(void)buf_z(out, a->facts[i].personal ? " (personal)\n" : "\n");
	}
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
	if (a->tonality.p != POST_NO_P) /* else nothing to judge */
		(void)buf_printf(out, " (p %.2f, score %+.2f)", a->tonality.p / (double)POST_ONE,
				 a->tonality.score / (double)POST_ONE);
	(void)buf_char(out, '\n');
	print_judgements(out, a);
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
