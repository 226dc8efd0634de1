/*
 * oracle_check ORACLE.jsonl SOURCES.tsv < posts.jsonl
 *
 * Is every item that two independent feed readers agree on among the posts?  SOURCES.tsv maps the
 * name of a source to the file of the oracle.  An item is found if a post of its source has its id, its
 * link, or (where the item has neither) its title; equal items of a page count once, as our ids do.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *posts; /* source -> list of posts */

static void read_posts(void)
{
	char *line = NULL;
	size_t room = 0;
	posts = json_object();
	while (getline(&line, &room, stdin) > 0) {
		json_t *post = json_loads(line, JSON_ALLOW_NUL, NULL);
		const char *source = json_string_value(json_object_get(post, "source"));
		if (!source)
			continue;
		json_t *list = json_object_get(posts, source);
		if (!list) {
			list = json_array();
			json_object_set_new(posts, source, list);
		}
		json_array_append_new(list, post);
	}
	free(line);
}

static const char *text(const json_t *o, const char *name)
{
	const char *z = json_string_value(json_object_get(o, name));
	return z && *z ? z : NULL;
}

static int same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* white space folded: the oracle's titles are */
static int same_title(const char *a, const char *b)
{
	if (!a || !b)
		return 0;
	while (*a || *b) {
		while (*a == ' ' || *a == '\n' || *a == '\t')
			a++;
		while (*b == ' ' || *b == '\n' || *b == '\t')
			b++;
		if (*a != *b)
			return 0;
		if (*a)
			a++, b++;
	}
	return 1;
}

static int found(const json_t *list, const json_t *item)
{
	const char *id = text(item, "id"), *link = text(item, "link"), *title = text(item, "title");
	size_t i;
	json_t *post;
	if (!id && !link && !title)
		return 1; /* nothing to look for */
	json_array_foreach((json_t *)list, i, post)
	{
		const char *post_id = text(post, "id");
		if (id && post_id && strstr(post_id, id))
			return 1;
		if (link && same(text(post, "url"), link))
			return 1;
		if (same_title(title, text(post, "title")))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char line[4096], name[1024], file[1024];
	int items = 0, missed = 0, files = 0;
	if (argc != 3)
		return 64;
	read_posts();
	json_t *files_of = json_object();
	FILE *f = fopen(argv[2], "r");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "%1023[^\t]\t%1023[^\n]", name, file) == 2)
			json_object_set_new(files_of, file, json_string(name));
	if (f)
		fclose(f);
	char *row = NULL;
	size_t room = 0;
	f = fopen(argv[1], "r");
	while (f && getline(&row, &room, f) > 0) {
		json_t *o = json_loads(row, 0, NULL), *item;
		const json_t *agreed = json_object_get(json_object_get(o, "agreed"), "items");
		const char *source = json_string_value(
		    json_object_get(files_of, text(o, "file") ? text(o, "file") : ""));
		const json_t *list = source ? json_object_get(posts, source) : NULL;
		size_t i;
		if (json_array_size(agreed))
			files++;
		json_array_foreach((json_t *)agreed, i, item)
		{
			items++;
			if (found(list, item))
				continue;
			missed++;
			char *dump = json_dumps(item, JSON_COMPACT);
			printf("missed in %s: %.200s\n", text(o, "file"), dump);
			free(dump);
		}
		json_decref(o);
	}
	printf("# oracle: %d items of %d feeds expected, %d missed\n", items, files, missed);
	return missed || !items;
}
