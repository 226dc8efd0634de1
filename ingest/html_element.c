/* The tables and looks that html_text.c goes by. */
#include <stdlib.h>

#include "common/mem.h"

#include "ingest/entities.h"
#include "ingest/html_element.h"
#include "ingest/html_text.h"

static const struct element {
	const char *name;
	enum html_kind kind;
} elements[] = {
    /* sorted by name */
    {"address", HTML_BLOCK},    {"applet", HTML_DROP},      {"area", HTML_VOID},
    {"article", HTML_BLOCK},    {"aside", HTML_BLOCK},      {"audio", HTML_INLINE},
    {"base", HTML_VOID},        {"blockquote", HTML_QUOTE}, {"body", HTML_BLOCK},
    {"br", HTML_BREAK},         {"caption", HTML_BLOCK},    {"center", HTML_BLOCK},
    {"col", HTML_VOID},         {"dd", HTML_LINE},          {"details", HTML_BLOCK},
    {"dir", HTML_BLOCK},        {"div", HTML_LINE},         {"dl", HTML_BLOCK},
    {"dt", HTML_LINE},          {"embed", HTML_VOID},       {"fieldset", HTML_BLOCK},
    {"figcaption", HTML_BLOCK}, {"figure", HTML_BLOCK},     {"footer", HTML_BLOCK},
    {"form", HTML_BLOCK},       {"h1", HTML_BLOCK},         {"h2", HTML_BLOCK},
    {"h3", HTML_BLOCK},         {"h4", HTML_BLOCK},         {"h5", HTML_BLOCK},
    {"h6", HTML_BLOCK},         {"head", HTML_DROP},        {"header", HTML_BLOCK},
    {"hr", HTML_RULE},          {"iframe", HTML_RAW},       {"img", HTML_IMAGE},
    {"input", HTML_VOID},       {"legend", HTML_BLOCK},     {"li", HTML_LINE},
    {"link", HTML_VOID},        {"main", HTML_BLOCK},       {"menu", HTML_BLOCK},
    {"meta", HTML_VOID},        {"nav", HTML_BLOCK},        {"noembed", HTML_RAW},
    {"noframes", HTML_RAW},     {"ol", HTML_BLOCK},         {"option", HTML_LINE},
    {"p", HTML_BLOCK},          {"param", HTML_VOID},       {"pre", HTML_PRE},
    {"script", HTML_RAW},       {"section", HTML_BLOCK},    {"select", HTML_DROP},
    {"source", HTML_VOID},      {"style", HTML_RAW},        {"summary", HTML_BLOCK},
    {"svg", HTML_DROP},         {"table", HTML_BLOCK},      {"tbody", HTML_LINE},
    {"td", HTML_CELL},          {"template", HTML_DROP},    {"tfoot", HTML_LINE},
    {"th", HTML_CELL},          {"thead", HTML_LINE},       {"title", HTML_RAW},
    {"tr", HTML_LINE},          {"track", HTML_VOID},       {"ul", HTML_BLOCK},
    {"video", HTML_INLINE},     {"wbr", HTML_VOID},
};

static int by_name(const void *key, const void *row)
{
	const struct str *name = key;
	const char *z = ((const struct element *)row)->name;
	for (size_t i = 0;; i++) {
		int a = i < name->n ? name->p[i] : 0, b = z[i];
		if (a >= 'A' && a <= 'Z')
			a += 32;
		if (a != b)
			return a < b ? -1 : 1;
		if (!a)
			return 0;
	}
}

enum html_kind html_kind_of(struct str name, bool *ret_known)
{
	const struct element *e =
	    bsearch(&name, elements, ARRAY_LEN(elements), sizeof elements[0], by_name);
	*ret_known = e != NULL;
	return e ? e->kind : HTML_INLINE;
}

bool html_same_name(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if ((a.p[i] | 32) != (b.p[i] | 32))
			return false;
	return true;
}

bool html_holds(struct str s, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= s.n; i++)
		if (str_ieq(str_sub(s, i, i + n), word))
			return true;
	return false;
}

/* Class names under which forums, mailers and blogs put the words of others, or a signature. */
bool html_class_is_quote(struct str class)
{
	struct str word;
	while (str_split(&class, ' ', &word)) {
		if (str_ieq(word, "sig") || str_ieq(word, "signature") ||
		    str_ieq(word, "signatur") || str_ieq(word, "gmail_signature") ||
		    str_ieq(word, "moz-signature"))
			return true;
		if (html_holds(word, "pullquote") || html_holds(word, "quote-link") ||
		    html_holds(word, "quotebutton"))
			continue;
		if (str_ieq(word, "quote") || str_ieq(word, "quotes") || str_ieq(word, "zitat") ||
		    html_holds(word, "quotebox") || html_holds(word, "quotecontent") ||
		    html_holds(word, "quotetitle") || html_holds(word, "quote_") ||
		    html_holds(word, "_quote") || html_holds(word, "bbcode_quote") ||
		    html_holds(word, "bbcodequote") || html_holds(word, "quoteblock") ||
		    html_holds(word, "moz-cite-prefix"))
			return true;
	}
	return false;
}

bool html_likely(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct entity e;
		if (s.p[i] == '&' && entity_read(s, i, &e) && s.p[i + e.n - 1] == ';')
			return true;
		if (s.p[i] != '<' || i + 2 >= s.n)
			continue;
		size_t at = i + 1 + (s.p[i + 1] == '/'), end = at;
		while (end < s.n && ((s.p[end] | 32) >= 'a' && (s.p[end] | 32) <= 'z'))
			end++;
		while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
			end++;
		bool known;
		struct str name = str_sub(s, at, end);
		if (end == at || end == s.n ||
		    !(s.p[end] == '>' || s.p[end] == '/' || strchr(" \t\r\n\f", s.p[end])))
			continue;
		html_kind_of(name, &known);
		static const char *const inlines[] = {
		    "a",  "b",     "i",    "u",    "em",   "strong",  "span",   "font",
		    "q",  "s",     "code", "cite", "del",  "ins",     "sub",    "sup",
		    "tt", "small", "big",  "abbr", "html", "acronym", "object", "strike"};
		for (size_t k = 0; k < ARRAY_LEN(inlines) && !known; k++)
			known = str_ieq(name, inlines[k]);
		if (known)
			return true;
	}
	return false;
}
