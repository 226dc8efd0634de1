/*
 * bus_sqlite.c: the embedded backend: one file per topic, no server.
 *
 * Everything is done in `work`.  What wakes it: outputs (core_kick), the notify files (inotify), a
 * tick of one second for the heartbeat and for whatever a notification may have missed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus_sqlite.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	TICK_MS = 1000,
	DEATH_MS = 20,
	BACKOFF_MIN_MS = 50,
	BACKOFF_MAX_MS = 1000,
	RETAIN_MIN_MS = 200,
	RETAIN_MAX_MS = 60000,
	READ_ROWS = 100,
};

struct queue {
	struct bus_out *head, *tail;
	int64_t retry_ms, backoff_ms; /* backoff_ms > 0: stopped, and said so */
	int64_t retain_ms;
	bool written;
};

struct sql_bus {
	struct bus *bus;
	struct sql_log logs[BUS_TOPICS];
	int n_logs;
	struct sql_group *group;
	struct queue queues[BUS_TOPICS];
	int64_t pos[BUS_TOPICS][BUS_PARTITIONS_MAX];
	int turn[BUS_TOPICS]; /* where reading goes on, so that all partitions get theirs */
	bool stale[BUS_TOPICS];
	bool balance;
	int64_t balance_ms; /* look around at that time; 0: not */
	int inotify_fd, wd_dir, wd_group, wd[BUS_TOPICS];
	struct loop_io *io;
	struct loop_timer *tick;
};

static void sql_close(void *arg, int64_t timeout_ms);

static void on_notify(void *arg, int fd, int events)
{
	struct sql_bus *self = arg;
	(void)events;
	char room[4096] __attribute__((aligned(8)));
	ssize_t n;
	while ((n = read(fd, room, sizeof room)) > 0) {
		for (char *p = room; p < room + n;) {
			const struct inotify_event *event = (const struct inotify_event *)p;
			if (event->wd == self->wd_group || event->mask & IN_Q_OVERFLOW)
				self->balance = true;
			/* Somebody's lock file was closed: left, or killed.  The event comes a
			 * moment before the kernel lets go of the lock. */
			if (event->wd == self->wd_dir && event->len &&
			    str_ends(str_of(event->name), ".lock"))
				self->balance_ms = clock_mono_ms() + DEATH_MS;
			for (int t = 0; t < BUS_TOPICS; t++)
				if (event->wd == self->wd[t] || event->mask & IN_Q_OVERFLOW)
					self->stale[t] = true;
			p += sizeof *event + event->len;
		}
	}
	core_kick(self->bus);
}

static void retain(struct sql_bus *self, int t)
{
	struct queue *queue = &self->queues[t];
	struct sql_log *log = &self->logs[t];
	struct sql_read read;
	int64_t now = clock_mono_ms(), n = 0;
	int64_t every = log->retention_ms / 10;
	every = every < RETAIN_MIN_MS ? RETAIN_MIN_MS : every;
	every = every > RETAIN_MAX_MS ? RETAIN_MAX_MS : every;
	if (!queue->written || now < queue->retain_ms)
		return;
	queue->retain_ms = now + every;
	if (sql_log_ends(log) || sql_group_read(self->group, log, &read) ||
	    (n = sql_log_retain(log, &read)) < 0)
		return; /* trouble with the file shows when it is written to */
	if (n > 0) {
		log_debug("old messages removed", "topic=%s rows=%lld", bus_topic_names[t],
			  (long long)n);
		queue->retain_ms = now + RETAIN_MIN_MS; /* there may be more */
	}
}

static void on_tick(void *arg)
{
	struct sql_bus *self = arg;
	loop_timer_set(self->tick, TICK_MS);
	sql_group_tick(self->group);
	for (int t = 0; t < BUS_TOPICS; t++) {
		self->stale[t] = true;
		if (sql_file_replaced(&self->logs[t].file))
			core_failed(self->bus,
				    "\"%s\" was removed or replaced while in use: start again",
				    self->logs[t].file.path);
		else
			retain(self, t);
	}
	self->balance = true;
	core_kick(self->bus);
}

static void *sql_open(struct bus *bus, const char *where, struct error *err)
{
	const struct bus_options *o = core_options(bus);
	struct sql_bus *self = xcalloc(1, sizeof *self);
	self->bus = bus;
	self->inotify_fd = -1;
	if (mkdir(where, 0777) < 0 && errno != EEXIST) {
		(void)error_set(err, "could not make bus directory \"%s\": %s", where,
				strerror(errno));
		goto failed;
	}
	for (int t = 0; t < BUS_TOPICS; t++) {
		if (sql_log_open(&self->logs[t], where, o->prefix, t, o->partitions,
				 o->size_limit_bytes ? o->size_limit_bytes : (int64_t)4 << 30,
				 o->retention_ms ? o->retention_ms : 14 * 86400000LL, err))
			goto failed;
		self->n_logs++;
	}
	self->group = sql_group_open(bus, self->logs, where, err);
	if (!self->group)
		goto failed;
	memset(self->wd, -1, sizeof self->wd);
	self->wd_group = self->wd_dir = -1;
	if (o->topics) {
		self->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (self->inotify_fd < 0)
			log_warn("no notification of new messages",
				 "reason=%s next=\"looking once a second; raise "
				 "fs.inotify.max_user_instances\"",
				 log_qz(strerror(errno)));
	}
	if (self->inotify_fd >= 0) {
		self->wd_dir = inotify_add_watch(self->inotify_fd, where, IN_CLOSE_WRITE);
		self->wd_group = sql_file_watch(sql_group_file(self->group), self->inotify_fd);
		for (int t = 0; t < BUS_TOPICS; t++)
			if (core_reads(bus, t))
				self->wd[t] = sql_file_watch(&self->logs[t].file, self->inotify_fd);
		self->io = loop_io_add(o->loop, self->inotify_fd, LOOP_READ, on_notify, self);
	}
	self->tick = loop_timer_add(o->loop, on_tick, self);
	loop_timer_set(self->tick, TICK_MS);
	self->balance = true;
	return self;

failed:
	sql_close(self, 0);
	return NULL;
}

static void sql_send(void *arg, struct bus_out *out)
{
	struct sql_bus *self = arg;
	struct queue *queue = &self->queues[out->topic];
	out->next = NULL;
	if (queue->tail)
		queue->tail->next = out;
	else
		queue->head = out;
	queue->tail = out;
}

static void stop(struct sql_bus *self, int t, const char *reason)
{
	struct queue *queue = &self->queues[t];
	if (!queue->backoff_ms)
		log_warn("bus takes nothing more",
			 "topic=%s reason=%s next=\"holding back, trying again\"",
			 bus_topic_names[t], log_qz(reason));
	queue->backoff_ms = queue->backoff_ms ? 2 * queue->backoff_ms : BACKOFF_MIN_MS;
	if (queue->backoff_ms > BACKOFF_MAX_MS)
		queue->backoff_ms = BACKOFF_MAX_MS;
	queue->retry_ms = clock_mono_ms() + queue->backoff_ms;
	core_kick_in(self->bus, queue->backoff_ms);
}

static void write_some(struct sql_bus *self, int t)
{
	struct queue *queue = &self->queues[t];
	struct sql_log *log = &self->logs[t];
	struct sql_read read;
	size_t n = 0;
	if (!queue->head)
		return;
	if (queue->backoff_ms && clock_mono_ms() < queue->retry_ms) {
		core_kick_in(self->bus, queue->retry_ms - clock_mono_ms());
		return;
	}
	if (queue->backoff_ms && sql_log_ends(log)) {
		stop(self, t, sq_reason(log->file.db));
		return;
	}
	if (sql_group_read(self->group, log, &read)) {
		stop(self, t, sq_reason(sql_group_file(self->group)->db));
		return;
	}
	switch (sql_log_append(log, queue->head, &read, &n)) {
	case SQL_APPENDED: break;
	case SQL_TOPIC_FULL: {
		char *reason =
		    read.groups
			? xasprintf("size limit of %lld bytes reached, group %s has %lld "
				    "messages unread: is it running?",
				    (long long)log->size_limit_bytes,
				    *read.slowest ? read.slowest : "?", (long long)read.behind)
			: xasprintf("size limit of %lld bytes reached and no group has "
				    "read it yet",
				    (long long)log->size_limit_bytes);
		stop(self, t, reason);
		free(reason);
		return;
	}
	case SQL_APPEND_FAILED:
		if (sq_trouble(log->file.db) == SQ_BROKEN)
			core_failed(self->bus, "\"%s\" cannot be written: %s", log->file.path,
				    sq_reason(log->file.db));
		else
			stop(self, t, sq_reason(log->file.db));
		return;
	}
	if (queue->backoff_ms)
		log_info("bus goes on", "topic=%s", bus_topic_names[t]);
	queue->backoff_ms = 0;
	queue->written = true;
	for (; n; n--) {
		struct bus_out *out = queue->head;
		queue->head = out->next;
		if (!queue->head)
			queue->tail = NULL;
		core_delivered(self->bus, out, true, NULL);
	}
	if (queue->head)
		core_kick(self->bus);
	if (core_reads(self->bus, t))
		self->stale[t] = true;
}

/* Stale ends first, then inputs round by round over the partitions. */
static void read_some(struct sql_bus *self, int t)
{
	struct sql_log *log = &self->logs[t];
	if (self->stale[t]) {
		if (sql_log_ends(log))
			return; /* the tick comes back to it */
		self->stale[t] = false;
		for (int p = 0; p < log->partitions; p++)
			if (sql_group_owns(self->group, t, p))
				core_end(self->bus, t, p, log->end[p]);
	}
	bool more = true;
	while (more && core_wants(self->bus)) {
		more = false;
		for (int i = 0; i < log->partitions && core_wants(self->bus); i++) {
			int p = self->turn[t];
			self->turn[t] = (p + 1) % log->partitions;
			if (!sql_group_owns(self->group, t, p) || self->pos[t][p] >= log->end[p])
				continue;
			if (sql_log_push(log, self->bus, p, &self->pos[t][p], READ_ROWS) < 0) {
				self->stale[t] = true; /* the tick comes back to it */
				return;
			}
			more = true;
		}
	}
}

static void on_started(void *arg, int topic, int partition, int64_t offset)
{
	struct sql_bus *self = arg;
	self->pos[topic][partition] = offset;
}

static void sql_work(void *arg)
{
	struct sql_bus *self = arg;
	if (!sql_group_enter(self->group))
		return;
	if (self->balance_ms) {
		int64_t left = self->balance_ms - clock_mono_ms();
		if (left > 0) {
			core_kick_in(self->bus, left);
		} else {
			self->balance_ms = 0;
			self->balance = true;
		}
	}
	if (self->balance) {
		self->balance = false;
		sql_group_balance(self->group, on_started, self);
	}
	for (int t = 0; t < BUS_TOPICS; t++)
		write_some(self, t);
	for (int t = 0; t < BUS_TOPICS; t++)
		if (core_reads(self->bus, t))
			read_some(self, t);
}

static void sql_wait(void *arg, int64_t ms)
{
	(void)arg;
	/* closing with something left means waiting for room or for a lock: nothing tells us when */
	usleep((useconds_t)ms * 1000);
}

static void sql_commit(void *arg, const struct bus_commit *list, size_t n, bool now)
{
	struct sql_bus *self = arg;
	(void)now;
	sql_group_commit(self->group, list, n);
}

static void sql_seek(void *arg, int topic, int partition, int64_t offset)
{
	struct sql_bus *self = arg;
	self->pos[topic][partition] = offset;
	self->stale[topic] = true;
}

static int sql_end_offsets(void *arg, int topic, int64_t *ret, int n, struct error *err)
{
	struct sql_bus *self = arg;
	struct sql_log *log = &self->logs[topic];
	if (sql_log_ends(log))
		return error_set(err, "could not read topic \"%s\": %s", bus_topic_names[topic],
				 sq_reason(log->file.db));
	memcpy(ret, log->end, (size_t)n * sizeof *ret);
	return 0;
}

static void sql_refresh(void *arg)
{
	struct sql_bus *self = arg;
	for (int t = 0; t < BUS_TOPICS; t++) {
		if (!core_reads(self->bus, t) || sql_log_ends(&self->logs[t]))
			continue;
		for (int p = 0; p < self->logs[t].partitions; p++) {
			if (!sql_group_owns(self->group, t, p))
				continue;
			core_end(self->bus, t, p, self->logs[t].end[p]);
			if (self->pos[t][p] < self->logs[t].end[p])
				core_kick(self->bus);
		}
	}
}

static void sql_close(void *arg, int64_t timeout_ms)
{
	struct sql_bus *self = arg;
	(void)timeout_ms;
	sql_group_close(self->group);
	for (int t = 0; t < BUS_TOPICS; t++) {
		while (self->queues[t].head) {
			struct bus_out *out = self->queues[t].head;
			self->queues[t].head = out->next;
			core_out_free(self->bus, out);
		}
	}
	for (int t = 0; t < self->n_logs; t++)
		sql_log_close(&self->logs[t]);
	loop_io_del(self->io);
	loop_timer_del(self->tick);
	if (self->inotify_fd >= 0)
		close(self->inotify_fd);
	free(self);
}

const struct bus_backend bus_sqlite = {
    .scheme = "sqlite",
    .commit_every_ms = 50,
    .open = sql_open,
    .send = sql_send,
    .work = sql_work,
    .wait = sql_wait,
    .commit = sql_commit,
    .seek = sql_seek,
    .end_offsets = sql_end_offsets,
    .refresh = sql_refresh,
    .close = sql_close,
};
