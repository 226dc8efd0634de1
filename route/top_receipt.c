/*
 * top_receipt.c: one ticket opened: the whole post, why it ranks where it does, and by which versions.
 */
#include "common/num.h"

#include "route/top_view.h"

static void fact(struct lines *v, const struct say *say, enum word name, struct str text)
{
	lines_field(v, TEXT_DIM, str_of(word(say->lang, name)), 13);
	lines_put(v, 0, text);
	lines_end(v);
}

static void heading(struct lines *v, struct str s)
{
	lines_end(v);
	lines_put(v, TEXT_BOLD, s);
	lines_end(v);
}

static struct str time_of(const struct say *say, int64_t ms)
{
	if (ms == TOP_NONE)
		return STR("?");
	return words_day_time(say->arena, say->lang, ms, say->m->utc_offset_ms);
}

static struct str joined(const struct say *say, struct str a, const char *between, struct str b)
{
	return str_of(
	    arena_printf(say->arena, "%.*s%s%.*s", STR_ARG(a), b.n ? between : "", STR_ARG(b)));
}

static struct str author(const struct say *say, const struct top_ticket *t)
{
	struct str who = t->author_name;
	if (t->author_handle.n)
		who = joined(say, who, who.n ? " @" : "@", t->author_handle);
	if (!who.n)
		who = str_of(word(say->lang, W_RC_UNKNOWN_AUTHOR));
	if (t->followers != TOP_NONE && t->followers >= 0)
		who = joined(say, who, ", ",
			     SAY_FILL(say, W_FOLLOWERS, say_number(say, t->followers)));
	return joined(say, who, ", ", words_name(say->arena, say->lang, WORDS_ROLE, t->role));
}

static struct str place(const struct say *say, const struct top_ticket *t)
{
	bool own = str_is(t->owned, "yes");
	struct str where = say_place(say, t);
	where = joined(say, where, ", ", str_of(word(say->lang, own ? W_OWN_PAGE : W_OTHER_PAGE)));
	where = joined(say, where, ", ", words_name(say->arena, say->lang, WORDS_KIND, t->kind));
	if (str_is(t->addressed, "own_page"))
		return where;
	return joined(say, where, ", ",
		      words_name(say->arena, say->lang, WORDS_ADDRESSED, t->addressed));
}

static void facts(struct lines *v, const struct say *say, const struct top_ticket *t)
{
	fact(v, say, W_RC_AUTHOR, author(say, t));
	fact(v, say, W_RC_PLACE, place(say, t));
	struct str later = STR("?");
	if (t->heard_at != TOP_NONE && t->created_at != TOP_NONE)
		later = say_duration(say, t->heard_at - t->created_at);
	fact(v, say, W_RC_WHEN,
	     SAY_FILL(say, W_RC_TIMES, time_of(say, t->created_at), time_of(say, t->heard_at),
		      later, time_of(say, t->opened_at)));
	if (t->url.n)
		fact(v, say, W_RC_LINK, t->url);
	if (t->promise > 0) {
		struct said left = say_time_left(say, t);
		bool runs =
		    str_is(t->promise_state, "running") || str_is(t->promise_state, "breached");
		struct str state =
		    runs ? left.text
			 : words_name(say->arena, say->lang, WORDS_PROMISE, t->promise_state);
		lines_field(v, TEXT_DIM, str_of(word(say->lang, W_RC_PROMISE)), 13);
		lines_put(v, runs ? left.attr : 0,
			  SAY_FILL(say, W_RC_PROMISE_LINE, say_duration(say, t->promise),
				   time_of(say, t->deadline), state));
		lines_end(v);
	}
	if (t->answered_at != TOP_NONE)
		lines_wrap(v, TEXT_GREEN,
			   SAY_FILL(say, W_RC_ANSWERED, time_of(say, t->answered_at),
				    say_who(say, t->answered_by), t->answer_url),
			   0);
	if (t->closed_at != TOP_NONE)
		lines_wrap(
		    v, TEXT_GREEN,
		    SAY_FILL(say, W_RC_CLOSED, time_of(say, t->closed_at),
			     say_who(say, t->closed_by),
			     words_name(say->arena, say->lang, WORDS_CLOSE, t->close_reason)),
		    0);
}

static void corrected(struct lines *v, const struct say *say, const char *name,
		      enum words_group group, struct str value)
{
	if (!value.n)
		return;
	lines_put(v, TEXT_BLUE,
		  SAY_FILL(say, W_RC_CORRECTED,
			   words_name(say->arena, say->lang, WORDS_FIELD, str_of(name)),
			   words_name(say->arena, say->lang, group, value)));
	lines_end(v);
}

static void posts(struct lines *v, const struct say *say, const struct top_detail *d)
{
	struct str title = str_of(word(say->lang, W_RC_POST));
	if (d->n_posts > 1)
		title = SAY_FILL(say, W_RC_POSTS, say_number(say, (int64_t)d->n_posts));
	heading(v, title);
	for (size_t i = 0; i < d->n_posts; i++) {
		const struct post *p = &d->posts[i].post;
		if (d->n_posts > 1) {
			int64_t at = p->created_at == POST_NO_TIME ? p->fetched_at : p->created_at;
			lines_put(v, TEXT_DIM, time_of(say, at == POST_NO_TIME ? TOP_NONE : at));
			lines_end(v);
		}
		if (p->title.n)
			lines_wrap(v, TEXT_UNDERLINE, p->title, 2);
		if (p->text.n)
			lines_wrap(v, 0, p->text, 2);
	}
	if (!d->n_posts)
		lines_wrap(v, TEXT_DIM, str_of(word(say->lang, W_RC_GONE)), 0);
	if (d->others > 0) {
		lines_put(v, TEXT_DIM, SAY_FILL(say, W_RC_OTHERS, say_number(say, d->others)));
		lines_end(v);
	}
}

static struct str signed_number(const struct say *say, int64_t n)
{
	struct str text = say_number(say, n);
	return n > 0 ? str_of(arena_printf(say->arena, "+%.*s", STR_ARG(text))) : text;
}

static void arithmetic(struct lines *v, const struct say *say, const struct top_ticket *t)
{
	int64_t sum = 0;
	heading(v, str_of(word(say->lang, W_RC_WHY)));
	if (!t->n_factors) {
		lines_putz(v, TEXT_DIM, word(say->lang, W_RC_NO_RECEIPT));
		lines_end(v);
		return;
	}
	for (size_t i = 0; i < t->n_factors; i++) {
		const struct top_factor *f = &t->factors[i];
		sum += f->points;
		lines_putz(v, 0, "  ");
		lines_field(v, f->points ? 0 : TEXT_DIM,
			    words_name(v->arena, say->lang, WORDS_FACTOR, f->name), 22);
		lines_field(v, f->points ? 0 : TEXT_DIM, say_input(say, f), 24);
		lines_field_right(v, f->points ? 0 : TEXT_DIM, signed_number(say, f->points), 8);
		lines_end(v);
	}
	lines_putz(v, 0, "  ");
	lines_field(v, TEXT_BOLD, str_of(word(say->lang, W_RC_SUM)), 46);
	lines_field_right(v, TEXT_BOLD, signed_number(say, sum), 8);
	lines_putz(v, 0, " ");
	lines_putz(v, 0, word(say->lang, W_RC_POINTS));
	lines_end(v);
	struct str wrong = t->wrong;
	if (!wrong.n && t->sum != TOP_NONE && t->sum != sum)
		wrong = say_number(say, t->sum);
	if (wrong.n)
		lines_wrap(v, TEXT_RED | TEXT_BOLD, SAY_FILL(say, W_RC_SUM_WRONG, wrong), 2);
	if (t->boost != TOP_NONE && t->boost)
		lines_wrap(v, 0,
			   SAY_FILL(say, t->boost > 0 ? W_RC_BOOST : W_RC_BOOST_LESS,
				    say_duration(say, t->boost)),
			   2);
}

static void rule(struct lines *v, const struct say *say, const struct top_ticket *t)
{
	lines_end(v);
	struct str name = str_of(word(say->lang, W_RC_RULE_BUILTIN));
	if (t->rule > 0)
		name = SAY_FILL(say, W_RC_RULE, say_number(say, t->rule));
	lines_field(v, TEXT_BOLD, name, text_width(name) + 2);
	lines_put(v, 0, t->when);
	if (t->team.n)
		lines_put(v, 0, joined(say, STR(""), " -> ", say_team(say, t->team)));
	lines_end(v);
}

/* Words of the shown post that made the tonality; their weights are the model's own integers. */
static void why_words(struct lines *v, const struct say *say, const struct top_detail *d)
{
	for (size_t i = 0; i < d->n_posts; i++) {
		const struct top_post *p = &d->posts[i];
		if (!p->has_analysis || !str_eq(p->post.id, d->ticket.post))
			continue;
		for (size_t k = 0; k < p->analysis.tonality.n_why; k++) {
			const struct post_why *why = &p->analysis.tonality.why[k];
			lines_putz(v, 0, k ? ", " : " ");
			if (k == 0) {
				lines_putz(v, TEXT_DIM, word(say->lang, W_RC_WORDS));
				lines_putz(v, 0, " ");
			}
			lines_put(v, 0,
				  str_of(arena_printf(v->arena, "\"%.*s\" %+lld",
						      STR_ARG(why->text), (long long)why->weight)));
		}
	}
}

static void tonality(struct lines *v, const struct say *say, const struct top_detail *d)
{
	const struct top_ticket *t = &d->ticket;
	struct said tone = say_tonality(say, t);
	double p;
	if (!tone.text.n)
		return;
	lines_field(v, TEXT_BOLD, str_of(word(say->lang, W_RC_TONALITY)),
		    text_width(str_of(word(say->lang, W_RC_TONALITY))) + 2);
	if (str_is(t->tonality, "unsure"))
		lines_putz(v, tone.attr, word(say->lang, W_RC_UNSURE));
	else if (num_double(t->tonality_p, 0, 1, &p))
		lines_put(v, tone.attr, tone.text);
	else
		lines_put(v, tone.attr,
			  SAY_FILL(say, W_RC_CERTAIN,
				   words_name(v->arena, say->lang, WORDS_TONALITY, t->tonality),
				   say_number(say, (int64_t)(p * 100 + 0.5))));
	why_words(v, say, d);
	lines_end(v);
}

static void versions(struct lines *v, const struct say *say, const struct top_ticket *t)
{
	struct str text = SAY_FILL(say, W_RC_VERSION_LINE, t->engine, t->model, t->config,
				   t->text_hash, time_of(say, t->decided_at));
	struct str name = str_of(word(say->lang, W_RC_VERSIONS));
	lines_wrap(v, TEXT_DIM, joined(say, name, ": ", text), 0);
}

void top_receipt(struct lines *v, const struct say *say)
{
	const struct top_detail *d = say->m->detail;
	if (!d) {
		lines_putz(v, TEXT_DIM, word(say->lang, W_RC_LOADING));
		lines_end(v);
		return;
	}
	struct str id = str_of(arena_printf(v->arena, "%lld", (long long)d->id));
	if (!d->found) {
		lines_put(v, TEXT_YELLOW, SAY_FILL(say, W_RC_NO_TICKET, id));
		lines_end(v);
		return;
	}
	const struct top_ticket *t = &d->ticket;
	struct said holder = say_holder(say, t);
	lines_put(v, TEXT_BOLD,
		  SAY_FILL(say, W_RC_TITLE, id,
			   words_name(v->arena, say->lang, WORDS_STATE, t->state),
			   say_team(say, t->team)));
	if (holder.text.n) {
		lines_putz(v, 0, "  ");
		lines_put(v, holder.attr, holder.text);
	}
	lines_end(v);
	facts(v, say, t);
	corrected(v, say, "tonality", WORDS_TONALITY, t->right_tonality);
	corrected(v, say, "lang", WORDS_LANG, t->right_lang);
	if (str_is(t->right_relevance, "no")) {
		lines_putz(v, TEXT_BLUE, word(say->lang, W_NOT_RELEVANT));
		lines_end(v);
	}
	posts(v, say, d);
	arithmetic(v, say, t);
	rule(v, say, t);
	tonality(v, say, d);
	versions(v, say, t);
}
