/*
 * conf.c: nodes -> structs through tables; the settings that every program reads.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/conf_node.h"
#include "common/mem.h"
#include "common/num.h"

/* Every section of the file and who reads it: an unknown top-level key is an error in all programs. */
static const char *const section_names[] = {"ingest", "sources", "authors", "analyze", "queries",
					    "route",  "teams",   "rules",   "desk",    NULL};

static const struct conf_row common_rows[] = {
    CONF_STR(struct conf_common, tenant, "posthorn",
	     "name of this tenant: hash tag of all Redis keys and prefix of the topics"),
    CONF_STR(struct conf_common, bus, "sqlite:bus",
	     "the log that joins the programs: sqlite:DIR (relative to this file) or "
	     "kafka:HOST:PORT[,HOST:PORT]"),
    CONF_STR(struct conf_common, redis, "unix:redis.sock",
	     "tickets and crawl state: unix:PATH (relative to this file) or HOST:PORT"),
    CONF_SECRET(struct conf_common, redis_password, "password of Redis, if it has one"),
    CONF_PATH(struct conf_common, data, "state", "directory for the programs' own small files"),
    CONF_ENUM(struct conf_common, log_level, "info", "err warn info debug",
	      "how much is said on standard error"),
    CONF_INT(struct conf_common, partitions, "8", "1", "256",
	     "partitions of each topic, fixed when the topic is created"),
    CONF_NODE(struct conf_common, kafka,
	      "librdkafka properties by their own names, passed through"),
    CONF_DURATION(struct conf_common, "bus_retention", bus_retention_ms, "14d", "1h", "3650d",
		  "sqlite: age after which rows that every group has read may go"),
    CONF_SIZE(struct conf_common, bus_size, "4GiB", "1MiB", "4096GiB",
	      "sqlite: size of one topic at which it is full and intake stops"),
    CONF_END};

const struct conf_section conf_common_section = {"", CONF_MAP, sizeof(struct conf_common),
						 common_rows, "What every program reads."};

int conf_fail(const struct conf *conf, int line, struct error *err, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap); /* cut if longer: it is for people */
	va_end(ap);
	return error_set(err, "%s:%d: %s", conf->path, line, text);
}

/* ---- looking at nodes ---- */

const char *conf_scalar(const struct conf_node *node)
{
	return node && node->kind == NODE_SCALAR ? node->text : NULL;
}

size_t conf_count(const struct conf_node *node)
{
	return node ? node->n : 0;
}

const struct conf_node *conf_item(const struct conf_node *node, size_t i)
{
	return node && i < node->n ? node->items[i] : NULL;
}

const struct conf_node *conf_get(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; node && node->kind == NODE_MAP && i < node->n; i++)
		if (strcmp(node->keys[i], key) == 0)
			return node->items[i];
	return NULL;
}

const char *conf_key(const struct conf_node *node, size_t i)
{
	return node && node->kind == NODE_MAP && i < node->n ? node->keys[i] : NULL;
}

const struct conf_node *conf_root(const struct conf *conf)
{
	return conf->root;
}

const struct conf_node *conf_section_node(const struct conf *conf, const char *section)
{
	return conf_get(conf->root, section);
}

int conf_node_line(const struct conf_node *node)
{
	return node ? node->line : 0;
}

const char *conf_path(const struct conf *conf)
{
	return conf->path;
}

const struct conf_node *conf_section_item(const struct conf *conf, const char *section, size_t i)
{
	const struct conf_node *node = conf_get(conf->root, section);
	return node && node->kind == NODE_LIST ? conf_item(node, i) : NULL;
}

size_t conf_section_count(const struct conf *conf, const char *section)
{
	const struct conf_node *node = conf_get(conf->root, section);
	return node && node->kind == NODE_LIST ? node->n : 0;
}

int conf_line(const struct conf *conf, const char *section, size_t i, const char *key)
{
	const struct conf_node *node = *section ? conf_get(conf->root, section) : conf->root;
	if (node && node->kind == NODE_LIST)
		node = conf_item(node, i);
	const struct conf_node *value = key ? conf_get(node, key) : NULL;
	return conf_node_line(value ? value : node);
}

/* ---- nodes -> structs ---- */

const char *conf_near(struct conf *conf, const char *path)
{
	return path[0] == '/' ? path : arena_printf(conf->arena, "%s/%s", conf->dir, path);
}

/* Addresses that name files: unix:PATH, sqlite:DIR. */
static const char *address(struct conf *conf, const char *text)
{
	static const char *const schemes[] = {"unix:", "sqlite:"};
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (strncmp(text, schemes[i], n) == 0)
			return arena_printf(conf->arena, "%s%s", schemes[i],
					    conf_near(conf, text + n));
	}
	return text;
}

static const char *secret(struct conf *conf, int line, const char *text, struct error *err)
{
	if (strncmp(text, "file:", 5) != 0)
		return text;
	struct buf value;
	const char *copy = NULL;
	struct error why;
	buf_init(&value, 64 * KiB);
	if (buf_add_file(&value, conf_near(conf, text + 5), 64 * KiB, &why))
		(void)conf_fail(conf, line, err, "expected a readable secret: %s", why.text);
	else
		copy = arena_z(conf->arena, str_trim(buf_view(&value)));
	buf_done(&value);
	return copy;
}

static bool choice_known(const char *choices, const char *text)
{
	struct str rest = str_of(choices), one;
	while (str_split(&rest, ' ', &one))
		if (str_is(one, text))
			return true;
	return false;
}

/* Reads one number of the row's kind; used for values and for the limits in the table. */
static int number_of(enum conf_type type, const char *text, int64_t *ret)
{
	uint64_t size;
	switch (type) {
	case CONF_T_INT: return num_int(str_of(text), INT64_MIN + 1, INT64_MAX, ret);
	case CONF_T_DURATION: return num_duration_ms(str_of(text), ret);
	case CONF_T_SIZE:
		if (num_size(str_of(text), &size) || size > INT64_MAX)
			return -1;
		*ret = (int64_t)size;
		return 0;
	default: return -1;
	}
}

static int set_number(struct conf *conf, const struct conf_row *row, int line, const char *text,
		      int64_t *to, struct error *err)
{
	static const char *const what[] = {[CONF_T_INT] = "a whole number",
					   [CONF_T_SIZE] = "a size such as 64MiB",
					   [CONF_T_DURATION] = "a duration such as 30m or 8h"};
	int64_t v, min, max;
	if (number_of(row->type, text, &v))
		return conf_fail(conf, line, err, "expected %s for \"%s\", found \"%s\"",
				 what[row->type], row->name, text);
	if ((row->min && number_of(row->type, row->min, &min) == 0 && v < min) ||
	    (row->max && number_of(row->type, row->max, &max) == 0 && v > max))
		return conf_fail(conf, line, err, "expected %s..%s for \"%s\", found \"%s\"",
				 row->min, row->max, row->name, text);
	*to = v;
	return 0;
}

static int set_scalar(struct conf *conf, const struct conf_row *row, int line, const char *text,
		      void *to, struct error *err)
{
	switch (row->type) {
	case CONF_T_STR: *(const char **)to = address(conf, text); return 0;
	case CONF_T_SECRET:
		*(const char **)to = secret(conf, line, text, err);
		return *(const char **)to ? 0 : -1;
	case CONF_T_PATH: *(const char **)to = conf_near(conf, text); return 0;
	case CONF_T_ENUM:
		if (!choice_known(row->choices, text))
			return conf_fail(conf, line, err,
					 "expected one of \"%s\" for \"%s\", found \"%s\"",
					 row->choices, row->name, text);
		*(const char **)to = text;
		return 0;
	case CONF_T_BOOL:
		if (choice_known("yes true on", text))
			*(bool *)to = true;
		else if (choice_known("no false off", text))
			*(bool *)to = false;
		else
			return conf_fail(conf, line, err,
					 "expected yes or no for \"%s\", found \"%s\"", row->name,
					 text);
		return 0;
	case CONF_T_LIST: {
		struct conf_list *list = to;
		list->items = arena_alloc(conf->arena, sizeof(char *));
		list->items[0] = text;
		list->n = 1;
		return 0;
	}
	default: return set_number(conf, row, line, text, to, err);
	}
}

static int set_list(struct conf *conf, const struct conf_row *row, const struct conf_node *node,
		    struct conf_list *to, struct error *err)
{
	to->items = arena_alloc(conf->arena, (node->n + 1) * sizeof(char *));
	to->n = node->n;
	for (size_t i = 0; i < node->n; i++) {
		to->items[i] = conf_scalar(node->items[i]);
		if (!to->items[i])
			return conf_fail(conf, node->items[i]->line, err,
					 "expected plain values in the list \"%s\"", row->name);
	}
	return 0;
}

static const struct conf_row *row_find(const struct conf_row *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static int unknown_key(struct conf *conf, int line, const char *key, const struct conf_row *rows,
		       struct error *err)
{
	char list[300] = "";
	size_t n = 0;
	for (; rows && rows->name && n < sizeof list - 40; rows++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", rows->name);
	return conf_fail(conf, line, err, "unknown setting \"%s\", expected one of: %s", key, list);
}

static bool is_section(const char *key)
{
	for (size_t i = 0; section_names[i]; i++)
		if (strcmp(section_names[i], key) == 0)
			return true;
	return false;
}

static int read_map(struct conf *conf, const struct conf_node *node, const struct conf_row *rows,
		    bool top, void *ret, int line, struct error *err)
{
	for (size_t i = 0; node && i < node->n; i++)
		if (!row_find(rows, node->keys[i]) && !(top && is_section(node->keys[i])))
			return unknown_key(conf, node->items[i]->line, node->keys[i], rows, err);
	for (const struct conf_row *row = rows; row->name; row++) {
		void *to = (char *)ret + row->offset;
		const struct conf_node *value = conf_get(node, row->name);
		if (row->type == CONF_T_NODE) {
			*(const struct conf_node **)to = value;
		} else if (value && value->kind == NODE_LIST && row->type == CONF_T_LIST) {
			if (set_list(conf, row, value, to, err))
				return -1;
		} else if (value && value->kind != NODE_SCALAR) {
			return conf_fail(conf, value->line, err,
					 "expected a plain value for \"%s\"", row->name);
		} else if (value) {
			if (set_scalar(conf, row, value->line, value->text, to, err))
				return -1;
		} else if (row->def && strcmp(row->def, CONF_NEEDED) == 0) {
			return conf_fail(conf, line, err, "expected the setting \"%s\" (%s)",
					 row->name, row->help);
		} else if (row->def && set_scalar(conf, row, line, row->def, to, err)) {
			return -1;
		}
	}
	return 0;
}

int conf_read_node(struct conf *conf, const struct conf_node *node, const struct conf_row *rows,
		   void *ret, struct error *err)
{
	if (node && node->kind != NODE_MAP)
		return conf_fail(conf, node->line, err, "expected settings as \"name: value\"");
	return read_map(conf, node, rows, false, ret, conf_node_line(node), err);
}

int conf_read(struct conf *conf, const struct conf_section *section, void *ret, struct error *err)
{
	must(section->shape == CONF_MAP);
	memset(ret, 0, section->size);
	bool top = !*section->name;
	const struct conf_node *node = top ? conf->root : conf_get(conf->root, section->name);
	if (node && node->kind == NODE_SCALAR && !*node->text)
		node = NULL; /* "route:" with nothing under it */
	if (node && node->kind != NODE_MAP)
		return conf_fail(conf, node->line, err,
				 "expected settings as \"name: value\" under \"%s\"",
				 section->name);
	return read_map(conf, node, section->rows, top, ret, node ? node->line : 1, err);
}

int conf_read_list(struct conf *conf, const struct conf_section *section, void *ret_items,
		   size_t *ret_n, struct error *err)
{
	must(section->shape == CONF_MAPS);
	const struct conf_node *node = conf_get(conf->root, section->name);
	if (node && node->kind == NODE_SCALAR && !*node->text)
		node = NULL;
	if (node && node->kind != NODE_LIST)
		return conf_fail(conf, node->line, err, "expected a list under \"%s\"",
				 section->name);
	size_t n = conf_count(node);
	char *items = arena_zalloc(conf->arena, n * section->size);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *item = node->items[i];
		if (item->kind != NODE_MAP)
			return conf_fail(
			    conf, item->line, err,
			    "expected settings as \"name: value\" in each item of \"%s\"",
			    section->name);
		if (read_map(conf, item, section->rows, false, items + i * section->size,
			     item->line, err))
			return -1;
	}
	*(void **)ret_items = items;
	*ret_n = n;
	return 0;
}

int conf_check_names(struct conf *conf, struct error *err)
{
	for (size_t i = 0; i < conf->root->n; i++) {
		const char *key = conf->root->keys[i];
		if (is_section(key) || row_find(common_rows, key))
			continue;
		struct buf list;
		buf_init(&list, 4 * KiB);
		for (size_t n = 0; section_names[n]; n++)
			(void)buf_printf(&list, "%s%s", n ? ", " : "", section_names[n]);
		int rc = conf_fail(conf, conf->root->items[i]->line, err,
				   "unknown section or setting \"%s\"; sections are: %s", key,
				   buf_view(&list).p);
		buf_done(&list);
		return rc;
	}
	return 0;
}
