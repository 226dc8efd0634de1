/*
 * bus_rig.h: buses to test with: where they live, members that note what happens, processes.
 *
 * A rig is one backend (a directory, or a broker that runs already) and a prefix of its own per
 * case.  A member is an open bus with a record of what its callbacks said.  Members of one rig share
 * its loop; rig_child runs a function in a process of its own.
 */
#ifndef TESTS_SUPPORT_BUS_RIG_H
#define TESTS_SUPPORT_BUS_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/bus.h"

struct rig {
	char spec[300], prefix[64], dir[200];
	bool kafka;
	struct loop *loop;
};

struct member {
	struct rig *rig;
	struct bus *bus;
	struct bus_options options; /* change before member_open; arg and callbacks are set there */
	const char *topics[4];
	char reason[512]; /* of on_failed */
	int assigned, revoked, rooms;
	uint64_t delivered, refused;
	uint64_t published;
	uint64_t
	    settled; /* the first ones that are all delivered: partitions do not wait for each other */
	bool came[1 << 16];   /* of published: delivered before one that was published before it */
	struct bus_part last; /* of on_assigned, texts copied below */
	int64_t first[256], end[256], committed[256];
	char log_id[200];
	int64_t start;                           /* what on_assigned returns */
	void (*on_input)(struct member *member); /* called from on_ready; NULL: nothing is taken */
	void *data;
};

/* The backend of the command line or the environment; NULL: says what it expects. */
const char *rig_backend(int argc, char **argv);
void rig_open(struct rig *rig, const char *backend); /* fresh prefix, own directory */
void rig_close(struct rig *rig);                     /* removes the directory */
void rig_again(struct rig *rig);                     /* a fresh loop, for children */

/* Fills in defaults: 4 partitions, no state directory.  `topic` NULL: producer only. */
void member_init(struct member *member, struct rig *rig, const char *program, int instance,
		 const char *topic);
void member_open(struct member *member); /* fails the test on an error */
int member_close(struct member *member);
void member_publish(struct member *member, const char *key, const char *value);
/* Turns the loop until *flag reaches `want`, fails the test after timeout_ms (says `what`). */
void rig_until(struct rig *rig, const uint64_t *counter, uint64_t want, int64_t timeout_ms,
	       const char *what);
bool rig_wait(struct rig *rig, bool (*done)(void *arg), void *arg, int64_t timeout_ms);
void rig_turns(struct rig *rig, int64_t ms); /* just lets time pass */

/* Runs fn(rig, arg) in a process of its own with a fresh loop; it ends with _exit(fn's value). */
pid_t rig_child(struct rig *rig, int (*fn)(struct rig *rig, void *arg), void *arg);
int rig_reap(pid_t pid, int64_t timeout_ms); /* wait status; kills it after the time */

/* Old messages go: everything below `offset` of every partition of a topic (already read). */
void rig_empty(struct rig *rig, const char *topic, int partitions);
/* Kafka: an aborted transaction in partition 0, offsets that carry no message; SQLite: nothing. */
void rig_gap(struct rig *rig, const char *topic);
/* The topic is removed and will be made anew by the next member. */
void rig_remove(struct rig *rig, const char *topic);

#endif
