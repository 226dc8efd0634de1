/*
 * Sums of money: a number with a currency beside it, German and English writing.
 *
 * A dot or comma before one or two last digits is the decimal one, before three it groups thousands;
 * one comma before three digits with the currency behind ("1,799 €", as at pumps) is decimal.
 */
#include "analyze/facts_scan.h"

struct amount {
	size_t last;
	int64_t whole, thousandths;
	char one_group;  /* the joint of a single group of three, which could be either */
	size_t gap;      /* characters of the gap behind it that are its own: ",-" */
	struct str unit; /* letters glued to it: 12eur, 20k */
};

/* The digits that a word begins with; their number. */
static size_t lead(struct str s, int64_t *ret)
{
	size_t n = 0;
	*ret = 0;
	while (n < s.n && n < 12 && s.p[n] >= '0' && s.p[n] <= '9')
		*ret = *ret * 10 + (s.p[n++] - '0');
	return n < s.n && s.p[n] >= '0' && s.p[n] <= '9' ? 0 : n;
}

/* The amount at word i behind `skip` letters. */
static bool amount_at(const struct facts *f, size_t i, size_t skip, struct amount *ret)
{
	struct str s = str_sub(fact_word(f, i)->s, skip, SIZE_MAX);
	size_t n = lead(s, &ret->whole), first = n;
	if (!n || !(fact_word(f, i)->shape & FACT_CODE) || (fact_word(f, i)->shape & FACT_TAG))
		return false;
	*ret = (struct amount){.last = i, .whole = ret->whole, .unit = str_sub(s, n, SIZE_MAX)};
	size_t groups = 0;
	char joint = 0;
	while (ret->unit.n == 0 && groups < 4) {
		const struct fact_word *next = fact_word(f, ret->last + 1);
		int64_t v;
		if (!fact_gap_char(f, ret->last, ".,' ") || !(next->shape & FACT_DIGIT) ||
		    (next->shape & FACT_TAG))
			break;
		char c = fact_word(f, ret->last)->gap[0];
		n = lead(next->s, &v);
		if (n == 3 && first <= 3 && ret->whole > 0 && (!joint || joint == c)) {
			ret->whole = ret->whole * 1000 + v;
			ret->one_group = groups ? 0 : c;
			joint = c;
		} else if ((n == 1 || n == 2 || (n == 3 && ret->whole == 0)) &&
			   (c == '.' || c == ',') && c != joint) {
			static const int64_t scale[] = {0, 100, 10, 1};
			ret->thousandths = v * scale[n];
			ret->one_group = 0;
			groups = 4;
		} else if (c == ' ') {
			break;
		} else {
			return false;
		}
		ret->last++;
		groups++;
		ret->unit = str_sub(next->s, n, SIZE_MAX);
	}
	if (ret->unit.n == 0 && fact_glued_behind(f, ret->last, "-$/"))
		return false;
	const char *gap = fact_word(f, ret->last)->gap;
	if (ret->unit.n == 0 && (gap[0] == ',' || gap[0] == '.') && gap[1] == '-')
		ret->gap = gap[2] == '-' ? 3 : 2;
	return true;
}

static const char *currency_name(struct str s)
{
	static const struct {
		const char *word, *name;
	} words[] = {{"eur", "EUR"},     {"euro", "EUR"}, {"euros", "EUR"}, {"dollar", "USD"},
		     {"dollars", "USD"}, {"usd", "USD"},  {"gbp", "GBP"},   {"chf", "CHF"},
		     {"franken", "CHF"}, {"sfr", "CHF"}};
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		if (s.n && s.p[0] == words[k].word[0] && str_is(s, words[k].word))
			return words[k].name;
	}
	return NULL;
}

static const char *currency_sign(char c)
{
	return c == 'E' ? "EUR" : c == 'L' ? "GBP" : c == '$' ? "USD" : NULL;
}

/* Powers of ten by word; 0 none. */
static int multiplier(struct str s, bool short_forms)
{
	static const struct {
		const char *word;
		int power;
		bool is_short;
	} words[] = {{"tausend", 3, false},   {"tsd", 3, false},       {"thousand", 3, false},
		     {"k", 3, true},          {"mio", 6, false},       {"million", 6, false},
		     {"millionen", 6, false}, {"millions", 6, false},  {"m", 6, true},
		     {"mrd", 9, false},       {"milliarde", 9, false}, {"milliarden", 9, false},
		     {"billion", 9, false},   {"billions", 9, false},  {"bn", 9, false},
		     {"billionen", 12, false}};
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		if (s.n && s.p[0] == words[k].word[0] && str_is(s, words[k].word) &&
		    (short_forms || !words[k].is_short))
			return words[k].power;
	}
	return 0;
}

/* The currency behind word j and `gap` characters: its name, and where it ends. */
static const char *currency_behind(const struct facts *f, size_t j, size_t gap, size_t *ret_last,
				   size_t *ret_end)
{
	const char *g = fact_word(f, j)->gap + gap;
	size_t blank = g[0] == ' ';
	const char *name = currency_sign(g[blank]);
	*ret_last = j;
	if (name) {
		/* "1 $20 note", "12€50": the sign is the next number's, or both's */
		if (!g[blank + 1] && j < f->n && (fact_word(f, j + 1)->shape & FACT_DIGIT))
			return NULL;
		*ret_end = fact_gap_end(f, j, gap + blank + 1);
		return name;
	}
	if ((g[0] && !(blank && !g[1])) || (!g[0] && !gap))
		return NULL;
	*ret_last = j + 1;
	*ret_end = fact_end(f, j + 1);
	name = currency_name(fact_word(f, j + 1)->s);
	/* the 49 Euro Ticket is a product */
	if (name && fact_gap_char(f, j + 1, " -") &&
	    fact_in(f, j + 1 + 1,
		    " ticket tickets job jobs jobber shop jobberin stueck stuecke muenze muenzen "))
		return NULL;
	return name;
}

static enum fact_match found(const struct facts *f, const struct amount *a, const char *currency,
			     int power, struct fact_found *ret)
{
	int64_t v = a->whole * 1000 + a->thousandths;
	if (power && a->whole > 999999)
		return FACT_NONE;
	while (power--)
		v *= 10;
	ret->value = str_of(v % 10 ? arena_printf(f->arena, "%s %lld.%03d", currency,
						  (long long)(v / 1000), (int)(v % 1000))
				   : arena_printf(f->arena, "%s %lld.%02d", currency,
						  (long long)(v / 1000), (int)(v % 1000 / 10)));
	return FACT_FOUND;
}

/* The sign before byte `start`, with or without a blank; *ret_start where it begins. */
static const char *sign_before(const struct facts *f, size_t i, size_t start, size_t *ret_start)
{
	static const char *const signs[] = {"\u20ac", "\u00a3", "$"};
	struct str head = {f->text.p, start};
	if (head.n && head.p[head.n - 1] == ' ')
		head.n--;
	for (size_t k = 0; k < 3; k++) {
		if (!str_ends(head, signs[k]) || head.n - strlen(signs[k]) < fact_end(f, i - 1))
			continue;
		*ret_start = head.n - strlen(signs[k]);
		/* US$ 20, but not A$ 20 */
		if (k == 2 && i > 1 && *ret_start == fact_end(f, i - 1) &&
		    fact_word(f, i - 1)->s.n) {
			if (!fact_in(f, i - 1, " us "))
				return NULL;
			*ret_start = fact_start(f, i - 1);
		}
		return k == 0 ? "EUR" : k == 1 ? "GBP" : "USD";
	}
	return NULL;
}

enum fact_match fact_money(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	struct amount a;
	const char *name;
	ret->start = fact_start(f, i);
	if ((fact_word(f, i + 1)->shape & FACT_DIGIT) &&
	    fact_in(f, i, " eur chf usd gbp euro sfr ") &&
	    (fact_gap(f, i, " ") || fact_gap(f, i, ". ")) && !fact_glued_before(f, i, "") &&
	    amount_at(f, i + 1, 0, &a) && a.unit.n == 0) {
		/* Euro 2024 is a championship, Euro 6 a norm */
		if (!fact_upper(f, i) && !a.thousandths && !a.gap)
			return FACT_NONE;
		if (fact_upper(f, i) && w->s.n == 4 && !a.thousandths)
			return FACT_NONE;
		ret->last = a.last;
		ret->end = fact_gap_end(f, a.last, a.gap);
		return found(f, &a, currency_name(w->s), 0, ret);
	}
	if (w->s.n > 3 && w->s.p[0] > '9' && w->s.p[3] <= '9' && (w->shape & FACT_DIGIT) &&
	    (name = currency_name(str_sub(w->s, 0, 3))) && !fact_glued_before(f, i, "") &&
	    amount_at(f, i, 3, &a) && a.unit.n == 0) {
		ret->last = a.last;
		ret->end = fact_gap_end(f, a.last, a.gap);
		return found(f, &a, name, 0, ret);
	}
	if (!(w->shape & FACT_DIGIT) || w->s.p[0] > '9' || fact_glued_before(f, i, "-$^+=") ||
	    !amount_at(f, i, 0, &a))
		return FACT_NONE;
	/* behind */
	size_t last = a.last;
	int power = 0;
	ret->end = fact_end(f, last);
	if (a.unit.n && (name = currency_name(a.unit))) {
		if (fact_gap_char(f, last, " -") &&
		    fact_in(f, last + 1, " ticket tickets job jobs "))
			return FACT_NONE;
		ret->last = last;
	} else {
		bool glued = a.unit.n && (power = multiplier(a.unit, true));
		if (a.unit.n && !glued)
			return FACT_NONE;
		if (!glued && fact_gap(f, last, " ") &&
		    (power = multiplier(fact_word(f, last + 1)->s, false)))
			last++;
		size_t gap = power && !glued && fact_word(f, last)->gap[0] == '.' ? 1 : a.gap;
		name = currency_behind(f, last, gap, &ret->last, &ret->end);
	}
	if (name) {
		bool english = fact_in(f, ret->last, " dollars usd gbp dollar euros ");
		if (a.one_group == ',' && !english && !power) {
			a.thousandths = a.whole % 1000;
			a.whole /= 1000;
		}
		return found(f, &a, name, power, ret);
	}
	name = sign_before(f, i, fact_start(f, i), &ret->start);
	if (!name)
		return FACT_NONE;
	ret->last = last;
	ret->end = power ? fact_end(f, last) : fact_gap_end(f, last, a.gap);
	return found(f, &a, name, power, ret);
}
