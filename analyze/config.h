/*
 * config.h: the configuration as analyze sees it.
 *
 *   struct analyze_config *config = analyze_config_load("posthorn.yaml", &err);   // NULL + err
 *   analyze_config_free(config);
 */
#ifndef ANALYZE_CONFIG_H
#define ANALYZE_CONFIG_H

#include "common/conf.h"

#include "analyze/scorer.h"

struct analyze_conf {
	const char *model;   /* NULL: shipped_path() finds it */
	const char *queries; /* NULL: none */
	const char *metrics;
	int64_t abstain;
};

struct analyze_config {
	struct conf_common common;
	struct analyze_conf analyze;
	struct conf *conf; /* holds the texts */
};

extern const struct conf_section analyze_section;

struct analyze_config *analyze_config_load(const char *path, struct error *err);
void analyze_config_free(struct analyze_config *config); /* NULL is fine */

struct score_settings analyze_config_settings(const struct analyze_conf *conf);

#endif
