#include "common/mem.h"
#include "common/num.h"

#include "common/zone.h"

static const struct {
	const char *name;
	int minutes;
} zones[] = {
    {"UTC", 0},    {"GMT", 0},    {"UT", 0},      {"Z", 0},       {"WET", 0},    {"WEST", 60},
    {"BST", 60},   {"IST", 330},  {"CET", 60},    {"MEZ", 60},    {"CEST", 120}, {"MESZ", 120},
    {"MET", 60},   {"MEST", 120}, {"EET", 120},   {"EEST", 180},  {"MSK", 180},  {"MSD", 240},
    {"EST", -300}, {"EDT", -240}, {"CST", -360},  {"CDT", -300},  {"MST", -420}, {"MDT", -360},
    {"PST", -480}, {"PDT", -420}, {"AKST", -540}, {"AKDT", -480}, {"HST", -600}, {"AST", -240},
    {"ADT", -180}, {"NST", -210}, {"NDT", -150},  {"BRT", -180},  {"ART", -180}, {"JST", 540},
    {"KST", 540},  {"SGT", 480},  {"HKT", 480},   {"AWST", 480},  {"ACST", 570}, {"AEST", 600},
    {"AEDT", 660}, {"NZST", 720}, {"NZDT", 780},  {"ET", -300},   {"CT", -360},  {"MT", -420},
    {"PT", -480},
};

enum rule { FIXED, EUROPE, AMERICA };

static const struct {
	const char *name;
	int minutes;
	enum rule rule;
} places[] = {
    {"Europe/London", 0, EUROPE},
    {"Europe/Dublin", 0, EUROPE},
    {"Europe/Lisbon", 0, EUROPE},
    {"Europe/Berlin", 60, EUROPE},
    {"Europe/Vienna", 60, EUROPE},
    {"Europe/Zurich", 60, EUROPE},
    {"Europe/Paris", 60, EUROPE},
    {"Europe/Amsterdam", 60, EUROPE},
    {"Europe/Brussels", 60, EUROPE},
    {"Europe/Luxembourg", 60, EUROPE},
    {"Europe/Rome", 60, EUROPE},
    {"Europe/Madrid", 60, EUROPE},
    {"Europe/Prague", 60, EUROPE},
    {"Europe/Warsaw", 60, EUROPE},
    {"Europe/Budapest", 60, EUROPE},
    {"Europe/Copenhagen", 60, EUROPE},
    {"Europe/Stockholm", 60, EUROPE},
    {"Europe/Oslo", 60, EUROPE},
    {"Europe/Helsinki", 120, EUROPE},
    {"Europe/Athens", 120, EUROPE},
    {"Europe/Kiev", 120, EUROPE},
    {"Europe/Kyiv", 120, EUROPE},
    {"Europe/Istanbul", 180, FIXED},
    {"Europe/Moscow", 180, FIXED},
    {"America/New_York", -300, AMERICA},
    {"America/Toronto", -300, AMERICA},
    {"US/Eastern", -300, AMERICA},
    {"America/Chicago", -360, AMERICA},
    {"US/Central", -360, AMERICA},
    {"America/Denver", -420, AMERICA},
    {"US/Mountain", -420, AMERICA},
    {"America/Phoenix", -420, FIXED},
    {"America/Los_Angeles", -480, AMERICA},
    {"US/Pacific", -480, AMERICA},
    {"America/Vancouver", -480, AMERICA},
    {"America/Sao_Paulo", -180, FIXED},
    {"Asia/Tokyo", 540, FIXED},
    {"Asia/Seoul", 540, FIXED},
    {"Asia/Shanghai", 480, FIXED},
    {"Asia/Hong_Kong", 480, FIXED},
    {"Asia/Singapore", 480, FIXED},
    {"Asia/Kolkata", 330, FIXED},
    {"Asia/Dubai", 240, FIXED},
    {"Australia/Brisbane", 600, FIXED},
    {"Etc/UTC", 0, FIXED},
    {"Etc/GMT", 0, FIXED},
};

static const int64_t day_ms = 86400000;

/* Day number of the n-th Sunday of a month (n 1..), or the last one (n 0). */
static int64_t sunday(int64_t year, int month, int n)
{
	int64_t first = num_days(year, month, n ? 1 : 31); /* 1970-01-01 was a Thursday */
	if (n)
		return first + (10 - first % 7) % 7 + 7 * (n - 1);
	return first - (first + 4) % 7;
}

static int64_t year_of(int64_t ms)
{
	int64_t year = 1970 + ms / (day_ms * 365);
	while (num_days(year, 1, 1) * day_ms > ms)
		year--;
	return year;
}

static bool summer(enum rule rule, int64_t local_ms, int minutes)
{
	int64_t year = year_of(local_ms), from, to;
	if (rule == FIXED || local_ms < 0)
		return false;
	if (rule == EUROPE) { /* at 1:00 UTC, last Sundays of March and October */
		from = sunday(year, 3, 0) * day_ms + (60 + minutes) * 60000;
		to = sunday(year, 10, 0) * day_ms + (120 + minutes) * 60000;
	} else { /* at 2:00 local time */
		bool now = year >= 2007;
		from = sunday(year, now ? 3 : 4, now ? 2 : 1) * day_ms + 120 * 60000;
		to = sunday(year, now ? 11 : 10, now ? 1 : 0) * day_ms + 120 * 60000;
	}
	return local_ms >= from && local_ms < to;
}

bool zone_minutes(struct str name, int64_t local_ms, int *ret_minutes)
{
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (str_ieq(name, zones[i].name)) {
			*ret_minutes = zones[i].minutes;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (str_ieq(name, places[i].name)) {
			*ret_minutes =
			    places[i].minutes +
			    (summer(places[i].rule, local_ms, places[i].minutes) ? 60 : 0);
			return true;
		}
	/* one letter: the military zones, written the wrong way round too often to be believed */
	if (name.n == 1 && ((name.p[0] | 32) >= 'a' && (name.p[0] | 32) <= 'z')) {
		*ret_minutes = 0;
		return true;
	}
	return false;
}
