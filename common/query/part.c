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
 * Classes are n noun, v stem of a verb, a adjective, f loan, p prefix, s suffix, and four more, below.
 *
 * A noun may stand in its plural.  Its last a, o, u or au may become an umlaut (Zuege, Haeuser, Kaesten), and
 * some take -en for their Latin or Greek ending (Konten, Museen).  Which endings are a plural's is a matter
 * of the noun: Haeuser is one of Haus, Kaeufer none of Kauf, Poster none of Post.  The list says what no
 * rule can:
 *
 *   r  its plural ends in -er: kind, haus       o  no umlaut, though another word looks so: druck, druecken
 *   l  -en takes the place of its ending: konto w  it is whole, no part of it counts: poster, urkunde
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

enum class {
	NOUN = 1,
	VERB = 2,
	ADJECTIVE = 4,
	LOAN = 8,
	PREFIX = 16,
	SUFFIX = 32,
	PLURAL_ER = 64,
	PLURAL_EN = 128,
	NO_UMLAUT = 256,
	ONE = 512 /* whole */
};
enum {
	CORE = NOUN | VERB | ADJECTIVE | LOAN,
	LONGEST = PART_ROOM - 1, /* a part that takes an umlaut */
	MOST = 100,              /* the longest German compounds have some 80 letters */
	LEAST = 4,
	LONG = 5,
	STRANGE = 4,
	ENDING = 5 /* the longest of endings[] */
};

/* How a part stands in a word. */
enum form {
	ITSELF = 1,
	UMLAUT = 2, /* zueg of zug */
	WEAK = 4,   /* kaesten: before -el, -en, -er the umlaut is the plural */
	LATIN = 8,  /* kont of konto */
	LINK = 16   /* units may follow */
};

#define L(word)                                                                                    \
	{                                                                                          \
		word, sizeof(word) - 1                                                             \
	}
/* What may be behind a part, in which forms of it. */
static const struct tail {
	struct str text;
	unsigned forms;
} tails[] = {{L(""), ITSELF | WEAK | LINK},
	     {L("e"), ITSELF | UMLAUT | LINK},
	     {L("en"), ITSELF | UMLAUT | LATIN | LINK},
	     {L("n"), ITSELF | WEAK | LINK},
	     {L("er"), ITSELF | UMLAUT | LINK},
	     {L("ern"), ITSELF | UMLAUT},
	     {L("s"), ITSELF | LINK},
	     {L("es"), ITSELF | LINK},
	     {L("ens"), ITSELF | LINK},
	     {L("ns"), ITSELF | LINK},
	     {L("em"), ITSELF},
	     {L("nen"), ITSELF},
	     {L("se"), ITSELF},
	     {L("ses"), ITSELF},
	     {L("sen"), ITSELF},
	     /* they leave a noun what it is */
	     {L("in"), ITSELF | UMLAUT | WEAK},
	     {L("innen"), ITSELF | UMLAUT | WEAK},
	     {L("chen"), ITSELF | UMLAUT | WEAK},
	     {L("lein"), ITSELF | UMLAUT | WEAK},
	     {L("los"), ITSELF},
	     {L("lose"), ITSELF},
	     {L("losen"), ITSELF},
	     {L("frei"), ITSELF},
	     {L("freie"), ITSELF},
	     {L("haft"), ITSELF},
	     {L("maessig"), ITSELF},
	     {L("artig"), ITSELF},
	     {L("weise"), ITSELF},
	     {L("mal"), ITSELF},
	     {L("fach"), ITSELF}};
/* Between units of which nothing is asked, and at the end of them. */
static const struct str links[] = {L("s"),  L("es"), L("n"),   L("en"),
				   L("er"), L("e"),  L("ens"), L("ns")};
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
	static const char letters[] = "nvafpsrlow";
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

/* Is the end of it, or all, of the class? */
static bool ends_in(struct str s, enum class class)
{
	for (size_t at = 0; at < s.n; at++)
		if (classes_of(str_sub(s, at, s.n)) & class)
			return true;
	return false;
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

/* The same, behind a unit that ends there. */
static bool reads_behind(struct reading *r, size_t at)
{
	return reads_from(r, at) || r->behind[at];
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

struct part {
	struct str text;
	unsigned classes;
	bool noun;      /* or unknown, which most often is one */
	bool plural_er; /* of a noun, or of an adjective the forms in -er */
};

/* A form of it, as it stands in words. */
struct shape {
	struct str text;
	enum form form;
};
enum { FORMS = 3 };

static bool is_vowel(char c)
{
	return strchr("aeiou", c) != NULL;
}

/* -el, -en, -er behind a stem. */
static bool weak_end(struct str s)
{
	return s.n > 3 && s.p[s.n - 2] == 'e' && strchr("lnr", s.p[s.n - 1]);
}

/* The last a, o, u or au of its stem as umlaut: zueg, bahnhoef, haeus, kaesten, sael. */
bool part_umlaut(struct str s, char *ret, struct str *ret_s)
{
	size_t i = weak_end(s) ? s.n - 2 : s.n;
	if (s.n > LONGEST)
		return false;
	while (i > 0 && !is_vowel(s.p[i - 1]))
		i--;
	if (i == 0 || !strchr("aou", s.p[i - 1]))
		return false;
	if (i > 1 && s.p[i - 1] == 'u' && is_vowel(s.p[i - 2])) {
		if (s.p[i - 2] != 'a')
			return false;
		i--;
	} else if (i == s.n) {
		return false;
	}
	/* of aa one goes */
	size_t keep = i > 1 && s.p[i - 1] == 'a' && s.p[i - 2] == 'a' ? i - 1 : i;
	memcpy(ret, s.p, keep);
	ret[keep] = 'e';
	memcpy(ret + keep + 1, s.p + i, s.n - i);
	*ret_s = (struct str){ret, keep + 1 + s.n - i};
	return true;
}

/* Without its Latin ending.  False: it has none. */
static bool latin(struct str s, struct str *ret)
{
	static const struct str last[] = {L("um"), L("us"), L("is"), L("on"), L("a"), L("o")};
	for (size_t k = 0; k < ARRAY_LEN(last); k++) {
		if (s.n <= last[k].n || !stands(s, s.n - last[k].n, last[k]))
			continue;
		if (!str_ends(s, "ium") && !str_ends(s, "ismus") && !ends_in(s, PLURAL_EN))
			return false;
		*ret = str_sub(s, 0, s.n - last[k].n);
		return true;
	}
	return false;
}

/* ---- finding ----------------------------------------------------------------------------------- */

/* Does a whole word, of which nothing counts by itself, reach over or into the part in [at, end)? */
static bool inside_whole(struct reading *r, const struct part *part, size_t at, size_t end)
{
	struct str word = r->word;
	for (size_t from = 0; from < end; from++) {
		size_t node = ROOT;
		if (!reads_before(r, from) &&
		    (reads_from(r, 0) || !strange(str_sub(word, 0, from), LONG)))
			continue;
		if (from == at && !part->noun) /* Sendung does not hide its verb */
			continue;
		for (size_t to = from; to < word.n;) {
			if ((node = step(node, word.p[to++])) == NOWHERE)
				break;
			if (!(nodes[node].classes & ONE) || to <= at || (from >= at && to <= end))
				continue;
			/* Rates is of Rat, not of Rate */
			bool genitive = word.p[to - 1] == 'e' && to < word.n && word.p[to] == 's';
			if (genitive)
				continue;
			if (reads_behind(r, to) ||
			    (!reads_from(r, 0) && strange(str_sub(word, to, word.n), LONG)))
				return true;
		}
	}
	return false;
}

/* Behind -er and -el, -ei makes another word, Baeckerei; but the list knows the eggs. */
static bool is_suffix(struct reading *r, size_t at, struct str part)
{
	struct str left = str_sub(r->word, 0, at);
	return str_is(part, "ei") && (str_ends(left, "er") || str_ends(left, "el")) &&
	       classes_of(str_sub(r->word, 0, at + part.n)) != NOUN;
}

/* May the tail be behind this form of the part? */
static bool takes(const struct part *part, enum form form, const struct tail *tail)
{
	if (!(tail->forms & form))
		return false;
	if (form == ITSELF && tail->text.n && tail->text.p[0] == 'n')
		return strchr("elr", part->text.p[part->text.n - 1]) != NULL; /* Kunden, Inseln */
	if (str_starts(tail->text, "er"))
		return part->plural_er || (form == ITSELF && !part->noun);
	if (form != UMLAUT && form != WEAK)
		return true;
	return part->noun && !((part->classes & NO_UMLAUT) && (tail->forms & LINK));
}

/* The part, in that form, ends at `end`: can what is behind it be so? */
static bool tail_fits(struct reading *r, const struct part *part, enum form form, size_t end)
{
	struct str right = str_sub(r->word, end, r->word.n);
	for (size_t k = 0; k < ARRAY_LEN(tails); k++) {
		size_t to = end + tails[k].text.n;
		if (!stands(r->word, end, tails[k].text) || !takes(part, form, &tails[k]))
			continue;
		if (to == r->word.n || ((tails[k].forms & LINK) && reads_from(r, to)))
			return true;
	}
	/* suffixes of a noun would make another word of it: Landung has no land */
	if (part->noun || !(part->classes & VERB))
		return false;
	return form == ITSELF ? IN(verb_endings, right) || (classes_of(right) & SUFFIX)
			      : str_is(right, "t") || str_is(right, "st"); /* faehrt */
}

static bool found(struct reading *r, const struct shape *shape, const struct part *part,
		  enum part_place place)
{
	struct str word = r->word, text = shape->text;
	enum form form = shape->form;
	for (size_t at = 0;; at++) {
		at += str_find_str(str_sub(word, at, word.n), text);
		if (at + text.n > word.n || (place == PART_FIRST && at))
			return false;
		struct str left = str_sub(word, 0, at);
		struct str right = str_sub(word, at + text.n, word.n);
		bool whole = reads_before(r, at), may_guess = part->text.n >= LEAST;
		if (!whole && !(may_guess && strange(left, part->text.n)))
			continue;
		bool end = tail_fits(r, part, form, at + text.n);
		bool guess =
		    may_guess && (end || (whole && form == ITSELF && strange(right, part->text.n)));
		if (((whole && end) || (guess && !reads_from(r, 0))) &&
		    !is_suffix(r, at, part->text) && !inside_whole(r, part, at, at + text.n))
			return true;
	}
}

/* Longer than a word may be that is read: only what stands at its beginning, with an ending. */
static bool found_long(struct str word, const struct shape *shape, const struct part *part)
{
	size_t n = shape->text.n;
	for (size_t k = 0; stands(word, 0, shape->text) && k < ARRAY_LEN(tails); k++)
		if (takes(part, shape->form, &tails[k]) && word.n == n + tails[k].text.n &&
		    stands(word, n, tails[k].text))
			return true;
	return false;
}

static size_t forms_of(struct str part, char room[PART_ROOM], struct shape ret[FORMS])
{
	size_t n = 0;
	struct str other;
	ret[n++] = (struct shape){part, ITSELF};
	if (part_umlaut(part, room, &other))
		ret[n++] = (struct shape){other, weak_end(part) ? WEAK : UMLAUT};
	if (latin(part, &other))
		ret[n++] = (struct shape){other, LATIN};
	return n;
}

bool part_in(struct str word, struct str text, enum part_place place)
{
	char room[PART_ROOM];
	struct shape shapes[FORMS];
	bool likely = word.n > MOST;
	if (text.n == 0)
		return false;
	fill();
	size_t n = forms_of(text, room, shapes);
	for (size_t i = 0; i < n && !likely; i++)
		likely = str_find_str(word, shapes[i].text) < word.n;
	if (!likely)
		return false;
	struct part part = {.text = text, .classes = classes_of(text)};
	part.noun = (part.classes & NOUN) || !(part.classes & CORE);
	part.plural_er = (part.classes & ADJECTIVE) || ends_in(text, PLURAL_ER);
	struct reading r;
	if (word.n <= MOST)
		read_none(&r, word);
	for (size_t i = 0; i < n; i++)
		if (word.n <= MOST ? found(&r, &shapes[i], &part, place)
				   : found_long(word, &shapes[i], &part))
			return true;
	return false;
}
