/*
 * signs.h: punctuation and emoticons between words, as bits of enum token_sign.  Private to
 * common/text.
 */
#ifndef COMMON_TEXT_SIGNS_H
#define COMMON_TEXT_SIGNS_H

#include <stdint.h>

#include "common/str.h"

/* The signs in text[from,to); `word_end` is where the word behind ends (to, if there is none):
 * the mouths of ":D" and "<3" are words. */
uint16_t signs_between(struct str text, size_t from, size_t to, size_t word_end);

#endif
