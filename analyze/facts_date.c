/*
 * Dates.  A day and month beside a full date ("from 6.8. to 8.8.2018") take its year.
 */
#include "common/num.h"

#include "analyze/facts_scan.h"

enum { YEAR_MIN = 1000, YEAR_MAX = 2199 };

static const int64_t day_ms = 86400000;

static int month_length(int64_t year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	return month == 2 && leap ? 29 : days[month - 1];
}

static bool valid(struct fact_day d)
{
	return d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= month_length(d.year, d.month);
}

struct fact_day fact_day_of(int64_t days) /* Hinnant's civil_from_days */
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	return (struct fact_day){yoe + era * 400 + (month <= 2), month,
				 (int)(doy - (153 * mp + 2) / 5 + 1)};
}

struct str fact_day_text(const struct facts *f, struct fact_day d)
{
	if (d.year == 0) {
		if (f->now_ms == POST_NO_TIME)
			return STR("");
		int64_t now = f->now_ms / day_ms - (f->now_ms % day_ms < 0), best = INT64_MAX;
		int64_t this_year = fact_day_of(now).year;
		/* eight years may lie between two 29ths of February */
		for (int64_t y = this_year - 8; y <= this_year + 8; y++) {
			if (d.day > month_length(y, d.month))
				continue;
			int64_t far = num_days(y, d.month, d.day) - now;
			far = far < 0 ? -far : far;
			if (far < best) {
				best = far;
				d.year = y;
			}
		}
	}
	return str_of(arena_printf(f->arena, "%04d-%02d-%02d", (int)d.year, d.month, d.day));
}

int fact_weekday(const struct facts *f, size_t i)
{
	static const char *const days[] = {" montag monday ",      " dienstag tuesday ",
					   " mittwoch wednesday ", " donnerstag thursday ",
					   " freitag friday ",     " samstag sonnabend saturday ",
					   " sonntag sunday "};
	if (!fact_in(f, i,
		     " montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag "
		     "monday tuesday "
		     "wednesday thursday friday saturday sunday "))
		return -1;
	int day = 0;
	while (!fact_in(f, i, days[day]))
		day++;
	return day;
}

int fact_month(const struct facts *f, size_t i)
{
	static const char *const months[] = {" januar jaenner january jan ",
					     " februar february feb ",
					     " maerz march mar mrz ",
					     " april apr ",
					     " mai may ",
					     " juni june jun ",
					     " juli july jul ",
					     " august aug ",
					     " september sept sep ",
					     " oktober october okt oct ",
					     " november nov ",
					     " dezember december dez dec "};
	const struct fact_word *w = fact_word(f, i);
	if (w->s.n < 3 || w->s.n > 9 || (w->shape & FACT_DIGIT) || w->t->kind != TOKEN_WORD ||
	    !strchr("jfmasond", w->s.p[0]))
		return 0;
	for (int m = 0; m < 12; m++) {
		if (!fact_in(f, i, months[m]))
			continue;
		/* "may" and "march" are verbs, "mar" and "dec" are anything, unless capital */
		return fact_capital(f, i) || (w->s.n > 4 && !fact_in(f, i, " march ")) ||
			       fact_in(f, i, " mai juni juli june july ")
			   ? m + 1
			   : 0;
	}
	return 0;
}

/* A year of four digits at word i, or 0. */
static int64_t year_at(const struct facts *f, size_t i)
{
	int64_t y = fact_word(f, i)->s.n == 4 ? fact_int(f, i, 4) : 0;
	return y >= YEAR_MIN && y <= YEAR_MAX && !fact_glued_behind(f, i, "-") ? y : 0;
}

/* 1..31 at word i, also as 24th; 0 else. */
static int day_number(const struct facts *f, size_t i, bool *ret_ordinal)
{
	const struct fact_word *w = fact_word(f, i);
	int64_t v = fact_int(f, i, 2);
	*ret_ordinal = false;
	if (v < 0 && (w->shape & FACT_DIGIT) && !(w->shape & FACT_TAG) && w->s.n >= 3 &&
	    w->s.n <= 4) {
		struct str end = str_sub(w->s, w->s.n - 2, w->s.n);
		if (!str_is(end, "st") && !str_is(end, "nd") && !str_is(end, "rd") &&
		    !str_is(end, "th"))
			return 0;
		v = 0;
		for (size_t k = 0; k + 2 < w->s.n; k++) {
			if (w->s.p[k] > '9')
				return 0;
			v = v * 10 + (w->s.p[k] - '0');
		}
		*ret_ordinal = true;
	}
	return v >= 1 && v <= 31 ? (int)v : 0;
}

bool fact_unit_behind(const struct facts *f, size_t i)
{
	return fact_gap_char(f, i, "%E") || fact_gap(f, i, " E") || fact_gap(f, i, " %") ||
	       (fact_gap(f, i, " ") &&
		fact_in(f, i + 1,
			" uhr h std stunden euro eur prozent percent millionen mio mrd "
			"milliarden grad km kg gb mb liter cm mm min minuten sekunden "
			"minutes hours people million stars sterne punkte points "));
}

/* 24.12.2026, 24.12.26, 24.12., and where a date is expected 24.12 */
static size_t dotted(const struct facts *f, size_t i, bool expected, struct fact_day *ret,
		     size_t *ret_end)
{
	int64_t d = fact_int(f, i, 2), m = fact_int(f, i + 1, 2);
	if (d < 1 || m < 1 || m > 12 || !(fact_gap(f, i, ".") || fact_gap(f, i, ". ")))
		return 0;
	bool tight = fact_gap(f, i, ".");
	/* chapters, versions and grades have one digit, too: then something must announce a date */
	bool two = fact_word(f, i)->s.n == 2 && fact_word(f, i + 1)->s.n == 2;
	*ret = (struct fact_day){0, (int)m, (int)d};
	const char *gap = fact_word(f, i + 1)->gap;
	int64_t y = 0;
	if (fact_gap(f, i + 1, ".") || fact_gap(f, i + 1, ". ")) {
		y = year_at(f, i + 2);
		/* 8.4.25 may be a version as well */
		if (!y && (expected || two) && fact_gap(f, i + 1, ".") &&
		    fact_word(f, i + 2)->s.n == 2 && !fact_glued_behind(f, i + 2, "-")) {
			y = fact_int(f, i + 2, 2);
			y = y < 0 ? 0 : y + (y < 70 ? 2000 : 1900);
		}
		if (y && !fact_unit_behind(f, i + 2)) {
			ret->year = y;
			*ret_end = fact_end(f, i + 2);
			return i + 2;
		}
	}
	if (!(expected || (two && tight)) || fact_unit_behind(f, i + 1))
		return 0;
	if (gap[0] == '.' && gap[1] != '.' && !fact_glued_behind(f, i + 1, "") &&
	    !(fact_gap(f, i + 1, ". ") && fact_in(f, i + 2, " uhr "))) {
		*ret_end = fact_gap_end(f, i + 1, 1);
		return i + 1;
	}
	if (!expected || !tight || fact_glued_behind(f, i + 1, "-/"))
		return 0;
	*ret_end = fact_end(f, i + 1);
	return i + 1;
}

/* 2026-12-24; 12/24/2026 and 24-12-2026 where only one reading is a date */
static size_t joined(const struct facts *f, size_t i, struct fact_day *ret, size_t *ret_end)
{
	int64_t a = fact_int(f, i, 4), b = fact_int(f, i + 1, 2), c = fact_int(f, i + 2, 4);
	if (a < 0 || b < 1 || c < 1 || !fact_gap_char(f, i, "-/") ||
	    fact_word(f, i)->gap[0] != fact_word(f, i + 1)->gap[0] || fact_word(f, i + 1)->gap[1])
		return 0;
	if (year_at(f, i) == 0 && fact_word(f, i)->s.n == 4 && (a < YEAR_MIN || a > YEAR_MAX))
		return 0;
	if (fact_glued_behind(f, i + 2, ":"))
		return 0;
	if (fact_word(f, i)->s.n == 4 && fact_word(f, i)->gap[0] == '-') {
		if (fact_word(f, i + 1)->s.n != 2 || fact_word(f, i + 2)->s.n != 2)
			return 0;
		*ret = (struct fact_day){a, (int)b, (int)c};
	} else {
		c = year_at(f, i + 2);
		if (!c || fact_word(f, i)->s.n > 2)
			return 0;
		if (a > 12 || a == b)
			*ret = (struct fact_day){c, (int)b, (int)a};
		else if (b > 12)
			*ret = (struct fact_day){c, (int)a, (int)b};
		else
			return 0;
	}
	*ret_end = fact_end(f, i + 2);
	return i + 2;
}

/* A year behind a day and month, or nothing. */
static size_t with_year(const struct facts *f, size_t last, struct fact_day *ret, size_t *ret_end)
{
	*ret_end = fact_end(f, last);
	if (fact_gap(f, last, ".") && fact_word(f, last + 1)->s.n == 2 &&
	    !fact_glued_behind(f, last + 1, "-")) { /* 20.Feb.16 */
		int64_t y = fact_int(f, last + 1, 2);
		if (y >= 0) {
			ret->year = y + (y < 70 ? 2000 : 1900);
			*ret_end = fact_end(f, last + 1);
			return last + 1;
		}
	}
	if ((fact_gap(f, last, " '") || fact_gap(f, last, ", '")) &&
	    fact_word(f, last + 1)->s.n == 2 && fact_int(f, last + 1, 2) >= 0) { /* Aug 26, '08 */
		int64_t y = fact_int(f, last + 1, 2);
		ret->year = y + (y < 70 ? 2000 : 1900);
		*ret_end = fact_end(f, last + 1);
		return last + 1;
	}
	if (fact_gap(f, last, " ") || fact_gap(f, last, ", ") || fact_gap(f, last, ". ")) {
		int64_t y = year_at(f, last + 1);
		if (y && !fact_unit_behind(f, last + 1) && !fact_in(f, last + 2, " uhr ")) {
			ret->year = y;
			*ret_end = fact_end(f, last + 1);
			return last + 1;
		}
	}
	return last;
}

/* 24. Dezember, 24 December 2026, 24th of December; Dec 24, 2026, December 24th */
static size_t named(const struct facts *f, size_t i, struct fact_day *ret, size_t *ret_end)
{
	bool ordinal;
	int month = fact_month(f, i);
	if (month) {
		if (fact_in(f, i - 1, " im ")) /* im April 20: the year */
			return 0;
		int day = day_number(f, i + 1, &ordinal);
		if (!day || !fact_capital(f, i) || !(fact_gap(f, i, " ") || fact_gap(f, i, ". ")) ||
		    fact_glued_behind(f, i + 1, "-/") || fact_unit_behind(f, i + 1) ||
		    fact_gap(f, i + 1, "."))
			return 0;
		/* "im Mai 24 Tage": what is counted */
		if (!ordinal && fact_in(f, i + 1 + 1, " tage days jahre years mal times stunden "))
			return 0;
		*ret = (struct fact_day){0, month, day};
		return with_year(f, i + 1, ret, ret_end);
	}
	int day = day_number(f, i, &ordinal);
	if (!day)
		return 0;
	size_t j = i + 1;
	if (fact_gap(f, i, " ") && fact_in(f, j, " of "))
		j++;
	month = fact_month(f, j);
	if (!month || !(fact_gap(f, j - 1, " ") ||
			(j == i + 1 && !ordinal && (fact_gap(f, i, ". ") || fact_gap(f, i, ".")))))
		return 0;
	*ret = (struct fact_day){0, month, day};
	return with_year(f, j, ret, ret_end);
}

size_t fact_day_at(const struct facts *f, size_t i, bool expected, struct fact_day *ret,
		   size_t *ret_end)
{
	struct fact_day d = {0};
	size_t end = 0, last = 0;
	if (fact_word(f, i)->shape & FACT_DIGIT) {
		if (fact_glued_before(f, i, "-"))
			return 0;
		last = joined(f, i, &d, &end);
		if (last && fact_glued_before(f, i, ""))
			return 0;
		if (!last)
			last = dotted(f, i, expected, &d, &end);
	}
	if (!last)
		last = named(f, i, &d, &end);
	if (!last || !valid(d))
		return 0;
	*ret = d;
	*ret_end = end;
	return last;
}

/* The year of the date that a range ends with, where its first date has none; 0 no range. */
static int64_t year_of_range(const struct facts *f, size_t last, struct fact_day first)
{
	size_t j = last + 1, end;
	struct fact_day to;
	if (strpbrk(fact_word(f, last)->gap, "\n!?;()~"))
		return 0;
	if (fact_in(f, j, " bis und to until and ") && fact_gap(f, j, " "))
		j++;
	else if (!strchr(fact_word(f, last)->gap, '-'))
		return 0;
	if (!fact_day_at(f, j, true, &to, &end) || to.year == 0)
		return 0;
	return to.year - (first.month > to.month);
}

enum fact_match fact_date(const struct facts *f, size_t i, struct fact_found *ret)
{
	struct fact_day d;
	if (!(fact_word(f, i)->shape & FACT_DIGIT) && !fact_month(f, i))
		return FACT_NONE;
	bool expected =
	    fact_weekday(f, i - 1) >= 0 ||
	    fact_in(f, i - 1, " am vom bis zum ab seit den dem mo di mi do fr sa so der on ");
	bool version =
	    fact_in(f, i - 1,
		    " ios android version versionen windows macos os kapitel abs absatz firmware "
		    "update v miui punkt ziffer paragraph um ");
	size_t last = version ? 0 : fact_day_at(f, i, expected, &d, &ret->end);
	if (!last)
		return FACT_NONE;
	ret->last = last;
	ret->start = fact_start(f, i);
	if (d.year == 0)
		d.year = year_of_range(f, last, d);
	ret->value = fact_day_text(f, d);
	return FACT_FOUND;
}
