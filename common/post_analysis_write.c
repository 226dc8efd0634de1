/*
 * post_analysis_write.c: the analysis of a post as JSON.
 */
#include "common/num.h"
#include "common/post.h"

/* `full` of the buffer is looked at once, at the end. */
static void put(struct buf *out, const char *piece)
{
	(void)buf_z(out, piece);
}

static void put_str(struct buf *out, const char *before, struct str s)
{
	put(out, before);
	(void)buf_json_str(out, s);
}

static void put_int(struct buf *out, const char *before, int64_t v)
{
	put(out, before);
	(void)buf_json_int(out, v);
}

/* The fewest digits: 0.8312, 0.5, 1, -0.05. */
static void put_p(struct buf *out, const char *before, int32_t v)
{
	put(out, before);
	if (v == POST_NO_P) {
		put(out, "null");
		return;
	}
	uint32_t size = v < 0 ? 0 - (uint32_t)v : (uint32_t)v, rest = size % POST_ONE;
	if (v < 0)
		put(out, "-");
	(void)buf_json_int(out, size / POST_ONE);
	if (!rest)
		return;
	char digits[] = {'.', (char)('0' + rest / 1000), (char)('0' + rest / 100 % 10),
			 (char)('0' + rest / 10 % 10), (char)('0' + rest % 10)};
	size_t n = sizeof digits;
	while (digits[n - 1] == '0')
		n--;
	(void)buf_add(out, digits, n);
}

static void put_tonality(struct buf *out, const struct post_tonality_score *t)
{
	put_str(out, "\"label\":", str_of(post_tonality_name(t->label)));
	put_p(out, ",\"score\":", t->score);
	put_p(out, ",\"p\":", t->p);
	put(out, ",\"why\":[");
	for (size_t i = 0; i < t->n_why; i++) {
		const struct post_why *w = &t->why[i];
		put_str(out, i ? ",{\"field\":" : "{\"field\":", w->field);
		put_int(out, ",\"start\":", (int64_t)w->start);
		put_int(out, ",\"end\":", (int64_t)w->end);
		put_str(out, ",\"text\":", w->text);
		put_int(out, ",\"weight\":", w->weight);
		put(out, "}");
	}
	put(out, "]}");
}

static void put_labels(struct buf *out, const char *before, const struct post_label *labels,
		       size_t n)
{
	put(out, before);
	for (size_t i = 0; i < n; i++) {
		put_str(out, i ? ",{\"label\":" : "{\"label\":", labels[i].label);
		put_p(out, ",\"p\":", labels[i].p);
		put(out, "}");
	}
	put(out, "]");
}

static void put_facts(struct buf *out, const struct analysis *a)
{
	put(out, "},\"facts\":[");
	for (size_t i = 0; i < a->n_facts; i++) {
		const struct post_fact *f = &a->facts[i];
		put_str(out, i ? ",{\"kind\":" : "{\"kind\":", f->kind);
		put_str(out, ",\"field\":", f->field);
		put_int(out, ",\"start\":", (int64_t)f->start);
		put_int(out, ",\"end\":", (int64_t)f->end);
		put_str(out, ",\"value\":", f->value);
		put(out, f->personal ? ",\"personal\":true}" : ",\"personal\":false}");
	}
	put(out, "]");
}

int analysis_write(struct buf *out, const struct analysis *a)
{
	put_str(out, "{\"v\":{\"engine\":", a->v.engine);
	put_str(out, ",\"model\":", a->v.model);
	put_str(out, ",\"queries\":", a->v.queries);
	put_str(out, ",\"config\":", a->v.config);
	put_str(out, "},\"lang\":", a->lang);
	put_p(out, ",\"queries\":[],\"relevance\":", a->relevance);
	put(out, ",\"relevance_from\":null,\"tonality\":{");
	put_tonality(out, &a->tonality);
	put(out, ",\"targets\":[");
	for (size_t i = 0; i < a->n_targets; i++) {
		put_str(out, i ? ",{\"query\":" : "{\"query\":", a->targets[i].query);
		put(out, ",");
		put_tonality(out, &a->targets[i].tonality);
	}
	put_labels(out, "],\"intent\":[", a->intent, a->n_intent);
	put_p(out, ",\"answer\":{\"p\":", a->answer_p);
	put(out, "},\"urgency\":{\"level\":");
	if (a->urgency.level < 0)
		put(out, "null");
	else
		(void)buf_json_int(out, a->urgency.level);
	put_p(out, ",\"p\":", a->urgency.p);
	put_labels(out, ",\"reasons\":[", a->urgency.reasons, a->urgency.n_reasons);
	put_p(out, "},\"sarcasm\":{\"p\":", a->sarcasm_p);
	put_p(out, "},\"flags\":{\"threat\":", a->flags.threat);
	put_p(out, ",\"insult\":", a->flags.insult);
	put_p(out, ",\"violence\":", a->flags.violence);
	put_p(out, ",\"selfharm\":", a->flags.selfharm);
	put_p(out, ",\"spam\":", a->flags.spam);
	put_facts(out, a);
	put(out, ",\"fingerprint\":null}");
	return out->full ? -1 : 0;
}
