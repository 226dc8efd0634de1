#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/events.h"
#include "tests/kill/find.h"

enum { TICKETS = 200000, IDLE_MS = 60000 };

struct ticket {
	int64_t version, token; /* token: of the claim that holds it, 0: free */
	char closed_by[24];
};

/* Texts that were seen, by hash; what collides in 64 bits does not happen. */
struct set {
	uint64_t *slots;
	size_t n, room;
};

struct events {
	struct wants *wants;
	const struct windows *windows;
	struct event_sums *sums;
	struct ticket *tickets; /* by number */
	struct set ids, claims;
	int64_t *last; /* per conversation (row of its first post): row of the last post told */
	struct loop *loop;
	struct bus *bus;
	bool failed;
};

static bool set_add(struct set *set, uint64_t hash) /* false: was there */
{
	hash += hash == 0;
	if (set->n * 2 >= set->room) {
		struct set bigger = {.room = set->room ? set->room * 2 : 4096};
		bigger.slots = xcalloc(bigger.room, sizeof *bigger.slots);
		for (size_t i = 0; i < set->room; i++)
			if (set->slots[i])
				(void)set_add(&bigger, set->slots[i]);
		free(set->slots);
		*set = bigger;
	}
	size_t i = (size_t)hash & (set->room - 1);
	for (; set->slots[i]; i = (i + 1) & (set->room - 1))
		if (set->slots[i] == hash)
			return false;
	set->slots[i] = hash;
	set->n++;
	return true;
}

static bool set_has(const struct set *set, uint64_t hash)
{
	hash += hash == 0;
	for (size_t i = (size_t)hash & (set->room - 1); set->room && set->slots[i];
	     i = (i + 1) & (set->room - 1))
		if (set->slots[i] == hash)
			return true;
	return false;
}

static uint64_t claim_hash(int64_t ticket, int64_t token, struct str agent)
{
	char text[120];
	int n = snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %.*s", ticket, token,
			 STR_ARG(agent));
	return hash_fnv((struct str){text, n < (int)sizeof text ? (size_t)n : sizeof text - 1});
}

static const char *text_of(const json_t *event, const char *name)
{
	const char *z = json_string_value(json_object_get(event, name));
	return z ? z : "";
}

/* A post came into a ticket. */
static void post_told(struct events *events, const char *id, const char *conversation)
{
	struct want *want = want_get(events->wants, str_of(id));
	if (!want) {
		find(FIND_WRONG, "post %s is in a ticket and was never told", id);
		return;
	}
	if (++want->events > 1)
		find(FIND_DOUBLE, "post %s came into a ticket %d times", id, want->events);
	if (strcmp(want->conversation, conversation) != 0)
		find(FIND_WRONG, "post %s belongs to %s, its event says %s", id, want->conversation,
		     conversation);
	struct want *root = want_get(events->wants, str_of(want->conversation));
	must(root);
	int64_t row = (int64_t)want_number(events->wants, want);
	int64_t *last = &events->last[want_number(events->wants, root)];
	if (row < *last)
		find(FIND_ORDER, "post %s came after %s", id,
		     want_at(events->wants, (size_t)*last)->id);
	else
		*last = row;
}

static void claim_told(struct events *events, struct ticket *t, int64_t n, const char *kind,
		       const json_t *event)
{
	int64_t token = json_integer_value(json_object_get(event, "token"));
	if (strcmp(kind, "claimed") == 0) {
		events->sums->claimed++;
		if (t->token)
			find(FIND_ACK,
			     "ticket %" PRId64 " was claimed with token %" PRId64 " while %" PRId64
			     " held it",
			     n, token, t->token);
		t->token = token;
		(void)set_add(&events->claims,
			      claim_hash(n, token, str_of(text_of(event, "agent"))));
	} else if (strcmp(kind, "extended") == 0 && t->token != token) {
		find(FIND_ACK, "ticket %" PRId64 " was extended with the stale token %" PRId64, n,
		     token);
	}
}

static void tell(struct events *events, const json_t *event)
{
	const char *kind = text_of(event, "event");
	int64_t n = json_integer_value(json_object_get(event, "ticket"));
	int64_t version = json_integer_value(json_object_get(event, "version"));
	struct event_sums *sums = events->sums;
	if (n <= 0 || n >= TICKETS) {
		find(FIND_EVENT, "an event of ticket %" PRId64, n);
		return;
	}
	struct ticket *t = &events->tickets[n];
	if (version != t->version + 1)
		find(FIND_EVENT, "ticket %" PRId64 ": version %" PRId64 " (%s) follows %" PRId64, n,
		     version, kind, t->version);
	if (version > t->version)
		t->version = version;
	claim_told(events, t, n, kind, event);
	if (strcmp(kind, "created") == 0 || strcmp(kind, "joined") == 0) {
		*(kind[0] == 'c' ? &sums->created : &sums->joined) += 1;
		post_told(events, text_of(event, "post"), text_of(event, "conversation"));
	} else if (strcmp(kind, "released") == 0) {
		sums->released++;
		t->token = 0;
	} else if (strcmp(kind, "closed") == 0) {
		sums->closed++;
		t->token = 0;
		(void)snprintf(t->closed_by, sizeof t->closed_by, "%s", text_of(event, "by"));
	} else if (strcmp(kind, "answered") == 0) {
		sums->answered++;
		t->token = 0;
	} else if (strcmp(kind, "warn") == 0) {
		sums->warn++;
	} else if (strcmp(kind, "breach") == 0) {
		sums->breach++;
	} else if (strcmp(kind, "claimed") != 0) {
		sums->other++;
	}
}

static void take(struct events *events, const struct bus_msg *msg)
{
	json_error_t why;
	if (strcmp(msg->topic, "dead") == 0) {
		find(FIND_DEAD, "key %.*s: %.*s", STR_ARG(msg->key),
		     (int)(msg->value.n < 160 ? msg->value.n : 160), msg->value.p);
		return;
	}
	json_t *event = json_loadb(msg->value.p, msg->value.n, 0, &why);
	struct str id = str_of(text_of(event, "id")), ms;
	struct str rest = id;
	int64_t written = 0, seq = 0;
	if (!event || !str_split(&rest, '-', &ms) || num_int(ms, 1, INT64_MAX, &written) ||
	    num_int(rest, 0, INT64_MAX, &seq)) {
		find(FIND_EVENT, "no event: %.*s", (int)(msg->value.n < 200 ? msg->value.n : 200),
		     msg->value.p);
	} else if (!set_add(&events->ids, hash_fnv(id))) {
		events->sums->repeated++;
	} else {
		events->sums->read++;
		if (windows_have_event(events->windows, written, seq))
			events->sums->ghosts++;
		else
			tell(events, event);
	}
	json_decref(event);
}

static void on_failed(void *arg, const char *reason)
{
	struct events *events = arg;
	find(FIND_SHORT, "the topic events could not be read: %s", reason);
	events->failed = true;
}

static void read_all(struct events *events)
{
	int64_t end = clock_mono_ms() + IDLE_MS;
	struct bus_msg *msg;
	do {
		loop_turn(events->loop, 20);
		while ((msg = bus_next(events->bus)) != NULL) {
			take(events, msg);
			bus_done(events->bus, msg, NULL);
		}
		if (clock_mono_ms() > end) {
			find(FIND_SHORT, "the topic events was not read to its end in time");
			break;
		}
	} while (!events->failed && !bus_idle(events->bus));
}

struct events *events_read(const char *spec, const char *prefix, struct wants *wants,
			   const struct windows *windows, struct event_sums *ret_sums,
			   struct error *err)
{
	static const char *const topics[] = {"events", "dead", NULL};
	struct events *events = xcalloc(1, sizeof *events);
	*ret_sums = (struct event_sums){0};
	events->wants = wants;
	events->windows = windows;
	events->sums = ret_sums;
	events->tickets = xcalloc(TICKETS, sizeof *events->tickets);
	events->last = xcalloc(wants_count(wants) + 1, sizeof *events->last);
	events->loop = loop_create();
	struct bus_options options = {.loop = events->loop,
				      .spec = spec,
				      .prefix = prefix,
				      .partitions = 8,
				      .program = "census",
				      .instance = 1,
				      .topics = topics,
				      .arg = events,
				      .on_failed = on_failed};
	events->bus = bus_open(&options, err);
	if (!events->bus) {
		events_free(events);
		return NULL;
	}
	read_all(events);
	(void)bus_close(events->bus, 2000); /* what it had in hand is of no interest */
	events->bus = NULL;
	return events;
}

void events_free(struct events *events)
{
	if (!events)
		return;
	if (events->loop)
		loop_free(events->loop);
	free(events->tickets);
	free(events->last);
	free(events->ids.slots);
	free(events->claims.slots);
	free(events);
}

int64_t events_version(const struct events *events, int64_t ticket)
{
	return ticket > 0 && ticket < TICKETS ? events->tickets[ticket].version : 0;
}

bool events_claimed(const struct events *events, int64_t ticket, int64_t token, struct str agent)
{
	return set_has(&events->claims, claim_hash(ticket, token, agent));
}

bool events_closed(const struct events *events, int64_t ticket, struct str agent)
{
	return ticket > 0 && ticket < TICKETS && str_is(agent, events->tickets[ticket].closed_by);
}

void events_check_posts(const struct wants *wants)
{
	for (size_t i = 0; i < wants_count(wants); i++) {
		const struct want *want = want_at((struct wants *)(uintptr_t)wants, i);
		if (want->fate != FATE_FILTERED && want->tickets > 0 && want->events == 0)
			find(FIND_EVENT, "post %s is in a ticket, no event says so", want->id);
		if (want->fate == FATE_FILTERED && want->events > 0)
			find(FIND_WRONG, "post %s is to be filtered and came into a ticket",
			     want->id);
	}
}
