/*
 * words.h: what people read, German and English, in one table (words.tbl).
 *
 * The language follows the locale (the first of LC_ALL, LC_MESSAGES, LANG that is set begins with
 * "de": German, else English).  A sentence has places $1..$9 for its parts, so that each language
 * orders them as it likes:
 *
 *   words_fill(arena, word(lang, W_HELD_BY), 2, (struct str[]){agent, left});   // "anna, 8 min left"
 *
 * Names from data (channels, reasons, states ...) are looked up by group; a name that nobody knows
 * is shown as it is, with blanks for underscores, so that a new reason never hides.
 * Pure but for words_of_locale.  What comes back lives in the arena or for ever.
 */
#ifndef ROUTE_WORDS_H
#define ROUTE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/str.h"

enum words_lang { WORDS_EN, WORDS_DE };

enum words_lang words_of_locale(void);
int words_lang_of(const char *name, enum words_lang *ret); /* "de" "en"; -1 */

enum words_group {
	WORDS_CHANNEL,
	WORDS_DROPPED,
	WORDS_TONALITY,
	WORDS_LANG,
	WORDS_STATE,
	WORDS_PROMISE,
	WORDS_CLOSE,
	WORDS_ROLE,
	WORDS_ADDRESSED,
	WORDS_KIND,
	WORDS_URGENCY,
	WORDS_FACTOR,
	WORDS_FIELD /* what can be corrected */
};
struct str words_name(struct arena *arena, enum words_lang lang, enum words_group group,
		      struct str name);
/* The i-th name of a group as it is written in data; NULL at the end. */
const char *words_key(enum words_group group, size_t i);

enum word {
#define X(id, en, de) id,
#include "route/words.tbl"
#undef X
	WORDS_COUNT
};

const char *word(enum words_lang lang, enum word id);
/* The pattern with $1..$9 replaced; a missing part is left out. */
struct str words_fill(struct arena *arena, const char *pattern, size_t n, const struct str *parts);

/* "12,000" / "12.000" */
struct str words_number(struct arena *arena, enum words_lang lang, int64_t n);
/* "45 s", "12 min", "2 h 05", "24 h", from two days on "3 d 4 h" (German: T); without its sign. */
struct str words_duration(struct arena *arena, enum words_lang lang, int64_t ms);
/* Time of the day "10:42", or with the day: "Mon 24 Nov 10:42", "Mo 24.11. 10:42". */
struct str words_time(struct arena *arena, int64_t ms, int64_t utc_offset_ms);
struct str words_day_time(struct arena *arena, enum words_lang lang, int64_t ms,
			  int64_t utc_offset_ms);

#endif
