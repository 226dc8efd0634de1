/*
 * date.h: the dates of feeds, in all the ways people write them.
 *
 * RFC 3339 and W3CDTF (also "2024", "2024-W05" not), RFC 822 with its slips (two-digit years, names of
 * zones, missing seconds, German, French and other month names, ordinals, am and pm), asctime, what
 * content systems print ("Friday, December 22, 2017 - 3:09pm", "22.12.2017 15:09"), seconds and
 * milliseconds since 1970.  Names of days are ignored, wrong ones too.
 *
 * Quality: EXACT with a time and a zone (or UTC by its format), GUESSED where the zone or the order of
 * day and month had to be guessed, DAY where only a day, month or year is given (then midnight UTC).
 *
 *   int64_t ms;
 *   enum post_date_quality q = date_parse(STR("Do, 29 Mär 2018 00:00:00 +0200"), &ms);
 *   if (q == POST_DATE_MISSING) ... no date there, ms untouched ...
 */
#ifndef INGEST_DATE_H
#define INGEST_DATE_H

#include <stdint.h>

#include "common/post.h"

enum post_date_quality date_parse(struct str s, int64_t *ret_ms);

#endif
