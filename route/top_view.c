/*
 * top_view.c: see top_view.h.
 */
#include <string.h>

#include "common/mem.h"

#include "route/top_view.h"

enum { SIDE_BY_SIDE = 90, ONE_LINE = 150, ROOMY_HEIGHT = 20, COUNT_COLUMNS = 4, ONCE_EVENTS = 8 };

static const char *w(const struct top_ui *ui, enum word id)
{
	return word(ui->lang, id);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- the head ---- */

static void head(struct lines *v, const struct say *say, const struct top_ui *ui)
{
	const struct top_model *m = say->m;
	lines_putz(v, TEXT_BOLD, "Posthorn ");
	lines_put(v, 0, m->tenant);
	lines_putz(v, 0, "  ");
	struct str team = str_of(w(ui, W_ALL_TEAMS));
	if (ui->team)
		team = SAY_FILL(say, W_TEAM, say_team(say, str_of(ui->team)));
	lines_put(v, ui->team ? TEXT_BLUE : 0, team);
	struct str time = words_day_time(v->arena, ui->lang, m->now, m->utc_offset_ms);
	if (m->speed > 1.0) {
		int64_t speed = (int64_t)(m->speed + 0.5);
		struct str fast = SAY_FILL(say, W_FAST, say_number(say, speed));
		time = str_of(arena_printf(v->arena, "%.*s, %.*s", STR_ARG(fast), STR_ARG(time)));
	}
	size_t columns = text_width(time);
	if (lines_left(v) > columns + 2)
		lines_tab(v, v->width - columns);
	else
		lines_putz(v, 0, "  ");
	lines_put(v, 0, time);
	lines_mark(v, TEXT_REVERSE);
	lines_end(v);
}

static void funnel(struct lines *v, const struct say *say)
{
	lines_put(v, TEXT_BOLD, say_funnel(say));
	lines_end(v);
	lines_put(v, 0, say_dropped(say, v->width));
	lines_end(v);
}

static void title(struct lines *v, unsigned attr, struct str s)
{
	lines_put(v, TEXT_BOLD | attr, s);
}

/* ---- promises ---- */

static void count_field(struct lines *v, int64_t n, unsigned attr, size_t columns,
			const struct say *say)
{
	lines_field_right(v, n ? attr : TEXT_DIM, say_number(say, n), columns);
}

static void promise_row(struct lines *v, const struct say *say, struct str name,
			const struct top_channel *c, const size_t *columns)
{
	lines_field(v, 0, name, 11);
	count_field(v, c->kept, TEXT_GREEN, columns[0], say);
	count_field(v, c->missed, TEXT_RED, columns[1], say);
	count_field(v, c->due, 0, columns[2], say);
	count_field(v, c->late, TEXT_RED | TEXT_BOLD, columns[3], say);
	lines_end(v);
}

static void add_channel(struct top_channel *sum, const struct top_channel *c)
{
	sum->kept += c->kept;
	sum->missed += c->missed;
	sum->due += c->due;
	sum->late += c->late;
}

static bool has_promises(const struct top_channel *c)
{
	return c->kept || c->missed || c->due || c->late;
}

static void next_breach(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	if (m->next_breach == TOP_NONE) {
		lines_putz(v, TEXT_DIM, word(say->lang, W_NO_BREACH));
		return;
	}
	int64_t left = m->next_breach - m->now;
	lines_put(v, left < 5 * 60000 ? TEXT_YELLOW | TEXT_BOLD : 0,
		  SAY_FILL(say, W_NEXT_BREACH, say_duration(say, left),
			   say_number(say, m->next_breach_ticket)));
}

/* Heading, channels (at most `room` lines in all, the rest summed up), next breach, hearing delay. */
static void promises(struct lines *v, const struct say *say, size_t room)
{
	static const enum word heads[COUNT_COLUMNS] = {W_KEPT, W_MISSED, W_DUE, W_LATE};
	const struct top_model *m = say->m;
	struct top_channel rest = {0};
	size_t columns[COUNT_COLUMNS], shown = 0, with = 0, rows = room > 3 ? room - 3 : 0;
	title(v, 0, str_of(word(say->lang, W_PROMISES)));
	lines_tab(v, 11);
	for (size_t i = 0; i < COUNT_COLUMNS; i++) {
		columns[i] = text_width(str_of(word(say->lang, heads[i]))) + 1;
		if (columns[i] < 7)
			columns[i] = 7;
		lines_field_right(v, TEXT_DIM, str_of(word(say->lang, heads[i])), columns[i]);
	}
	lines_end(v);
	for (size_t i = 0; i < m->n_channels; i++)
		with += has_promises(&m->channels[i]);
	for (size_t i = 0; i < m->n_channels; i++) {
		const struct top_channel *c = &m->channels[i];
		if (!has_promises(c))
			continue;
		if (shown == rows || (shown == rows - 1 && with > rows)) {
			add_channel(&rest, c);
			continue;
		}
		promise_row(v, say, words_name(v->arena, say->lang, WORDS_CHANNEL, c->name), c,
			    columns);
		shown++;
	}
	if (has_promises(&rest))
		promise_row(v, say, str_of(word(say->lang, shown ? W_OTHERS : W_RP_TOTAL)), &rest,
			    columns);
	if (!with) {
		lines_putz(v, TEXT_DIM, word(say->lang, W_NO_PROMISES));
		lines_end(v);
	}
	next_breach(v, say);
	lines_end(v);
	lines_put(v, TEXT_DIM, say_delay(say));
	lines_end(v);
}

static void promises_short(struct lines *v, const struct say *say)
{
	struct top_channel sum = {0};
	for (size_t i = 0; i < say->m->n_channels; i++)
		add_channel(&sum, &say->m->channels[i]);
	title(v, 0, str_of(word(say->lang, W_PROMISES)));
	lines_putz(v, 0, ": ");
	lines_put(v, sum.missed || sum.late ? TEXT_RED : 0,
		  SAY_FILL(say, W_PROMISES_LINE, say_number(say, sum.kept),
			   say_number(say, sum.missed), say_number(say, sum.due),
			   say_number(say, sum.late)));
	lines_end(v);
	next_breach(v, say);
	lines_putz(v, 0, "; ");
	lines_put(v, TEXT_DIM, say_delay(say));
	lines_end(v);
}

/* ---- what just happened ---- */

static void events(struct lines *v, const struct say *say, size_t room)
{
	const struct top_model *m = say->m;
	size_t shown = 0;
	for (size_t i = 0; i < m->n_events && shown < room; i++, shown++) {
		const struct top_event *e = &m->events[i];
		bool both;
		struct said s = say_event(say, e, i + 1 < m->n_events ? e + 1 : NULL, &both);
		int64_t age = m->now > e->at && e->at != TOP_NONE ? m->now - e->at : 0;
		lines_field_right(v, TEXT_DIM, say_duration(say, age), 7);
		lines_put(v, TEXT_DIM,
			  str_of(arena_printf(v->arena, " #%lld ", (long long)e->ticket)));
		lines_put(v, s.attr, s.text);
		lines_end(v);
		i += both;
	}
	if (!m->n_events && room) {
		lines_putz(v, TEXT_DIM, word(say->lang, W_NOTHING_YET));
		lines_end(v);
	}
}

static void middle(struct lines *v, const struct say *say, size_t room)
{
	struct lines left, right;
	lines_init(&left, v->arena, 47);
	lines_init(&right, v->arena, v->width - 50);
	promises(&left, say, room);
	title(&right, 0, str_of(word(say->lang, W_JUST_NOW)));
	lines_end(&right);
	events(&right, say, left.n - 1);
	lines_beside(v, &left, &right, 47, STR(" │ "));
}

/* ---- the queue ---- */

static void reasons(struct lines *v, const struct say *say, const struct top_ticket *t,
		    size_t columns)
{
	struct said pieces[16];
	struct lines part;
	size_t n = say_reasons(say, t, pieces, ARRAY_LEN(pieces));
	lines_init(&part, v->arena, columns);
	for (size_t i = 0; i < n; i++) {
		size_t columns_more = text_width(pieces[i].text) + 2 + (i + 1 < n ? 3 : 0);
		if (i && columns_more > lines_left(&part)) {
			lines_putz(&part, 0, ", …");
			break; /* whole reasons or none */
		}
		if (i)
			lines_putz(&part, 0, ", ");
		lines_put(&part, pieces[i].attr, pieces[i].text);
	}
	lines_end(&part);
	for (size_t k = 0; k < part.at[0].n; k++)
		lines_put(v, part.at[0].runs[k].attr, part.at[0].runs[k].text);
}

static void queue_row(struct lines *v, const struct say *say, const struct top_ticket *t,
		      bool selected, bool two)
{
	struct said time = say_time_left(say, t), holder = say_holder(say, t);
	size_t place = v->width < 80 ? 14 : v->width < 120 ? 21 : 28, start = v->n;
	size_t held = text_width(holder.text);
	unsigned strong = selected ? TEXT_BOLD : 0;
	bool wide = v->width >= ONE_LINE;
	lines_putz(v, strong, selected ? "> " : "  ");
	lines_field(v, time.attr, time.text, 15);
	lines_field(v, strong, say_place(say, t), place);
	lines_putz(v, 0, " ");
	size_t rest = lines_left(v), words = wide ? (rest - 2) * 5 / 10 : rest;
	if (!two && !wide && held && rest > held + 12)
		words = rest - held - 1;
	lines_field(v, strong, say_head(say, t), words);
	if (wide) {
		lines_putz(v, 0, "  ");
		rest = lines_left(v);
		reasons(v, say, t, held && rest > held + 2 ? rest - held - 2 : rest);
	}
	if (wide || !two) {
		if (held && lines_left(v) > held)
			lines_tab(v, v->width - held);
		lines_put(v, holder.attr, holder.text);
	}
	lines_end(v);
	if (two && !wide) {
		lines_tab(v, 17);
		rest = lines_left(v);
		reasons(v, say, t, held && rest > held + 2 ? rest - held - 2 : rest);
		if (held && lines_left(v) > held)
			lines_tab(v, v->width - held);
		else if (held)
			lines_putz(v, 0, " ");
		lines_put(v, holder.attr, holder.text);
		lines_end(v);
	}
	if (selected)
		for (size_t i = start; i < v->n; i++)
			v->at[i].attr |= TEXT_REVERSE;
}

static size_t selected_row(const struct top_model *m, const struct top_ui *ui)
{
	for (size_t i = 0; i < m->n_queue; i++)
		if (m->queue[i].id == ui->selected)
			return i;
	return SIZE_MAX;
}

/* `room` lines, SIZE_MAX: as many as needed. */
static void queue(struct lines *v, const struct say *say, struct top_ui *ui, size_t room)
{
	const struct top_model *m = say->m;
	bool once = room == SIZE_MAX;
	bool two = v->width < ONE_LINE && room >= 5;
	size_t at = once ? SIZE_MAX : selected_row(m, ui);
	title(v, 0, str_of(w(ui, W_QUEUE)));
	lines_putz(v, 0, ": ");
	lines_put(v, m->late ? TEXT_RED : 0,
		  SAY_FILL(say, W_QUEUE_COUNTS, say_number(say, m->waiting + m->late),
			   say_number(say, m->late), say_number(say, m->claimed)));
	size_t fit = once ? m->n_queue : (room - 1) / (two ? 2 : 1);
	ui->rows = fit;
	if (ui->first + fit > m->n_queue)
		ui->first = m->n_queue > fit ? m->n_queue - fit : 0;
	if (at != SIZE_MAX && at < ui->first)
		ui->first = at;
	if (at != SIZE_MAX && fit && at >= ui->first + fit)
		ui->first = at - fit + 1;
	size_t first = once ? 0 : ui->first, end = least(first + fit, m->n_queue);
	int64_t below = m->waiting + m->late + m->claimed - (int64_t)end;
	if (below > 0) {
		struct str more = SAY_FILL(say, W_QUEUE_MORE, say_number(say, below));
		size_t columns = text_width(more);
		if (lines_left(v) > columns + 1) {
			lines_tab(v, v->width - columns);
			lines_put(v, TEXT_DIM, more);
		}
	}
	lines_end(v);
	for (size_t i = first; i < end; i++)
		queue_row(v, say, &m->queue[i], i == at, two);
	if (!m->n_queue && room > 1) {
		lines_putz(v, TEXT_DIM, w(ui, m->heard ? W_QUEUE_EMPTY : W_QUEUE_FIRST));
		lines_end(v);
	}
}

/* ---- over the queue: menu, help, receipt ---- */

static void menu(struct lines *v, const struct top_menu *menu, size_t room)
{
	title(v, 0, menu->title);
	lines_end(v);
	size_t fit = room > 1 ? room - 1 : 1, at = menu->at < menu->n ? menu->at : 0;
	size_t first = at >= fit ? at - fit + 1 : 0;
	for (size_t i = first; i < menu->n && i < first + fit; i++) {
		bool here = i == menu->at;
		struct str number = str_of(arena_printf(v->arena, i < 9 ? " %zu " : "   ", i + 1));
		lines_put(v, 0, here ? STR(">") : STR(" "));
		lines_put(v, TEXT_DIM, number);
		lines_put(v, 0, menu->items[i]);
		if (here)
			lines_mark(v, TEXT_REVERSE);
		lines_end(v);
	}
}

static void help(struct lines *v, const struct say *say, const struct top_ui *ui)
{
	title(v, 0, str_of(w(ui, W_HELP_TITLE)));
	lines_end(v);
	for (enum word id = W_HELP_MOVE; id <= W_HELP_QUIT; id++) {
		struct str rest = str_of(w(ui, id)), keys;
		if (str_split(&rest, '|', &keys)) {
			lines_put(v, TEXT_BOLD, keys);
			lines_tab(v, text_width(keys) < 6 ? 7 : text_width(keys) + 2);
			lines_put(v, 0, rest);
		}
		lines_end(v);
	}
	lines_wrap(v, TEXT_DIM, str_of(w(ui, W_HELP_FUNNEL)), 0);
	lines_wrap(v, TEXT_DIM, str_of(w(ui, W_HELP_ORDER)), 0);
	lines_wrap(v, TEXT_DIM, SAY_FILL(say, W_HELP_AGENT, str_of(ui->agent)), 0);
}

static void receipt(struct lines *v, const struct say *say, struct top_ui *ui, size_t room)
{
	struct lines all;
	lines_init(&all, v->arena, v->width);
	top_receipt(&all, say);
	ui->receipt_rows = room;
	ui->receipt_lines = all.n;
	size_t most = all.n > room ? all.n - room : 0;
	if (ui->receipt_first > most)
		ui->receipt_first = most;
	lines_append(v, &all, ui->receipt_first, room);
}

/* ---- the last line ---- */

static void ask_line(struct lines *v, const struct top_ui *ui)
{
	struct str question = text_clean(v->arena, str_of(ui->question), false);
	struct str input = text_clean(v->arena, str_of(ui->input), false);
	lines_put(v, TEXT_BOLD, question);
	lines_putz(v, 0, " ");
	/* its end is what is being written */
	size_t room = lines_left(v) > 1 ? lines_left(v) - 1 : 0;
	while (input.n && text_width(input) > room) {
		size_t pos = 0;
		(void)utf8_next(input, &pos);
		input = str_sub(input, pos, input.n);
	}
	lines_put(v, 0, input);
	lines_putz(v, TEXT_REVERSE, " ");
}

static void last_line(struct lines *v, const struct say *say, const struct top_ui *ui)
{
	if (ui->question) {
		ask_line(v, ui);
	} else if (ui->menu) {
		lines_putz(v, TEXT_DIM, w(ui, W_KEYS_MENU));
	} else if (ui->message) {
		lines_putz(v, ui->refusal ? TEXT_YELLOW | TEXT_BOLD : TEXT_GREEN | TEXT_BOLD,
			   ui->message);
	} else if (say && say->m->refused.n) {
		lines_put(v, TEXT_RED, SAY_FILL(say, W_NO_REFUSED, say->m->refused));
	} else if (ui->mode == TOP_HELP) {
		lines_putz(v, TEXT_DIM, w(ui, W_KEYS_HELP));
	} else {
		lines_putz(v, TEXT_DIM,
			   w(ui, ui->mode == TOP_RECEIPT ? W_KEYS_RECEIPT : W_KEYS_LIST));
		if (say && ui->mode == TOP_RECEIPT && ui->receipt_lines > ui->receipt_rows) {
			size_t end = ui->receipt_first + ui->receipt_rows;
			struct str part = SAY_FILL(say, W_RC_PART,
						   say_number(say, (int64_t)ui->receipt_first + 1),
						   say_number(say, (int64_t)end),
						   say_number(say, (int64_t)ui->receipt_lines));
			if (lines_left(v) > text_width(part) + 1) {
				lines_tab(v, v->width - text_width(part));
				lines_put(v, TEXT_DIM, part);
			}
		}
	}
	lines_end(v);
}

/* ---- the screen ---- */

static void list(struct lines *v, const struct say *say, struct top_ui *ui)
{
	size_t bottom = ui->height - 1; /* the last line */
	bool roomy = ui->height >= ROOMY_HEIGHT, beside = v->width >= SIDE_BY_SIDE;
	funnel(v, say);
	if (roomy && beside)
		middle(v, say, ui->height / 3 > 9 ? 9 : ui->height / 3);
	else if (roomy)
		promises(v, say, ui->height / 4 > 9 ? 9 : ui->height / 4);
	else
		promises_short(v, say);
	size_t below = beside && roomy ? 0 : ui->height >= 24 ? 4 : ui->height >= 15 ? 1 : 0;
	size_t room = bottom > v->n + below ? bottom - v->n - below : 1;
	if (ui->menu)
		menu(v, ui->menu, room);
	else
		queue(v, say, ui, room);
	while (v->n + below < bottom)
		lines_end(v);
	if (below > 1) {
		title(v, 0, str_of(word(say->lang, W_JUST_NOW)));
		lines_end(v);
		below--;
	}
	events(v, say, below);
}

static void once(struct lines *v, const struct say *say, struct top_ui *ui)
{
	head(v, say, ui);
	v->at[0].attr = TEXT_BOLD;
	funnel(v, say);
	lines_end(v);
	promises(v, say, 100);
	lines_end(v);
	queue(v, say, ui, SIZE_MAX);
	lines_end(v);
	title(v, 0, str_of(w(ui, W_JUST_NOW)));
	lines_end(v);
	events(v, say, ONCE_EVENTS);
}

void top_view(struct lines *v, const struct top_model *m, struct top_ui *ui)
{
	struct say say = {m, ui->lang, ui->agent, v->arena};
	if (ui->height && (v->width < TOP_WIDTH_MIN || ui->height < 4)) {
		lines_putz(v, 0, w(ui, W_TOO_SMALL));
		lines_end(v);
		return;
	}
	if (!m) {
		lines_put(v, 0, SAY_FILL(&say, W_CONNECTING, str_of(ui->address)));
		lines_end(v);
		while (ui->height && v->n + 1 < ui->height)
			lines_end(v);
		if (ui->height)
			last_line(v, NULL, ui);
		return;
	}
	if (!ui->height) {
		once(v, &say, ui);
		return;
	}
	head(v, &say, ui);
	if (ui->away_since) {
		struct str since = words_time(v->arena, ui->away_since, m->utc_offset_ms);
		lines_put(v, TEXT_RED | TEXT_BOLD | TEXT_REVERSE, SAY_FILL(&say, W_AWAY, since));
		lines_end(v);
	}
	size_t room = ui->height > v->n + 1 ? ui->height - v->n - 1 : 1;
	if (ui->mode == TOP_HELP)
		help(v, &say, ui);
	else if (ui->mode == TOP_RECEIPT && ui->menu)
		menu(v, ui->menu, room);
	else if (ui->mode == TOP_RECEIPT)
		receipt(v, &say, ui, room);
	else
		list(v, &say, ui);
	/* never higher than the screen, the last line in its place */
	if (v->n > ui->height - 1)
		v->n = ui->height - 1;
	v->open = false;
	while (v->n + 1 < ui->height)
		lines_end(v);
	last_line(v, &say, ui);
}
