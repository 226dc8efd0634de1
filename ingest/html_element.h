/*
 * html_element.h: what the names and classes of HTML mean for its text; private to html_text.c.
 */
#ifndef INGEST_HTML_ELEMENT_H
#define INGEST_HTML_ELEMENT_H

#include <stdbool.h>

#include "common/str.h"

enum html_kind {
	HTML_INLINE,
	HTML_LINE,  /* begins and ends a line */
	HTML_BLOCK, /* an empty line around it */
	HTML_BREAK, /* br */
	HTML_RULE,  /* hr: void, an empty line */
	HTML_CELL,  /* a blank around it */
	HTML_DROP,  /* its content is no text */
	HTML_RAW,   /* the same, and its content is no markup */
	HTML_PRE,
	HTML_QUOTE,
	HTML_IMAGE,
	HTML_VOID
};

/* Names compare without ASCII case; *ret_known is false for elements HTML does not lay out (then HTML_INLINE). */
enum html_kind html_kind_of(struct str name, bool *ret_known);
bool html_same_name(struct str a, struct str b);
bool html_holds(struct str s, const char *word); /* anywhere within, ASCII case ignored */
/* Does a class say that others wrote this, or that it is a signature? */
bool html_class_is_quote(struct str class);

#endif
