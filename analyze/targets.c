#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/explain.h"
#include "analyze/ground.h"
#include "analyze/targets.h"

/* All in thousandths of a margin, or percent; chosen on the first rows and the dev half of
 * tests/data/targets.tsv; all but APART lie on plateaus.  A new model may want others: the unit test
 * prints the figures. */
enum {
	WHOLE_SHARE = 10, /* percent of the whole post's margins in a target's */
	VOTE = 100,       /* what a vote of the lexicon adds to the lead, and how many count */
	VOTES_MOST = 3,
	VOTE_SPEAKS = 200, /* by which neutral is less likely where there is one */
	APART = 600,       /* the same where others have clauses of their own */
	CONTRAST = 80,     /* percent of the mean lead that is taken off there */
	BORDER = 50,       /* a lead smaller than this is neutral */
	SURE = 600         /* lead of what a comparison says outright */
};

struct classes { /* of the head */
	int negative, neutral, positive;
};

struct targets {
	struct arena *arena;
	struct term terms[TARGETS_MOST];
	size_t n;
};

struct targets *targets_create(const char *terms)
{
	struct targets *t = xcalloc(1, sizeof *t);
	struct str rest = str_of(terms), part;
	t->arena = arena_create(16 * MiB);
	while (str_split(&rest, ',', &part) && t->n < TARGETS_MOST) {
		struct tokens tokens;
		struct term *term = &t->terms[t->n];
		struct str name = arena_str(t->arena, str_trim(part));
		tokens_cut(&tokens, name, NULL, 0, t->arena);
		if (tokens.n == 0)
			continue;
		*term =
		    (struct term){name, arena_alloc(t->arena, tokens.n * sizeof(struct str)), 0};
		for (size_t i = 0; i < tokens.n; i++)
			term->words[term->n++] = tokens.at[i].folded;
		t->n++;
	}
	return t;
}

void targets_free(struct targets *targets)
{
	if (!targets)
		return;
	arena_free(targets->arena);
	free(targets);
}

/* The spans that speak of target k. */
static void choose(const struct scoring *in, const struct ground ground[2], size_t k, bool *chosen)
{
	for (size_t i = 0; i < in->features->n_spans; i++) {
		const struct ground *g = &ground[i < in->features->n_title ? 0 : 1];
		uint32_t token = in->features->spans[i].token;
		uint16_t c = g->tokens ? g->clauses.of[token] : CLAUSES_NONE;
		bool name = c != CLAUSES_NONE && in->features->spans[i].place == FEATURE_IN &&
			    g->names[token];
		chosen[i] = c != CLAUSES_NONE && !name && (g->speaks[c] >> k & 1);
	}
}

/* What the clauses of one target say. */
struct verdict {
	struct linear_sums sums;
	struct linear_result r;
	bool *chosen;
	int64_t lead;    /* positive less negative */
	int64_t neutral; /* less the better of these */
};

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int within(int n, int most)
{
	return n > most ? most : n < -most ? -most : n;
}

static void listen(const struct scoring *in, const struct model_head *head, const struct classes *c,
		   int votes, struct verdict *v)
{
	struct linear_result whole;
	votes = within(votes, VOTES_MOST);
	linear_sum_spans(&v->sums, in->model, in->features, v->chosen, in->arena);
	linear_result(&v->r, head, &v->sums, in->arena);
	linear_result(&whole, head, in->sums, in->arena);
	int64_t *m = v->r.margin;
	for (uint32_t k = 0; k < head->n_classes; k++)
		m[k] = (m[k] * (100 - WHOLE_SHARE) + whole.margin[k] * WHOLE_SHARE) / 100;
	v->lead = m[c->positive] - m[c->negative] + (int64_t)votes * VOTE;
	v->neutral =
	    m[c->neutral] - larger(m[c->positive], m[c->negative]) - (votes ? VOTE_SPEAKS : 0);
}

/* How a target stands among the others. */
struct standing {
	bool apart; /* they have clauses of their own */
	bool better, worse, unlike, neither, alike, passing;
	int64_t mean;   /* lead of all */
	int64_t others; /* sum of the others' leads */
};

static void weigh(struct verdict *v, const struct standing *s)
{
	if (s->alike)
		v->lead = (v->lead + s->mean) / 2;
	else if (s->apart) /* who sets two beside each other mostly praises one */
		v->lead -= s->mean * CONTRAST / 100;
	if (s->apart)
		v->neutral -= APART;
	if (s->unlike)
		v->lead = s->others > 0 ? -SURE : SURE;
	if (s->neither)
		v->lead = v->lead > 0 ? -v->lead - SURE : v->lead < -SURE ? -v->lead : -SURE;
	if (s->better != s->worse)
		v->lead = s->better ? larger(v->lead, SURE) : -larger(-v->lead, SURE);
	if (s->unlike || s->neither || s->better || s->worse)
		v->neutral = -SURE;
	if (s->passing)
		v->neutral = SURE;
	if (v->lead <= BORDER && v->lead >= -BORDER)
		v->neutral = larger(v->neutral, 1);
}

/* Near a border the classes' tables may rank probabilities otherwise than margins; the margins' rank holds,
 * so that the label is the most probable one and the score has its sign. */
static void rank_like_margins(struct linear_result *r, const struct classes *c)
{
	const int classes[] = {c->negative, c->neutral, c->positive};
	for (int round = 0; round < 2; round++) { /* of a bubble sort */
		for (int i = 0; i < 3; i++) {
			for (int j = 0; j < 3; j++) {
				int a = classes[i], b = classes[j];
				if (r->margin[a] > r->margin[b] && r->p[a] < r->p[b]) {
					uint32_t p = r->p[a];
					r->p[a] = r->p[b];
					r->p[b] = p;
				}
			}
		}
	}
}

/* The margins are moved first, so that label, p and score say the same. */
static void judge(const struct scoring *in, const struct model_head *head, const struct classes *c,
		  struct verdict *v, struct post_tonality_score *ret)
{
	int64_t *m = v->r.margin, mid = (m[c->positive] + m[c->negative]) / 2;
	m[c->positive] = mid + v->lead / 2;
	m[c->negative] = mid - v->lead / 2;
	m[c->neutral] = larger(m[c->positive], m[c->negative]) + v->neutral;
	linear_shares(&v->r, head);
	rank_like_margins(&v->r, c);
	int label = v->neutral > 0 ? c->neutral : v->lead > 0 ? c->positive : c->negative;
	ret->label = label == c->neutral    ? POST_NEUTRAL
		     : label == c->positive ? POST_POSITIVE
					    : POST_NEGATIVE;
	ret->p = scorer_p(v->r.p[label]);
	ret->score = scorer_p((int64_t)v->r.p[c->positive] - (int64_t)v->r.p[c->negative]);
	if (in->settings->why)
		ret->why = explain_spans(in, head, &v->sums, v->chosen, c->positive, c->negative,
					 &ret->n_why);
}

#define EITHER(member) (ground[0].member | ground[1].member)

static struct relations relations_of(const struct ground ground[2])
{
	uint32_t central = (ground[0].found & ~ground[0].relations.passing) |
			   (ground[1].found & ~ground[1].relations.passing);
	return (struct relations){.better = EITHER(relations.better),
				  .worse = EITHER(relations.worse),
				  .unlike = EITHER(relations.unlike),
				  .neither = EITHER(relations.neither),
				  .alike = EITHER(relations.alike),
				  .passing = EITHER(relations.passing) & ~central};
}

size_t targets_n(const struct targets *targets)
{
	return targets ? targets->n : 0;
}

struct str targets_term(const struct targets *targets, size_t k)
{
	return targets->terms[k].name;
}

/* The first token that ends behind a byte. */
static size_t token_behind(const struct tokens *tokens, size_t byte)
{
	size_t low = 0, high = tokens->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (tokens->at[mid].end <= byte)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void read_text(struct ground *ret, const struct targets *targets,
		      const struct query_target *others, size_t n_others, const struct scoring *in,
		      bool title)
{
	const struct tokens *tokens = title ? in->title : in->text;
	if (!tokens)
		return;
	size_t most = tokens->n + 1;
	for (size_t k = 0; k < n_others; k++)
		most += others[k].n_spans;
	struct occurrence *at = arena_alloc(in->arena, most * sizeof *at);
	size_t n = ground_find(at, targets ? targets->terms : NULL, targets_n(targets), tokens);
	for (size_t k = 0; k < n_others; k++) {
		for (size_t i = 0; i < others[k].n_spans; i++) {
			const struct query_span *span = &others[k].spans[i];
			size_t from = token_behind(tokens, span->start);
			size_t last = token_behind(tokens, span->end - 1);
			if (span->title == title && last < tokens->n)
				at[n++] = (struct occurrence){from, last + 1,
							      1u << (targets_n(targets) + k)};
		}
	}
	ground_read(ret, at, n, title ? in->post->title : in->post->text, tokens,
		    model_lexicon(in->model), in->arena);
}

void targets_score(const struct targets *targets, const struct query_target *others,
		   size_t n_others, const struct scoring *in, const struct model_head *head,
		   struct post_tonality_score *ret)
{
	const struct classes c = {model_class_of(head, STR("negative")),
				  model_class_of(head, STR("neutral")),
				  model_class_of(head, STR("positive"))};
	struct ground ground[2] = {{.tokens = NULL}, {.tokens = NULL}};
	_Static_assert(TARGETS_MOST + (int)QUERY_TARGETS <= (int)GROUND_TARGETS, "a bit for each");
	struct verdict v[TARGETS_MOST + QUERY_TARGETS];
	size_t n_spans = in->features->n_spans, n = 0;
	int64_t sum = 0;
	bool apart = false;
	if (c.negative < 0 || c.neutral < 0 || c.positive < 0)
		return;
	read_text(&ground[0], targets, others, n_others, in, true);
	read_text(&ground[1], targets, others, n_others, in, false);
	uint32_t found = EITHER(found);
	struct relations r = relations_of(ground);
	for (size_t k = 0; k < ARRAY_LEN(v); k++) {
		if (!(found >> k & 1))
			continue;
		int votes = ground_votes(&ground[0], k) + ground_votes(&ground[1], k);
		v[k].chosen = arena_alloc(in->arena, n_spans + 1);
		choose(in, ground, k, v[k].chosen); /* of a name alone nothing: neutral */
		listen(in, head, &c, votes, &v[k]);
		if (r.passing >> k & 1)
			continue; /* the others are not measured by it */
		sum += v[k].lead;
		n++;
		for (size_t j = 0; j < k; j++)
			apart = apart || ((found & ~r.passing) >> j & 1 &&
					  memcmp(v[j].chosen, v[k].chosen, n_spans) != 0);
	}
	for (size_t k = 0; k < ARRAY_LEN(v); k++) {
		if (!(found >> k & 1))
			continue;
		bool passing = r.passing >> k & 1;
		struct standing s = {.apart = apart,
				     .better = r.better >> k & 1,
				     .worse = r.worse >> k & 1,
				     .unlike = n > 1 && (r.unlike >> k & 1),
				     .neither = r.neither >> k & 1,
				     .alike = r.alike >> k & 1,
				     .passing = passing,
				     .mean = n ? sum / (int64_t)n : 0,
				     .others = sum - (passing ? 0 : v[k].lead)};
		weigh(&v[k], &s);
		judge(in, head, &c, &v[k], &ret[k]);
	}
}
