/*
 * tokens ROUNDS < posts.jsonl: cutting and folding the words of posts, by the fast path, by the reference
 * path, and utf8proc's folding alone.
 *
 * The fast path does more than the last row: words with their places, sentences and signs, and ae oe ue ss
 * for the umlauts; utf8proc composes and folds the text as a whole and cuts nothing.  All run over the same
 * texts in turn, ROUNDS times after one to warm up; the fastest round of each counts, as another process can
 * only slow one down.  A row each, the time as a multiple of the first:
 *
 *   | NAME | posts/s per core | ns per post | ratio |
 */
#include <stdio.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/text/token.h"

static struct str *texts;
static size_t n_texts, n_bytes;
static struct arena *arena;

static void read_texts(struct arena *kept)
{
	char *line = NULL;
	size_t room = 0, most = 0;
	ssize_t n;
	while ((n = getline(&line, &room, stdin)) > 1) {
		struct post post;
		struct error err;
		arena_reset(arena);
		must(post_parse((struct str){line, (size_t)n}, arena, &post, &err) == 0);
		if (n_texts == most) {
			most = most ? 2 * most : 1024;
			texts = xrealloc(texts, most * sizeof *texts);
		}
		texts[n_texts++] = arena_str(kept, post.text);
		n_bytes += post.text.n;
	}
	free(line);
}

static size_t fast(void)
{
	size_t words = 0;
	for (size_t i = 0; i < n_texts; i++) {
		struct tokens t;
		arena_reset(arena);
		tokens_cut(&t, texts[i], NULL, 0, arena);
		words += t.n;
	}
	return words;
}

static size_t reference(void)
{
	size_t words = 0;
	for (size_t i = 0; i < n_texts; i++) {
		struct tokens t;
		arena_reset(arena);
		tokens_cut_reference(&t, texts[i], NULL, 0, arena);
		words += t.n;
	}
	return words;
}

static size_t utf8proc(void)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n_texts; i++) {
		utf8proc_uint8_t *folded;
		utf8proc_ssize_t n = utf8proc_map(
		    (const utf8proc_uint8_t *)texts[i].p, (utf8proc_ssize_t)texts[i].n, &folded,
		    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
		must(n >= 0);
		bytes += (size_t)n;
		free(folded);
	}
	return bytes;
}

static const struct {
	const char *name;
	size_t (*run)(void); /* words or bytes: the same in every round */
} ways[] = {{"words cut and folded, Latin by the fast path", fast},
	    {"the same, every word through utf8proc", reference},
	    {"utf8proc: NFKC and case folding of the text, nothing cut", utf8proc}};

static double seconds(void)
{
	return (double)clock_cpu_ns() / 1e9;
}

int main(int argc, char **argv)
{
	double best[ARRAY_LEN(ways)] = {0};
	size_t done[ARRAY_LEN(ways)] = {0};
	int64_t rounds;
	if (argc != 2 || num_int(str_of(argv[1]), 1, 1000, &rounds))
		return 64;
	struct arena *kept = arena_create(SIZE_MAX / 4);
	arena = arena_create(512 * MiB);
	read_texts(kept);
	must(n_texts);
	for (int64_t i = 0; i <= rounds; i++) { /* the first warms up */
		for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
			double from = seconds();
			size_t now = ways[way].run();
			double took = seconds() - from;
			must(i == 0 || now == done[way]);
			done[way] = now;
			if (i == 1 || (i > 1 && took < best[way]))
				best[way] = took;
		}
	}
	must(done[0] == done[1]);
	for (size_t way = 0; way < ARRAY_LEN(ways); way++)
		printf("| %s | %.0f | %.0f | %.1f |\n", ways[way].name, (double)n_texts / best[way],
		       best[way] / (double)n_texts * 1e9, best[way] / best[0]);
	fprintf(stderr, "tokens: %zu texts of %zu bytes, %zu words each\n", n_texts,
		n_bytes / n_texts, done[0] / n_texts);
	arena_free(arena);
	arena_free(kept);
	free(texts);
	return 0;
}
