/*
 * config.c: the tables of `ingest:`, `sources:` and `authors:`, and what tables cannot say.
 *
 * An entry of `sources:` is read against the common rows and those of its driver put together, so an
 * unknown setting is found whoever's it would be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "ingest/config.h"
#include "ingest/guard.h"
#include "ingest/wanted.h"

static const struct conf_row ingest_rows[] = {
    CONF_STR(struct ingest_conf, user_agent,
	     "posthorn/0.1 (+https://example.org/posthorn; social@example.org)",
	     "who we say we are: product token, then how to reach the operator"),
    CONF_DURATION(struct ingest_conf, "poll", poll_ms, "5m", "1s", "30d",
		  "time between two polls of a source that names none"),
    CONF_DURATION(struct ingest_conf, "host_gap", host_gap_ms, "60s", "0", "1d",
		  "rest of a host between two polls, whichever source they are for"),
    CONF_INT(struct ingest_conf, host_connections, NULL, "1", "32",
	     "requests to one host at the same time; default: 1, and 8 where host_gap is 0"),
    CONF_LIST(struct ingest_conf, allow_networks,
	      "local networks that may be fetched from, such as 127.0.0.0/8; none by default"),
    CONF_DURATION(struct ingest_conf, "remember", remember_ms, "400d", "1h", "3650d",
		  "how long an id is known after it was last in a page"),
    CONF_DURATION(struct ingest_conf, "backfill_grace", backfill_grace_ms, "15m", "0", "365d",
		  "on the first read of a source, posts younger than this are news, not backfill"),
    CONF_INT(struct ingest_conf, parallel, "64", "1", "256", "sources polled at the same time"),
    CONF_BOOL(struct ingest_conf, robots, "yes", "obey robots.txt"),
    CONF_STR(struct ingest_conf, metrics, "127.0.0.1:0",
	     "address of the Prometheus endpoint; port 0 picks a free one"),
    CONF_END};

const struct conf_section ingest_section = {"ingest", CONF_MAP, sizeof(struct ingest_conf),
					    ingest_rows, "How pages are fetched."};

static const struct conf_row source_rows[] = {
    CONF_STR(struct source, name, CONF_NEEDED, "what it is called, here and in every post"),
    {"driver", CONF_T_STR, offsetof(struct source, driver_name), "feed", NULL, NULL, NULL,
     "who reads it: feed, replay"},
    CONF_STR(struct source, url, NULL, "where it is"),
    CONF_STR(struct source, key, NULL,
	     "scope of the ids of its posts; default: the normalised URL"),
    CONF_ENUM(struct source, channel, "blog", POST_CHANNELS, "kind of place"),
    CONF_STR(struct source, place, NULL, "board, group or page"),
    CONF_STR(struct source, lang, NULL, "language of its posts where they declare none"),
    CONF_BOOL(struct source, owned, "no", "is it a channel of ours"),
    CONF_ENUM(struct source, names, NULL, "registered free",
	      "free: anybody may call themselves anything there, so no name makes an author one of "
	      "us; default: free for blog, review and news that are not ours, else registered"),
    CONF_ENUM(
	struct source, keep, "all", "all matching",
	"matching: only posts that a query of analyze.queries could match, and answers to such"),
    CONF_DURATION(struct source, "poll", poll_ms, NULL, "1s", "30d",
		  "time between two polls; default: ingest's poll"),
    CONF_END};

const struct conf_section sources_section = {"sources", CONF_MAPS, sizeof(struct source),
					     source_rows, "What is listened to."};

struct author_conf {
	const char *role;
	struct conf_list handles;
};

static const struct conf_row author_rows[] = {
    CONF_ENUM(struct author_conf, role, CONF_NEEDED, POST_ROLES, "what these authors are to us"),
    CONF_LIST(struct author_conf, handles, "handles, ids, addresses or names of authors"),
    CONF_END};

const struct conf_section authors_section = {"authors", CONF_MAPS, sizeof(struct author_conf),
					     author_rows, "Who is more than a customer."};

/* ---- authors ---- */

struct authors {
	struct author {
		char *name; /* ASCII lower case, without @ */
		const char *role;
	} * items;
	size_t n;
};

static struct str without_at(struct str s)
{
	return str_starts(s, "@") ? str_sub(s, 1, s.n) : s;
}

static char *folded(struct str s)
{
	s = without_at(str_trim(s));
	char *z = xstrndup(s.n ? s.p : "", s.n);
	for (char *p = z; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return z;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct author *)a)->name, ((const struct author *)b)->name);
}

const char *authors_role(const struct authors *authors, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i].n == 0 || authors->n == 0)
			continue;
		struct author want = {.name = folded(names[i])};
		const struct author *hit =
		    bsearch(&want, authors->items, authors->n, sizeof want, by_name);
		free(want.name);
		if (hit)
			return hit->role;
	}
	return NULL;
}

static void authors_free(struct authors *authors)
{
	for (size_t i = 0; authors && i < authors->n; i++)
		free(authors->items[i].name);
	if (authors)
		free(authors->items);
	free(authors);
}

static int authors_read(struct config *config, struct error *err)
{
	struct author_conf *lists = NULL;
	size_t n = 0;
	if (conf_read_list(config->conf, &authors_section, &lists, &n, err))
		return -1;
	struct authors *authors = config->authors;
	for (size_t i = 0; i < n; i++) {
		for (size_t h = 0; h < lists[i].handles.n; h++) {
			authors->items =
			    xrealloc(authors->items, (authors->n + 1) * sizeof *authors->items);
			authors->items[authors->n++] = (struct author){
			    folded(str_of(lists[i].handles.items[h])), lists[i].role};
		}
	}
	if (authors->n)
		qsort(authors->items, authors->n, sizeof *authors->items, by_name);
	for (size_t i = 1; i < authors->n; i++)
		if (strcmp(authors->items[i].name, authors->items[i - 1].name) == 0 &&
		    strcmp(authors->items[i].role, authors->items[i - 1].role) != 0)
			return conf_fail(config->conf, conf_line(config->conf, "authors", 0, NULL),
					 err, "expected one role for \"%s\", found %s and %s",
					 authors->items[i].name, authors->items[i - 1].role,
					 authors->items[i].role);
	return 0;
}

/* ---- sources ---- */

static int driver_unknown(struct config *config, const struct source *source, size_t i,
			  struct error *err)
{
	char list[200] = "";
	for (size_t d = 0; source_drivers[d]; d++) {
		size_t n = strlen(list);
		(void)snprintf(list + n, sizeof list - n, "%s%s", d ? ", " : "",
			       source_drivers[d]->name); /* few and short */
	}
	return conf_fail(config->conf, conf_line(config->conf, "sources", i, "driver"), err,
			 "expected one of the drivers %s, found \"%s\"", list, source->driver_name);
}

/* The rows of all sources and of this driver in one table; the driver's struct lies behind. */
static int read_one(struct config *config, size_t i, const struct source_driver *driver,
		    struct source *ret, struct error *err)
{
	size_t n = ARRAY_LEN(source_rows) - 1, own = 0;
	while (driver->options && driver->options[own].name)
		own++;
	struct conf_row *rows = xcalloc(n + own + 1, sizeof *rows);
	memcpy(rows, source_rows, n * sizeof *rows);
	for (size_t k = 0; k < own; k++) {
		rows[n + k] = driver->options[k];
		rows[n + k].offset += sizeof(struct source);
	}
	char *both = xcalloc(1, sizeof(struct source) + driver->options_size);
	int rc = conf_read_node(config->conf, conf_section_item(config->conf, "sources", i), rows,
				both, err);
	memcpy(ret, both, sizeof *ret);
	if (driver->options_size) {
		config->source_options[i] = xmalloc(driver->options_size);
		memcpy(config->source_options[i], both + sizeof *ret, driver->options_size);
		ret->options = config->source_options[i];
	}
	ret->driver = driver;
	ret->line = conf_line(config->conf, "sources", i, NULL);
	free(both);
	free(rows);
	return rc;
}

static int name_check(struct config *config, size_t i, struct error *err)
{
	const struct source *source = &config->sources[i];
	size_t n = strlen(source->name);
	int line = conf_line(config->conf, "sources", i, "name");
	if (n == 0 || n > 100 || strpbrk(source->name, " \t\r\n{}\""))
		return conf_fail(
		    config->conf, line, err,
		    "expected 1 to 100 bytes without blanks, braces and quotes as name "
		    "of a source, found \"%s\"",
		    source->name);
	for (size_t k = 0; k < i; k++)
		if (strcmp(config->sources[k].name, source->name) == 0)
			return conf_fail(
			    config->conf, line, err,
			    "expected a name that no other source has, found \"%s\" again "
			    "(first in line %d)",
			    source->name, config->sources[k].line);
	return 0;
}

static int url_check(struct config *config, size_t i, const struct guard *guard, struct error *err)
{
	struct source *source = &config->sources[i];
	struct guard_target target;
	config->hosts[i] = xstrdup("");
	source->host = config->hosts[i];
	if (!source->url && !source->driver->needs_url)
		return 0;
	if (!source->url)
		return conf_fail(config->conf, source->line, err,
				 "expected the setting \"url\" for the driver \"%s\"",
				 source->driver->name);
	if (guard_url(guard, str_of(source->url), &target) == GUARD_REFUSE)
		return conf_fail(
		    config->conf, conf_line(config->conf, "sources", i, "url"), err,
		    "expected a URL that may be fetched, found \"%s\" (%s; local networks "
		    "need ingest.allow_networks)",
		    source->url, target.why);
	free(config->hosts[i]);
	config->hosts[i] = xstrdup(target.host);
	source->host = config->hosts[i];
	return 0;
}

/* The driver's name has to be known before the entry can be read against its table. */
static const char *default_names(const struct source *source)
{
	static const char *const free_channels[] = {"blog", "review", "news"};
	for (size_t i = 0; i < ARRAY_LEN(free_channels); i++)
		if (strcmp(source->channel, free_channels[i]) == 0 && !source->owned)
			return "free";
	return "registered";
}

static int sources_read(struct config *config, const struct guard *guard, struct error *err)
{
	size_t n = conf_section_count(config->conf, "sources");
	config->sources = xcalloc(n + 1, sizeof *config->sources);
	config->hosts = xcalloc(n + 1, sizeof *config->hosts);
	config->source_options = xcalloc(n + 1, sizeof *config->source_options);
	config->n_sources = n;
	int line = conf_line(config->conf, "sources", 0, NULL);
	if (n == 0 && line > 0)
		return conf_fail(config->conf, line, err, "expected a list under \"sources\"");
	for (size_t i = 0; i < n; i++) {
		struct source *source = &config->sources[i];
		const struct conf_node *item = conf_section_item(config->conf, "sources", i);
		const char *name = conf_scalar(conf_get(item, "driver"));
		source->driver_name = name ? name : "feed";
		const struct source_driver *driver = source_driver_find(source->driver_name);
		if (!driver)
			return driver_unknown(config, source, i, err);
		if (read_one(config, i, driver, source, err) || name_check(config, i, err) ||
		    url_check(config, i, guard, err))
			return -1;
		if (!source->names)
			source->names = default_names(source);
		if (source->poll_ms == 0)
			source->poll_ms = config->ingest.poll_ms;
		struct error why;
		if (driver->check && driver->check(source, &why))
			return conf_fail(config->conf, source->line, err, "%s", why.text);
	}
	return 0;
}

/* The queries of analyze, if a source is kept by them. */
static int wanted_read(struct config *config, struct error *err)
{
	const struct source *by = NULL;
	struct error why;
	for (size_t i = 0; i < config->n_sources && !by; i++)
		if (strcmp(config->sources[i].keep, "matching") == 0)
			by = &config->sources[i];
	if (!by)
		return 0;
	const struct conf_node *node =
	    conf_get(conf_section_node(config->conf, "analyze"), "queries");
	const char *path = conf_scalar(node);
	if (!path)
		return conf_fail(config->conf, by->line, err,
				 "expected analyze.queries, by which \"%s\" is to be kept",
				 by->name);
	config->wanted = wanted_load(conf_near(config->conf, path), &why);
	return config->wanted ? 0
			      : conf_fail(config->conf, conf_node_line(node), err, "%s", why.text);
}

static int networks_check(struct config *config, struct guard *guard, struct error *err)
{
	const struct conf_list *list = &config->ingest.allow_networks;
	struct error why;
	for (size_t i = 0; i < list->n; i++)
		if (guard_allow(guard, str_of(list->items[i]), &why))
			return conf_fail(config->conf,
					 conf_line(config->conf, "ingest", 0, "allow_networks"),
					 err, "%s", why.text);
	return 0;
}

struct config *ingest_config_load(const char *path, struct error *err)
{
	struct config *config = xcalloc(1, sizeof *config);
	struct guard *guard = guard_create();
	config->authors = xcalloc(1, sizeof *config->authors);
	config->conf = conf_load(path, err);
	bool fine = config->conf && conf_check_names(config->conf, err) == 0 &&
		    conf_read(config->conf, &conf_common_section, &config->common, err) == 0 &&
		    conf_read(config->conf, &ingest_section, &config->ingest, err) == 0 &&
		    networks_check(config, guard, err) == 0 && authors_read(config, err) == 0 &&
		    sources_read(config, guard, err) == 0 && wanted_read(config, err) == 0;
	guard_free(guard);
	/* who lets a host have no rest owns it: there a page that hangs shall not hold up the others */
	if (fine && config->ingest.host_connections == 0)
		config->ingest.host_connections = config->ingest.host_gap_ms == 0 ? 8 : 1;
	if (fine)
		return config;
	ingest_config_free(config);
	return NULL;
}

void ingest_config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_sources; i++) {
		if (config->hosts)
			free(config->hosts[i]);
		if (config->source_options)
			free(config->source_options[i]);
	}
	free(config->hosts);
	free(config->source_options);
	free(config->sources);
	authors_free(config->authors);
	wanted_free(config->wanted);
	conf_free(config->conf);
	free(config);
}
