/*
 * xml.h: a tree of a feed's XML, read from whatever came over the wire.
 *
 * A scanner of our own, because feeds are often not well-formed and every good item must survive: a
 * general parser stops at the first fault or forgets which end tag was meant.  It knows the XML a feed
 * may use: elements, attributes, namespaces, character data, CDATA, comments, references.  Document types
 * are skipped unread; there is nothing to expand, load or include, so no bomb can be built.  One that
 * declares entities ends the reading (`entities`).  tests/unit/test_xml.c holds its verdict on
 * well-formedness against libxml2's.
 *
 * The text must be valid UTF-8 (charset.h).  Nodes live in the arena; `inner` and most texts are views
 * into the text handed in.  Elements within an element of XHTML get no nodes: whoever wants
 * them reads its `inner` (html_text.h).
 *
 * Limits: XML_MAX_NODES, XML_MAX_DEPTH, 64 attributes an element; reading ends there and the fault says so.
 */
#ifndef INGEST_FORMATS_XML_H
#define INGEST_FORMATS_XML_H

#include <stdbool.h>

#include "common/arena.h"

enum { XML_MAX_NODES = 300000, XML_MAX_DEPTH = 256, XML_MAX_ATTRS = 64, XML_MAX_BINDINGS = 256 };

enum xml_ns {
	XML_NS_NONE, /* none, or one of RSS' own */
	XML_NS_ATOM, /* 1.0 and 0.3 */
	XML_NS_RDF,
	XML_NS_DC, /* Dublin Core 1.1 and terms */
	XML_NS_CONTENT,
	XML_NS_SLASH,
	XML_NS_WFW,
	XML_NS_THR,
	XML_NS_SY,
	XML_NS_MEDIA,
	XML_NS_ITUNES,
	XML_NS_APP_REVIEW, /* im: of the app store's review feeds */
	XML_NS_TOMBSTONE,
	XML_NS_XHTML,
	XML_NS_XML,
	XML_NS_FEEDBURNER,
	XML_NS_OTHER
};

struct xml_attr {
	struct str name; /* local */
	enum xml_ns ns;
	struct str value;
	struct xml_attr *next;
};

struct xml_node {
	struct str name; /* local, as written */
	struct str uri;  /* of its namespace, or null */
	enum xml_ns ns;
	struct xml_attr *attrs;
	struct xml_node *parent, *first, *last, *next;
	struct str text;  /* character data directly within, decoded; never null */
	struct str inner; /* source between the tags */
	bool unclosed;    /* an item ended only by the next one's begin */
	bool markup;      /* elements within, with or without nodes */
	struct str base;  /* room for who resolves addresses (xml:base); null at first */
};

struct xml_doc {
	struct xml_node *root; /* NULL: no element at all */
	const char *fault;     /* first one in words, NULL: well-formed */
	struct str uri;        /* default namespace of the root, or null */
	bool entities;         /* ended at a document type that declares entities */
	bool cut;              /* ended at a limit */
};

/* 0, or -1 when the arena is full. */
int xml_parse(struct str text, struct arena *arena, struct xml_doc *ret);

/* Name compared without ASCII case. */
bool xml_is(const struct xml_node *node, enum xml_ns ns, const char *name);
struct xml_node *xml_child(const struct xml_node *node, enum xml_ns ns, const char *name);
/* Value of an attribute without namespace (or of `ns`), STR_NULL where absent. */
struct str xml_attr(const struct xml_node *node, const char *name);
struct str xml_attr_ns(const struct xml_node *node, enum xml_ns ns, const char *name);
/* The nearest xml:lang (or xml:NAME) here or above, STR_NULL where none. */
struct str xml_inherited(const struct xml_node *node, const char *name);

#endif
