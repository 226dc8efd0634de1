/*
 * poll.c: the steps of a poll.  Each step ends by starting the next one or by finish(); `wait` is
 * the timer for a step that has to be tried again.
 *
 * The order of publishing and writing is the promise "nothing accepted is lost": see deliver_over().
 * Built with -DPOSTHORN_MUTANT_VALIDATORS_FIRST it is turned around, to show that the kill test would see it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crash.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/stats.h"

#include "ingest/fetch.h"
#include "ingest/gate.h"
#include "ingest/page.h"
#include "ingest/poll.h"
#include "ingest/schedule.h"
#include "ingest/seen.h"

#define POLL_MAGIC 0x706f6c6cu
#define MINUTE_MS  ((int64_t)60 * 1000)
#define HOUR_MS    (60 * MINUTE_MS)

enum { AGAIN_MS = 500, ARENA_LIMIT = 256 * 1024 * 1024 };

enum {
	ST_FETCHES,
	ST_BYTES,
	ST_PAGES,
	ST_PUBLISHED,
	ST_REPEATED,
	ST_BACKFILL,
	ST_CUT,
	ST_BAD,
	ST_UNWANTED,
	ST_UNDELIVERED,
	ST_FAILING,
	ST_COUNT
};

static const struct stats_row stat_rows[ST_COUNT] = {
    [ST_FETCHES] = {"ingest_fetches_total", STATS_COUNTER, "result", "pages asked for, by result"},
    [ST_BYTES] = {"ingest_bytes_total", STATS_COUNTER, NULL, "bytes of pages read, decompressed"},
    [ST_PAGES] = {"ingest_pages_total", STATS_COUNTER, "verdict",
		  "pages handed to a driver: good, flawed, bad"},
    [ST_PUBLISHED] = {"ingest_posts_total", STATS_COUNTER, "op",
		      "posts published: create, update, delete"},
    [ST_REPEATED] = {"ingest_repeated_total", STATS_COUNTER, NULL,
		     "posts that were known already, not published"},
    [ST_BACKFILL] = {"ingest_backfill_total", STATS_COUNTER, NULL,
		     "posts published that were old when their source was first read"},
    [ST_CUT] = {"ingest_cut_total", STATS_COUNTER, NULL, "posts cut to 256 KiB"},
    [ST_BAD] = {"ingest_bad_items_total", STATS_COUNTER, NULL, "items that could not be read"},
    [ST_UNWANTED] = {"ingest_unwanted_total", STATS_COUNTER, NULL,
		     "posts of sources with keep: matching that no query could match"},
    [ST_UNDELIVERED] = {"ingest_undelivered_total", STATS_COUNTER, NULL,
			"deliveries that failed and were repeated"},
    [ST_FAILING] = {"ingest_source_failing", STATS_GAUGE, "source",
		    "1 while the last poll of the source failed"},
};

static int stats_base = -1;

void poll_stats_init(void)
{
	if (stats_base < 0)
		stats_base = stats_register(stat_rows, ST_COUNT);
}

struct poll {
	unsigned magic;
	const struct poll_env *env;
	const struct source *source;
	void *memory;
	uint32_t serial;
	struct arena *arena;
	struct loop_timer *wait;
	void (*again)(struct poll *poll); /* what the timer calls */
	struct fetch *fetch;
	struct gate_ask *ask;
	struct record record;
	struct source_ask want;
	struct source_posts posts;
	struct page_result page;
	struct memory *memories;
	size_t n_memories;
	char *url; /* to fetch: the source's or where it moved to */
	int redirects_left;
	int64_t now_ms; /* when the page came */
	bool fresh;     /* first read of this source */
	bool publishing, full, stopping, saved_first;
	size_t sent, delivered, resend; /* posts: handed over, acknowledged, first to send again */
	struct poll_outcome out;
};

static void load(struct poll *poll);
static void fetch_page(struct poll *poll);
static void read_page(struct poll *poll, const struct source_page *page);
static void publish(struct poll *poll);
static void save_page(struct poll *poll);

static struct poll *checked(void *arg)
{
	struct poll *poll = arg;
	must(poll && poll->magic == POLL_MAGIC);
	return poll;
}

static void on_wait(void *arg)
{
	struct poll *poll = checked(arg);
	poll->again(poll);
}

static void later(struct poll *poll, void (*again)(struct poll *poll), int64_t delay_ms)
{
	poll->again = again;
	loop_timer_set(poll->wait, delay_ms);
}

static void finish_now(struct poll *poll)
{
	poll->env->done(poll->env->arg, poll, &poll->out);
}

/* Always from the loop, never from inside poll_start. */
static void finish(struct poll *poll)
{
	later(poll, finish_now, 0);
}

/* ---- how it went ---- */

static void save_health(struct poll *poll);

static void on_health(void *arg, bool ok)
{
	struct poll *poll = checked(arg);
	if (ok || poll->stopping)
		finish(poll);
	else
		later(poll, save_health, AGAIN_MS);
}

static void save_health(struct poll *poll)
{
	seen_save(poll->env->seen, poll->source->name, &poll->record, NULL, 0, clock_wall_ms(),
		  on_health, poll);
}

static void say_failing(struct poll *poll, const char *why, int64_t pause_ms)
{
	char in[32];
	num_duration_text(pause_ms, in);
	stats_set_label(stats_base + ST_FAILING, poll->source->name, 1);
	if (poll->env->at_once)
		log_warn("source fails", "source=%s reason=%s next=\"not asked again in this run\"",
			 log_qz(poll->source->name), log_qz(why));
	else if (poll->record.failures == 1)
		log_warn("source fails", "source=%s reason=%s next=\"trying again in %s\"",
			 log_qz(poll->source->name), log_qz(why), in);
	else
		log_debug("source still fails",
			  "source=%s reason=%s failures=%" PRId64 " next=\"trying again in %s\"",
			  log_qz(poll->source->name), log_qz(why), poll->record.failures, in);
}

static void failed(struct poll *poll, struct str why, int64_t retry_after_ms)
{
	int64_t now_ms = clock_wall_ms();
	int64_t base = poll->source->poll_ms < MINUTE_MS ? poll->source->poll_ms : MINUTE_MS;
	int64_t most = poll->source->poll_ms > HOUR_MS ? poll->source->poll_ms : HOUR_MS;
	struct record *record = &poll->record;
	record->failures++;
	int64_t pause = schedule_backoff((int)(record->failures < 60 ? record->failures : 60), base,
					 most, poll->env->seed);
	if (retry_after_ms >= 0) {
		pause = retry_after_ms < MINUTE_MS ? MINUTE_MS : retry_after_ms;
		pause = pause > 24 * HOUR_MS ? 24 * HOUR_MS : pause;
		poll->out.hold_ms = now_ms + pause;
	}
	record->error = arena_str(poll->arena, utf8_cut(why, 300));
	record->poll_ms = now_ms;
	record->next_ms = now_ms + pause;
	poll->out.failed = true;
	poll->out.due_ms = record->next_ms;
	poll->out.failures = record->failures;
	say_failing(poll, record->error.p, pause);
	save_health(poll);
}

static void succeeded(struct poll *poll)
{
	struct record *record = &poll->record;
	int64_t now_ms = poll->now_ms;
	if (record->failures > 0)
		log_info("source is back", "source=%s failures=%" PRId64,
			 log_qz(poll->source->name), record->failures);
	stats_set_label(stats_base + ST_FAILING, poll->source->name, 0);
	record->failures = 0;
	record->error = STR("");
	record->poll_ms = record->success_ms = now_ms;
	if (record->first_ms == 0)
		record->first_ms = now_ms;
	record->url = str_of(poll->source->url);
	record->next_ms = poll->posts.more ? now_ms : now_ms + poll->source->poll_ms;
	poll->out.due_ms = record->next_ms;
	poll->out.more = poll->posts.more;
}

/* ---- record -> what to ask ---- */

static void on_gate(void *arg, const struct gate_answer *answer)
{
	struct poll *poll = checked(arg);
	poll->ask = NULL;
	poll->out.asked_host |= answer->asked;
	if (poll->redirects_left == FETCH_REDIRECTS) /* of the source's own host */
		poll->out.gap_ms = answer->delay_ms;
	if (answer->allowed) {
		fetch_page(poll);
		return;
	}
	stats_add_label(stats_base + ST_FETCHES, "robots", 1);
	failed(poll, str_of(answer->why), answer->retry_after_ms);
}

static void read_file(struct poll *poll)
{
	char *bytes = xmalloc(SOURCE_READ_MAX);
	size_t n = 0;
	ssize_t got = 0;
	int fd = open(poll->want.path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n < SOURCE_READ_MAX) {
		got = pread(fd, bytes + n, SOURCE_READ_MAX - n, poll->want.offset + (int64_t)n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	int why = errno;
	if (fd >= 0)
		(void)close(fd); /* only read */
	if (fd < 0 || got < 0) {
		char *text = arena_printf(poll->arena, "could not read \"%s\": %s", poll->want.path,
					  strerror(why));
		free(bytes);
		failed(poll, str_of(text), -1);
		return;
	}
	struct source_page page = {
	    .bytes = {bytes, n}, .last = n < SOURCE_READ_MAX, .fetched_at = clock_wall_ms()};
	stats_add(stats_base + ST_BYTES, (int64_t)n);
	read_page(poll, &page);
	free(bytes);
}

/* When the record allows the next poll: a restart neither hammers nor forgets a Retry-After.  A time
 * further away than any pause of ours comes from another clock. */
static int64_t rested(const struct poll *poll, int64_t now_ms)
{
	const struct record *record = &poll->record;
	int64_t due_ms = record->next_ms;
	if (record->failures == 0 && record->poll_ms + poll->source->poll_ms < due_ms)
		due_ms = record->poll_ms + poll->source->poll_ms; /* `poll` is shorter now */
	int64_t most = poll->source->poll_ms > 24 * HOUR_MS ? poll->source->poll_ms : 24 * HOUR_MS;
	return due_ms - now_ms > most || record->poll_ms > now_ms ? now_ms : due_ms;
}

static void on_record(void *arg, bool ok)
{
	struct poll *poll = checked(arg);
	struct record *record = &poll->record;
	if (poll->stopping) {
		finish(poll);
		return;
	}
	if (!ok) {
		later(poll, load, AGAIN_MS);
		return;
	}
	/* another URL is another source: nothing of the old one holds */
	if (record->first_ms && !str_eq(record->url, str_of(poll->source->url)))
		*record = (struct record){0};
	poll->fresh = record->first_ms == 0;
	int64_t now_ms = clock_wall_ms();
	int64_t due_ms = rested(poll, now_ms);
	if (due_ms > now_ms && !poll->env->at_once) {
		poll->out.due_ms = due_ms;
		finish(poll);
		return;
	}
	struct str cursor = record->cursor.n ? record->cursor : STR_NULL;
	poll->source->driver->ask(poll->source, poll->memory, cursor, now_ms, &poll->want);
	switch (poll->want.want) {
	case SOURCE_END:
		poll->out.ended = true;
		finish(poll);
		break;
	case SOURCE_WAIT:
		poll->out.more = true;
		poll->out.due_ms = poll->want.until_ms;
		finish(poll);
		break;
	case SOURCE_READ: read_file(poll); break;
	case SOURCE_FETCH:
		free(poll->url);
		poll->url = xstrdup(poll->want.url);
		gate_ask(poll->env->gate, poll->url, &poll->ask, on_gate, poll);
		break;
	}
}

static void load(struct poll *poll)
{
	seen_record(poll->env->seen, poll->source->name, poll->arena, &poll->record, on_record,
		    poll);
}

/* ---- the page ---- */

static void moved(struct poll *poll, const struct fetch_result *result)
{
	free(poll->url);
	poll->url = xstrndup(result->url.p, result->url.n);
	poll->redirects_left -= result->redirects;
	gate_ask(poll->env->gate, poll->url, &poll->ask, on_gate, poll);
}

static void on_page(void *arg, const struct fetch_result *result)
{
	struct poll *poll = checked(arg);
	poll->fetch = NULL; /* it is gone after this function */
	poll->out.asked_host = true;
	stats_add_label(stats_base + ST_FETCHES, fetch_outcome_name(result->outcome), 1);
	log_debug("asked", "source=%s result=%s status=%d bytes=%zu ms=%" PRId64,
		  log_qz(poll->source->name), fetch_outcome_name(result->outcome), result->status,
		  result->body.n, result->took_ms);
	poll->now_ms = clock_wall_ms();
	switch (result->outcome) {
	case FETCH_OK: {
		struct source_page page = {.bytes = result->body,
					   .url = result->url,
					   .content_type = result->content_type,
					   .content_location = result->content_location,
					   .fetched_at = poll->now_ms};
		stats_add(stats_base + ST_BYTES, (int64_t)result->body.n);
		/* validators as they were sent; none sent: none to send */
		poll->record.etag = arena_str(poll->arena, result->etag);
		poll->record.modified = arena_str(poll->arena, result->last_modified);
		read_page(poll, &page);
		break;
	}
	case FETCH_NOT_MODIFIED:
		if (result->etag.n)
			poll->record.etag = arena_str(poll->arena, result->etag);
		if (result->last_modified.n)
			poll->record.modified = arena_str(poll->arena, result->last_modified);
		succeeded(poll);
		save_health(poll);
		break;
	case FETCH_MOVED: moved(poll, result); break;
	default: failed(poll, result->why, result->retry_after_ms); break;
	}
}

static void fetch_page(struct poll *poll)
{
	struct fetch_request request = {
	    .url = poll->url,
	    .accept = poll->want.accept,
	    .etag = arena_z(poll->arena, poll->record.etag),
	    .last_modified = arena_z(poll->arena, poll->record.modified),
	    .redirects = poll->redirects_left,
	    .stop_at_origin = true,
	    .fn = on_page,
	    .arg = poll,
	};
	poll->fetch = fetch_start(poll->env->fetcher, &request);
}

static void say_flaw(struct poll *poll, const struct source_posts *posts)
{
	struct record *record = &poll->record;
	bool flawed = posts->verdict == SOURCE_FLAWED;
	if (flawed && record->flaw.n == 0)
		log_warn(
		    "page has faults",
		    "source=%s reason=%s posts=%zu bad_items=%zu next=\"using what could be read\"",
		    log_qz(poll->source->name), log_qz(posts->reason), posts->n, posts->n_bad);
	else if (!flawed && record->flaw.n)
		log_info("page is sound again", "source=%s", log_qz(poll->source->name));
	record->flaw = flawed ? utf8_cut(str_of(posts->reason), 300) : STR("");
	if (flawed && record->flaw.n == 0)
		record->flaw = STR("faulty");
}

static void settle(struct poll *poll);
static void look_up(struct poll *poll);

static void read_page(struct poll *poll, const struct source_page *page)
{
	static const char *const verdicts[] = {"good", "flawed", "bad"};
	struct source_posts *posts = &poll->posts;
	struct str cursor = poll->record.cursor.n ? poll->record.cursor : STR_NULL;
	poll->now_ms = page->fetched_at;
	poll->source->driver->read(poll->source, poll->memory, page, cursor, poll->arena, posts);
	stats_add_label(stats_base + ST_PAGES, verdicts[posts->verdict], 1);
	stats_add(stats_base + ST_BAD, (int64_t)posts->n_bad);
	if (posts->verdict == SOURCE_BAD) {
		/* a wall must not be taken for the page next time */
		poll->record.etag = poll->record.modified = STR("");
		failed(poll, str_of(posts->reason), -1);
		return;
	}
	say_flaw(poll, posts);
	look_up(poll);
}

static void on_memories(void *arg, bool ok)
{
	struct poll *poll = checked(arg);
	if (poll->stopping)
		finish(poll);
	else if (ok)
		settle(poll);
	else
		later(poll, look_up, AGAIN_MS);
}

static void look_up(struct poll *poll)
{
	struct str *ids;
	size_t n = page_ids(poll->posts.posts, poll->posts.n, poll->arena, &ids);
	poll->memories = arena_alloc(poll->arena, (n + 1) * sizeof *poll->memories);
	poll->n_memories = n;
	seen_memories(poll->env->seen, poll->source->name, ids, n, poll->arena, poll->memories,
		      on_memories, poll);
}

static void settle(struct poll *poll)
{
	const struct config *config = poll->env->config;
	struct page_job job = {
	    .source = poll->source,
	    .authors = config->authors,
	    .wanted = config->wanted,
	    .now_ms = poll->now_ms,
	    .backfill_before_ms =
		poll->fresh ? poll->now_ms - config->ingest.backfill_grace_ms : INT64_MIN,
	    .remember_ms = config->ingest.remember_ms,
	};
	page_settle(&job, poll->posts.posts, poll->posts.n, poll->memories, poll->n_memories,
		    poll->arena, &poll->page);
	stats_add(stats_base + ST_REPEATED, (int64_t)poll->page.repeated);
	stats_add(stats_base + ST_CUT, (int64_t)poll->page.cut);
	stats_add(stats_base + ST_UNWANTED, (int64_t)poll->page.unwanted);
	poll->publishing = true;
	poll->resend = SIZE_MAX;
	poll->record.cursor = poll->posts.cursor;
	poll->record.posts += (int64_t)poll->page.n_out;
	succeeded(poll);
#ifdef POSTHORN_MUTANT_VALIDATORS_FIRST
	poll->saved_first = true;
	save_page(poll);
#else
	publish(poll);
#endif
}

/* ---- publishing ---- */

/* Every post is delivered.  Only now may the record say that the page was read. */
static void deliver_over(struct poll *poll)
{
	const struct page_result *page = &poll->page;
	stats_add_label(stats_base + ST_PUBLISHED, "create", (int64_t)page->created);
	stats_add_label(stats_base + ST_PUBLISHED, "update", (int64_t)page->updated);
	stats_add_label(stats_base + ST_PUBLISHED, "delete", (int64_t)page->deleted);
	stats_add(stats_base + ST_BACKFILL, (int64_t)page->backfill);
	if (page->n_out)
		log_debug("published",
			  "source=%s posts=%zu new=%zu updated=%zu deleted=%zu repeated=%zu",
			  log_qz(poll->source->name), page->n_out, page->created, page->updated,
			  page->deleted, page->repeated);
	if (poll->saved_first) {
		finish(poll);
		return;
	}
	if (page->n_out)
		crash_point("between_validators_and_publish");
	save_page(poll);
}

static void publish(struct poll *poll)
{
	const struct page_result *page = &poll->page;
	struct buf json;
	poll->full = false;
	if (poll->resend != SIZE_MAX) {
		/* all that was under way is answered: again from the first that failed */
		poll->sent = poll->delivered = poll->resend;
		poll->resend = SIZE_MAX;
	}
	buf_init(&json, BUS_VALUE_MAX);
	while (poll->sent < page->n_out) {
		const struct post *post = page->out[poll->sent];
		bool delivered = false;
		buf_reset(&json);
		int rc = post_write(&json, post);
		must(rc == 0); /* page_fit has seen to the size */
		uint64_t token = (uint64_t)poll->serial << 32 | poll->sent;
		enum bus_result result = poll->env->publish(poll->env->arg, post->conversation,
							    buf_view(&json), token, &delivered);
		if (result == BUS_FULL || result == BUS_FAILED) {
			poll->full = true; /* poll_room goes on; a failed bus ends the program */
			break;
		}
		must(result == BUS_OK);
		poll->sent++;
		poll->delivered += delivered;
	}
	buf_done(&json);
	if (poll->delivered == page->n_out && !poll->full)
		deliver_over(poll);
}

void poll_delivered(struct poll *poll, uint32_t index, bool ok)
{
	must(poll->publishing && index < poll->page.n_out);
	poll->delivered++;
	if (!ok) {
		stats_add(stats_base + ST_UNDELIVERED, 1);
		if (index < poll->resend)
			poll->resend = index;
	}
	if (poll->delivered < poll->sent)
		return;
	if (poll->resend != SIZE_MAX)
		later(poll, publish, AGAIN_MS);
	else if (poll->sent == poll->page.n_out)
		deliver_over(poll);
}

void poll_room(struct poll *poll)
{
	if (poll->full && poll->resend == SIZE_MAX)
		publish(poll);
}

static void on_saved(void *arg, bool ok)
{
	struct poll *poll = checked(arg);
	if (!ok) {
		later(poll, save_page, AGAIN_MS);
		return;
	}
	if (poll->saved_first && poll->delivered < poll->page.n_out) {
		crash_point("between_validators_and_publish");
		publish(poll);
		return;
	}
	finish(poll);
}

static void save_page(struct poll *poll)
{
	seen_save(poll->env->seen, poll->source->name, &poll->record, poll->page.keep,
		  poll->page.n_keep, poll->now_ms, on_saved, poll);
}

/* ---- life cycle ---- */

struct poll *poll_start(const struct poll_env *env, const struct source *source, void *memory,
			uint32_t serial)
{
	struct poll *poll = xcalloc(1, sizeof *poll);
	must(stats_base >= 0);
	poll->magic = POLL_MAGIC;
	poll->env = env;
	poll->source = source;
	poll->memory = memory;
	poll->serial = serial;
	poll->arena = arena_create(ARENA_LIMIT);
	poll->wait = loop_timer_add(env->loop, on_wait, poll);
	poll->redirects_left = FETCH_REDIRECTS;
	poll->out.gap_ms = -1;
	load(poll);
	return poll;
}

void poll_free(struct poll *poll)
{
	if (!poll)
		return;
	fetch_cancel(poll->fetch);
	gate_cancel(poll->ask);
	loop_timer_del(poll->wait);
	arena_free(poll->arena);
	free(poll->url);
	poll->magic = 0;
	free(poll);
}

void poll_stop(struct poll *poll)
{
	if (poll->publishing)
		return;
	poll->stopping = true;
	poll->out.due_ms = clock_wall_ms();
	bool with_redis = !poll->fetch && !poll->ask && !loop_timer_is_set(poll->wait);
	fetch_cancel(poll->fetch);
	gate_cancel(poll->ask);
	poll->fetch = NULL;
	poll->ask = NULL;
	if (!with_redis) /* else the answer finishes it */
		finish(poll);
}

uint32_t poll_serial(const struct poll *poll)
{
	return poll->serial;
}

const struct source *poll_source(const struct poll *poll)
{
	return poll->source;
}

size_t poll_bytes(const struct poll *poll)
{
	return arena_used(poll->arena);
}
