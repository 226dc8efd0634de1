/*
 * log.h: one line per event on standard error, logfmt (key=value).
 *
 *   log_warn("fetch failed", "source=%s status=%d next=\"trying again in %s\"", ...);
 *
 * gives:  ts=2026-11-22T08:00:00.000Z level=warn prog=ingest msg="fetch failed" source=... ...
 * `fmt` is the tail of key=value pairs ("" for none); use log_q() for values from outside: it
 * quotes and escapes, so that a stranger cannot forge a line.  A warning says what happens next.
 * Secrets never go here: callers pass names of settings, not values.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_init(const char *program);                      /* name borrowed for ever */
void log_set_level(enum log_level level);                /* default LOG_INFO */
int log_level_of(const char *name, enum log_level *ret); /* "err" "warn" "info" "debug"; -1 */
bool log_on(enum log_level level);

void log_line(enum log_level level, const char *msg, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define log_err(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* Quoted, escaped, cut to 200 bytes.  Points into one of 8 rotating static buffers: use at once. */
const char *log_q(struct str s);
const char *log_qz(const char *z);

/* At most one line per `every_ms` and place; tells how many it swallowed.
 *   static struct log_limit limit = {.every_ms = 10000};
 *   if (log_allow(&limit, &skipped)) log_warn("...", "skipped=%u", skipped);          */
struct log_limit {
	int64_t every_ms, last_ms;
	unsigned skipped;
};
bool log_allow(struct log_limit *limit, unsigned *ret_skipped);

#endif
