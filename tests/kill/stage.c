#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/stage.h"

enum { REDIS_WAIT_MS = 20000, RATE = STAGE_RATE };

static int write_file(const char *path, const struct buf *text, struct error *err)
{
	FILE *to = fopen(path, "we");
	bool bad = !to || fwrite(text->p, 1, text->n, to) != text->n;
	if (to && fclose(to))
		bad = true;
	return bad ? error_set(err, "could not write \"%s\": %s", path, strerror(errno)) : 0;
}

static int configure(struct stage *stage, const struct stage_options *o, struct error *err)
{
	struct buf text;
	buf_init(&text, 64 * KiB);
	(void)buf_printf(&text,
			 "tenant: kill\n"
			 "bus: %s\n"
			 "redis: unix:redis.sock\n"
			 "data: state\n"
			 "log_level: info\n"
			 "ingest:\n"
			 "  poll: 1s\n"
			 "  host_gap: 0\n"
			 "  robots: no\n"
			 "  backfill_grace: 365d\n"
			 "  allow_networks: [127.0.0.0/8]\n"
			 "sources:\n"
			 "  - name: kill\n"
			 "    driver: replay\n"
			 "    file: posts.jsonl\n"
			 "    rate: %d\n"
			 "    channel: forum\n",
			 stage->spec, RATE);
	for (int f = 0; f < o->feeds; f++)
		(void)buf_printf(&text,
				 "  - name: feed-%d\n"
				 "    driver: feed\n"
				 "    key: f%d\n"
				 "    url: http://127.0.0.1:%d/feed/%d\n"
				 "    channel: forum\n"
				 "    poll: 1s\n",
				 f, f, feeds_port(stage->feeds), f);
	(void)buf_z(&text, "authors:\n"
			   "  - role: us\n"
			   "    handles: [brieftal_hilft]\n"
			   "route:\n"
			   "  audit: yes\n"
			   "  lease: 3s\n"
			   "teams:\n"
			   "  - name: care\n"
			   "    label: Kundenservice\n"
			   "rules:\n"
			   "  - when: channel:news\n"
			   "    drop: press\n"
			   /* the posts are up to an hour old: these promises end during the test */
			   "  - when: channel:social\n"
			   "    team: care\n"
			   "    promise: 61m\n"
			   "  - team: care\n"
			   "    promise: 8h\n");
	char *path = xasprintf("%s/kill.yaml", stage->dir);
	int rc = write_file(path, &text, err);
	free(path);
	buf_done(&text);
	return rc;
}

/* Output of a short command, first line without its end. */
static char *line_of(const char *command)
{
	char line[200] = "";
	FILE *from = popen(command, "re");
	if (from && !fgets(line, sizeof line, from))
		line[0] = '\0';
	if (!from || pclose(from) != 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return xstrdup(line);
}

static int open_bus(struct stage *stage, struct error *err)
{
	if (!stage->kafka) {
		stage->spec = xasprintf("sqlite:%s/bus", stage->dir);
	} else if (getenv("POSTHORN_KAFKA")) {
		stage->spec = xasprintf("kafka:%s", getenv("POSTHORN_KAFKA"));
	} else {
		char *command = xasprintf("tests/kafka/broker.sh start %s/kafka", stage->dir);
		stage->own_broker = true;
		char *address = line_of(command);
		free(command);
		if (!address)
			return error_set(err, "could not start Kafka in \"%s/kafka\"", stage->dir);
		stage->spec = xasprintf("kafka:%s", address);
		free(address);
	}
	stage->lag = lag_open(stage->spec, "kill", err);
	return stage->lag ? 0 : -1;
}

static void init_redis(struct proc *proc, const char *name, const char *folder, const char *socket)
{
	/* Debian's redis-tools carries the server under that name */
	const char *server = access("/usr/bin/redis-server", X_OK) == 0
				 ? "/usr/bin/redis-server"
				 : "/usr/bin/redis-check-rdb";
	proc_init(proc, name, server, "--port", "0", "--unixsocket", socket, "--save", "",
		  "--appendonly", "yes", "--appendfsync", "always", "--dir", folder, NULL);
	proc->argv0 = "redis-server";
}

static void name_programs(struct stage *stage)
{
	static const struct {
		enum target target;
		const char *name, *program, *instance;
	} rows[] = {
	    {INGEST, "ingest", "posthorn-ingest", NULL},
	    {ANALYZE, "analyze", "posthorn-analyze", "1"},
	    {ANALYZE2, "analyze-2", "posthorn-analyze", "2"},
	    {ROUTE, "route", "posthorn-route", "1"},
	    {ROUTE2, "route-2", "posthorn-route", "2"},
	};
	char *config = xasprintf("%s/kill.yaml", stage->dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *path = xasprintf("%s/%s", stage->bin, rows[i].program);
		if (rows[i].instance)
			proc_init(&stage->procs[rows[i].target], rows[i].name, path, "run", "-c",
				  config, "--instance", rows[i].instance, NULL);
		else
			proc_init(&stage->procs[rows[i].target], rows[i].name, path, "run", "-c",
				  config, NULL);
		free(path);
	}
	free(config);
	char *folder = xasprintf("%s/redis", stage->dir);
	char *socket = xasprintf("%s/redis.sock", stage->dir);
	(void)mkdir(folder, 0700);
	init_redis(&stage->procs[REDIS], "redis", folder, socket);
	free(folder);
	free(socket);
}

int stage_open(struct stage *stage, const struct stage_options *o, struct error *err)
{
	*stage = (struct stage){.dir = xstrdup(o->dir), .bin = xstrdup(o->bin), .kafka = o->kafka};
	char *logs = xasprintf("%s/logs", stage->dir);
	char *state = xasprintf("%s/state", stage->dir);
	(void)mkdir(logs, 0700);
	(void)mkdir(state, 0700);
	proc_logs(logs); /* lives as long as the test */
	free(state);
	stage->feeds = feeds_open(o->feeds, err);
	if (!stage->feeds || open_bus(stage, err) || configure(stage, o, err))
		return -1;
	name_programs(stage);
	return 0;
}

void stage_close(struct stage *stage)
{
	for (int t = 0; t < TARGETS; t++)
		if (stage->procs[t].name)
			proc_done(&stage->procs[t]);
	rds_close(stage->rds);
	lag_close(stage->lag);
	if (stage->own_broker) {
		char *command = xasprintf("tests/kafka/broker.sh stop %s/kafka", stage->dir);
		free(line_of(command));
		free(command);
	}
	feeds_close(stage->feeds);
	free(stage->dir);
	free(stage->bin);
	free(stage->spec);
	*stage = (struct stage){0};
}

static int redis_connect(struct stage *stage, struct error *err)
{
	char *socket = xasprintf("%s/redis.sock", stage->dir);
	rds_close(stage->rds);
	stage->rds = rds_open(socket, REDIS_WAIT_MS);
	free(socket);
	return stage->rds ? 0 : error_set(err, "Redis does not answer");
}

int stage_start(struct stage *stage, enum target target, const char *env, struct error *err)
{
	proc_start(&stage->procs[target], env);
	return target == REDIS ? redis_connect(stage, err) : 0;
}

void stage_kill(struct stage *stage, enum target target)
{
	if (target == REDIS) {
		rds_close(stage->rds);
		stage->rds = NULL;
	}
	proc_kill(&stage->procs[target]);
	if (target == INGEST)
		stage_ingest_died(stage);
}

bool stage_until_idle(struct stage *stage, enum target target, int64_t timeout_ms)
{
	struct proc *proc = &stage->procs[target], once;
	char **a = proc->args;
	must(proc->pid == 0);
	if (a[4])
		proc_init(&once, proc->name, a[0], a[1], a[2], a[3], a[4], a[5], "--until-idle",
			  NULL);
	else
		proc_init(&once, proc->name, a[0], a[1], a[2], a[3], "--until-idle", NULL);
	proc_start(&once, NULL);
	bool ended = proc_wait(&once, timeout_ms);
	bool good = ended && WIFEXITED(once.status) && WEXITSTATUS(once.status) == 0;
	proc_done(&once);
	return good;
}

/* ---- what is in flight ---- */

int64_t stage_end(struct stage *stage, const char *topic)
{
	int64_t ends[LAG_PARTITIONS];
	return lag_ends(stage->lag, topic, ends) ? -1 : lag_sum(ends);
}

int64_t stage_applied(struct stage *stage)
{
	const struct str *items;
	int64_t sum = 0, n = rds_ask(stage->rds, &items, "HVALS " STAGE_PREFIX "off:scored");
	for (int64_t i = 0; i < n; i++) {
		struct str rest = items[i], number;
		int64_t offset;
		if (str_split(&rest, ' ', &number) &&
		    num_int(number, 0, INT64_MAX - 1, &offset) == 0)
			sum += offset + 1;
	}
	return n < 0 ? -1 : sum;
}

int64_t stage_recorded(struct stage *stage)
{
	int64_t sum = stage->published_twice, n;
	struct buf name;
	buf_init(&name, 200);
	(void)buf_z(&name, "kill");
	for (int f = 0; name.n; f++) {
		n = rds_number(stage->rds, "HGET " STAGE_PREFIX "src:%s posts", name.p);
		if (n > 0)
			sum += n;
		buf_reset(&name);
		if (stage->feeds && f < feeds_count(stage->feeds))
			(void)buf_printf(&name, "feed-%d", f);
	}
	buf_done(&name);
	return sum;
}

int64_t stage_cursor(struct stage *stage)
{
	struct str text = rds_text(stage->rds, "HGET " STAGE_PREFIX "src:kill cursor"), part;
	int64_t line = 0;
	for (int i = 0; i < 3 && str_split(&text, ' ', &part); i++)
		if (num_int(part, 0, INT64_MAX, &line))
			return 0;
	return line;
}

void stage_pace_reset(struct stage *stage)
{
	stage->pace_ms = 0;
}

void stage_pace(struct stage *stage)
{
	for (int i = 0; i < 12; i++) {
		int64_t now = clock_mono_ms(), line = stage_cursor(stage);
		int64_t due = stage->pace_line + (now - stage->pace_ms) * RATE / 1000;
		/* it never runs ahead of its pace, so the farthest it came is the pace */
		if (stage->pace_ms == 0 || line > due) {
			stage->pace_ms = now;
			stage->pace_line = line;
		}
		pause_ms(1);
	}
}

int64_t stage_in_flight(struct stage *stage, enum target target)
{
	int64_t a[LAG_PARTITIONS], b[LAG_PARTITIONS];
	if (target == INGEST) {
		/* lines that are due by the pace and not recorded; or published and not recorded */
		int64_t due = stage->pace_line + (clock_mono_ms() - stage->pace_ms) * RATE / 1000;
		int64_t late = due - stage_cursor(stage);
		int64_t done = stage_recorded(stage), end = stage_end(stage, "posts");
		if (end < 0)
			return -1;
		return end > done ? end - done : stage->pace_ms && late > 0 ? late : 0;
	}
	if (target == ROUTE || target == ROUTE2 || target == REDIS) {
		int64_t done = stage_applied(stage), end = stage_end(stage, "scored");
		return done < 0 || end < 0 ? -1 : end - done;
	}
	if (lag_committed(stage->lag, "analyze", "posts", b) || lag_ends(stage->lag, "posts", a))
		return -1;
	return lag_sum(a) - lag_sum(b);
}

void stage_ingest_died(struct stage *stage)
{
	int64_t end;
	if (stage->rds && (end = stage_end(stage, "posts")) >= 0)
		stage->published_twice += end - stage_recorded(stage);
}

/* ---- Redis set back ---- */

static int copy_log(struct stage *stage, const char *from, const char *to, struct error *err)
{
	char *command = xasprintf("rm -rf '%s/%s' && cp -a '%s/%s' '%s/%s' && echo done",
				  stage->dir, to, stage->dir, from, stage->dir, to);
	char *said = line_of(command);
	bool good = said && strcmp(said, "done") == 0;
	free(said);
	free(command);
	return good ? 0 : error_set(err, "could not copy Redis' files in \"%s\"", stage->dir);
}

int stage_snapshot(struct stage *stage, struct error *err)
{
	must(stage->windows.n < WINDOWS);
	/* it stands still: the copy is what a crash at this moment would leave */
	proc_freeze(&stage->procs[REDIS]);
	stage->windows.at[stage->windows.n].from_ms = clock_real_ms();
	int rc = copy_log(stage, "redis/appendonlydir", "snapshot", err);
	proc_thaw(&stage->procs[REDIS]);
	return rc;
}

/* What the restored log knows of: its last event is the last that was not taken back.  Asked where
 * nobody else can write yet. */
static int read_last_event(struct stage *stage, struct error *err)
{
	const struct str *items;
	char *folder = xasprintf("%s/redis", stage->dir);
	char *socket = xasprintf("%s/look.sock", stage->dir);
	struct proc look;
	int rc = -1;
	(void)unlink(socket);
	init_redis(&look, "redis-look", folder, socket);
	proc_start(&look, NULL);
	struct rds *rds = rds_open(socket, REDIS_WAIT_MS);
	int64_t n = rds ? rds_ask(rds, &items, "XINFO STREAM " STAGE_PREFIX "out") : -1;
	for (int64_t i = 0; i + 1 < n; i++) {
		struct str id = items[i + 1], ms;
		if (str_is(items[i], "last-generated-id") && str_split(&id, '-', &ms))
			rc = num_int(ms, 0, INT64_MAX,
				     &stage->windows.at[stage->windows.n].last_ms) ||
				     num_int(id, 0, INT64_MAX,
					     &stage->windows.at[stage->windows.n].last_seq)
				 ? -1
				 : 0;
	}
	rds_close(rds);
	proc_done(&look);
	(void)unlink(socket);
	free(folder);
	free(socket);
	return rc ? error_set(err, "the restored Redis does not say its last event") : 0;
}

int stage_restore(struct stage *stage, struct error *err)
{
	must(stage->procs[REDIS].pid == 0);
	if (copy_log(stage, "snapshot", "redis/appendonlydir", err) || read_last_event(stage, err))
		return -1;
	stage->windows.at[stage->windows.n++].to_ms = clock_real_ms();
	return stage_start(stage, REDIS, NULL, err);
}
