#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "common/query/texts.h"

/* The slot of the text, or the empty one where it belongs. */
static uint32_t *slot_of(const struct texts *texts, struct str text)
{
	size_t mask = 2 * texts->room - 1, i = hash_word(text) & mask;
	while (texts->slots[i] && !str_eq(texts->at[texts->slots[i] - 1], text))
		i = (i + 1) & mask;
	return &texts->slots[i];
}

static void enter(struct texts *texts, size_t number)
{
	uint32_t *slot = slot_of(texts, texts->at[number]);
	if (!*slot)
		*slot = (uint32_t)number + 1;
}

void texts_add(struct texts *texts, struct str text)
{
	if (texts->n == texts->room) {
		texts->room = texts->room ? 2 * texts->room : 16;
		texts->at = xrealloc(texts->at, texts->room * sizeof *texts->at);
		free(texts->slots);
		texts->slots = xcalloc(2 * texts->room, sizeof *texts->slots);
		for (size_t i = 0; i < texts->n; i++)
			enter(texts, i);
	}
	texts->at[texts->n++] = text;
	enter(texts, texts->n - 1);
}

size_t texts_find(const struct texts *texts, struct str text)
{
	uint32_t number = texts->room ? *slot_of(texts, text) : 0;
	return number ? number - 1 : texts->n;
}

void texts_done(struct texts *texts)
{
	free(texts->at);
	free(texts->slots);
}
