/*
 * Numbers a company gave: orders, customers, contracts, tickets, bookings, files.  They prove nothing
 * by themselves, so a word must announce them.
 */
#include "analyze/facts_scan.h"

enum { ORDER_PARTS = 6 };

/* Words that name the number itself; those for the thing, behind which a number is most likely the
 * thing's; those for a file. */
#define NUMBER_NAMES                                                                               \
	" bestellnummer bestellnr bestellnummern auftragsnummer auftragsnr auftragsnummern "       \
	"kundennummer kundennr kdnr kndnr vertragsnummer vertragsnr vertragskonto "                \
	"vertragskontonummer rechnungsnummer rechnungsnr vorgangsnummer vorgangsnr ticketnummer "  \
	"ticketnr aktenzeichen buchungsnummer buchungsnr buchungscode buchungsreferenz "           \
	"reservierungsnummer referenznummer referenznr fallnummer beschwerdenummer "               \
	"schadennummer servicenummer mitgliedsnummer retourennummer versicherungsnummer "          \
	"policennummer abonummer reklamationsnummer stoerungsnummer bearbeitungsnummer "           \
	"geschaeftszeichen bestellcode bestellid pnr ordernumber ordernr casenumber "
#define THING_NAMES                                                                                \
	" bestellung auftrag vorgang ticket rechnung buchung vertrag referenz reservierung "       \
	"order ref reference case booking customer invoice contract confirmation account "         \
	"reservation complaint claim kunde kunden bestell auftrags kd "
#define FILE_NAMES " az aktenzeichen geschaeftszeichen gz "

const char fact_order_names[] = NUMBER_NAMES THING_NAMES FILE_NAMES;

static bool names_number(const struct facts *f, size_t i)
{
	return fact_in(f, i, NUMBER_NAMES);
}

static bool names_thing(const struct facts *f, size_t i)
{
	return fact_in(f, i, THING_NAMES);
}

static bool names_file(const struct facts *f, size_t i)
{
	return fact_in(f, i, FILE_NAMES);
}

static bool names_booking(const struct facts *f, size_t i)
{
	return fact_in(f, i,
		       " buchungscode buchungsreferenz buchungsnummer pnr booking reservation ");
}

/* What makes a thing's word name its number: "Ticket Nr. 4711". */
static bool number_sign(const struct facts *f, size_t i)
{
	return fact_in(f, i, " nr nummer no number num id code ref reference ");
}

struct announced {
	bool number, file, booking, shouted;
};

/* The word that announces a number at word i, up to FACT_ORDER_BACK words before. */
static bool announce(const struct facts *f, size_t i, struct announced *ret)
{
	bool sign = (fact_word(f, i)->shape & FACT_TAG) != 0;
	for (size_t k = 1; k <= FACT_ORDER_BACK && k < i; k++) {
		size_t j = i - k;
		const char *gap = fact_word(f, j)->gap;
		if (strpbrk(gap, "\n!?;~,/^+="))
			return false;
		sign = sign || strpbrk(gap, "#:");
		bool number = names_number(f, j), file = names_file(f, j);
		if (number || file || names_thing(f, j)) {
			if (j > 1 && fact_in(f, j - 1, " executive ")) /* a president's */
				return false;
			/* "booking reference", "customer number": the word before says more */
			*ret = (struct announced){number || sign, file,
						  names_booking(f, j) ||
						      (j > 1 && names_booking(f, j - 1)),
						  fact_upper(f, j) && !fact_in(f, j, " pnr ")};
			/* az alone is a state, a newspaper, a club */
			return !fact_in(f, j, " az gz ") || gap[0] == '.' || gap[0] == ':';
		}
		if (number_sign(f, j))
			sign = true;
		else if (!fact_in(f, j, " ist lautet is was mit der die meine my the a "))
			return false;
	}
	return false;
}

static size_t count_digits(struct str s)
{
	size_t n = 0;
	for (size_t k = 0; k < s.n; k++)
		n += s.p[k] >= '0' && s.p[k] <= '9';
	return n;
}

/* Is the number at word i one of something: money, hours? */
static bool counted_behind(const struct facts *f, size_t i)
{
	return fact_gap_char(f, i, "%E") || fact_gap(f, i, " E") ||
	       (fact_gap(f, i, " ") && fact_in(f, i + 1,
					       " euro eur euros dollar dollars usd gbp chf pounds "
					       "uhr stunden tage tagen wochen "
					       "hours days weeks times mal "));
}

/* A court's or an office's: 12 C 345/24. */
static size_t file_words(const struct facts *f, size_t i)
{
	for (size_t j = i; j < i + ORDER_PARTS; j++) {
		const struct fact_word *w = fact_word(f, j);
		if (!(w->shape & FACT_CODE) || (w->shape & FACT_TAG) || w->s.n > 8)
			return 0;
		if (fact_gap(f, j, "/") && (w->shape & FACT_NUMBER) &&
		    (fact_word(f, j + 1)->shape & FACT_NUMBER))
			return j + 1;
		if (!fact_gap_char(f, j, " -."))
			return 0;
	}
	return 0;
}

enum fact_match fact_order(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	struct announced by;
	if (!(w->shape & FACT_CODE) || i < 2)
		return FACT_NONE;
	bool plain_word = !(w->shape & FACT_DIGIT);
	if (plain_word && !fact_upper(f, i))
		return FACT_NONE;
	if (!announce(f, i, &by) || number_sign(f, i) || names_thing(f, i) || names_number(f, i))
		return FACT_NONE;
	ret->start = fact_start(f, i) + ((w->shape & FACT_TAG) != 0);
	size_t last = by.file ? file_words(f, i) : 0;
	if (!last) {
		size_t digits = count_digits(w->s), length = w->s.n;
		bool upper = fact_upper(f, i), mixed = !(w->shape & FACT_NUMBER);
		for (last = i; last < i + ORDER_PARTS && fact_gap_char(f, last, "-/_"); last++) {
			const struct fact_word *part = fact_word(f, last + 1);
			if (!(part->shape & FACT_CODE) || (part->shape & FACT_TAG) ||
			    (!(part->shape & FACT_DIGIT) && !fact_upper(f, last + 1)))
				break;
			digits += count_digits(part->s);
			length += part->s.n;
			upper = upper && fact_upper(f, last + 1);
			mixed = mixed || !(part->shape & FACT_NUMBER);
		}
		/* groups of digits, as long numbers are written */
		while (!mixed && digits >= 2 && last < i + ORDER_PARTS && fact_gap(f, last, " ") &&
		       (fact_word(f, last + 1)->shape & FACT_NUMBER) && by.number &&
		       fact_word(f, last)->s.n >= 2 && fact_word(f, last + 1)->s.n >= 2 &&
		       !fact_glued_behind(f, last + 1, "") && !counted_behind(f, last + 1)) {
			last++;
			digits += fact_word(f, last)->s.n;
			length += fact_word(f, last)->s.n;
		}
		bool locator = digits < 3 && last == i && length == 6 && upper && by.booking &&
			       (digits || !by.shouted);
		bool year = !mixed && last == i && digits == 4 &&
			    (memcmp(w->s.p, "19", 2) == 0 || memcmp(w->s.p, "20", 2) == 0);
		if (length > 30 || (!locator && digits < (by.number ? 3 : 4)) ||
		    (!by.number && (year || (mixed && !upper))) ||
		    (by.file && !by.number && last == i))
			return FACT_NONE;
	}
	if (fact_glued_behind(f, last, "") || fact_gap_char(f, last, "%E") ||
	    fact_gap(f, last, " E") ||
	    (fact_gap(f, last, " ") &&
	     fact_in(f, last + 1, " euro eur euros dollar dollars usd gbp chf pounds uhr ")))
		return FACT_NONE;
	ret->last = last;
	ret->end = fact_end(f, last);
	ret->value = fact_case(f, ret->start, ret->end, true);
	return FACT_FOUND;
}
