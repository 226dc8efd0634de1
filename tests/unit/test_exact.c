/* Arithmetic without libm: close to libm's, and always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include <string.h>

#include "common/mem.h"

#include "analyze/exact.h"

static void test_close_to_libm(void **state)
{
	static const double xs[] = {-699, -20, -1, -0.3, -1e-9, 0, 1e-9, 0.5, 0.7, 1, 3, 20, 300};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(xs); i++) {
		double x = xs[i], y = exp(x);
		if (fabs(exact_exp(x) - y) > 4e-15 * y * (1 + fabs(x)))
			fail_msg("exp(%g) = %.17g", x, exact_exp(x));
		if (fabs(exact_log(y) - x) > 4e-15 * (1 + fabs(x)))
			fail_msg("log(exp(%g)) = %.17g", x, exact_log(y));
	}
	assert_true(exact_exp(-1000) == 0);
	assert_true(exact_exp(1000) == exact_exp(700));
}

static void test_roots(void **state)
{
	(void)state;
	for (uint64_t x = 0; x < 100000; x++) {
		uint64_t r = exact_isqrt(x * 43);
		assert_true(r * r <= x * 43 && (r + 1) * (r + 1) > x * 43);
	}
	assert_int_equal(exact_isqrt(1ULL << 32), 65536);
	assert_int_equal(exact_isqrt(UINT64_MAX), UINT32_MAX);
}

/* Bits, not nearness: these differ where a compiler fuses multiply and add. */
static void test_same_bits(void **state)
{
	uint64_t seed = 1, sum = 0;
	(void)state;
	for (int i = 0; i < 10000; i++) {
		double x = (double)(exact_random(&seed) >> 40) / 1e5 - 60, y = exact_exp(x);
		uint64_t bits;
		memcpy(&bits, &y, sizeof bits);
		sum = sum * 31 + bits;
		y = exact_log(y + 1e-3);
		memcpy(&bits, &y, sizeof bits);
		sum = sum * 31 + bits;
	}
	if (sum != 0xf4072ebefbfe9a76ULL)
		fail_msg("%llx", (unsigned long long)sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_close_to_libm),
					   cmocka_unit_test(test_roots),
					   cmocka_unit_test(test_same_bits)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
