/*
 * schedule.c: two plain arrays, sources and hosts.
 *
 * A pass over 10,000 sources costs some ten microseconds, once per request sent; a heap would have to
 * follow every change of a host's rest and would win nothing we could measure.
 */
#include <stdlib.h>

#include "common/mem.h"

#include "ingest/schedule.h"

struct host {
	char *name;
	int64_t free_ms; /* rests until then */
	int64_t gap_ms;
	int busy; /* requests under way */
};

struct entry {
	int host; /* -1: none */
	int64_t due_ms;
	int64_t asked_ms; /* last time it was taken */
	bool busy;
};

struct schedule {
	struct host *hosts;
	struct entry *entries;
	int n_hosts, n, host_requests;
	int64_t gap_ms;
};

struct schedule *schedule_create(int64_t host_gap_ms, int host_requests)
{
	struct schedule *schedule = xcalloc(1, sizeof *schedule);
	schedule->gap_ms = host_gap_ms;
	schedule->host_requests = host_requests;
	return schedule;
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	for (int i = 0; i < schedule->n_hosts; i++)
		free(schedule->hosts[i].name);
	free(schedule->hosts);
	free(schedule->entries);
	free(schedule);
}

static int host_index(struct schedule *schedule, struct str name)
{
	if (name.n == 0)
		return -1;
	for (int i = 0; i < schedule->n_hosts; i++)
		if (str_is(name, schedule->hosts[i].name))
			return i;
	schedule->hosts =
	    xrealloc(schedule->hosts, ((size_t)schedule->n_hosts + 1) * sizeof *schedule->hosts);
	schedule->hosts[schedule->n_hosts] =
	    (struct host){xstrndup(name.p, name.n), INT64_MIN, schedule->gap_ms, 0};
	return schedule->n_hosts++;
}

int schedule_add(struct schedule *schedule, struct str host, int64_t due_ms)
{
	struct entry entry = {host_index(schedule, host), due_ms, INT64_MIN, false};
	schedule->entries =
	    xrealloc(schedule->entries, ((size_t)schedule->n + 1) * sizeof *schedule->entries);
	schedule->entries[schedule->n] = entry;
	return schedule->n++;
}

static struct entry *entry_at(const struct schedule *schedule, int id)
{
	must(id >= 0 && id < schedule->n);
	return &schedule->entries[id];
}

static struct host *host_of(const struct schedule *schedule, const struct entry *entry)
{
	return entry->host < 0 ? NULL : &schedule->hosts[entry->host];
}

/* When this source could be asked, its host permitting. */
static int64_t ready_ms(const struct schedule *schedule, const struct entry *entry)
{
	const struct host *host = host_of(schedule, entry);
	if (entry->busy || entry->due_ms == SCHEDULE_NEVER ||
	    (host && host->busy >= schedule->host_requests))
		return SCHEDULE_NEVER;
	return host && host->free_ms > entry->due_ms ? host->free_ms : entry->due_ms;
}

int schedule_take(struct schedule *schedule, int64_t now_ms)
{
	int best = -1;
	for (int i = 0; i < schedule->n; i++) {
		const struct entry *entry = &schedule->entries[i];
		if (entry->due_ms > now_ms || ready_ms(schedule, entry) > now_ms)
			continue;
		const struct entry *other = best < 0 ? NULL : &schedule->entries[best];
		if (!other || entry->due_ms < other->due_ms ||
		    (entry->due_ms == other->due_ms && entry->asked_ms < other->asked_ms))
			best = i;
	}
	if (best >= 0) {
		struct entry *entry = &schedule->entries[best];
		struct host *host = host_of(schedule, entry);
		entry->busy = true;
		entry->asked_ms = now_ms;
		if (host)
			host->busy++;
	}
	return best;
}

void schedule_done(struct schedule *schedule, int id, int64_t now_ms, int64_t due_ms,
		   bool asked_host)
{
	struct entry *entry = entry_at(schedule, id);
	struct host *host = host_of(schedule, entry);
	must(entry->busy);
	entry->busy = false;
	entry->due_ms = due_ms;
	if (!host)
		return;
	must(host->busy > 0);
	host->busy--;
	if (asked_host && host->free_ms < now_ms + host->gap_ms)
		host->free_ms = now_ms + host->gap_ms;
}

void schedule_hold(struct schedule *schedule, int id, int64_t until_ms)
{
	struct host *host = host_of(schedule, entry_at(schedule, id));
	if (host && host->free_ms < until_ms)
		host->free_ms = until_ms;
}

void schedule_gap(struct schedule *schedule, int id, int64_t gap_ms)
{
	struct host *host = host_of(schedule, entry_at(schedule, id));
	if (host)
		host->gap_ms = gap_ms > schedule->gap_ms ? gap_ms : schedule->gap_ms;
}

int64_t schedule_next(const struct schedule *schedule, int64_t now_ms)
{
	int64_t next = SCHEDULE_NEVER;
	for (int i = 0; i < schedule->n && next > now_ms; i++) {
		int64_t ready = ready_ms(schedule, &schedule->entries[i]);
		if (ready < next)
			next = ready;
	}
	return next;
}

int64_t schedule_due(const struct schedule *schedule, int id)
{
	return entry_at(schedule, id)->due_ms;
}

bool schedule_busy(const struct schedule *schedule, int id)
{
	return entry_at(schedule, id)->busy;
}

int64_t schedule_backoff(int failures, int64_t base_ms, int64_t max_ms, uint64_t *seed)
{
	int64_t pause = base_ms;
	for (int i = 1; i < failures && pause < max_ms; i++)
		pause *= 2;
	if (pause > max_ms)
		pause = max_ms;
	/* splitmix64 (Steele, Lea, Flood 2014) */
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	int64_t half = pause / 2;
	return half > 0 ? pause - (int64_t)(z % (uint64_t)half) : pause;
}
