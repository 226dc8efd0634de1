/*
 * The relay between an outbox and a bus that are both made up here: what is published, and that nothing
 * is trimmed from the outbox before it was delivered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/bus.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/redis.h"
#include "common/stats.h"
#include "route/relay.h"
#include "route/stats.h"

/* ---- the outbox: entries 1-0 .. LAST-0, those below `trimmed` are gone ---- */

static int last, trimmed;
static char read_from[60];
static redis_fn *read_fn;
static void *read_arg;

bool redis_up(const struct redis *redis)
{
	(void)redis;
	return true;
}

void redis_send(struct redis *redis, redis_fn *fn, void *arg, size_t n, const struct str *words)
{
	(void)redis;
	assert_null(read_fn); /* one at a time */
	assert_true(n == 6 && str_is(words[0], "XRANGE"));
	(void)snprintf(read_from, sizeof read_from, "%.*s", STR_ARG(words[2]));
	read_fn = fn;
	read_arg = arg;
}

/* Answers the read that is under way, as the outbox was when it was sent. */
static void answer_read(void)
{
	struct redis_reply entries[20] = {0}, pairs[20][2] = {0}, fields[20][4] = {0};
	static char ids[20][16], events[20][32];
	int n = 0, after = read_from[0] == '(' ? atoi(read_from + 1) : 0;
	redis_fn *fn = read_fn;
	for (int i = 1; i <= last; i++) {
		if (i <= after || i < trimmed)
			continue;
		must(n < 20);
		(void)snprintf(ids[n], sizeof ids[n], "%d-0", i);
		(void)snprintf(events[n], sizeof events[n], "{\"event\":\"%d\"}", i);
		fields[n][0] = (struct redis_reply){.type = REDIS_TEXT, .text = STR("key")};
		fields[n][1] = (struct redis_reply){.type = REDIS_TEXT, .text = STR("k")};
		fields[n][2] = (struct redis_reply){.type = REDIS_TEXT, .text = STR("event")};
		fields[n][3] = (struct redis_reply){.type = REDIS_TEXT, .text = str_of(events[n])};
		pairs[n][0] = (struct redis_reply){.type = REDIS_TEXT, .text = str_of(ids[n])};
		pairs[n][1] = (struct redis_reply){.type = REDIS_LIST, .items = fields[n], .n = 4};
		entries[n] = (struct redis_reply){.type = REDIS_LIST, .items = pairs[n], .n = 2};
		n++;
	}
	struct redis_reply list = {.type = REDIS_LIST, .items = entries, .n = (size_t)n};
	read_fn = NULL;
	fn(read_arg, &list);
}

static store_fn *trim_fn;
static void *trim_arg;

struct str store_prefix(const struct store *store)
{
	(void)store;
	return STR("{t}:");
}

void store_relayed(struct store *store, struct str id, store_fn *fn, void *arg)
{
	char text[16];
	(void)store;
	assert_null(trim_fn);
	(void)snprintf(text, sizeof text, "%.*s", STR_ARG(id));
	trimmed = atoi(text) + 1;
	trim_fn = fn;
	trim_arg = arg;
}

static void answer_trim(void)
{
	struct store_result r = {.code = STORE_OK};
	store_fn *fn = trim_fn;
	trim_fn = NULL;
	fn(trim_arg, &r);
}

/* ---- the bus ---- */

static uint64_t tokens[40];
static int published[40], n_published;

enum bus_result bus_publish(struct bus *bus, const char *topic, struct str key, struct str value,
			    uint64_t token)
{
	char text[80];
	(void)bus, (void)topic, (void)key;
	must(n_published < 40);
	(void)snprintf(text, sizeof text, "%.*s", STR_ARG(value));
	published[n_published] = atoi(text + strlen("{\"id\":\""));
	tokens[n_published++] = token;
	return BUS_OK;
}

static struct relay *relay_new(int entries)
{
	static int something;
	last = entries;
	trimmed = n_published = 0;
	read_fn = NULL;
	trim_fn = NULL;
	struct relay *relay = relay_create((struct redis *)&something, (struct store *)&something);
	relay_bus(relay, (struct bus *)&something);
	relay_pump(relay);
	return relay;
}

static void test_in_order(void **state)
{
	(void)state;
	struct relay *relay = relay_new(3);
	answer_read();
	assert_int_equal(n_published, 3);
	relay_delivered(relay, tokens[1], true); /* not the first: nothing to trim yet */
	assert_null(trim_fn);
	relay_delivered(relay, tokens[0], true);
	assert_int_equal(trimmed, 3);
	answer_trim();
	relay_delivered(relay, tokens[2], true);
	assert_int_equal(trimmed, 4);
	answer_trim();
	while (read_fn)
		answer_read();
	assert_true(relay_idle(relay));
	assert_int_equal(n_published, 3);
	relay_free(relay);
}

/* An event that could not be delivered comes again, also where the next ones were being read already. */
static void test_refused(void **state)
{
	(void)state;
	for (int reading = 0; reading <= 1; reading++) {
		struct relay *relay = relay_new(2);
		answer_read();
		assert_int_equal(n_published, 2);
		while (read_fn)
			answer_read();
		last = 4;
		if (reading)
			relay_pump(relay);
		relay_delivered(relay, tokens[0], false);
		relay_delivered(relay, tokens[1], true); /* of before: says nothing any more */
		assert_int_equal(trimmed, 0);
		relay_pump(relay); /* the timer's */
		for (int i = 0; read_fn && i < 5; i++)
			answer_read();
		/* all that is published now is delivered */
		for (int i = 2, n = n_published; i < n; i++) {
			relay_delivered(relay, tokens[i], true);
			if (trim_fn)
				answer_trim();
			while (read_fn)
				answer_read();
		}
		bool again[5] = {false};
		for (int i = 2; i < n_published; i++)
			again[published[i]] = true;
		for (int i = 1; i <= 4; i++)
			if (!again[i])
				fail_msg("event %d was lost (reading %d)", i, reading);
		assert_int_equal(trimmed, 5);
		relay_free(relay);
	}
}

int main(void)
{
	route_stats_register();
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_order),
					   cmocka_unit_test(test_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
