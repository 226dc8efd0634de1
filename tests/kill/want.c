#include <stdint.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "tests/kill/want.h"

struct wants {
	struct want *rows;
	size_t n, room;
	uint32_t *slots; /* row + 1, open addressing; twice as many as rows at least */
	size_t n_slots;  /* a power of two */
};

struct wants *wants_create(void)
{
	return xcalloc(1, sizeof(struct wants));
}

void wants_free(struct wants *wants)
{
	if (!wants)
		return;
	for (size_t i = 0; i < wants->n; i++) {
		free(wants->rows[i].id);
		free(wants->rows[i].conversation);
	}
	free(wants->rows);
	free(wants->slots);
	free(wants);
}

static size_t slot_of(const struct wants *wants, struct str id)
{
	size_t i = (size_t)hash_fnv(id) & (wants->n_slots - 1);
	while (wants->slots[i] && !str_is(id, wants->rows[wants->slots[i] - 1].id))
		i = (i + 1) & (wants->n_slots - 1);
	return i;
}

static void grow(struct wants *wants)
{
	wants->room = wants->room ? wants->room * 2 : 1024;
	wants->rows = xrealloc(wants->rows, wants->room * sizeof *wants->rows);
	free(wants->slots);
	wants->n_slots = wants->room * 2;
	wants->slots = xcalloc(wants->n_slots, sizeof *wants->slots);
	for (size_t i = 0; i < wants->n; i++)
		wants->slots[slot_of(wants, str_of(wants->rows[i].id))] = (uint32_t)i + 1;
}

struct want *want_add(struct wants *wants, const char *id, const char *conversation)
{
	if (wants->n == wants->room)
		grow(wants);
	size_t slot = slot_of(wants, str_of(id));
	must(wants->slots[slot] == 0);
	struct want *want = &wants->rows[wants->n];
	*want = (struct want){.id = xstrdup(id), .conversation = xstrdup(conversation)};
	wants->slots[slot] = (uint32_t)++wants->n;
	return want;
}

void wants_cut(struct wants *wants, size_t line)
{
	while (wants->n && wants->rows[wants->n - 1].line > line) {
		struct want *want = &wants->rows[--wants->n];
		free(want->id);
		free(want->conversation);
	}
	for (size_t i = 0; i < wants->n; i++) {
		struct want *want = &wants->rows[i];
		if (want->change_line <= line)
			continue;
		want->mark[0] = '\0';
		if (want->fate == FATE_GONE)
			want->fate = FATE_TICKET;
	}
	memset(wants->slots, 0, wants->n_slots * sizeof *wants->slots);
	for (size_t i = 0; i < wants->n; i++)
		wants->slots[slot_of(wants, str_of(wants->rows[i].id))] = (uint32_t)i + 1;
}

struct want *want_get(struct wants *wants, struct str id)
{
	if (wants->n == 0)
		return NULL;
	uint32_t row = wants->slots[slot_of(wants, id)];
	return row ? &wants->rows[row - 1] : NULL;
}

struct want *want_at(struct wants *wants, size_t i)
{
	must(i < wants->n);
	return &wants->rows[i];
}

size_t want_number(const struct wants *wants, const struct want *want)
{
	return (size_t)(want - wants->rows);
}

size_t wants_count(const struct wants *wants)
{
	return wants->n;
}
