/* The book-keeping of a page: what is published, as what, in which order, and what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/num.h"

#include "ingest/page.h"
#include "ingest/seen.h"

#define NOW      ((int64_t)1795334400000) /* 2026-11-22T08:00:00Z */
#define MINUTE   ((int64_t)60000)
#define REMEMBER (400 * 24 * 60 * MINUTE)

static struct config *config;
static struct seen *seen;

static const char settings[] =
    "sources:\n"
    "  - {name: window, driver: feed, url: 'http://example.org/', names: registered}\n"
    "  - {name: log, driver: replay, file: x, channel: forum}\n"
    "  - {name: guestbook, driver: feed, url: 'http://example.org/g'}\n"
    "  - {name: kept, driver: feed, url: 'http://example.org/k', keep: matching, channel: forum}\n"
    "authors:\n"
    "  - {role: us, handles: [brieftal_hilft, 'Brieftal Presse']}\n"
    "  - {role: press, handles: ['@Stadtbote']}\n"
    "analyze: {queries: '%s'}\n";
static const char queries[] = "- {name: a, query: paket lang:de}\n"
			      "- {name: b, query: brief channel:blog}\n"
			      "- {name: c, query: role:press tonality:negative}\n"
			      "- {name: d, query: title:weg has:question NOT intent:news}\n";

static void on_seen(void *arg, bool ok)
{
	(void)arg;
	assert_true(ok);
}

/* One page through look-up, settling and remembering.  Returns what is published as
 * "op:id:conversation[:flags] ...". */
static const char *page(int source, int64_t now_ms, bool first, struct post *posts, size_t n)
{
	static char out[4000];
	struct arena *arena = arena_create(16 * MiB);
	struct str *ids;
	size_t n_ids = page_ids(posts, n, arena, &ids);
	struct memory *memories = arena_alloc(arena, (n_ids + 1) * sizeof *memories);
	struct page_result result;
	struct page_job job = {.source = &config->sources[source],
			       .authors = config->authors,
			       .wanted = config->wanted,
			       .now_ms = now_ms,
			       .backfill_before_ms = first ? now_ms - 15 * MINUTE : INT64_MIN,
			       .remember_ms = REMEMBER};
	seen_memories(seen, job.source->name, ids, n_ids, arena, memories, on_seen, NULL);
	page_settle(&job, posts, n, memories, n_ids, arena, &result);
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < result.n_out; i++) {
		const struct post *post = result.out[i];
		assert_int_equal(post->rev.n, 16);
		at += (size_t)snprintf(
		    out + at, sizeof out - at, "%s%s:%.*s:%.*s%s%s%s%s%s", i ? " " : "",
		    post_op_name(post->op), STR_ARG(post->id), STR_ARG(post->conversation),
		    post->backfill ? ":old" : "", post->addressed != POST_TO_NONE ? ":" : "",
		    post->addressed != POST_TO_NONE ? post_addressed_name(post->addressed) : "",
		    str_is(post_role(post), "customer") ? "" : ":role=",
		    str_is(post_role(post), "customer") ? "" : post->author.role.p);
	}
	struct record record = {.first_ms = 1};
	seen_save(seen, job.source->name, &record, result.keep, result.n_keep, now_ms, on_seen,
		  NULL);
	arena_free(arena);
	return out;
}

static struct post post_of(const char *id, const char *text, int64_t created_at)
{
	struct post post;
	post_init(&post);
	post.id = str_of(id);
	post.conversation = str_of(id);
	post.text = str_of(text);
	post.created_at = created_at;
	post.date_quality = created_at == POST_NO_TIME ? POST_DATE_MISSING : POST_DATE_EXACT;
	post.fetched_at = NOW;
	return post;
}

static struct post tombstone(const char *id)
{
	struct post post = post_of(id, NULL, POST_NO_TIME);
	post.op = POST_DELETE;
	post.conversation = STR_NULL;
	return post;
}

static void test_life_of_a_post(void **state)
{
	struct post p[3];
	(void)state;
	p[0] = post_of("a", "one", NOW - MINUTE);
	p[0].conversation = STR("thread");
	assert_string_equal(page(0, NOW, false, p, 1), "create:a:thread");
	p[0] = post_of("a", "one", NOW - MINUTE);
	assert_string_equal(page(0, NOW, false, p, 1), "");
	/* changed: an update under the key it has always had */
	p[0] = post_of("a", "two", NOW - MINUTE);
	assert_string_equal(page(0, NOW, false, p, 1), "update:a:thread");
	p[0] = post_of("a", "two", NOW - MINUTE);
	p[0].title = STR("now with title");
	assert_string_equal(page(0, NOW, false, p, 1), "update:a:thread");
	p[0] = tombstone("a");
	assert_string_equal(page(0, NOW, false, p, 1), "delete:a:thread");
	p[0] = tombstone("a");
	assert_string_equal(page(0, NOW, false, p, 1), "");
	/* what was deleted stays so */
	p[0] = post_of("a", "two", NOW);
	assert_string_equal(page(0, NOW, false, p, 1), "");
	/* a tombstone before its post */
	p[0] = tombstone("b");
	assert_string_equal(page(0, NOW, false, p, 1), "delete:b:b");
	p[0] = post_of("b", "late", NOW);
	assert_string_equal(page(0, NOW, false, p, 1), "");
	/* another source knows nothing of it */
	p[0] = post_of("b", "late", NOW);
	assert_string_equal(page(1, NOW, false, p, 1), "create:b:b");
}

static void test_order_and_twins(void **state)
{
	struct post p[5];
	(void)state;
	p[0] = post_of("3", "c", NOW - 1);
	p[1] = post_of("2", "b", NOW - 2);
	p[2] = post_of("1", "a", NOW - 2); /* same time: a window has the older one below */
	p[3] = post_of("x", "no date", POST_NO_TIME);
	p[4] = post_of("2", "b, changed", NOW); /* the same id again, newer */
	assert_string_equal(page(0, NOW, false, p, 5),
			    "create:1:1 create:2:2 create:3:3 update:2:2 create:x:x");
	p[0] = post_of("3", "c", NOW);
	p[1] = post_of("2", "b", NOW - 2);
	p[2] = tombstone("3");
	assert_string_equal(page(1, NOW, false, p, 3), "create:3:3 create:2:2 delete:3:3");
}

static void test_backfill(void **state)
{
	struct post p[4];
	(void)state;
	p[0] = post_of("new", "", NOW - 14 * MINUTE);
	p[1] = post_of("old", "", NOW - 16 * MINUTE);
	p[2] = post_of("none", "", POST_NO_TIME);
	p[3] = post_of("day", "", NOW - 60 * MINUTE);
	p[3].date_quality = POST_DATE_DAY;
	assert_string_equal(
	    page(0, NOW, true, p, 4),
	    "create:day:day:old create:old:old:old create:new:new create:none:none:old");
	p[0] = post_of("later", "", NOW - 100 * MINUTE);
	assert_string_equal(page(0, NOW, false, p, 1), "create:later:later");
	/* a log says itself what is old */
	p[0] = post_of("l1", "", NOW - 100 * MINUTE);
	p[1] = post_of("l2", "", NOW - 100 * MINUTE);
	p[1].backfill = true;
	assert_string_equal(page(1, NOW, true, p, 2), "create:l1:l1 create:l2:l2:old");
}

static void test_roles_and_addressing(void **state)
{
	struct post p[3];
	struct post_span quote = {3, 20};
	(void)state;
	p[0] = post_of("m1", "Hallo @Brieftal_Hilft, wo ist es?", NOW);
	assert_string_equal(page(0, NOW, false, p, 1), "create:m1:m1:mention");
	p[0] = post_of("m2", "mail an x@brieftal_hilft.example", NOW);
	assert_string_equal(page(0, NOW, false, p, 1), "create:m2:m2");
	p[0] = post_of("m3", "@brieftal_hilfts ist nicht @brieftal", NOW);
	assert_string_equal(page(0, NOW, false, p, 1), "create:m3:m3");
	p[0] = post_of("m4", ">> @brieftal_hilft hilf\nNein.", NOW);
	p[0].quotes = &quote;
	p[0].n_quotes = 1;
	assert_string_equal(page(0, NOW, false, p, 1), "create:m4:m4");
	p[0] = post_of("m5", "Danke @stadtbote.", NOW); /* named, but not us */
	p[0].author.name = STR("stadtbote");
	assert_string_equal(page(0, NOW, false, p, 1), "create:m5:m5:role=press");
	/* where names are free nobody speaks for us by choosing one; press does no harm */
	p[0] = post_of("g1", "Wir haben geholfen", NOW);
	p[0].author.name = STR("brieftal presse");
	p[1] = post_of("g2", "Nachricht", NOW);
	p[1].author.name = STR("stadtbote");
	assert_string_equal(page(2, NOW, false, p, 2), "create:g2:g2:role=press create:g1:g1");
	/* an answer to us, in the same page and in a later one */
	p[0] = post_of("r3", "ok", NOW);
	p[0].parent = STR("r1");
	p[1] = post_of("r2", "gut", NOW);
	p[1].parent = STR("r1");
	p[1].conversation = STR("r1");
	p[2] = post_of("r1", "Wir helfen", NOW - 1);
	p[2].author.name = STR("brieftal presse");
	assert_string_equal(page(0, NOW, false, p + 1, 2),
			    "create:r1:r1:role=us create:r2:r1:reply");
	assert_string_equal(page(0, NOW, false, p, 1), "create:r3:r3:reply");
	p[0] = post_of("o1", "@brieftal_hilft", NOW);
	p[0].owned = true;
	assert_string_equal(page(0, NOW, false, p, 1), "create:o1:o1:own_page");
}

/* Of a source that keeps what matches: what a query could match whatever language and tonality it has, and
 * answers to that. */
static void test_kept(void **state)
{
	enum { KEPT = 3 };
	struct post p[4];
	(void)state;
	p[0] = post_of("k1", "Mein Paket", NOW);
	p[1] = post_of("k2", "my parcel", NOW - 1);
	p[2] = post_of("k3", "ein Brief", NOW - 2); /* channel:forum */
	p[3] = post_of("k4", "so weg?", NOW - 3);   /* no title */
	assert_string_equal(page(KEPT, NOW, false, p, 4), "create:k1:k1");
	p[0] = post_of("k5", "the new one", NOW);
	p[0].author.name = STR("Stadtbote");
	p[1] = post_of("k4", "so?", NOW); /* changed, and now it could */
	p[1].title = STR("Weg");
	p[2] = post_of("k6", "and mine?", NOW - 5);
	p[2].parent = STR("k2"); /* which was not kept */
	p[3] = post_of("k7", "meins auch", NOW - 6);
	p[3].parent = STR("k1");
	assert_string_equal(page(KEPT, NOW, false, p, 4),
			    "create:k7:k7 create:k4:k4 create:k5:k5:role=press");
	/* an answer to an answer, and what was kept once is followed whatever becomes of it */
	p[0] = post_of("k8", "oh", NOW);
	p[0].parent = STR("k7");
	p[1] = post_of("k1", "never mind", NOW - 1);
	p[2] = post_of("k2", "my parcel", NOW - 2);
	assert_string_equal(page(KEPT, NOW, false, p, 3), "update:k1:k1 create:k8:k8");
	p[0] = tombstone("k1");
	assert_string_equal(page(KEPT, NOW, false, p, 1), "delete:k1:k1");
}

static void test_touch(void **state)
{
	struct post p[1];
	struct str id = STR("t");
	struct memory memory;
	struct arena *arena = arena_create(MiB);
	(void)state;
	const struct {
		int64_t at_ms, written_ms;
	} steps[] = {{NOW, NOW},
		     {NOW + REMEMBER / 32, NOW},
		     {NOW + REMEMBER / 10, NOW + REMEMBER / 10},
		     {NOW + REMEMBER / 9, NOW + REMEMBER / 10}};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		p[0] = post_of("t", "still there", NOW);
		(void)page(0, steps[i].at_ms, false, p, 1); /* what it publishes is tested above */
		seen_memories(seen, "window", &id, 1, arena, &memory, on_seen, NULL);
		assert_int_equal(memory.touched_ms, steps[i].written_ms);
	}
	arena_free(arena);
}

static void test_cut(void **state)
{
	static const struct {
		const char *unit; /* fills a text of 400 KiB */
		bool control;
	} cases[] = {{"a", false}, {"\xc3\xbc", false}, {"\x01", true}, {"\"", true}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 400 * KiB, unit = strlen(cases[i].unit);
		char *text = xmalloc(n + 2);
		for (size_t k = 0; k < n; k += unit)
			memcpy(text + k, cases[i].unit, unit);
		struct post post = post_of("big", NULL, NOW);
		struct post_span spans[] = {{0, 10}, {n - 20, n - 10}, {5, n}};
		struct buf json;
		post.text = (struct str){text, n};
		post.quotes = spans;
		post.n_quotes = 3;
		assert_true(page_fit(&post));
		assert_true(post.cut);
		assert_true(utf8_valid(post.text));
		buf_init(&json, MiB);
		assert_int_equal(post_write(&json, &post), 0);
		assert_in_range(json.n, POST_MAX_BYTES - 1200, POST_MAX_BYTES);
		assert_int_equal(post.n_quotes, 2);
		assert_int_equal(post.quotes[1].start, 5);
		assert_int_equal(post.quotes[1].end, post.text.n);
		assert_false(page_fit(&post)); /* fits now */
		buf_done(&json);
		free(text);
	}
}

/* What is not text can be too long as well: a post always fits, or it would never be published. */
static void test_cut_all_else(void **state)
{
	enum { N = 900000, MEDIA = 200 };
	static const struct {
		const char *name;
		size_t title, text, url, author, place, media; /* bytes */
		const char *op;
	} cases[] = {
	    {"title", N, 5, 0, 0, 0, 0, "create"},  {"title and text", N, N, 0, 0, 0, 0, "create"},
	    {"url", 5, 5, N, 0, 0, 0, "create"},    {"author", 5, 5, 0, N, 0, 0, "create"},
	    {"place", 5, 5, 0, 0, N, 0, "create"},  {"media", 5, 40000, 0, 0, 0, 4096, "create"},
	    {"delete", N, N, 0, 0, 0, 0, "delete"},
	};
	char *bytes = xmalloc(N);
	(void)state;
	memset(bytes, '"', N);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_create(16 * MiB);
		struct post post = post_of("big", NULL, NOW);
		struct post_media media[MEDIA];
		struct page_result result;
		struct buf json;
		struct memory memory = {.id = post.id};
		struct page_job job = {
		    .source = &config->sources[1], .authors = config->authors, .now_ms = NOW};
		post.op = strcmp(cases[i].op, "delete") == 0 ? POST_DELETE : POST_CREATE;
		post.title = (struct str){bytes, cases[i].title};
		post.text = (struct str){bytes, cases[i].text};
		post.url = (struct str){bytes, cases[i].url};
		post.author.name = (struct str){bytes, cases[i].author};
		post.place = (struct str){bytes, cases[i].place};
		for (size_t k = 0; k < MEDIA; k++)
			media[k] =
			    (struct post_media){STR("image"), {bytes, cases[i].media}, STR_NULL};
		post.media = media;
		post.n_media = cases[i].media ? MEDIA : 0;
		page_settle(&job, &post, 1, &memory, 1, arena, &result);
		assert_int_equal(result.n_out, 1);
		assert_int_equal(result.cut, 1);
		assert_true(post.cut);
		buf_init(&json, 8 * MiB);
		assert_int_equal(post_write(&json, &post), 0);
		if (json.n > POST_MAX_BYTES)
			fail_msg("%s: %zu bytes", cases[i].name, json.n);
		buf_done(&json);
		arena_free(arena);
	}
	free(bytes);
}

static char *write_file(char *path, const char *text)
{
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd); /* what was written is read back next */
	return path;
}

static int set_up(void **state)
{
	char path[] = "/tmp/posthorn-page-XXXXXX", of_queries[] = "/tmp/posthorn-page-XXXXXX";
	char text[sizeof settings + sizeof of_queries];
	struct error err = {""};
	(void)state;
	(void)snprintf(text, sizeof text, settings, write_file(of_queries, queries));
	config = ingest_config_load(write_file(path, text), &err);
	(void)unlink(path); /* nothing is left behind if it can be helped */
	(void)unlink(of_queries);
	if (!config)
		print_error("%s\n", err.text);
	seen = seen_create(NULL, "t", REMEMBER);
	return config ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	seen_free(seen);
	ingest_config_free(config);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life_of_a_post), cmocka_unit_test(test_order_and_twins),
	    cmocka_unit_test(test_backfill),       cmocka_unit_test(test_roles_and_addressing),
	    cmocka_unit_test(test_touch),          cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_cut_all_else),   cmocka_unit_test(test_kept),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
