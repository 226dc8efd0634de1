#include <stdlib.h>

#include "common/mem.h"

#include "analyze/config.h"

static const struct conf_row rows[] = {
    CONF_PATH(
	struct analyze_conf, model, NULL,
	"file of weights; default: the shipped one, beside the program or in the source tree"),
    CONF_PATH(struct analyze_conf, queries, NULL,
	      "file of queries that posts are matched with (docs/QUERY-LANGUAGE.md); SIGHUP reads "
	      "it again"),
    CONF_INT(
	struct analyze_conf, abstain, "-1", "-1", "100",
	"tonality is left to a person below this probability in percent; -1: as the model says"),
    CONF_STR(struct analyze_conf, metrics, "127.0.0.1:0",
	     "address of the Prometheus endpoint; port 0 picks a free one"),
    CONF_END};

const struct conf_section analyze_section = {"analyze", CONF_MAP, sizeof(struct analyze_conf), rows,
					     "How posts are judged."};

struct analyze_config *analyze_config_load(const char *path, struct error *err)
{
	struct analyze_config *config = xcalloc(1, sizeof *config);
	config->conf = conf_load(path, err);
	if (!config->conf || conf_check_names(config->conf, err) ||
	    conf_read(config->conf, &conf_common_section, &config->common, err) ||
	    conf_read(config->conf, &analyze_section, &config->analyze, err)) {
		analyze_config_free(config);
		return NULL;
	}
	return config;
}

void analyze_config_free(struct analyze_config *config)
{
	if (!config)
		return;
	conf_free(config->conf);
	free(config);
}

struct score_settings analyze_config_settings(const struct analyze_conf *conf)
{
	return (struct score_settings){.abstain_percent = conf->abstain, .why = true};
}
