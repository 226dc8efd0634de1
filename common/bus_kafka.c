/*
 * bus_kafka.c: the Kafka backend: first the topics, then the producer's queue, then the group.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/bus_kafka.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

enum { OPEN_MS = 2000, AGAIN_MS = 200, BACKOFF_MIN_MS = 500, BACKOFF_MAX_MS = 5000 };

struct kafka_bus {
	struct kf kf;
	struct loop_io *io;
	struct kf_out *out;
	struct kf_in *in;
	bool ready;
	int64_t retry_ms, backoff_ms;
};

static void kafka_close(void *arg, int64_t timeout_ms);

static void on_wake(void *arg, int fd, int events)
{
	struct kafka_bus *self = arg;
	uint64_t n;
	(void)events;
	ssize_t got = read(fd, &n, sizeof n); /* only to make it silent again */
	(void)got;
	core_kick(self->kf.bus);
}

/* Topics, then the consumer.  -1 + err: will not heal. */
static int settle(struct kafka_bus *self, int timeout_ms, struct error *err)
{
	const struct bus_options *o = core_options(self->kf.bus);
	switch (kf_setup(&self->kf, kf_out_client(self->out), timeout_ms, err)) {
	case KF_WRONG: return -1;
	case KF_AWAY:
		if (!self->kf.away)
			log_warn("bus is away",
				 "servers=%s reason=%s next=\"trying again until it is there\"",
				 log_qz(self->kf.servers), log_qz(err->text));
		self->kf.away = true;
		self->backoff_ms = self->backoff_ms ? 2 * self->backoff_ms : BACKOFF_MIN_MS;
		if (self->backoff_ms > BACKOFF_MAX_MS)
			self->backoff_ms = BACKOFF_MAX_MS;
		self->retry_ms = clock_mono_ms() + self->backoff_ms;
		core_kick_in(self->kf.bus, self->backoff_ms);
		return 0;
	case KF_READY: break;
	}
	if (o->topics && !(self->in = kf_in_open(&self->kf, err)))
		return -1;
	self->ready = true;
	kf_back(&self->kf);
	return 0;
}

static void *kafka_open(struct bus *bus, const char *where, struct error *err)
{
	struct kafka_bus *self = xcalloc(1, sizeof *self);
	self->kf = (struct kf){.bus = bus, .servers = where};
	self->kf.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->kf.wake_fd < 0) {
		(void)error_set(err, "could not open bus: %s", strerror(errno));
		goto failed;
	}
	self->io = loop_io_add(core_options(bus)->loop, self->kf.wake_fd, LOOP_READ, on_wake, self);
	if (!(self->out = kf_out_open(&self->kf, err)) || settle(self, OPEN_MS, err))
		goto failed;
	return self;
failed:
	kafka_close(self, 0);
	return NULL;
}

static void kafka_send(void *arg, struct bus_out *out)
{
	struct kafka_bus *self = arg;
	kf_out_send(self->out, out);
}

static void kafka_work(void *arg)
{
	struct kafka_bus *self = arg;
	struct error err;
	if (!self->ready && !core_closing(self->kf.bus)) {
		int64_t left = self->retry_ms - clock_mono_ms();
		if (left > 0)
			core_kick_in(self->kf.bus, left);
		else if (settle(self, AGAIN_MS, &err))
			core_failed(self->kf.bus, "%s", err.text);
	}
	kf_out_work(self->out, self->ready);
	if (self->in)
		kf_in_work(self->in);
}

static void kafka_wait(void *arg, int64_t ms)
{
	struct kafka_bus *self = arg;
	struct pollfd fd = {.fd = self->kf.wake_fd, .events = POLLIN};
	uint64_t n;
	if (poll(&fd, 1, (int)ms) > 0 && read(self->kf.wake_fd, &n, sizeof n) < 0)
		must(errno == EAGAIN || errno == EINTR);
}

static void kafka_commit(void *arg, const struct bus_commit *list, size_t n, bool now)
{
	struct kafka_bus *self = arg;
	must(self->in);
	kf_in_commit(self->in, list, n, now);
}

static void kafka_seek(void *arg, int topic, int partition, int64_t offset)
{
	struct kafka_bus *self = arg;
	must(self->in);
	kf_in_seek(self->in, topic, partition, offset);
}

static int kafka_end_offsets(void *arg, int topic, int64_t *ret, int n, struct error *err)
{
	struct kafka_bus *self = arg;
	char *name = kf_topic_name(&self->kf, topic);
	int rc = self->ready ? 0 : error_set(err, "the bus is away");
	for (int p = 0; p < n && rc == 0; p++) {
		int64_t first;
		rc = kf_watermarks(kf_out_client(self->out), name, p, &first, &ret[p], err);
	}
	free(name);
	return rc;
}

static void kafka_refresh(void *arg)
{
	struct kafka_bus *self = arg;
	if (self->in)
		kf_in_refresh(self->in);
}

static void kafka_close(void *arg, int64_t timeout_ms)
{
	struct kafka_bus *self = arg;
	kf_in_close(self->in, timeout_ms);
	kf_out_close(self->out);
	loop_io_del(self->io);
	if (self->kf.wake_fd >= 0)
		close(self->kf.wake_fd);
	free(self);
}

const struct bus_backend bus_kafka = {
    .scheme = "kafka",
    .commit_every_ms = 200,
    .open = kafka_open,
    .send = kafka_send,
    .work = kafka_work,
    .wait = kafka_wait,
    .commit = kafka_commit,
    .seek = kafka_seek,
    .end_offsets = kafka_end_offsets,
    .refresh = kafka_refresh,
    .close = kafka_close,
};
