/*
 * stats.h: the counters of posthorn-route (common/stats.h); the table is in stats.c.
 */
#ifndef ROUTE_STATS_H
#define ROUTE_STATS_H

enum {
	ST_HEARD,
	ST_ROUTED,
	ST_TICKETS,
	ST_JOINED,
	ST_REPEATED,
	ST_FILTERED,
	ST_DEAD,
	ST_BATCHES,
	ST_APPLY_MS,
	ST_MOVED,
	ST_WARNED,
	ST_BREACHED,
	ST_EXPIRED,
	ST_EVENTS,
	ST_OUTBOX,
	ST_LAG,
	ST_PURGED,
	ST_COUNT
};

void route_stats_register(void); /* first of all tables: the enum counts from 0 */

#endif
