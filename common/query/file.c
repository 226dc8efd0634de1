#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/hash.h"
#include "common/mem.h"

#include "common/query/file.h"

struct loading {
	struct query_file *file;
	const char *path;
	struct arena *arena; /* of the expected post in hand */
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
	struct error why;
	int rc = buf_add_file(&l->file->text, full, QUERY_FILE_BYTES, &why);
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
		rc = query_set_list(l->file->set, name, values, n, &why);
	if (rc)
		(void)conf_fail(l->file->conf, conf_node_line(node), l->err, "%s: %s", full,
				why.text);
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
		if (list && conf_count(node) == 1) {
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

/* The post of an expectation; what every record has may be left out of one. */
static int expected_post(const char *text, struct arena *arena, struct post *post,
			 struct analysis *analysis, bool *ret_has, struct error *err)
{
	*ret_has = false;
	if (text[0] != '{' || text[1] != '"') {
		post_init(post);
		post->text = str_of(text);
		return 0;
	}
	const char *json =
	    arena_printf(arena, "{%s%s%s", strstr(text, "\"v\":") ? "" : "\"v\":1,",
			 strstr(text, "\"id\":") ? "" : "\"id\":\"a:b:1\",", text + 1);
	return scored_parse(str_of(json), arena, post, analysis, ret_has, err);
}

static int read_expects(struct loading *l, size_t query, const struct conf_node *list)
{
	struct query_file *file = l->file;
	struct post post;
	struct analysis analysis;
	struct error why;
	bool has;
	if (list && (conf_scalar(list) || conf_key(list, 0)))
		return fail(l, list, "expected a list of \"yes: TEXT\" and \"no: TEXT\"");
	for (size_t i = 0; i < conf_count(list); i++) {
		const struct conf_node *item = conf_item(list, i);
		const struct conf_node *yes = conf_get(item, "yes"), *no = conf_get(item, "no");
		const char *text = conf_scalar(yes ? yes : no);
		if (!text || conf_count(item) != 1)
			return fail(l, item, "expected \"yes: TEXT\" or \"no: TEXT\"");
		arena_reset(l->arena);
		if (expected_post(text, l->arena, &post, &analysis, &has, &why))
			return fail(l, item, why.text);
		if ((file->n_expects & (file->n_expects - 1)) == 0)
			file->expects =
			    xrealloc(file->expects, (file->n_expects ? 2 * file->n_expects : 1) *
							sizeof *file->expects);
		file->expects[file->n_expects++] =
		    (struct query_expect){query, conf_node_line(item), yes != NULL, text};
	}
	return 0;
}

/* An entry that is a query. */
struct entry {
	const char *name, *query, *note, *from, *until, *targets;
	struct conf_list tags;
	int64_t priority;
	bool allow_all;
	const struct conf_node *expect;
};
static const struct conf_row entry_rows[] = {
    CONF_STR(struct entry, name, CONF_NEEDED, "what it is called"),
    CONF_STR(struct entry, query, CONF_NEEDED, "which posts"),
    CONF_STR(struct entry, note, NULL, "for people"),
    CONF_LIST(struct entry, tags, "for people"),
    CONF_INT(struct entry, priority, "0", "0", "1000", "for people"),
    CONF_STR(struct entry, from, NULL, "looked at for posts written from then on"),
    CONF_STR(struct entry, until, NULL, "and up to then"),
    CONF_STR(struct entry, targets, NULL, "which clauses are the brand"),
    CONF_BOOL(struct entry, allow_all, "no", "it may match nearly every post"),
    CONF_NODE(struct entry, expect, "posts that must or must not match"),
    CONF_END};

/* The line of the key that the error is about: it begins with its name. */
static int line_of_error(const struct conf_node *item, const char *error)
{
	for (size_t i = 0; i < conf_count(item); i++)
		if (str_starts(str_of(error), conf_key(item, i)))
			return conf_node_line(conf_item(item, i));
	return conf_node_line(item);
}

static int read_query(struct loading *l, const struct conf_node *item)
{
	struct query_file *file = l->file;
	struct entry entry = {0};
	struct error why;
	size_t i = query_set_n(file->set);
	if (conf_read_node(file->conf, item, entry_rows, &entry, l->err))
		return -1;
	if (query_set_find(file->set, entry.name) < i)
		return fail(l, item, "this name is given twice");
	struct query_options options = {
	    .allow_all = entry.allow_all, .from = entry.from, .until = entry.until};
	int rc = query_set_add(file->set, entry.name, str_of(entry.query), &options, &why);
	if (rc == 0 && entry.targets)
		rc = query_set_target(file->set, i, str_of(entry.targets), &why);
	if (rc)
		return conf_fail(file->conf, line_of_error(item, why.text), l->err, "%s: %s",
				 entry.name, why.text);
	return read_expects(l, i, entry.expect);
}

static int read_zone(struct loading *l, const struct conf_node *node)
{
	const char *zone = conf_scalar(node);
	struct error why;
	return query_set_zone(l->file->set, zone ? zone : "", &why) ? fail(l, node, why.text) : 0;
}

/* What stands alone in an entry; the rest are queries. */
static const struct alone {
	const char *key;
	int (*read)(struct loading *l, const struct conf_node *node);
} alone[] = {{"define", read_defines}, {"timezone", read_zone}};

static int read_entry(struct loading *l, const struct conf_node *item)
{
	for (size_t i = 0; i < ARRAY_LEN(alone); i++) {
		const struct conf_node *node = conf_get(item, alone[i].key);
		if (node && conf_count(item) == 1)
			return alone[i].read(l, node);
		if (node)
			return fail(l, node,
				    "expected this in an entry of its own, without other keys");
	}
	return read_query(l, item);
}

static int load(struct loading *l, bool early)
{
	struct query_file *file = l->file;
	if (buf_add_file(&l->file->text, l->path, QUERY_FILE_BYTES, l->err))
		return -1;
	file->conf = conf_parse_list(l->path, buf_view(&l->file->text), l->err);
	if (!file->conf)
		return -1;
	const struct conf_node *root = conf_root(file->conf);
	for (size_t i = 0; i < conf_count(root); i++) {
		if (read_entry(l, conf_item(root, i)))
			return -1;
	}
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(buf_view(&l->file->text), hex);
	memcpy(file->version, hex, sizeof file->version - 1);
	if (early)
		query_set_early(file->set);
	query_set_compile(file->set);
	return 0;
}

static struct query_file *file_load(const char *path, bool early, struct error *err)
{
	struct query_file *file = xcalloc(1, sizeof *file);
	struct loading l = {
	    .file = file, .path = path, .arena = arena_create(16 * MiB), .err = err};
	file->set = query_set_create();
	buf_init(&file->text, 4 * (size_t)QUERY_FILE_BYTES); /* it, then its lists */
	int rc = load(&l, early);
	arena_free(l.arena);
	if (rc == 0)
		return file;
	query_file_free(file);
	return NULL;
}

struct query_file *query_file_load(const char *path, struct error *err)
{
	return file_load(path, false, err);
}

struct query_file *query_file_load_early(const char *path, struct error *err)
{
	return file_load(path, true, err);
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

bool query_file_expected(const struct query_file *file, size_t i, struct query_matcher *matcher,
			 struct arena *arena)
{
	const struct query_expect *e = &file->expects[i];
	struct post post;
	struct analysis analysis;
	struct query_words words;
	struct error err;
	bool has;
	must(expected_post(e->text, arena, &post, &analysis, &has, &err) ==
	     0); /* it was read once */
	if (post.created_at == POST_NO_TIME)
		post.created_at = query_set_when(file->set, e->query);
	query_cut(&post, &words, arena);
	struct query_post p = query_post_of(&post, has ? &analysis : NULL, &words);
	return query_holds(matcher, e->query, &p, arena) == e->yes;
}
