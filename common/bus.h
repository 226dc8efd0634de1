/*
 * bus.h: the log that joins the programs; one interface, two backends.
 *
 * Topics are PREFIX.posts, .scored, .events, .dead with the same number of partitions, fixed at
 * creation.  A message is a key (the conversation) and a value of at most BUS_VALUE_MAX bytes;
 * its partition is hash_partition(key, P) (hash.h).  Offsets per partition rise and are never reused;
 * gaps are possible.
 *
 * The promises:
 *  - Nothing accepted is lost.  Programs never commit.  An input is finished by bus_done after its
 *    outputs were handed to bus_forward; the bus commits, per partition, the contiguous prefix of
 *    finished inputs whose outputs were acknowledged.  After a crash, uncommitted inputs come again.
 *  - Order within a partition is kept.
 *  - Full means stop: bus_publish and bus_forward say BUS_FULL when BUS_WINDOW bytes are
 *    unacknowledged; `on_room` tells when to go on.  bus_next gives nothing while that is so.
 *  - After an unclean exit a program gets its first inputs singly; an input that ended it three
 *    times goes to the topic `dead` and the flow goes on.
 *
 * All callbacks come from the loop, never from inside a bus_* call; the one exception is bus_close,
 * during which on_delivered still reports what was acknowledged.
 *
 *   struct bus *bus = bus_open(&options, &err);
 *   while ((msg = bus_next(bus))) {
 *       bus_forward(bus, msg, "scored", msg->key, value);    // BUS_OK, or BUS_FULL: stop, retry later
 *       bus_done(bus, msg, NULL);                             // msg is gone after this
 *   }
 *
 * When not to use it: for state.  It is a log with retention; what must last lives in Redis.
 */
#ifndef COMMON_BUS_H
#define COMMON_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/loop.h"

enum {
	BUS_VALUE_MAX = 900000,
	BUS_WINDOW = 16 * 1024 * 1024,
};

enum bus_result {
	BUS_OK = 0,
	BUS_FULL = 1,      /* try again after on_room */
	BUS_TOO_LARGE = 2, /* value above BUS_VALUE_MAX: nothing was sent */
	BUS_FAILED = 3     /* the bus has ended (on_failed was or will be called) */
};

enum { BUS_START_COMMITTED = -1, BUS_START_EARLIEST = -2 };

struct bus;

struct bus_msg {
	const char *topic; /* without prefix: "posts" */
	int partition;
	int64_t offset;
	struct str key, value; /* borrowed until bus_done */
};

/* What a partition looks like when it is assigned. */
struct bus_part {
	const char *topic;
	int partition;
	const char *log_id;   /* identity of the log: a re-created one has another */
	int64_t first_offset; /* oldest offset still there (or the next to be written if empty) */
	int64_t end_offset;   /* the next to be written */
	int64_t committed;    /* first offset the group has not finished, or -1 */
};

struct bus_options {
	struct loop *loop;
	const char *spec;          /* "sqlite:DIR" or "kafka:HOST:PORT[,HOST:PORT]" */
	const char *prefix;        /* topic prefix (tenant) */
	int partitions;            /* 1..256, for topics that have to be made; others must agree */
	const char *program;       /* "ingest" "analyze" "route"; also the consumer group */
	int instance;              /* 1..99; two with the same number fence each other */
	const char *state_dir;     /* where the crash marker lives; NULL: none (tests, tools) */
	const char *const *topics; /* NULL-terminated, topics to read, NULL: producer only */
	/* NULL-terminated name, value, name, value...: for librdkafka; and "posthorn.epoch", a number that
	 * becomes part of log_id: raise it when a topic was made anew under its old name, which
	 * librdkafka 2.0 cannot see.  SQLite knows by itself and reads none. */
	const char *const *properties;
	int64_t retention_ms;     /* sqlite: age after which read rows may go; 0: 14 days */
	int64_t size_limit_bytes; /* sqlite: size of one topic at which it is full; 0: 4 GiB */

	void *arg;
	/* ok false: could not be delivered, said why; publish again or give up.  May be NULL. */
	void (*on_delivered)(void *arg, uint64_t token, bool ok);
	/* Returns where to start: an offset, BUS_START_COMMITTED or BUS_START_EARLIEST.  May be NULL. */
	int64_t (*on_assigned)(void *arg, const struct bus_part *part);
	void (*on_revoked)(void *arg, const char *topic, int partition); /* may be NULL */
	/* bus_next may have something.  Comes after bus_next gave NULL (and once at the start): who
	 * stops before that calls bus_next again by itself.  May be NULL for producers. */
	void (*on_ready)(void *arg);
	void (*on_room)(void *arg); /* after BUS_FULL: there is room again.  May be NULL */
	/* The bus is lost for good (fenced by a twin, unequal partition counts, ...): say it, exit
	 * with code 69.  Passing troubles are retried and only logged. */
	void (*on_failed)(void *arg, const char *reason);
};

/* Opens, makes missing topics, joins the group (asynchronously).  A bus that is away is retried with
 * back-off, logged once.  NULL + err for what will not heal: bad spec, refused directory,
 * unequal partition counts. */
struct bus *bus_open(const struct bus_options *options, struct error *err);
/* The same with spec, prefix, partitions, state_dir, properties and limits from the configuration. */
struct conf_common;
struct bus *bus_open_conf(const struct conf_common *common, const struct bus_options *options,
			  struct error *err);

/* Asynchronous; `token` comes back in on_delivered.  Key and value are copied. */
enum bus_result bus_publish(struct bus *bus, const char *topic, struct str key, struct str value,
			    uint64_t token);

/* The next input, or NULL: nothing now, or no room (see BUS_FULL), or the next one is to be handled
 * alone.  Borrowed until bus_done.  Several may be in hand at once; they may be finished in any order.
 * After 500 or so NULL comes so that the loop turns; on_ready follows at once. */
struct bus_msg *bus_next(struct bus *bus);
/* An output of `in`: in is committed only after it was acknowledged.  Call before bus_done. */
enum bus_result bus_forward(struct bus *bus, struct bus_msg *in, const char *topic, struct str key,
			    struct str value);
/* Ends an input.  `reason` NULL: processed.  Else it could not be: a dead letter (stage, reason, key,
 * first 256 KiB of the value in base64, length, hash) is forwarded to `dead` first. */
void bus_done(struct bus *bus, struct bus_msg *in, const char *reason);

/* Moves reading of an assigned partition to `offset`; inputs of it still in hand become void
 * (finish them with bus_done all the same; it only frees them). */
void bus_seek(struct bus *bus, const char *topic, int partition, int64_t offset);
/* Has `in` become void (seek, revoked)?  Its effects must not be applied. */
bool bus_is_void(const struct bus *bus, const struct bus_msg *in);

/* Stops (true) or starts (false) the intake: bus_next gives NULL. */
void bus_pause(struct bus *bus, bool pause);
/* Inputs not yet finished by the group over the assigned partitions; -1 while unknown. */
int64_t bus_lag(struct bus *bus);
/* True when every assigned partition is read to its end and all is committed: --until-idle. */
bool bus_idle(struct bus *bus);
/* Outputs accepted and not yet acknowledged. */
size_t bus_unacknowledged(const struct bus *bus);

/* Waits up to timeout_ms (real) for acknowledgements, then commits; leaves the group; marks the exit
 * clean; frees, inputs still in hand included.  Does not turn the loop.  Not from inside a
 * callback of this bus.  Returns 0, or -1 if something was still open: it comes again. */
int bus_close(struct bus *bus, int64_t timeout_ms);

/* Registers the counters of the bus (stats.h) once and returns their base; bus_open does it, who only
 * wants to print them calls it. */
int bus_stats(void);

/* What the backends have in common and tools need. */
int bus_end_offsets(struct bus *bus, const char *topic, int64_t *ret, int n, struct error *err);

#endif
