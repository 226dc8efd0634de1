/*
 * date_zone.h: names of time zones as they stand in feeds; only for date.c.
 *
 * Abbreviations ("EST", "MESZ") have one offset; places ("Europe/Berlin") have summer time by rule:
 * the European Union's since 1996, that of the USA since 1987.  No zone database is read.
 */
#ifndef INGEST_DATE_ZONE_H
#define INGEST_DATE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

/* Minutes east of UTC for a zone of that name at local time `local_ms` (ms since 1970 as if it were
 * UTC).  False where the name is no zone. */
bool date_zone(struct str name, int64_t local_ms, int *ret_minutes);

#endif
