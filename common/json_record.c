#include <stdlib.h>

#include "common/json_record.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"

int record_wrong(struct record_reader *r, const char *member, const char *expected)
{
	return error_set(r->err, "could not read %s: expected %s for \"%s\"", r->what, expected,
			 member);
}

static int broken(struct record_reader *r)
{
	return json_fail(&r->json, r->what, r->err);
}

/* More room for a list that grows: twice as much, in the arena. */
static void *grown(struct arena *arena, void *old, size_t n, size_t size)
{
	bool full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);
	if (!full)
		return old;
	void *to = arena_alloc(arena, (n < 4 ? 4 : 2 * n) * size);
	if (n)
		memcpy(to, old, n * size);
	return to;
}

/* All zero, probabilities unknown. */
static void blank(char *row, const struct record_member *m)
{
	static const int32_t unknown = POST_NO_P;
	memset(row, 0, m->size);
	for (const struct record_member *inner = m->members; inner->name; inner++) {
		if (inner->type == RECORD_P)
			memcpy(row + inner->at, &unknown, sizeof unknown);
	}
}

static int read_rows(struct record_reader *r, const struct record_member *m, char *to)
{
	bool first = true;
	size_t n = 0;
	void *rows = NULL;
	int more;
	while ((more = json_element(&r->json, &first)) > 0) {
		struct json_value v;
		if (json_next(&r->json, &v) != 0)
			return broken(r);
		if (v.kind != JSON_IS_OBJECT)
			return record_wrong(r, m->name, "objects");
		if (n == m->most)
			return record_wrong(r, m->name, "a shorter list");
		rows = grown(r->arena, rows, n, m->size);
		blank((char *)rows + n * m->size, m);
		if (record_read(r, m->members, (char *)rows + n * m->size) != 0)
			return -1;
		n++;
	}
	memcpy(to + m->at, &rows, sizeof rows);
	memcpy(to + m->count, &n, sizeof n);
	return more < 0 ? broken(r) : 0;
}

static int read_spans(struct record_reader *r, const struct record_member *m, char *to)
{
	bool first = true;
	size_t n = 0;
	struct post_span *spans = NULL;
	int more;
	while ((more = json_element(&r->json, &first)) > 0) {
		struct json_value v, edge[2];
		bool inner = true;
		if (json_next(&r->json, &v) != 0)
			return broken(r);
		if (v.kind != JSON_IS_LIST)
			return record_wrong(r, m->name, "[start,end] pairs");
		for (int i = 0; i < 2; i++) {
			int one = json_element(&r->json, &inner);
			if (one < 0 || (one > 0 && json_next(&r->json, &edge[i]) != 0))
				return broken(r);
			if (one == 0 || edge[i].kind != JSON_IS_INT)
				return record_wrong(r, m->name, "[start,end] pairs");
		}
		int rest = json_element(&r->json, &inner);
		if (rest != 0)
			return rest < 0 ? broken(r) : record_wrong(r, m->name, "[start,end] pairs");
		if (edge[0].integer < 0 || edge[1].integer < edge[0].integer)
			return record_wrong(r, m->name, "sorted spans inside the text");
		if (n == m->most)
			return record_wrong(r, m->name, "a shorter list");
		spans = grown(r->arena, spans, n, sizeof *spans);
		spans[n++] = (struct post_span){(size_t)edge[0].integer, (size_t)edge[1].integer};
	}
	memcpy(to + m->at, &spans, sizeof spans);
	memcpy(to + m->count, &n, sizeof n);
	return more < 0 ? broken(r) : 0;
}

static int read_name(struct record_reader *r, const struct record_member *m,
		     const struct json_value *v, char *to)
{
	struct str name = json_text(v, r->arena);
	for (int i = 0; m->names[i]; i++) {
		if (str_is(name, m->names[i])) {
			memcpy(to + m->at, &i, sizeof i);
			return 0;
		}
	}
	return record_wrong(r, m->name, "a known word");
}

static int32_t ten_thousandths(double v)
{
	double scaled = v * POST_ONE;
	if (!(scaled > -2e9 && scaled < 2e9))
		return scaled < 0 ? -2000000000 : 2000000000;
	return (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

static int read_value(struct record_reader *r, const struct record_member *m, char *to)
{
	struct json_value v;
	if (json_next(&r->json, &v) != 0)
		return broken(r);
	if (v.kind == JSON_IS_NULL)
		return 0;
	char *at = to + m->at;
	struct str text;
	int64_t ms;
	int32_t p;
	int small;
	switch (m->type) {
	case RECORD_TEXT:
		if (v.kind != JSON_IS_STRING)
			return record_wrong(r, m->name, "text or null");
		text = json_text(&v, r->arena);
		memcpy(at, &text, sizeof text);
		return 0;
	case RECORD_INT:
		if (v.kind != JSON_IS_INT)
			return record_wrong(r, m->name, "a whole number or null");
		memcpy(at, &v.integer, sizeof v.integer);
		return 0;
	case RECORD_SMALL:
		if (v.kind != JSON_IS_INT || v.integer < INT32_MIN || v.integer > INT32_MAX)
			return record_wrong(r, m->name, "a small whole number or null");
		small = (int)v.integer;
		memcpy(at, &small, sizeof small);
		return 0;
	case RECORD_SIZE:
		if (v.kind != JSON_IS_INT || v.integer < 0)
			return record_wrong(r, m->name, "a whole number");
		memcpy(at, &(size_t){(size_t)v.integer}, sizeof(size_t));
		return 0;
	case RECORD_NUMBER:
		if (v.kind != JSON_IS_INT && v.kind != JSON_IS_REAL)
			return record_wrong(r, m->name, "a number or null");
		memcpy(at, &v.real, sizeof v.real);
		return 0;
	case RECORD_P:
		if (v.kind != JSON_IS_INT && v.kind != JSON_IS_REAL)
			return record_wrong(r, m->name, "a number or null");
		p = ten_thousandths(v.real);
		memcpy(at, &p, sizeof p);
		return 0;
	case RECORD_BOOL:
		if (v.kind != JSON_IS_BOOL)
			return record_wrong(r, m->name, "true, false or null");
		memcpy(at, &v.truth, sizeof v.truth);
		return 0;
	case RECORD_TRIT:
		if (v.kind != JSON_IS_BOOL)
			return record_wrong(r, m->name, "true, false or null");
		small = v.truth;
		memcpy(at, &small, sizeof small);
		return 0;
	case RECORD_TIME:
		if (v.kind != JSON_IS_STRING || num_time_ms(json_text(&v, r->arena), &ms) != 0)
			return record_wrong(r, m->name, "a time as in RFC 3339 or null");
		memcpy(at, &ms, sizeof ms);
		return 0;
	case RECORD_NAME:
		if (v.kind != JSON_IS_STRING)
			return record_wrong(r, m->name, "a known word");
		return read_name(r, m, &v, to);
	case RECORD_INNER:
		if (v.kind != JSON_IS_OBJECT)
			return record_wrong(r, m->name, "an object or null");
		return record_read(r, m->members, to);
	case RECORD_ROWS:
	case RECORD_SPANS:
		if (v.kind != JSON_IS_LIST)
			return record_wrong(r, m->name, "a list or null");
		return m->type == RECORD_ROWS ? read_rows(r, m, to) : read_spans(r, m, to);
	default: return json_skip(&r->json, &v) != 0 ? broken(r) : 0;
	}
}

static const char *behind_space(const struct record_reader *r, const char *p)
{
	while (p < r->json.end && memchr(" \t\r\n", *p, 4))
		p++;
	return p;
}

static size_t offset(const struct record_reader *r, const char *p)
{
	return (size_t)(p - r->json.text.p);
}

int record_read(struct record_reader *r, const struct record_member *members, void *to)
{
	size_t n = 0, next = 0;
	uint64_t seen = 0;
	bool first = true;
	struct str key;
	int more;
	while (members[n].name)
		n++;
	must(n < 64);
	for (;;) {
		bool is_first = first;
		const char *from = r->json.at;
		if ((more = json_member(&r->json, &first, r->arena, &key)) <= 0)
			break;
		size_t i = 0;
		for (; i < n; i++) {
			size_t at = next + i < n ? next + i : next + i - n;
			if (str_is(key, members[at].name)) {
				next = at;
				break;
			}
		}
		if (i == n) {
			struct json_value v;
			if (json_next(&r->json, &v) != 0 || json_skip(&r->json, &v) != 0)
				return broken(r);
			continue;
		}
		if (seen >> next & 1) {
			r->json.what = "a member comes twice";
			return broken(r);
		}
		seen |= 1ULL << next;
		const char *value = r->json.at;
		if (read_value(r, &members[next], to) != 0)
			return -1;
		if (members[next].type == RECORD_RAW) {
			r->raw_from = offset(r, is_first ? from : behind_space(r, from));
			r->raw_value = offset(r, behind_space(r, value));
			r->raw_to = offset(r, behind_space(r, r->json.at));
			r->raw_first = is_first;
		}
		next = next + 1 < n ? next + 1 : 0;
	}
	return more < 0 ? broken(r) : 0;
}
