/*
 * post.c: what a post is before anything is known of it, names, ids.
 */
#include <math.h>

#include "common/hash.h"
#include "common/mem.h"
#include "common/post.h"

const char *const post_op_names[] = {"create", "update", "delete", NULL};
const char *const post_addressed_names[] = {"none", "mention", "own_page", "reply", NULL};
const char *const post_quality_names[] = {"missing", "guessed", "day", "exact", NULL};
const char *const post_tonality_names[] = {"", "negative", "neutral", "positive", NULL};

const char *post_op_name(enum post_op op)
{
	return post_op_names[op];
}

const char *post_addressed_name(enum post_addressed a)
{
	return post_addressed_names[a];
}

const char *post_date_quality_name(enum post_date_quality q)
{
	return post_quality_names[q];
}

const char *post_tonality_name(enum post_tonality t)
{
	return t == POST_TONALITY_NULL ? NULL : post_tonality_names[t];
}

struct str post_role(const struct post *post)
{
	return post->author.role.n ? post->author.role : STR("customer");
}

struct str post_lang(const struct post *post, const struct analysis *analysis)
{
	return analysis && analysis->lang.p ? analysis->lang : post->lang;
}

void post_init(struct post *post)
{
	*post = (struct post){
	    .v = 1,
	    .author = {.followers = POST_NO_NUMBER, .bot = -1},
	    .created_at = POST_NO_TIME,
	    .edited_at = POST_NO_TIME,
	    .fetched_at = POST_NO_TIME,
	    .counts = {POST_NO_NUMBER, POST_NO_NUMBER, POST_NO_NUMBER, POST_NO_NUMBER, NAN},
	    .kind = STR("post")};
}

void analysis_init(struct analysis *a)
{
	*a = (struct analysis){
	    .relevance = POST_NO_P,
	    .tonality = {.score = POST_NO_P, .p = POST_NO_P},
	    .urgency = {.level = -1, .p = POST_NO_P},
	    .answer_p = POST_NO_P,
	    .sarcasm_p = POST_NO_P,
	    .flags = {POST_NO_P, POST_NO_P, POST_NO_P, POST_NO_P, POST_NO_P},
	};
}

struct str post_rev(struct arena *arena, const struct post *post)
{
	char hex[HASH_HEX_LEN + 1];
	const struct str parts[] = {str_of(post_op_name(post->op)), post->title, post->text};
	hash_sha256_hex_parts(parts, ARRAY_LEN(parts), hex);
	return arena_str(arena, (struct str){hex, 16});
}

struct str post_id(struct arena *arena, const char *driver, struct str scope, struct str native)
{
	struct str id =
	    str_of(arena_printf(arena, "%s:%.*s:%.*s", driver, STR_ARG(scope), STR_ARG(native)));
	if (id.n <= POST_ID_MAX)
		return id;
	char hex[HASH_HEX_LEN + 1];
	hash_sha256_hex(id, hex);
	struct str head = utf8_cut(id, POST_ID_MAX - 33);
	return str_of(arena_printf(arena, "%.*s~%.32s", STR_ARG(head), hex));
}
