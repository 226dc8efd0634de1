/* The wrapper against a real Redis: replies, scripts after a flush, loss and return, refusal of nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/redis.h"

static char dir[] = "/tmp/posthorn-redis-XXXXXX";
static char address[100], sock[90];
static pid_t server;
static struct loop *loop;
static int ups, downs, gone;

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
		      "--appendonly", "yes", "--appendfsync", "always", "--logfile", "log",
		      (char *)NULL);
		_exit(1);
	}
}

static void kill9(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static void on_up(void *arg)
{
	(void)arg;
	ups++;
}

static void on_down(void *arg)
{
	(void)arg;
	downs++;
}

static const struct redis_reply *call(struct redis *redis, const char *a, const char *b,
				      const char *c)
{
	struct str words[] = {str_of(a), str_of(b), str_of(c)};
	return redis_call(redis, 10000, 1 + (b != NULL) + (c != NULL), words);
}

static void on_gone(void *arg, const struct redis_reply *reply)
{
	(void)arg;
	gone += reply->type == REDIS_GONE;
}

static void test_commands_and_loss(void **state)
{
	struct error err;
	(void)state;
	struct redis_options o = {
	    .loop = loop, .address = address, .on_up = on_up, .on_down = on_down};
	struct redis *redis = redis_open(&o, &err);
	assert_non_null(redis);
	struct sigaction action; /* hiredis would have us killed by a Redis that closes */
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_IGN);
	start(); /* after the first attempt: it must come by itself */
	const struct redis_reply *r = call(redis, "SET", "k", "v\xC3\xBC");
	assert_int_equal(r->type, REDIS_TEXT);
	r = call(redis, "GET", "k", NULL);
	assert_true(r->type == REDIS_TEXT && str_is(r->text, "v\xC3\xBC"));
	assert_int_equal(call(redis, "GET", "none", NULL)->type, REDIS_NIL);
	assert_int_equal(call(redis, "INCR", "k", NULL)->type, REDIS_ERROR);

	static struct redis_script script = {
	    "t", "return {ARGV[1], redis.call('INCR', KEYS[1]), {}}", ""};
	struct str key = STR("n"), arg = STR("a b");
	for (int i = 1; i <= 3; i++) {
		if (i == 3)
			assert_int_equal(call(redis, "SCRIPT", "FLUSH", NULL)->type, REDIS_TEXT);
		r = redis_eval_wait(redis, 10000, &script, 1, &key, 1, &arg);
		assert_int_equal(r->type, REDIS_LIST);
		assert_int_equal(r->n, 3);
		assert_true(str_is(r->items[0].text, "a b") && r->items[1].number == i);
		assert_int_equal(r->items[2].type, REDIS_LIST);
	}

	kill(server, SIGSTOP); /* in flight, then lost */
	for (int i = 0; i < 10; i++)
		redis_sendz(redis, on_gone, NULL, "INCR", "n", NULL);
	loop_turn(loop, 50);
	kill9();
	for (int64_t until = clock_mono_ms() + 5000; downs == 0 && clock_mono_ms() < until;)
		loop_turn(loop, 20);
	assert_int_equal(gone, 10);
	assert_false(redis_up(redis));
	redis_sendz(redis, on_gone, NULL, "PING", NULL); /* while away: at once */
	assert_int_equal(gone, 11);
	start();
	r = call(redis, "GET", "n", NULL);
	assert_true(r->type == REDIS_TEXT &&
		    str_is(r->text, "3")); /* what was acknowledged is there */
	assert_true(ups == 2 && downs == 1);
	redis_close(redis);
	kill9();
}

static void test_silence(void **state)
{
	struct error err;
	(void)state;
	struct redis_options o = {.loop = loop,
				  .address = address,
				  .silence_ms = 300,
				  .on_up = on_up,
				  .on_down = on_down};
	start();
	struct redis *redis = redis_open(&o, &err);
	assert_int_equal(call(redis, "PING", NULL, NULL)->type, REDIS_TEXT);
	ups = downs = gone = 0;
	for (int64_t until = clock_mono_ms() + 700; clock_mono_ms() < until;)
		loop_turn(loop, 20); /* nothing asked, nothing missed */
	assert_int_equal(downs, 0);
	kill(server, SIGSTOP);
	redis_sendz(redis, on_gone, NULL, "PING", NULL);
	redis_sendz(redis, on_gone, NULL, "PING", NULL);
	for (int64_t until = clock_mono_ms() + 5000; downs == 0 && clock_mono_ms() < until;)
		loop_turn(loop, 20);
	assert_true(downs == 1 && gone == 2 && !redis_up(redis));
	kill(server, SIGCONT);
	assert_int_equal(call(redis, "PING", NULL, NULL)->type, REDIS_TEXT);
	assert_int_equal(ups, 1);
	redis_close(redis);
	kill9();
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {
	    "", "unix:", "localhost", "localhost:", ":1", "h:0", "h:99999"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err;
		struct redis_options o = {.loop = loop, .address = bad[i]};
		assert_null(redis_open(&o, &err));
		assert_non_null(strstr(err.text, "expected unix:PATH or HOST:PORT"));
	}
}

static int setup(void **state)
{
	(void)state;
	loop = loop_create();
	must(mkdtemp(dir));
	snprintf(sock, sizeof sock, "%s/s", dir);
	snprintf(address, sizeof address, "unix:%s", sock);
	return 0;
}

static int teardown(void **state)
{
	char cmd[200];
	(void)state;
	loop_free(loop);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses),
					   cmocka_unit_test(test_commands_and_loss),
					   cmocka_unit_test(test_silence)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
