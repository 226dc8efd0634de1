/*
 * field.h: conditions on what is around a post's words: name:value.  Private to common/query.
 *
 * One row per field in field_parse.c says what kind of values it takes; field.c gets them from a post.  An
 * unknown value satisfies no condition.
 */
#ifndef COMMON_QUERY_FIELD_H
#define COMMON_QUERY_FIELD_H

#include "common/buf.h"
#include "common/post.h"
#include "common/text/token.h"

#include "common/query/reader.h"

enum field_kind { F_WORD, F_SITE, F_BOOL, F_NUMBER, F_TONALITY, F_TARGET, F_HAS, F_TIME };

/* In the order of the table in field_parse.c. */
enum field_id {
	FIELD_SOURCE,
	FIELD_DRIVER,
	FIELD_CHANNEL,
	FIELD_PLACE,
	FIELD_KIND,
	FIELD_CONVERSATION,
	FIELD_ROLE,
	FIELD_ADDRESSED,
	FIELD_AUTHOR,
	FIELD_LANG,
	FIELD_SITE,
	FIELD_OWNED,
	FIELD_BOT,
	FIELD_BACKFILL,
	FIELD_HAS,
	FIELD_FOLLOWERS,
	FIELD_LIKES,
	FIELD_REPLIES,
	FIELD_SHARES,
	FIELD_VIEWS,
	FIELD_RATING,
	FIELD_WORDS,
	FIELD_REACH,
	FIELD_RELEVANCE,
	FIELD_ANSWER,
	FIELD_URGENCY,
	FIELD_THREAT,
	FIELD_INSULT,
	FIELD_SPAM,
	FIELD_SARCASM,
	FIELD_TONALITY,
	FIELD_TARGET,
	FIELD_INTENT,
	FIELD_CREATED,
	FIELD_FETCHED
};

struct field {
	enum field_id id;
	const char *name;
	enum field_kind kind;
	const char *known; /* " blog forum ": what it can be; NULL: anything */
	bool late;         /* not known before the post is judged */
};

enum { HAS_LINK, HAS_IMAGE, HAS_VIDEO, HAS_QUESTION, HAS_QUOTE };

enum compare { C_TEXTS, C_RANGE, C_AGE_BELOW, C_AGE_ABOVE };

struct field_test {
	const struct field *field;
	enum compare compare;
	struct str *texts; /* folded patterns, or names; in the arena */
	size_t n_texts;
	unsigned set;                   /* bits: 1 << enum post_tonality, 1 << HAS_*; yes 1, no 2 */
	double low, high;               /* C_RANGE, both ends... */
	bool above, below;              /* ...left out (> and <) */
	int64_t from, to;               /* times: [from, to) in ms */
	const struct field_test *other; /* holds as well; NULL: there is no other */
};

/* What is known of a post.  Borrowed. */
struct field_post {
	const struct post *post;
	const struct analysis *analysis;   /* NULL: none */
	const struct tokens *title, *text; /* NULL: not cut */
	enum post_tonality target; /* towards the query's own targets; NULL label: not known */
};

const struct field *field_named(struct str name); /* NULL: there is none */
size_t field_count(void);
const struct field *field_at(size_t i); /* i < field_count() */
/* The value(s) at r->pos, behind the colon.  New in r->arena; NULL: refused. */
const struct field_test *field_parse(struct reader *r, const struct field *field);
bool field_holds(const struct field_test *test, const struct field_post *p, struct arena *arena);
/* Can one post satisfy both?  False only for two values of a field that has one. */
bool field_together(const struct field_test *a, const struct field_test *b);
/* A value that no post has, as it was folded; STR_NULL: there is none. */
struct str field_unknown(const struct field_test *test);
/* For people: the value that a condition looks at, or "unknown"; nothing for has:. */
void field_put_value(const struct field *field, const struct field_post *p, struct buf *out);
bool field_reads_words(const struct field_test *test); /* words:, has:link, has:question */
/* Of a source of which only source, driver, channel, place (where not STR_NULL) and owned are known: is
 * the field of the test one of them? */
bool field_of_source(const struct field_test *test, const struct post *post);

#endif
