/*
 * entities.h: character references of HTML and XML.
 *
 * The names of HTML 4 and the few of HTML 5 that feeds use; numbers as HTML reads them (128-159 mean
 * windows-1252, nothing above U+10FFFF, no surrogates, no NUL).
 */
#ifndef INGEST_ENTITIES_H
#define INGEST_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/str.h"

struct entity {
	size_t n;     /* bytes of the reference, with & and ; */
	unsigned cp;  /* code point; 0: a reference to a character that must not be */
	bool strict;  /* well-formed in XML without a document type */
	bool numeric; /* &#...; */
};

/* Reads the reference at s[pos] == '&'.  False where there is none ("AT&T", "&unknown;").  A missing
 * semicolon is forgiven after numbers and Latin-1 names. */
bool entity_read(struct str s, size_t pos, struct entity *ret);
unsigned entity_windows_1252(unsigned byte); /* 128..159; others stay */

#endif
