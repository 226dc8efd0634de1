/*
 * post.h: one message by one author, and its analysis.
 *
 * Reads and writes the JSON of docs/INTERFACES.md.  All text is a view into the arena or into the
 * bytes handed in, which must both outlive the struct; it ends in no NUL.  Unknown (JSON null or absent) is STR_NULL,
 * POST_NO_TIME or POST_NO_NUMBER, never 0 or "".  No JSON library shows through here.
 *
 * Members of a newer version survive: a scored post is the post's own bytes with one member
 * `analysis` put in at the end (scored_join), not a rewrite.
 */
#ifndef COMMON_POST_H
#define COMMON_POST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"

enum { POST_MAX_BYTES = 256 * 1024, POST_ID_MAX = 200 };
#define POST_NO_TIME   INT64_MIN
#define POST_NO_NUMBER INT64_MIN

enum post_op { POST_CREATE, POST_UPDATE, POST_DELETE };
enum post_addressed { POST_TO_NONE, POST_TO_MENTION, POST_TO_OWN_PAGE, POST_TO_REPLY };
enum post_date_quality { POST_DATE_MISSING, POST_DATE_GUESSED, POST_DATE_DAY, POST_DATE_EXACT };

struct post_span {
	size_t start, end; /* bytes of text, [start,end) */
};

struct post_media {
	struct str kind, url, alt;
};

/* What a channel can be, and what an author who is more than a customer. */
#define POST_CHANNELS "blog forum social news review mail"
#define POST_ROLES    "us agency superuser employee press authority competitor courier"

struct post {
	int64_t v; /* 1 */
	enum post_op op;
	struct str id, rev, conversation, parent;
	struct str source, driver, channel, place;
	bool owned, owned_known; /* not known: false */
	struct str url, reply_via;
	struct {
		struct str id, handle, name, url, role;
		int64_t followers;
		int bot; /* 1, 0, -1 unknown */
	} author;
	enum post_addressed addressed;
	struct str title, text, lang;
	struct post_span *quotes;
	size_t n_quotes;
	struct post_media *media;
	size_t n_media;
	int64_t created_at, edited_at, fetched_at; /* ms since 1970 UTC */
	enum post_date_quality date_quality;
	bool backfill, backfill_known, cut;
	struct {
		int64_t likes, replies, shares, views;
		double rating; /* NaN unknown */
	} counts;
	struct str kind;
};

/* Of its author: "customer" where nothing is known. */
struct str post_role(const struct post *post);
void post_init(struct post *post); /* all unknown, v 1, op create, kind "post" */

/* Parses one JSON object of at most POST_MAX_BYTES * 4 bytes.  Fails (-1, err) on anything that is
 * no post: bad JSON, depth above 32, unknown op, missing id, wrong types, a known member
 * twice in its object, spans out of range, invalid UTF-8.  Views point into `json` or, where text was escaped, into the arena. */
int post_parse(struct str json, struct arena *arena, struct post *ret_post, struct error *err);

/* Where a post's bytes take an analysis: json[from,cut) and json[resume,to) are the post without an
 * analysis and without its closing brace. */
struct post_seam {
	size_t from, cut, resume, to;
	bool alone; /* that is only the opening brace */
};
/* post_parse that also says where, so that scored_write need not look for it. */
int post_parse_seam(struct str json, struct arena *arena, struct post *ret_post,
		    struct post_seam *ret_seam, struct error *err);

/* Appends the post as one line of JSON without newline.  Members in a fixed order, so equal posts
 * give equal bytes.  -1 only at buf's limit. */
int post_write(struct buf *out, const struct post *post);

/* rev: first 16 hex digits of SHA-256 over op, title and text, into the arena. */
struct str post_rev(struct arena *arena, const struct post *post);
/* driver:scope:native; longer than POST_ID_MAX bytes: the tail replaced by a hash. */
struct str post_id(struct arena *arena, const char *driver, struct str scope, struct str native);

const char *post_op_name(enum post_op op);              /* "create" ... */
const char *post_addressed_name(enum post_addressed a); /* "mention" "own_page" "reply" "none" */
const char *post_date_quality_name(enum post_date_quality q);

/* ---- the analysis ---------------------------------------------------------------- */

struct post_why {
	struct str field, text; /* field "title" or "text"; the words as written */
	size_t start, end;
	int64_t weight;
};

enum post_tonality { POST_TONALITY_NULL, POST_NEGATIVE, POST_NEUTRAL, POST_POSITIVE };
const char *post_tonality_name(enum post_tonality t); /* NULL for POST_TONALITY_NULL */

/* A probability, or a score from -1 to 1, as an integer: ten-thousandths, written with up to four
 * decimals, so that the same number has the same digits on every machine. */
enum { POST_ONE = 10000, POST_NO_P = INT32_MIN /* unknown: null */ };

struct post_tonality_score {
	enum post_tonality label; /* NULL label: abstained, a person decides */
	int32_t score, p;         /* score = p(positive) - p(negative) */
	struct post_why *why;     /* most weight first */
	size_t n_why;
};

struct post_target {      /* tonality towards one of several */
	struct str query; /* name of the query or, from the command line, the term */
	struct post_tonality_score tonality;
};

struct post_place {
	struct str field; /* "title" or "text" */
	size_t start, end;
};

struct post_query { /* a query that the post matches */
	struct str name;
	struct post_place *spans; /* of its words, by place */
	size_t n_spans;
};

struct post_label { /* an intent that holds, or a reason of urgency */
	struct str label;
	int32_t p;
};

struct post_fact {        /* something care works with, found by an exact pattern */
	struct str kind;  /* of analyze/facts.h: "iban", "money" ... */
	struct str field; /* "title" or "text" */
	struct str value; /* in its normal form: "EUR 12.50", "2026-11-27" */
	size_t start, end;
	bool personal; /* logs and dashboards mask it */
};

/* Longer lists of an analysis are refused when read: a line must not become many times its size. */
enum {
	POST_WHY_MOST = 16,
	POST_LABELS_MOST = 64,
	POST_TARGETS_MOST = 64,
	POST_FACTS_MOST = 1000,
	POST_QUERIES_MOST = 256,
	POST_SPANS_MOST = 32
};

struct analysis {
	struct {
		struct str engine, model, queries, config;
	} v;
	struct str lang;            /* STR_NULL: unsure */
	struct post_query *queries; /* in the order of the set */
	size_t n_queries;
	int32_t relevance;
	bool by_query; /* relevance is that of a query, not of the head; not read */
	struct post_tonality_score tonality;
	struct post_target *targets;
	size_t n_targets;
	struct post_label *intent; /* most probable first */
	size_t n_intent;
	int32_t answer_p; /* that the post wants an answer */
	struct {
		int level; /* 0..3, -1 unknown */
		int32_t p; /* that it is 2 or 3 */
		struct post_label *reasons;
		size_t n_reasons;
	} urgency;
	int32_t sarcasm_p;
	bool sarcastic; /* likely enough to call nothing praise; not written */
	struct {
		int32_t threat, insult, violence, selfharm, spam;
	} flags;
	struct post_fact *facts; /* by place, the title's first */
	size_t n_facts;
};

void analysis_init(struct analysis *a);
/* The language that the analysis found; without one, or where it is unsure, what the post says. */
struct str post_lang(const struct post *post, const struct analysis *analysis);
int analysis_write(struct buf *out, const struct analysis *a); /* the object, fixed member order */

/* The post's own bytes, an existing member "analysis" removed, "analysis":ANALYSIS appended.
 * `post_json` must have been accepted by post_parse.  `analysis_json` may be "null". */
int scored_join(struct buf *out, struct str post_json, struct str analysis_json);

/* The same with the seam of post_parse_seam; a NULL analysis is written as null.  -1: out is full,
 * nothing was added. */
int scored_write(struct buf *out, struct str post_json, const struct post_seam *seam,
		 const struct analysis *a);

/* Parses a scored post.  *ret_has is false where analysis is null or absent. */
int scored_parse(struct str json, struct arena *arena, struct post *ret_post,
		 struct analysis *ret_analysis, bool *ret_has, struct error *err);

#endif
