/* Model files: what is written is read; what is damaged or foreign is refused with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/mem.h"

#include "analyze/linear.h"

enum { BITS = 8, HEADER = 64 };

static char dir[] = "/tmp/posthorn-model-XXXXXX";
static char path[64];

static int8_t weight(const void *arg, size_t head, size_t class, uint32_t row)
{
	(void)arg;
	return (int8_t)((int)(row % 100) - 50 + (int)class * 3 + (int)head * 7);
}

static int make(void **state)
{
	struct model_head *heads[2] = {model_head_new("first", 3), model_head_new("second", 9)};
	struct error err;
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/m", dir);
	for (size_t h = 0; h < 2; h++) {
		heads[h]->abstain = 400000;
		for (int b = 0; b < FEATURE_BLOCKS; b++)
			heads[h]->scale[b] = 1 << (16 + b);
		for (uint32_t k = 0; k < heads[h]->n_classes; k++) {
			heads[h]->classes[k].name[0] = (char)('a' + k);
			heads[h]->classes[k].bias = (int32_t)k * 10 - 5;
			for (uint32_t j = 0; j <= MODEL_STEPS; j++)
				heads[h]->classes[k].p[j] = j * (MODEL_P / MODEL_STEPS);
		}
	}
	int rc = model_write(path, BITS, heads, 2, NULL, weight, NULL, &err);
	free(heads[0]);
	free(heads[1]);
	return rc;
}

static int unmake(void **state)
{
	(void)state;
	return unlink(path) | rmdir(dir);
}

static char *slurp(size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = xmalloc(1 * MiB);
	assert_non_null(f);
	*ret_n = fread(bytes, 1, 1 * MiB, f);
	assert_int_equal(fclose(f), 0);
	return bytes;
}

static void test_reads_what_was_written(void **state)
{
	struct error err;
	(void)state;
	struct model *model = model_open(path, &err);
	assert_non_null(model);
	assert_int_equal(model_stride(model), 16); /* 12 columns, a multiple of 8 */
	assert_int_equal(model_row_bits(model), BITS);
	assert_int_equal(model_n_heads(model), 2);
	const struct model_head *second = model_head(model, "second");
	assert_non_null(second);
	assert_int_equal(second->first, 3);
	assert_int_equal(second->n_classes, 9);
	assert_int_equal(second->abstain, 400000);
	assert_int_equal(model_class_of(second, STR("c")), 2);
	assert_int_equal(model_class_of(second, STR("z")), -1);
	assert_null(model_head(model, "third"));
	for (uint32_t row = 0; row < 1 << BITS; row++) {
		assert_int_equal(model_weights(model)[row * 16 + 1], weight(NULL, 0, 1, row));
		assert_int_equal(model_weights(model)[row * 16 + 3], weight(NULL, 1, 0, row));
		assert_int_equal(model_weights(model)[row * 16 + 12], 0);
	}
	size_t n;
	char *bytes = slurp(&n), hex[HASH_HEX_LEN + 1];
	hash_sha256_hex((struct str){bytes, n}, hex);
	hex[12] = '\0';
	assert_string_equal(model_id(model), hex);
	free(bytes);
	model_close(model);
}

/* ---- refusals ---- */

enum damage {
	SET_BYTE,   /* at -> value, checksum as it was */
	SET_SIGNED, /* the same, checksum made right again */
	CUT,        /* to `at` bytes */
	GROW        /* by `at` bytes */
};

static void test_refuses(void **state)
{
	enum { HEADS = HEADER + HASH_HEX_LEN };
	static const struct {
		const char *what;
		enum damage damage;
		size_t at;
		unsigned char value;
		const char *reason;
	} rows[] = {
	    {"empty", CUT, 0, 0, "it is empty"},
	    {"a few bytes", CUT, 20, 0, "no model file"},
	    {"cut in the header", CUT, 100, 0, "no model file"},
	    {"cut in the weights", CUT, 9000, 0, "cut or has something behind"},
	    {"something behind", GROW, 1, 0, "cut or has something behind"},
	    {"foreign", SET_BYTE, 0, 'X', "no model file"},
	    {"version", SET_BYTE, 8, 99, "another version of the format"},
	    {"byte order", SET_BYTE, 12, 1, "other byte order"},
	    {"features", SET_BYTE, 24, 77, "features of another version"},
	    {"row bits", SET_BYTE, 28, 9, "sizes do not fit"},
	    {"stride", SET_BYTE, 32, 24, "sizes do not fit"},
	    {"stride 0", SET_BYTE, 32, 0, "sizes do not fit"},
	    {"no heads", SET_BYTE, 36, 0, "sizes do not fit"},
	    {"weights elsewhere", SET_BYTE, 40, 1, "sizes do not fit"},
	    {"one weight", SET_BYTE, 9000, 0x7e, "checksum is wrong"},
	    {"the checksum", SET_BYTE, HEADER, 'x', "checksum is wrong"},
	    {"name of a head", SET_SIGNED, HEADS, 0, "heads is damaged"},
	    {"columns", SET_SIGNED, HEADS + MODEL_NAME_MAX, 15, "heads is damaged"},
	    {"classes", SET_SIGNED, HEADS + MODEL_NAME_MAX + 4, 250, "heads is damaged"},
	    {"no classes", SET_SIGNED, HEADS + MODEL_NAME_MAX + 4, 0, "heads is damaged"},
	    {"scale", SET_SIGNED, HEADS + MODEL_NAME_MAX + 16 + 3, 0x70, "scales of its heads"},
	    {"name of a class", SET_SIGNED, HEADS + MODEL_NAME_MAX + 16 + 4 * FEATURE_BLOCKS, 0,
	     "classes is damaged"},
	    {"table", SET_SIGNED,
	     HEADS + MODEL_NAME_MAX + 16 + 4 * FEATURE_BLOCKS + MODEL_NAME_MAX + 4 + 3, 0x10,
	     "calibration table"},
	};
	size_t n;
	char *bytes = slurp(&n), *other = xasprintf("%s/damaged", dir);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t size = rows[i].damage == CUT    ? rows[i].at
			      : rows[i].damage == GROW ? n + rows[i].at
						       : n;
		char *copy = xcalloc(size + 1, 1), hex[HASH_HEX_LEN + 1];
		struct error err;
		memcpy(copy, bytes, size < n ? size : n);
		if (rows[i].damage <= SET_SIGNED) {
			assert_true(rows[i].at < n);
			assert_int_not_equal((unsigned char)copy[rows[i].at], rows[i].value);
			copy[rows[i].at] = (char)rows[i].value;
		}
		if (rows[i].damage == SET_SIGNED) {
			hash_sha256_hex((struct str){copy + HEADS, n - HEADS}, hex);
			memcpy(copy + HEADER, hex, HASH_HEX_LEN);
		}
		FILE *f = fopen(other, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(copy, 1, size, f), size);
		assert_int_equal(fclose(f), 0);
		struct model *model = model_open(other, &err);
		if (model || !strstr(err.text, rows[i].reason) || !strstr(err.text, other))
			fail_msg("%s: %s", rows[i].what, model ? "was accepted" : err.text);
		free(copy);
	}
	struct error err;
	assert_int_equal(unlink(other), 0);
	assert_null(model_open(other, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(model_open(dir, &err));
	free(other);
	free(bytes);
}

/* ---- scoring ---- */

static void test_margins(void **state)
{
	struct error err;
	struct arena *arena = arena_create(64 * MiB);
	struct model *model = model_open(path, &err);
	(void)state;
	assert_non_null(model);
	struct buf text;
	buf_init(&text, 1 * MiB);
	for (int i = 0; i < 400; i++) /* more rows than 16 bits hold at once */
		assert_int_equal(buf_z(&text, "Paket kommt nie an! :( "), 0);
	struct tokens tokens;
	struct features f;
	struct linear_sums sums;
	tokens_cut(&tokens, buf_view(&text), NULL, 0, arena);
	struct words *words = words_create(NULL, model);
	features_of(&f, NULL, &tokens, words, arena);
	linear_sum(&sums, model, &f, arena);
	uint32_t pieces[WORD_PIECES], stride = model_stride(model);
	for (uint32_t column = 0; column < stride; column++) {
		const int8_t *weights = model_weights(model) + column; /* the plain way */
		int32_t chars = 0;
		for (int b = 0; b < FEATURE_HASHED; b++) {
			int32_t sum = 0;
			for (uint32_t i = 0; i < f.n[b]; i++)
				sum += weights[(f.hashes[b][i] >> (32 - BITS)) * stride];
			assert_int_equal(sums.block[b][column], sum);
		}
		for (size_t i = 0; i < f.n_spans; i++) {
			struct str folded = tokens.at[f.spans[i].token].folded;
			size_t n = f.spans[i].word ? words_pieces(folded, pieces) : 0;
			for (size_t j = 0; j < n; j++)
				chars += weights[(pieces[j] >> (32 - BITS)) * stride];
		}
		assert_int_equal(sums.block[FEATURE_CHARS][column], chars);
	}
	/* words' weights and the rest give the margin, up to one for each rounding */
	const struct model_head *head = model_head(model, "first");
	struct linear_result r;
	linear_result(&r, head, &sums, arena);
	int64_t total = head->classes[0].bias - head->classes[2].bias;
	int64_t *weights = arena_alloc(arena, f.n_spans * sizeof *weights);
	linear_span_weights(weights, model, head, &sums, &f, 0, 2);
	for (size_t i = 0; i < f.n_spans; i++)
		total += weights[i];
	int64_t off = r.margin[0] - r.margin[2] - total;
	assert_true(llabs(off) <= (int64_t)f.n_spans + 1);
	uint32_t p = r.p[0] + r.p[1] + r.p[2];
	assert_true(p >= MODEL_P - 3 && p <= MODEL_P + 3);
	buf_done(&text);
	words_free(words);
	model_close(model);
	arena_free(arena);
}

static void test_calibration_table(void **state)
{
	struct model_class class = {.bias = 0};
	(void)state;
	for (uint32_t j = 0; j <= MODEL_STEPS; j++)
		class.p[j] = j * 1000;
	static const struct {
		int64_t margin;
		uint32_t p;
	} rows[] = {{0, 64000},
		    {MODEL_STEP, 65000},
		    {MODEL_STEP / 2, 64500},
		    {-MODEL_STEP / 2, 63500},
		    {100000, 128000},
		    {-100000, 0},
		    {INT64_C(1) << 50, 128000}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(linear_p(&class, rows[i].margin), rows[i].p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_what_was_written), cmocka_unit_test(test_refuses),
	    cmocka_unit_test(test_margins), cmocka_unit_test(test_calibration_table)};
	return cmocka_run_group_tests(tests, make, unmake);
}
