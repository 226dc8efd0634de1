/*
 * intake.h: from the bus into Redis, exactly once.
 *
 * Keeps, per assigned partition, the inputs in hand and one script in flight.  The stored offset
 * comes from Redis, verbatim, and is named as predecessor in each call (compare-and-set); when
 * Redis answers that it stands elsewhere, the bus is moved there.  Away means wait: nothing is
 * taken from the bus beyond what is in hand, and the same inputs are sent again.
 *
 *   intake_create -> intake_offsets (read before the bus is opened, its callback is synchronous)
 *   -> intake_bus -> intake_assigned / intake_revoked / intake_pump from the bus's callbacks,
 *   intake_resume when Redis is up again.
 */
#ifndef ROUTE_INTAKE_H
#define ROUTE_INTAKE_H

#include "common/bus.h"
#include "route/config.h"
#include "route/store.h"

struct intake;

struct intake_options {
	struct loop *loop;
	struct store *store;
	const struct config *config; /* borrowed; replaced by intake_config */
	bool accept_gap;
	void *arg;
	void (*on_applied)(void *arg);                   /* a batch is in Redis: events wait */
	void (*on_fatal)(void *arg, const char *reason); /* a person is needed; exit 69 */
	/* A partition came whose offset may be out of date: another router may have gone on with it
	 * since.  Nothing of it is sent until the offsets were read again and handed to intake_compare. */
	void (*on_unsure)(void *arg);
};

struct intake *intake_create(const struct intake_options *options);
void intake_free(struct intake *intake); /* after the bus was closed */
void intake_config(struct intake *intake, const struct config *config);
/* The flat list (partition, "OFFSET LOG")* of the hash {t}:off:scored. */
void intake_offsets(struct intake *intake, const struct redis_reply *list);
/* The same list when Redis is back: a partition that stands elsewhere now is moved there, also
 * where no further post would show it. */
void intake_compare(struct intake *intake, const struct redis_reply *list);
void intake_bus(struct intake *intake, struct bus *bus);

int64_t intake_assigned(struct intake *intake, const struct bus_part *part);
void intake_revoked(struct intake *intake, int partition);
void intake_pump(struct intake *intake);
void intake_resume(struct intake *intake); /* Redis is up (again) */
/* No further inputs are taken; those in hand are finished. */
void intake_stop(struct intake *intake);

size_t intake_in_hand(const struct intake *intake);
bool intake_owns(const struct intake *intake, int partition);

#endif
