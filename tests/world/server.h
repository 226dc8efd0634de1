/*
 * server.h: the world: one HTTP server on loopback, driven by the loop.
 *
 *   struct world_options options = {.loop = loop, .town_dir = "tests/world/town"};
 *   struct world *world = world_open(&options, &err);
 *   printf("listening on http://127.0.0.1:%d\n", world_port(world));
 *   loop_run(loop);
 *   world_close(world);
 *
 * Only 127.0.0.1 is bound.  Requests other than GET and HEAD are refused; the paths stand in
 * tests/world/README.md.  Time is the wall clock of common/clock.h, which may run fast: the town's
 * posts, Date and Last-Modified follow it.
 */
#ifndef TESTS_WORLD_SERVER_H
#define TESTS_WORLD_SERVER_H

#include <stdbool.h>

#include "common/error.h"
#include "common/loop.h"

struct world_options {
	struct loop *loop;
	int port;              /* 0: a free one */
	const char *feeds_dir; /* or NULL; borrowed */
	const char *town_dir;  /* or NULL; read at opening */
	const char
	    *robots_file; /* or NULL: everything is allowed; borrowed, read at each request */
	const char *poll; /* interval in the sources lists; NULL: 5m */
	bool log;         /* a line per request */
};

struct world;

struct world *world_open(const struct world_options *options, struct error *err);
int world_port(const struct world *world);
void world_close(struct world *world); /* NULL is fine */

#endif
