/*
 * field.c: the values of a post's fields, and whether they satisfy a condition.
 */
#include <math.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/text/chars.h"
#include "common/text/link.h"

#include "common/query/field.h"
#include "common/query/spell.h"

/* Whole value; * any characters, ? exactly one.  Iterative: no pattern is slow. */
static bool glob(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '?') {
			(void)utf8_next(s, &i);
			p++;
		} else if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			mark = i;
		} else if (p < pattern.n && pattern.p[p] == s.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool any_text(const struct field_test *one, struct str value, bool language,
		     struct arena *arena)
{
	if (!value.p)
		return false;
	struct str folded = text_fold(value, arena);
	for (size_t i = 0; i < one->n_texts; i++) {
		struct str want = one->texts[i];
		if (glob(want, folded))
			return true;
		for (size_t end = 0; language && end < folded.n; end++) /* de is also de-AT */
			if ((folded.p[end] == '-' || folded.p[end] == '_') &&
			    glob(want, str_sub(folded, 0, end)))
				return true;
	}
	return false;
}

static bool site_holds(const struct field_test *one, struct str url, struct arena *arena)
{
	bool has_scheme = str_find_str(url, STR("://")) < url.n;
	struct str host = has_scheme ? link_host(url, NULL) : STR_NULL;
	if (!host.n)
		return false;
	host = text_fold(host, arena);
	for (size_t from = 0; from < host.n; from = str_find(host, '.', from) + 1)
		for (size_t i = 0; i < one->n_texts; i++)
			if (glob(one->texts[i], str_sub(host, from, host.n)))
				return true;
	return false;
}

enum { WORDS = 16 /* values of one post that are looked at */ };

/* What a post has of a field of words. */
static size_t words_of(enum field_id id, const struct field_post *s, struct str ret[WORDS])
{
	const struct post *p = s->post;
	const struct analysis *a = s->analysis;
	size_t n = 1;
	switch (id) {
	case FIELD_SOURCE: ret[0] = p->source; break;
	case FIELD_DRIVER: ret[0] = p->driver; break;
	case FIELD_CHANNEL: ret[0] = p->channel; break;
	case FIELD_PLACE: ret[0] = p->place; break;
	case FIELD_KIND: ret[0] = p->kind; break;
	case FIELD_CONVERSATION: ret[0] = p->conversation; break;
	case FIELD_ROLE: ret[0] = p->author.role; break;
	case FIELD_ADDRESSED: ret[0] = str_of(post_addressed_name(p->addressed)); break;
	case FIELD_LANG: ret[0] = post_lang(p, a); break;
	case FIELD_AUTHOR:
		ret[0] = p->author.handle;
		if (ret[0].n > 1 && ret[0].p[0] == '@')
			ret[0] = str_sub(ret[0], 1, ret[0].n);
		ret[n++] = p->author.name;
		break;
	default: /* FIELD_INTENT */
		for (n = 0; a && n < a->n_intent && n < WORDS; n++)
			ret[n] = a->intent[n].label;
	}
	return n;
}

static bool word_holds(const struct field_test *one, const struct field_post *s,
		       struct arena *arena)
{
	struct str values[WORDS];
	size_t n = words_of(one->field->id, s, values);
	for (size_t i = 0; i < n; i++)
		if (any_text(one, values[i], one->field->id == FIELD_LANG, arena))
			return true;
	return false;
}

static double part(int32_t v)
{
	return v == POST_NO_P ? NAN : (double)v / POST_ONE;
}

static double whole(int64_t v)
{
	return v == POST_NO_NUMBER ? NAN : (double)v;
}

static size_t own_words(const struct tokens *t)
{
	size_t n = 0;
	for (size_t i = 0; t && i < t->n; i++)
		n += !t->at[i].quoted;
	return n;
}

static double number_of(enum field_id id, const struct field_post *s)
{
	const struct post *p = s->post;
	const struct analysis *a = s->analysis;
	switch (id) {
	case FIELD_FOLLOWERS: return whole(p->author.followers);
	case FIELD_LIKES: return whole(p->counts.likes);
	case FIELD_REPLIES: return whole(p->counts.replies);
	case FIELD_SHARES: return whole(p->counts.shares);
	case FIELD_VIEWS: return whole(p->counts.views);
	case FIELD_RATING: return p->counts.rating;
	case FIELD_REACH:
		return whole(p->author.followers != POST_NO_NUMBER ? p->author.followers
								   : p->counts.views);
	case FIELD_WORDS:
		return s->text || s->title ? (double)(own_words(s->title) + own_words(s->text))
					   : NAN;
	default: break;
	}
	if (!a)
		return NAN;
	switch (id) {
	case FIELD_TONALITY: return part(a->tonality.score);
	case FIELD_RELEVANCE: return part(a->relevance);
	case FIELD_ANSWER: return part(a->answer_p);
	case FIELD_THREAT: return part(a->flags.threat);
	case FIELD_INSULT: return part(a->flags.insult);
	case FIELD_SPAM: return part(a->flags.spam);
	case FIELD_SARCASM: return part(a->sarcasm_p);
	default: return a->urgency.level < 0 ? NAN : a->urgency.level;
	}
}

static bool number_holds(const struct field_test *one, double v)
{
	if (isnan(v))
		return false;
	return (one->above ? v > one->low : v >= one->low) &&
	       (one->below ? v < one->high : v <= one->high);
}

/* Where the quote ends that `at` is in; `at`: in none. */
static size_t behind_quote(const struct post *p, size_t at)
{
	for (size_t i = 0; p && i < p->n_quotes; i++)
		if (at >= p->quotes[i].start && at < p->quotes[i].end)
			return p->quotes[i].end;
	return at;
}

/* Does a sentence end in "?": the mark, closing marks, blanks, then nothing that goes on with it (UAX #29,
 * SB8a)?  A quote is a blank. */
static bool asks(struct str s, const struct post *quotes, const struct tokens *words)
{
	size_t word = 0;
	for (size_t at = str_find(s, '?', 0); at < s.n; at = str_find(s, '?', at + 1)) {
		enum char_sb sb = SB_SEP;
		bool blank = false;
		while (words && word < words->n && words->at[word].end <= at)
			word++;
		bool inside = words && word < words->n && words->at[word].start <= at; /* a link */
		if (inside || behind_quote(quotes, at) > at)
			continue;
		for (size_t pos = at + 1; pos < s.n;) {
			size_t behind = behind_quote(quotes, pos);
			if (behind > pos) {
				blank = true;
				pos = behind;
				continue;
			}
			sb = char_sb(char_class(char_next(s, &pos)));
			blank = blank || sb == SB_SP;
			if (sb != SB_SP && sb != SB_EXTEND && (sb != SB_CLOSE || blank))
				break;
			sb = SB_SEP;
		}
		if (sb != SB_SCONTINUE && sb != SB_STERM && sb != SB_ATERM)
			return true;
	}
	return false;
}

static bool links(const struct tokens *t)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (t->at[i].kind == TOKEN_URL && !t->at[i].quoted)
			return true;
	return false;
}

static bool has_media(const struct post *p, const char *kind)
{
	for (size_t i = 0; i < p->n_media; i++)
		if (str_is(p->media[i].kind, kind))
			return true;
	return false;
}

static bool quotes(const struct post *p)
{
	for (size_t i = 0; i < p->n_quotes; i++)
		if (p->quotes[i].end > p->quotes[i].start)
			return true;
	return false;
}

static bool has_holds(const struct field_test *one, const struct field_post *s)
{
	const struct post *p = s->post;
	bool has[] = {
	    [HAS_LINK] = links(s->text) || links(s->title) || has_media(p, "link"),
	    [HAS_IMAGE] = has_media(p, "image"),
	    [HAS_VIDEO] = has_media(p, "video"),
	    [HAS_QUESTION] = asks(p->title, NULL, s->title) || asks(p->text, p, s->text),
	    [HAS_QUOTE] = quotes(p),
	};
	for (size_t i = 0; i < ARRAY_LEN(has); i++)
		if (has[i] && one->set & (1u << i))
			return true;
	return false;
}

static int64_t time_of(enum field_id id, const struct post *p)
{
	return id == FIELD_CREATED ? p->created_at : p->fetched_at;
}

/* -1: unknown. */
static int flag_of(enum field_id id, const struct post *p)
{
	switch (id) {
	case FIELD_OWNED: return p->owned_known ? p->owned : -1;
	case FIELD_BOT: return p->author.bot;
	default: return p->backfill_known ? p->backfill : -1;
	}
}

static bool time_holds(const struct field_test *one, const struct post *p)
{
	int64_t at = time_of(one->field->id, p);
	if (at == POST_NO_TIME)
		return false;
	if (one->compare == C_RANGE)
		return at >= one->from && at < one->to;
	if (p->fetched_at == POST_NO_TIME)
		return false;
	int64_t age = p->fetched_at - at;
	return one->compare == C_AGE_BELOW ? age < one->from : age > one->from;
}

static bool one_holds(const struct field_test *one, const struct field_post *s, struct arena *arena)
{
	const struct post *p = s->post;
	switch (one->field->kind) {
	case F_WORD: return word_holds(one, s, arena);
	case F_SITE: return site_holds(one, p->url, arena);
	case F_HAS: return has_holds(one, s);
	case F_TARGET: return s->target && one->set & (1u << s->target);
	case F_TIME: return time_holds(one, p);
	case F_NUMBER: return number_holds(one, number_of(one->field->id, s));
	case F_TONALITY:
		if (one->compare == C_RANGE)
			return number_holds(one, number_of(one->field->id, s));
		return s->analysis && one->set & (1u << s->analysis->tonality.label);
	case F_BOOL: break;
	}
	int v = flag_of(one->field->id, p);
	return v >= 0 && one->set & (v ? 1u : 2u);
}

bool field_holds(const struct field_test *test, const struct field_post *p, struct arena *arena)
{
	for (; test; test = test->other)
		if (one_holds(test, p, arena))
			return true;
	return false;
}

bool field_of_source(const struct field_test *one, const struct post *p)
{
	switch (one->field->id) {
	case FIELD_SOURCE: return p->source.p;
	case FIELD_DRIVER: return p->driver.p;
	case FIELD_CHANNEL: return p->channel.p;
	case FIELD_PLACE: return p->place.p;
	case FIELD_OWNED: return true;
	default: return false;
	}
}

static void put_words(enum field_id id, const struct field_post *p, struct buf *out)
{
	struct str values[WORDS];
	size_t n = words_of(id, p, values), put = 0;
	for (size_t i = 0; i < n; i++)
		if (values[i].n)
			(void)buf_printf(out, "%s%.*s", put++ ? ", " : "", STR_ARG(values[i]));
	if (!put)
		(void)buf_z(out, "unknown");
}

static void put_number(double v, struct buf *out)
{
	if (isnan(v))
		(void)buf_z(out, "unknown");
	else
		(void)buf_printf(out, "%.10g", v);
}

static void put_label(enum post_tonality label, struct buf *out)
{
	const char *name = post_tonality_name(label);
	(void)buf_z(out, name ? name : "unknown");
}

void field_put_value(const struct field *field, const struct field_post *p, struct buf *out)
{
	char time[NUM_TIME_LEN + 1] = "unknown";
	switch (field->kind) {
	case F_WORD: put_words(field->id, p, out); return;
	case F_SITE: (void)buf_str(out, p->post->url.n ? p->post->url : STR("unknown")); return;
	case F_NUMBER: put_number(number_of(field->id, p), out); return;
	case F_TARGET: put_label(p->target, out); return;
	case F_TONALITY:
		put_label(p->analysis ? p->analysis->tonality.label : POST_TONALITY_NULL, out);
		(void)buf_z(out, ", ");
		put_number(number_of(field->id, p), out);
		return;
	case F_BOOL: {
		int v = flag_of(field->id, p->post);
		(void)buf_z(out, v < 0 ? "unknown" : v ? "yes" : "no");
		return;
	}
	case F_TIME:
		if (time_of(field->id, p->post) != POST_NO_TIME)
			num_time_text(time_of(field->id, p->post), time);
		(void)buf_z(out, time);
		return;
	case F_HAS: return;
	}
}

bool field_reads_words(const struct field_test *test)
{
	return test->field->kind == F_HAS || test->field->id == FIELD_WORDS;
}

/* Is `under` the same as `over`, or a part of it: de-AT of de, a.dhl.de of dhl.de? */
static bool covers(enum field_kind kind, struct str over, struct str under)
{
	if (under.n <= over.n)
		return str_eq(over, under);
	return kind == F_SITE ? under.p[under.n - over.n - 1] == '.' &&
				    str_eq(over, str_sub(under, under.n - over.n, under.n))
			      : under.p[over.n] == '-' && str_eq(over, str_sub(under, 0, over.n));
}

static bool texts_together(const struct field_test *a, const struct field_test *b)
{
	enum { FEW = 100 }; /* are compared */
	enum field_kind kind = a->field->kind;
	if (a->n_texts > FEW || b->n_texts > FEW || a->field->id == FIELD_AUTHOR ||
	    a->field->id == FIELD_INTENT) /* of these a post has several */
		return true;
	for (size_t i = 0; i < a->n_texts; i++)
		for (size_t k = 0; k < b->n_texts; k++)
			if (spell_wild(a->texts[i]) || spell_wild(b->texts[k]) ||
			    covers(kind, a->texts[i], b->texts[k]) ||
			    covers(kind, b->texts[k], a->texts[i]))
				return true;
	return false;
}

static bool ranges_together(const struct field_test *a, const struct field_test *b)
{
	double low = fmax(a->low, b->low), high = fmin(a->high, b->high);
	bool open = (a->above && a->low == low) || (b->above && b->low == low) ||
		    (a->below && a->high == high) || (b->below && b->high == high);
	return open ? low < high : low <= high;
}

static bool one_together(const struct field_test *a, const struct field_test *b)
{
	if (a->compare != b->compare)
		return true;
	switch (a->field->kind) {
	case F_WORD:
	case F_SITE: return texts_together(a, b);
	case F_BOOL:
	case F_TARGET: return (a->set & b->set) != 0;
	case F_HAS: return true;
	case F_NUMBER: return ranges_together(a, b);
	case F_TONALITY:
		return a->compare == C_RANGE ? ranges_together(a, b) : (a->set & b->set) != 0;
	case F_TIME: break;
	}
	return a->compare != C_RANGE || (a->from < b->to && b->from < a->to);
}

bool field_together(const struct field_test *a, const struct field_test *b)
{
	if (a->field != b->field)
		return true;
	for (const struct field_test *x = a; x; x = x->other)
		for (const struct field_test *y = b; y; y = y->other)
			if (one_together(x, y))
				return true;
	return false;
}

struct str field_unknown(const struct field_test *test)
{
	const char *known = test->field->known;
	for (size_t i = 0; known && i < test->n_texts; i++) {
		struct str value = test->texts[i];
		size_t at = str_find_str(str_of(known), value);
		bool whole =
		    known[at] && at > 0 && known[at - 1] == ' ' && known[at + value.n] == ' ';
		if (!whole && !spell_wild(value))
			return value;
	}
	return STR_NULL;
}
