#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/text/link.h"

#include "common/query/lookup.h"
#include "common/query/part.h"
#include "common/query/spell.h"

/* ---- a multimap of 64-bit keys ----------------------------------------------------------------- */

struct map {
	struct slot {
		uint64_t key;
		uint32_t first; /* 1 + index into links; 0: empty */
	} * slots;
	size_t mask;
	struct link {
		uint32_t value, next;
	} * links; /* links[0] is unused */
	uint32_t n;
};

static void map_init(struct map *map, size_t most)
{
	size_t room = 64;
	while (room < 2 * most)
		room *= 2;
	map->slots = xcalloc(room, sizeof *map->slots);
	map->mask = room - 1;
	map->links = xcalloc(most + 1, sizeof *map->links);
	map->n = 0;
}

static void map_done(struct map *map)
{
	free(map->slots);
	free(map->links);
}

static void map_add(struct map *map, uint64_t key, uint32_t value)
{
	size_t i = key & map->mask;
	while (map->slots[i].first && map->slots[i].key != key)
		i = (i + 1) & map->mask;
	uint32_t link = ++map->n;
	map->links[link] = (struct link){value, map->slots[i].first};
	map->slots[i] = (struct slot){key, link};
}

static inline uint32_t map_first(const struct map *map, uint64_t key)
{
	size_t i = key & map->mask;
	while (map->slots[i].first) {
		if (map->slots[i].key == key)
			return map->slots[i].first;
		i = (i + 1) & map->mask;
	}
	return 0;
}

/* ---- the index --------------------------------------------------------------------------------- */

enum class {
	CLASS_WORD = 1,
	CLASS_TAG,
	CLASS_NAME,
	CLASS_EMOJI,
	CLASS_LOOSE,
	CLASS_LINK,
	CLASS_STEM
};

enum {
	GRAM = 5,     /* bytes of a literal that are looked for */
	TRIED = 4096, /* bytes of the longest word that is tried with wildcards and parts */
	ENDING = 2,   /* letters of a part that may give way to others: Museum, Museen */
	PART_GRAM = 3 /* but so many of it are looked for at least */
};

struct lookup {
	const struct element *elements;
	size_t n;
	struct map exact;      /* by class and form */
	struct map grams;      /* globs and parts, by GRAM or fewer of their bytes */
	unsigned gram_lengths; /* bit k: there are some of k bytes; bit 0: some without letters */
	size_t n_stems, n_loose, n_links;
};

static uint64_t exact_key(enum class class, struct str form)
{
	return hash_mix(hash_word(form) + (uint64_t) class * UINT64_C(0x9e3779b97f4a7c15));
}

static uint64_t gram_key(const char *p, size_t n)
{
	uint64_t v = n;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return hash_mix(v);
}

/* The longest stretch without wildcards. */
static struct str literal_of(struct str pattern)
{
	struct str best = {pattern.p, 0};
	for (size_t i = 0; i < pattern.n;) {
		size_t end = i;
		while (end < pattern.n && pattern.p[end] != '*' && pattern.p[end] != '?')
			end++;
		if (end - i > best.n)
			best = str_sub(pattern, i, end);
		i = end + 1;
	}
	return best;
}

static void add_gram(struct lookup *l, struct str literal, size_t n, uint32_t number)
{
	map_add(&l->grams, gram_key(literal.p, n), number);
	l->gram_lengths |= 1u << n;
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* By its first letters as they are, and with their umlaut. */
static void add_part(struct lookup *l, struct str part, uint32_t number)
{
	char room[PART_ROOM];
	struct str umlaut;
	size_t n = part.n > PART_GRAM + ENDING ? at_most(part.n - ENDING, GRAM)
					       : at_most(part.n, PART_GRAM);
	add_gram(l, part, n, number);
	if (part_umlaut(part, room, &umlaut) && !str_eq(str_sub(umlaut, 0, n), str_sub(part, 0, n)))
		add_gram(l, umlaut, n, number);
}

static void add_glob(struct lookup *l, struct str pattern, uint32_t number)
{
	struct str literal = literal_of(pattern);
	add_gram(l, literal, at_most(literal.n, GRAM), number);
}

static bool is_glob(enum element_kind kind)
{
	return kind == ELEMENT_GLOB || kind == ELEMENT_GLOB_TAG || kind == ELEMENT_GLOB_NAME;
}

static void add_element(struct lookup *l, const struct element *e)
{
	switch (e->kind) {
	case ELEMENT_WORD: map_add(&l->exact, exact_key(CLASS_WORD, e->key), e->number); break;
	case ELEMENT_TAG: map_add(&l->exact, exact_key(CLASS_TAG, e->key), e->number); break;
	case ELEMENT_NAME: map_add(&l->exact, exact_key(CLASS_NAME, e->key), e->number); break;
	case ELEMENT_EMOJI: map_add(&l->exact, exact_key(CLASS_EMOJI, e->key), e->number); break;
	case ELEMENT_RAW:
		map_add(&l->exact,
			exact_key(e->place == ELEMENT_EMOJI ? CLASS_EMOJI : CLASS_WORD, e->key),
			e->number);
		break;
	case ELEMENT_LOOSE:
		map_add(&l->exact, exact_key(CLASS_LOOSE, e->key), e->number);
		l->n_loose++;
		break;
	case ELEMENT_LINK:
		map_add(&l->exact, exact_key(CLASS_LINK, e->key), e->number);
		l->n_links++;
		break;
	case ELEMENT_STEM: l->n_stems++; break;
	case ELEMENT_PART: add_part(l, e->key, e->number); break;
	case ELEMENT_ANY: break;
	case ELEMENT_GLOB:
	case ELEMENT_GLOB_TAG:
	case ELEMENT_GLOB_NAME:
		add_glob(l, e->key, e->number);
		if (!str_eq(e->key, e->written))
			add_glob(l, e->written, e->number);
	}
}

struct lookup *lookup_create(const struct element *elements, size_t n)
{
	struct lookup *l = xcalloc(1, sizeof *l);
	size_t grams = 0;
	for (size_t i = 0; i < n; i++)
		grams += is_glob(elements[i].kind) || elements[i].kind == ELEMENT_PART ? 2 : 0;
	l->elements = elements;
	l->n = n;
	map_init(&l->exact, n);
	map_init(&l->grams, grams);
	for (size_t i = 0; i < n; i++)
		add_element(l, &elements[i]);
	return l;
}

void lookup_free(struct lookup *l)
{
	if (!l)
		return;
	map_done(&l->exact);
	map_done(&l->grams);
	free(l);
}

size_t lookup_bytes(const struct lookup *l)
{
	return sizeof *l + (l->exact.mask + 1 + l->grams.mask + 1) * sizeof(struct slot) +
	       (l->exact.n + l->grams.n) * sizeof(struct link);
}

/* ---- what is remembered ------------------------------------------------------------------------ */

enum {
	PLACES = 1 << 19, /* powers of two: of many elements, of few, of none */
	PLACES_FEW = 8192,
	PLACES_NONE = 8,
	WAYS = 4, /* places that a spelling may take: a cache line of them */
	FEW = 1000,
	SPELLED = 200, /* bytes of the longest spelling that is remembered */
	POOL = 8       /* numbers a place; when all are used, all is forgotten */
};

/* A spelling.  In the pool stand its bytes, then the numbers of its elements: most often in one cache line. */
struct place {
	uint64_t key;
	uint32_t from; /* in the pool */
	uint16_t n;    /* elements */
	uint8_t bytes; /* of the spelling; 0: empty */
};

struct language {
	char name[4];
	struct sb_stemmer *stemmer;
	struct map stems;
};

enum { LANGUAGES = 32 };

struct lookup_memory {
	const struct lookup *lookup;
	struct place *places;
	uint32_t *pool;
	size_t n_places, n_pool, pool_most, turn;
	uint32_t *found; /* of the word in hand */
	size_t n_found;
	uint32_t *stamps, stamp; /* found, or tried, once already */
	struct arena *arena;
	struct language languages[LANGUAGES];
	size_t n_languages, language; /* of the post in hand */
};

struct lookup_memory *lookup_memory_create(const struct lookup *lookup)
{
	struct lookup_memory *m = xcalloc(1, sizeof *m);
	m->lookup = lookup;
	m->n_places = lookup->n == 0 ? PLACES_NONE : lookup->n < FEW ? PLACES_FEW : PLACES;
	m->places = large_alloc(m->n_places * sizeof *m->places);
	m->pool_most = m->n_places * POOL;
	m->pool = xcalloc(m->pool_most, sizeof *m->pool);
	m->found = xcalloc(lookup->n + 1, sizeof *m->found);
	m->stamps = xcalloc(lookup->n + 1, sizeof *m->stamps);
	m->arena = arena_create(64 * MiB);
	lookup_language(m, STR_NULL);
	return m;
}

void lookup_memory_free(struct lookup_memory *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_languages; i++) {
		sb_stemmer_delete(m->languages[i].stemmer);
		map_done(&m->languages[i].stems);
	}
	large_free(m->places, m->n_places * sizeof *m->places);
	free(m->pool);
	free(m->found);
	free(m->stamps);
	arena_free(m->arena);
	free(m);
}

static struct str stem_of(struct lookup_memory *m, const struct language *language,
			  struct str written)
{
	const sb_symbol *stem =
	    sb_stemmer_stem(language->stemmer, (const sb_symbol *)written.p, (int)written.n);
	struct str s = {(const char *)stem, (size_t)sb_stemmer_length(language->stemmer)};
	return text_fold(s, m->arena);
}

static void add_language(struct lookup_memory *m, const char *name)
{
	struct language *language = &m->languages[m->n_languages];
	struct sb_stemmer *stemmer = sb_stemmer_new(name, NULL);
	if (!stemmer)
		return;
	memcpy(language->name, name, sizeof language->name);
	language->stemmer = stemmer;
	m->language = m->n_languages++;
	map_init(&language->stems, m->lookup->n_stems);
	for (size_t i = 0; i < m->lookup->n; i++) {
		const struct element *e = &m->lookup->elements[i];
		if (e->kind == ELEMENT_STEM)
			map_add(&language->stems,
				exact_key(CLASS_STEM, stem_of(m, language, e->written)), e->number);
	}
	arena_reset(m->arena);
}

void lookup_language(struct lookup_memory *m, struct str lang)
{
	char name[4] = "de"; /* of what is not known, or has no stemmer */
	if (m->lookup->n_stems == 0)
		return;
	lang = str_sub(lang, 0, str_find(lang, '-', 0));
	if (lang.n == 2) {
		name[0] = (char)(lang.p[0] | 0x20);
		name[1] = (char)(lang.p[1] | 0x20);
	}
	for (size_t i = 0; i < m->n_languages; i++) {
		if (strcmp(m->languages[i].name, name) == 0) {
			m->language = i;
			return;
		}
	}
	m->language = 0;
	if (m->n_languages < LANGUAGES)
		add_language(m, name);
}

/* ---- finding ----------------------------------------------------------------------------------- */

static void take(struct lookup_memory *m, uint32_t number)
{
	if (m->stamps[number] == m->stamp)
		return;
	m->stamps[number] = m->stamp;
	m->found[m->n_found++] = number;
}

static void find_exact(struct lookup_memory *m, enum class class, struct str form)
{
	const struct map *map = &m->lookup->exact;
	for (uint32_t i = map_first(map, exact_key(class, form)); i; i = map->links[i].next) {
		const struct element *e = &m->lookup->elements[map->links[i].value];
		if (str_eq(e->key, form)) /* no hash is proof */
			take(m, e->number);
	}
}

struct spelling {
	struct str folded, written, local; /* local: of a name without its host, else folded */
	uint8_t kind;
};

/* A glob, or a part, whose letters stand in the word, however often: once. */
static void try(struct lookup_memory *m, const struct spelling *s, const struct element *e)
{
	bool free = s->kind == TOKEN_TAG || s->kind == TOKEN_MENTION;
	bool fits;
	if (m->stamps[e->number] == m->stamp)
		return;
	m->stamps[e->number] = m->stamp;
	if (e->kind == ELEMENT_PART) {
		fits = part_in(s->local, e->key, (enum part_place)e->place);
	} else {
		if ((e->kind == ELEMENT_GLOB_TAG && s->kind != TOKEN_TAG) ||
		    (e->kind == ELEMENT_GLOB_NAME && s->kind != TOKEN_MENTION))
			return;
		/* a host counts only where the pattern has one */
		bool host = str_find(e->key, '@', 0) < e->key.n;
		struct str written = s->written;
		if (!host)
			written = str_sub(written, 0, str_find(written, '@', 0));
		fits = spell_fits(e->key, host ? s->folded : s->local, free) ||
		       spell_fits(e->written, written, free);
	}
	if (fits)
		m->found[m->n_found++] = e->number;
}

static void try_grams(struct lookup_memory *m, const struct spelling *s, struct str form)
{
	const struct map *map = &m->lookup->grams;
	for (size_t n = 0; n <= GRAM; n++) {
		if (!(m->lookup->gram_lengths >> n & 1))
			continue;
		for (size_t at = 0; at + n <= form.n && (n || at == 0); at++)
			for (uint32_t i = map_first(map, gram_key(form.p + at, n)); i;
			     i = map->links[i].next)
				try(m, s, &m->lookup->elements[map->links[i].value]);
	}
}

static void find_link(struct lookup_memory *m, struct str url)
{
	enum { HOST = 253 /* bytes of the longest: RFC 1035, section 3.1 */ };
	const struct map *map = &m->lookup->exact;
	struct str path, host = spell_written(link_host(url, &path), m->arena);
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n > HOST)
		return;
	path = spell_exact(path, m->arena);
	for (size_t from = 0; from < host.n; from = str_find(host, '.', from) + 1) {
		struct str under = str_sub(host, from, host.n);
		for (uint32_t i = map_first(map, exact_key(CLASS_LINK, under)); i;
		     i = map->links[i].next) {
			const struct element *e = &m->lookup->elements[map->links[i].value];
			if (e->kind == ELEMENT_LINK && str_eq(e->key, under) &&
			    path.n >= e->written.n &&
			    str_eq(str_sub(path, 0, e->written.n), e->written))
				take(m, e->number);
		}
	}
}

static void find(struct lookup_memory *m, struct str text, const struct token *t)
{
	const struct lookup *l = m->lookup;
	struct spelling s = {.folded = t->folded, .local = t->folded, .kind = t->kind};
	m->n_found = 0;
	if (++m->stamp == 0) { /* after four thousand million words */
		memset(m->stamps, 0, (l->n + 1) * sizeof *m->stamps);
		m->stamp = 1;
	}
	if (t->kind == TOKEN_URL) {
		if (l->n_links)
			find_link(m, t->folded);
		return;
	}
	if (t->kind == TOKEN_EMOJI) {
		find_exact(m, CLASS_EMOJI, t->folded);
		return;
	}
	if (t->kind == TOKEN_MENTION) {
		s.local = str_sub(t->folded, 0, str_find(t->folded, '@', 0));
		find_exact(m, CLASS_NAME, s.local);
		if (s.local.n < s.folded.n)
			find_exact(m, CLASS_NAME, s.folded);
	} else if (t->kind == TOKEN_TAG) {
		find_exact(m, CLASS_TAG, s.folded);
	}
	find_exact(m, CLASS_WORD, s.local);
	if (l->n_loose)
		find_exact(m, CLASS_LOOSE, spell_plain(s.local, m->arena));
	if (!l->n_stems && !l->gram_lengths)
		return;
	size_t mark = t->kind == TOKEN_TAG || t->kind == TOKEN_MENTION;
	s.written = spell_written(str_sub(text, t->start + mark, t->end), m->arena);
	if (l->n_stems && m->n_languages) {
		const struct language *language = &m->languages[m->language];
		struct str local = str_sub(s.written, 0, str_find(s.written, '@', 0));
		uint64_t key = exact_key(CLASS_STEM, stem_of(m, language, local));
		for (uint32_t i = map_first(&language->stems, key); i;
		     i = language->stems.links[i].next)
			take(m, language->stems.links[i].value);
	}
	if (!l->gram_lengths || t->end - t->start > TRIED)
		return;
	try_grams(m, &s, s.folded);
	if (!str_eq(s.written, s.folded))
		try_grams(m, &s, s.written);
}

/* As it is written, which settles what it is. */
static struct str spelled(struct str text, const struct token *t)
{
	return str_sub(text, t->start, t->end);
}

/* Words that fold alike share it, and are told apart by their spelling. */
static uint64_t key_of(const struct lookup_memory *m, const struct token *t)
{
	return (t->hash ^ m->language * UINT64_C(0x9e3779b97f4a7c15)) + t->kind + 1;
}

static size_t set_of(const struct lookup_memory *m, uint64_t key)
{
	return key % (m->n_places / WAYS) * WAYS;
}

void lookup_ahead_where(const struct lookup_memory *m, const struct token *t)
{
	__builtin_prefetch(&m->places[set_of(m, key_of(m, t))]);
}

void lookup_ahead_what(const struct lookup_memory *m, const struct token *t)
{
	uint64_t key = key_of(m, t);
	const struct place *set = &m->places[set_of(m, key)];
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].key == key)
			__builtin_prefetch(&m->pool[set[i].from]);
}

/* Where in the pool the numbers stand that follow a spelling of so many bytes. */
static size_t behind(size_t from, size_t bytes)
{
	return from + (bytes + sizeof(uint32_t) - 1) / sizeof(uint32_t);
}

/* What was found is that spelling's from now on. */
static const uint32_t *keep(struct lookup_memory *m, uint64_t key, struct str spelling)
{
	size_t size = behind(0, spelling.n) + m->n_found;
	if (size > m->pool_most || m->n_found > UINT16_MAX)
		return m->found;
	if (m->n_pool + size > m->pool_most) { /* seldom: all is looked up anew */
		memset(m->places, 0, m->n_places * sizeof *m->places);
		m->n_pool = 0;
	}
	size_t at = set_of(m, key) + m->turn++ % WAYS; /* in turn: as good as chance */
	m->places[at] =
	    (struct place){key, (uint32_t)m->n_pool, (uint16_t)m->n_found, (uint8_t)spelling.n};
	uint32_t *numbers = m->pool + behind(m->n_pool, spelling.n);
	memcpy(m->pool + m->n_pool, spelling.p, spelling.n);
	memcpy(numbers, m->found, m->n_found * sizeof *m->found);
	m->n_pool += size;
	return numbers;
}

const uint32_t *lookup_token(struct lookup_memory *m, struct str text, const struct token *t,
			     size_t *ret_n)
{
	struct str s = spelled(text, t);
	bool kept = s.n <= SPELLED && t->kind != TOKEN_URL;
	uint64_t key = key_of(m, t);
	const struct place *place = &m->places[set_of(m, key)];
	for (size_t i = 0; kept && i < WAYS; i++, place++) {
		if (place->key != key || place->bytes != s.n ||
		    !bytes_same((const char *)(m->pool + place->from), s.p, s.n))
			continue;
		*ret_n = place->n;
		return m->pool + behind(place->from, s.n);
	}
	arena_reset(m->arena);
	find(m, text, t);
	*ret_n = m->n_found;
	return kept ? keep(m, key, s) : m->found;
}
