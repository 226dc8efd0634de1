/*
 * relay.h: from the outbox stream in Redis to the topic `events`.
 *
 * Reads entries in order, publishes each, and trims the stream behind the delivered prefix.  An event
 * carries its stream id; after a crash some are published again with the same id.
 */
#ifndef ROUTE_RELAY_H
#define ROUTE_RELAY_H

#include "common/bus.h"
#include "route/store.h"

struct relay;

struct relay *relay_create(struct redis *redis, struct store *store);
void relay_free(struct relay *relay);
void relay_bus(struct relay *relay, struct bus *bus);
/* There may be something to read; also from on_room and when Redis is back. */
void relay_pump(struct relay *relay);
void relay_delivered(struct relay *relay, uint64_t token, bool ok);
/* The last read found nothing, and all is delivered and trimmed. */
bool relay_idle(const struct relay *relay);

#endif
