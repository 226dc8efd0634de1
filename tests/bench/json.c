/*
 * json ROUNDS < posts.jsonl: reading a post and writing it with its analysis, by us and by jansson.
 *
 * Ours: post_parse_seam, scored_write (which always writes all members of an analysis, unknown ones
 * as null).  jansson: json_loadb, the members of the analysis built and set, json_dumpb.  All run over
 * the same posts in turn, ROUNDS times after one to warm up; the fastest round of each counts, as
 * another process can only slow one down.  A row each, the time as a multiple of ours:
 *
 *   | NAME | posts/s per core | ns per post | ratio |
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"
#include "common/post.h"

enum { ROOM = 4 * 1024 * 1024 };

static struct str *posts;
static size_t n_posts, n_bytes;
static struct arena *arena;
static struct buf out;
static char *text;
static struct analysis full, few;

static void read_posts(void)
{
	char *line = NULL;
	size_t room = 0, most = 0;
	ssize_t n;
	while ((n = getline(&line, &room, stdin)) > 1) {
		if (n_posts == most) {
			most = most ? 2 * most : 1024;
			posts = xrealloc(posts, most * sizeof *posts);
		}
		posts[n_posts++] = (struct str){xstrndup(line, (size_t)n - 1), (size_t)n - 1};
		n_bytes += (size_t)n - 1;
	}
	free(line);
}

/* What a scorer says of a complaint: eight words with their weights. */
static void fill(void)
{
	struct analysis *a = &full;
	static struct post_why why[8];
	static struct post_label labels[] = {{{"complaint", 9}, 8312}, {{"question", 8}, 5210}};
	for (size_t i = 0; i < ARRAY_LEN(why); i++)
		why[i] = (struct post_why){STR("text"), STR("Verspätung"), 17 * i, 17 * i + 11,
					   -1234 + (int64_t)i};
	analysis_init(a);
	a->v.engine = STR("1"), a->v.model = STR("ea1b223626bd");
	a->v.queries = STR("e3b0c44298fc"), a->v.config = STR("449d53beeb60");
	a->lang = STR("de");
	a->tonality = (struct post_tonality_score){POST_NEGATIVE, -7512, 8312, why, ARRAY_LEN(why)};
	a->intent = labels, a->n_intent = ARRAY_LEN(labels);
	a->answer_p = 7301, a->urgency.level = 2, a->urgency.p = 6120;
	a->urgency.reasons = labels, a->urgency.n_reasons = 1;
	a->sarcasm_p = 120;
	a->flags.threat = 3, a->flags.insult = 410, a->flags.violence = 2;
	a->flags.selfharm = 1, a->flags.spam = 55;
	analysis_init(&few);
	few.v = a->v, few.lang = a->lang;
	few.tonality = (struct post_tonality_score){POST_NEGATIVE, -7512, 8312, NULL, 0};
}

static size_t by_us(const struct analysis *a)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n_posts; i++) {
		struct post post;
		struct post_seam seam;
		struct error err;
		arena_reset(arena);
		buf_reset(&out);
		must(post_parse_seam(posts[i], arena, &post, &seam, &err) == 0);
		if (a)
			must(scored_write(&out, posts[i], &seam, a) == 0);
		bytes += out.n;
	}
	return bytes;
}

static size_t ours_full(void)
{
	return by_us(&full);
}

static size_t ours_few(void)
{
	return by_us(&few);
}

static size_t ours_read(void)
{
	return by_us(NULL);
}

static double p_of(int32_t p)
{
	return (double)p / POST_ONE;
}

static json_t *labels_of(const struct post_label *labels, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s%,s:f}", "label", labels[i].label.p,
						      labels[i].label.n, "p", p_of(labels[i].p)));
	return list;
}

static json_t *analysis_of(const struct analysis *a)
{
	json_t *why = json_array();
	for (size_t i = 0; i < a->tonality.n_why; i++) {
		const struct post_why *w = &a->tonality.why[i];
		json_array_append_new(why, json_pack("{s:s%,s:I,s:I,s:s%,s:I}", "field", w->field.p,
						     w->field.n, "start", (json_int_t)w->start,
						     "end", (json_int_t)w->end, "text", w->text.p,
						     w->text.n, "weight", (json_int_t)w->weight));
	}
	return json_pack(
	    "{s:{s:s,s:s,s:s,s:s},s:s,s:{s:s,s:f,s:f,s:o},s:o,s:{s:f},s:{s:i,s:f,s:o},s:{s:f},"
	    "s:{s:f,s:f,s:f,s:f,s:f}}",
	    "v", "engine", a->v.engine.p, "model", a->v.model.p, "queries", a->v.queries.p,
	    "config", a->v.config.p, "lang", a->lang.p, "tonality", "label", "negative", "score",
	    p_of(a->tonality.score), "p", p_of(a->tonality.p), "why", why, "intent",
	    labels_of(a->intent, a->n_intent), "answer", "p", p_of(a->answer_p), "urgency", "level",
	    a->urgency.level, "p", p_of(a->urgency.p), "reasons",
	    labels_of(a->urgency.reasons, a->urgency.n_reasons), "sarcasm", "p", p_of(a->sarcasm_p),
	    "flags", "threat", p_of(a->flags.threat), "insult", p_of(a->flags.insult), "violence",
	    p_of(a->flags.violence), "selfharm", p_of(a->flags.selfharm), "spam",
	    p_of(a->flags.spam));
}

/* The six members that a first scorer fills. */
static json_t *few_of(const struct analysis *a)
{
	return json_pack("{s:s,s:s,s:f,s:f,s:n,s:s}", "lang", a->lang.p, "label", "negative",
			 "score", p_of(a->tonality.score), "p", p_of(a->tonality.p), "relevance",
			 "model", a->v.model.p);
}

static size_t by_jansson(json_t *(*analysis)(const struct analysis *), const struct analysis *a)
{
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(5);
	size_t bytes = 0;
	for (size_t i = 0; i < n_posts; i++) {
		json_t *root = json_loadb(posts[i].p, posts[i].n, JSON_ALLOW_NUL, NULL);
		must(root);
		if (analysis) {
			must(json_object_set_new(root, "analysis", analysis(a)) == 0);
			size_t n = json_dumpb(root, text, ROOM, flags);
			must(n > 0 && n <= ROOM);
			bytes += n;
		}
		json_decref(root);
	}
	return bytes;
}

static size_t jansson_full(void)
{
	return by_jansson(analysis_of, &full);
}

static size_t jansson_few(void)
{
	return by_jansson(few_of, &few);
}

static size_t jansson_read(void)
{
	return by_jansson(NULL, NULL);
}

/* Each pair does the same. */
static const struct {
	const char *name;
	size_t (*run)(void); /* bytes written */
} ways[] = {{"JSON: read, write with an analysis of 8 words", ours_full},
	    {"jansson: parse, add that analysis, dump", jansson_full},
	    {"JSON: read, write with an analysis without words", ours_few},
	    {"jansson: parse, add 6 members, dump", jansson_few},
	    {"JSON: read", ours_read},
	    {"jansson: parse", jansson_read}};

static double seconds(void)
{
	return (double)clock_cpu_ns() / 1e9;
}

int main(int argc, char **argv)
{
	double best[ARRAY_LEN(ways)] = {0};
	size_t bytes[ARRAY_LEN(ways)] = {0};
	int64_t rounds;
	if (argc != 2 || num_int(str_of(argv[1]), 1, 1000, &rounds))
		return 64;
	arena = arena_create(64 * MiB);
	buf_init(&out, ROOM);
	text = xmalloc(ROOM);
	fill();
	read_posts();
	must(n_posts);
	for (int64_t i = 0; i <= rounds; i++) { /* the first warms up */
		for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
			double from = seconds();
			bytes[way] = ways[way].run();
			double took = seconds() - from;
			if (i == 1 || (i > 1 && took < best[way]))
				best[way] = took;
		}
	}
	fprintf(stderr, "json: %zu posts of %zu bytes; with an analysis %zu, without words %zu\n",
		n_posts, n_bytes / n_posts, bytes[0] / n_posts, bytes[2] / n_posts);
	for (size_t way = 0; way < ARRAY_LEN(ways); way++)
		printf("| %s | %.0f | %.0f | %.1f |\n", ways[way].name, (double)n_posts / best[way],
		       best[way] / (double)n_posts * 1e9, best[way] / best[way & ~(size_t)1]);
	for (size_t i = 0; i < n_posts; i++)
		free((char *)posts[i].p);
	free(posts);
	free(text);
	buf_done(&out);
	arena_free(arena);
	return 0;
}
