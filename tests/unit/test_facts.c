#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "common/mem.h"
#include "common/num.h"

#include "analyze/facts.h"

#include "tests/support/labelled.h"

static const char now_text[] = "2026-11-27T10:15:00Z"; /* a Friday */

static size_t find(struct post_fact *ret, const char *text, const char *now, struct arena *arena)
{
	struct tokens t;
	int64_t now_ms = POST_NO_TIME;
	if (now)
		assert_int_equal(num_time_ms(str_of(now), &now_ms), 0);
	tokens_cut(&t, str_of(text), NULL, 0, arena);
	return facts_find(ret, FACTS_MAX, STR("text"), str_of(text), &t, now_ms, arena);
}

/* All facts of a text on one line: kind [span] value; ... */
static const char *render(const char *text, const char *now, struct arena *arena)
{
	struct post_fact facts[FACTS_MAX];
	size_t n = find(facts, text, now, arena);
	const char *out = "";
	for (size_t i = 0; i < n; i++) {
		const struct post_fact *f = &facts[i];
		assert_true(str_is(f->field, "text"));
		out = arena_printf(arena, "%s%s%.*s [%.*s] %.*s", out, i ? "; " : "",
				   STR_ARG(f->kind), (int)(f->end - f->start), text + f->start,
				   STR_ARG(f->value));
	}
	return out;
}

struct row {
	const char *text, *expected; /* of the kind of the table, without its name */
};

static void check(const char *kind, const struct row *rows, size_t n)
{
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < n; i++) {
		arena_reset(arena);
		const char *all = render(rows[i].text, now_text, arena);
		const char *expected = arena_printf(arena, "%s %s", kind, rows[i].expected);
		if (strcmp(all, expected) != 0)
			fail_msg("row %zu \"%s\"\n  gives    %s\n  expected %s", i, rows[i].text,
				 all, expected);
	}
	arena_free(arena);
}

static void test_money(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"Das kostet 12,50 € im Monat", "[12,50 €] EUR 12.50"},
	    {"€12.50 each", "[€12.50] EUR 12.50"},
	    {"€ 12,50 pro Stück", "[€ 12,50] EUR 12.50"},
	    {"1.234,56 Euro weg", "[1.234,56 Euro] EUR 1234.56"},
	    {"1,234.56 euros gone", "[1,234.56 euros] EUR 1234.56"},
	    {"Noch 19 Euro offen", "[19 Euro] EUR 19.00"},
	    {"5 EUR", "[5 EUR] EUR 5.00"},
	    {"EUR 12.50", "[EUR 12.50] EUR 12.50"},
	    {"EUR12,50", "[EUR12,50] EUR 12.50"},
	    {"12eur", "[12eur] EUR 12.00"},
	    {"12,99€!", "[12,99€] EUR 12.99"},
	    {"$20 fee", "[$20] USD 20.00"},
	    {"US$ 20", "[US$ 20] USD 20.00"},
	    {"a $1.5 million fine", "[$1.5 million] USD 1500000.00"},
	    {"$20k down", "[$20k] USD 20000.00"},
	    {"20 dollars", "[20 dollars] USD 20.00"},
	    {"USD 99", "[USD 99] USD 99.00"},
	    {"1600$ for that", "[1600$] USD 1600.00"},
	    {"£9.99/month", "[£9.99] GBP 9.99"},
	    {"£1,299", "[£1,299] GBP 1299.00"},
	    {"30 GBP", "[30 GBP] GBP 30.00"},
	    {"CHF 20.-", "[CHF 20.-] CHF 20.00"},
	    {"20 Franken", "[20 Franken] CHF 20.00"},
	    {"CHF 1'250.50", "[CHF 1'250.50] CHF 1250.50"},
	    {"5,- €", "[5,- €] EUR 5.00"},
	    {"5,-€ mehr", "[5,-€] EUR 5.00"},
	    {"5 Mio. Euro", "[5 Mio. Euro] EUR 5000000.00"},
	    {"2,4 Millionen Euro", "[2,4 Millionen Euro] EUR 2400000.00"},
	    {"1,5 Mrd. €", "[1,5 Mrd. €] EUR 1500000000.00"},
	    {"30 000 Euro Schaden", "[30 000 Euro] EUR 30000.00"},
	    {"20.000 €", "[20.000 €] EUR 20000.00"},
	    {"1.234.567 Euro", "[1.234.567 Euro] EUR 1234567.00"},
	    {"Diesel 1,799 €", "[1,799 €] EUR 1.799"},
	    {"1,799 dollars", "[1,799 dollars] USD 1799.00"},
	    {"0,999 €", "[0,999 €] EUR 0.999"},
	    {"0,50 EUR", "[0,50 EUR] EUR 0.50"},
	    {"10-15 € je Nase", "[15 €] EUR 15.00"},
	    {"das sind 50\u00a0€.", "[50\u00a0€] EUR 50.00"},
	    {"ca.12 € glaub ich", "[12 €] EUR 12.00"},
	    {"(-5€ Rabatt)", "[5€] EUR 5.00"},
	};
	check("money", rows, ARRAY_LEN(rows));
}

static void test_date(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"2026-12-24", "[2026-12-24] 2026-12-24"},
	    {"on 2026-01-05.", "[2026-01-05] 2026-01-05"},
	    {"am 24.12.2026 da", "[24.12.2026] 2026-12-24"},
	    {"24.12.26", "[24.12.26] 2026-12-24"},
	    {"geboren 03.05.71", "[03.05.71] 1971-05-03"},
	    {"24.12.", "[24.12.] 2026-12-24"},
	    {"seit dem 3.1. nichts", "[3.1.] 2027-01-03"},
	    {"am 2.3. und sonst", "[2.3.] 2027-03-02"},
	    {"am 24.12 um", "[24.12] 2026-12-24"},
	    {"am 24. 12. 2026", "[24. 12. 2026] 2026-12-24"},
	    {"Dienstag, 24.11., gegen Mittag", "[24.11.] 2026-11-24"},
	    {"vom 1.6.2026 an", "[1.6.2026] 2026-06-01"},
	    {"24. Dezember", "[24. Dezember] 2026-12-24"},
	    {"24.Dezember 2025", "[24.Dezember 2025] 2025-12-24"},
	    {"24 Dezember", "[24 Dezember] 2026-12-24"},
	    {"am 1. Mai", "[1. Mai] 2027-05-01"}, /* 155 days ahead, not 210 ago */
	    {"3. März", "[3. März] 2027-03-03"},
	    {"am 3. maerz 2026", "[3. maerz 2026] 2026-03-03"},
	    {"20.Feb.16", "[20.Feb.16] 2016-02-20"},
	    {"4. Okt", "[4. Okt] 2026-10-04"},
	    {"24. Januar 1813", "[24. Januar 1813] 1813-01-24"},
	    {"am 1. Jänner", "[1. Jänner] 2027-01-01"},
	    {"Dec 24", "[Dec 24] 2026-12-24"},
	    {"Dec. 24, 2025", "[Dec. 24, 2025] 2025-12-24"},
	    {"December 24th", "[December 24th] 2026-12-24"},
	    {"December 24th, 2026", "[December 24th, 2026] 2026-12-24"},
	    {"24th of December", "[24th of December] 2026-12-24"},
	    {"2nd January", "[2nd January] 2027-01-02"},
	    {"24 December 2026", "[24 December 2026] 2026-12-24"},
	    {"on 21 Feb.", "[21 Feb] 2027-02-21"},
	    {"Aug. 26, '08", "[Aug. 26, '08] 2008-08-26"},
	    {"March 1", "[March 1] 2027-03-01"},
	    {"Sept 11th", "[Sept 11th] 2026-09-11"},
	    {"12/24/2026", "[12/24/2026] 2026-12-24"},
	    {"24/12/2026", "[24/12/2026] 2026-12-24"},
	    {"24-12-2026", "[24-12-2026] 2026-12-24"},
	    {"5/5/2026", "[5/5/2026] 2026-05-05"},
	    {"29.02.2024", "[29.02.2024] 2024-02-29"},
	    {"29. Februar", "[29. Februar] 2028-02-29"},
	};
	check("date", rows, ARRAY_LEN(rows));
}

static void test_deadline(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"ich brauche es morgen", "[morgen] 2026-11-28"},
	    {"fahre erst übermorgen", "[übermorgen] 2026-11-29"},
	    {"bitte heute noch anrufen", "[heute noch] 2026-11-27"},
	    {"Bitte noch heute melden", "[noch heute] 2026-11-27"},
	    {"bis Freitag", "[bis Freitag] 2026-12-04"},
	    {"bis Samstag", "[bis Samstag] 2026-11-28"},
	    {"bis spätestens Montag", "[bis spätestens Montag] 2026-11-30"},
	    {"spätestens Montag", "[spätestens Montag] 2026-11-30"},
	    {"vor Dienstag", "[vor Dienstag] 2026-12-01"},
	    {"bis zum 3.12.", "[bis zum 3.12.] 2026-12-03"},
	    {"bis 3.12", "[bis 3.12] 2026-12-03"},
	    {"bis 24. Dezember", "[bis 24. Dezember] 2026-12-24"},
	    {"bis zum 24.12.2026 da", "[bis zum 24.12.2026] 2026-12-24"},
	    {"bis 14 Uhr", "[bis 14 Uhr] 2026-11-27T14:00"},
	    {"bis morgen", "[bis morgen] 2026-11-28"},
	    {"bis morgen 12 Uhr", "[bis morgen 12 Uhr] 2026-11-28T12:00"},
	    {"bis morgen früh", "[bis morgen früh] 2026-11-28"},
	    {"bis heute Abend", "[bis heute Abend] 2026-11-27"},
	    {"bis heute 18 Uhr", "[bis heute 18 Uhr] 2026-11-27T18:00"},
	    {"bis Freitag 18:30 Uhr", "[bis Freitag 18:30 Uhr] 2026-12-04T18:30"},
	    {"bis Sonntag, 31. Mai", "[bis Sonntag, 31. Mai] 2026-05-31"},
	    {"morgen um 8 Uhr fahre ich", "[morgen um 8 Uhr] 2026-11-28T08:00"},
	    {"morgen 5:50 Abflug", "[morgen 5:50] 2026-11-28T05:50"},
	    {"by Friday please", "[by Friday] 2026-12-04"},
	    {"by next Tuesday", "[by next Tuesday] 2026-12-01"},
	    {"I need it tomorrow", "[tomorrow] 2026-11-28"},
	    {"by tomorrow", "[by tomorrow] 2026-11-28"},
	    {"the day after tomorrow", "[day after tomorrow] 2026-11-29"},
	    {"tomorrow at 3pm", "[tomorrow at 3pm] 2026-11-28T15:00"},
	    {"tmrw afternoon", "[tmrw afternoon] 2026-11-28"},
	    {"until Monday", "[until Monday] 2026-11-30"},
	    {"till WEDNESDAY?", "[till WEDNESDAY] 2026-12-02"},
	    {"by end of today", "[by end of today] 2026-11-27"},
	    {"by tonight", "[by tonight] 2026-11-27"},
	    {"before 1 December", "[before 1 December] 2026-12-01"},
	    {"by Dec 24", "[by Dec 24] 2026-12-24"},
	    {"until 12/24/2026", "[until 12/24/2026] 2026-12-24"},
	    {"by 5pm", "[by 5pm] 2026-11-27T17:00"},
	    {"in 2 days", "[in 2 days] 2026-11-29"},
	    {"in 2 Tagen", "[in 2 Tagen] 2026-11-29"},
	    {"in zwei Wochen", "[in zwei Wochen] 2026-12-11"},
	    {"in einer Woche", "[in einer Woche] 2026-12-04"},
	    {"in 3 Monaten", "[in 3 Monaten] 2027-02-27"},
	    {"in an hour", "[in an hour] 2026-11-27T11:15Z"},
	    {"in a week", "[in a week] 2026-12-04"},
	    {"in half an hour", "[in half an hour] 2026-11-27T10:45Z"},
	    {"in 30 min", "[in 30 min] 2026-11-27T10:45Z"},
	    {"boarding in 50min", "[in 50min] 2026-11-27T11:05Z"},
	    {"innerhalb von 24 Stunden", "[innerhalb von 24 Stunden] 2026-11-28T10:15Z"},
	    {"innerhalb der nächsten 2 Tage", "[innerhalb der nächsten 2 Tage] 2026-11-29"},
	    {"binnen 14 Tagen", "[binnen 14 Tagen] 2026-12-11"},
	    {"within 24 hours", "[within 24 hours] 2026-11-28T10:15Z"},
	    {"within the next two weeks", "[within the next two weeks] 2026-12-11"},
	    {"in den nächsten 2 Tagen", "[in den nächsten 2 Tagen] 2026-11-29"},
	};
	check("deadline", rows, ARRAY_LEN(rows));
}

static void test_time_and_duration(void **state)
{
	(void)state;
	static const struct row times[] = {
	    {"um 14:30 geht", "[14:30] 14:30"},
	    {"14:30 Uhr", "[14:30 Uhr] 14:30"},
	    {"14.30 Uhr", "[14.30 Uhr] 14:30"},
	    {"8 Uhr", "[8 Uhr] 08:00"},
	    {"8Uhr", "[8Uhr] 08:00"},
	    {"14.30Uhr", "[14.30Uhr] 14:30"},
	    {"20 Uhr 15", "[20 Uhr 15] 20:15"},
	    {"3pm", "[3pm] 15:00"},
	    {"3 pm", "[3 pm] 15:00"},
	    {"3:30pm", "[3:30pm] 15:30"},
	    {"3 p.m. sharp", "[3 p.m.] 15:00"},
	    {"12am", "[12am] 00:00"},
	    {"12 PM", "[12 PM] 12:00"},
	    {"at 3 am", "[3 am] 03:00"},
	    {"9:15 PM", "[9:15 PM] 21:15"},
	    {"at 6:20 am", "[6:20 am] 06:20"},
	    {"8 o'clock", "[8 o'clock] 08:00"},
	    {"8 o\u2019clock", "[8 o\u2019clock] 08:00"},
	    {"16:39:00 Uhr", "[16:39:00 Uhr] 16:39:00"},
	    {"8-10 Uhr", "[10 Uhr] 10:00"},
	    {"24 Uhr", "[24 Uhr] 24:00"},
	    {"(22:59)", "[22:59] 22:59"},
	};
	check("time", times, ARRAY_LEN(times));
	static const struct row durations[] = {
	    {"seit 9 Tagen", "[seit 9 Tagen] P9D"},
	    {"seit drei Wochen", "[seit drei Wochen] P3W"},
	    {"seit einer Woche", "[seit einer Woche] P1W"},
	    {"seit über 2 Monaten", "[seit über 2 Monaten] P2M"},
	    {"seit mehr als drei Jahren", "[seit mehr als drei Jahren] P3Y"},
	    {"schon seit fast 4 Stunden", "[seit fast 4 Stunden] PT4H"},
	    {"schon 3 Wochen", "[schon 3 Wochen] P3W"},
	    {"seit einer halben Stunde", "[seit einer halben Stunde] PT30M"},
	    {"seit einem halben Jahr", "[seit einem halben Jahr] P6M"},
	    {"seit 10min", "[seit 10min] PT10M"},
	    {"seit 2 std", "[seit 2 std] PT2H"},
	    {"seit zwölf Tagen", "[seit zwölf Tagen] P12D"},
	    {"for 2 weeks", "[for 2 weeks] P2W"},
	    {"for a week", "[for a week] P1W"},
	    {"for three hours", "[for three hours] PT3H"},
	    {"for over an hour", "[for over an hour] PT1H"},
	    {"for the past 4 days", "[for the past 4 days] P4D"},
	    {"for half an hour", "[for half an hour] PT30M"},
	    {"since 10 months", "[since 10 months] P10M"},
	    {"been waiting 45 minutes", "[waiting 45 minutes] PT45M"},
	    {"waiting for almost 3 hours", "[waiting for almost 3 hours] PT3H"},
	};
	check("duration", durations, ARRAY_LEN(durations));
}

static void test_contact(void **state)
{
	(void)state;
	static const struct row postcodes[] = {
	    {"50667 Köln", "[50667] DE 50667"},
	    {"Hauptstr. 5, 50667 Köln", "[50667] DE 50667"},
	    {"D-50667 Köln", "[D-50667] DE 50667"},
	    {"DE-01067 Dresden", "[DE-01067] DE 01067"},
	    {"PLZ 04733", "[04733] DE 04733"},
	    {"PLZ: 10115", "[10115] DE 10115"},
	    {"meine Postleitzahl ist 80331", "[80331] DE 80331"},
	    {"PLZ 1010", "[1010] 1010"},
	    {"A-1010 Wien", "[A-1010] AT 1010"},
	    {"CH-8001 Zürich", "[CH-8001] CH 8001"},
	    {"SW1A 1AA", "[SW1A 1AA] GB SW1A 1AA"},
	    {"in M1 1AE somewhere", "[M1 1AE] GB M1 1AE"},
	    {"B33 8TH", "[B33 8TH] GB B33 8TH"},
	    {"CR2 6XH", "[CR2 6XH] GB CR2 6XH"},
	    {"EC1A 1BB", "[EC1A 1BB] GB EC1A 1BB"},
	    {"postcode W1A0AX", "[W1A0AX] GB W1A 0AX"},
	};
	check("postcode", postcodes, ARRAY_LEN(postcodes));
	static const struct row phones[] = {
	    {"+49 40 1234567", "[+49 40 1234567] +49401234567"},
	    {"+49 (0)40 1234567", "[+49 (0)40 1234567] +49401234567"},
	    {"+49 (0) 2131/981412", "[+49 (0) 2131/981412] +492131981412"},
	    {"+49 (2131) 981410", "[+49 (2131) 981410] +492131981410"},
	    {"+4915112345678", "[+4915112345678] +4915112345678"},
	    {"0049 151 12345678", "[0049 151 12345678] +4915112345678"},
	    {"+44 20 7946 0958", "[+44 20 7946 0958] +442079460958"},
	    {"+1 415 555 2671", "[+1 415 555 2671] +14155552671"},
	    {"+1.415.555.2671", "[+1.415.555.2671] +14155552671"},
	    {"+1 (415) 555-2671", "[+1 (415) 555-2671] +14155552671"},
	    {"040 1234567", "[040 1234567] 0401234567"},
	    {"040/1234567", "[040/1234567] 0401234567"},
	    {"0151-12345678", "[0151-12345678] 015112345678"},
	    {"015112345678", "[015112345678] 015112345678"},
	    {"(040) 123456", "[(040) 123456] 040123456"},
	    {"0221 / 12 34 56", "[0221 / 12 34 56] 0221123456"},
	    {"Tel. 0711/2 555 555", "[0711/2 555 555] 07112555555"},
	    {"Tel.:0402345678", "[0402345678] 0402345678"},
	    {"0800 1234567", "[0800 1234567] 08001234567"},
	    {"08142/65 24 8-70", "[08142/65 24 8-70] 081426524870"},
	    {"call 020 7946 0958", "[020 7946 0958] 02079460958"},
	    {"07700 900123", "[07700 900123] 07700900123"},
	    {"07700900123", "[07700900123] 07700900123"},
	    {"Ruf an: 0171 1234567!", "[0171 1234567] 01711234567"},
	};
	check("phone", phones, ARRAY_LEN(phones));
	static const struct row mails[] = {
	    {"jo@example.org", "[jo@example.org] jo@example.org"},
	    {"Jo.Doe@Example.ORG", "[Jo.Doe@Example.ORG] jo.doe@example.org"},
	    {"an jo_doe-x+tag@mail.example.co.uk, bitte",
	     "[jo_doe-x+tag@mail.example.co.uk] jo_doe-x+tag@mail.example.co.uk"},
	    {"(jo99@my-host.de)", "[jo99@my-host.de] jo99@my-host.de"},
	    {"jo@example.org.", "[jo@example.org] jo@example.org"},
	    {"E-Mail:jo@example.org", "[jo@example.org] jo@example.org"},
	    {"jo@example.org.Danke", "[jo@example.org] jo@example.org"},
	};
	check("email", mails, ARRAY_LEN(mails));
}

static void test_numbers(void **state)
{
	(void)state;
	static const struct row ibans[] = {
	    {"DE89370400440532013000", "[DE89370400440532013000] DE89370400440532013000"},
	    {"IBAN: DE89 3704 0044 0532 0130 00",
	     "[DE89 3704 0044 0532 0130 00] DE89370400440532013000"},
	    {"iban de89 3704 0044 0532 0130 00 danke",
	     "[de89 3704 0044 0532 0130 00] DE89370400440532013000"},
	    {"GB29 NWBK 6016 1331 9268 19", "[GB29 NWBK 6016 1331 9268 19] GB29NWBK60161331926819"},
	    {"AT611904300234573201", "[AT611904300234573201] AT611904300234573201"},
	    {"CH93 0076 2011 6238 5295 7", "[CH93 0076 2011 6238 5295 7] CH9300762011623852957"},
	    {"NL91ABNA0417164300", "[NL91ABNA0417164300] NL91ABNA0417164300"},
	};
	check("iban", ibans, ARRAY_LEN(ibans));
	static const struct row cards[] = {
	    {"4111 1111 1111 1111", "[4111 1111 1111 1111] 4111111111111111"},
	    {"4111111111111111", "[4111111111111111] 4111111111111111"},
	    {"4111-1111-1111-1111", "[4111-1111-1111-1111] 4111111111111111"},
	    {"my card 5500 0000 0000 0004 was", "[5500 0000 0000 0004] 5500000000000004"},
	    {"3782 822463 10005", "[3782 822463 10005] 378282246310005"},
	    {"378282246310005", "[378282246310005] 378282246310005"},
	    {"30569309025904", "[30569309025904] 30569309025904"},
	    {"6011111111111117", "[6011111111111117] 6011111111111117"},
	    {"3530111333300000", "[3530111333300000] 3530111333300000"},
	    {"2223003122003222", "[2223003122003222] 2223003122003222"},
	};
	check("card", cards, ARRAY_LEN(cards));
	static const struct row parcels[] = {
	    {"RR123456785DE", "[RR123456785DE] RR123456785DE"},
	    {"RR 123 456 785 DE", "[RR 123 456 785 DE] RR123456785DE"},
	    {"rr123456785de", "[rr123456785de] RR123456785DE"},
	    {"1Z999AA10123456784", "[1Z999AA10123456784] 1Z999AA10123456784"},
	    {"1Z 999 AA1 01 2345 6784", "[1Z 999 AA1 01 2345 6784] 1Z999AA10123456784"},
	    {"00340434161094015902", "[00340434161094015902] 00340434161094015902"},
	    {"Sendung 12345678901234 fehlt", "[12345678901234] 12345678901234"},
	    {"Sendungsnummer: 123456789012", "[123456789012] 123456789012"},
	    {"Paketnummer ist 12345678901234", "[12345678901234] 12345678901234"},
	    {"tracking no. 12345678901234", "[12345678901234] 12345678901234"},
	    {"tracking number is 12345678901234", "[12345678901234] 12345678901234"},
	    {"Sendung PF4471902285 liegt", "[PF4471902285] PF4471902285"},
	    {"12345678901234 (Sendungsnummer)", "[12345678901234] 12345678901234"},
	};
	check("tracking", parcels, ARRAY_LEN(parcels));
	static const struct row orders[] = {
	    {"Bestellnummer 4711-0815", "[4711-0815] 4711-0815"},
	    {"Bestellnr. WK-883-1204. Danke", "[WK-883-1204] WK-883-1204"},
	    {"meine Bestellung KR-220914 ist", "[KR-220914] KR-220914"},
	    {"Auftrag Nr. 20261", "[20261] 20261"},
	    {"Kd.-Nr. BW-330917", "[BW-330917] BW-330917"},
	    {"Kundennummer: 1234567", "[1234567] 1234567"},
	    {"Kundennummer ist 30 55 182, PLZ fehlt", "[30 55 182] 30 55 182"},
	    {"Kundennummer lautet KD123", "[KD123] KD123"},
	    {"Vertragsnummer 12/3456", "[12/3456] 12/3456"},
	    {"Rechnungsnummer: P03E5E9F12", "[P03E5E9F12] P03E5E9F12"},
	    {"Rechnung 2024-55871", "[2024-55871] 2024-55871"},
	    {"Vorgang 88-41027", "[88-41027] 88-41027"},
	    {"Ticket #123456", "[123456] 123456"},
	    {"ticket no is 00817735", "[00817735] 00817735"},
	    {"Aktenzeichen 44-G-9120", "[44-G-9120] 44-G-9120"},
	    {"Az. 12 C 345/24", "[12 C 345/24] 12 C 345/24"},
	    {"Az.: 5 StR 12/20", "[5 StR 12/20] 5 STR 12/20"},
	    {"Buchungscode X4K9PL", "[X4K9PL] X4K9PL"},
	    {"Buchungscode ABCDEF", "[ABCDEF] ABCDEF"},
	    {"PNR: A3ZZ0F", "[A3ZZ0F] A3ZZ0F"},
	    {"reservation (FEHQNE)", "[FEHQNE] FEHQNE"},
	    {"booking reference X4K9PL", "[X4K9PL] X4K9PL"},
	    {"order #12345", "[12345] 12345"},
	    {"order no. 12345", "[12345] 12345"},
	    {"my order number is 12345", "[12345] 12345"},
	    {"Order ID: AB-12345-X", "[AB-12345-X] AB-12345-X"},
	    {"ref: ab12345", "[ab12345] AB12345"},
	    {"ref 8844120", "[8844120] 8844120"},
	    {"case 8544484", "[8544484] 8544484"},
	    {"Case ID 8544484", "[8544484] 8544484"},
	    {"customer number 99812", "[99812] 99812"},
	    {"claim #3526665682", "[3526665682] 3526665682"},
	    {"account LF-20781", "[LF-20781] LF-20781"},
	};
	check("order", orders, ARRAY_LEN(orders));
}

static void test_no_facts(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "",
	    "nichts hier",
	    /* names, scores, shares, versions, addresses of machines */
	    "24/7 erreichbar",
	    "iPhone 15",
	    "iPhone-15 Pro",
	    "Galaxy S24 Ultra",
	    "Windows 10 und 11",
	    "2-0 gewonnen",
	    "3:1 verloren",
	    "16:9 Format",
	    "1.000 Dank",
	    "1000 Dank",
	    "50% Rabatt",
	    "3,5 % mehr",
	    "2026 wird gut",
	    "seit 2015 Kunde",
	    "1999-2003",
	    "192.168.0.1",
	    "10.0.15063.0",
	    "v2.10.3",
	    "Version 3.12.",
	    "iOS 11.0.3, Spotify 8.4.24",
	    "Kapitel 2.3.",
	    "Note 2.3",
	    "Super 1,79 an der Tanke",
	    "Diesel 1,799",
	    "#bahn2024 #24h",
	    "#12345",
	    "@jo24 @user_2026",
	    "ISBN 978-3-16-148410-0",
	    "ISBN 0-306-40615-2",
	    "ISBN 0306406152",
	    "08/15",
	    "007",
	    "Saison 05/06 07/08",
	    "A4 Papier, A380, B52",
	    "ICE 577 nach Ulm",
	    "RE1 RB40 S3",
	    "Gleis 9/10",
	    "Flug LH1234",
	    "10 von 12",
	    "1+1=2",
	    "C64",
	    "12345",
	    "https://example.org/order/12345?date=2026-12-24",
	    "https://example.org/24.12.2026/DE89370400440532013000",
	    /* money is not every euro */
	    "Euro 2024 in Berlin",
	    "Euro 6 Diesel",
	    "EURO 2016 Finale",
	    "das 49-Euro-Ticket",
	    "49 Euro Ticket",
	    "9 Euro Tickets",
	    "1-Euro-Jobs",
	    "zwei Euro",
	    "A$20",
	    "100 Pfund Kartoffeln",
	    /* greetings, times of day, looking back */
	    "Guten Morgen",
	    "guten morgen zusammen",
	    "Moin Morgen",
	    "Morgen!",
	    "heute morgen war nichts",
	    "heut morgen",
	    "am Morgen",
	    "jeden Morgen",
	    "Montag Morgen",
	    "ab morgen gesperrt",
	    "bis heute nichts",
	    "until today nothing",
	    "heute noch nichts gehört",
	    "immer noch heute",
	    "Montag bis Freitag",
	    "Mo bis Fr",
	    "Monday to Friday",
	    "am Freitag war keiner da",
	    "on Friday",
	    "zum dritten Mal in 2 Tagen",
	    "third time in 2 days",
	    "in the two minutes since",
	    "in den zwei Tagen",
	    "in 5 Jahren",
	    "all in one day",
	    "4 flights in one week",
	    "I haven't been here in two days",
	    "5 repeats in 2 hrs of listening",
	    "hold on for a minute",
	    "for a 30 day trial",
	    "for 5 year olds",
	    "for years",
	    "seit Jahren",
	    "seit gestern",
	    "by train, by car",
	    "may 5 of you march on",
	    "31.02.2026",
	    "30. Februar",
	    "45.12.",
	    "12/11/2026",
	    "13/13/2026",
	    "2026-13-01",
	    "2026-02-30",
	    "25:30",
	    "12:75",
	    "0:30 Std",
	    "5:30 min",
	    "Platz 3 am Sonntag",
	    "13pm",
	    "ich bin um 8 da",
	    "im April 20",
	    "1.2.3.4 €",
	    "am 24.12.5",
	    "for 30 day returns",
	    "AZ 12-345",
	    "Executive Order 6102",
	    /* codes without a word, words without a code */
	    "KR-220914",
	    "Bestellung 24",
	    "Bestellung 2024 war gut",
	    "Bestellung 49,90 ging",
	    "Ticket 49 gezogen",
	    "in order to 12345",
	    "Rechnung über alles",
	    "BOOKING NUMBER PLEASE",
	    "AZ 12345",
	    "order, 12345",
	    "12345678901234",
	    "123456789012",
	    "spotify:track:2VQc9orzwE6a5qFfy54P6e",
	    /* no addresses */
	    "__email__",
	    "jo@example",
	    "@example.org",
	    "jo@@example.org",
	    "jo@example.org@x.de",
	    "jo@example.1a",
	    /* no places */
	    "12345 Follower",
	    "20000 Menschen",
	    "50000 Kilometer",
	    "12345 kleine Fische",
	    "12206 Central Valley Rd",
	    "00999 Irgendwo",
	    "99999 Irgendwo",
	    "Zug-Nr. 82822 Was ist los",
	    "# 10812 Baustelle",
	    "Intel 80286 CPU",
	    "1010 Wien",
	    "A-1010",
	    "N351JB landed",
	    "S7 3GB",
	    "QQ1 1AA",
	    "sw1a 1aa",
	    /* no telephones */
	    "+49",
	    "+100 000 000",
	    "+1 234 567",
	    "0098-1177-35",
	    "Steuernummer 01584160273",
	    "Zähler 0221-123456",
	    "0 800 123",
	    "123 456 789",
	    /* wrong check digits: nothing, and no telephone instead */
	    "DE88 3704 0044 0532 0130 00",
	    "DE88370400440532013000",
	    "DE8937040044053201300",
	    "XX89370400440532013000",
	    "GB28 NWBK 6016 1331 9268 19",
	    "4111 1111 1111 1112",
	    "4111111111111112",
	    "0111 1111 1111 1111",
	    "9111 1111 1111 1119",
	    "RR123456784DE",
	    "RR 123 456 784 DE",
	    "Sendungsnummer RR123456784DE",
	    "1Z999AA10123456785",
	    "00340434161094015903",
	    "Sendung 00340434161094015903",
	};
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		arena_reset(arena);
		const char *all = render(texts[i], now_text, arena);
		if (*all)
			fail_msg("\"%s\"\n  gives %s", texts[i], all);
	}
	arena_free(arena);
}

/* Several at once, borders, priorities. */
static void test_together(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"Bestellung KR-220914 vom 3.11. über 49,90 € ist seit 9 Tagen weg, Tel. 040 1234567",
	     "order [KR-220914] KR-220914; date [3.11.] 2026-11-03; money [49,90 €] EUR 49.90; "
	     "duration [seit 9 Tagen] P9D; phone [040 1234567] 0401234567"},
	    {"01.02.2026 09", "date [01.02.2026] 2026-02-01"},
	    {"kurz vor 20 Uhr", "time [20 Uhr] 20:00"},
	    {"I haven't slept. It leaves in 2 days", "deadline [in 2 days] 2026-11-29"},
	    {"von 8 bis 14 Uhr", "time [14 Uhr] 14:00"},
	    {"vom 6.8. - 8.8.2018", "date [6.8.] 2018-08-06; date [8.8.2018] 2018-08-08"},
	    {"28.12. bis 3.1.2019", "date [28.12.] 2018-12-28; date [3.1.2019] 2019-01-03"},
	    {"vom 3.12. bis 5.12.", "date [3.12.] 2026-12-03; date [5.12.] 2026-12-05"},
	    {"0151 12345678 2 Stunden probiert", "phone [0151 12345678] 015112345678"},
	    {"0151 12345678, 24.12.",
	     "phone [0151 12345678] 015112345678; date [24.12.] 2026-12-24"},
	    {"5 € 12 Stück 7 €", "money [5 €] EUR 5.00; money [7 €] EUR 7.00"},
	    {"4111 1111 1111 1111 12/27", "card [4111 1111 1111 1111] 4111111111111111"},
	    {"Bestellnummer 4111111111111112", "order [4111111111111112] 4111111111111112"},
	    {"Bestellung RR123456785DE", "tracking [RR123456785DE] RR123456785DE"},
	    {"EUR 4111 1111 1111 1111", "card [4111 1111 1111 1111] 4111111111111111"},
	    {"0221 123 456 789", "phone [0221 123 456 789] 0221123456789"},
	    {"bis DE89370400440532013000", "iban [DE89370400440532013000] DE89370400440532013000"},
	    {"24.12.2026, 14:30 Uhr", "date [24.12.2026] 2026-12-24; time [14:30 Uhr] 14:30"},
	    {"jo@example.org oder 0171 1234567",
	     "email [jo@example.org] jo@example.org; phone [0171 1234567] 01711234567"},
	    {"1 $20 note", "money [$20] USD 20.00"},
	    {"\U0001f600 5 €\U0001f600", "money [5 €] EUR 5.00"},
	};
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(render(rows[i].text, now_text, arena), rows[i].expected);
	arena_free(arena);
}

static void test_now(void **state)
{
	(void)state;
	static const struct {
		const char *text, *now, *expected;
	} rows[] = {
	    {"morgen", NULL, "deadline [morgen] "},
	    {"bis Freitag", NULL, "deadline [bis Freitag] "},
	    {"in 2 days", NULL, "deadline [in 2 days] "},
	    {"am 24.12.", NULL, "date [24.12.] "},
	    {"am 24.12.2026", NULL, "date [24.12.2026] 2026-12-24"},
	    {"bis zum 24.12.2026", NULL, "deadline [bis zum 24.12.2026] 2026-12-24"},
	    {"seit 9 Tagen", NULL, "duration [seit 9 Tagen] P9D"},
	    {"am 24.12.", "2026-01-02T00:00:00Z", "date [24.12.] 2025-12-24"},
	    {"am 1.1.", "2026-12-31T23:59:59Z", "date [1.1.] 2027-01-01"},
	    {"tomorrow", "2026-12-31T23:59:59Z", "deadline [tomorrow] 2027-01-01"},
	    {"tomorrow", "2024-02-28T12:00:00Z", "deadline [tomorrow] 2024-02-29"},
	    {"in 2 hours", "2026-12-31T23:00:00Z", "deadline [in 2 hours] 2027-01-01T01:00Z"},
	    {"in 3 months", "2026-11-30T00:00:00Z", "deadline [in 3 months] 2027-02-28"},
	    {"bis Montag", "2026-11-30T00:00:00Z", "deadline [bis Montag] 2026-12-07"},
	    {"bis Montag", "2026-11-29T23:59:59Z", "deadline [bis Montag] 2026-11-30"},
	};
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(render(rows[i].text, rows[i].now, arena), rows[i].expected);
	arena_free(arena);
}

static void test_kinds(void **state)
{
	(void)state;
	size_t n = 0;
	while (facts_kind(n))
		n++;
	assert_int_equal(n, 12);
	assert_string_equal(facts_kind(0), "iban");
}

/* Signs tell where to look: nothing is lost by them. */
static void same_facts(struct str text, struct arena *arena)
{
	struct tokens t;
	struct post_fact a[FACTS_MAX], b[FACTS_MAX];
	int64_t now_ms;
	assert_int_equal(num_time_ms(str_of(now_text), &now_ms), 0);
	tokens_cut(&t, text, NULL, 0, arena);
	size_t n = facts_find(a, FACTS_MAX, STR("text"), text, &t, now_ms, arena);
	size_t m = facts_find_reference(b, FACTS_MAX, STR("text"), text, &t, now_ms, arena);
	bool same = n == m;
	for (size_t i = 0; same && i < n; i++)
		same = a[i].start == b[i].start && a[i].end == b[i].end &&
		       str_eq(a[i].kind, b[i].kind) && str_eq(a[i].value, b[i].value);
	if (!same)
		fail_msg("%zu facts, without signs %zu: %.*s", n, m, STR_ARG(text));
}

static void test_signs_lose_nothing(void **state)
{
	(void)state;
	if (!labelled_lines(same_facts))
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_money),
	    cmocka_unit_test(test_date),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_time_and_duration),
	    cmocka_unit_test(test_contact),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_no_facts),
	    cmocka_unit_test(test_together),
	    cmocka_unit_test(test_now),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_signs_lose_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
