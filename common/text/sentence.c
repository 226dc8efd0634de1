#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "common/text/sentence.h"

/* States: directly behind the terminator, behind closing characters, behind spaces. */
enum { A_DIRECT = 1, A_CLOSE, A_SPACE, S_DIRECT = 5, S_CLOSE, S_SPACE };

/* SB8: a lower case letter comes before any other letter, paragraph end or terminator. */
static bool lower_follows(struct str text, size_t pos)
{
	while (pos < text.n) {
		switch (char_sb(char_class(char_next(text, &pos)))) {
		case SB_LOWER: return true;
		case SB_OLETTER:
		case SB_UPPER:
		case SB_SEP:
		case SB_ATERM:
		case SB_STERM: return false;
		default: break;
		}
	}
	return false;
}

void sentence_step(struct sentence *s, enum char_sb sb, struct str text, size_t pos)
{
	if (sb == SB_EXTEND)
		return;
	if (sb == SB_SEP) {
		s->ended = true;
		s->state = 0;
		s->last = (uint8_t)sb;
		return;
	}
	if (s->state) {
		bool full_stop = s->state <= A_SPACE;
		int place = s->state & 3;
		int base = full_stop ? 0 : 4;
		if (sb == SB_CLOSE && place <= A_CLOSE) {
			s->state = (uint8_t)(base + A_CLOSE);
			s->last = (uint8_t)sb;
			return;
		}
		if (sb == SB_SP) {
			s->state = (uint8_t)(base + A_SPACE);
			s->last = (uint8_t)sb;
			return;
		}
		bool goes_on =
		    sb == SB_SCONTINUE || sb == SB_ATERM || sb == SB_STERM ||
		    (s->state == A_DIRECT && sb == SB_NUMERIC) ||
		    (s->state == A_DIRECT && sb == SB_UPPER &&
		     (s->before == SB_UPPER || s->before == SB_LOWER)) ||
		    (full_stop && (sb == SB_LOWER || (sb != SB_UPPER && sb != SB_OLETTER &&
						      lower_follows(text, pos))));
		if (!goes_on)
			s->ended = true;
		s->state = 0;
	}
	if (sb == SB_ATERM) {
		s->state = A_DIRECT;
		s->before = s->last;
	} else if (sb == SB_STERM) {
		s->state = S_DIRECT;
	}
	s->last = (uint8_t)sb;
}

/* ---- abbreviations -------------------------------------------------------------------------- */

/* Folded.  Words that are also ordinary ends of sentences (no, art, mind, gem) are left out. */
static const char *const abbreviations[] = {
    "abb",        "abs",        "abt",      "allg",  "anm",         "approx",     "apr",    "aufl",
    "auftragsnr", "aug",        "ausg",     "ave",   "bd",          "bes",        "betr",   "bf",
    "bhf",        "bsp",        "bspw",     "bzgl",  "bzw",         "ca",         "capt",   "chr",
    "co",         "col",        "corp",     "dec",   "dept",        "dez",        "dgl",    "dh",
    "dipl",       "dr",         "eg",       "ehem",  "eigtl",       "einschl",    "entspr", "eq",
    "est",        "etc",        "evtl",     "exkl",  "fa",          "fam",        "feb",    "ff",
    "fr",         "frl",        "geb",      "gen",   "gest",        "ggf",        "ggfs",   "ggue",
    "hausnr",     "hbf",        "hr",       "hrn",   "hrsg",        "ie",         "inc",    "ing",
    "inkl",       "insb",       "insbes",   "jan",   "jr",          "jul",        "jun",    "kath",
    "kdnr",       "kfm",        "kundennr", "lfd",   "lt",          "ltd",        "maj",    "min",
    "mio",        "mr",         "mrd",      "mrs",   "ms",          "mtl",        "mwst",   "nachm",
    "nov",        "nr",         "nrn",      "oct",   "od",          "oe",         "okt",    "ph",
    "phil",       "pkt",        "prof",     "rd",    "rechnungsnr", "resp",       "rev",    "sek",
    "sen",        "sendungsnr", "sep",      "sept",  "sgt",         "sog",        "sr",     "st",
    "std",        "stk",        "str",      "taegl", "tel",         "telnr",      "tsd",    "ua",
    "urspr",      "usf",        "usw",      "uvm",   "verh",        "vertragsnr", "vgl",    "vllt",
    "vlt",        "vorm",       "vs",       "wg",    "zb",          "ziff",       "zt",     "zz",
    "zzgl",       "zzt",
};
enum { LONGEST = 11 /* bytes of one */ };

/* Abbreviations only where a number follows. */
static const char *const before_number[] = {"abs", "art", "fig", "kap", "max", "mind",
					    "no",  "nos", "p",   "pp",  "vol"};

/* The second half of `z. B.`, as FIRST.SECOND; first halves are single letters. */
static const char *const pairs[] = {
    "a.d", "a.m", "a.s",  "d.h", "d.j", "d.r",  "e.g", "e.v", "g.g", "h.c", "i.a",  "i.d",
    "i.e", "i.h", "i.v",  "m.e", "n.b", "o.ae", "o.g", "p.a", "p.m", "p.s", "s.a",  "s.o",
    "s.u", "u.a", "u.ae", "u.s", "u.u", "v.a",  "v.m", "z.b", "z.h", "z.t", "z.zt",
};

static const char *const months[] = {
    "apr",     "april", "aug",     "august",   "dec",  "december",  "dez",      "dezember",
    "feb",     "feber", "februar", "february", "jaen", "jaenner",   "jan",      "januar",
    "january", "jul",   "juli",    "july",     "jun",  "june",      "juni",     "maerz",
    "mai",     "mar",   "march",   "may",      "mrz",  "nov",       "november", "oct",
    "october", "okt",   "oktober", "sep",      "sept", "september",
};

static bool in_list(const char *const *list, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++) {
		if (word.n && list[i][0] == word.p[0] && str_is(word, list[i]))
			return true;
	}
	return false;
}

/* Behind blanks of any width. */
static size_t behind_blanks(struct str text, size_t pos)
{
	for (size_t next = pos; next < text.n; pos = next)
		if (char_sb(char_class(char_next(text, &next))) != SB_SP)
			break;
	return pos;
}

static bool month_follows(struct str text, size_t pos)
{
	char word[16];
	size_t n = 0;
	pos = behind_blanks(text, pos);
	while (pos < text.n && n < sizeof word - 2) {
		unsigned cp = char_next(text, &pos);
		if (!(char_class(cp) & CHAR_WORD))
			break;
		if (cp == 0xe4) { /* the only umlaut in a month */
			word[n++] = 'a';
			word[n++] = 'e';
		} else if ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z') {
			word[n++] = (char)(cp | 0x20);
		} else {
			return false;
		}
	}
	return in_list(months, ARRAY_LEN(months), (struct str){word, n});
}

static bool number_follows(struct str text, size_t pos)
{
	pos = behind_blanks(text, pos);
	return pos < text.n && text.p[pos] >= '0' && text.p[pos] <= '9';
}

static bool single_letter(const struct token *t)
{
	return t->end - t->start == 1;
}

/* Is the letter, with the full stop at text[pos] and what comes behind it, the first half of a pair? */
static bool pair_begins(const struct token *t, struct str text, size_t pos)
{
	char both[8];
	size_t n = 0;
	both[n++] = t->folded.p[0];
	both[n++] = '.';
	pos = behind_blanks(text, pos + 1);
	while (pos < text.n && n < sizeof both - 2) {
		unsigned cp = char_next(text, &pos);
		if (cp == '.')
			return in_list(pairs, ARRAY_LEN(pairs), (struct str){both, n});
		if (cp == 0xe4 || cp == 0xc4) { /* o. Ae. */
			both[n++] = 'a';
			both[n++] = 'e';
		} else if ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z') {
			both[n++] = (char)(cp | 0x20);
		} else {
			return false;
		}
	}
	return false;
}

/* Those of both lists, a bit each by their hash: most words before a full stop are none. */
static bool maybe_abbreviation(const struct token *t)
{
	static uint64_t bits[64];
	static bool filled;
	if (!filled) {
		const char *const *lists[] = {abbreviations, before_number};
		const size_t n[] = {ARRAY_LEN(abbreviations), ARRAY_LEN(before_number)};
		for (size_t l = 0; l < 2; l++)
			for (size_t i = 0; i < n[l]; i++) {
				uint64_t bit = hash_word(str_of(lists[l][i])) % 4096;
				bits[bit / 64] |= UINT64_C(1) << bit % 64;
			}
		filled = true;
	}
	return bits[t->hash % 4096 / 64] >> t->hash % 64 & 1;
}

bool sentence_abbreviation(const struct token *tokens, size_t n, struct str text, size_t pos)
{
	if (n == 0 || tokens[n - 1].end != pos)
		return false;
	const struct token *t = &tokens[n - 1];
	if (t->kind == TOKEN_NUMBER)
		return month_follows(text, pos + 1);
	/* umlauts fold to as many bytes; letters of mathematics, which fold to plain ones, to fewer */
	if (t->kind != TOKEN_WORD || t->folded.n > LONGEST || t->end - t->start != t->folded.n)
		return false;
	if (n >= 2 && t[-1].kind == TOKEN_WORD && t[-1].end < pos && text.p[t[-1].end] == '.' &&
	    behind_blanks(text, t[-1].end + 1) == t->start && single_letter(&t[-1])) {
		char both[2 + LONGEST];
		both[0] = t[-1].folded.p[0];
		both[1] = '.';
		memcpy(both + 2, t->folded.p, t->folded.n);
		if (in_list(pairs, ARRAY_LEN(pairs), (struct str){both, t->folded.n + 2}))
			return true;
	}
	if (single_letter(t) && pair_begins(t, text, pos))
		return true;
	if (!maybe_abbreviation(t))
		return false;
	return in_list(abbreviations, ARRAY_LEN(abbreviations), t->folded) ||
	       (in_list(before_number, ARRAY_LEN(before_number), t->folded) &&
		number_follows(text, pos + 1));
}
