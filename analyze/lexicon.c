#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/text/token.h"

#include "analyze/lexicon.h"
#include "analyze/negation.h"
#include "analyze/table.h"

static const char magic[8] = {'P', 'H', 'L', 'E', 'X', '0', '0', '1'};

static uint64_t hash_of(struct str word)
{
	uint64_t h = hash_fnv(word);
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15ULL;
}

/* Never 0 above the vote: a place in use is told from a free one. */
static uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 8) & 0xffffff;
	return tag ? tag : 1;
}

int lexicon_vote(const struct lexicon *lexicon, struct str word)
{
	if (!lexicon)
		return 0;
	uint64_t hash = hash_of(word);
	uint32_t tag = tag_of(hash);
	size_t at = hash >> (64 - LEXICON_BITS);
	for (int tries = 0; tries < LEXICON_PLACES; tries++) {
		uint32_t place = lexicon->places[at];
		if (place == 0)
			return 0;
		if (place >> 8 == tag)
			return (int8_t)(place & 0xff);
		at = (at + 1) % LEXICON_PLACES;
	}
	return 0;
}

struct lexicon *lexicon_view(const uint32_t *places)
{
	struct lexicon *lexicon = xcalloc(1, sizeof *lexicon);
	lexicon->places = places;
	return lexicon;
}

void lexicon_close(struct lexicon *lexicon)
{
	if (!lexicon)
		return;
	free(lexicon->owned);
	free(lexicon);
}

static bool read_whole(const char *path, char *to, size_t n)
{
	FILE *file = fopen(path, "rb");
	bool ok = file && fread(to, 1, n, file) == n && fgetc(file) == EOF;
	int saved = errno;
	if (file)
		(void)fclose(file); /* only read */
	errno = saved;
	return ok;
}

/* Votes are -2..2; a place of another value was written by somebody else. */
static bool sane(const uint32_t *places)
{
	size_t used = 0;
	for (size_t i = 0; i < LEXICON_PLACES; i++) {
		int8_t vote = (int8_t)(places[i] & 0xff);
		if (places[i] && (vote == 0 || vote < -LEXICON_STRONG || vote > LEXICON_STRONG))
			return false;
		used += places[i] != 0;
	}
	return used <= LEXICON_MOST;
}

struct lexicon *lexicon_open(const char *path, struct error *err)
{
	char *bytes = xmalloc(sizeof magic + LEXICON_BYTES);
	errno = 0;
	bool ok = read_whole(path, bytes, sizeof magic + LEXICON_BYTES) &&
		  memcmp(bytes, magic, sizeof magic) == 0;
	if (ok) {
		memmove(bytes, bytes + sizeof magic, LEXICON_BYTES);
		ok = sane((const uint32_t *)(void *)bytes);
	}
	if (!ok) {
		error_set(err, "could not use lexicon \"%s\": %s", path,
			  errno ? strerror(errno) : "it is cut, or no lexicon of this version");
		free(bytes);
		return NULL;
	}
	struct lexicon *lexicon = lexicon_view((const uint32_t *)(void *)bytes);
	lexicon->owned = bytes;
	return lexicon;
}

/* ---- building ------------------------------------------------------------------------------ */

/* Folded words of one language that the lists know with the sense of the other, or that are too common
 * to say anything. */
static bool left_out(struct str word)
{
	static const char *const words[] = {
	    "ach",        "alter", "amazon", "aus",     "bitte",   "big",     "dafuer",  "dem",
	    "der",        "die",   "eben",   "echt",    "einfach", "ende",    "erst",    "fallen",
	    "fast",       "ff",    "fit",    "gegen",   "gehen",   "geht",    "gift",    "gold",
	    "gratis",     "gross", "grosse", "grosser", "grosses", "halt",    "hand",    "hast",
	    "heisst",     "hell",  "ja",     "kind",    "kinder",  "koennen", "kommen",  "kurz",
	    "lassen",     "laut",  "lied",   "los",     "macht",   "mehr",    "muessen", "muss",
	    "natuerlich", "ne",    "neu",    "neue",    "neuen",   "neuer",   "neues",   "not",
	    "original",   "party", "please", "rauch",   "recht",   "richtig", "sagen",   "sehen",
	    "sehr",       "sein",  "sicher", "sondern", "spielen", "sucht",   "unter",   "viel",
	    "voll",       "war",   "warm",   "wars",    "was",     "wer",     "wissen",  "wohl",
	    "wuerde"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(word, words[i]))
			return true;
	}
	return word.n < 2 || negates(word);
}

struct entry {
	struct str word;
	double sum;
	unsigned n;
};

struct entries {
	struct entry *at;
	size_t n;
	struct arena *arena, *scratch;
};

static int by_word(const void *a, const void *b)
{
	return str_cmp(((const struct entry *)a)->word, ((const struct entry *)b)->word);
}

static bool value_of(struct str cell, double scale, double *ret)
{
	if (str_is(cell, "positive") || str_is(cell, "negative")) {
		*ret = cell.p[0] == 'p' ? 1 : -1;
		return true;
	}
	if (num_double(cell, -1000, 1000, ret) != 0)
		return false;
	*ret /= scale;
	*ret = *ret > 1 ? 1 : *ret < -1 ? -1 : *ret;
	return true;
}

static int add_list(struct entries *all, const char *list, struct error *err)
{
	struct str rest = str_of(list), path, column, scale_text = STR("1");
	double scale = 1;
	(void)str_split(&rest, ':', &path);
	if (!str_split(&rest, ':', &column))
		return error_set(err, "expected FILE:COLUMN:SCALE, found \"%s\"", list);
	(void)str_split(&rest, ':', &scale_text);
	if (num_double(scale_text, 0.001, 1000, &scale) != 0)
		return error_set(err, "expected a scale from 0.001 to 1000 in \"%s\"", list);
	struct table *table = table_open(arena_z(all->arena, path), err);
	if (!table)
		return -1;
	int value = table_column(table, arena_z(all->arena, column));
	if (value < 0) {
		table_close(table);
		return error_set(err, "could not read list \"%s\": no such column", list);
	}
	while (table_next(table)) {
		struct tokens tokens;
		double v;
		arena_reset(all->scratch);
		tokens_cut(&tokens, table_cell(table, 0), NULL, 0, all->scratch);
		if (tokens.n != 1 || tokens.at[0].kind != TOKEN_WORD ||
		    left_out(tokens.at[0].folded) || !value_of(table_cell(table, value), scale, &v))
			continue;
		all->at = xrealloc(all->at, (all->n + 1) * sizeof *all->at);
		all->at[all->n++] =
		    (struct entry){arena_str(all->arena, tokens.at[0].folded), v, 1};
	}
	table_close(table);
	return 0;
}

static int8_t vote_of(double v)
{
	double size = v < 0 ? -v : v;
	int8_t vote = size > 0.7 ? 2 : size >= 0.25 ? 1 : 0;
	return v < 0 ? (int8_t)-vote : vote;
}

/* Sorted by word, so that the file depends on the words alone. */
static size_t place_all(struct entries *all, uint32_t *places)
{
	size_t used = 0;
	qsort(all->at, all->n, sizeof *all->at, by_word);
	for (size_t i = 0; i < all->n;) {
		size_t j = i;
		double sum = 0;
		for (; j < all->n && by_word(&all->at[i], &all->at[j]) == 0; j++)
			sum += all->at[j].sum;
		int8_t vote = vote_of(sum / (double)(j - i));
		uint64_t hash = hash_of(all->at[i].word);
		size_t at = hash >> (64 - LEXICON_BITS);
		while (vote && places[at] && places[at] >> 8 != tag_of(hash))
			at = (at + 1) % LEXICON_PLACES;
		if (vote && !places[at] && used < LEXICON_MOST) {
			places[at] = tag_of(hash) << 8 | (uint8_t)vote;
			used++;
		}
		i = j;
	}
	return used;
}

int lexicon_build(const char *out, const char *const *lists, size_t n, struct error *err)
{
	struct entries all = {.arena = arena_create(64 * MiB), .scratch = arena_create(16 * MiB)};
	uint32_t *places = xcalloc(LEXICON_PLACES, sizeof *places);
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_list(&all, lists[i], err);
	if (rc == 0) {
		size_t used = place_all(&all, places);
		FILE *file = fopen(out, "wb");
		bool ok = file && fwrite(magic, 1, sizeof magic, file) == sizeof magic &&
			  fwrite(places, 1, LEXICON_BYTES, file) == LEXICON_BYTES;
		if (file && fclose(file) != 0)
			ok = false;
		if (!ok)
			rc = error_set(err, "could not write lexicon \"%s\": %s", out,
				       strerror(errno));
		else
			fprintf(stderr, "%s: %zu words\n", out, used);
	}
	free(places);
	free(all.at);
	arena_free(all.scratch);
	arena_free(all.arena);
	return rc;
}
