/*
 * top_say.h: facts of the model as words that a person understands; shared by all views.  Pure.
 */
#ifndef ROUTE_TOP_SAY_H
#define ROUTE_TOP_SAY_H

#include "route/top_model.h"
#include "route/top_text.h"
#include "route/words.h"

struct say {
	const struct top_model *m;
	enum words_lang lang;
	const char *agent; /* whose eyes; NULL: nobody's */
	struct arena *arena;
};

struct said {
	struct str text;
	unsigned attr; /* enum text_attr */
};

/* "12 min left", "5 min over" (red), "no promise" (dim); yellow once warned. */
struct said say_time_left(const struct say *say, const struct top_ticket *t);
struct str say_place(const struct say *say, const struct top_ticket *t); /* "Forum Zustellung" */
struct str say_head(const struct say *say, const struct top_ticket *t);  /* first words */
/* Why it ranks here, weightiest first; writes up to `max` pieces, returns how many. */
size_t say_reasons(const struct say *say, const struct top_ticket *t, struct said *ret, size_t max);
struct str say_reasons_line(const struct say *say, const struct top_ticket *t); /* with commas */
struct said say_tonality(const struct say *say, const struct top_ticket *t);
struct said say_holder(const struct say *say, const struct top_ticket *t); /* "" if nobody */
/* One event in words.  `older` is the next one of the list or NULL: where the two are one
 * happening (created and activate, fulfill and answered) both are said and *ret_both is true. */
struct said say_event(const struct say *say, const struct top_event *e,
		      const struct top_event *older, bool *ret_both);
struct str say_team(const struct say *say, struct str name);
struct str say_who(const struct say *say, struct str by); /* agent, "own:HANDLE", "source" */
struct str say_input(const struct say *say, const struct top_factor *f); /* of a factor */
struct str say_number(const struct say *say, int64_t n);
struct str say_duration(const struct say *say, int64_t ms);
/* "half heard within 5 min, longest 2 h" */
struct str say_delay(const struct say *say);
/* "12 own voice, 8 press, ..." as far as `columns` go. */
struct str say_dropped(const struct say *say, size_t columns);
struct str say_funnel(const struct say *say);

#define SAY_FILL(say, id, ...)                                                                     \
	words_fill((say)->arena, word((say)->lang, id),                                            \
		   sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str),                       \
		   (struct str[]){__VA_ARGS__})

#endif
