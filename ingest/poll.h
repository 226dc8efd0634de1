/*
 * poll.h: one poll of one source, from its record to its record.
 *
 *   record -> what to ask -> robots.txt -> page -> posts -> what is known of them
 *          -> publish, oldest first -> last delivery report -> record
 *
 * Nothing is written before everything is delivered; whatever ends the process in between, the page
 * is asked for again.  Redis away: the step is repeated until it is back.  The bus full: waits for
 * poll_room.  A delivery that fails is published again, with all that came after it.
 *
 *   struct poll *poll = poll_start(&env, source, memory, serial);
 *   ... env.done(env.arg, poll, &outcome) is called once, from the loop; then poll_free(poll)
 */
#ifndef INGEST_POLL_H
#define INGEST_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/loop.h"
#include "common/str.h"

#include "ingest/config.h"

struct fetcher;
struct gate;
struct poll;
struct seen;

struct poll_outcome {
	bool ended;       /* the source will never have anything again */
	bool more;        /* it has or will have more than this page: poll it again when due */
	bool failed;      /* the page could not be had */
	bool asked_host;  /* a request was sent to the source's host */
	int64_t due_ms;   /* when to poll again, wall time */
	int64_t hold_ms;  /* the host wants to be left alone until then; 0: it did not say */
	int64_t gap_ms;   /* Crawl-delay of the host; -1: not known now */
	int64_t failures; /* in a row, with this one */
};

struct poll_env {
	struct loop *loop;
	const struct config *config;
	struct fetcher *fetcher;
	struct gate *gate;
	struct seen *seen;
	uint64_t *seed; /* of the jitter */
	bool at_once;   /* do not wait for the time that the record names (`once`) */
	void *arg;
	/* Token is `serial` of the poll << 32 | index of the post.  *ret_delivered: no report will come,
	 * it is done. */
	enum bus_result (*publish)(void *arg, struct str key, struct str value, uint64_t token,
				   bool *ret_delivered);
	/* The outcome lives as long as the poll. */
	void (*done)(void *arg, struct poll *poll, const struct poll_outcome *outcome);
};

/* env, source and memory (the driver's, zeroed before the first poll) are borrowed. */
struct poll *poll_start(const struct poll_env *env, const struct source *source, void *memory,
			uint32_t serial);
void poll_free(struct poll *poll); /* no call to Redis may be under way (redis_close first) */

uint32_t poll_serial(const struct poll *poll);
const struct source *poll_source(const struct poll *poll);
void poll_delivered(struct poll *poll, uint32_t index, bool ok);
void poll_room(struct poll *poll);
/* Asked to stop: gives up what is not yet publishing (then done is called, due at once); what
 * is publishing goes on to its end. */
void poll_stop(struct poll *poll);
size_t poll_bytes(const struct poll *poll); /* memory it holds */

/* Counters of polls and pages; registered once per process. */
void poll_stats_init(void);

#endif
