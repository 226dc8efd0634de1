/*
 * windows.h: stretches of time whose effects were taken back on purpose (Redis rolled back).
 *
 * What Redis did inside a window is gone and has to be made again from the bus; what was said to
 * agents inside it may be gone for good, and only that.  A window ends when Redis answers again.
 */
#ifndef TESTS_KILL_WINDOWS_H
#define TESTS_KILL_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WINDOWS = 16 };

struct windows {
	struct {
		int64_t from_ms, to_ms;    /* real ms since 1970 */
		int64_t last_ms, last_seq; /* id of the last event that was not taken back */
	} at[WINDOWS];
	size_t n;
};

static inline bool windows_have(const struct windows *w, int64_t ms)
{
	for (size_t i = 0; i < w->n; i++)
		if (ms >= w->at[i].from_ms && ms <= w->at[i].to_ms)
			return true;
	return false;
}

/* Was the event MS-SEQ taken back? */
static inline bool windows_have_event(const struct windows *w, int64_t ms, int64_t seq)
{
	for (size_t i = 0; i < w->n; i++)
		if ((ms > w->at[i].last_ms ||
		     (ms == w->at[i].last_ms && seq > w->at[i].last_seq)) &&
		    ms <= w->at[i].to_ms)
			return true;
	return false;
}

#endif
