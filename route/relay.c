/*
 * relay.c: a window of events in the hands of the bus.
 *
 * A token is the running number of an event.  If one could not be delivered, or Redis went away in
 * between, reading begins again behind what was trimmed; numbers of before are then ignored.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/stats.h"
#include "route/keys.h"
#include "route/relay.h"
#include "route/stats.h"

enum { WINDOW = 512, READ_AT_ONCE = 128, ID_MAX = 48 };

struct entry {
	char id[ID_MAX];
	bool delivered;
};

struct relay {
	struct redis *redis;
	struct store *store;
	struct bus *bus;
	struct arena *arena;
	struct str key;
	char from[ID_MAX + 1];       /* where to read on: "-" or "(ID" */
	struct entry window[WINDOW]; /* ring */
	uint64_t first, next;        /* running numbers: [first, next) are with the bus */
	bool reading, trimming, empty, again;
	bool outdated; /* what is being read lies behind events that have to come first */
};

struct relay *relay_create(struct redis *redis, struct store *store)
{
	struct relay *relay = xcalloc(1, sizeof *relay);
	relay->redis = redis;
	relay->store = store;
	relay->arena = arena_create(64 * KiB);
	relay->key = keys_of(store_prefix(store), "out", relay->arena);
	(void)snprintf(relay->from, sizeof relay->from, "-");
	return relay;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	arena_free(relay->arena);
	free(relay);
}

void relay_bus(struct relay *relay, struct bus *bus)
{
	relay->bus = bus;
}

bool relay_idle(const struct relay *relay)
{
	return relay->empty && !relay->reading && !relay->trimming && relay->first == relay->next;
}

static struct entry *entry_at(struct relay *relay, uint64_t number)
{
	return &relay->window[number % WINDOW];
}

static void start_over(struct relay *relay)
{
	relay->first = relay->next; /* tokens of before fall out of the window */
	(void)snprintf(relay->from, sizeof relay->from, "-");
	relay->empty = false;
	relay->outdated = relay->reading;
}

static void trim(struct relay *relay);

static void on_trimmed(void *arg, const struct store_result *r)
{
	struct relay *relay = arg;
	(void)r; /* not trimmed: goes with the next, or is delivered again with the same id */
	relay->trimming = false;
	trim(relay); /* what was delivered meanwhile */
	relay_pump(relay);
}

static void trim(struct relay *relay)
{
	struct entry *last = NULL;
	if (relay->trimming)
		return;
	while (relay->first < relay->next && entry_at(relay, relay->first)->delivered)
		last = entry_at(relay, relay->first++);
	if (!last)
		return;
	relay->trimming = true;
	store_relayed(relay->store, str_of(last->id), on_trimmed, relay);
}

void relay_delivered(struct relay *relay, uint64_t token, bool ok)
{
	if (token < relay->first || token >= relay->next)
		return;
	if (!ok) {
		start_over(relay); /* read again at the next look: a refusal is not pressed */
		return;
	}
	stats_add(ST_EVENTS, 1);
	entry_at(relay, token)->delivered = true;
	stats_set(ST_OUTBOX, (int64_t)(relay->next - relay->first));
	trim(relay);
}

static struct str field(const struct redis_reply *fields, const char *name)
{
	for (size_t i = 0; i + 1 < fields->n; i += 2)
		if (str_is(fields->items[i].text, name))
			return fields->items[i + 1].text;
	return STR_NULL;
}

/* One event to the bus; false when the bus is full. */
static bool publish(struct relay *relay, const struct redis_reply *entry)
{
	struct str id = entry->items[0].text;
	struct str event = field(&entry->items[1], "event");
	struct buf value;
	buf_init(&value, BUS_VALUE_MAX);
	/* {"event":...} -> {"id":"...","event":...} */
	(void)buf_printf(&value, "{\"id\":\"%.*s\",", STR_ARG(id));
	(void)buf_str(&value, str_sub(event, 1, event.n));
	enum bus_result rc = bus_publish(relay->bus, "events", field(&entry->items[1], "key"),
					 buf_view(&value), relay->next);
	buf_done(&value);
	if (rc == BUS_FULL || rc == BUS_FAILED)
		return false;
	struct entry *e = entry_at(relay, relay->next++);
	*e = (struct entry){.delivered = rc == BUS_TOO_LARGE}; /* cannot be: events are small */
	(void)snprintf(e->id, sizeof e->id, "%.*s", STR_ARG(id));
	(void)snprintf(relay->from, sizeof relay->from, "(%s", e->id);
	return true;
}

static void on_read(void *arg, const struct redis_reply *reply)
{
	struct relay *relay = arg;
	relay->reading = false;
	if (reply->type == REDIS_GONE) {
		start_over(relay);
		return;
	}
	if (relay->outdated) {
		relay->outdated = false;
		relay_pump(relay);
		return;
	}
	if (reply->type != REDIS_LIST)
		return;
	relay->empty = reply->n == 0;
	for (size_t i = 0; i < reply->n; i++)
		if (reply->items[i].n == 2 && !publish(relay, &reply->items[i]))
			return; /* on_room pumps again */
	if (reply->n == READ_AT_ONCE || relay->again)
		relay_pump(relay);
}

void relay_pump(struct relay *relay)
{
	relay->again = relay->reading;
	if (!relay->bus || relay->reading || !redis_up(relay->redis) ||
	    relay->next - relay->first + READ_AT_ONCE > WINDOW)
		return;
	struct str words[] = {STR("XRANGE"), relay->key,   str_of(relay->from),
			      STR("+"),      STR("COUNT"), STR("128")};
	relay->reading = true;
	redis_send(relay->redis, on_read, relay, ARRAY_LEN(words), words);
}
