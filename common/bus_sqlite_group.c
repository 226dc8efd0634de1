/*
 * bus_sqlite_group.c: which member of a group reads which partition.
 *
 * There is no coordinator.  Every member reads the same two tables and comes to the same plan: the
 * partitions of a topic, in ranges, over the living members in order of their numbers.  Who holds
 * a partition that the plan gives to another finishes it and gives it back; who is to have one
 * takes it as soon as it is free or its holder is dead, and raises its generation.  A commit
 * names holder and generation and is refused if another has come since.
 *
 * Alive is whose lock file is locked (the kernel lets go at any death) and whose heartbeat, the
 * time of that file, moves.  A stopped process loses its partitions after PEER_SILENT_MS; when it
 * goes on, its commits are refused and it takes part again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus_sqlite.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"

enum { PEERS = 100, PEER_SILENT_MS = 6000, TWIN_WAIT_MS = 3000, TWIN_RETRY_MS = 50 };

static const char schema[] =
    "create table if not exists members(grp text, instance integer, token text not null,"
    " topics integer not null, primary key(grp, instance)) without rowid;"
    "create table if not exists leases(grp text, topic integer, partition integer,"
    " token text not null, generation integer not null,"
    " primary key(grp, topic, partition)) without rowid;"
    "create table if not exists offsets(grp text, topic integer, partition integer,"
    " log_id text not null, next integer not null,"
    " primary key(grp, topic, partition)) without rowid;";

struct peer {
	bool member, alive;
	char token[64];
	unsigned topics; /* bits */
	struct timespec beat;
	int64_t beat_ms; /* when we saw it move, our clock; 0: never */
};

struct sql_group {
	struct bus *bus;
	struct sql_log *logs;
	struct sql_file file;
	char *dir, *name_path;
	int name_fd;
	bool entered, registered;
	int64_t twin_until_ms;
	char token[64];
	unsigned topics;
	struct peer peers[PEERS];
	int64_t generation[BUS_TOPICS][BUS_PARTITIONS_MAX]; /* 0: not ours */
	struct log_limit trouble;
	struct sq_stmt *members, *join, *leave, *leases, *take, *give, *offset, *commit, *reg,
	    *reads;
};

static struct str grp(const struct sql_group *g)
{
	return str_of(core_options(g->bus)->program);
}

static char *name_path(const struct sql_group *g, int instance)
{
	const struct bus_options *o = core_options(g->bus);
	return xasprintf("%s/%s.%s-%d.lock", g->dir, o->prefix, o->program, instance);
}

struct sql_group *sql_group_open(struct bus *bus, struct sql_log *logs, const char *dir,
				 struct error *err)
{
	const struct bus_options *o = core_options(bus);
	struct sql_group *g = xcalloc(1, sizeof *g);
	g->bus = bus;
	g->logs = logs;
	g->dir = xstrdup(dir);
	g->name_fd = -1;
	g->trouble.every_ms = 10000;
	char *name = xasprintf("%s.groups", o->prefix);
	int rc = sql_file_open(&g->file, dir, name, SQ_NORMAL, schema, err);
	free(name);
	if (rc == 0 && (o->topics || o->state_dir)) {
		g->name_path = name_path(g, o->instance);
		g->name_fd = open(g->name_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (g->name_fd < 0)
			rc = error_set(err, "could not open \"%s\": %s", g->name_path,
				       strerror(errno));
	}
	if (rc) {
		sql_group_close(g);
		return NULL;
	}
	g->entered = g->name_fd < 0;
	char id[37];
	sql_uuid(id);
	(void)snprintf(g->token, sizeof g->token, "%d/%s", o->instance, id);
	for (int t = 0; t < BUS_TOPICS; t++)
		g->topics |= core_reads(bus, t) ? 1u << t : 0;

	struct sq *db = g->file.db;
	g->members = sq_prepare(db, "select instance,token,topics from members where grp=?");
	g->join = sq_prepare(db, "insert or replace into members values(?,?,?,?)");
	g->leave = sq_prepare(db, "delete from members where grp=? and instance=? and token=?");
	g->leases = sq_prepare(db, "select partition,token,generation from leases where grp=? and "
				   "topic=?");
	g->take =
	    sq_prepare(db, "insert into leases values(?1,?2,?3,?4,?5+1) on conflict do update "
			   "set token=?4,generation=generation+1 where generation=?5");
	g->give = sq_prepare(db, "update leases set token='' where grp=? and topic=? and "
				 "partition=? and token=? and generation=?");
	g->offset = sq_prepare(db, "select next,log_id from offsets where grp=? and topic=? and "
				   "partition=?");
	g->commit = sq_prepare(
	    db, "update offsets set next=?4,log_id=?5 where grp=?1 and topic=?2 and partition=?3 "
		"and exists(select 1 from leases where grp=?1 and topic=?2 and partition=?3 and "
		"token=?6 and generation=?7)");
	g->reg = sq_prepare(db, "insert or ignore into offsets values(?,?,?,?,-1)");
	g->reads = sq_prepare(
	    db, "select partition,grp,case when log_id=?2 then next else -1 end from offsets "
		"where topic=?1");
	return g;
}

const struct sql_file *sql_group_file(const struct sql_group *g)
{
	return &g->file;
}

static void trouble(struct sql_group *g, const char *what)
{
	unsigned skipped;
	if (log_allow(&g->trouble, &skipped))
		log_warn(what, "reason=%s skipped=%u next=\"trying again\"",
			 log_qz(sq_reason(g->file.db)), skipped);
	if (sq_trouble(g->file.db) == SQ_BROKEN)
		core_failed(g->bus, "the offsets of the bus cannot be used: \"%s\": %s",
			    g->file.path, sq_reason(g->file.db));
}

/* Tells everybody that a group reads these topics: retention waits for it from now on. */
static int enrol(struct sql_group *g)
{
	const struct bus_options *o = core_options(g->bus);
	if (sql_file_begin(&g->file))
		goto failed;
	sq_text(g->join, 1, grp(g));
	sq_int(g->join, 2, o->instance);
	sq_text(g->join, 3, str_of(g->token));
	sq_int(g->join, 4, g->topics);
	if (sq_run(g->join))
		goto failed;
	for (int t = 0; t < BUS_TOPICS; t++) {
		for (int p = 0; core_reads(g->bus, t) && p < o->partitions; p++) {
			sq_text(g->reg, 1, grp(g));
			sq_int(g->reg, 2, t);
			sq_int(g->reg, 3, p);
			sq_text(g->reg, 4, str_of(g->logs[t].id));
			if (sq_run(g->reg))
				goto failed;
		}
	}
	if (sql_file_commit(&g->file))
		goto failed;
	sql_file_notify(&g->file);
	g->registered = true;
	return 0;
failed:
	sql_file_rollback(&g->file);
	trouble(g, "could not join the group");
	core_kick_in(g->bus, 500);
	return -1;
}

bool sql_group_enter(struct sql_group *g)
{
	const struct bus_options *o = core_options(g->bus);
	if (!g->entered) {
		if (flock(g->name_fd, LOCK_EX | LOCK_NB) < 0) {
			int64_t now = clock_mono_ms();
			if (!g->twin_until_ms)
				g->twin_until_ms = now + TWIN_WAIT_MS;
			/* others probe with a short lock, and a predecessor may be on its way out */
			if (now >= g->twin_until_ms)
				core_failed(g->bus,
					    "another %s with instance number %d is running on this "
					    "bus (it holds \"%s\"): stop it, or give this one "
					    "another --instance",
					    o->program, o->instance, g->name_path);
			else
				core_kick_in(g->bus, TWIN_RETRY_MS);
			return false;
		}
		g->entered = true;
		(void)futimens(g->name_fd, NULL); /* the heartbeat; the next one will do */
	}
	return g->registered || !g->topics || enrol(g) == 0;
}

/* ------------------------------------------------------------------ who is alive */

static bool is_alive(struct sql_group *g, int instance)
{
	struct peer *peer = &g->peers[instance];
	struct stat st;
	char *path = name_path(g, instance);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return false;
	/* closing lets go of it again: the moment is short, and who wants in tries for a while */
	bool held = flock(fd, LOCK_SH | LOCK_NB) < 0;
	bool moved = fstat(fd, &st) == 0 && (st.st_mtim.tv_sec != peer->beat.tv_sec ||
					     st.st_mtim.tv_nsec != peer->beat.tv_nsec);
	close(fd);
	int64_t now = clock_mono_ms();
	if (moved || !peer->beat_ms) {
		peer->beat = st.st_mtim;
		peer->beat_ms = now;
	}
	return held && now - peer->beat_ms < PEER_SILENT_MS;
}

static int look_around(struct sql_group *g)
{
	int self = core_options(g->bus)->instance, rc;
	for (int i = 0; i < PEERS; i++)
		g->peers[i].member = false;
	sq_text(g->members, 1, grp(g));
	while ((rc = sq_step(g->members)) > 0) {
		int64_t i = sq_col_int(g->members, 0);
		if (i < 1 || i >= PEERS)
			continue;
		struct peer *peer = &g->peers[i];
		struct str token = sq_col_text(g->members, 1);
		peer->member = true;
		peer->topics = (unsigned)sq_col_int(g->members, 2);
		(void)snprintf(peer->token, sizeof peer->token, "%.*s", STR_ARG(token));
	}
	sq_reset(g->members);
	if (rc < 0)
		return -1;
	for (int i = 1; i < PEERS; i++)
		g->peers[i].alive = g->peers[i].member && (i == self || is_alive(g, i));
	return 0;
}

/* The instance that is to read this partition. */
static int planned(const struct sql_group *g, int topic, int partition)
{
	int members[PEERS], n = 0;
	for (int i = 1; i < PEERS; i++)
		if (g->peers[i].alive && g->peers[i].topics >> topic & 1)
			members[n++] = i;
	return n ? members[partition * n / g->logs[topic].partitions] : 0;
}

/* Does somebody alive hold it under this token? */
static bool held(const struct sql_group *g, const char *token)
{
	int64_t instance = strtol(token, NULL, 10);
	return *token && instance >= 1 && instance < PEERS && g->peers[instance].alive &&
	       strcmp(g->peers[instance].token, token) == 0;
}

/* ------------------------------------------------------------------ leases */

bool sql_group_owns(const struct sql_group *g, int topic, int partition)
{
	return g->generation[topic][partition] > 0;
}

static void give_back(struct sql_group *g, int topic, int partition)
{
	core_revoked(g->bus, topic, partition, false);
	if (!g->generation[topic][partition])
		return; /* the last commit found that it was lost */
	if (sql_file_begin(&g->file))
		goto failed;
	sq_text(g->give, 1, grp(g));
	sq_int(g->give, 2, topic);
	sq_int(g->give, 3, partition);
	sq_text(g->give, 4, str_of(g->token));
	sq_int(g->give, 5, g->generation[topic][partition]);
	if (sq_run(g->give) || sql_file_commit(&g->file))
		goto failed;
	g->generation[topic][partition] = 0;
	return;
failed:
	/* the row still names us, so nobody takes it before the next balance gives it back */
	sql_file_rollback(&g->file);
	trouble(g, "could not give back a partition");
	g->generation[topic][partition] = 0;
}

/* Raises the generation from `generation` in our name; 1: ours, 0: somebody was faster, -1. */
static int take(struct sql_group *g, int topic, int partition, int64_t generation,
		int64_t *ret_committed)
{
	if (sql_file_begin(&g->file))
		goto failed;
	sq_text(g->take, 1, grp(g));
	sq_int(g->take, 2, topic);
	sq_int(g->take, 3, partition);
	sq_text(g->take, 4, str_of(g->token));
	sq_int(g->take, 5, generation);
	if (sq_run(g->take))
		goto failed;
	bool ours = sq_changes(g->file.db) == 1;
	*ret_committed = -1;
	sq_text(g->offset, 1, grp(g));
	sq_int(g->offset, 2, topic);
	sq_int(g->offset, 3, partition);
	int rc = sq_step(g->offset);
	/* offsets of a log that was made anew mean nothing */
	if (rc > 0 && str_is(sq_col_text(g->offset, 1), g->logs[topic].id))
		*ret_committed = sq_col_int(g->offset, 0);
	sq_reset(g->offset);
	if (rc < 0 || sql_file_commit(&g->file))
		goto failed;
	return ours;
failed:
	sql_file_rollback(&g->file);
	trouble(g, "could not take a partition");
	return -1;
}

struct lease {
	char token[64];
	int64_t generation;
};

static int read_leases(struct sql_group *g, int topic, struct lease *leases)
{
	int rc;
	memset(leases, 0, BUS_PARTITIONS_MAX * sizeof *leases);
	sq_text(g->leases, 1, grp(g));
	sq_int(g->leases, 2, topic);
	while ((rc = sq_step(g->leases)) > 0) {
		int64_t p = sq_col_int(g->leases, 0);
		struct str token = sq_col_text(g->leases, 1);
		if (p < 0 || p >= BUS_PARTITIONS_MAX)
			continue;
		(void)snprintf(leases[p].token, sizeof leases[p].token, "%.*s", STR_ARG(token));
		leases[p].generation = sq_col_int(g->leases, 2);
	}
	sq_reset(g->leases);
	return rc;
}

void sql_group_balance(struct sql_group *g,
		       void (*started)(void *arg, int topic, int partition, int64_t offset),
		       void *arg)
{
	static struct lease leases[BUS_PARTITIONS_MAX];
	int self = core_options(g->bus)->instance;
	bool changed = false, complete = true;
	if (!g->registered || core_closing(g->bus))
		return;
	if (look_around(g)) {
		trouble(g, "could not read the members of the group");
		return;
	}
	/* somebody thought us dead and tidied up */
	if (!g->peers[self].member || strcmp(g->peers[self].token, g->token) != 0) {
		g->registered = false;
		core_kick(g->bus);
		return;
	}
	for (int t = 0; t < BUS_TOPICS; t++) {
		if (!core_reads(g->bus, t))
			continue;
		if (read_leases(g, t, leases) || sql_log_ends(&g->logs[t])) {
			complete = false;
			continue;
		}
		for (int p = 0; p < g->logs[t].partitions; p++) {
			const struct lease *lease = &leases[p];
			bool mine = strcmp(lease->token, g->token) == 0;
			bool wanted = planned(g, t, p) == self;
			int64_t committed;
			if (g->generation[t][p] &&
			    (!mine || lease->generation != g->generation[t][p])) {
				g->generation[t][p] = 0;
				core_revoked(g->bus, t, p, true);
				mine = false;
			}
			if (mine && g->generation[t][p] && wanted)
				continue;
			if (mine && !wanted) {
				if (!g->generation[t][p])
					g->generation[t][p] = lease->generation;
				give_back(g, t, p);
				changed = true;
			} else if (wanted && !mine && held(g, lease->token)) {
				complete = false; /* it will let go, and notify */
			} else if (wanted) {
				if (take(g, t, p, lease->generation, &committed) <= 0) {
					complete = false;
					continue;
				}
				changed = true;
				g->generation[t][p] = lease->generation + 1;
				struct bus_part part = {.topic = bus_topic_names[t],
							.partition = p,
							.log_id = g->logs[t].id,
							.first_offset =
							    sql_log_first(&g->logs[t], p),
							.end_offset = g->logs[t].end[p],
							.committed = committed};
				started(arg, t, p, core_assigned(g->bus, t, &part));
			}
		}
	}
	core_joined(g->bus, complete);
	if (changed)
		sql_file_notify(&g->file);
}

void sql_group_tick(struct sql_group *g)
{
	if (g->entered && g->name_fd >= 0)
		(void)futimens(g->name_fd, NULL); /* the next one will do */
}

/* ------------------------------------------------------------------ offsets */

void sql_group_commit(struct sql_group *g, const struct bus_commit *list, size_t n)
{
	bool refused[64] = {false};
	must(n <= ARRAY_LEN(refused));
	if (sql_file_begin(&g->file))
		goto failed;
	for (size_t i = 0; i < n; i++) {
		int t = list[i].topic, p = list[i].partition;
		sq_text(g->commit, 1, grp(g));
		sq_int(g->commit, 2, t);
		sq_int(g->commit, 3, p);
		sq_int(g->commit, 4, list[i].offset);
		sq_text(g->commit, 5, str_of(g->logs[t].id));
		sq_text(g->commit, 6, str_of(g->token));
		sq_int(g->commit, 7, g->generation[t][p]);
		if (sq_run(g->commit))
			goto failed;
		refused[i] = sq_changes(g->file.db) == 0;
	}
	if (sql_file_commit(&g->file))
		goto failed;
	for (size_t i = 0; i < n; i++) {
		int t = list[i].topic, p = list[i].partition;
		if (!refused[i]) {
			core_committed(g->bus, t, p, list[i].offset, true);
			continue;
		}
		log_warn("commit refused",
			 "topic=%s partition=%d next=\"another member has this partition now; it "
			 "goes on there\"",
			 bus_topic_names[t], p);
		g->generation[t][p] = 0;
		core_revoked(g->bus, t, p, true);
	}
	return;
failed:
	sql_file_rollback(&g->file);
	trouble(g, "could not commit");
	for (size_t i = 0; i < n; i++)
		core_committed(g->bus, list[i].topic, list[i].partition, list[i].offset, false);
}

int sql_group_read(struct sql_group *g, const struct sql_log *log, struct sql_read *ret)
{
	char names[16][32];
	int64_t behind[16] = {0};
	int rc;
	*ret = (struct sql_read){0};
	for (int p = 0; p < log->partitions; p++)
		ret->to[p] = INT64_MAX;
	sq_int(g->reads, 1, log->topic);
	sq_text(g->reads, 2, (struct str){log->id, 36});
	while ((rc = sq_step(g->reads)) > 0) {
		int64_t p = sq_col_int(g->reads, 0), next = sq_col_int(g->reads, 2);
		struct str name = sq_col_text(g->reads, 1);
		int i = 0;
		if (p < 0 || p >= log->partitions)
			continue;
		next = next < 0 ? 0 : next;
		if (next < ret->to[p])
			ret->to[p] = next;
		while (i < ret->groups && !str_is(name, names[i]))
			i++;
		if (i == 16)
			continue; /* counted for `to`, not for the message */
		if (i == ret->groups) {
			(void)snprintf(names[i], sizeof names[i], "%.*s", STR_ARG(name));
			ret->groups++;
		}
		behind[i] += log->end[p] > next ? log->end[p] - next : 0;
		if (behind[i] > ret->behind) {
			ret->behind = behind[i];
			(void)snprintf(ret->slowest, sizeof ret->slowest, "%s", names[i]);
		}
	}
	sq_reset(g->reads);
	return rc;
}

void sql_group_close(struct sql_group *g)
{
	if (!g)
		return;
	if (g->registered) {
		for (int t = 0; t < BUS_TOPICS; t++)
			for (int p = 0; p < BUS_PARTITIONS_MAX; p++)
				if (g->generation[t][p])
					give_back(g, t, p);
		if (sql_file_begin(&g->file) == 0) {
			sq_text(g->leave, 1, grp(g));
			sq_int(g->leave, 2, core_options(g->bus)->instance);
			sq_text(g->leave, 3, str_of(g->token));
			if (sq_run(g->leave) == 0)
				(void)sql_file_commit(&g->file); /* else our death says it */
		}
		sql_file_rollback(&g->file);
		sql_file_notify(&g->file);
	}
	if (g->name_fd >= 0)
		close(g->name_fd);
	sql_file_close(&g->file);
	free(g->name_path);
	free(g->dir);
	free(g);
}
