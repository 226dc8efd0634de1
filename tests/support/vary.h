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

#endif
