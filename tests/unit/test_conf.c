/* Configuration: what a wrong file is told, and that right ones are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/conf.h"
#include "common/mem.h"

struct thing {
	const char *name, *kind, *secret, *file;
	int64_t wait_ms, count, size;
	bool on;
	struct conf_list tags;
	const struct conf_node *more;
};

static const struct conf_row rows[] = {
    CONF_STR(struct thing, name, CONF_NEEDED, "its name"),
    CONF_ENUM(struct thing, kind, "a", "a b", "which kind"),
    CONF_SECRET(struct thing, secret, "a secret"),
    CONF_PATH(struct thing, file, NULL, "a file"),
    CONF_DURATION(struct thing, "wait", wait_ms, "5m", "1s", "1h", "how long"),
    CONF_INT(struct thing, count, "3", "1", "10", "how many"),
    CONF_SIZE(struct thing, size, "1KiB", "1", "1MiB", "how large"),
    CONF_BOOL(struct thing, on, "no", "whether"),
    CONF_LIST(struct thing, tags, "words"),
    CONF_NODE(struct thing, more, "anything"),
    CONF_END};
static const struct conf_section one = {"route", CONF_MAP, sizeof(struct thing), rows, "A thing."};
static const struct conf_section many = {"sources", CONF_MAPS, sizeof(struct thing), rows,
					 "Things."};

/* Reads `text` as both sections and the names; "" or the error. */
static const char *outcome(const char *text)
{
	static struct error err;
	struct thing thing, *things;
	size_t n;
	err.text[0] = '\0';
	struct conf *conf = conf_parse("f.yaml", str_of(text), &err);
	if (conf && conf_check_names(conf, &err) == 0 && conf_read(conf, &one, &thing, &err) == 0)
		(void)conf_read_list(conf, &many, &things, &n, &err); /* err tells */
	conf_free(conf);
	return err.text;
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
	    {"route: {name: x}\n", ""},
	    {"route:\n  name: x\n  count: 11\n",
	     "f.yaml:3: expected 1..10 for \"count\", found \"11\""},
	    {"route:\n  name: x\n  count: two\n",
	     "f.yaml:3: expected a whole number for \"count\", found \"two\""},
	    {"route:\n  name: x\n  wait: 2h\n",
	     "f.yaml:3: expected 1s..1h for \"wait\", found \"2h\""},
	    {"route:\n  name: x\n  kind: c\n",
	     "f.yaml:3: expected one of \"a b\" for \"kind\", found \"c\""},
	    {"route:\n  name: x\n  on: maybe\n",
	     "f.yaml:3: expected yes or no for \"on\", found \"maybe\""},
	    {"tenant: t\n\nroute:\n  count: 2\n",
	     "f.yaml:4: expected the setting \"name\" (its name)"},
	    {"route:\n  name: x\n  name: y\n", "f.yaml:3: \"name\" is given twice"},
	    {"route:\n  name: x\n---\nroute:\n",
	     "f.yaml:3: expected the end: there is one document in a file, "
	     "and \"---\" begins a second one"},
	    {"route:\n  name: &a x\n",
	     "f.yaml:2: expected a plain value: anchors and aliases (&, *) are "
	     "not accepted"},
	    {"route:\n  name: *a\n",
	     "f.yaml:2: expected a plain value: anchors and aliases (&, *) are not accepted"},
	    {"route:\n  name: [x]\n", "f.yaml:2: expected a plain value for \"name\""},
	    {"route: 5\n", "f.yaml:1: expected settings as \"name: value\" under \"route\""},
	    {"- x\n", "f.yaml:1: expected settings as \"name: value\""},
	    {"route: {name: x}\nsources:\n  - name: y\n  - count: 1\n",
	     "f.yaml:4: expected the setting \"name\" (its name)"},
	    {"route: {name: \"${NOT_SET_HERE}\"}\n",
	     "f.yaml:1: expected the environment variable NOT_SET_HERE to be set"},
	    {"route: {name: x, secret: \"file:/no/such\"}\n",
	     "f.yaml:1: expected a readable secret: could not open \"/no/such\": No such file or "
	     "directory"},
	    {"route: {name: x}\nrouet: {}\n", "f.yaml:2: unknown section or setting \"rouet\"; "
					      "sections are: ingest, sources, authors, "
					      "analyze, queries, route, teams, rules, desk"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(outcome(cases[i].text), cases[i].said);
	assert_non_null(strstr(outcome("route: {name: x\n"), "f.yaml:2: expected valid YAML"));
	assert_non_null(strstr(outcome("route:\n  nam: x\n"),
			       "f.yaml:2: unknown setting \"nam\", expected one of: name, kind"));
}

static void test_read(void **state)
{
	struct error err;
	struct thing t;
	struct conf_common common;
	(void)state;
	setenv("CONF_TEST_VALUE", "hunter2", 1);
	const char *text = "tenant: acme\nbus: sqlite:b\nredis: unix:r.sock\n"
			   "route:\n  name: ${CONF_TEST_VALUE}!\n  secret: ${CONF_TEST_VALUE}\n"
			   "  file: sub/x\n  wait: 1m30s\n  size: 2KiB\n  on: yes\n  tags: [a, b]\n"
			   "  more: {k: [1, 2]}\n";
	struct conf *conf = conf_parse("/etc/p/f.yaml", str_of(text), &err);
	assert_non_null(conf);
	assert_int_equal(conf_read(conf, &conf_common_section, &common, &err), 0);
	assert_string_equal(common.tenant, "acme");
	assert_string_equal(common.bus, "sqlite:/etc/p/b");
	assert_string_equal(common.redis, "unix:/etc/p/r.sock");
	assert_string_equal(common.data, "/etc/p/state");
	assert_int_equal(common.partitions, 8);
	assert_int_equal(conf_read(conf, &one, &t, &err), 0);
	assert_string_equal(t.name, "hunter2!");
	assert_string_equal(t.file, "/etc/p/sub/x");
	assert_int_equal(t.wait_ms, 90000);
	assert_int_equal(t.size, 2048);
	assert_true(t.on);
	assert_int_equal(t.tags.n, 2);
	assert_string_equal(t.tags.items[1], "b");
	assert_string_equal(conf_scalar(conf_item(conf_get(t.more, "k"), 1)), "2");
	assert_int_equal(conf_line(conf, "route", 0, "file"), 7);

	struct buf out; /* the version text and the documents never hold the secret */
	buf_init(&out, 10000);
	conf_text(&one, &t, &out);
	conf_doc(&one, &out);
	conf_help(&one, &out);
	assert_null(strstr(out.p, "secret=hunter2"));
	assert_non_null(strstr(out.p, "wait=90000"));
	assert_non_null(strstr(out.p, "| `wait` | duration, 1s..1h | 5m | how long |"));
	buf_done(&out);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused),
					   cmocka_unit_test(test_read)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
