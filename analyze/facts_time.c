/*
 * Times of day: 14:30, 14.30 Uhr, 8 Uhr, 3pm, 8 o'clock.
 */
#include "analyze/facts_scan.h"

static bool duration_behind(const struct facts *f, size_t i)
{
	return fact_in(
	    f, i,
	    " min mins minuten minutes h std stunde stunden hours hour sek sekunden sec seconds ");
}

/* Is it am or pm at word i (m of "p.m." included)?  0, 'a', 'p'; *ret_last its last word. */
static char half_of_day(const struct facts *f, size_t i, size_t *ret_last)
{
	*ret_last = i;
	if (fact_in(f, i, " am ") || fact_in(f, i, " pm "))
		return fact_word(f, i)->s.p[0];
	if (fact_in(f, i, " a p ") && fact_gap(f, i, ".") && fact_in(f, i + 1, " m ")) {
		*ret_last = i + 1;
		return fact_word(f, i)->s.p[0];
	}
	return 0;
}

size_t fact_clock_at(const struct facts *f, size_t i, int *ret_minutes, int *ret_seconds,
		     size_t *ret_end)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_DIGIT) || (w->shape & FACT_TAG) || fact_glued_before(f, i, "-/"))
		return 0;
	int64_t hour = 0, minute = -1, second = -1;
	size_t n = 0, last = i;
	while (n < w->s.n && n < 3 && w->s.p[n] <= '9')
		hour = hour * 10 + (w->s.p[n++] - '0');
	struct str unit = str_sub(w->s, n, w->s.n);
	if (n > 2)
		return 0;
	char joint = fact_word(f, i)->gap[0];
	if (unit.n == 0 && fact_gap_char(f, i, ":.")) {
		const struct fact_word *m = fact_word(f, i + 1);
		if (!(m->shape & FACT_DIGIT) || m->s.n < 2 || m->s.p[0] > '5' || m->s.p[1] > '9')
			return 0;
		minute = (m->s.p[0] - '0') * 10 + (m->s.p[1] - '0');
		unit = str_sub(m->s, 2, m->s.n);
		last = i + 1;
		if (unit.n == 0 && joint == ':' && fact_gap(f, last, ":")) {
			second = fact_word(f, last + 1)->s.n == 2 ? fact_int(f, last + 1, 2) : -1;
			if (second < 0 || second > 59)
				return 0;
			last++;
		}
	}
	bool clock = false;
	char half = 0;
	size_t end = fact_end(f, last), half_last = 0;
	if (unit.n) {
		half = str_is(unit, "am") ? 'a' : str_is(unit, "pm") ? 'p' : 0;
		clock = str_is(unit, "uhr");
		if (!half && !clock)
			return 0;
	} else if (fact_gap(f, last, " ") || fact_gap(f, last, "")) {
		if (fact_in(f, last + 1, " uhr ")) {
			clock = true;
			last++;
		} else if (fact_in(f, last + 1, " o ") && fact_gap_char(f, last + 1, "'") &&
			   fact_in(f, last + 2, " clock ")) {
			clock = true;
			last += 2;
		} else if ((half = half_of_day(f, last + 1, &half_last))) {
			/* German "am" behind a number is a preposition: Platz 3 am Sonntag */
			bool am =
			    half == 'a' && half_last == last + 1 && !fact_upper(f, last + 1) &&
			    !fact_in(f, i - 1, " at by until till from before around about since ");
			half = am ? 0 : half;
			last = am ? last : half_last;
		} else if (duration_behind(f, last + 1)) {
			return 0;
		}
		end = fact_end(f, last);
	}
	if (half && minute >= 0 && joint == '.' && hour > 12)
		return 0;
	if (half) {
		if (hour < 1 || hour > 12)
			return 0;
		hour = hour % 12 + (half == 'p' ? 12 : 0);
		if (half_last == last && fact_in(f, last, " m ") &&
		    fact_word(f, last)->gap[0] == '.')
			end = fact_gap_end(f, last, 1); /* p.m. */
	}
	bool exact = minute >= 0 && joint == ':';
	if ((!clock && !half && !exact) || hour > 24 || (hour == 24 && minute > 0) ||
	    fact_glued_behind(f, last, "-/,"))
		return 0;
	/* 20 Uhr 15 */
	if (clock && minute < 0 && fact_gap(f, last, " ") && fact_word(f, last + 1)->s.n == 2 &&
	    fact_int(f, last + 1, 2) >= 0 && fact_int(f, last + 1, 2) < 60 &&
	    !fact_glued_behind(f, last + 1, "") && !fact_unit_behind(f, last + 1) &&
	    fact_word(f, last + 1)->gap[0] != '.' && !duration_behind(f, last + 2)) {
		minute = fact_int(f, ++last, 2);
		end = fact_end(f, last);
	}
	*ret_minutes = (int)(hour * 60 + (minute > 0 ? minute : 0));
	*ret_seconds = (int)second;
	*ret_end = end;
	return last;
}

enum fact_match fact_time(const struct facts *f, size_t i, struct fact_found *ret)
{
	int minutes, seconds;
	size_t last = fact_clock_at(f, i, &minutes, &seconds, &ret->end);
	if (!last)
		return FACT_NONE;
	ret->last = last;
	ret->start = fact_start(f, i);
	ret->value =
	    str_of(seconds < 0 ? arena_printf(f->arena, "%02d:%02d", minutes / 60, minutes % 60)
			       : arena_printf(f->arena, "%02d:%02d:%02d", minutes / 60,
					      minutes % 60, seconds));
	return FACT_FOUND;
}
