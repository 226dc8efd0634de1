/*
 * scorer.h: one judgement about a post, from sums that were already made.
 *
 * The engine (score.h) cuts the words, hashes the features and adds up the rows of the model once;
 * each scorer then reads its head and fills its part of the analysis.  A scorer is one file that
 * in scorers/ that
 * exports one const struct, and one line in scorers[] (score.c); what a scorer says others behind it in that
 * table may read.  It is not called where the model
 * lacks its head: its part stays unknown.  It must be pure: no clock, no environment, integers only;
 * "now" is the post's fetched_at.
 */
#ifndef ANALYZE_SCORER_H
#define ANALYZE_SCORER_H

#include "common/post.h"

#include "analyze/linear.h"

struct score_settings {
	int64_t abstain_percent; /* tonality without label below it; -1: as the model says */
	bool why;                /* give reasons */
	const char *targets;     /* terms, comma separated, or NULL */
};

struct scoring {
	const struct post *post;
	const struct tokens *title, *text;
	const struct features *features;
	const struct model *model;
	const struct linear_sums *sums;
	const struct score_settings *settings;
	struct arena *arena; /* of the post */
};

struct scorer {
	const char *name, *head;
	const char *help; /* one sentence, for --help */
	void (*score)(const struct scoring *in, const struct model_head *head,
		      struct analysis *ret);
};

extern const struct scorer scorer_language, scorer_sarcasm, scorer_tonality, scorer_intent,
    scorer_answer, scorer_urgency, scorer_relevance, scorer_threat, scorer_violence, scorer_insult,
    scorer_selfharm, scorer_spam;

/* For heads of independent classes.  scorer_yes: probability of the class "yes" (a head of one class: of
 * that), and in *ret_is, which may be NULL, whether it holds.  scorer_labels: the classes that hold, most
 * probable first, new in the arena. */
int32_t scorer_yes(const struct scoring *in, const struct model_head *head, bool *ret_is);
struct post_label *scorer_labels(const struct scoring *in, const struct model_head *head,
				 size_t *ret_n);

/* Millionths to ten-thousandths, rounded. */
int32_t scorer_p(int64_t millionths);

#endif
