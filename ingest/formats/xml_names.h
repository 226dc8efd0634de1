/*
 * xml_names.h: which namespace a URI or an undeclared prefix means; only for xml.c.
 */
#ifndef INGEST_FORMATS_XML_NAMES_H
#define INGEST_FORMATS_XML_NAMES_H

#include "ingest/formats/xml.h"

enum xml_ns xml_ns_of_uri(struct str uri);
enum xml_ns xml_ns_of_prefix(struct str prefix);

#endif
