/*
 * top_facts.c: counters, ticket hashes, receipts and events as the views want them.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/mem.h"
#include "common/num.h"

#include "route/top_model.h"

const int64_t top_delays[TOP_DELAYS] = {60000,    300000,   900000,   3600000,
					21600000, 86400000, INT64_MAX};

enum {
	NAMES_MAX = 200
}; /* channels, teams, languages, reasons: strangers cannot add any, rules can */

/* ---- counters ---- */

static struct top_channel *channel_of(struct top_model *m, struct str name)
{
	for (size_t i = 0; i < m->n_channels; i++)
		if (str_eq(m->channels[i].name, name))
			return &m->channels[i];
	if (!m->channels)
		m->channels = arena_zalloc(m->arena, NAMES_MAX * sizeof *m->channels);
	if (m->n_channels == NAMES_MAX)
		return &m->channels[NAMES_MAX - 1];
	m->channels[m->n_channels].name = arena_str(m->arena, name);
	return &m->channels[m->n_channels++];
}

static struct top_tone *tone_of(struct top_model *m, struct str lang)
{
	for (size_t i = 0; i < m->n_tones; i++)
		if (str_eq(m->tones[i].lang, lang))
			return &m->tones[i];
	if (!m->tones)
		m->tones = arena_zalloc(m->arena, NAMES_MAX * sizeof *m->tones);
	if (m->n_tones == NAMES_MAX)
		return &m->tones[NAMES_MAX - 1];
	m->tones[m->n_tones].lang = arena_str(m->arena, lang);
	return &m->tones[m->n_tones++];
}

struct top_team *top_model_team(struct top_model *m, struct str name)
{
	for (size_t i = 0; i < m->n_teams; i++)
		if (str_eq(m->teams[i].name, name))
			return &m->teams[i];
	if (!m->teams)
		m->teams = arena_zalloc(m->arena, NAMES_MAX * sizeof *m->teams);
	if (m->n_teams == NAMES_MAX)
		return &m->teams[NAMES_MAX - 1];
	struct top_team *team = &m->teams[m->n_teams++];
	team->name = team->label = arena_str(m->arena, name);
	return team;
}

static bool take_prefix(struct str *name, const char *prefix)
{
	if (!str_starts(*name, prefix))
		return false;
	*name = str_sub(*name, strlen(prefix), name->n);
	return true;
}

static void count_tone(struct top_model *m, struct str name, int64_t value)
{
	size_t colon = str_find(name, ':', 0);
	struct str label = str_sub(name, colon + 1, name.n);
	struct top_tone *tone = tone_of(m, str_sub(name, 0, colon));
	if (str_is(label, "negative"))
		tone->negative += value;
	else if (str_is(label, "neutral"))
		tone->neutral += value;
	else if (str_is(label, "positive"))
		tone->positive += value;
	else
		tone->unsure += value;
}

static void count_delay(struct top_model *m, struct str name, int64_t value)
{
	int64_t seconds;
	if (str_is(name, "n"))
		m->delay_n = value;
	else if (str_is(name, "sum"))
		m->delay_sum_ms = value;
	else if (str_is(name, "max"))
		m->delay_max_ms = value;
	else if (take_prefix(&name, "n:"))
		channel_of(m, name)->delay_n = value;
	else if (take_prefix(&name, "sum:"))
		channel_of(m, name)->delay_sum_ms = value;
	else if (str_is(name, "le:inf"))
		m->delay_le[TOP_DELAYS - 1] += value;
	else if (take_prefix(&name, "le:") && !num_int(name, 0, 1000000000, &seconds))
		for (size_t i = 0; i < TOP_DELAYS - 1; i++)
			if (top_delays[i] == seconds * 1000)
				m->delay_le[i] += value;
}

void top_model_counter(struct top_model *m, struct str name, int64_t value)
{
	static const struct {
		const char *name;
		size_t offset;
	} plain[] = {
	    {"heard", offsetof(struct top_model, heard)},
	    {"routed", offsetof(struct top_model, routed)},
	    {"tickets", offsetof(struct top_model, tickets)},
	    {"unsure", offsetof(struct top_model, unsure)},
	    {"filtered", offsetof(struct top_model, filtered)},
	    {"updated", offsetof(struct top_model, updated)},
	    {"deleted", offsetof(struct top_model, deleted)},
	    {"repeat", offsetof(struct top_model, repeated)},
	    {"answered", offsetof(struct top_model, answered)},
	    {"closed", offsetof(struct top_model, closed)},
	    {"corrected", offsetof(struct top_model, corrected)},
	};
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (str_is(name, plain[i].name)) {
			memcpy((char *)m + plain[i].offset, &value, sizeof value);
			return;
		}
	if (take_prefix(&name, "filtered:")) {
		if (!m->dropped.at) {
			m->dropped.room = NAMES_MAX;
			m->dropped.at = arena_alloc(m->arena, NAMES_MAX * sizeof *m->dropped.at);
		}
		if (m->dropped.n < m->dropped.room && value)
			m->dropped.at[m->dropped.n++] =
			    (struct top_count){arena_str(m->arena, name), value};
	} else if (take_prefix(&name, "tonality:"))
		count_tone(m, name, value);
	else if (take_prefix(&name, "team:"))
		top_model_team(m, name)->made = value;
	else if (take_prefix(&name, "delay:"))
		count_delay(m, name, value);
	else if (take_prefix(&name, "kept:"))
		channel_of(m, name)->kept = value;
	else if (take_prefix(&name, "missed:"))
		channel_of(m, name)->missed = value;
	else if (take_prefix(&name, "due:"))
		channel_of(m, name)->due = value;
	else if (take_prefix(&name, "late:"))
		channel_of(m, name)->late = value;
	else if (take_prefix(&name, "void:"))
		channel_of(m, name)->ended = value;
}

int top_delay_median(const struct top_model *m)
{
	int64_t n = 0, seen = 0;
	for (size_t i = 0; i < TOP_DELAYS; i++)
		n += m->delay_le[i];
	for (int i = 0; i < TOP_DELAYS && n; i++) {
		seen += m->delay_le[i];
		if (2 * seen >= n)
			return i;
	}
	return -1;
}

int64_t top_delay_end(const struct top_model *m, int class)
{
	return top_delays[class] < m->delay_max_ms ? top_delays[class] : m->delay_max_ms;
}

/* ---- order ---- */

static int by_count(const void *a, const void *b)
{
	const struct top_count *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static int by_channel(const void *a, const void *b)
{
	const struct top_channel *x = a, *y = b;
	int64_t m = x->kept + x->missed + x->due + x->late,
		n = y->kept + y->missed + y->due + y->late;
	if (m != n)
		return m > n ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static int by_tone(const void *a, const void *b)
{
	const struct top_tone *x = a, *y = b;
	int64_t m = x->negative + x->neutral + x->positive + x->unsure,
		n = y->negative + y->neutral + y->positive + y->unsure;
	if (m != n)
		return m > n ? -1 : 1;
	return str_cmp(x->lang, y->lang);
}

static int by_team(const void *a, const void *b)
{
	const struct top_team *x = a, *y = b;
	if (x->made != y->made)
		return x->made > y->made ? -1 : 1;
	return str_cmp(x->name, y->name);
}

/* As the queue itself orders (docs/INTERFACES.md, "Order of work"): aged out before all, overdue by
 * weight alone, else by rank.  All on one scale, `now` taken off. */
static int64_t place_of(const struct top_ticket *t, int64_t now)
{
	if (t->aged > 0)
		return (t->start == TOP_NONE ? 0 : t->start) - INT64_C(100000000000000);
	if (t->breached > 0)
		return -t->boost;
	return t->rank - now;
}

struct placed {
	int64_t place;
	struct top_ticket ticket;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->ticket.id < y->ticket.id ? -1 : x->ticket.id > y->ticket.id;
}

static void sort(void *p, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	if (n > 1)
		qsort(p, n, size, compare);
}

void top_model_sort(struct top_model *m)
{
	sort(m->dropped.at, m->dropped.n, sizeof *m->dropped.at, by_count);
	sort(m->channels, m->n_channels, sizeof *m->channels, by_channel);
	sort(m->tones, m->n_tones, sizeof *m->tones, by_tone);
	sort(m->teams, m->n_teams, sizeof *m->teams, by_team);
	if (!m->n_queue)
		return;
	struct placed *placed = arena_alloc(m->arena, m->n_queue * sizeof *placed);
	for (size_t i = 0; i < m->n_queue; i++)
		placed[i] = (struct placed){place_of(&m->queue[i], m->now), m->queue[i]};
	sort(placed, m->n_queue, sizeof *placed, by_place);
	for (size_t i = 0; i < m->n_queue; i++)
		m->queue[i] = placed[i].ticket;
}

/* ---- tickets ---- */

#define TEXT(f)                                                                                    \
	{                                                                                          \
#f, offsetof(struct top_ticket, f), false                                          \
	}
#define NUMBER(f)                                                                                  \
	{                                                                                          \
#f, offsetof(struct top_ticket, f), true                                           \
	}
#define NAMED(name, f)                                                                             \
	{                                                                                          \
		name, offsetof(struct top_ticket, f), false                                        \
	}
static const struct field {
	const char *name;
	size_t offset;
	bool number;
} fields[] = {
    NUMBER(id),
    TEXT(state),
    TEXT(team),
    TEXT(lane),
    NUMBER(rule),
    TEXT(rule_name),
    TEXT(when),
    NUMBER(priority),
    NUMBER(boost),
    NUMBER(rank),
    TEXT(receipt),
    TEXT(conversation),
    TEXT(author_handle),
    TEXT(author_name),
    NUMBER(followers),
    TEXT(source),
    TEXT(channel),
    TEXT(place),
    TEXT(owned),
    TEXT(kind),
    TEXT(addressed),
    TEXT(role),
    TEXT(url),
    TEXT(reply_via),
    TEXT(post),
    NUMBER(posts),
    TEXT(head),
    TEXT(lang),
    TEXT(tonality),
    TEXT(tonality_p),
    TEXT(urgency),
    NUMBER(created_at),
    NUMBER(heard_at),
    NUMBER(opened_at),
    NUMBER(promise),
    NUMBER(start),
    NUMBER(deadline),
    TEXT(promise_state),
    NUMBER(warned),
    NUMBER(breached),
    NUMBER(aged),
    TEXT(agent),
    NUMBER(token),
    NUMBER(lease_until),
    NUMBER(answered_at),
    TEXT(answered_by),
    TEXT(answer_url),
    NUMBER(closed_at),
    TEXT(closed_by),
    TEXT(close_reason),
    NUMBER(deleted),
    NAMED("corrected_tonality", right_tonality),
    NAMED("corrected_lang", right_lang),
    NAMED("corrected_relevance", right_relevance),
};
const size_t top_ticket_n_fields = ARRAY_LEN(fields);

const char *top_ticket_field(size_t i)
{
	must(i < ARRAY_LEN(fields));
	return fields[i].name;
}

void top_ticket_init(struct top_ticket *t)
{
	*t = (struct top_ticket){0};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].number)
			*(int64_t *)(void *)((char *)t + fields[i].offset) = TOP_NONE;
}

void top_ticket_set(struct top_ticket *t, size_t i, struct str value)
{
	int64_t number;
	must(i < ARRAY_LEN(fields));
	void *to = (char *)t + fields[i].offset;
	if (!fields[i].number)
		*(struct str *)to = value;
	else if (value.n && !num_int(value, INT64_MIN + 1, INT64_MAX, &number))
		*(int64_t *)to = number;
}

static struct str text_of(const json_t *object, const char *name, struct arena *arena)
{
	const json_t *v = json_object_get(object, name);
	if (!json_is_string(v))
		return STR_NULL;
	return arena_str(arena, (struct str){json_string_value(v), json_string_length(v)});
}

static int64_t number_of(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);
	return json_is_integer(v) ? json_integer_value(v) : TOP_NONE;
}

void top_ticket_receipt(struct top_ticket *t, struct arena *arena)
{
	t->sum = t->decided_at = TOP_NONE;
	json_t *root = t->receipt.n
			   ? json_loadb(t->receipt.p, t->receipt.n, JSON_REJECT_DUPLICATES, NULL)
			   : NULL;
	const json_t *list = json_object_get(root, "factors");
	size_t n = json_array_size(list);
	t->factors = n ? arena_alloc(arena, n * sizeof *t->factors) : NULL;
	t->n_factors = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *f = json_array_get(list, i);
		int64_t points = number_of(f, "points");
		t->factors[i] =
		    (struct top_factor){text_of(f, "name", arena), text_of(f, "input", arena),
					points == TOP_NONE ? 0 : points};
	}
	t->sum = number_of(root, "sum");
	t->decided_at = number_of(root, "at");
	t->engine = text_of(root, "engine", arena);
	t->model = text_of(root, "model", arena);
	t->config = text_of(root, "config", arena);
	t->text_hash = text_of(root, "text", arena);
	json_decref(root);
}

/* ---- events ---- */

void top_event_read(struct top_event *ret, struct str json, struct arena *arena)
{
	json_t *root = json_loadb(json.p, json.n, 0, NULL);
	*ret = (struct top_event){
	    .at = number_of(root, "at"),
	    .ticket = number_of(root, "ticket"),
	    .deadline = number_of(root, "deadline"),
	    .promise = number_of(root, "promise"),
	    .event = text_of(root, "event", arena),
	    .team = text_of(root, "team", arena),
	    .channel = text_of(root, "channel", arena),
	    .agent = text_of(root, "agent", arena),
	    .by = text_of(root, "by", arena),
	    .reason = text_of(root, "reason", arena),
	    .name = text_of(root, "name", arena),
	    .from = text_of(root, "from", arena),
	    .to = text_of(root, "to", arena),
	    .in_time = json_is_true(json_object_get(root, "in_time")),
	};
	json_decref(root);
}
