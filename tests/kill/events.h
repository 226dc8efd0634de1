/*
 * events.h: the story of all tickets, read from the topic `events` once everything stands still.
 *
 * Each event comes at least once; its id makes the second one known.  What is checked: the versions
 * of each ticket are all there, 1, 2, 3 ..., in this order; every post came into a ticket once, and
 * in its conversation in the order in which it was told; nobody got a ticket that another held.
 */
#ifndef TESTS_KILL_EVENTS_H
#define TESTS_KILL_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

#include "tests/kill/want.h"
#include "tests/kill/windows.h"

struct events;

struct event_sums {
	size_t read, repeated, ghosts; /* ghosts: written in a window */
	size_t created, joined, claimed, released, closed, answered, warn, breach, other;
};

/* Reads the whole topic (and counts the dead letters into findings).  NULL + err: no bus. */
struct events *events_read(const char *spec, const char *prefix, struct wants *wants,
			   const struct windows *windows, struct event_sums *ret_sums,
			   struct error *err);
void events_free(struct events *events);
/* The highest version of a ticket that was told of; 0: none. */
int64_t events_version(const struct events *events, int64_t ticket);
/* Was this claim told of, by this agent? */
bool events_claimed(const struct events *events, int64_t ticket, int64_t token, struct str agent);
bool events_closed(const struct events *events, int64_t ticket, struct str agent);
/* After the census has said which posts are in tickets: is every one of them told of? */
void events_check_posts(const struct wants *wants);

#endif
