/*
 * The intake between a bus and a Redis that are both made up here: what is said to be poison and what is
 * only trouble with Redis, and where reading starts when the offsets heard at the start are old by now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "route/intake.h"
#include "route/stats.h"

/* ---- the bus: one message ---- */

static struct bus_msg message = {.topic = "scored", .offset = 11, .key = STR("c")};
static bool given;
static int64_t sought;
static char dead[200];
static int done;

struct bus_msg *bus_next(struct bus *bus)
{
	(void)bus;
	if (given)
		return NULL;
	given = true;
	return &message;
}

void bus_done(struct bus *bus, struct bus_msg *in, const char *reason)
{
	(void)bus, (void)in;
	done++;
	(void)snprintf(dead, sizeof dead, "%s", reason ? reason : "");
}

void bus_seek(struct bus *bus, const char *topic, int partition, int64_t offset)
{
	(void)bus, (void)topic, (void)partition;
	sought = offset;
}

/* ---- Redis ---- */

static store_fn *apply_fn;
static void *apply_arg;
static char stored[60];
static int applied;

void store_apply(struct store *store, size_t n, const struct str *args, store_fn *fn, void *arg)
{
	(void)store;
	assert_true(n >= 3);
	assert_null(apply_fn);
	(void)snprintf(stored, sizeof stored, "%.*s", STR_ARG(args[2]));
	apply_fn = fn;
	apply_arg = arg;
	applied++;
}

static void answer(enum store_code code, const char *text)
{
	struct store_result r = {.code = code};
	store_fn *fn = apply_fn;
	assert_non_null(fn);
	(void)snprintf(r.text, sizeof r.text, "%s", text);
	apply_fn = NULL;
	fn(apply_arg, &r);
}

/* ---- */

static struct loop *loop;
static struct config *config;
static char fatal[300];
static int unsure;

static void on_applied(void *arg)
{
	(void)arg;
}

static void on_fatal(void *arg, const char *reason)
{
	(void)arg;
	(void)snprintf(fatal, sizeof fatal, "%s", reason);
}

static void on_unsure(void *arg)
{
	(void)arg;
	unsure++;
}

static void offsets(struct intake *intake, const char *value, bool first)
{
	struct redis_reply items[] = {{.type = REDIS_TEXT, .text = STR("3")},
				      {.type = REDIS_TEXT, .text = str_of(value)}};
	struct redis_reply list = {.type = REDIS_LIST, .items = items, .n = 2};
	if (first)
		intake_offsets(intake, &list);
	else
		intake_compare(intake, &list);
}

static struct intake *intake_new(const char *value, int64_t first_offset)
{
	static int bus;
	struct intake_options o = {.loop = loop,
				   .config = config,
				   .on_applied = on_applied,
				   .on_fatal = on_fatal,
				   .on_unsure = on_unsure};
	struct intake *intake = intake_create(&o);
	struct bus_part part = {.topic = "scored",
				.partition = 3,
				.log_id = "log",
				.first_offset = first_offset,
				.end_offset = 200};
	message.partition = 3;
	message.value = STR("{\"id\":\"a\",\"text\":\"x\"}");
	given = false;
	dead[0] = fatal[0] = stored[0] = '\0';
	done = applied = unsure = 0;
	sought = -1;
	apply_fn = NULL;
	offsets(intake, value, true);
	intake_bus(intake, (struct bus *)&bus);
	(void)intake_assigned(intake, &part);
	intake_pump(intake);
	return intake;
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text;
		bool poison;
	} rows[] = {
	    {"OOM command not allowed when used memory > 'maxmemory'.", false},
	    /* the same from before 7.0 */
	    {"ERR Error running script (call to f_1): @user_script:72: @user_script: 72: -OOM "
	     "command not allowed when used memory > 'maxmemory'.",
	     false},
	    {"ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY "
	     "You can't write against a read only replica.",
	     false},
	    {"MISCONF Errors writing to the AOF file: No space left on device", false},
	    {"NOPERM this user has no permissions to run the 'evalsha' command", false},
	    {"NOAUTH Authentication required.", false},
	    {"ERR max number of clients reached", false},
	    {"ERR user_script:9: attempt to compare number with nil script: 1", true},
	    {"WRONGTYPE Operation against a key holding the wrong kind of value", true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct intake *intake = intake_new("10 log", 0);
		for (int n = 0; n < 3; n++) {
			answer(STORE_ERROR, rows[i].text);
			for (int64_t until = clock_mono_ms() + 3000;
			     applied == n + 1 && clock_mono_ms() < until;)
				loop_turn(loop, 100);
			assert_int_equal(applied, n + 2);
		}
		answer(STORE_OK, "11 log"); /* with the post, or without it */
		assert_int_equal(done, 1);
		if ((strstr(dead, "redis script: ") != NULL) != rows[i].poison)
			fail_msg("%s: %s", rows[i].text, *dead ? dead : "not dead");
		intake_bus(intake, NULL);
		intake_free(intake);
	}
}

static void test_gap(void **state)
{
	static const struct {
		const char *now; /* what Redis says when asked again */
		int64_t sought;  /* -1: a person is needed */
	} rows[] = {
	    {"10 log", -1},
	    {"99 log", 100},
	    {"49 log", 50},
	    {"48 log", -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* another router has read on since we heard 10; what it read is gone from the log */
		struct intake *intake = intake_new("10 log", 50);
		assert_string_equal(fatal, "");
		assert_int_equal(unsure, 1);
		assert_int_equal(applied, 0);
		offsets(intake, rows[i].now, false);
		if ((fatal[0] == '\0') != (rows[i].sought >= 0) || sought != rows[i].sought)
			fail_msg("%s: sought %lld, %s", rows[i].now, (long long)sought, fatal);
		given = false;
		intake_pump(intake);
		assert_int_equal(applied, rows[i].sought >= 0);
		intake_bus(intake, NULL);
		intake_free(intake);
	}
}

int main(void)
{
	struct error err;
	route_stats_register();
	log_set_level(LOG_ERR);
	loop = loop_create();
	config = config_load(NULL, &err);
	must(config);
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals),
					   cmocka_unit_test(test_gap)};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	config_free(config);
	loop_free(loop);
	return rc;
}
