/*
 * Numbers with check digits: bank accounts, cards, parcels.
 *
 * IBAN: ISO 13616 (lengths from SWIFT's registry of 2024), mod 97 of ISO 7064.  Cards: ISO/IEC 7812,
 * Luhn.  Parcels: UPU S10 (weights 8 6 4 2 3 5 9 7, mod 11); UPS 1Z (letters A=2, B=3 ... mod 10,
 * weights 1 2); DHL's 20 digits, an SSCC of GS1 (weights 3 1, mod 10) behind its identifier 00.
 */
#include "analyze/facts_scan.h"

enum { CODE_MAX = 40 };

/* Words i.. joined over single blanks or hyphens until exactly `length` characters.  Returns the last
 * word, or 0 where no word ends there. */
static size_t joined(const struct facts *f, size_t i, size_t length, const char *gaps, char *ret)
{
	size_t n = 0;
	for (size_t j = i; j < i + FACT_REACH; j++) {
		const struct fact_word *w = fact_word(f, j);
		if (!(w->shape & FACT_CODE) || (w->shape & FACT_TAG) || n + w->s.n > length)
			return 0;
		memcpy(ret + n, w->s.p, w->s.n);
		n += w->s.n;
		if (n == length) {
			ret[n] = 0;
			return j;
		}
		if (!fact_gap_char(f, j, gaps))
			return 0;
	}
	return 0;
}

/* Characters of ret: digits for 0, letters for a, either for x. */
static bool shaped(const char *s, const char *shape)
{
	for (; *s && *shape; s++, shape++) {
		bool is_digit = *s >= '0' && *s <= '9';
		if ((*shape == '0' && !is_digit) || (*shape == 'a' && is_digit))
			return false;
	}
	return !*s && !*shape;
}

static enum fact_match checked(const struct facts *f, size_t i, size_t last, const char *code,
			       bool ok, struct fact_found *ret)
{
	ret->last = last;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, last);
	struct str s = arena_str(f->arena, str_of(code));
	char *p = arena_z(f->arena, s);
	for (size_t k = 0; k < s.n; k++)
		p[k] = (char)(p[k] >= 'a' && p[k] <= 'z' ? p[k] - 'a' + 'A' : p[k]);
	ret->value = (struct str){p, s.n};
	return ok ? FACT_FOUND : FACT_VOID;
}

/* ---- bank accounts ---- */

static const struct {
	char country[3];
	uint8_t length;
} ibans[] = {
    {"ad", 24}, {"ae", 23}, {"al", 28}, {"at", 20}, {"az", 28}, {"ba", 20}, {"be", 16}, {"bg", 22},
    {"bh", 22}, {"bi", 27}, {"br", 29}, {"by", 28}, {"ch", 21}, {"cr", 22}, {"cy", 28}, {"cz", 24},
    {"de", 22}, {"dj", 27}, {"dk", 18}, {"do", 28}, {"ee", 20}, {"eg", 29}, {"es", 24}, {"fi", 18},
    {"fk", 18}, {"fo", 18}, {"fr", 27}, {"gb", 22}, {"ge", 22}, {"gi", 23}, {"gl", 18}, {"gr", 27},
    {"gt", 28}, {"hr", 21}, {"hu", 28}, {"ie", 22}, {"il", 23}, {"iq", 23}, {"is", 26}, {"it", 27},
    {"jo", 30}, {"kw", 30}, {"kz", 20}, {"lb", 28}, {"lc", 32}, {"li", 21}, {"lt", 20}, {"lu", 20},
    {"lv", 21}, {"ly", 25}, {"mc", 27}, {"md", 24}, {"me", 22}, {"mk", 19}, {"mn", 20}, {"mr", 27},
    {"mt", 31}, {"mu", 30}, {"ni", 28}, {"nl", 18}, {"no", 15}, {"om", 23}, {"pk", 24}, {"pl", 28},
    {"ps", 29}, {"pt", 25}, {"qa", 29}, {"ro", 24}, {"rs", 22}, {"ru", 33}, {"sa", 24}, {"sc", 31},
    {"sd", 18}, {"se", 24}, {"si", 19}, {"sk", 24}, {"sm", 27}, {"so", 23}, {"st", 25}, {"sv", 28},
    {"tl", 23}, {"tn", 24}, {"tr", 26}, {"ua", 29}, {"va", 22}, {"vg", 24}, {"xk", 20}, {"ye", 30},
};

static size_t iban_length(const char *country)
{
	for (size_t k = 0; k < sizeof ibans / sizeof *ibans; k++) {
		if (memcmp(ibans[k].country, country, 2) == 0)
			return ibans[k].length;
	}
	return 0;
}

static bool iban_ok(const char *s, size_t n)
{
	unsigned rest = 0;
	for (size_t k = 0; k < n; k++) {
		char c = s[(k + 4) % n]; /* country and check digits go to the end */
		unsigned v = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
		rest = (rest * (v < 10 ? 10 : 100) + v) % 97;
	}
	return rest == 1;
}

enum fact_match fact_iban(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_DIGIT) || w->s.n < 4 || (w->shape & FACT_TAG))
		return FACT_NONE;
	char code[CODE_MAX + 1], head[5] = {0};
	memcpy(head, w->s.p, 4);
	size_t length = shaped(head, "aa00") ? iban_length(head) : 0;
	if (!length || fact_glued_before(f, i, ":"))
		return FACT_NONE;
	size_t last = joined(f, i, length, " -", code);
	if (!last || fact_glued_behind(f, last, ""))
		return FACT_NONE;
	/* an account is digits and a bank code; words that happen to add up to the length are not */
	size_t digits = 0;
	for (size_t k = 0; k < length; k++)
		digits += code[k] >= '0' && code[k] <= '9';
	if (digits < 10)
		return FACT_NONE;
	return checked(f, i, last, code, iban_ok(code, length), ret);
}

/* ---- cards ---- */

/* First digits from..to, as many as `to` has; lengths as bits. */
#define LEN(n) (1u << (n))
static const struct {
	uint16_t from, to;
	uint32_t lengths;
} issuers[] = {
    {4, 4, LEN(13) | LEN(16) | LEN(19)},                                     /* Visa */
    {51, 55, LEN(16)},                                                       /* Mastercard */
    {2221, 2720, LEN(16)},                                                   /* Mastercard */
    {34, 34, LEN(15)},                                                       /* American Express */
    {37, 37, LEN(15)},                                                       /* American Express */
    {36, 36, LEN(14)},                                                       /* Diners Club */
    {38, 39, LEN(14)},                                                       /* Diners Club */
    {300, 305, LEN(14)},                                                     /* Diners Club */
    {3528, 3589, LEN(16)},                                                   /* JCB */
    {6011, 6011, LEN(16) | LEN(19)},                                         /* Discover */
    {644, 649, LEN(16) | LEN(19)},                                           /* Discover */
    {65, 65, LEN(16) | LEN(19)},                                             /* Discover */
    {62, 62, LEN(16) | LEN(17) | LEN(18) | LEN(19)},                         /* UnionPay */
    {5018, 5018, LEN(13) | LEN(14) | LEN(15) | LEN(16) | LEN(18) | LEN(19)}, /* Maestro */
    {5020, 5020, LEN(13) | LEN(14) | LEN(15) | LEN(16) | LEN(18) | LEN(19)},
    {5038, 5038, LEN(13) | LEN(14) | LEN(15) | LEN(16) | LEN(18) | LEN(19)},
    {5893, 5893, LEN(13) | LEN(14) | LEN(15) | LEN(16) | LEN(18) | LEN(19)},
    {6304, 6304, LEN(16) | LEN(18) | LEN(19)},
    {6759, 6763, LEN(16) | LEN(18) | LEN(19)},
};

static bool issued(const char *s, size_t n)
{
	for (size_t k = 0; k < sizeof issuers / sizeof *issuers; k++) {
		unsigned prefix = 0;
		for (unsigned to = issuers[k].to, d = 0; to; to /= 10, d++)
			prefix = prefix * 10 + (unsigned)(s[d] - '0');
		if (prefix >= issuers[k].from && prefix <= issuers[k].to)
			return (issuers[k].lengths & LEN(n)) != 0;
	}
	return false;
}

static bool luhn_ok(const char *s, size_t n)
{
	unsigned sum = 0;
	for (size_t k = 0; k < n; k++) {
		unsigned v = (unsigned)(s[n - 1 - k] - '0') << (k % 2);
		sum += v > 9 ? v - 9 : v;
	}
	return sum % 10 == 0;
}

/* The words of a card's number: one, or groups as they stand on cards.  Returns the last. */
static size_t card_words(const struct facts *f, size_t i, char *ret, size_t *ret_n)
{
	static const uint8_t groups[][6] = {
	    {4, 4, 4, 4, 3, 0}, {4, 4, 4, 4, 0}, {4, 6, 5, 0}, {4, 6, 4, 0}, {4, 3, 3, 3, 0}};
	const struct fact_word *w = fact_word(f, i);
	if (w->s.n >= 13 && w->s.n <= 19) {
		memcpy(ret, w->s.p, w->s.n);
		*ret_n = w->s.n;
		return i;
	}
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		size_t n = 0, k = 0;
		for (; groups[g][k]; k++) {
			const struct fact_word *part = fact_word(f, i + k);
			if (!(part->shape & FACT_NUMBER) || part->s.n != groups[g][k] ||
			    (k && !fact_gap_char(f, i + k - 1, " -")))
				break;
			memcpy(ret + n, part->s.p, part->s.n);
			n += part->s.n;
		}
		if (!groups[g][k]) {
			*ret_n = n;
			return i + k - 1;
		}
	}
	return 0;
}

enum fact_match fact_card(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_NUMBER) || w->s.n < 4 || (w->shape & FACT_TAG))
		return FACT_NONE;
	if (fact_start(f, i) > 0 && f->text.p[fact_start(f, i) - 1] == '+')
		return FACT_NONE; /* a telephone */
	char code[CODE_MAX + 1];
	size_t n, last = card_words(f, i, code, &n);
	if (!last || fact_glued_before(f, i, ":") || fact_glued_behind(f, last, ":"))
		return FACT_NONE;
	code[n] = 0;
	return checked(f, i, last, code, issued(code, n) && luhn_ok(code, n), ret);
}

/* ---- parcels ---- */

static bool s10_ok(const char *s)
{
	static const unsigned weights[] = {8, 6, 4, 2, 3, 5, 9, 7};
	unsigned sum = 0;
	for (size_t k = 0; k < 8; k++)
		sum += weights[k] * (unsigned)(s[2 + k] - '0');
	unsigned check = 11 - sum % 11;
	check = check == 10 ? 0 : check == 11 ? 5 : check;
	return check == (unsigned)(s[10] - '0');
}

static bool ups_ok(const char *s)
{
	unsigned sum = 0;
	for (size_t k = 2; k < 17; k++) {
		unsigned v = (unsigned)(s[k] <= '9' ? s[k] - '0' : (s[k] - 'a' + 2) % 10);
		sum += k % 2 ? 2 * v : v;
	}
	return s[17] >= '0' && s[17] <= '9' && (10 - sum % 10) % 10 == (unsigned)(s[17] - '0');
}

static bool gs1_ok(const char *s, size_t n)
{
	unsigned sum = 0;
	for (size_t k = 0; k + 1 < n; k++)
		sum += (unsigned)(s[n - 2 - k] - '0') * (k % 2 ? 1 : 3);
	return (10 - sum % 10) % 10 == (unsigned)(s[n - 1] - '0');
}

static bool parcel_word(const struct facts *f, size_t i)
{
	return fact_in(
	    f, i,
	    " sendung sendungsnummer sendungsnr sendungsnummern sendungs sendungsverfolgung "
	    "sendungsverfolgungsnummer paket pakets pakete paketnummer paketnr paketscheinnummer "
	    "tracking trackingnummer trackingnr trackingcode trackingid track trackid "
	    "trackingnumber parcel shipment consignment ");
}

/* Does a word for parcels stand up to three words before, in the same breath? */
static bool parcel_before(const struct facts *f, size_t i, size_t reach)
{
	for (size_t k = 1; k <= reach && k < i; k++) {
		if (fact_word(f, i - k)->gap[0] == '\n')
			return false;
		if (parcel_word(f, i - k))
			return true;
		if (k < reach &&
		    !fact_in(f, i - k,
			     " nr nummer no number num id code ist lautet is mit der die meine "
			     "with my the von of dhl dpd hermes gls ups lautete war was "))
			return false;
	}
	return false;
}

enum fact_match fact_tracking(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_CODE) || fact_glued_before(f, i, ":./"))
		return FACT_NONE;
	char code[CODE_MAX + 1];
	size_t last;
	if (w->s.n >= 2 && (last = joined(f, i, 13, " ", code)) && shaped(code, "aa000000000aa") &&
	    (w->s.n == 13 || w->s.n == 2 || w->s.n == 4) && !fact_glued_behind(f, last, ":./"))
		return checked(f, i, last, code, s10_ok(code), ret);
	if (w->s.n >= 2 && memcmp(w->s.p, "1z", 2) == 0 && (last = joined(f, i, 18, " ", code)) &&
	    !fact_glued_behind(f, last, ":./"))
		return checked(f, i, last, code, ups_ok(code), ret);
	if (w->s.n >= 5 && memcmp(w->s.p, "00340", 5) == 0 &&
	    (last = joined(f, i, 20, " ", code)) && shaped(code, "00000000000000000000") &&
	    !fact_glued_behind(f, last, ":./"))
		return checked(f, i, last, code, gs1_ok(code, 20), ret);
	/* the carriers' other numbers prove nothing: only with a word beside them */
	if (!(w->shape & FACT_DIGIT) || w->s.n < 8 || w->s.n > 30 || (w->shape & FACT_TAG) ||
	    fact_glued_behind(f, i, ":./"))
		return FACT_NONE;
	size_t digits = 0;
	for (size_t k = 0; k < w->s.n; k++)
		digits += w->s.p[k] >= '0' && w->s.p[k] <= '9';
	/* an id of mixed letters is a machine's: spotify:track:... */
	bool capitals = false;
	for (size_t k = fact_start(f, i); k < fact_end(f, i); k++)
		capitals = capitals || (f->text.p[k] >= 'A' && f->text.p[k] <= 'Z');
	if (capitals && !fact_upper(f, i))
		return FACT_NONE;
	bool carrier = digits == w->s.n && (digits == 12 || digits == 14);
	bool near =
	    parcel_before(f, i, 4) ||
	    (carrier && (fact_gap(f, i, " ") || fact_gap(f, i, " (")) && parcel_word(f, i + 1));
	if (!near || (!carrier && digits < 7))
		return FACT_NONE;
	ret->last = i;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, i);
	ret->value = fact_case(f, ret->start, ret->end, true);
	return FACT_FOUND;
}
