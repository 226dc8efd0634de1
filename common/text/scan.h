/*
 * scan.h: the tokeniser for a text that is whole: quotes are out (cut.c).  Private to common/text.
 */
#ifndef COMMON_TEXT_SCAN_H
#define COMMON_TEXT_SCAN_H

#include "common/text/token.h"

void scan_text(struct tokens *ret, struct str text, struct arena *arena, bool fast);

#endif
