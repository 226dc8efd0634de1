#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/text/token.h"

#include "tests/support/labelled.h"

/* Tokens as one line: words plain, #tag, @name, <url>, =number, ~emoji; "|" between sentences. */
static void render(struct buf *out, const struct tokens *t, bool quoted)
{
	static const char *const marks[] = {
	    [TOKEN_WORD] = "", [TOKEN_TAG] = "#",    [TOKEN_MENTION] = "@",
	    [TOKEN_URL] = "<", [TOKEN_NUMBER] = "=", [TOKEN_EMOJI] = "~"};
	uint32_t sentence = 0, position = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct token *token = &t->at[i];
		if (token->quoted != quoted)
			continue;
		assert_int_equal(token->position, ++position);
		if (out->n)
			assert_int_equal(buf_z(out, token->sentence > sentence ? " | " : " "), 0);
		assert_true(token->sentence <= sentence + 1);
		sentence = token->sentence;
		assert_int_equal(buf_z(out, marks[token->kind]), 0);
		assert_int_equal(buf_str(out, token->folded), 0);
		if (token->kind == TOKEN_URL)
			assert_int_equal(buf_z(out, ">"), 0);
	}
	if (!quoted)
		assert_int_equal(t->sentences, position ? sentence + 1 : 0);
}

struct row {
	const char *text, *expected;
};

static void check_rows(const struct row *rows, size_t n)
{
	struct arena *arena = arena_create(16 * MiB);
	for (size_t i = 0; i < n; i++) {
		for (int reference = 0; reference < 2; reference++) {
			struct tokens t;
			struct buf out;
			buf_init(&out, 1 * MiB);
			(reference ? tokens_cut_reference : tokens_cut)(&t, str_of(rows[i].text),
									NULL, 0, arena);
			render(&out, &t, false);
			if (!str_is(buf_view(&out), rows[i].expected))
				fail_msg("row %zu%s \"%s\"\n  gives    %.*s\n  expected %s", i,
					 reference ? " (reference)" : "", rows[i].text,
					 STR_ARG(buf_view(&out)), rows[i].expected);
			buf_done(&out);
		}
	}
	arena_free(arena);
}

static void test_words(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"", ""},
	    {" .,;!? ", ""},
	    {"Paket da", "paket da"},
	    {"DHL's", "dhl s"},
	    {"E-Post AT&T E.ON snake_case", "e post at t e on snake case"},
	    {"3 Pakete um 12:30, 7x", "=3 pakete um =12 =30 7x"},
	    {"x² ½ Ⅳ", "x"}, /* digits are Nd */
	    {"a\u0301b \u0301 \u0301c", "ab c"},
	    {"日本語 привет", "日本語 привет"},
	    /* folding */
	    {"Zürich ZUERICH zürich Zurich", "zuerich zuerich zuerich zurich"},
	    {"Zu\u0308rich O\u0308L", "zuerich oel"},
	    {"Straße STRASSE ẞ", "strasse strasse ss"},
	    {"Café ÉTÉ ñ ç ø", "cafe ete n c ø"},
	    {"ﬁx Ｆｕｌｌ 𝐁old ǅ", "fix full bold dz"},
	    {"ŉ ĳ ſ µ", "ʼn ij s μ"},
	    {"й ё İ", "и е i"},
	    {"ΣΑΣ", "σασ"},
	    {"हिन्दी が 한국", "हिन्दी が 한국"},
	    {"schön\u0300\u0301\u0302", "schoen"},
	    {"ǖ ạ\u0308", "ue ae"},
	    /* invisible characters */
	    {"Pa\u00adket \u200bPa\u200bket\u200b !", "paket paket"},
	    {"\u202ePaket\u202c", "paket"},
	    {"\ufeffHallo", "hallo"},
	    /* gender forms */
	    {"Kund*innen Kund:in Kund_innen Kund/in Kund·innen",
	     "kundinnen kundin kundinnen kundin kundinnen"},
	    {"KUND*INNEN Ärzt*in.", "kundinnen aerztin"},
	    {"Leser*in-Kommentar", "leserin kommentar"},
	    {"Kund*innenservice", "kundinnenservice"},
	    {"Achtung:Innenstadt", "achtung innenstadt"},
	    {"Text/international Ende:innerhalb", "text international ende innerhalb"},
	    {"1*innen *innen", "=1 innen innen"},
	    {"Mit\u00adar\u00adbei\u00adter*in\u00adnen", "mitarbeiterinnen"},
	    {"#Kund*innen #Kund_in", "#kundinnen #kundin"},
	    {"Müller/in", "muellerin"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_marks(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"#Paket #paket_chaos #2026 # #!", "#paket #paket_chaos #2026"},
	    {"a#b #a#b", "a b #a b"},
	    {"@DHL @dhl_hilft, @a.b-c. @", "@dhl @dhl_hilft @a.b-c"},
	    {"@paket@social.example. Gut", "@paket@social.example | gut"},
	    {"foo@bar.de a@b", "foo bar de a b"},
	    {"(@DHL)", "@dhl"},
	    {"@Müller@Zürich.example", "@mueller@zuerich.example"},
	    {"@_x_ @.x @-x", "@_x_ x x"},
	    {"@@x", "@x"},
	    {"##x", "#x"},
	    {"#a_", "#a_"},
	    {"@a@", "@a"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_urls(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"siehe https://X.de/Pfad?a=B.", "siehe <https://X.de/Pfad?a=B>"},
	    {"(https://x.de/a)", "<https://x.de/a>"},
	    {"https://de.wikipedia.org/wiki/Post_(Amt).",
	     "<https://de.wikipedia.org/wiki/Post_(Amt)>"},
	    {"\"https://x.de\" »https://y.de« 'https://z.de'",
	     "<https://x.de> <https://y.de> <https://z.de>"},
	    {"<https://x.de>weiter", "<https://x.de> weiter"},
	    {"www.dhl.de, WWW.X.DE!", "<www.dhl.de> <WWW.X.DE>"},
	    {"www. www", "www www"},
	    {"http:// http https", "http http https"},
	    {"ftp://x.de 1a://b", "<ftp://x.de> 1a b"},
	    {"看https://x.de ähttps://y.de", "看 <https://x.de> ae <https://y.de>"},
	    {"#https://x.de @https://x", "<https://x.de> @https x"},
	    {"https://x.de…", "<https://x.de>"},
	    {"HTTPS://x.de/ä", "<HTTPS://x.de/ä>"},
	    {"Hier.https://x.de", "hier <https://x.de>"},
	    {"https://x.de/\u200babc", "<https://x.de/abc>"},
	    {"(siehe https://x.de/a_(b)) und (https://x.de/[c]).",
	     "siehe <https://x.de/a_(b)> und <https://x.de/[c]>"},
	    {"https://x.de) und (https://y.de)))", "<https://x.de> und <https://y.de>"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_emoji(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"😡😡 gut😀", "~😡 ~😡 gut ~😀"},
	    {"👍🏽 👍", "~👍 ~👍"},
	    {"👩🏽‍💻 👨‍👩‍👧", "~👩‍💻 ~👨‍👩‍👧"},
	    {"❤️ ❤ ☺︎", "~❤ ~❤ ~☺"},
	    {"🇩🇪🇦🇹 🇩", "~🇩🇪 ~🇦🇹 ~🇩"},
	    {"1️⃣ 2⃣ #️⃣ 101️⃣", "~1⃣ ~2⃣ ~#⃣ =10 ~1⃣"},
	    {"© ©️ ™ ™️ ℹ️", "~© ~™ ~ℹ"},
	    {"🏴󠁧󠁢󠁥󠁮󠁧󠁿", "~🏴󠁧󠁢󠁥󠁮󠁧󠁿"},
	    {"😀\u200d a", "~😀 a"},
	    {"🏽", "~🏽"},
	    {"🙂‍↔️", "~🙂‍↔"},
	    {"#😀 @😀", "~😀 ~😀"},
	    {"★ ♪", ""},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_sentences(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"Eins. Zwei! Drei? Vier", "eins | zwei | drei | vier"},
	    {"Zeile\nZeile\r\nZeile\u2028x", "zeile | zeile | zeile | x"},
	    {"Das ist z. B. Paket. Und z.B. das.", "das ist z b paket | und z b das"},
	    {"Z. B. Paket. Z.\u00a0T. Post, z.\u202fB. DHL, z.\u2009B. x",
	     "z b paket | z t post z b dhl z b x"},
	    {"Fam. Huber, Sendungsnr. 5, max. 3, mind. 2, 2 Stk. X",
	     "fam huber sendungsnr =5 max =3 mind =2 =2 stk x"},
	    {"So \u2133. E. x \u2110\u212f. Y", "so m | e x ie | y"},
	    {"Danke Max. Never mind. Bis dann", "danke max | never mind | bis dann"},
	    {"d. h. Post, u. a. DHL, i. d. R. Briefe, o. Ä. Dinge",
	     "d h post u a dhl i d r briefe o ae dinge"},
	    {"Nr. 5 von Dr. Müller usw. Ende.", "nr =5 von dr mueller usw ende"},
	    {"See e.g. DHL, i.e. Post. Next", "see e g dhl i e post | next"},
	    {"am 3. Mai kam es. Am 3. Kam es.", "am =3 mai kam es | am =3 | kam es"},
	    {"im 3. März, 1. Jänner", "im =3 maerz =1 jaenner"},
	    {"Kostet 3.50 Euro. 12.30 Uhr", "kostet =3 =50 euro | =12 =30 uhr"},
	    {"Er sagte: \"Nein.\" Dann ging er.", "er sagte nein | dann ging er"},
	    {"Na ja... gut. na ja", "na ja gut na ja"},
	    {"Na ja... Gut", "na ja | gut"},
	    {"Hallo! ich", "hallo | ich"},
	    {"Danke.\n\n\nBis bald", "danke | bis bald"},
	    {"Wirklich?! Ja", "wirklich | ja"},
	    {"Super. 😀 Danke", "super | ~😀 danke"},
	    {"siehe https://x.de/a. Dann", "siehe <https://x.de/a> | dann"},
	    {"Art. 5 gilt auf diese Art. Dann", "art =5 gilt auf diese art | dann"},
	    {"No. That is no. 5 here", "no | that is no =5 here"},
	    {"U.S. Post", "u s post"},
	    {"www.dhl.de hilft", "<www.dhl.de> hilft"},
	    {"gut。次", "gut | 次"},
	    {"(Ja.) Nein", "ja | nein"},
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_offsets(void **state)
{
	(void)state;
	struct arena *arena = arena_create(1 * MiB);
	struct str text =
	    STR("Öl \u00adPa\u00adket\u00ad, #Tag_ @a@b.c. 👍🏽 ❤️ https://x.de!");
	static const char *const expected[] = {"Öl",       "Pa\u00adket", "#Tag_",       "@a@b.c",
					       "👍🏽", "❤️",      "https://x.de"};
	struct tokens t;
	tokens_cut(&t, text, NULL, 0, arena);
	assert_int_equal(t.n, ARRAY_LEN(expected));
	for (size_t i = 0; i < t.n; i++) {
		struct str got = str_sub(text, t.at[i].start, t.at[i].end);
		if (!str_is(got, expected[i]))
			fail_msg("%zu: %.*s", i, STR_ARG(got));
	}
	arena_free(arena);
}

static void test_quotes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct post_span quotes[3];
		size_t n;
		const char *own, *quoted;
	} rows[] = {
	    {"> Paket weg.\nMir auch. Immer", {{0, 13}}, 1, "mir auch | immer", "paket weg"},
	    {"a b c d e", {{2, 3}, {6, 7}}, 2, "a c e", "b | d"},
	    {"abcdef", {{2, 4}}, 1, "ab ef", "cd"},
	    {"alles", {{0, 5}}, 1, "", "alles"},
	    {"Er sagte. zitat und dann", {{10, 15}}, 1, "er sagte und dann", "zitat"},
	    {"ab cd", {{0, 2}, {1, 99}}, 2, "", "ab | cd"},
	};
	struct arena *arena = arena_create(1 * MiB);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens t;
		struct str text = str_of(rows[i].text);
		tokens_cut(&t, text, rows[i].quotes, rows[i].n, arena);
		for (int quoted = 0; quoted < 2; quoted++) {
			struct buf out;
			buf_init(&out, 1 * MiB);
			render(&out, &t, quoted);
			const char *expected = quoted ? rows[i].quoted : rows[i].own;
			if (!str_is(buf_view(&out), expected))
				fail_msg("row %zu: %.*s, expected %s", i, STR_ARG(buf_view(&out)),
					 expected);
			buf_done(&out);
		}
		for (size_t j = 0; j < t.n; j++) { /* the spans are those of the whole text */
			struct str word = str_sub(text, t.at[j].start, t.at[j].end);
			assert_true(str_eq(text_fold(word, arena), t.at[j].folded));
			assert_true(j == 0 || t.at[j - 1].end <= t.at[j].start);
		}
	}
	arena_free(arena);
}

static void test_signs_and_flags(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned at_start, signs, flags; /* of the first word */
	} rows[] = {
	    {"toll!", 0, SIGN_EXCLAIM, 0},
	    {"Toll!!!", 0, SIGN_EXCLAIMS, TOKEN_CAPITAL},
	    {"TOLL?", 0, SIGN_QUESTION, TOKEN_CAPITAL | TOKEN_UPPER},
	    {"I ?!", 0, SIGN_QUESTIONS | SIGN_EXCLAIM, TOKEN_CAPITAL},
	    {"na...", 0, SIGN_DOTS, 0},
	    {"na…", 0, SIGN_DOTS, 0},
	    {":) gut", SIGN_SMILE, 0, 0},
	    {"gut :-)", 0, SIGN_SMILE, 0},
	    {"gut ;) x", 0, SIGN_WINK, 0},
	    {"gut :D", 0, SIGN_LAUGH, 0},
	    {"gut :DDD x", 0, SIGN_LAUGH, 0},
	    {"gut :Das x", 0, 0, 0},
	    {"gut :-P", 0, SIGN_TONGUE, 0},
	    {"weh :( x", 0, SIGN_FROWN, 0},
	    {"weh :'(", 0, SIGN_CRY, 0},
	    {"na :/", 0, SIGN_SKEPTIC, 0},
	    {"du :*", 0, SIGN_KISS, 0},
	    {"du <3", 0, SIGN_HEART, 0},
	    {"ach -.-", 0, SIGN_ANNOYED, 0},
	    {"er „so“ x", 0, SIGN_QUOTE, 0},
	    {"um 12:30", 0, 0, 0},
	    {"Betreff: (x)", 0, 0, TOKEN_CAPITAL},
	    {"ÖL", 0, 0, TOKEN_CAPITAL | TOKEN_UPPER},
	    {"A1B", 0, 0, TOKEN_CAPITAL | TOKEN_UPPER | TOKEN_DIGIT},
	    {"#tag1", 0, 0, TOKEN_DIGIT},
	    {"Öl95", 0, 0, TOKEN_CAPITAL | TOKEN_DIGIT},
	    {"\u0663", 0, 0, TOKEN_DIGIT}, /* an Arabic three */
	    {"Fünfzehnbuchstabenundmehr7", 0, 0, TOKEN_CAPITAL | TOKEN_DIGIT},
	};
	struct arena *arena = arena_create(1 * MiB);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tokens t;
		tokens_cut(&t, str_of(rows[i].text), NULL, 0, arena);
		assert_true(t.n > 0);
		if (t.signs_at_start != rows[i].at_start || t.at[0].signs != rows[i].signs ||
		    t.at[0].flags != rows[i].flags)
			fail_msg("row %zu \"%s\": %x %x %x", i, rows[i].text, t.signs_at_start,
				 t.at[0].signs, t.at[0].flags);
	}
	arena_free(arena);
}

/* ---- both paths agree on everything that is there ------------------------------------------ */

static void same_tokens(struct str text, struct arena *arena)
{
	struct tokens a, b;
	tokens_cut(&a, text, NULL, 0, arena);
	tokens_cut_reference(&b, text, NULL, 0, arena);
	bool same =
	    a.n == b.n && a.sentences == b.sentences && a.signs_at_start == b.signs_at_start;
	for (size_t i = 0; same && i < a.n; i++) {
		const struct token *x = &a.at[i], *y = &b.at[i];
		same = x->start == y->start && x->end == y->end && str_eq(x->folded, y->folded) &&
		       x->position == y->position && x->sentence == y->sentence &&
		       x->kind == y->kind && x->flags == y->flags && x->signs == y->signs &&
		       x->hash == hash_word(x->folded) && y->hash == x->hash;
	}
	if (!same)
		fail_msg("the two paths differ on: %.*s", STR_ARG(text));
}

static void test_paths_agree(void **state)
{
	(void)state;
	if (!labelled_lines(same_tokens))
		skip();
}

/* ---- strangers' input ---------------------------------------------------------------------- */

static void repeat(struct buf *out, const char *piece, size_t limit)
{
	while (out->n + strlen(piece) <= limit)
		assert_int_equal(buf_z(out, piece), 0);
}

static void test_worst_cases(void **state)
{
	(void)state;
	static const char *const pieces[] = {
	    "a",
	    "a ",
	    "a☺",
	    "😡",
	    "👩🏽‍💻",
	    "👨\u200d",
	    "\u0301\u0323",
	    "e\u0301\u0323\u0308",
	    "\u05b0\u05b4", /* points of two combining classes, kept apart from any letter */
	    "\u0e38\u0e48", /* Thai marks, which stay: their order is sorted */
	    "1 1.",
	    ". ",
	    "a*in",
	    "a*in\u00ad",
	    "http://(",
	    "http://)",
	    "http://",
	    "@a.",
	    "#_",
	    "1.  ",
	    "z. ",
	    "\u00ad",
	    "1\u20e3",
	    "\ufdfa",
	    "한",
	    ":-)",
	    "\n",
	};
	struct arena *arena = arena_create(64 * POST_MAX_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf text;
		buf_init(&text, POST_MAX_BYTES);
		assert_int_equal(buf_char(&text, 'a'), 0); /* marks need a letter to be a word */
		repeat(&text, pieces[i], POST_MAX_BYTES);
		struct tokens t;
		clock_t start = clock();
		tokens_cut(&t, buf_view(&text), NULL, 0, arena);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		if (seconds > 1) /* takes hundredths; what is quadratic takes minutes */
			fail_msg("%s repeated takes %.1f s", pieces[i], seconds);
		arena_reset(arena);
		buf_done(&text);
	}
	arena_free(arena);
}

static void test_random_bytes(void **state)
{
	(void)state;
	static const char *const bits[] = {
	    "a",        "Ö",      " ", "\n",     ".",      "*in", "_",    "@",      "#",
	    "https://", "www.",   "1", "\u20e3", "\ufe0f", "😡",   "🏽", "\u200d", "\u00ad",
	    "\u0308",   "·innen", ":", ")",      "Nr",     "z",   "B",    "Mai",    "\xff",
	    "\xe2\x80", "½",      "ﬁ", "\"",     "ß",      "-"};
	struct arena *arena = arena_create(16 * MiB);
	uint64_t seed = 20261122;
	for (int round = 0; round < 20000; round++) {
		struct buf text;
		buf_init(&text, 4096);
		size_t n = 0;
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		for (n = 1 + (seed >> 33) % 24; n > 0; n--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			assert_int_equal(buf_z(&text, bits[(seed >> 33) % ARRAY_LEN(bits)]), 0);
		}
		same_tokens(buf_view(&text), arena);
		arena_reset(arena);
		buf_done(&text);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),        cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_urls),         cmocka_unit_test(test_emoji),
	    cmocka_unit_test(test_sentences),    cmocka_unit_test(test_offsets),
	    cmocka_unit_test(test_quotes),       cmocka_unit_test(test_signs_and_flags),
	    cmocka_unit_test(test_random_bytes), cmocka_unit_test(test_worst_cases),
	    cmocka_unit_test(test_paths_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
