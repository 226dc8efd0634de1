/*
 * http.c: validators, conditions, gzip, dates and types.
 *
 * The gzip bomb is made without inflating anything: a deflate block that ends in a full flush
 * refers to nothing before it, so one compressed MiB of blanks can be repeated as bytes, and the
 * check sum of the whole follows from crc32_combine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/num.h"
#include "tests/world/http.h"

bool world_http_accepts_gzip(struct str accept_encoding)
{
	bool gzip = false, gzip_named = false, any = false;
	struct str rest = accept_encoding, item;
	while (str_split(&rest, ',', &item)) {
		size_t semicolon = str_find(item, ';', 0);
		struct str name = str_trim(str_sub(item, 0, semicolon));
		struct str q = str_trim(str_sub(item, semicolon + 1, item.n));
		double weight = 1;
		if (str_starts(q, "q=") || str_starts(q, "Q=")) {
			if (num_double(str_trim(str_sub(q, 2, q.n)), 0, 1, &weight))
				weight = 0; /* unreadable: better send what everybody reads */
		}
		if (str_ieq(name, "gzip") || str_ieq(name, "x-gzip")) {
			gzip = weight > 0;
			gzip_named = true;
		} else if (str_is(name, "*")) {
			any = weight > 0;
		}
	}
	return gzip_named ? gzip : any;
}

void world_http_etag(struct str body, bool gzip, char out[WORLD_ETAG_LEN + 1])
{
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(body, hex);
	snprintf(out, WORLD_ETAG_LEN + 1, "\"%.24s%s\"", hex, gzip ? "-gzip" : "");
}

static bool etag_listed(struct str list, const char *etag)
{
	list = str_trim(list);
	if (str_is(list, "*"))
		return true;
	for (size_t at = 0; at < list.n;) {
		size_t start = str_find(list, '"', at);
		size_t end = str_find(list, '"', start + 1);
		if (end >= list.n)
			return false;
		if (str_is(str_sub(list, start, end + 1), etag))
			return true;
		at = end + 1;
	}
	return false;
}

bool world_http_not_modified(struct str if_none_match, struct str if_modified_since,
			     const char *etag, int64_t modified_ms)
{
	if (if_none_match.p)
		return etag_listed(if_none_match, etag);
	int64_t since_ms;
	if (!if_modified_since.p || modified_ms == WORLD_NO_TIME ||
	    world_http_date_parse(str_trim(if_modified_since), &since_ms))
		return false;
	return modified_ms / 1000 <= since_ms / 1000;
}

static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void world_http_date(int64_t ms, char out[WORLD_DATE_LEN + 1])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	must(gmtime_r(&seconds, &tm));
	snprintf(out, WORLD_DATE_LEN + 1, "%s, %02d %s %04d %02d:%02d:%02d GMT",
		 day_names[tm.tm_wday], tm.tm_mday, month_names[tm.tm_mon],
		 (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

int world_http_date_parse(struct str s, int64_t *ret_ms)
{
	char text[WORLD_DATE_LEN + 1], month[4];
	int day, year, hour, minute, second, end = 0;
	if (s.n != WORLD_DATE_LEN)
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year,
		   &hour, &minute, &second, &end) != 6 ||
	    end != WORLD_DATE_LEN)
		return -1;
	int m = 0;
	while (m < 12 && strcmp(month, month_names[m]) != 0)
		m++;
	if (m == 12 || day < 1 || day > 31 || year < 1970 || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 60)
		return -1;
	*ret_ms = (((num_days(year, m + 1, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
	return 0;
}

int world_http_gzip(struct str plain, struct buf *out)
{
	z_stream z = {0};
	must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = (Bytef *)(uintptr_t)plain.p; /* zlib reads it only */
	z.avail_in = (uInt)plain.n;
	int rc;
	do {
		char *room = buf_reserve(out, 16 * KiB);
		if (!room) {
			deflateEnd(&z);
			return -1;
		}
		z.next_out = (Bytef *)room;
		z.avail_out = 16 * KiB;
		rc = deflate(&z, Z_FINISH);
		must(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
		out->n += 16 * KiB - z.avail_out;
	} while (rc != Z_STREAM_END);
	deflateEnd(&z);
	return 0;
}

/* Deflates `plain` as a piece of its own: byte-aligned, refers to nothing before it. */
static size_t flushed_block(z_stream *z, struct str plain, char *out, size_t room)
{
	z->next_in = (Bytef *)(uintptr_t)plain.p;
	z->avail_in = (uInt)plain.n;
	z->next_out = (Bytef *)out;
	z->avail_out = (uInt)room;
	must(deflate(z, Z_FULL_FLUSH) == Z_OK && z->avail_in == 0 && z->avail_out > 0);
	return room - z->avail_out;
}

int world_http_gzip_bomb(unsigned mib, struct buf *out)
{
	static const char head[10] = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, 3};
	struct str start = STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			       "<rss version=\"2.0\"><channel><title>");
	char *blanks = xmalloc(MiB), *block = xmalloc(64 * KiB);
	memset(blanks, ' ', MiB);
	z_stream z = {0};
	must(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	int rc = buf_add(out, head, sizeof head);
	rc |= buf_add(out, block, flushed_block(&z, start, block, 64 * KiB));
	uLong crc = crc32(0, (const Bytef *)start.p, (uInt)start.n);
	uLong crc_blanks = crc32(0, (const Bytef *)blanks, MiB);
	size_t n = flushed_block(&z, (struct str){blanks, MiB}, block, 64 * KiB);
	for (unsigned i = 0; i < mib; i++) {
		rc |= buf_add(out, block, n);
		crc = crc32_combine(crc, crc_blanks, MiB);
	}
	deflateEnd(&z);
	free(blanks);
	free(block);
	uint32_t length = (uint32_t)(start.n + (uint64_t)mib * MiB);
	unsigned char tail[10] = {3, 0}; /* an empty last block, then check sum and length */
	for (int i = 0; i < 4; i++) {
		tail[2 + i] = (unsigned char)(crc >> (8 * i));
		tail[6 + i] = (unsigned char)(length >> (8 * i));
	}
	return (rc | buf_add(out, tail, sizeof tail)) ? -1 : 0;
}

static const char *xml_type(struct str body)
{
	struct str head = str_sub(body, 0, 4096);
	if (str_find_str(head, STR("<rss")) < head.n)
		return "application/rss+xml";
	if (str_find_str(head, STR("<feed")) < head.n || str_find_str(head, STR(":feed")) < head.n)
		return "application/atom+xml";
	if (str_find_str(head, STR("RDF")) < head.n)
		return "application/rdf+xml";
	return "application/xml";
}

const char *world_http_type(struct str path, struct str body)
{
	static const struct {
		const char *ending, *type; /* NULL: look inside */
	} types[] = {
	    {".rss", "application/rss+xml"},
	    {".atom", "application/atom+xml"},
	    {".rdf", "application/rdf+xml"},
	    {".xml", NULL},
	    {".json", "application/json"},
	    {".jsonfeed", "application/feed+json"},
	    {".jsonl", "application/x-ndjson"},
	    {".html", "text/html"},
	    {".htm", "text/html"},
	    {".txt", "text/plain"},
	    {".md", "text/markdown"},
	    {".yaml", "application/yaml"},
	};
	struct str text = body;
	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_sub(text, 3, text.n);
	text = str_trim(text);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!str_ends(path, types[i].ending))
			continue;
		if (!types[i].type)
			return xml_type(text);
		struct str head = str_sub(text, 0, 4096);
		if (str_is(str_of(types[i].type), "application/json") &&
		    str_find_str(head, STR("jsonfeed.org")) < head.n)
			return "application/feed+json";
		return types[i].type;
	}
	if (str_starts(text, "<?xml") || str_starts(text, "<rss") || str_starts(text, "<feed"))
		return xml_type(text);
	return "application/octet-stream";
}

int world_http_encode(struct buf *out, struct str s, bool keep_slash)
{
	int rc = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c && strchr("-._~", c)) || (c == '/' && keep_slash))
			rc |= buf_char(out, (char)c);
		else
			rc |= buf_printf(out, "%%%02X", c);
	}
	return rc;
}
