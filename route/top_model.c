/*
 * top_model.c: one pipelined round trip that reads all a screen needs.
 *
 * The queues' tickets come with their fields through SORT_RO ... BY nosort GET: one command per set,
 * in the set's own order, nothing written, no second question.  The names of teams are needed
 * before their sets can be asked for: the first question of a reader asks for them alone.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"

#include "route/keys.h"
#include "route/receipt.h"
#include "route/top_model.h"

enum { TEAMS_ASKED = 64, WORDS_MAX = 160 };

enum part {
	P_TEAMS,
	P_COUNT,
	P_DEADLINE,
	P_RECENT,
	P_TIME,
	P_CARD_WAITING,
	P_CARD_LATE,
	P_CARD_LEASE,
	P_SET,
	P_LEASED,
	P_TICKET,
	P_POSTS,
	P_OTHERS
};

struct asked { /* one command in flight */
	struct top_reader *reader;
	enum part part;
};

struct top_reader {
	struct redis *redis;
	char *tenant;
	top_model_fn *fn;
	void *arg;
	struct arena *arena[2];
	int turn; /* which arena the next model takes; the other holds the last one */
	struct top_model *model;
	struct str prefix;
	struct top_ask ask;
	char *team;
	char *teams[TEAMS_ASKED]; /* known from the last model */
	size_t n_teams;
	size_t open; /* commands not answered */
	bool probing, gone;
	int64_t spoken_ticket; /* the last detail's conversation: its other authors are counted */
	char *spoken;
};

struct top_reader *top_reader_create(struct redis *redis, const char *tenant, top_model_fn *fn,
				     void *arg)
{
	struct top_reader *r = xcalloc(1, sizeof *r);
	r->redis = redis;
	r->tenant = xstrdup(tenant);
	r->fn = fn;
	r->arg = arg;
	for (int i = 0; i < 2; i++)
		r->arena[i] = arena_create(256 * MiB);
	return r;
}

void top_reader_free(struct top_reader *r)
{
	if (!r)
		return;
	for (int i = 0; i < 2; i++)
		arena_free(r->arena[i]);
	for (size_t i = 0; i < r->n_teams; i++)
		free(r->teams[i]);
	free(r->spoken);
	free(r->team);
	free(r->tenant);
	free(r);
}

/* ---- answers ---- */

static struct str kept(struct top_reader *r, const struct redis_reply *reply)
{
	return reply->type == REDIS_TEXT ? arena_str(r->model->arena, reply->text) : STR_NULL;
}

static int64_t int_of(const struct redis_reply *reply, int64_t otherwise)
{
	int64_t n = otherwise;
	if (reply->type == REDIS_INT)
		n = reply->number;
	else if (reply->type == REDIS_TEXT)
		(void)num_int(reply->text, INT64_MIN + 1, INT64_MAX, &n);
	return n;
}

static void take_teams(struct top_model *m, const struct redis_reply *reply)
{
	for (size_t i = 0; i + 1 < reply->n; i += 2)
		top_model_team(m, reply->items[i].text)->label =
		    arena_str(m->arena, reply->items[i + 1].text);
}

static void take_counts(struct top_model *m, const struct redis_reply *reply)
{
	for (size_t i = 0; i + 1 < reply->n; i += 2)
		top_model_counter(m, reply->items[i].text, int_of(&reply->items[i + 1], 0));
}

static void take_events(struct top_model *m, const struct redis_reply *reply)
{
	m->events = arena_zalloc(m->arena, (reply->n + 1) * sizeof *m->events);
	for (size_t i = 0; i < reply->n; i++)
		top_event_read(&m->events[m->n_events++], reply->items[i].text, m->arena);
}

static void set_fields(struct top_reader *r, struct top_ticket *t, const struct redis_reply *items)
{
	top_ticket_init(t);
	for (size_t k = 0; k < top_ticket_n_fields; k++)
		top_ticket_set(t, k, kept(r, &items[k]));
	top_ticket_receipt(t, r->model->arena);
}

static void take_set(struct top_reader *r, const struct redis_reply *reply, bool leased)
{
	struct top_model *m = r->model;
	size_t width = top_ticket_n_fields, n = reply->n / width;
	struct top_ticket *more = arena_alloc(m->arena, (m->n_queue + n + 1) * sizeof *more);
	if (m->n_queue)
		memcpy(more, m->queue, m->n_queue * sizeof *more);
	m->queue = more;
	for (size_t i = 0; i < n; i++) {
		struct top_ticket *t = &m->queue[m->n_queue];
		set_fields(r, t, &reply->items[i * width]);
		if (t->id == TOP_NONE)
			continue; /* its hash is gone: a set that is being cleaned */
		if (leased && r->team && !str_is(t->team, r->team))
			continue;
		m->n_queue++;
	}
}

static void take_posts(struct top_reader *r, const struct redis_reply *reply)
{
	struct top_detail *d = r->model->detail;
	d->posts = arena_zalloc(r->model->arena, (reply->n + 1) * sizeof *d->posts);
	for (size_t i = 0; i < reply->n; i++) {
		struct top_post *p = &d->posts[d->n_posts];
		struct str json = kept(r, &reply->items[i]);
		/* one that cannot be read was written by a newer version: the rest is shown */
		if (json.n && !scored_parse(json, r->model->arena, &p->post, &p->analysis,
					    &p->has_analysis, NULL))
			d->n_posts++;
	}
}

static void take_ticket(struct top_reader *r, const struct redis_reply *reply)
{
	struct top_detail *d = r->model->detail;
	struct error why;
	if (reply->n != top_ticket_n_fields || reply->items[0].type != REDIS_TEXT)
		return;
	d->found = true;
	set_fields(r, &d->ticket, reply->items);
	if (d->ticket.receipt.n && receipt_recompute(d->ticket.receipt, &why))
		d->ticket.wrong = arena_str(r->model->arena, str_of(why.text));
	free(r->spoken);
	r->spoken = xstrndup(d->ticket.conversation.n ? d->ticket.conversation.p : "",
			     d->ticket.conversation.n);
	r->spoken_ticket = d->id;
}

static void take(struct top_reader *r, enum part part, const struct redis_reply *reply)
{
	struct top_model *m = r->model;
	switch (part) {
	case P_TEAMS: take_teams(m, reply); break;
	case P_COUNT: take_counts(m, reply); break;
	case P_DEADLINE:
		if (reply->n >= 2) {
			m->next_breach_ticket = int_of(&reply->items[0], TOP_NONE);
			m->next_breach = int_of(&reply->items[1], TOP_NONE);
		}
		break;
	case P_RECENT: take_events(m, reply); break;
	case P_TIME:
		if (reply->n == 2)
			m->redis_now =
			    int_of(&reply->items[0], 0) * 1000 + int_of(&reply->items[1], 0) / 1000;
		break;
	case P_CARD_WAITING: m->waiting += int_of(reply, 0); break;
	case P_CARD_LATE: m->late += int_of(reply, 0); break;
	case P_CARD_LEASE: m->claimed = int_of(reply, 0); break;
	case P_SET: take_set(r, reply, false); break;
	case P_LEASED: take_set(r, reply, true); break;
	case P_TICKET: take_ticket(r, reply); break;
	case P_POSTS: take_posts(r, reply); break;
	case P_OTHERS: {
		/* the ticket itself came before: it is one of those while it is not finished */
		struct str state = m->detail->ticket.state;
		bool itself = str_is(state, "open") || str_is(state, "claimed");
		m->detail->others = int_of(reply, 0) - itself;
		break;
	}
	}
}

static void begin(struct top_reader *r, bool probe);
static void answered(struct top_reader *r);

static void remember_teams(struct top_reader *r)
{
	for (size_t i = 0; i < r->n_teams; i++)
		free(r->teams[i]);
	r->n_teams = 0;
	for (size_t i = 0; i < r->model->n_teams && r->n_teams < TEAMS_ASKED; i++)
		r->teams[r->n_teams++] =
		    xstrndup(r->model->teams[i].name.p, r->model->teams[i].name.n);
}

static int64_t utc_offset_ms(int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;
	return localtime_r(&t, &tm) ? (int64_t)tm.tm_gmtoff * 1000 : 0;
}

static void finish(struct top_reader *r)
{
	struct top_model *m = r->model;
	if (r->gone) {
		if (r->fn)
			r->fn(r->arg, NULL);
		return;
	}
	remember_teams(r);
	if (r->probing) {
		begin(r, false);
		return;
	}
	if (r->team) { /* leases are one set for all teams */
		m->claimed = 0;
		for (size_t i = 0; i < m->n_queue; i++)
			m->claimed += str_is(m->queue[i].state, "claimed");
	}
	top_model_sort(m);
	if (m->n_queue > r->ask.tickets)
		m->n_queue = r->ask.tickets;
	r->turn = !r->turn; /* this one stays while the next is made */
	if (r->fn)
		r->fn(r->arg, m);
}

static void on_part(void *arg, const struct redis_reply *reply)
{
	struct asked *asked = arg;
	struct top_reader *r = asked->reader;
	enum part part = asked->part;
	free(asked);
	if (reply->type == REDIS_GONE)
		r->gone = true;
	else if (reply->type == REDIS_ERROR)
		r->model->refused = arena_str(r->model->arena, reply->text);
	else if (!r->gone)
		take(r, part, reply);
	answered(r);
}

/* ---- questions ---- */

static void send(struct top_reader *r, enum part part, size_t n, const struct str *words)
{
	struct asked *asked = xmalloc(sizeof *asked);
	*asked = (struct asked){r, part};
	r->open++;
	redis_send(r->redis, on_part, asked, n, words);
}

static struct str key(struct top_reader *r, const char *name)
{
	return keys_of(r->prefix, name, r->model->arena);
}

/* SORT_RO KEY BY nosort LIMIT 0 n GET ticket:*->field ... */
static void send_set(struct top_reader *r, enum part part, struct str set)
{
	struct arena *arena = r->model->arena;
	struct str words[WORDS_MAX];
	size_t n = 0;
	words[n++] = STR("SORT_RO");
	words[n++] = set;
	words[n++] = STR("BY");
	words[n++] = STR("nosort");
	words[n++] = STR("LIMIT");
	words[n++] = STR("0");
	words[n++] = str_of(arena_printf(arena, "%zu", r->ask.tickets));
	for (size_t i = 0; i < top_ticket_n_fields; i++) {
		must(n + 2 <= WORDS_MAX);
		words[n++] = STR("GET");
		words[n++] = str_of(arena_printf(arena, "%.*sticket:*->%s", STR_ARG(r->prefix),
						 top_ticket_field(i)));
	}
	send(r, part, n, words);
}

static void send_detail(struct top_reader *r)
{
	struct arena *arena = r->model->arena;
	struct str id = str_of(arena_printf(arena, "%lld", (long long)r->ask.ticket));
	struct str words[WORDS_MAX];
	size_t n = 0;
	r->model->detail = arena_zalloc(arena, sizeof *r->model->detail);
	r->model->detail->id = r->ask.ticket;
	words[n++] = STR("HMGET");
	words[n++] = keys_item(r->prefix, "ticket:", id, arena);
	for (size_t i = 0; i < top_ticket_n_fields; i++) {
		must(n < WORDS_MAX);
		words[n++] = str_of(top_ticket_field(i));
	}
	send(r, P_TICKET, n, words);
	struct str posts[] = {STR("SORT_RO"),
			      keys_item(r->prefix, "posts:", id, arena),
			      STR("BY"),
			      STR("nosort"),
			      STR("LIMIT"),
			      STR("0"),
			      str_of(arena_printf(arena, "%d", TOP_POSTS_MAX)),
			      STR("GET"),
			      key(r, "post:*")};
	send(r, P_POSTS, ARRAY_LEN(posts), posts);
	if (r->spoken && r->spoken_ticket == r->ask.ticket)
		send(r, P_OTHERS, 2,
		     (struct str[]){STR("HLEN"),
				    keys_item(r->prefix, "conv:", str_of(r->spoken), arena)});
}

static void send_team(struct top_reader *r, const char *team)
{
	struct arena *arena = r->model->arena;
	struct str waiting = keys_item(r->prefix, "q:", str_of(team), arena);
	struct str late = keys_item(r->prefix, "late:", str_of(team), arena);
	send(r, P_CARD_WAITING, 2, (struct str[]){STR("ZCARD"), waiting});
	send(r, P_CARD_LATE, 2, (struct str[]){STR("ZCARD"), late});
	send_set(r, P_SET, waiting);
	send_set(r, P_SET, late);
}

static void new_model(struct top_reader *r)
{
	struct arena *arena = r->arena[r->turn];
	arena_reset(arena);
	struct top_model *m = arena_zalloc(arena, sizeof *m);
	m->arena = arena;
	m->now = clock_wall_ms();
	m->redis_now = clock_real_ms();
	m->speed = clock_speed();
	m->utc_offset_ms = utc_offset_ms(m->now);
	m->tenant = arena_str(arena, str_of(r->tenant));
	m->next_breach = m->next_breach_ticket = TOP_NONE;
	r->model = m;
	r->prefix = keys_prefix(r->tenant, arena);
	r->gone = false;
}

static void send_all(struct top_reader *r)
{
	struct arena *arena = r->model->arena;
	struct str now = str_of(arena_printf(arena, "(%lld", (long long)r->model->now));
	send(r, P_DEADLINE, 8,
	     (struct str[]){STR("ZRANGEBYSCORE"), key(r, "deadline"), now, STR("+inf"),
			    STR("WITHSCORES"), STR("LIMIT"), STR("0"), STR("1")});
	send(r, P_RECENT, 4,
	     (struct str[]){STR("LRANGE"), key(r, "recent"), STR("0"),
			    str_of(arena_printf(arena, "%d", TOP_EVENTS - 1))});
	send(r, P_TIME, 1, (struct str[]){STR("TIME")});
	send(r, P_CARD_LEASE, 2, (struct str[]){STR("ZCARD"), key(r, "lease")});
	send_set(r, P_LEASED, key(r, "lease"));
	if (r->team)
		send_team(r, r->team);
	for (size_t i = 0; !r->team && i < r->n_teams; i++)
		send_team(r, r->teams[i]);
	if (r->ask.ticket)
		send_detail(r);
}

static void answered(struct top_reader *r)
{
	if (--r->open == 0)
		finish(r);
}

static void begin(struct top_reader *r, bool probe)
{
	new_model(r);
	r->probing = probe;
	r->open = 1; /* until all is sent: with Redis away the answers come at once */
	send(r, P_TEAMS, 2, (struct str[]){STR("HGETALL"), key(r, "teams")});
	send(r, P_COUNT, 2, (struct str[]){STR("HGETALL"), key(r, "count")});
	if (!probe)
		send_all(r);
	answered(r);
}

bool top_reader_ask(struct top_reader *r, const struct top_ask *ask)
{
	if (r->open)
		return false;
	char *team = xstrdup(ask->team);
	free(r->team);
	r->team = team;
	r->ask = *ask;
	r->ask.team = team;
	if (r->ask.tickets > TOP_TICKETS_MAX)
		r->ask.tickets = TOP_TICKETS_MAX;
	begin(r, r->n_teams == 0);
	return true;
}

/* ---- for tools ---- */

struct patience {
	struct top_reader *reader;
	top_model_fn *fn;
	void *arg;
	const struct top_model *model;
};

static void on_waited(void *arg, const struct top_model *model)
{
	struct patience *p = arg;
	p->model = model;
}

const struct top_model *top_reader_wait(struct top_reader *r, struct loop *loop,
					const struct top_ask *ask, int64_t timeout_ms)
{
	struct patience p = {.reader = r, .fn = r->fn, .arg = r->arg};
	int64_t until = clock_mono_ms() + timeout_ms;
	r->fn = on_waited;
	r->arg = &p;
	while (!p.model && clock_mono_ms() < until) {
		if (redis_up(r->redis))
			(void)top_reader_ask(r, ask);
		if (!p.model)
			loop_turn(loop, 20);
	}
	r->fn = p.fn;
	r->arg = p.arg;
	return p.model;
}
