/* What the files of the oracle share.  Not for callers. */
#ifndef INNER_H
#define INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>

/* Linked beside the project in the comparison: no name of ours may meet one of its names. */
#define pool_get     slow_inner_pool_get
#define pool_grow    slow_inner_pool_grow
#define pool_text    slow_inner_pool_text
#define pool_done    slow_inner_pool_done
#define words_cut    slow_inner_words_cut
#define words_ask    slow_inner_words_ask
#define fold         slow_inner_fold
#define lower        slow_inner_lower
#define decompose    slow_inner_decompose
#define is_letter    slow_inner_is_letter
#define is_digit     slow_inner_is_digit
#define is_mark      slow_inner_is_mark
#define is_space     slow_inner_is_space
#define is_quotation slow_inner_is_quotation
#define cp_at        slow_inner_cp_at
#define time_instant slow_inner_time_instant
#define time_value   slow_inner_time_value

/* All memory of one query or one post; freed at once. */
struct pool {
	struct chunk *first;
};
void *pool_get(struct pool *pool, size_t n); /* zeroed */
void *pool_grow(struct pool *pool, void *old, size_t n_old, size_t n_new);
char *pool_text(struct pool *pool, const char *text, size_t n);
void pool_done(struct pool *pool);

/* A character of the text after invisible ones are gone; an emoji sequence is one item, a left-out stretch is one `gap`. */
struct item {
	uint32_t cp;
	bool emoji, gap;
	const char *raw;  /* UTF-8 as written, without invisible characters */
	const char *form; /* emoji: without skin tone and variation selectors */
};

enum kind { K_WORD, K_TAG, K_NAME, K_EMOJI, K_URL };

struct token {
	enum kind kind;
	size_t from, to; /* items */
	const char
	    *written; /* lower case, without mark and host; emoji: the form; URL: as written */
	const char *folded;
	const char *host, *host_folded; /* names: what follows the second @, or NULL */
	int pos;                        /* 1, 2, 3... */
	int sentence;
};

struct words {
	struct item *items;
	size_t n_items;
	int *sentence_of; /* per item */
	int n_sentences;
	struct token *tokens;
	size_t n_tokens;
};

/* Cut a text; bytes with skip[i] are left out (skip may be NULL).  gap_ends: a left-out stretch ends the sentence.
 * wild: the text is a query, `*` and `?` are part of words. */
struct words *words_cut(struct pool *pool, const char *text, size_t n, const bool *skip,
			bool gap_ends, bool wild);
bool words_ask(const struct words *words, size_t from, size_t to,
	       int sentence); /* does the sentence end in `?` */

char *fold(struct pool *pool, const char *text);
char *lower(struct pool *pool, const char *text);     /* canonical composition, lower case */
char *decompose(struct pool *pool, const char *text); /* NFD */
bool is_letter(uint32_t cp);
bool is_digit(uint32_t cp);
bool is_mark(uint32_t cp);
bool is_space(uint32_t cp);
bool is_quotation(uint32_t cp);
size_t cp_at(const char *text, size_t n,
	     uint32_t *ret_cp); /* bytes taken; 0: not valid UTF-8 or at the end */

/* ---- the tree ---- */

enum node_kind {
	N_TERM,
	N_AND,
	N_OR,
	N_NOT,
	N_NEAR,
	N_ONEAR,
	N_NOT_NEAR,
	N_SENTENCE,
	N_NOT_SENTENCE,
	N_ATLEAST,
	N_ZONE,
	N_FIELD
};
enum term_kind { T_ROW, T_RAW, T_PART, T_STEM, T_LOOSE, T_LINK };
enum zone { Z_TITLE, Z_TEXT, Z_LEAD, Z_QUOTE };
enum field_kind { F_WORDS, F_LANG, F_SITE, F_YES, F_HAS, F_NUMBER, F_LABEL, F_TIME };
enum op { OP_IS, OP_MORE, OP_MORE_IS, OP_LESS, OP_LESS_IS, OP_RANGE };

/* One word of a term as the query writes it. */
struct piece {
	enum kind kind;
	bool any;     /* lone * */
	bool pattern; /* holds * or ? */
	bool joins;   /* a hyphen stands between it and the next */
	const char *written, *folded, *host, *host_folded;
};

/* A point in time as a value names it. */
struct when {
	bool age;         /* `ms` before fetched_at */
	int64_t from, to; /* [from, to) ms; age: from is the age in ms */
};

struct value {
	enum op op;
	bool is_label;      /* tonality:negative */
	const char *folded; /* words, labels; patterns with * and ? */
	bool yes;
	double low, high; /* OP_RANGE, else low alone */
	bool has_low, has_high;
	struct when from, to;
};

struct node {
	enum node_kind kind;
	bool parens;
	struct node **kids;
	size_t n_kids;
	int n; /* NEAR/n, ATLEAST/n */
	enum zone zone;
	/* terms */
	enum term_kind term;
	struct piece *pieces;
	size_t n_pieces;
	const char **raw; /* T_RAW: decomposed items */
	size_t n_raw;
	const char *link_host, *link_path;
	/* fields */
	enum field_kind field_kind;
	const char *field;
	struct value *values;
	size_t n_values;
};

struct slow_query {
	struct pool pool;
	struct node *top;
};

bool time_instant(const char *text, int64_t *ret_ms);     /* RFC 3339 */
bool time_value(const char *text, struct when *ret_when); /* day, minute, instant or age */

#endif
