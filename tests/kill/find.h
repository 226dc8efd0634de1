/*
 * find.h: what the kill test finds wrong, by kind.
 *
 *   find(FIND_LOST, "post %s is in no ticket and no reason is recorded", id);
 *   return find_report(stdout) ? 1 : 0;
 *
 * Kinds are what the mutants are recognised by, so each finding belongs to the promise that broke,
 * not to the place where it was noticed.
 */
#ifndef TESTS_KILL_FIND_H
#define TESTS_KILL_FIND_H

#include <stddef.h>
#include <stdio.h>

enum find_kind {
	FIND_LOST,    /* accepted and gone: no ticket, no reason */
	FIND_WRONG,   /* it became something else than the generator says */
	FIND_DOUBLE,  /* in two tickets, or made twice */
	FIND_ORDER,   /* within a conversation */
	FIND_EVENT,   /* missing, twice, or not in the order of its ticket's versions */
	FIND_ACK,     /* an acknowledged action of an agent is gone, or two held one ticket */
	FIND_COUNTER, /* counters and census differ */
	FIND_INDEX,   /* a ticket without its place in the queue, or the other way round */
	FIND_TEXT,    /* not the last text heard, or text that should be gone */
	FIND_DEAD,    /* an innocent post among the dead letters */
	FIND_DIED,    /* a program ended by itself */
	FIND_SHORT,   /* the test itself did not get as far as it must */
	FIND_KINDS
};

void find(enum find_kind kind, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One line with the sums, then the first 20 of each kind.  Returns how many there are. */
size_t find_report(FILE *to);

#endif
