/*
 * rows.h: adding up rows of the model: what scoring spends its time on.
 *
 * Weights of 8 bits are widened to 16, added, and moved to 32 bits before 16 could overflow: 16 columns an
 * instruction where the processor has AVX2 (asked when the program runs), 8 with SSE4.1 and NEON, plain
 * code elsewhere; the same integers everywhere.
 */
#ifndef ANALYZE_ROWS_H
#define ANALYZE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/model.h"

enum {
	ROWS_LANES = 16, /* model_stride() is a multiple of it */
	ROWS_FEW = 256   /* 256 * 127 fits into 16 bits */
};

/* Adds the rows of n features to model_stride() sums. */
void rows_add(const struct model *model, int32_t *sums, const uint32_t *hashes, size_t n);
/* Sets the sums to those of at most ROWS_FEW features. */
void rows_add_few(const struct model *model, int16_t *sums, const uint32_t *hashes, size_t n);
/* sums += few, model_stride() of them. */
void rows_widen(int32_t *sums, const int16_t *few, size_t stride);
void rows_force_plain(bool plain); /* for tests: as on a processor without AVX2 */

#endif
