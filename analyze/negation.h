/*
 * negation.h: words that turn the meaning of those behind them.
 */
#ifndef ANALYZE_NEGATION_H
#define ANALYZE_NEGATION_H

#include <stdbool.h>

#include "common/str.h"

enum { NEGATION_REACH = 3 /* words */ };

bool negates(struct str folded_word);

#endif
