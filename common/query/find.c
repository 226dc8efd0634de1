/*
 * find.c: where terms, OR groups and proximity expressions stand in the post in hand.
 */
#include <string.h>

#include "common/mem.h"
#include "common/text/chars.h"

#include "common/query/matcher.h"
#include "common/query/spell.h"

/* ---- terms ----------------------------------------------------------------------------------- */

static bool in_zones(const struct query_matcher *m, unsigned zones, uint32_t first, uint32_t last)
{
	static const unsigned bits[ZONES] = {ZONE_TITLE, ZONE_TEXT, ZONE_QUOTE};
	uint32_t z = first >> ZONE_SHIFT;
	if (zones & bits[z])
		return true;
	return z == 1 && (zones & ZONE_LEAD) && placed(m, last)->token->sentence == 0;
}

static bool is_at(const struct query_matcher *m, const struct step *word, uint32_t place)
{
	const struct placed *p = placed(m, place);
	if (!p)
		return false;
	if (word->op == STEP_ANY)
		return true;
	for (uint32_t i = 0; i < p->n_found; i++)
		if (m->found[p->first_found + i] == word->number)
			return true;
	return false;
}

static uint32_t times(const struct query_matcher *m, const struct step *word)
{
	if (word->op == STEP_ANY)
		return UINT32_MAX;
	if (!present(m, word->number)) /* most are not, and their states lie far away */
		return 0;
	const struct element_state *state = &m->states[word->number];
	return state->stamp == m->stamp ? state->n : 0;
}

/* The text of a zone composed and without invisible characters, and where each of its bytes comes from;
 * between the parts that a quote separates stands a zero byte. */
static void make_exact(struct query_matcher *m, int z)
{
	struct str text = m->zones[z].text;
	const struct post *post = m->post->post;
	size_t n_quotes = z == 0 ? 0 : post->n_quotes, n = 0, pos = 0, quote = 0;
	char *p = arena_alloc(m->arena, 4 * text.n + n_quotes + 2);
	size_t *from = arena_alloc(m->arena, (4 * text.n + n_quotes + 2) * sizeof *from);
	while (pos < text.n) {
		while (quote < n_quotes && post->quotes[quote].end <= pos)
			quote++;
		bool inside = quote < n_quotes && post->quotes[quote].start <= pos;
		size_t end = inside             ? post->quotes[quote].end
			     : quote < n_quotes ? post->quotes[quote].start
						: text.n;
		if (inside != (z == 2)) {
			from[n] = pos;
			p[n++] = '\0';
			pos = end;
			continue;
		}
		/* a letter and what may compose with it at a time */
		while (pos < end) {
			size_t next = pos, after;
			(void)utf8_next(text, &next);
			for (; next < end && (unsigned char)text.p[next] >= 0x80; next = after) {
				after = next;
				unsigned cp = utf8_next(text, &after);
				bool jamo = cp >= 0x1161 && cp <= 0x11ff;
				if (!jamo && !(char_class(cp) & (CHAR_MARK | CHAR_IGNORE)))
					break;
			}
			struct str piece = spell_exact(str_sub(text, pos, next), m->arena);
			for (size_t i = 0; i < piece.n; i++) {
				from[n] = pos;
				p[n++] = piece.p[i];
			}
			pos = next;
		}
	}
	from[n] = text.n;
	m->exact[z] = (struct str){p, n};
	m->exact_from[z] = from;
}

/* Does text[start,end) begin and end where words, tags and names do, and hold no link?  Then *ret is the
 * range of its words. */
static bool whole_words(const struct query_matcher *m, int z, size_t start, size_t end,
			struct range *ret)
{
	const struct zone *zone = &m->zones[z];
	uint32_t low = 0, high = zone->n;
	while (low < high) { /* the first word that ends behind start */
		uint32_t mid = (low + high) / 2;
		if (zone->at[mid].token->end <= start)
			low = mid + 1;
		else
			high = mid;
	}
	uint32_t first = low;
	bool any = false;
	for (; low < zone->n && zone->at[low].token->start < end; low++) {
		const struct token *t = zone->at[low].token;
		if (t->start < start || t->end > end || t->kind == TOKEN_URL)
			return false;
		any = true;
	}
	if (!any)
		return false;
	*ret = (struct range){(uint32_t)z << ZONE_SHIFT | (first + 1),
			      (uint32_t)z << ZONE_SHIFT | low};
	return true;
}

/* Where the next character of the text begins that is not part of exact[z][i - 1]. */
static size_t behind(const struct query_matcher *m, int z, size_t i)
{
	const size_t *from = m->exact_from[z];
	size_t begun = from[i - 1];
	while (i < m->exact[z].n && from[i] == begun)
		i++;
	return i < m->exact[z].n ? from[i] : m->zones[z].text.n;
}

static void find_raw(struct query_matcher *m, const struct step *word, unsigned zones,
		     struct ranges *ret, size_t enough)
{
	const struct element *e = &m->set->elements[word->number];
	if (times(m, word) == 0)
		return;
	for (int z = 0; z < ZONES && ret->n < enough; z++) {
		bool here = false;
		for (uint32_t i = m->states[word->number].first; i && !here; i = m->seen[i].next)
			here = m->seen[i].place >> ZONE_SHIFT == (uint32_t)z;
		if (!here)
			continue;
		if (!m->exact[z].p)
			make_exact(m, z);
		struct str text = m->exact[z];
		for (size_t at = 0; ret->n < enough && at < text.n; at++) {
			at += str_find_str(str_sub(text, at, text.n), e->written);
			if (at >= text.n)
				break;
			struct range range;
			size_t start = m->exact_from[z][at];
			size_t last = at + e->written.n - 1;
			/* the end is behind the last byte's character */
			size_t end = behind(m, z, last + 1);
			if (whole_words(m, z, start, end, &range) &&
			    in_zones(m, zones, range.first, range.last))
				ranges_add(m, ret, range.first, range.last);
		}
	}
}

/* n words side by side. */
static void find_row(struct query_matcher *m, const struct step *words, uint32_t n, unsigned zones,
		     struct ranges *ret, size_t enough)
{
	uint32_t rarest = 0, least = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t there = times(m, &words[i]);
		if (there == 0)
			return;
		if (there < least) {
			least = there;
			rarest = i;
		}
	}
	for (uint32_t i = m->states[words[rarest].number].first; i && ret->n < enough;
	     i = m->seen[i].next) {
		if (m->work++ > QUERY_WORK)
			return;
		uint32_t first = m->seen[i].place - rarest, last = first + n - 1;
		bool all = true;
		for (uint32_t k = 0; all && k < n; k++)
			all = k == rarest || is_at(m, &words[k], first + k);
		if (all && in_zones(m, zones, first, last))
			ranges_add(m, ret, first, last);
	}
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void find_proximity(struct query_matcher *m, const struct step *step, unsigned zones,
			   struct ranges *ret, size_t enough)
{
	struct ranges a = {0}, b = {0};
	find_ranges(m, step + 1, zones, &a, SIZE_MAX);
	if (a.n == 0)
		return;
	find_ranges(m, step + 1 + step[1].size, zones, &b, SIZE_MAX);
	near_find(m, step, &a, &b, ret, enough < QUERY_RANGES ? enough : QUERY_RANGES);
}

void find_ranges(struct query_matcher *m, const struct step *step, unsigned zones,
		 struct ranges *ret, size_t enough)
{
	const struct step *s = step + 1, *end = step + step->size;
	switch (step->op) {
	case STEP_WORD: find_row(m, step, 1, zones, ret, enough); break;
	case STEP_ROW: find_row(m, step + 1, step->size - 1, zones, ret, enough); break;
	case STEP_RAW: find_raw(m, step, zones, ret, enough); break;
	case STEP_USE: find_ranges(m, used(m, step), zones, ret, enough); break;
	case OP_OR:
		for (; s < end && ret->n < enough; s += s->size) {
			find_ranges(m, s, zones, ret, enough);
			if (m->work > QUERY_WORK)
				return;
		}
		break;
	default: find_proximity(m, step, zones, ret, enough);
	}
	ranges_settle(ret);
}
