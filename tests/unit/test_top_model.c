/*
 * Reading and acting against a real Redis: what the scripts write is what the model holds; the hands'
 * actions are done or refused in words; a Redis that goes away is noticed and found again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

#include "route/term.h"
#include "route/top_keys.h"

enum { WAIT_MS = 10000, MINUTE = 60000 };

static char dir[] = "/tmp/posthorn-top-XXXXXX";
static char address[100], sock[90];
static pid_t server;
static struct loop *loop;
static struct redis *redis;
static struct store *store;
static struct top_reader *reader;
static struct arena *arena;
static const struct top_model *latest;
static int models, gone, offset;
static int64_t made; /* tickets: numbers are given in order */

static void start(void)
{
	server = fork();
	must(server >= 0);
	if (server)
		return;
	/* also gone when this test dies */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || chdir(dir))
		_exit(1);
	const char *program = access("/usr/bin/redis-server", X_OK) == 0
				  ? "/usr/bin/redis-server"
				  : "/usr/bin/redis-check-rdb";
	execl(program, "redis-server", "--port", "0", "--unixsocket", sock, "--save", "",
	      "--appendonly", "yes", "--appendfsync", "always", "--logfile", "log", (char *)NULL);
	_exit(1);
}

static void on_model(void *arg, const struct top_model *model)
{
	(void)arg;
	models++;
	gone += !model;
	if (model)
		latest = model;
}

static const struct top_model *read_model(const struct top_ask *ask)
{
	int before = models;
	int64_t end = clock_mono_ms() + WAIT_MS;
	while (!redis_up(redis) && clock_mono_ms() < end)
		loop_turn(loop, 20);
	assert_true(top_reader_ask(reader, ask));
	assert_true(models > before || !top_reader_ask(reader, ask)); /* one at a time */
	while (models == before && clock_mono_ms() < end)
		loop_turn(loop, 20);
	assert_int_equal(models, before + 1);
	return latest;
}

/* ---- tickets, through the script that makes them ---- */

static struct str number(int64_t n)
{
	return str_of(arena_printf(arena, "%lld", (long long)n));
}

static int64_t make(const char *id, const char *author, const char *team, const char *head,
		    int64_t promise)
{
	int64_t now = clock_wall_ms();
	const char *json = arena_printf(
	    arena,
	    "{\"v\":1,\"op\":\"create\",\"id\":\"%s\",\"conversation\":\"thread\",\"text\":\"%s\","
	    "\"analysis\":null}",
	    id, head);
	struct str previous = offset ? str_of(arena_printf(arena, "%d log", offset - 1)) : STR("");
	struct str next = str_of(arena_printf(arena, "%d log", offset++));
	const struct {
		const char *name;
		struct str value;
	} fields[] = {
	    {"team", str_of(team)},
	    {"conversation", STR("thread")},
	    {"author", str_of(author)},
	    {"author_handle", str_of(author)},
	    {"head", str_of(head)},
	    {"channel", STR("forum")},
	    {"place", STR("Zustellung")},
	    {"owned", STR("yes")},
	    {"tonality", STR("negative")},
	    {"url", STR("https://example.org/p")},
	    {"rule", STR("1")},
	    {"when", STR("")},
	    {"priority", STR("400")},
	    {"boost", STR("0")},
	    {"rank", number(now + promise)},
	    {"promise", number(promise)},
	    {"start", number(now)},
	    {"warn_at", number(now + promise / 5 * 4)},
	    {"deadline", number(now + promise)},
	    {"receipt", STR("{\"v\":1,\"factors\":[{\"name\":\"tonality\",\"input\":\"negative\","
			    "\"points\":400}],\"sum\":400}")},
	};
	struct str args[16 + 2 * ARRAY_LEN(fields)];
	size_t n = 0;
	const struct str head_args[] = {STR("0"),
					previous,
					next,
					STR("1000"),
					STR("0"),
					STR("C"),
					str_of(id),
					STR("de:negative"),
					STR("forum"),
					STR("120000"),
					str_of(json),
					number(now),
					number((int64_t)ARRAY_LEN(fields))};
	for (; n < ARRAY_LEN(head_args); n++)
		args[n] = head_args[n];
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		args[n++] = str_of(fields[i].name);
		args[n++] = fields[i].value;
	}
	struct store_wait wait = {0};
	store_apply(store, n, args, store_wait_fn, &wait);
	assert_int_equal(store_wait(loop, &wait, WAIT_MS), STORE_OK);
	return ++made;
}

/* ---- the hands ---- */

/* Lets what was asked for happen, then shows the hands the result. */
static void settle(struct hands *h)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	while (h->busy && clock_mono_ms() < end)
		loop_turn(loop, 20);
	assert_false(h->busy);
	struct top_ask ask = {.tickets = 50, .ticket = h->explain};
	hands_model(h, read_model(&ask));
}

static void press(struct hands *h, unsigned key, const char *want)
{
	hands_key(h, key);
	settle(h);
	if (!h->ui.message || strcmp(h->ui.message, want) != 0)
		print_error("got \"%s\", want \"%s\"\n", h->ui.message ? h->ui.message : "(none)",
			    want);
	assert_non_null(h->ui.message);
	assert_string_equal(h->ui.message, want);
}

static const struct top_ticket *find(const struct top_model *m, int64_t id)
{
	for (size_t i = 0; i < m->n_queue; i++)
		if (m->queue[i].id == id)
			return &m->queue[i];
	return NULL;
}

static void test_reading(void **state)
{
	struct top_ask ask = {.tickets = 50};
	(void)state;
	const struct top_model *m = read_model(&ask);
	assert_int_equal(m->heard, 0);
	assert_int_equal(m->n_queue, 0);
	assert_int_equal(m->next_breach, TOP_NONE);
	int64_t a = make("p1", "moni", "care", "Wo bleibt mein Paket?", 30 * MINUTE);
	int64_t b = make("p2", "karl", "press", "Anfrage", 10 * MINUTE);
	ask.ticket = a;
	(void)read_model(&ask); /* the conversation is known from the second look on */
	m = read_model(&ask);
	assert_int_equal(m->heard, 2);
	assert_int_equal(m->tickets, 2);
	assert_int_equal(m->waiting, 2);
	assert_int_equal(m->delay_max_ms, 120000);
	/* half within a class that ends at 5 min: nobody waited longer than 2 min */
	assert_int_equal(top_delay_end(m, 1), 120000);
	assert_int_equal(top_delay_end(m, 0), 60000);
	assert_int_equal(top_delay_median(m), 1);
	assert_int_equal(m->n_teams, 2);
	assert_int_equal(m->next_breach_ticket, b);
	assert_int_equal(m->n_queue, 2);
	assert_int_equal(m->queue[0].id, b); /* of all teams, the sooner first */
	assert_true(str_is(m->queue[1].head, "Wo bleibt mein Paket?"));
	assert_int_equal(m->queue[1].n_factors, 1);
	assert_int_equal(m->queue[1].followers, TOP_NONE);
	assert_true(str_is(m->events[0].event, "activate"));
	assert_true(m->detail && m->detail->found);
	assert_int_equal(m->detail->n_posts, 1);
	assert_true(str_is(m->detail->posts[0].post.text, "Wo bleibt mein Paket?"));
	assert_int_equal(m->detail->others, 1);
	assert_true(m->detail->ticket.wrong.n > 0); /* no rank, no scale: it cannot be recomputed */
	ask = (struct top_ask){.team = "press", .tickets = 50, .ticket = 999};
	m = read_model(&ask);
	assert_int_equal(m->n_queue, 1);
	assert_int_equal(m->waiting, 1);
	assert_false(m->detail->found);
	ask = (struct top_ask){.tickets = 1};
	assert_int_equal(read_model(&ask)->n_queue, 1);
}

static void test_hands(void **state)
{
	struct hands anna, bert;
	int64_t id = make("p3", "olga", "care", "Eilt sehr", 1 * MINUTE);
	char want[200];
	(void)state;
	hands_init(&anna, WORDS_EN, "anna", address, store, 10 * MINUTE);
	hands_init(&bert, WORDS_DE, "bert", address, store, 10 * MINUTE);
	settle(&anna);
	settle(&bert);
	hands_key(&anna, TERM_HOME);
	assert_int_equal(anna.ui.selected, id);
	hands_key(&bert, TERM_HOME);

	(void)snprintf(want, sizeof want, "#%d is yours for 10 min. (a answer, r release)",
		       (int)id);
	hands_key(&anna, 'c');
	hands_key(&bert, 'c'); /* both saw it free: one gets it */
	settle(&anna);
	assert_string_equal(anna.message, want);
	settle(&bert);
	(void)snprintf(want, sizeof want,
		       "anna hat #%d: nimm ein anderes oder warte, bis es frei wird.", (int)id);
	assert_string_equal(bert.message, want);
	assert_true(bert.ui.refusal);
	assert_true(str_is(find(latest, id)->agent, "anna"));

	(void)snprintf(want, sizeof want, "#%d is yours for another 10 min.", (int)id);
	press(&anna, 'e', want);
	(void)snprintf(want, sizeof want, "Noted for #%d: tonality is positive. Thank you.",
		       (int)id);
	hands_key(&anna, 'w');
	press(&anna, '3', want);
	assert_true(str_is(find(latest, id)->right_tonality, "positive"));
	(void)snprintf(want, sizeof want, "#%d is back in the queue.", (int)id);
	press(&anna, 'r', want);
	hands_key(&anna, 'c');
	settle(&anna);
	hands_key(&anna, 'a');
	(void)snprintf(want, sizeof want, "#%d is answered, in time: promise kept.", (int)id);
	press(&anna, TERM_ENTER, want);
	assert_null(find(latest, id));
	assert_int_equal(latest->answered, 1);

	/* closed behind one's back: the refusal tells the state as it is now */
	id = anna.ui.selected;
	hands_key(&bert, TERM_HOME);
	settle(&bert);
	bert.ui.selected = id;
	hands_key(&anna, 'x');
	(void)snprintf(want, sizeof want, "#%d is closed: spam.", (int)id);
	press(&anna, '5', want);
	struct top_model old = *latest;
	struct top_ticket was;
	top_ticket_init(&was);
	was.id = id;
	was.state = STR("open");
	old.queue = &was;
	old.n_queue = 1;
	old.detail = NULL;
	hands_model(&bert, &old);
	hands_key(&bert, 'c');
	settle(&bert);
	(void)snprintf(want, sizeof want, "#%d ist schon geschlossen: nichts mehr zu tun.",
		       (int)id);
	assert_string_equal(bert.message, want);
	hands_done(&anna);
	hands_done(&bert);
}

static void test_away(void **state)
{
	struct top_ask ask = {.tickets = 50};
	(void)state;
	int64_t heard = read_model(&ask)->heard, end = clock_mono_ms() + WAIT_MS;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	while (redis_up(redis) && clock_mono_ms() < end)
		loop_turn(loop, 20);
	int before = gone;
	assert_true(top_reader_ask(reader, &ask));
	assert_int_equal(gone, before + 1);
	assert_int_equal(latest->heard, heard); /* the last state is still there to be shown */
	assert_null(top_reader_wait(reader, loop, &ask, 100));
	start();
	assert_int_equal(read_model(&ask)->heard, heard);
}

static int setup(void **state)
{
	struct error err;
	(void)state;
	log_init("test");
	log_set_level(LOG_ERR);
	must(mkdtemp(dir) != NULL);
	(void)snprintf(sock, sizeof sock, "%s/r.sock", dir);
	(void)snprintf(address, sizeof address, "unix:%s", sock);
	start();
	loop = loop_create();
	arena = arena_create(16 * MiB);
	struct redis_options options = {.loop = loop, .address = address};
	redis = redis_open(&options, &err);
	must(redis != NULL);
	store = store_open(redis, "t");
	reader = top_reader_create(redis, "t", on_model, NULL);
	int64_t end = clock_mono_ms() + WAIT_MS;
	while (!redis_up(redis) && clock_mono_ms() < end)
		loop_turn(loop, 20);
	return 0;
}

static int teardown(void **state)
{
	char command[120];
	(void)state;
	redis_close(redis);
	store_close(store);
	top_reader_free(reader);
	loop_free(loop);
	arena_free(arena);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reading),
	    cmocka_unit_test(test_hands),
	    cmocka_unit_test(test_away),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
