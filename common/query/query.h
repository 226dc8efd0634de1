/*
 * query.h: the monitoring language: which of many queries does a post match?
 *
 *   struct query_set *set = query_set_create();
 *   if (query_set_add(set, "parcels", STR("paket NEAR/5 weg"), &options, &err)) ...   // three lines, with a caret
 *   query_set_compile(set);                               // no more queries from here on
 *   struct query_matcher *matcher = query_matcher_create(set);
 *   struct query_post p = {.post = &post, .analysis = &analysis, .title = &title, .text = &text};
 *   size_t n = query_match(matcher, &p, arena, &matches);  // in the order in which they were added
 *   query_matcher_free(matcher);
 *   query_set_free(set);
 *
 * Syntax and meaning are those of docs/QUERY-LANGUAGE.md.  A compiled set does not change and may be
 * shared by threads; a matcher belongs to one.
 *
 * How it works: words of the post are looked up among the elements of all queries (lookup.h); each query
 * is indexed under the rarest clause without which it cannot hold, so that few are looked at; those are
 * evaluated as a tree over the places where their elements stand.
 *
 * Limits: 1 MiB, 100,000 terms, 200 levels a query (refused); QUERY_RANGES places of a proximity expression
 * inside another one (more are left out); QUERY_WORK places looked at for one query and post (it does not
 * match then, and is counted).
 */
#ifndef COMMON_QUERY_QUERY_H
#define COMMON_QUERY_QUERY_H

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/post.h"
#include "common/text/token.h"

enum { QUERY_RANGES = 65536, QUERY_SPANS = 32, QUERY_WORK = 20000000, QUERY_TARGETS = 16 };
#define QUERY_NO_TARGET UINT32_MAX

struct query_set;
struct query_matcher;

struct query_options {
	const char *said; /* what an error calls it; NULL: "query" */
	bool allow_all;   /* also a query without a positive part */
	const char *from,
	    *until; /* times as of `created:`; only posts written in between; NULL: any */
};

/* Fills the tables that all threads read.  Once, before a second thread makes sets. */
void query_prepare(void);

/* Times in what is added are those of Europe/Berlin, */
struct query_set *query_set_create(void);
void query_set_free(struct query_set *set); /* NULL is fine */
/* from here on of another place, by the names of zone.h. */
int query_set_zone(struct query_set *set, const char *zone, struct error *err);
/* A definition or list for `$name` in what is added later.  Parsed at once: 0, or -1 and err. */
int query_set_define(struct query_set *set, const char *name, struct str expression,
		     struct error *err);
int query_set_list(struct query_set *set, const char *name, const struct str *values, size_t n,
		   struct error *err);
/* `options` may be NULL.  0, or -1 and err: three lines.  The text is copied. */
int query_set_add(struct query_set *set, const char *name, struct str text,
		  const struct query_options *options, struct error *err);
/* Which words are query i's brand: tonality is judged towards them. */
int query_set_target(struct query_set *set, size_t i, struct str text, struct error *err);
/* Before it is compiled: each query becomes one that can be told before posts are judged, which holds wherever it
 * does (early.h). */
void query_set_early(struct query_set *set);
/* Does query i hold for every post?  Seldom as written, more often as an early one. */
bool query_set_always(const struct query_set *set, size_t i);
void query_set_compile(struct query_set *set);
size_t query_set_n(const struct query_set *set);
const char *query_set_name(const struct query_set *set, size_t i);
/* A time at which query i is looked at, POST_NO_TIME: at any. */
int64_t query_set_when(const struct query_set *set, size_t i);
size_t query_set_find(const struct query_set *set,
		      const char *name);             /* query_set_n: there is none */
size_t query_set_bytes(const struct query_set *set); /* of memory */
/* Query i with all its brackets. */
void query_set_show(const struct query_set *set, size_t i, struct buf *out);

struct query_span {
	bool title; /* else of the text */
	uint32_t start, end;
};

/* Targets of queries that stand in a post. */
struct query_target {
	const struct query_span *spans; /* by place */
	size_t n_spans;
	enum post_tonality label; /* for the judge to fill: towards this target; NULL: not known */
};

/* Borrowed while it is matched. */
struct query_post {
	const struct post *post;
	const struct analysis *analysis;   /* NULL: none; its fields satisfy nothing */
	const struct tokens *title, *text; /* of the post, cut */
	struct str lang;                   /* for stem: */
	/* For `target:`: judges all targets that stand there, seen together; at most QUERY_TARGETS, once a
	 * post, before queries are; NULL: nobody does. */
	void (*judge)(void *arg, struct query_target *targets, size_t n);
	void *arg;
};

/* A post's own words. */
struct query_words {
	struct tokens title, text;
};
void query_cut(const struct post *post, struct query_words *ret, struct arena *arena);
/* Of a post, its analysis, which may be NULL, and its words; judged by nobody. */
struct query_post query_post_of(const struct post *post, const struct analysis *analysis,
				const struct query_words *words);

struct query_match {
	uint32_t query;
	struct query_span *spans; /* of the terms that stand there, by place */
	size_t n_spans;
	uint32_t
	    target; /* its own, of those that were judged; QUERY_NO_TARGET: it has none that stands there */
};

struct query_matcher *query_matcher_create(const struct query_set *set);
void query_matcher_free(struct query_matcher *matcher);
/* How many match; *ret in the arena. */
size_t query_match(struct query_matcher *matcher, const struct query_post *p, struct arena *arena,
		   struct query_match **ret);
/* Does query i match, whatever its index says?  What tests compare with. */
bool query_holds(struct query_matcher *matcher, size_t i, const struct query_post *p,
		 struct arena *arena);
/* For people: query i as a tree, a line for each part, + where it holds for the post and - where not, with the
 * places of its terms (number of the word in title, text or quote). */
void query_why(struct query_matcher *matcher, size_t i, const struct query_post *p,
	       struct arena *arena, struct buf *out);
/* Does any query look at the words of a post?  Else they need not be cut. */
bool query_set_reads_words(const struct query_set *set);
/* Could query i hold for a post of a source of which only source, driver, channel, place and owned are
 * known (STR_NULL: not known either)? */
bool query_may_hold(const struct query_set *set, size_t i, const struct post *source,
		    struct arena *arena);
/* How many queries were looked at since the matcher was made: what a set costs. */
uint64_t query_looked_at(const struct query_matcher *matcher);
uint64_t query_looked_at_one(const struct query_matcher *matcher, size_t i); /* query i */
uint64_t query_given_up(const struct query_matcher *matcher);                /* over QUERY_WORK */

#endif
