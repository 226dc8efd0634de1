/*
 * Feeds of any bytes: parsed, turned into posts, written and read again.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ... tests/fuzz/fuzz_feed.c ...
 * Without: a main that runs each file named, and broken variations of it (a seed for the random numbers may
 * be set with FUZZ_SEED, their number with FUZZ_ROUNDS).
 * The first byte chooses the headers; the rest is the body.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "ingest/formats/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_item(const struct feed_item *item)
{
	must(utf8_valid(item->title) && utf8_valid(item->text) && utf8_valid(item->id));
	must(utf8_valid(item->link) && utf8_valid(item->author.name));
	must(item->native.p && item->root.p);
	must(item->title.n <= FEED_MAX_TITLE && item->link.n <= FEED_MAX_URL);
	size_t end = 0;
	for (size_t i = 0; i < item->n_quotes; i++) {
		must(item->quotes[i].start >= end && item->quotes[i].end > item->quotes[i].start);
		end = item->quotes[i].end;
	}
	must(end <= item->text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {"",
					    "text/xml",
					    "text/xml; charset=iso-8859-1",
					    "application/json",
					    "text/xml; charset=utf-16",
					    "application/xml; charset=gb2312"};
	if (size == 0)
		return 0;
	struct arena *arena = arena_create(FEED_ARENA_BYTES), *again = arena_create(16 * MiB);
	struct feed_input in = {.bytes = {(const char *)data + 1, size - 1},
				.content_type = str_of(types[data[0] % ARRAY_LEN(types)]),
				.content_location = STR(""),
				.url = STR("http://example.org/blog/feed.xml")};
	struct feed_facts facts = {.source = STR("fuzz"),
				   .url = in.url,
				   .channel = data[0] & 64 ? STR("forum") : STR("blog"),
				   .fetched_at = INT64_C(1800000000000)};
	struct feed feed;
	struct error err;
	struct buf line;
	buf_init(&line, 2 * POST_MAX_BYTES);
	if (feed_parse(&in, arena, &feed, &err) == 0) {
		must(feed.status <= FEED_MALFORMED || feed.n_items == 0);
		for (size_t i = 0; i < feed.n_items && i < 200; i++) {
			struct post post, read;
			check_item(&feed.items[i]);
			feed_to_post(&feed, i, &facts, arena, &post);
			buf_reset(&line);
			must(post_write(&line, &post) == 0);
			must(line.n <= POST_MAX_BYTES);
			arena_reset(again);
			if (post_parse(buf_view(&line), again, &read, &err)) {
				(void)fprintf(stderr, "%s\n%s\n", err.text, line.p);
				abort();
			}
			must(str_eq(read.id, post.id) && str_eq(read.text, post.text));
		}
	}
	buf_done(&line);
	arena_free(again);
	arena_free(arena);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

static uint64_t random_next(uint64_t *state) /* splitmix64 */
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Cut, flip, insert, double: a few of them at once. */
static size_t vary(uint8_t *bytes, size_t n, size_t room, uint64_t *state)
{
	static const char *const words[] = {
	    "<",    ">",    "&",         "]]>",          "<![CDATA[", "<!--", "\"",
	    "'",    "</",   "<item>",    "</item>",      "<entry>",   "&#0;", "&#x110000;",
	    "\xff", "\xc3", "xmlns:a='", "<blockquote>", "{",         "[",    "\\u0000"};
	for (uint64_t k = random_next(state) % 6 + 1; k > 0 && n > 1; k--) {
		size_t at = 1 + random_next(state) % (n - 1), len;
		const char *word = words[random_next(state) % ARRAY_LEN(words)];
		switch (random_next(state) % 4) {
		case 0: bytes[at] = (uint8_t)random_next(state); break;
		case 1: /* a piece goes */
			len = random_next(state) % (n - at < 200 ? n - at : 200);
			memmove(bytes + at, bytes + at + len, n - at - len);
			n -= len;
			break;
		case 2: /* a word comes */
			len = strlen(word);
			if (n + len > room)
				break;
			memmove(bytes + at + len, bytes + at, n - at);
			memcpy(bytes + at, word, len);
			n += len;
			break;
		default: n = random_next(state) % 8 == 0 ? at : n;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("FUZZ_SEED"), *rounds = getenv("FUZZ_ROUNDS");
	uint64_t state = seed ? strtoull(seed, NULL, 10) : 1;
	long n_rounds = rounds ? strtol(rounds, NULL, 10) : 200;
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			(void)fprintf(stderr, "could not read \"%s\"\n", argv[i]);
			return 66;
		}
		size_t room = FEED_MAX_BYTES + 4096;
		uint8_t *bytes = xmalloc(room), *copy = xmalloc(room);
		bytes[0] = 0;
		size_t n = 1 + fread(bytes + 1, 1, FEED_MAX_BYTES, f);
		(void)fclose(f); /* only read */
		(void)LLVMFuzzerTestOneInput(bytes, n);
		for (long k = 0; k < n_rounds; k++) {
			memcpy(copy, bytes, n);
			copy[0] = (uint8_t)random_next(&state);
			(void)LLVMFuzzerTestOneInput(copy, vary(copy, n, room, &state));
		}
		free(bytes);
		free(copy);
	}
	(void)printf("%d files, %ld variations each, seed %s\n", argc - 1, n_rounds,
		     seed ? seed : "1");
	return 0;
}

#endif
