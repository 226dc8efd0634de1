/*
 * robots.c: lines -> groups -> the rules that are ours; matching by leftmost segments.
 *
 * A pattern is cut at its stars; each piece is looked for from where the last one ended.  Taking the
 * leftmost place each time is right when `*` is the only wildcard, and keeps a hostile file linear:
 * bytes of rules + rules * length of the path.
 */
#include <stdlib.h>

#include "common/arena.h"
#include "common/mem.h"
#include "common/num.h"

#include "ingest/robots.h"

enum { MAX_PATTERN = 2048, MAX_PATH = 8192 };

struct rule {
	struct str pattern; /* normalised, without a final $ */
	struct str written;
	bool allow, anchored; /* anchored: had a final $ */
	size_t weight;        /* octets of the pattern: the longest decides */
	int line;
};

struct robots {
	struct arena *arena;
	struct rule *rules;
	size_t n, room;
	int64_t delay_ms;
};

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

struct str robots_token(struct str user_agent)
{
	size_t n = 0;
	while (n < user_agent.n && !strchr(" \t/();,", user_agent.p[n]))
		n++;
	return str_sub(user_agent, 0, n);
}

static bool same_name(struct str a, struct str b)
{
	return a.n > 0 && a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static struct str letters_of(struct str token)
{
	size_t n = 0;
	while (n < token.n && letter(token.p[n]))
		n++;
	return str_sub(token, 0, n);
}

/* RFC 9309 lets names consist of letters, - and _ and reads no further.  Names with digits or in other
 * scripts exist all the same: whole they match too. */
static bool names_us(struct str token, struct str agent)
{
	return same_name(token, agent) || same_name(letters_of(token), agent) ||
	       same_name(token, letters_of(agent));
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

/* One spelling for both sides: unreserved bytes plain, escapes in capitals, bytes that no URL may hold
 * escaped.  In a path `*` and `$` are escaped too, so that in a pattern %2A means a star and * means
 * anything. */
static size_t normalise(struct str in, bool path, char *out, size_t room)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;
	for (size_t i = 0; i < in.n && n + 3 <= room; i++) {
		unsigned char c = (unsigned char)in.p[i];
		bool escaped = false;
		if (c == '%' && i + 2 < in.n && hex(in.p[i + 1]) >= 0 && hex(in.p[i + 2]) >= 0) {
			c = (unsigned char)(hex(in.p[i + 1]) * 16 + hex(in.p[i + 2]));
			escaped = true;
			i += 2;
		}
		bool plain =
		    unreserved(c) || (!escaped && c > ' ' && c < 0x7f && !strchr("<>\"{}|^`", c) &&
				      !(strchr("*$", c) && (path || c == '$')));
		if (plain) {
			out[n++] = (char)c;
		} else {
			out[n++] = '%';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
		}
	}
	return n;
}

static void rule_add(struct robots *robots, struct str value, bool allow, int line)
{
	char out[MAX_PATTERN];
	struct rule rule = {.allow = allow, .line = line};
	if (value.n == 0)
		return; /* "Disallow:" forbids nothing */
	rule.written = arena_str(robots->arena, str_sub(value, 0, MAX_PATTERN));
	rule.weight = value.n;
	if (value.p[value.n - 1] == '$') {
		rule.anchored = true;
		value = str_sub(value, 0, value.n - 1);
	}
	size_t n = normalise(value, false, out, sizeof out);
	if (n + 3 > sizeof out)
		rule.anchored = false; /* cut: a prefix of what was meant */
	rule.pattern = arena_str(robots->arena, (struct str){out, n});
	if (robots->n == robots->room) {
		robots->room = robots->room ? robots->room * 2 : 16;
		robots->rules = xrealloc(robots->rules, robots->room * sizeof rule);
	}
	robots->rules[robots->n++] = rule;
}

static void delay_set(struct robots *robots, struct str value)
{
	double seconds;
	if (num_double(value, 0, 1e9, &seconds) == 0 && robots->delay_ms < 0)
		robots->delay_ms = (int64_t)(seconds * 1000);
}

/* One pass over the lines for groups that name `agent`; true if there was one. */
static bool collect(struct robots *robots, struct str bytes, struct str agent)
{
	bool in_agents = false; /* the last group line was a User-agent */
	bool ours = false, any = false;
	int line = 0;
	size_t at = 0;
	while (at < bytes.n) {
		size_t end = at;
		while (end < bytes.n && bytes.p[end] != '\n' && bytes.p[end] != '\r')
			end++;
		struct str text = str_sub(bytes, at, end);
		at =
		    end +
		    (end + 1 < bytes.n && bytes.p[end] == '\r' && bytes.p[end + 1] == '\n' ? 2 : 1);
		line++;
		text = str_sub(text, 0, str_find(text, '#', 0));
		size_t colon = str_find(text, ':', 0);
		if (colon == text.n)
			continue;
		struct str key = str_trim(str_sub(text, 0, colon));
		struct str value = str_trim(str_sub(text, colon + 1, text.n));
		if (str_ieq(key, "user-agent") || str_ieq(key, "useragent")) {
			if (!in_agents)
				ours = false;
			in_agents = true;
			bool star = value.n && value.p[0] == '*' &&
				    (value.n == 1 || value.p[1] == ' ' || value.p[1] == '\t');
			struct str token = star ? STR("") : robots_token(value);
			if (str_is(agent, "*") ? star : names_us(token, agent))
				ours = any = true;
		} else if (str_ieq(key, "allow") || str_ieq(key, "disallow")) {
			in_agents = false;
			if (ours)
				rule_add(robots, value, str_ieq(key, "allow"), line);
		} else if (str_ieq(key, "crawl-delay") && ours) {
			delay_set(robots,
				  value); /* like every other line it does not end a group */
		}
	}
	return any;
}

struct robots *robots_parse(struct str bytes, struct str agent)
{
	struct robots *robots = xcalloc(1, sizeof *robots);
	robots->arena = arena_create(16 * MiB);
	robots->delay_ms = -1;
	if (bytes.n > ROBOTS_MAX_BYTES) {
		/* half a line could forbid far more than the whole one */
		bytes.n = ROBOTS_MAX_BYTES;
		while (bytes.n && bytes.p[bytes.n - 1] != '\n')
			bytes.n--;
	}
	if (str_starts(bytes, "\xef\xbb\xbf"))
		bytes = str_sub(bytes, 3, bytes.n);
	if (!collect(robots, bytes, agent))
		(void)collect(robots, bytes, STR("*")); /* none for us, perhaps none at all */
	return robots;
}

void robots_free(struct robots *robots)
{
	if (!robots)
		return;
	arena_free(robots->arena);
	free(robots->rules);
	free(robots);
}

static bool matches(const struct rule *rule, struct str path)
{
	struct str rest = rule->pattern;
	size_t at = 0;
	bool first = true;
	for (;;) {
		size_t star = str_find(rest, '*', 0);
		bool last = star == rest.n;
		struct str piece = str_sub(rest, 0, star);
		if (first) {
			if (path.n < piece.n || memcmp(path.p, piece.p, piece.n) != 0)
				return false;
			at = piece.n;
			if (last)
				return !rule->anchored || at == path.n;
		} else if (last && rule->anchored) {
			return path.n - at >= piece.n &&
			       memcmp(path.p + path.n - piece.n, piece.p, piece.n) == 0;
		} else {
			struct str ahead = str_sub(path, at, path.n);
			size_t found = str_find_str(ahead, piece);
			if (found == ahead.n && piece.n > 0)
				return false;
			at += piece.n ? found + piece.n : 0;
			if (last)
				return true;
		}
		rest = str_sub(rest, star + 1, rest.n);
		first = false;
	}
}

/* Path and query; "/" where there is none. */
static struct str path_of(struct str url)
{
	url = str_sub(url, 0, str_find(url, '#', 0));
	size_t scheme = str_find_str(url, STR("://"));
	size_t question = str_find(url, '?', 0);
	if (scheme < url.n && scheme < question && url.p[0] != '/') {
		size_t from = scheme + 3;
		while (from < url.n && url.p[from] != '/' && url.p[from] != '?')
			from++;
		url = str_sub(url, from, url.n);
	}
	return url;
}

struct robots_decision robots_decide(const struct robots *robots, struct str url)
{
	char out[MAX_PATH];
	struct robots_decision ret = {.allowed = true, .why = "no rule of robots.txt speaks of it"};
	struct str path = path_of(url);
	size_t n = 0;
	if (path.n == 0 || path.p[0] != '/')
		out[n++] = '/';
	n += normalise(path, true, out + n, sizeof out - n);
	path = (struct str){out, n};
	if (str_is(path, "/robots.txt")) {
		ret.why = "robots.txt itself is always allowed";
		return ret;
	}
	const struct rule *best = NULL;
	for (size_t i = 0; i < robots->n; i++) {
		const struct rule *rule = &robots->rules[i];
		if (best && (rule->weight < best->weight ||
			     (rule->weight == best->weight && (best->allow || !rule->allow))))
			continue;
		if (matches(rule, path))
			best = rule;
	}
	if (best) {
		ret = (struct robots_decision){best->allow, best->line, best->written,
					       best->allow
						   ? "the longest rule that matches allows it"
						   : "the longest rule that matches forbids it"};
	}
	return ret;
}

int64_t robots_delay_ms(const struct robots *robots)
{
	return robots->delay_ms;
}

size_t robots_bytes(const struct robots *robots)
{
	/* two texts per rule, each rounded up */
	return sizeof *robots + robots->room * sizeof *robots->rules + arena_used(robots->arena) +
	       robots->n * 2 * 16;
}
