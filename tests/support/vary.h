/*
 * vary.h: small damage to an input, for fuzz targets that run without libFuzzer.
 *
 * One to `most` times a byte is replaced, up to 20 bytes are cut out, or one of `pieces` is put in;
 * the first `keep` bytes stay.  The same state gives the same variation.
 */
#ifndef TESTS_SUPPORT_VARY_H
#define TESTS_SUPPORT_VARY_H

#include <stddef.h>
#include <stdint.h>

/* Changes bytes[0..n) in place, within `room`; returns the new length. */
size_t vary_bytes(uint8_t *bytes, size_t n, size_t room, size_t keep, unsigned most,
		  const char *const *pieces, size_t n_pieces, uint64_t *state);

/* The main of a fuzz target whose inputs are whole files: tries each with `front` zero bytes before it, then
 * FUZZ_ROUNDS variations of it (default 200) with random ones there; with FUZZ_SECONDS variations of all of them
 * in turn, for so long.  FUZZ_SEED (default 1) makes them. */
struct vary_plan {
	int (*test)(const uint8_t *bytes, size_t n);
	size_t front;
	unsigned most;
	const char *const *pieces;
	size_t n_pieces;
};
int vary_main(int argc, char **argv, const struct vary_plan *plan);

#endif
