/*
 * post_write.c: posts as JSON.
 */
#include "common/num.h"
#include "common/post.h"

static void put_str(struct buf *out, const char *name, struct str s)
{
	(void)buf_printf(out, ",\"%s\":", name);
	(void)buf_json_str(out, s);
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	char text[NUM_TIME_LEN + 1];
	if (ms == POST_NO_TIME) {
		put_str(out, name, STR_NULL);
		return;
	}
	num_time_text(ms, text);
	put_str(out, name, str_of(text));
}

static void put_int(struct buf *out, const char *name, int64_t v)
{
	(void)buf_printf(out, ",\"%s\":", name);
	if (v == POST_NO_NUMBER)
		(void)buf_z(out, "null");
	else
		(void)buf_json_int(out, v);
}

static void put_bool(struct buf *out, const char *name, bool v)
{
	(void)buf_printf(out, ",\"%s\":%s", name, v ? "true" : "false");
}

int post_write(struct buf *out, const struct post *post)
{
	/* buf remembers a refused addition; looked at once, at the end */
	(void)buf_printf(out, "{\"v\":%d", (int)post->v);
	put_str(out, "op", str_of(post_op_name(post->op)));
	put_str(out, "id", post->id);
	put_str(out, "rev", post->rev);
	put_str(out, "conversation", post->conversation);
	put_str(out, "parent", post->parent);
	put_str(out, "source", post->source);
	put_str(out, "driver", post->driver);
	put_str(out, "channel", post->channel);
	put_str(out, "place", post->place);
	put_bool(out, "owned", post->owned);
	put_str(out, "url", post->url);
	put_str(out, "reply_via", post->reply_via);
	(void)buf_z(out, ",\"author\":{\"id\":");
	(void)buf_json_str(out, post->author.id);
	put_str(out, "handle", post->author.handle);
	put_str(out, "name", post->author.name);
	put_str(out, "url", post->author.url);
	put_int(out, "followers", post->author.followers);
	if (post->author.bot < 0)
		put_str(out, "bot", STR_NULL);
	else
		put_bool(out, "bot", post->author.bot);
	put_str(out, "role", post_role(post));
	(void)buf_char(out, '}');
	put_str(out, "addressed", str_of(post_addressed_name(post->addressed)));
	put_str(out, "title", post->title);
	put_str(out, "text", post->text);
	(void)buf_z(out, ",\"quotes\":[");
	for (size_t i = 0; i < post->n_quotes; i++)
		(void)buf_printf(out, "%s[%zu,%zu]", i ? "," : "", post->quotes[i].start,
				 post->quotes[i].end);
	(void)buf_z(out, "],\"media\":[");
	for (size_t i = 0; i < post->n_media; i++) {
		(void)buf_z(out, i ? ",{\"kind\":" : "{\"kind\":");
		(void)buf_json_str(out, post->media[i].kind);
		put_str(out, "url", post->media[i].url);
		put_str(out, "alt", post->media[i].alt);
		(void)buf_char(out, '}');
	}
	(void)buf_char(out, ']');
	put_str(out, "lang", post->lang);
	put_time(out, "created_at", post->created_at);
	put_time(out, "edited_at", post->edited_at);
	put_time(out, "fetched_at", post->fetched_at);
	put_str(out, "date_quality", str_of(post_date_quality_name(post->date_quality)));
	put_bool(out, "backfill", post->backfill);
	if (post->cut)
		put_bool(out, "cut", true);
	(void)buf_z(out, ",\"counts\":{\"likes\":");
	if (post->counts.likes == POST_NO_NUMBER)
		(void)buf_z(out, "null");
	else
		(void)buf_json_int(out, post->counts.likes);
	put_int(out, "replies", post->counts.replies);
	put_int(out, "shares", post->counts.shares);
	put_int(out, "views", post->counts.views);
	(void)buf_z(out, ",\"rating\":");
	(void)buf_json_num(out, post->counts.rating);
	(void)buf_char(out, '}');
	put_str(out, "kind", post->kind);
	(void)buf_char(out, '}');
	return out->full ? -1 : 0;
}
