#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "common/mem.h"

#include "tests/kill/find.h"
#include "tests/kill/plan.h"
#include "tests/kill/random.h"
#include "tests/kill/robots.h"

enum {
	LOOKS = 40, /* at most, for one kill, until work is in flight */
	LOOK_EVERY_MS = 7,
	REDIS_LOOKS = 300,
	POINT_WAIT_MS = 15000,
	FEED_EVERY_MS = 700,
	LEASE_OVER_MS = 7000, /* lease 3 s, a tick each second, some deaths in between */
	ZOMBIE_MS = 8500,     /* above what both backends wait for a silent member */
	GONE = 16,
	GAP_MS = 400, /* between two deaths, on average */
	DEATHS_MAX = 10,
	RECOVER_MS = 15000
};

enum kind { KILL_INGEST, KILL_ANALYZE, KILL_ROUTE, KILL_REDIS, POINT_0, KINDS = POINT_0 + 8 };

/* A crash point and whom it kills. */
static const struct {
	const char *point;
	enum target target;
	int most; /* passings until the death: 1..most */
} points[] = {
    {"after_delivery", INGEST, 40},   {"after_delivery", ANALYZE, 200},
    {"before_commit", ANALYZE, 20},   {"before_commit", ROUTE, 20},
    {"after_script_sent", ROUTE, 60}, {"between_validators_and_publish", INGEST, 60},
    {"during_lease", TARGETS, 1},
};
static const enum target kill_targets[] = {INGEST, ANALYZE, ROUTE, REDIS};
static const char *const target_names[] = {"ingest", "analyze", "route", "redis"};

enum job_kind { JOB_KILL, JOB_POINT, JOB_ROLLBACK, JOB_ZOMBIE };
struct job {
	enum job_kind kind;
	int which; /* index of kill_targets, points, or pairs of job_zombie */
};

struct tally {
	int wanted, counted, idle;
	int64_t recovery_ms, slowest_ms;
};

struct plan {
	struct stage *stage;
	struct plan_options o;
	FILE *to;
	struct random random;
	struct job *jobs;
	size_t n_jobs;
	struct tally kills[ARRAY_LEN(kill_targets)], points[ARRAY_LEN(points)];
	int rollbacks, zombies[2], zombies_wanted, stuck, deaths;
	int64_t next_feed_ms;
	struct {
		char agent[16];
		int64_t until_ms;
	} gone[GONE]; /* claims whose holder died */
	size_t n_gone;
	int n_agents;
	bool broken; /* the stage cannot go on */
};

static void add(struct plan *plan, enum job_kind kind, int which, int times)
{
	plan->jobs = xrealloc(plan->jobs, (plan->n_jobs + (size_t)times + 1) * sizeof *plan->jobs);
	for (int i = 0; i < times; i++)
		plan->jobs[plan->n_jobs++] = (struct job){kind, which};
}

static void make_jobs(struct plan *plan)
{
	const char *only = plan->o.only;
	for (int i = 0; i < (int)ARRAY_LEN(kill_targets); i++) {
		if (only && strcmp(only, target_names[i]) != 0)
			continue;
		plan->kills[i].wanted = plan->o.kills;
		add(plan, JOB_KILL, i, plan->o.kills);
	}
	for (int i = 0; i < (int)ARRAY_LEN(points); i++) {
		if (only && strcmp(only, points[i].point) != 0)
			continue;
		plan->points[i].wanted = plan->o.points;
		add(plan, JOB_POINT, i, plan->o.points);
	}
	if (!only || strcmp(only, "rollback") == 0)
		add(plan, JOB_ROLLBACK, 0, plan->o.rollbacks);
	if (!only || strcmp(only, "zombie") == 0) {
		plan->zombies_wanted = plan->o.zombies;
		add(plan, JOB_ZOMBIE, 0, plan->o.zombies);
		add(plan, JOB_ZOMBIE, 1, plan->o.zombies);
	}
	for (size_t i = plan->n_jobs; i > 1; i--) {
		size_t k = random_below(&plan->random, i);
		struct job job = plan->jobs[i - 1];
		plan->jobs[i - 1] = plan->jobs[k];
		plan->jobs[k] = job;
	}
}

static void start(struct plan *plan, enum target target, const char *env)
{
	struct error err;
	if (stage_start(plan->stage, target, env, &err) == 0)
		return;
	find(FIND_SHORT, "%s did not come back: %s", plan->stage->procs[target].name, err.text);
	plan->broken = true;
}

/* Programs may end only when they are killed. */
static void look_after(struct plan *plan)
{
	struct stage *stage = plan->stage;
	for (int t = 0; t < TARGETS; t++) {
		struct proc *proc = &stage->procs[t];
		if (proc->starts == 0 || proc->pid == 0 || proc_alive(proc))
			continue;
		find(FIND_DIED, "%s ended by itself: %s (see logs/%s.log)", proc->name,
		     proc_how(proc), proc->name);
		if (t == INGEST)
			stage_ingest_died(stage);
		if (++plan->deaths > DEATHS_MAX) {
			find(FIND_SHORT, "given up: programs end by themselves all the time");
			plan->broken = true;
			return;
		}
		start(plan, (enum target)t, NULL);
	}
	for (size_t i = 0; i < plan->n_gone; i++) {
		if (clock_mono_ms() < plan->gone[i].until_ms)
			continue;
		int64_t ticket = robots_held_by(stage, plan->gone[i].agent);
		if (ticket)
			find(FIND_ACK, "ticket %" PRId64 " is still held by the dead %s", ticket,
			     plan->gone[i].agent);
		plan->gone[i--] = plan->gone[--plan->n_gone];
	}
	if (clock_mono_ms() >= plan->next_feed_ms) {
		feeds_grow(stage->feeds, 1 + (int)random_below(&plan->random, 3), clock_wall_ms());
		plan->next_feed_ms = clock_mono_ms() + FEED_EVERY_MS;
	}
}

static void rest(struct plan *plan, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	do {
		look_after(plan);
		int64_t left = end - clock_mono_ms();
		pause_ms(left < 0 ? 0 : left < 20 ? left : 20);
	} while (clock_mono_ms() < end && !plan->broken);
}

/* ---- kill -9 ---- */

/* Looks until work is in flight, or gives up: the target then stands still.  Returns how much. */
static int64_t freeze_at_work(struct stage *stage, enum target target)
{
	int64_t work = 0;
	stage_pace_reset(stage);
	for (int look = 0; look < LOOKS; look++) {
		if (target == INGEST)
			stage_pace(stage); /* where it stands while it runs */
		proc_freeze(&stage->procs[target]);
		if (stage->procs[target].pid == 0)
			return 0; /* look_after will say it */
		/* what it had sent before is done in a moment, and is not in flight then */
		pause_ms(2);
		work = stage_in_flight(stage, target);
		if (work > 0 || look + 1 == LOOKS)
			break;
		proc_thaw(&stage->procs[target]);
		pause_ms(LOOK_EVERY_MS);
	}
	return work;
}

/* In the middle of the haste after a pause: more is in hand than at the even pace. */
static int64_t freeze_in_haste(struct plan *plan, enum target target)
{
	struct stage *stage = plan->stage;
	proc_freeze(&stage->procs[target]);
	rest(plan, 150 + (int64_t)random_below(&plan->random, 250));
	proc_thaw(&stage->procs[target]);
	pause_ms(1 + (int64_t)random_below(&plan->random, 8));
	proc_freeze(&stage->procs[target]);
	pause_ms(2);
	int64_t work = stage->procs[target].pid ? stage_in_flight(stage, target) : 0;
	if (work <= 0)
		proc_thaw(&stage->procs[target]);
	return work;
}

static bool kill_program(struct plan *plan, enum target target)
{
	bool haste = target != INGEST && random_below(&plan->random, 2);
	int64_t work = haste ? freeze_in_haste(plan, target) : 0;
	if (work <= 0)
		work = freeze_at_work(plan->stage, target);
	stage_kill(plan->stage, target);
	start(plan, target, NULL);
	return work > 0;
}

/* Redis cannot be asked while it stands still: the last look is the one before, and what counts is
 * what its log holds after its death. */
static bool kill_redis(struct plan *plan)
{
	struct stage *stage = plan->stage;
	for (int look = 0; look < REDIS_LOOKS; look++) {
		if (stage_in_flight(stage, REDIS) > 0)
			break;
		pause_ms(1);
	}
	proc_freeze(&stage->procs[REDIS]);
	int64_t scored = stage_end(stage, "scored"), posts = stage_end(stage, "posts");
	stage_kill(stage, REDIS);
	/* who writes to it waits, so that it is seen as it was at its death */
	proc_freeze(&stage->procs[ROUTE]);
	proc_freeze(&stage->procs[INGEST]);
	start(plan, REDIS, NULL);
	bool work = !plan->broken && scored >= 0 && posts >= 0 &&
		    (stage_applied(stage) < scored || stage_recorded(stage) < posts);
	proc_thaw(&stage->procs[INGEST]);
	proc_thaw(&stage->procs[ROUTE]);
	return work;
}

/* What the target moves on when it works again. */
static int64_t progress(struct stage *stage, enum target target)
{
	if (target == INGEST)
		return stage_end(stage, "posts");
	if (target == ANALYZE || target == ANALYZE2)
		return stage_end(stage, "scored");
	return stage_applied(stage);
}

static void recover(struct plan *plan, enum target target, struct tally *tally)
{
	int64_t from = clock_mono_ms(), ms = 0, before = progress(plan->stage, target);
	while (progress(plan->stage, target) <= before && ms < RECOVER_MS && !plan->broken) {
		rest(plan, 2);
		ms = clock_mono_ms() - from;
	}
	if (ms >= RECOVER_MS && stage_cursor(plan->stage) < (int64_t)plan->o.lines)
		find(FIND_SHORT, "nothing moved for %d ms after the death of %s", RECOVER_MS,
		     plan->stage->procs[target].name);
	tally->recovery_ms += ms;
	if (ms > tally->slowest_ms)
		tally->slowest_ms = ms;
}

static void job_kill(struct plan *plan, int which)
{
	struct tally *tally = &plan->kills[which];
	enum target target = kill_targets[which];
	if (target == ANALYZE && plan->stage->procs[ANALYZE2].pid && random_below(&plan->random, 2))
		target = ANALYZE2;
	bool counts = target == REDIS ? kill_redis(plan) : kill_program(plan, target);
	*(counts ? &tally->counted : &tally->idle) += 1;
	recover(plan, target, tally);
	if (!counts && tally->idle <= 2 * tally->wanted)
		add(plan, JOB_KILL, which, 1); /* again, later */
}

/* ---- crash points ---- */

static void job_point(struct plan *plan, int which)
{
	struct stage *stage = plan->stage;
	struct tally *tally = &plan->points[which];
	enum target target = points[which].target;
	char env[80];
	if (target == TARGETS) {
		char agent[16];
		(void)snprintf(agent, sizeof agent, "gone%d", ++plan->n_agents);
		bool died = robots_die_during_lease(stage, agent, POINT_WAIT_MS);
		tally->counted += died;
		if (died && plan->n_gone < GONE) {
			memcpy(plan->gone[plan->n_gone].agent, agent, sizeof agent);
			plan->gone[plan->n_gone++].until_ms = clock_mono_ms() + LEASE_OVER_MS;
		}
		return;
	}
	stage_kill(stage, target);
	(void)snprintf(env, sizeof env, "POSTHORN_CRASH=%s:%" PRIu64, points[which].point,
		       1 + random_below(&plan->random, (uint64_t)points[which].most));
	start(plan, target, env);
	int64_t end = clock_mono_ms() + POINT_WAIT_MS;
	struct proc *proc = &stage->procs[target];
	while (proc_alive(proc) && clock_mono_ms() < end)
		pause_ms(2);
	if (proc->pid) {
		stage_kill(stage, target); /* it never came there: not counted */
	} else {
		bool hit = WIFSIGNALED(proc->status) && WTERMSIG(proc->status) == SIGKILL;
		tally->counted += hit;
		if (!hit)
			find(FIND_DIED, "%s ended before its crash point: %s", proc->name,
			     proc_how(proc));
		if (target == INGEST)
			stage_ingest_died(stage);
	}
	start(plan, target, NULL);
}

/* ---- Redis as it was, and a router as it was ---- */

static void job_rollback(struct plan *plan)
{
	struct stage *stage = plan->stage;
	struct error err;
	bool bad = stage_snapshot(stage, &err) != 0;
	rest(plan, 1500 + (int64_t)random_below(&plan->random, 2000));
	if (!bad) {
		stage_kill(stage, REDIS);
		bad = stage_restore(stage, &err) != 0;
	}
	if (bad) {
		find(FIND_SHORT, "%s", err.text);
		plan->broken = stage->rds == NULL;
		return;
	}
	plan->rollbacks++;
	/* an earlier Redis may know a lease again that had ended: it has its time anew */
	for (size_t i = 0; i < plan->n_gone; i++)
		plan->gone[i].until_ms = clock_mono_ms() + LEASE_OVER_MS;
	/* what an ingest that lives on has recorded is gone too; it writes its sums anew */
	rest(plan, 500);
}

static void job_zombie(struct plan *plan, int which)
{
	static const enum target pairs[2][2] = {{ROUTE, ROUTE2}, {ANALYZE, ANALYZE2}};
	struct stage *stage = plan->stage;
	enum target frozen = pairs[which][0], heir = pairs[which][1];
	if (stage->procs[heir].pid) { /* the second analyzer has its time: later */
		add(plan, JOB_ZOMBIE, which, 1);
		return;
	}
	proc_freeze(&stage->procs[frozen]);
	start(plan, heir, NULL);
	int64_t before = progress(stage, frozen);
	rest(plan, ZOMBIE_MS);
	int64_t after = progress(stage, frozen);
	proc_thaw(&stage->procs[frozen]);
	rest(plan, 1500);
	if (!proc_end(&stage->procs[heir], 15000))
		find(FIND_DIED, "%s did not end on SIGTERM", stage->procs[heir].name);
	/* frozen with a lock of the bus in its hand it stops everybody: then another time */
	if (after > before)
		plan->zombies[which]++;
	else if (++plan->stuck <= 3)
		add(plan, JOB_ZOMBIE, which, 1);
}

/* ---- all of it ---- */

static int64_t mean(const struct tally *tally)
{
	int n = tally->counted + tally->idle;
	return n ? tally->recovery_ms / n : 0;
}

static void say(const struct plan *plan, int64_t ms)
{
	for (size_t i = 0; i < ARRAY_LEN(kill_targets); i++)
		if (plan->kills[i].wanted)
			(void)fprintf(plan->to,
				      "kill -9 %-8s %d counted, %d while idle; moves again after "
				      "%" PRId64 " ms on average, %" PRId64 " at most\n",
				      target_names[i], plan->kills[i].counted, plan->kills[i].idle,
				      mean(&plan->kills[i]), plan->kills[i].slowest_ms);
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		if (plan->points[i].wanted)
			(void)fprintf(plan->to, "crash point %s of %s: %d of %d\n", points[i].point,
				      points[i].target == TARGETS
					  ? "claim"
					  : plan->stage->procs[points[i].target].name,
				      plan->points[i].counted, plan->points[i].wanted);
	(void)fprintf(
	    plan->to,
	    "redis set back %d times; frozen until another took over: route %d, analyze %d; "
	    "%.1f s\n",
	    plan->rollbacks, plan->zombies[0], plan->zombies[1], (double)ms / 1000);
}

bool plan_run(struct stage *stage, const struct plan_options *options, FILE *to)
{
	struct plan plan = {.stage = stage, .o = *options, .to = to, .random = {options->seed}};
	int64_t began = clock_mono_ms();
	make_jobs(&plan);
	const size_t third = plan.n_jobs / 3; /* the list grows by what did not count */
	rest(&plan, 1500);
	for (size_t i = 0; i < plan.n_jobs && !plan.broken; i++) {
		const struct job job = plan.jobs[i];
		if (options->two_analyzers && i == third)
			start(&plan, ANALYZE2, NULL);
		if (stage->procs[ANALYZE2].pid && i == 2 * third &&
		    !proc_end(&stage->procs[ANALYZE2], 15000))
			find(FIND_DIED, "analyze-2 did not end on SIGTERM");
		switch (job.kind) {
		case JOB_KILL: job_kill(&plan, job.which); break;
		case JOB_POINT: job_point(&plan, job.which); break;
		case JOB_ROLLBACK: job_rollback(&plan); break;
		case JOB_ZOMBIE: job_zombie(&plan, job.which); break;
		}
		if (!plan.broken)
			rest(&plan, GAP_MS / 2 + (int64_t)random_below(&plan.random, GAP_MS));
	}
	while (plan.n_gone && !plan.broken)
		rest(&plan, 100);
	for (size_t i = 0; i < ARRAY_LEN(kill_targets); i++)
		if (plan.kills[i].counted < plan.kills[i].wanted)
			find(FIND_SHORT, "kill -9 %s: %d of %d counted", target_names[i],
			     plan.kills[i].counted, plan.kills[i].wanted);
	for (size_t i = 0; i < ARRAY_LEN(points); i++)
		if (plan.points[i].counted < plan.points[i].wanted)
			find(FIND_SHORT, "crash point %s: %d of %d", points[i].point,
			     plan.points[i].counted, plan.points[i].wanted);
	for (int i = 0; i < 2; i++)
		if (plan.zombies[i] < plan.zombies_wanted)
			find(FIND_SHORT, "a second %s did not take over from a frozen one",
			     i ? "analyze" : "route");
	say(&plan, clock_mono_ms() - began);
	free(plan.jobs);
	return !plan.broken;
}
