#include <stdio.h>
#include <string.h>

#include "common/mem.h"
#include "common/num.h"
#include "tests/world/http.h"
#include "tests/world/mischief.h"

#define FEED_START                                                                                 \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n"           \
	"<title>A small feed</title>\n<link>http://127.0.0.1/</link>\n"                            \
	"<description>Served to see how it is taken</description>\n"
#define FEED_ITEM                                                                                  \
	"<item>\n<title>Das Paket ist da</title>\n<link>http://127.0.0.1/small/1</link>\n"         \
	"<guid isPermaLink=\"false\">small-1</guid>\n"                                             \
	"<pubDate>Mon, 23 Nov 2026 08:00:00 +0100</pubDate>\n"                                     \
	"<description>Heute kam es endlich an, trocken und ganz.</description>\n</item>\n"

const char world_small_feed[] = FEED_START FEED_ITEM "</channel>\n</rss>\n";
const char world_endless_start[] = FEED_START;
const char world_endless_item[] = FEED_ITEM;

static int64_t number(world_query_fn *query, void *arg, const char *name, int64_t def, int64_t max)
{
	int64_t n;
	return num_int(str_of(query(arg, name)), 0, max, &n) ? def : n;
}

static void text(world_query_fn *query, void *arg, const char *name, const char *def, char *out,
		 size_t size)
{
	const char *value = query(arg, name);
	/* a longer value is cut: no header needs it */
	(void)snprintf(out, size, "%s", value ? value : def);
}

static void slow(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->manner = WORLD_SLOW;
	plan->wait_ms = number(query, arg, "ms", 3000, 600000);
}

static void drip(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->manner = WORLD_DRIP;
	plan->wait_ms = number(query, arg, "ms", 100, 600000);
}

static void endless(struct world_plan *plan, world_query_fn *query, void *arg)
{
	(void)query, (void)arg; /* no arguments */
	plan->manner = WORLD_ENDLESS;
}

static void broken(struct world_plan *plan, world_query_fn *query, void *arg)
{
	(void)query, (void)arg; /* no arguments */
	plan->manner = WORLD_BROKEN;
}

static void hangup(struct world_plan *plan, world_query_fn *query, void *arg)
{
	(void)query, (void)arg; /* no arguments */
	plan->manner = WORLD_HANGUP;
}

static void bomb(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->manner = WORLD_BOMB;
	plan->mib = (unsigned)number(query, arg, "mib", 1024, 4000);
}

static void too_many(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->status = 429;
	text(query, arg, "after", "120", plan->retry_after, sizeof plan->retry_after);
}

static void unavailable(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->status = 503;
	text(query, arg, "after", "", plan->retry_after, sizeof plan->retry_after);
}

static void any_status(struct world_plan *plan, world_query_fn *query, void *arg)
{
	plan->status = (int)number(query, arg, "code", 404, 599);
	if (plan->status < 200)
		plan->status = 404;
}

static void wrong_type(struct world_plan *plan, world_query_fn *query, void *arg)
{
	text(query, arg, "type", "image/png", plan->type, sizeof plan->type);
}

/* n redirects that end at `to`; without `to` they never end. */
static void redirect(struct world_plan *plan, world_query_fn *query, void *arg)
{
	const char *to = query(arg, "to");
	int64_t n = number(query, arg, "n", 1, 1000), code = number(query, arg, "code", 302, 308);
	plan->status = code == 301 || code == 303 || code == 307 || code == 308 ? (int)code : 302;
	if (!to) {
		(void)buf_printf(&plan->location, "/redirect?n=%lld", (long long)n);
	} else if (n <= 1) {
		(void)buf_z(&plan->location, to);
	} else {
		(void)buf_printf(&plan->location,
				 "/redirect?n=%lld&code=%d&to=", (long long)(n - 1), plan->status);
		(void)world_http_encode(&plan->location, str_of(to), false);
	}
	plan->rest = STR("");
}

static const struct {
	const char *name;
	void (*plan)(struct world_plan *plan, world_query_fn *query, void *arg);
} behaviours[] = {
    {"slow", slow},         {"drip", drip},
    {"endless", endless},   {"broken", broken},
    {"hangup", hangup},     {"gzipbomb", bomb},
    {"429", too_many},      {"503", unavailable},
    {"status", any_status}, {"wrong-type", wrong_type},
    {"redirect", redirect},
};

bool world_mischief(struct str path, world_query_fn *query, void *arg, struct world_plan *ret)
{
	*ret = (struct world_plan){.rest = path};
	buf_init(&ret->location, 16 * KiB);
	struct str inside = str_sub(path, 1, path.n);
	size_t end = str_find(inside, '/', 0);
	struct str name = str_sub(inside, 0, end);
	for (size_t i = 0; i < ARRAY_LEN(behaviours); i++)
		if (str_is(name, behaviours[i].name)) {
			ret->rest = str_sub(inside, end, inside.n);
			behaviours[i].plan(ret, query, arg);
			return true;
		}
	return false;
}

void world_plan_done(struct world_plan *plan)
{
	buf_done(&plan->location);
}
