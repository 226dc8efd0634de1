/*
 * model.h: the file of weights, and reading it.
 *
 *   struct model *model = model_open("analyze/models/posthorn.model", &err);
 *   const struct model_head *head = model_head(model, "tonality");   // NULL: the model has none
 *   model_close(model);
 *
 * One table for all heads: a row of int8 weights per feature hash, one column per class of every
 * head, so that one pass over a post's features scores everything.  The file is mapped and read
 * only.  Layout, all numbers little-endian:
 *
 *   header   64 bytes of struct model_file, then 64 hex digits: SHA-256 of all that follows
 *   heads    n_heads times struct model_head, as it is declared here
 *   padding  zeros to the next multiple of 64
 *   lexicon  LEXICON_BYTES as lexicon.h lays them out, where the header says so
 *   weights  2^row_bits rows of `stride` int8
 *
 * A file that is cut, changed, of another version, byte order or feature set is refused with
 * its reason.  Machines of the other byte order are refused as well: nothing is converted.
 *
 * A margin is an integer in thousandths:
 *   bias + (sum over blocks b of  S_b * isqrt(2^32 / n_b) * scale_b) / 2^32, towards zero
 * where S_b is the sum of the post's weights and n_b the number of its features in the block.
 */
#ifndef ANALYZE_MODEL_H
#define ANALYZE_MODEL_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"

#include "analyze/features.h"

enum {
	MODEL_VERSION = 2,
	MODEL_ENDIAN = 0x01020304,
	MODEL_HEADS_MAX = 24,
	MODEL_CLASSES_MAX = 200,
	MODEL_NAME_MAX = 64,
	MODEL_STEPS = 128,         /* of a calibration table */
	MODEL_STEP = 64,           /* thousandths of margin per step; the table is centred at 0 */
	MODEL_P = 1000000,         /* one, as a probability */
	MODEL_SCALE_MAX = 1 << 26, /* keeps margins of any post inside 64 bits */
	MODEL_STRIDE_MAX = MODEL_HEADS_MAX * MODEL_CLASSES_MAX,
	MODEL_BITS_MIN = 8,
	MODEL_BITS_MAX = 22
};

struct model_file {
	char magic[8]; /* "POSTHORN" */
	uint32_t version, endian;
	uint64_t size; /* of the whole file */
	uint32_t features, row_bits, stride, n_heads;
	uint64_t weights; /* where they begin */
	uint64_t lexicon; /* where it begins; 0: the model has none */
	uint8_t reserved[8];
};

struct model_class {
	char name[MODEL_NAME_MAX];   /* NUL-terminated */
	int32_t bias;                /* thousandths */
	uint32_t p[MODEL_STEPS + 1]; /* of a margin, in millionths, rising */
};

struct model_head {
	char name[MODEL_NAME_MAX];
	uint32_t first, n_classes; /* columns [first, first + n_classes) */
	uint32_t multi;            /* 1: classes are independent, each with margin > 0 holds */
	uint32_t abstain;          /* below this probability the head gives no label */
	uint32_t scale[FEATURE_BLOCKS];
	struct model_class classes[]; /* n_classes */
};

struct model; /* a mapped file */

struct model *model_open(const char *path, struct error *err);
void model_close(struct model *model); /* NULL is fine */

/* First 12 hex digits of the file's SHA-256: `v.model` of an analysis. */
const char *model_id(const struct model *model);
struct str model_bytes(const struct model *model); /* the whole file */
uint32_t model_stride(const struct model *model);
uint32_t model_row_bits(const struct model *model);
const int8_t *model_weights(const struct model *model);
const struct lexicon *model_lexicon(const struct model *model); /* NULL: none */
size_t model_n_heads(const struct model *model);
const struct model_head *model_head_at(const struct model *model, size_t i);
const struct model_head *model_head(const struct model *model, const char *name);
int model_class_of(const struct model_head *head, struct str name); /* -1: not there */

/* Writing.  A new head has room for n classes and is all zero; free() it. */
struct model_head *model_head_new(const char *name, size_t n_classes);
struct model_head *model_head_copy(const struct model_head *head); /* the same */
/* Writes a file of the heads, in this order; weights_of gives column `k` of head `h` for a row;
 * lexicon may be NULL.  Written to a temporary name and renamed. */
typedef int8_t model_weight_fn(const void *arg, size_t head, size_t class, uint32_t row);
int model_write(const char *path, uint32_t row_bits, struct model_head *const *heads,
		size_t n_heads, const struct lexicon *lexicon, model_weight_fn *weight,
		const void *arg, struct error *err);

#endif
