#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/json.h"
#include "common/mem.h"

#include "tests/support/json_twin.h"

static int equal(struct json *in, struct arena *arena, const struct json_value *v, const json_t *t);

static int equal_object(struct json *in, struct arena *arena, const json_t *t)
{
	bool first = true;
	struct str key;
	struct json_value v;
	int more;
	while ((more = json_member(in, &first, arena, &key)) > 0) {
		const json_t *inner = t ? json_object_getn(t, key.p, key.n) : NULL;
		if (json_next(in, &v) != 0)
			return -1;
		/* of equal keys jansson keeps the last value: the others are only read */
		const char *at = in->at;
		int depth = in->depth;
		if (json_skip(in, &v) != 0)
			return -1;
		struct json rest = *in;
		in->at = at;
		in->depth = depth;
		bool last = true, more_keys = false;
		struct str other;
		struct json_value skipped;
		while (json_member(&rest, &more_keys, arena, &other) > 0 &&
		       json_next(&rest, &skipped) == 0 && json_skip(&rest, &skipped) == 0)
			last = last && !str_eq(other, key);
		if (equal(in, arena, &v, last ? inner : NULL) != 0)
			return -1;
	}
	return more;
}

static int equal_list(struct json *in, struct arena *arena, const json_t *t)
{
	bool first = true;
	struct json_value v;
	size_t i = 0;
	int more;
	while ((more = json_element(in, &first)) > 0) {
		if (json_next(in, &v) != 0 ||
		    equal(in, arena, &v, t ? json_array_get(t, i++) : NULL) != 0)
			return -1;
	}
	if (more == 0 && t)
		must(json_array_size(t) == i);
	return more;
}

/* Reads the value on and compares it with t; t NULL: reads only. */
static int equal(struct json *in, struct arena *arena, const struct json_value *v, const json_t *t)
{
	struct str text;
	switch (v->kind) {
	case JSON_IS_OBJECT: must(!t || json_is_object(t)); return equal_object(in, arena, t);
	case JSON_IS_LIST: must(!t || json_is_array(t)); return equal_list(in, arena, t);
	case JSON_IS_STRING:
		text = json_text(v, arena);
		must(!t ||
		     (json_is_string(t) &&
		      str_eq(text, (struct str){json_string_value(t), json_string_length(t)})));
		return 0;
	case JSON_IS_INT: must(!t || json_integer_value(t) == v->integer); return 0;
	case JSON_IS_REAL: must(!t || json_real_value(t) == v->real); return 0;
	case JSON_IS_BOOL:
		must(!t || (json_is_boolean(t) && json_is_true(t) == v->truth));
		return 0;
	default: must(!t || json_is_null(t)); return 0;
	}
}

static bool read_all(struct str json, const json_t *t, bool *ret_deep)
{
	struct arena *arena = arena_create(64 * MiB + 16 * json.n);
	struct json in;
	struct json_value v;
	json_begin(&in, json);
	bool ok = json_next(&in, &v) == 0 && (v.kind == JSON_IS_OBJECT || v.kind == JSON_IS_LIST) &&
		  (t ? equal(&in, arena, &v, t) : json_skip(&in, &v)) == 0 && json_end(&in) == 0;
	*ret_deep = !ok && in.what && strstr(in.what, "deeper");
	arena_free(arena);
	return ok;
}

bool json_twin_ours(struct str json)
{
	bool deep;
	return read_all(json, NULL, &deep);
}

void json_twin_check(struct str json)
{
	bool deep, other;
	bool ours = read_all(json, NULL, &deep);
	json_t *t = json_loadb(json.p ? json.p : "", json.n, JSON_ALLOW_NUL, NULL);
	/* jansson goes deeper, and reads over a NUL byte behind a number */
	if (deep || (json.n && memchr(json.p, '\0', json.n))) {
		must(deep || !ours);
		json_decref(t);
		return;
	}
	if (ours != (t != NULL)) {
		fprintf(stderr, "ours says %s:", ours ? "yes" : "no");
		for (size_t i = 0; i < json.n && i < 300; i++)
			fprintf(stderr, json.p[i] < 32 ? " %02x " : "%c", (unsigned char)json.p[i]);
		fputs("\n", stderr);
		abort();
	}
	if (t)
		must(read_all(json, t, &other));
	json_decref(t);
}

static size_t check_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf text;
	size_t n = 1;
	buf_init(&text, 64 * MiB);
	for (size_t got; f;) {
		char *to = buf_reserve(&text, 65536);
		must(to);
		got = fread(to, 1, 65536, f);
		text.n += got;
		if (got == 0)
			break;
	}
	if (f)
		(void)fclose(f); /* only read */
	json_twin_check(buf_view(&text));
	struct str rest = buf_view(&text), line;
	while (str_split(&rest, '\n', &line)) {
		json_twin_check(line);
		n++;
	}
	buf_done(&text);
	return n;
}

size_t json_twin_folder(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;
	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		char *inner = xasprintf("%s/%s", path, e->d_name);
		size_t below = e->d_type == DT_DIR ? json_twin_folder(inner) : check_file(inner);
		n += below;
		free(inner);
	}
	if (dir)
		(void)closedir(dir);
	return n;
}
