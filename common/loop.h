/*
 * loop.h: the one event loop of a process (epoll, timerfd-free, signalfd).
 *
 * One thread, one loop.  Everything a program waits for is a descriptor, a timer or a signal
 * here; libraries with threads of their own (librdkafka) only write to a descriptor.  Callbacks
 * run from loop_run and may add and delete anything, themselves included.
 *
 *   struct loop *loop = loop_create();
 *   struct loop_timer *tick = loop_timer_add(loop, on_tick, self);
 *   loop_timer_set(tick, 1000);
 *   loop_signal(loop, SIGTERM, on_term, self);
 *   loop_run(loop);                  // until loop_stop
 *   loop_free(loop);                 // frees what is still registered
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct loop_hook;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop *loop_create(void);
void loop_free(struct loop *loop);
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* loop_run returns after the present turn */
/* One turn: waits at most wait_ms (-1: until something happens), runs what is due. */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* Descriptors.  `events` is LOOP_READ | LOOP_WRITE; errors and hang-ups arrive as what was asked
 * for.  The loop never closes a descriptor: delete the watch first, then close. */
typedef void loop_io_fn(void *arg, int fd, int events);
struct loop_io *loop_io_add(struct loop *loop, int fd, int events, loop_io_fn *fn, void *arg);
void loop_io_set(struct loop_io *io, int events); /* 0 pauses it */
void loop_io_del(struct loop_io *io);             /* NULL is fine */

/* One-shot timers in real milliseconds; setting again moves it. */
typedef void loop_fn(void *arg);
struct loop_timer *loop_timer_add(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms); /* 0: next turn */
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);
void loop_timer_del(struct loop_timer *timer); /* NULL is fine */

/* Runs `fn` in the loop when the signal arrives.  Blocks the signal for the whole process: call
 * before any library starts a thread. */
void loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg);

/* Called after each turn: the place to flush what callbacks have queued. */
struct loop_hook *loop_hook_add(struct loop *loop, loop_fn *fn, void *arg);
void loop_hook_del(struct loop_hook *hook);

#endif
