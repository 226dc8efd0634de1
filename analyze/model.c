#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/mem.h"

#include "analyze/model.h"

enum { HEADER_BYTES = 64 + HASH_HEX_LEN, ALIGN_BYTES = 64 };

_Static_assert(sizeof(struct model_file) == 64, "the header is written as it is declared");

struct model {
	char *map;
	size_t size;
	struct model_file file;
	struct lexicon *lexicon;
	const struct model_head *heads[MODEL_HEADS_MAX];
	char id[13];
};

static size_t head_bytes(size_t n_classes)
{
	return sizeof(struct model_head) + n_classes * sizeof(struct model_class);
}

static bool terminated(const char name[MODEL_NAME_MAX])
{
	return name[0] && memchr(name, '\0', MODEL_NAME_MAX) != NULL;
}

static const char *check_header(const struct model_file *f, size_t size)
{
	if (size < HEADER_BYTES || memcmp(f->magic, "POSTHORN", 8) != 0)
		return "it is no model file";
	if (f->endian != MODEL_ENDIAN)
		return "it was made for a machine of the other byte order";
	if (f->version != MODEL_VERSION)
		return "it is of another version of the format; train it again";
	if (f->size != size)
		return "it is cut or has something behind its end";
	if (f->features != FEATURES_VERSION)
		return "it was trained on features of another version; train it again";
	if (f->row_bits < MODEL_BITS_MIN || f->row_bits > MODEL_BITS_MAX || f->stride == 0 ||
	    f->stride % 16 != 0 || f->stride > MODEL_STRIDE_MAX || f->n_heads == 0 ||
	    f->n_heads > MODEL_HEADS_MAX || f->weights > size || f->weights < HEADER_BYTES ||
	    f->weights % ALIGN_BYTES != 0 ||
	    size - f->weights != (uint64_t)f->stride << f->row_bits ||
	    (f->lexicon && (f->lexicon % ALIGN_BYTES != 0 || f->lexicon < HEADER_BYTES ||
			    f->lexicon > f->weights || f->weights - f->lexicon != LEXICON_BYTES)))
		return "its sizes do not fit together";
	return NULL;
}

static const char *check_heads(struct model *model)
{
	size_t at = HEADER_BYTES,
	       end = model->file.lexicon ? model->file.lexicon : model->file.weights;
	for (uint32_t i = 0; i < model->file.n_heads; i++) {
		const struct model_head *head = (const void *)(model->map + at);
		if (end - at < sizeof *head || head->n_classes == 0 ||
		    head->n_classes > MODEL_CLASSES_MAX || end - at < head_bytes(head->n_classes) ||
		    !terminated(head->name) || head->first > model->file.stride ||
		    head->n_classes > model->file.stride - head->first)
			return "the description of its heads is damaged";
		for (int b = 0; b < FEATURE_BLOCKS; b++) {
			if (head->scale[b] > MODEL_SCALE_MAX)
				return "the scales of its heads are damaged";
		}
		for (uint32_t k = 0; k < head->n_classes; k++) {
			const struct model_class *class = &head->classes[k];
			if (!terminated(class->name))
				return "the description of its classes is damaged";
			for (int j = 0; j <= MODEL_STEPS; j++) {
				if (class->p[j] > MODEL_P)
					return "a calibration table is damaged";
			}
		}
		model->heads[i] = head;
		at += head_bytes(head->n_classes);
	}
	return NULL;
}

static const char *check(struct model *model)
{
	if (model->size >= sizeof model->file)
		memcpy(&model->file, model->map, sizeof model->file);
	const char *reason = check_header(&model->file, model->size);
	if (reason)
		return reason;
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex((struct str){model->map + HEADER_BYTES, model->size - HEADER_BYTES}, hex);
	if (memcmp(hex, model->map + sizeof model->file, HASH_HEX_LEN) != 0)
		return "its checksum is wrong; copy it again";
	reason = check_heads(model);
	if (reason)
		return reason;
	if (model->file.lexicon)
		model->lexicon = lexicon_view(
		    (const uint32_t *)(const void *)(model->map + model->file.lexicon));
	hash_sha256_hex((struct str){model->map, model->size}, hex);
	memcpy(model->id, hex, sizeof model->id - 1);
	return NULL;
}

/* New, of a file of n bytes; NULL with errno. */
static char *read_all(int fd, size_t n)
{
	char *bytes = large_alloc(n);
	for (size_t done = 0; done < n;) {
		ssize_t got = read(fd, bytes + done, n - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got < 0 ? errno : EIO; /* shorter than it was a moment ago */
			large_free(bytes, n);
			return NULL;
		}
		done += (size_t)got;
	}
	return bytes;
}

struct model *model_open(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		error_set(err, "could not open model \"%s\": %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd); /* only read */
		return NULL;
	}
	struct model *model = xcalloc(1, sizeof *model);
	model->size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
	if (model->size)
		model->map = read_all(fd, model->size);
	(void)close(fd); /* only read */
	if (!model->map) {
		error_set(err, "could not read model \"%s\": %s", path,
			  model->size ? strerror(errno) : "it is empty or no file");
		free(model);
		return NULL;
	}
	const char *reason = check(model);
	if (reason) {
		error_set(err, "could not use model \"%s\": %s", path, reason);
		model_close(model);
		return NULL;
	}
	return model;
}

void model_close(struct model *model)
{
	if (!model)
		return;
	lexicon_close(model->lexicon);
	large_free(model->map, model->size);
	free(model);
}

const char *model_id(const struct model *model)
{
	return model->id;
}

struct str model_bytes(const struct model *model)
{
	return (struct str){model->map, model->size};
}

uint32_t model_stride(const struct model *model)
{
	return model->file.stride;
}

uint32_t model_row_bits(const struct model *model)
{
	return model->file.row_bits;
}

const int8_t *model_weights(const struct model *model)
{
	return (const int8_t *)(model->map + model->file.weights);
}

const struct lexicon *model_lexicon(const struct model *model)
{
	return model->lexicon;
}

size_t model_n_heads(const struct model *model)
{
	return model->file.n_heads;
}

const struct model_head *model_head_at(const struct model *model, size_t i)
{
	must(i < model->file.n_heads);
	return model->heads[i];
}

const struct model_head *model_head(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->file.n_heads; i++) {
		if (strcmp(model->heads[i]->name, name) == 0)
			return model->heads[i];
	}
	return NULL;
}

int model_class_of(const struct model_head *head, struct str name)
{
	for (uint32_t k = 0; k < head->n_classes; k++) {
		if (str_is(name, head->classes[k].name))
			return (int)k;
	}
	return -1;
}

/* ---- writing ----------------------------------------------------------------------------- */

struct model_head *model_head_new(const char *name, size_t n_classes)
{
	must(n_classes > 0 && n_classes <= MODEL_CLASSES_MAX && strlen(name) < MODEL_NAME_MAX);
	struct model_head *head = xcalloc(1, head_bytes(n_classes));
	memcpy(head->name, name, strlen(name));
	head->n_classes = (uint32_t)n_classes;
	return head;
}

struct model_head *model_head_copy(const struct model_head *head)
{
	struct model_head *copy = xmalloc(head_bytes(head->n_classes));
	memcpy(copy, head, head_bytes(head->n_classes));
	return copy;
}

static int save(const char *path, const char *bytes, size_t n, struct error *err)
{
	char *temporary = xasprintf("%s.tmp", path);
	FILE *file = fopen(temporary, "wb");
	bool ok =
	    file && fwrite(bytes, 1, n, file) == n && fflush(file) == 0 && fsync(fileno(file)) == 0;
	if (file && fclose(file) != 0)
		ok = false;
	if (!ok || rename(temporary, path) != 0) {
		error_set(err, "could not write model \"%s\": %s", path, strerror(errno));
		(void)unlink(temporary); /* may not be there */
		ok = false;
	}
	free(temporary);
	return ok ? 0 : -1;
}

int model_write(const char *path, uint32_t row_bits, struct model_head *const *heads,
		size_t n_heads, const struct lexicon *lexicon, model_weight_fn *weight,
		const void *arg, struct error *err)
{
	must(n_heads > 0 && n_heads <= MODEL_HEADS_MAX && row_bits >= MODEL_BITS_MIN &&
	     row_bits <= MODEL_BITS_MAX);
	size_t at = HEADER_BYTES, columns = 0;
	for (size_t h = 0; h < n_heads; h++) {
		heads[h]->first = (uint32_t)columns;
		columns += heads[h]->n_classes;
		at += head_bytes(heads[h]->n_classes);
	}
	size_t stride = (columns + 15) / 16 * 16;
	size_t padded = (at + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
	size_t begin = padded + (lexicon ? LEXICON_BYTES : 0);
	size_t size = begin + (stride << row_bits);
	char *bytes = xcalloc(size, 1);
	struct model_file file = {.version = MODEL_VERSION,
				  .endian = MODEL_ENDIAN,
				  .size = size,
				  .features = FEATURES_VERSION,
				  .row_bits = row_bits,
				  .stride = (uint32_t)stride,
				  .n_heads = (uint32_t)n_heads,
				  .weights = begin,
				  .lexicon = lexicon ? padded : 0};
	memcpy(file.magic, "POSTHORN", 8);
	at = HEADER_BYTES;
	for (size_t h = 0; h < n_heads; h++) {
		memcpy(bytes + at, heads[h], head_bytes(heads[h]->n_classes));
		at += head_bytes(heads[h]->n_classes);
	}
	if (lexicon)
		memcpy(bytes + padded, lexicon->places, LEXICON_BYTES);
	for (uint32_t row = 0; row < 1u << row_bits; row++) {
		char *to = bytes + begin + row * stride;
		for (size_t h = 0; h < n_heads; h++) {
			for (size_t k = 0; k < heads[h]->n_classes; k++)
				to[heads[h]->first + k] = (char)weight(arg, h, k, row);
		}
	}
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex((struct str){bytes + HEADER_BYTES, size - HEADER_BYTES}, hex);
	memcpy(bytes, &file, sizeof file);
	memcpy(bytes + sizeof file, hex, HASH_HEX_LEN);
	int rc = save(path, bytes, size, err);
	free(bytes);
	return rc;
}
