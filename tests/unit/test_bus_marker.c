/* bus_marker.c: what one run leaves behind for the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/bus_core.h"

static char dir[] = "/tmp/posthorn-marker-XXXXXX";

static struct bus_marker *open_marker(void)
{
	struct error err = {""};
	struct bus_marker *marker = bus_marker_open(dir, "analyze", 1, &err);
	assert_string_equal(err.text, "");
	assert_non_null(marker);
	return marker;
}

static void only_what_was_given_out_comes_singly(void **state)
{
	(void)state;
	struct bus_marker *marker = open_marker();
	assert_false(bus_marker_unclean(marker));
	bus_marker_log(marker, 0, "log");
	bus_marker_hand(marker, 0, 2, 41);
	bus_marker_hand(marker, 0, 2, 17); /* out of order */
	assert_false(bus_marker_single(marker, 0, 2, 17));
	bus_marker_close(marker, false);

	static const struct {
		int topic, partition;
		int64_t offset;
		bool single;
	} rows[] = {
	    {0, 2, 0, true},  {0, 2, 41, true},  {0, 2, 42, false},
	    {0, 3, 0, false}, {1, 2, 41, false},
	};
	marker = open_marker();
	assert_true(bus_marker_unclean(marker));
	bus_marker_log(marker, 0, "log");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    bus_marker_single(marker, rows[i].topic, rows[i].partition, rows[i].offset),
		    rows[i].single);
	/* of a log that was made anew nothing is known */
	bus_marker_log(marker, 0, "another");
	assert_false(bus_marker_single(marker, 0, 2, 0));
	bus_marker_close(marker, true);
	marker = open_marker();
	assert_false(bus_marker_unclean(marker));
	bus_marker_close(marker, true);
}

static void suspects_are_counted(void **state)
{
	(void)state;
	struct bus_marker *marker;
	for (int run = 0; run < 3; run++) {
		marker = open_marker();
		bus_marker_log(marker, 0, "log");
		assert_int_equal(bus_marker_count(marker, 0, 1, 7), run);
		/* others are survived in between */
		bus_marker_suspect(marker, 0, 0, 100 + run);
		bus_marker_cleared(marker, 0, 0, 100 + run);
		bus_marker_suspect(marker, 0, 1, 7);
		bus_marker_close(marker, false);
	}
	marker = open_marker();
	bus_marker_log(marker, 0, "log");
	assert_int_equal(bus_marker_count(marker, 0, 1, 7), BUS_MARKER_TRIES);
	assert_int_equal(bus_marker_count(marker, 0, 0, 100), 0);
	bus_marker_cleared(marker, 0, 1, 7);
	assert_int_equal(bus_marker_count(marker, 0, 1, 7), 0);
	/* more than there is room for: the one that is known best stays */
	bus_marker_suspect(marker, 0, 3, 9);
	bus_marker_suspect(marker, 0, 3, 9);
	for (int i = 0; i < 100; i++)
		bus_marker_suspect(marker, 0, 4, i);
	assert_int_equal(bus_marker_count(marker, 0, 3, 9), 2);
	bus_marker_close(marker, true);
}

static void twin_gets_a_marker_of_its_own(void **state)
{
	(void)state;
	struct bus_marker *one = open_marker(), *two = open_marker();
	assert_false(bus_marker_unclean(two));
	bus_marker_close(two, true);
	bus_marker_close(one, false);
	one = open_marker();
	assert_true(bus_marker_unclean(one));
	bus_marker_close(one, true);
	assert_null(bus_marker_open("/proc/none", "x", 1, &(struct error){""}));
	bus_marker_close(NULL, true);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_was_given_out_comes_singly),
	    cmocka_unit_test(suspects_are_counted),
	    cmocka_unit_test(twin_gets_a_marker_of_its_own),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char path[sizeof dir + 40];
	(void)snprintf(path, sizeof path, "%s/bus-analyze-1.marker", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return failed;
}
