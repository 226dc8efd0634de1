/*
 * The tokeniser: one walk over the text; a word is scanned by the fast path where all of it is
 * Latin (fold.h's table) and by the reference path else.  Both see the same borders: what ends a
 * word is decided by character classes, and the few places where more than one character matters
 * (gender forms, URLs, keycaps) are shared code.
 */
#include <stdlib.h>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/mem.h"

#include "common/text/chars.h"
#include "common/text/fold.h"
#include "common/text/link.h"
#include "common/text/scan.h"
#include "common/text/sentence.h"
#include "common/text/signs.h"
#include "common/text/token.h"

enum word_mode { MODE_WORD, MODE_TAG, MODE_NAME, MODE_HOST };

struct scan {
	struct str text;
	struct arena *arena;
	bool fast;
	struct token *at;
	size_t n;
	char *
	    folded; /* room for what the fast path folds: never longer than the text, and 16 bytes */
	struct sentence sentence;
	uint32_t sentences;
};

/* What a scanned word was like. */
struct word {
	size_t end; /* behind its last visible character */
	unsigned letters, uppers, digits, others;
	bool first_upper;
	enum char_sb first_sb, last_sb;
};

/* Where `lower` ends if text[pos...] is that, invisible characters aside; else 0. */
static size_t visible_match(struct str text, size_t pos, const char *lower)
{
	while (*lower) {
		if (pos >= text.n)
			return 0;
		unsigned cp = char_next(text, &pos);
		if (char_class(cp) & CHAR_IGNORE)
			continue;
		if (cp > 0x7f || (cp | 0x20) != (unsigned)*lower++)
			return 0;
	}
	return pos;
}

/* Behind the @ that comes next at text[pos], invisible characters aside; else 0. */
static size_t behind_at(struct str text, size_t pos)
{
	while (pos < text.n) {
		unsigned cp = char_next(text, &pos);
		if (!(char_class(cp) & CHAR_IGNORE))
			return cp == '@' ? pos : 0;
	}
	return 0;
}

/* German gender forms: at text[pos], behind a letter, one of * : _ / and the middle dot, then "in"
 * or "innen".  "innen" may begin a compound where it is written small and not after a slash:
 * Kund*innenservice, but not Achtung:Innenstadt.  Returns where the word goes on, or 0. */
static size_t gender_form(struct str text, size_t pos)
{
	char c = text.p[pos];
	size_t next = pos + 1, end;
	if ((unsigned char)c == 0xc2 && next < text.n && (unsigned char)text.p[next] == 0xb7)
		next++;
	else if (c != '*' && c != ':' && c != '_' && c != '/')
		return 0;
	while (next < text.n) { /* to the first visible character */
		size_t after = next;
		if (!(char_class(char_next(text, &after)) & CHAR_IGNORE))
			break;
		next = after;
	}
	if ((end = visible_match(text, next, "innen")) &&
	    (!char_word_at(text, end) || (text.p[next] == 'i' && c != '/')))
		return next;
	if ((end = visible_match(text, next, "in")) && !char_word_at(text, end))
		return next;
	return 0;
}

/* Could a gender form begin with this byte? */
static inline bool may_join(unsigned char c)
{
	return c == '*' || c == ':' || c == '_' || c == '/';
}

static bool keycap_at(struct str text, size_t pos)
{
	/* U+FE0F and U+20E3 begin with these bytes: most digits need no second look */
	return pos + 1 < text.n && ((unsigned char)text.p[pos + 1] & 0xe0) == 0xe0 &&
	       char_emoji_end(text, pos, NULL) > pos;
}

static bool joins(enum word_mode mode, unsigned cp)
{
	switch (mode) {
	case MODE_TAG: return cp == '_';
	case MODE_NAME: return cp == '_' || cp == '.' || cp == '-';
	case MODE_HOST: return cp == '.' || cp == '-';
	default: return false;
	}
}

/* Scans the word at text[pos] character by character; clean, if given, gets what is to be folded. */
static struct word word_scan(struct str text, size_t pos, enum word_mode mode, char **clean)
{
	struct word w = {.end = pos};
	bool first = true, after_letter = false;
	char *solid = clean ? *clean : NULL; /* behind the last character that is no joiner */
	while (pos < text.n) {
		size_t here = pos;
		unsigned cp = char_next(text, &pos);
		uint16_t class = char_class(cp);
		if (class & CHAR_IGNORE) {
			continue;
		}
		bool word = (class & CHAR_WORD) != 0;
		if (word && first && (class & CHAR_MARK) && mode == MODE_WORD)
			break;
		if (word && cp < 0x80 && (class & CHAR_DIGIT) && keycap_at(text, here))
			break;
		if (word && (class & CHAR_PICT_VS) && char_emoji_end(text, here, NULL) > here)
			break; /* the information sign is a letter, too */
		if (!word && after_letter && (mode == MODE_WORD || mode == MODE_TAG)) {
			size_t on = gender_form(text, here);
			if (on) {
				pos = on;
				continue;
			}
		}
		if (!word && !joins(mode, cp))
			break;
		if (clean)
			*clean += utf8_put(*clean, cp);
		after_letter = (class & CHAR_LETTER) || (after_letter && (class & CHAR_MARK));
		if (!word && cp != '_')
			continue; /* dots and hyphens count only inside */
		enum char_sb sb = char_sb(class);
		if (class & CHAR_LETTER) {
			w.letters++;
			w.uppers += (class & CHAR_UPPER) != 0;
		} else if (class & CHAR_DIGIT) {
			w.digits++;
		} else {
			w.others++;
		}
		if (first) {
			w.first_upper = (class & CHAR_UPPER) != 0;
			w.first_sb = sb;
			first = false;
		}
		if (sb != SB_EXTEND)
			w.last_sb = sb;
		w.end = pos;
		if (clean)
			solid = *clean;
	}
	if (clean)
		*clean = solid;
	return w;
}

/* The ASCII letters and digits that text[pos...] begins with, at most 16, folded to `out`. */
static inline size_t ascii_run(struct str text, size_t pos, char *out, unsigned *letters,
			       unsigned *uppers)
{
	const char *p = text.p + pos;
	char copy[16] = {0};
	if (text.n - pos < 16) {
		memcpy(copy, p, text.n - pos);
		p = copy;
	}
	bytes_v v = bytes_load(p), low = v | 0x20; /* what is not ASCII is below 0 */
	bytes_v letter = (low >= 'a') & (low <= 'z');
	bytes_v digit = (v >= '0') & (v <= '9');
	bytes_hits end = bytes_hits_of(~(letter | digit));
	size_t n = bytes_any(end) ? bytes_at(end) : 16;
	v |= letter & 0x20;
	memcpy(out, &v, 16);
	*letters += bytes_count(bytes_hits_of(letter), n);
	*uppers += bytes_count(bytes_hits_of(letter & (bytes_load(p) < 'a')), n);
	return n;
}

/* The same for a word of Latin letters and digits alone, folded as it goes; s->folded has room for 16
 * bytes more.  False where the slow way must decide. */
static inline bool word_scan_latin(struct scan *s, size_t pos, bool tag, struct word *ret,
				   struct str *ret_folded)
{
	const unsigned char *p = (const unsigned char *)s->text.p;
	size_t n = s->text.n, start = pos;
	char *out = s->folded;
	unsigned letters = 0, uppers = 0, digits = 0, first = 0, last = 0, c;
	for (;;) {
		unsigned before = letters;
		size_t run = ascii_run(s->text, pos, out, &letters, &uppers);
		if (run) {
			first = first ? first : p[pos];
			last = p[pos + run - 1];
			digits += (unsigned)run - (letters - before);
			pos += run;
			out += run;
		}
		c = pos < n ? p[pos] : 0;
		if (run == 16)
			continue;
		if (c < 0xc2 || c > 0xc5 || pos + 1 >= n || (p[pos + 1] & 0xc0) != 0x80)
			break;
		unsigned cp = (c & 0x1f) << 6 | (p[pos + 1] & 0x3f);
		const struct fold_latin *f = &fold_latin[cp];
		if (!f->n)
			break;
		out[0] = f->text[0];
		out[1] = f->text[1];
		out += f->n;
		letters += f->letter;
		uppers += f->upper;
		first = first ? first : cp;
		last = cp;
		pos += 2;
	}
	if (pos == start)
		return false;
	if (c >= 0x80) {
		size_t after = pos;
		uint16_t class = char_class(char_next(s->text, &after));
		if (class & (CHAR_WORD | CHAR_IGNORE))
			return false;
		if (last < 0x80 && last >= '0' && last <= '9' && (c & 0xe0) == 0xe0 &&
		    keycap_at(s->text, pos - 1))
			return false;
		if (c == 0xc2 && gender_form(s->text, pos))
			return false;
	} else if ((tag && c == '_') || (may_join((unsigned char)c) && gender_form(s->text, pos))) {
		return false; /* rare: the slow way knows gender forms, and tags of two words */
	}
	uint16_t first_class = char_table[first];
	*ret = (struct word){.end = pos,
			     .letters = letters,
			     .uppers = uppers,
			     .digits = digits,
			     .first_upper = (first_class & CHAR_UPPER) != 0,
			     .first_sb = char_sb(first_class),
			     .last_sb = char_sb(char_table[last])};
	*ret_folded = (struct str){s->folded, (size_t)(out - s->folded)};
	return true;
}

static inline void add(struct scan *s, enum token_kind kind, size_t start, size_t end,
		       struct str folded, unsigned flags, enum char_sb first, enum char_sb last)
{
	sentence_feed(&s->sentence, first, s->text, start);
	s->sentence.last = (uint8_t)last;
	if (s->sentence.ended && s->n)
		s->sentences++;
	s->sentence.ended = false;
	struct token *t = &s->at[s->n++];
	t->start = (uint32_t)start;
	t->end = (uint32_t)end;
	t->folded = folded;
	t->hash = hash_word(folded);
	t->position = (uint32_t)s->n;
	t->sentence = s->sentences;
	t->kind = (uint8_t)kind;
	t->quoted = false;
	t->flags = (uint8_t)flags;
	t->signs = 0;
}

static inline enum token_kind kind_of(enum word_mode mode, const struct word *w)
{
	return mode == MODE_TAG    ? TOKEN_TAG
	       : mode == MODE_NAME ? TOKEN_MENTION
	       : w->letters        ? TOKEN_WORD
				   : TOKEN_NUMBER;
}

/* A URL as written, without invisible characters. */
static void add_url(struct scan *s, size_t start, size_t end)
{
	char *p = arena_alloc(s->arena, (end - start) * 3), *out = p;
	size_t pos = start;
	enum char_sb first = char_sb(char_class((unsigned char)s->text.p[start])), last = first;
	while (pos < end) {
		unsigned cp = char_next(s->text, &pos);
		uint16_t class = char_class(cp);
		last = char_sb(class);
		if (!(class & CHAR_IGNORE))
			out += utf8_put(out, cp);
	}
	add(s, TOKEN_URL, start, end, (struct str){p, (size_t)(out - p)}, 0, first, last);
}

static inline void add_word(struct scan *s, size_t mark, const struct word *w, struct str folded,
			    enum token_kind kind)
{
	unsigned flags = (w->first_upper ? TOKEN_CAPITAL : 0) |
			 (w->letters >= 2 && w->uppers == w->letters ? TOKEN_UPPER : 0) |
			 (w->digits ? TOKEN_DIGIT : 0);
	/* the sign before a tag or name is a character, too */
	enum char_sb first = kind == TOKEN_TAG || kind == TOKEN_MENTION ? SB_OTHER : w->first_sb;
	add(s, kind, mark, w->end, folded, flags, first, w->last_sb);
}

static size_t take_word(struct scan *s, size_t mark, size_t pos, enum word_mode mode);

/* "scheme://", "www.": nothing else begins a link. */
static inline size_t link_at(struct str text, size_t pos, size_t end, size_t *ret_start)
{
	return end < text.n && (text.p[end] == ':' || text.p[end] == '.')
		   ? link_behind(text, pos, end, ret_start)
		   : 0;
}

/* take_word, whatever it is. */
static size_t take_any_word(struct scan *s, size_t mark, size_t pos, enum word_mode mode)
{
	struct word w = word_scan(s->text, pos, mode, NULL);
	if (w.letters + w.digits == 0)
		return pos;
	size_t url_start = 0;
	size_t url = mode <= MODE_TAG ? link_at(s->text, pos, w.end, &url_start) : 0;
	if (url) {
		if (url_start > pos) { /* text runs into the URL */
			struct str head = {s->text.p, url_start};
			struct scan part = *s;
			part.text = head;
			size_t end = take_word(&part, mark, pos, mode);
			s->n = part.n;
			s->sentences = part.sentences;
			s->sentence = part.sentence;
			s->folded = part.folded;
			if (end < url_start)
				return end; /* ignorable characters between */
		} else if (mark < pos) {
			return pos;
		}
		add_url(s, url_start, url);
		return url;
	}
	size_t at = mode == MODE_NAME ? behind_at(s->text, w.end) : 0;
	if (at && char_word_at(s->text, at)) {
		struct word host = word_scan(s->text, at, MODE_HOST, NULL);
		if (host.letters + host.digits) {
			host.first_upper = w.first_upper;
			host.first_sb = w.first_sb;
			host.letters += w.letters;
			host.uppers += w.uppers;
			host.digits += w.digits;
			w = host;
		}
	}
	char *clean = arena_alloc(s->arena, (w.end - pos) * 3 + 4), *out = clean;
	struct str all = {s->text.p, w.end};
	size_t name_end = word_scan(all, pos, mode, &out).end;
	if (name_end < w.end) {
		*out++ = '@';
		(void)word_scan(all, behind_at(all, name_end), MODE_HOST, &out);
	}
	struct str all_clean = {clean, (size_t)(out - clean)};
	struct str folded =
	    s->fast ? fold_fast(all_clean, s->arena) : fold_slow(all_clean, s->arena);
	add_word(s, mark, &w, folded, kind_of(mode, &w));
	return w.end;
}

/* The word, tag or name whose letters begin at text[pos] and whose mark, if any, at text[mark].
 * Returns where to go on; pos if there is no word. */
static size_t take_word(struct scan *s, size_t mark, size_t pos, enum word_mode mode)
{
	struct word w;
	struct str folded;
	size_t url_start;
	if (!s->fast || mode > MODE_TAG ||
	    !word_scan_latin(s, pos, mode == MODE_TAG, &w, &folded) ||
	    link_at(s->text, pos, w.end, &url_start))
		return take_any_word(s, mark, pos, mode);
	s->folded += folded.n;
	add_word(s, mark, &w, folded, kind_of(mode, &w));
	return w.end;
}

static size_t take_emoji(struct scan *s, size_t pos)
{
	size_t end = char_emoji_end(s->text, pos, NULL);
	if (end == pos)
		return pos;
	char *p = arena_alloc(s->arena, end - pos), *out = p;
	(void)char_emoji_end(s->text, pos, &out);
	add(s, TOKEN_EMOJI, pos, end, (struct str){p, (size_t)(out - p)}, 0, SB_OTHER, SB_OTHER);
	return end;
}

/* One token beginning at text[pos] with a character of that class, or pos. */
static size_t take(struct scan *s, size_t pos, unsigned cp, uint16_t class, bool after_word)
{
	size_t after = pos;
	if (class & (CHAR_PICT | CHAR_PICT_VS | CHAR_REGIONAL | CHAR_SKIN)) {
		size_t end = take_emoji(s, pos);
		if (end > pos)
			return end;
	}
	if (cp < 0x80 && ((class & CHAR_DIGIT) || cp == '#' || cp == '*') &&
	    keycap_at(s->text, pos))
		return take_emoji(s, pos);
	if (class & (CHAR_LETTER | CHAR_DIGIT))
		return take_word(s, pos, pos, MODE_WORD);
	if ((cp != '#' && cp != '@') || after_word)
		return pos;
	(void)char_next(s->text, &after);
	if (after >= s->text.n)
		return pos;
	size_t first = after;
	unsigned next = char_next(s->text, &first);
	if (next != '_' && !char_word_at(s->text, after))
		return pos;
	size_t end = take_word(s, pos, after, cp == '#' ? MODE_TAG : MODE_NAME);
	return end > after ? end : pos;
}

/* Cuts s->text, which is whole: quotes are out. */
static void scan(struct scan *s, struct tokens *ret)
{
	struct str text = s->text;
	/* a token takes two bytes with the separator behind it, or is an emoji and longer */
	s->at = arena_alloc(s->arena, (text.n / 2 + 2) * sizeof *s->at);
	s->folded = arena_alloc(s->arena, text.n + 16);
	s->n = 0;
	uint16_t signs_at_start = 0;
	size_t gap = 0, pos = 0;
	bool after_word = false;
	while (pos < text.n) {
		size_t here = pos;
		unsigned cp = char_next(text, &pos);
		uint16_t class = char_class(cp);
		if (class & CHAR_IGNORE)
			continue;
		if (class & (CHAR_LETTER | CHAR_DIGIT | CHAR_PICT | CHAR_PICT_VS | CHAR_REGIONAL |
			     CHAR_SKIN) ||
		    cp == '#' || cp == '@' || cp == '*') {
			size_t before = s->n;
			size_t end = take(s, here, cp, class, after_word);
			if (s->n > before) {
				const struct token *t = &s->at[before];
				/* a single blank holds no sign */
				if (here > gap + (text.p[gap] == ' ')) {
					uint16_t signs = signs_between(text, gap, here, t->end);
					if (before)
						s->at[before - 1].signs = signs;
					else
						signs_at_start = signs;
				}
				pos = gap = end;
				const struct token *last = &s->at[s->n - 1];
				after_word = last->kind != TOKEN_EMOJI && last->kind != TOKEN_URL &&
					     text.p[end - 1] != '_';
				continue;
			}
		}
		enum char_sb sb = char_sb(class);
		if (sb == SB_ATERM && sentence_abbreviation(s->at, s->n, text, here))
			sb = SB_OTHER;
		sentence_feed(&s->sentence, sb, text, here);
		after_word = (class & CHAR_WORD) != 0;
	}
	if (text.n > gap) {
		uint16_t signs = signs_between(text, gap, text.n, text.n);
		if (s->n)
			s->at[s->n - 1].signs = signs;
		else
			signs_at_start = signs;
	}
	*ret = (struct tokens){.at = s->at,
			       .n = s->n,
			       .sentences = s->n ? s->sentences + 1 : 0,
			       .signs_at_start = signs_at_start};
}

void scan_text(struct tokens *ret, struct str text, struct arena *arena, bool fast)
{
	must(text.n <= UINT32_MAX / 2);
	char_table_fill();
	fold_latin_fill();
	struct scan s = {.text = text, .arena = arena, .fast = fast};
	scan(&s, ret);
}
