/*
 * bus_core.h: the inside of struct bus.  Private to bus.c, bus_core.c, bus_dead.c, bus_marker.c.
 *
 *            core_input                bus_next              bus_done            acknowledged
 *  backend ------------> ready queue ----------> in hand ----------> finished -------------> commit
 *                        `------------------- list of its partition, in offset order ---'
 */
#ifndef COMMON_BUS_CORE_H
#define COMMON_BUS_CORE_H

#include "common/bus_backend.h"

enum { BUS_IN_MAGIC = 0x6275736d, BUS_READY_MAX = 500, BUS_OPEN_MAX = 20000 };
#define BUS_READY_BYTES ((size_t)4 * 1024 * 1024)
#define BUS_OPEN_BYTES  ((size_t)32 * 1024 * 1024)

struct bus_in {
	struct bus_msg msg; /* first: what programs hold */
	unsigned magic;
	int topic;
	size_t size;
	unsigned pending;          /* outputs not acknowledged */
	struct bus_in *next;       /* list of its partition */
	struct bus_in *next_ready; /* ready queue */
	bool listed, queued, handed, done, is_void, single;
};

struct part {
	bool assigned;
	int64_t next;      /* lowest offset that may still come */
	int64_t ready;     /* finished up to here */
	int64_t sent;      /* commit sent up to here */
	int64_t committed; /* commit acknowledged up to here, -1: none */
	int64_t end;       /* end of the log as last heard, -1: unknown */
	struct bus_in *head, *tail;
};

struct bus {
	struct bus_options options; /* own copies of all texts */
	const struct bus_backend *backend;
	void *self;
	struct loop_timer *kick, *later, *commit;
	struct part part[BUS_TOPICS][BUS_PARTITIONS_MAX];
	bool reads[BUS_TOPICS];
	struct bus_in *ready_head, *ready_tail;
	size_t ready_n, ready_bytes;
	size_t open_n, open_bytes; /* in lists of partitions */
	size_t hand;               /* given out, not done */
	size_t single;             /* of these, handled singly */
	size_t out_n, out_bytes;   /* unacknowledged */
	bool full, paused, hungry, joined, closing, failed, told, started;
	int64_t commit_backoff_ms, later_ms;
	char reason[512];
	struct bus_marker *marker; /* NULL: none */
	int stats;
};

enum {
	BUS_ST_SENT,
	BUS_ST_ACKED,
	BUS_ST_READ,
	BUS_ST_COMMITTED,
	BUS_ST_FULL,
	BUS_ST_VOID,
	BUS_ST_DEAD,
	BUS_ST_GAPS,
	BUS_ST_WINDOW,
	BUS_ST_COUNT
};

/* The way out for both bus_publish and bus_forward; `force` passes the window. */
enum bus_result bus_send(struct bus *bus, int topic, struct str key, struct str value,
			 uint64_t token, struct bus_in *in, bool force);
void bus_in_free(struct bus *bus, struct bus_in *in); /* if nobody holds it any more */
void bus_advance(struct bus *bus, int topic, int partition);
void bus_void_part(struct bus *bus, int topic, int partition);
void bus_commit_all(struct bus *bus, bool now);
void bus_turn(void *arg);       /* kick */
void bus_commit_due(void *arg); /* timer */

/* bus_dead.c: the text of a dead letter, appended to `out`. */
void bus_dead_letter(struct buf *out, const char *stage, const char *reason,
		     const struct bus_msg *msg, int64_t at_ms);

/*
 * bus_marker.c: did the last run of this program end cleanly, and which input was it at?
 *
 * A small mapped file: SIGKILL keeps what was stored, and nothing of it matters after a loss of
 * power.  It holds the highest offset given out per partition; whatever lies at or below it when
 * the program comes back after an unclean end is given out singly, with a count.
 */
enum { BUS_MARKER_TRIES = 3 };
struct bus_marker *bus_marker_open(const char *dir, const char *program, int instance,
				   struct error *err);
void bus_marker_close(struct bus_marker *marker, bool clean); /* NULL is fine */
bool bus_marker_unclean(const struct bus_marker *marker);
/* The log of that topic is now this one: what was known about another is forgotten. */
void bus_marker_log(struct bus_marker *marker, int topic, const char *log_id);
bool bus_marker_single(const struct bus_marker *marker, int topic, int partition, int64_t offset);
/* How often this input was being handled alone when the program ended. */
int bus_marker_count(const struct bus_marker *marker, int topic, int partition, int64_t offset);
void bus_marker_hand(struct bus_marker *marker, int topic, int partition, int64_t offset);
void bus_marker_suspect(struct bus_marker *marker, int topic, int partition, int64_t offset);
/* It was survived. */
void bus_marker_cleared(struct bus_marker *marker, int topic, int partition, int64_t offset);

#endif
