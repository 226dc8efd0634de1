/*
 * link.h: URLs in running text, and the host of one.
 *
 * A URL has a scheme ("https://") or begins with "www."; it ends at white space, quotation marks or
 * angle brackets, without closing punctuation.  "http" and "https" are found at the end of a word, too:
 * scripts without blanks run into their links.
 */
#ifndef COMMON_TEXT_LINK_H
#define COMMON_TEXT_LINK_H

#include "common/str.h"

/* Does the word text[start,end) begin or turn into a URL?  Returns where that ends and sets *ret_start,
 * or returns 0. */
size_t link_behind(struct str text, size_t start, size_t end, size_t *ret_start);

/* Behind the scheme, if it has one. */
struct str link_bare(struct str url);
/* The host as written, without user and port, and in *ret_rest, which may be NULL, what stands behind it. */
struct str link_host(struct str url, struct str *ret_rest);

#endif
