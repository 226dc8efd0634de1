/*
 * fuzz_robots.c: hostile robots.txt: no crash, and the rule that is named really matches.
 *
 *   build/fuzz/fuzz_robots FILE...            each file as it is, then mutated (FUZZ_ROUNDS, default 200)
 *   clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ...   the same under libFuzzer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "ingest/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A second opinion: the plainest matcher there is, a table of states. */
static bool matches(struct str pattern, struct str path)
{
	bool anchored = pattern.n && pattern.p[pattern.n - 1] == '$';
	if (anchored)
		pattern.n--;
	bool *at = xcalloc(path.n + 1, sizeof *at), *next = xcalloc(path.n + 1, sizeof *next);
	at[0] = true;
	for (size_t i = 0; i < pattern.n; i++) {
		memset(next, 0, path.n + 1);
		for (size_t k = 0; k <= path.n; k++) {
			if (pattern.p[i] == '*')
				next[k] = at[k] || (k > 0 && next[k - 1]);
			else
				next[k] = k > 0 && at[k - 1] && path.p[k - 1] == pattern.p[i];
		}
		bool *old = at;
		at = next;
		next = old;
	}
	bool any = false;
	for (size_t k = 0; k <= path.n; k++)
		any |= at[k] && (!anchored || k == path.n);
	free(at);
	free(next);
	return any;
}

/* Only patterns that mean their own bytes can be compared without normalising. */
static bool plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool fine = (s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '/' || s.p[i] == '*' ||
			    (s.p[i] == '$' && i == s.n - 1);
		if (!fine)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const paths[] = {"/",          "/a",          "/aa/b",
					    "/private/x", "/abcabcabc/", "/robots.txt"};
	struct str text = {(const char *)data, n};
	struct robots *robots = robots_parse(text, STR("posthorn"));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct robots_decision d = robots_decide(robots, str_of(paths[i]));
		must(d.allowed || d.line > 0);
		must(i < 5 || d.allowed);
		if (d.line && plain(d.rule) && d.rule.n < 2000)
			must(matches(d.rule, str_of(paths[i])));
	}
	/* the text as a path, too */
	(void)robots_decide(robots, text); /* must only come back */
	must(robots_delay_ms(robots) >= -1);
	robots_free(robots);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER
static uint64_t seed = 20261122;

static size_t dice(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (size_t)(seed >> 33) % n : 0;
}

/* One change: a byte, a piece away, a piece twice, a token of the grammar in. */
static size_t mutate(uint8_t *p, size_t n, size_t room)
{
	static const char *const tokens[] = {"*",
					     "$",
					     "%2A",
					     "%",
					     "\r",
					     "\n",
					     "\xef\xbb\xbf",
					     ":",
					     "#",
					     "\nUser-agent: posthorn\n",
					     "\nDisallow: /*",
					     "\nAllow: "};
	size_t at = dice(n + 1), len = dice(n - at + 1);
	const char *token = tokens[dice(ARRAY_LEN(tokens))];
	switch (dice(4)) {
	case 0:
		if (at < n)
			p[at] = (uint8_t)dice(256);
		return n;
	case 1: memmove(p + at, p + at + len, n - at - len); return n - len;
	case 2:
		if (n + len > room)
			return n;
		memmove(p + at + len, p + at, n - at);
		return n + len;
	default:
		len = strlen(token);
		if (n + len > room)
			return n;
		memmove(p + at + len, p + at, n - at);
		memcpy(p + at, token, len);
		return n + len;
	}
}

int main(int argc, char **argv)
{
	enum { ROOM = 1 << 20 };
	uint8_t *bytes = xmalloc(ROOM);
	long rounds = getenv("FUZZ_ROUNDS") ? atol(getenv("FUZZ_ROUNDS")) : 200;
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			fprintf(stderr, "could not read \"%s\": %m\n", argv[i]);
			free(bytes);
			return 1;
		}
		size_t n = fread(bytes, 1, ROOM, f);
		(void)fclose(f); /* only read */
		(void)LLVMFuzzerTestOneInput(bytes, n);
		for (long k = 0; k < rounds; k++) {
			n = mutate(bytes, n, ROOM);
			/* exactly as large as it is, so that a sanitizer sees the end */
			uint8_t *copy = xmalloc(n ? n : 1);
			memcpy(copy, bytes, n);
			(void)LLVMFuzzerTestOneInput(copy, n);
			free(copy);
		}
	}
	printf("%d files, %ld mutations each\n", argc - 1, rounds);
	free(bytes);
	return 0;
}
#endif
