/*
 * The tokeniser: one walk over the text; a word is scanned by the fast path where all of it is
 * Latin (fold.h's table) and by the reference path else.  Both see the same borders: what ends a
 * word is decided by character classes, and the few places where more than one character matters
 * (gender forms, URLs, keycaps) are shared code.
 */
#include <stdlib.h>

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
	char *folded; /* room for what the fast path folds: never longer than the text */
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

/* The same for a word of Latin letters and digits alone, folded as it goes.  False where the slow
 * way must decide. */
static bool word_scan_latin(struct scan *s, size_t pos, bool tag, struct word *ret,
			    struct str *ret_folded)
{
	const unsigned char *p = (const unsigned char *)s->text.p;
	size_t n = s->text.n, start = pos;
	char *out = s->folded;
	unsigned letters = 0, uppers = 0, underscores = 0, last = 0;
	for (;;) {
		unsigned cp = pos < n ? p[pos] : 0;
		size_t length = 1;
		if (cp >= 0x80) {
			if (cp < 0xc2 || cp > 0xc5 || pos + 1 >= n || (p[pos + 1] & 0xc0) != 0x80)
				break;
			cp = (cp & 0x1f) << 6 | (p[pos + 1] & 0x3f);
			length = 2;
		}
		const struct fold_latin *f = &fold_latin[cp];
		if (f->n) {
			out[0] = f->text[0];
			out[1] = f->text[1];
			out += f->n;
			letters += f->letter;
			uppers += f->upper;
		} else if (tag && cp == '_') {
			*out++ = '_';
			underscores++;
		} else {
			break;
		}
		last = cp;
		pos += length;
	}
	if (pos < n && p[pos] >= 0x80) {
		size_t after = pos;
		uint16_t class = char_class(char_next(s->text, &after));
		if (class & (CHAR_WORD | CHAR_IGNORE))
			return false;
		if (last < 0x80 && last >= '0' && last <= '9' && (p[pos] & 0xe0) == 0xe0 &&
		    keycap_at(s->text, pos - 1))
			return false;
		if (p[pos] == 0xc2 && gender_form(s->text, pos))
			return false;
	}
	if (pos == start)
		return false;
	if (underscores || (pos < n && may_join(p[pos]) && gender_form(s->text, pos)))
		return false; /* rare: the slow way knows gender forms */
	size_t at = start;
	uint16_t first_class = char_class(char_next(s->text, &at));
	*ret = (struct word){.end = pos,
			     .letters = letters,
			     .uppers = uppers,
			     .first_upper = (first_class & CHAR_UPPER) != 0,
			     .first_sb = char_sb(first_class),
			     .last_sb = char_sb(char_class(last))};
	*ret_folded = (struct str){s->folded, (size_t)(out - s->folded)};
	return true;
}

static void add(struct scan *s, struct token t, enum char_sb first, enum char_sb last)
{
	sentence_feed(&s->sentence, first, s->text, t.start);
	s->sentence.last = (uint8_t)last;
	if (s->sentence.ended && s->n)
		s->sentences++;
	s->sentence.ended = false;
	t.sentence = s->sentences;
	t.position = (uint32_t)s->n + 1;
	s->at[s->n++] = t;
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
	struct token t = {.start = (uint32_t)start,
			  .end = (uint32_t)end,
			  .folded = {p, (size_t)(out - p)},
			  .kind = TOKEN_URL};
	add(s, t, first, last);
}

static void add_word(struct scan *s, size_t mark, const struct word *w, struct str folded, int kind)
{
	unsigned flags = (w->first_upper ? TOKEN_CAPITAL : 0) |
			 (w->letters >= 2 && w->uppers == w->letters ? TOKEN_UPPER : 0);
	struct token t = {.start = (uint32_t)mark,
			  .end = (uint32_t)w->end,
			  .folded = folded,
			  .kind = (uint8_t)kind,
			  .flags = (uint8_t)flags};
	/* the sign before a tag or name is a character, too */
	add(s, t, kind == TOKEN_TAG || kind == TOKEN_MENTION ? SB_OTHER : w->first_sb, w->last_sb);
}

/* The word, tag or name whose letters begin at text[pos] and whose mark, if any, at text[mark].
 * Returns where to go on; pos if there is no word. */
static size_t take_word(struct scan *s, size_t mark, size_t pos, enum word_mode mode)
{
	struct word w;
	struct str folded = STR_NULL;
	bool latin =
	    s->fast && mode <= MODE_TAG && word_scan_latin(s, pos, mode == MODE_TAG, &w, &folded);
	size_t url = 0, url_start = 0;
	if (!latin) {
		w = word_scan(s->text, pos, mode, NULL);
		if (w.letters + w.digits == 0)
			return pos;
	}
	/* "scheme://", "www.": nothing else begins a link */
	if (mode <= MODE_TAG && w.end < s->text.n &&
	    (s->text.p[w.end] == ':' || s->text.p[w.end] == '.'))
		url = link_behind(s->text, pos, w.end, &url_start);
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
	if (!latin) {
		if (mode == MODE_NAME && w.end + 1 < s->text.n && s->text.p[w.end] == '@' &&
		    char_word_at(s->text, w.end + 1)) {
			struct word host = word_scan(s->text, w.end + 1, MODE_HOST, NULL);
			if (host.letters + host.digits) {
				host.first_upper = w.first_upper;
				host.first_sb = w.first_sb;
				host.letters += w.letters;
				host.uppers += w.uppers;
				w = host;
			}
		}
		char *clean = arena_alloc(s->arena, (w.end - pos) * 3 + 4), *out = clean;
		struct str all = {s->text.p, w.end};
		size_t name_end = word_scan(all, pos, mode, &out).end;
		if (name_end < w.end) {
			*out++ = '@';
			(void)word_scan(all, name_end + 1, MODE_HOST, &out);
		}
		folded = fold_slow((struct str){clean, (size_t)(out - clean)}, s->arena);
	} else {
		s->folded += folded.n;
	}
	int kind = mode == MODE_TAG    ? TOKEN_TAG
		   : mode == MODE_NAME ? TOKEN_MENTION
		   : w.letters         ? TOKEN_WORD
				       : TOKEN_NUMBER;
	add_word(s, mark, &w, folded, kind);
	return w.end;
}

static size_t take_emoji(struct scan *s, size_t pos)
{
	size_t end = char_emoji_end(s->text, pos, NULL);
	if (end == pos)
		return pos;
	char *p = arena_alloc(s->arena, end - pos), *out = p;
	(void)char_emoji_end(s->text, pos, &out);
	struct token t = {.start = (uint32_t)pos,
			  .end = (uint32_t)end,
			  .folded = {p, (size_t)(out - p)},
			  .kind = TOKEN_EMOJI};
	add(s, t, SB_OTHER, SB_OTHER);
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
	s->folded = arena_alloc(s->arena, text.n + 2);
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
				after_word = last->kind != TOKEN_EMOJI && last->kind != TOKEN_URL;
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
