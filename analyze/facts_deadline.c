/*
 * Time limits: "bis Freitag", "tomorrow", "within 24 hours", told from now.
 */
#include "common/num.h"

#include "analyze/facts_scan.h"

static const int64_t day_ms = 86400000;

struct limit {
	size_t last, end;
	int64_t day; /* since 1970; INT64_MIN: as in `date` */
	struct fact_day date;
	int minutes; /* of the day, -1 */
};

static int64_t today(const struct facts *f)
{
	return f->now_ms == POST_NO_TIME ? 0 : f->now_ms / day_ms - (f->now_ms % day_ms < 0);
}

static enum fact_match limit_found(const struct facts *f, size_t i, const struct limit *l,
				   struct fact_found *ret)
{
	ret->last = l->last;
	ret->start = fact_start(f, i);
	ret->end = l->end;
	struct fact_day day = l->day == INT64_MIN ? l->date : fact_day_of(l->day);
	if (f->now_ms == POST_NO_TIME && (l->day != INT64_MIN || day.year == 0)) {
		ret->value = STR("");
		return FACT_FOUND;
	}
	ret->value = fact_day_text(f, day);
	if (l->minutes >= 0)
		ret->value = str_of(arena_printf(f->arena, "%.*sT%02d:%02d", STR_ARG(ret->value),
						 l->minutes / 60, l->minutes % 60));
	return FACT_FOUND;
}

/* "morgen" is a day, "Morgen" mostly a greeting or a time of day. */
static bool tomorrow_at(const struct facts *f, size_t i, bool behind_preposition)
{
	if (fact_in(f, i, " tomorrow tmrw tmr "))
		return true;
	if (!fact_in(f, i, " morgen ") ||
	    fact_in(
		f, i - 1,
		" guten gute heut ab from guden gutn schoenen heute gestern vorgestern am jeden "
		"diesen der den "
		"dem des "
		"zum eines einem ein guter moin vom letzten naechsten montag dienstag mittwoch "
		"donnerstag freitag samstag sonntag mo di mi do fr sa so good gut ganzen frueher "
		"nen neuer schoener von "))
		return false;
	if (fact_upper(f, i) && !behind_preposition)
		return false;
	if (!fact_capital(f, i) || behind_preposition)
		return !fact_in(f, i + 1, " zusammen allerseits ihr ");
	return false;
}

/* The day named at word i. */
static bool day_at(const struct facts *f, size_t i, bool behind_preposition, struct limit *ret)
{
	*ret = (struct limit){.last = i, .day = INT64_MIN, .minutes = -1};
	int weekday = behind_preposition ? fact_weekday(f, i) : -1;
	if (fact_in(f, i, " uebermorgen "))
		ret->day = today(f) + 2;
	else if (tomorrow_at(f, i, behind_preposition))
		ret->day = today(f) + 1;
	else if (fact_in(f, i, " day ") && fact_in(f, i + 1, " after ") &&
		 fact_in(f, i + 2, " tomorrow ")) {
		ret->day = today(f) + 2;
		ret->last = i + 2;
	} else if (behind_preposition && weekday >= 0) {
		int now = (int)(((today(f) + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
		int ahead = (weekday - now + 7) % 7;
		ret->day = today(f) + (ahead ? ahead : 7);
	} else {
		return false;
	}
	ret->end = fact_end(f, ret->last);
	return true;
}

/* "um 14 Uhr", "at 5pm", "frueh" behind a day. */
static void add_time(const struct facts *f, struct limit *l)
{
	size_t j = l->last, end;
	int minutes, seconds;
	if (!fact_gap(f, j, " ") && !fact_gap(f, j, ", "))
		return;
	if (fact_gap(f, j, " ") &&
	    fact_in(f, j + 1,
		    " frueh abend mittag vormittag nachmittag morning evening afternoon "
		    "noon night lunchtime abends mittags ")) {
		l->last = ++j;
		l->end = fact_end(f, j);
		if (!fact_gap(f, j, " "))
			return;
	}
	j++;
	if (fact_in(f, j, " um at bis by ") && fact_gap(f, j, " "))
		j++;
	size_t last = fact_clock_at(f, j, &minutes, &seconds, &end);
	if (!last)
		return;
	l->last = last;
	l->end = end;
	l->minutes = minutes;
}

/* Is it the second half of a range: "von 8 bis 14 Uhr", "Montag bis Freitag", "vom 1. bis 5. Mai"? */
static bool range_before(const struct facts *f, size_t i)
{
	if (i < 2 || fact_word(f, i - 1)->gap[0] == '\n')
		return false;
	if ((fact_word(f, i - 1)->shape & FACT_DIGIT) || fact_weekday(f, i - 1) >= 0 ||
	    fact_month(f, i - 1) ||
	    fact_in(f, i - 1,
		    " uhr mo di mi do fr sa so am pm mon tue wed thu fri sat sun morgens frueh "))
		return true;
	for (size_t k = 2; k <= 4 && k < i; k++) {
		if (fact_in(f, i - k, " von vom from zwischen between "))
			return true;
	}
	return false;
}

/* "bis Freitag", "by tomorrow", "bis zum 3.12.", "bis 14 Uhr". */
static enum fact_match until(const struct facts *f, size_t i, struct fact_found *ret)
{
	size_t j = i + 1;
	struct limit l;
	int seconds;
	if (!fact_gap(f, i, " ") || range_before(f, i) ||
	    !fact_skip(
		f, &j,
		" zum spaetestens am the next this naechsten naechster kommenden kommender diesen "
		"latest at end of close on um einschliesslich "))
		return FACT_NONE;
	if (fact_in(f, j, " heute today tonight ")) {
		/* "bis heute" and "until today" look back */
		bool day = fact_in(f, i, " by before ") || fact_in(f, j, " tonight ");
		l = (struct limit){
		    .last = j, .end = fact_end(f, j), .day = today(f), .minutes = -1};
		add_time(f, &l);
		return day || l.last > j ? limit_found(f, i, &l, ret) : FACT_NONE;
	}
	if (day_at(f, j, true, &l)) {
		/* "bis Montag 24.12." */
		size_t end, last = 0;
		struct fact_day d;
		size_t next = l.last + 1;
		if (fact_in(f, next, " den dem der the "))
			next++;
		if (fact_gap(f, l.last, " ") || fact_gap(f, l.last, ", "))
			last = fact_day_at(f, next, true, &d, &end);
		if (last && fact_weekday(f, l.last) >= 0)
			l = (struct limit){last, end, INT64_MIN, d, -1};
		add_time(f, &l);
		return limit_found(f, i, &l, ret);
	}
	l = (struct limit){.day = INT64_MIN, .minutes = -1};
	l.last = fact_day_at(f, j, true, &l.date, &l.end);
	if (l.last) {
		add_time(f, &l);
		return limit_found(f, i, &l, ret);
	}
	if (fact_in(f, i, " vor ")) /* kurz vor 20 Uhr: when, not until when */
		return FACT_NONE;
	l.last = fact_clock_at(f, j, &l.minutes, &seconds, &l.end);
	l.day = today(f);
	return l.last ? limit_found(f, i, &l, ret) : FACT_NONE;
}

/* "I have not been here in two days" looks back. */
static bool looks_back(const struct facts *f, size_t i)
{
	for (size_t k = 1; k < FACT_REACH && k < i; k++) {
		if (strpbrk(fact_word(f, i - k)->gap, "\n.!?"))
			return false;
		if (fact_in(f, i - k,
			    " haven havent hasn hasnt hadn hadnt ain aint didn didnt never "))
			return true;
	}
	return false;
}

/* "in 2 Tagen", "innerhalb von 24 Stunden". */
static enum fact_match within(const struct facts *f, size_t i, struct fact_found *ret)
{
	bool bare = fact_in(f, i, " in ");
	size_t j = i + 1;
	struct fact_quantity q;
	if (!fact_gap(f, i, " ") ||
	    /* "zum dritten Mal in 2 Tagen": how often, not until when */
	    (bare && fact_in(f, i - 1,
			     " mal male mails times time twice once only nur zweimal dreimal day "
			     "days now nicht "
			     "that second third ")) ||
	    !fact_skip(
		f, &j,
		" von der den the next naechsten kommenden weniger als less than ca etwa maximal "
		"spaetestens about under at most a "))
		return FACT_NONE;
	if (j > i + 1 && fact_in(f, j - 1, " a "))
		j--;
	/* "in the two minutes since" */
	if (bare && fact_in(f, j - 1, " the den der "))
		return FACT_NONE;
	if (!fact_quantity_at(f, j, &q) || q.unit == 'Y' || (q.n == 0 && q.unit != 'h') ||
	    (bare && q.article && q.unit == 'D'))
		return FACT_NONE;
	if (bare && (fact_in(f, j, " one ") || fact_in(f, q.last + 1, " of ") || looks_back(f, i)))
		return FACT_NONE;
	ret->last = q.last;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, q.last);
	ret->value = STR("");
	if (f->now_ms == POST_NO_TIME)
		return FACT_FOUND;
	if (q.unit == 'h' || q.unit == 'm') {
		int64_t minutes = q.n == 0 ? 30 : q.unit == 'h' ? 60 * q.n : q.n;
		char at[NUM_TIME_LEN + 1];
		num_time_text(f->now_ms + minutes * 60000, at);
		ret->value = str_of(arena_printf(f->arena, "%.16sZ", at));
		return FACT_FOUND;
	}
	struct fact_day d = fact_day_of(today(f) + (q.unit == 'D'   ? q.n
						    : q.unit == 'W' ? 7 * q.n
								    : 0));
	if (q.unit == 'M') {
		int64_t months = d.year * 12 + d.month - 1 + q.n;
		d.year = months / 12;
		d.month = (int)(months % 12) + 1;
		int64_t next = num_days(d.year + (d.month == 12), d.month % 12 + 1, 1);
		int length = (int)(next - num_days(d.year, d.month, 1));
		d.day = d.day > length ? length : d.day;
	}
	ret->value = fact_day_text(f, d);
	return FACT_FOUND;
}

const char fact_deadline_firsts[] =
    " bis by until till before spaetestens vor in innerhalb binnen within noch heute uebermorgen "
    "tomorrow tmrw tmr morgen day ";

enum fact_match fact_deadline(const struct facts *f, size_t i, struct fact_found *ret)
{
	struct limit l;
	if (fact_word(f, i)->t->kind != TOKEN_WORD)
		return FACT_NONE;
	if (fact_in(f, i, " bis by until till before spaetestens vor "))
		return until(f, i, ret);
	if (fact_in(f, i, " in innerhalb binnen within "))
		return within(f, i, ret);
	bool noch = fact_in(f, i, " noch ") && fact_in(f, i + 1, " heute ");
	if ((noch || (fact_in(f, i, " heute ") && fact_in(f, i + 1, " noch "))) &&
	    fact_gap(f, i, " ")) {
		/* "heute noch nicht", "immer noch heute" */
		if (fact_in(f, i + 2, " nicht nichts kein keine keinen keiner nie immer mal ") ||
		    fact_in(f, i - 1, " immer auch bis nicht weder "))
			return FACT_NONE;
		l = (struct limit){
		    .last = i + 1, .end = fact_end(f, i + 1), .day = today(f), .minutes = -1};
		return limit_found(f, i, &l, ret);
	}
	if (!day_at(f, i, false, &l))
		return FACT_NONE;
	add_time(f, &l);
	return limit_found(f, i, &l, ret);
}
