/*
 * texts < posts.jsonl: the text of each post on a line of its own, for peers that read no JSON; white
 * space and control characters become blanks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/mem.h"
#include "common/post.h"

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	struct arena *arena = arena_create(4 * MiB);
	while ((n = getline(&line, &room, stdin)) > 0) {
		struct post post;
		struct error err;
		arena_reset(arena);
		if (post_parse(str_trim((struct str){line, (size_t)n}), arena, &post, &err)) {
			fprintf(stderr, "texts: %s\n", err.text);
			return 65;
		}
		for (size_t i = 0; i < post.text.n; i++) {
			unsigned char c = (unsigned char)post.text.p[i];
			putchar(c < ' ' ? ' ' : c);
		}
		putchar('\n');
	}
	free(line);
	arena_free(arena);
	return fflush(stdout) ? 74 : 0;
}
