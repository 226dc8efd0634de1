/*
 * ticket_json.h: the hash of a ticket as one JSON object, docs/schemas/ticket.schema.json.
 */
#ifndef ROUTE_TICKET_JSON_H
#define ROUTE_TICKET_JSON_H

#include "common/buf.h"

/* `fields`: name, value, name, value, ... as HGETALL gives them, n of both together.  Values are
 * texts, the receipt is an object.  No line feed.  -1 at buf's limit. */
int ticket_json(struct buf *out, const struct str *fields, size_t n);

#endif
