/*
 * post.c: what a post and its analysis look like as JSON: tables of members (json_record.h).
 * post_write.c writes them.
 */
#include <math.h>

#include "common/json_record.h"
#include "common/mem.h"
#include "common/post.h"

enum { MAX_SPANS = 10000, MAX_MEDIA = 200, MAX_ROWS = 64 };

static const char *const op_names[] = {"create", "update", "delete", NULL};
static const char *const addressed_names[] = {"none", "mention", "own_page", "reply", NULL};
static const char *const quality_names[] = {"missing", "guessed", "day", "exact", NULL};
static const char *const tonality_names[] = {"", "negative", "neutral", "positive", NULL};

const char *post_op_name(enum post_op op)
{
	return op_names[op];
}

const char *post_addressed_name(enum post_addressed a)
{
	return addressed_names[a];
}

const char *post_date_quality_name(enum post_date_quality q)
{
	return quality_names[q];
}

const char *post_tonality_name(enum post_tonality t)
{
	return t == POST_TONALITY_NULL ? NULL : tonality_names[t];
}

void post_init(struct post *post)
{
	*post = (struct post){
	    .v = 1,
	    .author = {.role = STR("customer"), .followers = POST_NO_NUMBER, .bot = -1},
	    .created_at = POST_NO_TIME,
	    .edited_at = POST_NO_TIME,
	    .fetched_at = POST_NO_TIME,
	    .counts = {POST_NO_NUMBER, POST_NO_NUMBER, POST_NO_NUMBER, POST_NO_NUMBER, NAN},
	    .kind = STR("post")};
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define NAMED(type, field, list)                                                                   \
	{                                                                                          \
		.name = #field, RECORD_NAME, .at = offsetof(type, field), .names = list            \
	}
#define INNER(field, table)                                                                        \
	{                                                                                          \
		.name = field, RECORD_INNER, .members = table                                      \
	}
#define ROWS(name_, type, field, n_field, row, table, most_)                                       \
	{                                                                                          \
		.name = name_, RECORD_ROWS, .at = offsetof(type, field),                           \
		.count = offsetof(type, n_field), .size = sizeof(row), .most = most_,              \
		.members = table                                                                   \
	}

static const struct record_member media_members[] = {
    RECORD(struct post_media, kind, RECORD_TEXT), RECORD(struct post_media, url, RECORD_TEXT),
    RECORD(struct post_media, alt, RECORD_TEXT), RECORD_END};

#define P(field, kind)        RECORD(struct post, field, kind)
#define PX(name, field, kind) RECORD_AS(name, struct post, field, kind)
static const struct record_member author_members[] = {PX("id", author.id, RECORD_TEXT),
						      PX("handle", author.handle, RECORD_TEXT),
						      PX("name", author.name, RECORD_TEXT),
						      PX("url", author.url, RECORD_TEXT),
						      PX("followers", author.followers, RECORD_INT),
						      PX("bot", author.bot, RECORD_TRIT),
						      PX("role", author.role, RECORD_TEXT),
						      RECORD_END};
static const struct record_member counts_members[] = {
    PX("likes", counts.likes, RECORD_INT),      PX("replies", counts.replies, RECORD_INT),
    PX("shares", counts.shares, RECORD_INT),    PX("views", counts.views, RECORD_INT),
    PX("rating", counts.rating, RECORD_NUMBER), RECORD_END};

/* In the order in which post_write writes them. */
#define POST_MEMBERS                                                                               \
	P(v, RECORD_INT), NAMED(struct post, op, op_names), P(id, RECORD_TEXT),                    \
	    P(rev, RECORD_TEXT), P(conversation, RECORD_TEXT), P(parent, RECORD_TEXT),             \
	    P(source, RECORD_TEXT), P(driver, RECORD_TEXT), P(channel, RECORD_TEXT),               \
	    P(place, RECORD_TEXT), P(owned, RECORD_BOOL), P(url, RECORD_TEXT),                     \
	    P(reply_via, RECORD_TEXT), INNER("author", author_members),                            \
	    NAMED(struct post, addressed, addressed_names), P(title, RECORD_TEXT),                 \
	    P(text, RECORD_TEXT),                                                                  \
	    {.name = "quotes",                                                                     \
	     .type = RECORD_SPANS,                                                                 \
	     .at = offsetof(struct post, quotes),                                                  \
	     .count = offsetof(struct post, n_quotes),                                             \
	     .most = MAX_SPANS},                                                                   \
	    ROWS("media", struct post, media, n_media, struct post_media, media_members,           \
		 MAX_MEDIA),                                                                       \
	    P(lang, RECORD_TEXT), P(created_at, RECORD_TIME), P(edited_at, RECORD_TIME),           \
	    P(fetched_at, RECORD_TIME), NAMED(struct post, date_quality, quality_names),           \
	    P(backfill, RECORD_BOOL), P(cut, RECORD_BOOL), INNER("counts", counts_members),        \
	    P(kind, RECORD_TEXT)

static const struct record_member post_members[] = {
    POST_MEMBERS, {.name = "analysis", .type = RECORD_RAW}, RECORD_END};

static const struct record_member why_members[] = {
    RECORD(struct post_why, field, RECORD_TEXT), RECORD(struct post_why, start, RECORD_SIZE),
    RECORD(struct post_why, end, RECORD_SIZE),   RECORD(struct post_why, text, RECORD_TEXT),
    RECORD(struct post_why, weight, RECORD_INT), RECORD_END};
static const struct record_member label_members[] = {RECORD(struct post_label, label, RECORD_TEXT),
						     RECORD(struct post_label, p, RECORD_P),
						     RECORD_END};
static const struct record_member fact_members[] = {RECORD(struct post_fact, kind, RECORD_TEXT),
						    RECORD(struct post_fact, field, RECORD_TEXT),
						    RECORD(struct post_fact, start, RECORD_SIZE),
						    RECORD(struct post_fact, end, RECORD_SIZE),
						    RECORD(struct post_fact, value, RECORD_TEXT),
						    RECORD(struct post_fact, personal, RECORD_BOOL),
						    RECORD_END};

#define TONALITY(owner, at_)                                                                       \
	{.name = "label",                                                                          \
	 .type = RECORD_NAME,                                                                      \
	 .at = offsetof(owner, at_.label),                                                         \
	 .names = tonality_names},                                                                 \
	    RECORD_AS("score", owner, at_.score, RECORD_P),                                        \
	    RECORD_AS("p", owner, at_.p, RECORD_P),                                                \
	    ROWS("why", owner, at_.why, at_.n_why, struct post_why, why_members, MAX_ROWS)

static const struct record_member target_members[] = {
    RECORD(struct post_target, query, RECORD_TEXT), TONALITY(struct post_target, tonality),
    RECORD_END};

#define A(name, field, kind) RECORD_AS(name, struct analysis, field, kind)
static const struct record_member v_members[] = {
    A("engine", v.engine, RECORD_TEXT), A("model", v.model, RECORD_TEXT),
    A("queries", v.queries, RECORD_TEXT), A("config", v.config, RECORD_TEXT), RECORD_END};
static const struct record_member tonality_members[] = {TONALITY(struct analysis, tonality),
							RECORD_END};
static const struct record_member answer_members[] = {A("p", answer_p, RECORD_P), RECORD_END};
static const struct record_member urgency_members[] = {
    A("level", urgency.level, RECORD_SMALL), A("p", urgency.p, RECORD_P),
    ROWS("reasons", struct analysis, urgency.reasons, urgency.n_reasons, struct post_label,
	 label_members, MAX_ROWS),
    RECORD_END};
static const struct record_member sarcasm_members[] = {A("p", sarcasm_p, RECORD_P), RECORD_END};
static const struct record_member flags_members[] = {
    A("threat", flags.threat, RECORD_P),     A("insult", flags.insult, RECORD_P),
    A("violence", flags.violence, RECORD_P), A("selfharm", flags.selfharm, RECORD_P),
    A("spam", flags.spam, RECORD_P),         RECORD_END};
static const struct record_member analysis_members[] = {
    INNER("v", v_members),
    A("lang", lang, RECORD_TEXT),
    A("relevance", relevance, RECORD_P),
    INNER("tonality", tonality_members),
    ROWS("targets", struct analysis, targets, n_targets, struct post_target, target_members,
	 MAX_ROWS),
    ROWS("intent", struct analysis, intent, n_intent, struct post_label, label_members, MAX_ROWS),
    INNER("answer", answer_members),
    INNER("urgency", urgency_members),
    INNER("sarcasm", sarcasm_members),
    INNER("flags", flags_members),
    ROWS("facts", struct analysis, facts, n_facts, struct post_fact, fact_members, MAX_ROWS),
    RECORD_END};

/* ---- reading --------------------------------------------------------------------------------- */

/* Spans must be sorted, not overlap, and cut no code point of the text. */
static int check_quotes(struct record_reader *r, const struct post *post)
{
	size_t last = 0;
	for (size_t i = 0; i < post->n_quotes; i++) {
		size_t start = post->quotes[i].start, end = post->quotes[i].end;
		if (start < last || end > post->text.n)
			return record_wrong(r, "quotes", "sorted spans inside the text");
		last = end;
		if ((start < post->text.n && ((unsigned char)post->text.p[start] & 0xC0) == 0x80) ||
		    (end < post->text.n && ((unsigned char)post->text.p[end] & 0xC0) == 0x80))
			return record_wrong(r, "quotes", "spans on the borders of characters");
	}
	return 0;
}

static int check_post(struct record_reader *r, struct post *post)
{
	if (post->v != 1)
		return record_wrong(r, "v", "1");
	if (!post->id.p || post->id.n == 0 || post->id.n > 2 * POST_ID_MAX)
		return record_wrong(r, "id", "text of 1 to 400 bytes");
	/* both are ids, and become keys on the bus and in Redis */
	if (post->conversation.n > 2 * POST_ID_MAX || post->parent.n > 2 * POST_ID_MAX)
		return record_wrong(r, post->parent.n > 2 * POST_ID_MAX ? "parent" : "conversation",
				    "text of at most 400 bytes");
	if (!post->conversation.n)
		post->conversation = post->id;
	return check_quotes(r, post);
}

/* Reads the object in `json` by a table; the reader's text begins and ends with its brackets. */
static int read_object(struct record_reader *r, struct str json,
		       const struct record_member *members, void *to)
{
	struct json_value v;
	if (json.n > 4 * POST_MAX_BYTES)
		return error_set(r->err, "could not read %s: larger than %d bytes", r->what,
				 4 * POST_MAX_BYTES);
	json_begin(&r->json, str_trim(json));
	if (json_next(&r->json, &v) != 0)
		return json_fail(&r->json, r->what, r->err);
	if (v.kind != JSON_IS_OBJECT)
		return error_set(r->err, "could not read %s: expected one JSON object", r->what);
	if (record_read(r, members, to) != 0)
		return -1;
	return json_end(&r->json) != 0 ? json_fail(&r->json, r->what, r->err) : 0;
}

static int read_post(struct record_reader *r, struct str json, struct post *ret)
{
	struct post post;
	post_init(&post);
	post.op = POST_CREATE;
	post.addressed = POST_TO_NONE;
	if (read_object(r, json, post_members, &post) != 0 || check_post(r, &post) != 0)
		return -1;
	*ret = post;
	return 0;
}

int post_parse(struct str json, struct arena *arena, struct post *ret_post, struct error *err)
{
	struct record_reader r = {.arena = arena, .what = "post", .err = err};
	return read_post(&r, json, ret_post);
}

int post_parse_shape(struct str json, struct arena *arena, struct post *ret_post,
		     struct post_shape *ret_shape, struct error *err)
{
	struct record_reader r = {.arena = arena, .what = "post", .err = err};
	if (read_post(&r, json, ret_post) != 0)
		return -1;
	*ret_shape =
	    (struct post_shape){r.json.text, r.raw_from, r.raw_value, r.raw_to, r.raw_first};
	return 0;
}

void analysis_init(struct analysis *a)
{
	*a = (struct analysis){.relevance = POST_NO_P,
			       .tonality = {.score = POST_NO_P, .p = POST_NO_P},
			       .urgency = {.level = -1, .p = POST_NO_P},
			       .answer_p = POST_NO_P,
			       .sarcasm_p = POST_NO_P,
			       .flags = {POST_NO_P, POST_NO_P, POST_NO_P, POST_NO_P, POST_NO_P}};
}

static int check_why(struct record_reader *r, const struct post_tonality_score *t)
{
	for (size_t i = 0; i < t->n_why; i++) {
		if (!t->why[i].field.p || t->why[i].end < t->why[i].start)
			return record_wrong(r, "why", "spans with weights");
	}
	return 0;
}

int scored_parse(struct str json, struct arena *arena, struct post *ret_post,
		 struct analysis *ret_analysis, bool *ret_has, struct error *err)
{
	struct post_shape shape;
	struct post post;
	struct analysis a;
	if (post_parse_shape(json, arena, &post, &shape, err) != 0)
		return -1;
	analysis_init(&a);
	struct str value = post_shape_analysis(&shape);
	bool has = value.n > 0 && !str_is(value, "null");
	struct record_reader r = {.arena = arena, .what = "post", .err = err};
	if (has && value.p[0] != '{')
		return record_wrong(&r, "analysis", "an object or null");
	if (has &&
	    (read_object(&r, value, analysis_members, &a) != 0 || check_why(&r, &a.tonality) != 0))
		return -1;
	for (size_t i = 0; i < a.n_targets; i++) {
		if (check_why(&r, &a.targets[i].tonality) != 0)
			return -1;
	}
	if (a.urgency.level < -1 || a.urgency.level > 3)
		return record_wrong(&r, "level", "0..3 or null");
	*ret_post = post;
	*ret_analysis = a;
	*ret_has = has;
	return 0;
}
