/*
 * loop.c: epoll, a binary heap of timers, a signalfd.
 *
 * Deleting from inside a callback is safe: a deleted watch is only marked, and freed at the end
 * of the turn.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/mem.h"

enum { EVENTS_PER_TURN = 64, SIGNALS = 65 };

struct loop_io {
	struct loop *loop;
	struct loop_io *next, **back; /* all living watches */
	int fd, events;
	bool in_epoll, dead;
	loop_io_fn *fn;
	void *arg;
};

struct loop_timer {
	struct loop *loop;
	struct loop_timer *next, **back; /* all living timers */
	int64_t at_ms;
	size_t slot; /* 1.. in the heap, 0: not set */
	loop_fn *fn;
	void *arg;
};

struct loop_hook {
	struct loop *loop;
	struct loop_hook *next;
	bool dead;
	loop_fn *fn;
	void *arg;
};

struct loop {
	int epoll_fd, signal_fd;
	bool stop;
	struct loop_io *ios, *dead_ios, *signal_io;
	struct loop_timer *timers;
	struct loop_timer **heap; /* heap[1..n_heap] */
	size_t n_heap, room_heap;
	struct loop_hook *hooks;
	sigset_t signals;
	struct {
		loop_fn *fn;
		void *arg;
	} on_signal[SIGNALS];
};

struct loop *loop_create(void)
{
	struct loop *loop = xcalloc(1, sizeof *loop);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	must(loop->epoll_fd >= 0);
	loop->signal_fd = -1;
	sigemptyset(&loop->signals);
	return loop;
}

static void free_dead(struct loop *loop)
{
	while (loop->dead_ios) {
		struct loop_io *io = loop->dead_ios;
		loop->dead_ios = io->next;
		free(io);
	}
	for (struct loop_hook **at = &loop->hooks; *at;) {
		struct loop_hook *hook = *at;
		if (!hook->dead) {
			at = &hook->next;
			continue;
		}
		*at = hook->next;
		free(hook);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->ios)
		loop_io_del(loop->ios);
	while (loop->timers)
		loop_timer_del(loop->timers);
	for (struct loop_hook *hook = loop->hooks; hook; hook = hook->next)
		hook->dead = true;
	free_dead(loop);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll_fd);
	free(loop->heap);
	free(loop);
}

/* ---- descriptors ---- */

static void epoll_apply(struct loop_io *io)
{
	struct epoll_event ev = {.data.ptr = io};
	ev.events =
	    (io->events & LOOP_READ ? EPOLLIN : 0u) | (io->events & LOOP_WRITE ? EPOLLOUT : 0u);
	int op = io->in_epoll ? (io->events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL) : EPOLL_CTL_ADD;
	if (!io->in_epoll && !io->events)
		return;
	/* EBADF and ENOENT: the owner closed it before deleting the watch (some libraries do) */
	int rc = epoll_ctl(io->loop->epoll_fd, op, io->fd, &ev);
	must(rc == 0 || errno == EBADF || errno == ENOENT || errno == EPERM);
	io->in_epoll = rc == 0 && io->events;
}

struct loop_io *loop_io_add(struct loop *loop, int fd, int events, loop_io_fn *fn, void *arg)
{
	struct loop_io *io = xcalloc(1, sizeof *io);
	*io = (struct loop_io){.loop = loop, .fd = fd, .events = events, .fn = fn, .arg = arg};
	io->next = loop->ios;
	io->back = &loop->ios;
	if (io->next)
		io->next->back = &io->next;
	loop->ios = io;
	epoll_apply(io);
	return io;
}

void loop_io_set(struct loop_io *io, int events)
{
	if (io->events == events)
		return;
	io->events = events;
	epoll_apply(io);
}

void loop_io_del(struct loop_io *io)
{
	if (!io)
		return;
	loop_io_set(io, 0);
	*io->back = io->next;
	if (io->next)
		io->next->back = io->back;
	io->dead = true;
	io->next = io->loop->dead_ios;
	io->loop->dead_ios = io;
}

/* ---- timers: a heap ordered by at_ms ---- */

static void heap_put(struct loop *loop, size_t slot, struct loop_timer *t)
{
	loop->heap[slot] = t;
	t->slot = slot;
}

static void heap_up(struct loop *loop, size_t slot)
{
	struct loop_timer *t = loop->heap[slot];
	for (; slot > 1 && loop->heap[slot / 2]->at_ms > t->at_ms; slot /= 2)
		heap_put(loop, slot, loop->heap[slot / 2]);
	heap_put(loop, slot, t);
}

static void heap_down(struct loop *loop, size_t slot)
{
	struct loop_timer *t = loop->heap[slot];
	for (size_t child; (child = slot * 2) <= loop->n_heap; slot = child) {
		if (child < loop->n_heap && loop->heap[child + 1]->at_ms < loop->heap[child]->at_ms)
			child++;
		if (loop->heap[child]->at_ms >= t->at_ms)
			break;
		heap_put(loop, slot, loop->heap[child]);
	}
	heap_put(loop, slot, t);
}

struct loop_timer *loop_timer_add(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);
	*t = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
	t->next = loop->timers;
	t->back = &loop->timers;
	if (t->next)
		t->next->back = &t->next;
	loop->timers = t;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t delay_ms)
{
	struct loop *loop = t->loop;
	loop_timer_clear(t);
	t->at_ms = clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0);
	if (loop->n_heap + 2 > loop->room_heap) {
		loop->room_heap = loop->room_heap ? loop->room_heap * 2 : 64;
		loop->heap = xrealloc(loop->heap, loop->room_heap * sizeof *loop->heap);
	}
	heap_put(loop, ++loop->n_heap, t);
	heap_up(loop, loop->n_heap);
}

void loop_timer_clear(struct loop_timer *t)
{
	struct loop *loop = t->loop;
	size_t slot = t->slot;
	if (!slot)
		return;
	t->slot = 0;
	struct loop_timer *last = loop->heap[loop->n_heap--];
	if (last == t)
		return;
	heap_put(loop, slot, last);
	heap_up(loop, slot);
	heap_down(loop, last->slot);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->slot != 0;
}

void loop_timer_del(struct loop_timer *t)
{
	if (!t)
		return;
	loop_timer_clear(t);
	*t->back = t->next;
	if (t->next)
		t->next->back = t->back;
	free(t);
}

/* Runs what was due when the turn began; a timer set again by its own callback waits a turn. */
static void run_timers(struct loop *loop)
{
	int64_t now = clock_mono_ms();
	size_t budget = loop->n_heap;
	while (budget-- && loop->n_heap && loop->heap[1]->at_ms <= now) {
		struct loop_timer *t = loop->heap[1];
		loop_timer_clear(t);
		t->fn(t->arg);
	}
}

/* ---- signals ---- */

static void on_signal_fd(void *arg, int fd, int events)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;
	(void)events;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo < SIGNALS && loop->on_signal[info.ssi_signo].fn)
			loop->on_signal[info.ssi_signo].fn(loop->on_signal[info.ssi_signo].arg);
}

void loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg)
{
	must(signo > 0 && signo < SIGNALS);
	loop->on_signal[signo].fn = fn;
	loop->on_signal[signo].arg = arg;
	sigaddset(&loop->signals, signo);
	must(sigprocmask(SIG_BLOCK, &loop->signals, NULL) == 0);
	int fd = signalfd(loop->signal_fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	must(fd >= 0);
	if (loop->signal_fd < 0) {
		loop->signal_fd = fd;
		loop->signal_io = loop_io_add(loop, fd, LOOP_READ, on_signal_fd, loop);
	}
}

/* ---- hooks and the turn ---- */

struct loop_hook *loop_hook_add(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_hook *hook = xcalloc(1, sizeof *hook);
	*hook = (struct loop_hook){.loop = loop, .fn = fn, .arg = arg};
	struct loop_hook **at = &loop->hooks;
	while (*at)
		at = &(*at)->next;
	*at = hook;
	return hook;
}

void loop_hook_del(struct loop_hook *hook)
{
	if (hook)
		hook->dead = true;
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
	struct epoll_event events[EVENTS_PER_TURN];
	if (loop->n_heap) {
		int64_t until = loop->heap[1]->at_ms - clock_mono_ms();
		if (until < 0)
			until = 0;
		if (wait_ms < 0 || until < wait_ms)
			wait_ms = until;
	}
	if (wait_ms > 60000)
		wait_ms = 60000;
	int n =
	    epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, wait_ms < 0 ? -1 : (int)wait_ms);
	must(n >= 0 || errno == EINTR);
	for (int i = 0; i < n; i++) {
		struct loop_io *io = events[i].data.ptr;
		int got = 0;
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
			got |= LOOP_READ;
		if (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			got |= LOOP_WRITE;
		got &= io->events;
		if (!io->dead && got)
			io->fn(io->arg, io->fd, got);
	}
	run_timers(loop);
	for (struct loop_hook *hook = loop->hooks; hook; hook = hook->next)
		if (!hook->dead)
			hook->fn(hook->arg);
	free_dead(loop);
}

void loop_run(struct loop *loop)
{
	loop->stop = false;
	while (!loop->stop)
		loop_turn(loop, -1);
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}
