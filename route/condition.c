/*
 * condition.c: a flat list of field conditions, all of which must hold.
 *
 * Each condition is one field, a comparison and either texts or two numbers; NOT flips the result
 * last, so NOT of an unknown value holds, as the language says.
 */
#include <math.h>
#include <string.h>

#include "common/mem.h"
#include "common/text/token.h"
#include "route/condition.h"
#include "route/condition_ast.h"

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

static bool any_text(const struct one *one, struct str value, bool language, struct arena *arena)
{
	if (!value.p)
		return false;
	struct str folded = text_fold(value, arena);
	for (size_t i = 0; i < one->n_texts; i++) {
		struct str want = one->texts[i];
		if (glob(want, folded))
			return true;
		if (language && folded.n > want.n && folded.p[want.n] == '-' &&
		    glob(want, str_sub(folded, 0, want.n)))
			return true;
	}
	return false;
}

static struct str host_of(struct str url)
{
	size_t at = str_find_str(url, STR("://"));
	if (at == url.n)
		return STR_NULL;
	struct str rest = str_sub(url, at + 3, url.n);
	size_t end = 0;
	while (end < rest.n && !strchr("/?#", rest.p[end]))
		end++;
	rest = str_sub(rest, 0, end);
	size_t user = str_find(rest, '@', 0);
	if (user < rest.n)
		rest = str_sub(rest, user + 1, rest.n);
	return str_sub(rest, 0, str_find(rest, ':', 0));
}

static bool site_holds(const struct one *one, struct str url, struct arena *arena)
{
	struct str host = url.p ? host_of(url) : STR_NULL;
	if (!host.n)
		return false;
	host = text_fold(host, arena);
	for (size_t from = 0; from < host.n; from = str_find(host, '.', from) + 1)
		for (size_t i = 0; i < one->n_texts; i++)
			if (glob(one->texts[i], str_sub(host, from, host.n)))
				return true;
	return false;
}

static bool word_holds(const struct one *one, const struct scored *s, struct arena *arena)
{
	const struct post *p = &s->post;
	const char *name = one->field->name;
	struct str value = STR_NULL;
	switch (name[0]) {
	case 's': value = p->source; break;
	case 'd': value = p->driver; break;
	case 'p': value = p->place; break;
	case 'k': value = p->kind; break;
	case 'r': value = p->author.role; break;
	case 'c': value = name[1] == 'h' ? p->channel : p->conversation; break;
	case 'l':
		value = s->has_analysis ? s->analysis.lang : p->lang;
		return any_text(one, value, true, arena);
	default:
		if (name[1] == 'd') {
			value = str_of(post_addressed_name(p->addressed));
			break;
		}
		value = p->author.handle;
		if (value.n > 1 && value.p[0] == '@')
			value = str_sub(value, 1, value.n);
		return any_text(one, value, false, arena) ||
		       any_text(one, p->author.name, false, arena);
	}
	return any_text(one, value, false, arena);
}

static double part(int32_t v)
{
	return v == POST_NO_P ? NAN : (double)v / POST_ONE;
}

static double whole(int64_t v)
{
	return v == POST_NO_NUMBER ? NAN : (double)v;
}

static double number_of(const struct one *one, const struct scored *s)
{
	const struct post *p = &s->post;
	const char *name = one->field->name;
	if (strcmp(name, "followers") == 0)
		return whole(p->author.followers);
	if (strcmp(name, "likes") == 0)
		return whole(p->counts.likes);
	if (strcmp(name, "replies") == 0)
		return whole(p->counts.replies);
	if (strcmp(name, "shares") == 0)
		return whole(p->counts.shares);
	if (strcmp(name, "views") == 0)
		return whole(p->counts.views);
	if (strcmp(name, "rating") == 0)
		return p->counts.rating;
	if (strcmp(name, "reach") == 0)
		return whole(p->author.followers != POST_NO_NUMBER ? p->author.followers
								   : p->counts.views);
	if (!s->has_analysis)
		return NAN;
	if (strcmp(name, "tonality") == 0)
		return part(s->analysis.tonality.score);
	if (strcmp(name, "relevance") == 0)
		return part(s->analysis.relevance);
	if (strcmp(name, "answer") == 0)
		return part(s->analysis.answer_p);
	return s->analysis.urgency.level < 0 ? NAN : s->analysis.urgency.level;
}

static bool number_holds(const struct one *one, double v)
{
	if (isnan(v))
		return false;
	return (one->above ? v > one->low : v >= one->low) &&
	       (one->below ? v < one->high : v <= one->high);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool in_quote(const struct post *p, size_t at)
{
	for (size_t i = 0; i < p->n_quotes; i++)
		if (at >= p->quotes[i].start && at < p->quotes[i].end)
			return true;
	return false;
}

/* A sentence ends in "?": the mark, then nothing, white space or a closing mark. */
static bool asks(struct str s, const struct post *quotes)
{
	for (size_t at = str_find(s, '?', 0); at < s.n; at = str_find(s, '?', at + 1)) {
		if (quotes && in_quote(quotes, at))
			continue;
		unsigned char next = at + 1 < s.n ? (unsigned char)s.p[at + 1] : ' ';
		if (is_space((char)next) || strchr("?!.)\"'", next) || next >= 0x80)
			return true;
	}
	return false;
}

static bool links(struct str s, const struct post *quotes)
{
	static const char *const starts[] = {"http://", "https://", "www."};
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t base = 0;
		for (;;) {
			struct str rest = str_sub(s, base, s.n);
			size_t at = str_find_str(rest, str_of(starts[i]));
			if (at == rest.n)
				break;
			if (!quotes || !in_quote(quotes, base + at))
				return true;
			base += at + 1;
		}
	}
	return false;
}

static bool has_media(const struct post *p, const char *kind)
{
	for (size_t i = 0; i < p->n_media; i++)
		if (str_is(p->media[i].kind, kind))
			return true;
	return false;
}

static bool has_holds(const struct one *one, const struct post *p)
{
	bool has[] = {
	    [HAS_LINK] = links(p->text, p) || links(p->title, NULL) || has_media(p, "link"),
	    [HAS_IMAGE] = has_media(p, "image"),
	    [HAS_VIDEO] = has_media(p, "video"),
	    [HAS_QUESTION] = asks(p->title, NULL) || asks(p->text, p),
	    [HAS_QUOTE] = p->n_quotes > 0,
	};
	for (size_t i = 0; i < ARRAY_LEN(has); i++)
		if (has[i] && one->set & (1u << i))
			return true;
	return false;
}

static bool time_holds(const struct one *one, const struct post *p)
{
	int64_t at = one->field->name[0] == 'c' ? p->created_at : p->fetched_at;
	if (at == POST_NO_TIME)
		return false;
	if (one->compare == C_RANGE)
		return at >= one->from && at < one->to;
	if (p->fetched_at == POST_NO_TIME)
		return false;
	int64_t age = p->fetched_at - at;
	return one->compare == C_AGE_BELOW ? age < one->from : age > one->from;
}

static bool one_holds(const struct one *one, const struct scored *s, struct arena *arena)
{
	const struct post *p = &s->post;
	switch (one->field->kind) {
	case F_WORD: return word_holds(one, s, arena);
	case F_SITE: return site_holds(one, p->url, arena);
	case F_HAS: return has_holds(one, p);
	case F_TIME: return time_holds(one, p);
	case F_NUMBER: return number_holds(one, number_of(one, s));
	case F_TONALITY:
		if (one->compare == C_RANGE)
			return number_holds(one, number_of(one, s));
		return s->has_analysis && one->set & (1u << s->analysis.tonality.label);
	case F_BOOL: break;
	}
	const char *name = one->field->name;
	int v = name[0] == 'o' ? p->owned : name[1] == 'o' ? p->author.bot : p->backfill;
	return v >= 0 && one->set & (v ? 1u : 2u);
}

bool condition_holds(const struct condition *condition, const struct scored *scored,
		     struct arena *arena)
{
	for (size_t i = 0; i < condition->n; i++)
		if (one_holds(&condition->at[i], scored, arena) == condition->at[i].negated)
			return false;
	return true;
}

static bool known_of_source(const struct one *one, const struct post *p)
{
	const struct {
		const char *name;
		bool known;
	} rows[] = {{"source", p->source.p},
		    {"driver", p->driver.p},
		    {"channel", p->channel.p},
		    {"place", p->place.p},
		    {"owned", true}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(one->field->name, rows[i].name) == 0)
			return rows[i].known;
	return false;
}

bool condition_may_hold(const struct condition *condition, const struct scored *source,
			struct arena *arena)
{
	for (size_t i = 0; i < condition->n; i++) {
		const struct one *one = &condition->at[i];
		if (known_of_source(one, &source->post) &&
		    one_holds(one, source, arena) == one->negated)
			return false;
	}
	return true;
}
