/* Real records against docs/schemas: what common/post.c writes is what the schemas say, member by
 * member.  Events and tickets are checked where they come from, in tests/contract/test_redis_scripts.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "common/mem.h"
#include "common/post.h"
#include "tests/support/schema.h"

static struct arena *arena;
static struct error err;

static void post_with_all(struct post *p)
{
	static struct post_span quotes[] = {{0, 4}};
	static struct post_media media[] = {
	    {{"image", 5}, {"https://x/i.jpg", 15}, {"ein Paket", 9}}, {{"video", 5}, {0}, {0}}};
	post_init(p);
	p->op = POST_UPDATE;
	p->id = STR("feed:forum:p-2"), p->rev = STR("0123456789abcdef");
	p->conversation = STR("feed:forum:p-1"), p->parent = STR("feed:forum:p-1");
	p->source = STR("forum"), p->driver = STR("feed"), p->channel = STR("forum");
	p->place = STR("Zustellung"), p->owned = true;
	p->url = STR("https://x/2"), p->reply_via = STR("https://x/2/reply");
	p->author.id = STR("u1"), p->author.handle = STR("moni_k");
	p->author.name = STR("Moni K\xc3\xb6hler"), p->author.url = STR("https://x/moni_k");
	p->author.role = STR("superuser"), p->author.followers = 212, p->author.bot = 0;
	p->addressed = POST_TO_REPLY;
	p->title = STR("Paket"), p->text = STR("> ja\nSeit Tagen \"kein\" Paket.");
	p->lang = STR("de"), p->quotes = quotes, p->n_quotes = 1;
	p->media = media, p->n_media = 2;
	p->created_at = 1795334400000, p->edited_at = 1795334500000, p->fetched_at = 1795334700000;
	p->date_quality = POST_DATE_EXACT;
	p->backfill = true, p->cut = true;
	p->counts.likes = 0, p->counts.replies = 2, p->counts.shares = 3, p->counts.views = 44;
	p->counts.rating = 4.5;
	p->kind = STR("reply");
}

/* The least a post is: it has an id and, being alone, is its own conversation. */
static void post_with_none(struct post *p)
{
	post_init(p);
	p->id = p->conversation = STR("a");
}

static void analysis_with_all(struct analysis *a)
{
	static struct post_why why[] = {{{"text", 4}, {"kein", 4}, 17, 21, -512},
					{{"title", 5}, {"Paket", 5}, 0, 5, 3}};
	static struct post_target targets[] = {
	    {{"Paket", 5}, {POST_POSITIVE, 9000, 9500, why, 2}},
	    {{"Bote", 4}, {POST_TONALITY_NULL, POST_NO_P, POST_NO_P, NULL, 0}}};
	static struct post_label labels[] = {{{"complaint", 9}, 9000}, {{"question", 8}, 5001}};
	static struct post_fact facts[] = {
	    {{"money", 5}, {"title", 5}, {"EUR 12.50", 9}, 0, 5, false},
	    {{"iban", 4}, {"text", 4}, {"DE02", 4}, 5, 9, true}};
	analysis_init(a);
	a->v.engine = STR("1"), a->v.model = STR("ea1b223626bd");
	a->v.queries = STR("e3b0c44298fc"), a->v.config = STR("449d53beeb60");
	a->lang = STR("de"), a->relevance = 5000;
	a->tonality.label = POST_NEGATIVE, a->tonality.score = -5000, a->tonality.p = 7512;
	a->tonality.why = why, a->tonality.n_why = 2;
	a->targets = targets, a->n_targets = 2;
	a->intent = labels, a->n_intent = 2;
	a->urgency.level = 2, a->urgency.p = 2500, a->answer_p = POST_ONE;
	a->urgency.reasons = labels, a->urgency.n_reasons = 1;
	a->sarcasm_p = 1, a->flags.threat = 0, a->flags.insult = 100, a->flags.violence = 20;
	a->flags.selfharm = 3, a->flags.spam = 9999;
	a->facts = facts, a->n_facts = 2;
}

static void fits(const char *schema, const struct buf *json)
{
	assert_false(json->full);
	if (schema_check_all(schema, buf_view(json), &err))
		fail_msg("%s\n%s", err.text, json->p);
}

static void refused(const char *schema, const char *json, const char *said)
{
	if (schema_check_all(schema, str_of(json), &err) != -1 || !strstr(err.text, said))
		fail_msg("%s: expected \"%s\", got \"%s\"", json, said, err.text);
}

static void test_posts(void **state)
{
	void (*const fill[])(struct post *) = {post_with_all, post_with_none};
	struct buf json;
	(void)state;
	buf_init(&json, MiB);
	for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
		struct post post;
		fill[i](&post);
		for (int op = POST_CREATE; op <= POST_DELETE; op++) {
			for (int to = POST_TO_NONE; to <= POST_TO_REPLY; to++) {
				post.op = (enum post_op)op;
				post.addressed = (enum post_addressed)to;
				post.date_quality = (enum post_date_quality)to; /* four of each */
				buf_reset(&json);
				assert_int_equal(post_write(&json, &post), 0);
				fits("post", &json);
			}
		}
	}
	buf_done(&json);
}

static void scored_as(const struct post *post, const struct analysis *analysis)
{
	struct buf json, member, out;
	struct post back;
	struct analysis read;
	bool has;
	buf_init(&json, MiB), buf_init(&member, MiB), buf_init(&out, 2 * MiB);
	assert_int_equal(post_write(&json, post), 0);
	if (analysis)
		assert_int_equal(analysis_write(&member, analysis), 0);
	assert_int_equal(
	    scored_join(&out, buf_view(&json), analysis ? buf_view(&member) : STR("null")), 0);
	fits("scored", &out);
	/* and it is a scored post for those who read it */
	if (scored_parse(buf_view(&out), arena, &back, &read, &has, &err))
		fail_msg("%s", err.text);
	assert_int_equal(has, analysis != NULL);
	buf_done(&json), buf_done(&member), buf_done(&out);
}

static void test_scored(void **state)
{
	struct post all, none;
	struct analysis full, empty;
	(void)state;
	post_with_all(&all);
	post_with_none(&none);
	analysis_with_all(&full);
	analysis_init(&empty);
	scored_as(&all, &full);
	scored_as(&all, &empty);
	scored_as(&none, &full);
	scored_as(&none, &empty);
	none.op = POST_DELETE;
	scored_as(&none, NULL);
	for (int label = POST_TONALITY_NULL; label <= POST_POSITIVE; label++) {
		full.tonality.label = (enum post_tonality)label;
		scored_as(&all, &full);
	}
	for (int level = -1; level <= 3; level++) {
		full.urgency.level = level;
		scored_as(&all, &full);
	}
}

/* A check that accepts anything proves nothing. */
static void test_check_refuses(void **state)
{
	struct post all;
	struct buf json;
	(void)state;
	post_with_all(&all);
	buf_init(&json, MiB);
	assert_int_equal(post_write(&json, &all), 0);
	refused("scored", json.p, "analysis is missing");
	json.p[json.n - 1] = '\0'; /* the closing brace */
	refused("post", arena_printf(arena, "%s,\"mood\":1}", json.p), "mood is not in the schema");
	refused("post", "{\"v\":1}", "is missing");
	post_init(&all);
	all.id = STR("a"); /* without a conversation it has no key on the bus */
	refused("post", arena_printf(arena, "%s,\"kind\":\"poem\"}", json.p), "post.kind");
	buf_reset(&json);
	assert_int_equal(post_write(&json, &all), 0);
	refused("post", json.p, "post.conversation: a null");
	refused("post", "[]", "a array does not fit");
	refused("post", "{", "no JSON");
	refused("nonsense", "{}", "could not read");
	buf_done(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_posts),
					   cmocka_unit_test(test_scored),
					   cmocka_unit_test(test_check_refuses)};
	arena = arena_create(16 * MiB);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return rc;
}
