/*
 * crash.h: named places at which the kill test lets a program die.
 *
 *   crash_point("after_delivery");
 *
 * Compiled with -DPOSTHORN_CRASH_POINTS, and with POSTHORN_CRASH=NAME or NAME:N in the environment,
 * the process sends itself SIGKILL when it passes the place NAME for the Nth time (default: the
 * first).  Compiled without, it is nothing at all.
 *
 * Places of the bus: "after_delivery" (an output was acknowledged, nothing was done with it yet),
 * "before_commit" (inputs are finished, their commit was not sent).
 */
#ifndef COMMON_CRASH_H
#define COMMON_CRASH_H

#ifdef POSTHORN_CRASH_POINTS
void crash_point(const char *name);
#else
static inline void crash_point(const char *name)
{
	(void)name;
}
#endif

#endif
