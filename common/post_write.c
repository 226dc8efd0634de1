/*
 * post_write.c: posts, ids and analyses as JSON text; the scored post as the post's own bytes with
 * the analysis put in.
 */
#include <math.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"

static void put_str(struct buf *out, const char *name, struct str s)
{
	(void)buf_printf(out, ",\"%s\":", name);
	(void)buf_json_str(out, s);
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	char text[NUM_TIME_LEN + 1];
	if (ms == POST_NO_TIME) {
		put_str(out, name, STR_NULL);
		return;
	}
	num_time_text(ms, text);
	put_str(out, name, str_of(text));
}

static void put_int(struct buf *out, const char *name, int64_t v)
{
	(void)buf_printf(out, ",\"%s\":", name);
	if (v == POST_NO_NUMBER)
		(void)buf_z(out, "null");
	else
		(void)buf_json_int(out, v);
}

static void put_bool(struct buf *out, const char *name, bool v)
{
	(void)buf_printf(out, ",\"%s\":%s", name, v ? "true" : "false");
}

int post_write(struct buf *out, const struct post *post)
{
	/* buf remembers a refused addition; looked at once, at the end */
	(void)buf_printf(out, "{\"v\":%d", (int)post->v);
	put_str(out, "op", str_of(post_op_name(post->op)));
	put_str(out, "id", post->id);
	put_str(out, "rev", post->rev);
	put_str(out, "conversation", post->conversation);
	put_str(out, "parent", post->parent);
	put_str(out, "source", post->source);
	put_str(out, "driver", post->driver);
	put_str(out, "channel", post->channel);
	put_str(out, "place", post->place);
	put_bool(out, "owned", post->owned);
	put_str(out, "url", post->url);
	put_str(out, "reply_via", post->reply_via);
	(void)buf_z(out, ",\"author\":{\"id\":");
	(void)buf_json_str(out, post->author.id);
	put_str(out, "handle", post->author.handle);
	put_str(out, "name", post->author.name);
	put_str(out, "url", post->author.url);
	put_int(out, "followers", post->author.followers);
	if (post->author.bot < 0)
		put_str(out, "bot", STR_NULL);
	else
		put_bool(out, "bot", post->author.bot);
	put_str(out, "role", post->author.role);
	(void)buf_char(out, '}');
	put_str(out, "addressed", str_of(post_addressed_name(post->addressed)));
	put_str(out, "title", post->title);
	put_str(out, "text", post->text);
	(void)buf_z(out, ",\"quotes\":[");
	for (size_t i = 0; i < post->n_quotes; i++)
		(void)buf_printf(out, "%s[%zu,%zu]", i ? "," : "", post->quotes[i].start,
				 post->quotes[i].end);
	(void)buf_z(out, "],\"media\":[");
	for (size_t i = 0; i < post->n_media; i++) {
		(void)buf_z(out, i ? ",{\"kind\":" : "{\"kind\":");
		(void)buf_json_str(out, post->media[i].kind);
		put_str(out, "url", post->media[i].url);
		put_str(out, "alt", post->media[i].alt);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, ']');
	put_str(out, "lang", post->lang);
	put_time(out, "created_at", post->created_at);
	put_time(out, "edited_at", post->edited_at);
	put_time(out, "fetched_at", post->fetched_at);
	put_str(out, "date_quality", str_of(post_date_quality_name(post->date_quality)));
	put_bool(out, "backfill", post->backfill);
	if (post->cut)
		put_bool(out, "cut", true);
	(void)buf_z(out, ",\"counts\":{\"likes\":");
	if (post->counts.likes == POST_NO_NUMBER)
		(void)buf_z(out, "null");
	else
		(void)buf_json_int(out, post->counts.likes);
	put_int(out, "replies", post->counts.replies);
	put_int(out, "shares", post->counts.shares);
	put_int(out, "views", post->counts.views);
	(void)buf_z(out, ",\"rating\":");
	(void)buf_json_num(out, post->counts.rating);
	(void)buf_char(out, '}');
	put_str(out, "kind", post->kind);
	(void)buf_char(out, '}');
	return out->full ? -1 : 0;
}

struct str post_rev(struct arena *arena, const struct post *post)
{
	char hex[HASH_HEX_LEN + 1];
	const struct str parts[] = {str_of(post_op_name(post->op)), post->title, post->text};
	hash_sha256_hex_parts(parts, ARRAY_LEN(parts), hex);
	return arena_str(arena, (struct str){hex, 16});
}

struct str post_id(struct arena *arena, const char *driver, struct str scope, struct str native)
{
	struct str id =
	    str_of(arena_printf(arena, "%s:%.*s:%.*s", driver, STR_ARG(scope), STR_ARG(native)));
	if (id.n <= POST_ID_MAX)
		return id;
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(id, hex);
	struct str head = utf8_cut(id, POST_ID_MAX - 33);
	return str_of(arena_printf(arena, "%.*s~%.32s", STR_ARG(head), hex));
}

/* ---- the analysis ---------------------------------------------------------------------------- */

#define LIT(out, text) ((void)buf_add(out, "" text, sizeof(text) - 1))

/* Ten-thousandths with up to four decimals: 8312 is 0.8312, -500 is -0.05, 10000 is 1. */
static void put_p(struct buf *out, int32_t p)
{
	char text[16], *end = text + sizeof text, *at = end;
	if (p == POST_NO_P) {
		LIT(out, "null");
		return;
	}
	uint32_t size = p < 0 ? 0u - (uint32_t)p : (uint32_t)p, whole = size / POST_ONE;
	bool any = false;
	for (uint32_t i = 0, part = size % POST_ONE; i < 4; i++, part /= 10) {
		any = any || part % 10; /* zeros at the end are not written */
		if (any)
			*--at = (char)('0' + part % 10);
	}
	if (any)
		*--at = '.';
	do
		*--at = (char)('0' + whole % 10);
	while (whole /= 10);
	if (p < 0)
		*--at = '-';
	(void)buf_add(out, at, (size_t)(end - at));
}

static void put_why(struct buf *out, const struct post_why *why, size_t n)
{
	LIT(out, ",\"why\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)buf_char(out, ',');
		LIT(out, "{\"field\":");
		(void)buf_json_str(out, why[i].field);
		LIT(out, ",\"start\":");
		(void)buf_json_int(out, (int64_t)why[i].start);
		LIT(out, ",\"end\":");
		(void)buf_json_int(out, (int64_t)why[i].end);
		LIT(out, ",\"text\":");
		(void)buf_json_str(out, why[i].text);
		LIT(out, ",\"weight\":");
		(void)buf_json_int(out, why[i].weight);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, ']');
}

/* The members of a tonality, without brackets. */
static void put_tonality(struct buf *out, const struct post_tonality_score *t)
{
	LIT(out, "\"label\":");
	(void)buf_json_str(out, str_of(post_tonality_name(t->label)));
	LIT(out, ",\"score\":");
	put_p(out, t->score);
	LIT(out, ",\"p\":");
	put_p(out, t->p);
	put_why(out, t->why, t->n_why);
}

static void put_labels(struct buf *out, const struct post_label *labels, size_t n)
{
	(void)buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)buf_char(out, ',');
		LIT(out, "{\"label\":");
		(void)buf_json_str(out, labels[i].label);
		LIT(out, ",\"p\":");
		put_p(out, labels[i].p);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, ']');
}

static void put_targets(struct buf *out, const struct post_target *targets, size_t n)
{
	LIT(out, ",\"targets\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)buf_char(out, ',');
		LIT(out, "{\"query\":");
		(void)buf_json_str(out, targets[i].query);
		(void)buf_char(out, ',');
		put_tonality(out, &targets[i].tonality);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, ']');
}

static void put_facts(struct buf *out, const struct post_fact *facts, size_t n)
{
	LIT(out, ",\"facts\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			(void)buf_char(out, ',');
		LIT(out, "{\"kind\":");
		(void)buf_json_str(out, facts[i].kind);
		LIT(out, ",\"field\":");
		(void)buf_json_str(out, facts[i].field);
		LIT(out, ",\"start\":");
		(void)buf_json_int(out, (int64_t)facts[i].start);
		LIT(out, ",\"end\":");
		(void)buf_json_int(out, (int64_t)facts[i].end);
		LIT(out, ",\"value\":");
		(void)buf_json_str(out, facts[i].value);
		LIT(out, ",\"personal\":");
		if (facts[i].personal)
			LIT(out, "true}");
		else
			LIT(out, "false}");
	}
	(void)buf_char(out, ']');
}

int analysis_write(struct buf *out, const struct analysis *a)
{
	LIT(out, "{\"v\":{\"engine\":");
	(void)buf_json_str(out, a->v.engine);
	LIT(out, ",\"model\":");
	(void)buf_json_str(out, a->v.model);
	LIT(out, ",\"queries\":");
	(void)buf_json_str(out, a->v.queries);
	LIT(out, ",\"config\":");
	(void)buf_json_str(out, a->v.config);
	LIT(out, "},\"lang\":");
	(void)buf_json_str(out, a->lang);
	LIT(out, ",\"queries\":[],\"relevance\":");
	put_p(out, a->relevance);
	LIT(out, ",\"relevance_from\":");
	if (a->relevance == POST_NO_P)
		LIT(out, "null");
	else
		LIT(out, "\"head\"");
	LIT(out, ",\"tonality\":{");
	put_tonality(out, &a->tonality);
	(void)buf_char(out, '}');
	put_targets(out, a->targets, a->n_targets);
	LIT(out, ",\"intent\":");
	put_labels(out, a->intent, a->n_intent);
	LIT(out, ",\"answer\":{\"p\":");
	put_p(out, a->answer_p);
	LIT(out, "},\"urgency\":{\"level\":");
	if (a->urgency.level < 0)
		LIT(out, "null");
	else
		(void)buf_char(out, (char)('0' + a->urgency.level));
	LIT(out, ",\"p\":");
	put_p(out, a->urgency.p);
	LIT(out, ",\"reasons\":");
	put_labels(out, a->urgency.reasons, a->urgency.n_reasons);
	LIT(out, "},\"sarcasm\":{\"p\":");
	put_p(out, a->sarcasm_p);
	LIT(out, "},\"flags\":{\"threat\":");
	put_p(out, a->flags.threat);
	LIT(out, ",\"insult\":");
	put_p(out, a->flags.insult);
	LIT(out, ",\"violence\":");
	put_p(out, a->flags.violence);
	LIT(out, ",\"selfharm\":");
	put_p(out, a->flags.selfharm);
	LIT(out, ",\"spam\":");
	put_p(out, a->flags.spam);
	(void)buf_char(out, '}');
	put_facts(out, a->facts, a->n_facts);
	LIT(out, ",\"fingerprint\":null}");
	return out->full ? -1 : 0;
}

struct str post_shape_analysis(const struct post_shape *shape)
{
	return shape->to ? str_trim(str_sub(shape->json, shape->value, shape->to)) : STR_NULL;
}

int scored_splice(struct buf *out, const struct post_shape *shape, struct str analysis_json)
{
	struct str s = shape->json;
	size_t end = s.n - 1, kept = shape->to ? shape->from : end;
	bool alone = false;            /* nothing else is in the object */
	(void)buf_add(out, s.p, kept); /* `full` is looked at once, at the end */
	if (shape->to) {
		size_t on = shape->to + (shape->first && s.p[shape->to] == ',');
		alone = shape->first && shape->to == end;
		(void)buf_add(out, s.p + on, end - on);
	}
	if (!alone)
		(void)buf_char(out, ',');
	LIT(out, "\"analysis\":");
	(void)buf_str(out, analysis_json);
	(void)buf_char(out, '}');
	return out->full ? -1 : 0;
}

int scored_join(struct buf *out, struct str post_json, struct str analysis_json)
{
	struct post post;
	struct post_shape shape;
	struct error err;
	struct arena *arena = arena_create(16 * POST_MAX_BYTES);
	int rc = post_parse_shape(post_json, arena, &post, &shape, &err);
	must(rc == 0); /* the caller's promise */
	rc = scored_splice(out, &shape, analysis_json);
	arena_free(arena);
	return rc;
}
