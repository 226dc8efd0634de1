#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"

static const double LN2 = 0.693147180559945309417;

static double two_to(int k) /* -1022..1023 */
{
	uint64_t bits = (uint64_t)(k + 1023) << 52;
	double d;
	memcpy(&d, &bits, sizeof d);
	return d;
}

double exact_exp(double x)
{
	if (x < -700)
		return 0;
	if (x > 700)
		x = 700;
	int k = (int)(x / LN2 + (x < 0 ? -0.5 : 0.5));
	double r = x - k * LN2, sum = 1, term = 1;
	for (int i = 1; i <= 18; i++) { /* |r| < 0.35: the 18th term is below 1e-24 */
		term = term * r / i;
		sum += term;
	}
	return sum * two_to(k);
}

double exact_log(double x)
{
	must(x > 0);
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int k = (int)(bits >> 52 & 0x7ff) - 1023;
	bits = (bits & 0xfffffffffffffULL) | 1023ULL << 52;
	double m; /* 1 <= m < 2 */
	memcpy(&m, &bits, sizeof m);
	if (m > 1.41421356237309505) {
		m /= 2;
		k++;
	}
	double z = (m - 1) / (m + 1), z2 = z * z, sum = 0; /* log m = 2 atanh z */
	for (int i = 23; i >= 1; i -= 2)
		sum = sum * z2 + 1.0 / i;
	return 2 * z * sum + k * LN2;
}

uint32_t exact_isqrt(uint64_t x)
{
	uint64_t root = 0;
	for (uint64_t bit = 1ULL << 31; bit; bit >>= 1) {
		uint64_t next = root | bit;
		if (next * next <= x)
			root = next;
	}
	return (uint32_t)root;
}

uint64_t exact_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}
