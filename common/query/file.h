/*
 * file.h: a query set in a file.
 *
 *   - define:
 *       brand: (dhl OR "deutsche post")
 *       rivals: {list: rivals.txt}     # one value per line, beside this file
 *   - timezone: Europe/London          # of what stands below; else Europe/Berlin
 *   - name: parcel lost
 *     query: $brand AND part:paket NEAR/6 (weg OR verloren)
 *     note: for the parcel team        # these are optional
 *     tags: [parcel, loss]
 *     priority: 2
 *     from: 2026-01-01                 # looked at only for posts written from then on
 *     until: 2026-12-31                # and up to the end of that day
 *     targets: $brand                  # which of its clauses are the brand
 *     allow_all: no
 *     expect:                          # posts that `query check` holds it against: a text, or a record
 *       - yes: DHL hat mein Paket verloren
 *       - no: Das Paket ist da
 *       - no: '{"text":"DHL: Paket verloren","created_at":"2027-01-01T12:00:00Z"}'
 *
 * Definitions may name those that stand before them.  Names are unique.  A mistake is told with file and
 * line; in a query with the place and a caret.
 *
 * Limits: QUERY_FILE_BYTES; four million values, that is about a million queries without `expect`.
 */
#ifndef COMMON_QUERY_FILE_H
#define COMMON_QUERY_FILE_H

#include "common/query/query.h"

/* Of the file, and of each list. */
enum { QUERY_FILE_BYTES = 64 * 1024 * 1024 };

struct query_expect {
	size_t query;
	int line;
	bool yes;
	const char *text;
};

struct query_file {
	struct query_set *set; /* compiled */
	char version[13];      /* first 12 hex digits of SHA-256 of the file and its lists */
	struct query_expect *expects;
	size_t n_expects;
	struct buf text;   /* what the version is of */
	struct conf *conf; /* texts of the above live in it */
};

/* Does the i-th expected post match as it should?  One that does not say when it was written was so while
 * its query is looked at. */
bool query_file_expected(const struct query_file *file, size_t i, struct query_matcher *matcher,
			 struct arena *arena);
/* New; NULL + err.  early: as query_set_early says. */
struct query_file *query_file_load_early(const char *path, struct error *err);
struct query_file *query_file_load(const char *path, struct error *err);
void query_file_free(struct query_file *file); /* NULL is fine */

#endif
