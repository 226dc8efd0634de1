/*
 * queries ROUNDS [N...] < posts.jsonl
 * queries ROUNDS --print N < posts.jsonl      prints them as a query set
 *
 * N queries (10000 and 100000) on each post, beside vectorscan, which looks
 * for their bare literals alone.
 *
 * Queries are drawn from the posts' own words with a fixed seed: half with proximity, a quarter with wildcards or
 * parts, a tenth with stems, a fifth with conditions on fields; 2.4 terms each; every second clause may be a
 * common word.  Posts are parsed and cut before: cutting is shared with the classifier.  "with cutting" adds
 * it; "all words new" is the first time, before it is remembered what spellings are.  Medians of ROUNDS.
 *
 *   | NAME | posts/s per core | us per post | compile, ms | MiB |
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#ifdef HAVE_HS
#include <hs/hs.h>
#endif

#include "common/clock.h"
#include "common/hash.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/query/query.h"

#include "analyze/exact.h"

enum { POSTS_MOST = 20000, WORDS_MOST = 400000 };

static struct one {
	struct post post;
	struct tokens title, text;
} posts[POSTS_MOST];
static size_t n_posts, n_bytes;

static struct word {
	struct str text;
	uint32_t n;
} * words;
static size_t n_words;
static struct str *literals; /* of the set in hand */
static size_t n_literals;

static double seconds(void)
{
	return (double)clock_cpu_ns() / 1e9;
}

static long rss_kib(void)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (f)
		(void)fclose(f); /* only read */
	return kib;
}

static int by_count(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : str_cmp(x->text, y->text);
}

static void count_words(struct arena *kept)
{
	size_t mask = 2 * WORDS_MOST - 1;
	while (mask & (mask + 1))
		mask |= mask >> 1;
	uint32_t *slots = xcalloc(mask + 1, sizeof *slots);
	words = xcalloc(WORDS_MOST, sizeof *words);
	for (size_t p = 0; p < n_posts; p++) {
		for (size_t i = 0; i < posts[p].text.n; i++) {
			const struct token *t = &posts[p].text.at[i];
			if (t->kind != TOKEN_WORD || t->folded.n < 3)
				continue;
			size_t at = t->hash & mask;
			while (slots[at] && !str_eq(words[slots[at] - 1].text, t->folded))
				at = (at + 1) & mask;
			if (!slots[at]) {
				if (n_words == WORDS_MOST)
					continue;
				words[n_words].text = arena_str(kept, t->folded);
				slots[at] = (uint32_t)++n_words;
			}
			words[slots[at] - 1].n++;
		}
	}
	free(slots);
	qsort(words, n_words, sizeof *words, by_count);
}

static void read_posts(struct arena *kept)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	while (n_posts < POSTS_MOST && (n = getline(&line, &room, stdin)) > 1) {
		struct one *one = &posts[n_posts++];
		struct error err;
		struct str json = arena_str(kept, (struct str){line, (size_t)n - 1});
		must(post_parse(json, kept, &one->post, &err) == 0);
		tokens_cut(&one->title, one->post.title, NULL, 0, kept);
		tokens_cut(&one->text, one->post.text, NULL, 0, kept);
		n_bytes += one->post.text.n;
	}
	free(line);
	count_words(kept);
}

/* ---- queries --------------------------------------------------------------------------------- */

static uint64_t state;

static const char *term(struct arena *arena, bool common)
{
	size_t from = common ? 0 : 300, to = common ? 500 : n_words;
	struct str s = words[from + exact_random(&state) % (to - from)].text;
	literals[n_literals++] = s;
	return arena_printf(arena, "%.*s", STR_ARG(s));
}

/* Of the k-th of every twenty: its shape. */
static const char *query(size_t i, struct arena *a)
{
	static const char *const fields[] = {"lang:de", "channel:review", "followers:>1000",
					     "NOT owned:yes"};
	const char *q;
	bool common = i / 20 % 2;
	size_t k = i % 20;
	if (k < 5)
		q = arena_printf(a, "(%s OR %s) NEAR/5 %s", term(a, false), term(a, false),
				 term(a, common));
	else if (k < 8)
		q = arena_printf(a, "%s ONEAR/3 %s", term(a, false), term(a, common));
	else if (k < 10)
		q = arena_printf(a, "\"%s %s\" SENTENCE %s", term(a, true), term(a, false),
				 term(a, common));
	else if (k < 12) {
		const char *word = term(a, false);
		q = arena_printf(a, "%.*s* AND %s", (int)utf8_cut(str_of(word), 5).n, word,
				 term(a, common));
	} else if (k < 14)
		q = arena_printf(a, "part:%s AND %s", term(a, false), term(a, common));
	else if (k < 15)
		q = arena_printf(a, "*%s OR %s", term(a, false), term(a, false));
	else if (k < 17)
		q = arena_printf(a, "stem:%s AND %s", term(a, false), term(a, common));
	else
		q = arena_printf(a, "(%s OR %s) AND %s NOT %s", term(a, false), term(a, false),
				 term(a, common), term(a, false));
	return i % 5 ? q : arena_printf(a, "(%s) AND %s", q, fields[i / 5 % ARRAY_LEN(fields)]);
}

/* The same n queries each time, in the arena, and their literals. */
static const char **draw(size_t n, struct arena *arena)
{
	const char **texts = arena_alloc(arena, n * sizeof *texts);
	state = 1;
	n_literals = 0;
	literals = xrealloc(literals, 8 * n * sizeof *literals);
	for (size_t i = 0; i < n; i++)
		texts[i] = query(i, arena);
	return texts;
}

static struct query_set *make(size_t n, double *ret_ms)
{
	struct arena *arena = arena_create(SIZE_MAX / 4);
	struct error err;
	const char **texts = draw(n, arena);
	double from = seconds();
	struct query_set *set = query_set_create();
	for (size_t i = 0; i < n; i++) {
		char name[24];
		(void)snprintf(name, sizeof name, "q%zu", i);
		if (query_set_add(set, name, str_of(texts[i]), NULL, &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			exit(70);
		}
	}
	query_set_compile(set);
	*ret_ms = (seconds() - from) * 1e3;
	arena_free(arena);
	return set;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *at, size_t n)
{
	qsort(at, n, sizeof *at, by_value);
	return at[n / 2];
}

static uint64_t match_all(struct query_matcher *matcher, struct arena *arena, bool cut)
{
	uint64_t matches = 0;
	for (size_t i = 0; i < n_posts; i++) {
		struct one *one = &posts[i];
		struct tokens title = one->title, text = one->text;
		struct query_match *found;
		arena_reset(arena);
		if (cut) {
			tokens_cut(&title, one->post.title, NULL, 0, arena);
			tokens_cut(&text, one->post.text, NULL, 0, arena);
		}
		struct query_post p = {
		    .post = &one->post, .title = &title, .text = &text, .lang = one->post.lang};
		matches += query_match(matcher, &p, arena, &found);
	}
	return matches;
}

static void row(const char *name, size_t n, double took, double ms, double mib)
{
	printf("| %zu %s | %.0f | %.2f | %.0f | %.1f |\n", n, name, (double)n_posts / took,
	       took / (double)n_posts * 1e6, ms, mib);
}

#ifdef HAVE_HS
static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *arg)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(uint64_t *)arg;
	return 0;
}

static hs_database_t *hs_make(double *ret_ms, double *ret_mib)
{
	const char **at = xcalloc(n_literals, sizeof *at);
	size_t *lengths = xcalloc(n_literals, sizeof *lengths), bytes = 0;
	unsigned *flags = xcalloc(n_literals, sizeof *flags),
		 *ids = xcalloc(n_literals, sizeof *ids);
	hs_database_t *db = NULL;
	hs_compile_error_t *error;
	for (size_t i = 0; i < n_literals; i++) {
		at[i] = literals[i].p;
		lengths[i] = literals[i].n;
		flags[i] = HS_FLAG_CASELESS;
		ids[i] = (unsigned)i;
	}
	double from = seconds();
	must(hs_compile_lit_multi(at, flags, ids, lengths, (unsigned)n_literals, HS_MODE_BLOCK,
				  NULL, &db, &error) == HS_SUCCESS);
	*ret_ms = (seconds() - from) * 1e3;
	must(hs_database_size(db, &bytes) == HS_SUCCESS);
	*ret_mib = (double)bytes / MiB;
	free(at);
	free(lengths);
	free(flags);
	free(ids);
	return db;
}

static uint64_t hs_all(const hs_database_t *db, hs_scratch_t *scratch)
{
	uint64_t hits = 0;
	for (size_t i = 0; i < n_posts; i++)
		(void)hs_scan(db, posts[i].post.text.p, (unsigned)posts[i].post.text.n, 0, scratch,
			      on_match, &hits);
	return hits;
}
#endif

static void measure(size_t n, size_t rounds)
{
	double ms, *plain = xcalloc(rounds, sizeof *plain), *cut = xcalloc(rounds, sizeof *cut);
	long before = rss_kib();
	struct query_set *set = make(n, &ms);
	struct query_matcher *matcher = query_matcher_create(set);
	struct arena *arena = arena_create(64 * MiB);
	double began = seconds();
	uint64_t matches = match_all(matcher, arena, false); /* warms up */
	double first = seconds() - began;
	double mib = (double)(rss_kib() - before) / 1024;
	uint64_t looked = query_looked_at(matcher);
#ifdef HAVE_HS
	double hs_ms, hs_mib, *hs = xcalloc(rounds, sizeof *hs);
	hs_database_t *db = hs_make(&hs_ms, &hs_mib);
	hs_scratch_t *scratch = NULL;
	must(hs_alloc_scratch(db, &scratch) == HS_SUCCESS);
	uint64_t hits = hs_all(db, scratch);
#endif
	for (size_t i = 0; i < rounds; i++) { /* by turns */
		double from = seconds();
		must(match_all(matcher, arena, false) == matches);
		plain[i] = seconds() - from;
		from = seconds();
		must(match_all(matcher, arena, true) == matches);
		cut[i] = seconds() - from;
#ifdef HAVE_HS
		from = seconds();
		must(hs_all(db, scratch) == hits);
		hs[i] = seconds() - from;
#endif
	}
	row("queries", n, median(plain, rounds), ms, mib);
	row("queries, all words new", n, first, ms, mib);
	row("queries, with cutting words", n, median(cut, rounds), ms, mib);
#ifdef HAVE_HS
	row("queries' literals in vectorscan", n, median(hs, rounds), hs_ms, hs_mib);
	hs_free_scratch(scratch);
	hs_free_database(db);
	free(hs);
#else
	printf("| vectorscan | skipped: the package libvectorscan-dev is not installed | | | |\n");
#endif
	fprintf(stderr,
		"queries: %zu queries, %zu terms; a post has %.1f looked at and %.2f that match\n",
		n, n_literals, (double)looked / (double)n_posts, (double)matches / (double)n_posts);
	query_matcher_free(matcher);
	query_set_free(set);
	arena_free(arena);
	free(plain);
	free(cut);
}

/* As a set. */
static void print(size_t n)
{
	struct arena *arena = arena_create(SIZE_MAX / 4);
	const char **texts = draw(n, arena);
	for (size_t i = 0; i < n; i++)
		printf("- name: q%zu\n  query: |-\n    %s\n", i, texts[i]);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	int64_t rounds, n;
	struct arena *kept = arena_create(SIZE_MAX / 4);
	if (argc < 2 || num_int(str_of(argv[1]), 1, 1000, &rounds))
		return 64;
	read_posts(kept);
	must(n_posts && n_words > 1000);
	if (argc == 4 && strcmp(argv[2], "--print") == 0 &&
	    num_int(str_of(argv[3]), 1, 1000000, &n) == 0) {
		print((size_t)n);
		argc = 0;
	}
	fprintf(stderr, "queries: %zu posts of %zu bytes, %zu different words\n", n_posts,
		n_bytes / n_posts, n_words);
	if (argc == 2) {
		measure(10000, (size_t)rounds);
		measure(100000, (size_t)rounds);
	}
	for (int i = 2; i < argc; i++) {
		if (num_int(str_of(argv[i]), 1, 1000000, &n))
			return 64;
		measure((size_t)n, (size_t)rounds);
	}
	free(words);
	free(literals);
	arena_free(kept);
	return 0;
}
