/*
 * want.h: what must have become of every post, known by construction.
 *
 * The generator (lines of the replay file) and the feeds (feed.h) add a row when they invent a
 * post; no code of the programs has a say in it.  The census looks the rows up by id.
 *
 *   struct want *w = want_add(wants, "replay:kill:p7", "replay:kill:p6");
 *   w->fate = FATE_FILTERED;
 *   w->reason = "press";
 */
#ifndef TESTS_KILL_WANT_H
#define TESTS_KILL_WANT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/str.h"

enum fate {
	FATE_TICKET,   /* in exactly one ticket */
	FATE_FILTERED, /* in none; `reason` is recorded */
	FATE_GONE      /* was in one; deleted at its source afterwards */
};

struct want {
	char *id, *conversation;
	enum fate fate;
	const char *reason; /* literal */
	char mark[24];      /* these letters are in the last text heard; "" before any update */
	size_t line,
	    change_line; /* of the replay file: where it comes, is updated or deleted; 0: nowhere */
	/* filled by the census */
	int tickets;  /* in how many tickets it was found */
	int events;   /* created or joined events that name it */
	bool audited; /* a reason is recorded ... */
	bool agreed;  /* ... and it is the wanted one */
	bool known;   /* {t}:p:ID is there */
};

struct wants;

struct wants *wants_create(void);
void wants_free(struct wants *wants); /* NULL is fine */
/* New row, in the order of the source; the id must be new.  The pointer is valid until the next
 * want_add: keep want_number() instead. */
struct want *want_add(struct wants *wants, const char *id, const char *conversation);
/* The lines after `line` are not told any more: their posts go, their changes did not happen. */
void wants_cut(struct wants *wants, size_t line);
struct want *want_get(struct wants *wants, struct str id); /* NULL: nobody invented it */
struct want *want_at(struct wants *wants, size_t i);
size_t want_number(const struct wants *wants, const struct want *want);
size_t wants_count(const struct wants *wants);

#endif
