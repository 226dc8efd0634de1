/*
 * Where somebody can be reached: e-mail, telephone, postcode.
 */
#include "analyze/facts_scan.h"

/* ---- e-mail: the plain addresses of RFC 5321, without quoting ---- */

enum fact_match fact_email(const struct facts *f, size_t i, struct fact_found *ret)
{
	if (!(fact_word(f, i)->shape & FACT_CODE) ||
	    (i > 1 && fact_gap_char(f, i - 1, "._-+@&%'") && fact_word(f, i - 1)->s.n))
		return FACT_NONE;
	size_t j = i, at = 0;
	for (; j < i + FACT_REACH; j++) {
		const struct fact_word *w = fact_word(f, j);
		if (!(w->shape & FACT_CODE) || (w->shape & FACT_TAG))
			return FACT_NONE;
		if (fact_gap(f, j, "@")) {
			if (at)
				return FACT_NONE;
			at = j;
		} else if (!fact_gap_char(f, j, at ? ".-" : "._-+") ||
			   !(fact_word(f, j + 1)->shape & FACT_CODE)) {
			break;
		}
	}
	/* "jo@example.org.Bitte": a domain ends at its last small word */
	while (at && j > at + 2 && fact_capital(f, j) && !fact_upper(f, j) &&
	       !fact_capital(f, j - 1))
		j--;
	const struct fact_word *top = fact_word(f, j);
	if (!at || j >= i + FACT_REACH || j < at + 2 || !fact_gap(f, j - 1, ".") || top->s.n < 2 ||
	    (top->shape & FACT_DIGIT))
		return FACT_NONE;
	ret->last = j;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, j);
	ret->value = fact_case(f, ret->start, ret->end, false);
	return FACT_FOUND;
}

/* Words that announce some other number. */
static bool other_number(const struct facts *f, size_t i)
{
	return fact_in(
	    f, i,
	    " nr id build intel art artikel artikelnr artikelnummer version ver zug model modell "
	    "strnr steuernummer steuernr ustid zaehler zaehlernummer zaehlernr kontonummer konto "
	    "kto "
	    "blz ean gtin isbn seriennummer imei pin tan serial sku model flight ");
}

/* ---- telephone ---- */

enum { PHONE_MAX = 15 /* E.164 */ };

static bool phone_word(const struct facts *f, size_t i)
{
	return fact_in(
	    f, i,
	    " tel telefon telefonnummer telnr fon mobil mobilnummer handy handynummer hotline "
	    "rufnummer nummer fax whatsapp anrufen phone call mobile cell telephone number "
	    "ring dial text unter on at ");
}

static bool phone_gap(const struct facts *f, size_t i, bool plus)
{
	static const char *const gaps[] = {" ",  "-",  "/", " / ", " - ", " -", "- ", "/ ",
					   " /", ") ", ")", " (",  "(",   ")-", ")/", ") - "};
	for (size_t k = 0; k < sizeof gaps / sizeof *gaps; k++) {
		if (fact_gap(f, i, gaps[k]))
			return true;
	}
	return plus && fact_gap(f, i, ".");
}

/* Is the group at word j rather something of its own: a count before its unit, a date, a time? */
static bool phone_stranger(const struct facts *f, size_t j)
{
	if (fact_gap_char(f, j, ":,%E") || fact_gap(f, j, " E"))
		return true;
	if (fact_word(f, j)->s.n == 1 && fact_gap(f, j - 1, " ") &&
	    !(fact_word(f, j + 1)->shape & FACT_NUMBER))
		return true;
	if (fact_gap_char(f, j, ".") && fact_int(f, j + 1, 4) >= 0)
		return true;
	return fact_gap(f, j, " ") && fact_in(f, j + 1,
					      " uhr stunden std tage tagen wochen monate minuten "
					      "min euro eur mal prozent am pm "
					      "hours days weeks months minutes times ");
}

enum fact_match fact_phone(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_NUMBER) || (w->shape & FACT_TAG) || w->s.n > PHONE_MAX + 2)
		return FACT_NONE;
	size_t start = fact_start(f, i);
	const char *p = f->text.p;
	bool bracket = start > 0 && p[start - 1] == '(';
	size_t mark = start - bracket;
	bool plus = mark > 0 && p[mark - 1] == '+';
	bool zeros = !plus && w->s.n >= 2 && memcmp(w->s.p, "00", 2) == 0;
	if (!plus && w->s.p[0] != '0')
		return FACT_NONE;
	if (plus ? (w->s.p[0] == '0' ||
		    (i > 1 && fact_gap(f, i - 1, "+") && fact_word(f, i - 1)->s.n))
		 : fact_glued_before(f, i, ":/") || (i > 1 && fact_gap_char(f, i - 1, "/") &&
						     (fact_word(f, i - 1)->shape & FACT_DIGIT)))
		return FACT_NONE;
	char digits[PHONE_MAX + 4];
	size_t n = 0, j = i, groups = 0, short_groups = 0;
	for (;; j++) {
		const struct fact_word *part = fact_word(f, j);
		bool zero = part->s.n == 1 && part->s.p[0] == '0' && j > i && (plus || zeros) &&
			    p[part->t->start - 1] == '(' && part->t->end < f->text.n &&
			    p[part->t->end] == ')';
		if (!zero) {
			if (n + part->s.n > PHONE_MAX + 2)
				return FACT_NONE;
			memcpy(digits + n, part->s.p, part->s.n);
			n += part->s.n;
			groups++;
			short_groups += part->s.n < 2;
		}
		const struct fact_word *next = fact_word(f, j + 1);
		if (j + 1 >= i + FACT_REACH || !(next->shape & FACT_NUMBER) ||
		    (next->shape & FACT_TAG) || !phone_gap(f, j, plus) ||
		    (n >= 7 && phone_stranger(f, j + 1)))
			break;
	}
	if (fact_glued_behind(f, j, ""))
		return FACT_NONE;
	ret->last = j;
	ret->end = fact_end(f, j);
	if (plus || zeros) {
		const char *number = digits + (zeros ? 2 : 0);
		n -= zeros ? 2 : 0;
		/* North America's are eleven, area codes begin with 2 or more */
		bool america = n && number[0] == '1';
		if (n < 8 || n > PHONE_MAX || number[0] == '0' ||
		    (america && (n != 11 || number[1] < '2')) ||
		    (zeros && (n < 9 || other_number(f, i - 1) || (groups < 2 && n < 10))))
			return FACT_NONE;
		ret->start = plus ? mark - 1 : mark;
		ret->value = str_of(arena_printf(f->arena, "+%.*s", (int)n, number));
		return FACT_FOUND;
	}
	if (other_number(f, i - 1))
		return FACT_NONE;
	/* national: mobile numbers and those a word announces may do without separators */
	bool announced =
	    phone_word(f, i - 1) || (fact_in(f, i - 1, " nr ist is ") && phone_word(f, i - 2));
	bool mobile = groups == 1 && n >= 11 && n <= 12 && digits[1] == '1' && digits[2] >= '5' &&
		      digits[2] <= '7';
	bool british = groups == 1 && n == 11 && digits[1] == '7';
	if (n < 7 || n > 13 || n < 2 || digits[1] == '0' ||
	    (groups < 2 && !announced && !mobile && !british))
		return FACT_NONE;
	/* 01/02/2026, 05/06 07/08 and the 0-306 of a book's number are no area codes */
	if (groups > 1 && (w->s.n < 3 || short_groups > 2))
		return FACT_NONE;
	ret->start = mark;
	ret->value = str_of(arena_printf(f->arena, "%.*s", (int)n, digits));
	return FACT_FOUND;
}

/* ---- postcodes ---- */

/* What is counted, where five digits before a capital are an amount; and streets (12345 Main Street). */
static bool counted(const struct facts *f, size_t i)
{
	return fact_in(
	    f, i,
	    " menschen euro euros dollar follower followers kunden kundinnen leute mal stueck "
	    "personen "
	    "einwohner teilnehmer tweets likes km kilometer meter besucher fahrgaeste fans "
	    "unterschriften "
	    "jahre jahren zuschauer mitarbeiter mitarbeiterinnen punkte stunden schritte "
	    "arbeitsplaetze "
	    "soldaten fluechtlinge baeume wohnungen tage minuten sekunden grad watt volt pakete "
	    "sendungen haushalte faelle tonnen liter gramm kg kilo seiten abonnenten mb gb tb kb "
	    "kwh hz "
	    "rpm eur usd chf ps steps miles people points views subscribers hours days m w wh mah "
	    "bestellungen "
	    "nutzer mitglieder beschaeftigte reisende passagiere autos fahrzeuge bytes und oder "
	    "nach "
	    "bitte was bahn cpu mhz ghz build ampere uhr zeichen woerter aufrufe kommentare "
	    "stellen betriebe firmen orders customers ");
}

static enum fact_match postcode(struct fact_found *ret, const struct facts *f, size_t last,
				size_t start, const char *country, struct str code)
{
	ret->last = last;
	ret->start = start;
	ret->end = fact_end(f, last);
	ret->value = str_of(arena_printf(f->arena, "%s%.*s", country, STR_ARG(code)));
	return FACT_FOUND;
}

static bool british_area(struct str s)
{
	static const char areas[] =
	    " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl "
	    "dn dt dy "
	    "e ec eh en ex fk fy g gl gu ha hd hg hp hr hs hu hx ig im ip iv ka kt kw ky l la ld "
	    "le ll ln "
	    "ls lu m me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk "
	    "sl sm sn "
	    "so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze ";
	size_t letters = s.n > 1 && s.p[1] >= 'a' ? 2 : 1;
	char area[5] = {' ', s.p[0], letters > 1 ? s.p[1] : ' ', letters > 1 ? ' ' : 0, 0};
	if (s.n < letters + 1 || s.p[0] < 'a' || s.p[letters] > '9' || s.n > letters + 2)
		return false;
	return strstr(areas, area) != NULL;
}

static bool british_inward(struct str s)
{
	if (s.n != 3 || s.p[0] > '9' || s.p[1] < 'a' || s.p[2] < 'a')
		return false;
	if (strchr("cikmov", s.p[1]) || strchr("cikmov", s.p[2]))
		return false;
	/* S7 3GB, E10 5PS: sizes and powers */
	return !(s.p[2] == 'b' && (s.p[1] == 'g' || s.p[1] == 't'));
}

static enum fact_match british(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i);
	struct str out = w->s, in = fact_word(f, i + 1)->s;
	size_t last = i + 1;
	if (w->s.n >= 5 && w->s.n <= 7) {
		out.n = w->s.n - 3;
		in = (struct str){w->s.p + out.n, 3};
		last = i;
		/* N351JB is an aeroplane */
		if (!fact_in(f, i - 1, " postcode code is "))
			return FACT_NONE;
	} else if (!fact_gap(f, i, " ") || !(fact_word(f, last)->shape & FACT_DIGIT)) {
		return FACT_NONE;
	}
	if (!british_area(out) || !british_inward(in) || !fact_upper(f, i) ||
	    !fact_upper(f, last) || fact_glued_before(f, i, ":") || fact_glued_behind(f, last, ""))
		return FACT_NONE;
	struct str code = fact_case(f, fact_start(f, i), fact_start(f, i) + out.n, true);
	struct str inward = fact_case(f, fact_end(f, last) - 3, fact_end(f, last), true);
	ret->last = last;
	ret->start = fact_start(f, i);
	ret->end = fact_end(f, last);
	ret->value = str_of(arena_printf(f->arena, "GB %.*s %.*s", STR_ARG(code), STR_ARG(inward)));
	return FACT_FOUND;
}

static const char streets[] = " street st avenue ave road rd drive blvd lane way court ";

/* A capitalised word on the same line that could be a place. */
static bool place(const struct facts *f, size_t i)
{
	const struct fact_word *w = fact_word(f, i);
	return fact_capital(f, i) && !(w->shape & (FACT_DIGIT | FACT_TAG)) && w->s.n > 2 &&
	       w->t->kind == TOKEN_WORD && !counted(f, i) && !fact_in(f, i + 1, streets) &&
	       !fact_in(f, i + 2, streets);
}

enum fact_match fact_postcode(const struct facts *f, size_t i, struct fact_found *ret)
{
	const struct fact_word *w = fact_word(f, i), *next = fact_word(f, i + 1);
	if (w->shape & FACT_TAG)
		return FACT_NONE;
	/* D-50667, A-1010, CH-8001 */
	if (fact_gap_char(f, i, "-") && fact_in(f, i, " d de a at ch ") && fact_upper(f, i) &&
	    (next->shape & FACT_NUMBER) && !fact_glued_behind(f, i + 1, "-") &&
	    !fact_glued_before(f, i, ":")) {
		bool german = w->s.p[0] == 'd';
		int64_t v = fact_int(f, i + 1, 5);
		if (next->s.n != (german ? 5u : 4u) || v < (german ? 1001 : 1000) || v > 99998 ||
		    !fact_gap(f, i + 1, " ") || !place(f, i + 2))
			return FACT_NONE;
		return postcode(ret, f, i + 1, fact_start(f, i),
				german             ? "DE "
				: w->s.p[0] == 'a' ? "AT "
						   : "CH ",
				next->s);
	}
	if (!(w->shape & FACT_NUMBER))
		return (w->shape & FACT_DIGIT) ? british(f, i, ret) : FACT_NONE;
	if (w->s.n < 4 || w->s.n > 5 || fact_glued_before(f, i, ":,") ||
	    fact_glued_behind(f, i, ""))
		return FACT_NONE;
	int64_t v = fact_int(f, i, 5);
	bool said = fact_in(f, i - 1, " plz postleitzahl ") ||
		    (fact_in(f, i - 1, " ist lautet ") && fact_in(f, i - 2, " plz postleitzahl "));
	if (w->s.n == 4)
		return said && v >= 1000 ? postcode(ret, f, i, fact_start(f, i), "", w->s)
					 : FACT_NONE;
	if (v < 1001 || v > 99998)
		return FACT_NONE;
	if (!said &&
	    (v % 1000 == 0 || other_number(f, i - 1) || strchr(fact_word(f, i - 1)->gap, '#') ||
	     !fact_gap(f, i, " ") || !place(f, i + 1)))
		return FACT_NONE;
	return postcode(ret, f, i, fact_start(f, i), "DE ", w->s);
}
