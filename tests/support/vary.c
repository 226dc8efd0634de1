#include <string.h>

#include "analyze/exact.h"

#include "tests/support/vary.h"

size_t vary_bytes(uint8_t *bytes, size_t n, size_t room, size_t keep, unsigned most,
		  const char *const *pieces, size_t n_pieces, uint64_t *state)
{
	for (uint64_t k = exact_random(state) % most + 1; k > 0 && n > keep; k--) {
		size_t at = keep + exact_random(state) % (n - keep), len;
		const char *piece = pieces[exact_random(state) % n_pieces];
		switch (exact_random(state) % 3) {
		case 0: bytes[at] = (uint8_t)exact_random(state); break;
		case 1:
			len = exact_random(state) % (n - at < 20 ? n - at : 20);
			memmove(bytes + at, bytes + at + len, n - at - len);
			n -= len;
			break;
		default:
			len = strlen(piece);
			if (n + len > room)
				break;
			memmove(bytes + at + len, bytes + at, n - at);
			memcpy(bytes + at, piece, len);
			n += len;
		}
	}
	return n;
}
