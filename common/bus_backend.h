/*
 * bus_backend.h: what stands behind bus.h.  Private to common/bus*.c.
 *
 * The core (bus.c, bus_core.c) keeps everything both backends have in common: inputs in hand, the
 * finished prefix of each partition, outputs and their inputs, the window, dead letters, the crash
 * marker.  A backend moves bytes: it sends outputs, pushes inputs, stores commits, and
 * takes part in the group.
 *
 * A backend does its work in `work` only, which the core calls from the loop after core_kick and
 * during bus_close; its descriptors and timers just kick.  So no callback of a program ever
 * comes from inside a bus_* call.
 */
#ifndef COMMON_BUS_BACKEND_H
#define COMMON_BUS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/error.h"
#include "common/str.h"

enum { BUS_TOPICS = 4, BUS_PARTITIONS_MAX = 256 };
extern const char *const bus_topic_names[BUS_TOPICS]; /* posts scored events dead */
int bus_topic_index(const char *name);                /* -1: no such topic */

struct bus_in; /* an input, owned by the core */

/* An output on its way.  Belongs to the backend from `send` to core_delivered. */
struct bus_out {
	struct bus_out *prev, *next; /* the backend's queue */
	int topic, partition;
	struct str key, value; /* live behind the struct */
	size_t size;
	uint64_t token;
	struct bus_in *in; /* the input it belongs to; NULL: published */
};

struct bus_commit {
	int topic, partition;
	int64_t offset; /* first offset that is not finished */
};

struct bus_backend {
	const char *scheme;
	int64_t commit_every_ms;
	/* NULL + err only for what will not heal. */
	void *(*open)(struct bus *bus, const char *where, struct error *err);
	void (*send)(void *self, struct bus_out *out);
	void (*work)(void *self); /* all that can be done now */
	/* Blocks until there may be work, at most ms: only used while closing. */
	void (*wait)(void *self, int64_t ms);
	/* Results come through core_committed, with `now` before it returns. */
	void (*commit)(void *self, const struct bus_commit *list, size_t n, bool now);
	void (*seek)(void *self, int topic, int partition, int64_t offset);
	int (*end_offsets)(void *self, int topic, int64_t *ret, int n, struct error *err);
	/* Brings the ends of the assigned partitions up to date (core_end); may do nothing. */
	void (*refresh)(void *self);
	/* Leaves the group (core_revoked for what is assigned), frees the rest. */
	void (*close)(void *self, int64_t timeout_ms);
};

extern const struct bus_backend bus_sqlite, bus_kafka;

/* What a backend asks and tells. */
const struct bus_options *core_options(const struct bus *bus); /* copied: valid until the end */
bool core_reads(const struct bus *bus, int topic);
bool core_closing(const struct bus *bus);
void core_kick(struct bus *bus);                      /* work() comes with the next turn */
void core_kick_in(struct bus *bus, int64_t delay_ms); /* ... at the latest after that time */

bool core_wants(const struct bus *bus); /* room for inputs? */
void core_input(struct bus *bus, int topic, int partition, int64_t offset, struct str key,
		struct str value); /* copies */
void core_end(struct bus *bus, int topic, int partition, int64_t end);
/* Read to the end although the last offsets carry no message. */
void core_at_end(struct bus *bus, int topic, int partition, int64_t end);

/* Returns the offset to start with, inside first..end. */
int64_t core_assigned(struct bus *bus, int topic, const struct bus_part *part);
/* `lost`: somebody else has it already, nothing may be committed. */
void core_revoked(struct bus *bus, int topic, int partition, bool lost);
void core_joined(struct bus *bus, bool joined); /* does the assignment stand? */

void core_delivered(struct bus *bus, struct bus_out *out, bool ok, const char *reason);
void core_out_free(struct bus *bus, struct bus_out *out); /* close only: never delivered */
void core_committed(struct bus *bus, int topic, int partition, int64_t offset, bool ok);
void core_failed(struct bus *bus, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
