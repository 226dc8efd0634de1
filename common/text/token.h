/*
 * token.h: a post's words, cut once; every scorer and every query reads this array.
 *
 * The rules are those of the monitoring language (docs/QUERY-LANGUAGE.md, "Words"): runs of
 * letters, digits and marks are words; everything else separates; German gender forms stay one word
 * (Kund*innen); #tag and @name are one word with the mark; an emoji sequence is one word; a URL is
 * one word of its own kind; default-ignorable characters are taken out first.  Folding: NFKC and
 * full case folding, then ae oe ue ss for the umlauts and sharp s, other accents dropped.
 * Sentences end as UAX #29 says, and at line breaks; common German and English abbreviations end none.
 *
 * Pure: bytes in, array out.  Same text, same tokens on every machine.
 */
#ifndef COMMON_TEXT_TOKEN_H
#define COMMON_TEXT_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/post.h"

enum token_kind { TOKEN_WORD, TOKEN_TAG, TOKEN_MENTION, TOKEN_EMOJI, TOKEN_URL, TOKEN_NUMBER };

struct token {
	uint32_t start, end; /* bytes of the text as written, [start,end), the mark included */
	struct str folded;   /* without the mark; of a URL: as written */
	uint32_t position;   /* 1, 2, 3 ...; tokens in a quote have their own count */
	uint32_t sentence;   /* 0, 1, 2 ... */
	uint8_t kind;        /* enum token_kind */
	bool quoted;         /* inside one of the post's quotes */
};

struct tokens {
	struct token *at; /* in the arena */
	size_t n;
	uint32_t sentences;
};

/* Cuts `text` (valid UTF-8, at most POST_MAX_BYTES).  quotes: sorted spans, may be NULL. */
void tokens_cut(struct tokens *ret, struct str text, const struct post_span *quotes,
		size_t n_quotes, struct arena *arena);

/* One string folded as words are (for terms, tags, names): new text in the arena. */
struct str text_fold(struct str s, struct arena *arena);

#endif
