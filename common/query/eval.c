/*
 * eval.c: a post against the queries it could match.
 *
 * A place is the position of a word in its zone, with the zone in the upper bits: places of different zones
 * are further apart than any distance.  What a term or a proximity expression finds is a list of ranges,
 * sorted and without doubles; what only has to be true stops at the first.
 */
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/text/chars.h"

#include "common/query/field.h"
#include "common/query/set.h"
#include "common/query/spell.h"

enum {
	ZONES = 3, /* title, text, quotes */
	ZONE_SHIFT = 30,
	FIRST_COUNT = 1000, /* posts after which elements are counted */
	LAST_COUNT = 100000,
	AHEAD = 4, /* words */
	PRESENT = 8192
};

/* A word of the post. */
struct placed {
	const struct token *token;
	uint32_t first_found, n_found; /* of query_matcher.found */
};

struct zone {
	struct str text;
	struct placed *at; /* at[position - 1] */
	uint32_t n;
};

/* Where an element stands: a chain through query_matcher.seen.  With what else is asked of an element that is
 * met, in half a cache line. */
struct element_state {
	uint32_t stamp, first, last, n;
	uint32_t from, n_under; /* of anchors->queries */
	uint32_t posts;         /* in which it stood */
	uint32_t unused;
};

struct query_state {
	uint32_t stamp; /* the post for which it is a candidate */
	uint32_t program;
	uint64_t looks;
};

struct seen {
	uint32_t place, next; /* 0: the last */
};

struct range {
	uint32_t first, last; /* places */
};

struct ranges {
	struct range *at;
	size_t n, room;
};

struct query_matcher {
	const struct query_set *set;
	struct lookup_memory *memory;
	struct element_state *states;
	struct query_state *queries;
	uint32_t stamp;
	uint64_t looked_at, given_up;
	const struct anchors *anchors; /* of the set, later `counted` */
	struct anchors counted;
	uint64_t posts, count_at;
	struct arena *scratch; /* of the expression in hand; QUERY_WORK bounds it */
	/* of the post in hand */
	struct arena *arena;
	const struct query_post *post;
	struct field_post fields;
	struct zone zones[ZONES];
	uint32_t *found; /* element numbers of all words, one after the other */
	size_t n_found, room_found;
	struct seen *seen; /* seen[0] is unused */
	size_t n_seen, room_seen;
	uint64_t present[PRESENT / 64]; /* a bit for some elements each */
	struct stretch {
		uint32_t from, n; /* of anchors->queries */
	} * stretches;
	size_t n_stretches, room_stretches;
	uint32_t *candidates;
	size_t n_candidates;
	struct query_target targets[QUERY_TARGETS]; /* that stand there */
	uint32_t target_of[QUERY_TARGETS];          /* which of the set's these are */
	size_t n_targets;
	uint64_t work;           /* ranges that the query in hand made so far */
	struct str exact[ZONES]; /* for raw terms; p NULL: not made yet */
	size_t *exact_from[ZONES];
};

static void use_anchors(struct query_matcher *m, const struct anchors *anchors)
{
	m->anchors = anchors;
	for (size_t e = 0; e < m->set->n_elements; e++) {
		m->states[e].from = anchors->from[e];
		m->states[e].n_under = anchors->from[e + 1] - anchors->from[e];
	}
}

struct query_matcher *query_matcher_create(const struct query_set *set)
{
	struct query_matcher *m = xcalloc(1, sizeof *m);
	must(set->compiled);
	m->set = set;
	m->scratch = arena_create(SIZE_MAX / 4);
	m->memory = lookup_memory_create(set->lookup);
	m->states = xcalloc(set->n_elements + 1, sizeof *m->states);
	m->queries = xcalloc(set->n_all + 1, sizeof *m->queries);
	for (size_t i = 0; i < set->n_all; i++)
		m->queries[i].program = set->programs[i];
	m->candidates = xcalloc(set->n_all + 1, sizeof *m->candidates);
	use_anchors(m, &set->anchors);
	m->count_at = FIRST_COUNT;
	m->room_found = m->room_seen = m->room_stretches = 1024;
	m->stretches = xcalloc(m->room_stretches, sizeof *m->stretches);
	m->found = xcalloc(m->room_found, sizeof *m->found);
	m->seen = xcalloc(m->room_seen, sizeof *m->seen);
	return m;
}

void query_matcher_free(struct query_matcher *m)
{
	if (!m)
		return;
	lookup_memory_free(m->memory);
	arena_free(m->scratch);
	free(m->states);
	free(m->queries);
	free(m->candidates);
	free(m->stretches);
	anchors_done(&m->counted);
	free(m->found);
	free(m->seen);
	free(m);
}

uint64_t query_looked_at(const struct query_matcher *m)
{
	return m->looked_at;
}

uint64_t query_looked_at_one(const struct query_matcher *m, size_t i)
{
	return m->queries[i].looks;
}

uint64_t query_given_up(const struct query_matcher *m)
{
	return m->given_up;
}

/* What a STEP_USE stands for. */
static const struct step *used(const struct query_matcher *m, const struct step *step)
{
	return &m->set->program.steps[step->number];
}

static const struct step *program_of(const struct query_matcher *m, size_t query)
{
	return &m->set->program.steps[m->queries[query].program];
}

/* ---- the post's words ------------------------------------------------------------------------ */

/* The element is in the post: what is under it may match. */
static void candidates(struct query_matcher *m, uint32_t element)
{
	const struct element_state *state = &m->states[element];
	m->present[element % PRESENT / 64] |= UINT64_C(1) << element % 64;
	if (state->n_under == 0)
		return;
	if (m->n_stretches == m->room_stretches) {
		m->room_stretches *= 2;
		m->stretches = xrealloc(m->stretches, m->room_stretches * sizeof *m->stretches);
	}
	m->stretches[m->n_stretches++] = (struct stretch){state->from, state->n_under};
}

/* Perhaps: some elements share a bit. */
static inline bool present(const struct query_matcher *m, uint32_t element)
{
	return m->present[element % PRESENT / 64] >> element % 64 & 1;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* When all words were seen: those of which what else must be there is there, in their order. */
static void choose_candidates(struct query_matcher *m)
{
	const struct anchors *a = m->anchors;
	for (size_t s = 0; s < m->n_stretches; s++) {
		const struct anchored *at = &a->queries[m->stretches[s].from];
		for (uint32_t i = 0; i < m->stretches[s].n; i++, at++) {
			bool there = at->second[0] == ANCHOR_NONE || present(m, at->second[0]) ||
				     (at->second[1] != ANCHOR_NONE && present(m, at->second[1]));
			struct query_state *query = &m->queries[at->query];
			if (!there || query->stamp == m->stamp)
				continue;
			query->stamp = m->stamp;
			__builtin_prefetch(&m->set->program.steps[query->program]);
			m->candidates[m->n_candidates++] = at->query;
		}
	}
	memcpy(m->candidates + m->n_candidates, a->always, a->n_always * sizeof *m->candidates);
	m->n_candidates += a->n_always;
	qsort(m->candidates, m->n_candidates, sizeof *m->candidates, by_number);
}

static void see(struct query_matcher *m, uint32_t element, uint32_t place)
{
	struct element_state *state = &m->states[element];
	if (m->n_seen + 1 >= m->room_seen) {
		m->room_seen *= 2;
		m->seen = xrealloc(m->seen, m->room_seen * sizeof *m->seen);
	}
	uint32_t at = (uint32_t)++m->n_seen;
	m->seen[at] = (struct seen){place, 0};
	if (state->stamp != m->stamp) {
		state->stamp = m->stamp;
		state->first = state->last = at;
		state->n = 1;
		state->posts++;
		candidates(m, element);
		return;
	}
	m->seen[state->last].next = at;
	state->last = at;
	state->n++;
}

static void take_word(struct query_matcher *m, int z, const struct token *t)
{
	struct zone *zone = &m->zones[z];
	size_t n;
	const uint32_t *elements = lookup_token(m->memory, zone->text, t, &n);
	if (m->n_found + n > m->room_found) {
		while (m->n_found + n > m->room_found)
			m->room_found *= 2;
		m->found = xrealloc(m->found, m->room_found * sizeof *m->found);
	}
	zone->at[zone->n++] = (struct placed){t, (uint32_t)m->n_found, (uint32_t)n};
	for (size_t i = 0; i < n; i++) {
		m->found[m->n_found++] = elements[i];
		__builtin_prefetch(&m->states[elements[i]], 1);
	}
}

static void take_text(struct query_matcher *m, int z, struct str text, const struct tokens *tokens)
{
	struct zone *zone = &m->zones[z];
	size_t n = tokens && m->set->n_elements ? tokens->n : 0; /* fields alone look at no word */
	*zone =
	    (struct zone){.text = text, .at = arena_alloc(m->arena, (n + 1) * sizeof *zone->at)};
	for (size_t i = 0; i < n; i++) {
		if (i + 2 * AHEAD < n)
			lookup_ahead_where(m->memory, &tokens->at[i + 2 * AHEAD]);
		if (i + AHEAD < n)
			lookup_ahead_what(m->memory, &tokens->at[i + AHEAD]);
		if (tokens->at[i].quoted == (z == 2))
			take_word(m, z, &tokens->at[i]);
	}
	for (uint32_t i = 0; i < zone->n; i++) {
		const struct placed *word = &zone->at[i];
		for (uint32_t k = 0; k < word->n_found; k++)
			see(m, m->found[word->first_found + k],
			    (uint32_t)z << ZONE_SHIFT | (i + 1));
	}
}

static void begin(struct query_matcher *m, const struct query_post *p, struct arena *arena)
{
	if (++m->stamp == 0) { /* after four thousand million posts */
		for (size_t e = 0; e < m->set->n_elements; e++)
			m->states[e].stamp = 0;
		for (size_t i = 0; i < m->set->n_all; i++)
			m->queries[i].stamp = 0;
		m->stamp = 1;
	}
	m->arena = arena;
	m->post = p;
	m->fields =
	    (struct field_post){p->post, p->analysis, p->title, p->text, POST_TONALITY_NULL};
	m->n_found = m->n_seen = m->n_candidates = m->n_stretches = m->n_targets = 0;
	memset(m->present, 0, sizeof m->present);
	memset(m->exact, 0, sizeof m->exact);
	lookup_language(m->memory, p->lang);
	take_text(m, 0, p->post->title, p->title);
	take_text(m, 1, p->post->text, p->text);
	take_text(m, 2, p->post->text, m->set->zones & ZONE_QUOTE ? p->text : NULL);
}

static const struct placed *placed(const struct query_matcher *m, uint32_t place)
{
	if (place >> ZONE_SHIFT >= ZONES) /* before the first word of the title */
		return NULL;
	const struct zone *zone = &m->zones[place >> ZONE_SHIFT];
	uint32_t position = place & ((1u << ZONE_SHIFT) - 1);
	return position >= 1 && position <= zone->n ? &zone->at[position - 1] : NULL;
}

/* Of a place that there is: its zone and sentence as one number. */
static uint32_t sentence_of(const struct query_matcher *m, uint32_t place)
{
	return (place >> ZONE_SHIFT) << ZONE_SHIFT | placed(m, place)->token->sentence;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static void add(struct query_matcher *m, struct ranges *r, uint32_t first, uint32_t last)
{
	m->work++;
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 8;
		struct range *more = arena_alloc(m->scratch, room * sizeof *more);
		if (r->n)
			memcpy(more, r->at, r->n * sizeof *more);
		r->at = more;
		r->room = room;
	}
	r->at[r->n++] = (struct range){first, last};
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

static int by_last(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void settle(struct ranges *r)
{
	bool sorted = true;
	for (size_t i = 1; i < r->n && sorted; i++)
		sorted = by_first(&r->at[i - 1], &r->at[i]) < 0;
	if (sorted)
		return;
	qsort(r->at, r->n, sizeof *r->at, by_first);
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (n == 0 || by_first(&r->at[n - 1], &r->at[i]) != 0)
			r->at[n++] = r->at[i];
	r->n = n;
}

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
				add(m, ret, range.first, range.last);
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
			add(m, ret, first, last);
	}
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void find(struct query_matcher *m, const struct step *step, unsigned zones,
		 struct ranges *ret, size_t enough);

/* The first of r (by first) that begins at `first` or later. */
static size_t from_first(const struct ranges *r, uint32_t first)
{
	size_t low = 0, high = r->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (r->at[mid].first < first)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* a, then b, at most n apart. */
static void ordered(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
		    uint32_t n, struct ranges *ret, size_t enough)
{
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		for (size_t k = from_first(b, x.last + 1); k < b->n && ret->n < enough; k++) {
			struct range y = b->at[k];
			if (y.first - x.last > n || m->work > QUERY_WORK)
				break;
			add(m, ret, x.first, y.last);
		}
	}
}

/* Both in one sentence, not overlapping. */
static void in_sentence(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
			struct ranges *ret, size_t enough)
{
	size_t from = 0;
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		uint32_t sentence = sentence_of(m, x.first);
		if (sentence_of(m, x.last) != sentence)
			continue;
		while (from < b->n && sentence_of(m, b->at[from].first) < sentence)
			from++;
		for (size_t k = from; k < b->n && ret->n < enough; k++) {
			struct range y = b->at[k];
			if (sentence_of(m, y.first) != sentence || m->work++ > QUERY_WORK)
				break;
			if (sentence_of(m, y.last) != sentence ||
			    (y.first <= x.last && x.first <= y.last))
				continue;
			add(m, ret, x.first < y.first ? x.first : y.first,
			    x.last > y.last ? x.last : y.last);
		}
	}
}

/* How far ranges up to each reach: the two that reach furthest, because one may be the very same. */
struct reach {
	struct range most, second; /* first 1, last 0: none */
};

static struct reach *reaches(struct query_matcher *m, const struct ranges *b)
{
	const struct range none = {1, 0};
	struct reach *reach = arena_alloc(m->scratch, (b->n + 1) * sizeof *reach);
	reach[0] = (struct reach){none, none};
	for (size_t i = 0; i < b->n; i++) {
		reach[i + 1] = reach[i];
		if (b->at[i].last >= reach[i].most.last)
			reach[i + 1] = (struct reach){b->at[i], reach[i].most};
		else if (b->at[i].last >= reach[i].second.last)
			reach[i + 1].second = b->at[i];
	}
	return reach;
}

/* Is there a b, not the very same, that begins before `end` and reaches `start`? */
static bool touched(const struct ranges *b, const struct reach *reach, struct range x,
		    uint32_t start, uint32_t end)
{
	const struct reach *r = &reach[from_first(b, end)];
	bool same = r->most.first == x.first && r->most.last == x.last;
	struct range far = same ? r->second : r->most;
	return far.first <= far.last && far.last >= start;
}

static void without_near(struct query_matcher *m, const struct ranges *a, const struct ranges *b,
			 uint32_t n, struct ranges *ret, size_t enough)
{
	const struct reach *reach = reaches(m, b);
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		if (!touched(b, reach, x, x.first > n ? x.first - n : 0, x.last + n + 1))
			add(m, ret, x.first, x.last);
	}
}

/* The place of the first word, in the zone of `place`, of that sentence or a later one. */
static uint32_t sentence_begin(const struct query_matcher *m, uint32_t place, uint32_t sentence)
{
	uint32_t zone = place >> ZONE_SHIFT << ZONE_SHIFT, low = 1;
	uint32_t high = m->zones[place >> ZONE_SHIFT].n + 1;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (sentence_of(m, zone | mid) < sentence)
			low = mid + 1;
		else
			high = mid;
	}
	return zone | low;
}

static void without_in_sentence(struct query_matcher *m, const struct ranges *a,
				const struct ranges *b, struct ranges *ret, size_t enough)
{
	const struct reach *reach = reaches(m, b);
	for (size_t i = 0; i < a->n && ret->n < enough; i++) {
		struct range x = a->at[i];
		uint32_t start = sentence_begin(m, x.first, sentence_of(m, x.first));
		uint32_t end = sentence_begin(m, x.last, sentence_of(m, x.last) + 1);
		if (!touched(b, reach, x, start, end))
			add(m, ret, x.first, x.last);
	}
}

static void find_proximity(struct query_matcher *m, const struct step *step, unsigned zones,
			   struct ranges *ret, size_t enough)
{
	struct ranges a = {0}, b = {0};
	if (enough > QUERY_RANGES)
		enough = QUERY_RANGES;
	find(m, step + 1, zones, &a, SIZE_MAX);
	if (a.n == 0)
		return;
	find(m, step + 1 + step[1].size, zones, &b, SIZE_MAX);
	switch (step->op) {
	case OP_NEAR:
		ordered(m, &a, &b, step->number, ret, enough);
		ordered(m, &b, &a, step->number, ret, enough);
		break;
	case OP_ONEAR: ordered(m, &a, &b, step->number, ret, enough); break;
	case OP_SENTENCE: in_sentence(m, &a, &b, ret, enough); break;
	case OP_NOT_NEAR: without_near(m, &a, &b, step->number, ret, enough); break;
	default: without_in_sentence(m, &a, &b, ret, enough);
	}
}

/* Where a term, an OR of terms or a proximity expression stands, sorted; it may stop after `enough`. */
static void find(struct query_matcher *m, const struct step *step, unsigned zones,
		 struct ranges *ret, size_t enough)
{
	const struct step *s = step + 1, *end = step + step->size;
	switch (step->op) {
	case STEP_WORD: find_row(m, step, 1, zones, ret, enough); break;
	case STEP_ROW: find_row(m, step + 1, step->size - 1, zones, ret, enough); break;
	case STEP_RAW: find_raw(m, step, zones, ret, enough); break;
	case STEP_USE: find(m, used(m, step), zones, ret, enough); break;
	case OP_OR:
		for (; s < end && ret->n < enough; s += s->size) {
			find(m, s, zones, ret, enough);
			if (m->work > QUERY_WORK)
				return;
		}
		break;
	default: find_proximity(m, step, zones, ret, enough);
	}
	settle(ret);
}

/* As many as possible that do not overlap: always the one that ends first. */
static bool at_least(struct query_matcher *m, const struct step *step, unsigned zones)
{
	struct ranges r = {0};
	find(m, step + 1, zones, &r, SIZE_MAX);
	if (r.n)
		qsort(r.at, r.n, sizeof *r.at, by_last);
	uint32_t n = 0, end = 0;
	for (size_t i = 0; i < r.n && n < step->number; i++) {
		if (n && r.at[i].first <= end)
			continue;
		end = r.at[i].last;
		n++;
	}
	return n >= step->number;
}

static bool blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* Is there such a text, and more in it than white space? */
static bool zone_there(const struct query_matcher *m, enum query_zone zone)
{
	const struct post *post = m->post->post;
	bool quoted = false, own = false;
	size_t pos = 0;
	if (zone == ZONE_TITLE)
		return !blank(post->title);
	for (size_t i = 0; i < post->n_quotes; i++) {
		own = own || !blank(str_sub(post->text, pos, post->quotes[i].start));
		quoted = quoted ||
			 !blank(str_sub(post->text, post->quotes[i].start, post->quotes[i].end));
		pos = post->quotes[i].end;
	}
	return zone == ZONE_QUOTE ? quoted : own || !blank(str_sub(post->text, pos, post->text.n));
}

static bool holds(struct query_matcher *m, const struct step *step, unsigned zones);

/* Of the targets that stand there, query's own. */
static uint32_t target_there(const struct query_matcher *m, size_t query)
{
	for (uint32_t k = 0; k < m->n_targets; k++) /* most posts have none */
		if (m->target_of[k] == m->set->queries[query].target)
			return k;
	return QUERY_NO_TARGET;
}

/* What `target:` asks for; no work yet, and what was found for others is forgotten. */
static void turn_to(struct query_matcher *m, size_t query)
{
	arena_reset(m->scratch);
	uint32_t target = target_there(m, query);
	m->fields.target =
	    target == QUERY_NO_TARGET ? POST_TONALITY_NULL : m->targets[target].label;
	m->work = 0;
}

/* A query whose work passes all bounds does not match, and is counted. */
static bool matches(struct query_matcher *m, size_t query)
{
	turn_to(m, query);
	bool does = holds(m, program_of(m, query), ZONE_POST);
	if (m->work <= QUERY_WORK)
		return does;
	m->given_up++;
	return false;
}

static bool holds(struct query_matcher *m, const struct step *step, unsigned zones)
{
	const struct step *s = step + 1, *end = step + step->size;
	struct ranges r = {0};
	switch (step->op) {
	case OP_FIELD:
		return field_holds(m->set->program.fields[step->number], &m->fields, m->scratch);
	case OP_AND:
		for (; s < end; s += s->size)
			if (!holds(m, s, zones))
				return false;
		return true;
	case OP_OR:
		for (; s < end; s += s->size)
			if (holds(m, s, zones))
				return true;
		return false;
	case OP_NOT: return !holds(m, s, zones);
	case OP_ZONE: return zone_there(m, step->zone) && holds(m, s, step->zone);
	case OP_ATLEAST: return at_least(m, step, zones);
	case STEP_USE: return holds(m, used(m, step), zones);
	default: find(m, step, zones, &r, 1); return r.n > 0;
	}
}

/* ---- matches --------------------------------------------------------------------------------- */

static bool is_leaf(const struct step *step)
{
	return step->op == STEP_WORD || step->op == STEP_ROW || step->op == STEP_RAW;
}

static bool inside(struct range x, const struct ranges *all)
{
	for (size_t i = 0; i < all->n && all->at[i].first <= x.first; i++)
		if (x.last <= all->at[i].last)
			return true;
	return false;
}

/* The places of the terms by which an expression holds that does: none under NOT, of OR only what holds, of
 * a proximity expression what takes part.  within: only what lies inside one of these; NULL: anywhere. */
static void find_terms(struct query_matcher *m, const struct step *step, unsigned zones,
		       const struct ranges *within, struct ranges *ret)
{
	const struct step *s = step + 1, *end = step + step->size;
	struct ranges all = {0}, r = {0};
	switch (step->op) {
	case OP_FIELD:
	case OP_NOT: return;
	case STEP_USE: find_terms(m, used(m, step), zones, within, ret); return;
	case OP_ATLEAST: find_terms(m, s, zones, within, ret); return;
	case OP_ZONE: find_terms(m, s, step->zone, within, ret); return;
	case OP_AND:
	case OP_OR:
		for (; s < end && ret->n < QUERY_RANGES; s += s->size)
			if (step->op == OP_AND || within || is_leaf(s) || holds(m, s, zones))
				find_terms(m, s, zones, within, ret);
		return;
	default: break;
	}
	find(m, step, zones, &all, within ? SIZE_MAX : QUERY_SPANS);
	for (size_t i = 0; i < all.n && r.n < QUERY_SPANS; i++)
		if (!within || inside(all.at[i], within))
			add(m, &r, all.at[i].first, all.at[i].last);
	if (is_leaf(step)) {
		for (size_t i = 0; i < r.n; i++)
			add(m, ret, r.at[i].first, r.at[i].last);
		return;
	}
	if (r.n == 0)
		return;
	find_terms(m, s, zones, &r, ret);
	if (step->op != OP_NOT_NEAR && step->op != OP_NOT_SENTENCE)
		find_terms(m, s + s->size, zones, &r, ret);
}

static void spans_of(struct query_matcher *m, size_t query, struct query_match *match)
{
	struct ranges r = {0};
	turn_to(m, query);
	find_terms(m, program_of(m, query), ZONE_POST, NULL, &r);
	settle(&r);
	match->n_spans = r.n < QUERY_SPANS ? r.n : QUERY_SPANS;
	match->spans = arena_alloc(m->arena, (match->n_spans + 1) * sizeof *match->spans);
	for (size_t i = 0; i < match->n_spans; i++)
		match->spans[i] =
		    (struct query_span){.title = r.at[i].first >> ZONE_SHIFT == 0,
					.start = placed(m, r.at[i].first)->token->start,
					.end = placed(m, r.at[i].last)->token->end};
}

static bool has_targets(const struct query_matcher *m)
{
	return m->set->n_all > m->set->n && m->post->judge;
}

/* Those targets that stand there, among the candidates behind the queries: the first ones of the set, so that
 * it does not depend on where they were looked for. */
static void judge_targets(struct query_matcher *m)
{
	const struct query_set *set = m->set;
	for (size_t i = 0; i < m->n_candidates && m->n_targets < QUERY_TARGETS; i++) {
		struct query_match places;
		uint32_t target = m->candidates[i];
		if (target < set->n || !matches(m, target))
			continue;
		spans_of(m, target, &places);
		if (places.n_spans == 0)
			continue;
		m->target_of[m->n_targets] = target - (uint32_t)set->n;
		m->targets[m->n_targets++] =
		    (struct query_target){places.spans, places.n_spans, POST_TONALITY_NULL};
	}
	if (m->n_targets)
		m->post->judge(m->post->arg, m->targets, m->n_targets);
}

/* Queries are put under what turned out to be rare: after some posts, and again after ten times as many. */
static void count_anew(struct query_matcher *m)
{
	uint32_t *counts = xcalloc(m->set->n_elements + 1, sizeof *counts);
	for (size_t e = 0; e < m->set->n_elements; e++)
		counts[e] = m->states[e].posts;
	anchors_done(&m->counted);
	anchors_build(&m->counted, m->set, counts, m->posts);
	free(counts);
	use_anchors(m, &m->counted);
	m->count_at = m->count_at < LAST_COUNT ? m->count_at * 10 : UINT64_MAX;
}

size_t query_match(struct query_matcher *m, const struct query_post *p, struct arena *arena,
		   struct query_match **ret)
{
	const struct query_set *set = m->set;
	if (m->posts++ == m->count_at)
		count_anew(m);
	begin(m, p, arena);
	choose_candidates(m);
	if (has_targets(m))
		judge_targets(m);
	size_t n = 0;
	for (size_t i = 0; i < m->n_candidates && m->candidates[i] < set->n; i++) {
		uint32_t query = m->candidates[i];
		m->looked_at++;
		m->queries[query].looks++;
		if (matches(m, query))
			m->candidates[n++] = query;
	}
	*ret = arena_alloc(arena, (n + 1) * sizeof **ret);
	for (size_t i = 0; i < n; i++) {
		(*ret)[i] = (struct query_match){.query = m->candidates[i],
						 .target = target_there(m, m->candidates[i])};
		spans_of(m, m->candidates[i], &(*ret)[i]);
	}
	return n;
}

/* For one query, whatever its index says. */
static void begin_one(struct query_matcher *m, const struct query_post *p, struct arena *arena)
{
	begin(m, p, arena);
	if (!has_targets(m))
		return;
	choose_candidates(m);
	judge_targets(m);
}

bool query_holds(struct query_matcher *m, size_t i, const struct query_post *p, struct arena *arena)
{
	must(i < m->set->n);
	begin_one(m, p, arena);
	return matches(m, i);
}

/* ---- for people ------------------------------------------------------------------------------ */

static void put_places(struct query_matcher *m, const struct step *step, unsigned zones,
		       struct buf *out)
{
	static const char *const names[ZONES] = {"title", "text", "quote"};
	enum { SHOWN = 10 };
	struct ranges r = {0};
	find(m, step, zones, &r, SIZE_MAX);
	for (size_t i = 0; i < r.n && i < SHOWN; i++) {
		uint32_t first = r.at[i].first & ((1u << ZONE_SHIFT) - 1);
		uint32_t last = r.at[i].last & ((1u << ZONE_SHIFT) - 1);
		(void)buf_printf(out, "%s%s %u", i ? ", " : "  at ",
				 names[r.at[i].first >> ZONE_SHIFT], first);
		if (last > first)
			(void)buf_printf(out, "-%u", last);
	}
	if (r.n > SHOWN)
		(void)buf_printf(out, " and %zu more", r.n - SHOWN);
}

/* A node and its step. */
static void why(struct query_matcher *m, size_t query, const struct node *node,
		const struct step *step, unsigned zones, int depth, struct buf *out)
{
	turn_to(m, query);
	if (step->op == STEP_USE)
		step = used(m, step);
	(void)buf_printf(out, "%*s%c ", 2 * depth, "", holds(m, step, zones) ? '+' : '-');
	query_show_head(node, out);
	bool leaf = node->op == OP_TERM || node->op == OP_FIELD;
	if (node->op != OP_FIELD && node->op != OP_AND && node->op != OP_NOT &&
	    node->op != OP_ZONE && node->op != OP_ATLEAST && node->op != OP_OR)
		put_places(m, step, zones, out);
	(void)buf_char(out, '\n');
	const struct step *s = step + 1;
	for (uint32_t i = 0; !leaf && i < node->n_of; i++, s += s->size)
		why(m, query, node->of[i], s, node->op == OP_ZONE ? node->zone : zones, depth + 1,
		    out);
}

void query_why(struct query_matcher *m, size_t i, const struct query_post *p, struct arena *arena,
	       struct buf *out)
{
	must(i < m->set->n);
	begin_one(m, p, arena);
	why(m, i, m->set->queries[i].node, program_of(m, i), ZONE_POST, 0, out);
}

/* ---- of what a source is known --------------------------------------------------------------- */

enum may { MAY_NOT, MAY, MUST };

static enum may may_hold(const struct node *node, const struct field_post *p, struct arena *arena)
{
	enum may all = MUST, any = MAY_NOT;
	switch (node->op) {
	case OP_FIELD:
		if (!field_of_source(node->field, p->post))
			return MAY;
		return field_holds(node->field, p, arena) ? MUST : MAY_NOT;
	case OP_NOT: return MUST - may_hold(node->of[0], p, arena);
	case OP_AND:
		for (uint32_t i = 0; i < node->n_of; i++) {
			enum may one = may_hold(node->of[i], p, arena);
			all = one < all ? one : all;
		}
		return all;
	case OP_OR:
		for (uint32_t i = 0; i < node->n_of; i++) {
			enum may one = may_hold(node->of[i], p, arena);
			any = one > any ? one : any;
		}
		return any;
	default: return MAY;
	}
}

bool query_may_hold(const struct query_set *set, size_t i, const struct post *source,
		    struct arena *arena)
{
	struct field_post p = {.post = source};
	return may_hold(set->queries[i].node, &p, arena) != MAY_NOT;
}
