/*
 * town.c: reads the town, and which posts a place shows when.
 *
 * Posts are kept sorted by time, those of one minute in the order of the file.  A post that was
 * deleted counts as a change of its place only while it would stand among the posts shown, so that
 * what has left the page never changes the page's validators.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"
#include "tests/world/town.h"

struct town {
	struct arena *arena;
	struct town_place *places;
	size_t n_places;
	struct town_post *posts; /* by time */
	size_t n_posts;
};

struct file {
	const char *path;
	int line;
	struct error *err;
};

static int fail(const struct file *file, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static int fail(const struct file *file, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	/* a longer text is cut: it is for people */
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return error_set(file->err, "%s:%d: %s", file->path, file->line, text);
}

static int read_whole(const char *path, struct buf *out, struct error *err)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return error_set(err, "could not read \"%s\": %s", path, strerror(errno));
	char piece[16 * 1024];
	size_t n;
	int rc = 0;
	while (!rc && (n = fread(piece, 1, sizeof piece, f)) > 0)
		rc = buf_add(out, piece, n);
	bool broken = ferror(f);
	fclose(f);
	if (rc || broken)
		return error_set(err, "could not read \"%s\": %s", path,
				 rc ? "larger than 64 MiB" : "input error");
	return 0;
}

/* ---- places -------------------------------------------------------------------------- */

static int format_of(struct str s, enum town_format *ret)
{
	static const char *const names[] = {"rss", "atom", "jsonfeed", "rdf"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(s, names[i])) {
			*ret = (enum town_format)i;
			return 0;
		}
	return -1;
}

static int read_place(struct town *town, const struct file *file, struct str line)
{
	struct str cell[7], rest = line;
	size_t n = 0;
	while (n < ARRAY_LEN(cell) && str_split(&rest, '\t', &cell[n]))
		n++;
	if (n != ARRAY_LEN(cell) || rest.p)
		return fail(file, "expected 7 columns separated by tabs");
	if (town->n_places == TOWN_MAX_PLACES)
		return fail(file, "more than %d places", TOWN_MAX_PLACES);
	struct town_place *place = &town->places[town->n_places];
	struct arena *arena = town->arena;
	*place = (struct town_place){
	    .name = arena_str(arena, cell[0]),
	    .channel = arena_str(arena, cell[1]),
	    .lang = arena_str(arena, cell[4]),
	    .path = arena_str(arena, cell[5]),
	    .title = arena_str(arena, cell[6]),
	    .owned = str_is(cell[3], "yes"),
	};
	if (format_of(cell[2], &place->format))
		return fail(file, "expected rss, atom, jsonfeed or rdf, found \"%.*s\"",
			    STR_ARG(cell[2]));
	if (!place->owned && !str_is(cell[3], "no"))
		return fail(file, "expected yes or no, found \"%.*s\"", STR_ARG(cell[3]));
	if (!str_starts(place->path, "/") || place->name.n == 0)
		return fail(file, "expected a place and a path beginning with \"/\"");
	for (size_t i = 0; i < town->n_places; i++)
		if (str_eq(town->places[i].name, place->name) ||
		    str_eq(town->places[i].path, place->path))
			return fail(file, "place \"%.*s\" or its path is there already",
				    STR_ARG(place->name));
	town->n_places++;
	return 0;
}

static int read_places(struct town *town, const char *dir, struct error *err)
{
	struct file file = {arena_printf(town->arena, "%s/places.tsv", dir), 0, err};
	struct buf bytes;
	buf_init(&bytes, 64 * MiB);
	int rc = read_whole(file.path, &bytes, err);
	struct str rest = buf_view(&bytes), line;
	town->places = arena_zalloc(town->arena, TOWN_MAX_PLACES * sizeof *town->places);
	while (!rc && str_split(&rest, '\n', &line)) {
		if (++file.line > 1 && line.n > 0)
			rc = read_place(town, &file, line);
	}
	buf_done(&bytes);
	return rc;
}

/* ---- posts --------------------------------------------------------------------------- */

static int time_of(struct str s, int64_t *ret_ms)
{
	bool before = str_starts(s, "-");
	int64_t hour, minute;
	if (before)
		s = str_sub(s, 1, s.n);
	if (s.n != 5 || s.p[2] != ':' || num_int(str_sub(s, 0, 2), 0, 23, &hour) ||
	    num_int(str_sub(s, 3, 5), 0, 59, &minute))
		return -1;
	*ret_ms = TOWN_MIDNIGHT + ((before ? hour - 24 : hour) * 60 + minute) * 60000;
	return 0;
}

static int get_str(struct town *town, const struct file *file, const json_t *object,
		   const char *key, bool needed, struct str *ret)
{
	const json_t *value = json_object_get(object, key);
	*ret = STR_NULL;
	if (!value || json_is_null(value))
		return needed ? fail(file, "expected a member \"%s\"", key) : 0;
	if (!json_is_string(value))
		return fail(file, "expected text as \"%s\"", key);
	*ret = arena_str(town->arena,
			 (struct str){json_string_value(value), json_string_length(value)});
	return 0;
}

static int get_time(struct town *town, const struct file *file, const json_t *object,
		    const char *key, bool needed, int64_t *ret_ms)
{
	struct str text;
	*ret_ms = TOWN_NEVER;
	if (get_str(town, file, object, key, needed, &text))
		return -1;
	if (text.p && time_of(text, ret_ms))
		return fail(file, "expected \"HH:MM\" or \"-HH:MM\" as \"%s\", found \"%.*s\"", key,
			    STR_ARG(text));
	return 0;
}

static int get_number(const struct file *file, const json_t *object, const char *key, int64_t min,
		      int64_t max, int64_t *ret)
{
	const json_t *value = json_object_get(object, key);
	*ret = TOWN_NO_NUMBER;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return fail(file, "expected a whole number from %lld to %lld as \"%s\"",
			    (long long)min, (long long)max, key);
	*ret = json_integer_value(value);
	return 0;
}

static int check_members(const struct file *file, json_t *object)
{
	static const char *const known[] = {"id",     "place",    "at",   "author",
					    "name",   "reply_to", "text", "followers",
					    "rating", "title",    "edit", "deleted_at"};
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		size_t i = 0;
		while (i < ARRAY_LEN(known) && strcmp(known[i], key) != 0)
			i++;
		if (i == ARRAY_LEN(known))
			return fail(file, "unknown member \"%s\"", key);
	}
	return 0;
}

/* `reply` keeps the id until all posts are read */
static int read_post(struct town *town, const struct file *file, json_t *object, struct str *reply)
{
	struct town_post *post = &town->posts[town->n_posts];
	struct str place;
	*post = (struct town_post){.line = file->line, .edit_ms = TOWN_NEVER};
	if (check_members(file, object) || get_str(town, file, object, "id", true, &post->id) ||
	    get_str(town, file, object, "place", true, &place) ||
	    get_str(town, file, object, "author", true, &post->author) ||
	    get_str(town, file, object, "name", false, &post->name) ||
	    get_str(town, file, object, "title", false, &post->title) ||
	    get_str(town, file, object, "text", true, &post->text) ||
	    get_str(town, file, object, "reply_to", false, reply) ||
	    get_time(town, file, object, "at", true, &post->at_ms) ||
	    get_time(town, file, object, "deleted_at", false, &post->deleted_ms) ||
	    get_number(file, object, "followers", 0, 2000000000, &post->followers) ||
	    get_number(file, object, "rating", 1, 5, &post->rating))
		return -1;
	const json_t *edit = json_object_get(object, "edit");
	if (edit && !json_is_null(edit) &&
	    (get_time(town, file, edit, "at", true, &post->edit_ms) ||
	     get_str(town, file, edit, "text", true, &post->edit_text)))
		return -1;
	for (size_t i = 0; i < town->n_places; i++)
		if (str_eq(town->places[i].name, place))
			post->place = &town->places[i];
	if (!post->place)
		return fail(file, "place \"%.*s\" is not in places.tsv", STR_ARG(place));
	if (!post->name.n)
		post->name = post->author;
	if (post->edit_ms <= post->at_ms || post->deleted_ms <= post->at_ms)
		return fail(file, "edited or deleted before it was written");
	town->n_posts++;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct town_post *const *x = a, *const *y = b;
	return str_cmp((*x)->id, (*y)->id);
}

static int by_time(const void *a, const void *b)
{
	const struct town_post *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Sorts, then ties answers to what they answer; line_reply[line] is the id, or null. */
static int tie(struct town *town, const char *path, const struct str *line_reply, struct error *err)
{
	struct file file = {path, 0, err};
	int rc = 0;
	qsort(town->posts, town->n_posts, sizeof *town->posts, by_time);
	struct town_post **ids = xcalloc(town->n_posts, sizeof(struct town_post *));
	for (size_t i = 0; i < town->n_posts; i++)
		ids[i] = &town->posts[i];
	qsort(ids, town->n_posts, sizeof(struct town_post *), by_id);
	for (size_t i = 1; i < town->n_posts && !rc; i++) {
		file.line = ids[i]->line;
		if (str_eq(ids[i - 1]->id, ids[i]->id))
			rc = fail(&file, "id \"%.*s\" is there twice", STR_ARG(ids[i]->id));
	}
	for (size_t i = 0; i < town->n_posts && !rc; i++) {
		struct town_post *post = &town->posts[i], key = {.id = line_reply[post->line]};
		const struct town_post *key_at = &key;
		if (!key.id.p)
			continue;
		file.line = post->line;
		struct town_post **found =
		    bsearch(&key_at, ids, town->n_posts, sizeof(struct town_post *), by_id);
		if (!found)
			rc = fail(&file, "answers \"%.*s\", which is not there", STR_ARG(key.id));
		else if ((*found)->at_ms > post->at_ms || *found == post)
			rc = fail(&file, "answers \"%.*s\" before it was written", STR_ARG(key.id));
		else
			post->parent = *found;
	}
	free(ids);
	return rc;
}

static int read_posts(struct town *town, const char *dir, struct error *err)
{
	struct file file = {arena_printf(town->arena, "%s/posts.jsonl", dir), 0, err};
	struct buf bytes;
	buf_init(&bytes, 64 * MiB);
	int rc = read_whole(file.path, &bytes, err);
	struct str rest = buf_view(&bytes), line;
	struct str *reply = xcalloc(TOWN_MAX_POSTS + 2, sizeof *reply);
	town->posts = xcalloc(TOWN_MAX_POSTS, sizeof *town->posts);
	while (!rc && str_split(&rest, '\n', &line)) {
		file.line++;
		if (str_trim(line).n == 0)
			continue;
		json_error_t where;
		json_t *object = NULL;
		if (file.line > TOWN_MAX_POSTS)
			rc = fail(&file, "more than %d lines", TOWN_MAX_POSTS);
		else if (!(object = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &where)))
			rc = fail(&file, "could not read the line as JSON: %s", where.text);
		else if (!json_is_object(object))
			rc = fail(&file, "expected an object");
		else
			rc = read_post(town, &file, object, &reply[file.line]);
		json_decref(object);
	}
	buf_done(&bytes);
	if (!rc)
		rc = tie(town, file.path, reply, err);
	free(reply);
	return rc;
}

/* ---- outside ------------------------------------------------------------------------- */

struct town *town_load(const char *dir, struct error *err)
{
	struct town *town = xcalloc(1, sizeof *town);
	town->arena = arena_create(256 * MiB);
	if (read_places(town, dir, err) || read_posts(town, dir, err)) {
		town_free(town);
		return NULL;
	}
	return town;
}

void town_free(struct town *town)
{
	if (!town)
		return;
	free(town->posts);
	arena_free(town->arena);
	free(town);
}

size_t town_n_places(const struct town *town)
{
	return town->n_places;
}

const struct town_place *town_place(const struct town *town, size_t i)
{
	must(i < town->n_places);
	return &town->places[i];
}

const struct town_place *town_place_at(const struct town *town, struct str path)
{
	for (size_t i = 0; i < town->n_places; i++)
		if (str_eq(town->places[i].path, path))
			return &town->places[i];
	return NULL;
}

size_t town_n_posts(const struct town *town)
{
	return town->n_posts;
}

const struct town_post *town_post(const struct town *town, size_t i)
{
	must(i < town->n_posts);
	return &town->posts[i];
}

const struct town_post *town_post_of(const struct town *town, struct str id)
{
	for (size_t i = 0; i < town->n_posts; i++)
		if (str_eq(town->posts[i].id, id))
			return &town->posts[i];
	return NULL;
}

struct str town_text_at(const struct town_post *post, int64_t now_ms)
{
	return post->edit_ms <= now_ms ? post->edit_text : post->text;
}

static void changed(struct town_view *view, int64_t at_ms, int64_t now_ms)
{
	if (at_ms <= now_ms && at_ms > view->modified_ms)
		view->modified_ms = at_ms;
}

void town_view(const struct town *town, const struct town_place *place, int64_t now_ms,
	       struct town_view *ret)
{
	*ret = (struct town_view){.modified_ms = TOWN_MIDNIGHT - 86400000};
	for (size_t i = town->n_posts; i-- > 0 && ret->n < TOWN_SHOWN;) {
		const struct town_post *post = &town->posts[i];
		if (post->place != place || post->at_ms > now_ms)
			continue;
		changed(ret, post->at_ms, now_ms);
		changed(ret, post->deleted_ms, now_ms);
		if (post->deleted_ms > now_ms) {
			changed(ret, post->edit_ms, now_ms);
			ret->posts[ret->n++] = post;
		} else if (ret->n_gone < TOWN_SHOWN) {
			ret->gone[ret->n_gone++] = post;
		}
	}
}
