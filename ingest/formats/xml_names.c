/* Namespaces of feeds and lookups in the tree; the scanner is xml.c. */
#include "common/mem.h"

#include "ingest/formats/xml.h"
#include "ingest/formats/xml_names.h"

/* Compared without case and without a closing '/' or '#': feeds write them in many ways. */
static const struct {
	const char *uri;
	enum xml_ns ns;
} uris[] = {
    {"http://www.w3.org/2005/atom", XML_NS_ATOM},
    {"http://purl.org/atom/ns", XML_NS_ATOM},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns", XML_NS_RDF},
    {"http://my.netscape.com/rdf/simple/0.9", XML_NS_NONE},
    {"http://channel.netscape.com/rdf/simple/0.9", XML_NS_NONE},
    {"http://purl.org/rss/1.0", XML_NS_NONE},
    {"http://my.netscape.com/publish/formats/rss-0.91.dtd", XML_NS_NONE},
    {"http://backend.userland.com/rss", XML_NS_NONE},
    {"http://backend.userland.com/rss2", XML_NS_NONE},
    {"http://backend.userland.com/rss091", XML_NS_NONE},
    {"http://blogs.law.harvard.edu/tech/rss", XML_NS_NONE},
    {"http://cyber.law.harvard.edu/rss", XML_NS_NONE},
    {"http://cyber.law.harvard.edu/rss/rss.html", XML_NS_NONE},
    {"http://www.rssboard.org/rss-specification", XML_NS_NONE},
    {"http://purl.org/net/rss1.1", XML_NS_NONE},
    {"http://purl.org/dc/elements/1.1", XML_NS_DC},
    {"http://purl.org/dc/elements/1.0", XML_NS_DC},
    {"http://purl.org/dc/terms", XML_NS_DC},
    {"http://purl.org/rss/1.0/modules/content", XML_NS_CONTENT},
    {"http://purl.org/rss/1.0/modules/slash", XML_NS_SLASH},
    {"http://purl.org/rss/1.0/modules/syndication", XML_NS_SY},
    {"http://wellformedweb.org/commentapi", XML_NS_WFW},
    {"http://purl.org/syndication/thread/1.0", XML_NS_THR},
    {"http://search.yahoo.com/mrss", XML_NS_MEDIA},
    {"http://www.itunes.com/dtds/podcast-1.0.dtd", XML_NS_ITUNES},
    {"http://itunes.apple.com/rss", XML_NS_APP_REVIEW},
    {"http://purl.org/atompub/tombstones/1.0", XML_NS_TOMBSTONE},
    {"http://www.w3.org/1999/xhtml", XML_NS_XHTML},
    {"http://www.w3.org/xml/1998/namespace", XML_NS_XML},
    {"http://rssnamespace.org/feedburner/ext/1.0", XML_NS_FEEDBURNER},
};

/* What a prefix means where nobody declared it. */
static const struct {
	const char *prefix;
	enum xml_ns ns;
} prefixes[] = {
    {"atom", XML_NS_ATOM},       {"rdf", XML_NS_RDF},
    {"dc", XML_NS_DC},           {"dcterms", XML_NS_DC},
    {"content", XML_NS_CONTENT}, {"slash", XML_NS_SLASH},
    {"wfw", XML_NS_WFW},         {"thr", XML_NS_THR},
    {"sy", XML_NS_SY},           {"media", XML_NS_MEDIA},
    {"itunes", XML_NS_ITUNES},   {"im", XML_NS_APP_REVIEW},
    {"at", XML_NS_TOMBSTONE},    {"xhtml", XML_NS_XHTML},
    {"xml", XML_NS_XML},         {"feedburner", XML_NS_FEEDBURNER},
};

enum xml_ns xml_ns_of_uri(struct str uri)
{
	uri = str_trim(uri);
	while (uri.n && (uri.p[uri.n - 1] == '/' || uri.p[uri.n - 1] == '#'))
		uri.n--;
	if (!uri.n)
		return XML_NS_NONE;
	for (size_t i = 0; i < ARRAY_LEN(uris); i++)
		if (str_ieq(uri, uris[i].uri))
			return uris[i].ns;
	/* https for http is a common slip */
	if (uri.n > 8 && str_ieq(str_sub(uri, 0, 8), "https://"))
		for (size_t i = 0; i < ARRAY_LEN(uris); i++)
			if (str_ieq(str_sub(uri, 8, uri.n), uris[i].uri + 7))
				return uris[i].ns;
	return XML_NS_OTHER;
}

enum xml_ns xml_ns_of_prefix(struct str prefix)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_ieq(prefix, prefixes[i].prefix))
			return prefixes[i].ns;
	return XML_NS_OTHER;
}

bool xml_is(const struct xml_node *node, enum xml_ns ns, const char *name)
{
	return node->ns == ns && str_ieq(node->name, name);
}

struct xml_node *xml_child(const struct xml_node *node, enum xml_ns ns, const char *name)
{
	for (struct xml_node *c = node->first; c; c = c->next)
		if (xml_is(c, ns, name))
			return c;
	return NULL;
}

struct str xml_attr_ns(const struct xml_node *node, enum xml_ns ns, const char *name)
{
	for (const struct xml_attr *a = node->attrs; a; a = a->next)
		if (a->ns == ns && str_ieq(a->name, name))
			return a->value;
	return STR_NULL;
}

struct str xml_attr(const struct xml_node *node, const char *name)
{
	return xml_attr_ns(node, XML_NS_NONE, name);
}

struct str xml_inherited(const struct xml_node *node, const char *name)
{
	for (; node; node = node->parent) {
		struct str v = xml_attr_ns(node, XML_NS_XML, name);
		if (v.p)
			return v;
	}
	return STR_NULL;
}
