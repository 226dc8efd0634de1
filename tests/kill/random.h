/*
 * random.h: numbers that follow from the printed seed alone (splitmix64, Steele, Lea and Flood 2014).
 */
#ifndef TESTS_KILL_RANDOM_H
#define TESTS_KILL_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}
/* 0 .. n-1; the bias of the remainder is far below what is looked at here. */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
	return random_next(r) % n;
}

#endif
