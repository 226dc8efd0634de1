/*
 * ticket_json.c: see ticket_json.h.
 */
#include "route/ticket_json.h"

int ticket_json(struct buf *out, const struct str *fields, size_t n)
{
	(void)buf_char(out, '{'); /* a refused addition shows at the last one */
	for (size_t i = 0; i + 1 < n; i += 2) {
		if (i)
			(void)buf_char(out, ',');
		(void)buf_json_str(out, fields[i]);
		(void)buf_char(out, ':');
		if (str_is(fields[i], "receipt") && fields[i + 1].n)
			(void)buf_str(out, fields[i + 1]); /* is JSON */
		else
			(void)buf_json_str(out, fields[i + 1]);
	}
	return buf_char(out, '}');
}
