/*
 * token.h: a post's words, cut once; every scorer and every query reads this array.
 *
 * The rules are those of the monitoring language (docs/QUERY-LANGUAGE.md, "Words"): runs of
 * letters, digits and marks are words; everything else separates; German gender forms stay one word
 * (Kund*innen); #tag and @name are one word with the mark; an emoji sequence is one word; a URL is
 * one word of its own kind; default-ignorable characters are taken out first.  Folding: NFKC and
 * full case folding, then ae oe ue ss for the umlauts and sharp s, other accents dropped.
 * Sentences end as UAX #29 says, and at line breaks; common German and English abbreviations end
 * none.  Queries and scorers read this array and never the bytes again.
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

enum token_flag {
	TOKEN_CAPITAL = 1, /* its first letter is a capital */
	TOKEN_UPPER = 2,   /* two letters or more, all capitals */
	TOKEN_DIGIT = 4,   /* a word, number, tag or name with a digit in it */
};

/* What stands between two words besides white space.  No words for queries; tonality reads it. */
enum token_sign {
	SIGN_EXCLAIM = 1 << 0,   /* ! */
	SIGN_EXCLAIMS = 1 << 1,  /* !! and longer */
	SIGN_QUESTION = 1 << 2,  /* ? */
	SIGN_QUESTIONS = 1 << 3, /* ?? and longer, ?! */
	SIGN_DOTS = 1 << 4,      /* ... */
	SIGN_SMILE = 1 << 5,     /* :) =) :-] (: ^^ */
	SIGN_WINK = 1 << 6,      /* ;) */
	SIGN_LAUGH = 1 << 7,     /* :D, the letter stays a word of its own */
	SIGN_TONGUE = 1 << 8,    /* :P */
	SIGN_FROWN = 1 << 9,     /* :( :-[ */
	SIGN_CRY = 1 << 10,      /* :'( */
	SIGN_SKEPTIC = 1 << 11,  /* :/ :-| */
	SIGN_KISS = 1 << 12,     /* :* */
	SIGN_HEART = 1 << 13,    /* <3 */
	SIGN_ANNOYED = 1 << 14,  /* -.- -_- */
	SIGN_QUOTE = 1 << 15,    /* a quotation mark */
};

struct token {
	uint32_t start, end; /* bytes of the text as written, [start,end), the mark included */
	struct str folded;   /* without the mark; of a URL: as written */
	uint64_t hash;       /* hash_word of it */
	uint32_t position;   /* 1, 2, 3 ...; tokens in a quote have their own count */
	uint32_t sentence;   /* 0, 1, 2 ...; the same */
	uint8_t kind;        /* enum token_kind */
	bool quoted;         /* inside one of the post's quotes */
	uint8_t flags;       /* enum token_flag */
	uint16_t signs;      /* enum token_sign: between this word and the next of its text */
};

struct tokens {
	struct token *at; /* in the arena */
	size_t n;
	uint32_t sentences;      /* that hold a word; quoted words not counted */
	uint16_t signs_at_start; /* before the first word */
};

/* Cuts `text` (valid UTF-8, at most POST_MAX_BYTES).  quotes: sorted spans, may be NULL.
 * Time is linear in the text, whatever it is; the arena needs at most 64 bytes per byte of text. */
void tokens_cut(struct tokens *ret, struct str text, const struct post_span *quotes,
		size_t n_quotes, struct arena *arena);
/* The same without the fast path for Latin text: what tests compare with. */
void tokens_cut_reference(struct tokens *ret, struct str text, const struct post_span *quotes,
			  size_t n_quotes, struct arena *arena);

/* One string folded as words are (for terms, tags, names): new text in the arena. */
struct str text_fold(struct str s, struct arena *arena);

#endif
