/*
 * A word is read as a row of units, each with what may join it to the next:
 *
 *   word  := unit (link unit)* ending          unit := prefix* core suffix*
 *
 * Cores are nouns, stems of verbs, adjectives and loans; all lists are components.tsv, written for this
 * project from what its authors know of German (no other list was taken).  A part is in a word where it
 * stands as a core of its own: what is before it reads as whole units, what is behind it as an ending, or a
 * link and whole units.  So Briefpost has post and Kompost has not (there is no "kom"), nor has Zugang zug:
 * what is left of it, "ang", is no unit.
 *
 * Where a word cannot be read as a whole, one side of a part may be a stretch that no list knows (names,
 * rare words) of STRANGE letters, two more beside a short part: letters meet by chance less often than lists
 * have gaps.  Measured in test_part.c.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"

#include "common/query/part.h"

#include "components.h" /* components[]: lines of "word<TAB>class" */

enum class { NOUN = 1, VERB = 2, ADJECTIVE = 4, LOAN = 8, PREFIX = 16, SUFFIX = 32 };
enum {
	CORE = NOUN | VERB | ADJECTIVE | LOAN,
	LONGEST = 24,
	MOST = 120,
	LEAST = 4,
	LONG = 5,
	STRANGE = 4
};

#define L(word)                                                                                    \
	{                                                                                          \
		word, sizeof(word) - 1                                                             \
	}
static const struct str links[] = {L(""),   L("s"), L("es"),  L("n"), L("en"),
				   L("er"), L("e"), L("ens"), L("ns")};
static const struct str endings[] = {L(""),    L("e"),     L("en"),  L("er"),  L("es"), L("em"),
				     L("n"),   L("s"),     L("ern"), L("ens"), L("ns"), L("in"),
				     L("nen"), L("innen"), L("se"),  L("ses"), L("sen")};
static const struct str verb_endings[] = {L("t"),   L("te"),  L("st"),  L("ten"),  L("tem"),
					  L("ter"), L("tes"), L("end"), L("ende"), L("enden")};
/* Before a stem they make another word of it, not a compound: Zugang, Bezug, Verkauf. */
static const struct str verbal[] = {
    L("ab"),  L("an"),  L("auf"), L("aus"), L("be"),   L("bei"),  L("ein"),   L("ent"), L("er"),
    L("ge"),  L("her"), L("hin"), L("los"), L("miss"), L("nach"), L("um"),    L("ver"), L("vor"),
    L("weg"), L("zer"), L("zu"),  L("un"),  L("da"),   L("dar"),  L("durch"), L("in"),  L("wider")};
/* Behind a noun they leave it what it is. */
static const struct str mild[] = {L("chen"),    L("lein"),  L("in"),    L("innen"), L("los"),
				  L("lose"),    L("losen"), L("frei"),  L("freie"), L("haft"),
				  L("maessig"), L("artig"), L("weise"), L("mal"),   L("fach")};

static bool in_list(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, list[i]))
			return true;
	return false;
}

static bool begins(struct str s, struct str with)
{
	return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

static bool ends(struct str s, struct str with)
{
	return s.n > with.n && memcmp(s.p + s.n - with.n, with.p, with.n) == 0;
}
#define IN(list, s) in_list(list, ARRAY_LEN(list), s)

/* ---- the list -------------------------------------------------------------------------------- */

static struct entry {
	struct str word;
	unsigned classes;
} * table;
static size_t mask;

static struct entry *entry_at(struct str word)
{
	size_t i = hash_word(word) & mask;
	while (table[i].word.n && !str_eq(table[i].word, word))
		i = (i + 1) & mask;
	return &table[i];
}

static unsigned class_of(char letter)
{
	static const char letters[] = "nvafps";
	const char *at = strchr(letters, letter);
	must(at);
	return 1u << (at - letters);
}

/* Once; it is never freed. */
static void fill(void)
{
	struct str rest = {components, sizeof components - 1}, line;
	if (table)
		return;
	mask = 65535;
	table = xcalloc(mask + 1, sizeof *table);
	while (str_split(&rest, '\n', &line)) {
		size_t tab = str_find(line, '\t', 0);
		if (tab + 1 >= line.n)
			continue;
		struct entry *entry = entry_at(str_sub(line, 0, tab));
		entry->word = str_sub(line, 0, tab);
		entry->classes |= class_of(line.p[tab + 1]);
	}
}

static unsigned classes_of(struct str s)
{
	return s.n <= LONGEST ? entry_at(s)->classes : 0;
}

/* erde, erd: nouns drop their e before another. */
static bool drops_e(struct str s)
{
	char with[LONGEST + 1];
	if (s.n < 3 || s.n >= LONGEST || IN(verbal, s)) /* ente, and the ent of Entzug */
		return false;
	memcpy(with, s.p, s.n);
	with[s.n] = 'e';
	return (classes_of((struct str){with, s.n + 1}) & NOUN) != 0;
}

/* ---- reading a stretch of letters as units ----------------------------------------------------- */

/* What may stand at a border inside a word. */
enum state {
	OPEN = 1,     /* a unit must begin */
	PREFIXED = 2, /* a prefix was read: a core must come */
	WHOLE = 4     /* a unit is complete */
};

/* Every way to read s from state to state, border by border; states[i] are those possible before s[i]. */
static void read_units(struct str s, uint8_t *states)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!states[i])
			continue;
		if (states[i] & WHOLE) /* a link, then the next unit */
			for (size_t k = 0; k < ARRAY_LEN(links); k++)
				if (begins(str_sub(s, i, s.n), links[k]))
					states[i + links[k].n] |= OPEN;
		size_t most = s.n - i < LONGEST ? s.n - i : LONGEST;
		for (size_t n = 2; n <= most; n++) {
			unsigned classes = classes_of(str_sub(s, i, i + n));
			if ((states[i] & (OPEN | PREFIXED)) && n > 2 &&
			    ((classes & CORE) || drops_e(str_sub(s, i, i + n))))
				states[i + n] |= WHOLE;
			if ((states[i] & (OPEN | PREFIXED)) && (classes & PREFIX))
				states[i + n] |= PREFIXED;
			if ((states[i] & WHOLE) && (classes & SUFFIX))
				states[i + n] |= WHOLE;
		}
	}
}

static bool is_prefix_unit(struct str s)
{
	return (classes_of(s) & PREFIX) && !IN(verbal, s);
}

/* Is s whole units with a link behind the last ("paket", "zustellungs")? */
static bool units_before(struct str s)
{
	uint8_t states[MOST + 1] = {OPEN};
	if (s.n == 0)
		return true;
	if (s.n > MOST)
		return false;
	read_units(s, states);
	if (is_prefix_unit(s))
		return true;
	if (states[s.n] & WHOLE)
		return true;
	for (size_t k = 1; k < ARRAY_LEN(links); k++) {
		if (ends(s, links[k]) && (states[s.n - links[k].n] & WHOLE))
			return true;
	}
	return false;
}

/* Is s an ending, or a link and whole units with an ending? */
static bool units_behind(struct str s, unsigned classes)
{
	uint8_t states[MOST + 1] = {0};
	if (IN(endings, s) || IN(mild, s))
		return true;
	if ((classes & VERB) && !(classes & NOUN) &&
	    (IN(verb_endings, s) || (classes_of(s) & SUFFIX)))
		return true;
	if (s.n > MOST)
		return false;
	/* suffixes of the part itself would make another word of it: Landung has no land */
	for (size_t k = 0; k < ARRAY_LEN(links); k++)
		if (begins(s, links[k]))
			states[links[k].n] |= OPEN;
	states[0] = OPEN;
	read_units(s, states);
	for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
		if (ends(s, endings[k]) && (states[s.n - endings[k].n] & WHOLE))
			return true;
	}
	return false;
}

static bool has_vowel(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("aeiouy", s.p[i]))
			return true;
	return false;
}

/* A stretch that no list knows, but that could be a word beside a part of so many letters; or the e of
 * ePost. */
static bool strange(struct str s, size_t part)
{
	return (s.n >= (part >= LONG ? STRANGE : STRANGE + 2) && has_vowel(s)) || str_is(s, "e");
}

/* Can all of the word be read? */
static bool readable(struct str s)
{
	uint8_t states[MOST + 1] = {OPEN};
	if (s.n > MOST)
		return false;
	read_units(s, states);
	for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
		if (ends(s, endings[k]) && (states[s.n - endings[k].n] & WHOLE))
			return true;
	}
	return false;
}

/* ---- the part and its forms -------------------------------------------------------------------- */

/* The last a, o, u of it as ae, oe, ue: zug, zueg; bahnhof, bahnhoef.  False where there is none, or it is
 * part of au, eu, or an umlaut already. */
static bool umlaut(struct str s, char ret[LONGEST + 2], struct str *ret_s)
{
	size_t i = s.n;
	if (s.n > LONGEST)
		return false;
	while (i > 0 && !strchr("aeiou", s.p[i - 1]))
		i--;
	if (i > 1 && s.p[i - 1] == 'u' && s.p[i - 2] == 'a')
		i--; /* haus, haeus */
	if (i == 0 || !strchr("aou", s.p[i - 1]))
		return false;
	memcpy(ret, s.p, i);
	ret[i] = 'e';
	memcpy(ret + i + 1, s.p + i, s.n - i);
	*ret_s = (struct str){ret, s.n + 1};
	return true;
}

static bool found(struct str word, struct str form, struct str part, enum part_place place)
{
	bool plural = form.p != part.p;
	unsigned classes = classes_of(part);
	for (size_t at = 0; at + form.n <= word.n; at++) {
		at += str_find_str(str_sub(word, at, word.n), form);
		if (at + form.n > word.n)
			return false;
		struct str left = str_sub(word, 0, at), right = str_sub(word, at + form.n, word.n);
		if (place == PART_FIRST && left.n)
			return false;
		/* with its umlaut it stands in the plural: an ending or a link is behind it */
		if (plural && !right.n)
			continue;
		bool whole = units_before(left), end = units_behind(right, classes);
		if (whole && end)
			return true;
		bool guess = (whole && strange(right, part.n)) || (end && strange(left, part.n));
		if (guess && part.n >= LEAST && !readable(word))
			return true;
	}
	return false;
}

bool part_in(struct str word, struct str part, enum part_place place)
{
	char room[LONGEST + 2];
	struct str form;
	if (part.n == 0 || word.n < part.n)
		return false;
	fill();
	if (found(word, part, part, place))
		return true;
	return umlaut(part, room, &form) && found(word, form, part, place);
}
