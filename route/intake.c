/*
 * intake.c: one call in flight per partition; the rest follows from the compare-and-set.
 *
 * Why a lost reply is harmless: the inputs are sent again with the same predecessor.  If the
 * script had run, the stored offset is another and the answer is RETRY_FROM; the bus moves behind it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/crash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/stats.h"
#include "route/batch.h"
#include "route/intake.h"
#include "route/stats.h"

enum {
	MAX_PARTITIONS = 256,
	MAX_IN_HAND = 1024,
	MAX_BYTES_IN_HAND = 16 * 1024 * 1024,
	RETRY_MS = 1000,
	POISON_TRIES = 3 /* of one post alone */
};

struct item {
	struct bus_msg *msg;
	char *dead; /* why it could not be processed; NULL: fine */
	enum decision_kind kind;
	char reason[48];
};

struct part {
	struct intake *intake;
	int id;
	bool assigned, in_flight;
	/* `stored` may be out of date and says that posts are gone: asked again first */
	bool unsure;
	char *stored; /* as in Redis; "" for none */
	char *log_id;
	int64_t first_offset;
	struct item *items; /* FIFO: the first n_sent are in the call */
	size_t n, room, n_sent;
	int64_t last_offset; /* of the call */
	int64_t sent_mono_ms;
	unsigned generation, sent_generation; /* changes when what is in hand becomes void */
	size_t singly; /* so many of the next inputs go alone: one of them was refused */
	int errors;    /* of the one that went alone */
	struct loop_timer *retry;
};

struct intake {
	struct intake_options opt;
	struct bus *bus;
	struct part parts[MAX_PARTITIONS];
	struct batch batch;
	struct arena *arena; /* the posts of one batch, parsed */
	struct loop_hook *hook;
	int crash_turns; /* turns until the script has surely left the process */
	size_t in_hand, bytes_in_hand;
	bool stopping, fatal;
};

static void send_part(struct part *part);

static void on_turn(void *arg)
{
	struct intake *intake = arg;
	if (intake->crash_turns && --intake->crash_turns == 0)
		crash_point("after_script_sent");
}

struct intake *intake_create(const struct intake_options *options)
{
	struct intake *intake = xcalloc(1, sizeof *intake);
	intake->opt = *options;
	intake->arena = arena_create(64 * MiB);
	intake->hook = loop_hook_add(options->loop, on_turn, intake);
	batch_init(&intake->batch);
	for (int i = 0; i < MAX_PARTITIONS; i++) {
		intake->parts[i].intake = intake;
		intake->parts[i].id = i;
		intake->parts[i].stored = xstrdup("");
	}
	return intake;
}

void intake_free(struct intake *intake)
{
	if (!intake)
		return;
	for (int i = 0; i < MAX_PARTITIONS; i++) {
		struct part *part = &intake->parts[i];
		for (size_t k = 0; k < part->n; k++)
			free(part->items[k].dead);
		free(part->items);
		free(part->stored);
		free(part->log_id);
		loop_timer_del(part->retry);
	}
	loop_hook_del(intake->hook);
	batch_done(&intake->batch);
	arena_free(intake->arena);
	free(intake);
}

void intake_config(struct intake *intake, const struct config *config)
{
	intake->opt.config = config;
}

void intake_bus(struct intake *intake, struct bus *bus)
{
	intake->bus = bus;
}

void intake_stop(struct intake *intake)
{
	intake->stopping = true;
}

size_t intake_in_hand(const struct intake *intake)
{
	return intake->in_hand;
}

bool intake_owns(const struct intake *intake, int partition)
{
	return intake->parts[partition].assigned;
}

/* ---- where to start ---- */

static void set_stored(struct part *part, struct str value)
{
	free(part->stored);
	part->stored = xstrndup(value.p ? value.p : "", value.n);
	part->unsure = false;
}

void intake_offsets(struct intake *intake, const struct redis_reply *list)
{
	for (size_t i = 0; i + 1 < list->n; i += 2) {
		int64_t id;
		if (num_int(list->items[i].text, 0, MAX_PARTITIONS - 1, &id) == 0 &&
		    !intake->parts[id].assigned)
			set_stored(&intake->parts[id], list->items[i + 1].text);
	}
}

/* "1811 LOG" -> 1811; -1 where nothing is stored or another log is meant. */
static int64_t stored_offset(const struct part *part, bool *ret_other_log)
{
	struct str rest = str_of(part->stored), number;
	int64_t offset;
	*ret_other_log = false;
	if (!str_split(&rest, ' ', &number) || num_int(number, 0, INT64_MAX - 1, &offset))
		return -1;
	*ret_other_log = !str_is(rest, part->log_id);
	return *ret_other_log ? -1 : offset;
}

static void fatal(struct intake *intake, const char *reason)
{
	intake->fatal = true;
	intake->opt.on_fatal(intake->opt.arg, reason);
}

/* The offset after the stored one, or the earliest; says what is unusual.  `heard`: stored as of now. */
static int64_t start_of(struct part *part, bool heard)
{
	bool other;
	int64_t stored = stored_offset(part, &other);
	if (other)
		log_warn(
		    "the log is not the one whose offset is stored",
		    "partition=%d stored=%s log=%s next=\"reading it from its beginning; posts "
		    "known by id make no second ticket\"",
		    part->id, log_qz(part->stored), log_qz(part->log_id));
	if (stored < 0)
		return BUS_START_EARLIEST;
	if (stored + 1 >= part->first_offset)
		return stored + 1;
	if (part->intake->opt.accept_gap) {
		log_warn("posts are gone from the log before they were routed",
			 "partition=%d stored=%" PRId64 " first=%" PRId64
			 " next=\"going on at the first, as --accept-gap says\"",
			 part->id, stored, part->first_offset);
		return BUS_START_EARLIEST;
	}
	if (!heard && part->intake->opt.on_unsure) {
		part->unsure = true;
		part->intake->opt.on_unsure(part->intake->opt.arg);
		return BUS_START_EARLIEST;
	}
	char reason[256];
	(void)snprintf(reason, sizeof reason,
		       "partition %d: posts after offset %" PRId64
		       " are gone from the log, which begins at %" PRId64
		       "; start with --accept-gap to go on without them",
		       part->id, stored, part->first_offset);
	fatal(part->intake, reason);
	return BUS_START_EARLIEST;
}

/* What is in hand is void: its effects must not be applied (again). */
static void drop_items(struct part *part)
{
	struct intake *intake = part->intake;
	for (size_t i = 0; i < part->n; i++) {
		intake->in_hand--;
		intake->bytes_in_hand -= part->items[i].msg->value.n;
		free(part->items[i].dead);
		bus_done(intake->bus, part->items[i].msg, NULL); /* void: this only frees it */
	}
	part->n = part->n_sent = 0;
	part->generation++;
}

int64_t intake_assigned(struct intake *intake, const struct bus_part *assigned)
{
	must(assigned->partition >= 0 && assigned->partition < MAX_PARTITIONS);
	struct part *part = &intake->parts[assigned->partition];
	free(part->log_id);
	part->log_id = xstrdup(assigned->log_id);
	part->first_offset = assigned->first_offset;
	part->assigned = true;
	part->errors = 0;
	part->singly = 0;
	part->unsure = false;
	int64_t start = start_of(part, false);
	log_debug("partition assigned",
		  "partition=%d start=%" PRId64 " first=%" PRId64 " end=%" PRId64, part->id, start,
		  assigned->first_offset, assigned->end_offset);
	return start;
}

void intake_revoked(struct intake *intake, int partition)
{
	struct part *part = &intake->parts[partition];
	part->assigned = false;
	drop_items(part);
}

/* Redis stands elsewhere than we thought. */
static void move_to_stored(struct part *part)
{
	struct intake *intake = part->intake;
	int64_t start = start_of(part, true);
	if (intake->fatal)
		return;
	if (start == BUS_START_EARLIEST)
		start = part->first_offset;
	log_info("moving to the offset that Redis has", "partition=%d start=%" PRId64, part->id,
		 start);
	stats_add(ST_MOVED, 1);
	bus_seek(intake->bus, "scored", part->id, start);
	drop_items(part);
}

/* Redis came back, perhaps as it was some time ago.  A partition with a call in flight needs no
 * look: the compare-and-set of that call tells. */
void intake_compare(struct intake *intake, const struct redis_reply *list)
{
#ifndef POSTHORN_MUTANT_NO_CAS
	for (int id = 0; id < MAX_PARTITIONS && !intake->fatal; id++) {
		struct part *part = &intake->parts[id];
		struct str stored = STR("");
		int64_t of;
		if (!part->assigned || part->in_flight)
			continue;
		for (size_t i = 0; i + 1 < list->n; i += 2)
			if (num_int(list->items[i].text, 0, MAX_PARTITIONS - 1, &of) == 0 &&
			    of == id)
				stored = list->items[i + 1].text;
		if (str_is(stored, part->stored) && !part->unsure)
			continue;
		set_stored(part, stored);
		move_to_stored(part);
	}
#else
	(void)list;
	for (int id = 0; id < MAX_PARTITIONS; id++)
		intake->parts[id].unsure = false;
#endif
}

/* ---- the answer of a call ---- */

static void count_item(const struct item *item)
{
	stats_add(ST_HEARD, 1);
	if (item->kind == DECIDE_TICKET)
		stats_add(ST_ROUTED, 1);
	if (item->reason[0])
		stats_add_label(ST_FILTERED, item->reason, 1);
}

static void finish_sent(struct part *part)
{
	struct intake *intake = part->intake;
	for (size_t i = 0; i < part->n_sent; i++) {
		struct item *item = &part->items[i];
		intake->in_hand--;
		intake->bytes_in_hand -= item->msg->value.n;
		if (item->dead)
			stats_add(ST_DEAD, 1);
		else
			count_item(item);
		bus_done(intake->bus, item->msg, item->dead);
		free(item->dead);
	}
	part->n -= part->n_sent;
	memmove(part->items, part->items + part->n_sent, part->n * sizeof *part->items);
	part->n_sent = 0;
}

static void on_retry(void *arg)
{
	send_part(arg);
}

/* Redis refused the script: full, read-only, busy or forbidden passes, by itself or by a person; anything
 * else is a post that the script cannot take, which is found by sending singly.  Before 7.0 Redis
 * put its reason behind the place in the script. */
static void refused(struct part *part, const char *why)
{
	static const char *const passing[] = {"OOM",
					      "READONLY",
					      "MISCONF",
					      "LOADING",
					      "BUSY",
					      "NOPERM",
					      "MASTERDOWN",
					      "NOREPLICAS",
					      "NOAUTH",
					      "CLUSTERDOWN",
					      "max number of clients"};
	static struct log_limit limit = {.every_ms = 10000};
	unsigned skipped;
	bool passes = false;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		passes |= strstr(why, passing[i]) != NULL;
	if (log_allow(&limit, &skipped))
		log_err("redis refuses a batch",
			"partition=%d reason=%s skipped=%u next=\"trying again, nothing is lost\"",
			part->id, log_qz(why), skipped);
	if (!passes && part->n_sent > 1)
		part->singly = part->n_sent;
	if (!passes && part->n_sent == 1 && ++part->errors == POISON_TRIES)
		part->items[0].dead = xasprintf("redis script: %s", why);
	part->n_sent = 0;
	if (!part->retry)
		part->retry = loop_timer_add(part->intake->opt.loop, on_retry, part);
	loop_timer_set(part->retry, RETRY_MS);
}

static void on_applied(void *arg, const struct store_result *r)
{
	struct part *part = arg;
	struct intake *intake = part->intake;
	bool is_void = part->sent_generation != part->generation;
	part->in_flight = false;
	stats_set(ST_APPLY_MS, clock_mono_ms() - part->sent_mono_ms);
	switch (r->code) {
	case STORE_OK:
		stats_add(ST_BATCHES, 1);
		stats_add(ST_TICKETS, r->numbers[1]);
		stats_add(ST_JOINED, r->numbers[2]);
		stats_add(ST_REPEATED, r->numbers[3]);
		set_stored(part, str_of(r->text));
		part->errors = 0;
		part->singly -= part->singly ? 1 : 0;
		if (!is_void)
			finish_sent(part);
		else if (part->assigned)
			move_to_stored(part); /* assigned again meanwhile, from before this call */
		intake->opt.on_applied(intake->opt.arg);
		break;
	case STORE_RETRY:
		set_stored(part, str_of(r->text));
		if (part->assigned)
			move_to_stored(part);
		break;
	case STORE_GONE:
		part->n_sent = 0; /* intake_resume sends again */
		break;
	default: refused(part, r->text); return;
	}
	if (r->code != STORE_GONE) {
		send_part(part);
		intake_pump(intake);
	}
}

/* ---- sending ---- */

static void take_item(struct part *part, struct item *item)
{
	struct intake *intake = part->intake;
	const struct policy *policy = &intake->opt.config->policy;
	struct scored s = {.json = item->msg->value};
	struct decision d;
	struct error err;
	if (item->dead) /* the script could not take it */
		return;
	if (scored_parse(s.json, intake->arena, &s.post, &s.analysis, &s.has_analysis, &err)) {
		log_warn("could not read a post",
			 "partition=%d offset=%" PRId64 " reason=%s next=\"to the dead letters\"",
			 part->id, item->msg->offset, log_qz(err.text));
		item->dead = xstrdup(err.text);
		return;
	}
	ticket_decide(&d, policy, &s, clock_wall_ms(), intake->arena);
	item->kind = d.kind;
	(void)snprintf(item->reason, sizeof item->reason, "%s", d.reason ? d.reason : "");
	batch_add(&intake->batch, &d, policy, &s);
}

static void send_part(struct part *part)
{
	struct intake *intake = part->intake;
	if (part->in_flight || part->unsure || !part->n || intake->fatal ||
	    (part->retry && loop_timer_is_set(part->retry)))
		return;
	const struct route_conf *conf = &intake->opt.config->route;
	arena_reset(intake->arena); /* the batch keeps views of all its posts */
	batch_begin(&intake->batch, part->id, str_of(part->stored), conf->dedup_ms, conf->audit);
	part->n_sent = 0;
	size_t most = part->singly ? 1 : SIZE_MAX;
	while (part->n_sent < part->n && part->n_sent < most && !batch_full(&intake->batch))
		take_item(part, &part->items[part->n_sent++]);
	part->last_offset = part->items[part->n_sent - 1].msg->offset;
	char *offset =
	    arena_printf(intake->batch.arena, "%" PRId64 " %s", part->last_offset, part->log_id);
	size_t n;
	const struct str *args = batch_args(&intake->batch, str_of(offset), &n);
	part->in_flight = true;
	part->sent_generation = part->generation;
	part->sent_mono_ms = clock_mono_ms();
	store_apply(intake->opt.store, n, args, on_applied, part);
	intake->crash_turns = 2; /* written in the next turn, answered in a later one */
}

static void hold(struct intake *intake, struct bus_msg *msg)
{
	must(msg->partition >= 0 && msg->partition < MAX_PARTITIONS);
	struct part *part = &intake->parts[msg->partition];
	if (part->n == part->room) {
		part->room = part->room ? part->room * 2 : 64;
		part->items = xrealloc(part->items, part->room * sizeof *part->items);
	}
	part->items[part->n++] = (struct item){.msg = msg};
	intake->in_hand++;
	intake->bytes_in_hand += msg->value.n;
}

void intake_pump(struct intake *intake)
{
	struct bus_msg *msg;
	if (!intake->bus || intake->fatal)
		return;
	while (!intake->stopping && intake->in_hand < MAX_IN_HAND &&
	       intake->bytes_in_hand < MAX_BYTES_IN_HAND && (msg = bus_next(intake->bus)))
		hold(intake, msg);
	for (int i = 0; i < MAX_PARTITIONS; i++)
		send_part(&intake->parts[i]);
}

void intake_resume(struct intake *intake)
{
	intake_pump(intake);
}
