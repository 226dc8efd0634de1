/*
 * hash.h: the four hashes of the project, each for one purpose.
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stdint.h>

#include "common/bytes.h"
#include "common/str.h"

/* Partition of a key: 32-bit MurmurHash2 with the seed of Kafka's Java client, so that both bus
 * backends and foreign clients agree (partition = (hash & 0x7fffffff) % partitions). */
uint32_t hash_murmur2(struct str key);
int hash_partition(struct str key, int partitions);

/* Identity that people may see (ids, versions, receipts): SHA-256, lower-case hex. */
enum { HASH_HEX_LEN = 64 };
void hash_sha256_hex(struct str bytes, char out[HASH_HEX_LEN + 1]);
/* Several parts, each preceded by its length, so that ("ab","c") differs from ("a","bc"). */
void hash_sha256_hex_parts(const struct str *parts, size_t n, char out[HASH_HEX_LEN + 1]);

/* Tables in memory and nothing else: FNV-1a, 64 bit. */
uint64_t hash_fnv(struct str bytes);

/* The same for words, eight bytes at a time: for what is done to every word of every post.  It differs
 * between machines of another byte order. */
static inline uint64_t hash_mix(uint64_t h)
{
	/* odd constants as in splitmix64 and xxHash: fractional parts of well known roots */
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return h ^ h >> 32;
}
static inline uint64_t hash_word(struct str word)
{
	const char *p = word.p;
	size_t n = word.n;
	uint64_t h = n, tail;
	for (; n > 8; p += 8, n -= 8)
		h = hash_mix(h ^ bytes_8(p));
	if (n >= 4)
		tail = bytes_4(p) | (uint64_t)bytes_4(p + n - 4) << 32;
	else
		tail = n ? (unsigned char)p[0] | (unsigned)(unsigned char)p[n / 2] << 8 |
			       (unsigned)(unsigned char)p[n - 1] << 16
			 : 0;
	return hash_mix(h ^ tail);
}

#endif
