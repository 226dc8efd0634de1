/*
 * xml_feed.h: what the readers of XML feeds share; private to formats/.
 *
 * RSS and Atom are read by the same code: their elements hardly collide, and feeds mix them freely.
 */
#ifndef INGEST_FORMATS_XML_FEED_H
#define INGEST_FORMATS_XML_FEED_H

#include "ingest/formats/feed.h"
#include "ingest/formats/xml.h"

struct reader {
	struct feed *feed;
	struct arena *arena;       /* results */
	struct arena *doc;         /* the tree; lives as long as the reading */
	struct arena *tmp;         /* reset after each item */
	struct str base;           /* of relative addresses outside of xml:base */
	size_t n_room;             /* items allocated */
	struct feed_author author; /* of the feed: for items that name none */
	bool full;                 /* results do not fit */
};

/* Reads the document into r->feed: format, status, items.  False: it is no feed (nothing is set). */
bool xml_feed_read(struct reader *r, const struct xml_doc *doc);
void xml_item_read(struct reader *r, const struct xml_node *node, struct feed_item *ret);

void xml_person_read(struct reader *r, const struct xml_node *node, struct feed_author *ret);

/* ---- shared helpers (xml_value.c) ------------------------------------------------ */

/* RSS' own names, and Atom's: one family. */
bool xml_is_core(const struct xml_node *node, const char *name);
struct str feed_keep(struct reader *r, struct str s); /* copied to the results; empty gives null */
struct str feed_line(struct reader *r, struct str raw, bool markup, size_t limit);
/* Title, name: one line of plain text, references decoded, markup gone. */
struct str xml_line(struct reader *r, const struct xml_node *node, size_t limit);
struct str xml_url(struct reader *r, const struct xml_node *node, struct str ref); /* absolute */
struct str feed_url(struct reader *r, struct str base, struct str ref);
/* Body of an element as text; false where it is empty or no text. */
bool xml_body(struct reader *r, const struct xml_node *node, struct feed_item *item);
/* The same for a string; media found in it are added. */
bool feed_body(struct reader *r, struct str raw, bool markup, struct str base,
	       struct feed_item *item);
struct str feed_lang(struct reader *r, struct str tag); /* "en_US" gives "en-US" */
void feed_date(struct str s, int64_t *ms, enum post_date_quality *quality);
void feed_media(struct reader *r, struct feed_item *item, struct str kind, struct str url,
		struct str alt);
void feed_category(struct reader *r, struct feed_item *item, struct str name);
double feed_number(struct str s); /* NaN where it is none */
int64_t feed_count(struct str s); /* POST_NO_NUMBER where it is none; 0.. */
void feed_item_init(struct feed_item *item);
/* The next free item of the feed, or NULL at a limit (cut_items is set). */
struct feed_item *feed_item_add(struct reader *r);
/* The item last added is complete; one in which nothing was read is counted as bad. */
void feed_item_done(struct reader *r);
void feed_fault(struct feed *feed, const char *reason); /* the first one is kept */

/* jsonfeed.c: like xml_feed_read, for text that begins with '{' or '['. */
bool json_feed_read(struct reader *r, struct str text);

/* walls.c: is this page a challenge, a consent or log-in wall?  The reason in words, or NULL. */
const char *wall_of_page(struct str html);
/* The same for a feed that carries only such a message. */
const char *wall_of_feed(const struct feed *feed);

#endif
