/*
 * zone.h: names of time zones.
 *
 * Abbreviations ("EST", "MESZ") have one offset; places ("Europe/Berlin") have summer time by rule:
 * the European Union's since 1996, that of the USA since 1987.  No zone database is read.
 */
#ifndef COMMON_ZONE_H
#define COMMON_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

/* Minutes east of UTC for a zone of that name at local time `local_ms` (ms since 1970 as if it were
 * UTC).  False where the name is no zone. */
bool zone_minutes(struct str name, int64_t local_ms, int *ret_minutes);

#endif
