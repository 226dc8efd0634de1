#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/num.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

int num_int(struct str s, int64_t min, int64_t max, int64_t *ret)
{
	bool neg = s.n && s.p[0] == '-';
	size_t i = neg;
	if (i == s.n)
		return -1;
	int64_t v = 0;
	for (; i < s.n; i++) {
		if (!digit(s.p[i]))
			return -1;
		int d = s.p[i] - '0';
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, d, &v))
			return -1; /* counted downwards: INT64_MIN fits, INT64_MAX + 1 does not */
	}
	if (!neg) {
		if (v == INT64_MIN)
			return -1;
		v = -v;
	}
	if (v < min || v > max)
		return -1;
	*ret = v;
	return 0;
}

int num_double(struct str s, double min, double max, double *ret)
{
	char text[64], *end;
	if (s.n == 0 || s.n >= sizeof text)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (!digit(s.p[i]) && !memchr("+-.eE", s.p[i], 5))
			return -1;
	if (!digit(s.p[0]) && !(s.p[0] == '-' && s.n > 1 && digit(s.p[1])))
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	double v = strtod(text, &end);
	if (*end || !(v >= min && v <= max))
		return -1;
	*ret = v;
	return 0;
}

/* Splits digits and a unit off the front of s.  Returns 0 or -1. */
static int number_and_unit(struct str *s, int64_t *ret_number, struct str *ret_unit)
{
	size_t i = 0, from;
	while (i < s->n && digit(s->p[i]))
		i++;
	if (num_int(str_sub(*s, 0, i), 0, INT64_MAX, ret_number))
		return -1;
	from = i;
	while (i < s->n && !digit(s->p[i]))
		i++;
	*ret_unit = str_sub(*s, from, i);
	*s = str_sub(*s, i, s->n);
	return 0;
}

struct unit {
	const char *name;
	int64_t factor;
};

static int unit_find(const struct unit *units, struct str name, int64_t *ret)
{
	for (; units->name; units++)
		if (str_is(name, units->name)) {
			*ret = units->factor;
			return 0;
		}
	return -1;
}

int num_duration_ms(struct str s, int64_t *ret)
{
	static const struct unit units[] = {{"ms", 1},        {"s", 1000},    {"m", 60000},
					    {"min", 60000},   {"h", 3600000}, {"d", 86400000},
					    {"w", 604800000}, {NULL, 0}};
	int64_t sum = 0;
	if (str_is(s, "0")) {
		*ret = 0;
		return 0;
	}
	if (s.n == 0)
		return -1;
	while (s.n) {
		int64_t n, factor;
		struct str unit;
		if (number_and_unit(&s, &n, &unit) || unit_find(units, unit, &factor) ||
		    __builtin_mul_overflow(n, factor, &n) || __builtin_add_overflow(sum, n, &sum))
			return -1;
	}
	*ret = sum;
	return 0;
}

int num_size(struct str s, uint64_t *ret)
{
	static const struct unit units[] = {{"", 1},
					    {"B", 1},
					    {"k", 1000},
					    {"kB", 1000},
					    {"KiB", 1LL << 10},
					    {"M", 1LL << 20},
					    {"MiB", 1LL << 20},
					    {"G", 1LL << 30},
					    {"GiB", 1LL << 30},
					    {NULL, 0}};
	int64_t n, factor;
	struct str unit;
	if (number_and_unit(&s, &n, &unit) || s.n || unit_find(units, unit, &factor) ||
	    __builtin_mul_overflow(n, factor, &n))
		return -1;
	*ret = (uint64_t)n;
	return 0;
}

int64_t num_days(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Two digits at p; *bad is set where there are none. */
static int pair(const char *p, bool *bad)
{
	unsigned a = (unsigned char)p[0] - (unsigned)'0', b = (unsigned char)p[1] - (unsigned)'0';
	*bad |= (a > 9) | (b > 9);
	return (int)(a * 10 + b);
}

/* Minutes east of UTC of "Z" or "+hh:mm". */
static int offset_of(struct str s, int *ret)
{
	bool bad = false;
	if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
		*ret = 0;
		return 0;
	}
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
		return -1;
	int h = pair(s.p + 1, &bad), m = pair(s.p + 4, &bad);
	if (bad || h > 23 || m > 59)
		return -1;
	*ret = s.p[0] == '-' ? -(h * 60 + m) : h * 60 + m;
	return 0;
}

int num_time_ms(struct str s, int64_t *ret)
{
	static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *p = s.p;
	bool bad = s.n < 20;
	if (bad)
		return -1;
	int y = pair(p, &bad) * 100 + pair(p + 2, &bad), mo = pair(p + 5, &bad);
	int d = pair(p + 8, &bad), h = pair(p + 11, &bad), mi = pair(p + 14, &bad);
	int sec = pair(p + 17, &bad), ms = 0, offset;
	bad |= p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':';
	bad |= p[10] != 'T' && p[10] != 't' && p[10] != ' ';
	if (bad || mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1] || h > 23 || mi > 59 ||
	    sec > 60)
		return -1;
	if (mo == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
		return -1;
	size_t i = 19;
	if (p[i] == '.') {
		int scale = 100;
		for (i++; i < s.n && digit(p[i]); i++, scale = scale == 100 ? 10 : scale == 10)
			ms += (p[i] - '0') * scale;
		if (i == 20)
			return -1;
	}
	if (offset_of((struct str){p + i, s.n - i}, &offset))
		return -1;
	int64_t t = num_days(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
	*ret = (t - offset * 60) * 1000 + ms;
	return 0;
}

void num_time_text(int64_t ms, char out[NUM_TIME_LEN + 1])
{
	int64_t days = ms / 86400000, rest = ms % 86400000;
	if (rest < 0)
		days--, rest += 86400000;
	/* civil_from_days of the source named in the header */
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int d = (int)(doy - (153 * mp + 2) / 5 + 1);
	int m = (int)(mp < 10 ? mp + 3 : mp - 9);
	int64_t y = yoe + era * 400 + (m <= 2);
	if (y < 0)
		y = 0;
	if (y > 9999)
		y = 9999;
	char text[64];
	(void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)y, m, d,
		       (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60),
		       (int)(rest % 1000)); /* bounded above: always 24 bytes */
	memcpy(out, text, NUM_TIME_LEN);
	out[NUM_TIME_LEN] = '\0';
}

void num_duration_text(int64_t ms, char out[32])
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t s = (ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms) / 1000;
	/* 32 bytes hold the longest of these */
	if (s < 60)
		(void)snprintf(out, 32, "%s%u s", sign, (unsigned)s);
	else if (s < 3600)
		(void)snprintf(out, 32, "%s%u min", sign, (unsigned)(s / 60));
	else if (s < 86400)
		(void)snprintf(out, 32, "%s%u h %02u min", sign, (unsigned)(s / 3600),
			       (unsigned)(s / 60 % 60));
	else
		(void)snprintf(out, 32, "%s%u d %u h", sign, (unsigned)(s / 86400 % 100000000),
			       (unsigned)(s / 3600 % 24));
}
