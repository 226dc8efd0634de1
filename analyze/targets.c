#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

#include "analyze/clauses.h"
#include "analyze/explain.h"
#include "analyze/targets.h"

/* Chosen on tests/data/targets.tsv, so that its figure is no clean test of them. */
enum {
	OWN_SHARE = 90, /* percent of the clauses' margins, the rest is the whole post's */
	BORDER = 50,    /* thousandths by which positive and negative must differ */
	CONTRAST = 90,  /* percent of the mean lead that is taken off where targets stand apart */
	APART = 500,    /* thousandths by which neutral must then win */
	REACH = 2       /* sentences that a target carries on */
};

struct term {
	struct str name;   /* as given */
	struct str *words; /* folded */
	size_t n;
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

static bool begins(struct str s, struct str prefix)
{
	return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* Words of the text that the term takes up from token i on; 0: it does not stand there. */
static size_t match(const struct term *term, const struct tokens *tokens, size_t i)
{
	const struct token *t = &tokens->at[i];
	if (t->quoted)
		return 0;
	if (term->n == 1 && (t->kind == TOKEN_MENTION || t->kind == TOKEN_TAG))
		return term->words[0].n >= 2 && begins(t->folded, term->words[0]);
	for (size_t k = 0; k < term->n; k++) {
		if (i + k >= tokens->n || t[k].quoted || !str_eq(t[k].folded, term->words[k]))
			return 0;
	}
	return term->n;
}

/* Is the target at token i what another one is compared with, "better than X"?  1: that is better; -1: that
 * is worse. */
static int compared(const struct tokens *tokens, size_t i)
{
	static const char *const than[] = {"als", "than", "to", "statt"};
	static const struct {
		const char *word;
		int sign;
	} how[] = {
	    {"besser", 1},     {"better", 1},      {"schneller", 1},       {"faster", 1},
	    {"lieber", 1},     {"rather", 1},      {"prefer", 1},          {"freundlicher", 1},
	    {"cheaper", 1},    {"billiger", 1},    {"guenstiger", 1},      {"zuverlaessiger", 1},
	    {"reliable", 1},   {"nicer", 1},       {"quicker", 1},         {"hilfreicher", 1},
	    {"angenehmer", 1}, {"schlechter", -1}, {"worse", -1},          {"slower", -1},
	    {"langsamer", -1}, {"teurer", -1},     {"unfreundlicher", -1}, {"schlimmer", -1}};
	for (size_t back = 1; back <= 3 && back <= i; back++) {
		struct str w = tokens->at[i - back].folded;
		bool is_than = false;
		for (size_t k = 0; k < ARRAY_LEN(than); k++)
			is_than = is_than || str_is(w, than[k]);
		for (size_t j = 1; is_than && j < 6 && j + back <= i; j++) {
			struct str earlier = tokens->at[i - back - j].folded;
			for (size_t m = 0; m < ARRAY_LEN(how); m++) {
				if (str_is(earlier, how[m].word))
					return how[m].sign;
			}
		}
	}
	return 0;
}

static bool set_against(const struct tokens *tokens, size_t i)
{
	static const char *const words[] = {"unlike", "gegensatz", "anders"};
	for (size_t back = 1; back <= 3 && back <= i; back++) {
		for (size_t k = 0; k < ARRAY_LEN(words); k++) {
			if (str_is(tokens->at[i - back].folded, words[k]))
				return true;
		}
	}
	return false;
}

/* One of the post's two texts: for each target the clauses that speak of it. */
struct ground {
	const struct tokens *tokens;
	struct clauses clauses;
	uint32_t *speaks; /* of each clause: a set of targets */
	bool *names;      /* of each token: part of a target's name, which says nothing of it */
	uint32_t found;   /* targets that stand in it */
	uint32_t better, worse; /* those that something is better or worse than */
	uint32_t unlike;        /* those that another one is set against: "unlike X" */
};

static void find(const struct targets *targets, struct str text, const struct tokens *tokens,
		 struct arena *arena, struct ground *g)
{
	*g = (struct ground){.tokens = tokens};
	clauses_cut(&g->clauses, text, tokens, arena);
	g->speaks = arena_zalloc(arena, (g->clauses.n + 1) * sizeof *g->speaks);
	g->names = arena_zalloc(arena, tokens->n + 1);
	for (size_t i = 0; i < tokens->n; i++) {
		for (size_t k = 0; k < targets->n; k++) {
			size_t n = match(&targets->terms[k], tokens, i);
			if (n == 0)
				continue;
			memset(g->names + i, true, n);
			g->speaks[g->clauses.of[i]] |= 1u << k;
			g->found |= 1u << k;
			if (set_against(tokens, i))
				g->unlike |= 1u << k;
			int sign = compared(tokens, i);
			g->better |= sign > 0 ? 1u << k : 0;
			g->worse |= sign < 0 ? 1u << k : 0;
		}
	}
	/* clauses without a target go on with what was spoken of */
	uint32_t on = 0, sentence = 0;
	for (size_t c = 0; c < g->clauses.n; c++) {
		if (g->speaks[c]) {
			on = g->speaks[c];
			sentence = g->clauses.sentence[c];
		} else if (on && g->clauses.sentence[c] - sentence <= REACH) {
			g->speaks[c] = on;
		}
	}
	for (size_t c = g->clauses.n; c-- > 0;) { /* and those before the first belong to it */
		if (!g->speaks[c] && c + 1 < g->clauses.n)
			g->speaks[c] = g->speaks[c + 1];
	}
}

/* The spans that speak of target k. */
static size_t choose(const struct scoring *in, const struct ground ground[2], size_t k,
		     bool *chosen)
{
	size_t n = 0;
	for (size_t i = 0; i < in->features->n_spans; i++) {
		const struct ground *g = &ground[i < in->features->n_title ? 0 : 1];
		uint16_t c = g->tokens ? g->clauses.of[in->features->spans[i].token] : CLAUSES_NONE;
		bool name = c != CLAUSES_NONE && in->features->spans[i].place == FEATURE_IN &&
			    g->names[in->features->spans[i].token];
		chosen[i] = c != CLAUSES_NONE && !name && (g->speaks[c] >> k & 1);
		n += chosen[i];
	}
	return n;
}

/* What the clauses of one target say. */
struct verdict {
	struct linear_sums sums;
	struct linear_result own; /* of its clauses and, by its share, the whole post */
	bool *chosen;
	int64_t lead; /* positive less negative */
};

static void listen(const struct scoring *in, const struct model_head *head, const struct classes *c,
		   struct verdict *v)
{
	struct linear_result whole;
	linear_sum_spans(&v->sums, in->model, in->features, v->chosen, in->arena);
	linear_result(&v->own, head, &v->sums, in->arena);
	linear_result(&whole, head, in->sums, in->arena);
	for (uint32_t k = 0; k < head->n_classes; k++)
		v->own.margin[k] =
		    (v->own.margin[k] * OWN_SHARE + whole.margin[k] * (100 - OWN_SHARE)) / 100;
	linear_shares(&v->own, head);
	v->lead = v->own.margin[c->positive] - v->own.margin[c->negative];
}

/* apart: other targets have clauses of their own, and `mean` is the lead of all: who sets two against each
 * other praises one.  said: a comparison in one clause calls it the better (1) or the worse one (-1). */
static void judge(const struct scoring *in, const struct model_head *head, const struct classes *c,
		  const struct verdict *v, int said, bool apart, int64_t mean,
		  struct post_tonality_score *ret)
{
	int32_t p_negative = scorer_p(v->own.p[c->negative]);
	int32_t p_positive = scorer_p(v->own.p[c->positive]);
	int64_t lead = v->lead - (apart ? mean * CONTRAST / 100 : 0);
	int64_t best =
	    v->own.margin[v->own.margin[c->positive] > v->own.margin[c->negative] ? c->positive
										  : c->negative];
	int64_t neutral = v->own.margin[c->neutral] - best - (apart ? APART : 0);
	if (said) {
		int32_t more = p_positive > p_negative ? p_positive : p_negative;
		p_negative = said < 0 ? more : POST_ONE - more;
		p_positive = POST_ONE - p_negative;
		lead = said * (BORDER + 1);
		neutral = 0;
	}
	bool clear = lead > BORDER || lead < -BORDER;
	ret->label = neutral > 0 || !clear ? POST_NEUTRAL
		     : lead > 0            ? POST_POSITIVE
					   : POST_NEGATIVE;
	ret->p = ret->label == POST_POSITIVE   ? p_positive
		 : ret->label == POST_NEGATIVE ? p_negative
					       : POST_ONE - p_positive - p_negative;
	ret->score = p_positive - p_negative;
	if (in->settings->why)
		ret->why = explain_spans(in, head, &v->sums, v->chosen, c->positive, c->negative,
					 &ret->n_why);
}

void targets_score(const struct targets *targets, const struct scoring *in,
		   const struct model_head *head, struct analysis *ret)
{
	const struct classes c = {model_class_of(head, STR("negative")),
				  model_class_of(head, STR("neutral")),
				  model_class_of(head, STR("positive"))};
	struct ground ground[2] = {{.tokens = NULL}, {.tokens = NULL}};
	struct verdict v[TARGETS_MOST];
	size_t n_spans = in->features->n_spans, n = 0;
	int64_t sum = 0;
	bool apart = false;
	if (!targets || c.negative < 0 || c.neutral < 0 || c.positive < 0)
		return;
	if (in->title)
		find(targets, in->post->title, in->title, in->arena, &ground[0]);
	if (in->text)
		find(targets, in->post->text, in->text, in->arena, &ground[1]);
	uint32_t found = ground[0].found | ground[1].found;
	uint32_t unlike = ground[0].unlike | ground[1].unlike;
	uint32_t better = ground[0].better | ground[1].better,
		 worse = ground[0].worse | ground[1].worse;
	for (size_t k = 0; k < targets->n; k++) {
		v[k].chosen = arena_alloc(in->arena, n_spans + 1);
		if (!(found >> k & 1))
			continue;
		(void)choose(in, ground, k, v[k].chosen); /* of a name alone nothing: neutral */
		listen(in, head, &c, &v[k]);
		sum += v[k].lead;
		for (size_t j = 0; j < k; j++)
			apart = apart || ((found >> j & 1) &&
					  memcmp(v[j].chosen, v[k].chosen, n_spans) != 0);
		n++;
	}
	ret->targets = arena_zalloc(in->arena, (targets->n + 1) * sizeof *ret->targets);
	for (size_t k = 0; k < targets->n; k++) {
		if (!(found >> k & 1))
			continue;
		struct post_target *target = &ret->targets[ret->n_targets++];
		target->query = targets->terms[k].name;
		bool is_better = worse & ~(1u << k), is_worse = better >> k & 1;
		bool others = better & ~(1u << k), own = worse >> k & 1;
		int said = apart ? 0 : is_worse || (is_better && !own) ? -1 : others || own ? 1 : 0;
		if (n > 1 && unlike >> k & 1)
			said = sum - v[k].lead > 0 ? -1 : 1;
		judge(in, head, &c, &v[k], said, apart, sum / (int64_t)n, &target->tonality);
	}
}
