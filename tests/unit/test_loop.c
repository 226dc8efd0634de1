/* The loop: order of timers, deletion from inside callbacks, signals, hooks; counters and their page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/mem.h"
#include "common/stats.h"

static struct loop *loop;
static int order[16], n_order;

struct mark {
	int id;
	struct loop_timer *timer;
};

static void on_mark(void *arg)
{
	struct mark *m = arg;
	order[n_order++] = m->id;
	if (m->id == 3)
		loop_stop(loop);
}

static void test_timers(void **state)
{
	struct mark marks[] = {{3, NULL}, {1, NULL}, {2, NULL}, {9, NULL}};
	static const int delays[] = {60, 0, 20, 40};
	(void)state;
	n_order = 0;
	int64_t from = clock_mono_ms();
	for (int i = 0; i < 4; i++) {
		marks[i].timer = loop_timer_add(loop, on_mark, &marks[i]);
		loop_timer_set(marks[i].timer, delays[i]);
	}
	loop_timer_set(marks[3].timer, 5);
	loop_timer_clear(marks[3].timer);
	loop_run(loop);
	assert_true(clock_mono_ms() - from >= 60);
	assert_int_equal(n_order, 3);
	assert_true(order[0] == 1 && order[1] == 2 && order[2] == 3);
	for (int i = 0; i < 4; i++)
		loop_timer_del(marks[i].timer);
}

/* A heap under random sets and clears always fires in order. */
static int64_t last_at;
static int fired;

static void on_random(void *arg)
{
	int64_t at = *(int64_t *)arg;
	assert_true(at >= last_at - 2); /* a tick may pass while one is set */
	last_at = at;
	fired++;
}

static void test_many_timers(void **state)
{
	enum { N = 500 };
	static struct loop_timer *timers[N];
	static int64_t at[N];
	unsigned seed = 7;
	(void)state;
	int64_t base = clock_mono_ms() + 200;
	for (int i = 0; i < N; i++)
		timers[i] = loop_timer_add(loop, on_random, &at[i]);
	for (int i = 0; i < 5000; i++) {
		int t = rand_r(&seed) % N;
		int64_t want = base + rand_r(&seed) % 300;
		int64_t now = clock_mono_ms();
		at[t] = want;
		if (rand_r(&seed) % 4 == 0)
			loop_timer_clear(timers[t]);
		else
			loop_timer_set(timers[t], want - now);
		at[t] =
		    want + (clock_mono_ms() - now); /* the tick may pass between the two calls */
	}
	int set = 0;
	for (int i = 0; i < N; i++)
		set += loop_timer_is_set(timers[i]);
	last_at = fired = 0;
	while (fired < set)
		loop_turn(loop, 1000);
	for (int i = 0; i < N; i++)
		loop_timer_del(timers[i]);
}

static struct loop_io *io_a, *io_b;
static int runs;

static void on_pipe(void *arg, int fd, int events)
{
	(void)arg, (void)fd, (void)events;
	runs++;
	loop_io_del(io_a); /* both are ready: the other must not run any more */
	loop_io_del(io_b);
}

static void test_delete_inside(void **state)
{
	int a[2], b[2];
	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	io_a = loop_io_add(loop, a[0], LOOP_READ, on_pipe, NULL);
	io_b = loop_io_add(loop, b[0], LOOP_READ, on_pipe, NULL);
	runs = 0;
	loop_turn(loop, 1000);
	loop_turn(loop, 0);
	assert_int_equal(runs, 1);
	close(a[0]), close(a[1]), close(b[0]), close(b[1]);
}

static int hooks, signals;

static void on_hook(void *arg)
{
	(void)arg;
	hooks++;
}

static void on_signal(void *arg)
{
	(void)arg;
	signals++;
}

static void test_signal_and_hook(void **state)
{
	(void)state;
	struct loop_hook *hook = loop_hook_add(loop, on_hook, NULL);
	loop_signal(loop, SIGUSR1, on_signal, NULL);
	loop_signal(loop, SIGUSR2, on_signal, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	loop_turn(loop, 1000);
	assert_int_equal(signals, 2);
	assert_int_equal(hooks, 1);
	loop_hook_del(hook);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_int_equal(hooks, 1);
}

static void test_clock(void **state)
{
	struct error err;
	(void)state;
	setenv("POSTHORN_CLOCK", "nonsense", 1);
	assert_int_equal(clock_init(&err), -1);
	char text[80];
	snprintf(text, sizeof text, "%lld:1000000:60", (long long)clock_real_ms());
	setenv("POSTHORN_CLOCK", text, 1);
	assert_int_equal(clock_init(&err), 0);
	int64_t a = clock_wall_ms();
	usleep(50000);
	int64_t passed = clock_wall_ms() - a;
	assert_true(passed >= 50 * 60 && a >= 1000000 && a < 2000000);
	assert_int_equal(clock_to_real_ms(60000), 1000);
	assert_int_equal(clock_to_real_ms(1), 1);
}

static void test_stats_page(void **state)
{
	enum { A, B };
	static const struct stats_row rows[] = {
	    [A] = {"t_a_total", STATS_COUNTER, NULL, "a"}, [B] = {"t_b", STATS_GAUGE, "why", "b"}};
	struct error err;
	(void)state;
	stats_reset();
	assert_int_equal(stats_register(rows, 2), 0);
	stats_add(A, 3);
	stats_set_label(B, "x\"y", -2);
	for (int i = 0; i < 300; i++) { /* strangers cannot make it grow */
		char name[20];
		snprintf(name, sizeof name, "v%d", i);
		stats_add_label(B, name, 1);
	}
	assert_true(stats_get_label(B, "other") > 50);
	assert_null(stats_serve(loop, "localhost", &err));
	struct stats_server *server = stats_serve(loop, "127.0.0.1:0", &err);
	assert_non_null(server);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)stats_server_port(server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	const char *ask = "GET /metrics HTTP/1.0\r\n\r\n";
	assert_int_equal(write(fd, ask, strlen(ask)), (ssize_t)strlen(ask));
	char page[65536];
	size_t n = 0;
	for (int64_t until = clock_mono_ms() + 5000; clock_mono_ms() < until;) {
		loop_turn(loop, 20);
		ssize_t got = recv(fd, page + n, sizeof page - 1 - n, MSG_DONTWAIT);
		if (got == 0)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	page[n] = '\0';
	close(fd);
	struct buf doc;
	buf_init(&doc, 4096);
	stats_doc(&doc);
	assert_string_equal(doc.p,
			    "| counter | kind | label | meaning |\n| --- | --- | --- | --- |\n"
			    "| `posthorn_t_a_total` | counter |  | a |\n"
			    "| `posthorn_t_b` | gauge | `why` | b |\n");
	buf_done(&doc);
	assert_non_null(strstr(page, "200 OK"));
	assert_non_null(strstr(page, "# TYPE posthorn_t_a_total counter\nposthorn_t_a_total 3\n"));
	assert_non_null(strstr(page, "posthorn_t_b{why=\"x\\\"y\"} -2\n"));
	stats_server_close(server);
}

static int setup(void **state)
{
	(void)state;
	loop = loop_create();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(loop);
	stats_reset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_timers),        cmocka_unit_test(test_many_timers),
	    cmocka_unit_test(test_delete_inside), cmocka_unit_test(test_signal_and_hook),
	    cmocka_unit_test(test_stats_page),    cmocka_unit_test(test_clock)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
