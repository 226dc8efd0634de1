/*
 * The contract of the bus when processes are killed or stand still (see test_bus.c for how to run).
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/support/bus_rig.h"

static const char *backend;

struct tally {
	uint64_t n;
	uint64_t stop_at; /* kill this process when so many were finished; 0: never */
	bool keep;        /* take them, finish none */
	struct bus_msg *kept[1000];
	bool poison;
};

static void take(struct member *member)
{
	struct tally *tally = member->data;
	struct bus_msg *msg;
	while ((msg = bus_next(member->bus))) {
		if (tally->poison && str_is(msg->value, "poison"))
			(void)kill(getpid(), SIGKILL);
		if (tally->keep) {
			must(tally->n < 1000);
			tally->kept[tally->n++] = msg;
			continue;
		}
		must(bus_forward(member->bus, msg, "scored", msg->key, msg->value) == BUS_OK);
		bus_done(member->bus, msg, NULL);
		if (++tally->n == tally->stop_at)
			(void)kill(getpid(), SIGKILL);
	}
}

static void analyze(struct member *member, struct rig *rig, int instance, struct tally *tally)
{
	member_init(member, rig, "analyze", instance, "posts");
	member->on_input = take;
	member->data = tally;
}

static bool is_idle(void *arg)
{
	return bus_idle(arg);
}

static void publish(struct rig *rig, int n, int keys, const char *value)
{
	struct member producer;
	member_init(&producer, rig, "ingest", 1, NULL);
	member_open(&producer);
	for (int i = 0; i < n; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "k%d", i % keys);
		member_publish(&producer, key, value ? value : "v");
	}
	rig_until(rig, &producer.delivered, (uint64_t)n, 20000, "deliveries");
	assert_int_equal(member_close(&producer), 0);
}

/* ------------------------------------------------------------------ redelivery */

static int finish_some(struct rig *rig, void *arg)
{
	struct tally tally = {.stop_at = *(uint64_t *)arg};
	struct member member;
	analyze(&member, rig, 1, &tally);
	member_open(&member);
	if (!tally.stop_at) {
		/* all of it, commit included, and then without a word */
		if (!rig_wait(rig, is_idle, member.bus, 20000))
			return 1;
		(void)kill(getpid(), SIGKILL);
	}
	rig_turns(rig, 20000);
	return 1;
}

static void redelivery_after_kill(void **state)
{
	(void)state;
	struct rig rig;
	struct member member;
	uint64_t stop_at = 30;
	rig_open(&rig, backend);
	publish(&rig, 100, 7, NULL);
	int status = rig_reap(rig_child(&rig, finish_some, &stop_at), 30000);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* killed in the turn in which it finished 30: none of them was committed */
	struct tally tally = {0};
	analyze(&member, &rig, 1, &tally);
	member_open(&member);
	rig_until(&rig, &tally.n, 100, 20000, "all inputs again");
	assert_true(rig_wait(&rig, is_idle, member.bus, 20000));
	assert_int_equal(tally.n, 100);
	assert_int_equal(member_close(&member), 0);

	publish(&rig, 50, 7, NULL);
	stop_at = 0;
	status = rig_reap(rig_child(&rig, finish_some, &stop_at), 30000);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	tally.n = 0;
	analyze(&member, &rig, 1, &tally);
	member_open(&member);
	assert_true(rig_wait(&rig, is_idle, member.bus, 20000));
	assert_int_equal(tally.n, 0);
	assert_int_equal(member_close(&member), 0);
	rig_close(&rig);
}

/* ------------------------------------------------------------------ a member dies */

static int live_on(struct rig *rig, void *arg)
{
	struct tally tally = {0};
	struct member member;
	(void)arg;
	analyze(&member, rig, 2, &tally);
	member_open(&member);
	rig_turns(rig, 60000);
	return 1;
}

static bool has_all(void *arg)
{
	const struct member *member = arg;
	return member->assigned - member->revoked == 4;
}

static bool shares(void *arg)
{
	const struct member *member = arg;
	return member->assigned - member->revoked == 2;
}

static void death_is_noticed(void **state)
{
	(void)state;
	struct rig rig;
	struct member member;
	struct tally tally = {0};
	rig_open(&rig, backend);
	analyze(&member, &rig, 1, &tally);
	member_open(&member);
	assert_true(rig_wait(&rig, has_all, &member, 15000));
	pid_t pid = rig_child(&rig, live_on, NULL);
	assert_true(rig_wait(&rig, shares, &member, 15000));
	rig_turns(&rig, 1000);
	assert_true(shares(&member));
	int64_t from = clock_mono_ms();
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* at once where the kernel tells, after the session's time-out where the broker waits */
	assert_true(rig_wait(&rig, has_all, &member, rig.kafka ? 15000 : 500));
	print_message("# death noticed after %lld ms\n", (long long)(clock_mono_ms() - from));
	(void)rig_reap(pid, 1000);
	assert_int_equal(member_close(&member), 0);
	rig_close(&rig);
}

/* ------------------------------------------------------------------ an old generation */

struct still {
	int out[2];
	bool at_once; /* commits before it can notice anything */
};

static int stand_still(struct rig *rig, void *arg)
{
	struct still *still = arg;
	static struct tally tally = {.keep = true};
	struct member member;
	char c = 'x';
	analyze(&member, rig, 1, &tally);
	member_open(&member);
	int64_t until = clock_mono_ms() + 20000;
	while (tally.n < 100 && clock_mono_ms() < until)
		loop_turn(rig->loop, 20);
	if (tally.n < 100 || write(still->out[1], &c, 1) != 1)
		return 1;
	(void)kill(getpid(), SIGSTOP);
	/* goes on as if nothing had been: finishes the first half of what it holds */
	for (int i = 0; i < 50; i++)
		bus_done(member.bus, tally.kept[i], NULL);
	if (still->at_once)
		return bus_close(member.bus, 5000) == -1 ? 0 : 4;
	rig_turns(rig, 3000);
	for (int i = 50; i < 100; i++)
		if (!bus_is_void(member.bus, tally.kept[i]))
			return 2;
	if (!member.revoked && !*member.reason)
		return 3;
	return 0;
}

static void stopped_member(bool at_once)
{
	struct rig rig;
	struct member two, three;
	struct still still = {.at_once = at_once};
	char c;
	rig_open(&rig, backend);
	publish(&rig, 100, 7, NULL);
	assert_int_equal(pipe(still.out), 0);
	pid_t pid = rig_child(&rig, stand_still, &still);
	close(still.out[1]);
	assert_int_equal(read(still.out[0], &c, 1), 1);
	close(still.out[0]);
	/* it is stopped now; after a while its partitions are another's */
	struct tally tally = {0};
	analyze(&two, &rig, 2, &tally);
	member_open(&two);
	rig_until(&rig, &tally.n, 100, 40000, "inputs of the stopped member");
	assert_true(rig_wait(&rig, is_idle, two.bus, 20000));
	assert_int_equal(kill(pid, SIGCONT), 0);
	/* both live on for a while: partitions are shared out anew, nothing is read twice */
	int status = 0;
	int64_t until = clock_mono_ms() + 30000;
	while (waitpid(pid, &status, WNOHANG) == 0 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(tally.n, 100);
	(void)member_close(&two);
	/* the offsets are those of the second, not the older ones of the first */
	analyze(&three, &rig, 3, &tally);
	tally.n = 0;
	member_open(&three);
	until = clock_mono_ms() + 30000;
	while (three.assigned < 4 && clock_mono_ms() < until)
		loop_turn(rig.loop, 20);
	assert_int_equal(three.assigned, 4);
	for (int p = 0; p < 4; p++)
		assert_int_equal(three.committed[p] < 0 ? 0 : three.committed[p], three.end[p]);
	assert_int_equal(tally.n, 0);
	assert_int_equal(member_close(&three), 0);
	rig_close(&rig);
}

static void old_generation_is_refused(void **state)
{
	(void)state;
	stopped_member(true);
}

static void stopped_member_finds_its_inputs_void(void **state)
{
	(void)state;
	stopped_member(false);
}

/* ------------------------------------------------------------------ an input that kills */

static int with_marker(struct rig *rig, void *arg)
{
	struct tally tally = {.poison = true};
	struct member member;
	(void)arg;
	analyze(&member, rig, 1, &tally);
	member.options.state_dir = rig->dir;
	member_open(&member);
	if (!rig_wait(rig, is_idle, member.bus, 20000))
		return 1;
	return member_close(&member) ? 2 : 0;
}

static void deadly_input_is_put_aside(void **state)
{
	(void)state;
	struct rig rig;
	struct member tool;
	struct error err;
	int64_t ends[4];
	int kills = 0, status = -1;
	rig_open(&rig, backend);
	publish(&rig, 30, 7, NULL);
	publish(&rig, 1, 1, "poison");
	publish(&rig, 30, 7, NULL);
	for (; kills < 10; kills++) {
		status = rig_reap(rig_child(&rig, with_marker, NULL), 30000);
		if (!WIFSIGNALED(status))
			break;
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	/* once among others, then three times alone */
	assert_int_equal(kills, 4);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	member_init(&tool, &rig, "tool", 1, NULL);
	member_open(&tool);
	assert_int_equal(bus_end_offsets(tool.bus, "dead", ends, 4, &err), 0);
	assert_int_equal(ends[0] + ends[1] + ends[2] + ends[3], 1);
	/* every other one was passed on, some of them more than once */
	assert_int_equal(bus_end_offsets(tool.bus, "scored", ends, 4, &err), 0);
	assert_true(ends[0] + ends[1] + ends[2] + ends[3] >= 60);
	assert_int_equal(member_close(&tool), 0);
	rig_close(&rig);
}

/* ------------------------------------------------------------------ a crowd */

enum { WRITERS = 4, READERS = 3, KEYS = 5, RUN_MS = 9000, KILL_MS = 350 };

struct role {
	bool writer;
	const char *program;
	int number;
	pid_t pid;
};

static char *crowd_path(const struct rig *rig, const char *what, int number)
{
	return xasprintf("%s/%s-%d", rig->dir, what, number);
}

/* Publishes W-K:SEQ, going on behind what was acknowledged; that is kept in a file. */
static int write_on(struct rig *rig, void *arg)
{
	const struct role *role = arg;
	struct member member;
	uint64_t acked = 0, next;
	char *path = crowd_path(rig, "acked", role->number);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (fd < 0 || pread(fd, &acked, sizeof acked, 0) < 0)
		return 1;
	next = acked;
	member_init(&member, rig, "ingest", role->number, NULL);
	member_open(&member);
	char *stop = crowd_path(rig, "stop", 0);
	while (access(stop, F_OK) != 0) {
		for (int i = 0; i < 8; i++, next++) {
			char key[24], value[24];
			(void)snprintf(key, sizeof key, "%d-%d", role->number, (int)(next % KEYS));
			(void)snprintf(value, sizeof value, "%llu",
				       (unsigned long long)next / KEYS);
			member_publish(&member, key, value);
		}
		rig_turns(rig, 10);
		uint64_t now = acked + member.settled;
		if (pwrite(fd, &now, sizeof now, 0) != sizeof now)
			return 2;
	}
	free(stop);
	if (member_close(&member))
		return 3;
	uint64_t now = acked + member.settled;
	return pwrite(fd, &now, sizeof now, 0) == sizeof now && now == next ? 0 : 4;
}

/* Inputs lie in hand for a while, many at once, as with a program that waits for answers. */
struct hand {
	int fd;
	size_t n;
	struct bus_msg *msgs[200];
};

static void pick_up(struct member *member)
{
	struct hand *hand = member->data;
	while (hand->n < ARRAY_LEN(hand->msgs) && (hand->msgs[hand->n] = bus_next(member->bus)))
		hand->n++;
}

static void finish_hand(struct member *member)
{
	struct hand *hand = member->data;
	for (size_t i = 0; i < hand->n; i++) {
		struct bus_msg *msg = hand->msgs[i];
		char line[80];
		int n = snprintf(line, sizeof line, "%.*s:%.*s\n", STR_ARG(msg->key),
				 STR_ARG(msg->value));
		if (!bus_is_void(member->bus, msg))
			must(write(hand->fd, line, (size_t)n) == n);
		bus_done(member->bus, msg, NULL);
	}
	hand->n = 0;
	pick_up(member);
}

static int read_on(struct rig *rig, void *arg)
{
	const struct role *role = arg;
	struct member member;
	struct hand hand = {0};
	char *path = crowd_path(rig, role->program, 0);
	hand.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char *stop = crowd_path(rig, "stop", 1);
	free(path);
	member_init(&member, rig, role->program, role->number, "posts");
	member.on_input = pick_up;
	member.data = &hand;
	member_open(&member);
	while (access(stop, F_OK) != 0) {
		rig_turns(rig, 30);
		finish_hand(&member);
	}
	int64_t until = clock_mono_ms() + 30000;
	while (!bus_idle(member.bus)) {
		if (clock_mono_ms() > until)
			return 1;
		rig_turns(rig, 10);
		finish_hand(&member);
	}
	free(stop);
	return member_close(&member) ? 2 : 0;
}

/* In the log of a group, each key's numbers may repeat, and never leave one out. */
static uint64_t check_log(struct rig *rig, const char *program, const uint64_t *acked)
{
	int64_t last[WRITERS + 1][KEYS];
	memset(last, -1, sizeof last);
	char *path = crowd_path(rig, program, 0);
	FILE *file = fopen(path, "r");
	uint64_t lines = 0;
	int writer, key;
	long long seq;
	free(path);
	assert_non_null(file);
	while (fscanf(file, "%d-%d:%lld", &writer, &key, &seq) == 3) {
		lines++;
		assert_true(writer >= 1 && writer <= WRITERS && key >= 0 && key < KEYS);
		if (seq > last[writer][key] + 1)
			fail_msg("%s: writer %d key %d: %lld came after %lld", program, writer, key,
				 seq, (long long)last[writer][key]);
		if (seq > last[writer][key])
			last[writer][key] = seq;
	}
	fclose(file);
	for (int w = 1; w <= WRITERS; w++)
		for (int k = 0; k < KEYS; k++)
			assert_true(last[w][k] + 1 >=
				    (int64_t)((acked[w] + KEYS - 1 - (uint64_t)k) / KEYS));
	return lines;
}

static void crowd(void **state)
{
	(void)state;
	struct rig rig;
	struct role roles[WRITERS + 2 * READERS];
	uint64_t acked[WRITERS + 1] = {0}, all = 0;
	size_t n = 0;
	int kills = 0;
	rig_open(&rig, backend);
	struct member first;
	member_init(&first, &rig, "tool", 1, NULL);
	member_open(&first); /* makes the topics */
	assert_int_equal(member_close(&first), 0);
	for (int i = 1; i <= WRITERS; i++)
		roles[n++] = (struct role){true, "ingest", i, 0};
	for (int i = 1; i <= READERS; i++) {
		roles[n++] = (struct role){false, "analyze", i, 0};
		roles[n++] = (struct role){false, "route", i, 0};
	}
	for (size_t i = 0; i < n; i++)
		roles[i].pid = rig_child(&rig, roles[i].writer ? write_on : read_on, &roles[i]);
	unsigned seed = (unsigned)clock_real_ms();
	print_message("# seed %u\n", seed);
	srandom(seed);
	int64_t until = clock_mono_ms() + RUN_MS;
	while (clock_mono_ms() < until) {
		usleep(KILL_MS * 1000);
		struct role *role = &roles[(size_t)random() % n];
		assert_int_equal(kill(role->pid, SIGKILL), 0);
		int status;
		assert_int_equal(waitpid(role->pid, &status, 0), role->pid);
		if (WIFEXITED(status))
			fail_msg("%s %d ended by itself: %d", role->program, role->number,
				 WEXITSTATUS(status));
		kills++;
		usleep(20000);
		role->pid = rig_child(&rig, role->writer ? write_on : read_on, role);
	}
	/* writers end; one reader of each group dies for good; the others finish */
	char *stop = crowd_path(&rig, "stop", 0);
	close(open(stop, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	free(stop);
	for (size_t i = 0; i < n; i++) {
		if (roles[i].writer) {
			int status = rig_reap(roles[i].pid, 30000);
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 0);
			char *path = crowd_path(&rig, "acked", roles[i].number);
			int fd = open(path, O_RDONLY | O_CLOEXEC);
			assert_int_equal(read(fd, &acked[roles[i].number], 8), 8);
			all += acked[roles[i].number];
			close(fd);
			free(path);
		} else if (roles[i].number == READERS) {
			assert_int_equal(kill(roles[i].pid, SIGKILL), 0);
			assert_int_equal(waitpid(roles[i].pid, NULL, 0), roles[i].pid);
			kills++;
		}
	}
	/* until the death was noticed: a session of 6 s at most */
	usleep(rig.kafka ? 7500000 : 1500000);
	stop = crowd_path(&rig, "stop", 1);
	close(open(stop, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	free(stop);
	for (size_t i = 0; i < n; i++) {
		if (roles[i].writer || roles[i].number == READERS)
			continue;
		int status = rig_reap(roles[i].pid, 40000);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	uint64_t a = check_log(&rig, "analyze", acked), r = check_log(&rig, "route", acked);
	print_message("# %d kills, %llu messages acknowledged, read %llu and %llu times\n", kills,
		      (unsigned long long)all, (unsigned long long)a, (unsigned long long)r);
	assert_true(kills >= 15 && all >= 1000);
	rig_close(&rig);
}

/* ------------------------------------------------------------------ a broker that goes */

static void broker_sh(const struct rig *rig, const char *verb)
{
	/* should this test be ended, its broker ends too */
	char *command = xasprintf(
	    "POSTHORN_BROKER_FOR=%d tests/kafka/broker.sh %s %s/broker >>%s/broker.out 2>&1",
	    (int)getpid(), verb, rig->dir, rig->dir);
	if (system(command) != 0)
		fail_msg("%s failed; run tests from the root of the tree", command);
	free(command);
}

static void broker_goes_and_comes(void **state)
{
	(void)state;
	struct rig rig;
	struct member producer, reader;
	struct tally tally = {0};
	char *path, address[64] = "";
	rig_open(&rig, backend);
	broker_sh(&rig, "start");
	path = xasprintf("%s/broker/bootstrap", rig.dir);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%63s", address), 1);
	fclose(file);
	free(path);
	broker_sh(&rig, "stop");
	(void)snprintf(rig.spec, sizeof rig.spec, "kafka:%s", address);

	/* not there at the start: accepted all the same, up to the window */
	member_init(&producer, &rig, "ingest", 1, NULL);
	member_open(&producer);
	analyze(&reader, &rig, 1, &tally);
	member_open(&reader);
	for (int i = 0; i < 100; i++)
		member_publish(&producer, "k", "v");
	rig_turns(&rig, 500);
	assert_int_equal(producer.delivered, 0);
	broker_sh(&rig, "start");
	rig_until(&rig, &producer.delivered, 100, 30000, "deliveries after the start");
	rig_until(&rig, &tally.n, 100, 30000, "inputs after the start");

	/* killed while messages are on their way */
	path = xasprintf("%s/broker/pid", rig.dir);
	file = fopen(path, "r");
	int pid = 0;
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	free(path);
	for (int i = 0; i < 500; i++)
		member_publish(&producer, "k", "v");
	rig_turns(&rig, 3);
	assert_int_equal(kill(pid, SIGKILL), 0);
	for (int i = 0; i < 500; i++)
		member_publish(&producer, "k", "v");
	rig_turns(&rig, 1500);
	assert_true(producer.delivered < 1100);
	broker_sh(&rig, "start");
	rig_until(&rig, &producer.delivered, 1100, 60000, "deliveries after the kill");
	rig_until(&rig, &tally.n, 1100, 60000, "inputs after the kill");
	assert_true(rig_wait(&rig, is_idle, reader.bus, 30000));
	assert_int_equal(producer.refused, 0);
	assert_string_equal(producer.reason, "");
	assert_string_equal(reader.reason, "");
	assert_int_equal(member_close(&reader), 0);
	assert_int_equal(member_close(&producer), 0);
	broker_sh(&rig, "stop");
	rig_close(&rig);
}

int main(int argc, char **argv)
{
	log_init("test_bus_crash");
	log_set_level(LOG_ERR);
	backend = rig_backend(argc, argv);
	if (!backend)
		return 64;
	const struct CMUnitTest cases[] = {
	    cmocka_unit_test(redelivery_after_kill),
	    cmocka_unit_test(death_is_noticed),
	    cmocka_unit_test(old_generation_is_refused),
	    cmocka_unit_test(stopped_member_finds_its_inputs_void),
	    cmocka_unit_test(deadly_input_is_put_aside),
	    cmocka_unit_test(crowd),
	};
	const struct CMUnitTest brokers[] = {
	    cmocka_unit_test(broker_goes_and_comes),
	};
	printf("bus contract under kills on %s\n", backend);
	int failed = cmocka_run_group_tests(cases, NULL, NULL);
	if (strcmp(backend, "kafka") == 0)
		failed += cmocka_run_group_tests(brokers, NULL, NULL);
	return failed;
}
