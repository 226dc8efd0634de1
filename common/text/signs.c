#include "common/text/signs.h"
#include "common/text/token.h"

/* Is the next word nothing but repetitions of `c` (":DDD")? */
static bool word_of(struct str text, size_t to, size_t word_end, char c)
{
	if (word_end == to)
		return false;
	for (size_t i = to; i < word_end; i++) {
		if ((text.p[i] | 0x20) != c)
			return false;
	}
	return true;
}

static unsigned mouth(char c, bool wink)
{
	switch (c) {
	case ')':
	case ']':
	case '}': return wink ? SIGN_WINK : SIGN_SMILE;
	case '(':
	case '[':
	case '{': return SIGN_FROWN;
	case '/':
	case '\\':
	case '|': return SIGN_SKEPTIC;
	case '*': return SIGN_KISS;
	default: return 0;
	}
}

static bool is_nose(char c)
{
	return c == '-' || c == '\'' || c == '^' || c == 'o';
}

/* An emoticon whose eyes are at text[i]. */
static unsigned face(struct str text, size_t i, size_t to, size_t word_end)
{
	bool wink = text.p[i] == ';';
	size_t j = i + 1;
	bool tear = j < to && text.p[j] == '\'';
	if (j < to && is_nose(text.p[j]))
		j++;
	if (j < to) {
		unsigned m = mouth(text.p[j], wink);
		return m == SIGN_FROWN && tear ? SIGN_CRY : m;
	}
	if (word_of(text, to, word_end, 'd'))
		return SIGN_LAUGH;
	if (word_of(text, to, word_end, 'p'))
		return SIGN_TONGUE;
	return 0;
}

uint16_t signs_between(struct str text, size_t from, size_t to, size_t word_end)
{
	unsigned signs = 0;
	int exclaim = 0, question = 0, dots = 0;
	for (size_t i = from; i < to; i++) {
		unsigned char c = (unsigned char)text.p[i];
		size_t left = to - i;
		if (c == '.') {
			if (++dots == 3)
				signs |= SIGN_DOTS;
			continue;
		}
		dots = 0;
		switch (c) {
		case '!': exclaim++; break;
		case '?': question++; break;
		case ':':
		case ';':
		case '=': signs |= face(text, i, to, word_end); break;
		case '(':
			if (left > 1 && (text.p[i + 1] == ':' || text.p[i + 1] == ';'))
				signs |= SIGN_SMILE;
			break;
		case '^':
			if (left > 1 && text.p[i + 1] == '^')
				signs |= SIGN_SMILE;
			break;
		case '<':
			if (left == 1 && word_of(text, to, word_end, '3'))
				signs |= SIGN_HEART;
			break;
		case '-':
			if (left > 2 && (text.p[i + 1] == '.' || text.p[i + 1] == '_') &&
			    text.p[i + 2] == '-')
				signs |= SIGN_ANNOYED;
			break;
		case '"': signs |= SIGN_QUOTE; break;
		case 0xe2: /* U+2018..U+201F, U+2026 */
			if (left > 2 && (unsigned char)text.p[i + 1] == 0x80) {
				unsigned char last = (unsigned char)text.p[i + 2];
				if (last >= 0x98 && last <= 0x9f)
					signs |= SIGN_QUOTE;
				if (last == 0xa6)
					signs |= SIGN_DOTS;
			}
			break;
		default: break;
		}
	}
	if (exclaim)
		signs |= exclaim > 1 ? SIGN_EXCLAIMS : SIGN_EXCLAIM;
	if (question)
		signs |= question > 1 || exclaim ? SIGN_QUESTIONS : SIGN_QUESTION;
	return (uint16_t)signs;
}
