/*
 * facts.h: things care works with, found in a post by exact patterns: sums, dates, deadlines, times,
 * waiting times, postcodes, tracking numbers, bank accounts, cards, phone numbers, e-mail, order
 * numbers.
 *
 *   struct post_fact facts[FACTS_MAX];
 *   size_t n = facts_find(facts, FACTS_MAX, STR("text"), post.text, &tokens, post.fetched_at, arena);
 *   struct str shown = facts_mask(post.text, facts, n, STR("text"), arena);
 *
 * A pattern, no guess: what is doubtful is left out, and where a kind of number has check digits they
 * must hold.  A number of the right shape with a wrong check digit is no fact, nor a phone number
 * instead; only a word such as "Bestellnummer" before it still makes it an order number.  German and
 * English writing.  A deadline is what is written like one: "tomorrow" may be no more than a day.
 *
 *   kind      personal  value                   found, for example
 *   iban      yes       DE89370400440532013000  with or without blanks; length of its country, mod 97
 *   card      yes       4111111111111111        issuer's prefix and length, Luhn
 *   tracking  yes       RR123456785DE           UPU S10, UPS 1Z, DHL 00340... (GS1) by check digit;
 *                                               other numbers only beside "Sendung", "tracking" ...
 *   email     yes       jo@example.org
 *   order     yes       KD-1234                 a code behind "Bestellnummer", "order no", "PNR" ...
 *   phone     yes       +49401234567, 0401234567  (national: as written, the country is not known)
 *   money     no        EUR 12.50               EUR, USD, GBP, CHF
 *   deadline  no        2026-11-28, 2026-11-28T14:00, 2026-11-28T09:15Z
 *   duration  no        P9D                     waited so far: "seit 9 Tagen", "for 2 weeks"
 *   date      no        2026-12-24
 *   time      no        14:30
 *   postcode  yes       DE 50667, GB SW1A 1AA, AT 1010, CH 8001, 1010 (country not said)
 *
 * Of facts that overlap the one higher in this table stands; of one kind the one that begins first.
 * Days are counted in UTC from now_ms: a time of day ("bis 14 Uhr") is the writer's, whose zone nobody
 * knows, and has no Z; an instant counted from now ("in 24 Stunden") has one.  A weekday is the next
 * one after today.  A date without a year is the one nearest to now.  Where now_ms is POST_NO_TIME
 * values that need it are empty text, not unknown.
 *
 * Tokens in quotes are skipped, and no fact reaches across a quote.  Pure, without clock and locale;
 * time and memory are linear in the tokens (40 bytes of arena for each, and the values).
 */
#ifndef ANALYZE_FACTS_H
#define ANALYZE_FACTS_H

#include <stdint.h>

#include "common/arena.h"
#include "common/post.h"
#include "common/text/token.h"

enum { FACTS_MAX = 64 }; /* of one field: whoever writes more of them writes a table */

/* Facts of one field, in the order of the text, not overlapping; at most `most` and FACTS_MAX of them:
 * the first.  `tokens` must be those of `text`; spans are bytes of it.  kind and value live in
 * static memory and the arena; `field` is kept as it is. */
size_t facts_find(struct post_fact *ret, size_t most, struct str field, struct str text,
		  const struct tokens *tokens, int64_t now_ms, struct arena *arena);

/* The same with every kind tried at every word: what tests compare with. */
size_t facts_find_reference(struct post_fact *ret, size_t most, struct str field, struct str text,
			    const struct tokens *tokens, int64_t now_ms, struct arena *arena);

/* `text` of that field with each personal fact of it replaced by three bullets, for logs and
 * dashboards.  Always three: the length of what was there would tell an IBAN from a phone number and
 * narrow it down.  Facts as facts_find gave them (others' fields are passed over).  New text in the
 * arena, or `text` itself where there is nothing to hide. */
struct str facts_mask(struct str text, const struct post_fact *facts, size_t n, struct str field,
		      struct arena *arena);

/* The kinds, in the order above, for documents and checks; NULL behind the last. */
const char *facts_kind(size_t i);

#endif
