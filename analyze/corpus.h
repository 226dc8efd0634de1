/*
 * corpus.h: labelled texts as the trainer needs them: features counted, labels numbered.
 *
 *   struct corpus *corpus = corpus_create(&options);
 *   corpus_add_file(corpus, "train.tsv", true, &err);
 *   corpus_free(corpus);
 */
#ifndef ANALYZE_CORPUS_H
#define ANALYZE_CORPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#include "analyze/features.h"
#include "analyze/model.h"

struct corpus_options {
	const char *labels; /* column names, comma separated: the first that a file has counts */
	bool multi;         /* a cell holds several labels, comma separated */
	unsigned row_bits;
	const char *skip_labels; /* rows of these labels are left out */
	const char *skip_ids;    /* rows whose id begins so are left out */
	const char *langs;       /* only rows of these languages */
	const char *map; /* "from=to,..." renames labels; "*=to" renames what is not named */
	const struct lexicon *lexicon; /* or NULL */
	unsigned fragments; /* training texts: so many random pieces of 1 to 3 words each */
};

struct corpus_row {
	uint32_t from, to; /* entries of features */
	uint32_t n[FEATURE_BLOCKS];
	bool fragment;      /* of a text, not the text itself */
	uint32_t label;     /* one-of-many */
	uint64_t print;     /* of the words: the same text, though links and names differ */
	uint64_t labels[4]; /* multi: a set, MODEL_CLASSES_MAX bits */
};

/* A feature of a text: row of the model, and how often. */
struct corpus_feature {
	uint32_t row;
	uint16_t block; /* of features.h */
	uint16_t count; /* at most 65,535 */
};

struct corpus {
	struct corpus_options options;
	struct corpus_feature *features;
	size_t n_features, room_features;
	struct corpus_row *rows;
	size_t n_rows, room_rows;
	char names[MODEL_CLASSES_MAX][MODEL_NAME_MAX]; /* of labels, sorted by corpus_sort_labels */
	size_t n_labels;
	uint64_t random;
	struct words *words;
	struct arena *arena;
};

struct corpus *corpus_create(const struct corpus_options *options);
void corpus_free(struct corpus *corpus);
/* training: labels may be new, and fragments are made; else rows of unknown labels are left out. */
int corpus_add_file(struct corpus *corpus, const char *path, bool training, struct error *err);
/* Every file of a comma separated list. */
int corpus_add_files(struct corpus *corpus, const char *paths, bool training, struct error *err);
/* Numbers labels by name, so that the order of files does not matter for it. */
void corpus_sort_labels(struct corpus *corpus);
/* Drops the rows of `corpus` whose text `other` has, too; returns how many.  Public sets repeat
 * each other's tweets, and a dev row that was trained on measures nothing. */
size_t corpus_subtract(struct corpus *corpus, const struct corpus *other);

/* Which of n parts a row belongs to, by its words: equal texts to the same. */
unsigned corpus_part(const struct corpus_row *row, unsigned n);
bool corpus_has_label(const struct corpus_row *row, size_t label, bool multi);

/* The label cell of a row as the options see it: mapped, or STR_NULL where the row is
 * left out.  An empty cell is a row without labels for a head of several, else left out. */
struct str corpus_label(const struct corpus_options *options, struct str id, struct str lang,
			struct str label);
bool corpus_in_list(const char *list, struct str word); /* comma separated; NULL: false */

#endif
