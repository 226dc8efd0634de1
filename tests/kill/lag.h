/*
 * lag.h: looks at the bus from outside: how long the topics are, how far a group has come.
 *
 * It reads what the backends keep (SQLite's files, Kafka's own answers) and takes part in nothing,
 * so that a program can be frozen, looked at, and killed only then.
 */
#ifndef TESTS_KILL_LAG_H
#define TESTS_KILL_LAG_H

#include <stdint.h>

#include "common/error.h"

enum { LAG_PARTITIONS = 8 };

struct lag;

/* `spec` with an absolute directory; `prefix` as in bus.h. */
struct lag *lag_open(const char *spec, const char *prefix, struct error *err);
void lag_close(struct lag *lag); /* NULL is fine */
/* The next offset of each partition; -1 if the topic cannot be read yet. */
int lag_ends(struct lag *lag, const char *topic, int64_t ret[LAG_PARTITIONS]);
/* First offset the group has not committed; 0 where it has none. */
int lag_committed(struct lag *lag, const char *group, const char *topic,
		  int64_t ret[LAG_PARTITIONS]);
int64_t lag_sum(const int64_t offsets[LAG_PARTITIONS]);

#endif
