#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/mem.h"
#include "common/post.h"

#include "tests/kill/gen.h"
#include "tests/kill/random.h"

enum { TALKS = 300, RECENT = 400 };

/* A conversation that is being told. */
struct talk {
	char root[40], last[40]; /* ids; root "" : free place */
	int left, authors, number;
	const char *channel;
	bool press;
};

struct recent {
	char *line; /* as written, to be written again */
	size_t row; /* of the post in wants */
	int64_t number;
};

struct gen {
	struct random random;
	struct wants *wants;
	struct gen_sums *sums;
	struct arena *arena;
	struct buf line;
	FILE *to;
	int64_t now_ms, at_ms; /* of the line */
	struct talk talks[TALKS];
	struct recent recent[RECENT];
	size_t n_recent;
	int64_t posts, talked;
	size_t line_number;
};

static const char *const words[] = {
    "Brief",     "Paket",     "Zustellung", "seit",   "Tagen", "wartet",  "niemand", "antwortet",
    "E-Brief",   "Einspruch", "Filiale",    "gut",    "danke", "schade",  "letter",  "parcel",
    "delivered", "never",     "again",      "please", "help",  "support", "morning", "straße",
};

static const char *text(struct gen *gen, const char *mark)
{
	struct buf buf;
	size_t n = 4 + random_below(&gen->random, 40);
	if (random_below(&gen->random, 2000) == 0)
		n = 12000; /* about 90 kB */
	buf_init(&buf, 1 * MiB);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(&buf, "%s%s", i ? " " : "",
				 words[random_below(&gen->random, ARRAY_LEN(words))]);
	if (*mark)
		(void)buf_printf(&buf, " %s", mark);
	const char *z = arena_z(gen->arena, buf_view(&buf));
	buf_done(&buf);
	return z;
}

static int put(struct gen *gen, const struct post *post)
{
	struct post copy = *post;
	copy.rev = post_rev(gen->arena, &copy);
	buf_reset(&gen->line);
	must(post_write(&gen->line, &copy) == 0 && buf_char(&gen->line, '\n') == 0);
	return fwrite(gen->line.p, 1, gen->line.n, gen->to) == gen->line.n ? 0 : -1;
}

static void remember(struct gen *gen, size_t row)
{
	struct recent *r = &gen->recent[(size_t)gen->posts % RECENT];
	free(r->line);
	*r = (struct recent){xstrndup(gen->line.p, gen->line.n), row, gen->posts};
	if (gen->n_recent < RECENT)
		gen->n_recent++;
}

static void base(struct gen *gen, struct post *post, const char *id, const char *conversation)
{
	post_init(post);
	post->id = str_of(id);
	post->conversation = str_of(conversation);
	post->source = STR("kill");
	post->driver = STR("replay");
	post->channel = STR("forum");
	post->place = STR("Zustellung");
	post->created_at = gen->at_ms;
	post->fetched_at = gen->at_ms + 1000;
	post->date_quality = POST_DATE_EXACT;
}

/* The next post of a conversation, or the first of a new one. */
static int tell(struct gen *gen)
{
	struct talk *talk = &gen->talks[random_below(&gen->random, TALKS)];
	struct post post;
	char id[40], handle[40];
	(void)snprintf(id, sizeof id, "replay:kill:p%" PRId64, gen->posts);
	bool opening = talk->left == 0;
	if (opening) {
		*talk = (struct talk){.left = 1 + (int)random_below(&gen->random, 6),
				      .authors = 1 + (int)random_below(&gen->random, 3),
				      .number = (int)gen->talked++,
				      .press = random_below(&gen->random, 12) == 0};
		(void)snprintf(talk->root, sizeof talk->root, "%s", id);
		talk->channel = talk->press                     ? "news"
				: random_below(&gen->random, 3) ? "forum"
								: "social";
	}
	talk->left--;
	base(gen, &post, id, talk->root);
	post.channel = str_of(talk->channel);
	post.kind = opening ? STR("post") : STR("reply");
	post.parent = opening ? STR_NULL : str_of(arena_printf(gen->arena, "%s", talk->last));
	post.title = opening ? STR("Wo bleibt er?") : STR_NULL;
	post.text = str_of(text(gen, ""));
	(void)snprintf(handle, sizeof handle, "user%d_%d", talk->number,
		       (int)random_below(&gen->random, (uint64_t)talk->authors));
	unsigned dice = (unsigned)random_below(&gen->random, 100);
	bool own = dice < 5, backfill = dice == 5, old = dice == 6;
	post.author.id = post.author.handle = own ? STR("brieftal_hilft") : str_of(handle);
	if (own)
		post.author.role = STR("us");
	post.backfill = backfill;
	if (old)
		post.created_at -= (int64_t)30 * 86400000;
	(void)snprintf(talk->last, sizeof talk->last, "%s", id);

	struct want *want = want_add(gen->wants, id, talk->root);
	want->reason = backfill      ? "backfill"
		       : own         ? "own"
		       : old         ? "old"
		       : talk->press ? "press"
				     : NULL;
	want->fate = want->reason ? FATE_FILTERED : FATE_TICKET;
	want->line = gen->line_number;
	*(want->reason ? &gen->sums->filtered : &gen->sums->tickets) += 1;
	if (put(gen, &post))
		return -1;
	remember(gen, want_number(gen->wants, want));
	gen->posts++;
	gen->sums->posts++;
	return 0;
}

static int repeat(struct gen *gen)
{
	struct recent *r = &gen->recent[random_below(&gen->random, gen->n_recent)];
	size_t n = strlen(r->line);
	/* the old text once more after an update would be another update */
	if (*want_at(gen->wants, r->row)->mark)
		return tell(gen);
	gen->sums->repeats++;
	return fwrite(r->line, 1, n, gen->to) == n ? 0 : -1;
}

/* A post told some time ago gets another text, or is deleted. */
static int change(struct gen *gen, bool delete)
{
	struct recent *r = &gen->recent[random_below(&gen->random, gen->n_recent)];
	struct want *want = want_at(gen->wants, r->row);
	struct post post;
	struct error err;
	/* one change per post: the outcome of several would hang on what a crash repeats */
	if (want->fate != FATE_TICKET || *want->mark)
		return tell(gen);
	must(post_parse(arena_str(gen->arena, (struct str){r->line, strlen(r->line) - 1}),
			gen->arena, &post, &err) == 0);
	want->change_line = gen->line_number;
	if (delete) {
		struct post gone;
		base(gen, &gone, want->id, want->conversation);
		gone.op = POST_DELETE;
		gone.created_at = post.created_at;
		want->fate = FATE_GONE;
		gen->sums->deletes++;
		gen->sums->gone++;
		gen->sums->tickets--;
		return put(gen, &gone);
	}
	(void)snprintf(want->mark, sizeof want->mark, "#edit%zu", gen->sums->updates++);
	post.op = POST_UPDATE;
	post.text = str_of(text(gen, want->mark));
	post.edited_at = post.fetched_at = gen->at_ms;
	return put(gen, &post);
}

static int delete_unknown(struct gen *gen)
{
	char id[40];
	struct post post;
	(void)snprintf(id, sizeof id, "replay:kill:x%zu", gen->sums->deletes++);
	base(gen, &post, id, id);
	post.op = POST_DELETE;
	struct want *want = want_add(gen->wants, id, id);
	want->fate = FATE_FILTERED;
	want->reason = "delete_unknown";
	want->line = gen->line_number;
	gen->sums->filtered++;
	return put(gen, &post);
}

static int broken(struct gen *gen)
{
	static const char *const lines[] = {"{\"v\":1,\"op\":\"create\",\"id\":\n", "no post\n",
					    "{\"v\":1,\"op\":\"create\",\"id\":\"\xff\xfe\"}\n",
					    "\n"};
	const char *line = lines[random_below(&gen->random, ARRAY_LEN(lines))];
	gen->sums->broken++;
	return fputs(line, gen->to) == EOF ? -1 : 0;
}

static int line(struct gen *gen)
{
	unsigned dice = (unsigned)random_below(&gen->random, 1000);
	arena_reset(gen->arena);
	if (gen->n_recent < 50 || dice >= 75)
		return tell(gen);
	if (dice < 50)
		return repeat(gen);
	if (dice < 60)
		return change(gen, false);
	if (dice < 66)
		return change(gen, true);
	return dice < 72 ? delete_unknown(gen) : broken(gen);
}

int gen_write(const char *path, uint64_t seed, size_t lines, int64_t now_ms, struct wants *wants,
	      struct gen_sums *ret_sums, struct error *err)
{
	struct gen *gen = xcalloc(1, sizeof *gen);
	int rc = 0;
	*ret_sums = (struct gen_sums){.lines = lines};
	gen->random.state = seed;
	gen->wants = wants;
	gen->sums = ret_sums;
	gen->arena = arena_create(8 * MiB);
	gen->now_ms = now_ms;
	buf_init(&gen->line, 2 * MiB);
	gen->to = fopen(path, "we");
	if (!gen->to)
		rc = error_set(err, "could not write \"%s\": %s", path, strerror(errno));
	for (size_t i = 0; rc == 0 && i < lines; i++) {
		gen->line_number = i + 1;
		gen->at_ms = now_ms - 3600000 + (int64_t)(i * 3500000 / lines);
		if (line(gen))
			rc = error_set(err, "could not write \"%s\": %s", path, strerror(errno));
	}
	if (gen->to && fclose(gen->to) && rc == 0)
		rc = error_set(err, "could not write \"%s\": %s", path, strerror(errno));
	for (size_t i = 0; i < RECENT; i++)
		free(gen->recent[i].line);
	buf_done(&gen->line);
	arena_free(gen->arena);
	free(gen);
	return rc;
}
