/*
 * The contract of the bus (common/bus.h, CONTRACTS 5), the same cases for both backends:
 *
 *   test_bus sqlite                              a directory of its own
 *   POSTHORN_KAFKA=HOST:PORT test_bus kafka      a broker that runs already
 *
 * test_bus_crash.c has the cases in which processes are killed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/support/bus_rig.h"

static const char *backend;

/* What a reader saw. */
struct seen {
	uint64_t n;
	int partition[4000];
	int64_t offset[4000];
	char key[4000][16];
	int number[4000];
	size_t length;
	bool forward; /* forward to scored */
	const char *reason;
};

static void note(struct member *member)
{
	struct seen *seen = member->data;
	struct bus_msg *msg;
	while ((msg = bus_next(member->bus))) {
		must(seen->n < 4000);
		seen->partition[seen->n] = msg->partition;
		seen->offset[seen->n] = msg->offset;
		(void)snprintf(seen->key[seen->n], 16, "%.*s", STR_ARG(msg->key));
		char number[20];
		(void)snprintf(number, sizeof number, "%.*s", STR_ARG(str_sub(msg->value, 0, 10)));
		seen->number[seen->n] = atoi(number);
		seen->length = msg->value.n;
		seen->n++;
		if (seen->forward)
			assert_int_equal(
			    bus_forward(member->bus, msg, "scored", msg->key, msg->value), BUS_OK);
		bus_done(member->bus, msg, seen->reason);
	}
}

static void reader(struct member *member, struct rig *rig, const char *program, int instance,
		   const char *topic, struct seen *seen)
{
	memset(seen, 0, sizeof *seen);
	member_init(member, rig, program, instance, topic);
	member->on_input = note;
	member->data = seen;
}

static void publish_numbers(struct member *producer, int from, int to, int keys)
{
	for (int i = from; i < to; i++) {
		char key[16], value[16];
		(void)snprintf(key, sizeof key, "k%d", i % keys);
		(void)snprintf(value, sizeof value, "%d", i);
		member_publish(producer, key, value);
	}
	rig_until(producer->rig, &producer->delivered, (uint64_t)to, 20000, "deliveries");
}

static bool is_idle(void *arg)
{
	return bus_idle(arg);
}

static void until_idle(struct member *member)
{
	assert_true(rig_wait(member->rig, is_idle, member->bus, 20000));
}

static bool has_failed(void *arg)
{
	const struct member *member = arg;
	return *member->reason;
}

static struct seen seen_a, seen_b;

static void order_per_key(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	int last[20];
	memset(last, -1, sizeof last);
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&analyze);
	publish_numbers(&producer, 0, 2000, 20);
	rig_until(&rig, &seen_a.n, 2000, 20000, "inputs");
	for (uint64_t i = 0; i < seen_a.n; i++) {
		int key = atoi(seen_a.key[i] + 1);
		assert_int_equal(seen_a.partition[i], hash_partition(str_of(seen_a.key[i]), 4));
		assert_true(seen_a.number[i] > last[key]);
		last[key] = seen_a.number[i];
	}
	rig_turns(&rig, 100);
	assert_int_equal(seen_a.n, 2000);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void two_groups_and_shared_partitions(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, one, two;
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	reader(&one, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&one);
	rig_turns(&rig, 200);
	reader(&two, &rig, "analyze", 2, "posts", &seen_b);
	member_open(&two);
	int64_t until = clock_mono_ms() + 15000;
	while (two.assigned < 2 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(two.assigned, 2);
	rig_turns(&rig, 300);
	publish_numbers(&producer, 0, 400, 50);
	until = clock_mono_ms() + 15000;
	while (seen_a.n + seen_b.n < 400 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(seen_a.n + seen_b.n, 400);
	assert_true(seen_a.n > 0 && seen_b.n > 0);
	until_idle(&one);
	until_idle(&two);
	/* who leaves hands over; the other goes on where it stood */
	assert_int_equal(member_close(&two), 0);
	publish_numbers(&producer, 400, 800, 50);
	until = clock_mono_ms() + 15000;
	while (seen_a.n + seen_b.n < 800 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(seen_a.n + seen_b.n, 800);
	/* another group sees all of it */
	struct member route;
	reader(&route, &rig, "route", 1, "posts", &seen_b);
	member_open(&route);
	rig_until(&rig, &seen_b.n, 800, 20000, "inputs of the second group");
	until_idle(&route);
	assert_int_equal(member_close(&route), 0);
	assert_int_equal(member_close(&one), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void outputs_before_commit(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze, route;
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	publish_numbers(&producer, 0, 100, 7);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	seen_a.forward = true;
	member_open(&analyze);
	assert_false(bus_idle(analyze.bus));
	assert_int_equal(bus_lag(analyze.bus), -1);
	rig_until(&rig, &seen_a.n, 100, 20000, "inputs");
	until_idle(&analyze);
	assert_int_equal(bus_lag(analyze.bus), 0);
	assert_int_equal(bus_unacknowledged(analyze.bus), 0);
	reader(&route, &rig, "route", 1, "scored", &seen_b);
	member_open(&route);
	rig_until(&rig, &seen_b.n, 100, 20000, "outputs");
	until_idle(&route);
	for (int i = 0; i < 100; i++)
		assert_int_equal(seen_b.partition[i], hash_partition(str_of(seen_b.key[i]), 4));
	assert_int_equal(member_close(&route), 0);
	assert_int_equal(member_close(&analyze), 0);

	/* committed: nothing comes again */
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&analyze);
	until_idle(&analyze);
	assert_int_equal(seen_a.n, 0);

	/* offsets without a message at the end of the log are read over */
	rig_gap(&rig, "posts");
	rig_turns(&rig, 500);
	until_idle(&analyze);
	assert_int_equal(bus_lag(analyze.bus), 0);
	assert_int_equal(seen_a.n, 0);

	/* lag counts what is not finished; the intake can be stopped */
	bus_pause(analyze.bus, true);
	publish_numbers(&producer, 100, 130, 7);
	int64_t until = clock_mono_ms() + 5000;
	while (bus_lag(analyze.bus) != 30 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(bus_lag(analyze.bus), 30);
	assert_false(bus_idle(analyze.bus));
	assert_int_equal(seen_a.n, 0);
	bus_pause(analyze.bus, false);
	rig_until(&rig, &seen_a.n, 30, 5000, "inputs after the pause");
	until_idle(&analyze);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void start_and_seek(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, route;
	struct bus_msg *hand[8];
	int64_t ends[4];
	struct error err;
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	publish_numbers(&producer, 0, 200, 50);
	assert_int_equal(bus_end_offsets(producer.bus, "posts", ends, 4, &err), 0);
	assert_int_equal(ends[0] + ends[1] + ends[2] + ends[3], 200);

	/* the callback names the offset */
	reader(&route, &rig, "route", 1, "posts", &seen_a);
	route.start = 5;
	member_open(&route);
	rig_until(&rig, &seen_a.n, 180, 20000, "inputs from offset 5");
	until_idle(&route);
	assert_int_equal(seen_a.n, 180);
	assert_int_equal(route.assigned, 4);
	for (int i = 0; i < 180; i++)
		assert_true(seen_a.offset[i] >= 5);
	for (int p = 0; p < 4; p++) {
		assert_int_equal(route.first[p], 0);
		assert_int_equal(route.end[p], ends[p]);
		assert_int_equal(route.committed[p], -1);
	}
	assert_int_equal(member_close(&route), 0);

	/* the earliest, although all was committed; outside of the log: the earliest too */
	for (int64_t start = BUS_START_EARLIEST; start < 1000000; start += 1000002) {
		reader(&route, &rig, "route", 1, "posts", &seen_a);
		route.start = start;
		member_open(&route);
		rig_until(&rig, &seen_a.n, 200, 20000, "inputs from the start");
		until_idle(&route);
		assert_int_equal(seen_a.n, 200);
		for (int p = 0; p < 4; p++)
			assert_int_equal(route.committed[p], ends[p]);
		assert_int_equal(member_close(&route), 0);
	}

	/* seek back: what is in hand becomes void and comes again */
	reader(&route, &rig, "route", 1, "posts", &seen_a);
	route.start = BUS_START_EARLIEST;
	route.on_input = NULL;
	member_open(&route);
	int n = 0;
	int64_t until = clock_mono_ms() + 15000;
	while (n < 8 && clock_mono_ms() < until) {
		loop_turn(rig.loop, 20);
		while (n < 8 && (hand[n] = bus_next(route.bus)))
			n++;
	}
	assert_int_equal(n, 8);
	int partition = hand[0]->partition;
	bus_done(route.bus, hand[7], NULL);
	bus_seek(route.bus, "posts", partition, 0);
	for (int i = 0; i < 7; i++)
		assert_int_equal(bus_is_void(route.bus, hand[i]), hand[i]->partition == partition);
	/* effects of void inputs are not passed on */
	assert_int_equal(bus_forward(route.bus, hand[0], "scored", STR("k"), STR("void")), BUS_OK);
	for (int i = 0; i < 7; i++)
		bus_done(route.bus, hand[i], NULL);
	route.on_input = note;
	note(&route);
	until_idle(&route);
	int64_t next = 0;
	for (uint64_t i = 0; i < seen_a.n; i++)
		if (seen_a.partition[i] == partition)
			assert_int_equal(seen_a.offset[i], next++);
	assert_int_equal(next, ends[partition]);
	/* and forward, over what was not read */
	memset(&seen_a, 0, sizeof seen_a);
	bus_seek(route.bus, "posts", partition, ends[partition] - 2);
	until_idle(&route);
	rig_until(&rig, &seen_a.n, 2, 5000, "inputs after seek");
	assert_int_equal(seen_a.offset[0], ends[partition] - 2);
	assert_int_equal(bus_end_offsets(producer.bus, "scored", ends, 4, &err), 0);
	assert_int_equal(ends[0] + ends[1] + ends[2] + ends[3], 0);
	assert_int_equal(member_close(&route), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void full_and_release(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	static char value[BUS_VALUE_MAX + 1];
	memset(value, 'v', sizeof value);
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	uint64_t sent = 0;
	enum bus_result rc;
	while ((rc = bus_publish(producer.bus, "posts", STR("k"), (struct str){value, 500000},
				 sent)) == BUS_OK)
		sent++;
	assert_int_equal(rc, BUS_FULL);
	assert_true(sent * 500000 <= BUS_WINDOW && (sent + 1) * 500000 + 100000 > BUS_WINDOW);
	assert_int_equal(bus_unacknowledged(producer.bus), sent);
	assert_int_equal(producer.rooms, 0);
	rig_until(&rig, &producer.delivered, sent, 20000, "deliveries");
	rig_turns(&rig, 50);
	assert_int_equal(producer.rooms, 1);
	assert_int_equal(bus_publish(producer.bus, "posts", STR("k"), STR("more"), 0), BUS_OK);

	/* a reader whose outputs find no room gets nothing more until they do */
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	analyze.on_input = NULL;
	member_open(&analyze);
	struct bus_msg *msg = NULL;
	int64_t until = clock_mono_ms() + 15000;
	while (!(msg = bus_next(analyze.bus)) && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_non_null(msg);
	while ((rc = bus_forward(analyze.bus, msg, "scored", STR("k"),
				 (struct str){value, 500000})) == BUS_OK)
		;
	assert_int_equal(rc, BUS_FULL);
	assert_null(bus_next(analyze.bus));
	until = clock_mono_ms() + 15000;
	while (!analyze.rooms && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(analyze.rooms, 1);
	bus_done(analyze.bus, msg, NULL);
	analyze.on_input = note;
	note(&analyze);
	rig_until(&rig, &seen_a.n, sent, 20000, "the rest");
	until_idle(&analyze);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void large_values(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	static char value[BUS_VALUE_MAX + 1];
	/* nothing that compression could make small */
	uint32_t seed = 1;
	for (size_t i = 0; i < sizeof value; i++)
		value[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	assert_int_equal(
	    bus_publish(producer.bus, "posts", STR("k"), (struct str){value, BUS_VALUE_MAX + 1}, 1),
	    BUS_TOO_LARGE);
	assert_int_equal(
	    bus_publish(producer.bus, "posts", STR("k"), (struct str){value, BUS_VALUE_MAX}, 2),
	    BUS_OK);
	assert_int_equal(bus_publish(producer.bus, "posts", STR(""), STR(""), 3), BUS_OK);
	rig_until(&rig, &producer.delivered, 2, 20000, "deliveries");
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	analyze.on_input = NULL;
	member_open(&analyze);
	int n = 0;
	int64_t until = clock_mono_ms() + 15000;
	while (n < 2 && clock_mono_ms() < until) {
		struct bus_msg *msg = bus_next(analyze.bus);
		if (!msg) {
			loop_turn(rig.loop, 20);
			continue;
		}
		n++;
		if (msg->key.n) {
			assert_int_equal(msg->value.n, BUS_VALUE_MAX);
			assert_memory_equal(msg->value.p, value, BUS_VALUE_MAX);
			assert_int_equal(bus_forward(analyze.bus, msg, "scored", msg->key,
						     (struct str){value, BUS_VALUE_MAX + 1}),
					 BUS_TOO_LARGE);
			assert_int_equal(
			    bus_forward(analyze.bus, msg, "scored", msg->key, msg->value), BUS_OK);
		} else {
			assert_int_equal(msg->value.n, 0);
		}
		bus_done(analyze.bus, msg, NULL);
	}
	assert_int_equal(n, 2);
	until_idle(&analyze);
	assert_int_equal(producer.refused, 0);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void emptied_by_retention(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze, route;
	int64_t ends[4];
	struct error err;
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	producer.options.retention_ms = 1;
	member_open(&producer);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&analyze);
	publish_numbers(&producer, 0, 200, 50);
	rig_until(&rig, &seen_a.n, 200, 20000, "inputs");
	until_idle(&analyze);
	assert_int_equal(bus_end_offsets(producer.bus, "posts", ends, 4, &err), 0);
	rig_empty(&rig, "posts", 4);
	rig_turns(&rig, rig.kafka ? 100 : 2500);
	/* its offset, kept elsewhere, lies below what is still there: it is told so */
	reader(&route, &rig, "route", 1, "posts", &seen_b);
	route.start = 3;
	member_open(&route);
	publish_numbers(&producer, 200, 210, 50);
	rig_until(&rig, &seen_b.n, 10, 20000, "inputs after the gap");
	for (int p = 0; p < 4; p++)
		assert_int_equal(route.first[p], ends[p]);
	for (int i = 0; i < 10; i++)
		assert_true(seen_b.offset[i] >= ends[seen_b.partition[i]]);
	/* offsets went on */
	rig_until(&rig, &seen_a.n, 210, 20000, "inputs of the first group");
	assert_int_equal(member_close(&route), 0);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void made_anew(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	char first_id[200];
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	publish_numbers(&producer, 0, 100, 50);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&analyze);
	rig_until(&rig, &seen_a.n, 100, 20000, "inputs");
	until_idle(&analyze);
	(void)snprintf(first_id, sizeof first_id, "%s", analyze.log_id);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_remove(&rig, "posts");

	/* Kafka tells clients of this age no identity of a topic: who makes one anew says so */
	static const char *const epoch[] = {"posthorn.epoch", "1", NULL};
	member_init(&producer, &rig, "ingest", 1, NULL);
	producer.options.properties = epoch;
	member_open(&producer);
	publish_numbers(&producer, 0, 60, 50);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	analyze.options.properties = epoch;
	member_open(&analyze);
	rig_until(&rig, &seen_a.n, 60, 20000, "inputs of the new log");
	until_idle(&analyze);
	assert_string_not_equal(first_id, analyze.log_id);
	for (int p = 0; p < 4; p++)
		assert_int_equal(analyze.committed[p], -1);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static json_t *letter;

static void keep_letter(struct member *member)
{
	struct bus_msg *msg;
	while ((msg = bus_next(member->bus))) {
		json_decref(letter);
		letter = json_loadb(msg->value.p, msg->value.n, JSON_REJECT_DUPLICATES, NULL);
		*(uint64_t *)member->data += 1;
		bus_done(member->bus, msg, NULL);
	}
}

static void dead_letters(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze, tool;
	static char value[300 * 1024];
	uint64_t n = 0;
	char hex[HASH_HEX_LEN + 1];
	memset(value, 'a', sizeof value);
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	assert_int_equal(bus_publish(producer.bus, "posts", STR("key \"\xff\""),
				     (struct str){value, sizeof value}, 0),
			 BUS_OK);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	seen_a.reason = "no post: \xe4 is no UTF-8";
	member_open(&analyze);
	rig_until(&rig, &seen_a.n, 1, 20000, "the input");
	until_idle(&analyze);
	member_init(&tool, &rig, "tool", 1, "dead");
	tool.on_input = keep_letter;
	tool.data = &n;
	member_open(&tool);
	rig_until(&rig, &n, 1, 20000, "the letter");
	assert_non_null(letter);
	assert_string_equal(json_string_value(json_object_get(letter, "stage")), "analyze");
	assert_string_equal(json_string_value(json_object_get(letter, "reason")),
			    "no post: \xef\xbf\xbd is no UTF-8");
	assert_string_equal(json_string_value(json_object_get(letter, "key")),
			    "key \"\xef\xbf\xbd\"");
	assert_string_equal(json_string_value(json_object_get(letter, "topic")), "posts");
	assert_int_equal(json_integer_value(json_object_get(letter, "offset")), 0);
	assert_int_equal(json_integer_value(json_object_get(letter, "length")), sizeof value);
	hash_sha256_hex((struct str){value, sizeof value}, hex);
	assert_string_equal(json_string_value(json_object_get(letter, "sha256")), hex);
	const char *text = json_string_value(json_object_get(letter, "value"));
	/* 262,144 bytes: 87,381 groups of three, one byte left over */
	assert_int_equal(strlen(text), 349528);
	assert_memory_equal(text, "YWFhYWFh", 8);
	assert_string_equal(text + 349524, "YQ==");
	json_decref(letter);
	letter = NULL;
	assert_int_equal(member_close(&tool), 0);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void refused_at_open(void **state)
{
	(void)state;
	struct rig rig;
	struct member one, two;
	struct error err;
	rig_open(&rig, backend);
	member_init(&one, &rig, "ingest", 1, NULL);
	member_open(&one);
	member_init(&two, &rig, "analyze", 1, "posts");
	two.options.partitions = 5;
	assert_null(bus_open(&two.options, &err));
	assert_non_null(strstr(err.text, "has 4 partitions, expected 5"));
	two.options.partitions = 4;
	two.options.spec = "sqlite";
	assert_null(bus_open(&two.options, &err));
	assert_non_null(strstr(err.text, "expected sqlite:"));
	two.options.spec = "sqlite:/proc/nothing/here";
	assert_null(bus_open(&two.options, &err));
	assert_non_null(strstr(err.text, "/proc/nothing/here"));
	two.options.spec = rig.spec;
	if (rig.kafka) {
		static const char *const wrong[][3] = {{"no.such.thing", "1", NULL},
						       {"enable.auto.commit", "true", NULL},
						       {"posthorn.epoch", "x", NULL}};
		for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
			two.options.properties = wrong[i];
			assert_null(bus_open(&two.options, &err));
			assert_non_null(strstr(err.text, wrong[i][0]));
		}
	}
	assert_int_equal(member_close(&one), 0);
	rig_close(&rig);
}

/* SQLite refuses the newer, Kafka fences the older: one of them ends, and says why. */
static void twins(void **state)
{
	(void)state;
	struct rig rig;
	struct member one, two;
	rig_open(&rig, backend);
	reader(&one, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&one);
	rig_turns(&rig, 1000);
	reader(&two, &rig, "analyze", 1, "posts", &seen_b);
	member_open(&two);
	struct member *loser = rig.kafka ? &one : &two;
	assert_true(rig_wait(&rig, has_failed, loser, 15000));
	assert_non_null(strstr(loser->reason, "instance number 1"));
	assert_string_equal((rig.kafka ? &two : &one)->reason, "");
	assert_null(bus_next(loser->bus));
	assert_int_equal(bus_publish(loser->bus, "posts", STR("k"), STR("v"), 0), BUS_FAILED);
	(void)member_close(loser);
	assert_int_equal(member_close(rig.kafka ? &two : &one), 0);
	rig_close(&rig);
}

/* ------------------------------------------------------------------ SQLite only */

static void size_limit_keeps_unread(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	static char value[1000];
	memset(value, 'v', sizeof value);
	value[0] = '7';
	value[1] = ' ';
	rig_open(&rig, backend);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	analyze.on_input = NULL;
	member_open(&analyze);
	bus_pause(analyze.bus, true);
	rig_turns(&rig, 100);
	member_init(&producer, &rig, "ingest", 1, NULL);
	producer.options.size_limit_bytes = 1024 * 1024;
	member_open(&producer);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(bus_publish(producer.bus, "posts", STR("k"),
					     (struct str){value, sizeof value}, 0),
				 BUS_OK);
	rig_turns(&rig, 700);
	uint64_t stored = producer.delivered;
	assert_true(stored > 300 && stored < 1100);
	rig_turns(&rig, 1500);
	assert_int_equal(producer.delivered, stored);
	/* the group reads on: there is room again, and nothing is missing */
	analyze.on_input = note;
	bus_pause(analyze.bus, false);
	rig_until(&rig, &producer.delivered, 3000, 20000, "deliveries after the release");
	rig_until(&rig, &seen_a.n, 3000, 20000, "inputs");
	for (int i = 0; i < 3000; i++)
		assert_int_equal(seen_a.offset[i], i);
	until_idle(&analyze);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

/* Outputs that find no room keep their inputs from being committed. */
static void no_commit_without_outputs(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	static char value[1000];
	memset(value, 'v', sizeof value);
	rig_open(&rig, backend);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	for (int i = 0; i < 100; i++)
		assert_int_equal(bus_publish(producer.bus, "posts", STR("k"),
					     (struct str){value, sizeof value}, 0),
				 BUS_OK);
	rig_until(&rig, &producer.delivered, 100, 20000, "deliveries");
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	seen_a.forward = true;
	analyze.options.size_limit_bytes = 40000;
	member_open(&analyze);
	rig_until(&rig, &seen_a.n, 100, 20000, "inputs");
	rig_turns(&rig, 500);
	assert_int_equal(bus_unacknowledged(analyze.bus), 100);
	assert_int_equal(bus_lag(analyze.bus), 100);
	assert_false(bus_idle(analyze.bus));
	assert_int_equal(bus_close(analyze.bus, 200), -1);

	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	seen_a.forward = true;
	member_open(&analyze);
	rig_until(&rig, &seen_a.n, 100, 20000, "inputs again");
	until_idle(&analyze);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void full_disk(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, analyze;
	static char value[1000];
	memset(value, 'v', sizeof value);
	rig_open(&rig, backend);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	seen_a.forward = true;
	member_open(&analyze);
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	assert_int_equal(setenv("POSTHORN_SQLITE_MAX_PAGES", "200", 1), 0);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(bus_publish(producer.bus, "posts", STR("k"),
					     (struct str){value, sizeof value}, 0),
				 BUS_OK);
	rig_turns(&rig, 1500);
	uint64_t stored = producer.delivered;
	assert_true(stored > 0 && stored < 900);
	assert_int_equal(producer.refused, 0);
	assert_int_equal(unsetenv("POSTHORN_SQLITE_MAX_PAGES"), 0);
	rig_until(&rig, &producer.delivered, 3000, 20000, "deliveries when there is room again");
	rig_until(&rig, &seen_a.n, 3000, 20000, "inputs");
	for (int i = 0; i < 3000; i++)
		assert_int_equal(seen_a.offset[i], i);
	until_idle(&analyze);
	assert_int_equal(member_close(&analyze), 0);
	assert_int_equal(member_close(&producer), 0);
	rig_close(&rig);
}

static void removed_while_in_use(void **state)
{
	(void)state;
	struct rig rig;
	struct member analyze;
	rig_open(&rig, backend);
	reader(&analyze, &rig, "analyze", 1, "posts", &seen_a);
	member_open(&analyze);
	rig_turns(&rig, 100);
	rig_remove(&rig, "posts");
	assert_true(rig_wait(&rig, has_failed, &analyze, 5000));
	assert_non_null(strstr(analyze.reason, "removed or replaced"));
	(void)member_close(&analyze);
	rig_close(&rig);
}

int main(int argc, char **argv)
{
	log_init("test_bus");
	log_set_level(LOG_ERR);
	backend = rig_backend(argc, argv);
	if (!backend)
		return 64;
	const struct CMUnitTest cases[] = {
	    cmocka_unit_test(order_per_key),
	    cmocka_unit_test(two_groups_and_shared_partitions),
	    cmocka_unit_test(outputs_before_commit),
	    cmocka_unit_test(start_and_seek),
	    cmocka_unit_test(full_and_release),
	    cmocka_unit_test(large_values),
	    cmocka_unit_test(emptied_by_retention),
	    cmocka_unit_test(made_anew),
	    cmocka_unit_test(dead_letters),
	    cmocka_unit_test(refused_at_open),
	    cmocka_unit_test(twins),
	};
	const struct CMUnitTest embedded[] = {
	    cmocka_unit_test(size_limit_keeps_unread),
	    cmocka_unit_test(no_commit_without_outputs),
	    cmocka_unit_test(full_disk),
	    cmocka_unit_test(removed_while_in_use),
	};
	printf("bus contract on %s\n", backend);
	int failed = cmocka_run_group_tests(cases, NULL, NULL);
	if (strcmp(backend, "sqlite") == 0)
		failed += cmocka_run_group_tests(embedded, NULL, NULL);
	return failed;
}
