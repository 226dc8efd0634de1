#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"
#include "analyze/linear.h"
#include "analyze/rows.h"

typedef int16_t shorts8 __attribute__((vector_size(16)));

/* Pieces: what the words of the spans remember.  16 bits hold the sums until they might not. */
static void add_words(size_t stride, int32_t *sums, int16_t *acc, const struct feature_span *spans,
		      size_t n)
{
	int most = 0; /* no sum can be larger */
	memset(acc, 0, stride * sizeof *acc);
	for (size_t i = 0; i < n; i++) {
		const struct word *word = spans[i].word;
		if (!word)
			continue;
		most += word->n_pieces * 127;
		if (most > INT16_MAX) {
			rows_widen(sums, acc, stride);
			memset(acc, 0, stride * sizeof *acc);
			most = word->n_pieces * 127;
		}
		for (size_t k = 0; k < stride; k += 8) {
			shorts8 a, b;
			memcpy(&a, acc + k, sizeof a);
			memcpy(&b, word->sums + k, sizeof b);
			a += b;
			memcpy(acc + k, &a, sizeof a);
		}
	}
	rows_widen(sums, acc, stride);
}

/* isqrt(2^32 / n): of small n, which most are, remembered. */
uint32_t linear_root(uint32_t n)
{
	static uint32_t known[2048];
	if (n == 0)
		return 0;
	if (n >= ARRAY_LEN(known))
		return exact_isqrt((1ULL << 32) / n);
	if (known[n] == 0)
		known[n] = exact_isqrt((1ULL << 32) / n);
	return known[n];
}

void linear_sum(struct linear_sums *ret, const struct model *model, const struct features *f,
		struct arena *arena)
{
	size_t stride = model_stride(model);
	int32_t *sums = arena_zalloc(arena, stride * FEATURE_BLOCKS * sizeof *sums);
	for (int b = 0; b < FEATURE_BLOCKS; b++) {
		ret->block[b] = sums + (size_t)b * stride;
		ret->root[b] = linear_root(f->n[b]);
	}
	for (int b = 0; b < FEATURE_HASHED; b++)
		rows_add(model, ret->block[b], f->hashes[b], f->n[b]);
	add_words(stride, ret->block[FEATURE_CHARS], arena_alloc(arena, stride * sizeof(int16_t)),
		  f->spans, f->n_spans);
}

/* C divides towards zero, the same on every machine. */
static int64_t scaled(const int64_t part[FEATURE_BLOCKS], const int64_t factors[FEATURE_BLOCKS])
{
	int64_t m = 0;
#pragma GCC unroll 8
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		m += part[b] * factors[b];
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

/* Of one-of-many heads probabilities add up to 1. */
static void share_out(struct linear_result *r, const struct model_head *head, uint64_t total)
{
	if (head->multi)
		return;
	for (uint32_t k = 0; k < head->n_classes && total; k++)
		r->p[k] = (uint32_t)(((uint64_t)r->p[k] * MODEL_P + total / 2) / total);
}

void linear_shares(struct linear_result *r, const struct model_head *head)
{
	uint64_t total = 0;
	r->best = 0;
	for (uint32_t k = 0; k < head->n_classes; k++) {
		r->p[k] = linear_p(&head->classes[k], r->margin[k]);
		total += r->p[k];
		if (r->margin[k] > r->margin[r->best])
			r->best = (int)k;
	}
	share_out(r, head, total);
}

void linear_sum_spans(struct linear_sums *ret, const struct model *model, const struct features *f,
		      const bool *chosen, struct arena *arena)
{
	size_t stride = model_stride(model);
	int32_t *sums = arena_zalloc(arena, stride * FEATURE_BLOCKS * sizeof *sums);
	uint32_t n[FEATURE_BLOCKS] = {0};
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		ret->block[b] = sums + (size_t)b * stride;
	for (size_t i = 0; i < f->n_spans; i++) {
		const struct feature_span *span = &f->spans[i];
		if (!chosen[i])
			continue;
		for (int b = 0; b < FEATURE_HASHED; b++) {
			uint32_t count = span[1].from[b] - span[0].from[b];
			rows_add(model, ret->block[b], f->hashes[b] + span->from[b], count);
			n[b] += count;
		}
		if (span->word) {
			rows_widen(ret->block[FEATURE_CHARS], span->word->sums, stride);
			n[FEATURE_CHARS] += span->word->n_pieces;
		}
	}
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		ret->root[b] = linear_root(n[b]);
}

/* What one unit of weight in each block is worth for this post and head. */
static void factors_of(int64_t ret[FEATURE_BLOCKS], const struct model_head *head,
		       const struct linear_sums *sums)
{
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		ret[b] = (int64_t)sums->root[b] * head->scale[b];
}

void linear_result(struct linear_result *ret, const struct model_head *head,
		   const struct linear_sums *sums, struct arena *arena)
{
	size_t n = head->n_classes;
	ret->margin = arena_alloc(arena, n * sizeof *ret->margin);
	ret->p = arena_alloc(arena, n * sizeof *ret->p);
	ret->best = 0;
	uint64_t total = 0;
	int64_t factors[FEATURE_BLOCKS];
	factors_of(factors, head, sums);
	for (size_t k = 0; k < n; k++) {
		size_t column = head->first + k;
		int64_t part[FEATURE_BLOCKS];
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			part[b] = sums->block[b][column];
		ret->margin[k] = head->classes[k].bias + scaled(part, factors);
		ret->p[k] = linear_p(&head->classes[k], ret->margin[k]);
		total += ret->p[k];
		if (ret->margin[k] > ret->margin[ret->best])
			ret->best = (int)k;
	}
	share_out(ret, head, total);
}

void linear_span_weights(int64_t *ret, const struct model *model, const struct model_head *head,
			 const struct linear_sums *sums, const struct features *f, int plus,
			 int minus)
{
	size_t a = head->first + (size_t)plus, b = head->first + (size_t)minus;
	const int8_t *weights = model_weights(model);
	size_t stride = model_stride(model);
	unsigned shift = 32 - model_row_bits(model);
	int64_t factors[FEATURE_BLOCKS];
	factors_of(factors, head, sums);
	for (size_t i = 0; i < f->n_spans; i++) {
		const struct feature_span *span = &f->spans[i];
		int64_t m = 0;
#pragma GCC unroll 4
		for (int k = 0; k < FEATURE_HASHED; k++) {
			for (uint32_t j = span[0].from[k]; j < span[1].from[k]; j++) {
				const int8_t *row =
				    weights + (size_t)(f->hashes[k][j] >> shift) * stride;
				m += (row[a] - row[b]) * factors[k];
			}
		}
		if (span->word)
			m += (span->word->sums[a] - span->word->sums[b]) * factors[FEATURE_CHARS];
		ret[i] = m / (1LL << 32);
	}
}
