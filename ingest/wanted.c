#include <stdlib.h>

#include "common/mem.h"
#include "common/query/file.h"

#include "ingest/wanted.h"

struct wanted {
	struct query_file *file;
	struct query_matcher *matcher;
	struct arena *arena; /* of the post in hand */
};

struct wanted *wanted_load(const char *path, struct error *err)
{
	struct query_file *file = query_file_load_early(path, err);
	if (!file)
		return NULL;
	struct wanted *wanted = xcalloc(1, sizeof *wanted);
	wanted->file = file;
	wanted->matcher = query_matcher_create(file->set);
	wanted->arena = arena_create(SIZE_MAX / 4);
	return wanted;
}

void wanted_free(struct wanted *wanted)
{
	if (!wanted)
		return;
	query_matcher_free(wanted->matcher);
	query_file_free(wanted->file);
	arena_free(wanted->arena);
	free(wanted);
}

bool wanted_post(struct wanted *wanted, const struct post *post)
{
	struct query_words words;
	struct query_match *found;
	arena_reset(wanted->arena);
	query_cut(post, &words, wanted->arena);
	struct query_post p = query_post_of(post, NULL, &words);
	return query_match(wanted->matcher, &p, wanted->arena, &found) > 0;
}

size_t wanted_queries(const struct wanted *wanted, const char **ret_always)
{
	const struct query_set *set = wanted->file->set;
	size_t n = query_set_n(set), i = 0;
	while (i < n && !query_set_always(set, i))
		i++;
	*ret_always = i < n ? query_set_name(set, i) : NULL;
	return n;
}
