#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/linear.h"

/* GCC's vectors: one load, one widening, one addition per eight weights on SSE4.1 and NEON, plain
 * code elsewhere, the same integers everywhere. */
typedef int8_t bytes8 __attribute__((vector_size(8)));
typedef int16_t shorts8 __attribute__((vector_size(16)));

enum { FLUSH = 256 }; /* 256 * 127 fits into 16 bits */

static inline __attribute__((always_inline)) void add_rows(int32_t *sums, const int8_t *weights,
							   unsigned shift, size_t stride,
							   size_t vectors, const uint32_t *hashes,
							   size_t n)
{
	while (n) {
		size_t now = n < FLUSH ? n : FLUSH;
		shorts8 acc[4] = {{0}, {0}, {0}, {0}};
		for (size_t i = 0; i < now; i++) {
			const int8_t *row = weights + (size_t)(hashes[i] >> shift) * stride;
			for (size_t v = 0; v < vectors; v++) {
				bytes8 b;
				memcpy(&b, row + v * 8, 8);
				acc[v] += __builtin_convertvector(b, shorts8);
			}
		}
		for (size_t v = 0; v < vectors; v++) {
			for (size_t j = 0; j < 8; j++)
				sums[v * 8 + j] += acc[v][j];
		}
		hashes += now;
		n -= now;
	}
}

static void add(const struct model *model, int32_t *sums, const uint32_t *hashes, size_t n)
{
	const int8_t *weights = model_weights(model);
	size_t stride = model_stride(model);
	unsigned shift = 32 - model_row_bits(model);
	switch (stride) {
	case 8: add_rows(sums, weights, shift, 8, 1, hashes, n); return;
	case 16: add_rows(sums, weights, shift, 16, 2, hashes, n); return;
	case 24: add_rows(sums, weights, shift, 24, 3, hashes, n); return;
	case 32: add_rows(sums, weights, shift, 32, 4, hashes, n); return;
	default: break;
	}
	for (size_t at = 0; at < stride; at += 8)
		add_rows(sums + at, weights + at, shift, stride, 1, hashes, n);
}

static uint32_t root_of(uint32_t n)
{
	return n ? exact_isqrt((1ULL << 32) / n) : 0;
}

void linear_sum(struct linear_sums *ret, const struct model *model, const struct features *f,
		struct arena *arena)
{
	size_t stride = model_stride(model);
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		ret->block[b] = arena_zalloc(arena, stride * sizeof *ret->block[b]);
		ret->root[b] = root_of(f->n[b]);
		add(model, ret->block[b], f->hashes[b], f->n[b]);
	}
}

/* C divides towards zero, the same on every machine. */
static int64_t scaled(const int64_t part[FEATURE_BLOCKS], const struct model_head *head,
		      const struct linear_sums *sums)
{
	int64_t m = 0;
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		m += part[b] * sums->root[b] * head->scale[b];
	return m / (1LL << 32);
}

uint32_t linear_p(const struct model_class *class, int64_t margin)
{
	int64_t at = margin + MODEL_STEPS * MODEL_STEP / 2;
	if (at <= 0)
		return class->p[0];
	if (at >= MODEL_STEPS * MODEL_STEP)
		return class->p[MODEL_STEPS];
	int64_t step = at / MODEL_STEP, rest = at % MODEL_STEP;
	int64_t low = class->p[step], high = class->p[step + 1];
	return (uint32_t)(low + (high - low) * rest / MODEL_STEP);
}

void linear_result(struct linear_result *ret, const struct model_head *head,
		   const struct linear_sums *sums, struct arena *arena)
{
	size_t n = head->n_classes;
	ret->margin = arena_alloc(arena, n * sizeof *ret->margin);
	ret->p = arena_alloc(arena, n * sizeof *ret->p);
	ret->best = 0;
	uint64_t total = 0;
	for (size_t k = 0; k < n; k++) {
		size_t column = head->first + k;
		int64_t part[FEATURE_BLOCKS];
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			part[b] = sums->block[b][column];
		ret->margin[k] = head->classes[k].bias + scaled(part, head, sums);
		ret->p[k] = linear_p(&head->classes[k], ret->margin[k]);
		total += ret->p[k];
		if (ret->margin[k] > ret->margin[ret->best])
			ret->best = (int)k;
	}
	if (head->multi)
		return;
	for (size_t k = 0; k < n && total; k++)
		ret->p[k] = (uint32_t)(((uint64_t)ret->p[k] * MODEL_P + total / 2) / total);
}

int64_t linear_span_weight(const struct model *model, const struct model_head *head,
			   const struct linear_sums *sums, const struct features *f,
			   const struct feature_span *span, int plus, int minus)
{
	const int8_t *weights = model_weights(model) + head->first;
	size_t stride = model_stride(model);
	unsigned shift = 32 - model_row_bits(model);
	int64_t part[FEATURE_BLOCKS] = {0};
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		for (uint32_t i = span->from[b]; i < span->to[b]; i++) {
			size_t row = f->hashes[b][i] >> shift;
			part[b] += weights[row * stride + (size_t)plus] -
				   weights[row * stride + (size_t)minus];
		}
	}
	return scaled(part, head, sums);
}
