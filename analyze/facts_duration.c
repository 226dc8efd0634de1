/*
 * So and so many hours, days, weeks; and how long somebody has waited: "seit 9 Tagen".
 */
#include "analyze/facts_scan.h"

enum { FILLERS = 5 };

static char unit_of(struct str s, bool *ret_singular)
{
	static const struct {
		const char *word;
		char unit;
		bool singular;
	} units[] = {{"minute", 'm', true},   {"minuten", 'm', false}, {"min", 'm', false},
		     {"mins", 'm', false},    {"minutes", 'm', false}, {"stunde", 'h', true},
		     {"stunden", 'h', false}, {"std", 'h', false},     {"stdn", 'h', false},
		     {"h", 'h', false},       {"hour", 'h', true},     {"hours", 'h', false},
		     {"hrs", 'h', false},     {"hr", 'h', true},       {"tag", 'D', true},
		     {"tage", 'D', false},    {"tagen", 'D', false},   {"day", 'D', true},
		     {"days", 'D', false},    {"woche", 'W', true},    {"wochen", 'W', false},
		     {"week", 'W', true},     {"weeks", 'W', false},   {"monat", 'M', true},
		     {"monate", 'M', false},  {"monaten", 'M', false}, {"month", 'M', true},
		     {"months", 'M', false},  {"jahr", 'Y', true},     {"jahre", 'Y', false},
		     {"jahren", 'Y', false},  {"year", 'Y', true},     {"years", 'Y', false}};
	for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
		if (s.n && s.p[0] == units[k].word[0] && str_is(s, units[k].word)) {
			*ret_singular = units[k].singular;
			return units[k].unit;
		}
	}
	return 0;
}

static int64_t number_word(const struct facts *f, size_t i)
{
	static const char *const words[] = {" ein eine einer einem einen one a an ",
					    " zwei two ",
					    " drei three ",
					    " vier four ",
					    " fuenf five ",
					    " sechs six ",
					    " sieben seven ",
					    " acht eight ",
					    " neun nine ",
					    " zehn ten ",
					    " elf eleven ",
					    " zwoelf twelve "};
	for (int n = 0; n < 12; n++) {
		if (fact_in(f, i, words[n]))
			return n + 1;
	}
	return -1;
}

static bool quantity_at(const struct facts *f, size_t i, struct fact_quantity *ret)
{
	const struct fact_word *w = fact_word(f, i);
	bool singular = false;
	*ret = (struct fact_quantity){.last = i};
	if (w->shape & FACT_TAG)
		return false;
	if ((w->shape & FACT_DIGIT) && !(w->shape & FACT_NUMBER)) { /* 2h, 30min */
		size_t k = 0;
		while (k < w->s.n && k < 4 && w->s.p[k] <= '9')
			ret->n = ret->n * 10 + (w->s.p[k++] - '0');
		ret->unit = unit_of(str_sub(w->s, k, w->s.n), &singular);
		return ret->unit && ret->n > 0 && !fact_glued_before(f, i, "");
	}
	ret->n = (w->shape & FACT_NUMBER) ? fact_int(f, i, 3) : number_word(f, i);
	ret->article = !(w->shape & FACT_NUMBER) && ret->n == 1;
	if (ret->n < 1 || fact_glued_before(f, i, "") || !fact_gap(f, i, " "))
		return false;
	ret->last = i + 1;
	if (ret->article && fact_in(f, i + 1, " halbe halben half ") && fact_gap(f, i + 1, " ")) {
		ret->n = 0;
		ret->last = i + 2;
	}
	ret->unit = unit_of(fact_word(f, ret->last)->s, &singular);
	/* "a 30 day trial": a unit that stays singular is part of a name */
	return ret->unit && !(singular && ret->n > 1) && !fact_gap(f, ret->last, "-");
}

/* "half an hour" */
static bool half_at(const struct facts *f, size_t i, struct fact_quantity *ret)
{
	if (!fact_in(f, i, " half ") || !fact_in(f, i + 1, " a an "))
		return false;
	bool singular;
	*ret = (struct fact_quantity){
	    .n = 0, .unit = unit_of(fact_word(f, i + 2)->s, &singular), .last = i + 2};
	return ret->unit != 0;
}

bool fact_quantity_at(const struct facts *f, size_t i, struct fact_quantity *ret)
{
	return quantity_at(f, i, ret) || half_at(f, i, ret);
}

static struct str duration_text(const struct facts *f, struct fact_quantity q)
{
	if (q.n == 0 && (q.unit == 'h' || q.unit == 'D' || q.unit == 'Y'))
		return q.unit == 'h' ? STR("PT30M") : q.unit == 'D' ? STR("PT12H") : STR("P6M");
	bool clock = q.unit == 'h' || q.unit == 'm';
	char unit = q.unit == 'h' ? 'H' : q.unit == 'm' ? 'M' : q.unit;
	return str_of(arena_printf(f->arena, clock ? "PT%lld%c" : "P%lld%c", (long long)q.n, unit));
}

bool fact_skip(const struct facts *f, size_t *i, const char *list)
{
	size_t from = *i;
	while (*i < from + FILLERS && fact_in(f, *i, list) && fact_gap(f, *i, " "))
		(*i)++;
	return *i < from + FILLERS;
}

const char fact_duration_firsts[] = " seit for since schon bereits waiting ";

enum fact_match fact_duration(const struct facts *f, size_t i, struct fact_found *ret)
{
	if (!fact_gap(f, i, " ") || !fact_in(f, i, fact_duration_firsts))
		return FACT_NONE;
	size_t j = i + 1;
	if (!fact_skip(
		f, &j,
		" schon bereits ueber mehr als fast knapp gut nun jetzt mittlerweile inzwischen ca "
		"etwa rund ungefaehr circa mindestens genau over more than almost nearly about at "
		"least the past last like around now well den letzten vollen ganzen whole for "))
		return FACT_NONE;
	struct fact_quantity q;
	if (!fact_quantity_at(f, j, &q))
		return FACT_NONE;
	if (q.n == 0 && q.unit != 'h' && q.unit != 'D' && q.unit != 'Y')
		return FACT_NONE;
	/* "hold on for a minute", "for a day", "schon eine Stunde frueher" */
	bool english = fact_in(f, i, " for ");
	/* 99 for a year: a price */
	if (english && (fact_word(f, i - 1)->shape & FACT_DIGIT))
		return FACT_NONE;
	if (english && q.article && (q.unit == 'm' || q.unit == 'D'))
		return FACT_NONE;
	if (fact_in(f, q.last + 1,
		    " vorher spaeter frueher vor alt old olds ago later delivery shipping trial "
		    "free from "
		    "verspaetung before "))
		return FACT_NONE;
	ret->last = q.last;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, q.last);
	ret->value = duration_text(f, q);
	return FACT_FOUND;
}
