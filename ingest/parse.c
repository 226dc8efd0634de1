/*
 * parse.c: see parse.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/mem.h"

#include "ingest/formats/feed.h"
#include "ingest/parse.h"

enum { POST_JSON_BYTES = 2 * POST_MAX_BYTES, HEADERS_MAX = 32 };

const struct cli_option parse_options[] = {
    {"as", "KIND", "what the files are: feed or auto (the same today)"},
    {"url", "BASE", "where they came from: base of their links and scope of their ids"},
    {"header", "'Name: value'", "of the answer, Content-Type for instance; may be repeated"},
    {"channel", "CHANNEL", POST_CHANNELS "; default: blog"},
    {NULL, NULL, NULL}};

struct options {
	struct str url, channel;
	struct feed_input input;
};

static int read_file(const char *path, struct buf *bytes)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (!file)
		return -1;
	int result = 0;
	for (;;) {
		char *to = buf_reserve(bytes, 65536);
		if (!to) { /* as much as a parser needs to see that it is too much */
			bytes->full = false;
			bytes->n = bytes->limit_bytes;
			break;
		}
		size_t n = fread(to, 1, 65536, file);
		bytes->n += n;
		if (n < 65536)
			break;
	}
	if (ferror(file))
		result = -1;
	if (file != stdin)
		(void)fclose(file); /* only read from */
	return result;
}

struct place { /* of an item in the order of publishing */
	int64_t created_at;
	size_t item;
};

/* Where dates are missing or equal, feeds have the newest on top. */
static int older_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return (x->item < y->item) - (x->item > y->item);
}

static size_t order(const struct feed *feed, struct place *places)
{
	size_t n = 0;
	for (size_t i = 0; i < feed->n_items; i++)
		if (!feed->items[i].twin)
			places[n++] = (struct place){feed->items[i].created_at, i};
	qsort(places, n, sizeof *places, older_first);
	return n;
}

static void print_status(const char *path, const struct feed *feed, size_t n_posts)
{
	struct buf line;
	buf_init(&line, 64 * KiB);
	(void)buf_z(&line, "{\"status\":"); /* far below the limit */
	(void)buf_json_str(&line, str_of(feed_status_name(feed->status)));
	(void)buf_z(&line, ",\"format\":");
	(void)buf_json_str(&line, str_of(feed->format));
	(void)buf_z(&line, ",\"charset\":");
	(void)buf_json_str(&line, str_of(feed->charset));
	(void)buf_printf(
	    &line, ",\"posts\":%zu,\"bad\":%zu,\"repaired\":%zu,\"bozo\":%s,\"reason\":", n_posts,
	    feed->n_bad, feed->repaired, feed->bozo ? "true" : "false");
	(void)buf_json_str(&line, feed->reason[0] ? str_of(feed->reason) : STR_NULL);
	(void)buf_z(&line, ",\"file\":");
	(void)buf_json_str(&line, utf8_valid(str_of(path)) ? str_of(path) : STR_NULL);
	(void)buf_char(&line, '}');
	(void)fprintf(stderr, "%s\n", line.p);
	buf_done(&line);
}

static int parse_bytes(const char *path, struct str bytes, const struct options *o)
{
	struct arena *arena = arena_create(FEED_ARENA_BYTES);
	struct feed_input in = o->input;
	struct feed feed;
	struct error err;
	int result = 0;
	in.bytes = bytes;
	in.url = o->url;
	struct feed_facts facts = {.source = str_of(path),
				   .key = o->url.n ? STR("") : str_of(path),
				   .url = o->url,
				   .channel = o->channel,
				   .fetched_at = clock_wall_ms()};
	if (!utf8_valid(facts.source)) /* a file's name may be anything, a post may not */
		facts.source = facts.key = STR("file");
	if (feed_parse(&in, arena, &feed, &err))
		feed = (struct feed){.status = FEED_UNSUPPORTED,
				     .format = "unknown",
				     .charset = "unknown",
				     .reason = err.text};
	struct place *places = xcalloc(feed.n_items + 1, sizeof *places);
	size_t n = order(&feed, places);
	struct buf line;
	buf_init(&line, POST_JSON_BYTES);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct post post;
		feed_to_post(&feed, places[i].item, &facts, arena, &post);
		buf_reset(&line);
		must(post_write(&line, &post) == 0);
		if (fwrite(line.p, 1, line.n, stdout) != line.n || putchar('\n') == EOF)
			result = -1;
	}
	print_status(path, &feed, n);
	buf_done(&line);
	free(places);
	arena_free(arena);
	return result;
}

/* Name and value of a header we use; others are fine and unused. */
static bool take_header(struct options *o, struct str header)
{
	size_t colon = str_find(header, ':', 0);
	struct str name = str_trim(str_sub(header, 0, colon));
	struct str value = str_trim(str_sub(header, colon + 1, header.n));
	if (str_ieq(name, "content-type"))
		o->input.content_type = value;
	else if (str_ieq(name, "content-location"))
		o->input.content_location = value;
	return colon < header.n;
}

static int take_options(struct options *o, const struct cli *cli)
{
	const char *headers[HEADERS_MAX], *as = cli_get(cli, "as");
	size_t n = cli_all(cli, "header", headers, HEADERS_MAX);
	if (cli_has(cli, "url"))
		o->url = str_of(cli_get(cli, "url"));
	if (cli_has(cli, "channel"))
		o->channel = str_of(cli_get(cli, "channel"));
	for (size_t i = 0; i < n; i++)
		if (!take_header(o, str_of(headers[i])))
			return cli_usage(cli, "expected 'Name: value' after --header, found \"%s\"",
					 headers[i]);
	if (as && strcmp(as, "feed") != 0 && strcmp(as, "auto") != 0)
		return cli_usage(cli, "expected feed or auto after --as, found \"%s\"", as);
	return 0;
}

int parse_main(const struct cli *cli)
{
	struct options o = {.channel = STR("blog"),
			    .input = {.content_type = STR(""), .content_location = STR("")}};
	int result = take_options(&o, cli);
	if (result)
		return result;
	for (size_t i = 0; i < cli->n_operands; i++) {
		const char *path = cli->operands[i];
		struct buf bytes;
		buf_init(&bytes, FEED_MAX_BYTES + 2 * 65536);
		if (read_file(path, &bytes)) {
			(void)fprintf(stderr, "posthorn-ingest parse: could not read \"%s\": %s\n",
				      path, strerror(errno));
			result = EX_NOINPUT;
		} else if (parse_bytes(path, buf_view(&bytes), &o)) {
			(void)fprintf(stderr,
				      "posthorn-ingest parse: could not write to stdout: %s\n",
				      strerror(errno));
			buf_done(&bytes);
			return EX_IOERR;
		}
		buf_done(&bytes);
	}
	if (fflush(stdout) && result == EX_OK) {
		(void)fprintf(stderr, "posthorn-ingest parse: could not write to stdout: %s\n",
			      strerror(errno));
		return EX_IOERR;
	}
	return result;
}
