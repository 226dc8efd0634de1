/*
 * post_oracle.c: one function per kind of member, over jansson's tree.
 */
#include <jansson.h>
#include <math.h>

#include "common/mem.h"
#include "common/num.h"

#include "tests/support/post_oracle.h"

enum { MAX_DEPTH = 32, MAX_SPANS = 10000, MAX_MEDIA = 200 };

static const char *const op_names[] = {"create", "update", "delete", NULL};
static const char *const addressed_names[] = {"none", "mention", "own_page", "reply", NULL};
static const char *const quality_names[] = {"missing", "guessed", "day", "exact", NULL};
static const char *const tonality_names[] = {"", "negative", "neutral", "positive", NULL};

struct reader {
	struct arena *arena;
	struct error *err;
};

static int wrong(struct reader *r, const char *member, const char *expected)
{
	return error_set(r->err, "could not read post: expected %s for \"%s\"", expected, member);
}

static int get_str(struct reader *r, const json_t *o, const char *name, struct str *ret)
{
	const json_t *v = json_object_get(o, name);
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return wrong(r, name, "text or null");
	*ret = arena_str(r->arena, (struct str){json_string_value(v), json_string_length(v)});
	return 0;
}

static int get_int(struct reader *r, const json_t *o, const char *name, int64_t *ret)
{
	const json_t *v = json_object_get(o, name);
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_integer(v))
		return wrong(r, name, "a whole number or null");
	*ret = json_integer_value(v);
	return 0;
}

static int get_num(struct reader *r, const json_t *o, const char *name, double *ret)
{
	const json_t *v = json_object_get(o, name);
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_number(v))
		return wrong(r, name, "a number or null");
	*ret = json_number_value(v);
	return 0;
}

static int get_bool(struct reader *r, const json_t *o, const char *name, bool *ret)
{
	const json_t *v = json_object_get(o, name);
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_boolean(v))
		return wrong(r, name, "true, false or null");
	*ret = json_is_true(v);
	return 0;
}

static int get_time(struct reader *r, const json_t *o, const char *name, int64_t *ret)
{
	struct str text = STR_NULL;
	if (get_str(r, o, name, &text))
		return -1;
	if (text.p && num_time_ms(text, ret))
		return wrong(r, name, "a time as in RFC 3339 or null");
	return 0;
}

static int get_name(struct reader *r, const json_t *o, const char *name, const char *const *names,
		    int *ret)
{
	struct str text = STR_NULL;
	if (get_str(r, o, name, &text))
		return -1;
	if (!text.p)
		return 0;
	for (int i = 0; names[i]; i++)
		if (str_is(text, names[i])) {
			*ret = i;
			return 0;
		}
	return wrong(r, name, "a known word");
}

static int get_object(struct reader *r, const json_t *o, const char *name, const json_t **ret)
{
	*ret = json_object_get(o, name);
	if (*ret && json_is_null(*ret))
		*ret = NULL;
	return *ret && !json_is_object(*ret) ? wrong(r, name, "an object or null") : 0;
}

static int get_array(struct reader *r, const json_t *o, const char *name, size_t max,
		     const json_t **ret)
{
	*ret = json_object_get(o, name);
	if (*ret && json_is_null(*ret))
		*ret = NULL;
	if (*ret && !json_is_array(*ret))
		return wrong(r, name, "a list or null");
	return json_array_size(*ret) > max ? wrong(r, name, "a shorter list") : 0;
}

/* Spans must be sorted, not overlap, and cut no code point of the text. */
static int get_quotes(struct reader *r, const json_t *o, struct post *post)
{
	const json_t *list;
	if (get_array(r, o, "quotes", MAX_SPANS, &list))
		return -1;
	size_t n = json_array_size(list), last = 0;
	post->quotes = n ? arena_alloc(r->arena, n * sizeof *post->quotes) : NULL;
	for (size_t i = 0; i < n; i++) {
		const json_t *pair = json_array_get(list, i);
		const json_t *a = json_array_get(pair, 0), *b = json_array_get(pair, 1);
		if (json_array_size(pair) != 2 || !json_is_integer(a) || !json_is_integer(b))
			return wrong(r, "quotes", "[start,end] pairs");
		json_int_t start = json_integer_value(a), end = json_integer_value(b);
		if (start < (json_int_t)last || end < start || end > (json_int_t)post->text.n)
			return wrong(r, "quotes", "sorted spans inside the text");
		post->quotes[i] = (struct post_span){(size_t)start, (size_t)end};
		last = (size_t)end;
		if (((size_t)start < post->text.n &&
		     ((unsigned char)post->text.p[start] & 0xC0) == 0x80) ||
		    (last < post->text.n && ((unsigned char)post->text.p[last] & 0xC0) == 0x80))
			return wrong(r, "quotes", "spans on the borders of characters");
	}
	post->n_quotes = n;
	return 0;
}

static int get_media(struct reader *r, const json_t *o, struct post *post)
{
	const json_t *list;
	if (get_array(r, o, "media", MAX_MEDIA, &list))
		return -1;
	size_t n = json_array_size(list);
	post->media = n ? arena_zalloc(r->arena, n * sizeof *post->media) : NULL;
	for (size_t i = 0; i < n; i++) {
		const json_t *m = json_array_get(list, i);
		if (!json_is_object(m))
			return wrong(r, "media", "objects");
		if (get_str(r, m, "kind", &post->media[i].kind) ||
		    get_str(r, m, "url", &post->media[i].url) ||
		    get_str(r, m, "alt", &post->media[i].alt))
			return -1;
	}
	post->n_media = n;
	return 0;
}

static int get_author(struct reader *r, const json_t *o, struct post *post)
{
	const json_t *a;
	if (get_object(r, o, "author", &a))
		return -1;
	if (!a)
		return 0;
	bool bot = false;
	const json_t *b = json_object_get(a, "bot");
	if (get_str(r, a, "id", &post->author.id) ||
	    get_str(r, a, "handle", &post->author.handle) ||
	    get_str(r, a, "name", &post->author.name) || get_str(r, a, "url", &post->author.url) ||
	    get_str(r, a, "role", &post->author.role) ||
	    get_int(r, a, "followers", &post->author.followers) || get_bool(r, a, "bot", &bot))
		return -1;
	if (json_is_boolean(b))
		post->author.bot = bot;
	return 0;
}

static int get_counts(struct reader *r, const json_t *o, struct post *post)
{
	const json_t *c;
	if (get_object(r, o, "counts", &c))
		return -1;
	return c && (get_int(r, c, "likes", &post->counts.likes) ||
		     get_int(r, c, "replies", &post->counts.replies) ||
		     get_int(r, c, "shares", &post->counts.shares) ||
		     get_int(r, c, "views", &post->counts.views) ||
		     get_num(r, c, "rating", &post->counts.rating))
		   ? -1
		   : 0;
}

static int post_of(struct reader *r, const json_t *o, struct post *post)
{
	int op = POST_CREATE, addressed = POST_TO_NONE, quality = POST_DATE_MISSING;
	const struct {
		const char *name;
		struct str *to;
	} texts[] = {{"id", &post->id},
		     {"rev", &post->rev},
		     {"conversation", &post->conversation},
		     {"parent", &post->parent},
		     {"source", &post->source},
		     {"driver", &post->driver},
		     {"channel", &post->channel},
		     {"place", &post->place},
		     {"url", &post->url},
		     {"reply_via", &post->reply_via},
		     {"title", &post->title},
		     {"text", &post->text},
		     {"lang", &post->lang},
		     {"kind", &post->kind}};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (get_str(r, o, texts[i].name, texts[i].to))
			return -1;
	if (get_int(r, o, "v", &post->v) || get_name(r, o, "op", op_names, &op) ||
	    get_bool(r, o, "owned", &post->owned) || get_bool(r, o, "backfill", &post->backfill) ||
	    get_bool(r, o, "cut", &post->cut) ||
	    get_name(r, o, "addressed", addressed_names, &addressed) ||
	    get_name(r, o, "date_quality", quality_names, &quality) ||
	    get_time(r, o, "created_at", &post->created_at) ||
	    get_time(r, o, "edited_at", &post->edited_at) ||
	    get_time(r, o, "fetched_at", &post->fetched_at) || get_author(r, o, post) ||
	    get_quotes(r, o, post) || get_media(r, o, post) || get_counts(r, o, post))
		return -1;
	if (post->v != 1)
		return wrong(r, "v", "1");
	if (!post->id.p || post->id.n == 0 || post->id.n > 2 * POST_ID_MAX)
		return wrong(r, "id", "text of 1 to 400 bytes");
	/* both are ids, and become keys on the bus and in Redis */
	if (post->conversation.n > 2 * POST_ID_MAX || post->parent.n > 2 * POST_ID_MAX)
		return wrong(r, post->parent.n > 2 * POST_ID_MAX ? "parent" : "conversation",
			     "text of at most 400 bytes");
	if (!post->conversation.n)
		post->conversation = post->id;
	post->op = (enum post_op)op;
	post->addressed = (enum post_addressed)addressed;
	post->date_quality = (enum post_date_quality)quality;
	return 0;
}

/* jansson itself refuses invalid UTF-8, trailing bytes and depth above 2,048; deeper than ours is
 * refused by counting brackets outside strings before it recurses. */
static int check_depth(struct str json, struct error *err)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < json.n; i++) {
		char c = json.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > MAX_DEPTH)
				return error_set(err, "could not read post: nested deeper than %d",
						 MAX_DEPTH);
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return 0;
}

/* To the nearest ten-thousandth; what no score can be becomes the largest number there is. */
static int get_p(struct reader *r, const json_t *o, const char *name, int32_t *ret)
{
	double v = NAN;
	if (get_num(r, o, name, &v))
		return -1;
	if (isnan(v))
		return 0;
	v = v * POST_ONE + (v < 0 ? -0.5 : 0.5);
	*ret = v >= INT32_MAX ? INT32_MAX : v <= -INT32_MAX ? -INT32_MAX : (int32_t)v;
	return 0;
}

static int get_place(struct reader *r, const json_t *o, struct str *field, size_t *start,
		     size_t *end)
{
	int64_t from = 0, to = 0;
	if (get_str(r, o, "field", field) || get_int(r, o, "start", &from) ||
	    get_int(r, o, "end", &to) || from < 0 || to < from)
		return -1;
	*start = (size_t)from;
	*end = (size_t)to;
	return 0;
}

static int get_tonality(struct reader *r, const json_t *o, struct post_tonality_score *t)
{
	const json_t *list;
	int label = 0;
	*t = (struct post_tonality_score){.score = POST_NO_P, .p = POST_NO_P};
	if (get_name(r, o, "label", tonality_names, &label) || get_p(r, o, "score", &t->score) ||
	    get_p(r, o, "p", &t->p) || get_array(r, o, "why", POST_WHY_MOST, &list))
		return -1;
	t->label = (enum post_tonality)label;
	t->n_why = json_array_size(list);
	t->why = t->n_why ? arena_zalloc(r->arena, t->n_why * sizeof *t->why) : NULL;
	for (size_t i = 0; i < t->n_why; i++) {
		const json_t *why = json_array_get(list, i);
		struct post_why *w = &t->why[i];
		if (!json_is_object(why) || get_place(r, why, &w->field, &w->start, &w->end) ||
		    get_str(r, why, "text", &w->text) || get_int(r, why, "weight", &w->weight))
			return wrong(r, "why", "spans with weights");
	}
	return 0;
}

static int get_queries(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *list, *spans;
	if (get_array(r, o, "queries", POST_QUERIES_MOST, &list))
		return -1;
	a->n_queries = json_array_size(list);
	a->queries =
	    a->n_queries ? arena_zalloc(r->arena, a->n_queries * sizeof *a->queries) : NULL;
	for (size_t i = 0; i < a->n_queries; i++) {
		const json_t *q = json_array_get(list, i);
		struct post_query *to = &a->queries[i];
		if (!json_is_object(q))
			return wrong(r, "queries", "objects");
		if (get_str(r, q, "name", &to->name) ||
		    get_array(r, q, "spans", POST_SPANS_MOST, &spans))
			return -1;
		to->n_spans = json_array_size(spans);
		to->spans =
		    to->n_spans ? arena_zalloc(r->arena, to->n_spans * sizeof *to->spans) : NULL;
		for (size_t k = 0; k < to->n_spans; k++) {
			const json_t *span = json_array_get(spans, k);
			struct post_place *p = &to->spans[k];
			if (!json_is_object(span) ||
			    get_place(r, span, &p->field, &p->start, &p->end))
				return wrong(r, "spans", "spans");
		}
	}
	return 0;
}

static int get_targets(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *list;
	if (get_array(r, o, "targets", POST_TARGETS_MOST, &list))
		return -1;
	a->n_targets = json_array_size(list);
	a->targets =
	    a->n_targets ? arena_zalloc(r->arena, a->n_targets * sizeof *a->targets) : NULL;
	for (size_t i = 0; i < a->n_targets; i++) {
		const json_t *t = json_array_get(list, i);
		if (!json_is_object(t))
			return wrong(r, "targets", "objects");
		if (get_str(r, t, "query", &a->targets[i].query) ||
		    get_tonality(r, t, &a->targets[i].tonality))
			return -1;
	}
	return 0;
}

static int get_labels(struct reader *r, const json_t *o, const char *name, struct post_label **ret,
		      size_t *ret_n)
{
	const json_t *list;
	if (get_array(r, o, name, POST_LABELS_MOST, &list))
		return -1;
	size_t n = json_array_size(list);
	struct post_label *labels = n ? arena_zalloc(r->arena, n * sizeof *labels) : NULL;
	for (size_t i = 0; i < n; i++) {
		const json_t *l = json_array_get(list, i);
		labels[i].p = POST_NO_P;
		if (!json_is_object(l))
			return wrong(r, name, "objects");
		if (get_str(r, l, "label", &labels[i].label) || get_p(r, l, "p", &labels[i].p))
			return -1;
	}
	*ret = labels;
	*ret_n = n;
	return 0;
}

static int get_facts(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *list;
	if (get_array(r, o, "facts", POST_FACTS_MOST, &list))
		return -1;
	a->n_facts = json_array_size(list);
	a->facts = a->n_facts ? arena_zalloc(r->arena, a->n_facts * sizeof *a->facts) : NULL;
	for (size_t i = 0; i < a->n_facts; i++) {
		const json_t *fact = json_array_get(list, i);
		struct post_fact *f = &a->facts[i];
		if (!json_is_object(fact) || get_place(r, fact, &f->field, &f->start, &f->end) ||
		    get_str(r, fact, "kind", &f->kind) || get_str(r, fact, "value", &f->value) ||
		    get_bool(r, fact, "personal", &f->personal))
			return wrong(r, "facts", "spans with values");
	}
	return 0;
}

static int get_flags(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *f;
	if (get_object(r, o, "flags", &f))
		return -1;
	return f && (get_p(r, f, "threat", &a->flags.threat) ||
		     get_p(r, f, "insult", &a->flags.insult) ||
		     get_p(r, f, "violence", &a->flags.violence) ||
		     get_p(r, f, "selfharm", &a->flags.selfharm) ||
		     get_p(r, f, "spam", &a->flags.spam))
		   ? -1
		   : 0;
}

static int get_urgency(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *u;
	int64_t level = -1;
	if (get_object(r, o, "urgency", &u))
		return -1;
	if (!u)
		return 0;
	if (get_int(r, u, "level", &level) || get_p(r, u, "p", &a->urgency.p) ||
	    get_labels(r, u, "reasons", &a->urgency.reasons, &a->urgency.n_reasons))
		return -1;
	if (level < -1 || level > 3)
		return wrong(r, "level", "0..3 or null");
	a->urgency.level = (int)level;
	return 0;
}

static int analysis_of(struct reader *r, const json_t *o, struct analysis *a)
{
	const json_t *v, *t, *answer, *sarcasm;
	if (get_object(r, o, "v", &v) || get_object(r, o, "tonality", &t) ||
	    get_object(r, o, "answer", &answer) || get_object(r, o, "sarcasm", &sarcasm))
		return -1;
	if (v && (get_str(r, v, "engine", &a->v.engine) || get_str(r, v, "model", &a->v.model) ||
		  get_str(r, v, "queries", &a->v.queries) || get_str(r, v, "config", &a->v.config)))
		return -1;
	if ((t && get_tonality(r, t, &a->tonality)) || get_queries(r, o, a) ||
	    get_targets(r, o, a) || get_labels(r, o, "intent", &a->intent, &a->n_intent) ||
	    get_urgency(r, o, a) || get_flags(r, o, a) || get_facts(r, o, a))
		return -1;
	return get_str(r, o, "lang", &a->lang) || get_p(r, o, "relevance", &a->relevance) ||
		       (answer && get_p(r, answer, "p", &a->answer_p)) ||
		       (sarcasm && get_p(r, sarcasm, "p", &a->sarcasm_p))
		   ? -1
		   : 0;
}

static json_t *load(struct str json, size_t flags, struct error *err)
{
	json_error_t why;
	if (json.n > 4 * POST_MAX_BYTES) {
		(void)error_set(err, "could not read post: larger than %d bytes",
				4 * POST_MAX_BYTES);
		return NULL;
	}
	if (check_depth(json, err))
		return NULL;
	json_t *root = json_loadb(json.p ? json.p : "", json.n, JSON_ALLOW_NUL | flags, &why);
	if (!root)
		(void)error_set(err, "could not read post: %s at byte %d", why.text, why.position);
	else if (!json_is_object(root) && !(flags & JSON_DECODE_ANY))
		(void)error_set(err, "could not read post: expected one JSON object");
	else
		return root;
	json_decref(root);
	return NULL;
}

bool oracle_is_json(struct str json)
{
	struct error err;
	json_auto_t *root = load(json, JSON_DECODE_ANY, &err);
	return root != NULL;
}

int oracle_parse_post(struct str json, bool reject_duplicates, struct arena *arena,
		      struct post *ret_post, struct error *err)
{
	json_auto_t *root = load(json, reject_duplicates ? JSON_REJECT_DUPLICATES : 0, err);
	struct reader r = {arena, err};
	if (!root)
		return -1;
	post_init(ret_post);
	return post_of(&r, root, ret_post);
}

int oracle_parse(struct str json, bool reject_duplicates, struct arena *arena,
		 struct post *ret_post, struct analysis *ret_analysis, bool *ret_has,
		 struct error *err)
{
	json_auto_t *root = load(json, reject_duplicates ? JSON_REJECT_DUPLICATES : 0, err);
	struct reader r = {arena, err};
	const json_t *o = NULL;
	if (!root)
		return -1;
	post_init(ret_post);
	analysis_init(ret_analysis);
	if (post_of(&r, root, ret_post) || get_object(&r, root, "analysis", &o) ||
	    (o && analysis_of(&r, o, ret_analysis)))
		return -1;
	*ret_has = o != NULL;
	return 0;
}

/* Text already accepted by jansson: jumps over the value at i, returns the index behind it. */
static size_t skip_value(struct str s, size_t i)
{
	int depth = 0;
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"') {
			for (i++; i < s.n && s.p[i] != '"'; i++)
				if (s.p[i] == '\\')
					i++;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']' || c == ',') && depth == 0) {
			return i;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return s.n;
}

static size_t skip_space(struct str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n", s.p[i], 4))
		i++;
	return i;
}

/* Is the key [from,to) of an object, quotes included, the word "analysis", however escaped? */
static bool is_analysis(struct str key)
{
	if (str_is(key, "\"analysis\""))
		return true;
	if (str_find(key, '\\', 0) == key.n)
		return false;
	json_t *v = json_loadb(key.p, key.n, JSON_DECODE_ANY, NULL);
	bool is = v && json_is_string(v) && strcmp(json_string_value(v), "analysis") == 0;
	json_decref(v);
	return is;
}

int oracle_join(struct buf *out, struct str post_json, struct str analysis_json)
{
	struct str s = str_trim(post_json);
	must(s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}');
	bool first = true;
	(void)buf_char(out, '{'); /* `full` is looked at once, at the end */
	for (size_t i = 1; i < s.n - 1;) {
		size_t from = i, key = skip_space(s, i);
		if (s.p[key] == '}')
			break;
		size_t key_end = key + 1;
		for (; s.p[key_end] != '"'; key_end++)
			if (s.p[key_end] == '\\')
				key_end++;
		key_end++;
		size_t value = skip_space(s, key_end) + 1; /* behind the colon */
		size_t end = skip_value(s, value);
		if (!is_analysis(str_sub(s, key, key_end))) {
			if (!first)
				(void)buf_char(out, ',');
			(void)buf_add(out, s.p + from, end - from);
			first = false;
		}
		i = end + 1;
	}
	(void)buf_z(out, first ? "\"analysis\":" : ",\"analysis\":");
	(void)buf_str(out, analysis_json);
	(void)buf_char(out, '}');
	return out->full ? -1 : 0;
}
