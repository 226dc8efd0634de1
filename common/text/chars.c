#include <utf8proc.h>

#include "common/mem.h"

#include "common/text/chars.h"

struct range {
	unsigned from, to;
};

/* Emoji=Yes and Extended_Pictographic below U+3300 (Unicode 14).  Those below U+2600, and four CJK
 * signs, are mostly meant as text and count only with U+FE0F, but for emoji_shown. */
static const struct range emoji_low[] = {
    {0xa9, 0xa9},     {0xae, 0xae},     {0x203c, 0x203c}, {0x2049, 0x2049}, {0x2122, 0x2122},
    {0x2139, 0x2139}, {0x2194, 0x2199}, {0x21a9, 0x21aa}, {0x231a, 0x231b}, {0x2328, 0x2328},
    {0x23cf, 0x23cf}, {0x23e9, 0x23f3}, {0x23f8, 0x23fa}, {0x24c2, 0x24c2}, {0x25aa, 0x25ab},
    {0x25b6, 0x25b6}, {0x25c0, 0x25c0}, {0x25fb, 0x25fe}, {0x2600, 0x2604}, {0x260e, 0x260e},
    {0x2611, 0x2611}, {0x2614, 0x2615}, {0x2618, 0x2618}, {0x261d, 0x261d}, {0x2620, 0x2620},
    {0x2622, 0x2623}, {0x2626, 0x2626}, {0x262a, 0x262a}, {0x262e, 0x262f}, {0x2638, 0x263a},
    {0x2640, 0x2640}, {0x2642, 0x2642}, {0x2648, 0x2653}, {0x265f, 0x2660}, {0x2663, 0x2663},
    {0x2665, 0x2666}, {0x2668, 0x2668}, {0x267b, 0x267b}, {0x267e, 0x267f}, {0x2692, 0x2697},
    {0x2699, 0x2699}, {0x269b, 0x269c}, {0x26a0, 0x26a1}, {0x26a7, 0x26a7}, {0x26aa, 0x26ab},
    {0x26b0, 0x26b1}, {0x26bd, 0x26be}, {0x26c4, 0x26c5}, {0x26c8, 0x26c8}, {0x26ce, 0x26cf},
    {0x26d1, 0x26d1}, {0x26d3, 0x26d4}, {0x26e9, 0x26ea}, {0x26f0, 0x26f5}, {0x26f7, 0x26fa},
    {0x26fd, 0x26fd}, {0x2702, 0x2702}, {0x2705, 0x2705}, {0x2708, 0x270d}, {0x270f, 0x270f},
    {0x2712, 0x2712}, {0x2714, 0x2714}, {0x2716, 0x2716}, {0x271d, 0x271d}, {0x2721, 0x2721},
    {0x2728, 0x2728}, {0x2733, 0x2734}, {0x2744, 0x2744}, {0x2747, 0x2747}, {0x274c, 0x274c},
    {0x274e, 0x274e}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2763, 0x2764}, {0x2795, 0x2797},
    {0x27a1, 0x27a1}, {0x27b0, 0x27b0}, {0x27bf, 0x27bf}, {0x2934, 0x2935}, {0x2b05, 0x2b07},
    {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50}, {0x2b55, 0x2b55}, {0x3030, 0x3030}, {0x303d, 0x303d},
    {0x3297, 0x3297}, {0x3299, 0x3299},
};

/* Emoji_Presentation=Yes below U+2600: clocks, fast buttons, squares. */
static const struct range emoji_shown[] = {
    {0x231a, 0x231b}, {0x23e9, 0x23ec}, {0x23f0, 0x23f0}, {0x23f3, 0x23f3}, {0x25fd, 0x25fe}};

/* Sentence_Break=STerm, Unicode 14. */
static const struct range sterm[] = {
    {0x21, 0x21},       {0x3f, 0x3f},       {0x589, 0x589},     {0x61d, 0x61f},
    {0x6d4, 0x6d4},     {0x700, 0x702},     {0x7f9, 0x7f9},     {0x837, 0x837},
    {0x839, 0x839},     {0x83d, 0x83e},     {0x964, 0x965},     {0x104a, 0x104b},
    {0x1362, 0x1362},   {0x1367, 0x1368},   {0x166e, 0x166e},   {0x1735, 0x1736},
    {0x1803, 0x1803},   {0x1809, 0x1809},   {0x1944, 0x1945},   {0x1aa8, 0x1aab},
    {0x1b5a, 0x1b5b},   {0x1b5e, 0x1b5f},   {0x1b7d, 0x1b7e},   {0x1c3b, 0x1c3c},
    {0x1c7e, 0x1c7f},   {0x203c, 0x203d},   {0x2047, 0x2049},   {0x2e2e, 0x2e2e},
    {0x2e3c, 0x2e3c},   {0x2e53, 0x2e54},   {0x3002, 0x3002},   {0xa4ff, 0xa4ff},
    {0xa60e, 0xa60f},   {0xa6f3, 0xa6f3},   {0xa6f7, 0xa6f7},   {0xa876, 0xa877},
    {0xa8ce, 0xa8cf},   {0xa92f, 0xa92f},   {0xa9c8, 0xa9c9},   {0xaa5d, 0xaa5f},
    {0xaaf0, 0xaaf1},   {0xabeb, 0xabeb},   {0xfe56, 0xfe57},   {0xff01, 0xff01},
    {0xff1f, 0xff1f},   {0xff61, 0xff61},   {0x10a56, 0x10a57}, {0x10f55, 0x10f59},
    {0x10f86, 0x10f89}, {0x11047, 0x11048}, {0x110be, 0x110c1}, {0x11141, 0x11143},
    {0x111c5, 0x111c6}, {0x111cd, 0x111cd}, {0x111de, 0x111df}, {0x11238, 0x11239},
    {0x1123b, 0x1123c}, {0x112a9, 0x112a9}, {0x1144b, 0x1144c}, {0x115c2, 0x115c3},
    {0x115c9, 0x115d7}, {0x11641, 0x11642}, {0x1173c, 0x1173e}, {0x11944, 0x11944},
    {0x11946, 0x11946}, {0x11a42, 0x11a43}, {0x11a9b, 0x11a9c}, {0x11c41, 0x11c42},
    {0x11ef7, 0x11ef8}, {0x16a6e, 0x16a6f}, {0x16af5, 0x16af5}, {0x16b37, 0x16b38},
    {0x16b44, 0x16b44}, {0x16e98, 0x16e98}, {0x1bc9f, 0x1bc9f}, {0x1da88, 0x1da88},
};

static const struct range scontinue[] = {
    {0x2c, 0x2d},     {0x3a, 0x3a},     {0x55d, 0x55d},   {0x60c, 0x60d},   {0x7f8, 0x7f8},
    {0x1802, 0x1802}, {0x1808, 0x1808}, {0x2013, 0x2014}, {0x3001, 0x3001}, {0xfe10, 0xfe11},
    {0xfe13, 0xfe13}, {0xfe31, 0xfe32}, {0xfe50, 0xfe51}, {0xfe55, 0xfe55}, {0xfe58, 0xfe58},
    {0xfe63, 0xfe63}, {0xff0c, 0xff0d}, {0xff1a, 0xff1a}, {0xff64, 0xff64},
};

static const struct range accents[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x5bf, 0x5bf}, {0x5c1, 0x5c2},
    {0x5c4, 0x5c5},   {0x5c7, 0x5c7},   {0x610, 0x61a},   {0x64b, 0x65f}, {0x670, 0x670},
    {0x6d6, 0x6dc},   {0x6df, 0x6e4},   {0x6e7, 0x6e8},   {0x6ea, 0x6ed}, {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
};

/* Uppercase=Yes and Lowercase=Yes beyond the letters' categories (Unicode 14): Roman numerals, circled
 * letters, modifier letters. */
static const struct range other_upper[] = {
    {0x2160, 0x216f}, {0x24b6, 0x24cf}, {0x1f130, 0x1f149}, {0x1f150, 0x1f169}, {0x1f170, 0x1f189}};
static const struct range other_lower[] = {
    {0xaa, 0xaa},       {0xba, 0xba},       {0x2b0, 0x2b8},     {0x2c0, 0x2c1},
    {0x2e0, 0x2e4},     {0x345, 0x345},     {0x37a, 0x37a},     {0x1d2c, 0x1d6a},
    {0x1d78, 0x1d78},   {0x1d9b, 0x1dbf},   {0x2071, 0x2071},   {0x207f, 0x207f},
    {0x2090, 0x209c},   {0x2170, 0x217f},   {0x24d0, 0x24e9},   {0x2c7c, 0x2c7d},
    {0xa69c, 0xa69d},   {0xa770, 0xa770},   {0xa7f8, 0xa7f9},   {0xab5c, 0xab5f},
    {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107b0}, {0x107b2, 0x107ba},
};

static bool in_ranges(const struct range *r, size_t n, unsigned cp)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (cp > r[mid].to)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && cp >= r[low].from;
}

bool char_is_accent(unsigned cp)
{
	return cp >= 0x300 && in_ranges(accents, ARRAY_LEN(accents), cp);
}

static unsigned pict_class(unsigned cp, const utf8proc_property_t *property)
{
	if (cp < 0x3300) {
		if (!in_ranges(emoji_low, ARRAY_LEN(emoji_low), cp))
			return 0;
		if (in_ranges(emoji_shown, ARRAY_LEN(emoji_shown), cp))
			return CHAR_PICT;
		return cp < 0x2600 || cp >= 0x3000 ? CHAR_PICT_VS : CHAR_PICT;
	}
	if (cp >= 0x1f3fb && cp <= 0x1f3ff)
		return CHAR_SKIN;
	if (cp == 0x1f004 || cp == 0x1f0cf)
		return CHAR_PICT;
	/* reserved code points included: next year's emoji are emoji, too */
	if (cp >= 0x1f170 && property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
		return CHAR_PICT;
	return 0;
}

static enum char_sb sentence_class(unsigned cp, int category, bool ignorable)
{
	if (cp == '\n' || cp == '\r' || cp == 0x85 || cp == 0x2028 || cp == 0x2029)
		return SB_SEP;
	if (cp == '.' || cp == 0x2024 || cp == 0xfe52 || cp == 0xff0e)
		return SB_ATERM;
	if (in_ranges(sterm, ARRAY_LEN(sterm), cp))
		return SB_STERM;
	if (in_ranges(scontinue, ARRAY_LEN(scontinue), cp))
		return SB_SCONTINUE;
	if (cp == '\t' || cp == 0x0b || cp == 0x0c || category == UTF8PROC_CATEGORY_ZS)
		return SB_SP;
	if (cp == '"' || cp == '\'' || (cp >= 0x275b && cp <= 0x2760) ||
	    (cp >= 0x1f676 && cp <= 0x1f678))
		return SB_CLOSE;
	if (ignorable)
		return SB_EXTEND;
	switch (category) {
	case UTF8PROC_CATEGORY_LL: return SB_LOWER;
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LT: return SB_UPPER;
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_SO:
		if (in_ranges(other_lower, ARRAY_LEN(other_lower), cp))
			return SB_LOWER;
		if (in_ranges(other_upper, ARRAY_LEN(other_upper), cp))
			return SB_UPPER;
		return category == UTF8PROC_CATEGORY_SO ? SB_OTHER : SB_OLETTER;
	case UTF8PROC_CATEGORY_ND: return SB_NUMERIC;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF: return SB_EXTEND;
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF: return SB_CLOSE;
	default: return SB_OTHER;
	}
}

/* Default_Ignorable_Code_Point of characters that do not exist yet, which utf8proc leaves out. */
static bool reserved_ignorable(unsigned cp)
{
	return cp == 0x2065 || (cp >= 0xfff0 && cp <= 0xfff8) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

uint16_t char_class_slow(unsigned cp)
{
	const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)cp);
	unsigned c = 0;
	switch (property->category) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LT: c = CHAR_LETTER | CHAR_UPPER; break;
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO: c = CHAR_LETTER; break;
	case UTF8PROC_CATEGORY_ND: c = CHAR_DIGIT; break;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: c = CHAR_MARK; break;
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC: c = CHAR_SPACE; break;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO: c = CHAR_PUNCT; break;
	default: break;
	}
	if (cp == '"' || cp == '`' || cp == 0xab || cp == 0xbb || (cp >= 0x2018 && cp <= 0x201f) ||
	    cp == 0x2039 || cp == 0x203a)
		c |= CHAR_QUOTE;
	bool ignorable = property->ignorable || reserved_ignorable(cp);
	if (ignorable)
		c = CHAR_IGNORE; /* whatever its category: the Hangul fillers are letters */
	if (property->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR)
		c |= CHAR_REGIONAL;
	c |= pict_class(cp, property);
	return (uint16_t)(c | (unsigned)sentence_class(cp, property->category, ignorable) << 12);
}

uint16_t char_table[CHAR_TABLE];
bool char_table_filled;

void char_table_fill(void)
{
	if (char_table_filled)
		return;
	for (unsigned cp = 0; cp < CHAR_TABLE; cp++)
		char_table[cp] = char_class_slow(cp);
	char_table_filled = true;
}

bool char_word_at(struct str text, size_t pos)
{
	while (pos < text.n) {
		uint16_t class = char_class(char_next(text, &pos));
		if (!(class & CHAR_IGNORE))
			return (class & CHAR_WORD) != 0;
	}
	return false;
}

/* ---- emoji sequences (UTS #51), read generously -------------------------------------------- */

enum { ZWJ = 0x200d, VS_TEXT = 0xfe0e, VS_EMOJI = 0xfe0f, KEYCAP = 0x20e3 };

static unsigned peek(struct str s, size_t pos, size_t *ret_after)
{
	*ret_after = pos;
	return pos < s.n ? char_next(s, ret_after) : 0;
}

static void put(char **out, unsigned cp)
{
	if (out)
		*out += utf8_put(*out, cp);
}

/* One picture with its selectors, skin tones and tags; pos if there is none. */
static size_t element_end(struct str s, size_t pos, bool joined, char **out)
{
	size_t end, after;
	unsigned cp = peek(s, pos, &end);
	unsigned class = char_class_slow(cp);
	unsigned next = peek(s, end, &after);
	if (!(class & CHAR_PICT) && !((class & CHAR_PICT_VS) && (joined || next == VS_EMOJI)))
		return pos;
	put(out, cp);
	for (;; next = peek(s, end, &after)) {
		if (next == VS_EMOJI || next == VS_TEXT || (next >= 0x1f3fb && next <= 0x1f3ff))
			end = after;
		else if (next >= 0xe0020 && next <= 0xe007f) {
			put(out, next); /* England's flag is not Scotland's */
			end = after;
		} else {
			return end;
		}
	}
}

size_t char_emoji_end(struct str s, size_t pos, char **out)
{
	size_t end, after;
	unsigned cp = peek(s, pos, &end);
	if (cp < 0x80) {
		if (!((cp >= '0' && cp <= '9') || cp == '#' || cp == '*'))
			return pos;
		unsigned next = peek(s, end, &after);
		if (next == VS_EMOJI)
			next = peek(s, after, &after);
		if (next != KEYCAP)
			return pos;
		put(out, cp);
		put(out, KEYCAP);
		return after;
	}
	unsigned class = char_class_slow(cp);
	if (class & CHAR_REGIONAL) {
		put(out, cp);
		unsigned next = peek(s, end, &after);
		if (!(char_class_slow(next) & CHAR_REGIONAL))
			return end;
		put(out, next);
		return after;
	}
	if (class & CHAR_SKIN) { /* without a face before it: a colour patch */
		put(out, cp);
		return end;
	}
	end = element_end(s, pos, false, out);
	if (end == pos)
		return pos;
	for (;;) {
		if (peek(s, end, &after) != ZWJ)
			return end;
		char *here = out ? *out : NULL;
		put(out, ZWJ);
		size_t joined = element_end(s, after, true, out);
		if (joined == after) {
			if (out)
				*out = here;
			return end;
		}
		end = joined;
	}
}
