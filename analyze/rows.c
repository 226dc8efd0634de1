#include <string.h>

#include "analyze/rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

/* ---- plain: eight columns at a time (SSE4.1 and NEON have instructions for it) ---------------- */

typedef int8_t bytes8 __attribute__((vector_size(8)));
typedef int16_t shorts8 __attribute__((vector_size(16)));

/* Columns [0, 8 * V) of rows `stride` apart; V is known to the compiler. */
INLINE void add_plain(int16_t *sums, const int8_t *weights, unsigned shift, size_t stride, size_t V,
		      const uint32_t *hashes, size_t n)
{
	shorts8 acc[8] = {{0}};
	for (size_t i = 0; i < n; i++) {
		const int8_t *row = weights + (size_t)(hashes[i] >> shift) * stride;
#pragma GCC unroll 8
		for (size_t v = 0; v < V; v++) {
			bytes8 b;
			memcpy(&b, row + v * 8, 8);
			acc[v] += __builtin_convertvector(b, shorts8);
		}
	}
	memcpy(sums, acc, V * sizeof *acc);
}

static void few_plain(int16_t *sums, const int8_t *weights, unsigned shift, size_t stride,
		      const uint32_t *hashes, size_t n)
{
	size_t at = 0;
	for (; at + 64 <= stride; at += 64)
		add_plain(sums + at, weights + at, shift, stride, 8, hashes, n);
	for (; at < stride; at += ROWS_LANES)
		add_plain(sums + at, weights + at, shift, stride, 2, hashes, n);
}

/* ---- AVX2: sixteen columns at a time ---------------------------------------------------------- */

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 INLINE void add_avx2(int16_t *sums, const int8_t *weights, unsigned shift, size_t stride,
			  size_t V, const uint32_t *hashes, size_t n)
{
	__m256i acc[4];
#pragma GCC unroll 4
	for (size_t v = 0; v < V; v++)
		acc[v] = _mm256_setzero_si256();
	for (size_t i = 0; i < n; i++) {
		const int8_t *row = weights + (size_t)(hashes[i] >> shift) * stride;
#pragma GCC unroll 4
		for (size_t v = 0; v < V; v++) {
			__m128i b = _mm_loadu_si128((const void *)(row + v * 16));
			acc[v] = _mm256_add_epi16(acc[v], _mm256_cvtepi8_epi16(b));
		}
	}
#pragma GCC unroll 4
	for (size_t v = 0; v < V; v++)
		_mm256_storeu_si256((void *)(sums + v * 16), acc[v]);
}

AVX2 static void few_avx2(int16_t *sums, const int8_t *weights, unsigned shift, size_t stride,
			  const uint32_t *hashes, size_t n)
{
	size_t at = 0;
	for (; at + 64 <= stride; at += 64)
		add_avx2(sums + at, weights + at, shift, stride, 4, hashes, n);
	for (; at < stride; at += ROWS_LANES)
		add_avx2(sums + at, weights + at, shift, stride, 1, hashes, n);
}
#endif

/* ---------------------------------------------------------------------------------------------- */

static bool use_plain;

void rows_force_plain(bool plain)
{
	use_plain = plain;
}

void rows_add_few(const struct model *model, int16_t *sums, const uint32_t *hashes, size_t n)
{
	const int8_t *weights = model_weights(model);
	size_t stride = model_stride(model);
	unsigned shift = 32 - model_row_bits(model);
#if defined(__x86_64__)
	if (!use_plain && __builtin_cpu_supports("avx2")) {
		few_avx2(sums, weights, shift, stride, hashes, n);
		return;
	}
#endif
	few_plain(sums, weights, shift, stride, hashes, n);
}

void rows_widen(int32_t *sums, const int16_t *few, size_t stride)
{
	typedef int32_t ints8 __attribute__((vector_size(32)));
	for (size_t k = 0; k < stride; k += 8) {
		shorts8 part;
		ints8 sum;
		memcpy(&part, few + k, sizeof part);
		memcpy(&sum, sums + k, sizeof sum);
		sum += __builtin_convertvector(part, ints8);
		memcpy(sums + k, &sum, sizeof sum);
	}
}

void rows_add(const struct model *model, int32_t *sums, const uint32_t *hashes, size_t n)
{
	int16_t few[MODEL_STRIDE_MAX];
	while (n) {
		size_t now = n < ROWS_FEW ? n : ROWS_FEW;
		rows_add_few(model, few, hashes, now);
		rows_widen(sums, few, model_stride(model));
		hashes += now;
		n -= now;
	}
}
