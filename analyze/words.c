#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/mem.h"

#include "analyze/model.h"
#include "analyze/negation.h"
#include "analyze/rows.h"
#include "analyze/words.h"

struct words {
	const struct lexicon *lexicon;
	const struct model *model;
	size_t stride, size; /* columns; bytes of a word */
	char *table;         /* WORDS_PLACES words, in sets of WORDS_WAYS */
	uint64_t *hashes;    /* of them, so that a set is looked through in one cache line */
	struct arena *arena; /* words of this post that have no place */
	uint32_t post;
};

static const uint64_t K1 = 0x9e3779b97f4a7c15ULL, K2 = 0xc2b2ae3d27d4eb4fULL;

static uint64_t load8(const unsigned char *p)
{
	uint64_t x;
	memcpy(&x, p, 8);
	return le64toh(x);
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= K2;
	return h ^ h >> 29;
}

static uint32_t piece_feature(uint64_t piece)
{
	return (uint32_t)((piece * K1) >> 32);
}

/* The folded word with every run of three or more equal bytes cut to two ("sooo" is "soo"), a
 * blank at both ends and zeros behind.  Returns its length with the blanks. */
static size_t spell(struct str folded, unsigned char out[WORD_BYTES + 16], bool *ret_long)
{
	size_t n = 0;
	out[n++] = ' ';
	*ret_long = false;
	for (size_t i = 0; i < folded.n && n <= WORD_BYTES; i++) {
		unsigned char c = (unsigned char)folded.p[i];
		if (n > 2 && c < 0x80 && out[n - 1] == c && out[n - 2] == c) {
			*ret_long = true;
			continue;
		}
		out[n++] = c;
	}
	out[n] = ' ';
	memset(out + n + 1, 0, 8);
	return n + 1;
}

static uint64_t hash_spelling(const unsigned char *p, size_t n)
{
	uint64_t h = K2 ^ n;
	for (; n > 8; p += 8, n -= 8)
		h = mix((h ^ load8(p)) * K1);
	uint64_t tail = n == 8 ? load8(p) : load8(p) & ((1ULL << n * 8) - 1);
	return mix((h ^ tail) * K1);
}

/* Pieces of SHORTEST..LONGEST bytes.  Words hold no zero byte, so that pieces of different length differ
 * as numbers. */
static size_t cut_pieces(const unsigned char *spelled, size_t n, uint32_t *ret)
{
	uint32_t *out = ret;
	size_t i = 0;
	for (; i + WORD_LONGEST <= n; i++, out += WORD_LONGEST - WORD_SHORTEST + 1) {
		uint64_t x = load8(spelled + i);
#pragma GCC unroll 4
		for (size_t k = 0; k <= WORD_LONGEST - WORD_SHORTEST; k++)
			out[k] = piece_feature(x & ((1ULL << (WORD_SHORTEST + k) * 8) - 1));
	}
	for (; i + WORD_SHORTEST <= n; i++) { /* the last few are shorter */
		uint64_t x = load8(spelled + i);
		for (size_t k = WORD_SHORTEST; i + k <= n; k++)
			*out++ = piece_feature(x & ((1ULL << k * 8) - 1));
	}
	return (size_t)(out - ret);
}

size_t words_pieces(struct str folded, uint32_t *ret)
{
	unsigned char spelled[WORD_BYTES + 16];
	bool lengthened;
	size_t n = spell(folded, spelled, &lengthened);
	return cut_pieces(spelled, n, ret);
}

uint64_t words_id(struct str folded)
{
	unsigned char spelled[WORD_BYTES + 16];
	bool lengthened;
	size_t n = spell(folded, spelled, &lengthened);
	return hash_spelling(spelled, n);
}

struct words *words_create(const struct lexicon *lexicon, const struct model *model)
{
	struct words *words = xcalloc(1, sizeof *words);
	words->lexicon = lexicon;
	words->model = model;
	words->stride = model ? model_stride(model) : 0;
	words->size = (sizeof(struct word) + words->stride * sizeof(int16_t) + 63) / 64 * 64;
	words->table = large_alloc(WORDS_PLACES * words->size);
	words->hashes = xcalloc(WORDS_PLACES, sizeof *words->hashes);
	words->arena = arena_create(512 * MiB);
	return words;
}

void words_free(struct words *words)
{
	if (!words)
		return;
	arena_free(words->arena);
	large_free(words->table, WORDS_PLACES * words->size);
	free(words->hashes);
	free(words);
}

const struct model *words_model(const struct words *words)
{
	return words->model;
}

void words_begin(struct words *words)
{
	arena_reset(words->arena);
	if (++words->post == 0) { /* after four thousand million posts: nothing is of this one */
		memset(words->table, 0, WORDS_PLACES * words->size);
		words->post = 1;
	}
}

static void make(const struct words *words, struct word *word, struct str folded)
{
	_Static_assert((int)WORD_PIECES <= (int)ROWS_FEW, "sums fit into 16 bits");
	unsigned char spelled[WORD_BYTES + 16];
	uint32_t pieces[WORD_PIECES];
	bool lengthened;
	size_t n = spell(folded, spelled, &lengthened);
	word->id = hash_spelling(spelled, n);
	word->n_pieces = (uint16_t)cut_pieces(spelled, n, pieces);
	word->vote = (int8_t)lexicon_vote(words->lexicon, folded);
	word->flags =
	    (uint8_t)((lengthened ? WORD_LENGTHENED : 0) |
		      /* all scripts from Greek on alike: a language never seen in training is no
				 * known one */
		      (folded.n && (unsigned char)folded.p[0] >= 0xcd ? WORD_SCRIPT : 0) |
		      (negates(folded) ? WORD_NEGATES : 0));
	if (words->model)
		rows_add_few(words->model, word->sums, pieces, word->n_pieces);
}

static struct word *place(const struct words *words, size_t i)
{
	return (void *)(words->table + i * words->size);
}

static size_t set_of(uint64_t hash)
{
	return hash % (WORDS_PLACES / WORDS_WAYS) * WORDS_WAYS;
}

void words_ahead_where(const struct words *words, uint64_t hash)
{
	__builtin_prefetch(&words->hashes[set_of(hash)]);
}

void words_ahead_what(const struct words *words, uint64_t hash)
{
	size_t set = set_of(hash);
	for (size_t i = set; i < set + WORDS_WAYS; i++) {
		const char *p = (const char *)place(words, i);
		if (words->hashes[i] != hash)
			continue;
		for (size_t at = 0; at < words->size; at += 64)
			__builtin_prefetch(p + at);
	}
}

/* The place in the set that was of use least recently, or NULL: all are of this post. */
static struct word *evict(struct words *words, size_t set, uint64_t hash)
{
	size_t oldest = set;
	for (size_t i = set + 1; i < set + WORDS_WAYS; i++) {
		if (place(words, i)->post < place(words, oldest)->post)
			oldest = i;
	}
	if (place(words, oldest)->post == words->post)
		return NULL;
	words->hashes[oldest] = hash;
	return place(words, oldest);
}

const struct word *words_get(struct words *words, struct str folded, uint64_t hash)
{
	size_t set = set_of(hash);
	for (size_t i = set; i < set + WORDS_WAYS; i++) {
		struct word *word = place(words, i);
		if (words->hashes[i] == hash && word->post && word->n == folded.n &&
		    bytes_same(word->folded, folded.p, folded.n)) {
			word->post = words->post;
			return word;
		}
	}
	bool kept = folded.n <= WORD_KEPT;
	struct word *word = kept ? evict(words, set, hash) : NULL;
	if (!word)
		word = arena_alloc(words->arena, words->size);
	make(words, word, folded);
	word->post = words->post;
	word->n = kept ? (uint8_t)folded.n : 0;
	if (kept)
		memcpy(word->folded, folded.p, folded.n);
	return word;
}
