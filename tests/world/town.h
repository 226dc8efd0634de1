/*
 * town.h: an invented town and its Monday, 23 November 2026.
 *
 * A folder with places.tsv and posts.jsonl becomes places and posts in memory; town_view says which
 * posts a place shows at a moment.  Pure after loading: time is an argument, nothing changes.
 * labels.tsv in the same folder holds what people think of the posts and is never read here.
 *
 *   struct town *town = town_load("tests/world/town", &err);
 *   struct town_view view;
 *   town_view(town, town_place_at(town, path), clock_wall_ms(), &view);
 *   town_free(town);
 *
 * places.tsv: a line with the names of the columns, then place, channel, format (rss atom jsonfeed
 * rdf), owned (yes no), lang, path, title.  posts.jsonl: one object a line, {"id", "place", "at",
 * "author", "name", "reply_to", "title", "text", "followers", "rating", "edit": {"at", "text"},
 * "deleted_at"}; times are "HH:MM" of the Monday in Berlin, "-HH:MM" the day before.  A fault
 * stops the loading, with file and line: unknown place or member, an id twice, an answer before
 * its question.
 */
#ifndef TESTS_WORLD_TOWN_H
#define TESTS_WORLD_TOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

enum {
	TOWN_SHOWN = 25, /* posts in a feed, newest first */
	TOWN_MAX_PLACES = 200,
	TOWN_MAX_POSTS = 20000,
};
#define TOWN_NEVER     INT64_MAX
#define TOWN_ZONE_MS   (3600 * INT64_C(1000))       /* Berlin in November */
#define TOWN_MIDNIGHT  (INT64_C(1795388400) * 1000) /* Monday 00:00 in Berlin */
#define TOWN_NO_NUMBER INT64_MIN

enum town_format { TOWN_RSS, TOWN_ATOM, TOWN_JSONFEED, TOWN_RDF };

struct town_place {
	struct str name, channel, lang, path, title;
	enum town_format format;
	bool owned;
};

struct town_post {
	const struct town_place *place;
	const struct town_post *parent;                      /* NULL: answers nothing */
	struct str id, author, name, title, text, edit_text; /* title may be STR_NULL */
	int64_t at_ms, edit_ms, deleted_ms; /* the latter two TOWN_NEVER where not */
	int64_t followers, rating;          /* or TOWN_NO_NUMBER */
	int line;
};

struct town;

/* What a place shows: newest first.  `gone` are posts deleted by then that would stand between
 * them.  Borrowed from the town. */
struct town_view {
	const struct town_post *posts[TOWN_SHOWN], *gone[TOWN_SHOWN];
	size_t n, n_gone;
	int64_t modified_ms; /* of the latest change that shows; Sunday 00:00 where nothing does */
};

struct town *town_load(const char *dir, struct error *err); /* new; NULL + err */
void town_free(struct town *town);                          /* NULL is fine */

size_t town_n_places(const struct town *town);
const struct town_place *town_place(const struct town *town, size_t i);
const struct town_place *town_place_at(const struct town *town, struct str path); /* or NULL */
size_t town_n_posts(const struct town *town);
const struct town_post *town_post(const struct town *town, size_t i);         /* by time */
const struct town_post *town_post_of(const struct town *town, struct str id); /* or NULL */

void town_view(const struct town *town, const struct town_place *place, int64_t now_ms,
	       struct town_view *ret);
/* The text as it reads at now_ms. */
struct str town_text_at(const struct town_post *post, int64_t now_ms);

#endif
