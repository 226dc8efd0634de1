/*
 * stats.c: see stats.h.
 */
#include "common/mem.h"
#include "common/stats.h"
#include "route/stats.h"

static const struct stats_row rows[ST_COUNT] = {
    [ST_HEARD] = {"route_heard_total", STATS_COUNTER, NULL, "scored posts taken from the bus"},
    [ST_ROUTED] = {"route_routed_total", STATS_COUNTER, NULL, "posts that a rule gave to a team"},
    [ST_TICKETS] = {"route_tickets_total", STATS_COUNTER, NULL, "tickets made"},
    [ST_JOINED] = {"route_joined_total", STATS_COUNTER, NULL, "posts that joined an open ticket"},
    [ST_REPEATED] = {"route_repeated_total", STATS_COUNTER, NULL, "posts that were known by id"},
    [ST_FILTERED] = {"route_filtered_total", STATS_COUNTER, "reason", "posts filtered, by reason"},
    [ST_DEAD] = {"route_dead_total", STATS_COUNTER, NULL, "posts that could not be processed"},
    [ST_BATCHES] = {"route_batches_total", STATS_COUNTER, NULL, "batches applied in Redis"},
    [ST_APPLY_MS] = {"route_apply_ms", STATS_GAUGE, NULL, "time the latest batch took"},
    [ST_MOVED] = {"route_moved_total", STATS_COUNTER, NULL,
		  "times the stored offset was another than expected"},
    [ST_WARNED] = {"route_warnings_total", STATS_COUNTER, NULL, "promises at 80 % of their time"},
    [ST_BREACHED] = {"route_breaches_total", STATS_COUNTER, NULL, "promises overdue"},
    [ST_EXPIRED] = {"route_leases_expired_total", STATS_COUNTER, NULL,
		    "leases that ran out, tickets back in the queue"},
    [ST_EVENTS] = {"route_events_total", STATS_COUNTER, NULL, "events delivered to the bus"},
    [ST_OUTBOX] = {"route_outbox", STATS_GAUGE, NULL,
		   "events handed to the bus, not yet delivered"},
    [ST_LAG] = {"route_lag", STATS_GAUGE, NULL, "scored posts on the bus not yet routed"},
    [ST_PURGED] = {"route_purged_total", STATS_COUNTER, NULL,
		   "finished tickets removed after `keep`"},
};

void route_stats_register(void)
{
	must(stats_register(rows, ST_COUNT) == 0);
}
