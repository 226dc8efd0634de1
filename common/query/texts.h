/*
 * texts.h: texts in the order in which they were added, and the first number of each.  Private to common/query.
 *
 *   struct texts names = {0};
 *   texts_add(&names, STR("brand"));                  // borrowed
 *   texts_find(&names, STR("brand"));                 // 0; names.n: there is none
 *   texts_done(&names);
 */
#ifndef COMMON_QUERY_TEXTS_H
#define COMMON_QUERY_TEXTS_H

#include <stdint.h>

#include "common/str.h"

struct texts {
	struct str *at;
	size_t n, room;
	uint32_t *slots; /* 1 + number, by hash; twice as many as room */
};

void texts_add(struct texts *texts, struct str text);
size_t texts_find(const struct texts *texts, struct str text);
void texts_done(struct texts *texts);

#endif
