/*
 * post_read.c: posts and scored posts from JSON (post_write.c and post_analysis_write.c write them).
 *
 * A member is one row of a table, in the order of writing; post_fields.c does the rest.
 */
#include <stddef.h>

#include "common/mem.h"
#include "common/post_fields.h"

enum { MAX_SPANS = 10000, MAX_MEDIA = 200 };

/* What is read of one line. */
struct whole {
	struct post post;
	struct analysis analysis;
	struct post_seam seam;
	bool has, seamed; /* an analysis that is not null; a member of that name */
};

/* ---- the analysis ---- */

static bool why_sane(const void *item)
{
	const struct post_why *w = item;
	return w->start <= w->end;
}

static const struct field why_rows[] = {FIELD("field", FIELD_TEXT, struct post_why, field),
					FIELD("start", FIELD_SIZE, struct post_why, start),
					FIELD("end", FIELD_SIZE, struct post_why, end),
					FIELD("text", FIELD_TEXT, struct post_why, text),
					FIELD("weight", FIELD_INT, struct post_why, weight)};
static const struct post_why fresh_why;
static const struct field_list why_list = {FIELDS(why_rows),
					   sizeof(struct post_why),
					   POST_WHY_MOST,
					   &fresh_why,
					   offsetof(struct post_tonality_score, n_why),
					   why_sane};

static const struct field tonality_rows[] = {
    FIELD_OF("label", FIELD_NAME, struct post_tonality_score, label, names = post_tonality_names),
    FIELD("score", FIELD_P, struct post_tonality_score, score),
    FIELD("p", FIELD_P, struct post_tonality_score, p),
    FIELD_OF("why", FIELD_LIST, struct post_tonality_score, why, list = &why_list)};
static const struct fields tonality_fields = FIELDS(tonality_rows);

/* The same below a target, whose tonality has no braces of its own. */
static const struct field_list target_why_list = {FIELDS(why_rows),
						  sizeof(struct post_why),
						  POST_WHY_MOST,
						  &fresh_why,
						  offsetof(struct post_target, tonality.n_why),
						  why_sane};
static const struct field target_rows[] = {
    FIELD("query", FIELD_TEXT, struct post_target, query),
    FIELD_OF("label", FIELD_NAME, struct post_target, tonality.label, names = post_tonality_names),
    FIELD("score", FIELD_P, struct post_target, tonality.score),
    FIELD("p", FIELD_P, struct post_target, tonality.p),
    FIELD_OF("why", FIELD_LIST, struct post_target, tonality.why, list = &target_why_list)};
static const struct post_target fresh_target = {.tonality = {.score = POST_NO_P, .p = POST_NO_P}};
static const struct field_list target_list = {
    FIELDS(target_rows), sizeof(struct post_target),           POST_TARGETS_MOST,
    &fresh_target,       offsetof(struct analysis, n_targets), NULL};

static bool place_sane(const void *item)
{
	const struct post_place *p = item;
	return p->start <= p->end;
}

static const struct field place_rows[] = {FIELD("field", FIELD_TEXT, struct post_place, field),
					  FIELD("start", FIELD_SIZE, struct post_place, start),
					  FIELD("end", FIELD_SIZE, struct post_place, end)};
static const struct post_place fresh_place;
static const struct field_list place_list = {FIELDS(place_rows),
					     sizeof(struct post_place),
					     POST_SPANS_MOST,
					     &fresh_place,
					     offsetof(struct post_query, n_spans),
					     place_sane};
static const struct field query_rows[] = {
    FIELD("name", FIELD_TEXT, struct post_query, name),
    FIELD_OF("spans", FIELD_LIST, struct post_query, spans, list = &place_list)};
static const struct post_query fresh_query;
static const struct field_list query_list = {FIELDS(query_rows),
					     sizeof(struct post_query),
					     POST_QUERIES_MOST,
					     &fresh_query,
					     offsetof(struct analysis, n_queries),
					     NULL};

static const struct field label_rows[] = {FIELD("label", FIELD_TEXT, struct post_label, label),
					  FIELD("p", FIELD_P, struct post_label, p)};
static const struct post_label fresh_label = {.p = POST_NO_P};
static const struct field_list intent_list = {
    FIELDS(label_rows), sizeof(struct post_label),           POST_LABELS_MOST,
    &fresh_label,       offsetof(struct analysis, n_intent), NULL};
static const struct field_list reason_list = {FIELDS(label_rows),
					      sizeof(struct post_label),
					      POST_LABELS_MOST,
					      &fresh_label,
					      offsetof(struct analysis, urgency.n_reasons),
					      NULL};

static bool fact_sane(const void *item)
{
	const struct post_fact *f = item;
	return f->start <= f->end;
}

static const struct field fact_rows[] = {FIELD("kind", FIELD_TEXT, struct post_fact, kind),
					 FIELD("field", FIELD_TEXT, struct post_fact, field),
					 FIELD("start", FIELD_SIZE, struct post_fact, start),
					 FIELD("end", FIELD_SIZE, struct post_fact, end),
					 FIELD("value", FIELD_TEXT, struct post_fact, value),
					 FIELD("personal", FIELD_BOOL, struct post_fact, personal)};
static const struct post_fact fresh_fact;
static const struct field_list fact_list = {
    FIELDS(fact_rows), sizeof(struct post_fact),           POST_FACTS_MOST,
    &fresh_fact,       offsetof(struct analysis, n_facts), fact_sane};

static const struct field v_rows[] = {FIELD("engine", FIELD_TEXT, struct analysis, v.engine),
				      FIELD("model", FIELD_TEXT, struct analysis, v.model),
				      FIELD("queries", FIELD_TEXT, struct analysis, v.queries),
				      FIELD("config", FIELD_TEXT, struct analysis, v.config)};
static const struct fields v_fields = FIELDS(v_rows);
static const struct field answer_rows[] = {FIELD("p", FIELD_P, struct analysis, answer_p)};
static const struct fields answer_fields = FIELDS(answer_rows);
static const struct field urgency_rows[] = {
    FIELD("level", FIELD_LEVEL, struct analysis, urgency.level),
    FIELD("p", FIELD_P, struct analysis, urgency.p),
    FIELD_OF("reasons", FIELD_LIST, struct analysis, urgency.reasons, list = &reason_list)};
static const struct fields urgency_fields = FIELDS(urgency_rows);
static const struct field sarcasm_rows[] = {FIELD("p", FIELD_P, struct analysis, sarcasm_p)};
static const struct fields sarcasm_fields = FIELDS(sarcasm_rows);
static const struct field flag_rows[] = {
    FIELD("threat", FIELD_P, struct analysis, flags.threat),
    FIELD("insult", FIELD_P, struct analysis, flags.insult),
    FIELD("violence", FIELD_P, struct analysis, flags.violence),
    FIELD("selfharm", FIELD_P, struct analysis, flags.selfharm),
    FIELD("spam", FIELD_P, struct analysis, flags.spam)};
static const struct fields flag_fields = FIELDS(flag_rows);

static int read_tonality(struct fields_reader *r, void *base)
{
	struct analysis *a = base;
	if (json_in_kind(&r->in) == KIND_NULL)
		return json_in_null(&r->in) ? fields_bad(r) : 0;
	if (json_in_kind(&r->in) != KIND_OBJECT)
		return fields_wrong(r, STR("tonality"), "an object or null");
	return fields_read(r, &tonality_fields, &a->tonality);
}

static const struct field analysis_rows[] = {
    FIELD_OF("v", FIELD_OBJECT, struct analysis, v, fields = &v_fields),
    FIELD("lang", FIELD_TEXT, struct analysis, lang),
    FIELD_OF("queries", FIELD_LIST, struct analysis, queries, list = &query_list),
    FIELD("relevance", FIELD_P, struct analysis, relevance),
    FIELD_OF("tonality", FIELD_CALL, struct analysis, tonality, call = read_tonality),
    FIELD_OF("targets", FIELD_LIST, struct analysis, targets, list = &target_list),
    FIELD_OF("intent", FIELD_LIST, struct analysis, intent, list = &intent_list),
    FIELD_OF("answer", FIELD_OBJECT, struct analysis, answer_p, fields = &answer_fields),
    FIELD_OF("urgency", FIELD_OBJECT, struct analysis, urgency, fields = &urgency_fields),
    FIELD_OF("sarcasm", FIELD_OBJECT, struct analysis, sarcasm_p, fields = &sarcasm_fields),
    FIELD_OF("flags", FIELD_OBJECT, struct analysis, flags, fields = &flag_fields),
    FIELD_OF("facts", FIELD_LIST, struct analysis, facts, list = &fact_list)};
static const struct fields analysis_fields = FIELDS(analysis_rows);

/* Reads or skips it, and remembers where it stands with its comma. */
static int read_analysis(struct fields_reader *r, void *base)
{
	struct whole *w = base;
	bool first = r->first;
	const char *cut = r->behind, *begin = r->in.begin;
	while (!first && *cut != ',')
		cut++; /* white space */
	enum json_in_kind kind = json_in_kind(&r->in);
	if (!r->analysis || kind == KIND_NULL) {
		if (json_in_skip(&r->in))
			return fields_bad(r);
	} else {
		if (kind != KIND_OBJECT)
			return fields_wrong(r, STR("analysis"), "an object or null");
		if (fields_read(r, &analysis_fields, &w->analysis))
			return -1;
		w->has = true;
	}
	(void)json_in_kind(&r->in); /* passes white space */
	const char *resume = r->in.at;
	w->seamed = true;
	w->seam.alone = first && resume < r->in.end && *resume == '}';
	if (first && resume < r->in.end && *resume == ',')
		resume++;
	w->seam.cut = (size_t)(cut - begin);
	w->seam.resume = (size_t)(resume - begin);
	return 0;
}

/* ---- the post ---- */

/* Pairs of whole numbers; what they must be in the text is looked at when that is there. */
static int read_quotes(struct fields_reader *r, void *base)
{
	struct post *post = &((struct whole *)base)->post;
	struct json_in *in = &r->in;
	struct str name = STR("quotes");
	size_t n = 0;
	int more;
	if (json_in_kind(in) == KIND_NULL)
		return json_in_null(in) ? fields_bad(r) : 0;
	if (json_in_kind(in) != KIND_LIST)
		return fields_wrong(r, name, "a list or null");
	if (json_in_open(in, '['))
		return fields_bad(r);
	while ((more = json_in_item(in)) > 0) {
		int64_t pair[2];
		size_t i = 0;
		if (json_in_kind(in) != KIND_LIST)
			return fields_wrong(r, name, "[start,end] pairs");
		if (n == MAX_SPANS)
			return fields_wrong(r, name, "a shorter list");
		if (json_in_open(in, '['))
			return fields_bad(r);
		for (; (more = json_in_item(in)) > 0; i++) {
			struct json_in_number number;
			if (i == 2 || json_in_kind(in) != KIND_NUMBER)
				return fields_wrong(r, name, "[start,end] pairs");
			if (json_in_number(in, &number))
				return fields_bad(r);
			if (!number.whole)
				return fields_wrong(r, name, "[start,end] pairs");
			pair[i] = number.integer;
		}
		if (more < 0)
			return fields_bad(r);
		if (i != 2)
			return fields_wrong(r, name, "[start,end] pairs");
		if (pair[0] < 0 || pair[1] < pair[0])
			return fields_wrong(r, name, "sorted spans inside the text");
		post->quotes = fields_grow(r, post->quotes, n, sizeof *post->quotes);
		post->quotes[n++] = (struct post_span){(size_t)pair[0], (size_t)pair[1]};
	}
	post->n_quotes = n;
	return more ? fields_bad(r) : 0;
}

#define POST(name, type, member)          FIELD(name, type, struct whole, post.member)
#define POST_OF(name, type, member, what) FIELD_OF(name, type, struct whole, post.member, what)

static const struct field author_rows[] = {POST("id", FIELD_TEXT, author.id),
					   POST("handle", FIELD_TEXT, author.handle),
					   POST("name", FIELD_TEXT, author.name),
					   POST("url", FIELD_TEXT, author.url),
					   POST("followers", FIELD_INT, author.followers),
					   POST("bot", FIELD_MAYBE, author.bot),
					   POST("role", FIELD_TEXT, author.role)};
static const struct fields author_fields = FIELDS(author_rows);
static const struct field count_rows[] = {
    POST("likes", FIELD_INT, counts.likes), POST("replies", FIELD_INT, counts.replies),
    POST("shares", FIELD_INT, counts.shares), POST("views", FIELD_INT, counts.views),
    POST("rating", FIELD_REAL, counts.rating)};
static const struct fields count_fields = FIELDS(count_rows);
static const struct field media_rows[] = {FIELD("kind", FIELD_TEXT, struct post_media, kind),
					  FIELD("url", FIELD_TEXT, struct post_media, url),
					  FIELD("alt", FIELD_TEXT, struct post_media, alt)};
static const struct post_media fresh_media;
static const struct field_list media_list = {FIELDS(media_rows),
					     sizeof(struct post_media),
					     MAX_MEDIA,
					     &fresh_media,
					     offsetof(struct whole, post.n_media),
					     NULL};

static const struct field post_rows[] = {
    POST("v", FIELD_INT, v),
    POST_OF("op", FIELD_NAME, op, names = post_op_names),
    POST("id", FIELD_TEXT, id),
    POST("rev", FIELD_TEXT, rev),
    POST("conversation", FIELD_TEXT, conversation),
    POST("parent", FIELD_TEXT, parent),
    POST("source", FIELD_TEXT, source),
    POST("driver", FIELD_TEXT, driver),
    POST("channel", FIELD_TEXT, channel),
    POST("place", FIELD_TEXT, place),
    POST("owned", FIELD_SAID, owned),
    POST("url", FIELD_TEXT, url),
    POST("reply_via", FIELD_TEXT, reply_via),
    POST_OF("author", FIELD_OBJECT, author, fields = &author_fields),
    POST_OF("addressed", FIELD_NAME, addressed, names = post_addressed_names),
    POST("title", FIELD_TEXT, title),
    POST("text", FIELD_TEXT, text),
    POST_OF("quotes", FIELD_CALL, quotes, call = read_quotes),
    POST_OF("media", FIELD_LIST, media, list = &media_list),
    POST("lang", FIELD_TEXT, lang),
    POST("created_at", FIELD_TIME, created_at),
    POST("edited_at", FIELD_TIME, edited_at),
    POST("fetched_at", FIELD_TIME, fetched_at),
    POST_OF("date_quality", FIELD_NAME, date_quality, names = post_quality_names),
    POST("backfill", FIELD_SAID, backfill),
    POST("cut", FIELD_BOOL, cut),
    POST_OF("counts", FIELD_OBJECT, counts, fields = &count_fields),
    POST("kind", FIELD_TEXT, kind),
    FIELD_OF("analysis", FIELD_CALL, struct whole, analysis, call = read_analysis)};
static const struct fields post_fields = FIELDS(post_rows);
/* For the seam alone. */
static const struct fields seam_fields = {&post_rows[ARRAY_LEN(post_rows) - 1], 1};

/* Spans must be sorted, not overlap, and cut no character of the text. */
static const char *quotes_wrong(const struct post *post)
{
	struct str text = post->text;
	size_t last = 0;
	for (size_t i = 0; i < post->n_quotes; i++) {
		size_t start = post->quotes[i].start, end = post->quotes[i].end;
		if (start < last || end > text.n)
			return "sorted spans inside the text";
		if ((start < text.n && ((unsigned char)text.p[start] & 0xc0) == 0x80) ||
		    (end < text.n && ((unsigned char)text.p[end] & 0xc0) == 0x80))
			return "spans on the borders of characters";
		last = end;
	}
	return NULL;
}

static int check(struct fields_reader *r, struct post *post)
{
	if (post->v != 1)
		return fields_wrong(r, STR("v"), "1");
	if (!post->id.p || post->id.n == 0 || post->id.n > 2 * POST_ID_MAX)
		return fields_wrong(r, STR("id"), "text of 1 to 400 bytes");
	/* both are ids, and become keys on the bus and in Redis */
	if (post->conversation.n > 2 * POST_ID_MAX)
		return fields_wrong(r, STR("conversation"), "text of at most 400 bytes");
	if (post->parent.n > 2 * POST_ID_MAX)
		return fields_wrong(r, STR("parent"), "text of at most 400 bytes");
	if (!post->conversation.n)
		post->conversation = post->id;
	const char *wrong = quotes_wrong(post);
	return wrong ? fields_wrong(r, STR("quotes"), wrong) : 0;
}

/* The object and nothing behind it. */
static int read_whole(struct fields_reader *r, const struct fields *fields, struct whole *w)
{
	struct json_in *in = &r->in;
	if (json_in_kind(in) != KIND_OBJECT) {
		/* bad JSON is said to be that */
		if (json_in_skip(in) || json_in_end(in))
			return fields_bad(r);
		return error_set(r->err, "could not read post: expected one JSON object");
	}
	w->seam.from = (size_t)(in->at - in->begin);
	if (fields_read(r, fields, w))
		return -1;
	w->seam.to = (size_t)(in->at - in->begin) - 1;
	if (json_in_end(in))
		return fields_bad(r);
	if (!w->seamed)
		w->seam.cut = w->seam.resume = w->seam.to;
	return 0;
}

static int read_post(struct str json, bool analysis, struct arena *arena, struct whole *w,
		     struct error *err)
{
	struct fields_reader r = {.err = err, .analysis = analysis};
	if (json.n > 4 * POST_MAX_BYTES)
		return error_set(err, "could not read post: larger than %d bytes",
				 4 * POST_MAX_BYTES);
	json_in_init(&r.in, json, arena);
	post_init(&w->post);
	w->seam.alone = w->seamed = w->has = false;
	return read_whole(&r, &post_fields, w) || check(&r, &w->post) ? -1 : 0;
}

int post_parse_seam(struct str json, struct arena *arena, struct post *ret_post,
		    struct post_seam *ret_seam, struct error *err)
{
	struct whole w;
	if (read_post(json, false, arena, &w, err))
		return -1;
	*ret_post = w.post;
	*ret_seam = w.seam;
	return 0;
}

int post_parse(struct str json, struct arena *arena, struct post *ret_post, struct error *err)
{
	struct post_seam seam;
	return post_parse_seam(json, arena, ret_post, &seam, err);
}

int scored_parse(struct str json, struct arena *arena, struct post *ret_post,
		 struct analysis *ret_analysis, bool *ret_has, struct error *err)
{
	struct whole w;
	analysis_init(&w.analysis);
	if (read_post(json, true, arena, &w, err))
		return -1;
	*ret_post = w.post;
	*ret_analysis = w.analysis;
	*ret_has = w.has;
	return 0;
}

void post_seam_find(struct str json, struct post_seam *ret)
{
	struct arena *arena = arena_create(json.n + 1); /* for keys with escapes */
	struct fields_reader r = {.err = NULL};
	struct whole w = {.has = false};
	json_in_init(&r.in, json, arena);
	must(read_whole(&r, &seam_fields, &w) == 0);
	if (!w.seamed) { /* `{ }`: the white space goes */
		struct str inside = str_sub(json, w.seam.from + 1, w.seam.to);
		w.seam.alone = str_trim(inside).n == 0;
	}
	arena_free(arena);
	*ret = w.seam;
}
