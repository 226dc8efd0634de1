/*
 * clock.h: the time, as the programs see it.
 *
 * clock_wall_ms() is for what people and posts mean by time; clock_mono_ms() only measures
 * distances (time-outs, retries).  Pure code takes `now_ms` as an argument and never calls this.
 *
 * The wall clock can be made to run fast, for the demo and for simulated days: the environment
 * variable POSTHORN_CLOCK=REAL_MS:WALL_MS:SPEED says "at real time REAL_MS the wall clock showed
 * WALL_MS, and it runs SPEED times as fast".  All programs of one run share that value.  Leases in
 * Redis use Redis' own TIME and are not touched by it.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

#include "common/error.h"

int clock_init(struct error *err); /* reads POSTHORN_CLOCK; without it: real time */
int64_t clock_wall_ms(void);       /* ms since 1970 UTC, possibly fast */
int64_t clock_real_ms(void);       /* ms since 1970 UTC, never fast */
int64_t clock_mono_ms(void);       /* real ms since boot */
uint64_t clock_cpu_ns(void);       /* ns of processor time of this process */
int64_t clock_to_real_ms(
    int64_t wall_delay_ms); /* how long a wait of that wall time really takes, rounded up */
double clock_speed(void);

#endif
