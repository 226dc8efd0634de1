#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/support/bus_rig.h"

static _Noreturn void fail(const char *text)
{
	fprintf(stderr, "bus rig: %s\n", text);
	abort();
}

const char *rig_backend(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : getenv("POSTHORN_BUS");
	if (!name && getenv("POSTHORN_KAFKA"))
		name = "kafka";
	if (!name)
		name = "sqlite";
	if (strcmp(name, "sqlite") != 0 && strcmp(name, "kafka") != 0) {
		fprintf(stderr, "expected sqlite or kafka, found \"%s\"\n", name);
		return NULL;
	}
	if (strcmp(name, "kafka") == 0 && !getenv("POSTHORN_KAFKA")) {
		fprintf(stderr, "kafka needs POSTHORN_KAFKA=HOST:PORT (tests/kafka/broker.sh)\n");
		return NULL;
	}
	return name;
}

void rig_again(struct rig *rig)
{
	/* a loop that came through fork shares its epoll set with the parent: never free it here */
	rig->loop = loop_create();
}

void rig_open(struct rig *rig, const char *backend)
{
	static int n;
	struct error err;
	*rig = (struct rig){.kafka = strcmp(backend, "kafka") == 0};
	if (clock_init(&err))
		fail(err.text);
	(void)snprintf(rig->prefix, sizeof rig->prefix, "t%llx%d",
		       (unsigned long long)clock_real_ms(), ++n);
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(rig->dir, sizeof rig->dir, "%s/posthorn-bus-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(rig->dir))
		fail("could not make a directory");
	if (rig->kafka)
		(void)snprintf(rig->spec, sizeof rig->spec, "kafka:%s", getenv("POSTHORN_KAFKA"));
	else
		(void)snprintf(rig->spec, sizeof rig->spec, "sqlite:%s/bus", rig->dir);
	rig->loop = loop_create();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void rig_close(struct rig *rig)
{
	(void)nftw(rig->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* else it is left behind */
	loop_free(rig->loop);
}

static void on_delivered(void *arg, uint64_t token, bool ok)
{
	struct member *member = arg;
	if (!ok) {
		member->refused++;
		return;
	}
	member->delivered++;
	if (token - member->settled >= ARRAY_LEN(member->came)) /* not of member_publish */
		return;
	member->came[token % ARRAY_LEN(member->came)] = true;
	for (bool *came; *(came = &member->came[member->settled % ARRAY_LEN(member->came)]);
	     member->settled++)
		*came = false;
}

static int64_t on_assigned(void *arg, const struct bus_part *part)
{
	struct member *member = arg;
	member->assigned++;
	member->last = *part;
	member->first[part->partition] = part->first_offset;
	member->end[part->partition] = part->end_offset;
	member->committed[part->partition] = part->committed;
	(void)snprintf(member->log_id, sizeof member->log_id, "%s", part->log_id);
	return member->start;
}

static void on_revoked(void *arg, const char *topic, int partition)
{
	struct member *member = arg;
	(void)topic, (void)partition;
	member->revoked++;
}

static void on_ready(void *arg)
{
	struct member *member = arg;
	if (member->on_input)
		member->on_input(member);
}

static void on_room(void *arg)
{
	struct member *member = arg;
	member->rooms++;
}

static void on_failed(void *arg, const char *reason)
{
	struct member *member = arg;
	(void)snprintf(member->reason, sizeof member->reason, "%s", reason);
}

void member_init(struct member *member, struct rig *rig, const char *program, int instance,
		 const char *topic)
{
	*member = (struct member){.rig = rig, .start = BUS_START_COMMITTED};
	member->topics[0] = topic;
	member->options = (struct bus_options){
	    .loop = rig->loop,
	    .spec = rig->spec,
	    .prefix = rig->prefix,
	    .partitions = 4,
	    .program = program,
	    .instance = instance,
	    .topics = topic ? member->topics : NULL,
	    .arg = member,
	    .on_delivered = on_delivered,
	    .on_assigned = on_assigned,
	    .on_revoked = on_revoked,
	    .on_ready = on_ready,
	    .on_room = on_room,
	    .on_failed = on_failed,
	};
}

void member_open(struct member *member)
{
	struct error err = {""};
	member->bus = bus_open(&member->options, &err);
	if (!member->bus)
		fail(err.text);
}

int member_close(struct member *member)
{
	int rc = member->bus ? bus_close(member->bus, 20000) : 0;
	member->bus = NULL;
	return rc;
}

void member_publish(struct member *member, const char *key, const char *value)
{
	if (bus_publish(member->bus, "posts", str_of(key), str_of(value), member->published++) !=
	    BUS_OK)
		fail("a message was not accepted");
}

bool rig_wait(struct rig *rig, bool (*done)(void *arg), void *arg, int64_t timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	while (!done(arg)) {
		if (clock_mono_ms() >= until)
			return false;
		loop_turn(rig->loop, 50);
	}
	return true;
}

struct counter {
	const uint64_t *counter;
	uint64_t want;
};

static bool reached(void *arg)
{
	const struct counter *c = arg;
	return *c->counter >= c->want;
}

void rig_until(struct rig *rig, const uint64_t *counter, uint64_t want, int64_t timeout_ms,
	       const char *what)
{
	struct counter c = {counter, want};
	if (rig_wait(rig, reached, &c, timeout_ms))
		return;
	fprintf(stderr, "bus rig: waited %lld ms for %s: %llu of %llu\n", (long long)timeout_ms,
		what, (unsigned long long)*counter, (unsigned long long)want);
	abort();
}

void rig_turns(struct rig *rig, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	while (clock_mono_ms() < until)
		loop_turn(rig->loop, 20);
}

pid_t rig_child(struct rig *rig, int (*fn)(struct rig *rig, void *arg), void *arg)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		fail("could not fork");
	if (pid)
		return pid;
	/* nothing stays behind should the test be ended from outside */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	rig_again(rig);
	_exit(fn(rig, arg));
}

int rig_reap(pid_t pid, int64_t timeout_ms)
{
	int status = 0;
	int64_t until = clock_mono_ms() + timeout_ms;
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			return status;
		if (clock_mono_ms() >= until)
			break;
		usleep(5000);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	fprintf(stderr, "bus rig: a child did not end in time\n");
	return -1;
}
