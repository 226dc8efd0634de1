/*
 * priority.h: how much a ticket weighs, as visible integer arithmetic.
 *
 * Points are thousandths of a natural logarithm: 693 points double the weight.  Factors add up,
 * so weights multiply:  sum = weight + need + tonality + channel + owned + addressed + reach + role.
 * The sum and the deadline give the place in the queue, the ATC rule (Vepsalainen & Morton, 1987)
 * in logarithms, static while the promise runs:
 *
 *   boost = k * work * sum / 1000      ms that the weight is worth
 *   rank  = deadline - boost           lowest first; without a promise: start + 7 days - boost
 *
 * The need decides and the tone hardly does: urgency spans 2,300 points, tonality 700.
 * No floating point, no libm: the same on every machine.  Pure.
 */
#ifndef ROUTE_PRIORITY_H
#define ROUTE_PRIORITY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "route/condition.h"
#include "route/promise/promise.h"

enum { PRIORITY_FACTORS = 8, PRIORITY_WEIGHT_ONE = 1000 };
#define PRIORITY_NO_PROMISE_MS (INT64_C(7) * 24 * 3600 * 1000)

/* How the queue trades time against weight. */
struct priority_scale {
	int64_t k;       /* look-ahead: how many tickets ahead a deadline begins to count */
	int64_t work_ms; /* time one ticket takes on average */
};

struct priority_factor {
	const char *name; /* static */
	struct str input; /* what was looked at, as text; borrowed from the post or static */
	char number[24];  /* where the input is a number: input points here */
	int64_t points;
};

struct priority {
	struct priority_factor factors[PRIORITY_FACTORS];
	int64_t sum, boost_ms, rank;
};

/* `weight` in thousandths (2.0 is 2000), 1..1,000,000. */
void priority_make(struct priority *ret, const struct scored *scored, int64_t weight,
		   const struct promise *promise, const struct priority_scale *scale);
/* The points of one factor from its name and input; -1 for what no factor gives. */
int priority_points(struct str name, struct str input, int64_t *ret);
int64_t priority_boost(int64_t sum, const struct priority_scale *scale);
int64_t priority_rank(int64_t boost_ms, const struct promise *promise);

/* round(1000 * ln(v / 1000)) for v in 1..10^15, by integers. */
int64_t priority_ln(int64_t v_thousandths);
/* "2.0" -> 2000; at most three decimals, 0.001..1000. */
int priority_weight(struct str text, int64_t *ret);

#endif
