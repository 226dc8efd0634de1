#include <stddef.h>

#include "common/bytes.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post_fields.h"

int fields_wrong(struct fields_reader *r, struct str member, const char *expected)
{
	return error_set(r->err, "could not read post: expected %s for \"%.*s\"", expected,
			 STR_ARG(member));
}

int fields_bad(struct fields_reader *r)
{
	return error_set(r->err, "could not read post: %s at byte %zu",
			 r->in.reason ? r->in.reason : "invalid JSON",
			 (size_t)(r->in.at - r->in.begin));
}

/* Room for 4, 8, 16 ... items. */
void *fields_grow(struct fields_reader *r, void *items, size_t n, size_t size)
{
	if (n && (n < 4 || (n & (n - 1)) != 0))
		return items;
	void *more = arena_alloc(r->in.arena, (n ? 2 * n : 4) * size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

static inline bool is_row(const struct field *row, uint16_t tag, struct str key)
{
	return row->tag == tag && bytes_same(row->name, key.p, key.n);
}

/* The row, or fields->n.  `from`, mostly it, was looked at. */
static unsigned find(const struct fields *fields, uint16_t tag, struct str key, unsigned from)
{
	for (unsigned i = from + 1; i < fields->n; i++)
		if (is_row(&fields->rows[i], tag, key))
			return i;
	for (unsigned i = 0; i < from; i++)
		if (is_row(&fields->rows[i], tag, key))
			return i;
	return fields->n;
}

/* ---- values ---- */

static struct str name_of(const struct field *row)
{
	return (struct str){row->name, row->tag % 256};
}

static int wrong(struct fields_reader *r, const struct field *row, const char *expected)
{
	return fields_wrong(r, name_of(row), expected);
}

static int read_name(struct fields_reader *r, const struct field *row, struct str s, void *to)
{
	for (unsigned i = 0; row->names[i]; i++)
		if (row->names[i][0] == (s.n ? s.p[0] : '\0') && str_is(s, row->names[i])) {
			memcpy(to, &i, sizeof i); /* an enum without negative values */
			return 0;
		}
	return wrong(r, row, "a known word");
}

static int read_string(struct fields_reader *r, const struct field *row, void *to)
{
	struct str s;
	if (json_in_str(&r->in, &s))
		return fields_bad(r);
	switch (row->type) {
	case FIELD_TEXT: memcpy(to, &s, sizeof s); return 0;
	case FIELD_NAME: return read_name(r, row, s, to);
	default:
		if (num_time_ms(s, to))
			return wrong(r, row, "a time as in RFC 3339 or null");
		return 0;
	}
}

/* To the nearest ten-thousandth.  Up to four decimals, which is what we write, need no double. */
static int32_t ten_thousandths(const struct json_in_number *number)
{
	struct str s = number->text;
	size_t i = s.p[0] == '-', point = str_find(s, '.', 0);
	if (point - i <= 4 && s.n - point <= 5) {
		int32_t v = 0, places = 0;
		for (; i < s.n && (s.p[i] == '.' || (s.p[i] >= '0' && s.p[i] <= '9')); i++) {
			if (s.p[i] == '.')
				continue;
			v = v * 10 + (s.p[i] - '0');
			places += i > point;
		}
		for (; places < 4; places++)
			v *= 10;
		if (i == s.n)
			return s.p[0] == '-' ? -v : v;
	}
	double v = json_in_double(number) * POST_ONE;
	v += v < 0 ? -0.5 : 0.5;
	return v >= INT32_MAX ? INT32_MAX : v <= -INT32_MAX ? -INT32_MAX : (int32_t)v;
}

static int read_number(struct fields_reader *r, const struct field *row, void *to)
{
	struct json_in_number number;
	if (json_in_number(&r->in, &number))
		return fields_bad(r);
	int64_t v = number.integer;
	switch (row->type) {
	case FIELD_REAL: *(double *)to = json_in_double(&number); return 0;
	case FIELD_P: *(int32_t *)to = ten_thousandths(&number); return 0;
	case FIELD_LEVEL:
		if (!number.whole || v < -1 || v > 3)
			return wrong(r, row, "0..3 or null");
		*(int *)to = (int)v;
		return 0;
	case FIELD_SIZE:
		if (!number.whole || v < 0)
			return wrong(r, row, "a whole number from 0 up or null");
		*(size_t *)to = (size_t)v;
		return 0;
	default:
		if (!number.whole)
			return wrong(r, row, "a whole number or null");
		*(int64_t *)to = v;
		return 0;
	}
}

static int read_bool(struct fields_reader *r, const struct field *row, void *to)
{
	bool v;
	if (json_in_bool(&r->in, &v))
		return fields_bad(r);
	if (row->type == FIELD_BOOL)
		*(bool *)to = v;
	else if (row->type == FIELD_SAID)
		((bool *)to)[0] = v, ((bool *)to)[1] = true;
	else
		*(int *)to = v;
	return 0;
}

static int read_list(struct fields_reader *r, const struct field *row, char *base)
{
	const struct field_list *list = row->list;
	char *items = NULL;
	size_t n = 0;
	int more;
	if (json_in_open(&r->in, '['))
		return fields_bad(r);
	while ((more = json_in_item(&r->in)) > 0) {
		if (json_in_kind(&r->in) != KIND_OBJECT)
			return wrong(r, row, "objects");
		if (n == list->max)
			return wrong(r, row, "a shorter list");
		items = fields_grow(r, items, n, list->size);
		char *item = items + n++ * list->size;
		memcpy(item, list->fresh, list->size);
		if (fields_read(r, &list->of, item))
			return -1;
		if (list->sane && !list->sane(item))
			return wrong(r, row, "spans that do not end before they start");
	}
	if (more < 0)
		return fields_bad(r);
	memcpy(base + row->at, &items, sizeof items);
	memcpy(base + list->n_at, &n, sizeof n);
	return 0;
}

/* What each type is in JSON, and how that is said. */
static const struct {
	enum json_in_kind kind;
	const char *said;
} types[] = {[FIELD_TEXT] = {KIND_STRING, "text or null"},
	     [FIELD_INT] = {KIND_NUMBER, "a whole number or null"},
	     [FIELD_SIZE] = {KIND_NUMBER, "a whole number or null"},
	     [FIELD_REAL] = {KIND_NUMBER, "a number or null"},
	     [FIELD_P] = {KIND_NUMBER, "a number or null"},
	     [FIELD_LEVEL] = {KIND_NUMBER, "0..3 or null"},
	     [FIELD_BOOL] = {KIND_BOOL, "true, false or null"},
	     [FIELD_SAID] = {KIND_BOOL, "true, false or null"},
	     [FIELD_MAYBE] = {KIND_BOOL, "true, false or null"},
	     [FIELD_TIME] = {KIND_STRING, "text or null"},
	     [FIELD_NAME] = {KIND_STRING, "text or null"},
	     [FIELD_OBJECT] = {KIND_OBJECT, "an object or null"},
	     [FIELD_LIST] = {KIND_LIST, "a list or null"},
	     [FIELD_CALL] = {KIND_NONE, ""}};

static int read_value(struct fields_reader *r, const struct field *row, char *base)
{
	if (row->type == FIELD_CALL)
		return row->call(r, base);
	enum json_in_kind kind = json_in_kind(&r->in);
	if (kind == KIND_NULL)
		return json_in_null(&r->in) ? fields_bad(r) : 0;
	if (kind != types[row->type].kind) {
		/* bad JSON is said to be that */
		return json_in_skip(&r->in) ? fields_bad(r) : wrong(r, row, types[row->type].said);
	}
	switch (kind) {
	case KIND_STRING: return read_string(r, row, base + row->at);
	case KIND_NUMBER: return read_number(r, row, base + row->at);
	case KIND_BOOL: return read_bool(r, row, base + row->at);
	case KIND_LIST: return read_list(r, row, base);
	default: return fields_read(r, row->fields, base);
	}
}

static int twice(struct fields_reader *r, const struct field *row)
{
	return error_set(r->err, "could not read post: \"%.*s\" twice at byte %zu",
			 STR_ARG(name_of(row)), (size_t)(r->in.at - r->in.begin));
}

int fields_read(struct fields_reader *r, const struct fields *fields, void *base)
{
	const struct field *rows = fields->rows;
	uint64_t seen = 0;
	unsigned i = 0, next = 0;
	struct str key = STR_NULL;
	int more;
	if (json_in_open(&r->in, '{'))
		return fields_bad(r);
	for (;; next = i + 1 < fields->n ? i + 1 : 0) {
		r->behind = r->in.at;
		r->first = r->in.fresh;
		if ((more = json_in_key(&r->in, &key)) <= 0)
			break;
		/* no name is longer than 255, and none is empty */
		uint16_t tag = (uint16_t)(key.n + 256 * (unsigned char)key.p[0]);
		i = next;
		if (key.n == 0 || key.n > 255 || !is_row(&rows[i], tag, key))
			i = key.n == 0 || key.n > 255 ? fields->n : find(fields, tag, key, next);
		if (i == fields->n) {
			i = next - 1; /* the same is next */
			if (json_in_skip(&r->in))
				return fields_bad(r);
			continue;
		}
		if (seen >> i & 1)
			return twice(r, &rows[i]);
		seen |= UINT64_C(1) << i;
		if (rows[i].type == FIELD_TEXT && r->in.at < r->in.end && *r->in.at == '"') {
			if (json_in_str(&r->in, (struct str *)((char *)base + rows[i].at)))
				return fields_bad(r);
		} else if (read_value(r, &rows[i], base)) {
			return -1;
		}
	}
	return more ? fields_bad(r) : 0;
}
