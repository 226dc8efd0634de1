/* bytes.h as machines without SSE2 have it: the same places are found (test_json.c has the other). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#undef __SSE2__
#include "common/bytes.h"

static void test_places(void **state)
{
	static const char odd[] = {'"', '\\', '\0',   '\x1f', '\x7f',
				   ' ', '!',  '\x80', '\xa2', '\xff'};
	char text[80];
	(void)state;
	for (size_t n = 0; n <= 40; n++)
		for (size_t at = 0; at < n; at++)
			for (size_t k = 0; k < sizeof odd; k++) {
				unsigned char c = (unsigned char)odd[k];
				bool stop = c < 0x20 || c == '"' || c == '\\';
				memset(text, 'a', sizeof text);
				text[n] = '"'; /* behind the end: not to be seen */
				if (at + 3 < n)
					text[at + 3] = '\\'; /* not the first */
				text[at] = odd[k];
				size_t next = at + 3 < n ? at + 3 : n;
				assert_int_equal(bytes_unescaped(text, n), stop ? at : next);
				assert_int_equal(bytes_ascii(text, n),
						 stop || c >= 0x80 ? at : next);
			}
}

static void test_copies(void **state)
{
	char from[40], to[40];
	(void)state;
	for (size_t i = 0; i < sizeof from; i++)
		from[i] = (char)('A' + i);
	for (size_t n = 0; n <= 30; n++) {
		memset(to, '.', sizeof to);
		assert_ptr_equal(bytes_copy(to, from, n), to + n);
		assert_memory_equal(to, from, n);
		assert_int_equal(to[n], '.');
		assert_true(bytes_same(to, from, n));
		for (size_t i = 0; i < n; i++) {
			to[i] ^= 1;
			assert_false(bytes_same(to, from, n));
			to[i] ^= 1;
		}
	}
}

static void test_counts(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 1 << 16; which += 7) {
		bytes_v v;
		for (size_t i = 0; i < 16; i++)
			v[i] = (int8_t) - (which >> i & 1);
		bytes_hits hits = bytes_hits_of(v);
		for (size_t n = 0; n <= 16; n++)
			assert_int_equal(bytes_count(hits, n),
					 __builtin_popcount(which & ((1u << n) - 1)));
		if (bytes_any(hits))
			assert_int_equal(bytes_at(hits), __builtin_ctz(which));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_places),
					   cmocka_unit_test(test_copies),
					   cmocka_unit_test(test_counts)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
