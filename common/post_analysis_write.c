/*
 * post_analysis_write.c: the analysis as JSON, and the post's own bytes with it put in.
 *
 * How much room an analysis can need is added up first; then all pieces go out without a question.
 */
#include <stdlib.h>

#include "common/json_out.h"
#include "common/mem.h"
#include "common/post_fields.h"

#define LIT JSON_OUT_LIT

/* Bytes that names, brackets and numbers take at most, strings left out; test_post fills them. */
enum {
	ROOM_REST = 640,
	ROOM_WHY = 120,
	ROOM_TARGET = 100,
	ROOM_LABEL = 40,
	ROOM_FACT = 140,
	ROOM_QUERY = 30,
	ROOM_SPAN = 80
};

static size_t room_of_whys(const struct post_tonality_score *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n_why; i++)
		n += ROOM_WHY + json_out_room(t->why[i].field) + json_out_room(t->why[i].text);
	return n;
}

static size_t room_of_labels(const struct post_label *labels, size_t n_labels)
{
	size_t n = 0;
	for (size_t i = 0; i < n_labels; i++)
		n += ROOM_LABEL + json_out_room(labels[i].label);
	return n;
}

static size_t room_of(const struct analysis *a)
{
	size_t n = ROOM_REST + json_out_room(a->v.engine) + json_out_room(a->v.model) +
		   json_out_room(a->v.queries) + json_out_room(a->v.config) +
		   json_out_room(a->lang);
	n += room_of_whys(&a->tonality);
	for (size_t i = 0; i < a->n_queries; i++) {
		n += ROOM_QUERY + json_out_room(a->queries[i].name);
		for (size_t k = 0; k < a->queries[i].n_spans; k++)
			n += ROOM_SPAN + json_out_room(a->queries[i].spans[k].field);
	}
	for (size_t i = 0; i < a->n_targets; i++)
		n += ROOM_TARGET + json_out_room(a->targets[i].query) +
		     room_of_whys(&a->targets[i].tonality);
	n += room_of_labels(a->intent, a->n_intent);
	n += room_of_labels(a->urgency.reasons, a->urgency.n_reasons);
	for (size_t i = 0; i < a->n_facts; i++)
		n += ROOM_FACT + json_out_room(a->facts[i].kind) +
		     json_out_room(a->facts[i].field) + json_out_room(a->facts[i].value);
	return n;
}

/* The fewest digits: 0.8312, 0.5, 1, -0.05. */
static char *put_p(char *to, int32_t v)
{
	if (v == POST_NO_P)
		return LIT(to, "null");
	uint32_t size = v < 0 ? 0 - (uint32_t)v : (uint32_t)v, rest = size % POST_ONE;
	if (v < 0)
		*to++ = '-';
	if (size < POST_ONE)
		*to++ = '0';
	else
		to = json_out_int(to, size / POST_ONE);
	if (!rest)
		return to;
	*to++ = '.';
	for (uint32_t place = POST_ONE / 10; rest; rest %= place, place /= 10)
		*to++ = (char)('0' + rest / place);
	return to;
}

static char *put_tonality(char *to, const struct post_tonality_score *t)
{
	to = LIT(to, "\"label\":");
	to = json_out_str(to, str_of(post_tonality_name(t->label)));
	to = LIT(to, ",\"score\":");
	to = put_p(to, t->score);
	to = LIT(to, ",\"p\":");
	to = put_p(to, t->p);
	to = LIT(to, ",\"why\":[");
	for (size_t i = 0; i < t->n_why; i++) {
		const struct post_why *w = &t->why[i];
		if (i)
			*to++ = ',';
		to = LIT(to, "{\"field\":");
		to = json_out_str(to, w->field);
		to = LIT(to, ",\"start\":");
		to = json_out_int(to, (int64_t)w->start);
		to = LIT(to, ",\"end\":");
		to = json_out_int(to, (int64_t)w->end);
		to = LIT(to, ",\"text\":");
		to = json_out_str(to, w->text);
		to = LIT(to, ",\"weight\":");
		to = json_out_int(to, w->weight);
		*to++ = '}';
	}
	return LIT(to, "]}");
}

static char *put_labels(char *to, const struct post_label *labels, size_t n)
{
	*to++ = '[';
	for (size_t i = 0; i < n; i++) {
		if (i)
			*to++ = ',';
		to = LIT(to, "{\"label\":");
		to = json_out_str(to, labels[i].label);
		to = LIT(to, ",\"p\":");
		to = put_p(to, labels[i].p);
		*to++ = '}';
	}
	*to++ = ']';
	return to;
}

static char *put_facts(char *to, const struct analysis *a)
{
	to = LIT(to, ",\"facts\":[");
	for (size_t i = 0; i < a->n_facts; i++) {
		const struct post_fact *f = &a->facts[i];
		if (i)
			*to++ = ',';
		to = LIT(to, "{\"kind\":");
		to = json_out_str(to, f->kind);
		to = LIT(to, ",\"field\":");
		to = json_out_str(to, f->field);
		to = LIT(to, ",\"start\":");
		to = json_out_int(to, (int64_t)f->start);
		to = LIT(to, ",\"end\":");
		to = json_out_int(to, (int64_t)f->end);
		to = LIT(to, ",\"value\":");
		to = json_out_str(to, f->value);
		to = f->personal ? LIT(to, ",\"personal\":true}") : LIT(to, ",\"personal\":false}");
	}
	*to++ = ']';
	return to;
}

static char *put_targets(char *to, const struct analysis *a)
{
	to = LIT(to, ",\"targets\":[");
	for (size_t i = 0; i < a->n_targets; i++) {
		if (i)
			*to++ = ',';
		to = LIT(to, "{\"query\":");
		to = json_out_str(to, a->targets[i].query);
		*to++ = ',';
		to = put_tonality(to, &a->targets[i].tonality);
	}
	*to++ = ']';
	return to;
}

static char *put_queries(char *to, const struct analysis *a)
{
	to = LIT(to, ",\"queries\":[");
	for (size_t i = 0; i < a->n_queries; i++) {
		const struct post_query *q = &a->queries[i];
		to = i ? LIT(to, ",{\"name\":") : LIT(to, "{\"name\":");
		to = json_out_str(to, q->name);
		to = LIT(to, ",\"spans\":[");
		for (size_t k = 0; k < q->n_spans; k++) {
			to = k ? LIT(to, ",{\"field\":") : LIT(to, "{\"field\":");
			to = json_out_str(to, q->spans[k].field);
			to = LIT(to, ",\"start\":");
			to = json_out_int(to, (int64_t)q->spans[k].start);
			to = LIT(to, ",\"end\":");
			to = json_out_int(to, (int64_t)q->spans[k].end);
			*to++ = '}';
		}
		to = LIT(to, "]}");
	}
	*to++ = ']';
	return to;
}

static char *put_flags(char *to, const struct analysis *a)
{
	to = LIT(to, ",\"flags\":{\"threat\":");
	to = put_p(to, a->flags.threat);
	to = LIT(to, ",\"insult\":");
	to = put_p(to, a->flags.insult);
	to = LIT(to, ",\"violence\":");
	to = put_p(to, a->flags.violence);
	to = LIT(to, ",\"selfharm\":");
	to = put_p(to, a->flags.selfharm);
	to = LIT(to, ",\"spam\":");
	to = put_p(to, a->flags.spam);
	*to++ = '}';
	return to;
}

static char *put_analysis(char *to, const struct analysis *a)
{
	to = LIT(to, "{\"v\":{\"engine\":");
	to = json_out_str(to, a->v.engine);
	to = LIT(to, ",\"model\":");
	to = json_out_str(to, a->v.model);
	to = LIT(to, ",\"queries\":");
	to = json_out_str(to, a->v.queries);
	to = LIT(to, ",\"config\":");
	to = json_out_str(to, a->v.config);
	to = LIT(to, "},\"lang\":");
	to = json_out_str(to, a->lang);
	to = put_queries(to, a);
	to = LIT(to, ",\"relevance\":");
	to = put_p(to, a->relevance);
	to = a->relevance == POST_NO_P ? LIT(to, ",\"relevance_from\":null,\"tonality\":{")
	     : a->by_query             ? LIT(to, ",\"relevance_from\":\"query\",\"tonality\":{")
				       : LIT(to, ",\"relevance_from\":\"head\",\"tonality\":{");
	to = put_tonality(to, &a->tonality);
	to = put_targets(to, a);
	to = LIT(to, ",\"intent\":");
	to = put_labels(to, a->intent, a->n_intent);
	to = LIT(to, ",\"answer\":{\"p\":");
	to = put_p(to, a->answer_p);
	to = LIT(to, "},\"urgency\":{\"level\":");
	to = a->urgency.level < 0 ? LIT(to, "null") : json_out_int(to, a->urgency.level);
	to = LIT(to, ",\"p\":");
	to = put_p(to, a->urgency.p);
	to = LIT(to, ",\"reasons\":");
	to = put_labels(to, a->urgency.reasons, a->urgency.n_reasons);
	to = LIT(to, "},\"sarcasm\":{\"p\":");
	to = put_p(to, a->sarcasm_p);
	*to++ = '}';
	to = put_flags(to, a);
	to = put_facts(to, a);
	return LIT(to, ",\"fingerprint\":null}");
}

int analysis_write(struct buf *out, const struct analysis *a)
{
	size_t room = room_of(a);
	if (!out->full && room > out->limit_bytes - out->n) { /* only what it does need counts */
		char *text = xmalloc(room);
		int rc = buf_add(out, text, (size_t)(put_analysis(text, a) - text));
		free(text);
		return rc;
	}
	char *from = buf_reserve(out, room);
	if (!from)
		return -1;
	char *to = put_analysis(from, a);
	must((size_t)(to - from) <= room);
	out->n += (size_t)(to - from);
	out->p[out->n] = '\0';
	return 0;
}

/* ---- the scored post ---- */

/* All that stands before the value of "analysis". */
static void put_post(struct buf *out, struct str json, const struct post_seam *seam)
{
	if (seam->alone) {
		(void)buf_z(out, "{\"analysis\":");
		return;
	}
	(void)buf_add(out, json.p + seam->from, seam->cut - seam->from);
	(void)buf_add(out, json.p + seam->resume, seam->to - seam->resume);
	(void)buf_z(out, ",\"analysis\":");
}

int scored_write(struct buf *out, struct str post_json, const struct post_seam *seam,
		 const struct analysis *a)
{
	size_t before = out->n;
	put_post(out, post_json, seam); /* `full` is looked at once, at the end */
	(void)(a ? analysis_write(out, a) : buf_z(out, "null"));
	(void)buf_char(out, '}');
	if (!out->full)
		return 0;
	out->n = before;
	if (out->p)
		out->p[before] = '\0';
	return -1;
}

int scored_join(struct buf *out, struct str post_json, struct str analysis_json)
{
	struct post_seam seam;
	post_seam_find(post_json, &seam);
	put_post(out, post_json, &seam); /* `full` is looked at once, at the end */
	(void)buf_str(out, analysis_json);
	(void)buf_char(out, '}');
	return out->full ? -1 : 0;
}
