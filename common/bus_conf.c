/* bus_conf.c: the bus as the configuration describes it. */
#include <stdlib.h>

#include "common/bus.h"
#include "common/conf.h"
#include "common/mem.h"

struct bus *bus_open_conf(const struct conf_common *common, const struct bus_options *options,
			  struct error *err)
{
	struct bus_options full = *options;
	size_t n = conf_count(common->kafka);
	const char **properties = xcalloc(2 * n + 1, sizeof *properties);
	struct bus *bus = NULL;
	size_t set = 0;
	while (set < n && conf_key(common->kafka, set) &&
	       conf_scalar(conf_item(common->kafka, set))) {
		properties[2 * set] = conf_key(common->kafka, set);
		properties[2 * set + 1] = conf_scalar(conf_item(common->kafka, set));
		set++;
	}
	full.spec = common->bus;
	full.prefix = common->tenant;
	full.partitions = (int)common->partitions;
	full.state_dir = common->data;
	full.properties = properties;
	full.retention_ms = common->bus_retention_ms;
	full.size_limit_bytes = common->bus_size;
	if (set < n)
		(void)error_set(err, "expected properties as \"name: value\" under \"kafka\"");
	else
		bus = bus_open(&full, err);
	free(properties); /* bus_open has copied them */
	return bus;
}
