#include <string.h>

#include "common/mem.h"

#include "common/text/chars.h"
#include "common/text/link.h"

static bool ascii_is(struct str text, size_t pos, const char *lower)
{
	for (; *lower; lower++, pos++) {
		if (pos >= text.n || (text.p[pos] | 0x20) != *lower)
			return false;
	}
	return true;
}

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

static bool closes_url(unsigned cp, uint16_t class)
{
	if (cp < 0x80)
		return memchr(".,;:!?'*~([{|", (int)cp, 13) != NULL;
	return (class & CHAR_PUNCT) != 0;
}

/* Where the URL that begins at text[pos] ends; pos if nothing is left behind the `head` bytes of
 * scheme or "www.".  A closing bracket belongs to it where one is open in it. */
static size_t url_end(struct str text, size_t pos, size_t head)
{
	static const char brackets[][2] = {{'(', ')'}, {'[', ']'}, {'{', '}'}};
	size_t end = pos + head;
	while (end < text.n) {
		size_t after = end;
		unsigned cp = char_next(text, &after);
		if ((char_class(cp) & (CHAR_SPACE | CHAR_QUOTE)) || cp == '<' || cp == '>')
			break;
		end = after;
	}
	struct str url = str_sub(text, pos, end);
	size_t opened[3], closed[3];
	for (int i = 0; i < 3; i++) {
		opened[i] = count(url, brackets[i][0]);
		closed[i] = count(url, brackets[i][1]);
	}
	while (end > pos + head) {
		size_t last = end - 1;
		while (last > pos && ((unsigned char)text.p[last] & 0xc0) == 0x80)
			last--;
		size_t after = last;
		unsigned cp = char_next(text, &after);
		uint16_t class = char_class(cp);
		bool closes = (class & CHAR_IGNORE) || closes_url(cp, class);
		for (int i = 0; i < 3; i++) {
			if (cp == (unsigned)brackets[i][0])
				opened[i]--;
			if (cp == (unsigned)brackets[i][1] && closed[i] > opened[i]) {
				closed[i]--;
				closes = true;
			}
		}
		if (!closes)
			break;
		end = last;
	}
	return end > pos + head ? end : pos;
}

size_t link_behind(struct str text, size_t start, size_t end, size_t *ret_start)
{
	if (end + 2 < text.n && text.p[end] == ':' && text.p[end + 1] == '/' &&
	    text.p[end + 2] == '/') {
		static const char *const known[] = {"https", "http"};
		for (size_t i = 0; i < ARRAY_LEN(known); i++) {
			size_t n = strlen(known[i]);
			if (end - start >= n && ascii_is(text, end - n, known[i])) {
				*ret_start = end - n;
				size_t to = url_end(text, end - n, n + 3);
				return to > end - n ? to : 0;
			}
		}
		for (size_t i = start; i < end; i++) {
			unsigned char c = (unsigned char)text.p[i] | 0x20;
			bool digit = text.p[i] >= '0' && text.p[i] <= '9';
			if (!((c >= 'a' && c <= 'z') || (digit && i > start)))
				return 0;
		}
		*ret_start = start;
		size_t to = url_end(text, start, end - start + 3);
		return to > start ? to : 0;
	}
	if (end - start == 3 && end < text.n && text.p[end] == '.' &&
	    ascii_is(text, start, "www") && char_word_at(text, end + 1)) {
		*ret_start = start;
		size_t to = url_end(text, start, 4);
		return to > start ? to : 0;
	}
	return 0;
}

struct str link_bare(struct str url)
{
	size_t scheme = str_find_str(url, STR("://"));
	return scheme < url.n ? str_sub(url, scheme + 3, url.n) : url;
}

struct str link_host(struct str url, struct str *ret_rest)
{
	struct str host = link_bare(url);
	size_t end = 0;
	while (end < host.n && !strchr("/?#", host.p[end]))
		end++;
	if (ret_rest)
		*ret_rest = str_sub(host, end, host.n);
	host = str_sub(host, 0, end);
	size_t user = str_find(host, '@', 0);
	if (user < host.n)
		host = str_sub(host, user + 1, host.n);
	return str_sub(host, 0, str_find(host, ':', 0));
}
