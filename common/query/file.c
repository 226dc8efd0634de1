#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/hash.h"
#include "common/mem.h"

#include "common/query/file.h"

struct loading {
	struct query_file *file;
	const char *path;
	struct error *err;
};

static int fail(struct loading *l, const struct conf_node *node, const char *what)
{
	return conf_fail(l->file->conf, conf_node_line(node), l->err, "%s", what);
}

/* A value per line; white space around it and empty lines do not count. */
static int read_list(struct loading *l, const char *name, const struct conf_node *node)
{
	const char *path = conf_scalar(node);
	const char *slash = strrchr(l->path, '/');
	if (!path)
		return fail(l, node, "expected the name of a file behind \"list:\"");
	char *full = path[0] == '/' || !slash
			 ? xstrdup(path)
			 : xasprintf("%.*s/%s", (int)(slash - l->path), l->path, path);
	size_t from = l->file->text.n, n = 0, room = 0;
	struct str *values = NULL, line;
	int rc = buf_add_file(&l->file->text, full, QUERY_FILE_BYTES, l->err);
	struct str rest = str_sub(buf_view(&l->file->text), from, l->file->text.n);
	while (rc == 0 && str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (!line.n)
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			values = xrealloc(values, room * sizeof *values);
		}
		values[n++] = line;
	}
	if (rc == 0)
		rc = query_set_list(l->file->set, name, values, n, l->err);
	free(values);
	free(full);
	return rc;
}

static int read_defines(struct loading *l, const struct conf_node *defines)
{
	if (!conf_key(defines, 0))
		return fail(l, defines, "expected \"name: expression\" below \"define:\"");
	for (size_t i = 0; i < conf_count(defines); i++) {
		const struct conf_node *node = conf_item(defines, i),
				       *list = conf_get(node, "list");
		const char *name = conf_key(defines, i), *expression = conf_scalar(node);
		struct error why;
		if (list) {
			if (read_list(l, name, list))
				return -1;
			continue;
		}
		if (!expression)
			return fail(l, node, "expected an expression, or {list: FILE}");
		if (query_set_define(l->file->set, name, str_of(expression), &why) != 0)
			return conf_fail(l->file->conf, conf_node_line(node), l->err, "$%s: %s",
					 name, why.text);
	}
	return 0;
}

static int read_expects(struct loading *l, size_t query, const struct conf_node *list)
{
	struct query_file *file = l->file;
	for (size_t i = 0; i < conf_count(list); i++) {
		const struct conf_node *item = conf_item(list, i);
		const struct conf_node *yes = conf_get(item, "yes"), *no = conf_get(item, "no");
		const char *text = conf_scalar(yes ? yes : no);
		if (!text || (yes && no))
			return fail(l, item, "expected \"yes: TEXT\" or \"no: TEXT\"");
		if ((file->n_expects & (file->n_expects - 1)) == 0)
			file->expects =
			    xrealloc(file->expects, (file->n_expects ? 2 * file->n_expects : 1) *
							sizeof *file->expects);
		file->expects[file->n_expects++] =
		    (struct query_expect){query, conf_node_line(item), yes != NULL, text};
	}
	return 0;
}

static bool is_yes(const struct conf_node *node)
{
	const char *text = conf_scalar(node);
	return text && (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0);
}

static int check_keys(struct loading *l, const struct conf_node *item)
{
	static const char *const keys[] = {"name", "query", "note",    "tags",   "priority",
					   "from", "until", "targets", "expect", "allow_all"};
	for (size_t i = 0; i < conf_count(item); i++) {
		const char *key = conf_key(item, i);
		bool known = false;
		for (size_t k = 0; key && k < ARRAY_LEN(keys); k++)
			known = known || strcmp(key, keys[k]) == 0;
		if (!known)
			return fail(
			    l, conf_item(item, i) ? conf_item(item, i) : item,
			    "expected name, query, note, tags, priority, from, until, targets, "
			    "expect or allow_all");
	}
	return 0;
}

static int read_query(struct loading *l, const struct conf_node *item)
{
	struct query_file *file = l->file;
	const struct conf_node *query = conf_get(item, "query"),
			       *targets = conf_get(item, "targets");
	const char *name = conf_scalar(conf_get(item, "name")), *text = conf_scalar(query);
	struct query_options options = {.allow_all = is_yes(conf_get(item, "allow_all")),
					.from = conf_scalar(conf_get(item, "from")),
					.until = conf_scalar(conf_get(item, "until"))};
	struct error why;
	size_t i = query_set_n(file->set);
	if (check_keys(l, item))
		return -1;
	if (!name || !*name)
		return fail(l, item, "expected a name");
	if (!text)
		return fail(l, item, "expected a query");
	if (query_set_find(file->set, name) < i)
		return fail(l, item, "this name is given twice");
	int rc = query_set_add(file->set, name, str_of(text), &options, &why);
	if (rc == 0 && targets) {
		const char *of = conf_scalar(targets);
		if (!of)
			return fail(l, targets,
				    "expected an expression: the clauses that are the brand");
		rc = query_set_target(file->set, i, str_of(of), &why);
	}
	if (rc)
		return conf_fail(file->conf, conf_node_line(query), l->err, "%s: %s", name,
				 why.text);
	return read_expects(l, i, conf_get(item, "expect"));
}

static int load(struct loading *l)
{
	struct query_file *file = l->file;
	if (buf_add_file(&l->file->text, l->path, QUERY_FILE_BYTES, l->err))
		return -1;
	file->conf = conf_parse_list(l->path, buf_view(&l->file->text), l->err);
	if (!file->conf)
		return -1;
	const struct conf_node *root = conf_root(file->conf);
	for (size_t i = 0; i < conf_count(root); i++) {
		const struct conf_node *item = conf_item(root, i),
				       *defines = conf_get(item, "define");
		if (defines ? read_defines(l, defines) : read_query(l, item))
			return -1;
	}
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(buf_view(&l->file->text), hex);
	memcpy(file->version, hex, sizeof file->version - 1);
	query_set_compile(file->set);
	return 0;
}

struct query_file *query_file_load(const char *path, struct error *err)
{
	struct query_file *file = xcalloc(1, sizeof *file);
	struct loading l = {.file = file, .path = path, .err = err};
	file->set = query_set_create();
	buf_init(&file->text, 4 * (size_t)QUERY_FILE_BYTES); /* it, then its lists */
	int rc = load(&l);
	if (rc == 0)
		return file;
	query_file_free(file);
	return NULL;
}

void query_file_free(struct query_file *file)
{
	if (!file)
		return;
	query_set_free(file->set);
	buf_done(&file->text);
	conf_free(file->conf);
	free(file->expects);
	free(file);
}
