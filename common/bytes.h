/*
 * bytes.h: how far text runs on without a byte that needs a look, and short copies and comparisons.
 *
 * Sixteen bytes at a time: SSE2 where there is, elsewhere what the compiler makes of the same vectors
 * (NEON on ARM).  All return what the plain loop at their end returns, on every machine.  For code
 * that runs for every post; elsewhere memcpy and memcmp say more.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int8_t bytes_v __attribute__((vector_size(16)));
typedef uint8_t bytes_uv __attribute__((vector_size(16)));

static inline bytes_v bytes_load(const char *p)
{
	bytes_v v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Which of sixteen bytes are wanted; bytes_at gives the first where there is any, bytes_count how many of
 * the first n <= 16 are. */
#ifdef __SSE2__
typedef unsigned bytes_hits;
static inline bytes_hits bytes_hits_of(bytes_v v)
{
	typedef char chars __attribute__((vector_size(16)));
	return (unsigned)__builtin_ia32_pmovmskb128((chars)v);
}
static inline bool bytes_any(bytes_hits hits)
{
	return hits != 0;
}
static inline size_t bytes_at(bytes_hits hits)
{
	return (size_t)__builtin_ctz(hits);
}
static inline unsigned bytes_count(bytes_hits hits, size_t n)
{
	return (unsigned)__builtin_popcount(hits & ((1u << n) - 1));
}
#else
typedef struct {
	uint64_t half[2];
} bytes_hits;
static inline bytes_hits bytes_hits_of(bytes_v v)
{
	bytes_hits hits;
	memcpy(&hits, &v, sizeof hits);
	return hits;
}
static inline bool bytes_any(bytes_hits hits)
{
	return (hits.half[0] | hits.half[1]) != 0;
}
static inline size_t bytes_at(bytes_hits hits)
{
	size_t k = hits.half[0] == 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return k * 8 + (size_t)__builtin_ctzll(hits.half[k]) / 8;
#else
	return k * 8 + (size_t)__builtin_clzll(hits.half[k]) / 8;
#endif
}
static inline unsigned bytes_count(bytes_hits hits, size_t n)
{
	uint8_t at[16];
	unsigned count = 0;
	memcpy(at, &hits, sizeof at);
	for (size_t i = 0; i < n; i++)
		count += at[i] & 1;
	return count;
}
#endif

/* Quotes, backslashes, controls (below 0x20) and bytes above 0x7f. */
static inline bytes_hits bytes_not_ascii(const char *p)
{
	bytes_v v = bytes_load(p);
	/* as signed bytes, those above 0x7f are below 0x20, too */
	return bytes_hits_of((v == '"') | (v == '\\') | (v < 0x20));
}

/* Bytes of p[0..n) before the first that bytes_not_ascii tells of. */
static inline size_t bytes_ascii(const char *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 16; i += 16) {
		bytes_hits hits = bytes_not_ascii(p + i);
		if (bytes_any(hits))
			return i + bytes_at(hits);
	}
	while (i < n && (signed char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static inline uint64_t bytes_8(const char *p)
{
	uint64_t x;
	memcpy(&x, p, sizeof x);
	return x;
}

static inline uint32_t bytes_4(const char *p)
{
	uint32_t x;
	memcpy(&x, p, sizeof x);
	return x;
}

/* Is one of the eight a quote, a backslash or a control?  A byte of `x ^ c` is 0 where c stands, and
 * subtracting borrows from there (Warren, "Hacker's Delight", 6-1). */
static inline bool bytes_8_escaped(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
	return ((((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((x - ones * 0x20) & ~x)) &
		high) != 0;
}

/* Bytes of p[0..n) before the first quote, backslash or control (below 0x20). */
static inline size_t bytes_unescaped(const char *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 16; i += 16) {
		bytes_v v = bytes_load(p + i);
		bytes_hits hits = bytes_hits_of((v == '"') | (v == '\\') |
						(bytes_v)((bytes_uv)v < (uint8_t)0x20));
		if (bytes_any(hits))
			return i + bytes_at(hits);
	}
	/* the rest by words that overlap */
	if (n >= 8 && !bytes_8_escaped(bytes_8(p + n - 8)) &&
	    (n - i <= 8 || !bytes_8_escaped(bytes_8(p + i))))
		return n;
	if (n >= 4 && n < 8 && !bytes_8_escaped(bytes_4(p) | (uint64_t)bytes_4(p + n - 4) << 32))
		return n;
	while (i < n && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static inline bool bytes_same(const char *a, const char *b, size_t n)
{
	if (n > 16)
		return memcmp(a, b, n) == 0;
	if (n >= 8)
		return bytes_8(a) == bytes_8(b) && bytes_8(a + n - 8) == bytes_8(b + n - 8);
	if (n >= 4)
		return bytes_4(a) == bytes_4(b) && bytes_4(a + n - 4) == bytes_4(b + n - 4);
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* To where the copy ends. */
static inline char *bytes_copy(char *to, const char *from, size_t n)
{
	if (n > 16) {
		memcpy(to, from, n);
	} else if (n >= 8) {
		uint64_t a = bytes_8(from), b = bytes_8(from + n - 8);
		memcpy(to, &a, 8);
		memcpy(to + n - 8, &b, 8);
	} else if (n >= 4) {
		uint32_t a = bytes_4(from), b = bytes_4(from + n - 4);
		memcpy(to, &a, 4);
		memcpy(to + n - 4, &b, 4);
	} else {
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	}
	return to + n;
}

#endif
