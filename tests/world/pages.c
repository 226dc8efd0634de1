#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "tests/world/folder.h"
#include "tests/world/http.h"
#include "tests/world/mischief.h"
#include "tests/world/pages.h"
#include "tests/world/town_feed.h"
#include "tests/world/town_text.h"

/* A page of a sentence: everything that is not 200. */
static void say(struct world_page *page, int status, const char *words)
{
	buf_reset(&page->body);
	page->status = status;
	page->type = "text/plain; charset=utf-8";
	page->modified_ms = WORLD_NO_TIME;
	(void)buf_printf(&page->body, "%s\n", words);
}

static void index_page(const struct world_site *site, struct world_page *page)
{
	page->type = "text/plain; charset=utf-8";
	int rc = 0;
	if (site->feeds_dir)
		rc |= buf_z(&page->body, "/feeds/\n/feeds.yaml\n");
	if (site->town)
		rc |= buf_z(&page->body, "/town/sources.yaml\n");
	for (size_t i = 0; site->town && i < town_n_places(site->town); i++) {
		rc |= buf_str(&page->body, town_place(site->town, i)->path);
		rc |= buf_char(&page->body, '\n');
	}
	if (rc)
		say(page, 500, "too many places");
}

static void robots_page(const struct world_site *site, struct world_page *page)
{
	page->type = "text/plain";
	if (!site->robots_file) {
		(void)buf_z(&page->body, "User-agent: *\nDisallow:\n");
		return;
	}
	const char *slash = strrchr(site->robots_file, '/');
	char *dir = slash ? xstrndup(site->robots_file, (size_t)(slash - site->robots_file) + 1)
			  : xstrdup(".");
	struct str name = str_of(slash ? slash + 1 : site->robots_file);
	int status = world_folder_read(dir, name, &page->body, &page->modified_ms);
	free(dir);
	if (status)
		say(page, status, "no robots.txt here");
}

static void feed_file(const struct world_site *site, struct str path, struct world_page *page)
{
	int status = world_folder_read(site->feeds_dir, path, &page->body, &page->modified_ms);
	if (status)
		say(page, status, "no such feed; /feeds/ lists them");
	else
		page->type = world_http_type(path, buf_view(&page->body));
}

static void feeds_list(const struct world_site *site, bool sources, struct world_page *page)
{
	char *tail = xasprintf("    channel: blog\n    poll: %s\n", site->poll);
	char *prefix = xasprintf("%s/feeds/", site->base);
	page->type = sources ? "application/yaml" : "text/plain; charset=utf-8";
	if (sources ? world_folder_sources(site->feeds_dir, prefix, tail, &page->body)
		    : world_folder_list(site->feeds_dir, "/feeds/", &page->body))
		say(page, 500, "the folder of feeds could not be read or is too large");
	free(tail);
	free(prefix);
}

static void user_page(const struct world_site *site, struct str handle, int64_t now_ms,
		      struct world_page *page)
{
	page->type = "text/html; charset=utf-8";
	for (size_t i = 0; i < town_n_posts(site->town); i++) {
		const struct town_post *post = town_post(site->town, i);
		if (post->at_ms > now_ms || !str_eq(post->author, handle))
			continue;
		int rc = buf_z(&page->body, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
					    "<title>") |
			 town_text_escape(&page->body, post->name) |
			 buf_z(&page->body, "</title></head><body><p>@") |
			 town_text_escape(&page->body, handle) |
			 buf_z(&page->body, "</p></body></html>\n");
		must(!rc); /* a name is far below the limit */
		return;
	}
	say(page, 404, "nobody of that name has written yet");
}

/* True where the path belongs to the town. */
static bool town_page(const struct world_site *site, struct str path, int64_t now_ms,
		      struct world_page *page)
{
	const struct town_place *place = town_place_at(site->town, path);
	if (place) {
		page->type = town_feed_type(place->format);
		if (town_feed(site->town, place, now_ms, site->base, &page->body,
			      &page->modified_ms))
			say(page, 500, "the feed is too large");
	} else if (str_starts(path, "/post/")) {
		page->type = "text/html; charset=utf-8";
		int status = town_post_page(site->town, str_sub(path, 6, path.n), now_ms,
					    site->base, &page->body, &page->modified_ms);
		if (status != 200)
			say(page, status,
			    status == 410 ? "deleted by its author" : "no such post yet");
	} else if (str_starts(path, "/user/")) {
		user_page(site, str_sub(path, 6, path.n), now_ms, page);
	} else if (str_is(path, "/town/sources.yaml")) {
		page->type = "application/yaml";
		if (town_sources(site->town, site->base, site->poll, &page->body))
			say(page, 500, "too many places");
	} else {
		return false;
	}
	return true;
}

void world_page(const struct world_site *site, struct str path, int64_t now_ms,
		struct world_page *ret)
{
	*ret = (struct world_page){.status = 200, .modified_ms = WORLD_NO_TIME};
	buf_init(&ret->body, WORLD_MAX_FILE + MiB);
	if (path.n == 0) {
		ret->type = "application/rss+xml";
		(void)buf_z(&ret->body, world_small_feed);
	} else if (str_is(path, "/")) {
		index_page(site, ret);
	} else if (str_is(path, "/robots.txt")) {
		robots_page(site, ret);
	} else if (site->feeds_dir && str_is(path, "/feeds/")) {
		feeds_list(site, false, ret);
	} else if (site->feeds_dir && str_is(path, "/feeds.yaml")) {
		feeds_list(site, true, ret);
	} else if (site->feeds_dir && str_starts(path, "/feeds/")) {
		feed_file(site, str_sub(path, 7, path.n), ret);
	} else if (!site->town || !town_page(site, path, now_ms, ret)) {
		say(ret, 404, "no such page; / lists what there is");
	}
}

void world_page_done(struct world_page *page)
{
	buf_done(&page->body);
}
