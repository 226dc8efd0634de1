/*
 * num.h: numbers, durations, sizes and times from text, parsed whole and with a range.
 *
 * All return 0 and write *ret, or -1 and leave it.  No locale, no white space, no trailing bytes.
 */
#ifndef COMMON_NUM_H
#define COMMON_NUM_H

#include <stdint.h>

#include "common/str.h"

int num_int(struct str s, int64_t min, int64_t max, int64_t *ret); /* [-]digits */
int num_double(struct str s, double min, double max, double *ret); /* JSON number syntax */
/* "90s", "30m", "8h", "7d", "2w", "500ms", also joined "1h30m"; a bare "0" is allowed. */
int num_duration_ms(struct str s, int64_t *ret);
/* "64", "900kB"/"900k" (1,000), "16MiB"/"16M" (1,048,576), "KiB", "GiB"/"G". */
int num_size(struct str s, uint64_t *ret);
/* RFC 3339 with offset or Z, seconds optional fraction, to milliseconds since 1970 UTC. */
int num_time_ms(struct str s, int64_t *ret);

enum { NUM_TIME_LEN = 24 };
/* Writes "2026-11-22T08:00:00.000Z" and a NUL. */
void num_time_text(int64_t ms, char out[NUM_TIME_LEN + 1]);
/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12 (Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms"). */
int64_t num_days(int64_t year, int month, int day);
/* The longest whole units, for people: "2 h 05 min", "45 s", "3 d 4 h"; negative with "-". */
void num_duration_text(int64_t ms, char out[32]);

#endif
