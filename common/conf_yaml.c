/*
 * conf_yaml.c: YAML text -> nodes with lines, by libyaml's event parser.
 */
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "common/conf_node.h"
#include "common/mem.h"

enum { MAX_DEPTH = 16, MAX_NODES = 200000, MAX_LIST_NODES = 20 * MAX_NODES };

static struct conf_node *node_new(struct conf *conf, enum node_kind kind, int line)
{
	struct conf_node *node = arena_zalloc(conf->arena, sizeof *node);
	node->kind = kind;
	node->line = line;
	conf->nodes++;
	return node;
}

static void node_add(struct conf *conf, struct conf_node *to, const char *key,
		     struct conf_node *item)
{
	if (to->n == to->room) {
		size_t room = to->room ? to->room * 2 : 8;
		struct conf_node **items = arena_alloc(conf->arena, room * sizeof(void *));
		const char **keys = arena_alloc(conf->arena, room * sizeof(void *));
		if (to->n) {
			memcpy(items, to->items, to->n * sizeof(void *));
			memcpy(keys, to->keys, to->n * sizeof(void *));
		}
		to->items = items;
		to->keys = keys;
		to->room = room;
	}
	to->keys[to->n] = key;
	to->items[to->n++] = item;
}

/* ${VAR} becomes the environment's value; $${ stays as ${. */
static const char *expand(struct conf *conf, int line, const char *text, struct error *err)
{
	if (!strstr(text, "${"))
		return text;
	struct buf out;
	buf_init(&out, CONF_FILE_MAX);
	for (const char *p = text; *p; p++) {
		if (p[0] == '$' && p[1] == '$' && p[2] == '{') {
			(void)buf_z(&out, "${"); /* limit looked at below */
			p += 2;
			continue;
		}
		const char *end = p[0] == '$' && p[1] == '{' ? strchr(p, '}') : NULL;
		if (!end) {
			(void)buf_char(&out, *p);
			continue;
		}
		char *name = arena_z(conf->arena, (struct str){p + 2, (size_t)(end - p - 2)});
		const char *value = getenv(name);
		if (!value) {
			buf_done(&out);
			(void)conf_fail(conf, line, err,
					"expected the environment variable %s to be set", name);
			return NULL;
		}
		(void)buf_z(&out, value);
		p = end;
	}
	const char *copy = out.full ? NULL : arena_z(conf->arena, buf_view(&out));
	if (!copy)
		(void)conf_fail(conf, line, err, "expected a shorter value");
	buf_done(&out);
	return copy;
}

static bool key_known(const struct conf_node *map, const char *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->keys[i], key) == 0)
			return true;
	return false;
}

/* Recursion is bounded by MAX_DEPTH.  The event in *ev is consumed and deleted. */
static struct conf_node *read_node(struct conf *conf, yaml_parser_t *yaml, yaml_event_t *ev,
				   int depth, struct error *err);

static int next_event(struct conf *conf, yaml_parser_t *yaml, yaml_event_t *ev, struct error *err)
{
	if (yaml_parser_parse(yaml, ev))
		return 0;
	return conf_fail(conf, (int)yaml->problem_mark.line + 1, err, "expected valid YAML: %s%s%s",
			 yaml->problem ? yaml->problem : "unreadable", yaml->context ? ", " : "",
			 yaml->context ? yaml->context : "");
}

static int read_items(struct conf *conf, yaml_parser_t *yaml, struct conf_node *node, int depth,
		      struct error *err)
{
	for (;;) {
		yaml_event_t ev;
		const char *key = NULL;
		if (next_event(conf, yaml, &ev, err))
			return -1;
		if (ev.type == YAML_MAPPING_END_EVENT || ev.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&ev);
			return 0;
		}
		if (node->kind == NODE_MAP) {
			int line = (int)ev.start_mark.line + 1;
			if (ev.type != YAML_SCALAR_EVENT) {
				yaml_event_delete(&ev);
				return conf_fail(conf, line, err, "expected a plain name as key");
			}
			key = arena_z(conf->arena, (struct str){(char *)ev.data.scalar.value,
								ev.data.scalar.length});
			yaml_event_delete(&ev);
			if (key_known(node, key))
				return conf_fail(conf, line, err, "\"%s\" is given twice", key);
			if (next_event(conf, yaml, &ev, err))
				return -1;
		}
		struct conf_node *item = read_node(conf, yaml, &ev, depth + 1, err);
		if (!item)
			return -1;
		node_add(conf, node, key, item);
	}
}

static struct conf_node *read_node(struct conf *conf, yaml_parser_t *yaml, yaml_event_t *ev,
				   int depth, struct error *err)
{
	int line = (int)ev->start_mark.line + 1;
	struct conf_node *node = NULL;
	yaml_event_type_t type = ev->type;
	bool anchored = (type == YAML_SCALAR_EVENT && ev->data.scalar.anchor) ||
			(type == YAML_MAPPING_START_EVENT && ev->data.mapping_start.anchor) ||
			(type == YAML_SEQUENCE_START_EVENT && ev->data.sequence_start.anchor);

	if (depth > MAX_DEPTH || conf->nodes > conf->nodes_most) {
		(void)conf_fail(conf, line, err, "expected fewer or less deeply nested values");
	} else if (type == YAML_ALIAS_EVENT || anchored) {
		(void)conf_fail(
		    conf, line, err,
		    "expected a plain value: anchors and aliases (&, *) are not accepted");
	} else if (type == YAML_SCALAR_EVENT) {
		const char *text = arena_z(conf->arena, (struct str){(char *)ev->data.scalar.value,
								     ev->data.scalar.length});
		bool nul = strlen(text) != ev->data.scalar.length;
		text = nul ? NULL : expand(conf, line, text, err);
		if (nul)
			(void)conf_fail(conf, line, err, "expected text without NUL bytes");
		if (text) {
			node = node_new(conf, NODE_SCALAR, line);
			node->text = text;
			node->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		}
	} else if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT) {
		node =
		    node_new(conf, type == YAML_MAPPING_START_EVENT ? NODE_MAP : NODE_LIST, line);
	} else {
		(void)conf_fail(conf, line, err, "expected a value");
	}
	yaml_event_delete(ev);
	if (node && node->kind != NODE_SCALAR && read_items(conf, yaml, node, depth, err))
		return NULL;
	return node;
}

/* Behind the document. */
static int read_end(struct conf *conf, yaml_parser_t *yaml, struct error *err)
{
	for (;;) {
		yaml_event_t ev;
		if (next_event(conf, yaml, &ev, err))
			return -1;
		yaml_event_type_t type = ev.type;
		int line = (int)ev.start_mark.line + 1;
		yaml_event_delete(&ev);
		if (type == YAML_STREAM_END_EVENT)
			return 0;
		if (type != YAML_DOCUMENT_END_EVENT)
			return conf_fail(conf, line, err,
					 "expected the end: there is one document in a file, and "
					 "\"---\" begins a second one");
	}
}

static int read_document(struct conf *conf, yaml_parser_t *yaml, enum node_kind kind,
			 struct error *err)
{
	yaml_event_t ev;
	for (;;) {
		if (next_event(conf, yaml, &ev, err))
			return -1;
		yaml_event_type_t type = ev.type;
		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT) {
			yaml_event_delete(&ev);
			continue;
		}
		if (type == YAML_STREAM_END_EVENT) { /* empty file: all defaults */
			yaml_event_delete(&ev);
			conf->root = node_new(conf, kind, 1);
			return 0;
		}
		conf->root = read_node(conf, yaml, &ev, 0, err);
		if (!conf->root)
			return -1;
		if (conf->root->kind == NODE_SCALAR && !*conf->root->text)
			conf->root = node_new(conf, kind, 1); /* only comments */
		if (conf->root->kind != kind)
			return conf_fail(conf, conf->root->line, err,
					 kind == NODE_MAP
					     ? "expected settings as \"name: value\""
					     : "expected a list: lines that begin with \"- \"");
		return read_end(conf, yaml, err);
	}
}

static struct conf *parse(const char *name, struct str text, enum node_kind kind, struct error *err)
{
	struct conf *conf = xcalloc(1, sizeof *conf);
	conf->path = xstrdup(name);
	const char *slash = strrchr(name, '/');
	conf->dir = slash ? xstrndup(name, (size_t)(slash - name)) : xstrdup(".");
	bool list = kind == NODE_LIST;
	conf->arena = arena_create((list ? 4096 : 256) * MiB);
	conf->nodes_most = list ? MAX_LIST_NODES : MAX_NODES;
	int rc = -1;
	yaml_parser_t yaml;
	size_t most = list ? CONF_LIST_MAX : CONF_FILE_MAX;
	if (text.n > most) {
		(void)conf_fail(conf, 1, err, "expected a file of at most %zu MiB", most / MiB);
	} else {
		must(yaml_parser_initialize(&yaml));
		yaml_parser_set_input_string(&yaml, (const unsigned char *)text.p, text.n);
		rc = read_document(conf, &yaml, kind, err);
		yaml_parser_delete(&yaml);
	}
	if (rc == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

struct conf *conf_parse(const char *name, struct str text, struct error *err)
{
	return parse(name, text, NODE_MAP, err);
}

struct conf *conf_parse_list(const char *name, struct str text, struct error *err)
{
	return parse(name, text, NODE_LIST, err);
}

struct conf *conf_load(const char *path, struct error *err)
{
	struct buf text;
	struct conf *conf = NULL;
	buf_init(&text, CONF_FILE_MAX);
	if (buf_add_file(&text, path, CONF_FILE_MAX, err) == 0)
		conf = conf_parse(path, buf_view(&text), err);
	buf_done(&text);
	return conf;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	arena_free(conf->arena);
	free(conf->path);
	free(conf->dir);
	free(conf);
}
