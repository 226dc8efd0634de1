/*
 * bytes.h: how far text runs on without a byte that needs a look.
 *
 * Sixteen bytes at a time: SSE2 where there is, elsewhere what the compiler makes of the same vectors
 * (NEON on ARM).  All return what the plain loop at their end returns, on every machine.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int8_t bytes_v __attribute__((vector_size(16)));
typedef uint8_t bytes_uv __attribute__((vector_size(16)));

/* Index of the first byte of `hits` that is not 0, or 16. */
static inline size_t bytes_first(bytes_v hits)
{
#ifdef __SSE2__
	typedef char chars __attribute__((vector_size(16)));
	unsigned mask = (unsigned)__builtin_ia32_pmovmskb128((chars)hits);
	return mask ? (size_t)__builtin_ctz(mask) : 16;
#else
	uint64_t half[2];
	memcpy(half, &hits, sizeof half);
	if (!(half[0] | half[1]))
		return 16;
	size_t at = half[0] ? 0 : 8;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return at + (size_t)__builtin_ctzll(half[at / 8]) / 8;
#else
	return at + (size_t)__builtin_clzll(half[at / 8]) / 8;
#endif
#endif
}

/* Bytes of p[0..n) before the first quote, backslash, control (below 0x20) or byte above 0x7f. */
static inline size_t bytes_ascii(const char *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 16; i += 16) {
		bytes_v v;
		memcpy(&v, p + i, sizeof v);
		/* as signed bytes, those above 0x7f are below 0x20, too */
		size_t at = bytes_first((v == '"') | (v == '\\') | (v < 0x20));
		if (at < 16)
			return i + at;
	}
	while (i < n && (signed char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

/* Bytes of p[0..n) before the first quote, backslash or control (below 0x20). */
static inline size_t bytes_unescaped(const char *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 16; i += 16) {
		bytes_v v;
		memcpy(&v, p + i, sizeof v);
		size_t at =
		    bytes_first((v == '"') | (v == '\\') | (bytes_v)((bytes_uv)v < (uint8_t)0x20));
		if (at < 16)
			return i + at;
	}
	/* eight: a byte of `x ^ c` is 0 where c stands, and of `low` where a control does */
	for (; n - i >= 8; i += 8) {
		const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
		uint64_t x, quote, slash;
		memcpy(&x, p + i, sizeof x);
		quote = x ^ ones * '"';
		slash = x ^ ones * '\\';
		if ((((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
		     ((x - ones * 0x20) & ~x)) &
		    high)
			break;
	}
	while (i < n && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

#endif
