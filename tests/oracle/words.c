/*
 * Cutting a text into words, sentences, and folding (QUERY.md section 1).
 *
 * Three passes: decode, dropping invisible characters and gathering emoji sequences into single items; mark the sentence of
 * every item by the rules SB3-SB998 of UAX #29, tried one by one at each boundary; walk over the items and cut the words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "tests/oracle/oracle.h"
#include "tests/oracle/inner.h"
#include "tests/oracle/tables.h"

/* ---- memory ---- */

struct chunk {
	struct chunk *next;
};

void *pool_get(struct pool *pool, size_t n)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + n + 1);

	if (chunk == NULL)
		abort();
	chunk->next = pool->first;
	pool->first = chunk;
	return chunk + 1;
}

void *pool_grow(struct pool *pool, void *old, size_t n_old, size_t n_new)
{
	void *new = pool_get(pool, n_new);

	if (n_old > 0)
		memcpy(new, old, n_old);
	return new;
}

char *pool_text(struct pool *pool, const char *text, size_t n)
{
	char *copy = pool_get(pool, n + 1);

	if (n > 0)
		memcpy(copy, text, n);
	return copy;
}

void pool_done(struct pool *pool)
{
	while (pool->first != NULL) {
		struct chunk *next = pool->first->next;

		free(pool->first);
		pool->first = next;
	}
}

/* ---- characters ---- */

static bool in_table(const struct range *table, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= table[i].from && cp <= table[i].to)
			return true;
	return false;
}
#define IN(table, cp) in_table(table, sizeof(table) / sizeof(table[0]), cp)

static enum sb sentence_class(const struct item *item, bool gap_ends)
{
	if (item->gap)
		return gap_ends ? SB_Sep : SB_Sp;
	if (item->emoji)
		return SB_Other;
	for (size_t i = 0; i < sizeof(sentence_table) / sizeof(sentence_table[0]); i++)
		if (item->cp >= sentence_table[i].from && item->cp <= sentence_table[i].to)
			return sentence_table[i].class;
	return SB_Other;
}

bool is_letter(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO: return true;
	default: return false;
	}
}

bool is_digit(uint32_t cp)
{
	return utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ND;
}

bool is_mark(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: return true;
	default: return false;
	}
}

bool is_space(uint32_t cp)
{
	if ((cp >= 9 && cp <= 13) || cp == 0x85)
		return true;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP: return true;
	default: return false;
	}
}

/* The quotation marks the language knows: " and the typographic pairs. */
bool is_quotation(uint32_t cp)
{
	return cp == '"' || cp == 0xAB || cp == 0xBB || (cp >= 0x201C && cp <= 0x201F);
}

size_t cp_at(const char *text, size_t n, uint32_t *ret_cp)
{
	utf8proc_int32_t cp;
	utf8proc_ssize_t took;

	if (n == 0)
		return 0;
	took = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &cp);
	if (took <= 0 || cp < 0)
		return 0;
	*ret_cp = (uint32_t)cp;
	return (size_t)took;
}

/* ---- folding ---- */

static char *map(struct pool *pool, const char *text, int options)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t n =
	    utf8proc_map((const utf8proc_uint8_t *)text, 0, &out,
			 (utf8proc_option_t)(options | UTF8PROC_NULLTERM | UTF8PROC_STABLE));
	char *copy;

	if (n < 0)
		return pool_text(pool, text, strlen(text));
	copy = pool_text(pool, (char *)out, (size_t)n);
	free(out);
	return copy;
}

static size_t put_cp(char *out, uint32_t cp)
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)out);
}

char *decompose(struct pool *pool, const char *text)
{
	return map(pool, text, UTF8PROC_DECOMPOSE);
}

char *lower(struct pool *pool, const char *text)
{
	char *composed = map(pool, text, UTF8PROC_COMPOSE);
	size_t n = strlen(composed), at = 0, w = 0;
	char *out = pool_get(pool, 4 * n + 4);
	uint32_t cp;

	while (at < n) {
		size_t took = cp_at(composed + at, n - at, &cp);

		if (took == 0)
			break;
		at += took;
		w += put_cp(out + w, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
	}
	return out;
}

/* NFKC and full case folding; then a, o, u with a diaeresis become ae, oe, ue, and all other marks fall away. */
char *fold(struct pool *pool, const char *text)
{
	char *once = map(pool, text, UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
	char *apart = map(pool, once, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
	size_t n = strlen(apart), at = 0, w = 0;
	char *out = pool_get(pool, 2 * n + 4);
	uint32_t cp, base = 0;
	bool umlaut = false;

	while (at < n) {
		size_t took = cp_at(apart + at, n - at, &cp);

		if (took == 0)
			break;
		at += took;
		if (!is_mark(cp)) {
			base = cp;
			umlaut = false;
			w += put_cp(out + w, cp);
		} else if (cp == 0x308 && !umlaut && (base == 'a' || base == 'o' || base == 'u')) {
			umlaut = true;
			out[w++] = 'e';
		}
	}
	out[w] = '\0';
	return map(pool, out, UTF8PROC_COMPOSE);
}

/* ---- first pass: items ---- */

static bool is_selector(uint32_t cp)
{
	return cp == 0xFE0E || cp == 0xFE0F;
}

static bool is_tone(uint32_t cp)
{
	return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool is_regional(uint32_t cp)
{
	return cp >= 0x1F1E6 && cp <= 0x1F1FF;
}

static bool is_emoji(uint32_t cp)
{
	return IN(emoji_table, cp);
}

/* Signs that are mostly meant as text count only with the selector behind them. */
static bool begins_emoji(uint32_t cp, uint32_t next)
{
	bool sign = cp < 0x2600 || (cp >= 0x3000 && cp < 0x3300);

	return is_emoji(cp) && (!sign || IN(shown_table, cp) || next == 0xFE0F);
}

struct plain {
	uint32_t cp;
	bool gap;
};

/* One element of an emoji sequence at i; appends to raw and form, returns the place behind it. */
static size_t emoji_element(const struct plain *plain, size_t n, size_t i, char *raw, char *form)
{
	size_t r = strlen(raw), f = strlen(form);

	if (is_regional(plain[i].cp) && i + 1 < n && is_regional(plain[i + 1].cp)) {
		for (int k = 0; k < 2; k++, i++) {
			r += put_cp(raw + r, plain[i].cp);
			f += put_cp(form + f, plain[i].cp);
		}
	} else {
		r += put_cp(raw + r, plain[i].cp);
		f += put_cp(form + f, plain[i].cp);
		i++;
	}
	while (i < n) {
		size_t j = i;

		if (is_selector(plain[i].cp)) {
			i++;
			continue;
		}
		if (is_tone(plain[i].cp)) {
			r += put_cp(raw + r, plain[i].cp);
			i++;
			continue;
		}
		while (j < n && plain[j].cp >= 0xE0020 && plain[j].cp <= 0xE007E)
			j++;
		if (j == i || j >= n || plain[j].cp != 0xE007F)
			break;
		for (; i <= j; i++) {
			r += put_cp(raw + r, plain[i].cp);
			f += put_cp(form + f, plain[i].cp);
		}
	}
	raw[r] = form[f] = '\0';
	return i;
}

static void items_of(struct pool *pool, struct words *words, const char *text, size_t n,
		     const bool *skip)
{
	struct plain *plain = pool_get(pool, (n + 1) * sizeof(*plain));
	size_t count = 0, i;
	char *raw, *form; /* scratch for emoji sequences */

	for (i = 0; i < n;) {
		uint32_t cp;
		size_t took = cp_at(text + i, n - i, &cp);

		if (took == 0) {
			took = 1;
			cp = 0xFFFD;
		}
		if (skip != NULL && skip[i]) {
			if (count == 0 || !plain[count - 1].gap)
				plain[count++] = (struct plain){0x110000, true};
		} else if (!IN(ignorable_table, cp) || cp == 0x200D || is_selector(cp) ||
			   (cp >= 0xE0020 && cp <= 0xE007F)) {
			plain[count++] = (struct plain){cp, false};
		}
		i += took;
	}
	words->items = pool_get(pool, (count + 1) * sizeof(*words->items));
	raw = pool_get(pool, 4 * count + 8);
	form = pool_get(pool, 4 * count + 8);
	for (i = 0; i < count;) {
		struct item *item = &words->items[words->n_items];
		uint32_t cp = plain[i].cp;
		size_t j = i + 1;

		if (plain[i].gap) {
			item->cp = cp;
			item->gap = true;
			item->raw = "";
			words->n_items++;
			i++;
			continue;
		}
		while (j < count && is_selector(plain[j].cp))
			j++;
		if (((cp >= '0' && cp <= '9') || cp == '#' || cp == '*') && j < count &&
		    plain[j].cp == 0x20E3) {
			char *keycap = pool_get(pool, 12);

			put_cp(keycap + put_cp(keycap, cp), 0x20E3);
			*item =
			    (struct item){.cp = cp, .emoji = true, .raw = keycap, .form = keycap};
			words->n_items++;
			i = j + 1;
			while (i < count && is_selector(plain[i].cp))
				i++;
		} else if (begins_emoji(cp, i + 1 < count ? plain[i + 1].cp : 0)) {
			raw[0] = form[0] = '\0';
			i = emoji_element(plain, count, i, raw, form);
			while (i + 1 < count && plain[i].cp == 0x200D &&
			       is_emoji(plain[i + 1].cp)) {
				strcat(raw, "\u200D");
				strcat(form, "\u200D");
				i = emoji_element(plain, count, i + 1, raw, form);
			}
			*item = (struct item){.cp = cp,
					      .emoji = true,
					      .raw = pool_text(pool, raw, strlen(raw)),
					      .form = pool_text(pool, form, strlen(form))};
			words->n_items++;
		} else if (IN(ignorable_table, cp)) {
			i++;
		} else {
			char *plain_raw = pool_get(pool, 5);

			put_cp(plain_raw, cp);
			*item = (struct item){.cp = cp, .raw = plain_raw};
			words->n_items++;
			i++;
		}
	}
}

/* ---- sentences ---- */

/* Lower case, without blanks; a blank may follow each inner dot. */
static const char *const abbreviations[] = {
    /* German */
    "fam.",
    "stk.",
    "sendungsnr.",
    "kundennr.",
    "rechnungsnr.",
    "vertragsnr.",
    "auftragsnr.",
    "hausnr.",
    "telnr.",
    "kdnr.",
    "z.b.",
    "d.h.",
    "u.a.",
    "u.ä.",
    "o.ä.",
    "o.g.",
    "i.d.r.",
    "i.a.",
    "i.v.",
    "i.h.v.",
    "u.u.",
    "z.t.",
    "z.zt.",
    "s.o.",
    "s.u.",
    "v.a.",
    "m.e.",
    "n.chr.",
    "v.chr.",
    "u.s.w.",
    "a.d.",
    "e.v.",
    "bzw.",
    "ca.",
    "usw.",
    "etc.",
    "nr.",
    "dr.",
    "prof.",
    "hr.",
    "fr.",
    "str.",
    "tel.",
    "abs.",
    "art.",
    "st.",
    "mio.",
    "mrd.",
    "std.",
    "min.",
    "sek.",
    "inkl.",
    "exkl.",
    "zzgl.",
    "ggf.",
    "evtl.",
    "vgl.",
    "max.",
    "bspw.",
    "sog.",
    "dipl.",
    "ing.",
    "geb.",
    "gest.",
    "jh.",
    "jan.",
    "feb.",
    "mrz.",
    "apr.",
    "aug.",
    "sep.",
    "sept.",
    "okt.",
    "nov.",
    "dez.",
    "tägl.",
    "mtl.",
    "zzt.",
    "bzgl.",
    "abt.",
    "allg.",
    "lt.",
    "gem.",
    "ggü.",
    "vllt.",
    "eigtl.",
    "usf.",
    "mind.",
    /* English */
    "e.g.",
    "i.e.",
    "a.m.",
    "p.m.",
    "u.s.",
    "u.k.",
    "mr.",
    "mrs.",
    "ms.",
    "vs.",
    "inc.",
    "ltd.",
    "co.",
    "corp.",
    "jr.",
    "sr.",
    "approx.",
    "dept.",
    "oct.",
    "dec.",
    "ave.",
    "blvd.",
    "rev.",
    "gen.",
    "capt.",
    "ph.d.",
};

static const char *const months[] = {
    "januar", "jaenner", "februar",   "feber",   "maerz",    "april",    "mai",     "juni",
    "juli",   "august",  "september", "oktober", "november", "dezember", "january", "february",
    "march",  "may",     "june",      "july",    "october",  "december", "jan",     "feb",
    "mrz",    "maer",    "mar",       "apr",     "jun",      "jul",      "aug",     "sep",
    "sept",   "okt",     "oct",       "nov",     "dez",      "dec",
};

static bool word_item(const struct item *item)
{
	return !item->gap && !item->emoji &&
	       (is_letter(item->cp) || is_digit(item->cp) || is_mark(item->cp));
}

static bool line_end(const struct item *item)
{
	return item->cp == '\n' || item->cp == '\r' || item->cp == 0x85 || item->cp == 0x2028 ||
	       item->cp == 0x2029;
}

/* A blank inside a line; a gap that ends no sentence is one. */
static bool blank_item(const struct item *item, bool gap_ends)
{
	if (item->gap)
		return !gap_ends;
	return !item->emoji && is_space(item->cp) && !line_end(item);
}

/* Where the abbreviation ends that begins at i, or 0; dots inside and behind are marked. */
static void mark_abbreviation(const struct words *words, size_t i, const char *abbreviation,
			      bool gap_ends, bool *dots)
{
	size_t at = 0, n = strlen(abbreviation), j = i, n_found = 0, found[8];

	if (i > 0 && word_item(&words->items[i - 1]))
		return;
	while (at < n) {
		uint32_t want = 0;

		at += cp_at(abbreviation + at, n - at, &want);
		if (j >= words->n_items || words->items[j].emoji ||
		    (uint32_t)utf8proc_tolower((utf8proc_int32_t)words->items[j].cp) != want)
			return;
		if (want == '.') {
			found[n_found++] = j;
			if (at < n)
				while (j + 1 < words->n_items &&
				       blank_item(&words->items[j + 1], gap_ends))
					j++;
		}
		j++;
	}
	for (size_t k = 0; k < n_found; k++)
		dots[found[k]] = true;
}

/* "3. Mai": a dot behind a number, before the name of a month. */
static bool date_dot(struct pool *pool, const struct words *words, size_t dot, bool gap_ends)
{
	size_t i = dot, j, w = 0;
	char name[80];
	const char *folded;

	while (i > 0 && !words->items[i - 1].emoji && !words->items[i - 1].gap &&
	       is_digit(words->items[i - 1].cp))
		i--;
	if (i == dot || (i > 0 && word_item(&words->items[i - 1])))
		return false;
	j = dot + 1;
	while (j < words->n_items && blank_item(&words->items[j], gap_ends))
		j++;
	while (j < words->n_items && word_item(&words->items[j]) && w < 60) {
		w += (size_t)snprintf(name + w, sizeof(name) - w, "%s", words->items[j].raw);
		j++;
	}
	if (w == 0)
		return false;
	folded = fold(pool, name);
	for (i = 0; i < sizeof(months) / sizeof(months[0]); i++)
		if (strcmp(folded, months[i]) == 0)
			return true;
	return false;
}

static bool para(enum sb class)
{
	return class == SB_Sep || class == SB_CR || class == SB_LF;
}

/* Is there a sentence boundary before item i?  `class` are the classes, where Extend and Format after another character have
 * been given the value -1 (SB5).  *ret_term: the terminator the boundary hangs on, or n. */
static bool boundary(const int *class, size_t n, size_t i, size_t *ret_term)
{
	size_t before[4], k = i, j;
	int seen = 0;

	*ret_term = n;
	if (class[i] == -1)
		return false; /* SB5 */
	/* the last four characters before i that count */
	while (k > 0 && seen < 4) {
		k--;
		if (class[k] != -1)
			before[seen++] = k;
	}
	if (seen == 0)
		return false;
	if (class[before[0]] == SB_CR && class[i] == SB_LF && before[0] + 1 == i)
		return false; /* SB3 */
	if (para((enum sb) class[before[0]]))
		return true; /* SB4 */
	if (class[before[0]] == SB_ATerm && class[i] == SB_Numeric)
		return false; /* SB6 */
	if (seen > 1 && class[before[0]] == SB_ATerm &&
	    (class[before[1]] == SB_Upper || class[before[1]] == SB_Lower) && class[i] == SB_Upper)
		return false; /* SB7 */

	/* look back over Close* Sp* to the terminator */
	{
		bool spaces = false, closes = false;

		for (k = i; k > 0;) {
			k--;
			if (class[k] == -1)
				continue;
			if (class[k] == SB_Sp && !closes) {
				spaces = true;
			} else if (class[k] == SB_Close) {
				closes = true;
			} else if (class[k] == SB_ATerm || class[k] == SB_STerm) {
				*ret_term = k;
				break;
			} else {
				break;
			}
		}
		if (*ret_term == n)
			return false;               /* SB998 */
		if (class[*ret_term] == SB_ATerm) { /* SB8 */
			for (j = i; j < n; j++) {
				if (class[j] == -1)
					continue;
				if (class[j] == SB_Lower)
					return false;
				if (class[j] == SB_OLetter || class[j] == SB_Upper ||
				    para((enum sb) class[j]) || class[j] == SB_ATerm ||
				    class[j] == SB_STerm)
					break;
			}
		}
		if (class[i] == SB_SContinue || class[i] == SB_ATerm || class[i] == SB_STerm)
			return false; /* SB8a */
		if (!spaces &&
		    (class[i] == SB_Close || class[i] == SB_Sp || para((enum sb) class[i])))
			return false; /* SB9 */
		if (class[i] == SB_Sp || para((enum sb) class[i]))
			return false; /* SB10 */
	}
	return true; /* SB11 */
}

static void sentences_of(struct pool *pool, struct words *words, bool gap_ends)
{
	size_t n = words->n_items, term;
	int *class = pool_get(pool, (n + 1) * sizeof(*class));
	bool *dots = pool_get(pool, n + 1), *inside = pool_get(pool, n + 1);
	int sentence = 0;

	words->sentence_of = pool_get(pool, (n + 1) * sizeof(int));
	for (size_t i = 0; i < n; i++) {
		enum sb this = sentence_class(&words->items[i], gap_ends);

		class[i] = (int)this;
		if ((this == SB_Extend || this == SB_Format) && i > 0 &&
		    !para((enum sb) class[i - 1]))
			class[i] = -1;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(abbreviations) / sizeof(abbreviations[0]); k++)
			mark_abbreviation(words, i, abbreviations[k], gap_ends, dots);
	for (size_t i = 0; i < words->n_tokens; i++)
		for (size_t k = words->tokens[i].from + 1; k < words->tokens[i].to; k++)
			inside[k] = true;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && boundary(class, n, i, &term) && !inside[i]) {
			bool real =
			    term == n || !(dots[term] || (words->items[term].cp == '.' &&
							  date_dot(pool, words, term, gap_ends)));

			if (real)
				sentence++;
		}
		words->sentence_of[i] = sentence;
	}
	words->n_sentences = n > 0 ? sentence + 1 : 0;
	for (size_t i = 0; i < words->n_tokens; i++)
		words->tokens[i].sentence = words->sentence_of[words->tokens[i].from];
}

bool words_ask(const struct words *words, size_t from, size_t to, int sentence)
{
	for (size_t i = to; i > from; i--) {
		const struct item *item = &words->items[i - 1];
		enum sb class;

		if (words->sentence_of[i - 1] != sentence)
			continue;
		class = sentence_class(item, false);
		if (item->gap || class == SB_Sp || para(class) || class == SB_Close ||
		    class == SB_Extend || class == SB_Format)
			continue;
		return !item->emoji && item->cp == '?';
	}
	return false;
}

/* ---- words ---- */

struct cut {
	struct pool *pool;
	struct words *words;
	bool wild;
	bool *drop; /* per item: a gender mark, no part of the word */
};

static const struct item *item_at(const struct cut *cut, size_t i)
{
	static const struct item end = {.gap = true, .raw = ""};

	return i < cut->words->n_items ? &cut->words->items[i] : &end;
}

static bool char_at(const struct cut *cut, size_t i, uint32_t cp)
{
	const struct item *item = item_at(cut, i);

	return !item->gap && !item->emoji && item->cp == cp;
}

static bool wild_at(const struct cut *cut, size_t i)
{
	return cut->wild && (char_at(cut, i, '*') || char_at(cut, i, '?'));
}

static bool word_at(const struct cut *cut, size_t i)
{
	return word_item(item_at(cut, i)) || wild_at(cut, i);
}

static bool ascii_at(const struct cut *cut, size_t i, uint32_t lower_letter)
{
	return char_at(cut, i, lower_letter) || char_at(cut, i, lower_letter - 32);
}

static bool behind_word(const struct cut *cut, size_t i)
{
	return i > 0 && word_at(cut, i - 1);
}

/* Is there a gender mark at i, with `in` or `innen` behind it and a letter before it?  Returns the place behind, or 0. */
static size_t gender(const struct cut *cut, size_t from, size_t i)
{
	size_t k = i, end;

	if (!(char_at(cut, i, ':') || char_at(cut, i, '_') || char_at(cut, i, '/') ||
	      char_at(cut, i, 0xB7) || (char_at(cut, i, '*') && !cut->wild)))
		return 0;
	while (k > from && !item_at(cut, k - 1)->emoji && is_mark(item_at(cut, k - 1)->cp))
		k--;
	if (k == from || !word_item(item_at(cut, k - 1)) || !is_letter(item_at(cut, k - 1)->cp))
		return 0;
	if (!(ascii_at(cut, i + 1, 'i') && ascii_at(cut, i + 2, 'n')))
		return 0;
	end = i + 3;
	if (ascii_at(cut, end, 'n') && ascii_at(cut, end + 1, 'e') && ascii_at(cut, end + 2, 'n') &&
	    !word_at(cut, end + 3))
		return end + 3;
	return word_at(cut, end) ? 0 : end;
}

/* Text of items, without gender marks where `drop` says so. */
static char *text_of(const struct cut *cut, size_t from, size_t to, const bool *drop)
{
	size_t n = 1, w = 0;
	char *text;

	for (size_t i = from; i < to; i++)
		n += strlen(item_at(cut, i)->raw);
	text = pool_get(cut->pool, n);
	for (size_t i = from; i < to; i++)
		if (drop == NULL || !drop[i]) {
			strcpy(text + w, item_at(cut, i)->raw);
			w += strlen(item_at(cut, i)->raw);
		}
	return text;
}

static void add(struct cut *cut, enum kind kind, size_t from, size_t to, char *written, char *host)
{
	struct words *words = cut->words;
	struct token *token = &words->tokens[words->n_tokens++];

	token->kind = kind;
	token->from = from;
	token->to = to;
	token->pos = (int)words->n_tokens;
	if (kind == K_EMOJI || kind == K_URL) {
		token->written = written;
		token->folded = written;
		return;
	}
	token->written = lower(cut->pool, written);
	token->folded = fold(cut->pool, written);
	if (host != NULL) {
		token->host = lower(cut->pool, host);
		token->host_folded = fold(cut->pool, host);
	}
}

static bool url_char(const struct cut *cut, size_t i)
{
	const struct item *item = item_at(cut, i);

	return !item->gap && (item->emoji || !(is_space(item->cp) || is_quotation(item->cp) ||
					       item->cp == '<' || item->cp == '>'));
}

static bool closing(const struct item *item)
{
	utf8proc_category_t category;

	if (item->emoji)
		return false;
	if (item->cp < 0x80)
		return strchr(".,;:!?')]}", (int)item->cp) != NULL;
	category = utf8proc_category((utf8proc_int32_t)item->cp);
	return category == UTF8PROC_CATEGORY_PE || category == UTF8PROC_CATEGORY_PF ||
	       item->cp == 0x2026;
}

/* Where the URL ends that begins at i, or 0. */
static size_t url(const struct cut *cut, size_t i)
{
	size_t start = i, end, j = i;

	if (behind_word(cut, i))
		return 0;
	if (ascii_at(cut, i, 'w') && ascii_at(cut, i + 1, 'w') && ascii_at(cut, i + 2, 'w') &&
	    char_at(cut, i + 3, '.')) {
		start = i + 4;
		if (!word_item(item_at(cut, start)))
			return 0;
	} else {
		while (!item_at(cut, j)->emoji && !item_at(cut, j)->gap &&
		       item_at(cut, j)->cp < 0x80 &&
		       (is_letter(item_at(cut, j)->cp) || (j > i && is_digit(item_at(cut, j)->cp))))
			j++;
		if (j == i ||
		    !(char_at(cut, j, ':') && char_at(cut, j + 1, '/') && char_at(cut, j + 2, '/')))
			return 0;
		start = j + 3;
	}
	end = start;
	while (url_char(cut, end))
		end++;
	while (end > start && closing(item_at(cut, end - 1)))
		end--;
	return end > start ? end : 0;
}

static size_t tag(struct cut *cut, size_t i)
{
	size_t j = i + 1, g;
	bool *drop = cut->drop;
	bool real = false;

	for (;;) {
		if ((g = gender(cut, i + 1, j)) != 0) {
			drop[j] = true;
			j = g;
		} else if (word_at(cut, j) || char_at(cut, j, '_')) {
			if (!char_at(cut, j, '_') &&
			    !(item_at(cut, j)->cp > 0x7f && is_mark(item_at(cut, j)->cp)))
				real = true;
			j++;
		} else {
			break;
		}
	}
	if (!real)
		return 0;
	add(cut, K_TAG, i, j, text_of(cut, i + 1, j, drop), NULL);
	return j;
}

/* Behind letters, digits and `_` from i; a dot or hyphen only between them. */
static size_t name_end(const struct cut *cut, size_t i, bool underscore)
{
	while (word_at(cut, i) || (underscore && char_at(cut, i, '_')) ||
	       ((char_at(cut, i, '.') || char_at(cut, i, '-')) &&
		(word_at(cut, i + 1) || (underscore && char_at(cut, i + 1, '_')))))
		i++;
	return i;
}

static size_t name(struct cut *cut, size_t i)
{
	size_t end, host_end;
	bool real = false;
	char *host = NULL;

	if (!(word_at(cut, i + 1) || char_at(cut, i + 1, '_')))
		return 0;
	end = host_end = name_end(cut, i + 1, true);
	for (size_t k = i + 1; k < end; k++)
		if (word_at(cut, k) && !is_mark(item_at(cut, k)->cp))
			real = true;
	if (!real)
		return 0;
	if (char_at(cut, end, '@') && word_at(cut, end + 1)) {
		host_end = name_end(cut, end + 1, false);
		host = text_of(cut, end + 1, host_end, NULL);
	}
	add(cut, K_NAME, i, host_end, text_of(cut, i + 1, end, NULL), host);
	return host_end;
}

static size_t word(struct cut *cut, size_t i)
{
	size_t j = i, g;
	bool *drop = cut->drop;
	bool real = false;

	for (;;) {
		if (j > i && (g = gender(cut, i, j)) != 0) {
			drop[j] = true;
			j = g;
		} else if (word_at(cut, j)) {
			real = real || !is_mark(item_at(cut, j)->cp);
			j++;
		} else {
			break;
		}
	}
	if (real)
		add(cut, K_WORD, i, j, text_of(cut, i, j, drop), NULL);
	return j;
}

struct words *words_cut(struct pool *pool, const char *text, size_t n, const bool *skip,
			bool gap_ends, bool wild)
{
	struct words *words = pool_get(pool, sizeof(*words));
	struct cut cut = {pool, words, wild, NULL};
	size_t i = 0, end;

	items_of(pool, words, text, n, skip);
	cut.drop = pool_get(pool, words->n_items + 1);
	words->tokens = pool_get(pool, (words->n_items + 1) * sizeof(*words->tokens));
	while (i < words->n_items) {
		const struct item *item = &words->items[i];

		if (item->gap) {
			i++;
		} else if (item->emoji) {
			add(&cut, K_EMOJI, i, i + 1,
			    pool_text(pool, item->form, strlen(item->form)), NULL);
			i++;
		} else if ((end = url(&cut, i)) != 0) {
			add(&cut, K_URL, i, end, text_of(&cut, i, end, NULL), NULL);
			i = end;
		} else if (item->cp == '#' && !behind_word(&cut, i) && (end = tag(&cut, i)) != 0) {
			i = end;
		} else if (item->cp == '@' && !behind_word(&cut, i) && (end = name(&cut, i)) != 0) {
			i = end;
		} else if (word_at(&cut, i)) {
			i = word(&cut, i);
		} else {
			i++;
		}
	}
	sentences_of(pool, words, gap_ends);
	return words;
}
