#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

int error_set(struct error *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	/* a longer text is cut: it is for people */
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	char old[sizeof err->text];
	memcpy(old, err->text, sizeof old);
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	/* what does not fit behind the prefix is cut */
	size_t at = n < 0 ? 0 : (size_t)n, room = sizeof err->text - 1;
	if (at + 2 < room) {
		size_t len = strlen(old) < room - at - 2 ? strlen(old) : room - at - 2;
		memcpy(err->text + at, ": ", 2);
		memcpy(err->text + at + 2, old, len);
		err->text[at + 2 + len] = '\0';
	}
	return -1;
}
