/*
 * The language of a post.  The declared one stands unless the text clearly speaks another: people
 * set their account once and then write as they like, but a detector is wrong about short texts more
 * often than people are about their account.  Where none is declared, the detected one, or null.
 */
#include "analyze/scorer.h"

enum {
	CLEAR = 970000, /* millionths: from here on the text overrules what was declared */
	CLEAR_WORDS = 5 /* and only with so many words */
};

/* "de-AT" speaks "de". */
static bool same_language(struct str declared, const char *name)
{
	struct str primary = str_sub(declared, 0, str_find(declared, '-', 0));
	return str_ieq(primary, name);
}

static void score(const struct scoring *in, const struct model_head *head, struct analysis *ret)
{
	struct linear_result r;
	struct str declared = in->post->lang;
	linear_result(&r, head, in->sums, in->arena);
	struct str best = str_of(head->classes[r.best].name);
	uint32_t words = in->features->n[FEATURE_WORDS];
	if (declared.n) {
		bool another = words >= CLEAR_WORDS && r.p[r.best] >= CLEAR &&
			       !str_is(best, "und") && !same_language(declared, best.p);
		ret->lang = another ? best : declared;
	} else if (words && r.p[r.best] >= head->abstain) {
		ret->lang = best;
	}
}

const struct scorer scorer_language = {"language", "language",
				       "declared language, or the one the text speaks", score};
