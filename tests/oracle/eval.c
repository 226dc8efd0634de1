/*
 * Does a post satisfy a tree?  By brute force: a term gives the list of all its occurrences in one text, as ranges of
 * positions; proximity combines two lists pair by pair; the Boolean part asks whether a list is empty.
 *
 * A post has four views: title, text (without quotes), lead (the first sentence of text), quote.  Outside of `title:` and the
 * like an expression sees title and text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libstemmer.h>

#include <jansson.h>

#include "tests/oracle/oracle.h"
#include "tests/oracle/inner.h"

/* A part of the words of one text. */
struct view {
	bool there; /* the post has this text, and it is not empty */
	const struct words *words;
	size_t tok_from, tok_to, item_from, item_to;
};

struct slow_post {
	struct pool pool;
	json_t *root;
	struct view views[4]; /* by enum zone */
	const char *lang;
	bool has_quote;
};

struct occ {
	int first, last, sentence_first, sentence_last;
};
struct list {
	struct occ *occ;
	size_t n;
};

struct eval {
	struct pool pool;
	const struct slow_post *post;
};

static bool default_is_part(const char *word, const char *part)
{
	size_t n = strlen(word), m = strlen(part);

	return m > 0 && n >= m &&
	       (memcmp(word, part, m) == 0 || memcmp(word + n - m, part, m) == 0);
}

bool (*slow_is_part)(const char *folded_word, const char *folded_part) = default_is_part;

bool slow_part(const char *word, size_t n, const char *part, size_t m)
{
	struct pool pool = {0};
	bool yes = slow_is_part(fold(&pool, pool_text(&pool, word, n)),
				fold(&pool, pool_text(&pool, part, m)));

	pool_done(&pool);
	return yes;
}

/* ---- posts ---- */

static const char *text_member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static struct view whole(const struct words *words, bool there)
{
	return (struct view){there, words, 0, words->n_tokens, 0, words->n_items};
}

/* Something else than white space in it? */
static bool filled(const struct words *words)
{
	for (size_t i = 0; i < words->n_items; i++)
		if (words->items[i].emoji ||
		    (!words->items[i].gap && !is_space(words->items[i].cp)))
			return true;
	return false;
}

static struct view lead_of(struct view text)
{
	const struct words *words = text.words;
	struct view lead = text;
	int sentence = 0;

	/* the first sentence that is more than white space */
	for (size_t i = 0; i < words->n_items; i++)
		if (words->items[i].emoji ||
		    (!words->items[i].gap && !is_space(words->items[i].cp))) {
			sentence = words->sentence_of[i];
			break;
		}
	lead.item_to = 0;
	for (size_t i = 0; i < words->n_items; i++)
		if (words->sentence_of[i] <= sentence)
			lead.item_to = i + 1;
	lead.tok_to = 0;
	for (size_t i = 0; i < words->n_tokens; i++)
		if (words->tokens[i].sentence <= sentence)
			lead.tok_to = i + 1;
	return lead;
}

struct slow_post *slow_post(const char *json, size_t n)
{
	json_t *root = json_loadb(json, n, JSON_ALLOW_NUL, NULL), *quotes, *pair;
	struct slow_post *post;
	const char *title, *text;
	size_t n_title, n_text, i;
	bool *quoted, *plain;

	if (!json_is_object(root)) {
		json_decref(root);
		return NULL;
	}
	post = calloc(1, sizeof(*post));
	if (post == NULL)
		abort();
	post->root = root;
	title = text_member(root, "title");
	text = text_member(root, "text");
	n_title = json_string_length(json_object_get(root, "title"));
	n_text = json_string_length(json_object_get(root, "text"));

	quoted = pool_get(&post->pool, n_text + 1);
	plain = pool_get(&post->pool, n_text + 1);
	quotes = json_object_get(root, "quotes");
	json_array_foreach(quotes, i, pair)
	{
		json_int_t start = json_integer_value(json_array_get(pair, 0)),
			   end = json_integer_value(json_array_get(pair, 1));

		for (json_int_t k = start < 0 ? 0 : start; k < end && k < (json_int_t)n_text; k++)
			quoted[k] = true;
	}
	for (i = 0; i < n_text; i++) {
		plain[i] = !quoted[i];
		post->has_quote = post->has_quote || quoted[i];
	}
	{
		struct words *words =
		    words_cut(&post->pool, title != NULL ? title : "", n_title, NULL, false, false);

		post->views[Z_TITLE] = whole(words, filled(words));
		words =
		    words_cut(&post->pool, text != NULL ? text : "", n_text, quoted, false, false);
		post->views[Z_TEXT] = whole(words, filled(words));
		post->views[Z_LEAD] = lead_of(post->views[Z_TEXT]);
		words =
		    words_cut(&post->pool, text != NULL ? text : "", n_text, plain, true, false);
		post->views[Z_QUOTE] = whole(words, filled(words));
	}
	post->lang = text_member(json_object_get(root, "analysis"), "lang");
	if (post->lang == NULL)
		post->lang = text_member(root, "lang");
	return post;
}

void slow_post_free(struct slow_post *post)
{
	if (post == NULL)
		return;
	json_decref(post->root);
	pool_done(&post->pool);
	free(post);
}

/* ---- lists of occurrences ---- */

static void push(struct eval *eval, struct list *list, struct occ occ)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->occ[i].first == occ.first && list->occ[i].last == occ.last)
			return;
	if ((list->n & (list->n - 1)) == 0)
		list->occ = pool_grow(&eval->pool, list->occ, list->n * sizeof(occ),
				      (list->n == 0 ? 1 : 2 * list->n) * sizeof(occ));
	list->occ[list->n++] = occ;
}

static void push_tokens(struct eval *eval, struct list *list, const struct view *view, size_t from,
			size_t to)
{
	const struct token *first = &view->words->tokens[from],
			   *last = &view->words->tokens[to - 1];

	push(eval, list, (struct occ){first->pos, last->pos, first->sentence, last->sentence});
}

/* ---- one word ---- */

/* `*` any characters, `?` one; strict: `?` is a letter or digit. */
static bool wild(const char *pattern, const char *text, bool strict)
{
	uint32_t p, t;
	size_t np = cp_at(pattern, strlen(pattern), &p), nt = cp_at(text, strlen(text), &t);

	if (np == 0)
		return nt == 0;
	if (p == '*') {
		if (wild(pattern + np, text, strict))
			return true;
		return nt > 0 && wild(pattern, text + nt, strict);
	}
	if (nt == 0)
		return false;
	if (p == '?' ? (!strict || is_letter(t) || is_digit(t)) : p == t)
		return wild(pattern + np, text + nt, strict);
	return false;
}

/* A word of the query against a word of the post. */
static bool piece_fits(const struct piece *piece, const struct token *token)
{
	if (piece->any)
		return true;
	if (piece->kind == K_EMOJI)
		return token->kind == K_EMOJI && strcmp(piece->folded, token->folded) == 0;
	if (token->kind == K_EMOJI || token->kind == K_URL)
		return false;
	if (piece->kind == K_TAG && token->kind != K_TAG)
		return false;
	if (piece->kind == K_NAME && token->kind != K_NAME)
		return false;
	if (piece->host != NULL && token->host == NULL)
		return false;
	if (!piece->pattern)
		return strcmp(piece->folded, token->folded) == 0 &&
		       (piece->host == NULL || strcmp(piece->host_folded, token->host_folded) == 0);
	if (wild(piece->written, token->written, true) &&
	    (piece->host == NULL || wild(piece->host, token->host, true)))
		return true;
	return wild(piece->folded, token->folded, true) &&
	       (piece->host == NULL || wild(piece->host_folded, token->host_folded, true));
}

static char *stem_of(struct eval *eval, const char *written, const char *lang)
{
	char code[16] = "de";
	struct sb_stemmer *stemmer;
	char *stem;

	if (lang != NULL && strcasecmp(lang, "und") != 0) {
		size_t n = strcspn(lang, "-_");

		if (n > 0 && n < sizeof(code)) {
			memcpy(code, lang, n);
			code[n] = '\0';
			for (char *c = code; *c != '\0'; c++)
				if (*c >= 'A' && *c <= 'Z')
					*c += 'a' - 'A';
		}
	}
	stemmer = sb_stemmer_new(strcmp(code, "de") == 0 ? "german" : code, NULL);
	if (stemmer == NULL)
		return fold(&eval->pool,
			    written); /* no stemmer for the language: the word itself */
	stem = (char *)(uintptr_t)sb_stemmer_stem(stemmer, (const sb_symbol *)written,
						  (int)strlen(written));
	stem = fold(&eval->pool, pool_text(&eval->pool, stem, (size_t)sb_stemmer_length(stemmer)));
	sb_stemmer_delete(stemmer);
	return stem;
}

static char *loosen(struct eval *eval, const char *folded)
{
	size_t n = strlen(folded), w = 0;
	char *out = pool_get(&eval->pool, n + 1);

	for (size_t i = 0; i < n; i++) {
		out[w++] = folded[i];
		if ((folded[i] == 'a' || folded[i] == 'o' || folded[i] == 'u') &&
		    folded[i + 1] == 'e')
			i++;
	}
	return out;
}

/* Words of the query, joined, against one word of the post.  `first`, `last`: is it the first or last of the term? */
static bool joined_fits(struct eval *eval, const struct node *term, size_t from, size_t to,
			const struct token *token)
{
	struct piece piece = term->pieces[from];
	bool first = from == 0, last = to == term->n_pieces;

	if (to > from + 1) {
		char *written = pool_get(&eval->pool, 1);

		for (size_t i = from; i < to; i++) {
			const struct piece *this = &term->pieces[i];
			char *longer;

			/* a mark may only stand at the beginning, emoji and hosts do not join */
			if (this->kind == K_EMOJI || this->host != NULL ||
			    (i > from && this->kind != K_WORD))
				return false;
			longer = pool_get(&eval->pool, strlen(written) + strlen(this->written) + 1);
			strcpy(longer, written);
			strcat(longer, this->written);
			written = longer;
			piece.pattern = piece.pattern || this->pattern;
		}
		piece.any = false;
		piece.written = written;
		piece.folded = fold(&eval->pool, written);
	}
	if (term->term == T_ROW)
		return piece_fits(&piece, token);
	if (token->kind == K_EMOJI || token->kind == K_URL)
		return false;
	if (term->term == T_PART) {
		if (first && last)
			return strcmp(token->folded, piece.folded) == 0 ||
			       slow_is_part(token->folded, piece.folded);
		if (last)
			return strcmp(token->folded, piece.folded) == 0 ||
			       (strncmp(token->folded, piece.folded, strlen(piece.folded)) == 0 &&
				slow_is_part(token->folded, piece.folded));
		return strcmp(token->folded, piece.folded) == 0;
	}
	if (term->term == T_STEM)
		return strcmp(stem_of(eval, token->written, eval->post->lang),
			      stem_of(eval, piece.written, eval->post->lang)) == 0;
	return strcmp(loosen(eval, token->folded), loosen(eval, piece.folded)) == 0;
}

/* From piece `piece` on, at token `at`: every way to read the pieces as words in a row, joined where a hyphen stood. */
static void row(struct eval *eval, const struct node *term, const struct view *view, size_t piece,
		size_t start, size_t at, struct list *list)
{
	if (piece == term->n_pieces) {
		push_tokens(eval, list, view, start, at);
		return;
	}
	if (at >= view->tok_to)
		return;
	for (size_t to = piece + 1; to <= term->n_pieces; to++) {
		if (joined_fits(eval, term, piece, to, &view->words->tokens[at]))
			row(eval, term, view, to, start, at + 1, list);
		if (to < term->n_pieces && !term->pieces[to - 1].joins)
			break;
	}
}

/* ---- raw terms and links ---- */

static void raw(struct eval *eval, const struct node *term, const struct view *view,
		struct list *list)
{
	const struct words *words = view->words;
	const char *want = term->raw[0];
	size_t room = 4 * strlen(want) + 64;
	struct pool pool = {0};
	char *text = pool_get(&pool, room + 64);

	for (size_t i = view->item_from; i < view->item_to; i++) {
		size_t n = 0;

		if (words->items[i].gap || (!words->items[i].emoji && is_mark(words->items[i].cp)))
			continue;
		text[0] = '\0';
		for (size_t j = i + 1; j <= view->item_to && n < room; j++) {
			const struct item *item = &words->items[j - 1];
			size_t first = SIZE_MAX, last = SIZE_MAX;
			bool fits = true;

			if (item->gap || n + strlen(item->raw) >= room)
				break;
			strcpy(text + n, item->raw);
			n += strlen(item->raw);
			if (j == i + 1 && !item->emoji) {
				/* a quick look at the first character */
				char *start = decompose(&pool, item->raw);

				if (start[0] != want[0])
					break;
			}
			if (j < words->n_items && !words->items[j].emoji && !words->items[j].gap &&
			    is_mark(words->items[j].cp))
				continue;
			if (strcmp(decompose(&pool, text), want) != 0)
				continue;
			/* the words at both ends, if there are such, must begin and end with it, and be no URL */
			for (size_t k = view->tok_from; k < view->tok_to; k++) {
				const struct token *token = &words->tokens[k];

				if (token->to <= i || token->from >= j)
					continue;
				if (first == SIZE_MAX)
					first = k;
				last = k;
				if (token->from < i || token->to > j)
					fits = false;
				if (token->kind == K_URL && (token->from <= i || token->to >= j))
					fits = false;
			}
			if (fits && first != SIZE_MAX)
				push_tokens(eval, list, view, first, last + 1);
		}
	}
	pool_done(&pool);
}

/* Host in lower case, and the path from its slash on (perhaps empty). */
static void url_parts(struct pool *pool, const char *url, char **ret_host, const char **ret_path)
{
	const char *scheme = strstr(url, "://"), *host = url, *at;
	size_t n;

	if (scheme != NULL)
		host = scheme + 3;
	n = strcspn(host, "/?#");
	*ret_path = host + n;
	at = memrchr(host, '@', n);
	if (at != NULL) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	*ret_host = lower(pool, pool_text(pool, host, n));
	(*ret_host)[strcspn(*ret_host, ":")] = '\0';
	n = strlen(*ret_host);
	if (n > 0 && (*ret_host)[n - 1] == '.')
		(*ret_host)[n - 1] = '\0';
}

static bool host_under(const char *host, const char *above)
{
	size_t n = strlen(host), m = strlen(above);

	return strcmp(host, above) == 0 ||
	       (n > m && host[n - m - 1] == '.' && strcmp(host + n - m, above) == 0);
}

static bool link_fits(struct eval *eval, const struct node *term, const char *url)
{
	char *host;
	const char *path;

	url_parts(&eval->pool, url, &host, &path);
	return host_under(host, term->link_host) &&
	       (term->link_path == NULL ||
		strncmp(path, term->link_path, strlen(term->link_path)) == 0);
}

/* ---- occurrences of a node in a view ---- */

static bool overlap(const struct occ *a, const struct occ *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static struct list occurrences(struct eval *eval, const struct node *node, const struct view *view)
{
	struct list list = {NULL, 0}, a, b;

	if (!view->there)
		return list;
	switch (node->kind) {
	case N_TERM:
		if (node->term == T_RAW) {
			raw(eval, node, view, &list);
		} else if (node->term == T_LINK) {
			for (size_t i = view->tok_from; i < view->tok_to; i++)
				if (view->words->tokens[i].kind == K_URL &&
				    link_fits(eval, node, view->words->tokens[i].written))
					push_tokens(eval, &list, view, i, i + 1);
		} else {
			for (size_t i = view->tok_from; i < view->tok_to; i++)
				row(eval, node, view, 0, i, i, &list);
		}
		return list;
	case N_OR:
		for (size_t i = 0; i < node->n_kids; i++) {
			a = occurrences(eval, node->kids[i], view);
			for (size_t k = 0; k < a.n; k++)
				push(eval, &list, a.occ[k]);
		}
		return list;
	case N_NEAR:
	case N_ONEAR:
	case N_NOT_NEAR:
	case N_SENTENCE:
	case N_NOT_SENTENCE: break;
	case N_AND:
	case N_NOT:
	case N_ATLEAST:
	case N_ZONE:
	case N_FIELD: abort();
	}

	a = occurrences(eval, node->kids[0], view);
	b = occurrences(eval, node->kids[1], view);
	for (size_t i = 0; i < a.n; i++) {
		bool alone = true;

		for (size_t k = 0; k < b.n; k++) {
			struct occ *x = &a.occ[i], *y = &b.occ[k], span;
			bool same = x->first == y->first && x->last == y->last, near, one;

			near = overlap(x, y)        ? false
			       : x->last < y->first ? y->first - x->last <= node->n
						    : x->first - y->last <= node->n;
			one = x->sentence_first == x->sentence_last &&
			      y->sentence_first == y->sentence_last &&
			      x->sentence_first == y->sentence_first;
			span = *x;
			if (y->first < span.first) {
				span.first = y->first;
				span.sentence_first = y->sentence_first;
			}
			if (y->last > span.last) {
				span.last = y->last;
				span.sentence_last = y->sentence_last;
			}
			if (node->kind == N_NEAR && near)
				push(eval, &list, span);
			if (node->kind == N_ONEAR && near && x->last < y->first)
				push(eval, &list, span);
			if (node->kind == N_SENTENCE && one && !overlap(x, y))
				push(eval, &list, span);
			if (node->kind == N_NOT_NEAR && !same && (near || overlap(x, y)))
				alone = false;
			if (node->kind == N_NOT_SENTENCE && !same &&
			    x->sentence_first <= y->sentence_last &&
			    y->sentence_first <= x->sentence_last)
				alone = false;
		}
		if (alone && (node->kind == N_NOT_NEAR || node->kind == N_NOT_SENTENCE))
			push(eval, &list, a.occ[i]);
	}
	return list;
}

/* The most occurrences that do not overlap: always take the one that ends first. */
static int most(const struct list *list)
{
	int count = 0, end = 0;

	for (;;) {
		int best = 0;

		for (size_t i = 0; i < list->n; i++)
			if (list->occ[i].first > end && (best == 0 || list->occ[i].last < best))
				best = list->occ[i].last;
		if (best == 0)
			return count;
		count++;
		end = best;
	}
}

/* ---- field conditions ---- */

static bool number_of(const struct slow_post *post, const char *field, double *ret)
{
	const json_t *root = post->root, *analysis = json_object_get(root, "analysis"),
		     *counts = json_object_get(root, "counts"), *value = NULL;
	const json_t *author = json_object_get(root, "author"),
		     *flags = json_object_get(analysis, "flags");

	if (strcmp(field, "words") == 0) {
		*ret = (double)(post->views[Z_TITLE].words->n_tokens +
				post->views[Z_TEXT].words->n_tokens);
		return true;
	}
	if (strcmp(field, "followers") == 0) {
		value = json_object_get(author, "followers");
	} else if (strcmp(field, "reach") == 0) {
		value = json_object_get(author, "followers");
		if (!json_is_number(value))
			value = json_object_get(counts, "views");
	} else if (strcmp(field, "tonality") == 0) {
		value = json_object_get(json_object_get(analysis, "tonality"), "score");
	} else if (strcmp(field, "relevance") == 0) {
		value = json_object_get(analysis, "relevance");
	} else if (strcmp(field, "answer") == 0) {
		value = json_object_get(json_object_get(analysis, "answer"), "p");
	} else if (strcmp(field, "sarcasm") == 0) {
		value = json_object_get(json_object_get(analysis, "sarcasm"), "p");
	} else if (strcmp(field, "urgency") == 0) {
		value = json_object_get(json_object_get(analysis, "urgency"), "level");
	} else if (strcmp(field, "threat") == 0 || strcmp(field, "insult") == 0 ||
		   strcmp(field, "spam") == 0) {
		value = json_object_get(flags, field);
	} else {
		value = json_object_get(counts, field);
	}
	if (!json_is_number(value))
		return false;
	*ret = json_number_value(value);
	return true;
}

static bool compare(enum op op, double x, const struct value *value)
{
	switch (op) {
	case OP_IS: return x == value->low;
	case OP_MORE: return x > value->low;
	case OP_MORE_IS: return x >= value->low;
	case OP_LESS: return x < value->low;
	case OP_LESS_IS: return x <= value->low;
	case OP_RANGE:
		return (!value->has_low || x >= value->low) &&
		       (!value->has_high || x <= value->high);
	}
	return false;
}

static bool label_is(struct eval *eval, const char *label, const struct value *value)
{
	return label != NULL && strcmp(fold(&eval->pool, label), value->folded) == 0;
}

static bool has_media(const json_t *root, const char *kind)
{
	size_t i;
	json_t *one;

	json_array_foreach(json_object_get(root, "media"), i,
			   one) if (text_member(one, "kind") != NULL &&
				    strcmp(text_member(one, "kind"), kind) == 0) return true;
	return false;
}

static bool has(const struct slow_post *post, const char *what)
{
	static const enum zone both[] = {Z_TITLE, Z_TEXT};

	if (strcmp(what, "quote") == 0)
		return post->has_quote;
	if (strcmp(what, "image") == 0 || strcmp(what, "video") == 0)
		return has_media(post->root, what);
	for (size_t z = 0; z < 2; z++) {
		const struct view *view = &post->views[both[z]];

		if (strcmp(what, "link") == 0) {
			for (size_t i = 0; i < view->words->n_tokens; i++)
				if (view->words->tokens[i].kind == K_URL)
					return true;
		} else {
			for (int s = 0; s < view->words->n_sentences; s++)
				if (words_ask(view->words, 0, view->words->n_items, s))
					return true;
		}
	}
	return false;
}

static bool time_fits(const struct slow_post *post, const char *field, const struct value *value)
{
	const char *created = text_member(post->root, "created_at"),
		   *fetched = text_member(post->root, "fetched_at");
	const char *own = strcmp(field, "created") == 0 ? created : fetched;
	int64_t x, heard = 0, from, to;
	bool age = value->from.age || value->to.age;

	if (own == NULL || !time_instant(own, &x))
		return false;
	if (age && (fetched == NULL || !time_instant(fetched, &heard)))
		return false;
	from = value->from.age ? heard - value->from.from : value->from.from;
	if (value->op == OP_RANGE) {
		bool low = !value->has_low || x >= from;
		bool high = !value->has_high ||
			    (value->to.age ? x <= heard - value->to.from : x < value->to.to);

		return low && high;
	}
	to = value->from.age ? from + 1 : value->from.to;
	switch (value->op) {
	case OP_IS: return x >= from && x < to;
	case OP_MORE: return x >= to;
	case OP_MORE_IS: return x >= from;
	case OP_LESS: return x < from;
	case OP_LESS_IS: return x < to;
	case OP_RANGE: break;
	}
	return false;
}

static bool words_value(struct eval *eval, const char *text, const struct value *value)
{
	return text != NULL && wild(value->folded, fold(&eval->pool, text), false);
}

static bool value_fits(struct eval *eval, const struct node *node, const struct value *value)
{
	const struct slow_post *post = eval->post;
	const json_t *root = post->root, *author = json_object_get(root, "author"), *flag,
		     *analysis = json_object_get(root, "analysis");
	size_t i;
	json_t *one;
	double x;

	switch (node->field_kind) {
	case F_WORDS:
		if (strcmp(node->field, "author") == 0)
			return words_value(eval, text_member(author, "handle"), value) ||
			       words_value(eval, text_member(author, "name"), value);
		if (strcmp(node->field, "role") == 0)
			return words_value(eval, text_member(author, "role"), value);
		return words_value(eval, text_member(root, node->field), value);
	case F_LANG:
		if (post->lang == NULL)
			return false;
		if (words_value(eval, post->lang, value))
			return true;
		{
			char *folded = fold(&eval->pool, post->lang);

			/* de is also de-AT: try every beginning that ends before a hyphen */
			for (char *c = folded; *c != '\0'; c++)
				if (*c == '-' || *c == '_') {
					char *head =
					    pool_text(&eval->pool, folded, (size_t)(c - folded));

					if (wild(value->folded, head, false))
						return true;
				}
		}
		return false;
	case F_SITE: {
		const char *url = text_member(root, "url"), *path;
		char *host;

		if (url == NULL)
			return false;
		url_parts(&eval->pool, url, &host, &path);
		return host_under(host, value->folded);
	}
	case F_YES:
		flag = strcmp(node->field, "bot") == 0 ? json_object_get(author, "bot")
						       : json_object_get(root, node->field);
		return json_is_boolean(flag) && json_is_true(flag) == value->yes;
	case F_HAS: return has(post, value->folded);
	case F_NUMBER:
		if (value->is_label)
			return label_is(eval,
					text_member(json_object_get(analysis, "tonality"), "label"),
					value);
		return number_of(post, node->field, &x) && compare(value->op, x, value);
	case F_LABEL:
		if (strcmp(node->field, "intent") == 0) {
			json_array_foreach(
			    json_object_get(analysis, "intent"), i,
			    one) if (label_is(eval, text_member(one, "label"), value)) return true;
		}
		return false; /* target: a query without a set has no targets */
	case F_TIME: return time_fits(post, node->field, value);
	}
	return false;
}

/* ---- the Boolean part ---- */

/* zone: one of enum zone, or -1 for title and text. */
static bool holds(struct eval *eval, const struct node *node, int zone)
{
	struct list list;
	int count = 0;

	switch (node->kind) {
	case N_AND:
		for (size_t i = 0; i < node->n_kids; i++)
			if (!holds(eval, node->kids[i], zone))
				return false;
		return true;
	case N_OR:
		for (size_t i = 0; i < node->n_kids; i++)
			if (holds(eval, node->kids[i], zone))
				return true;
		return false;
	case N_NOT: return !holds(eval, node->kids[0], zone);
	case N_ZONE:
		return eval->post->views[node->zone].there &&
		       holds(eval, node->kids[0], (int)node->zone);
	case N_FIELD:
		for (size_t i = 0; i < node->n_values; i++)
			if (value_fits(eval, node, &node->values[i]))
				return true;
		return false;
	case N_ATLEAST:
		for (int z = 0; z < 4; z++)
			if (zone == z || (zone == -1 && (z == Z_TITLE || z == Z_TEXT))) {
				list = occurrences(eval, node->kids[0], &eval->post->views[z]);
				count += most(&list);
			}
		return count >= node->n;
	case N_TERM:
	case N_NEAR:
	case N_ONEAR:
	case N_NOT_NEAR:
	case N_SENTENCE:
	case N_NOT_SENTENCE:
		for (int z = 0; z < 4; z++)
			if (zone == z || (zone == -1 && (z == Z_TITLE || z == Z_TEXT))) {
				list = occurrences(eval, node, &eval->post->views[z]);
				if (list.n > 0)
					return true;
			}
		return false;
	}
	return false;
}

int slow_match(const struct slow_query *query, const struct slow_post *post)
{
	struct eval eval = {.post = post};
	bool yes = holds(&eval, query->top, -1);

	pool_done(&eval.pool);
	return yes ? 1 : 0;
}
