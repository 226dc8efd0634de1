/*
 * hash.h: the three hashes of the project, each for one purpose.
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stdint.h>

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

#endif
