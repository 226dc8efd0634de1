/* sources.c: the one table of drivers.  A new kind of source is one file in sources/ and one line here. */
#include <string.h>

#include "ingest/source.h"

const struct source_driver *const source_drivers[] = {
    &source_feed,
    &source_replay,
    NULL,
};

const struct source_driver *source_driver_find(const char *name)
{
	for (size_t i = 0; source_drivers[i]; i++)
		if (strcmp(source_drivers[i]->name, name) == 0)
			return source_drivers[i];
	return NULL;
}
