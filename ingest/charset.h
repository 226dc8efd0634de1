/*
 * charset.h: bytes of whatever origin become valid UTF-8.
 *
 * Believed in this order: byte order mark, charset of the HTTP header, XML declaration (or HTML meta),
 * UTF-8 if the bytes are, windows-1252.  Two corrections, both from life: a charset of one byte a letter
 * is not believed where the bytes are UTF-8 with at least one letter beyond ASCII; a wide charset is not believed where the bytes are plainly ASCII.  Labels are read as
 * browsers do: iso-8859-1 and us-ascii mean windows-1252, gb2312 means gb18030.
 *
 * Bytes that fit nowhere become U+FFFD, control characters (but tab and line ends) are dropped; both are
 * counted in `repaired`.
 *
 *   struct buf text;
 *   buf_init(&text, 24 * MiB);
 *   struct charset charset;
 *   if (charset_to_utf8(body, content_type, &text, &charset, &err)) ... text became too large ...
 */
#ifndef INGEST_CHARSET_H
#define INGEST_CHARSET_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/error.h"

struct charset {
	char name[32];   /* what the bytes were read as, lower case: "utf-8", "windows-1252" */
	size_t repaired; /* sequences replaced or dropped */
	bool wrong;      /* what was declared was unknown or did not fit the bytes */
};

int charset_to_utf8(struct str bytes, struct str content_type, struct buf *out, struct charset *ret,
		    struct error *err);

/* The charset parameter of a Content-Type value; STR_NULL where there is none. */
struct str charset_of_header(struct str content_type);

#endif
