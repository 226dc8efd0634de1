/*
 * bus.c: what programs call (bus.h).  bus_core.c is the other half: what backends tell.
 */
#include <stdlib.h>
#include <string.h>

#include "common/bus_core.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stats.h"

const char *const bus_topic_names[BUS_TOPICS] = {"posts", "scored", "events", "dead"};
enum { TOPIC_DEAD = 3 };

static const struct bus_backend *const backends[] = {&bus_sqlite, &bus_kafka};

static const struct stats_row stats_rows[BUS_ST_COUNT] = {
    [BUS_ST_SENT] = {"bus_sent_total", STATS_COUNTER, "topic", "messages handed to the bus"},
    [BUS_ST_ACKED] = {"bus_acknowledged_total", STATS_COUNTER, "topic",
		      "messages the bus has stored"},
    [BUS_ST_READ] = {"bus_read_total", STATS_COUNTER, "topic", "inputs given to the program"},
    [BUS_ST_COMMITTED] = {"bus_commits_total", STATS_COUNTER, NULL,
			  "commits of a partition's finished prefix"},
    [BUS_ST_FULL] = {"bus_full_total", STATS_COUNTER, NULL,
		     "times the window of unacknowledged bytes was used up"},
    [BUS_ST_VOID] = {"bus_void_total", STATS_COUNTER, NULL,
		     "inputs in hand that became void by a seek or a revocation"},
    [BUS_ST_DEAD] = {"bus_dead_total", STATS_COUNTER, NULL,
		     "inputs that could not be processed and went to the topic dead"},
    [BUS_ST_GAPS] = {"bus_gap_total", STATS_COUNTER, NULL,
		     "assignments whose stored offset lay outside the log"},
    [BUS_ST_WINDOW] = {"bus_unacknowledged_bytes", STATS_GAUGE, NULL,
		       "bytes handed to the bus and not stored yet"},
};

int bus_stats(void)
{
	static int base = -1;
	if (base < 0)
		base = stats_register(stats_rows, BUS_ST_COUNT);
	return base;
}

int bus_topic_index(const char *name)
{
	for (int i = 0; i < BUS_TOPICS; i++)
		if (strcmp(name, bus_topic_names[i]) == 0)
			return i;
	return -1;
}

static const char **copy_list(const char *const *list)
{
	if (!list)
		return NULL;
	size_t n = 0;
	while (list[n])
		n++;
	const char **copy = xcalloc(n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

static void free_list(const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		free((void *)list[i]);
	free((void *)list);
}

static void bus_free(struct bus *bus)
{
	loop_timer_del(bus->kick);
	loop_timer_del(bus->later);
	loop_timer_del(bus->commit);
	struct bus_options *o = &bus->options;
	free((void *)o->spec);
	free((void *)o->prefix);
	free((void *)o->program);
	free((void *)o->state_dir);
	free_list(o->topics);
	free_list(o->properties);
	free(bus);
}

struct bus *bus_open(const struct bus_options *options, struct error *err)
{
	must(options->loop && options->spec && options->prefix && options->program);
	const char *colon = strchr(options->spec, ':');
	const struct bus_backend *backend = NULL;
	for (size_t i = 0; colon && i < ARRAY_LEN(backends); i++)
		if (strlen(backends[i]->scheme) == (size_t)(colon - options->spec) &&
		    memcmp(backends[i]->scheme, options->spec, (size_t)(colon - options->spec)) ==
			0)
			backend = backends[i];
	if (!backend || !colon[1]) {
		(void)error_set(err,
				"could not open bus \"%s\": expected sqlite:DIRECTORY or "
				"kafka:HOST:PORT[,HOST:PORT]",
				options->spec);
		return NULL;
	}
	if (options->partitions < 1 || options->partitions > BUS_PARTITIONS_MAX) {
		(void)error_set(err, "could not open bus: %d partitions, expected 1 to %d",
				options->partitions, BUS_PARTITIONS_MAX);
		return NULL;
	}
	if (options->instance < 1 || options->instance > 99) {
		(void)error_set(err, "could not open bus: instance %d, expected 1 to 99",
				options->instance);
		return NULL;
	}

	struct bus *bus = xcalloc(1, sizeof *bus);
	struct bus_options *o = &bus->options;
	*o = *options;
	o->spec = xstrdup(o->spec);
	o->prefix = xstrdup(o->prefix);
	o->program = xstrdup(o->program);
	o->state_dir = xstrdup(o->state_dir);
	o->topics = (const char *const *)copy_list(o->topics);
	o->properties = (const char *const *)copy_list(o->properties);
	bus->backend = backend;
	bus->stats = bus_stats();
	bus->hungry = true;
	bus->kick = loop_timer_add(o->loop, bus_turn, bus);
	bus->later = loop_timer_add(o->loop, bus_turn, bus);
	bus->commit = loop_timer_add(o->loop, bus_commit_due, bus);
	for (int t = 0; t < BUS_TOPICS; t++)
		for (int p = 0; p < BUS_PARTITIONS_MAX; p++)
			bus->part[t][p].end = -1;
	for (size_t i = 0; o->topics && o->topics[i]; i++) {
		int topic = bus_topic_index(o->topics[i]);
		if (topic < 0) {
			(void)error_set(err, "could not open bus: unknown topic \"%s\"",
					o->topics[i]);
			goto failed;
		}
		bus->reads[topic] = true;
	}
	if (o->state_dir && o->topics &&
	    !(bus->marker = bus_marker_open(o->state_dir, o->program, o->instance, err)))
		goto failed;
	if (!(bus->self = backend->open(bus, colon + 1, err)))
		goto failed;
	if (bus_marker_unclean(bus->marker))
		log_warn("last run ended uncleanly",
			 "next=\"taking the inputs it had in hand one at a time\"");
	core_kick(bus);
	return bus;

failed:
	bus_marker_close(bus->marker, !bus_marker_unclean(bus->marker));
	bus_free(bus);
	return NULL;
}

enum bus_result bus_send(struct bus *bus, int topic, struct str key, struct str value,
			 uint64_t token, struct bus_in *in, bool force)
{
	if (bus->failed || bus->closing)
		return BUS_FAILED;
	if (value.n > BUS_VALUE_MAX)
		return BUS_TOO_LARGE;
	/* the book-keeping counts too: a million empty messages are not free */
	size_t size = sizeof(struct bus_out) + key.n + value.n;
	if (!force && (bus->full || (bus->out_n && bus->out_bytes + size > BUS_WINDOW))) {
		if (!bus->full)
			stats_add(bus->stats + BUS_ST_FULL, 1);
		bus->full = true;
		return BUS_FULL;
	}
	struct bus_out *out = xmalloc(size);
	char *p = (char *)(out + 1);
	*out = (struct bus_out){.topic = topic,
				.partition = hash_partition(key, bus->options.partitions),
				.key = {p, key.n},
				.value = {p + key.n, value.n},
				.size = size,
				.token = token,
				.in = in};
	if (key.n)
		memcpy(p, key.p, key.n);
	if (value.n)
		memcpy(p + key.n, value.p, value.n);
	bus->out_n++;
	bus->out_bytes += size;
	if (in)
		in->pending++;
	stats_add_label(bus->stats + BUS_ST_SENT, bus_topic_names[topic], 1);
	bus->backend->send(bus->self, out);
	core_kick(bus);
	return BUS_OK;
}

enum bus_result bus_publish(struct bus *bus, const char *topic, struct str key, struct str value,
			    uint64_t token)
{
	int index = bus_topic_index(topic);
	must(index >= 0);
	return bus_send(bus, index, key, value, token, NULL, false);
}

enum bus_result bus_forward(struct bus *bus, struct bus_msg *in, const char *topic, struct str key,
			    struct str value)
{
	struct bus_in *input = (struct bus_in *)in;
	int index = bus_topic_index(topic);
	must(index >= 0 && input->magic == BUS_IN_MAGIC && !input->done);
	if (value.n > BUS_VALUE_MAX)
		return BUS_TOO_LARGE;
	/* somebody else, or this program again, gets it once more */
	if (input->is_void)
		return bus->failed ? BUS_FAILED : BUS_OK;
	return bus_send(bus, index, key, value, 0, input, false);
}

void bus_in_free(struct bus *bus, struct bus_in *in)
{
	(void)bus;
	if (in->listed || in->queued || in->pending || (in->handed && !in->done))
		return;
	in->magic = 0;
	free(in);
}

static struct bus_in *pop_ready(struct bus *bus)
{
	struct bus_in *in = bus->ready_head;
	bus->ready_head = in->next_ready;
	if (!bus->ready_head)
		bus->ready_tail = NULL;
	bus->ready_n--;
	bus->ready_bytes -= in->size;
	in->queued = false;
	return in;
}

static void hand_out(struct bus *bus, struct bus_in *in)
{
	in->handed = true;
	bus->hand++;
	bus_marker_hand(bus->marker, in->topic, in->msg.partition, in->msg.offset);
	stats_add_label(bus->stats + BUS_ST_READ, in->msg.topic, 1);
#ifdef POSTHORN_MUTANT_COMMIT_FIRST
	struct part *part = &bus->part[in->topic][in->msg.partition];
	part->ready = in->msg.offset + 1;
	bus_commit_all(bus, true);
#endif
}

struct bus_msg *bus_next(struct bus *bus)
{
	if (bus->failed || bus->closing || bus->paused || bus->full || bus->single)
		goto none;
	while (bus->ready_head) {
		struct bus_in *in = bus->ready_head;
		if (in->is_void) {
			bus_in_free(bus, pop_ready(bus));
			continue;
		}
		int topic = in->topic, partition = in->msg.partition;
		in->single = bus_marker_single(bus->marker, topic, partition, in->msg.offset);
		if (in->single && bus->hand)
			break; /* alone, when the others are done */
		(void)pop_ready(bus);
		hand_out(bus, in);
		if (!in->single)
			return &in->msg;
		if (bus_marker_count(bus->marker, topic, partition, in->msg.offset) <
		    BUS_MARKER_TRIES) {
			bus->single++;
			bus_marker_suspect(bus->marker, topic, partition, in->msg.offset);
			return &in->msg;
		}
		/* its count stays until a clean end: this commit may not come through */
		in->single = false;
		bus_done(bus, &in->msg, "ended the program three times");
	}
none:
	bus->hungry = true;
	core_kick(bus); /* refill */
	return NULL;
}

void bus_done(struct bus *bus, struct bus_msg *msg, const char *reason)
{
	struct bus_in *in = (struct bus_in *)msg;
	must(in->magic == BUS_IN_MAGIC && in->handed && !in->done);
	if (reason && !in->is_void && !bus->failed && !bus->closing) {
		struct buf letter;
		buf_init(&letter, BUS_VALUE_MAX);
		bus_dead_letter(&letter, bus->options.program, reason, msg, clock_wall_ms());
		must(!letter.full);
		log_warn("input could not be processed",
			 "topic=%s partition=%d offset=%lld reason=%s next=\"it went to the topic "
			 "dead, going on\"",
			 msg->topic, msg->partition, (long long)msg->offset, log_qz(reason));
		stats_add(bus->stats + BUS_ST_DEAD, 1);
		/* cannot be refused: the number of inputs in hand bounds it */
		(void)bus_send(bus, TOPIC_DEAD, msg->key, buf_view(&letter), 0, in, true);
		buf_done(&letter);
	}
	in->done = true;
	bus->hand--;
	if (in->single) {
		bus->single--;
		bus_marker_cleared(bus->marker, in->topic, msg->partition, msg->offset);
	}
	if (in->listed)
		bus_advance(bus, in->topic, in->msg.partition);
	else
		bus_in_free(bus, in);
	if (bus->hungry)
		core_kick(bus);
}

void bus_seek(struct bus *bus, const char *topic, int partition, int64_t offset)
{
	int index = bus_topic_index(topic);
	must(index >= 0 && partition >= 0 && partition < BUS_PARTITIONS_MAX && offset >= 0);
	struct part *part = &bus->part[index][partition];
	if (!part->assigned || bus->failed || bus->closing)
		return; /* taken away in the meantime: the next owner asks again */
	bus_void_part(bus, index, partition);
	part->next = part->ready = part->sent = part->committed = offset;
	bus->backend->seek(bus->self, index, partition, offset);
	core_kick(bus);
}

bool bus_is_void(const struct bus *bus, const struct bus_msg *in)
{
	(void)bus;
	const struct bus_in *input = (const struct bus_in *)in;
	must(input->magic == BUS_IN_MAGIC);
	return input->is_void;
}

void bus_pause(struct bus *bus, bool pause)
{
	bus->paused = pause;
	if (!pause)
		core_kick(bus);
}

int64_t bus_lag(struct bus *bus)
{
	int64_t lag = 0;
	if (!bus->joined)
		return -1;
	bus->backend->refresh(bus->self);
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; bus->reads[t] && p < bus->options.partitions; p++) {
			const struct part *part = &bus->part[t][p];
			if (!part->assigned)
				continue;
			if (part->end < 0)
				return -1;
			lag += part->end > part->ready ? part->end - part->ready : 0;
		}
	}
	return lag;
}

bool bus_idle(struct bus *bus)
{
	if (bus->failed || bus->out_n || bus->open_n || bus->hand)
		return false;
	if (!bus->options.topics)
		return true;
	if (!bus->joined)
		return false;
	bus->backend->refresh(bus->self);
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; bus->reads[t] && p < bus->options.partitions; p++) {
			const struct part *part = &bus->part[t][p];
			if (part->assigned && (part->end < 0 || part->next < part->end ||
					       part->committed < part->ready))
				return false;
		}
	}
	return true;
}

size_t bus_unacknowledged(const struct bus *bus)
{
	return bus->out_n;
}

int bus_end_offsets(struct bus *bus, const char *topic, int64_t *ret, int n, struct error *err)
{
	int index = bus_topic_index(topic);
	must(index >= 0 && n >= 1 && n <= bus->options.partitions);
	return bus->backend->end_offsets(bus->self, index, ret, n, err);
}

static bool uncommitted(const struct bus *bus)
{
	for (int t = 0; t < BUS_TOPICS; t++)
		for (int p = 0; p < bus->options.partitions; p++)
			if (bus->part[t][p].assigned &&
			    bus->part[t][p].committed < bus->part[t][p].ready)
				return true;
	return false;
}

int bus_close(struct bus *bus, int64_t timeout_ms)
{
	if (!bus)
		return 0;
	int64_t until = clock_mono_ms() + timeout_ms;
	bus->closing = true;
	for (;;) {
		bus->backend->work(bus->self);
		int64_t left = until - clock_mono_ms();
		if (bus->failed || !bus->out_n || left <= 0)
			break;
		bus->backend->wait(bus->self, left < 50 ? left : 50);
	}
	if (!bus->failed)
		bus_commit_all(bus, true);
	bool open = bus->out_n || bus->hand || (!bus->failed && uncommitted(bus));
	int64_t left = until - clock_mono_ms();
	bus->backend->close(bus->self, left > 0 ? left : 0);
	for (int t = 0; t < BUS_TOPICS; t++)
		for (int p = 0; p < BUS_PARTITIONS_MAX; p++)
			bus_void_part(bus, t, p);
	while (bus->ready_head)
		bus_in_free(bus, pop_ready(bus));
	bus_marker_close(bus->marker, true);
	bus_free(bus);
	return open ? -1 : 0;
}
