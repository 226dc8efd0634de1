/*
 * Words and gaps as the finders see them (facts_scan.h).
 */
#include "common/hash.h"
#include "common/mem.h"

#include "analyze/facts_scan.h"

static const struct token no_token;
const struct fact_word fact_no_word = {&no_token, {"", 0}, "\n", 0};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* The plain form of a character in a gap; 0 for invisible ones. */
static char plain(unsigned cp)
{
	switch (cp) {
	case '\n':
	case '\r':
	case 0x0b:
	case 0x0c:
	case 0x85:
	case 0x2028:
	case 0x2029: return '\n';
	case ' ':
	case '\t':
	case 0xa0:
	case 0x202f: return ' ';
	case 0xad:
	case 0x200b:
	case 0x200c:
	case 0x200d:
	case 0x200e:
	case 0x200f:
	case 0x2060:
	case 0xfe0f:
	case 0xfeff: return 0;
	case 0x2010:
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x2212: return '-';
	case 0x2018:
	case 0x2019:
	case 0xb4: return '\'';
	case 0x20ac: return 'E';
	case 0xa3: return 'L';
	default:
		if (cp >= 0x2000 && cp <= 0x200a)
			return ' ';
		return cp > 0x20 && cp < 0x7f ? (char)cp : '^';
	}
}

/* The next character of a gap, a run of white space as one; 0 at `end`. */
static char gap_next(struct str text, size_t *pos, size_t end)
{
	char c = 0;
	while (*pos < end) {
		size_t after = *pos;
		char next = plain(utf8_next(text, &after));
		bool space = next == ' ' || next == '\n';
		if (c && next && !space)
			break;
		*pos = after;
		if (next == '\n' || (next && !c))
			c = next;
		if (next && !space)
			break;
	}
	return c;
}

static void gap_fill(char ret[FACT_GAP], struct str text, size_t pos, size_t end)
{
	size_t n = 0;
	char last[3] = {0}, c;
	if (end - pos == 1 && text.p[pos] == ' ') { /* most of them */
		memcpy(ret, " ", 2);
		return;
	}
	while ((c = gap_next(text, &pos, end))) {
		if (n < 6)
			ret[n] = c;
		last[0] = last[1];
		last[1] = last[2];
		last[2] = c;
		n++;
	}
	if (n > 6) {
		ret[3] = '~';
		memcpy(ret + 4, last, 3);
		n = 7;
	}
	ret[n] = 0;
}

static uint8_t shape_of(const struct token *t)
{
	if (t->kind == TOKEN_EMOJI || t->kind == TOKEN_URL || t->kind == TOKEN_MENTION)
		return 0;
	bool tag = t->kind == TOKEN_TAG;
	if (t->folded.n == 0 || t->folded.n + tag != t->end - t->start)
		return tag ? FACT_TAG : 0;
	size_t digits = 0;
	for (size_t i = 0; i < t->folded.n; i++) {
		char c = t->folded.p[i];
		digits += digit(c);
		if (!digit(c) && !small(c))
			return tag ? FACT_TAG : 0;
	}
	return (uint8_t)(FACT_CODE | (digits ? FACT_DIGIT : 0) |
			 (digits == t->folded.n ? FACT_NUMBER : 0) | (tag ? FACT_TAG : 0));
}

static bool has_text(const struct token *t)
{
	return t->kind != TOKEN_EMOJI && t->kind != TOKEN_URL && t->kind != TOKEN_MENTION;
}

/* Word i with the gap to text[to]. */
void fact_fill(const struct facts *f, size_t i, size_t to)
{
	struct fact_word *w = &f->words[i];
	const struct token *t = i ? &f->at[i - 1] : &no_token;
	must(t->end <= to && to <= f->text.n);
	*w = (struct fact_word){.t = t,
				.s = i && has_text(t) ? t->folded : fact_no_word.s,
				.shape = i ? shape_of(t) : 0};
	gap_fill(w->gap, f->text, t->end, to);
}

/* Words outside quotes, all of them filled: a gap ends where a quote begins. */
static void init_quoted(struct facts *f, const struct tokens *tokens)
{
	struct token *at = arena_alloc(f->arena, (tokens->n + 1) * sizeof *at);
	f->at = at;
	f->words = arena_zalloc(f->arena, (tokens->n + 1) * sizeof *f->words);
	f->n = 0;
	bool quote = false;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];
		if (!quote)
			fact_fill(f, f->n, t->start);
		if (t->quoted && !quote) {
			char *gap = f->words[f->n].gap;
			size_t length = strlen(gap);
			length -= length == FACT_GAP - 1;
			memcpy(gap + length, "\n", 2); /* nothing crosses */
		}
		quote = t->quoted;
		if (!quote)
			at[f->n++] = *t;
	}
	if (!quote)
		fact_fill(f, f->n, f->text.n);
}

void facts_init(struct facts *f, struct str text, const struct tokens *tokens, int64_t now_ms,
		struct arena *arena)
{
	if (now_ms < 0 || now_ms >= 253402300800000) /* 1970 .. 9999 */
		now_ms = POST_NO_TIME;
	*f = (struct facts){
	    .text = text, .at = tokens->at, .n = tokens->n, .now_ms = now_ms, .arena = arena};
	for (size_t i = 0; i < tokens->n; i++) {
		if (tokens->at[i].quoted) {
			init_quoted(f, tokens);
			return;
		}
	}
	f->words = arena_zalloc(arena, (f->n + 1) * sizeof *f->words);
}

/* The bits of a list's words, by their hashes.  Lists are constants: each is read once and known by its
 * address.  NULL: there are too many of them. */
struct mask {
	const char *list;
	uint64_t bits[8];
};

static inline const struct mask *mask_of(const char *list)
{
	enum { PLACES = 1024 };
	static struct mask known[PLACES];
	size_t at = ((uintptr_t)list >> 2) % PLACES;
	for (int tries = 0; tries < 8; tries++, at = (at + 1) % PLACES) {
		if (known[at].list == list)
			return &known[at];
		if (known[at].list)
			continue;
		struct str word;
		for (const char *p = list; (p = fact_list_next(p, &word));) {
			unsigned bit = hash_word(word) % 512;
			known[at].bits[bit / 64] |= UINT64_C(1) << bit % 64;
		}
		known[at].list = list;
		return &known[at];
	}
	return NULL;
}

const char *fact_list_next(const char *list, struct str *ret)
{
	list += strspn(list, " ");
	*ret = (struct str){list, strcspn(list, " ")};
	return ret->n ? list + ret->n : NULL;
}

bool fact_in(const struct facts *f, size_t i, const char *list)
{
	const struct fact_word *w = fact_word(f, i);
	struct str s = w->s;
	if (s.n == 0)
		return false;
	const struct mask *mask = mask_of(list);
	if (mask && !(mask->bits[w->t->hash % 512 / 64] >> w->t->hash % 64 & 1))
		return false;
	for (const char *p = list + 1; *p; p++) {
		size_t n = 0;
		while (n < s.n && p[n] == s.p[n]) /* a blank of the list is in no word */
			n++;
		if (n == s.n && p[n] == ' ')
			return true;
		for (p += n; *p != ' '; p++)
			continue;
		p += p[1] == ' '; /* where two lists were joined */
	}
	return false;
}

bool fact_gap(const struct facts *f, size_t i, const char *gap)
{
	return strcmp(fact_word(f, i)->gap, gap) == 0;
}

bool fact_gap_char(const struct facts *f, size_t i, const char *chars)
{
	const char *gap = fact_word(f, i)->gap;
	return gap[0] && !gap[1] && strchr(chars, gap[0]);
}

int64_t fact_int(const struct facts *f, size_t i, size_t digits)
{
	const struct fact_word *w = fact_word(f, i);
	if (!(w->shape & FACT_NUMBER) || (w->shape & FACT_TAG) || w->s.n > digits || w->s.n > 18)
		return -1;
	int64_t v = 0;
	for (size_t k = 0; k < w->s.n; k++)
		v = v * 10 + (w->s.p[k] - '0');
	return v;
}

size_t fact_start(const struct facts *f, size_t i)
{
	return fact_word(f, i)->t->start;
}

size_t fact_end(const struct facts *f, size_t i)
{
	return fact_word(f, i)->t->end;
}

size_t fact_gap_end(const struct facts *f, size_t i, size_t k)
{
	size_t pos = fact_end(f, i), end = i < f->n ? fact_start(f, i + 1) : f->text.n;
	while (k--)
		(void)gap_next(f->text, &pos, end);
	return pos;
}

/* What holds numbers together, and what holds a number to a name. */
static const char number_joints[] = "./,:-_'@+=&\\#$%^", name_joints[] = "-_@=&\\+#";

bool fact_glued_before(const struct facts *f, size_t i, const char *allowed)
{
	if (i < 2 || (fact_word(f, i)->shape & FACT_TAG))
		return false;
	const struct fact_word *w = fact_word(f, i - 1);
	if (w->s.n == 0 || !fact_gap_char(f, i - 1, number_joints) || strchr(allowed, w->gap[0]))
		return false;
	return digit(w->s.p[w->s.n - 1]) || strchr(name_joints, w->gap[0]);
}

bool fact_glued_behind(const struct facts *f, size_t i, const char *allowed)
{
	if (i >= f->n)
		return false;
	const struct fact_word *w = fact_word(f, i), *next = fact_word(f, i + 1);
	if (next->s.n == 0)
		return next->t->kind == TOKEN_MENTION && w->gap[0] == 0;
	if (!fact_gap_char(f, i, number_joints) || strchr(allowed, w->gap[0]))
		return false;
	return digit(next->s.p[0]) || strchr("_@=&\\", w->gap[0]);
}

bool fact_capital(const struct facts *f, size_t i)
{
	return (fact_word(f, i)->t->flags & TOKEN_CAPITAL) != 0;
}

bool fact_upper(const struct facts *f, size_t i)
{
	const struct fact_word *w = fact_word(f, i);
	for (size_t k = w->t->start; k < w->t->end; k++) {
		if (small(f->text.p[k]))
			return false;
	}
	return (w->shape & FACT_CODE) != 0;
}

struct str fact_case(const struct facts *f, size_t start, size_t end, bool upper)
{
	char *p = arena_alloc(f->arena, end - start + 1);
	for (size_t i = start; i < end; i++) {
		char c = f->text.p[i];
		if (upper && small(c))
			c = (char)(c - 'a' + 'A');
		else if (!upper && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		p[i - start] = c;
	}
	p[end - start] = 0;
	return (struct str){p, end - start};
}
