/*
 * MurmurHash2 by Austin Appleby (public domain) as Kafka's Java client uses it: seed 0x9747b28c,
 * bytes read little-endian.  SHA-256 is libcrypto's.
 */
#include <openssl/evp.h>

#include "common/hash.h"
#include "common/mem.h"

uint32_t hash_murmur2(struct str key)
{
	const uint32_t m = 0x5bd1e995;
	const unsigned char *p = (const unsigned char *)key.p;
	size_t n = key.n;
	uint32_t h = 0x9747b28c ^ (uint32_t)n;

	for (; n >= 4; p += 4, n -= 4) {
		uint32_t k = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			     (uint32_t)p[3] << 24;
		k *= m;
		k ^= k >> 24;
		k *= m;
		h = h * m ^ k;
	}
	if (n == 3)
		h ^= (uint32_t)p[2] << 16;
	if (n >= 2)
		h ^= (uint32_t)p[1] << 8;
	if (n >= 1)
		h = (h ^ p[0]) * m;
	h ^= h >> 13;
	h *= m;
	h ^= h >> 15;
	return h;
}

int hash_partition(struct str key, int partitions)
{
	return (int)((hash_murmur2(key) & 0x7fffffff) % (uint32_t)partitions);
}

static void hex(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

void hash_sha256_hex(struct str bytes, char out[HASH_HEX_LEN + 1])
{
	unsigned char sum[32];
	must(EVP_Digest(bytes.n ? bytes.p : "", bytes.n, sum, NULL, EVP_sha256(), NULL) == 1);
	hex(sum, sizeof sum, out);
}

void hash_sha256_hex_parts(const struct str *parts, size_t n, char out[HASH_HEX_LEN + 1])
{
	unsigned char sum[32];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	must(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char len[8];
		for (int b = 0; b < 8; b++)
			len[b] = (unsigned char)((uint64_t)parts[i].n >> (8 * b));
		must(EVP_DigestUpdate(ctx, len, sizeof len) == 1);
		must(EVP_DigestUpdate(ctx, parts[i].n ? parts[i].p : "", parts[i].n) == 1);
	}
	must(EVP_DigestFinal_ex(ctx, sum, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	hex(sum, sizeof sum, out);
}

uint64_t hash_fnv(struct str s)
{
	uint64_t h = 14695981039346656037ULL;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211ULL;
	return h;
}
