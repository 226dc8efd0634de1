/*
 * Lines of any bytes to the scorer: an error or a scored post that can be read again, twice the same.
 * The model is made here, of weights drawn from a fixed seed: scoring must hold for any model.
 *
 *   build/fuzz/fuzz_score FILE...         each line of each file, then FUZZ_ROUNDS variations of it
 *   clang -fsanitize=fuzzer,address -DPOSTHORN_LIBFUZZER ...   the same under libFuzzer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/score.h"

#include "tests/support/vary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int8_t weight(const void *arg, size_t head, size_t class, uint32_t row)
{
	uint64_t state = row * 64 + head * 8 + class;
	(void)arg;
	return (int8_t)(exact_random(&state) % 255 - 127);
}

static struct model *model_made(void)
{
	static const char *const names[2][3] = {{"de", "en", "und"},
						{"negative", "neutral", "positive"}};
	struct model_head *heads[2] = {model_head_new("language", 3),
				       model_head_new("tonality", 3)};
	char path[] = "/tmp/posthorn-fuzz-XXXXXX";
	struct error err;
	int fd = mkstemp(path);
	must(fd >= 0);
	for (size_t h = 0; h < 2; h++) {
		for (size_t k = 0; k < 3; k++) {
			memcpy(heads[h]->classes[k].name, names[h][k], strlen(names[h][k]));
			for (uint32_t j = 0; j <= MODEL_STEPS; j++)
				heads[h]->classes[k].p[j] = j * (MODEL_P / MODEL_STEPS);
		}
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			heads[h]->scale[b] = MODEL_SCALE_MAX >> (2 * b);
	}
	must(model_write(path, 12, heads, 2, weight, NULL, &err) == 0);
	struct model *model = model_open(path, &err);
	must(model);
	(void)unlink(path); /* the mapping stays */
	(void)close(fd);
	free(heads[0]);
	free(heads[1]);
	return model;
}

static void check(const struct post *post, const struct analysis *a)
{
	must(a->tonality.n_why <= 8);
	for (size_t i = 0; i < a->tonality.n_why; i++) {
		const struct post_why *w = &a->tonality.why[i];
		struct str field = str_is(w->field, "title") ? post->title : post->text;
		must(str_eq(str_sub(field, w->start, w->end), w->text));
	}
	must(a->tonality.p == POST_NO_P || (a->tonality.p >= 0 && a->tonality.p <= POST_ONE));
	must(a->tonality.score == POST_NO_P ||
	     (a->tonality.score >= -POST_ONE && a->tonality.score <= POST_ONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct score *score;
	static struct model *model;
	struct str line = {(const char *)data, size};
	struct error err;
	struct buf a, b;
	if (!score) {
		struct score_settings settings = {.abstain_percent = -1, .why = true};
		model = model_made();
		score = score_create(model, &settings);
	}
	buf_init(&a, 8 * MiB);
	buf_init(&b, 8 * MiB);
	if (score_line(score, line, &a, &err) == 0) {
		struct arena *arena = arena_create(64 * MiB);
		struct post post;
		struct analysis analysis;
		bool has;
		must(score_line(score, line, &b, &err) == 0);
		must(str_eq(buf_view(&a), buf_view(&b)));
		must(scored_parse(buf_view(&a), arena, &post, &analysis, &has, &err) == 0);
		must(has == (post.op != POST_DELETE));
		if (has)
			check(&post, &analysis);
		arena_free(arena);
	}
	buf_done(&a);
	buf_done(&b);
	return 0;
}

#ifndef POSTHORN_LIBFUZZER

static size_t vary(uint8_t *bytes, size_t n, size_t room, uint64_t *state)
{
	static const char *const pieces[] = {"\"",
					     "\\u0000",
					     "\\ud83d\\ude21",
					     "{",
					     "}",
					     "[",
					     "null",
					     "\"quotes\":[[0,3]],",
					     "\"lang\":\"de\",",
					     "\\",
					     "\xff",
					     "😡",
					     "!!!",
					     ":)",
					     "\"title\":\"x\","};
	return vary_bytes(bytes, n, room, 1, 4, pieces, ARRAY_LEN(pieces), state);
}

int main(int argc, char **argv)
{
	const char *seed = getenv("FUZZ_SEED"), *rounds = getenv("FUZZ_ROUNDS");
	uint64_t state = seed ? strtoull(seed, NULL, 10) : 1;
	long n_rounds = rounds ? strtol(rounds, NULL, 10) : 200;
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
				(void)LLVMFuzzerTestOneInput(copy, vary(copy, n, ROOM, &state));
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
