#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/census.h"
#include "tests/kill/find.h"

enum { TICKETS = 200000, FIELD = 64 };
/* where a ticket was seen */
enum { IN_QUEUE = 1, IN_LATE = 2, IN_LEASE = 4, IN_OPEN = 8, IN_DONE = 16, IN_HASH = 32 };

struct keys {
	struct str *items; /* owned copies */
	size_t n, room;
};

struct take {
	struct rds *rds;
	const char *prefix;
	struct wants *wants;
	const struct events *events;
	struct census *sums;
	unsigned char *seen; /* by ticket number */
	struct keys keys;    /* of the question being asked */
	size_t cut;          /* their common beginning */
	size_t p_rows, states[4];
};

static void add_key(void *arg, size_t i, const struct str *items, size_t n)
{
	struct keys *keys = arg;
	(void)i, (void)n;
	if (keys->n == keys->room) {
		keys->room = keys->room ? keys->room * 2 : 1024;
		keys->items = xrealloc(keys->items, keys->room * sizeof *keys->items);
	}
	keys->items[keys->n++] = (struct str){xstrndup(items->p, items->n), items->n};
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void keys_reset(struct keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		free((char *)(uintptr_t)keys->items[i].p);
	keys->n = 0;
}

/* All keys PREFIX + what; a SCAN may name one twice. */
static int keys_of(struct take *t, const char *what)
{
	char start[100];
	int n = snprintf(start, sizeof start, "%s%s", t->prefix, what);
	must(n > 0 && n < (int)sizeof start);
	t->cut = (size_t)n;
	keys_reset(&t->keys);
	if (rds_keys(t->rds, start, add_key, &t->keys))
		return -1;
	if (t->keys.n)
		qsort(t->keys.items, t->keys.n, sizeof *t->keys.items, by_text);
	size_t kept = 0;
	for (size_t i = 0; i < t->keys.n; i++) {
		if (kept && str_eq(t->keys.items[i], t->keys.items[kept - 1]))
			free((char *)(uintptr_t)t->keys.items[i].p);
		else
			t->keys.items[kept++] = t->keys.items[i];
	}
	t->keys.n = kept;
	return 0;
}

static struct str tail(const struct take *t, size_t i)
{
	return str_sub(t->keys.items[i], t->cut, t->keys.items[i].n);
}

static int64_t ticket_number(struct str s)
{
	int64_t n;
	return num_int(s, 1, TICKETS - 1, &n) ? 0 : n;
}

/* ---- tickets and their places ---- */

static struct str field(const struct str *items, size_t n, const char *name)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		if (str_is(items[i], name))
			return items[i + 1];
	return STR_NULL;
}

static void ticket_seen(void *arg, size_t i, const struct str *items, size_t n)
{
	struct take *t = arg;
	int64_t number = ticket_number(tail(t, i));
	struct str state = field(items, n, "state");
	int64_t version = 0;
	static const char *const states[] = {"open", "claimed", "answered", "closed"};
	static const unsigned char places[][2] = {{IN_OPEN | IN_QUEUE, IN_OPEN | IN_LATE},
						  {IN_OPEN | IN_LEASE, IN_OPEN | IN_LEASE},
						  {IN_DONE, IN_DONE},
						  {IN_DONE, IN_DONE}};
	int s = 0;
	while (s < 4 && !str_is(state, states[s]))
		s++;
	if (number == 0 || s == 4) {
		find(FIND_INDEX, "ticket %.*s has the state \"%.*s\"", STR_ARG(tail(t, i)),
		     STR_ARG(state));
		return;
	}
	unsigned char where = t->seen[number];
	if (where != places[s][0] && where != places[s][1])
		find(FIND_INDEX, "ticket %" PRId64 " is %s and stands in%s%s%s%s%s", number,
		     states[s], where & IN_QUEUE ? " q" : "", where & IN_LATE ? " late" : "",
		     where & IN_LEASE ? " lease" : "", where & IN_OPEN ? " open" : "",
		     where & IN_DONE ? " done" : "");
	t->seen[number] |= IN_HASH;
	t->states[s]++;
	t->sums->tickets++;
	if (num_int(field(items, n, "version"), 1, INT64_MAX, &version) ||
	    events_version(t->events, number) != version)
		find(FIND_EVENT,
		     "ticket %" PRId64 " has version %" PRId64 ", events tell of %" PRId64, number,
		     version, events_version(t->events, number));
}

static int place(struct take *t, const char *set, unsigned char bit)
{
	const struct str *items;
	int64_t n = rds_ask(t->rds, &items, "ZRANGE %s%s 0 -1", t->prefix, set);
	for (int64_t i = 0; i < n; i++) {
		int64_t number = ticket_number(items[i]);
		if (number)
			t->seen[number] |= bit;
		else
			find(FIND_INDEX, "%s holds \"%.*s\"", set, STR_ARG(items[i]));
	}
	return n < 0 ? -1 : 0;
}

static int tickets(struct take *t)
{
	if (place(t, "q:care", IN_QUEUE) || place(t, "late:care", IN_LATE) ||
	    place(t, "lease", IN_LEASE) || place(t, "open", IN_OPEN) || place(t, "done", IN_DONE) ||
	    keys_of(t, "ticket:"))
		return -1;
	if (rds_each(t->rds, "HGETALL %b", t->keys.items, t->keys.n, ticket_seen, t))
		return -1;
	for (int64_t n = 1; n < TICKETS; n++)
		if (t->seen[n] && !(t->seen[n] & IN_HASH))
			find(FIND_INDEX, "ticket %" PRId64 " stands in a set and is not there", n);
	return 0;
}

/* ---- posts ---- */

static void audit_seen(struct take *t, struct str id, struct str reason)
{
	struct want *want = want_get(t->wants, id);
	t->sums->audited++;
	if (!want) {
		find(FIND_WRONG, "post %.*s is filtered and was never told", STR_ARG(id));
		return;
	}
	want->audited = true;
	/* a create that comes after its deletion says `deleted`: a crash may repeat it */
	if (want->fate == FATE_FILTERED)
		want->agreed = str_is(reason, want->reason);
	else
		want->agreed = want->fate == FATE_GONE && str_is(reason, "deleted");
	if (!want->agreed)
		find(FIND_WRONG, "post %s is filtered as %.*s, to be %s", want->id, STR_ARG(reason),
		     want->fate == FATE_FILTERED ? want->reason : "in a ticket");
}

static int audit(struct take *t)
{
	const struct str *items;
	int64_t n = rds_ask(t->rds, &items, "HGETALL %saudit", t->prefix);
	for (int64_t i = 0; i + 1 < n; i += 2)
		audit_seen(t, items[i], items[i + 1]);
	return n < 0 ? -1 : 0;
}

static void posts_seen(void *arg, size_t i, const struct str *items, size_t n)
{
	struct take *t = arg;
	for (size_t k = 0; k < n; k++) {
		struct want *want = want_get(t->wants, items[k]);
		t->sums->posts++;
		if (!want)
			find(FIND_WRONG, "post %.*s is in ticket %.*s and was never told",
			     STR_ARG(items[k]), STR_ARG(tail(t, i)));
		else if (++want->tickets > 1)
			find(FIND_DOUBLE, "post %s is in %d tickets, the last is %.*s", want->id,
			     want->tickets, STR_ARG(tail(t, i)));
	}
}

static void known_seen(void *arg, size_t i, const struct str *items, size_t n)
{
	struct take *t = arg;
	struct want *want = want_get(t->wants, tail(t, i));
	if (!want || n != 1) {
		find(FIND_WRONG, "key p:%.*s of a post that was never told", STR_ARG(tail(t, i)));
		return;
	}
	want->known = true;
	bool gone = want->fate == FATE_GONE ||
		    (want->reason && strcmp(want->reason, "delete_unknown") == 0);
	int64_t number = ticket_number(items[0]);
	if (str_is(items[0], "-") != gone)
		find(FIND_WRONG, "post %s: p says %.*s", want->id, STR_ARG(items[0]));
	else if (number && !(t->seen[number] & IN_HASH))
		find(FIND_INDEX, "post %s is in ticket %" PRId64 ", which is not there", want->id,
		     number);
}

static void text_seen(void *arg, size_t i, const struct str *items, size_t n)
{
	struct take *t = arg;
	struct want *want = want_get(t->wants, tail(t, i));
	if (!want || n != 1)
		return; /* found by its other keys */
	if (want->fate == FATE_GONE)
		find(FIND_TEXT, "post %s was deleted, its text is still there", want->id);
	else if (*want->mark && str_find_str(items[0], str_of(want->mark)) == items[0].n)
		find(FIND_TEXT, "post %s has not its last text, %s", want->id, want->mark);
}

static void judge(struct want *want)
{
	if (want->fate == FATE_FILTERED) {
		if (!want->audited)
			find(FIND_LOST, "post %s is not recorded as filtered (%s)", want->id,
			     want->reason);
		if (want->tickets)
			find(FIND_WRONG, "post %s is to be filtered (%s), and in a ticket",
			     want->id, want->reason);
	} else if (want->fate == FATE_TICKET) {
		if (!want->tickets && !want->audited)
			find(FIND_LOST, "post %s is in no ticket and no reason is recorded",
			     want->id);
		else if (want->tickets && !want->known)
			find(FIND_INDEX, "post %s is in a ticket, key p is missing", want->id);
	} else {
		if (!want->known)
			find(FIND_LOST, "post %s and its deletion left nothing", want->id);
		if (want->tickets)
			find(FIND_TEXT, "post %s was deleted and is still in a ticket", want->id);
	}
}

static int posts(struct take *t)
{
	if (audit(t) || keys_of(t, "posts:") ||
	    rds_each(t->rds, "ZRANGE %b 0 -1", t->keys.items, t->keys.n, posts_seen, t) ||
	    keys_of(t, "p:") ||
	    rds_each(t->rds, "GET %b", t->keys.items, t->keys.n, known_seen, t) ||
	    keys_of(t, "post:") ||
	    rds_each(t->rds, "GET %b", t->keys.items, t->keys.n, text_seen, t))
		return -1;
	for (size_t i = 0; i < wants_count(t->wants); i++)
		judge(want_at(t->wants, i));
	return 0;
}

/* ---- counters ---- */

struct counters {
	const struct str *items;
	size_t n;
};

static int64_t counter(const struct counters *c, const char *name)
{
	int64_t v = 0;
	(void)num_int(field(c->items, c->n, name), INT64_MIN, INT64_MAX, &v);
	return v;
}

static void agree(const struct counters *c, const char *name, size_t census)
{
	if (counter(c, name) != (int64_t)census)
		find(FIND_COUNTER, "%s is %" PRId64 ", the census says %zu", name, counter(c, name),
		     census);
}

static int counters(struct take *t, const struct event_sums *told)
{
	struct counters c;
	int64_t n = rds_ask(t->rds, &c.items, "HGETALL %scount", t->prefix);
	if (n < 0)
		return -1;
	c.n = (size_t)n;
	size_t reasons[4] = {0}, gone = 0;
	static const char *const names[4] = {"press", "old", "backfill", "own"};
	for (size_t i = 0; i < wants_count(t->wants); i++) {
		const struct want *want = want_at(t->wants, i);
		gone += want->fate == FATE_GONE;
		for (int r = 0; want->fate == FATE_FILTERED && r < 4; r++)
			reasons[r] += strcmp(names[r], want->reason) == 0;
	}
	for (int r = 0; r < 4; r++) {
		char name[40];
		(void)snprintf(name, sizeof name, "filtered:%s", names[r]);
		agree(&c, name, reasons[r]);
	}
	agree(&c, "tickets", t->sums->tickets);
	agree(&c, "team:care", t->sums->tickets);
	agree(&c, "deleted", gone);
	agree(&c, "routed", t->sums->posts + gone);
	agree(&c, "joined", told->joined);
	agree(&c, "claimed", told->claimed);
	agree(&c, "warn", told->warn);
	agree(&c, "breach", told->breach);
	int64_t sum = counter(&c, "routed") + counter(&c, "filtered") + counter(&c, "updated") +
		      counter(&c, "deleted");
	if (counter(&c, "heard") != sum)
		find(FIND_COUNTER, "heard is %" PRId64 ", what became of it adds up to %" PRId64,
		     counter(&c, "heard"), sum);
	t->sums->repeats = (size_t)counter(&c, "repeat");
	return 0;
}

int census_take(struct rds *rds, const char *prefix, struct wants *wants,
		const struct events *events, const struct event_sums *sums, struct census *ret)
{
	struct take t = {.rds = rds,
			 .prefix = prefix,
			 .wants = wants,
			 .events = events,
			 .sums = ret,
			 .seen = xcalloc(TICKETS, 1)};
	*ret = (struct census){0};
	int rc = tickets(&t) || posts(&t) || counters(&t, sums) ? -1 : 0;
	ret->open = t.states[0];
	ret->claimed = t.states[1];
	ret->answered = t.states[2];
	ret->closed = t.states[3];
	if (rds_number(rds, "XLEN %sout", prefix) > 0)
		find(FIND_EVENT, "%" PRId64 " events wait in the outbox",
		     rds_number(rds, "XLEN %sout", prefix));
	events_check_posts(wants);
	keys_reset(&t.keys);
	free(t.keys.items);
	free(t.seen);
	return rc;
}
