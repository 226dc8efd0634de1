#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/mem.h"

#include "analyze/exact.h"

#include "tests/support/vary.h"

size_t vary_bytes(uint8_t *bytes, size_t n, size_t room, size_t keep, unsigned most,
		  const char *const *pieces, size_t n_pieces, uint64_t *state)
{
	for (uint64_t k = exact_random(state) % most + 1; k > 0 && n > keep; k--) {
		size_t at = keep + exact_random(state) % (n - keep), len;
		const char *piece = pieces[exact_random(state) % n_pieces];
		switch (exact_random(state) % 3) {
		case 0: bytes[at] = (uint8_t)exact_random(state); break;
		case 1:
			len = exact_random(state) % (n - at < 20 ? n - at : 20);
			memmove(bytes + at, bytes + at + len, n - at - len);
			n -= len;
			break;
		default:
			len = strlen(piece);
			if (n + len > room)
				break;
			memmove(bytes + at + len, bytes + at, n - at);
			memcpy(bytes + at, piece, len);
			n += len;
		}
	}
	return n;
}

enum { INPUT = 64 * 1024, ROOM = 2 * INPUT };

struct input {
	uint8_t *bytes;
	size_t n;
};

static void vary_one(const struct vary_plan *plan, const struct input *input, uint64_t *state)
{
	uint8_t *copy = xmalloc(ROOM);
	memcpy(copy, input->bytes, input->n);
	for (size_t i = 0; i < plan->front; i++)
		copy[i] = (uint8_t)exact_random(state);
	size_t n = vary_bytes(copy, input->n, ROOM, plan->front, plan->most, plan->pieces,
			      plan->n_pieces, state);
	(void)plan->test(copy, n);
	free(copy);
}

static long number_of(const char *name, long by_default)
{
	const char *text = getenv(name);
	return text ? strtol(text, NULL, 10) : by_default;
}

int vary_main(int argc, char **argv, const struct vary_plan *plan)
{
	long rounds = number_of("FUZZ_ROUNDS", 200), seconds = number_of("FUZZ_SECONDS", 0);
	long seed = number_of("FUZZ_SEED", 1), done = 0;
	uint64_t state = (uint64_t)seed;
	size_t n = argc > 1 ? (size_t)argc - 1 : 0;
	struct input *inputs = xcalloc(n + 1, sizeof *inputs);
	int rc = n ? 0 : 64;
	for (size_t i = 0; i < n && rc == 0; i++) {
		FILE *f = fopen(argv[i + 1], "rb");
		if (!f) {
			fprintf(stderr, "could not read \"%s\"\n", argv[i + 1]);
			rc = 66;
			break;
		}
		inputs[i].bytes = xcalloc(plan->front + INPUT, 1);
		inputs[i].n = plan->front + fread(inputs[i].bytes + plan->front, 1, INPUT, f);
		(void)fclose(f); /* only read */
		(void)plan->test(inputs[i].bytes, inputs[i].n);
	}
	int64_t until = clock_mono_ms() + 1000 * (int64_t)seconds;
	for (size_t i = 0; rc == 0 && (seconds ? clock_mono_ms() < until : i < n); i++)
		for (long k = 0; k < (seconds ? 1 : rounds); k++, done++)
			vary_one(plan, &inputs[i % n], &state);
	printf("%zu files, %ld variations, seed %ld\n", n, done, seed);
	for (size_t i = 0; i < n; i++)
		free(inputs[i].bytes);
	free(inputs);
	return rc;
}
