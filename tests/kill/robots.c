#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/mem.h"

#include "tests/kill/find.h"
#include "tests/kill/random.h"
#include "tests/kill/robots.h"

enum { ROBOTS = 8, LEASE_MS = 3000, EXIT_REFUSED = 65, EXIT_AWAY = 69, ANSWER_MS = 30000 };

struct robots {
	char *log; /* path; one line per acknowledged action, appended by all */
	pid_t pids[ROBOTS];
	int n;
};

static volatile sig_atomic_t stopping;

static void on_term(int signo)
{
	(void)signo;
	stopping = 1;
}

/* ---- inside a robot's process ---- */

struct robot {
	const struct stage *stage;
	char name[16];
	FILE *log;
	struct random random;
};

/* `posthorn-route queue WORDS...`; its exit status, -1 if it died.  Output in out. */
static int queue(const struct robot *robot, char *out, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int queue(const struct robot *robot, char *out, size_t n, const char *fmt, ...)
{
	char command[1000], rest[500];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(rest, sizeof rest, fmt, ap);
	va_end(ap);
	(void)snprintf(command, sizeof command,
		       "exec timeout 20 '%s/posthorn-route' queue %s -c '%s/kill.yaml' "
		       "2>>'%s/logs/%s.log'",
		       robot->stage->bin, rest, robot->stage->dir, robot->stage->dir, robot->name);
	out[0] = '\0';
	FILE *from = popen(command, "re");
	if (!from)
		return -1;
	if (!fgets(out, (int)n, from))
		out[0] = '\0';
	int status = pclose(from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void note(struct robot *robot, const char *what, int64_t ticket, int64_t token)
{
	/* one write per line: all robots share the file */
	(void)fprintf(robot->log, "%s %" PRId64 " %" PRId64 " %s %" PRId64 "\n", what, ticket,
		      token, robot->name, clock_real_ms());
	(void)fflush(robot->log);
}

static int act(struct robot *robot, const char *what, int64_t ticket, int64_t token,
	       const char *more)
{
	char out[300];
	int rc = -1;
	/* repeated while Redis is away: close and answer may be */
	for (int try = 0; try < 20; try++) {
		rc = queue(robot, out, sizeof out, "%s %" PRId64 " --token %" PRId64 " %s", what,
			   ticket, token, more);
		if (rc == 0)
			note(robot, what, ticket, token);
		if (rc != EXIT_AWAY)
			break;
		note(robot, "away", ticket, token);
		pause_ms(100);
	}
	if (rc == EXIT_REFUSED)
		note(robot, "refused", ticket, token);
	return rc;
}

static void work(struct robot *robot)
{
	char out[300], more[80];
	int64_t ticket, token;
	int rc = queue(robot, out, sizeof out, "claim --team care --agent %s", robot->name);
	if (rc != 0 || sscanf(out, "ticket=%" SCNd64 " token=%" SCNd64, &ticket, &token) != 2) {
		if (rc == EXIT_AWAY)
			note(robot, "away", 0, 0);
		pause_ms(100);
		return;
	}
	note(robot, "claim", ticket, token);
	uint64_t dice = random_below(&robot->random, 100);
	(void)snprintf(more, sizeof more, "--reason answered --agent %s", robot->name);
	if (dice < 12) {
		(void)act(robot, "answer", ticket, token, "--url https://kill.example/answer");
	} else if (dice < 24) {
		(void)act(robot, "release", ticket, token, "");
	} else if (dice < 36) {
		if (act(robot, "extend", ticket, token, "") == 0)
			(void)act(robot, "close", ticket, token, more);
	} else if (dice < 44) {
		pause_ms(LEASE_MS + 300);
		/* whoever holds it now, it is not this robot's any more */
		if (queue(robot, out, sizeof out, "extend %" PRId64 " --token %" PRId64, ticket,
			  token) == 0)
			note(robot, "stale", ticket, token);
		else
			note(robot, "refused", ticket, token);
	} else {
		(void)act(robot, "close", ticket, token, more);
	}
	pause_ms((int64_t)random_below(&robot->random, 200));
}

_Noreturn static void live(const struct stage *stage, const char *log, int number, uint64_t seed)
{
	struct robot robot = {.stage = stage, .log = fopen(log, "ae"), .random = {seed}};
	(void)snprintf(robot.name, sizeof robot.name, "robot%d", number);
	if (!robot.log)
		_exit(1);
	(void)signal(SIGTERM, on_term);
	while (!stopping)
		work(&robot);
	_exit(0);
}

/* ---- outside ---- */

struct robots *robots_start(const struct stage *stage, int n, uint64_t seed)
{
	struct robots *robots = xcalloc(1, sizeof *robots);
	struct random random = {seed};
	must(n <= ROBOTS);
	robots->n = n;
	robots->log = xasprintf("%s/robots.txt", stage->dir);
	(void)fflush(NULL);
	for (int i = 0; i < n; i++) {
		uint64_t own = random_next(&random);
		pid_t parent = getpid();
		robots->pids[i] = fork();
		must(robots->pids[i] >= 0);
		if (robots->pids[i] == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
			if (getppid() != parent)
				_exit(1);
			live(stage, robots->log, i + 1, own);
		}
	}
	return robots;
}

void robots_stop(struct robots *robots)
{
	for (int i = 0; i < robots->n; i++)
		if (robots->pids[i])
			(void)kill(robots->pids[i], SIGTERM);
	for (int i = 0; i < robots->n; i++) {
		int64_t end = clock_mono_ms() + ANSWER_MS;
		while (robots->pids[i] && waitpid(robots->pids[i], NULL, WNOHANG) == 0) {
			if (clock_mono_ms() > end) {
				find(FIND_SHORT, "robot%d does not come to an end", i + 1);
				(void)kill(robots->pids[i], SIGKILL);
				(void)waitpid(robots->pids[i], NULL, 0);
				break;
			}
			pause_ms(10);
		}
		robots->pids[i] = 0;
	}
}

void robots_free(struct robots *robots)
{
	if (!robots)
		return;
	robots_stop(robots);
	free(robots->log);
	free(robots);
}

static bool has_state(struct stage *stage, int64_t ticket, const char *a, const char *b)
{
	struct str state =
	    rds_text(stage->rds, "HGET " STAGE_PREFIX "ticket:%lld state", (long long)ticket);
	return str_is(state, a) || str_is(state, b);
}

static void check(struct stage *stage, const struct events *events, const char *what,
		  int64_t ticket, int64_t token, const char *agent, struct robot_sums *sums)
{
	if (strcmp(what, "claim") == 0) {
		sums->claims++;
		if (!events_claimed(events, ticket, token, str_of(agent)))
			find(FIND_ACK,
			     "%s claimed ticket %" PRId64 " with token %" PRId64
			     ": nothing tells of it",
			     agent, ticket, token);
	} else if (strcmp(what, "close") == 0) {
		sums->closes++;
		if (!has_state(stage, ticket, "closed", "closed") ||
		    !events_closed(events, ticket, str_of(agent)))
			find(FIND_ACK, "%s closed ticket %" PRId64 ": it is not closed by it",
			     agent, ticket);
	} else if (strcmp(what, "answer") == 0) {
		sums->answers++;
		if (!has_state(stage, ticket, "answered", "closed"))
			find(FIND_ACK, "%s answered ticket %" PRId64 ": it is open", agent, ticket);
	} else if (strcmp(what, "stale") == 0) {
		find(FIND_ACK,
		     "%s extended ticket %" PRId64 " with token %" PRId64
		     " after its lease was over",
		     agent, ticket, token);
	} else if (strcmp(what, "refused") == 0) {
		sums->refused++;
	} else if (strcmp(what, "away") == 0) {
		sums->away++;
	} else {
		sums->others++;
	}
}

void robots_check(const struct robots *robots, struct stage *stage, const struct events *events,
		  struct robot_sums *ret)
{
	char what[16], agent[16];
	int64_t ticket, token, at_ms;
	*ret = (struct robot_sums){0};
	FILE *from = fopen(robots->log, "re");
	if (!from)
		return; /* nothing was acknowledged: the sums say so */
	while (fscanf(from, "%15s %" SCNd64 " %" SCNd64 " %15s %" SCNd64, what, &ticket, &token,
		      agent, &at_ms) == 5) {
		if (windows_have(&stage->windows, at_ms))
			ret->excused++;
		else
			check(stage, events, what, ticket, token, agent, ret);
	}
	(void)fclose(from);
}

bool robots_die_during_lease(const struct stage *stage, const char *agent, int64_t timeout_ms)
{
	struct proc claim;
	char *path = xasprintf("%s/posthorn-route", stage->bin);
	char *config = xasprintf("%s/kill.yaml", stage->dir);
	proc_init(&claim, "claim", path, "queue", "claim", "--team", "care", "--agent", agent, "-c",
		  config, NULL);
	proc_start(&claim, "POSTHORN_CRASH=during_lease");
	bool died = proc_wait(&claim, timeout_ms) && WIFSIGNALED(claim.status) &&
		    WTERMSIG(claim.status) == SIGKILL;
	proc_done(&claim);
	free(path);
	free(config);
	return died;
}

int64_t robots_held_by(struct stage *stage, const char *agent)
{
	const struct str *items;
	int64_t tickets[200];
	int64_t n = rds_ask(stage->rds, &items, "ZRANGE " STAGE_PREFIX "lease 0 199");
	for (int64_t i = 0; i < n; i++)
		tickets[i] = strtoll(items[i].p, NULL, 10);
	for (int64_t i = 0; i < n; i++)
		if (str_is(rds_text(stage->rds, "HGET " STAGE_PREFIX "ticket:%lld agent",
				    (long long)tickets[i]),
			   agent))
			return tickets[i];
	return 0;
}
