/*
 * top_say.c: see top_say.h.
 */
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "common/num.h"

#include "route/top_say.h"

struct str say_number(const struct say *say, int64_t n)
{
	return n == TOP_NONE ? STR("?") : words_number(say->arena, say->lang, n);
}

struct str say_duration(const struct say *say, int64_t ms)
{
	return words_duration(say->arena, say->lang, ms);
}

struct str say_team(const struct say *say, struct str name)
{
	for (size_t i = 0; i < say->m->n_teams; i++)
		if (str_eq(say->m->teams[i].name, name))
			return say->m->teams[i].label;
	return name;
}

struct str say_who(const struct say *say, struct str by)
{
	if (str_starts(by, "own:"))
		return SAY_FILL(say, W_OURSELVES, str_sub(by, 4, by.n));
	if (str_is(by, "source"))
		return str_of(word(say->lang, W_THE_SOURCE));
	return by.n ? by : STR("?");
}

/* ---- tickets ---- */

static bool is_over(const struct say *say, const struct top_ticket *t)
{
	return t->breached > 0 || (t->deadline != TOP_NONE && t->deadline <= say->m->now);
}

static struct said said(const char *z, unsigned attr)
{
	return (struct said){str_of(z), attr};
}

struct said say_time_left(const struct say *say, const struct top_ticket *t)
{
	bool runs = str_is(t->promise_state, "running") || str_is(t->promise_state, "breached");
	if (!runs || t->deadline == TOP_NONE)
		return said(word(say->lang, W_NO_PROMISE), TEXT_DIM);
	struct str time = say_duration(say, t->deadline - say->m->now);
	if (is_over(say, t))
		return (struct said){SAY_FILL(say, W_OVERDUE, time), TEXT_RED | TEXT_BOLD};
	return (struct said){SAY_FILL(say, W_LEFT, time), t->warned > 0 ? TEXT_YELLOW : 0};
}

/* ASCII case ignored: names of channels begin with a letter of either case inside place names. */
static bool contains(struct str s, struct str part)
{
	for (size_t i = 0; part.n && i + part.n <= s.n; i++)
		if (strncasecmp(s.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

struct str say_place(const struct say *say, const struct top_ticket *t)
{
	struct str channel = words_name(say->arena, say->lang, WORDS_CHANNEL, t->channel);
	struct str place = t->place.n ? t->place : t->source;
	if (contains(place, channel)) /* "Brieftal-Forum: Zustellung" says it already */
		return place;
	return str_of(arena_printf(say->arena, "%.*s %.*s", STR_ARG(channel), STR_ARG(place)));
}

struct str say_head(const struct say *say, const struct top_ticket *t)
{
	struct str head = str_trim(t->head);
	if (!head.n)
		return str_of(word(say->lang, t->deleted > 0 ? W_DELETED_TEXT : W_NO_TEXT));
	/* whom it speaks to is among the reasons: the words begin behind it */
	while (head.p[0] == '@') {
		struct str rest = str_trim(str_sub(head, str_find(head, ' ', 0), head.n));
		if (!rest.n)
			break;
		head = rest;
	}
	return head;
}

struct said say_tonality(const struct say *say, const struct top_ticket *t)
{
	struct str label = t->right_tonality.n ? t->right_tonality : t->tonality;
	unsigned attr = str_is(label, "negative")   ? TEXT_RED
			: str_is(label, "positive") ? TEXT_GREEN
			: str_is(label, "unsure")   ? TEXT_YELLOW
						    : 0;
	return (struct said){words_name(say->arena, say->lang, WORDS_TONALITY, label), attr};
}

struct said say_holder(const struct say *say, const struct top_ticket *t)
{
	if (!str_is(t->state, "claimed"))
		return said("", 0);
	int64_t left = t->lease_until == TOP_NONE ? 0 : t->lease_until - say->m->redis_now;
	bool mine = say->agent && str_is(t->agent, say->agent);
	struct str time = say_duration(say, left);
	if (left <= 0)
		return (struct said){SAY_FILL(say, W_LEASE_OVER, t->agent), TEXT_DIM};
	if (mine)
		return (struct said){SAY_FILL(say, W_HELD_BY_ME, time), TEXT_GREEN | TEXT_BOLD};
	return (struct said){SAY_FILL(say, W_HELD_BY, t->agent, time), TEXT_BLUE};
}

static struct str short_weight(const struct say *say, struct str weight)
{
	size_t dot = str_find(weight, '.', 0);
	while (dot < weight.n && (weight.p[weight.n - 1] == '0' || weight.p[weight.n - 1] == '.'))
		if (weight.p[--weight.n] == '.')
			break;
	if (say->lang != WORDS_DE || str_find(weight, '.', 0) == weight.n)
		return weight;
	char *text = arena_z(say->arena, weight);
	*strchr(text, '.') = ',';
	return str_of(text);
}

struct str say_input(const struct say *say, const struct top_factor *f)
{
	static const struct {
		const char *factor;
		enum words_group group;
	} groups[] = {
	    {"tonality", WORDS_TONALITY}, {"need", WORDS_URGENCY}, {"urgency", WORDS_URGENCY},
	    {"channel", WORDS_CHANNEL},   {"role", WORDS_ROLE},    {"addressed", WORDS_ADDRESSED},
	};
	int64_t n;
	if (!f->input.p)
		return STR("?");
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (str_is(f->name, groups[i].factor))
			return words_name(say->arena, say->lang, groups[i].group, f->input);
	if (str_is(f->name, "owned"))
		return str_of(word(say->lang, str_is(f->input, "yes") ? W_OWN_PAGE : W_OTHER_PAGE));
	if (str_is(f->name, "reach") && !num_int(f->input, 0, INT64_MAX, &n))
		return SAY_FILL(say, W_FOLLOWERS, say_number(say, n));
	if (str_is(f->name, "weight"))
		return str_of(
		    arena_printf(say->arena, "x%.*s", STR_ARG(short_weight(say, f->input))));
	return f->input;
}

static struct str factor_reason(const struct say *say, const struct top_ticket *t,
				const struct top_factor *f)
{
	static const char *const known[] = {"need",  "urgency", "owned",
					    "reach", "role",    "addressed"};
	bool own_page = str_is(t->owned, "yes");
	/* beside: the row's own columns; the own page is said once */
	if (str_is(f->name, "tonality") || str_is(f->name, "channel") ||
	    (str_is(f->name, "addressed") && str_is(f->input, "own_page") && own_page))
		return STR_NULL;
	if (str_is(f->name, "weight")) {
		struct str weight = short_weight(say, f->input);
		if (t->rule_name.n)
			return SAY_FILL(say, W_WEIGHT_NAMED, t->rule_name, weight);
		return SAY_FILL(say, W_WEIGHT, say_number(say, t->rule), weight);
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is(f->name, known[i]))
			return say_input(say, f);
	struct str name = words_name(say->arena, say->lang, WORDS_FACTOR, f->name);
	return str_of(arena_printf(say->arena, "%.*s %.*s", STR_ARG(name), STR_ARG(f->input)));
}

size_t say_reasons(const struct say *say, const struct top_ticket *t, struct said *ret, size_t max)
{
	size_t n = 0, used = 0;
	bool taken[32] = {false};
	struct said tone = say_tonality(say, t);
	if (t->aged > 0 && n < max)
		ret[n++] = said(word(say->lang, W_AGED), TEXT_RED);
	if (tone.text.n && n < max)
		ret[n++] = tone;
	/* by points, the heaviest first; what counts nothing is no reason */
	for (; used < t->n_factors && used < ARRAY_LEN(taken) && n < max; used++) {
		size_t best = SIZE_MAX;
		for (size_t i = 0; i < t->n_factors && i < ARRAY_LEN(taken); i++)
			if (!taken[i] && t->factors[i].points != 0 &&
			    (best == SIZE_MAX || t->factors[i].points > t->factors[best].points))
				best = i;
		if (best == SIZE_MAX)
			break;
		taken[best] = true;
		struct str text = factor_reason(say, t, &t->factors[best]);
		if (text.n)
			ret[n++] = (struct said){text, 0};
	}
	if (t->promise > 0 && n < max)
		ret[n++] =
		    (struct said){SAY_FILL(say, W_PROMISE_OF, say_duration(say, t->promise)), 0};
	if (t->posts > 1 && n < max)
		ret[n++] = (struct said){SAY_FILL(say, W_POSTS, say_number(say, t->posts)), 0};
	return n;
}

struct str say_reasons_line(const struct say *say, const struct top_ticket *t)
{
	struct said reasons[16];
	size_t n = say_reasons(say, t, reasons, ARRAY_LEN(reasons));
	struct str line = STR("");
	for (size_t i = 0; i < n; i++)
		line = str_of(arena_printf(say->arena, "%.*s%s%.*s", STR_ARG(line), i ? ", " : "",
					   STR_ARG(reasons[i].text)));
	return line;
}

/* ---- events ---- */

static bool same_moment(const struct top_event *e, const struct top_event *older, const char *name)
{
	return older && older->ticket == e->ticket && older->at == e->at &&
	       str_is(older->event, name);
}

static struct said say_created(const struct say *say, const struct top_event *e, int64_t promise)
{
	struct str channel = words_name(say->arena, say->lang, WORDS_CHANNEL, e->channel);
	struct str team = say_team(say, e->team);
	if (promise > 0)
		return (struct said){
		    SAY_FILL(say, W_EV_CREATED_PROMISE, channel, team, say_duration(say, promise)),
		    0};
	return (struct said){SAY_FILL(say, W_EV_CREATED, channel, team), 0};
}

static struct said say_end(const struct say *say, const struct top_event *e,
			   const struct top_event *fulfill)
{
	struct str who = say_who(say, e->by);
	if (str_is(e->event, "closed"))
		return (struct said){
		    SAY_FILL(say, W_EV_CLOSED, who,
			     words_name(say->arena, say->lang, WORDS_CLOSE, e->reason)),
		    0};
	if (!fulfill)
		return (struct said){SAY_FILL(say, W_EV_ANSWERED, who), TEXT_GREEN};
	return (struct said){
	    SAY_FILL(say, fulfill->in_time ? W_EV_ANSWERED_KEPT : W_EV_ANSWERED_MISSED, who),
	    fulfill->in_time ? TEXT_GREEN : TEXT_YELLOW};
}

static struct said say_corrected(const struct say *say, const struct top_event *e)
{
	enum words_group group = str_is(e->name, "tonality") ? WORDS_TONALITY : WORDS_LANG;
	struct str name = words_name(say->arena, say->lang, WORDS_FIELD, e->name);
	struct str to = words_name(say->arena, say->lang, group, e->to);
	struct str from = words_name(say->arena, say->lang, group, e->from);
	return (struct said){SAY_FILL(say, W_EV_CORRECTED, e->by, name, to, from), TEXT_BLUE};
}

struct said say_event(const struct say *say, const struct top_event *e,
		      const struct top_event *older, bool *ret_both)
{
	static const struct {
		const char *event;
		enum word id;
		unsigned attr;
	} simple[] = {
	    {"joined", W_EV_JOINED, 0},
	    {"updated", W_EV_UPDATED, 0},
	    {"breach", W_EV_BREACH, TEXT_RED},
	    {"claimed", W_EV_CLAIMED, TEXT_BLUE},
	    {"extended", W_EV_EXTENDED, TEXT_DIM},
	    {"deleted", W_EV_DELETED, 0},
	};
	struct str who = say_who(say, e->agent);
	*ret_both = false;
	for (size_t i = 0; i < ARRAY_LEN(simple); i++)
		if (str_is(e->event, simple[i].event))
			return (struct said){SAY_FILL(say, simple[i].id, who), simple[i].attr};
	if (str_is(e->event, "created"))
		return say_created(say, e, 0);
	if (str_is(e->event, "activate")) {
		*ret_both = same_moment(e, older, "created");
		if (*ret_both)
			return say_created(say, older, e->promise);
		return (struct said){SAY_FILL(say, W_EV_ACTIVATE, say_duration(say, e->promise)),
				     0};
	}
	if (str_is(e->event, "warn")) {
		int64_t left = e->deadline - say->m->now;
		if (left <= 0)
			return said(word(say->lang, W_EV_WARN_OVER), TEXT_YELLOW);
		return (struct said){SAY_FILL(say, W_EV_WARN, say_duration(say, left)),
				     TEXT_YELLOW};
	}
	if (str_is(e->event, "fulfill")) {
		struct str by = say_who(say, e->by);
		return (struct said){SAY_FILL(say, e->in_time ? W_EV_KEPT : W_EV_MISSED, by),
				     e->in_time ? TEXT_GREEN : TEXT_YELLOW};
	}
	if (str_is(e->event, "answered") || str_is(e->event, "closed")) {
		bool both = same_moment(e, older, "fulfill");
		*ret_both = both;
		return say_end(say, e, both ? older : NULL);
	}
	if (str_is(e->event, "released")) {
		bool expired = str_is(e->reason, "expired");
		return (struct said){SAY_FILL(say, expired ? W_EV_EXPIRED : W_EV_RELEASED, who),
				     expired ? TEXT_YELLOW : 0};
	}
	if (str_is(e->event, "corrected"))
		return say_corrected(say, e);
	return (struct said){e->event, TEXT_DIM};
}

/* ---- figures ---- */

struct str say_funnel(const struct say *say)
{
	const struct top_model *m = say->m;
	return SAY_FILL(say, W_FUNNEL, say_number(say, m->heard), say_number(say, m->routed),
			say_number(say, m->tickets), say_number(say, m->unsure));
}

struct str say_dropped(const struct say *say, size_t columns)
{
	const struct top_model *m = say->m;
	if (!m->filtered)
		return str_of(word(say->lang, W_NOTHING_DROPPED));
	struct str line = SAY_FILL(say, W_DROPPED, say_number(say, m->filtered));
	for (size_t i = 0; i < m->dropped.n; i++) {
		struct str name =
		    words_name(say->arena, say->lang, WORDS_DROPPED, m->dropped.at[i].name);
		struct str n = say_number(say, m->dropped.at[i].n);
		struct str more = str_of(arena_printf(say->arena, "%.*s%s%.*s %.*s", STR_ARG(line),
						      i ? ", " : "", STR_ARG(n), STR_ARG(name)));
		/* room for the dots, unless it is the last */
		if (text_width(more) + (i + 1 < m->dropped.n ? 5 : 0) > columns)
			return str_of(
			    arena_printf(say->arena, "%.*s%s", STR_ARG(line), i ? ", …" : "…"));
		line = more;
	}
	return line;
}

struct str say_delay(const struct say *say)
{
	const struct top_model *m = say->m;
	int class = top_delay_median(m);
	if (class < 0)
		return str_of(word(say->lang, W_HEARD_NOTHING));
	struct str longest = say_duration(say, m->delay_max_ms);
	if (class == TOP_DELAYS - 1)
		return SAY_FILL(say, W_HEARD_LATER, say_duration(say, top_delays[class - 1]),
				longest);
	return SAY_FILL(say, W_HEARD_WITHIN, say_duration(say, top_delay_end(m, class)), longest);
}
