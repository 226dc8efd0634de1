/*
 * score.h: a post in, its analysis out.
 *
 *   struct score *score = score_create(model, &settings);
 *   if (score_line(score, line, &out, &err)) ... the line is no post; err says why ...
 *   score_free(score);
 *
 * Same post, same model, same settings: same bytes, on every machine.  Quoted text is not scored; the
 * title is.  The model must outlive it.
 *
 * Time is linear in the text: about
 * 25 us for a post of 424 bytes of text, at worst 90 ms for one of POST_MAX_BYTES ("1 1 1 1": 0.75 us a
 * word), measured on a core of 2026.
 */
#ifndef ANALYZE_SCORE_H
#define ANALYZE_SCORE_H

#include "analyze/scorer.h"

/* Raised with every change that can change an analysis and is not in the model. */
#define SCORE_ENGINE "6"

struct score;
struct queries;
struct query_target;

extern const struct scorer *const scorers[]; /* NULL-terminated */

struct score *score_create(const struct model *model, const struct score_settings *settings);
void score_free(struct score *score); /* NULL is fine */

/* The queries that posts are matched with from the next one on; borrowed until others are used.  NULL: none. */
void score_use_queries(struct score *score, const struct queries *queries);

/* The effective settings as text; its SHA-256 begins with v.config. */
const char *score_config_text(const struct score *score);
const char *score_config_id(const struct score *score);

/* Pure.  Strings of *ret live in the arena, the post, the model or `score`. */
void score_post(const struct score *score, const struct post *post, struct arena *arena,
		struct analysis *ret);

/* One post as JSON -> the scored post appended to `out`, without newline; analysis null for a
 * delete.  -1 + err: no post, or out is full (then nothing was added). */
int score_line(struct score *score, struct str json, struct buf *out, struct error *err);
/* The post last scored by score_line, and its analysis; valid until the next call, and no longer than
 * the line. */
const struct post *score_last(const struct score *score, struct analysis *ret_analysis);
/* Tonality towards queries' targets of a post, for query_post.judge of who matches by himself; cuts and sums the
 * post once more. */
struct score_judging {
	const struct score *score;
	const struct post *post;
	struct arena *arena;
};
void score_judge(void *judging, struct query_target *targets, size_t n);
/* Margin of positive less negative of a post's tonality, thousandths; 0 without such a head. */
int64_t score_tonality_margin(const struct score *score, const struct post *post,
			      struct arena *arena);

#endif
