#include <stdlib.h>

#include <utf8proc.h>

#include "common/buf.h"
#include "common/mem.h"

#include "common/text/chars.h"
#include "common/text/fold.h"
#include "common/text/token.h"

struct fold_latin fold_latin[0x180];

static int mark_class(utf8proc_int32_t cp)
{
	return utf8proc_get_property(cp)->combining_class;
}

void fold_order(int32_t *at, size_t n)
{
	utf8proc_int32_t mark = at[n - 1];
	int class = mark_class(mark);
	if (class == 0)
		return;
	size_t i = n - 1, stop = n - 1 > FOLD_MARKS ? n - 1 - FOLD_MARKS : 0;
	while (i > stop && mark_class(at[i - 1]) > class) {
		at[i] = at[i - 1];
		i--;
	}
	at[i] = mark;
}

struct str fold_slow(struct str s, struct arena *arena)
{
	enum { LONGEST = 18 }; /* U+FDFA decomposes into 18 code points */
	utf8proc_int32_t piece[LONGEST * 2];
	size_t room = s.n + LONGEST, n = 0;
	utf8proc_int32_t *at = xmalloc(room * sizeof *at);
	utf8proc_int32_t base = 0;
	int boundclass = 0; /* utf8proc wants a place for it */
	for (size_t pos = 0; pos < s.n;) {
		unsigned cp = char_next(s, &pos);
		utf8proc_ssize_t got = utf8proc_decompose_char(
		    (utf8proc_int32_t)cp, piece, LONGEST * 2,
		    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD,
		    &boundclass);
		must(got >= 0 && got <= LONGEST * 2);
		if (room - n < (size_t)got + LONGEST) {
			room = room * 2 + (size_t)got;
			at = xrealloc(at, room * sizeof *at);
		}
		for (utf8proc_ssize_t i = 0; i < got; i++) {
			utf8proc_int32_t c = piece[i];
			if (char_is_accent((unsigned)c)) {
				if (c == 0x308 && (base == 'a' || base == 'o' || base == 'u')) {
					at[n++] = 'e';
					base =
					    0; /* a second diaeresis is an accent like any other */
				}
				continue;
			}
			at[n++] = c;
			if (mark_class(c) == 0)
				base = c;
			else
				fold_order(at, n);
		}
	}
	utf8proc_ssize_t m =
	    utf8proc_normalize_utf32(at, (utf8proc_ssize_t)n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	must(m >= 0);
	char *p = arena_alloc(arena, (size_t)m * 4 + 1), *out = p;
	for (utf8proc_ssize_t i = 0; i < m; i++)
		out += utf8_put(out, (unsigned)at[i]);
	*out = '\0';
	free(at);
	return (struct str){p, (size_t)(out - p)};
}

struct str fold_fast(struct str s, struct arena *arena)
{
	struct str folded = fold_ascii(s, arena);
	return folded.p ? folded : fold_slow(s, arena);
}

struct str fold_ascii(struct str s, struct arena *arena)
{
	char *p = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x80)
			return STR_NULL;
		p[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	p[s.n] = '\0';
	return (struct str){p, s.n};
}

void fold_latin_fill(void)
{
	static bool filled;
	if (filled)
		return;
	struct arena *arena = arena_create(64 * KiB);
	for (unsigned cp = 0; cp < ARRAY_LEN(fold_latin); cp++) {
		uint16_t class = char_class_slow(cp);
		char raw[4];
		struct str folded = fold_slow((struct str){raw, utf8_put(raw, cp)}, arena);
		if (!(class & (CHAR_LETTER | CHAR_DIGIT)) || (class & CHAR_IGNORE) ||
		    folded.n == 0 || folded.n > 2)
			continue;
		struct fold_latin *f = &fold_latin[cp];
		memcpy(f->text, folded.p, folded.n);
		f->n = (uint8_t)folded.n;
		f->upper = (class & CHAR_UPPER) != 0;
		f->letter = (class & CHAR_LETTER) != 0;
	}
	arena_free(arena);
	filled = true;
}

/* Adds a stretch without emoji, folded. */
static void add_folded(struct buf *out, struct buf *clean, struct arena *arena)
{
	if (clean->n == 0)
		return;
	(void)buf_str(out, fold_slow(buf_view(clean), arena)); /* no limit is reached */
	buf_reset(clean);
}

struct str text_fold(struct str s, struct arena *arena)
{
	if (!s.p)
		return STR_NULL;
	char_table_fill();
	struct buf out, clean;
	buf_init(&out, SIZE_MAX / 4);
	buf_init(&clean, SIZE_MAX / 4);
	for (size_t pos = 0; pos < s.n;) {
		char *seq = NULL, *end_of_seq;
		size_t end = char_emoji_end(s, pos, NULL);
		if (end > pos) {
			add_folded(&out, &clean, arena);
			seq = end_of_seq = arena_alloc(arena, end - pos);
			(void)char_emoji_end(s, pos, &end_of_seq);
			(void)buf_add(&out, seq, (size_t)(end_of_seq - seq));
			pos = end;
			continue;
		}
		char raw[4];
		unsigned cp = char_next(s, &pos);
		if (!(char_class(cp) & CHAR_IGNORE))
			(void)buf_add(&clean, raw, utf8_put(raw, cp));
	}
	add_folded(&out, &clean, arena);
	struct str folded = arena_str(arena, buf_view(&out));
	buf_done(&clean);
	buf_done(&out);
	return folded;
}
