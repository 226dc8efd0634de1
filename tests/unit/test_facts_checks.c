/* facts.c beyond its tables: check digits computed by other means, quotes, the limit, the mask, random and
 * long texts. */
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

/* ---- check digits by other means than the finder's ---- */

static unsigned seed = 4711;
static unsigned draw(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % n;
}

static const char *kind_of(const char *text, struct arena *arena)
{
	struct post_fact facts[FACTS_MAX];
	size_t n = find(facts, text, now_text, arena);
	return n ? arena_z(arena, facts[0].kind) : "";
}

/* Rest by 97 of a long decimal number, by subtraction of shifted remainders of nine digits. */
static unsigned mod97(const char *digits)
{
	uint64_t rest = 0;
	for (size_t n = strlen(digits), i = 0; i < n; i += 7) {
		char part[8] = {0};
		strncpy(part, digits + i, 7);
		uint64_t shift = 1;
		for (size_t k = strlen(part); k > 0; k--)
			shift *= 10;
		rest = (rest * shift + strtoull(part, NULL, 10)) % 97;
	}
	return (unsigned)rest;
}

static void test_check_digits(void **state)
{
	(void)state;
	struct arena *arena = arena_create(16 * MiB);
	for (int round = 0; round < 300; round++) {
		arena_reset(arena);
		char text[64], digits[64];
		/* DE: 131400 is "DE" and 00; the check is 98 less the rest */
		uint64_t a = 0;
		for (int k = 0; k < 18; k++)
			a = a * 10 + draw(10);
		snprintf(digits, sizeof digits, "%018llu131400", (unsigned long long)a);
		unsigned check = 98 - mod97(digits);
		for (unsigned wrong = 0; wrong < 97; wrong += 1 + draw(20)) {
			snprintf(text, sizeof text, "DE%02u%018llu", (check + wrong - 2) % 97 + 2,
				 (unsigned long long)a);
			assert_string_equal(kind_of(text, arena), wrong ? "" : "iban");
		}
		/* a Visa card: digits at odd places doubled, by table */
		static const unsigned doubled[] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
		unsigned sum = doubled[4];
		memcpy(text, "4", 2);
		for (int k = 1; k < 15; k++) {
			unsigned d = draw(10);
			sum += k % 2 ? d : doubled[d];
			snprintf(text + k, 2, "%u", d);
		}
		check = (10 - sum % 10) % 10;
		for (unsigned wrong = 0; wrong < 10; wrong++) {
			snprintf(text + 15, 2, "%u", (check + wrong) % 10);
			assert_string_equal(kind_of(text, arena), wrong ? "" : "card");
		}
		/* S10 */
		static const unsigned weights[] = {8, 6, 4, 2, 3, 5, 9, 7};
		memcpy(text, "CP", 2);
		sum = 0;
		for (int k = 0; k < 8; k++) {
			unsigned d = draw(10);
			sum += d * weights[k];
			snprintf(text + 2 + k, 2, "%u", d);
		}
		/* the digit that makes the sum with it a multiple of eleven */
		for (check = 0; (sum + check) % 11; check++)
			continue;
		check = check == 10 ? 0 : check == 0 ? 5 : check;
		for (unsigned wrong = 0; wrong < 10; wrong++) {
			snprintf(text + 10, 4, "%uDE", (check + wrong) % 10);
			assert_string_equal(kind_of(text, arena), wrong ? "" : "tracking");
		}
		/* UPS: letters by name, one digit at a time */
		static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
				  values[] = "23456789012345678901234567";
		memcpy(text, "1Z", 2);
		sum = 0;
		for (unsigned k = 0; k < 15; k++) {
			unsigned c = k < 6 ? draw(26) : draw(10);
			unsigned v = k < 6 ? (unsigned)(values[c] - '0') : c;
			snprintf(text + 2 + k, 2, "%c", k < 6 ? letters[c] : (char)('0' + c));
			sum += (k % 2 + 1) * v;
		}
		for (check = 0; (sum + check) % 10; check++)
			continue;
		for (unsigned wrong = 0; wrong < 10; wrong++) {
			snprintf(text + 17, 2, "%u", (check + wrong) % 10);
			assert_string_equal(kind_of(text, arena), wrong ? "" : "tracking");
		}
		/* DHL: weights 3 and 1 from the right, the whole divisible by ten */
		memcpy(text, "00340", 5);
		sum = 3 * 3 + 4 + 0;
		for (unsigned k = 5; k < 19; k++) {
			unsigned d = draw(10);
			snprintf(text + k, 2, "%u", d);
			sum += (k % 2 ? 1 : 3) * d;
		}
		for (check = 0; (sum + check) % 10; check++)
			continue;
		for (unsigned wrong = 0; wrong < 10; wrong++) {
			snprintf(text + 19, 2, "%u", (check + wrong) % 10);
			assert_string_equal(kind_of(text, arena), wrong ? "" : "tracking");
		}
	}
	arena_free(arena);
}

/* ---- quotes, limit, mask, hostile texts ---- */

static void test_quotes(void **state)
{
	(void)state;
	const char *text = "Tel. 040 1234567 5 € \"0171 1234567 6\" € bitte";
	struct post_span quote = {(size_t)(strstr(text, "0171") - text),
				  (size_t)(strstr(text, "\" €") - text)};
	struct arena *arena = arena_create(1 * MiB);
	struct tokens t;
	struct post_fact facts[FACTS_MAX];
	tokens_cut(&t, str_of(text), &quote, 1, arena);
	size_t n = facts_find(facts, FACTS_MAX, STR("text"), str_of(text), &t, 0, arena);
	assert_int_equal(n, 2);
	assert_true(str_is(facts[0].kind, "phone"));
	assert_true(str_is(facts[1].value, "EUR 5.00"));
	/* none reaches across a quote */
	text = "seit 3 Zitat Tagen";
	quote = (struct post_span){7, 12};
	tokens_cut(&t, str_of(text), &quote, 1, arena);
	assert_int_equal(facts_find(facts, FACTS_MAX, STR("text"), str_of(text), &t, 0, arena), 0);
	arena_free(arena);
}

static void test_limit(void **state)
{
	(void)state;
	struct arena *arena = arena_create(64 * MiB);
	struct post_fact facts[FACTS_MAX];
	char *text = arena_alloc(arena, 8 * 200 + 1);
	for (int i = 0; i < 200; i++)
		memcpy(text + 8 * i, "7 Euro, ", 9);
	assert_int_equal(find(facts, text, NULL, arena), FACTS_MAX);
	assert_int_equal(facts[FACTS_MAX - 1].start, 8 * (FACTS_MAX - 1));
	struct tokens t;
	tokens_cut(&t, str_of(text), NULL, 0, arena);
	assert_int_equal(facts_find(facts, 3, STR("text"), str_of(text), &t, 0, arena), 3);
	struct post_fact more[FACTS_MAX + 8];
	assert_int_equal(facts_find(more, ARRAY_LEN(more), STR("text"), str_of(text), &t, 0, arena),
			 FACTS_MAX);
	assert_int_equal(facts_find(facts, 0, STR("text"), str_of(text), &t, 0, arena), 0);
	arena_free(arena);
}

static void test_mask(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} rows[] = {
	    {"nichts zu verbergen", "nichts zu verbergen"},
	    {"IBAN DE89 3704 0044 0532 0130 00, 5 €", "IBAN \u2022\u2022\u2022, 5 €"},
	    {"4111 1111 1111 1111", "\u2022\u2022\u2022"},
	    {"jo@example.org +49 40 1234567!", "\u2022\u2022\u2022 \u2022\u2022\u2022!"},
	    {"Grüße, 50667 Köln", "Grüße, \u2022\u2022\u2022 Köln"},
	    {"order #12345 bis morgen", "order #\u2022\u2022\u2022 bis morgen"},
	    {"(Sendung RR123456785DE)", "(Sendung \u2022\u2022\u2022)"},
	};
	struct arena *arena = arena_create(1 * MiB);
	struct post_fact facts[FACTS_MAX];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str text = str_of(rows[i].text);
		size_t n = find(facts, rows[i].text, now_text, arena);
		struct str masked = facts_mask(text, facts, n, STR("text"), arena);
		if (!str_is(masked, rows[i].expected))
			fail_msg("\"%s\" gives \"%.*s\"", rows[i].text, STR_ARG(masked));
		/* another field's facts hide nothing here */
		assert_true(str_eq(facts_mask(text, facts, n, STR("title"), arena), text));
	}
	/* facts of title and text in one array */
	struct str text = STR("jo@example.org 0171 1234567");
	size_t n = find(facts, text.p, now_text, arena);
	assert_int_equal(n, 2);
	facts[0].field = STR("title");
	assert_true(str_is(facts_mask(text, facts, n, STR("text"), arena),
			   "jo@example.org \u2022\u2022\u2022"));
	assert_true(str_eq(facts_mask(STR_NULL, NULL, 0, STR("text"), arena), STR_NULL));
	arena_free(arena);
}

static bool border(struct str text, size_t pos)
{
	return pos == text.n || ((unsigned char)text.p[pos] & 0xc0) != 0x80;
}

static void check_sane(struct str text, struct arena *arena)
{
	struct tokens t;
	struct post_fact facts[FACTS_MAX];
	/* no byte more than it has: the sanitizer sees who reads on */
	char *exact = malloc(text.n + !text.n);
	must(exact);
	memcpy(exact, text.p, text.n);
	text.p = exact;
	tokens_cut(&t, text, NULL, 0, arena);
	size_t n = facts_find(facts, FACTS_MAX, STR("text"), text, &t, 1795818840000, arena),
	       done = 0;
	assert_true(n <= FACTS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_true(facts[i].start >= done && facts[i].start < facts[i].end);
		assert_true(facts[i].end <= text.n);
		assert_true(border(text, facts[i].start) && border(text, facts[i].end));
		assert_true(facts[i].value.p && facts[i].value.n);
		assert_true(utf8_valid(facts[i].value));
		done = facts[i].end;
	}
	struct str masked = facts_mask(text, facts, n, STR("text"), arena);
	assert_true(utf8_valid(masked));
	free(exact);
}

static void test_random(void **state)
{
	(void)state;
	static const char *const pieces[] = {
	    "0",       "1",      "12",     "24",     "2026",       "00340",
	    "50667",   "DE89",   "4111",   "1111",   " ",          " ",
	    " ",       ".",      ",",      "-",      "/",          ":",
	    "@",       "+",      "(",      ")",      "#",          "€",
	    "$",       "£",      " € ",    "Euro",   "EUR",        "Uhr",
	    "pm",      "bis",    "by",     "seit",   "for",        "in",
	    "Tagen",   "days",   "morgen", "Montag", "Dez",        "Bestellung",
	    "Nr",      "Az",     "PLZ",    "Köln",   "\u00ad",     "\u00a0",
	    "\u2013",  "\n",     "1Z",     "RR",     "a",          "Z",
	    "example", "org",    "+49",    "(0)",    "\U0001f600", "1\ufe0f\u20e3",
	    "\u0663",  "\u0301", "Mio",    "half",   "an",         "hour",
	    "Sendung", "SW1A",   "1AA"};
	struct arena *arena = arena_create(64 * MiB);
	seed = 20261127;
	check_sane(STR("+49 (0"), arena);
	check_sane(STR("("), arena);
	for (int round = 0; round < 20000; round++) {
		arena_reset(arena);
		char raw[400];
		size_t n = 0;
		bool bytes = round % 4 == 0;
		for (unsigned k = draw(40); k > 0; k--) {
			if (bytes) {
				raw[n++] = (char)draw(256);
				continue;
			}
			const char *piece = pieces[draw(ARRAY_LEN(pieces))];
			memcpy(raw + n, piece, strlen(piece));
			n += strlen(piece);
		}
		/* made valid as the parsers do */
		char *valid = arena_alloc(arena, 4 * n + 1);
		size_t m = 0, pos = 0;
		while (pos < n)
			m += utf8_put(valid + m, utf8_next((struct str){raw, n}, &pos));
		check_sane((struct str){valid, m}, arena);
	}
	arena_free(arena);
}

/* The longest text of each hostile kind: what costs more than linear would not end. */
static void test_long(void **state)
{
	(void)state;
	static const char *const units[] = {
	    "1 ",   "0 ",    "00 ", "a.",  "a@",     "4111 ",  "€",       "seit ",   "bis ",
	    "1.1.", "DE89 ", "Nr ", "am ", "1 Euro", "order ", "in the ", "\u00ad1", "   "};
	struct arena *arena = arena_create((size_t)256 * MiB);
	char *text = malloc(POST_MAX_BYTES);
	must(text);
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		size_t n = 0, step = strlen(units[u]);
		while (n + step <= POST_MAX_BYTES) {
			memcpy(text + n, units[u], step);
			n += step;
		}
		arena_reset(arena);
		check_sane((struct str){text, n}, arena);
	}
	free(text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check_digits), cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_limit),        cmocka_unit_test(test_mask),
	    cmocka_unit_test(test_random),       cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
