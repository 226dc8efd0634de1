/*
 * exact.h: the little mathematics that training and scoring need, equal on every machine.
 *
 * libm may differ in the last bit from one system to the next; these functions use only the four
 * IEEE operations in a fixed order (and the build forbids fused multiply-add), so a model trained
 * twice has the same bytes.  Accurate to about 1e-15, which is more than calibration needs.
 */
#ifndef ANALYZE_EXACT_H
#define ANALYZE_EXACT_H

#include <stdint.h>

double exact_exp(double x);       /* 0 below -700, exp(700) above 700 */
double exact_log(double x);       /* x > 0 and finite */
uint32_t exact_isqrt(uint64_t x); /* floor of the root */

/* A small generator (splitmix64) for shuffles and fragments. */
uint64_t exact_random(uint64_t *state);

#endif
