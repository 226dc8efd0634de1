/*
 * top_keys.c: see top_keys.h.
 */
#include <stdio.h>
#include <string.h>

#include "common/mem.h"

#include "route/term.h"
#include "route/top_keys.h"

/* Corrections, as one flat menu: one key each. */
static const struct {
	const char *name, *value;
	enum words_group group;
} wrongs[] = {
    {"tonality", "negative", WORDS_TONALITY},
    {"tonality", "neutral", WORDS_TONALITY},
    {"tonality", "positive", WORDS_TONALITY},
    {"lang", "de", WORDS_LANG},
    {"lang", "en", WORDS_LANG},
    {"lang", "other", WORDS_LANG},
    {"relevance", "no", WORDS_FIELD},
};

void hands_init(struct hands *h, enum words_lang lang, const char *agent, const char *address,
		struct store *store, int64_t lease_ms)
{
	*h = (struct hands){.store = store, .lease_ms = lease_ms};
	h->ui.lang = lang;
	h->ui.agent = agent;
	h->ui.address = address;
	h->words = arena_create(4 * MiB);
}

void hands_done(struct hands *h)
{
	arena_free(h->words);
	h->words = NULL;
}

void hands_team(struct hands *h, const char *team)
{
	(void)snprintf(h->team, sizeof h->team, "%s", team ? team : "");
	h->ui.team = team ? h->team : NULL;
	h->ui.first = h->index = 0;
	h->refresh = true;
}

/* ---- words ---- */

static void forget(struct hands *h)
{
	h->asking = ASK_NOTHING;
	h->ui.menu = NULL;
	h->ui.question = NULL;
	h->ui.input = NULL;
}

static void say_parts(struct hands *h, bool refusal, enum word id, size_t n,
		      const struct str *parts)
{
	struct arena *arena = arena_create(MiB);
	struct str text = words_fill(arena, word(h->ui.lang, id), n, parts);
	(void)snprintf(h->message, sizeof h->message, "%.*s", STR_ARG(text));
	arena_free(arena);
	h->ui.message = h->message;
	h->ui.refusal = refusal;
}

static void say_id(struct hands *h, bool refusal, enum word id, int64_t ticket, const char *second)
{
	char number[24];
	(void)snprintf(number, sizeof number, "%lld", (long long)ticket);
	say_parts(h, refusal, id, 2, (struct str[]){str_of(number), str_of(second ? second : "")});
}

static const char *name_in(struct hands *h, enum words_group group, struct str name, char *out,
			   size_t size)
{
	struct arena *arena = arena_create(MiB);
	struct str text = words_name(arena, h->ui.lang, group, name);
	(void)snprintf(out, size, "%.*s", STR_ARG(text));
	arena_free(arena);
	return out;
}

static const char *lease_in(struct hands *h, char *out, size_t size)
{
	struct arena *arena = arena_create(MiB);
	(void)snprintf(out, size, "%.*s", STR_ARG(words_duration(arena, h->ui.lang, h->lease_ms)));
	arena_free(arena);
	return out;
}

/* ---- selection ---- */

static const struct top_ticket *find(const struct hands *h, int64_t id)
{
	const struct top_model *m = h->model;
	if (m && m->detail && m->detail->found && m->detail->id == id)
		return &m->detail->ticket;
	for (size_t i = 0; m && i < m->n_queue; i++)
		if (m->queue[i].id == id)
			return &m->queue[i];
	return NULL;
}

static void select_row(struct hands *h, size_t index)
{
	const struct top_model *m = h->model;
	if (!m || !m->n_queue)
		return;
	h->index = index < m->n_queue ? index : m->n_queue - 1;
	h->ui.selected = m->queue[h->index].id;
}

static void explain(struct hands *h);

void hands_model(struct hands *h, const struct top_model *m)
{
	h->model = m;
	if (h->explain && m->detail && m->detail->id == h->explain)
		explain(h);
	for (size_t i = 0; i < m->n_queue; i++)
		if (m->queue[i].id == h->ui.selected) {
			h->index = i;
			return;
		}
	if (h->ui.mode == TOP_RECEIPT)
		return; /* it left the queue, but is being read */
	if (m->n_queue)
		select_row(h, h->index);
	else
		h->ui.selected = 0;
}

static void move(struct hands *h, unsigned key)
{
	size_t page = h->ui.rows > 1 ? h->ui.rows - 1 : 1, at = h->index;
	switch (key) {
	case TERM_UP: at = at ? at - 1 : 0; break;
	case TERM_DOWN: at++; break;
	case TERM_PAGE_UP: at = at > page ? at - page : 0; break;
	case TERM_PAGE_DOWN: at += page; break;
	case TERM_HOME: at = 0; break;
	default: at = SIZE_MAX; break;
	}
	select_row(h, at);
	h->refresh = true; /* rows further down may not have been read yet */
}

static void scroll(struct hands *h, unsigned key)
{
	size_t page = h->ui.receipt_rows > 1 ? h->ui.receipt_rows - 1 : 1;
	size_t *at = &h->ui.receipt_first;
	size_t most =
	    h->ui.receipt_lines > h->ui.receipt_rows ? h->ui.receipt_lines - h->ui.receipt_rows : 0;
	switch (key) {
	case TERM_UP: *at = *at ? *at - 1 : 0; break;
	case TERM_DOWN: ++*at; break;
	case TERM_PAGE_UP: *at = *at > page ? *at - page : 0; break;
	case TERM_PAGE_DOWN: *at += page; break;
	case TERM_HOME: *at = 0; break;
	default: *at = most; break;
	}
	if (*at > most)
		*at = most;
}

/* ---- what became of it ---- */

/* The ticket as it is now says why the script refused. */
static void explain(struct hands *h)
{
	const struct top_detail *d = h->model->detail;
	const struct top_ticket *t = &d->ticket;
	int64_t id = h->explain;
	char text[100];
	h->explain = 0;
	if (!d->found) {
		say_id(h, true, W_NO_UNKNOWN, id, NULL);
	} else if (str_is(t->state, "claimed") && !str_is(t->agent, h->ui.agent)) {
		(void)snprintf(text, sizeof text, "%.*s", STR_ARG(t->agent));
		say_id(h, true, W_NO_HELD, id, text);
	} else if (str_is(t->state, "open")) {
		say_id(h, true, h->was_mine ? W_NO_EXPIRED : W_NO_CLAIM_FIRST, id, NULL);
	} else if (str_is(t->state, "answered") || str_is(t->state, "closed")) {
		say_id(h, true, W_NO_DONE, id,
		       name_in(h, WORDS_STATE, t->state, text, sizeof text));
	} else {
		say_parts(h, true, W_NO_REFUSED, 1, (struct str[]){str_of(h->fallback)});
	}
}

static void say_done(struct hands *h, const struct store_result *r)
{
	enum word id = h->doing;
	if (id == W_DID_ANSWER && strcmp(r->text, "kept") == 0)
		id = W_DID_ANSWER_KEPT;
	if (id == W_DID_ANSWER && strcmp(r->text, "missed") == 0)
		id = W_DID_ANSWER_MISSED;
	char number[24];
	(void)snprintf(number, sizeof number, "%lld", (long long)h->target);
	struct str name = str_of(h->value), value = STR("");
	/* a correction's two parts */
	(void)str_split(&name, '\t', &value);
	say_parts(h, false, id, 3, (struct str[]){str_of(number), value, name.p ? name : STR("")});
}

static void on_result(void *arg, const struct store_result *r)
{
	struct hands *h = arg;
	h->busy = false;
	h->refresh = true;
	switch (r->code) {
	case STORE_OK: say_done(h, r); break;
	case STORE_GONE: say_parts(h, true, W_NO_AWAY, 0, NULL); break;
	case STORE_UNKNOWN: say_id(h, true, W_NO_UNKNOWN, h->target, NULL); break;
	case STORE_STALE:
	case STORE_STATE:
		(void)snprintf(h->fallback, sizeof h->fallback, "%s", r->text);
		h->explain = h->target;
		break;
	default: say_parts(h, true, W_NO_REFUSED, 1, (struct str[]){str_of(r->text)}); break;
	}
}

/* ---- actions ---- */

/* Redis must be there, nothing else under way, a ticket chosen; then the target is set. */
static const struct top_ticket *take_target(struct hands *h)
{
	const struct top_ticket *t = find(h, h->ui.selected);
	if (h->busy) {
		say_parts(h, true, W_BUSY, 0, NULL);
		return NULL;
	}
	if (h->ui.away_since || !h->model) {
		say_parts(h, true, W_NO_AWAY_NOW, 0, NULL);
		return NULL;
	}
	if (!t) {
		say_parts(h, true, W_NO_ROW, 0, NULL);
		return NULL;
	}
	h->target = t->id;
	h->target_token = 0;
	h->was_mine = str_is(t->state, "claimed") && str_is(t->agent, h->ui.agent);
	if (h->was_mine && t->token != TOP_NONE)
		h->target_token = t->token;
	h->explain = 0;
	return t;
}

static bool refuse_finished(struct hands *h, const struct top_ticket *t)
{
	char text[100];
	if (!str_is(t->state, "answered") && !str_is(t->state, "closed"))
		return false;
	say_id(h, true, W_NO_DONE, t->id, name_in(h, WORDS_STATE, t->state, text, sizeof text));
	return true;
}

static bool refuse_held(struct hands *h, const struct top_ticket *t)
{
	char text[100];
	if (!str_is(t->state, "claimed") || h->was_mine)
		return false;
	(void)snprintf(text, sizeof text, "%.*s", STR_ARG(t->agent));
	say_id(h, true, W_NO_HELD, t->id, text);
	return true;
}

static const struct top_ticket *take_mine(struct hands *h)
{
	const struct top_ticket *t = take_target(h);
	if (!t || refuse_finished(h, t) || refuse_held(h, t))
		return NULL;
	if (!h->was_mine) {
		say_id(h, true, W_NO_CLAIM_FIRST, t->id, NULL);
		return NULL;
	}
	return t;
}

static void do_claim(struct hands *h)
{
	const struct top_ticket *t = take_target(h);
	if (!t || refuse_finished(h, t) || refuse_held(h, t))
		return;
	if (h->was_mine) {
		say_id(h, true, W_NO_YOURS, t->id, NULL);
		return;
	}
	h->doing = W_DID_CLAIM;
	(void)lease_in(h, h->value, sizeof h->value);
	h->busy = true;
	store_claim(h->store, h->ui.agent, h->lease_ms, h->target, NULL, 0, on_result, h);
}

static void do_extend(struct hands *h)
{
	if (!take_mine(h))
		return;
	h->doing = W_DID_EXTEND;
	(void)lease_in(h, h->value, sizeof h->value);
	h->busy = true;
	store_extend(h->store, h->target, h->target_token, h->lease_ms, on_result, h);
}

static void do_release(struct hands *h)
{
	if (!take_mine(h))
		return;
	h->doing = W_DID_RELEASE;
	h->value[0] = '\0';
	h->busy = true;
	store_release(h->store, h->target, h->target_token, on_result, h);
}

static bool is_link(const char *text)
{
	bool web = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return web && strlen(strchr(text, ':')) > 3;
}

static void ask_url(struct hands *h)
{
	const struct top_ticket *t = take_mine(h);
	struct arena *arena;
	char number[24];
	if (!t)
		return;
	h->input[0] = '\0';
	if (t->url.n && t->url.n < sizeof h->input) {
		(void)snprintf(h->input, sizeof h->input, "%.*s", STR_ARG(t->url));
		if (!is_link(h->input))
			h->input[0] = '\0';
	}
	arena = arena_create(MiB);
	(void)snprintf(number, sizeof number, "%lld", (long long)h->target);
	(void)snprintf(
	    h->question, sizeof h->question, "%s",
	    words_fill(arena, word(h->ui.lang, W_ASK_URL), 1, (struct str[]){str_of(number)}).p);
	arena_free(arena);
	h->asking = ASK_URL;
	h->ui.question = h->question;
	h->ui.input = h->input;
}

static void do_answer(struct hands *h)
{
	forget(h);
	if (!is_link(h->input)) {
		say_parts(h, true, W_NO_URL, 0, NULL);
		return;
	}
	h->doing = W_DID_ANSWER;
	h->value[0] = '\0';
	h->busy = true;
	store_answer(h->store, h->target, h->target_token, h->input, on_result, h);
}

/* ---- menus ---- */

static void open_menu(struct hands *h, enum hands_asking asking, enum word title)
{
	char number[24];
	(void)snprintf(number, sizeof number, "%lld", (long long)h->target);
	arena_reset(h->words);
	h->menu = (struct top_menu){0};
	h->menu.title =
	    words_fill(h->words, word(h->ui.lang, title), 1, (struct str[]){str_of(number)});
	h->asking = asking;
	h->ui.menu = &h->menu;
}

static void add_item(struct hands *h, struct str text)
{
	if (h->menu.n < TOP_MENU_MAX)
		h->menu.items[h->menu.n++] = arena_str(h->words, text);
}

/* "deleted" is the source's reason, not an agent's. */
static const char *close_reason(size_t i)
{
	const char *key = words_key(WORDS_CLOSE, i);
	return key && strcmp(key, "deleted") != 0 ? key : NULL;
}

static void ask_close(struct hands *h)
{
	const struct top_ticket *t = take_target(h);
	if (!t || refuse_held(h, t) || (str_is(t->state, "closed") && refuse_finished(h, t)))
		return;
	open_menu(h, ASK_CLOSE, W_ASK_CLOSE);
	h->menu.at = SIZE_MAX; /* an Enter too many must close nothing */
	for (size_t i = 0; close_reason(i); i++)
		add_item(h, words_name(h->words, h->ui.lang, WORDS_CLOSE, str_of(close_reason(i))));
}

static void ask_wrong(struct hands *h)
{
	if (!take_target(h))
		return;
	open_menu(h, ASK_WRONG, W_ASK_WRONG);
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		struct str field =
		    words_name(h->words, h->ui.lang, WORDS_FIELD, str_of(wrongs[i].name));
		struct str value =
		    words_name(h->words, h->ui.lang, wrongs[i].group, str_of(wrongs[i].value));
		if (wrongs[i].group == WORDS_FIELD)
			add_item(h, str_of(word(h->ui.lang, W_NOT_RELEVANT)));
		else
			add_item(h, str_of(arena_printf(h->words, "%.*s: %.*s", STR_ARG(field),
							STR_ARG(value))));
	}
}

static void ask_team(struct hands *h)
{
	open_menu(h, ASK_TEAM, W_ASK_TEAM);
	add_item(h, str_of(word(h->ui.lang, W_ALL_TEAMS)));
	for (size_t i = 0; h->model && i < h->model->n_teams; i++) {
		const struct top_team *team = &h->model->teams[i];
		add_item(h, team->label);
		if (h->ui.team && str_is(team->name, h->ui.team))
			h->menu.at = h->menu.n - 1;
	}
}

static void do_close(struct hands *h, size_t i)
{
	const char *reason = close_reason(i);
	h->doing = W_DID_CLOSE;
	(void)name_in(h, WORDS_CLOSE, str_of(reason), h->value, sizeof h->value);
	h->busy = true;
	store_close_ticket(h->store, h->target, h->target_token, reason, h->ui.agent, on_result, h);
}

static void do_correct(struct hands *h, size_t i)
{
	char field[80], value[80];
	h->doing = W_DID_CORRECT;
	(void)name_in(h, WORDS_FIELD, str_of(wrongs[i].name), field, sizeof field);
	(void)name_in(h, wrongs[i].group, str_of(wrongs[i].value), value, sizeof value);
	if (wrongs[i].group == WORDS_FIELD)
		(void)snprintf(value, sizeof value, "%s", word(h->ui.lang, W_NOT_RELEVANT));
	(void)snprintf(h->value, sizeof h->value, "%s\t%s", field, value);
	h->busy = true;
	store_correct(h->store, h->target, h->ui.agent, wrongs[i].name, wrongs[i].value, on_result,
		      h);
}

static void do_team(struct hands *h, size_t i)
{
	/* the teams of the menu were those of the model then: names are looked up by label */
	struct str name = STR_NULL;
	char team[64];
	for (size_t k = 0; h->model && k < h->model->n_teams; k++)
		if (i && str_eq(h->model->teams[k].label, h->menu.items[i]))
			name = h->model->teams[k].name;
	if (!i || !name.n) {
		hands_team(h, NULL);
		return;
	}
	(void)snprintf(team, sizeof team, "%.*s", STR_ARG(name));
	hands_team(h, team);
}

static void choose(struct hands *h, size_t i)
{
	enum hands_asking asking = h->asking;
	if (i >= h->menu.n)
		return;
	forget(h);
	if (asking != ASK_TEAM && (h->busy || h->ui.away_since)) {
		say_parts(h, true, h->busy ? W_BUSY : W_NO_AWAY_NOW, 0, NULL);
		return;
	}
	if (asking == ASK_CLOSE)
		do_close(h, i);
	else if (asking == ASK_WRONG)
		do_correct(h, i);
	else
		do_team(h, i);
}

static void cancel(struct hands *h)
{
	forget(h);
	say_parts(h, false, W_DID_CANCEL, 0, NULL);
}

static void menu_key(struct hands *h, unsigned key)
{
	struct top_menu *menu = &h->menu;
	if (key >= '1' && key <= '9' && key - '1' < menu->n)
		choose(h, key - '1');
	else if (key == TERM_ENTER)
		choose(h, menu->at);
	else if (key == TERM_ESCAPE || key == 'q')
		cancel(h);
	else if (key == TERM_DOWN || key == 'j')
		menu->at = menu->at == SIZE_MAX || menu->at + 1 < menu->n ? menu->at + 1 : menu->at;
	else if ((key == TERM_UP || key == 'k') && menu->at)
		menu->at = menu->at == SIZE_MAX ? menu->n - 1 : menu->at - 1;
	else if (key == TERM_HOME)
		menu->at = 0;
	else if (key == TERM_END && menu->n)
		menu->at = menu->n - 1;
}

static void input_key(struct hands *h, unsigned key)
{
	size_t n = strlen(h->input);
	char bytes[4];
	if (key == TERM_ESCAPE) {
		cancel(h);
	} else if (key == TERM_ENTER) {
		if (h->busy || h->ui.away_since) {
			forget(h);
			say_parts(h, true, h->busy ? W_BUSY : W_NO_AWAY_NOW, 0, NULL);
			return;
		}
		do_answer(h);
	} else if (key == TERM_CLEAR) {
		h->input[0] = '\0';
	} else if (key == TERM_BACKSPACE) {
		while (n && ((unsigned char)h->input[n - 1] & 0xc0) == 0x80)
			n--;
		h->input[n ? n - 1 : 0] = '\0';
	} else if (key >= ' ' && key < TERM_UP) {
		size_t more = utf8_put(bytes, key);
		if (n + more < sizeof h->input) {
			memcpy(h->input + n, bytes, more);
			h->input[n + more] = '\0';
		}
	}
}

/* ---- keys ---- */

static unsigned move_of(unsigned key)
{
	static const struct {
		unsigned letter, key;
	} rows[] = {{'j', TERM_DOWN}, {'k', TERM_UP},        {'g', TERM_HOME},
		    {'G', TERM_END},  {' ', TERM_PAGE_DOWN}, {'b', TERM_PAGE_UP}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (key == rows[i].letter)
			return rows[i].key;
	return key == TERM_UP || key == TERM_DOWN || (key >= TERM_PAGE_UP && key <= TERM_END) ? key
											      : 0;
}

static void leave(struct hands *h)
{
	if (h->ui.mode == TOP_LIST) {
		h->quit = true;
		return;
	}
	h->ui.mode = TOP_LIST;
	h->refresh = true;
	if (h->model)
		hands_model(h, h->model); /* what was read may have left the queue */
}

static void open_receipt(struct hands *h)
{
	if (!find(h, h->ui.selected)) {
		say_parts(h, true, W_NO_ROW, 0, NULL);
		return;
	}
	h->ui.mode = TOP_RECEIPT;
	h->ui.receipt_first = 0;
	h->refresh = true;
}

static void say_no_key(struct hands *h, unsigned key)
{
	char bytes[5] = "";
	if (key < ' ' || key >= TERM_UP)
		return;
	bytes[utf8_put(bytes, key)] = '\0';
	say_parts(h, true, W_NO_KEY, 1, (struct str[]){str_of(bytes)});
}

static void view_key(struct hands *h, unsigned key)
{
	unsigned moved = move_of(key);
	if (moved) {
		if (h->ui.mode == TOP_RECEIPT)
			scroll(h, moved);
		else
			move(h, moved);
		return;
	}
	switch (key) {
	case TERM_ENTER:
		if (h->ui.mode == TOP_LIST)
			open_receipt(h);
		break;
	case TERM_ESCAPE:
	case TERM_LEFT:
	case TERM_BACKSPACE:
		if (h->ui.mode == TOP_RECEIPT)
			leave(h);
		break;
	case 'q': leave(h); break;
	case 'c': do_claim(h); break;
	case 'e': do_extend(h); break;
	case 'r': do_release(h); break;
	case 'a': ask_url(h); break;
	case 'x': ask_close(h); break;
	case 'w': ask_wrong(h); break;
	case 't': ask_team(h); break;
	case 'h':
	case '?': h->ui.mode = TOP_HELP; break;
	default: say_no_key(h, key); break;
	}
}

void hands_key(struct hands *h, unsigned key)
{
	h->ui.message = NULL;
	if (key == TERM_INTERRUPT)
		h->quit = true;
	else if (key == TERM_SUSPEND)
		h->suspend = true;
	else if (key == TERM_REDRAW)
		h->redraw = true;
	else if (h->asking == ASK_URL)
		input_key(h, key);
	else if (h->asking != ASK_NOTHING)
		menu_key(h, key);
	else if (h->ui.mode == TOP_HELP)
		leave(h);
	else
		view_key(h, key);
}
