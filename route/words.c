/*
 * words.c: sentences by number, names by group; numbers and times as people write them.
 */
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"

#include "route/words.h"

static const char *const sentences[WORDS_COUNT][2] = {
#define X(id, en, de) [id] = {en, de},
#include "route/words.tbl"
#undef X
};

struct name {
	enum words_group group;
	const char *key, *en, *de;
};

static const struct name names[] = {
    {WORDS_CHANNEL, "blog", "Blog", "Blog"},
    {WORDS_CHANNEL, "forum", "Forum", "Forum"},
    {WORDS_CHANNEL, "social", "Social", "Social"},
    {WORDS_CHANNEL, "news", "News", "Presse"},
    {WORDS_CHANNEL, "review", "Reviews", "Bewertung"},
    {WORDS_CHANNEL, "mail", "Mail", "Mail"},

    {WORDS_DROPPED, "own", "our own voice", "eigene Stimme"},
    {WORDS_DROPPED, "us", "our own voice", "eigene Stimme"},
    {WORDS_DROPPED, "backfill", "old stock at the first reading", "Altbestand beim ersten Lesen"},
    {WORDS_DROPPED, "old", "too old", "zu alt"},
    {WORDS_DROPPED, "press", "press", "Presse"},
    {WORDS_DROPPED, "news", "news", "Nachrichten"},
    {WORDS_DROPPED, "employee", "employees", "Mitarbeitende"},
    {WORDS_DROPPED, "agency", "agency", "Agentur"},
    {WORDS_DROPPED, "superuser", "super users", "Superuser"},
    {WORDS_DROPPED, "authority", "authorities", "Behörden"},
    {WORDS_DROPPED, "competitor", "competitors", "Wettbewerb"},
    {WORDS_DROPPED, "courier", "couriers", "Zusteller"},
    {WORDS_DROPPED, "no_rule", "no rule wants it", "keine Regel greift"},
    {WORDS_DROPPED, "no_need", "needs nothing", "braucht nichts"},
    {WORDS_DROPPED, "repost", "reposts", "Weiterleitungen"},
    {WORDS_DROPPED, "bot", "bots", "Bots"},
    {WORDS_DROPPED, "spam", "spam", "Spam"},
    {WORDS_DROPPED, "praise", "praise", "Lob"},
    {WORDS_DROPPED, "irrelevant", "not about us", "geht nicht um uns"},
    {WORDS_DROPPED, "unrelated", "not about us", "geht nicht um uns"},
    {WORDS_DROPPED, "neutral", "neutral", "neutral"},
    {WORDS_DROPPED, "smalltalk", "small talk", "Plauderei"},
    {WORDS_DROPPED, "deleted", "deleted before it came", "schon vorher gelöscht"},
    {WORDS_DROPPED, "delete_unknown", "deletions of the unknown", "Löschung von Unbekanntem"},
    {WORDS_DROPPED, "update_unknown", "edits of the unknown", "Änderung von Unbekanntem"},

    {WORDS_TONALITY, "negative", "negative", "negativ"},
    {WORDS_TONALITY, "neutral", "neutral", "neutral"},
    {WORDS_TONALITY, "positive", "positive", "positiv"},
    {WORDS_TONALITY, "unsure", "unsure", "unsicher"},

    {WORDS_LANG, "de", "German", "Deutsch"},
    {WORDS_LANG, "en", "English", "Englisch"},
    {WORDS_LANG, "other", "another", "andere"},
    {WORDS_LANG, "?", "unsure", "unsicher"},
    {WORDS_LANG, "", "unsure", "unsicher"},

    {WORDS_STATE, "open", "waiting", "wartet"},
    {WORDS_STATE, "claimed", "being worked on", "in Arbeit"},
    {WORDS_STATE, "answered", "answered", "beantwortet"},
    {WORDS_STATE, "closed", "closed", "geschlossen"},

    {WORDS_PROMISE, "none", "none", "keins"},
    {WORDS_PROMISE, "running", "running", "läuft"},
    {WORDS_PROMISE, "breached", "broken", "gebrochen"},
    {WORDS_PROMISE, "kept", "kept", "gehalten"},
    {WORDS_PROMISE, "missed", "missed", "verpasst"},
    {WORDS_PROMISE, "void", "void", "entfallen"},

    {WORDS_CLOSE, "answered", "answered", "beantwortet"},
    {WORDS_CLOSE, "community", "answered by the community", "von der Community beantwortet"},
    {WORDS_CLOSE, "no_action", "no action needed", "nichts zu tun"},
    {WORDS_CLOSE, "irrelevant", "not about us", "geht nicht um uns"},
    {WORDS_CLOSE, "spam", "spam", "Spam"},
    {WORDS_CLOSE, "elsewhere", "handled elsewhere", "anderswo erledigt"},
    {WORDS_CLOSE, "unreachable", "author cannot be reached", "Absender nicht erreichbar"},
    {WORDS_CLOSE, "deleted", "deleted at its source", "an der Quelle gelöscht"},

    {WORDS_ROLE, "customer", "customer", "Kunde"},
    {WORDS_ROLE, "us", "our own voice", "eigene Stimme"},
    {WORDS_ROLE, "agency", "agency", "Agentur"},
    {WORDS_ROLE, "superuser", "super user", "Superuser"},
    {WORDS_ROLE, "employee", "employee", "Mitarbeiter"},
    {WORDS_ROLE, "press", "press", "Presse"},
    {WORDS_ROLE, "authority", "authority", "Behörde"},
    {WORDS_ROLE, "competitor", "competitor", "Wettbewerber"},
    {WORDS_ROLE, "courier", "courier", "Zusteller"},

    {WORDS_ADDRESSED, "mention", "mentions us", "nennt uns"},
    {WORDS_ADDRESSED, "own_page", "on our page", "auf unserer Seite"},
    {WORDS_ADDRESSED, "reply", "replies to us", "antwortet uns"},
    {WORDS_ADDRESSED, "none", "speaks to nobody", "spricht niemanden an"},

    {WORDS_KIND, "post", "post", "Beitrag"},
    {WORDS_KIND, "comment", "comment", "Kommentar"},
    {WORDS_KIND, "reply", "reply", "Antwort"},
    {WORDS_KIND, "article", "article", "Artikel"},
    {WORDS_KIND, "review", "review", "Bewertung"},
    {WORDS_KIND, "repost", "repost", "Weiterleitung"},

    {WORDS_URGENCY, "0", "not urgent", "nicht eilig"},
    {WORDS_URGENCY, "1", "a little urgent", "etwas eilig"},
    {WORDS_URGENCY, "2", "urgent", "eilig"},
    {WORDS_URGENCY, "3", "very urgent", "sehr eilig"},

    {WORDS_FACTOR, "weight", "weight of the rule", "Gewicht der Regel"},
    {WORDS_FACTOR, "rule", "weight of the rule", "Gewicht der Regel"},
    {WORDS_FACTOR, "need", "need", "Dringlichkeit"},
    {WORDS_FACTOR, "channel", "channel", "Kanal"},
    {WORDS_FACTOR, "tonality", "tonality", "Tonalität"},
    {WORDS_FACTOR, "urgency", "urgency", "Eile"},
    {WORDS_FACTOR, "reach", "reach", "Reichweite"},
    {WORDS_FACTOR, "followers", "reach", "Reichweite"},
    {WORDS_FACTOR, "addressed", "speaks to us", "spricht uns an"},
    {WORDS_FACTOR, "owned", "own page", "eigene Seite"},
    {WORDS_FACTOR, "role", "who writes", "wer schreibt"},
    {WORDS_FACTOR, "promise", "promise", "Versprechen"},
    {WORDS_FACTOR, "work", "effort", "Aufwand"},
    {WORDS_FACTOR, "answer", "needs an answer", "braucht Antwort"},
    {WORDS_FACTOR, "relevance", "relevance", "Relevanz"},
    {WORDS_FACTOR, "kind", "kind of post", "Art des Beitrags"},

    {WORDS_FIELD, "tonality", "tonality", "Tonalität"},
    {WORDS_FIELD, "lang", "language", "Sprache"},
    {WORDS_FIELD, "relevance", "relevance", "Relevanz"},
    {WORDS_FIELD, "urgency", "urgency", "Eile"},
};

int words_lang_of(const char *name, enum words_lang *ret)
{
	if (strcmp(name, "de") == 0)
		*ret = WORDS_DE;
	else if (strcmp(name, "en") == 0)
		*ret = WORDS_EN;
	else
		return -1;
	return 0;
}

enum words_lang words_of_locale(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return strncmp(value, "de", 2) == 0 ? WORDS_DE : WORDS_EN;
	}
	return WORDS_EN;
}

const char *word(enum words_lang lang, enum word id)
{
	return sentences[id][lang == WORDS_DE];
}

const char *words_key(enum words_group group, size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(names); k++)
		if (names[k].group == group && i-- == 0)
			return names[k].key;
	return NULL;
}

struct str words_name(struct arena *arena, enum words_lang lang, enum words_group group,
		      struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].group == group && str_is(name, names[i].key))
			return str_of(lang == WORDS_DE ? names[i].de : names[i].en);
	char *plain = arena_z(arena, name);
	for (char *c = plain; *c; c++)
		if (*c == '_')
			*c = ' ';
	return str_of(plain);
}

struct str words_fill(struct arena *arena, const char *pattern, size_t n, const struct str *parts)
{
	size_t length = strlen(pattern);
	for (size_t i = 0; i < n; i++)
		length += 2 * parts[i].n; /* a part may come twice */
	char *out = arena_alloc(arena, length + 1);
	size_t at = 0;
	for (const char *c = pattern; *c; c++) {
		if (c[0] != '$' || c[1] < '1' || c[1] > '9') {
			out[at++] = *c;
			continue;
		}
		size_t k = (size_t)(*++c - '1');
		if (k >= n || !parts[k].n)
			continue;
		must(at + parts[k].n <= length);
		memcpy(out + at, parts[k].p, parts[k].n);
		at += parts[k].n;
	}
	out[at] = '\0';
	return (struct str){out, at};
}

struct str words_number(struct arena *arena, enum words_lang lang, int64_t n)
{
	char *digits = arena_printf(arena, "%lld", (long long)n);
	char *out = arena_alloc(arena, 40); /* 19 digits, 6 separators, a sign */
	size_t len = strlen(digits), at = 0;
	for (size_t i = 0; i < len; i++) {
		size_t left = len - i;
		if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
			out[at++] = lang == WORDS_DE ? '.' : ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return (struct str){out, at};
}

struct str words_duration(struct arena *arena, enum words_lang lang, int64_t ms)
{
	uint64_t s = (ms < 0 ? (uint64_t)0 - (uint64_t)ms : (uint64_t)ms) / 1000;
	unsigned m = (unsigned)(s / 60 % 60), h = (unsigned)(s / 3600);
	char *text;
	if (s < 60)
		text = arena_printf(arena, "%u s", (unsigned)s);
	else if (s < 3600)
		text = arena_printf(arena, "%u min", m);
	else if (s < 2 * 86400)
		text = m ? arena_printf(arena, "%u h %02u", h, m) : arena_printf(arena, "%u h", h);
	else
		text = arena_printf(arena, h % 24 ? "%llu %s %u h" : "%llu %s",
				    (unsigned long long)(s / 86400), lang == WORDS_DE ? "T" : "d",
				    h % 24);
	return str_of(text);
}

struct str words_time(struct arena *arena, int64_t ms, int64_t utc_offset_ms)
{
	char text[NUM_TIME_LEN + 1];
	num_time_text(ms + utc_offset_ms, text);
	return str_of(arena_printf(arena, "%.5s", text + 11));
}

struct str words_day_time(struct arena *arena, enum words_lang lang, int64_t ms,
			  int64_t utc_offset_ms)
{
	static const char *const days[2][7] = {{"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"},
					       {"Do", "Fr", "Sa", "So", "Mo", "Di", "Mi"}};
	static const char *const months[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[NUM_TIME_LEN + 1];
	int64_t local = ms + utc_offset_ms, day = local / 86400000;
	if (local % 86400000 < 0)
		day--;
	num_time_text(local, text);
	const char *name = days[lang == WORDS_DE][(day % 7 + 7) % 7];
	int month = (text[5] - '0') * 10 + text[6] - '0';
	if (lang == WORDS_DE)
		return str_of(
		    arena_printf(arena, "%s %.2s.%.2s. %.5s", name, text + 8, text + 5, text + 11));
	if (month < 1 || month > 12)
		month = 1;
	return str_of(
	    arena_printf(arena, "%s %.2s %s %.5s", name, text + 8, months[month - 1], text + 11));
}
