/*
 * http.h: the parts of HTTP that need thought and no socket.
 *
 * Pure functions over header values and bodies (RFC 9110): validators, conditions, gzip, dates,
 * content types, percent-encoding.  server.c puts the results on the wire.  External names in
 * this folder begin with world_ or town_, because unit tests link every room into one program.
 *
 *   char etag[WORLD_ETAG_LEN + 1];
 *   world_http_etag(body, gzip, etag);
 *   if (world_http_not_modified(if_none_match, if_modified_since, etag, modified_ms)) ... 304 ...
 */
#ifndef TESTS_WORLD_HTTP_H
#define TESTS_WORLD_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/str.h"

#define WORLD_NO_TIME INT64_MIN

enum { WORLD_ETAG_LEN = 64, WORLD_DATE_LEN = 29 };

/* Does the value of Accept-Encoding allow gzip?  STR_NULL (no header): no. */
bool world_http_accepts_gzip(struct str accept_encoding);

/* A strong validator: two bodies share it only if they are equal; the gzip form has its own. */
void world_http_etag(struct str body, bool gzip, char out[WORLD_ETAG_LEN + 1]);

/* Is the copy that the client has still good?  If-None-Match rules where it is given (weak
 * comparison, lists and "*"), else If-Modified-Since by whole seconds.  STR_NULL: no such header;
 * modified_ms may be WORLD_NO_TIME. */
bool world_http_not_modified(struct str if_none_match, struct str if_modified_since,
			     const char *etag, int64_t modified_ms);

/* "Mon, 23 Nov 2026 07:00:00 GMT" */
void world_http_date(int64_t ms, char out[WORLD_DATE_LEN + 1]);
int world_http_date_parse(struct str s, int64_t *ret_ms); /* that form only; -1 on others */

/* Compresses into `out` (its limit counts); -1 at the limit. */
int world_http_gzip(struct str plain, struct buf *out);

/* A small gzip file that inflates to an unfinished feed of `mib` MiB of blanks. */
int world_http_gzip_bomb(unsigned mib, struct buf *out);

/* By the path's extension; for xml, json and unknown ones by the first bytes too.  Never with a
 * charset: recorded feeds say it themselves. */
const char *world_http_type(struct str path, struct str body);

/* Percent-encodes all but unreserved characters and, where keep_slash, "/". */
int world_http_encode(struct buf *out, struct str s, bool keep_slash);

#endif
