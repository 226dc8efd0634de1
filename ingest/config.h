/*
 * config.h: the configuration as ingest sees it: settings, sources, authors.
 *
 *   struct config *config = ingest_config_load("posthorn.yaml", &err);   // NULL: err is "FILE:LINE: expected ..."
 *   config->sources[0].name
 *   ingest_config_free(config);
 *
 * Everything points into config and lives as long.
 */
#ifndef INGEST_CONFIG_H
#define INGEST_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/error.h"
#include "common/str.h"

#include "ingest/source.h"

struct ingest_conf {
	const char *user_agent;
	int64_t poll_ms, host_gap_ms, remember_ms, backfill_grace_ms;
	int64_t parallel, host_connections;
	struct conf_list allow_networks;
	bool robots;
	const char *metrics;
};

struct authors; /* handle -> role */
struct wanted;

struct config {
	struct conf_common common;
	struct ingest_conf ingest;
	struct source *sources;
	size_t n_sources;
	struct authors *authors;
	struct wanted *wanted; /* NULL: no source keeps only what matches */
	struct conf *conf;     /* holds the texts */
	char **hosts;          /* of sources */
	void **source_options; /* of sources */
};

struct config *ingest_config_load(const char *path, struct error *err);
void ingest_config_free(struct config *config); /* NULL is fine */

/* Role of the first of these names that is in a list, else NULL.  Case of ASCII letters and a leading
 * @ do not count. */
const char *authors_role(const struct authors *authors, const struct str *names, size_t n);

/* For docs and --help: ingest, sources, authors; then one section per driver with settings of its own. */
extern const struct conf_section ingest_section, sources_section, authors_section;

#endif
