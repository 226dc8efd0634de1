/*
 * town_text.h: words of the town's people as markup, and dates as feeds write them.
 *
 * All functions append and return 0, or -1 at the buffer's limit.  Text is valid UTF-8 (jansson
 * saw to that); control characters that XML 1.0 forbids are left out.
 */
#ifndef TESTS_WORLD_TOWN_TEXT_H
#define TESTS_WORLD_TOWN_TEXT_H

#include <stdint.h>

#include "common/buf.h"
#include "common/str.h"

/* & < > " escaped: for XML and HTML, elements and attributes. */
int town_text_escape(struct buf *out, struct str s);

/* Paragraphs: a blank line begins a new one, a line's end is a break, lines beginning with ">"
 * are a quotation, addresses become links.  "a\n\n> b" gives <p>a</p><blockquote><p>b</p></blockquote> */
int town_text_html(struct buf *out, struct str text);

/* The same HTML once more escaped, as feeds carry it in an element. */
int town_text_html_escaped(struct buf *out, struct str text);
/* The same HTML in CDATA sections. */
int town_text_html_cdata(struct buf *out, struct str text);

int town_text_rfc3339(struct buf *out, int64_t ms); /* 2026-11-23T08:00:00+01:00 */
int town_text_rfc822(struct buf *out, int64_t ms);  /* Mon, 23 Nov 2026 08:00:00 +0100 */

#endif
