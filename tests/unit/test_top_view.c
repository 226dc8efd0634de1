/* A model in, a screen out: German and English, wide and narrow, hostile posts, moods of the hands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "common/mem.h"

#include "route/term.h"
#include "route/top_keys.h"
#include "route/top_view.h"

#define NOW    INT64_C(1795425720000) /* Mon 2026-11-23 10:22 in Berlin */
#define MINUTE INT64_C(60000)

static struct arena *arena;
static struct top_model *m;

static void count(const char *name, int64_t n)
{
	top_model_counter(m, str_of(name), n);
}

static void counters(void)
{
	static const struct {
		const char *name;
		int64_t n;
	} rows[] = {
	    {"heard", 412},        {"routed", 138},           {"tickets", 44},
	    {"unsure", 7},         {"filtered", 274},         {"filtered:press", 30},
	    {"filtered:own", 44},  {"filtered:no_need", 200}, {"kept:forum", 12},
	    {"due:forum", 4},      {"kept:social", 1200},     {"missed:social", 2},
	    {"late:social", 1},    {"team:care", 44},         {"delay:n", 10},
	    {"delay:sum", 600000}, {"delay:max", 7200000},    {"delay:le:60", 4},
	    {"delay:le:300", 5},   {"delay:le:21600", 1},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		count(rows[i].name, rows[i].n);
}

static const struct top_factor angry[] = {
    {{"weight", 6}, {"2.000", 5}, 693},      {{"need", 4}, {"2", 1}, 900},
    {{"tonality", 8}, {"negative", 8}, 400}, {{"channel", 7}, {"social", 6}, 200},
    {{"owned", 5}, {"yes", 3}, 200},         {{"addressed", 9}, {"own_page", 8}, 200},
    {{"reach", 5}, {"12000", 5}, 939},       {{"role", 4}, {"customer", 8}, 0},
};

static struct top_ticket ticket(int64_t id, const char *head, int64_t left)
{
	struct top_ticket t;
	top_ticket_init(&t);
	t.id = id;
	t.state = STR("open");
	t.team = STR("care");
	t.head = str_of(head);
	t.channel = STR("forum");
	t.place = STR("Zustellung");
	t.owned = STR("no");
	t.tonality = STR("neutral");
	t.promise_state = STR("running");
	t.promise = 30 * MINUTE;
	t.deadline = NOW + left;
	t.rank = NOW + left;
	t.boost = 0;
	t.rule = 2;
	t.posts = 1;
	return t;
}

static void event(size_t i, const char *json)
{
	top_event_read(&m->events[i], str_of(json), arena);
	m->n_events = i + 1;
}

static int setup(void **state)
{
	(void)state;
	arena = arena_create(64 * MiB);
	m = arena_zalloc(arena, sizeof *m);
	m->arena = arena;
	m->now = m->redis_now = NOW;
	m->utc_offset_ms = 3600000;
	m->speed = 60;
	m->tenant = STR("demo");
	m->next_breach = NOW + 12 * MINUTE;
	m->next_breach_ticket = 2;
	counters();
	top_model_team(m, STR("care"))->label = STR("Kundenservice");
	m->queue = arena_zalloc(arena, 8 * sizeof *m->queue);
	m->queue[0] = ticket(1, "Seit drei Tagen kein Brief", -5 * MINUTE);
	m->queue[0].breached = 1;
	m->queue[0].channel = STR("social");
	m->queue[0].place = STR("Brieftal");
	m->queue[0].owned = STR("yes");
	m->queue[0].tonality = STR("negative");
	m->queue[0].factors = arena_alloc(arena, sizeof angry);
	memcpy(m->queue[0].factors, angry, sizeof angry);
	m->queue[0].n_factors = ARRAY_LEN(angry);
	m->queue[0].sum = 3532;
	m->queue[0].boost = 3532000;
	m->queue[1] = ticket(2, "Where is my parcel?", 12 * MINUTE);
	m->queue[1].warned = 1;
	m->queue[1].state = STR("claimed");
	m->queue[1].agent = STR("anna");
	m->queue[1].token = 7;
	m->queue[1].lease_until = NOW + 8 * MINUTE;
	m->queue[2] = ticket(3, "praise", 0);
	m->queue[2].promise = 0;
	m->queue[2].rank = NOW + 7 * 24 * 60 * MINUTE;
	m->queue[2].deadline = TOP_NONE;
	m->queue[2].promise_state = STR("none");
	m->queue[2].tonality = STR("positive");
	m->n_queue = 3;
	m->waiting = 1;
	m->late = 1;
	m->claimed = 1;
	m->events = arena_zalloc(arena, 8 * sizeof *m->events);
	event(0, "{\"event\":\"claimed\",\"ticket\":2,\"at\":1795425660000,\"agent\":\"anna\"}");
	event(1, "{\"event\":\"activate\",\"ticket\":2,\"at\":1795425600000,\"team\":\"care\","
		 "\"channel\":\"forum\",\"promise\":1800000}");
	event(2, "{\"event\":\"created\",\"ticket\":2,\"at\":1795425600000,\"team\":\"care\","
		 "\"channel\":\"forum\",\"priority\":5}");
	top_model_sort(m);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct top_ui ui_of(enum words_lang lang, size_t width, size_t height)
{
	return (struct top_ui){.lang = lang,
			       .width = width,
			       .height = height,
			       .agent = "bert",
			       .address = "unix:redis.sock",
			       .selected = 1};
}

static struct lines view(struct top_ui *ui)
{
	struct lines v;
	lines_init(&v, arena, ui->width);
	top_view(&v, m, ui);
	for (size_t i = 0; i < v.n; i++) /* whatever happens, the columns hold */
		assert_true(v.at[i].columns <= ui->width);
	if (ui->height)
		assert_true(v.n <= ui->height);
	return v;
}

static void same(const struct lines *v, size_t first, const char *const *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str got = first + i < v->n ? lines_plain(v, first + i) : STR("(no line)");
		if (!str_is(got, want[i]))
			print_error("line %zu\n got \"%.*s\"\nwant \"%s\"\n", first + i,
				    STR_ARG(got), want[i]);
		assert_true(str_is(got, want[i]));
	}
}

/* The line that holds `text`, or SIZE_MAX. */
static size_t line_with(const struct lines *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++) {
		struct str line = lines_plain(v, i);
		if (str_find_str(line, str_of(text)) < line.n)
			return i;
	}
	return SIZE_MAX;
}

static unsigned attr_of(const struct lines *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < v->at[i].n; k++)
			if (str_find_str(v->at[i].runs[k].text, str_of(text)) <
			    v->at[i].runs[k].text.n)
				return v->at[i].runs[k].attr;
	return 0;
}

static void test_english(void **state)
{
	static const char *const want[] = {
	    "Posthorn demo  all teams                                            clock runs x60, "
	    "Mon "
	    "23 Nov 10:22",
	    "412 heard > 138 routed > 44 tickets > 7 unsure",
	    "dropped 274: 200 needs nothing, 44 our own voice, 30 press",
	    "Promises      kept missed    due overdue        │ Just happened",
	    "Social       1,200      2      0       1        │   1 min #2 anna takes it",
	    "Forum           12      0      4       0        │   2 min #2 new: Forum for "
	    "Kundenservice, 30 min",
	    "next breach in 12 min (#2)                      │",
	    "half heard within 5 min, longest 2 h            │",
	    "Queue: 2 waiting, 1 overdue, 1 being worked on",
	    "> 5 min over     Social Brieftal       Seit drei Tagen kein Brief",
	    "                 negative, 12,000 followers, urgent, rule 2 weighs x2, own page, 30 "
	    "min "
	    "promise",
	    "  12 min left    Forum Zustellung      Where is my parcel?",
	    "                 neutral, 30 min promise                                        "
	    "    anna, 8 min left",
	    "  no promise     Forum Zustellung      praise",
	    "                 positive",
	    "",
	};
	struct top_ui ui = ui_of(WORDS_EN, 100, 30);
	struct lines v = view(&ui);
	(void)state;
	same(&v, 0, want, ARRAY_LEN(want));
	assert_int_equal(v.n, 30);
	assert_int_equal(line_with(&v, "Enter receipt"), 29);
	assert_true(attr_of(&v, "5 min over") & TEXT_RED);
	assert_true(attr_of(&v, "12 min left") & TEXT_YELLOW);
	assert_true(attr_of(&v, "no promise") & TEXT_DIM);
}

static void test_german(void **state)
{
	static const char *const want[] = {
	    "Posthorn demo  Team Kundenservice                                     Uhr läuft x60, "
	    "Mo "
	    "23.11. 10:22",
	    "412 gehört > 138 zugestellt > 44 Tickets > 7 unsicher",
	    "aussortiert 274: 200 braucht nichts, 44 eigene Stimme, 30 Presse",
	    "Versprechen gehalten verpasst  offen überfällig │ Eben geschehen",
	    "Social         1.200        2      0          1 │   1 min #2 anna übernimmt",
	    "Forum             12        0      4          0 │   2 min #2 neu: Forum für "
	    "Kundenservice, 30 min",
	    "nächster Bruch in 12 min (#2)                   │",
	    "Hälfte gehört in 5 min, längstens 2 h           │",
	    "Warteschlange: 2 warten, 1 überfällig, 1 in Arbeit",
	    "> 5 min drüber   Social Brieftal       Seit drei Tagen kein Brief",
	    "                 negativ, 12.000 Follower, eilig, Regel 2 wiegt x2, eigene Seite, 30 "
	    "min "
	    "versprochen",
	    "  noch 12 min    Forum Zustellung      Where is my parcel?",
	    "                 neutral, 30 min versprochen                                    "
	    "      du, noch 8 min",
	};
	struct top_ui ui = ui_of(WORDS_DE, 100, 30);
	ui.team = "care";
	ui.agent = "anna";
	struct lines v = view(&ui);
	(void)state;
	same(&v, 0, want, ARRAY_LEN(want));
}

static void test_once(void **state)
{
	struct top_ui ui = ui_of(WORDS_EN, 80, 0);
	struct lines v = view(&ui);
	(void)state;
	assert_int_equal(line_with(&v, "412 heard"), 1);
	assert_int_equal(line_with(&v, "Enter receipt"), SIZE_MAX); /* no hints on paper */
	assert_int_equal(line_with(&v, "> 5 min over"), SIZE_MAX);  /* nobody has selected */
	assert_true(line_with(&v, "Where is my parcel?") != SIZE_MAX);
	assert_true(line_with(&v, "anna takes it") != SIZE_MAX);
}

/* Reasons are said whole or not at all. */
static void test_narrow(void **state)
{
	struct top_ui ui = ui_of(WORDS_EN, 80, 30);
	struct lines v = view(&ui);
	static const char *const want[] = {
	    "                 negative, 12,000 followers, urgent, rule 2 weighs x2, …"};
	(void)state;
	same(&v, line_with(&v, "12,000 followers"), want, 1);
}

/* Every size: nothing too wide, nothing too high, the funnel and the first row from 60x15 on. */
static void test_sizes(void **state)
{
	(void)state;
	for (int lang = WORDS_EN; lang <= WORDS_DE; lang++)
		for (size_t width = 1; width <= 210; width += width < 110 ? 1 : 10)
			for (size_t height = 1; height <= 60; height += height < 30 ? 1 : 10)
				for (int mode = TOP_LIST; mode <= TOP_HELP; mode++) {
					struct arena *whole = arena;
					arena = arena_create(16 * MiB);
					struct top_ui ui =
					    ui_of((enum words_lang)lang, width, height);
					ui.mode = (enum top_mode)mode;
					struct lines v = view(&ui);
					if (mode == TOP_LIST && width >= 60 && height >= 15) {
						assert_int_equal(line_with(&v, "412 "), 1);
						assert_true(line_with(&v, "Seit drei") != SIZE_MAX);
						assert_int_equal(v.n, height);
					}
					arena_free(arena);
					arena = whole;
				}
}

static void test_hostile(void **state)
{
	static const char *const heads[] = {
	    "\033[2J\033[31mred\a alert \u202egnp.exe",
	    "שלום עולם, האם יש מישהו?",
	    "😅👩\u200d👩\u200d👧 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
	    "DonaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkundenDonaudamp"
	    "f",
	    "Z\u0301\u0301\u0301\u0301\u0301\u0301a\u0301\u0301\u0301\u0301lgo",
	    "",
	};
	struct buf out;
	(void)state;
	buf_init(&out, MiB);
	for (size_t k = 0; k < ARRAY_LEN(heads); k++) {
		m->queue[0].head = str_of(heads[k]);
		m->queue[1].place = str_of(heads[k]);
		m->queue[1].agent = str_of(heads[k]);
		m->events[0].agent = str_of(heads[k]);
		struct top_ui ui = ui_of(WORDS_DE, 100, 30);
		struct lines v = view(&ui);
		for (size_t i = 0; i < v.n; i++) {
			struct str plain = lines_plain(&v, i);
			buf_reset(&out);
			lines_ansi(&v, i, false, &out);
			assert_true(utf8_valid(plain));
			assert_true(str_find(plain, '\033', 0) == plain.n);
			assert_true(str_find(plain, '\a', 0) == plain.n);
			assert_true(str_find_str(plain, STR("\u202e")) == plain.n);
			assert_true(str_find_str(buf_view(&out), STR("\033[2J")) == out.n);
			/* the two halves stay apart */
			if (i >= 3 && i <= 7)
				assert_int_equal(
				    text_width(str_sub(plain, 0, str_find_str(plain, STR("│")))),
				    48);
		}
	}
	buf_done(&out);
	struct top_ui ui = ui_of(WORDS_EN, 100, 30);
	m->queue[0].head = STR("@brief @tal where is it? @all");
	struct lines v = view(&ui);
	assert_true(line_with(&v, "Brieftal       where is it? @all") != SIZE_MAX);
	m->queue[0].head = STR("@brief");
	v = view(&ui);
	assert_true(line_with(&v, "Brieftal       @brief") != SIZE_MAX);
	m->queue[0].head = STR("");
	v = view(&ui);
	assert_true(line_with(&v, "(no text)") != SIZE_MAX);
	m->queue[0].deleted = 1;
	v = view(&ui);
	assert_true(line_with(&v, "(deleted at its source)") != SIZE_MAX);
}

static void test_moods(void **state)
{
	struct top_ui ui = ui_of(WORDS_EN, 100, 20);
	struct top_menu menu = {.title = STR("Close #1: why?"),
				.items = {STR("spam"), STR("elsewhere")},
				.n = 2,
				.at = 1};
	(void)state;
	ui.away_since = NOW - 3 * MINUTE;
	struct lines v = view(&ui);
	assert_int_equal(line_with(&v, "Redis is away since 10:19"), 1);
	assert_int_equal(line_with(&v, "412 heard"), 2); /* the last state stays */
	ui.away_since = 0;
	ui.message = "#1 is yours";
	v = view(&ui);
	assert_int_equal(line_with(&v, "#1 is yours"), 19);
	ui.menu = &menu;
	v = view(&ui);
	assert_true(line_with(&v, "> 2 elsewhere") != SIZE_MAX);
	ui.menu = NULL;
	ui.question = "#1: where? ";
	ui.input = "https://example.org/a/very/long/permalink/that/goes/on/and/on/and/on/for/more/"
		   "than/a/line/END";
	v = view(&ui);
	assert_int_equal(line_with(&v, "line/END"), 19); /* the end is where one writes */
	assert_int_equal(line_with(&v, "Enter receipt"), SIZE_MAX);
	m = NULL;
	ui.question = NULL;
	v = view(&ui);
	assert_int_equal(line_with(&v, "Looking for Redis at unix:redis.sock"), 0);
}

static void test_empty(void **state)
{
	struct top_ui ui = ui_of(WORDS_EN, 100, 20);
	(void)state;
	*m = (struct top_model){
	    .arena = arena, .now = NOW, .speed = 1, .next_breach = TOP_NONE, .tenant = STR("t")};
	struct lines v = view(&ui);
	assert_int_equal(line_with(&v, "0 heard > 0 routed > 0 tickets > 0 unsure"), 1);
	assert_true(line_with(&v, "nothing was dropped") != SIZE_MAX);
	assert_true(line_with(&v, "are the programs running?") != SIZE_MAX);
	assert_true(line_with(&v, "no breach ahead") != SIZE_MAX);
	assert_int_equal(line_with(&v, "clock runs"), SIZE_MAX);
}

/* Overdue by weight, aged out before all, the rest by rank; claimed ones keep their place. */
static void test_order(void **state)
{
	(void)state;
	m->n_queue = 0;
	for (int64_t i = 1; i <= 4; i++)
		m->queue[m->n_queue++] = ticket(i, "x", i * MINUTE);
	m->queue[1].breached = 1; /* 2 */
	m->queue[1].boost = 10 * MINUTE;
	m->queue[2].aged = m->queue[2].breached = 1; /* 3 */
	m->queue[2].start = NOW;
	m->queue[3].rank = NOW - 20 * MINUTE; /* 4 */
	m->queue[3].state = STR("claimed");
	top_model_sort(m);
	static const int64_t want[] = {3, 4, 2, 1};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(m->queue[i].id, want[i]);
}

static void test_receipt(void **state)
{
	struct top_detail d = {.id = 1, .found = true, .ticket = m->queue[0], .n_posts = 1};
	struct top_ui ui = ui_of(WORDS_EN, 80, 60);
	(void)state;
	d.posts = arena_zalloc(arena, sizeof *d.posts);
	post_init(&d.posts[0].post);
	d.posts[0].post.text = STR("First paragraph.\n\nAnd \033[31mmore\u202e.");
	d.ticket.author_handle = STR("moni_k");
	d.ticket.followers = 12000;
	d.ticket.when = STR("tonality:negative AND owned:yes");
	m->detail = &d;
	ui.mode = TOP_RECEIPT;
	struct lines v = view(&ui);
	assert_true(line_with(&v, "Ticket #1, waiting, Kundenservice") != SIZE_MAX);
	assert_true(line_with(&v, "@moni_k, 12,000 followers") != SIZE_MAX);
	assert_true(line_with(&v, "  First paragraph.") != SIZE_MAX);
	assert_true(line_with(&v, "  And ·[31mmore.") != SIZE_MAX);
	static const char *const sums[] = {
	    "  weight of the rule    x2                          +693",
	    "  need                  urgent                      +900",
	    "  tonality              negative                    +400",
	    "  channel               Social                      +200",
	    "  own page              own page                    +200",
	    "  speaks to us          on our page                 +200",
	    "  reach                 12,000 followers            +939",
	    "  who writes            customer                       0",
	    "  sum                                             +3,532 points",
	    "  So it is served as if its deadline were 58 min earlier.",
	};
	same(&v, line_with(&v, "weight of the rule"), sums, ARRAY_LEN(sums));
	assert_true(line_with(&v, "Rule 2") != SIZE_MAX);
	assert_int_equal(line_with(&v, "does not add up"), SIZE_MAX);
	d.ticket.sum = 4000; /* a receipt that lies is told on */
	v = view(&ui);
	assert_true(line_with(&v, "does not add up: the receipt says 4,000") != SIZE_MAX);
	ui.height = 10;
	ui.receipt_first = 1000;
	v = view(&ui);
	assert_true(ui.receipt_first + ui.receipt_rows == ui.receipt_lines);
	d.found = false;
	v = view(&ui);
	assert_true(line_with(&v, "Ticket #1 is not there any more") != SIZE_MAX);
}

static void test_events(void **state)
{
	static const struct {
		const char *json, *en;
	} rows[] = {
	    {"{\"event\":\"warn\",\"ticket\":1,\"deadline\":1795426020000}",
	     "will be late: 5 min left"},
	    {"{\"event\":\"warn\",\"ticket\":1,\"deadline\":1}", "was about to be late"},
	    {"{\"event\":\"breach\",\"ticket\":1}", "promise broken, no answer yet"},
	    {"{\"event\":\"released\",\"agent\":\"bo\",\"reason\":\"expired\"}",
	     "bo ran out of time, back in the queue"},
	    {"{\"event\":\"released\",\"agent\":\"bo\",\"reason\":\"agent\"}", "bo gives it back"},
	    {"{\"event\":\"fulfill\",\"in_time\":true,\"by\":\"own:hilft\"}",
	     "promise kept by @hilft (heard)"},
	    {"{\"event\":\"answered\",\"by\":\"bo\"}", "answered by bo"},
	    {"{\"event\":\"closed\",\"by\":\"source\",\"reason\":\"deleted\"}",
	     "closed by the source: deleted at its source"},
	    {"{\"event\":\"corrected\",\"by\":\"bo\",\"name\":\"tonality\",\"from\":\"negative\","
	     "\"to\":\"positive\"}",
	     "bo corrects tonality: positive, not negative"},
	    {"{\"event\":\"something_new\"}", "something_new"},
	    {"not json", ""},
	};
	struct say say = {m, WORDS_EN, "anna", arena};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct top_event e;
		bool both;
		top_event_read(&e, str_of(rows[i].json), arena);
		struct said s = say_event(&say, &e, NULL, &both);
		if (!str_is(s.text, rows[i].en))
			print_error("got \"%.*s\", want \"%s\"\n", STR_ARG(s.text), rows[i].en);
		assert_true(str_is(s.text, rows[i].en));
		assert_false(both);
	}
}

/* The hands without Redis: moves, refusals and questions; nothing here may reach a store. */
static void test_hands(void **state)
{
	struct hands h;
	(void)state;
	hands_init(&h, WORDS_EN, "bert", "unix:x", NULL, 600000);
	hands_key(&h, 'c');
	assert_string_equal(h.message, "Redis is away: nothing was done.");
	hands_model(&h, m);
	assert_int_equal(h.ui.selected, 1);
	hands_key(&h, 'j');
	assert_int_equal(h.ui.selected, 2);
	hands_key(&h, 'c');
	assert_string_equal(h.message,
			    "anna has #2: choose another, or wait until it is released.");
	hands_key(&h, 'x');
	assert_null(h.ui.menu);
	assert_true(h.ui.refusal);
	hands_key(&h, TERM_HOME);
	hands_key(&h, 'a');
	assert_string_equal(h.message, "#1 is not yours yet: claim it first (c).");
	hands_key(&h, 'x');
	assert_non_null(h.ui.menu);
	assert_int_equal(h.menu.n, 7);
	hands_key(&h, TERM_ENTER); /* nothing chosen: nothing closed */
	assert_non_null(h.ui.menu);
	hands_key(&h, TERM_ESCAPE);
	assert_null(h.ui.menu);
	hands_key(&h, 'w');
	assert_int_equal(h.menu.n, 7);
	hands_key(&h, TERM_ESCAPE);

	/* the ticket moves, the selection follows it */
	struct top_ticket first = m->queue[0];
	m->queue[0] = m->queue[2];
	m->queue[2] = first;
	hands_model(&h, m);
	assert_int_equal(h.ui.selected, 1);
	assert_int_equal(h.index, 2);
	/* it is gone: the row keeps */
	m->n_queue = 2;
	hands_model(&h, m);
	assert_int_equal(h.ui.selected, 2);

	/* mine: the question takes the post's link, only a link is an answer */
	m->queue[1].agent = STR("bert");
	m->queue[1].url = STR("https://example.org/p/2");
	hands_model(&h, m);
	hands_key(&h, 'a');
	assert_string_equal(h.input, "https://example.org/p/2");
	hands_key(&h, TERM_CLEAR);
	hands_key(&h, 'n');
	hands_key(&h, 0xfc);
	hands_key(&h, TERM_BACKSPACE);
	assert_string_equal(h.input, "n");
	hands_key(&h, TERM_ENTER);
	assert_null(h.ui.question);
	assert_string_equal(h.message, "That is no link (http or https): nothing was done.");

	hands_key(&h, 't');
	assert_int_equal(h.menu.n, 2);
	hands_key(&h, '2');
	assert_string_equal(h.ui.team, "care");
	hands_key(&h, TERM_ENTER);
	assert_int_equal(h.ui.mode, TOP_RECEIPT);
	hands_key(&h, 'q');
	assert_int_equal(h.ui.mode, TOP_LIST);
	assert_false(h.quit);
	hands_key(&h, 'q');
	assert_true(h.quit);
	hands_done(&h);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    EACH(test_english), EACH(test_german),  EACH(test_once),   EACH(test_narrow),
	    EACH(test_sizes),   EACH(test_hostile), EACH(test_moods),  EACH(test_empty),
	    EACH(test_order),   EACH(test_receipt), EACH(test_events), EACH(test_hands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
