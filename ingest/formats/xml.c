/*
 * One pass, one position that only moves forward.  Faults are noted (the first one is kept) and healed:
 *  - an end tag closes the nearest open element of that name, and all within; one that fits nothing
 *    is dropped;
 *  - an item directly within an item ends the outer one: its end tag was forgotten;
 *  - '<' and '&' that begin nothing are text; attributes may be unquoted, doubled or without value;
 *  - what is open at the end is closed there.
 */
#include "common/mem.h"

#include "ingest/entities.h"
#include "ingest/formats/xml.h"
#include "ingest/formats/xml_names.h"

struct open { /* an element whose end tag is still to come */
	struct str qname;
	struct xml_node *node; /* NULL within XHTML */
	size_t n_bindings;     /* before its own */
	size_t inner_start;
	struct piece *first, *last;
};

struct piece { /* character data, in order */
	struct str s;
	struct piece *next;
};

struct binding {
	struct str prefix, uri;
	enum xml_ns ns;
};

struct scan {
	struct str s;
	size_t pos;
	struct arena *arena;
	struct xml_doc *doc;
	struct open stack[XML_MAX_DEPTH];
	size_t depth, n_nodes;
	struct binding bindings[XML_MAX_BINDINGS];
	size_t n_bindings;
	bool doctype, full, root_seen;
};

struct tag { /* a start tag as read */
	struct str qname;
	struct xml_attr *attrs; /* name is still the qualified one */
	bool empty;
};

static void fault(struct scan *x, const char *what)
{
	if (!x->doc->fault)
		x->doc->fault = what;
}

static void *get(struct scan *x, size_t n)
{
	void *p = arena_try(x->arena, n);
	if (!p)
		x->full = true;
	return p;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       (unsigned char)c >= 0x80;
}

static bool name_char(char c)
{
	return name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static void skip_space(struct scan *x)
{
	while (x->pos < x->s.n && is_space(x->s.p[x->pos]))
		x->pos++;
}

static bool at(const struct scan *x, const char *z)
{
	size_t n = strlen(z);
	return x->s.n - x->pos >= n && memcmp(x->s.p + x->pos, z, n) == 0;
}

static size_t find(const struct scan *x, const char *z, size_t from)
{
	struct str rest = str_sub(x->s, from, x->s.n);
	return from + str_find_str(rest, str_of(z));
}

/* References decoded; a view where there are none.  Attribute values end at their quote. */
static struct str decode(struct scan *x, struct str raw)
{
	size_t amp = str_find(raw, '&', 0);
	if (amp == raw.n)
		return raw;
	char *out = get(x, raw.n);
	if (!out)
		return STR("");
	size_t n = 0, pos = 0;
	while (pos < raw.n) {
		size_t next = str_find(raw, '&', pos);
		memcpy(out + n, raw.p + pos, next - pos);
		n += next - pos;
		pos = next;
		if (pos == raw.n)
			break;
		struct entity e;
		if (!entity_read(raw, pos, &e)) {
			fault(x, "\"&\" that begins no reference");
			out[n++] = raw.p[pos++];
			continue;
		}
		/* names of HTML are fine where a document type may have declared them */
		if (!e.strict && (e.numeric || !x->doctype))
			fault(x, e.numeric ? "reference to a character that must not be"
					   : "undeclared entity");
		if (e.cp)
			n += utf8_put(out + n, e.cp);
		pos += e.n;
	}
	return (struct str){out, n};
}

static void add_text(struct scan *x, struct str s)
{
	struct open *top = x->depth ? &x->stack[x->depth - 1] : NULL;
	if (!top) {
		if (str_trim(s).n)
			fault(x, "text outside of the root element");
		return;
	}
	if (!top->node || s.n == 0)
		return;
	if (top->last && top->last->s.p + top->last->s.n == s.p) { /* adjacent in the source */
		top->last->s.n += s.n;
		return;
	}
	struct piece *piece = get(x, sizeof *piece);
	if (!piece)
		return;
	*piece = (struct piece){.s = s};
	if (top->last)
		top->last->next = piece;
	else
		top->first = piece;
	top->last = piece;
}

static struct str join(struct scan *x, const struct piece *first)
{
	if (!first)
		return STR("");
	if (!first->next)
		return first->s;
	size_t n = 0;
	for (const struct piece *p = first; p; p = p->next)
		n += p->s.n;
	char *out = get(x, n);
	if (!out)
		return STR("");
	char *to = out;
	for (const struct piece *p = first; p; p = p->next) {
		memcpy(to, p->s.p, p->s.n);
		to += p->s.n;
	}
	return (struct str){out, n};
}

static void pop(struct scan *x, size_t inner_end)
{
	struct open *top = &x->stack[--x->depth];
	if (top->node) {
		top->node->text = join(x, top->first);
		top->node->inner = str_sub(x->s, top->inner_start, inner_end);
	}
	x->n_bindings = top->n_bindings;
}

/* ---- names ------------------------------------------------------------------------- */

static struct str split_name(struct str qname, struct str *ret_prefix)
{
	size_t colon = str_find(qname, ':', 0);
	if (colon == qname.n || colon == 0 || colon + 1 == qname.n) {
		*ret_prefix = STR("");
		return qname;
	}
	*ret_prefix = str_sub(qname, 0, colon);
	return str_sub(qname, colon + 1, qname.n);
}

static enum xml_ns resolve(struct scan *x, struct str prefix, struct str *ret_uri)
{
	*ret_uri = STR_NULL;
	for (size_t i = x->n_bindings; i-- > 0;)
		if (str_eq(x->bindings[i].prefix, prefix)) {
			*ret_uri = x->bindings[i].uri;
			return x->bindings[i].ns;
		}
	if (!prefix.n)
		return XML_NS_NONE;
	if (!str_is(prefix, "xml"))
		fault(x, "undeclared namespace prefix");
	return xml_ns_of_prefix(prefix);
}

static void bind(struct scan *x, struct str prefix, struct str uri)
{
	if (x->n_bindings < XML_MAX_BINDINGS)
		x->bindings[x->n_bindings++] = (struct binding){prefix, uri, xml_ns_of_uri(uri)};
	else
		fault(x, "too many namespaces");
}

/* ---- start tags -------------------------------------------------------------------- */

static struct str read_name(struct scan *x)
{
	size_t from = x->pos;
	while (x->pos < x->s.n && name_char(x->s.p[x->pos]))
		x->pos++;
	return str_sub(x->s, from, x->pos);
}

static struct str read_value(struct scan *x)
{
	char quote = x->pos < x->s.n ? x->s.p[x->pos] : '>';
	if (quote == '"' || quote == '\'') {
		size_t end = str_find(x->s, quote, x->pos + 1);
		if (end < x->s.n) {
			struct str raw = str_sub(x->s, x->pos + 1, end);
			if (memchr(raw.p, '<', raw.n))
				fault(x, "\"<\" in an attribute");
			x->pos = end + 1;
			if (x->pos < x->s.n && name_start(x->s.p[x->pos]))
				fault(x, "no space between attributes");
			return decode(x, raw);
		}
		x->pos++;
	}
	fault(x, "attribute without quotes");
	size_t from = x->pos;
	while (x->pos < x->s.n && !is_space(x->s.p[x->pos]) && x->s.p[x->pos] != '>')
		x->pos++;
	return decode(x, str_sub(x->s, from, x->pos));
}

static void add_attr(struct scan *x, struct tag *tag, struct xml_attr ***last, size_t *count,
		     struct str qname, struct str value)
{
	for (struct xml_attr *a = tag->attrs; a; a = a->next)
		if (str_eq(a->name, qname)) {
			fault(x, "attribute given twice");
			return;
		}
	struct xml_attr *attr = ++*count > XML_MAX_ATTRS ? NULL : get(x, sizeof *attr);
	if (!attr) {
		fault(x, "too many attributes");
		return;
	}
	*attr = (struct xml_attr){.name = qname, .value = value};
	**last = attr;
	*last = &attr->next;
}

/* At '<' of a start tag.  False: the text ended within it. */
static bool read_tag(struct scan *x, struct tag *ret)
{
	*ret = (struct tag){0};
	struct xml_attr **last = &ret->attrs;
	size_t count = 0;
	x->pos++;
	ret->qname = read_name(x);
	for (;;) {
		skip_space(x);
		if (x->pos >= x->s.n)
			return false;
		char c = x->s.p[x->pos];
		if (c == '>') {
			x->pos++;
			return true;
		}
		if (c == '/' && x->pos + 1 < x->s.n && x->s.p[x->pos + 1] == '>') {
			x->pos += 2;
			ret->empty = true;
			return true;
		}
		if (c == '<') { /* the closing '>' was forgotten */
			fault(x, "\"<\" within a tag");
			return true;
		}
		if (!name_start(c)) {
			fault(x, "stray character in a tag");
			x->pos++;
			continue;
		}
		struct str name = read_name(x), value = STR("");
		skip_space(x);
		if (x->pos < x->s.n && x->s.p[x->pos] == '=') {
			x->pos++;
			skip_space(x);
			value = read_value(x);
		} else {
			fault(x, "attribute without value");
		}
		add_attr(x, ret, &last, &count, name, value);
	}
}

/* Attributes get their namespaces; declarations leave the list. */
static void bind_attrs(struct scan *x, struct tag *tag)
{
	for (struct xml_attr **a = &tag->attrs; *a;) {
		if (str_is((*a)->name, "xmlns"))
			bind(x, STR(""), (*a)->value);
		else if (str_starts((*a)->name, "xmlns:"))
			bind(x, str_sub((*a)->name, 6, (*a)->name.n), (*a)->value);
		else {
			a = &(*a)->next;
			continue;
		}
		*a = (*a)->next;
	}
	for (struct xml_attr *a = tag->attrs; a; a = a->next) {
		struct str prefix, uri;
		a->name = split_name(a->name, &prefix);
		a->ns = prefix.n ? resolve(x, prefix, &uri) : XML_NS_NONE;
	}
}

static struct xml_node *new_node(struct scan *x, const struct tag *tag, enum xml_ns ns,
				 struct str name, struct str uri)
{
	if (++x->n_nodes > XML_MAX_NODES) {
		fault(x, "too many elements");
		x->doc->cut = true;
		return NULL;
	}
	struct xml_node *node = get(x, sizeof *node);
	if (!node)
		return NULL;
	struct xml_node *parent = x->depth ? x->stack[x->depth - 1].node : NULL;
	*node = (struct xml_node){.name = name,
				  .uri = uri,
				  .ns = ns,
				  .attrs = tag->attrs,
				  .parent = parent,
				  .text = STR(""),
				  .inner = STR("")};
	if (!parent)
		x->doc->root = node;
	else if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	if (parent)
		parent->last = node;
	return node;
}

static void forgotten_item(struct scan *x, struct str qname, size_t tag_start)
{
	struct str prefix, name = split_name(qname, &prefix);
	struct open *top = x->depth ? &x->stack[x->depth - 1] : NULL;
	if (!top || !top->node || !str_eq(top->qname, qname))
		return;
	if (!str_ieq(name, "item") && !str_ieq(name, "entry"))
		return;
	fault(x, "item within an item");
	top->node->unclosed = true;
	pop(x, tag_start);
}

static void start_tag(struct scan *x)
{
	size_t tag_start = x->pos, bindings_before;
	struct tag tag;
	if (!read_tag(x, &tag)) {
		fault(x, "ends within a tag");
		return;
	}
	if (!x->depth && x->root_seen) {
		fault(x, "more than one root element");
		x->pos = x->s.n; /* what follows belongs to another document */
		return;
	}
	x->root_seen = true;
	forgotten_item(x, tag.qname, tag_start);
	if (x->depth == XML_MAX_DEPTH) {
		fault(x, "elements too deep");
		x->doc->cut = true;
		return;
	}
	bindings_before = x->n_bindings;
	bind_attrs(x, &tag);
	struct str prefix, uri, name = split_name(tag.qname, &prefix);
	enum xml_ns ns = resolve(x, prefix, &uri);
	struct xml_node *node = NULL;
	struct open *top = x->depth ? &x->stack[x->depth - 1] : NULL;
	if (top && top->node)
		top->node->markup = true;
	if (!top)
		(void)resolve(x, STR(""), &x->doc->uri);
	if (!top || (top->node && top->node->ns != XML_NS_XHTML)) {
		node = new_node(x, &tag, ns, name, uri);
		if (!node)
			return;
	}
	x->stack[x->depth++] = (struct open){
	    .qname = tag.qname, .node = node, .n_bindings = bindings_before, .inner_start = x->pos};
	if (tag.empty)
		pop(x, x->pos);
}

static void end_tag(struct scan *x)
{
	size_t tag_start = x->pos;
	x->pos += 2;
	struct str qname = read_name(x);
	skip_space(x);
	if (x->pos < x->s.n && x->s.p[x->pos] == '>') {
		x->pos++;
	} else {
		fault(x, "end tag not closed");
		size_t next = str_find(x->s, '<', x->pos);
		size_t end = x->pos + str_find(str_sub(x->s, x->pos, next), '>', 0);
		x->pos = end < next ? end + 1 : next;
	}
	for (size_t i = x->depth; i-- > 0;)
		if (str_eq(x->stack[i].qname, qname)) {
			if (i + 1 < x->depth)
				fault(x, "end tag missing");
			while (x->depth > i)
				pop(x, tag_start);
			return;
		}
	fault(x, "end tag that closes nothing");
}

/* ---- the rest of the syntax --------------------------------------------------------- */

/* At "<!DOCTYPE".  Skips it, with an internal subset; notices entity declarations. */
static void skip_doctype(struct scan *x)
{
	x->doctype = true;
	if (x->root_seen)
		fault(x, "document type after the root element");
	bool subset = false;
	for (x->pos += 9; x->pos < x->s.n; x->pos++) {
		char c = x->s.p[x->pos];
		if (at(x, "<!--")) {
			x->pos = find(x, "-->", x->pos + 4) + 2;
		} else if (at(x, "<?")) {
			x->pos = find(x, "?>", x->pos + 2) + 1;
		} else if (c == '"' || c == '\'') {
			x->pos = str_find(x->s, c, x->pos + 1);
		} else if (c == '[') {
			subset = true;
		} else if (c == ']') {
			subset = false;
		} else if (at(x, "<!ENTITY") || at(x, "<!entity")) {
			x->doc->entities = true;
			fault(x, "document type declares entities");
			return;
		} else if (c == '>' && !subset) {
			x->pos++;
			return;
		} else if (c == '<' && !at(x, "<!ELEMENT") && !at(x, "<!ATTLIST") &&
			   !at(x, "<!NOTATION")) {
			fault(x, "document type that is none");
		}
	}
	fault(x, "document type does not end");
	x->pos = x->s.n;
}

static void skip_comment(struct scan *x)
{
	size_t end = find(x, "-->", x->pos + 4);
	if (end >= x->s.n) {
		fault(x, "comment does not end");
		x->pos = x->s.n;
		return;
	}
	struct str body = str_sub(x->s, x->pos + 4, end);
	if (str_find_str(body, STR("--")) < body.n || (body.n && body.p[body.n - 1] == '-'))
		fault(x, "\"--\" in a comment");
	x->pos = end + 3;
}

static void read_cdata(struct scan *x)
{
	size_t end = find(x, "]]>", x->pos + 9);
	add_text(x, str_sub(x->s, x->pos + 9, end));
	if (!x->depth)
		fault(x, "CDATA outside of the root element");
	if (end >= x->s.n)
		fault(x, "CDATA does not end");
	x->pos = end < x->s.n ? end + 3 : end;
}

static void skip_instruction(struct scan *x)
{
	bool declaration = at(x, "<?xml") && x->pos + 5 < x->s.n && is_space(x->s.p[x->pos + 5]);
	if (declaration && x->pos != 0)
		fault(x, "XML declaration not at the start");
	if (x->pos + 2 >= x->s.n || !name_start(x->s.p[x->pos + 2]))
		fault(x, "processing instruction without name");
	if (declaration) { /* "<?xml version='1.0'>" */
		size_t gt = str_find(x->s, '>', x->pos + 2);
		if (gt < x->s.n && x->s.p[gt - 1] != '?') {
			fault(x, "XML declaration does not end");
			x->pos = gt + 1;
			return;
		}
	}
	size_t end = find(x, "?>", x->pos + 2);
	if (end >= x->s.n)
		fault(x, "processing instruction does not end");
	x->pos = end < x->s.n ? end + 2 : end;
}

static void markup(struct scan *x)
{
	char c = x->pos + 1 < x->s.n ? x->s.p[x->pos + 1] : '\0';
	if (name_start(c))
		start_tag(x);
	else if (c == '/' && x->pos + 2 < x->s.n && name_start(x->s.p[x->pos + 2]))
		end_tag(x);
	else if (at(x, "<!--"))
		skip_comment(x);
	else if (at(x, "<![CDATA["))
		read_cdata(x);
	else if (c == '?')
		skip_instruction(x);
	else if (x->s.n - x->pos > 9 && str_ieq(str_sub(x->s, x->pos, x->pos + 9), "<!doctype"))
		skip_doctype(x);
	else {
		fault(x, "\"<\" that begins nothing");
		add_text(x, str_sub(x->s, x->pos, x->pos + 1));
		x->pos++;
	}
}

int xml_parse(struct str text, struct arena *arena, struct xml_doc *ret)
{
	*ret = (struct xml_doc){0};
	struct scan *x = arena_try(arena, sizeof *x);
	if (!x)
		return -1;
	*x = (struct scan){.s = text, .arena = arena, .doc = ret};
	while (x->pos < text.n && !x->full && !ret->entities && !ret->cut) {
		size_t lt = str_find(text, '<', x->pos);
		if (lt > x->pos) {
			struct str raw = str_sub(text, x->pos, lt);
			if (str_find_str(raw, STR("]]>")) < raw.n)
				fault(x, "\"]]>\" in text");
			add_text(x, decode(x, raw));
			x->pos = lt;
		}
		if (lt < text.n)
			markup(x);
	}
	if (x->depth)
		fault(x, "ends before its elements do");
	if (!ret->root)
		fault(x, "no element at all");
	while (x->depth)
		pop(x, text.n < x->pos ? text.n : x->pos);
	return x->full ? -1 : 0;
}
