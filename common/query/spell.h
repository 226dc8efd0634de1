/*
 * spell.h: the other forms of a word: as written in lower case, with plain vowels, as a stem.  Private to
 * common/query.  New text in the arena.
 */
#ifndef COMMON_QUERY_SPELL_H
#define COMMON_QUERY_SPELL_H

#include "common/arena.h"
#include "common/str.h"

/* Composed (NFC), without invisible characters, each character in its lower case: sharp s stays. */
struct str spell_written(struct str s, struct arena *arena);
/* Composed and without invisible characters, else as it is. */
struct str spell_exact(struct str s, struct arena *arena);
/* Of a folded word: ae oe ue become a o u. */
struct str spell_plain(struct str folded, struct arena *arena);

/* Is there a * or ? in it? */
bool spell_wild(struct str pattern);
/* Bytes that are neither. */
size_t spell_letters(struct str pattern);
/* Does `pattern` (* any word characters, ? one of them) fit the whole of s?  free: any characters, as
 * inside tags and names.  Linear in s times the stars between literals. */
bool spell_fits(struct str pattern, struct str s, bool free);

#endif
