/*
 * stats.h: counters, declared in one table, served to Prometheus.
 *
 * A program declares its table once:
 *
 *   enum { ST_FETCHES, ST_ROUTED, ST_COUNT };
 *   static const struct stats_row rows[] = {
 *       [ST_FETCHES] = {"ingest_fetches_total", STATS_COUNTER, NULL, "pages asked for"},
 *       [ST_DROPPED] = {"route_filtered_total", STATS_COUNTER, "reason", "posts filtered, by reason"},
 *   };
 *   int base = stats_register(rows, ST_COUNT); // 0 in a program that registers first
 *   stats_add(ST_FETCHES, 1);
 *   stats_add_label(ST_DROPPED, "old", 1);
 *
 * The table is also what docs/COUNTERS.md is made of.  Modules of common/ register further tables
 * with stats_register and keep the base it returns.
 */
#ifndef COMMON_STATS_H
#define COMMON_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/loop.h"

enum stats_kind { STATS_COUNTER, STATS_GAUGE };

struct stats_row {
	const char *name; /* without the prefix "posthorn_" */
	enum stats_kind kind;
	const char *label; /* name of its one label, or NULL */
	const char *help;  /* one sentence */
};

int stats_register(const struct stats_row *rows,
		   size_t n); /* returns the base index; rows borrowed for ever */
void stats_add(int index, int64_t delta);
void stats_set(int index, int64_t value);
int64_t stats_get(int index);
/* With a label.  At most 200 values per row; further ones are counted under "other". */
void stats_add_label(int index, const char *value, int64_t delta);
void stats_set_label(int index, const char *value, int64_t v);
int64_t stats_get_label(int index, const char *value);
void stats_reset(void); /* for tests: all rows forgotten */

void stats_text(struct buf *out); /* Prometheus text format 0.0.4 */
void stats_doc(struct buf *out);  /* the rows registered so far as a table in Markdown */

/* The endpoint http://ADDRESS/metrics ("127.0.0.1:9464"; port 0 picks a free one), driven by
 * the loop.  NULL + err where the address cannot be had. */
struct stats_server;
struct stats_server *stats_serve(struct loop *loop, const char *address, struct error *err);
int stats_server_port(const struct stats_server *server);
void stats_server_close(struct stats_server *server);

#endif
