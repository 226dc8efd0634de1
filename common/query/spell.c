#include <stdlib.h>

#include <utf8proc.h>

#include "common/mem.h"
#include "common/text/chars.h"
#include "common/text/fold.h"

#include "common/query/spell.h"

static struct str composed(struct str s, struct arena *arena, bool lower)
{
	utf8proc_int32_t *at = xmalloc((s.n * 4 + 1) * sizeof *at);
	utf8proc_ssize_t n = 0;
	int boundclass = 0; /* utf8proc wants a place for it */
	for (size_t pos = 0; pos < s.n;) {
		unsigned cp = char_next(s, &pos);
		if (char_class(cp) & CHAR_IGNORE)
			continue;
		utf8proc_ssize_t got = utf8proc_decompose_char(
		    (utf8proc_int32_t)cp, at + n, (utf8proc_ssize_t)(s.n * 4) - n,
		    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundclass);
		must(got >= 0 && n + got <= (utf8proc_ssize_t)(s.n * 4));
		for (; got > 0; got--)
			fold_order(at, (size_t)++n);
	}
	n = utf8proc_normalize_utf32(at, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	must(n >= 0);
	char *p = arena_alloc(arena, (size_t)n * 4 + 1), *out = p;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		out += utf8_put(out, (unsigned)(lower ? utf8proc_tolower(at[i]) : at[i]));
	free(at);
	return (struct str){p, (size_t)(out - p)};
}

struct str spell_written(struct str s, struct arena *arena)
{
	struct str lower = fold_ascii(s, arena);
	return lower.p ? lower : composed(s, arena, true);
}

struct str spell_exact(struct str s, struct arena *arena)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return composed(s, arena, false);
	}
	return s;
}

struct str spell_plain(struct str folded, struct arena *arena)
{
	char *p = arena_alloc(arena, folded.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < folded.n; i++) {
		char c = folded.p[i];
		p[n++] = c;
		if ((c == 'a' || c == 'o' || c == 'u') && i + 1 < folded.n &&
		    folded.p[i + 1] == 'e')
			i++;
	}
	return (struct str){p, n};
}

/* One character that a wildcard may stand for: where it ends, or 0. */
static size_t one(struct str s, size_t i, unsigned classes)
{
	size_t end = i;
	unsigned cp = char_next(s, &end);
	return !classes || (char_class(cp) & classes) ? end : 0;
}

size_t spell_letters(struct str pattern)
{
	size_t n = 0;
	for (size_t i = 0; i < pattern.n; i++)
		n += pattern.p[i] != '*' && pattern.p[i] != '?';
	return n;
}

bool spell_wild(struct str pattern)
{
	return spell_letters(pattern) < pattern.n;
}

bool spell_fits(struct str pattern, struct str s, bool free)
{
	size_t p = 0, i = 0, star = SIZE_MAX, mark = 0, end;
	while (i < s.n || p < pattern.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			mark = i;
		} else if (p < pattern.n && i < s.n && pattern.p[p] == '?' &&
			   (end = one(s, i, CHAR_LETTER | CHAR_DIGIT))) {
			i = end;
			p++;
		} else if (p < pattern.n && i < s.n && pattern.p[p] == s.p[i] &&
			   pattern.p[p] != '?') {
			p++;
			i++;
		} else if (star != SIZE_MAX && mark < s.n &&
			   (end = one(s, mark, free ? 0 : CHAR_WORD))) {
			p = star;
			i = mark = end;
		} else {
			return false;
		}
	}
	return true;
}
