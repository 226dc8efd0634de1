/*
 * Any bytes to our reader of JSON and to jansson's: the same is accepted, and what is accepted is the
 * same.  Where a key comes twice ours may refuse (a known one) what jansson takes.  jansson overlooks a
 * NUL byte behind a number or a word, ours does not.
 *
 *   build/fuzz/fuzz_json FILE...          each file, each line of it, FUZZ_ROUNDS variations of a line
 *   clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ...   the same under libFuzzer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_in.h"
#include "common/mem.h"

#include "tests/support/post_oracle.h"
#include "tests/support/vary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena *ours, *theirs;
static struct buf a, b;

static void same_bytes(const char *what)
{
	if (!str_eq(buf_view(&a), buf_view(&b))) {
		fprintf(stderr, "%s differs:\n%s\n%s\n", what, a.p, b.p);
		abort();
	}
}

static void same_post(const struct post *x, const struct post *y)
{
	buf_reset(&a);
	buf_reset(&b);
	must(post_write(&a, x) == 0 && post_write(&b, y) == 0);
	same_bytes("the post");
	must(x->quotes == NULL || x->n_quotes);
}

static void same_analysis(const struct analysis *x, const struct analysis *y)
{
	buf_reset(&a);
	buf_reset(&b);
	must(analysis_write(&a, x) == 0 && analysis_write(&b, y) == 0);
	same_bytes("the analysis");
}

/* A post that both take: the analysis goes in at the same place, in both ways. */
static void same_join(struct str json, const struct post_seam *seam)
{
	buf_reset(&a);
	buf_reset(&b);
	must(scored_join(&a, json, STR("null")) == 0);
	must(oracle_join(&b, json, STR("null")) == 0);
	same_bytes("the scored post");
	buf_reset(&b);
	must(scored_write(&b, json, seam, NULL) == 0);
	same_bytes("the scored post by its seam");
}

static void one(struct str json)
{
	struct post post, oracle;
	struct analysis analysis, oracle_analysis;
	struct post_seam seam;
	struct json_in in;
	struct error err;
	bool has = false, oracle_has = false;
	bool nul = json.n && memchr(json.p, '\0', json.n);

	arena_reset(ours);
	json_in_init(&in, json, ours);
	bool is = json_in_skip(&in) == 0 && json_in_end(&in) == 0;
	must(is || in.reason);
	must(json.n > 4 * POST_MAX_BYTES || is == oracle_is_json(json) || (nul && !is));

	arena_reset(ours);
	arena_reset(theirs);
	if (scored_parse(json, ours, &post, &analysis, &has, &err) == 0) {
		must(oracle_parse(json, false, theirs, &oracle, &oracle_analysis, &oracle_has,
				  &err) == 0);
		must(has == oracle_has);
		same_post(&post, &oracle);
		if (has)
			same_analysis(&analysis, &oracle_analysis);
	} else if (!nul) {
		must(oracle_parse(json, true, theirs, &oracle, &oracle_analysis, &oracle_has,
				  &err) != 0);
	}
	arena_reset(ours);
	arena_reset(theirs);
	if (post_parse_seam(json, ours, &post, &seam, &err) == 0) {
		must(oracle_parse_post(json, false, theirs, &oracle, &err) == 0);
		same_post(&post, &oracle);
		same_join(json, &seam);
	} else if (!nul) {
		must(oracle_parse_post(json, true, theirs, &oracle, &err) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!ours) {
		ours = arena_create(64 * MiB);
		theirs = arena_create(64 * MiB);
		buf_init(&a, 16 * MiB);
		buf_init(&b, 16 * MiB);
	}
	/* of its own size, so that a read behind the end is seen */
	char *copy = xmalloc(size ? size : 1);
	if (size)
		memcpy(copy, data, size);
	one((struct str){copy, size});
	free(copy);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

static size_t vary(uint8_t *bytes, size_t n, size_t room, uint64_t *state)
{
	static const char *const pieces[] = {"\"",
					     "\\u0000",
					     "\\ud83d\\ude21",
					     "\\ud83d",
					     "{",
					     "}",
					     "[",
					     "]",
					     ",",
					     ":",
					     "\\",
					     "\\n",
					     "null",
					     "true",
					     "-",
					     "0",
					     "1.5e400",
					     "12345678901234567890",
					     "0.00005",
					     "-0.12345",
					     "1e",
					     "\xff",
					     "\xed\xa0",
					     "\xf0\x9f\x98\xa1",
					     "\xc3\xbc",
					     "\t",
					     " ",
					     "\n",
					     "\x01",
					     "\"v\":1,",
					     "\"id\":",
					     "\"\\u0069d\":",
					     "\"text\":\"x\",",
					     "\"quotes\":[[0,1]],",
					     "\"analysis\":",
					     "\"an\\u0061lysis\":{},",
					     "\"new\":[{}],",
					     "\"media\":[{}],",
					     "\"lang\":null,",
					     "[[[[[[[[[[[[[[[[",
					     "\"p\":",
					     "\"why\":[{\"start\":1,\"end\":2}],",
					     "\"facts\":[{}],"};
	return vary_bytes(bytes, n, room, 0, 4, pieces, ARRAY_LEN(pieces), state);
}

int main(int argc, char **argv)
{
	const char *seed = getenv("FUZZ_SEED"), *rounds = getenv("FUZZ_ROUNDS");
	uint64_t state = seed ? strtoull(seed, NULL, 10) : 1;
	long n_rounds = rounds ? strtol(rounds, NULL, 10) : 200, lines = 0;
	struct buf file, line;
	buf_init(&file, 64 * MiB);
	buf_init(&line, 64 * MiB);
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			fprintf(stderr, "could not read \"%s\"\n", argv[i]);
			return 66;
		}
		buf_reset(&file);
		char block[4096];
		for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
			must(buf_add(&file, block, n) == 0);
		(void)fclose(f); /* only read */
		struct str rest = buf_view(&file), part;
		(void)LLVMFuzzerTestOneInput((const uint8_t *)rest.p, rest.n);
		while (str_split(&rest, '\n', &part)) {
			lines++;
			(void)LLVMFuzzerTestOneInput((const uint8_t *)part.p, part.n);
			for (long k = 0; part.n && k < n_rounds; k++) {
				buf_reset(&line);
				char *copy = buf_reserve(&line, part.n + 1024);
				must(copy);
				memcpy(copy, part.p, part.n);
				size_t n = vary((uint8_t *)copy, part.n, part.n + 1024, &state);
				(void)LLVMFuzzerTestOneInput((uint8_t *)copy, n);
			}
		}
	}
	printf("%d files, %ld lines, %ld variations a line, seed %s\n", argc - 1, lines, n_rounds,
	       seed ? seed : "1");
	buf_done(&file);
	buf_done(&line);
	buf_done(&a);
	buf_done(&b);
	arena_free(ours);
	arena_free(theirs);
	return 0;
}

#endif
