/* From an item to a post: ids, threads, kinds, and what a source's configuration adds. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/mem.h"

#include "ingest/formats/feed.h"
#include "ingest/url.h"

enum {
	MAX_STEPS = 1000, /* up a thread */
	TEXT_BYTES =
	    224 * 1024,     /* of the text as JSON; the rest of POST_MAX_BYTES is for all else */
	NATIVE_BYTES = 1024 /* longer ones are hashed */
};

/* ---- ids --------------------------------------------------------------------------- */

struct slot { /* of a table of items by some text; open addressing */
	struct str key;
	size_t item;
};

struct table {
	struct slot *slots;
	size_t mask;
};

static struct table table_create(size_t n)
{
	size_t room = 16;
	while (room < n * 2)
		room *= 2;
	return (struct table){xcalloc(room, sizeof(struct slot)), room - 1};
}

/* The slot of that key, or the free one where it belongs. */
static struct slot *table_find(const struct table *t, struct str key)
{
	size_t i = hash_fnv(key) & t->mask;
	while (t->slots[i].key.p && !str_eq(t->slots[i].key, key))
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static struct str keep(struct arena *arena, struct str s)
{
	char *p = arena_try(arena, s.n + 1);
	if (!p)
		return STR_NULL;
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){p, s.n};
}

static struct str hashed(struct arena *arena, struct str a, struct str b, struct str c)
{
	char hex[HASH_HEX_LEN + 1];
	struct str parts[] = {a.p ? a : STR(""), b.p ? b : STR(""), c};
	hash_sha256_hex_parts(parts, c.p ? 3 : 2, hex);
	return keep(arena, (struct str){hex, 32});
}

static struct str native_of(struct arena *arena, const struct feed_item *item, bool shared)
{
	struct str link = url_normalise(arena, item->link);
	if (!item->id.n) /* nothing but a text: then that is what tells it from others */
		return hashed(arena, link, item->title,
			      item->link.n || item->title.n ? STR_NULL : item->text);
	if (!shared)
		return item->id.n <= NATIVE_BYTES ? item->id
						  : hashed(arena, item->id, STR(""), STR_NULL);
	if (item->id.n + 1 + link.n > NATIVE_BYTES)
		return hashed(arena, item->id, link, STR_NULL);
	char *p = arena_try(arena, item->id.n + 1 + link.n + 1);
	if (!p)
		return STR_NULL;
	memcpy(p, item->id.p, item->id.n);
	p[item->id.n] = ' ';
	memcpy(p + item->id.n + 1, link.p ? link.p : "", link.n);
	return (struct str){p, item->id.n + 1 + link.n};
}

/* Replies: parent and root of each item, as natives. */
static int follow(struct feed *feed, const struct table *ids, struct arena *arena)
{
	size_t *above =
	    xcalloc(feed->n_items + 1, sizeof *above); /* index + 1; 0: not on the page */
	int result = 0;
	for (size_t i = 0; i < feed->n_items; i++) {
		struct feed_item *item = &feed->items[i];
		const struct slot *slot =
		    item->in_reply_to.n ? table_find(ids, item->in_reply_to) : NULL;
		if (slot && slot->key.p && slot->item != i) {
			above[i] = slot->item + 1;
			item->parent = feed->items[slot->item].native;
		} else if (slot && !slot->key.p) {
			item->parent = item->in_reply_to.n <= NATIVE_BYTES
					   ? item->in_reply_to
					   : hashed(arena, item->in_reply_to, STR(""), STR_NULL);
			result = item->parent.p ? result : -1;
		}
	}
	for (size_t i = 0; i < feed->n_items; i++) {
		size_t at = i;
		int steps = 0;
		while (above[at] && steps++ < MAX_STEPS && above[at] - 1 != i)
			at = above[at] - 1;
		/* in a circle each post is its own root */
		bool circle = above[at] != 0;
		feed->items[i].root = circle                     ? feed->items[i].native
				      : feed->items[at].parent.p ? feed->items[at].parent
								 : feed->items[at].native;
	}
	free(above);
	return result;
}

int feed_post_ids(struct feed *feed, struct arena *arena)
{
	size_t n = feed->n_items;
	struct table ids = table_create(n), natives = table_create(n);
	bool *shared = xcalloc(n + 1, sizeof *shared); /* by the first item of each guid */
	int result = 0;
	for (size_t i = 0; i < n; i++) {
		const struct feed_item *item = &feed->items[i];
		if (!item->id.n || item->deleted)
			continue;
		struct slot *slot = table_find(&ids, item->id);
		if (!slot->key.p)
			*slot = (struct slot){item->id, i};
		else if (!str_eq(feed->items[slot->item].link, item->link))
			shared[slot->item] = true;
	}
	for (size_t i = 0; i < n && result == 0; i++) {
		struct feed_item *item = &feed->items[i];
		const struct slot *first = item->id.n ? table_find(&ids, item->id) : NULL;
		item->native = native_of(
		    arena, item, !item->deleted && first && first->key.p && shared[first->item]);
		if (!item->native.p) {
			result = -1;
			break;
		}
		struct slot *slot = table_find(&natives, item->native);
		item->twin = slot->key.p && feed->items[slot->item].deleted == item->deleted;
		if (!slot->key.p)
			*slot = (struct slot){item->native, i};
	}
	if (result == 0)
		result = follow(feed, &ids, arena);
	free(shared);
	free(ids.slots);
	free(natives.slots);
	return result;
}

struct str feed_scope(struct arena *arena, struct str url)
{
	return url_normalise(arena, url);
}

/* ---- the rest ---------------------------------------------------------------------- */

static bool is_reply_title(struct str title)
{
	static const char *const marks[] = {"Re:", "RE:", "AW:", "Aw:", "Antw:", "Antwort:"};
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (str_starts(title, marks[i]))
			return true;
		/* phpBB: "Board name • Re: Thread" */
		struct str between =
		    str_sub(title, str_find_str(title, STR("\xe2\x80\xa2 ")), title.n);
		if (between.n && str_starts(str_sub(between, 4, between.n), marks[i]))
			return true;
	}
	return false;
}

static struct str kind_of(const struct feed_item *item, const struct feed_facts *facts, bool reply)
{
	if (!isnan(item->rating))
		return STR("review");
	if (reply)
		return STR("reply");
	bool article = str_is(facts->channel, "blog") || str_is(facts->channel, "news");
	return article ? STR("article") : STR("post");
}

/* "https://x.example/users/moni_k", "/@moni_k", "/u/moni_k": the last part is a handle. */
static struct str handle_of_url(struct str url)
{
	static const char *const before[] = {"u",      "user",    "users",    "member", "members",
					     "profil", "profile", "profiles", "author", "people"};
	url = str_sub(url, 0, str_find(url, '?', 0));
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	size_t slash = url.n;
	while (slash && url.p[slash - 1] != '/')
		slash--;
	struct str last = str_sub(url, slash, url.n), path = str_sub(url, 0, slash ? slash - 1 : 0);
	if (last.n > 1 && last.p[0] == '@')
		return str_sub(last, 1, last.n);
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (str_is(str_sub(path, at, path.n), before[i]))
			return last;
	return STR_NULL;
}

static void set_author(const struct feed_author *a, struct post *post)
{
	struct str name = a->name, handle = a->handle;
	if (!handle.n)
		handle = handle_of_url(a->url);
	if (!handle.n && str_starts(name, "/u/"))
		handle = str_sub(name, 3, name.n);
	if (!handle.n && name.n && str_find(name, ' ', 0) == name.n)
		handle = name.p[0] == '@' ? str_sub(name, 1, name.n) : name;
	post->author.handle = handle.n ? handle : STR_NULL;
	post->author.name = name.n ? name : post->author.handle;
	post->author.url = a->url;
	post->author.id = a->url.n ? a->url : handle.n ? handle : a->mail.n ? a->mail : STR_NULL;
	post->author.followers = a->followers;
}

static void set_times(const struct feed_item *item, int64_t fetched_at, struct post *post)
{
	post->fetched_at = fetched_at;
	post->created_at = item->created_at;
	post->date_quality = item->created_quality;
	if (item->updated_at != POST_NO_TIME && item->updated_at != item->created_at)
		post->edited_at = item->updated_at;
	if (item->deleted) { /* when it was written is not known here */
		post->created_at = POST_NO_TIME;
		post->date_quality = POST_DATE_MISSING;
		post->edited_at = item->updated_at;
	}
	if (post->created_at != POST_NO_TIME && post->created_at > fetched_at) {
		post->created_at = fetched_at;
		post->date_quality = POST_DATE_GUESSED;
	}
	if (post->edited_at != POST_NO_TIME && post->edited_at > fetched_at)
		post->edited_at = fetched_at;
}

/* Cut so that it takes at most TEXT_BYTES as JSON. */
static void set_text(const struct feed_item *item, struct post *post)
{
	size_t n = 0, i = 0;
	for (; i < item->text.n && n < TEXT_BYTES; i++) {
		unsigned char c = (unsigned char)item->text.p[i];
		n += c == '"' || c == '\\' || c == '\n' || c == '\t' ? 2 : c < 32 ? 6 : 1;
	}
	post->cut = item->cut || i < item->text.n;
	post->text = i < item->text.n ? utf8_cut(item->text, i) : item->text;
	post->quotes = item->quotes;
	while (post->n_quotes < item->n_quotes && item->quotes[post->n_quotes].end <= post->text.n)
		post->n_quotes++;
}

void feed_to_post(const struct feed *feed, size_t i, const struct feed_facts *facts,
		  struct arena *arena, struct post *ret)
{
	must(i < feed->n_items);
	const struct feed_item *item = &feed->items[i];
	struct str scope = facts->key.n ? facts->key : feed_scope(arena, facts->url);
	if (!scope.p)
		scope = STR("");
	post_init(ret);
	ret->op = item->deleted ? POST_DELETE : POST_CREATE;
	ret->id = post_id(arena, "feed", scope, item->native);
	ret->driver = STR("feed");
	ret->source = facts->source;
	ret->channel = facts->channel;
	ret->place = facts->place;
	ret->owned = facts->owned;
	ret->backfill = facts->backfill;
	set_times(item, facts->fetched_at, ret);
	ret->conversation = post_id(arena, "feed", scope, item->root);
	if (item->parent.p)
		ret->parent = post_id(arena, "feed", scope, item->parent);
	if (!item->deleted) {
		bool forum = str_is(facts->channel, "forum");
		bool reply = item->in_reply_to.n || (forum && is_reply_title(item->title));
		ret->kind = kind_of(item, facts, reply);
		ret->title = reply && forum ? STR_NULL : item->title;
		set_text(item, ret);
		ret->url = url_clean(arena, item->origin.n ? item->origin : item->link);
		set_author(&item->author, ret);
		ret->addressed = facts->owned ? POST_TO_OWN_PAGE : POST_TO_NONE;
		ret->media = item->media;
		ret->n_media = item->n_media;
		ret->lang = item->lang.n ? item->lang : feed->lang.n ? feed->lang : facts->lang;
		ret->counts.likes = item->likes;
		ret->counts.shares = item->shares;
		ret->counts.views = item->views;
		ret->counts.replies = item->n_comments;
		ret->counts.rating = item->rating;
	}
	ret->rev = post_rev(arena, ret);
}
