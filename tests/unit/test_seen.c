/* The crawl state in a real Redis and in memory: what is written is read back, in one step or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/redis.h"

#include "ingest/seen.h"

#define NOW      ((int64_t)1795334400000)
#define REMEMBER ((int64_t)1000000)

static char dir[] = "/tmp/posthorn-seen-XXXXXX";
static char address[100], sock[90];
static pid_t server;
static struct loop *loop;
static struct redis *redis;

static void start(void)
{
	server = fork();
	if (server == 0) {
		const char *program = access("/usr/bin/redis-server", X_OK) == 0
					  ? "/usr/bin/redis-server"
					  : "/usr/bin/redis-check-rdb";
		if (chdir(dir))
			_exit(1);
		execl(program, "redis-server", "--port", "0", "--unixsocket", sock, "--save", "",
		      "--logfile", "log", (char *)NULL);
		_exit(1);
	}
}

static void stop(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

struct wait {
	bool over, ok;
};

static void on_seen(void *arg, bool ok)
{
	struct wait *wait = arg;
	assert_false(wait->over);
	*wait = (struct wait){true, ok};
}

static bool done(struct wait *wait)
{
	int64_t until_ms = clock_mono_ms() + 10000;
	while (!wait->over && clock_mono_ms() < until_ms)
		loop_turn(loop, 50);
	assert_true(wait->over);
	return wait->ok;
}

static bool save(struct seen *seen, const char *source, const struct record *record,
		 const struct memory *keep, size_t n, int64_t now_ms)
{
	struct wait wait = {false, false};
	seen_save(seen, source, record, keep, n, now_ms, on_seen, &wait);
	return done(&wait);
}

static bool load(struct seen *seen, const char *source, struct arena *arena, struct record *ret)
{
	struct wait wait = {false, false};
	seen_record(seen, source, arena, ret, on_seen, &wait);
	return done(&wait);
}

static bool look_up(struct seen *seen, const char *source, const struct str *ids, size_t n,
		    struct arena *arena, struct memory *ret)
{
	struct wait wait = {false, false};
	seen_memories(seen, source, ids, n, arena, ret, on_seen, &wait);
	return done(&wait);
}

static const struct memory some[] = {
    {.id = {"feed:x y:1", 10},
     .known = true,
     .content = {"0123456789abcdef", 16},
     .conversation = {"feed:x y:0", 10},
     .touched_ms = NOW},
    {.id = {"b", 1},
     .known = true,
     .us = true,
     .content = {"fedcba9876543210", 16},
     .conversation = {"b", 1},
     .touched_ms = NOW + 5},
    {.id = {"c", 1}, .known = true, .deleted = true, .conversation = {"c", 1}, .touched_ms = NOW},
    {.id = {"d", 1},
     .known = true,
     .deleted = true,
     .us = true,
     .content = {"00", 2},
     .conversation = {"two words", 9},
     .touched_ms = NOW},
};

static void same_memory(const struct memory *a, const struct memory *b)
{
	assert_true(str_eq(a->id, b->id));
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->deleted, b->deleted);
	assert_int_equal(a->us, b->us);
	assert_true(str_eq(a->content, b->content));
	assert_true(str_eq(a->conversation, b->conversation));
	assert_int_equal(a->touched_ms, b->touched_ms);
}

static void test_text_of_memory(void **state)
{
	static const char *const wrong[] = {"",        "1",        "1 -",   "1 - x",
					    "x - y z", "-1 - y z", "1 - y "};
	struct arena *arena = arena_create(MiB);
	struct memory back;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		struct str text = seen_memory_text(&some[i], arena);
		assert_int_equal(seen_memory_parse(some[i].id, text, arena, &back), 0);
		same_memory(&back, &some[i]);
	}
	assert_true(
	    str_is(seen_memory_text(&some[1], arena), "1795334400005 u fedcba9876543210 ="));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(seen_memory_parse(STR("x"), str_of(wrong[i]), arena, &back), -1);
	arena_free(arena);
}

/* The same for both places. */
static void round_trip(struct seen *seen)
{
	struct arena *arena = arena_create(MiB);
	struct record record = {.first_ms = 1,
				.success_ms = NOW,
				.failures = 2,
				.posts = 77,
				.url = STR("http://e/"),
				.etag = STR("W/\"a \\ b\""),
				.modified = STR("Sun"),
				.cursor = STR("1 2 3"),
				.error = STR("status 503")},
		      back;
	struct str ids[] = {STR("b"), STR("unknown"), STR("feed:x y:1"), STR("d"), STR("c")};
	struct memory found[5];
	assert_true(load(seen, "s", arena, &back));
	assert_int_equal(back.first_ms, 0);
	assert_int_equal(back.etag.n, 0);
	assert_true(save(seen, "s", &record, some, ARRAY_LEN(some), NOW));
	assert_true(load(seen, "s", arena, &back));
	assert_int_equal(back.first_ms, 1);
	assert_int_equal(back.success_ms, NOW);
	assert_int_equal(back.failures, 2);
	assert_int_equal(back.posts, 77);
	assert_true(str_eq(back.etag, record.etag));
	assert_true(str_eq(back.cursor, record.cursor));
	assert_true(str_eq(back.error, record.error));
	assert_int_equal(back.flaw.n, 0);
	assert_true(look_up(seen, "s", ids, 5, arena, found));
	same_memory(&found[0], &some[1]);
	assert_false(found[1].known);
	assert_true(str_is(found[1].id, "unknown"));
	same_memory(&found[2], &some[0]);
	same_memory(&found[3], &some[3]);
	same_memory(&found[4], &some[2]);
	assert_true(look_up(seen, "other", ids, 5, arena, found));
	for (int i = 0; i < 5; i++)
		assert_false(found[i].known);
	/* written again: the new one counts, emptied fields are empty */
	struct memory changed = some[1];
	changed.deleted = true;
	record.etag = record.error = STR("");
	record.failures = 0;
	assert_true(save(seen, "s", &record, &changed, 1, NOW));
	assert_true(load(seen, "s", arena, &back));
	assert_int_equal(back.etag.n, 0);
	assert_int_equal(back.failures, 0);
	assert_true(look_up(seen, "s", ids, 1, arena, found));
	assert_true(found[0].deleted);
	arena_free(arena);
}

static void test_in_memory(void **state)
{
	struct seen *seen = seen_create(NULL, "t", REMEMBER);
	struct arena *arena = arena_create(4 * MiB);
	struct record record = {.first_ms = 1};
	(void)state;
	round_trip(seen);
	/* many: the table grows */
	for (int i = 0; i < 5000; i++) {
		struct memory memory = {
		    .id = str_of(arena_printf(arena, "id-%d", i)), .known = true, .touched_ms = i};
		assert_true(save(seen, "many", &record, &memory, 1, NOW));
	}
	for (int i = 0; i < 5000; i++) {
		struct str id = str_of(arena_printf(arena, "id-%d", i));
		struct memory found;
		assert_true(look_up(seen, "many", &id, 1, arena, &found));
		assert_int_equal(found.touched_ms, i);
	}
	arena_free(arena);
	seen_free(seen);
}

static int64_t number(const char *command, const char *key)
{
	struct str words[] = {str_of(command), str_of(key)};
	const struct redis_reply *reply = redis_call(redis, 5000, 2, words);
	assert_int_equal(reply->type, REDIS_INT);
	return reply->number;
}

static void test_in_redis(void **state)
{
	struct seen *seen = seen_create(redis, "t", REMEMBER);
	struct record record = {.first_ms = 1};
	struct arena *arena = arena_create(16 * MiB);
	(void)state;
	round_trip(seen);
	assert_int_equal(number("HLEN", "{t}:seen:s"), 4);
	assert_int_equal(number("ZCARD", "{t}:seenage:s"), 4);
	/* what is older than `remember` goes; 1,000 at a time */
	assert_true(save(seen, "s", &record, NULL, 0, NOW + REMEMBER));
	assert_int_equal(number("HLEN", "{t}:seen:s"), 4);
	assert_true(save(seen, "s", &record, NULL, 0, NOW + REMEMBER + 1));
	assert_int_equal(number("HLEN", "{t}:seen:s"), 1);
	assert_int_equal(number("ZCARD", "{t}:seenage:s"), 1);
	/* a page of 5,000 in one step */
	struct memory *many = arena_alloc(arena, 5000 * sizeof *many);
	for (int i = 0; i < 5000; i++)
		many[i] = (struct memory){.id = str_of(arena_printf(arena, "id-%d", i)),
					  .content = STR("0123456789abcdef"),
					  .touched_ms = NOW};
	assert_true(save(seen, "page", &record, many, 5000, NOW));
	assert_int_equal(number("HLEN", "{t}:seen:page"), 5000);
	seen_free(seen);
	arena_free(arena);
}

/* Away, and refusing: the answer is no, and nothing is half written. */
static void test_redis_trouble(void **state)
{
	struct seen *seen = seen_create(redis, "t2", REMEMBER);
	struct record record = {.first_ms = 1}, back;
	struct arena *arena = arena_create(MiB);
	struct str limit[] = {STR("CONFIG"), STR("SET"), STR("maxmemory"), STR("1")};
	struct memory found;
	(void)state;
	assert_int_equal(redis_call(redis, 5000, 4, limit)->type, REDIS_TEXT);
	assert_false(save(seen, "s", &record, some, 4, NOW));
	assert_true(load(seen, "s", arena, &back));
	assert_int_equal(back.first_ms, 0);
	limit[3] = STR("0");
	assert_int_equal(redis_call(redis, 5000, 4, limit)->type, REDIS_TEXT);
	assert_true(save(seen, "s", &record, some, 4, NOW));
	stop();
	assert_false(save(seen, "s", &record, some, 4, NOW));
	assert_false(load(seen, "s", arena, &back));
	assert_false(look_up(seen, "s", &some[0].id, 1, arena, &found));
	start();
	for (int i = 0; i < 200 && !redis_up(redis); i++)
		loop_turn(loop, 50);
	/* emptied: everything is unknown, and the script is loaded again */
	assert_true(look_up(seen, "s", &some[0].id, 1, arena, &found));
	assert_false(found.known);
	assert_true(save(seen, "s", &record, some, 4, NOW));
	assert_true(look_up(seen, "s", &some[0].id, 1, arena, &found));
	assert_true(found.known);
	seen_free(seen);
	arena_free(arena);
}

static int set_up(void **state)
{
	struct error err;
	(void)state;
	log_set_level(LOG_ERR); /* going and coming is what is tested */
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(sock, sizeof sock, "%s/sock", dir); /* fits */
	(void)snprintf(address, sizeof address, "unix:%s", sock);
	start();
	loop = loop_create();
	redis = redis_open(&(struct redis_options){.loop = loop, .address = address}, &err);
	for (int i = 0; redis && i < 200 && !redis_up(redis); i++)
		loop_turn(loop, 50);
	return redis && redis_up(redis) ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[120];
	(void)state;
	redis_close(redis);
	loop_free(loop);
	stop();
	(void)unlink(sock); /* gone with the server or here */
	(void)snprintf(path, sizeof path, "%s/log", dir);
	(void)unlink(path); /* as above */
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_of_memory),
	    cmocka_unit_test(test_in_memory),
	    cmocka_unit_test(test_in_redis),
	    cmocka_unit_test(test_redis_trouble),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
