/*
 * report.c: see report.h.
 */
#include "common/mem.h"

#include "route/report.h"

enum { NAME_COLUMNS = 16, COUNT_COLUMNS = 10, FIRST_COLUMNS = 16 };

static const char *w(const struct say *say, enum word id)
{
	return word(say->lang, id);
}

static void heading(struct lines *v, const struct say *say, enum word id)
{
	lines_end(v);
	lines_putz(v, TEXT_BOLD, w(say, id));
	lines_end(v);
}

static void none(struct lines *v, const struct say *say)
{
	lines_putz(v, TEXT_DIM, "  ");
	lines_putz(v, TEXT_DIM, w(say, W_RP_NONE));
	lines_end(v);
}

/* A number of a table; nothing is said quietly. */
static void cell(struct lines *v, const struct say *say, int64_t n, unsigned attr)
{
	lines_putz(v, 0, " ");
	lines_field_right(v, n ? attr : TEXT_DIM, say_number(say, n), COUNT_COLUMNS);
}

static void table_head(struct lines *v, struct str first, const struct str *names, size_t n)
{
	lines_putz(v, 0, "  ");
	lines_field(v, TEXT_DIM, first, NAME_COLUMNS);
	for (size_t i = 0; i < n; i++) {
		lines_putz(v, 0, " ");
		lines_field_right(v, TEXT_DIM, names[i], COUNT_COLUMNS);
	}
	lines_end(v);
}

static void table_name(struct lines *v, struct str name)
{
	lines_putz(v, 0, "  ");
	lines_field(v, 0, name, NAME_COLUMNS);
}

static void dropped(struct lines *v, const struct say *say)
{
	const struct top_counts *d = &say->m->dropped;
	heading(v, say, W_RP_DROPPED);
	for (size_t i = 0; i < d->n; i++) {
		lines_field_right(v, 0, say_number(say, d->at[i].n), 9);
		lines_putz(v, 0, "  ");
		lines_put(v, 0, words_name(v->arena, say->lang, WORDS_DROPPED, d->at[i].name));
		lines_end(v);
	}
	if (!d->n)
		none(v, say);
}

static void tone_row(struct lines *v, const struct say *say, struct str name,
		     const struct top_tone *t)
{
	table_name(v, name);
	cell(v, say, t->negative, TEXT_RED);
	cell(v, say, t->neutral, 0);
	cell(v, say, t->positive, TEXT_GREEN);
	cell(v, say, t->unsure, TEXT_YELLOW);
	cell(v, say, t->negative + t->neutral + t->positive + t->unsure, TEXT_BOLD);
	lines_end(v);
}

static void tonality(struct lines *v, const struct say *say)
{
	static const char *const labels[] = {"negative", "neutral", "positive", "unsure"};
	const struct top_model *m = say->m;
	struct str names[5];
	struct top_tone sum = {0};
	heading(v, say, W_RP_TONALITY);
	if (!m->n_tones) {
		none(v, say);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		names[i] = words_name(v->arena, say->lang, WORDS_TONALITY, str_of(labels[i]));
	names[4] = str_of(w(say, W_RP_TOTAL));
	table_head(v, str_of(w(say, W_RP_LANGUAGE)), names, 5);
	for (size_t i = 0; i < m->n_tones; i++) {
		const struct top_tone *t = &m->tones[i];
		tone_row(v, say, words_name(v->arena, say->lang, WORDS_LANG, t->lang), t);
		sum.negative += t->negative;
		sum.neutral += t->neutral;
		sum.positive += t->positive;
		sum.unsure += t->unsure;
	}
	if (m->n_tones > 1)
		tone_row(v, say, names[4], &sum);
}

static void teams(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	heading(v, say, W_RP_TEAMS);
	for (size_t i = 0; i < m->n_teams; i++) {
		lines_field_right(v, m->teams[i].made ? 0 : TEXT_DIM,
				  say_number(say, m->teams[i].made), 9);
		lines_putz(v, 0, "  ");
		lines_put(v, m->teams[i].made ? 0 : TEXT_DIM, m->teams[i].label);
		lines_end(v);
	}
	if (!m->n_teams)
		none(v, say);
}

static void promise_row(struct lines *v, const struct say *say, struct str name,
			const struct top_channel *c)
{
	table_name(v, name);
	cell(v, say, c->kept, TEXT_GREEN);
	cell(v, say, c->missed, TEXT_RED);
	cell(v, say, c->due, 0);
	cell(v, say, c->late, TEXT_RED);
	cell(v, say, c->ended, 0);
	lines_end(v);
}

static bool has_promises(const struct top_channel *c)
{
	return c->kept || c->missed || c->due || c->late || c->ended;
}

static void promises(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	struct str names[] = {str_of(w(say, W_KEPT)), str_of(w(say, W_MISSED)),
			      str_of(w(say, W_DUE)), str_of(w(say, W_LATE)),
			      words_name(v->arena, say->lang, WORDS_PROMISE, STR("void"))};
	struct top_channel sum = {0};
	size_t rows = 0;
	heading(v, say, W_RP_PROMISES);
	for (size_t i = 0; i < m->n_channels; i++) {
		const struct top_channel *c = &m->channels[i];
		if (!has_promises(c))
			continue;
		if (rows++ == 0)
			table_head(v, str_of(w(say, W_RP_CHANNEL)), names, ARRAY_LEN(names));
		promise_row(v, say, words_name(v->arena, say->lang, WORDS_CHANNEL, c->name), c);
		sum.kept += c->kept;
		sum.missed += c->missed;
		sum.due += c->due;
		sum.late += c->late;
		sum.ended += c->ended;
	}
	if (rows > 1)
		promise_row(v, say, str_of(w(say, W_RP_TOTAL)), &sum);
	if (!rows)
		none(v, say);
}

static void delay(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	int class = top_delay_median(m);
	heading(v, say, W_RP_DELAY);
	lines_putz(v, 0, "  ");
	if (class < 0 || !m->delay_n) {
		lines_putz(v, TEXT_DIM, w(say, W_HEARD_NOTHING));
		lines_end(v);
		return;
	}
	bool over = class == TOP_DELAYS - 1;
	lines_put(
	    v, 0,
	    SAY_FILL(say, over ? W_RP_DELAY_OVER : W_RP_DELAY_LINE,
		     say_duration(say, over ? top_delays[class - 1] : top_delay_end(m, class)),
		     say_duration(say, m->delay_sum_ms / m->delay_n),
		     say_duration(say, m->delay_max_ms), say_number(say, m->delay_n)));
	lines_end(v);
}

static void first(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	heading(v, say, W_RP_FIRST);
	for (size_t i = 0; i < m->n_queue && i < REPORT_FIRST; i++) {
		const struct top_ticket *t = &m->queue[i];
		struct said left = say_time_left(say, t);
		lines_put(v, TEXT_BOLD, str_of(arena_printf(v->arena, "%zu ", i + 1)));
		lines_field(v, left.attr, left.text, FIRST_COLUMNS);
		lines_put(v, TEXT_BOLD, say_head(say, t));
		lines_end(v);
		lines_tab(v, FIRST_COLUMNS + 2);
		lines_put(v, 0, say_place(say, t));
		lines_put(v, TEXT_DIM, str_of(arena_printf(v->arena, " #%lld", (long long)t->id)));
		lines_end(v);
		struct str why = say_reasons_line(say, t);
		struct str points = SAY_FILL(say, W_RP_PRIORITY, say_number(say, t->priority));
		lines_wrap(
		    v, 0,
		    str_of(arena_printf(v->arena, "%.*s (%.*s)", STR_ARG(why), STR_ARG(points))),
		    FIRST_COLUMNS + 2);
	}
	if (!m->n_queue) {
		lines_putz(v, TEXT_DIM, "  ");
		lines_putz(v, TEXT_DIM, w(say, W_RP_NOTHING));
		lines_end(v);
	}
}

void report_text(struct lines *v, const struct say *say)
{
	const struct top_model *m = say->m;
	lines_put(v, TEXT_BOLD,
		  SAY_FILL(say, W_RP_TITLE,
			   words_day_time(v->arena, say->lang, m->now, m->utc_offset_ms)));
	lines_end(v);
	lines_end(v);
	lines_put(v, TEXT_BOLD, say_funnel(say));
	lines_end(v);
	dropped(v, say);
	tonality(v, say);
	teams(v, say);
	promises(v, say);
	delay(v, say);
	first(v, say);
}

/* ---- for tools ---- */

static void member(struct buf *out, const char *name, int64_t n)
{
	(void)buf_printf(out, "\"%s\":", name);
	if (n == TOP_NONE)
		(void)buf_z(out, "null");
	else
		(void)buf_json_int(out, n);
}

static void json_name(struct buf *out, struct str name)
{
	(void)buf_json_str(out, name.p ? name : STR(""));
	(void)buf_char(out, ':');
}

static void json_channels(struct buf *out, const struct top_model *m)
{
	(void)buf_z(out, ",\"promises\":{");
	for (size_t i = 0; i < m->n_channels; i++) {
		const struct top_channel *c = &m->channels[i];
		(void)buf_z(out, i ? "," : "");
		json_name(out, c->name);
		(void)buf_char(out, '{');
		member(out, "kept", c->kept);
		(void)buf_char(out, ',');
		member(out, "missed", c->missed);
		(void)buf_char(out, ',');
		member(out, "due", c->due);
		(void)buf_char(out, ',');
		member(out, "late", c->late);
		(void)buf_char(out, ',');
		member(out, "void", c->ended);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, '}');
}

static void json_tones(struct buf *out, const struct top_model *m)
{
	(void)buf_z(out, ",\"tonality\":{");
	for (size_t i = 0; i < m->n_tones; i++) {
		const struct top_tone *t = &m->tones[i];
		(void)buf_z(out, i ? "," : "");
		json_name(out, t->lang);
		(void)buf_char(out, '{');
		member(out, "negative", t->negative);
		(void)buf_char(out, ',');
		member(out, "neutral", t->neutral);
		(void)buf_char(out, ',');
		member(out, "positive", t->positive);
		(void)buf_char(out, ',');
		member(out, "unsure", t->unsure);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, '}');
}

static void json_delay(struct buf *out, const struct top_model *m)
{
	int class = top_delay_median(m);
	(void)buf_z(out, ",\"delay\":{");
	member(out, "n", m->delay_n);
	(void)buf_char(out, ',');
	member(out, "sum", m->delay_sum_ms);
	(void)buf_char(out, ',');
	member(out, "max", m->delay_max_ms);
	(void)buf_char(out, ',');
	/* upper end of the class that holds the middle post; null above the last end */
	member(out, "median_le",
	       class < 0 || class == TOP_DELAYS - 1 ? TOP_NONE : top_delay_end(m, class));
	(void)buf_char(out, '}');
}

static void json_first(struct buf *out, const struct say *say)
{
	const struct top_model *m = say->m;
	(void)buf_z(out, ",\"first\":[");
	for (size_t i = 0; i < m->n_queue && i < REPORT_FIRST; i++) {
		const struct top_ticket *t = &m->queue[i];
		struct said reasons[16];
		size_t n = say_reasons(say, t, reasons, ARRAY_LEN(reasons));
		(void)buf_z(out, i ? ",{" : "{");
		member(out, "ticket", t->id);
		(void)buf_z(out, ",\"head\":");
		(void)buf_json_str(out, t->head);
		(void)buf_z(out, ",\"team\":");
		(void)buf_json_str(out, t->team);
		(void)buf_z(out, ",\"channel\":");
		(void)buf_json_str(out, t->channel);
		(void)buf_z(out, ",\"place\":");
		(void)buf_json_str(out, t->place);
		(void)buf_z(out, ",\"url\":");
		(void)buf_json_str(out, t->url);
		(void)buf_z(out, ",\"tonality\":");
		(void)buf_json_str(out, t->tonality);
		(void)buf_char(out, ',');
		member(out, "priority", t->priority);
		(void)buf_char(out, ',');
		member(out, "deadline", t->deadline);
		(void)buf_char(out, ',');
		member(out, "left", t->deadline == TOP_NONE ? TOP_NONE : t->deadline - m->now);
		(void)buf_z(out, ",\"reasons\":[");
		for (size_t k = 0; k < n; k++) {
			(void)buf_z(out, k ? "," : "");
			(void)buf_json_str(out, reasons[k].text);
		}
		(void)buf_z(out, "]}");
	}
	(void)buf_char(out, ']');
}

int report_json(struct buf *out, const struct say *say)
{
	const struct top_model *m = say->m;
	const struct {
		const char *name;
		int64_t n;
	} plain[] = {{"at", m->now},
		     {"heard", m->heard},
		     {"routed", m->routed},
		     {"tickets", m->tickets},
		     {"unsure", m->unsure},
		     {"updated", m->updated},
		     {"deleted", m->deleted},
		     {"repeat", m->repeated},
		     {"filtered", m->filtered},
		     {"answered", m->answered},
		     {"closed", m->closed},
		     {"corrected", m->corrected},
		     {"waiting", m->waiting + m->late},
		     {"late", m->late},
		     {"claimed", m->claimed}};
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		(void)buf_char(out, i ? ',' : '{');
		member(out, plain[i].name, plain[i].n);
	}
	(void)buf_z(out, ",\"dropped\":{");
	for (size_t i = 0; i < m->dropped.n; i++) {
		(void)buf_z(out, i ? "," : "");
		json_name(out, m->dropped.at[i].name);
		(void)buf_json_int(out, m->dropped.at[i].n);
	}
	(void)buf_z(out, "},\"teams\":{");
	for (size_t i = 0; i < m->n_teams; i++) {
		(void)buf_z(out, i ? "," : "");
		json_name(out, m->teams[i].name);
		(void)buf_json_int(out, m->teams[i].made);
	}
	(void)buf_char(out, '}');
	json_tones(out, m);
	json_channels(out, m);
	json_delay(out, m);
	json_first(out, say);
	return buf_z(out, "}\n");
}
