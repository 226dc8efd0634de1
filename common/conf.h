/*
 * conf.h: one YAML file for all programs, read through tables.
 *
 * A section is described once, as a table of rows; the table is the parser, `--help`,
 * docs/CONFIGURATION.md and the example file.
 *
 *   struct ingest_conf { const char *user_agent; int64_t timeout_ms; ... };
 *   static const struct conf_row rows[] = {
 *       CONF_STR(struct ingest_conf, user_agent, "posthorn/1", "what we call ourselves"),
 *       CONF_DURATION(struct ingest_conf, timeout_ms, "20s", "1s", "10m", "..."),
 *       CONF_END
 *   };
 *   const struct conf_section ingest_section = {"ingest", CONF_MAP, sizeof(struct ingest_conf), rows, "..."};
 *
 *   struct conf *conf = conf_load(path, &err);             // YAML -> nodes with lines
 *   struct ingest_conf c;
 *   if (conf_read(conf, &ingest_section, &c, &err)) ...    // err: "FILE:LINE: expected ..., found ..."
 *
 * Values keep living in `conf` until conf_free.  ${VAR} in a scalar is replaced from the
 * environment (unset: an error); `file:PATH` as a value of a secret row is read from that file.
 * Relative paths (CONF_PATH) are relative to the configuration file.  Unknown keys are errors.
 * YAML aliases and anchors are refused; depth 16, file 4 MiB at most.
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"

struct conf;
struct conf_node; /* a mapping, list or scalar with its line */

enum conf_type {
	CONF_T_STR,      /* const char * ; NULL where no default */
	CONF_T_SECRET,   /* const char * ; never printed, not part of the version text */
	CONF_T_PATH,     /* const char * ; made absolute */
	CONF_T_ENUM,     /* const char * ; one of `choices`, space separated */
	CONF_T_INT,      /* int64_t ; min..max */
	CONF_T_SIZE,     /* int64_t bytes ; min..max as sizes */
	CONF_T_DURATION, /* int64_t ms ; min..max as durations */
	CONF_T_BOOL,     /* bool ; yes/no/true/false */
	CONF_T_LIST,     /* struct conf_list ; a list of scalars, or one scalar */
	CONF_T_NODE      /* const struct conf_node * ; anything, read by the caller */
};

struct conf_list {
	const char **items;
	size_t n;
};

struct conf_row {
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *def; /* default as written in YAML; NULL: none; CONF_NEEDED: must be given */
	const char *min, *max; /* INT, SIZE, DURATION, as written */
	const char *choices;   /* ENUM */
	const char *help;      /* one sentence */
};

#define CONF_NEEDED "\001"
#define CONF_END                                                                                   \
	{                                                                                          \
		NULL, CONF_T_STR, 0, NULL, NULL, NULL, NULL, NULL                                  \
	}
#define CONF_STR(s, f, def, help)                                                                  \
	{                                                                                          \
#f, CONF_T_STR, offsetof(s, f), def, NULL, NULL, NULL, help                        \
	}
#define CONF_SECRET(s, f, help)                                                                    \
	{                                                                                          \
#f, CONF_T_SECRET, offsetof(s, f), NULL, NULL, NULL, NULL, help                    \
	}
#define CONF_PATH(s, f, def, help)                                                                 \
	{                                                                                          \
#f, CONF_T_PATH, offsetof(s, f), def, NULL, NULL, NULL, help                       \
	}
#define CONF_ENUM(s, f, def, choices, help)                                                        \
	{                                                                                          \
#f, CONF_T_ENUM, offsetof(s, f), def, NULL, NULL, choices, help                    \
	}
#define CONF_INT(s, f, def, min, max, help)                                                        \
	{                                                                                          \
#f, CONF_T_INT, offsetof(s, f), def, min, max, NULL, help                          \
	}
#define CONF_SIZE(s, f, def, min, max, help)                                                       \
	{                                                                                          \
#f, CONF_T_SIZE, offsetof(s, f), def, min, max, NULL, help                         \
	}
/* the struct's field carries the unit, the setting does not: (poll, poll_ms) */
#define CONF_DURATION(s, name, f, def, min, max, help)                                             \
	{                                                                                          \
		name, CONF_T_DURATION, offsetof(s, f), def, min, max, NULL, help                   \
	}
#define CONF_BOOL(s, f, def, help)                                                                 \
	{                                                                                          \
#f, CONF_T_BOOL, offsetof(s, f), def, NULL, NULL, NULL, help                       \
	}
#define CONF_LIST(s, f, help)                                                                      \
	{                                                                                          \
#f, CONF_T_LIST, offsetof(s, f), NULL, NULL, NULL, NULL, help                      \
	}
#define CONF_NODE(s, f, help)                                                                      \
	{                                                                                          \
#f, CONF_T_NODE, offsetof(s, f), NULL, NULL, NULL, NULL, help                      \
	}

enum conf_shape {
	CONF_MAP, /* one mapping */
	CONF_MAPS /* a list of mappings (sources:, rules:) */
};

struct conf_section {
	const char *name; /* top-level key; "" for the scalars at the top level itself */
	enum conf_shape shape;
	size_t size; /* of the struct one mapping fills */
	const struct conf_row *rows;
	const char *help; /* one sentence */
};

struct conf *conf_load(const char *path, struct error *err); /* new; NULL + err */
/* The same from text; relative paths are then relative to the working directory. */
struct conf *conf_parse(const char *name, struct str text, struct error *err);
/* A file that is a list at the top, such as a query set, of at most 64 MiB; its items by conf_root and
 * conf_item. */
struct conf *conf_parse_list(const char *name, struct str text, struct error *err);
const struct conf_node *conf_root(const struct conf *conf);
void conf_free(struct conf *conf);

/* Fills *ret (zeroed first) from the section or from its defaults where it is absent. */
int conf_read(struct conf *conf, const struct conf_section *section, void *ret, struct error *err);
/* A CONF_MAPS section: *ret_items is an array of section->size structs owned by conf. */
int conf_read_list(struct conf *conf, const struct conf_section *section, void *ret_items,
		   size_t *ret_n, struct error *err);
/* Any mapping node against a table (driver options, nested maps). */
int conf_read_node(struct conf *conf, const struct conf_node *node, const struct conf_row *rows,
		   void *ret, struct error *err);
/* Refuses top-level keys that are not in the table of names in conf.c (one row per section). */
int conf_check_names(struct conf *conf, struct error *err);

/* Looking at nodes. */
const char *conf_scalar(const struct conf_node *node); /* NULL if it is none */
size_t conf_count(const struct conf_node *node);       /* list items or map pairs */
const struct conf_node *conf_item(const struct conf_node *node, size_t i);
const struct conf_node *conf_get(const struct conf_node *node, const char *key);
const char *conf_key(const struct conf_node *node, size_t i); /* of a mapping */
/* A section as it is written, for a look at what another program owns; NULL if absent. */
const struct conf_node *conf_section_node(const struct conf *conf, const char *section);
/* The i-th mapping of a list section, for entries whose table depends on one of their keys. */
const struct conf_node *conf_section_item(const struct conf *conf, const char *section, size_t i);
size_t conf_section_count(const struct conf *conf, const char *section); /* 0 where it is no list */
/* Line of the section's i-th mapping (0 for a map), of `key` in it where given; 0 if unknown. */
int conf_line(const struct conf *conf, const char *section, size_t i, const char *key);
int conf_node_line(const struct conf_node *node);
const char *conf_path(const struct conf *conf);
/* A path as CONF_PATH means it: beside the file, unless it is absolute. */
const char *conf_near(struct conf *conf, const char *path);
/* "FILE:LINE: " + text into err; returns -1. */
int conf_fail(const struct conf *conf, int line, struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The effective text of a section without secrets, for version hashes: name=value lines. */
void conf_text(const struct conf_section *section, const void *values, struct buf *out);
/* Markdown for docs/CONFIGURATION.md, and indented text for --help. */
void conf_doc(const struct conf_section *section, struct buf *out);
void conf_help(const struct conf_section *section, struct buf *out);

/* The settings every program reads. */
struct conf_common {
	const char *tenant; /* Redis hash tag and topic prefix */
	const char *bus;    /* "sqlite:DIR" or "kafka:HOST:PORT[,...]" */
	const char *redis;  /* "unix:PATH" or "HOST:PORT" */
	const char *redis_password;
	const char *data; /* directory for state of ours */
	const char *log_level;
	int64_t partitions;
	const struct conf_node *kafka; /* librdkafka properties, passed through */
	int64_t bus_retention_ms, bus_size;
};
extern const struct conf_section conf_common_section;

#endif
