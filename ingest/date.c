/*
 * One reader for all: it walks over the text and lets each token say what it can be (a time, a date of
 * three numbers, a month's name, a zone, a lone number).  Order matters only where nothing else decides.
 */
#include "common/mem.h"
#include "common/num.h"
#include "common/zone.h"

#include "ingest/date.h"

enum { MAX_BYTES = 100, UNSET = -1 };

struct date {
	struct str s;
	size_t pos;
	int64_t year;
	int month, day, hour, minute, second, milli;
	int offset; /* minutes east */
	struct str zone;
	bool has_time, has_zone, guessed, bad;
};

/* Beginnings that name a month, at least three letters; longer forms begin with them. */
static const struct {
	const char *name;
	int month;
} months[] = {
    {"january", 1},    {"januar", 1},     {"jänner", 1},    {"janvier", 1},   {"enero", 1},
    {"gennaio", 1},    {"janeiro", 1},    {"janv", 1},      {"february", 2},  {"februar", 2},
    {"feber", 2},      {"février", 2},    {"fevrier", 2},   {"febrero", 2},   {"febbraio", 2},
    {"fevereiro", 2},  {"march", 3},      {"märz", 3},      {"maerz", 3},     {"mrz", 3},
    {"mars", 3},       {"marzo", 3},      {"março", 3},     {"maart", 3},     {"mrt", 3},
    {"april", 4},      {"avril", 4},      {"abril", 4},     {"aprile", 4},    {"may", 5},
    {"mai", 5},        {"mayo", 5},       {"maggio", 5},    {"maio", 5},      {"mei", 5},
    {"june", 6},       {"juni", 6},       {"juin", 6},      {"junio", 6},     {"giugno", 6},
    {"junho", 6},      {"july", 7},       {"juli", 7},      {"juillet", 7},   {"julio", 7},
    {"luglio", 7},     {"julho", 7},      {"august", 8},    {"août", 8},      {"aout", 8},
    {"agosto", 8},     {"augustus", 8},   {"september", 9}, {"septembre", 9}, {"septiembre", 9},
    {"settembre", 9},  {"setembro", 9},   {"october", 10},  {"oktober", 10},  {"octobre", 10},
    {"octubre", 10},   {"ottobre", 10},   {"outubro", 10},  {"november", 11}, {"novembre", 11},
    {"noviembre", 11}, {"novembro", 11},  {"december", 12}, {"dezember", 12}, {"décembre", 12},
    {"decembre", 12},  {"diciembre", 12}, {"dicembre", 12}, {"dezembro", 12},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static char peek(const struct date *d, size_t ahead)
{
	return d->pos + ahead < d->s.n ? d->s.p[d->pos + ahead] : '\0';
}

/* Digits at pos (at most 18 count); their number in *ret_n. */
static int64_t number(struct date *d, size_t *ret_n)
{
	int64_t v = 0;
	size_t n = 0;
	for (; is_digit(peek(d, 0)); d->pos++, n++)
		if (n < 18)
			v = v * 10 + (peek(d, 0) - '0');
	*ret_n = n;
	return v;
}

static int64_t full_year(int64_t year, size_t digits)
{
	if (digits <= 2) /* RFC 5322, 4.3 */
		return year < 50 ? 2000 + year : 1900 + year;
	return digits == 3 ? 1900 + year : year;
}

static int month_of(struct str word)
{
	char low[16];
	if (word.n < 3 || word.n >= sizeof low)
		return 0;
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];
		bool latin1 = i && word.p[i - 1] == '\xc3' && c >= 0x80 && c <= 0x9e;
		low[i] = (char)((c >= 'A' && c <= 'Z') || latin1 ? c + 32 : c);
	}
	struct str name = {low, word.n};
	for (size_t i = 0; i < ARRAY_LEN(months); i++)
		if (word.n <= strlen(months[i].name) && memcmp(months[i].name, name.p, name.n) == 0)
			return months[i].month;
	return str_is(name, "sept") ? 9 : 0;
}

/* "+0200" "-05:00" "+1" at pos. */
static void read_offset(struct date *d)
{
	int sign = peek(d, 0) == '-' ? -1 : 1;
	size_t n;
	d->pos++;
	int64_t v = number(d, &n), m = 0;
	if (n > 2) {
		m = v % 100;
		v /= 100;
	} else if (peek(d, 0) == ':' && is_digit(peek(d, 1))) {
		d->pos++;
		m = number(d, &n);
	}
	if (v <= 15 && m < 60) {
		d->offset = sign * (int)(v * 60 + m);
		d->has_zone = true;
	}
}

static void read_half_day(struct date *d)
{
	size_t at = d->pos;
	while (at < d->s.n && d->s.p[at] == ' ')
		at++;
	struct str rest = str_sub(d->s, at, d->s.n);
	char half = rest.n > 1 ? (char)(rest.p[0] | 32) : '\0';
	size_t dot = rest.n > 1 && rest.p[1] == '.';
	if ((half != 'a' && half != 'p') || rest.n < 2 + dot || (rest.p[1 + dot] | 32) != 'm' ||
	    (rest.n > 2 + dot && is_letter(rest.p[2 + dot])))
		return;
	d->pos = at + 2 + dot + (rest.n > 2 + dot && rest.p[2 + dot] == '.');
	if (d->hour <= 12)
		d->hour = d->hour % 12 + (half == 'p' ? 12 : 0);
}

/* Behind the hour, at ':' (or 'h'). */
static void read_time(struct date *d, int64_t hour)
{
	size_t n;
	d->pos++;
	int64_t minute = number(d, &n), second = 0, milli = 0;
	if (peek(d, 0) == ':' && is_digit(peek(d, 1))) {
		d->pos++;
		second = number(d, &n);
		if ((peek(d, 0) == '.' || peek(d, 0) == ',') && is_digit(peek(d, 1))) {
			d->pos++;
			for (int scale = 100; is_digit(peek(d, 0)); d->pos++, scale /= 10)
				milli += (peek(d, 0) - '0') * scale;
		}
	}
	if (d->has_time || hour > 24 || minute > 59 || second > 60) {
		d->bad = d->bad || !d->has_time;
		return;
	}
	d->has_time = true;
	d->hour = (int)hour;
	d->minute = (int)minute;
	d->second = second == 60 ? 59 : (int)second;
	d->milli = (int)milli;
	read_half_day(d);
}

/* Three numbers with the same mark between. */
static void set_date(struct date *d, char mark, int64_t a, size_t na, int64_t b, int64_t c,
		     size_t nc)
{
	if (na >= 3) { /* year first */
		d->year = a;
		d->month = (int)b;
		d->day = (int)c;
		return;
	}
	bool day_first = mark != '/' || a > 12;
	if (mark == '-' && a > 31) { /* 03-12-31 would be ambiguous; 99-12-31 is not */
		d->year = full_year(a, na);
		d->month = (int)b;
		d->day = (int)c;
		return;
	}
	if (b > 12)
		day_first = false;
	else if (mark == '/' && a <= 12 && a != b)
		d->guessed = true;
	d->day = (int)(day_first ? a : b);
	d->month = (int)(day_first ? b : a);
	d->year = full_year(c, nc);
}

static void read_number(struct date *d)
{
	size_t na, nb, nc, start = d->pos;
	int64_t a = number(d, &na), b, c;
	char mark = peek(d, 0);
	if (mark == ':' && is_digit(peek(d, 1)) && na <= 2) {
		read_time(d, a);
		return;
	}
	if ((mark == 'h' || mark == 'H') && is_digit(peek(d, 1)) && na <= 2) {
		read_time(d, a);
		return;
	}
	if (na == 14 || na == 8 || na == 12) { /* 20031231, 20031231101400 */
		struct str t = str_sub(d->s, start, d->pos);
		int64_t y, m, day, h = 0, min = 0, s = 0;
		if (num_int(str_sub(t, 0, 4), 1970, 2100, &y) == 0 &&
		    num_int(str_sub(t, 4, 6), 1, 12, &m) == 0 &&
		    num_int(str_sub(t, 6, 8), 1, 31, &day) == 0 &&
		    (na < 12 || (num_int(str_sub(t, 8, 10), 0, 24, &h) == 0 &&
				 num_int(str_sub(t, 10, 12), 0, 59, &min) == 0)) &&
		    (na < 14 || num_int(str_sub(t, 12, 14), 0, 60, &s) == 0)) {
			d->year = y;
			d->month = (int)m;
			d->day = (int)day;
			d->hour = (int)h;
			d->minute = (int)min;
			d->second = (int)s;
			d->has_time = d->has_time || na > 8;
			return;
		}
	}
	if (mark == '.' && !d->has_time && na <= 2 &&
	    str_is(str_sub(d->s, d->pos + 3, d->pos + 7), " Uhr")) {
		read_time(d, a);
		return;
	}
	bool clock = na == 6 && d->day != UNSET && !d->has_time && a < 240000;
	if (clock) { /* behind 20031231T */
		d->has_time = true;
		d->hour = (int)(a / 10000);
		d->minute = (int)(a / 100 % 100);
		d->second = (int)(a % 100);
		d->bad = d->minute > 59 || d->second > 60;
		return;
	}
	bool marked = (mark == '-' || mark == '/' || mark == '.') && is_digit(peek(d, 1));
	if (marked && d->year == UNSET && d->month == UNSET) {
		size_t back = d->pos;
		d->pos++;
		b = number(d, &nb);
		if (peek(d, 0) == mark && is_digit(peek(d, 1)) && nb <= 2) {
			d->pos++;
			c = number(d, &nc);
			set_date(d, mark, a, na, b, c, nc);
			return;
		}
		if (na == 4 && mark == '-' && nb == 2) { /* 2003-12 */
			d->year = a;
			d->month = (int)b;
			return;
		}
		if (na == 4 && mark == '-' && nb == 3) { /* 2003-335: day of the year */
			d->year = a;
			d->month = 1;
			d->day = (int)b;
			return;
		}
		d->pos = back;
	}
	if (na <= 2 && d->day == UNSET)
		d->day = (int)a;
	else if (na <= 4 && d->year == UNSET)
		d->year = full_year(a, na);
	/* "3pm" */
	if (na <= 2 && !d->has_time && d->year != UNSET && d->day != UNSET && d->day != a) {
		d->hour = (int)a;
		size_t before = d->pos;
		read_half_day(d);
		d->has_time = d->pos != before;
		if (!d->has_time)
			d->hour = 0;
	}
	struct str suffix = str_sub(d->s, d->pos, d->pos + 2);
	if (str_ieq(suffix, "st") || str_ieq(suffix, "nd") || str_ieq(suffix, "rd") ||
	    str_ieq(suffix, "th"))
		d->pos += 2;
}

static void read_word(struct date *d)
{
	size_t from = d->pos;
	while (is_letter(peek(d, 0)) ||
	       (d->pos > from && (peek(d, 0) == '/' || peek(d, 0) == '_') && is_letter(peek(d, 1))))
		d->pos++;
	struct str word = str_sub(d->s, from, d->pos);
	if (str_is(word, "T")) /* between date and time */
		return;
	int month = month_of(word), minutes;
	if (month)
		d->month = month; /* a later one wins: "mar., 01 déc." */
	else if ((d->year != UNSET || d->has_time) && !d->has_zone &&
		 zone_minutes(word, 0, &minutes)) {
		d->zone = word;
		d->has_zone = true;
		if ((peek(d, 0) == '+' || peek(d, 0) == '-') && is_digit(peek(d, 1)))
			read_offset(d); /* GMT+0200 */
	}
}

static enum post_date_quality finish(struct date *d, int64_t *ret_ms)
{
	int64_t day = d->day == UNSET ? 1 : d->day;
	if (d->bad || d->year == UNSET || d->year < 1 || d->year > 9999)
		return POST_DATE_MISSING;
	if (d->month == UNSET) {
		if (d->day != UNSET)
			return POST_DATE_MISSING;
		d->month = 1;
	}
	if (d->month < 1 || d->month > 12 || day < 1 || day > 366 || (day > 31 && d->month != 1))
		return POST_DATE_MISSING;
	/* 31 June is read as 1 July */
	int64_t ms = (num_days(d->year, d->month, 1) + day - 1) * 86400000;
	ms += ((d->hour * 60 + d->minute) * 60 + d->second) * 1000LL + d->milli;
	int minutes = d->offset;
	if (d->zone.n && zone_minutes(d->zone, ms, &minutes))
		minutes += d->offset;
	*ret_ms = ms - minutes * 60000LL;
	if (!d->has_time)
		return POST_DATE_DAY;
	return d->guessed || !d->has_zone ? POST_DATE_GUESSED : POST_DATE_EXACT;
}

/* Seconds or milliseconds since 1970. */
static bool epoch(struct str s, int64_t *ret_ms)
{
	int64_t v;
	if (s.n < 9 || s.n > 13 || s.n == 12 || num_int(s, 0, INT64_MAX, &v))
		return false;
	*ret_ms = s.n == 13 ? v : v * 1000;
	return true;
}

enum post_date_quality date_parse(struct str s, int64_t *ret_ms)
{
	s = str_trim(s);
	if (epoch(s, ret_ms))
		return POST_DATE_EXACT;
	struct date d = {
	    .s = str_sub(s, 0, MAX_BYTES), .year = UNSET, .month = UNSET, .day = UNSET};
	while (d.pos < d.s.n) {
		char c = peek(&d, 0);
		bool sign = (c == '+' || c == '-') && is_digit(peek(&d, 1));
		if (is_digit(c))
			read_number(&d);
		else if (c == '(')
			d.pos = str_find(d.s, ')', d.pos) + 1;
		else if (sign && d.has_time && !d.has_zone)
			read_offset(&d);
		else if (is_letter(c))
			read_word(&d);
		else
			d.pos++;
	}
	return finish(&d, ret_ms);
}
