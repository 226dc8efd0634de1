#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/post.h"

#include "analyze/corrections.h"

enum { NAMES = 5, LINE_MAX_BYTES = 8 * MiB };

/* Of these lang replaces the post's own. */
static const char *const names[NAMES] = {"lang", "tonality", "urgency", "answer", "relevance"};

struct correction {
	struct str post;
	struct str to[NAMES];
	size_t number; /* in the order of the events */
};

struct corrections {
	struct correction *at;
	size_t n, room, bad;
	struct arena *arena;
};

typedef void line_fn(struct corrections *c, struct str line, FILE *out);

static int each_line(const char *path, line_fn *fn, struct corrections *c, FILE *out,
		     struct error *err)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	if (!f)
		return error_set(err, "could not open \"%s\": %s", path, strerror(errno));
	while ((n = getline(&line, &room, f)) > 0) {
		struct str text = str_trim((struct str){line, (size_t)n});
		if (text.n && text.n <= LINE_MAX_BYTES)
			fn(c, text, out);
		else
			c->bad += text.n > 0;
	}
	free(line);
	if (f != stdin)
		(void)fclose(f); /* only read */
	return 0;
}

static struct correction *of_post(struct corrections *c, struct str post)
{
	for (size_t i = c->n; i-- > 0;) {
		if (str_eq(c->at[i].post, post))
			return &c->at[i];
	}
	if (c->n == c->room) {
		c->room = c->room * 2 + 64;
		c->at = xrealloc(c->at, c->room * sizeof *c->at);
	}
	c->at[c->n] = (struct correction){.post = arena_str(c->arena, post), .number = c->n};
	return &c->at[c->n++];
}

static struct str text_of(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)}
				 : STR_NULL;
}

static void take_event(struct corrections *c, struct str line, FILE *out)
{
	json_t *e = json_loadb(line.p, line.n, 0, NULL);
	struct str post = text_of(e, "post"), name = text_of(e, "name");
	(void)out;
	c->bad += !json_is_object(e);
	for (int i = 0; str_is(text_of(e, "event"), "corrected") && post.n && i < NAMES; i++) {
		if (str_is(name, names[i]))
			of_post(c, post)->to[i] = arena_str(c->arena, text_of(e, "to"));
	}
	json_decref(e);
}

static int by_post(const void *a, const void *b)
{
	const struct correction *x = a, *y = b;
	int order = str_cmp(x->post, y->post);
	return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

/* A cell of a table: no tab, no end of line. */
static void put_cell(FILE *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		(void)fputc((unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i], out);
}

static void take_post(struct corrections *c, struct str line, FILE *out)
{
	struct error err;
	struct post post;
	struct arena *arena = arena_create(16 * POST_MAX_BYTES);
	if (post_parse(line, arena, &post, &err) != 0) {
		c->bad++;
	} else if (post.op != POST_DELETE) {
		struct correction wanted = {.post = post.id}, *found;
		found = bsearch(&wanted, c->at, c->n, sizeof *c->at, by_post);
		if (found && post.text.n + post.title.n) {
			struct str lang = found->to[0].n ? found->to[0] : post.lang;
			put_cell(out, post.id);
			(void)fputc('\t', out);
			put_cell(out, lang);
			for (int i = 1; i < NAMES; i++) {
				(void)fputc('\t', out);
				put_cell(out, found->to[i]);
			}
			(void)fputc('\t', out);
			put_cell(out, post.title);
			if (post.title.n && post.text.n)
				(void)fputc(' ', out);
			put_cell(out, post.text);
			(void)fputc('\n', out);
		}
	}
	arena_free(arena);
}

int corrections_print(const char *posts, const char *events, FILE *out, struct error *err)
{
	struct corrections c = {.arena = arena_create(SIZE_MAX / 4)};
	int rc = each_line(events, take_event, &c, out, err);
	if (rc == 0) {
		for (size_t i = 0; i < c.n; i++)
			c.at[i].number = 0; /* each post once: looked up by its id alone */
		if (c.n)
			qsort(c.at, c.n, sizeof *c.at, by_post);
		fputs("id\tlang\ttonality\turgency\tanswer\trelevance\ttext\n", out);
		rc = each_line(posts, take_post, &c, out, err);
	}
	if (rc == 0)
		fprintf(stderr, "%zu posts corrected; %zu lines were no events or posts\n", c.n,
			c.bad);
	free(c.at);
	arena_free(c.arena);
	return rc;
}
