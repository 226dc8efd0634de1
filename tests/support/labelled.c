#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/mem.h"

#include "tests/support/labelled.h"

static size_t lines_of(const char *path, void (*each)(struct str line, struct arena *arena))
{
	gzFile file = gzopen(path, "rb"); /* reads plain files as well */
	must(file);
	char *line = xmalloc(1 * MiB);
	struct arena *arena = arena_create(64 * MiB);
	size_t n = 0;
	while (gzgets(file, line, (int)(1 * MiB))) {
		struct str text = str_of(line);
		if (text.n > 128 * KiB || !utf8_valid(text))
			continue;
		each(text, arena);
		arena_reset(arena);
		n++;
	}
	must(gzclose(file) == Z_OK);
	arena_free(arena);
	free(line);
	return n;
}

size_t labelled_lines(void (*each)(struct str line, struct arena *arena))
{
	const char *shared = getenv("POSTHORN_SHARED") ? getenv("POSTHORN_SHARED") : "../shared";
	char command[512], path[512];
	(void)snprintf(command, sizeof command,
		       "find '%s/data' -name '*.tsv' -o -name '*.tsv.gz' 2>/dev/null | sort",
		       shared);
	FILE *list = popen(command, "r");
	must(list);
	size_t files = 0, lines = 0;
	while (fgets(path, sizeof path, list)) {
		path[strcspn(path, "\n")] = '\0';
		lines += lines_of(path, each);
		files++;
	}
	(void)pclose(list);
	if (files == 0)
		printf("no labelled data under %s: skipping\n", shared);
	else
		printf("%zu lines of %zu files\n", lines, files);
	return lines;
}
