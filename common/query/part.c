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
 *
 * The word is read once from each end, position by position, so the time is bounded by MOST and the longest
 * entry of the list.
 */
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "common/query/part.h"

#include "components.h" /* components[]: lines of "word<TAB>class" */

enum class { NOUN = 1, VERB = 2, ADJECTIVE = 4, LOAN = 8, PREFIX = 16, SUFFIX = 32 };
enum {
	CORE = NOUN | VERB | ADJECTIVE | LOAN,
	LONGEST = 24, /* the longest entry, or part that takes an umlaut */
	MOST = 100,   /* the longest German compounds have some 80 letters */
	LEAST = 4,
	LONG = 5,
	STRANGE = 4,
	ENDING = 5 /* the longest of endings[] */
};

#define L(word)                                                                                    \
	{                                                                                          \
		word, sizeof(word) - 1                                                             \
	}
static const struct str links[] = {L("s"),  L("es"), L("n"),   L("en"),
				   L("er"), L("e"),  L("ens"), L("ns")};
static const struct str endings[] = {L(""),    L("e"),     L("en"),  L("er"),  L("es"), L("em"),
				     L("n"),   L("s"),     L("ern"), L("ens"), L("ns"), L("in"),
				     L("nen"), L("innen"), L("se"),  L("ses"), L("sen")};
static const struct str verb_endings[] = {L("t"),   L("te"),  L("st"),  L("ten"),  L("tem"),
					  L("ter"), L("tes"), L("end"), L("ende"), L("enden")};
/* Behind a noun they leave it what it is. */
static const struct str mild[] = {L("chen"),    L("lein"),  L("in"),    L("innen"), L("los"),
				  L("lose"),    L("losen"), L("frei"),  L("freie"), L("haft"),
				  L("maessig"), L("artig"), L("weise"), L("mal"),   L("fach")};
/* Before a stem they make another word of it, not a compound: Zugang, Bezug, Verkauf. */
static const struct str verbal[] = {
    L("ab"),  L("an"),  L("auf"), L("aus"), L("be"),   L("bei"),  L("ein"),   L("ent"), L("er"),
    L("ge"),  L("her"), L("hin"), L("los"), L("miss"), L("nach"), L("um"),    L("ver"), L("vor"),
    L("weg"), L("zer"), L("zu"),  L("un"),  L("da"),   L("dar"),  L("durch"), L("in"),  L("wider")};

static bool in_list(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, list[i]))
			return true;
	return false;
}
#define IN(list, s) in_list(list, ARRAY_LEN(list), s)

static bool stands(struct str s, size_t at, struct str what)
{
	if (s.n - at < what.n)
		return false;
	return what.n == 0 || (s.p[at] == what.p[0] && memcmp(s.p + at, what.p, what.n) == 0);
}

/* ---- the list -------------------------------------------------------------------------------- */

/* A tree of letters: what begins at a place of a word is found in one walk. */
enum { NODES = 60000, ROOT = 0, NOWHERE = 0 };
static struct letter {
	uint16_t next[26], classes;
} * nodes;

static size_t step(size_t node, char letter)
{
	return letter >= 'a' && letter <= 'z' ? nodes[node].next[letter - 'a'] : NOWHERE;
}

static uint16_t class_of(char letter)
{
	static const char letters[] = "nvafps";
	const char *at = strchr(letters, letter);
	must(at);
	return (uint16_t)(1u << (at - letters));
}

/* Once; it is never freed. */
static void fill(void)
{
	struct str rest = {components, sizeof components - 1}, line;
	size_t n = 1;
	if (nodes)
		return;
	nodes = xcalloc(NODES, sizeof *nodes);
	while (str_split(&rest, '\n', &line)) {
		size_t tab = str_find(line, '\t', 0), node = ROOT;
		if (tab + 1 >= line.n)
			continue;
		for (size_t i = 0; i < tab; i++) {
			must(line.p[i] >= 'a' && line.p[i] <= 'z' && n < NODES);
			uint16_t *next = &nodes[node].next[line.p[i] - 'a'];
			if (*next == NOWHERE)
				*next = (uint16_t)n++;
			node = *next;
		}
		nodes[node].classes |= class_of(line.p[tab + 1]);
	}
}

static unsigned classes_of(struct str s)
{
	size_t node = ROOT;
	for (size_t i = 0; i < s.n; i++)
		if ((node = step(node, s.p[i])) == NOWHERE)
			return 0;
	return nodes[node].classes;
}

/* ---- reading a word as units ------------------------------------------------------------------- */

/* Each place of it is read once, when it is first asked for. */
struct reading {
	struct str word;
	size_t forwards, backwards; /* what is read: [0,forwards) and [backwards,n] */
	bool ready[MOST + 1];       /* a unit may begin here */
	bool whole[MOST + 1];       /* a unit ends here */
	bool before[MOST + 1];      /* what is before is whole units and a link, or nothing */
	bool units[MOST + 1];       /* from here on it is units with an ending */
	bool behind[MOST + 1];      /* the same, where a unit ends here */
};

/* s, which leads to the node, as what stands inside a word. */
static bool is_core(size_t node, struct str s)
{
	if (s.n < 3)
		return false;
	if (nodes[node].classes & CORE)
		return true;
	/* erde, erd: nouns drop their e before another; but not ente in Entzug */
	size_t with_e = step(node, 'e');
	return with_e != NOWHERE && (nodes[with_e].classes & NOUN) && !IN(verbal, s);
}

static void read_forwards(struct reading *r, size_t i)
{
	struct str s = r->word;
	if (r->whole[i])
		r->before[i] = r->ready[i] = true;
	for (size_t k = 0; r->whole[i] && k < ARRAY_LEN(links); k++) {
		size_t end = i + links[k].n;
		if (stands(s, i, links[k]))
			r->before[end] = r->ready[end] = true;
	}
	if (!r->ready[i])
		return;
	for (size_t end = i, node = ROOT; end < s.n;) {
		if ((node = step(node, s.p[end++])) == NOWHERE)
			return;
		struct str unit = str_sub(s, i, end);
		unsigned classes = nodes[node].classes;
		r->whole[end] |= is_core(node, unit) || (r->whole[i] && (classes & SUFFIX));
		r->ready[end] |= (classes & PREFIX) != 0;
		r->before[end] |= i == 0 && (classes & PREFIX) && !IN(verbal, unit);
	}
}

static void read_backwards(struct reading *r, size_t i)
{
	struct str s = r->word;
	bool units = false, behind = s.n - i <= ENDING && IN(endings, str_sub(s, i, s.n));
	for (size_t end = i, node = ROOT; end < s.n;) {
		if ((node = step(node, s.p[end++])) == NOWHERE)
			break;
		unsigned classes = nodes[node].classes;
		units |= r->behind[end] && is_core(node, str_sub(s, i, end));
		units |= (classes & PREFIX) && r->units[end];
		behind |= (classes & SUFFIX) && r->behind[end];
	}
	behind |= units;
	for (size_t k = 0; !behind && k < ARRAY_LEN(links); k++)
		behind = stands(s, i, links[k]) && r->units[i + links[k].n];
	r->units[i] = units;
	r->behind[i] = behind;
}

static void read_none(struct reading *r, struct str word)
{
	*r = (struct reading){.word = word, .backwards = word.n + 1, .ready = {true}};
	r->before[0] = true;
}

/* Is what is before the place whole units and a link? */
static bool reads_before(struct reading *r, size_t at)
{
	while (r->forwards <= at)
		read_forwards(r, r->forwards++);
	return r->before[at];
}

/* Does it go on from there as units and an ending? */
static bool reads_from(struct reading *r, size_t at)
{
	while (r->backwards > at)
		read_backwards(r, --r->backwards);
	return r->units[at];
}

/* The same, behind a part that ends there. */
static bool reads_behind_part(struct reading *r, size_t at)
{
	if (reads_from(r, at))
		return true;
	for (size_t k = 0; k < ARRAY_LEN(links); k++)
		if (stands(r->word, at, links[k]) && reads_from(r, at + links[k].n))
			return true;
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

/* Is it an ending of such a word? */
static bool is_ending(struct str s, unsigned classes)
{
	if (IN(endings, s) || IN(mild, s))
		return true;
	/* suffixes of a noun would make another word of it: Landung has no land */
	return (classes & VERB) && !(classes & NOUN) &&
	       (IN(verb_endings, s) || (classes_of(s) & SUFFIX));
}

static bool found(struct reading *r, struct str form, struct str part, enum part_place place)
{
	struct str word = r->word;
	bool plural = form.p != part.p;
	for (size_t at = 0;; at++) {
		at += str_find_str(str_sub(word, at, word.n), form);
		if (at + form.n > word.n || (place == PART_FIRST && at))
			return false;
		struct str left = str_sub(word, 0, at), right = str_sub(word, at + form.n, word.n);
		/* with its umlaut it stands in the plural: an ending or a link is behind it */
		if (plural && !right.n)
			continue;
		bool whole = reads_before(r, at), may_guess = part.n >= LEAST;
		if (!whole && !(may_guess && strange(left, part.n)))
			continue;
		bool end = is_ending(right, classes_of(part)) || reads_behind_part(r, at + form.n);
		if (whole && end)
			return true;
		bool guess = may_guess && (end || (whole && strange(right, part.n)));
		if (guess && !reads_from(r, 0))
			return true;
	}
}

/* Longer than a word may be that is read: only what stands at its beginning, with an ending. */
static bool found_long(struct str word, struct str form, struct str part)
{
	return stands(word, 0, form) && is_ending(str_sub(word, form.n, word.n), classes_of(part));
}

static bool found_form(struct str word, struct str form, struct str part, enum part_place place)
{
	struct reading r;
	if (word.n > MOST)
		return found_long(word, form, part);
	if (str_find_str(word, form) >= word.n)
		return false;
	read_none(&r, word);
	return found(&r, form, part, place);
}

bool part_in(struct str word, struct str part, enum part_place place)
{
	char room[LONGEST + 2];
	struct str form;
	if (part.n == 0 || word.n < part.n)
		return false;
	fill();
	if (found_form(word, part, part, place))
		return true;
	return umlaut(part, room, &form) && found_form(word, form, part, place);
}
