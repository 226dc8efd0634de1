/* Dates as feeds write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/num.h"

#include "ingest/date.h"

enum {
	MISSING = POST_DATE_MISSING,
	GUESSED = POST_DATE_GUESSED,
	DAY = POST_DATE_DAY,
	EXACT = POST_DATE_EXACT
};

static const struct {
	const char *text;
	int quality;
	const char *time; /* UTC */
} rows[] = {
    /* RFC 3339, W3CDTF */
    {"2026-11-22T08:00:00Z", EXACT, "2026-11-22T08:00:00.000Z"},
    {"2026-11-22T08:00:00.1234+01:00", EXACT, "2026-11-22T07:00:00.123Z"},
    {"2026-11-22t08:00:00z", EXACT, "2026-11-22T08:00:00.000Z"},
    {"2026-11-22T08:00-05:30", EXACT, "2026-11-22T13:30:00.000Z"},
    {"2026-11-22T08:00:00+0100", EXACT, "2026-11-22T07:00:00.000Z"},
    {"2026-11-22 08:00:00 +01:00", EXACT, "2026-11-22T07:00:00.000Z"},
    {"2026-11-22 08:00:00", GUESSED, "2026-11-22T08:00:00.000Z"},
    {"2026-11-22", DAY, "2026-11-22T00:00:00.000Z"},
    {"2026-11", DAY, "2026-11-01T00:00:00.000Z"},
    {"2026", DAY, "2026-01-01T00:00:00.000Z"},
    {"20261122T080000Z", EXACT, "2026-11-22T08:00:00.000Z"},
    {"2026-326", DAY, "2026-11-22T00:00:00.000Z"},
    {"2026-12-31T24:00:00Z", EXACT, "2027-01-01T00:00:00.000Z"},
    {"2024-02-29T12:00:00Z", EXACT, "2024-02-29T12:00:00.000Z"},
    /* RFC 822 and its slips */
    {"Sun, 22 Nov 2026 08:00:00 GMT", EXACT, "2026-11-22T08:00:00.000Z"},
    {"Sun, 22 Nov 26 08:00 +0100", EXACT, "2026-11-22T07:00:00.000Z"},
    {"22 Nov 99 08:00:00 EST", EXACT, "1999-11-22T13:00:00.000Z"},
    {"22 Nov 60 08:00:00 GMT", EXACT, "1960-11-22T08:00:00.000Z"},
    {"22 Nov 49 08:00:00 GMT", EXACT, "2049-11-22T08:00:00.000Z"},
    {"Wrongday, 22 Nov 2026 08:00:00 PDT", EXACT, "2026-11-22T15:00:00.000Z"},
    {"Sun, 22-Nov-2026 08:00:00 UTC", EXACT, "2026-11-22T08:00:00.000Z"},
    {"Sun, 22 November 2026 8:00 PM CET", EXACT, "2026-11-22T19:00:00.000Z"},
    {"Sun, 22 Nov 2026 12:05 a.m. GMT", EXACT, "2026-11-22T00:05:00.000Z"},
    {"Sun, 22 Nov 2026 12:05 p.m. GMT", EXACT, "2026-11-22T12:05:00.000Z"},
    {"Thu, 31 Jun 2004 19:48:21 GMT", EXACT, "2004-07-01T19:48:21.000Z"},
    {"Sun Nov 22 08:00:00 CET 2026", EXACT, "2026-11-22T07:00:00.000Z"},
    {"Sun Nov 22 2026 08:00:00 GMT+0100 (CET)", EXACT, "2026-11-22T07:00:00.000Z"},
    {"Sun, 22 Nov 2026 08:00:00 Europe/Berlin", EXACT, "2026-11-22T07:00:00.000Z"},
    {"Sun, 22 Jul 2026 08:00:00 Europe/Berlin", EXACT, "2026-07-22T06:00:00.000Z"},
    {"29 Mar 2026 01:59:00 Europe/Berlin", EXACT, "2026-03-29T00:59:00.000Z"},
    {"29 Mar 2026 03:00:00 Europe/Berlin", EXACT, "2026-03-29T01:00:00.000Z"},
    {"25 Oct 2026 03:30:00 Europe/Berlin", EXACT, "2026-10-25T02:30:00.000Z"},
    {"8 Mar 2026 03:00:00 America/New_York", EXACT, "2026-03-08T07:00:00.000Z"},
    {"1 Nov 2026 02:30:00 US/Pacific", EXACT, "2026-11-01T10:30:00.000Z"},
    /* other languages and systems */
    {"So, 22 Nov 2026 08:00:00 +0100", EXACT, "2026-11-22T07:00:00.000Z"},
    {"Do., 29. März 2018 10:00 MESZ", EXACT, "2018-03-29T08:00:00.000Z"},
    {"Mo, 01 MÄR 2021 10:00 +0000", EXACT, "2021-03-01T10:00:00.000Z"},
    {"Di, 05 Mai 2026 10:00:00 +0200", EXACT, "2026-05-05T08:00:00.000Z"},
    {"mar., 01 déc. 2020 16:11:02 +0000", EXACT, "2020-12-01T16:11:02.000Z"},
    {"jeu. 13 août 2026 09:00:00 +0200", EXACT, "2026-08-13T07:00:00.000Z"},
    {"22.11.2026 15:09", GUESSED, "2026-11-22T15:09:00.000Z"},
    {"22.11.2026, 15.09 Uhr", GUESSED, "2026-11-22T15:09:00.000Z"},
    {"22.11.26", DAY, "2026-11-22T00:00:00.000Z"},
    {"11/22/2026 3:09 pm", GUESSED, "2026-11-22T15:09:00.000Z"},
    {"22/11/2026 15:09:00 GMT", EXACT, "2026-11-22T15:09:00.000Z"},
    {"02/03/2026 15:09:00 GMT", GUESSED, "2026-02-03T15:09:00.000Z"},
    {"Friday, December 22, 2017 - 3:09pm", GUESSED, "2017-12-22T15:09:00.000Z"},
    {"Mon, 23rd Nov 2026 13:16:28 GMT", EXACT, "2026-11-23T13:16:28.000Z"},
    {"1795334400", EXACT, "2026-11-22T08:00:00.000Z"},
    {"1795334400123", EXACT, "2026-11-22T08:00:00.123Z"},
    {"  2026-11-22\n", DAY, "2026-11-22T00:00:00.000Z"},
    /* none */
    {"", MISSING, NULL},
    {"yesterday", MISSING, NULL},
    {"12:30", MISSING, NULL},
    {"2026-13-01", MISSING, NULL},
    {"2026-02-99T10:00:00Z", MISSING, NULL},
    {"Sun, 22 Nov 2026 27:00:00 GMT", MISSING, NULL},
    {"0000-00-00 00:00:00", MISSING, NULL},
    {"99999999999999999999999", MISSING, NULL},
    {"17", MISSING, NULL},
};

static void test_date(void **state)
{
	(void)state;
	int bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = 42;
		char text[NUM_TIME_LEN + 1] = "none";
		int quality = (int)date_parse(str_of(rows[i].text), &ms);
		if (quality != POST_DATE_MISSING)
			num_time_text(ms, text);
		else if (ms != 42)
			bad++; /* written although it failed */
		if (quality != rows[i].quality ||
		    (rows[i].time && strcmp(text, rows[i].time) != 0)) {
			print_message("\"%s\": want %d %s, have %d %s\n", rows[i].text,
				      rows[i].quality, rows[i].time ? rows[i].time : "none",
				      quality, text);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* Every prefix of every row, and the rows with a byte changed, only must not trip anything. */
static void test_any_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = str_of(rows[i].text);
		for (size_t n = 0; n <= s.n; n++) {
			int64_t ms;
			char bytes[128];
			(void)date_parse(str_sub(s, 0, n), &ms); /* any answer will do */
			if (n >= sizeof bytes || n == 0)
				continue;
			memcpy(bytes, s.p, n);
			for (unsigned c = 0; c < 256; c += 5) {
				bytes[n / 2] = (char)c;
				(void)date_parse((struct str){bytes, n}, &ms); /* the same */
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_date),
					   cmocka_unit_test(test_any_bytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
