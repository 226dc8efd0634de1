/*
 * top_model.h: what `queue top` and `report` show, read from Redis in one round trip.
 *
 * The model is plain data; the views (top_view.h, top_receipt.h, report.h) are pure functions of it.
 * All its text lives in one arena and comes from strangers in part: views clean it (top_text.h).
 * Nothing is written: readers use read-only commands, also where Redis is full or a replica.
 *
 *   struct top_reader *reader = top_reader_create(redis, "posthorn", on_model, self);
 *   top_reader_ask(reader, &(struct top_ask){.tickets = 40});
 *   static void on_model(void *arg, const struct top_model *m)   // NULL: Redis went away
 *
 * A model stays valid until the next one has come, or the reader is freed.  The callback may come
 * from inside top_reader_ask when Redis is away.
 */
#ifndef ROUTE_TOP_MODEL_H
#define ROUTE_TOP_MODEL_H

#include "common/post.h"
#include "common/redis.h"

enum { TOP_TICKETS_MAX = 1000, TOP_EVENTS = 40, TOP_POSTS_MAX = 50, TOP_DELAYS = 7 };
#define TOP_NONE INT64_MIN /* an absent number or time */

struct top_count {
	struct str name;
	int64_t n;
};

struct top_counts {
	struct top_count *at;
	size_t n, room;
};

struct top_channel {
	struct str name;
	int64_t kept, missed, due, late,
	    ended; /* ended: without an answer in time or needing one */
	int64_t delay_n, delay_sum_ms;
};

struct top_tone { /* one language */
	struct str lang;
	int64_t negative, neutral, positive, unsure;
};

struct top_team {
	struct str name, label;
	int64_t made; /* tickets */
};

struct top_factor {
	struct str name, input; /* input.p NULL: unknown */
	int64_t points;
};

struct top_ticket {
	int64_t id;
	struct str state, team, lane, rule_name, when, conversation;
	struct str author_handle, author_name, source, channel, place, owned, kind, addressed, role;
	struct str url, reply_via, post, head, lang, tonality, tonality_p, urgency;
	struct str promise_state, agent, answered_by, answer_url, closed_by, close_reason, receipt;
	struct str right_tonality, right_lang, right_relevance; /* as corrected by a person */
	int64_t rule, priority, boost, rank, followers, posts;
	int64_t created_at, heard_at, opened_at, promise, start, deadline, answered_at, closed_at;
	int64_t token, lease_until, warned, breached, aged, deleted;
	/* out of the receipt */
	struct top_factor *factors;
	size_t n_factors;
	int64_t sum, decided_at;
	struct str engine, model, config, text_hash;
	struct str wrong; /* why the receipt does not add up; empty where it does */
};

struct top_event {
	int64_t at, ticket, deadline, promise;
	struct str event, team, channel, agent, by, reason, name, from, to;
	bool in_time;
};

struct top_post {
	struct post post;
	struct analysis analysis;
	bool has_analysis;
};

struct top_detail {
	int64_t id;
	bool found;
	struct top_ticket ticket;
	struct top_post *posts;
	size_t n_posts;
	int64_t others; /* further authors with an open ticket in this conversation */
};

struct top_model {
	struct arena *arena;
	int64_t now, redis_now; /* wall (the town's) time; Redis' own, for leases */
	int64_t utc_offset_ms;
	double speed; /* of the wall clock */
	struct str tenant;
	int64_t heard, routed, tickets, unsure, filtered, updated, deleted, repeated;
	int64_t answered, closed, corrected;
	struct top_counts dropped; /* by reason, most first */
	struct top_channel *channels;
	size_t n_channels;
	struct top_tone *tones; /* by language, most first */
	size_t n_tones;
	struct top_team *teams;
	size_t n_teams;
	int64_t delay_n, delay_sum_ms, delay_max_ms, delay_le[TOP_DELAYS]; /* see top_delays */
	int64_t next_breach, next_breach_ticket;                           /* TOP_NONE: none */
	int64_t waiting, late,
	    claimed;              /* of the teams asked for: in time, overdue, being worked on */
	struct top_ticket *queue; /* in order of work; claimed ones keep their place */
	size_t n_queue;
	struct top_event *events; /* newest first */
	size_t n_events;
	struct top_detail *detail; /* NULL: not asked for */
	struct str refused;        /* what Redis said to a command it did not take; else empty */
};

/* Upper ends of the hearing delay's classes in ms; the last has none (INT64_MAX). */
extern const int64_t top_delays[TOP_DELAYS];
/* The class that holds the middle post; -1 where there is none. */
int top_delay_median(const struct top_model *model);
/* Upper end of that class, but no more than the longest delay. */
int64_t top_delay_end(const struct top_model *model, int class);

struct top_ask {
	const char *team; /* NULL: all; copied */
	size_t tickets;   /* at most so many of the queue, up to TOP_TICKETS_MAX */
	int64_t ticket;   /* detail of this one too; 0: none */
};

typedef void top_model_fn(void *arg, const struct top_model *model);
struct top_reader;

struct top_reader *top_reader_create(struct redis *redis, const char *tenant, top_model_fn *fn,
				     void *arg);
void top_reader_free(struct top_reader *reader); /* after redis_close; NULL is fine */
/* Sends all commands at once; a question while the last one is still open is left out (false). */
bool top_reader_ask(struct top_reader *reader, const struct top_ask *ask);

/* For tools: waits for one model; NULL when Redis is away for timeout_ms.  Valid as above. */
const struct top_model *top_reader_wait(struct top_reader *reader, struct loop *loop,
					const struct top_ask *ask, int64_t timeout_ms);

/* Parts of reading (top_facts.c); pure. */
void top_model_counter(struct top_model *model, struct str name, int64_t value);
struct top_team *top_model_team(struct top_model *model, struct str name); /* found or new */
void top_model_sort(struct top_model *model); /* counters by size, the queue in order of work */
void top_event_read(struct top_event *ret, struct str json, struct arena *arena);
void top_ticket_receipt(struct top_ticket *ticket, struct arena *arena); /* receipt -> factors */
/* Fields of the ticket hash in the order top_ticket_set takes them. */
const char *top_ticket_field(size_t i);
extern const size_t top_ticket_n_fields;
void top_ticket_init(struct top_ticket *ticket);
void top_ticket_set(struct top_ticket *ticket, size_t field, struct str value);

#endif
