/*
 * priority.c: the table of factors.
 *
 * Each row turns one input, written as text, into points; the text goes into the receipt, so
 * that anybody can do the sum again.  A new factor is one row here and one in docs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "route/priority.h"

struct points {
	const char *input;
	int64_t points;
};

static const struct points need[] = {{"0", -500}, {"1", 0}, {"2", 900}, {"3", 1800}, {NULL, 0}};
static const struct points tonality[] = {
    {"negative", 400}, {"unsure", 150}, {"neutral", 0}, {"positive", -300}, {NULL, 0}};
static const struct points channel[] = {{"social", 200}, {"review", 150}, {"mail", 100},
					{"forum", 100},  {"blog", 0},     {"news", -200},
					{NULL, 0}};
static const struct points owned[] = {{"yes", 200}, {"no", 0}, {NULL, 0}};
static const struct points addressed[] = {
    {"mention", 300}, {"reply", 300}, {"own_page", 200}, {"none", 0}, {NULL, 0}};
static const struct points role[] = {
    {"authority", 500}, {"press", 300}, {"customer", 0}, {NULL, 0}};

static const struct factor {
	const char *name;
	const struct points *table; /* NULL: computed */
} factors[PRIORITY_FACTORS] = {
    {"weight", NULL}, {"need", need},           {"tonality", tonality}, {"channel", channel},
    {"owned", owned}, {"addressed", addressed}, {"reach", NULL},        {"role", role},
};
enum { WEIGHT, NEED, TONALITY, CHANNEL, OWNED, ADDRESSED, REACH, ROLE };

enum { REACH_MAX_POINTS = 1000, REACH_SHARE = 10 };

/* log2 by squaring in fixed point: 32 fraction bits, one bit of the result per step. */
int64_t priority_ln(int64_t v)
{
	must(v >= 1);
	int whole = 63 - __builtin_clzll((unsigned long long)v);
	uint64_t x = whole > 31 ? (uint64_t)v >> (whole - 31) : (uint64_t)v << (31 - whole);
	uint64_t fraction = 0; /* of log2(v), 32 bits */
	for (int bit = 31; bit >= 0; bit--) {
		x = (x * x) >> 31;
		if (x >> 32) {
			x >>= 1;
			fraction |= UINT64_C(1) << bit;
		}
	}
	/* log2(1000) = 9.96578428466209 in the same fixed point; ln 2 = 0.693147180559945 */
	int64_t log2_q32 = (int64_t)(((uint64_t)whole << 32) + fraction) - INT64_C(42802717582);
	int64_t scaled = log2_q32 * 1000;
	/* times ln 2: in two parts, so that 64 bits suffice */
	int64_t high = scaled / (INT64_C(1) << 32), low = scaled % (INT64_C(1) << 32);
	int64_t micro = high * 693147 + low * 693147 / (INT64_C(1) << 32);
	return micro >= 0 ? (micro + 500000) / 1000000 : -((-micro + 500000) / 1000000);
}

int priority_weight(struct str text, int64_t *ret)
{
	size_t dot = str_find(text, '.', 0);
	struct str decimals = dot < text.n ? str_sub(text, dot + 1, text.n) : STR("0");
	int64_t whole, part;
	if (decimals.n < 1 || decimals.n > 3 || num_int(str_sub(text, 0, dot), 0, 1000, &whole) ||
	    text.p[0] == '-' || decimals.p[0] == '-' || num_int(decimals, 0, 999, &part))
		return -1;
	for (size_t i = decimals.n; i < 3; i++)
		part *= 10;
	int64_t weight = whole * PRIORITY_WEIGHT_ONE + part;
	if (weight < 1 || weight > 1000 * PRIORITY_WEIGHT_ONE)
		return -1;
	*ret = weight;
	return 0;
}

/* A tenth of ln(1 + followers): 1,000 give 691, 10,000 give 921 points, never more than 1,000. */
static int64_t reach_points(int64_t reach)
{
	if (reach > INT64_C(1000000000))
		reach = INT64_C(1000000000);
	int64_t points = priority_ln((reach + 1) * 1000) / REACH_SHARE;
	return points < REACH_MAX_POINTS ? points : REACH_MAX_POINTS;
}

static int points_of(const struct factor *factor, struct str input, int64_t *ret)
{
	int64_t v = 0;
	*ret = 0;
	if (!input.p)
		return 0; /* unknown counts nothing */
	if (factor == &factors[WEIGHT]) {
		if (priority_weight(input, &v))
			return -1;
		*ret = priority_ln(v);
	} else if (factor == &factors[REACH]) {
		if (num_int(input, 0, INT64_MAX, &v))
			return -1;
		*ret = reach_points(v);
	} else {
		for (const struct points *p = factor->table; p->input; p++)
			if (str_is(input, p->input))
				*ret = p->points;
	}
	return 0;
}

int priority_points(struct str name, struct str input, int64_t *ret)
{
	for (size_t i = 0; i < PRIORITY_FACTORS; i++)
		if (str_is(name, factors[i].name))
			return points_of(&factors[i], input, ret);
	return -1;
}

int64_t priority_boost(int64_t sum, const struct priority_scale *scale)
{
	return scale->k * scale->work_ms * sum / 1000; /* at most 10^16 */
}

int64_t priority_rank(int64_t boost_ms, const struct promise *promise)
{
	int64_t due =
	    promise->target_ms ? promise->deadline : promise->start + PRIORITY_NO_PROMISE_MS;
	return due - boost_ms;
}

static void set_number(struct priority_factor *f, int64_t v)
{
	if (v == POST_NO_NUMBER || v < 0)
		return;
	(void)snprintf(f->number, sizeof f->number, "%" PRId64, v);
	f->input = str_of(f->number);
}

static void set_inputs(struct priority *ret, const struct scored *s, int64_t weight)
{
	const struct post *p = &s->post;
	struct priority_factor *f = ret->factors;
	(void)snprintf(f[WEIGHT].number, sizeof f[WEIGHT].number, "%" PRId64 ".%03" PRId64,
		       weight / 1000, weight % 1000);
	f[WEIGHT].input = str_of(f[WEIGHT].number);
	if (s->has_analysis) {
		set_number(&f[NEED], s->analysis.urgency.level);
		const char *label = post_tonality_name(s->analysis.tonality.label);
		f[TONALITY].input = str_of(label ? label : "unsure");
	}
	f[CHANNEL].input = p->channel;
	f[OWNED].input = p->owned ? STR("yes") : STR("no");
	f[ADDRESSED].input = str_of(post_addressed_name(p->addressed));
	set_number(&f[REACH],
		   p->author.followers != POST_NO_NUMBER ? p->author.followers : p->counts.views);
	f[ROLE].input = post_role(p);
}

void priority_make(struct priority *ret, const struct scored *scored, int64_t weight,
		   const struct promise *promise, const struct priority_scale *scale)
{
	*ret = (struct priority){0};
	set_inputs(ret, scored, weight);
	for (size_t i = 0; i < PRIORITY_FACTORS; i++) {
		struct priority_factor *f = &ret->factors[i];
		f->name = factors[i].name;
		must(points_of(&factors[i], f->input, &f->points) == 0);
		ret->sum += f->points;
	}
	ret->boost_ms = priority_boost(ret->sum, scale);
	ret->rank = priority_rank(ret->boost_ms, promise);
}
