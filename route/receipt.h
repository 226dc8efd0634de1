/*
 * receipt.h: the reasons stored with a decision, and the proof that they add up.
 *
 * A receipt is one JSON object of numbers and hashes, never text of the post: versions, rule, every
 * factor with its input and points, sum, promise, deadline, scale, boost and rank.
 * receipt_recompute does the arithmetic again from the inputs alone.  Pure.
 */
#ifndef ROUTE_RECEIPT_H
#define ROUTE_RECEIPT_H

#include "common/buf.h"
#include "route/ticket.h"

enum { RECEIPT_MAX_BYTES = 16384 };

/* Appends the receipt of a DECIDE_TICKET; -1 at buf's limit. */
int receipt_write(struct buf *out, const struct decision *decision, const struct policy *policy,
		  const struct scored *scored);
/* 0 if every number follows from the inputs, else -1 and which one does not. */
int receipt_recompute(struct str json, struct error *err);

#endif
