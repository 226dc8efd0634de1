/*
 * fuzz_json: our JSON reader against jansson (tests/support/json_twin.h); then the text as a post, whose
 * scored form must be read back.
 *
 *   fuzz_json FILE...                 FUZZ_ROUNDS variations of every line (default 2,000), FUZZ_SEED
 *   clang -fsanitize=fuzzer -DPOSTHORN_LIBFUZZER ...   the same as a libFuzzer target
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/post.h"

#include "tests/support/json_twin.h"
#include "tests/support/vary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str json = {(const char *)data, size};
	struct arena *arena = arena_create(64 * MiB);
	struct post post, again;
	struct post_shape shape;
	struct analysis a;
	struct error err;
	bool has;
	json_twin_check(json);
	if (post_parse_shape(json, arena, &post, &shape, &err) == 0) {
		struct buf out, joined;
		buf_init(&out, 8 * MiB);
		buf_init(&joined, 8 * MiB);
		must(scored_splice(&out, &shape, STR("{\"lang\":\"de\"}")) == 0);
		must(scored_join(&joined, json, STR("{\"lang\":\"de\"}")) == 0);
		must(str_eq(buf_view(&out), buf_view(&joined)));
		must(scored_parse(buf_view(&out), arena, &again, &a, &has, &err) == 0);
		must(has && str_is(a.lang, "de") && str_eq(post.text, again.text));
		json_twin_check(buf_view(&out));
		buf_done(&joined);
		buf_done(&out);
	}
	arena_free(arena);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

static const char *const pieces[] = {"\"",
				     "\\u0000",
				     "\\ud83d\\ude21",
				     "{",
				     "}",
				     "[",
				     "]",
				     ",",
				     ":",
				     "null",
				     "\\",
				     "\xff",
				     "ä",
				     "1e309",
				     "0",
				     "-",
				     "\"analysis\":1,",
				     " ",
				     "\"analysis\":{},",
				     ".",
				     "E+2"};

int main(int argc, char **argv)
{
	const char *seed = getenv("FUZZ_SEED"), *rounds = getenv("FUZZ_ROUNDS");
	uint64_t state = seed ? strtoull(seed, NULL, 10) : 1;
	long n_rounds = rounds ? strtol(rounds, NULL, 10) : 2000;
	enum { ROOM = 64 * 1024 };
	char *line = xmalloc(ROOM);
	uint8_t *copy = xmalloc(ROOM);
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			fprintf(stderr, "could not read \"%s\"\n", argv[i]);
			return 66;
		}
		while (fgets(line, ROOM / 2, f)) {
			size_t n = strcspn(line, "\n");
			(void)LLVMFuzzerTestOneInput((const uint8_t *)line, n);
			for (long k = 0; k < n_rounds; k++) {
				memcpy(copy, line, n);
				(void)LLVMFuzzerTestOneInput(copy,
							     vary_bytes(copy, n, ROOM, 1, 4, pieces,
									ARRAY_LEN(pieces), &state));
			}
		}
		(void)fclose(f); /* only read */
	}
	printf("%d files, %ld variations a line, seed %s\n", argc - 1, n_rounds, seed ? seed : "1");
	free(line);
	free(copy);
	return 0;
}

#endif
