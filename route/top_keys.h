/*
 * top_keys.h: what a key does in `queue top`; and what became of it.
 *
 * Keys change the ui at once; actions go to Redis through store.h and their result, or the refusal,
 * is said in the last line.  A ticket is named when the key is pressed: a queue that moves
 * meanwhile changes nothing.  Refusals are explained from the ticket's fresh state, in the
 * reader's language.
 */
#ifndef ROUTE_TOP_KEYS_H
#define ROUTE_TOP_KEYS_H

#include "route/store.h"
#include "route/top_view.h"

enum hands_asking { ASK_NOTHING, ASK_URL, ASK_CLOSE, ASK_WRONG, ASK_TEAM };

struct hands {
	struct top_ui ui;
	const struct top_model *model; /* the latest; NULL at first */
	struct store *store;
	int64_t lease_ms;
	char team[64]; /* ui.team points here */

	/* what the loop must do */
	bool quit, suspend, redraw, refresh;
	int64_t explain; /* ticket whose state is needed for an explanation; 0: none */

	/* private */
	size_t index; /* row of the selected ticket */
	enum hands_asking asking;
	int64_t target, target_token; /* ticket of the question or action under way */
	bool was_mine, busy;
	struct top_menu menu;
	char input[TOP_INPUT_MAX + 1], question[200], message[600], fallback[300], value[200];
	enum word doing;     /* what is said when it is done */
	struct arena *words; /* of the menu */
};

void hands_init(struct hands *hands, enum words_lang lang, const char *agent, const char *address,
		struct store *store, int64_t lease_ms);
void hands_done(struct hands *hands);
void hands_team(struct hands *hands, const char *team); /* NULL: all */
void hands_key(struct hands *hands, unsigned key);      /* a code point or enum term_key */
/* A new model has come: the selection follows its ticket. */
void hands_model(struct hands *hands, const struct top_model *model);

#endif
