/*
 * html_text.h: a piece of HTML becomes plain text.
 *
 * Paragraphs stay apart (an empty line), lines stay lines, all other white space becomes one blank.
 * Scripts, styles and the like are dropped, references decoded, the text of links and of pictures
 * that are smileys kept.  What others wrote (blockquote, quote boxes of forums and mailers, lines with ">"),
 * and signatures are reported as spans.  Never fails on bad markup; never loops on it.
 *
 *   struct html_text t;
 *   if (html_text(raw, HTML_TEXT_HTML, 200 * KiB, arena, &t)) ... arena full ...
 *
 * When not to use it: to find the article in a whole page; this takes everything it is given.
 */
#ifndef INGEST_HTML_TEXT_H
#define INGEST_HTML_TEXT_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/post.h"

enum html_text_mode {
	HTML_TEXT_HTML, /* as a browser reads it */
	HTML_TEXT_XML, /* source of XHTML: prefixes dropped, CDATA read, "<br/>" and "<script/>" empty */
	HTML_TEXT_PLAIN, /* no markup at all: only white space, quoted lines and signatures */
};

enum { HTML_TEXT_MAX_QUOTES = 1000, HTML_TEXT_MAX_IMAGES = 32 };

struct html_image {
	struct str src, alt; /* decoded, src as written; alt may be null */
};

struct html_text {
	struct str text; /* never null */
	struct post_span *quotes;
	size_t n_quotes;
	struct html_image *images; /* pictures that are no smileys and no 1-pixel counters */
	size_t n_images;
	bool cut; /* longer than limit_bytes */
};

/* `raw` is valid UTF-8.  0, or -1 when the arena is full. */
int html_text(struct str raw, enum html_text_mode mode, size_t limit_bytes, struct arena *arena,
	      struct html_text *ret);

/* For titles and names: one line, at most limit_bytes.  STR_NULL when the arena is full. */
struct str html_line(struct str raw, enum html_text_mode mode, size_t limit_bytes,
		     struct arena *arena);

/* Does it look as if it held markup or references ("<p>", "&amp;")? */
bool html_likely(struct str s);

#endif
