/*
 * replay.c: posts from a file of JSON lines, as fast as they can be taken or paced.  The driver to
 * copy from.
 *
 * The lines are posts as docs/INTERFACES.md describes them, in the order in which they happened.  What a
 * line leaves open (channel, place, fetched_at) is filled from the configuration.
 *
 * The cursor is "OFFSET ROUND LINE": where the next line starts, how often the file has been read to its
 * end (`loop: yes`), and the number of the last line.  From the second round on ids get the suffix ~ROUND, else
 * everything would be known already.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/num.h"

#include "ingest/source.h"

enum { PAGE_LINES = 1000 };

struct replay_options {
	const char *file;
	int64_t rate;
	bool loop;
};

struct replay_memory {
	bool ended;
	int64_t started_ms; /* wall time at which pacing started */
	int64_t given;      /* lines since then */
};

static const struct conf_row rows[] = {
    CONF_PATH(struct replay_options, file, CONF_NEEDED, "posts as JSON lines"),
    CONF_INT(struct replay_options, rate, "0", "0", "1000000",
	     "posts per second of wall time; 0: as fast as they are taken"),
    CONF_BOOL(struct replay_options, loop, "no", "start again at the end of the file"), CONF_END};

struct place {
	int64_t offset, round, line;
};

static struct place place_of(struct str cursor)
{
	struct place place = {0, 0, 0};
	struct str rest = cursor, part;
	int64_t *const to[] = {&place.offset, &place.round, &place.line};
	for (size_t i = 0; i < 3 && str_split(&rest, ' ', &part); i++)
		if (num_int(part, 0, INT64_MAX, to[i]))
			return (struct place){0, 0,
					      0}; /* not ours: from the start, ids tell the rest */
	return place;
}

/* How many lines are due at now_ms; starts the pace at the first call. */
static int64_t lines_due(const struct replay_options *options, struct replay_memory *memory,
			 int64_t now_ms)
{
	if (options->rate == 0)
		return PAGE_LINES;
	if (memory->started_ms == 0)
		memory->started_ms = now_ms;
	/* the first line is due at once; whole seconds apart, so that nothing overflows */
	int64_t past = now_ms - memory->started_ms;
	int64_t due =
	    past / 1000 * options->rate + past % 1000 * options->rate / 1000 + 1 - memory->given;
	if (due > options->rate + PAGE_LINES) { /* held up for long: go on from here, no burst */
		memory->started_ms = now_ms;
		memory->given = 0;
		due = 1;
	}
	return due < PAGE_LINES ? due : PAGE_LINES;
}

static void replay_ask(const struct source *source, void *memory, struct str cursor, int64_t now_ms,
		       struct source_ask *ret)
{
	const struct replay_options *options = source->options;
	struct replay_memory *m = memory;
	struct place place = place_of(cursor);
	*ret =
	    (struct source_ask){.want = SOURCE_READ, .path = options->file, .offset = place.offset};
	if (m->ended) {
		ret->want = SOURCE_END;
	} else if (lines_due(options, m, now_ms) < 1) {
		ret->want = SOURCE_WAIT;
		ret->until_ms =
		    m->started_ms + (m->given * 1000 + options->rate - 1) / options->rate;
		if (ret->until_ms <= now_ms)
			ret->until_ms = now_ms + 1;
	}
}

static struct str suffixed(struct arena *arena, struct str id, int64_t round)
{
	if (!id.p || round == 0)
		return id;
	return str_of(arena_printf(arena, "%.*s~%" PRId64, STR_ARG(id), round));
}

static void complete(const struct source *source, const struct source_page *page, int64_t round,
		     struct arena *arena, struct post *post)
{
	post->id = suffixed(arena, post->id, round);
	post->conversation = suffixed(arena, post->conversation, round);
	post->parent = suffixed(arena, post->parent, round);
	post->source = str_of(source->name);
	if (post->driver.n == 0)
		post->driver = STR("replay");
	if (post->channel.n == 0)
		post->channel = str_of(source->channel);
	if (post->place.n == 0)
		post->place = str_of(source->place);
	if (source->owned)
		post->owned = true;
	if (post->fetched_at == POST_NO_TIME)
		post->fetched_at = page->fetched_at;
	if (post->created_at != POST_NO_TIME && post->date_quality == POST_DATE_MISSING)
		post->date_quality =
		    POST_DATE_EXACT; /* our format is exact unless it says otherwise */
}

static void replay_read(const struct source *source, void *memory, const struct source_page *page,
			struct str cursor, struct arena *arena, struct source_posts *ret)
{
	const struct replay_options *options = source->options;
	struct replay_memory *m = memory;
	struct place place = place_of(cursor);
	int64_t want = lines_due(options, m, page->fetched_at), taken = 0;
	size_t at = 0;
	*ret = (struct source_posts){.verdict = SOURCE_GOOD, .more = true};
	ret->posts = arena_alloc(arena, PAGE_LINES * sizeof *ret->posts);
	if (want < 1)
		want = 1;
	while (taken < want && at < page->bytes.n) {
		size_t end = str_find(page->bytes, '\n', at);
		if (end == page->bytes.n && !page->last && at > 0)
			break; /* the rest of the line is in the next piece */
		struct str line = arena_str(arena, str_trim(str_sub(page->bytes, at, end)));
		struct error err;
		at = end < page->bytes.n ? end + 1 : end;
		place.line++;
		if (line.n == 0)
			continue;
		taken++;
		struct post *post = &ret->posts[ret->n];
		if (post_parse(line, arena, post, &err) == 0) {
			complete(source, page, place.round, arena, post);
			ret->n++;
		} else {
			ret->verdict = SOURCE_FLAWED;
			ret->n_bad++;
			ret->reason =
			    arena_printf(arena, "line %" PRId64 ": %s", place.line, err.text);
		}
	}
	m->given += taken;
	place.offset += (int64_t)at;
	if (page->last && at == page->bytes.n) {
		if (options->loop && place.offset > 0)
			place = (struct place){0, place.round + 1, 0};
		else
			m->ended = true;
	}
	ret->cursor = str_of(arena_printf(arena, "%" PRId64 " %" PRId64 " %" PRId64, place.offset,
					  place.round, place.line));
}

const struct source_driver source_replay = {
    .name = "replay",
    .help = "posts from a file of JSON lines",
    .options = rows,
    .options_size = sizeof(struct replay_options),
    .memory_size = sizeof(struct replay_memory),
    .is_log = true,
    .ask = replay_ask,
    .read = replay_read,
};
