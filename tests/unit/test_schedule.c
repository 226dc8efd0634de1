/* The scheduler: fair, one request per host, rests of hosts, back-off.  Time is a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>

#include "common/mem.h"

#include "ingest/schedule.h"

enum { GAP = 60000 };

static void test_host_rests(void **state)
{
	struct schedule *s = schedule_create(GAP, 1);
	(void)state;
	int a = schedule_add(s, STR("h"), 0), b = schedule_add(s, STR("h"), 0);
	int c = schedule_add(s, STR("other"), 5000);
	assert_int_equal(schedule_take(s, 1000), a);
	assert_true(schedule_busy(s, a));
	assert_int_equal(schedule_take(s, 1000), -1); /* b: host busy; c: not due */
	assert_int_equal(schedule_next(s, 1000), 5000);
	assert_int_equal(schedule_take(s, 5000), c);
	assert_int_equal(schedule_next(s, 5000), SCHEDULE_NEVER);
	schedule_done(s, a, 2000, 302000, true);
	assert_int_equal(schedule_take(s, 2000 + GAP - 1), -1);
	assert_int_equal(schedule_next(s, 5000), 2000 + GAP);
	assert_int_equal(schedule_take(s, 2000 + GAP), b);
	/* nothing was asked: the host need not rest */
	schedule_done(s, b, 70000, 70000, false);
	assert_int_equal(schedule_take(s, 70000), b);
	schedule_done(s, b, 70000, SCHEDULE_NEVER, true);
	schedule_done(s, c, 70000, SCHEDULE_NEVER, true);
	assert_int_equal(schedule_next(s, 70000), 302000);
	assert_int_equal(schedule_due(s, a), 302000);
	schedule_free(s);
}

static void test_hold_and_gap(void **state)
{
	struct schedule *s = schedule_create(GAP, 1);
	(void)state;
	int a = schedule_add(s, STR("h"), 0);
	schedule_hold(s, a, 500000);
	schedule_hold(s, a, 400000); /* never shortens */
	assert_int_equal(schedule_next(s, 0), 500000);
	assert_int_equal(schedule_take(s, 499999), -1);
	assert_int_equal(schedule_take(s, 500000), a);
	schedule_gap(s, a, 90000);
	schedule_done(s, a, 500000, 500000, true);
	assert_int_equal(schedule_next(s, 500000), 590000);
	assert_int_equal(schedule_take(s, 590000), a);
	schedule_gap(s, a, 1000); /* below the default: the default */
	schedule_done(s, a, 590000, 590000, true);
	assert_int_equal(schedule_next(s, 590000), 590000 + GAP);
	schedule_free(s);
}

static void test_two_at_once(void **state)
{
	struct schedule *s = schedule_create(0, 2);
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(schedule_add(s, STR("h"), 0), i);
	assert_int_equal(schedule_take(s, 0), 0);
	assert_int_equal(schedule_take(s, 0), 1);
	assert_int_equal(schedule_take(s, 0), -1);
	schedule_done(s, 0, 10, 1000, true);
	assert_int_equal(schedule_take(s, 10), 2);
	assert_int_equal(schedule_take(s, 1000), -1);
	schedule_free(s);
}

static void test_no_host(void **state)
{
	struct schedule *s = schedule_create(GAP, 1);
	(void)state;
	int a = schedule_add(s, STR(""), 0), b = schedule_add(s, STR(""), 0);
	assert_int_equal(schedule_take(s, 0), a);
	assert_int_equal(schedule_take(s, 0), b);
	schedule_done(s, a, 0, 0, true);
	assert_int_equal(schedule_take(s, 0), a);
	schedule_free(s);
}

/* What must hold whatever happens: one request per host at a time, rests kept, nobody starves. */
static void test_random_days(void **state)
{
	enum { SOURCES = 40, HOSTS = 7, POLL = 300000 };
	uint64_t seed = 20261122;
	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	struct schedule *s = schedule_create(GAP, 1);
	int64_t last_done[HOSTS], asked[SOURCES] = {0}, waited = 0;
	int busy[HOSTS] = {0}, polls[SOURCES] = {0}, taken[SOURCES], n_taken = 0;
	for (int i = 0; i < HOSTS; i++)
		last_done[i] = -GAP;
	for (int i = 0; i < SOURCES; i++) {
		char host[16];
		(void)snprintf(host, sizeof host, "h%d", i % HOSTS);
		assert_int_equal(schedule_add(s, str_of(host), 0), i);
	}
	for (int64_t now = 0; now < (int64_t)24 * 3600 * 1000; now += 1000) {
		int id;
		while ((id = schedule_take(s, now)) >= 0) {
			int host = id % HOSTS;
			assert_int_equal(busy[host], 0);
			assert_true(now - last_done[host] >= GAP);
			busy[host] = 1;
			if (now - asked[id] > waited)
				waited = now - asked[id];
			asked[id] = now;
			polls[id]++;
			taken[n_taken++] = id;
		}
		/* some answer now, some later */
		for (int k = 0; k < n_taken;) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			if (seed >> 60 < 10) {
				k++;
				continue;
			}
			id = taken[k];
			taken[k] = taken[--n_taken];
			busy[id % HOSTS] = 0;
			last_done[id % HOSTS] = now;
			schedule_done(s, id, now, now + POLL, true);
		}
	}
	/* 6 sources on a host with a rest of 60 s: a turn takes little more than 6 minutes */
	for (int i = 0; i < SOURCES; i++)
		assert_in_range(polls[i], 150, 288);
	assert_true(waited < 3 * POLL);
	schedule_free(s);
}

static void test_backoff(void **state)
{
	uint64_t seed = 7, again = 7;
	int64_t sum = 0;
	(void)state;
	for (int n = 1; n <= 60; n++) {
		int64_t full = n < 7 ? (int64_t)60000 << (n - 1) : 3600000;
		int64_t pause = schedule_backoff(n, 60000, 3600000, &seed);
		assert_in_range(pause, full / 2, full);
		assert_int_equal(pause, schedule_backoff(n, 60000, 3600000, &again));
		sum += pause == full;
	}
	assert_true(sum < 5); /* there is jitter */
	assert_int_equal(schedule_backoff(1, 1, 10, &seed), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_host_rests),  cmocka_unit_test(test_hold_and_gap),
	    cmocka_unit_test(test_two_at_once), cmocka_unit_test(test_no_host),
	    cmocka_unit_test(test_random_days), cmocka_unit_test(test_backoff),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
