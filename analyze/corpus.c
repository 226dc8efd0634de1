#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/mem.h"

#include "analyze/corpus.h"
#include "analyze/exact.h"
#include "analyze/table.h"

enum { SEED = 20261122 };

struct corpus *corpus_create(const struct corpus_options *options)
{
	struct corpus *corpus = xcalloc(1, sizeof *corpus);
	corpus->options = *options;
	corpus->random = SEED;
	corpus->words = words_create(options->lexicon, NULL);
	corpus->arena = arena_create(256 * MiB);
	return corpus;
}

void corpus_free(struct corpus *corpus)
{
	if (!corpus)
		return;
	words_free(corpus->words);
	arena_free(corpus->arena);
	free(corpus->features);
	free(corpus->rows);
	free(corpus);
}

bool corpus_in_list(const char *list, struct str word)
{
	struct str rest = str_of(list), part;
	while (list && str_split(&rest, ',', &part)) {
		if (str_eq(part, word))
			return true;
	}
	return false;
}

static bool begins_with_one(const char *list, struct str id)
{
	struct str rest = str_of(list), part;
	while (list && str_split(&rest, ',', &part)) {
		if (part.n && id.n >= part.n && memcmp(id.p, part.p, part.n) == 0)
			return true;
	}
	return false;
}

static struct str mapped(const char *map, struct str label)
{
	struct str rest = str_of(map), part, other = label;
	while (map && str_split(&rest, ',', &part)) {
		size_t equals = str_find(part, '=', 0);
		struct str from = str_sub(part, 0, equals), to = str_sub(part, equals + 1, part.n);
		if (str_eq(from, label))
			return to;
		if (str_is(from, "*"))
			other = to;
	}
	return other;
}

struct str corpus_label(const struct corpus_options *options, struct str id, struct str lang,
			struct str label)
{
	if ((label.n == 0 && !options->multi) || corpus_in_list(options->skip_labels, label) ||
	    begins_with_one(options->skip_ids, id) ||
	    (options->langs && !corpus_in_list(options->langs, lang)))
		return STR_NULL;
	return mapped(options->map, label);
}

static int label_number(struct corpus *corpus, struct str name, bool add)
{
	name = str_trim(name);
	for (size_t i = 0; i < corpus->n_labels; i++) {
		if (str_is(name, corpus->names[i]))
			return (int)i;
	}
	if (!add || name.n == 0 || name.n >= MODEL_NAME_MAX ||
	    corpus->n_labels == MODEL_CLASSES_MAX)
		return -1;
	memcpy(corpus->names[corpus->n_labels], name.p, name.n);
	return (int)corpus->n_labels++;
}

static int by_row(const void *a, const void *b)
{
	const struct corpus_feature *x = a, *y = b;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (int)x->block - (int)y->block;
}

static void add_features(struct corpus *corpus, const struct features *f,
			 const struct tokens *tokens, struct corpus_row *row)
{
	size_t most = 0;
	for (int b = 0; b < FEATURE_BLOCKS; b++)
		most += f->n[b];
	if (corpus->room_features - corpus->n_features < most) {
		corpus->room_features = corpus->room_features * 2 + most;
		corpus->features =
		    xrealloc(corpus->features, corpus->room_features * sizeof *corpus->features);
	}
	struct corpus_feature *at = corpus->features + corpus->n_features;
	size_t n = 0;
	memcpy(row->n, f->n, sizeof row->n);
	for (int b = 0; b < FEATURE_HASHED; b++) {
		for (uint32_t i = 0; i < f->n[b]; i++)
			at[n++] = (struct corpus_feature){
			    f->hashes[b][i] >> (32 - corpus->options.row_bits), (uint16_t)b, 1};
	}
	for (size_t i = 0; i < f->n_spans; i++) {
		const struct feature_span *span = &f->spans[i];
		uint32_t pieces[WORD_PIECES];
		size_t m = span->word ? words_pieces(tokens->at[span->token].folded, pieces) : 0;
		for (size_t j = 0; j < m; j++)
			at[n++] = (struct corpus_feature){
			    pieces[j] >> (32 - corpus->options.row_bits), FEATURE_CHARS, 1};
	}
	qsort(at, n, sizeof *at, by_row);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		struct corpus_feature *last = kept ? &at[kept - 1] : NULL;
		if (last && by_row(last, &at[i]) == 0)
			last->count = (uint16_t)(last->count + (last->count < UINT16_MAX));
		else
			at[kept++] = at[i];
	}
	row->from = (uint32_t)corpus->n_features;
	corpus->n_features += kept;
	must(corpus->n_features < UINT32_MAX);
	row->to = (uint32_t)corpus->n_features;
}

static void add_row(struct corpus *corpus, struct corpus_row row, const struct tokens *tokens)
{
	struct features f;
	features_of(&f, NULL, tokens, corpus->words, corpus->arena);
	add_features(corpus, &f, tokens, &row);
	if (corpus->n_rows == corpus->room_rows) {
		corpus->room_rows = corpus->room_rows * 2 + 1024;
		corpus->rows = xrealloc(corpus->rows, corpus->room_rows * sizeof *corpus->rows);
	}
	corpus->rows[corpus->n_rows++] = row;
}

/* A random run of 1 to 3 words, as if it were a text. */
static void add_fragment(struct corpus *corpus, struct corpus_row row, const struct tokens *tokens)
{
	if (tokens->n < 4)
		return;
	size_t n = 1 + exact_random(&corpus->random) % 3;
	size_t from = exact_random(&corpus->random) % (tokens->n - n);
	size_t letters = 0;
	for (size_t i = from; i < from + n; i++)
		letters += tokens->at[i].kind == TOKEN_WORD ? tokens->at[i].folded.n : 0;
	if (letters < 4)
		return;
	row.fragment = true;
	struct tokens part = {.at = tokens->at + from, .n = n, .sentences = 1};
	add_row(corpus, row, &part);
}

static uint64_t print_of(const struct tokens *tokens)
{
	uint64_t h = 0;
	for (size_t i = 0; i < tokens->n; i++) {
		int kind = tokens->at[i].kind;
		if (kind == TOKEN_WORD || kind == TOKEN_TAG || kind == TOKEN_NUMBER)
			h = h * 31 + hash_fnv(tokens->at[i].folded);
	}
	return h;
}

static void add_text(struct corpus *corpus, struct str text, struct corpus_row row, bool training)
{
	arena_reset(corpus->arena);
	struct tokens tokens;
	tokens_cut(&tokens, utf8_cut(text, POST_MAX_BYTES), NULL, 0, corpus->arena);
	row.print = print_of(&tokens);
	add_row(corpus, row, &tokens);
	for (unsigned i = 0; training && i < corpus->options.fragments; i++)
		add_fragment(corpus, row, &tokens);
}

static bool read_labels(struct corpus *corpus, struct str cell, bool training,
			struct corpus_row *row)
{
	*row = (struct corpus_row){.from = 0};
	if (!corpus->options.multi) {
		int label = label_number(corpus, cell, training);
		row->label = (uint32_t)label;
		return label >= 0;
	}
	struct str part;
	while (str_split(&cell, ',', &part)) {
		int label = label_number(corpus, part, training);
		if (label >= 0)
			row->labels[label / 64] |= 1ULL << label % 64;
	}
	return true;
}

int corpus_add_file(struct corpus *corpus, const char *path, bool training, struct error *err)
{
	struct table *table = table_open(path, err);
	if (!table)
		return -1;
	int text = table_column(table, "text"), id = table_column(table, "id");
	int lang = table_column(table, "lang"), label = -1;
	struct str rest = str_of(corpus->options.labels), name;
	while (label < 0 && str_split(&rest, ',', &name)) {
		char *z = xstrndup(name.p, name.n);
		label = table_column(table, z);
		free(z);
	}
	if (text < 0 || label < 0) {
		error_set(err,
			  "could not read table \"%s\": expected the columns \"text\" and "
			  "\"%s\" in its header",
			  path, corpus->options.labels);
		table_close(table);
		return -1;
	}
	while (table_next(table)) {
		struct corpus_row row;
		struct str cell = corpus_label(&corpus->options, table_cell(table, id),
					       table_cell(table, lang), table_cell(table, label));
		if (cell.p && read_labels(corpus, cell, training, &row))
			add_text(corpus, table_cell(table, text), row, training);
	}
	table_close(table);
	return 0;
}

int corpus_add_files(struct corpus *corpus, const char *paths, bool training, struct error *err)
{
	struct str rest = str_of(paths), part;
	while (paths && str_split(&rest, ',', &part)) {
		char *path = xstrndup(part.p, part.n);
		int rc = corpus_add_file(corpus, path, training, err);
		free(path);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

size_t corpus_subtract(struct corpus *corpus, const struct corpus *other)
{
	uint64_t *prints = xcalloc(other->n_rows + 1, sizeof *prints);
	size_t kept = 0, all = corpus->n_rows;
	for (size_t i = 0; i < other->n_rows; i++)
		prints[i] = other->rows[i].print;
	qsort(prints, other->n_rows, sizeof *prints, by_number);
	for (size_t i = 0; i < all; i++) {
		if (!bsearch(&corpus->rows[i].print, prints, other->n_rows, sizeof *prints,
			     by_number))
			corpus->rows[kept++] = corpus->rows[i];
	}
	corpus->n_rows = kept;
	free(prints);
	return all - kept;
}

unsigned corpus_part(const struct corpus_row *row, unsigned n)
{
	return (unsigned)((row->print * 0x9e3779b97f4a7c15ULL) >> 40) % n;
}

bool corpus_has_label(const struct corpus_row *row, size_t label, bool multi)
{
	return multi ? (row->labels[label / 64] >> label % 64 & 1) != 0 : row->label == label;
}

/* Gives every label the number in `to`; rows without a label left are dropped. */
static void renumber(struct corpus *corpus, const int *to)
{
	size_t kept = 0;
	for (size_t i = 0; i < corpus->n_rows; i++) {
		struct corpus_row row = corpus->rows[i], fresh = row;
		memset(fresh.labels, 0, sizeof fresh.labels);
		for (size_t k = 0; corpus->options.multi && k < corpus->n_labels; k++) {
			if (to[k] >= 0 && corpus_has_label(&row, k, true))
				fresh.labels[to[k] / 64] |= 1ULL << to[k] % 64;
		}
		if (!corpus->options.multi) {
			if (to[row.label] < 0)
				continue;
			fresh.label = (uint32_t)to[row.label];
		}
		corpus->rows[kept++] = fresh;
	}
	corpus->n_rows = kept;
}

void corpus_sort_labels(struct corpus *corpus)
{
	int to[MODEL_CLASSES_MAX];
	char sorted[MODEL_CLASSES_MAX][MODEL_NAME_MAX] = {{0}};
	for (size_t i = 0; i < corpus->n_labels; i++) {
		to[i] = 0;
		for (size_t j = 0; j < corpus->n_labels; j++)
			to[i] += strcmp(corpus->names[j], corpus->names[i]) < 0;
		memcpy(sorted[to[i]], corpus->names[i], MODEL_NAME_MAX);
	}
	renumber(corpus, to);
	memcpy(corpus->names, sorted, sizeof sorted);
}
