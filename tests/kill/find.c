#include <stdarg.h>

#include "common/mem.h"

#include "tests/kill/find.h"

enum { SHOWN = 20, LINE = 300 };

static const char *const names[FIND_KINDS] = {
    [FIND_LOST] = "lost",       [FIND_WRONG] = "wrong", [FIND_DOUBLE] = "double",
    [FIND_ORDER] = "order",     [FIND_EVENT] = "event", [FIND_ACK] = "ack",
    [FIND_COUNTER] = "counter", [FIND_INDEX] = "index", [FIND_TEXT] = "text",
    [FIND_DEAD] = "dead",       [FIND_DIED] = "died",   [FIND_SHORT] = "short",
};
static size_t count[FIND_KINDS];
static char shown[FIND_KINDS][SHOWN][LINE];

void find(enum find_kind kind, const char *fmt, ...)
{
	must(kind < FIND_KINDS);
	if (count[kind] < SHOWN) {
		va_list ap;
		va_start(ap, fmt);
		(void)vsnprintf(shown[kind][count[kind]], LINE, fmt, ap);
		va_end(ap);
	}
	count[kind]++;
}

size_t find_report(FILE *to)
{
	size_t sum = 0;
	(void)fprintf(to, "findings:");
	for (int k = 0; k < FIND_KINDS; k++) {
		(void)fprintf(to, " %s=%zu", names[k], count[k]);
		sum += count[k];
	}
	(void)fprintf(to, "\n");
	for (int k = 0; k < FIND_KINDS; k++)
		for (size_t i = 0; i < count[k] && i < SHOWN; i++)
			(void)fprintf(to, "  %-7s %s\n", names[k], shown[k][i]);
	return sum;
}
