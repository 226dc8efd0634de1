/*
 * bus_core.c: what backends tell (bus_backend.h), and the turn that works through it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_core.h"
#include "common/clock.h"
#include "common/crash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stats.h"

const struct bus_options *core_options(const struct bus *bus)
{
	return &bus->options;
}

bool core_reads(const struct bus *bus, int topic)
{
	return bus->reads[topic];
}

bool core_closing(const struct bus *bus)
{
	return bus->closing;
}

void core_kick(struct bus *bus)
{
	if (!loop_timer_is_set(bus->kick))
		loop_timer_set(bus->kick, 0);
}

void core_kick_in(struct bus *bus, int64_t delay_ms)
{
	int64_t at_ms = clock_mono_ms() + delay_ms;
	if (loop_timer_is_set(bus->later) && bus->later_ms <= at_ms)
		return; /* an early call is harmless: the backend asks again */
	bus->later_ms = at_ms;
	loop_timer_set(bus->later, delay_ms);
}

static bool available(struct bus *bus)
{
	if (bus->paused || bus->full || bus->single || !bus->ready_head)
		return false;
	const struct bus_in *in = bus->ready_head;
	return in->is_void || !bus->hand ||
	       !bus_marker_single(bus->marker, in->topic, in->msg.partition, in->msg.offset);
}

void bus_turn(void *arg)
{
	struct bus *bus = arg;
	const struct bus_options *o = &bus->options;
	if (!bus->failed)
		bus->backend->work(bus->self);
	if (bus->failed) {
		if (!bus->told) {
			bus->told = true;
			if (o->on_failed)
				o->on_failed(o->arg, bus->reason);
			else
				log_err("bus is lost", "reason=%s", log_qz(bus->reason));
		}
		return;
	}
	if (bus->full && bus->out_bytes <= BUS_WINDOW / 2) {
		bus->full = false;
		if (o->on_room)
			o->on_room(o->arg);
	}
	if (bus->hungry && available(bus)) {
		bus->hungry = false;
		if (o->on_ready)
			o->on_ready(o->arg);
	}
}

/* ------------------------------------------------------------------ inputs */

bool core_wants(const struct bus *bus)
{
	return !bus->failed && !bus->closing && bus->ready_n < BUS_READY_MAX &&
	       bus->ready_bytes < BUS_READY_BYTES && bus->open_n < BUS_OPEN_MAX &&
	       bus->open_bytes < BUS_OPEN_BYTES;
}

void core_input(struct bus *bus, int topic, int partition, int64_t offset, struct str key,
		struct str value)
{
	struct part *part = &bus->part[topic][partition];
	/* late arrivals of an earlier assignment or position */
	if (!part->assigned || offset < part->next)
		return;
	part->next = offset + 1;
	if (part->end >= 0 && part->end < part->next)
		part->end = part->next;
	size_t size = sizeof(struct bus_in) + key.n + value.n;
	struct bus_in *in = xmalloc(size);
	char *p = (char *)(in + 1);
	*in = (struct bus_in){.msg = {.topic = bus_topic_names[topic],
				      .partition = partition,
				      .offset = offset,
				      .key = {p, key.n},
				      .value = {p + key.n, value.n}},
			      .magic = BUS_IN_MAGIC,
			      .topic = topic,
			      .size = size,
			      .listed = true,
			      .queued = true};
	if (key.n)
		memcpy(p, key.p, key.n);
	if (value.n)
		memcpy(p + key.n, value.p, value.n);
	if (part->tail)
		part->tail->next = in;
	else
		part->head = in;
	part->tail = in;
	if (bus->ready_tail)
		bus->ready_tail->next_ready = in;
	else
		bus->ready_head = in;
	bus->ready_tail = in;
	bus->ready_n++;
	bus->ready_bytes += size;
	bus->open_n++;
	bus->open_bytes += size;
}

static struct bus_in *unlist_head(struct bus *bus, struct part *part)
{
	struct bus_in *in = part->head;
	part->head = in->next;
	if (!part->head)
		part->tail = NULL;
	in->listed = false;
	bus->open_n--;
	bus->open_bytes -= in->size;
	return in;
}

void bus_advance(struct bus *bus, int topic, int partition)
{
	struct part *part = &bus->part[topic][partition];
	while (part->head && part->head->done && !part->head->pending) {
		struct bus_in *in = unlist_head(bus, part);
		if (in->msg.offset >= part->ready)
			part->ready = in->msg.offset + 1;
		bus_in_free(bus, in);
	}
	if (part->ready > part->sent && !loop_timer_is_set(bus->commit))
		loop_timer_set(bus->commit, bus->backend->commit_every_ms);
	if (bus->hungry)
		core_kick(bus); /* core_wants may have become true */
}

void bus_void_part(struct bus *bus, int topic, int partition)
{
	struct part *part = &bus->part[topic][partition];
	while (part->head) {
		struct bus_in *in = unlist_head(bus, part);
		in->is_void = true;
		if (in->handed && !in->done)
			stats_add(bus->stats + BUS_ST_VOID, 1);
		if (in->handed && bus->closing)
			in->done = true; /* nobody will finish it any more */
		bus_in_free(bus, in);
	}
}

void core_end(struct bus *bus, int topic, int partition, int64_t end)
{
	bus->part[topic][partition].end = end;
}

void core_at_end(struct bus *bus, int topic, int partition, int64_t end)
{
	struct part *part = &bus->part[topic][partition];
	if (!part->assigned || end < part->next)
		return;
	part->next = end;
	part->end = end;
	/* nothing is open before it: there is nothing left to commit either */
	if (!part->head && part->committed == part->ready)
		part->ready = part->sent = part->committed = end;
}

/* ------------------------------------------------------------------ outputs */

static void forget_out(struct bus *bus, struct bus_out *out)
{
	bus->out_n--;
	bus->out_bytes -= out->size;
	stats_set(bus->stats + BUS_ST_WINDOW, (int64_t)bus->out_bytes);
	free(out);
}

void core_delivered(struct bus *bus, struct bus_out *out, bool ok, const char *reason)
{
	const struct bus_options *o = &bus->options;
	crash_point("after_delivery");
	if (ok)
		stats_add_label(bus->stats + BUS_ST_ACKED, bus_topic_names[out->topic], 1);
	struct bus_in *in = out->in;
	uint64_t token = out->token;
	int topic = out->topic;
	forget_out(bus, out);
	if (in) {
		in->pending--;
		/* a failed bus commits nothing any more: the next run gets this input again */
		if (!ok)
			core_failed(bus, "could not store an output in topic %s: %s",
				    bus_topic_names[topic], reason);
		if (in->listed)
			bus_advance(bus, in->topic, in->msg.partition);
		else
			bus_in_free(bus, in);
	} else {
		if (!ok)
			log_warn("message was refused by the bus",
				 "topic=%s reason=%s next=\"its sender decides\"",
				 bus_topic_names[topic], log_qz(reason));
		if (o->on_delivered)
			o->on_delivered(o->arg, token, ok);
	}
	if (bus->full && bus->out_bytes <= BUS_WINDOW / 2)
		core_kick(bus);
}

void core_out_free(struct bus *bus, struct bus_out *out)
{
	struct bus_in *in = out->in;
	forget_out(bus, out);
	if (in) {
		in->pending--; /* without bus_advance: it was not finished */
		bus_in_free(bus, in);
	}
}

/* ------------------------------------------------------------------ commits */

void bus_commit_all(struct bus *bus, bool now)
{
	struct bus_commit list[64];
	size_t n = 0;
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; bus->reads[t] && p < bus->options.partitions; p++) {
			struct part *part = &bus->part[t][p];
			if (!part->assigned ||
			    (now ? part->ready <= part->committed : part->ready <= part->sent))
				continue;
			part->sent = part->ready;
			list[n++] = (struct bus_commit){t, p, part->ready};
			if (n < ARRAY_LEN(list))
				continue;
			crash_point("before_commit");
			bus->backend->commit(bus->self, list, n, now);
			n = 0;
		}
	}
	if (n) {
		crash_point("before_commit");
		bus->backend->commit(bus->self, list, n, now);
	}
}

void bus_commit_due(void *arg)
{
	struct bus *bus = arg;
	if (!bus->failed)
		bus_commit_all(bus, false);
	core_kick(bus); /* a refused commit may have revoked something */
}

void core_committed(struct bus *bus, int topic, int partition, int64_t offset, bool ok)
{
	struct part *part = &bus->part[topic][partition];
	if (!part->assigned)
		return;
	if (ok) {
		part->committed = offset;
		bus->commit_backoff_ms = 0;
		stats_add(bus->stats + BUS_ST_COMMITTED, 1);
		return;
	}
	/* again, later: what is committed late comes at most twice */
	if (part->sent == offset)
		part->sent = part->committed >= 0 ? part->committed : 0;
	bus->commit_backoff_ms = bus->commit_backoff_ms ? 2 * bus->commit_backoff_ms : 100;
	if (bus->commit_backoff_ms > 5000)
		bus->commit_backoff_ms = 5000;
	loop_timer_set(bus->commit, bus->commit_backoff_ms);
}

/* ------------------------------------------------------------------ group */

int64_t core_assigned(struct bus *bus, int topic, const struct bus_part *in)
{
	const struct bus_options *o = &bus->options;
	struct part *part = &bus->part[topic][in->partition];
	must(!part->assigned && !part->head);
	bus_marker_log(bus->marker, topic, in->log_id);

	int64_t start = o->on_assigned ? o->on_assigned(o->arg, in) : BUS_START_COMMITTED;
	if (start == BUS_START_COMMITTED)
		start = in->committed >= 0 ? in->committed : in->first_offset;
	else if (start == BUS_START_EARLIEST)
		start = in->first_offset;
	if (start < in->first_offset) {
		log_warn("messages are gone before they were read",
			 "topic=%s partition=%d wanted=%lld first=%lld gone=%lld next=\"going on "
			 "with the first that is there\"",
			 in->topic, in->partition, (long long)start, (long long)in->first_offset,
			 (long long)(in->first_offset - start));
		stats_add(bus->stats + BUS_ST_GAPS, 1);
		start = in->first_offset;
	} else if (start > in->end_offset) {
		log_warn("the log is shorter than what was read of it",
			 "topic=%s partition=%d wanted=%lld end=%lld next=\"starting with its "
			 "first message; repeated ones are harmless\"",
			 in->topic, in->partition, (long long)start, (long long)in->end_offset);
		stats_add(bus->stats + BUS_ST_GAPS, 1);
		start = in->first_offset;
	}
	part->assigned = true;
	part->next = part->ready = part->sent = start;
	/* where nothing is read, nothing needs a commit: idle is not to wait for one */
	part->committed = start;
	part->end = in->end_offset;
	log_debug("partition assigned", "topic=%s partition=%d start=%lld end=%lld", in->topic,
		  in->partition, (long long)start, (long long)in->end_offset);
	return start;
}

void core_revoked(struct bus *bus, int topic, int partition, bool lost)
{
	struct part *part = &bus->part[topic][partition];
	const struct bus_options *o = &bus->options;
	if (!part->assigned)
		return;
	if (!lost && !bus->failed && part->ready > part->committed) {
		part->sent = part->ready;
		crash_point("before_commit");
		bus->backend->commit(bus->self, &(struct bus_commit){topic, partition, part->ready},
				     1, true);
		if (!part->assigned)
			return; /* that commit was refused, and said so */
	}
	part->assigned = false;
	part->end = -1;
	bus_void_part(bus, topic, partition);
	log_debug("partition revoked", "topic=%s partition=%d lost=%d", bus_topic_names[topic],
		  partition, lost);
	if (o->on_revoked && !bus->closing)
		o->on_revoked(o->arg, bus_topic_names[topic], partition);
}

void core_joined(struct bus *bus, bool joined)
{
	bus->joined = joined;
}

void core_failed(struct bus *bus, const char *fmt, ...)
{
	if (bus->failed)
		return;
	bus->failed = true;
	va_list ap;
	va_start(ap, fmt);
	/* a longer text is cut: it is for people */
	(void)vsnprintf(bus->reason, sizeof bus->reason, fmt, ap);
	va_end(ap);
	core_kick(bus);
}
