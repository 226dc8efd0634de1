/*
 * The gate with a network that is made up here: what is kept, what is asked again, and that strangers
 * cannot fill the memory with their rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "ingest/fetch.h"
#include "ingest/gate.h"
#include "ingest/guard.h"
#include "ingest/robots.h"

static struct fetch_request asked;
static char asked_url[300];
static int fetches;

struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_request *request)
{
	asked = *request;
	(void)snprintf(asked_url, sizeof asked_url, "%s", request->url);
	fetches++;
	return (struct fetch *)fetcher;
}

void fetch_cancel(struct fetch *fetch)
{
	(void)fetch;
}

static void answer(enum fetch_outcome outcome, int status, struct str body)
{
	struct fetch_result result = {.outcome = outcome,
				      .status = status,
				      .body = body,
				      .retry_after_ms = -1,
				      .why = STR("no")};
	asked.fn(asked.arg, &result);
}

static int answers, allowed;

static void on_answer(void *arg, const struct gate_answer *a)
{
	(void)arg;
	answers++;
	allowed = a->allowed;
}

static void ask(struct gate *gate, const char *url)
{
	struct gate_ask *handle;
	answers = fetches = 0;
	allowed = -1;
	gate_ask(gate, url, &handle, on_answer, NULL);
}

static void test_kept(void **state)
{
	static int network;
	struct guard *guard = guard_create();
	struct gate *gate = gate_create((struct fetcher *)&network, guard, "posthorn/1", true);
	(void)state;
	ask(gate, "http://a.example/x");
	assert_int_equal(fetches, 1);
	assert_string_equal(asked_url, "http://a.example:80/robots.txt");
	answer(FETCH_OK, 200, STR("User-agent: *\nDisallow: /x\n"));
	assert_true(answers == 1 && allowed == 0);
	ask(gate, "http://a.example/y");
	assert_true(fetches == 0 && answers == 1 && allowed == 1);
	ask(gate, "http://b.example/x");
	answer(FETCH_STATUS, 404, STR(""));
	assert_true(answers == 1 && allowed == 1);
	ask(gate, "http://c.example/x"); /* unreachable: nothing is kept */
	answer(FETCH_TIMEOUT, 0, STR(""));
	assert_true(answers == 1 && allowed == 0);
	ask(gate, "http://c.example/x");
	assert_int_equal(fetches, 1);
	answer(FETCH_OK, 200, STR(""));
	assert_true(answers == 1 && allowed == 1);
	gate_free(gate);
	guard_free(guard);
}

static size_t in_use(void)
{
	struct mallinfo2 now = mallinfo2();
	return now.uordblks + now.hblkhd;
}

/* A source may send us on to ever new hosts, each with all the rules that are read of one. */
static void test_bounded(void **state)
{
	enum { ORIGINS = 60 };
	static int network;
	struct guard *guard = guard_create();
	struct gate *gate = gate_create((struct fetcher *)&network, guard, "posthorn/1", true);
	char *rules = xmalloc(ROBOTS_MAX_BYTES), url[100];
	size_t n = (size_t)sprintf(rules, "User-agent: *\n"), before = in_use();
	(void)state;
	for (; n + 8 <= ROBOTS_MAX_BYTES; n += 8)
		memcpy(rules + n, "allow:/\n", 8);
	for (int i = 0; i < ORIGINS; i++) {
		(void)snprintf(url, sizeof url, "http://h%d.example/x", i);
		ask(gate, url);
		assert_int_equal(fetches, 1);
		answer(FETCH_OK, 200, (struct str){rules, n});
		assert_true(answers == 1 && allowed == 1);
		ask(gate, url); /* the newest stays */
		assert_int_equal(fetches, 0);
	}
	size_t grown = in_use() - before;
	if (grown > 80 * MiB)
		fail_msg("%zu MiB", grown / MiB);
	free(rules);
	gate_free(gate);
	guard_free(guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kept),
					   cmocka_unit_test(test_bounded)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
