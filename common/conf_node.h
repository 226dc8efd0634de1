/*
 * conf_node.h: what conf.c and conf_yaml.c share: the nodes of a configuration.  Private to them.
 */
#ifndef COMMON_CONF_NODE_H
#define COMMON_CONF_NODE_H

#include "common/arena.h"
#include "common/conf.h"

enum { CONF_FILE_MAX = 4 * 1024 * 1024, CONF_LIST_MAX = 16 * CONF_FILE_MAX };

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct conf_node {
	enum node_kind kind;
	int line;
	bool quoted;
	const char *text;  /* scalar */
	const char **keys; /* mapping */
	struct conf_node **items;
	size_t n, room;
};

struct conf {
	char *path, *dir;
	struct arena *arena;
	struct conf_node *root;
	size_t nodes, nodes_most;
};

#endif
