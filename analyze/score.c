#include <stdio.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "analyze/facts.h"
#include "analyze/queries.h"
#include "analyze/score.h"
#include "analyze/targets.h"

const struct scorer *const scorers[] = {&scorer_language,
					&scorer_sarcasm,
					&scorer_tonality,
					&scorer_intent,
					&scorer_answer,
					&scorer_urgency,
					&scorer_relevance,
					&scorer_threat,
					&scorer_violence,
					&scorer_insult,
					&scorer_selfharm,
					&scorer_spam,
					NULL};

enum {
	SCORERS_MOST = 32,
	ID_CHARS = 12, /* of a hash: CONTRACTS, scored post */
	/* tokens, features, JSON values: per byte of the largest line */
	ARENA_BYTES = (2 * (64 + FEATURES_ARENA) + 64) * POST_MAX_BYTES
};

struct score {
	const struct model *model;
	struct score_settings settings;
	const struct model_head *heads[SCORERS_MOST]; /* of scorers[], NULL: not in the model */
	struct words *words;
	struct arena *arena;
	struct targets *targets; /* NULL: none asked for */
	const struct queries *queries;
	char *config;
	char config_id[ID_CHARS + 1], queries_id[ID_CHARS + 1];
	struct post post;
	struct analysis last;
};

static void id_of(struct str text, char ret[ID_CHARS + 1])
{
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(text, hex);
	memcpy(ret, hex, ID_CHARS);
	ret[ID_CHARS] = '\0';
}

struct score *score_create(const struct model *model, const struct score_settings *settings)
{
	struct score *score = xcalloc(1, sizeof *score);
	score->model = model;
	score->settings = *settings;
	for (size_t i = 0; scorers[i]; i++) {
		must(i < SCORERS_MOST);
		score->heads[i] = model_head(model, scorers[i]->head);
	}
	score->words = words_create(model_lexicon(model), model);
	score->arena = arena_create(ARENA_BYTES);
	if (settings->abstain_percent < 0)
		score->config = xstrdup("abstain=model\n");
	else
		score->config = xasprintf("abstain=%d\n", (int)settings->abstain_percent);
	if (settings->targets) {
		char *more = xasprintf("%stargets=%s\n", score->config, settings->targets);
		free(score->config);
		score->config = more;
		score->targets = targets_create(settings->targets);
	}
	id_of(str_of(score->config), score->config_id);
	id_of(STR(""), score->queries_id); /* no query set yet */
	return score;
}

void score_free(struct score *score)
{
	if (!score)
		return;
	words_free(score->words);
	targets_free(score->targets);
	free(score->config);
	arena_free(score->arena);
	free(score);
}

void score_use_queries(struct score *score, const struct queries *queries)
{
	score->queries = queries;
	if (queries)
		memcpy(score->queries_id, queries->file->version, sizeof score->queries_id);
	else
		id_of(STR(""), score->queries_id);
}

const char *score_config_text(const struct score *score)
{
	return score->config;
}

const char *score_config_id(const struct score *score)
{
	return score->config_id;
}

struct work {
	struct tokens title, text;
	struct features features;
	struct linear_sums sums;
};

static struct scoring prepare(const struct score *score, const struct post *post,
			      struct arena *arena, struct work *work)
{
	/* post_parse bounds the line, not the text; of what is longer than a post may be, the
	 * beginning is scored */
	struct str title = utf8_cut(post->title, POST_MAX_BYTES);
	struct str text = utf8_cut(post->text, POST_MAX_BYTES);
	tokens_cut(&work->title, title, NULL, 0, arena);
	tokens_cut(&work->text, text, post->quotes, post->n_quotes, arena);
	features_of(&work->features, &work->title, &work->text, score->words, arena);
	linear_sum(&work->sums, score->model, &work->features, arena);
	return (struct scoring){.post = post,
				.title = &work->title,
				.text = &work->text,
				.features = &work->features,
				.model = score->model,
				.sums = &work->sums,
				.settings = &score->settings,
				.arena = arena};
}

/* The title's facts first; "now" is when the post was heard. */
static void find_facts(const struct scoring *in, struct analysis *ret)
{
	const struct {
		struct str name, text;
		const struct tokens *tokens;
	} fields[] = {{STR("title"), in->post->title, in->title},
		      {STR("text"), in->post->text, in->text}};
	ret->facts = arena_alloc(in->arena, 2 * FACTS_MAX * sizeof *ret->facts);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		ret->n_facts += facts_find(ret->facts + ret->n_facts, FACTS_MAX, fields[i].name,
					   utf8_cut(fields[i].text, POST_MAX_BYTES),
					   fields[i].tokens, in->post->fetched_at, in->arena);
}

/* What is judged of targets. */
struct judging {
	const struct score *score;
	const struct scoring *in;
	struct post_tonality_score
	    *of; /* of the terms that were given, then of queries'; NULL: not yet */
};

static void judge_targets(void *arg, struct query_target *targets, size_t n)
{
	struct judging *j = arg;
	const struct model_head *head = model_head(j->score->model, "tonality");
	size_t n_terms = targets_n(j->score->targets);
	j->of = arena_zalloc(j->in->arena, (n_terms + n) * sizeof *j->of);
	if (head)
		targets_score(j->score->targets, targets, n, j->in, head, j->of);
	for (size_t k = 0; k < n; k++)
		targets[k].label = j->of[n_terms + k].label;
}

static void put_target(struct analysis *ret, struct str name, const struct judging *j, size_t k)
{
	if (j->of[k].label == POST_TONALITY_NULL || ret->n_targets == POST_TARGETS_MOST)
		return;
	if (!ret->targets)
		ret->targets = arena_alloc(j->in->arena, POST_TARGETS_MOST * sizeof *ret->targets);
	ret->targets[ret->n_targets++] = (struct post_target){name, j->of[k]};
}

/* The names and places of the queries that match, and the tonality towards their targets.  What a set says of
 * relevance holds where no head of the customer's does. */
static void match_queries(const struct score *score, const struct scoring *in,
			  struct judging *judging, struct analysis *ret)
{
	struct query_post post = {.post = in->post,
				  .analysis = ret,
				  .title = in->title,
				  .text = in->text,
				  .lang = ret->lang,
				  .judge = judge_targets,
				  .arg = judging};
	const struct query_set *set = score->queries->file->set;
	struct query_match *matches;
	size_t n = query_match(score->queries->matcher, &post, in->arena, &matches);
	n = n < POST_QUERIES_MOST ? n : POST_QUERIES_MOST;
	ret->queries = arena_alloc(in->arena, (n + 1) * sizeof *ret->queries);
	ret->n_queries = n;
	for (size_t i = 0; i < n; i++) {
		const struct query_match *m = &matches[i];
		struct post_query *q = &ret->queries[i];
		*q = (struct post_query){
		    str_of(query_set_name(set, m->query)),
		    arena_alloc(in->arena, (m->n_spans + 1) * sizeof *q->spans), m->n_spans};
		for (size_t k = 0; k < m->n_spans; k++)
			q->spans[k] =
			    (struct post_place){m->spans[k].title ? STR("title") : STR("text"),
						m->spans[k].start, m->spans[k].end};
		if (m->target != QUERY_NO_TARGET)
			put_target(ret, q->name, judging, targets_n(score->targets) + m->target);
	}
	if (ret->relevance == POST_NO_P) {
		ret->relevance = n ? POST_ONE : 0;
		ret->by_query = true;
	}
}

void score_post(const struct score *score, const struct post *post, struct arena *arena,
		struct analysis *ret)
{
	struct work work;
	analysis_init(ret);
	ret->v.engine = STR(SCORE_ENGINE);
	ret->v.model = str_of(model_id(score->model));
	ret->v.queries = str_of(score->queries_id);
	ret->v.config = str_of(score->config_id);
	if (post->lang.n)
		ret->lang = post->lang;
	struct scoring in = prepare(score, post, arena, &work);
	for (size_t i = 0; scorers[i]; i++) {
		if (score->heads[i])
			scorers[i]->score(&in, score->heads[i], ret);
	}
	find_facts(&in, ret);
	struct judging judging = {.score = score, .in = &in};
	if (score->queries)
		match_queries(score, &in, &judging, ret);
	if (score->targets && !judging.of)
		judge_targets(&judging, NULL, 0);
	for (size_t k = 0; k < targets_n(score->targets); k++)
		put_target(ret, targets_term(score->targets, k), &judging, k);
}

void score_judge(void *arg, struct query_target *targets, size_t n)
{
	const struct score_judging *of = arg;
	struct work work;
	struct scoring in = prepare(of->score, of->post, of->arena, &work);
	struct judging judging = {.score = of->score, .in = &in};
	judge_targets(&judging, targets, n);
}

int64_t score_tonality_margin(const struct score *score, const struct post *post,
			      struct arena *arena)
{
	const struct model_head *head = model_head(score->model, "tonality");
	int negative = head ? model_class_of(head, STR("negative")) : -1;
	int positive = head ? model_class_of(head, STR("positive")) : -1;
	if (negative < 0 || positive < 0)
		return 0;
	struct work work;
	struct linear_result r;
	(void)prepare(score, post, arena, &work);
	linear_result(&r, head, &work.sums, arena);
	return r.margin[positive] - r.margin[negative];
}

int score_line(struct score *score, struct str json, struct buf *out, struct error *err)
{
	struct post_seam seam;
	const struct analysis *analysis = NULL; /* of a delete */
	arena_reset(score->arena);
	if (post_parse_seam(json, score->arena, &score->post, &seam, err) != 0)
		return -1;
	if (score->post.op == POST_DELETE) {
		analysis_init(&score->last);
	} else {
		score_post(score, &score->post, score->arena, &score->last);
		analysis = &score->last;
	}
	if (scored_write(out, json, &seam, analysis) != 0)
		return error_set(err, "the scored post is larger than %zu bytes", out->limit_bytes);
	return 0;
}

const struct post *score_last(const struct score *score, struct analysis *ret_analysis)
{
	*ret_analysis = score->last;
	return &score->post;
}
