/*
 * agree SEED PAIRS: random queries on random posts, by the engine and by the slow evaluator of this folder
 * (oracle.h), which shares no source file with it.  Prints how often each operator was true and false; the
 * first pair on which they differ is printed, with the seed, and ends it with 1.
 *
 *   agree 1 1000000
 *   agree 1 0 'QUERY' < posts.jsonl        what both say of one query, a line per post
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"

#include "analyze/exact.h"

#include "common/query/part.h"
#include "common/query/query.h"

#include "tests/oracle/oracle.h"

enum { QUERIES = 50, POSTS = 50, DEPTH = 4 };

static uint64_t state;

static unsigned pick(unsigned n)
{
	return (unsigned)(exact_random(&state) % (n ? n : 1));
}

/* What stands in front is taken more often. */
static const char *one_of(const char *const *list, size_t n)
{
	return list[pick(pick((unsigned)n) + 1)];
}
#define ONE_OF(list) one_of(list, ARRAY_LEN(list))

/* ---- posts ----------------------------------------------------------------------------------- */

static const char *const words[] = {"aa",
				    "Paket",
				    "bb",
				    "Post",
				    "cc",
				    "nicht",
				    "Brief",
				    "Lieferung",
				    "E-Post",
				    "dhl",
				    "Zürich",
				    "#paket",
				    "😡",
				    "Straße",
				    "Apple",
				    "@dhl",
				    "https://dhl.de/hilfe?x=1",
				    "delivery",
				    "xx",
				    "weg",
				    "paket",
				    "Pakete",
				    "Paketbote",
				    "Häuser",
				    "Briefkästen",
				    "Girokonten",
				    "Expresspaket",
				    "PAKET",
				    "Briefpost",
				    "Kompost",
				    "post",
				    "Postbote",
				    "ePost",
				    "EPost",
				    "E.Post",
				    "E Post",
				    "E-Postbrief",
				    "E-Post-Brief",
				    "ePostBrief",
				    "Zuerich",
				    "Zurich",
				    "ZUERICH",
				    "Strasse",
				    "STRASSE",
				    "Müller",
				    "Mueller",
				    "Moller",
				    "Muller",
				    "kein",
				    "bekommen",
				    "Lieferungen",
				    "liefern",
				    "geliefert",
				    "delivered",
				    "delivering",
				    "DHL",
				    "DHL's",
				    "don't",
				    "AT&T",
				    "E.ON",
				    "C++",
				    "C",
				    "apple",
				    "Apples",
				    "Kund*innen",
				    "Kund:innen",
				    "Kund_innen",
				    "Kundinnen",
				    "Kund/in",
				    "und",
				    "oder",
				    "the",
				    "1",
				    "12",
				    "3.5",
				    "2026",
				    "café",
				    "cafe",
				    "naïve",
				    "über",
				    "ueber",
				    "#Paketchaos",
				    "#e_post",
				    "@DHL",
				    "@paket@social.example",
				    "@dhl_hilft",
				    "@dhl.de",
				    "👍🏽",
				    "👍",
				    "👩‍💻",
				    "❤️",
				    "https://www.dhl.de",
				    "http://tracking.dhl.de/hil/1",
				    "www.paket.example",
				    "Groß",
				    "gross",
				    "ﬁnden",
				    "finden",
				    "Ⅷ",
				    "１２",
				    "e\xcc\x81t\xc3\xa9",
				    "S\xc2\xad"
				    "chön"};
static const char *const gaps[] = {
    " ",  " ",  " ",  " ",       " ",     " ",      " ",      ", ", ". ", ". ", "! ",
    "? ", "\n", "-",  " - ",     ".",     "/",      "… ",     " (", ") ", ": ", "; ",
    "\"", " „", "“ ", " z. B. ", " Nr. ", "\u200b", "\u00a0", "_",  "&",  "'",  "+"};

static void put_character(struct buf *out)
{
	static const struct {
		unsigned from, to;
	} ranges[] = {
	    /* left out: marks and double terminators, about which Unicode's rules can be read in two ways */
	    {0x21, 0x7e},       {0xa0, 0x17f},     {0x370, 0x482},   {0x48a, 0x52f},
	    {0x5d0, 0x5f4},     {0x620, 0x64a},    {0x1e00, 0x1eff}, {0x2000, 0x2023},
	    {0x2025, 0x203b},   {0x204a, 0x206f},  {0x2100, 0x2121}, {0x2123, 0x2138},
	    {0x213a, 0x218f},   {0x2648, 0x2653},  {0x3041, 0x3096}, {0x30a1, 0x30fa},
	    {0x4e00, 0x4eff},   {0xac00, 0xacff},  {0xff0c, 0xff9d}, {0x1f400, 0x1f43e},
	    {0x1f600, 0x1f64f}, {0x1f1e6, 0x1f1ff}};
	char c[4];
	size_t r = pick(ARRAY_LEN(ranges));
	unsigned cp = ranges[r].from + pick(ranges[r].to - ranges[r].from + 1);
	(void)buf_add(out, c, utf8_put(c, cp));
}

/* Two letters in front: a single one before a full stop is read as an abbreviation by one of both. */
static void put_strange(struct buf *out)
{
	(void)buf_z(out, "qq");
	for (unsigned k = 1 + pick(4); k; k--)
		put_character(out);
}

static bool strange; /* this batch has random characters, too */

/* Text that runs into a link, and what runs on behind a gender form, are read differently by both, on
 * purpose (README.md). */
static void put_word(struct buf *out)
{
	const char *word = ONE_OF(words);
	if (strncmp(word, "Kund", 4) == 0) {
		(void)buf_printf(out, "%s ", word);
		return;
	}
	if (strstr(word, "://") || strncmp(word, "www.", 4) == 0)
		(void)buf_char(out, ' ');
	(void)buf_z(out, word);
}

static void put_text(struct buf *out, unsigned most)
{
	unsigned n = 1 + most / 2 + pick(most / 2 + 1);
	(void)buf_z(out,
		    "zz "); /* what a first sentence without a word is, is read differently, too */
	for (unsigned i = 0; i < n; i++) {
		if (strange && pick(4) == 0)
			put_strange(out);
		else
			put_word(out);
		(void)buf_z(out, strange && pick(8) == 0 ? "" : ONE_OF(gaps));
	}
}

/* The next blank: a quote that cuts a word in two leaves single letters, which both read differently before
 * a full stop. */
static size_t border(struct str text, size_t at)
{
	return str_find(text, ' ', at);
}

static void put_post(struct buf *out, unsigned number)
{
	static const char *const channels[] = {"social", "forum", "blog", "review"};
	static const char *const langs[] = {"\"de\"", "\"en\"", "null", "\"de-AT\""};
	static const char *const times[] = {"\"2026-11-21T08:00:00.000Z\"",
					    "\"2026-11-20T23:30:00.000Z\"",
					    "\"2026-07-01T10:00:00.000Z\"", "null"};
	static const char *const labels[] = {"\"negative\"", "\"neutral\"", "\"positive\"", "null"};
	static const char *const names[] = {"Jo", "DHL", "Deutsche Post", "Müller"};
	struct buf text;
	buf_init(&text, 1 * MiB);
	(void)buf_printf(out, "{\"v\":1,\"op\":\"create\",\"id\":\"a:b:%u\"", number);
	if (pick(2)) {
		put_text(&text, 8);
		(void)buf_z(out, ",\"title\":");
		(void)buf_json_str(out, buf_view(&text));
		buf_reset(&text);
	} else if (pick(4) == 0) {
		(void)buf_z(out, ",\"title\":\"\"");
	}
	if (pick(12))
		put_text(&text, pick(3) ? 30 : 80);
	(void)buf_z(out, ",\"text\":");
	(void)buf_json_str(out, buf_view(&text));
	if (pick(2) && text.n > 4) {
		size_t a = border(buf_view(&text), pick((unsigned)text.n));
		size_t b = border(buf_view(&text), a + pick((unsigned)(text.n - a)));
		(void)buf_printf(out, ",\"quotes\":[[%zu,%zu]]", a, b);
	}
	(void)buf_printf(out, ",\"source\":\"s%u\",\"channel\":\"%s\",\"place\":%s,\"owned\":%s",
			 pick(3), ONE_OF(channels), pick(2) ? "\"Board eins\"" : "null",
			 pick(2) ? "true" : "false");
	(void)buf_printf(out, ",\"lang\":%s,\"url\":\"https://forum.dhl.de/%u\"", ONE_OF(langs),
			 pick(9));
	(void)buf_printf(
	    out, ",\"author\":{\"handle\":\"u%u\",\"name\":\"%s\",\"followers\":%s,\"bot\":%s}",
	    pick(3), ONE_OF(names), pick(3) ? pick(2) ? "500" : "50" : "null",
	    pick(3) ? "false" : "null");
	(void)buf_printf(out, ",\"created_at\":%s,\"fetched_at\":\"2026-11-21T09:00:00.000Z\"",
			 ONE_OF(times));
	(void)buf_printf(out, ",\"counts\":{\"likes\":%s,\"views\":%s,\"rating\":%s}",
			 pick(2) ? "3" : "null", pick(2) ? "1000" : "null",
			 pick(2) ? "4.5" : "null");
	if (pick(2))
		(void)buf_printf(
		    out,
		    ",\"analysis\":{\"lang\":%s,\"tonality\":{\"label\":%s,\"score\":-0.%u,\"p\":0."
		    "5,"
		    "\"why\":[]},\"intent\":[{\"label\":\"complaint\",\"p\":0.8}],\"answer\":{"
		    "\"p\":0.%u},"
		    "\"urgency\":{\"level\":%u,\"p\":0.5,\"reasons\":[]},\"sarcasm\":{\"p\":0.1},"
		    "\"flags\":{\"threat\":0.%u,\"insult\":0.2,\"spam\":null}}",
		    ONE_OF(langs), ONE_OF(labels), 1 + pick(9), 1 + pick(9), pick(4), 1 + pick(9));
	(void)buf_char(out, '}');
	buf_done(&text);
}

/* ---- queries --------------------------------------------------------------------------------- */

enum top {
	T_WORD,
	T_PHRASE,
	T_GLOB,
	T_RAW,
	T_PART,
	T_STEM,
	T_LOOSE,
	T_LINK,
	T_TAG,
	T_EMOJI,
	T_HYPHEN,
	T_FIELD,
	T_AND,
	T_OR,
	T_NOT,
	T_NEAR,
	T_ONEAR,
	T_NOT_NEAR,
	T_SENTENCE,
	T_NOT_SENTENCE,
	T_ATLEAST,
	T_TITLE,
	T_TEXT,
	T_LEAD,
	T_QUOTE,
	TOPS
};
static const char *const top_names[TOPS] = {
    "word",   "phrase",     "wildcard", "raw",      "part:",    "stem:",        "loose:",
    "link:",  "#tag @name", "emoji",    "hyphen",   "field",    "AND",          "OR",
    "NOT",    "NEAR",       "ONEAR",    "NOT NEAR", "SENTENCE", "NOT SENTENCE", "ATLEAST",
    "title:", "text:",      "lead:",    "quote:"};

static void put_term(struct buf *out, enum top kind)
{
	static const char *const plain[] = {
	    "paket",     "post",  "brief",     "aa",         "bb",     "cc",      "nicht",
	    "lieferung", "xx",    "weg",       "dhl",        "zürich", "1",       "straße",
	    "apple",     "café",  "kundinnen", "the",        "und",    "mueller", "lieferung",
	    "AT&T",      "don't", "E.ON",      "kund:innen", "12",     "finden",  "über"};
	static const char *const phrases[] = {
	    "\"aa bb\"",  "\"aa * bb\"", "\"kein paket\"", "\"the post\"",
	    "\"e post\"", "„aa bb“",     "\"* paket\"",    "\"bb aa\"",
	    "\"aa aa\"",  "\"p* aa\"",   "\"post * *\"",   "»nicht bekommen«",
	    "\"E-Post\"", "\"AT&T\"",    "\"#paket aa\"",  "\"aa 😡\""};
	static const char *const globs[] = {
	    "pak*",   "*post",      "p?st",     "*e*",        "m?ller", "m??ller",
	    "stra?e", "l*ung",      "*liefer*", "a?",         "a*",     "*innen",
	    "#pak*",  "@dhl*",      "*et",      "kund*innen", "z?rich", "z??rich",
	    "e?post", "post*brief", "*a*b*",    "c*",         "k*"};
	static const char *const raws[] = {"{Apple}", "{apple}",  "{C++}",   "{C}",      "{E.ON}",
					   "{paket}", "{Paket}",  "{DHL's}", "{E-Post}", "{#paket}",
					   "{@dhl}",  "{Straße}", "{😡}",     "{Müller}", "{a}",
					   "{Kund}",  "{A}",      "{1}",     "{don't}"};
	static const char *const parts[] = {
	    "part:paket", "part:post",   "part:brief", "part:E-Post", "part:(paket OR brief)",
	    "part:bote",  "part:liefer", "part:haus",  "part:kasten", "part:konto"};
	static const char *const stems[] = {
	    "stem:lieferung", "stem:delivery", "stem:(paket OR brief)",
	    "stem:delivered", "stem:apple",    "stem:liefern"};
	static const char *const looses[] = {"loose:zürich", "loose:zurich", "loose:mueller",
					     "loose:strasse", "loose:(über OR muller)"};
	static const char *const links[] = {"link:dhl.de", "link:dhl.de/hil", "link:www.dhl.de",
					    "link:paket.example", "link:tracking.dhl.de/hil"};
	static const char *const tags[] = {
	    "#paket",     "@dhl",        "#e_post", "@paket", "@paket@social.example",
	    "@dhl_hilft", "#paketchaos", "@dhl.de"};
	static const char *const emoji[] = {"😡", "👍", "👩‍💻", "❤️"};
	static const char *const hyphens[] = {"E-Post", "E-Post-Brief", "e-post",
					      "aa-b",   "DHL-Paket",    "E-*"};
	switch (kind) {
	case T_PHRASE: (void)buf_z(out, ONE_OF(phrases)); break;
	case T_GLOB: (void)buf_z(out, ONE_OF(globs)); break;
	case T_RAW: (void)buf_z(out, ONE_OF(raws)); break;
	case T_PART: (void)buf_z(out, ONE_OF(parts)); break;
	case T_STEM: (void)buf_z(out, ONE_OF(stems)); break;
	case T_LOOSE: (void)buf_z(out, ONE_OF(looses)); break;
	case T_LINK: (void)buf_z(out, ONE_OF(links)); break;
	case T_TAG: (void)buf_z(out, ONE_OF(tags)); break;
	case T_EMOJI: (void)buf_z(out, ONE_OF(emoji)); break;
	case T_HYPHEN: (void)buf_z(out, ONE_OF(hyphens)); break;
	default: (void)buf_z(out, ONE_OF(plain)); break;
	}
}

static void put_field(struct buf *out)
{
	static const char *const fields[] = {"channel:forum",
					     "channel:(forum OR blog)",
					     "source:s1",
					     "owned:yes",
					     "owned:false",
					     "bot:no",
					     "followers:>100",
					     "followers:<=500",
					     "followers:..100",
					     "likes:3",
					     "rating:>=4.5",
					     "reach:>900",
					     "lang:de",
					     "lang:en",
					     "author:\"Deutsche Post\"",
					     "author:u1",
					     "author:m*ller",
					     "place:\"board eins\"",
					     "site:dhl.de",
					     "site:forum.dhl.de",
					     "tonality:negative",
					     "tonality:<-0.3",
					     "tonality:(neutral OR positive)",
					     "intent:complaint",
					     "answer:>0.5",
					     "urgency:2..3",
					     "threat:<0.5",
					     "spam:<1",
					     "sarcasm:0.1",
					     "created:2026-11-21",
					     "created:>-24h",
					     "created:<2026-11-21",
					     "created:2026-07-01..2026-11-20",
					     "created:2026-11-21T09:00",
					     "fetched:>=2026-11-21",
					     "has:link",
					     "has:question",
					     "has:quote",
					     "words:>5",
					     "words:2..8",
					     "views:1000"};
	(void)buf_z(out, ONE_OF(fields));
}

static void put_term_any(struct buf *out)
{
	put_term(out, (enum top)(pick(3) ? pick(T_FIELD) : T_WORD));
}

/* What may stand beside a proximity operator. */
static void put_operand(struct buf *out, unsigned depth)
{
	static const char *const ops[] = {" NEAR/2 ", " ONEAR/3 ", " SENTENCE ", " NOT NEAR/2 ",
					  " NOT SENTENCE "};
	switch (depth ? pick(6) : 2 + pick(4)) {
	case 0:
		(void)buf_char(out, '(');
		put_operand(out, depth - 1);
		(void)buf_z(out, ONE_OF(ops));
		put_operand(out, depth - 1);
		(void)buf_char(out, ')');
		break;
	case 1:
		(void)buf_char(out, '(');
		put_operand(out, depth - 1);
		(void)buf_z(out, " OR ");
		put_operand(out, depth - 1);
		(void)buf_char(out, ')');
		break;
	case 2: put_term_any(out); break;
	default: put_term(out, pick(2) ? T_WORD : T_PART); /* mostly there */
	}
}

static void put_expression(struct buf *out, enum top top, unsigned depth, bool zone);

static void put_any(struct buf *out, unsigned depth, bool zone)
{
	enum top top;
	do {
		top = (enum top)(depth ? pick(TOPS) : pick(T_AND));
	} while (zone && (top == T_FIELD || top >= T_TITLE));
	(void)buf_char(out, '(');
	put_expression(out, top, depth, zone);
	(void)buf_char(out, ')');
}

static void put_expression(struct buf *out, enum top top, unsigned depth, bool zone)
{
	static const char *const zones[] = {"title:", "text:", "lead:", "quote:"};
	unsigned next = depth ? depth - 1 : 0;
	switch (top) {
	case T_FIELD: put_field(out); return;
	case T_AND:
	case T_OR:
		put_any(out, pick(2) ? next : 0, zone);
		(void)buf_z(out, top == T_OR ? " OR " : pick(2) ? " AND " : " ");
		put_any(out, pick(2) ? next : 0, zone);
		return;
	case T_NOT:
		if (pick(2)) {
			if (pick(2))
				put_any(out, next, zone);
			else
				put_term(out, pick(2) ? T_WORD : T_PART);
			(void)buf_z(out, pick(2) ? " AND" : "");
		}
		(void)buf_z(out, " NOT ");
		put_any(out, next, zone);
		return;
	case T_NEAR:
	case T_ONEAR:
	case T_NOT_NEAR:
	case T_SENTENCE:
	case T_NOT_SENTENCE:
		put_operand(out, next ? 1 : 0);
		if (top == T_SENTENCE || top == T_NOT_SENTENCE)
			(void)buf_printf(out, " %s ", top_names[top]);
		else
			(void)buf_printf(out, " %s/%u ", top_names[top],
					 1 + pick(pick(2) ? 3 : 10));
		put_operand(out, next ? 1 : 0);
		return;
	case T_ATLEAST:
		(void)buf_printf(out, "ATLEAST/%u ", 1 + pick(3));
		if (pick(2)) {
			put_term_any(out);
			return;
		}
		(void)buf_char(out, '(');
		put_term_any(out);
		(void)buf_z(out, " OR ");
		put_term_any(out);
		(void)buf_char(out, ')');
		return;
	case T_TITLE:
	case T_TEXT:
	case T_LEAD:
	case T_QUOTE:
		(void)buf_z(out, zones[top - T_TITLE]);
		if (pick(2))
			put_any(out, next, true);
		else
			put_term(out, pick(2) ? T_PART : T_LOOSE);
		return;
	default: put_term(out, top);
	}
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool part(const char *word, const char *of)
{
	return part_in(str_of(word), str_of(of), PART_ANYWHERE);
}

struct one_query {
	struct query_set *set, *early;
	struct query_matcher *matcher, *early_matcher;
	struct slow_query *oracle;
	enum top top;
};

static const struct query_options all = {.allow_all = true};

/* 0; -1: both refuse it; 1: only one does. */
static int make(struct one_query *q, struct str text)
{
	struct error err = {""};
	char why[200] = "";
	q->set = query_set_create();
	int rc = query_set_add(q->set, "q", text, &all, &err);
	q->oracle = slow_parse(text.p, text.n, why, sizeof why);
	q->matcher = q->early_matcher = NULL;
	q->early = query_set_create();
	if (rc == 0) {
		query_set_compile(q->set);
		q->matcher = query_matcher_create(q->set);
		must(query_set_add(q->early, "q", text, &all, &err) == 0);
		query_set_early(q->early);
		query_set_compile(q->early);
		q->early_matcher = query_matcher_create(q->early);
	}
	if ((rc == 0) == (q->oracle != NULL))
		return rc;
	/* NOT alone is refused by one and allowed to the other */
	if (strstr(why, "positive"))
		return -1;
	printf("query    %.*s\nengine   %s\noracle   %s\n", STR_ARG(text),
	       rc ? err.text : "accepts it", q->oracle ? "accepts it" : why);
	return 1;
}

static void drop(struct one_query *q)
{
	query_matcher_free(q->matcher);
	query_matcher_free(q->early_matcher);
	query_set_free(q->set);
	query_set_free(q->early);
	slow_free(q->oracle);
}

struct one_post {
	struct str json;
	struct post post;
	struct analysis analysis;
	bool has;
	struct query_words words;
	struct slow_post *oracle;
};

static void read_post(struct one_post *p, struct str json, struct arena *arena)
{
	struct error err;
	p->json = json;
	if (scored_parse(json, arena, &p->post, &p->analysis, &p->has, &err) != 0) {
		fprintf(stderr, "agree: %s\n%.*s\n", err.text, STR_ARG(json));
		exit(65);
	}
	query_cut(&p->post, &p->words, arena);
	p->oracle = slow_post(json.p, json.n);
	must(p->oracle);
}

static bool by_engine(const struct one_query *q, const struct one_post *p, struct arena *arena)
{
	struct query_match *matches;
	struct query_post post = query_post_of(&p->post, p->has ? &p->analysis : NULL, &p->words);
	size_t n = query_match(q->matcher, &post, arena, &matches);
	bool found = n == 1, holds = query_holds(q->matcher, 0, &post, arena);
	if (found != holds)
		printf("the index hides what holds\n");
	return found;
}

/* Before it is judged: does the early query hold wherever the whole one does? */
static bool holds_early(const struct one_query *q, const struct one_post *p, struct arena *arena)
{
	struct query_match *matches;
	struct query_post post = query_post_of(&p->post, NULL, &p->words);
	return query_match(q->early_matcher, &post, arena, &matches) == 1;
}

static uint64_t truth[TOPS][2], early_kept;

static int batch(struct arena *arena, struct arena *work, uint64_t seed)
{
	struct one_query queries[QUERIES];
	struct one_post posts[POSTS];
	struct buf text;
	int rc = 0;
	strange = !getenv("AGREE_PLAIN") && pick(3) == 0;
	buf_init(&text, 4 * MiB);
	for (size_t i = 0; i < QUERIES; i++) {
		int made;
		do {
			enum top top = (enum top)pick(TOPS);
			buf_reset(&text);
			put_expression(&text, top, pick(DEPTH), false);
			made = make(&queries[i], buf_view(&text));
			queries[i].top = top;
			if (made)
				drop(&queries[i]);
			if (made > 0)
				return 1;
		} while (made);
	}
	for (size_t i = 0; i < POSTS; i++) {
		buf_reset(&text);
		put_post(&text, (unsigned)i);
		read_post(&posts[i], arena_str(arena, buf_view(&text)), arena);
	}
	for (size_t i = 0; i < QUERIES && !rc; i++) {
		for (size_t k = 0; k < POSTS && !rc; k++) {
			bool ours = by_engine(&queries[i], &posts[k], work);
			bool theirs = slow_match(queries[i].oracle, posts[k].oracle) == 1;
			bool early = holds_early(&queries[i], &posts[k], work);
			arena_reset(work);
			truth[queries[i].top][ours]++;
			early_kept += early;
			if (ours == theirs && (early || !ours))
				continue;
			buf_reset(&text);
			query_set_show(queries[i].set, 0, &text);
			printf(
			    "seed %llu\nquery  %s\npost   %.*s\nengine %d, oracle %d, early %d\n",
			    (unsigned long long)seed, buf_view(&text).p, STR_ARG(posts[k].json),
			    ours, theirs, early);
			rc = 1;
		}
	}
	for (size_t i = 0; i < QUERIES; i++)
		drop(&queries[i]);
	for (size_t i = 0; i < POSTS; i++)
		slow_post_free(posts[i].oracle);
	buf_done(&text);
	return rc;
}

static int one(const char *query, struct arena *arena)
{
	struct one_query q;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = make(&q, str_of(query));
	while (rc == 0 && (n = getline(&line, &room, stdin)) > 1) {
		struct one_post p;
		read_post(&p, arena_str(arena, (struct str){line, (size_t)n - 1}), arena);
		printf("engine %d, oracle %d, early %d\n", by_engine(&q, &p, arena),
		       slow_match(q.oracle, p.oracle), holds_early(&q, &p, arena));
	}
	free(line);
	return rc;
}

int main(int argc, char **argv)
{
	int64_t seed, pairs;
	struct arena *arena = arena_create(SIZE_MAX / 4), *work = arena_create(SIZE_MAX / 4);
	slow_is_part = part;
	if (argc < 3 || num_int(str_of(argv[1]), 0, INT64_MAX, &seed) ||
	    num_int(str_of(argv[2]), 0, INT64_MAX, &pairs))
		return 64;
	if (argc > 3)
		return one(argv[3], arena);
	int rc = 0;
	uint64_t done = 0, matched = 0;
	for (; done < (uint64_t)pairs && !rc; done += QUERIES * POSTS, seed++) {
		state = (uint64_t)seed * 2654435761u + 1;
		rc = batch(arena, work, (uint64_t)seed);
		arena_reset(arena);
	}
	for (int t = 0; t < TOPS; t++) {
		printf("%-14s true %8llu, false %8llu\n", top_names[t],
		       (unsigned long long)truth[t][1], (unsigned long long)truth[t][0]);
		matched += truth[t][1];
	}
	double of = done ? 100 / (double)done : 0;
	printf("%llu pairs, %.1f %% match, %.1f %% could before they are judged\n",
	       (unsigned long long)done, of * (double)matched, of * (double)early_kept);
	arena_free(arena);
	arena_free(work);
	return rc;
}
