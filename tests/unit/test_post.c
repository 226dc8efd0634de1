/* Posts and scored posts: what is refused, what survives, what the bytes are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>

#include "common/mem.h"
#include "common/post.h"

static struct arena *arena;
static struct error err;

static void test_refused(void **state)
{
	static const struct {
		const char *json, *said;
	} rows[] = {
	    {"", "could not read post: "},
	    {"[]", "could not read post: expected one JSON object"},
	    {"{\"v\":1}", "could not read post: expected text of 1 to 400 bytes for \"id\""},
	    {"{\"v\":2,\"id\":\"a\"}", "could not read post: expected 1 for \"v\""},
	    {"{\"id\":7}", "could not read post: expected text or null for \"id\""},
	    {"{\"id\":\"a\",\"op\":\"destroy\"}",
	     "could not read post: expected a known word for \"op\""},
	    {"{\"id\":\"a\",\"created_at\":\"yesterday\"}",
	     "could not read post: expected a time as in RFC 3339 or null for \"created_at\""},
	    {"{\"id\":\"a\",\"author\":[]}",
	     "could not read post: expected an object or null for \"author\""},
	    {"{\"id\":\"a\",\"author\":{\"followers\":1.5}}",
	     "could not read post: expected a whole number or null for \"followers\""},
	    {"{\"id\":\"a\",\"text\":\"abc\",\"quotes\":[[1,4]]}",
	     "could not read post: expected sorted spans inside the text for \"quotes\""},
	    {"{\"id\":\"a\",\"text\":\"abc\",\"quotes\":[[1,2],[0,1]]}",
	     "could not read post: expected sorted spans inside the text for \"quotes\""},
	    {"{\"id\":\"a\",\"text\":\"\xC3\xBC\",\"quotes\":[[0,1]]}",
	     "could not read post: expected spans on the borders of characters for \"quotes\""},
	    {"{\"id\":\"a\",\"text\":\"\xFF\"}", "could not read post: "},
	    {"{\"id\":\"a\"} x", "could not read post: "},
	    {"{\"id\":\"a\",\"id\":\"b\"}", "could not read post: "},
	};
	struct post post;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		err.text[0] = '\0';
		if (post_parse(str_of(rows[i].json), arena, &post, &err) != -1 ||
		    strncmp(err.text, rows[i].said, strlen(rows[i].said)) != 0)
			fail_msg("%s: \"%s\"", rows[i].json, err.text);
	}
	/* what becomes a key is bounded like an id */
	static const char *const ids[] = {"id", "conversation", "parent"};
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		for (int n = 400; n <= 401; n++) {
			char json[600];
			(void)snprintf(json, sizeof json, "{%s\"%s\":\"%0*d\"}",
				       i ? "\"id\":\"a\"," : "", ids[i], n, 0);
			assert_int_equal(post_parse(str_of(json), arena, &post, &err),
					 n == 400 ? 0 : -1);
		}
	}
	assert_int_equal(
	    post_parse(STR("{\"id\":\"a\",\"conversation\":\"\"}"), arena, &post, &err), 0);
	assert_true(str_is(post.conversation, "a"));
	char deep[200];
	memset(deep, '[', sizeof deep);
	assert_int_equal(post_parse((struct str){deep, sizeof deep}, arena, &post, &err), -1);
	assert_string_equal(err.text, "could not read post: nested deeper than 32 at byte 32");
}

static void test_round_trip(void **state)
{
	/* every member set, fixed order: write(parse(x)) == x */
	const char *json =
	    "{\"v\":1,\"op\":\"update\",\"id\":\"feed:k:n\",\"rev\":\"r\",\"conversation\":\"feed:"
	    "k:c\","
	    "\"parent\":\"feed:k:p\",\"source\":\"s\",\"driver\":\"feed\",\"channel\":\"forum\","
	    "\"place\":\"Zustellung\",\"owned\":true,\"url\":\"http://x/\",\"reply_via\":null,"
	    "\"author\":{\"id\":\"7\",\"handle\":\"h\",\"name\":\"Jörg\",\"url\":null,"
	    "\"followers\":0,"
	    "\"bot\":false,\"role\":\"customer\"},\"addressed\":\"own_page\",\"title\":\"\","
	    "\"text\":\"Zeile\\n\\u0000\\\"😡\\\" > alt\",\"quotes\":[[14,19]],"
	    "\"media\":[{\"kind\":\"image\",\"url\":\"http://x/i\",\"alt\":null}],\"lang\":\"de\","
	    "\"created_at\":\"2026-11-22T08:00:00.123Z\",\"edited_at\":null,"
	    "\"fetched_at\":\"2026-11-22T08:01:00.000Z\",\"date_quality\":\"exact\",\"backfill\":"
	    "false,"
	    "\"cut\":true,\"counts\":{\"likes\":null,\"replies\":0,\"shares\":null,\"views\":12,"
	    "\"rating\":4.5},\"kind\":\"reply\"}";
	struct post post;
	struct buf out;
	(void)state;
	if (post_parse(str_of(json), arena, &post, &err))
		fail_msg("%s", err.text);
	assert_true(post.author.followers == 0 && post.counts.likes == POST_NO_NUMBER);
	assert_true(post.title.p && post.title.n == 0 && !post.reply_via.p);
	buf_init(&out, 10000);
	assert_int_equal(post_write(&out, &post), 0);
	assert_string_equal(out.p, json);
	buf_done(&out);
}

static void test_ids(void **state)
{
	char longer[300];
	(void)state;
	assert_true(str_is(post_id(arena, "feed", STR("k"), STR("n")), "feed:k:n"));
	memset(longer, 'x', sizeof longer);
	struct str a = post_id(arena, "feed", STR("k"), (struct str){longer, 300});
	struct str b = post_id(arena, "feed", STR("k"), (struct str){longer, 299});
	assert_true(a.n <= POST_ID_MAX && b.n <= POST_ID_MAX && !str_eq(a, b));
	struct post p, q;
	post_init(&p);
	p.id = STR("a"), p.title = STR("ab"), p.text = STR("c");
	q = p;
	q.title = STR("a"), q.text = STR("bc");
	assert_false(str_eq(post_rev(arena, &p), post_rev(arena, &q)));
	q = p;
	q.url = STR("http://elsewhere");
	assert_true(str_eq(post_rev(arena, &p), post_rev(arena, &q)));
}

static void test_join(void **state)
{
	static const struct {
		const char *post, *joined;
	} rows[] = {
	    {"{\"id\":\"a\"}", "{\"id\":\"a\",\"analysis\":{}}"},
	    {" { \"id\" : \"a\" , \"x\":[1,{\"analysis\":2}] }\n",
	     "{ \"id\" : \"a\" , \"x\":[1,{\"analysis\":2}] ,\"analysis\":{}}"},
	    {"{\"analysis\":{\"a\":[1,\"}\"]},\"id\":\"a\"}", "{\"id\":\"a\",\"analysis\":{}}"},
	    {"{\"id\":\"a\",\"analysis\":null}", "{\"id\":\"a\",\"analysis\":{}}"},
	    {"{\"id\":\"a\",\"an\\u0061lysis\":1,\"new\":\"\\\"\"}",
	     "{\"id\":\"a\",\"new\":\"\\\"\",\"analysis\":{}}"},
	    {"{}", "{\"analysis\":{}}"}};
	struct buf out;
	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		assert_int_equal(scored_join(&out, str_of(rows[i].post), STR("{}")), 0);
		assert_string_equal(out.p, rows[i].joined);
	}
	buf_done(&out);
}

static void read_back(const char *post, struct str analysis, struct analysis *ret, bool *has)
{
	static struct buf whole; /* read_back's views point into it */
	struct post read;
	buf_done(&whole);
	buf_init(&whole, 10000);
	assert_int_equal(scored_join(&whole, str_of(post), analysis), 0);
	if (scored_parse(buf_view(&whole), arena, &read, ret, has, &err))
		fail_msg("%s in %s", err.text, whole.p);
}

static void test_analysis(void **state)
{
	struct analysis a, back;
	bool has;
	struct post_why why[] = {{STR("text"), STR("Mist"), 0, 4, -321}};
	struct post_target targets[] = {
	    {STR("Bote"), {POST_POSITIVE, 9000, 9500, why, 1}},
	    {STR("Amt"), {POST_TONALITY_NULL, POST_NO_P, POST_NO_P, NULL, 0}}};
	struct post_place places[] = {{STR("text"), 0, 4}, {STR("title"), 1, 2}};
	struct post_query queries[] = {{STR("parcels"), places, 2}, {STR("all"), NULL, 0}};
	struct post_label labels[] = {{STR("complaint"), 8312}, {STR("question"), POST_NO_P}};
	struct post_fact facts[] = {{STR("iban"), STR("text"), STR("DE02"), 1, 3, true}};
	/* the order of the members is a promise: equal analyses are equal bytes */
	const char *json =
	    "{\"v\":{\"engine\":\"1\",\"model\":\"0123456789ab\",\"queries\":null,\"config\":null},"
	    "\"lang\":\"de\",\"queries\":[{\"name\":\"parcels\",\"spans\":[{\"field\":\"text\","
	    "\"start\":0,"
	    "\"end\":4},{\"field\":\"title\",\"start\":1,\"end\":2}]},{\"name\":\"all\",\"spans\":["
	    "]}],"
	    "\"relevance\":0,\"relevance_from\":\"head\","
	    "\"tonality\":{\"label\":\"negative\",\"score\":-0.75,\"p\":0.8,\"why\":[{\"field\":"
	    "\"text\",\"start\":0,\"end\":4,\"text\":\"Mist\",\"weight\":-321}]},"
	    "\"targets\":[{\"query\":\"Bote\",\"label\":\"positive\",\"score\":0.9,\"p\":0.95,"
	    "\"why\":[{\"field\":\"text\",\"start\":0,\"end\":4,\"text\":\"Mist\",\"weight\":-321}]"
	    "},"
	    "{\"query\":\"Amt\",\"label\":null,\"score\":null,\"p\":null,\"why\":[]}],"
	    "\"intent\":[{\"label\":\"complaint\",\"p\":0.8312},{\"label\":\"question\",\"p\":null}"
	    "],"
	    "\"answer\":{\"p\":1},\"urgency\":{\"level\":3,\"p\":0.0001,\"reasons\":[{\"label\":"
	    "\"complaint\",\"p\":0.8312}]},\"sarcasm\":{\"p\":0.05},\"flags\":{\"threat\":0.1,"
	    "\"insult\":0.2,\"violence\":0.03,\"selfharm\":0.0045,\"spam\":0.999},\"facts\":[{"
	    "\"kind\":"
	    "\"iban\",\"field\":\"text\",\"start\":1,\"end\":3,\"value\":\"DE02\",\"personal\":"
	    "true}],"
	    "\"fingerprint\":null}";
	struct buf out;
	(void)state;
	analysis_init(&a);
	a.v.engine = STR("1"), a.v.model = STR("0123456789ab"), a.lang = STR("de");
	a.relevance = 0;
	a.tonality = (struct post_tonality_score){POST_NEGATIVE, -7500, 8000, why, 1};
	a.targets = targets, a.n_targets = 2;
	a.queries = queries, a.n_queries = 2;
	a.intent = labels, a.n_intent = 2;
	a.answer_p = POST_ONE, a.urgency.level = 3, a.urgency.p = 1;
	a.urgency.reasons = labels, a.urgency.n_reasons = 1;
	a.sarcasm_p = 500, a.flags.threat = 1000, a.flags.insult = 2000;
	a.flags.violence = 300, a.flags.selfharm = 45, a.flags.spam = 9990;
	a.facts = facts, a.n_facts = 1;
	buf_init(&out, 10000);
	assert_int_equal(analysis_write(&out, &a), 0);
	assert_string_equal(out.p, json);
	/* all of it is read: written again it is the same */
	read_back("{\"id\":\"x\",\"text\":\"Mist\"}", buf_view(&out), &back, &has);
	assert_true(has);
	buf_reset(&out);
	assert_int_equal(analysis_write(&out, &back), 0);
	assert_string_equal(out.p, json);
	read_back("{\"id\":\"x\"}", STR("null"), &back, &has);
	assert_false(has);
	read_back("{\"id\":\"x\"}", STR("{}"), &back, &has);
	assert_true(has && back.relevance == POST_NO_P && back.urgency.level == -1 &&
		    back.answer_p == POST_NO_P && back.flags.spam == POST_NO_P && !back.n_targets);
	buf_done(&out);
}

/* Known members once, unknown ones as often as they like; in any order. */
static void test_members(void **state)
{
	static const struct {
		const char *json, *said; /* NULL: taken */
	} rows[] = {
	    {"{\"id\":\"a\",\"new\":1,\"new\":2}", NULL},
	    {"{\"id\":\"a\",\"author\":{\"x\":1,\"x\":{\"id\":1,\"id\":2}}}", NULL},
	    {"{\"id\":\"a\",\"text\":\"x\",\"t\\u0065xt\":\"y\"}", "\"text\" twice at byte 33"},
	    {"{\"id\":\"a\",\"author\":{\"url\":\"x\",\"url\":\"x\"}}", "\"url\" twice at byte 36"},
	    {"{\"id\":\"a\",\"analysis\":1,\"analysis\":1}", "\"analysis\" twice at byte 34"},
	    {"{\"id\":\"a\"", "expected ',' or '}' at byte 9"},
	    {"{\"id\":\"a\",\"owned\":truth}", "unknown word at byte 18"},
	};
	static const char *const members[] = {
	    "\"kind\":\"reply\"",    "\"cut\":true",      "\"lang\":\"de\"", "\"quotes\":[[0,2]]",
	    "\"text\":\"\xC3\xBC\"", "\"title\":\"t\"",   "\"url\":\"u\"",   "\"place\":\"p\"",
	    "\"rev\":\"r\"",         "\"op\":\"update\"", "\"v\":1",         "\"id\":\"a\""};
	struct post post;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc = post_parse(str_of(rows[i].json), arena, &post, &err);
		if (rc != (rows[i].said ? -1 : 0) || (rc && !strstr(err.text, rows[i].said)))
			fail_msg("%s: \"%s\"", rows[i].json, err.text);
	}
	for (size_t from = 0; from < ARRAY_LEN(members); from++) {
		struct buf json;
		buf_init(&json, 1000);
		for (size_t i = 0; i < ARRAY_LEN(members); i++)
			(void)buf_printf(&json, "%c%s", i ? ',' : '{',
					 members[(from + i) % ARRAY_LEN(members)]);
		(void)buf_char(&json, '}');
		if (post_parse(buf_view(&json), arena, &post, &err))
			fail_msg("%s: %s", json.p, err.text);
		assert_true(str_is(post.kind, "reply") && post.cut && str_is(post.lang, "de") &&
			    post.n_quotes == 1 && post.quotes[0].end == 2 &&
			    str_is(post.text, "\xC3\xBC") && str_is(post.title, "t") &&
			    str_is(post.url, "u") && str_is(post.place, "p") &&
			    str_is(post.rev, "r") && post.op == POST_UPDATE &&
			    str_is(post.id, "a"));
		buf_done(&json);
	}
}

/* The longest there is of all parts fits the room that is added up for it, and at each limit it is
 * all or nothing. */
static void test_limits(void **state)
{
	static const char controls[] = "\1\2\3\4\5\6\7";
	struct str s = {controls, 7};
	struct analysis a;
	struct post post;
	struct post_seam seam;
	struct buf out;
	(void)state;
	struct post_why why[70];
	struct post_target targets[70];
	struct post_label labels[70];
	struct post_fact facts[70];
	struct post_place places[70];
	struct post_query queries[70];
	const int32_t p = -INT32_MAX;
	for (size_t i = 0; i < ARRAY_LEN(why); i++) {
		why[i] = (struct post_why){s, s, INT64_MAX, INT64_MAX, INT64_MIN};
		targets[i] = (struct post_target){s, {POST_POSITIVE, p, p, NULL, 0}};
		labels[i] = (struct post_label){s, p};
		facts[i] = (struct post_fact){s, s, s, INT64_MAX, INT64_MAX, false};
		places[i] = (struct post_place){s, INT64_MAX, INT64_MAX};
		queries[i] = (struct post_query){s, places, ARRAY_LEN(places)};
	}
	for (int part = 0; part < 7; part++) {
		analysis_init(&a);
		a.v.engine = a.v.model = a.v.queries = a.v.config = a.lang = s;
		a.relevance = a.answer_p = a.urgency.p = a.sarcasm_p = p;
		a.tonality = (struct post_tonality_score){POST_NEGATIVE, p, p, NULL, 0};
		a.urgency.level = 3;
		a.flags.threat = a.flags.insult = a.flags.violence = p;
		a.flags.selfharm = a.flags.spam = p;
		switch (part) {
		case 0: break;
		case 1: a.tonality.why = why, a.tonality.n_why = ARRAY_LEN(why); break;
		case 2: a.targets = targets, a.n_targets = ARRAY_LEN(targets); break;
		case 5: a.queries = queries, a.n_queries = ARRAY_LEN(queries); break;
		case 3: a.intent = labels, a.n_intent = ARRAY_LEN(labels); break;
		case 4: a.urgency.reasons = labels, a.urgency.n_reasons = ARRAY_LEN(labels); break;
		default: a.facts = facts, a.n_facts = ARRAY_LEN(facts);
		}
		buf_init(&out, 8 * MiB);
		assert_int_equal(analysis_write(&out, &a), 0);
		buf_done(&out);
	}
	struct str json = STR("{\"id\":\"a\" , \"analysis\":1 }");
	a.n_facts = 1;
	assert_int_equal(post_parse_seam(json, arena, &post, &seam, &err), 0);
	buf_init(&out, MiB);
	assert_int_equal(scored_write(&out, json, &seam, &a), 0);
	size_t n = out.n;
	buf_done(&out);
	for (size_t limit = 2; limit <= n + 2; limit++) {
		buf_init(&out, limit);
		(void)buf_z(&out, "xy");
		int rc = scored_write(&out, json, &seam, &a);
		assert_int_equal(rc, limit < n + 2 ? -1 : 0);
		assert_int_equal(out.n, limit < n + 2 ? 2 : n + 2);
		assert_int_equal(strlen(out.p), out.n);
		buf_done(&out);
	}
}

/* As long as post.h says, and no longer. */
static void test_lists(void **state)
{
	static const struct {
		const char *before, *item, *after;
		int most;
	} rows[] = {{"\"media\":[", "{}", "]", 200},
		    {"\"quotes\":[", "[0,0]", "]", 10000},
		    {"\"analysis\":{\"intent\":[", "{}", "]}", POST_LABELS_MOST},
		    {"\"analysis\":{\"urgency\":{\"reasons\":[", "{}", "]}}", POST_LABELS_MOST},
		    {"\"analysis\":{\"facts\":[", "{}", "]}", POST_FACTS_MOST},
		    {"\"analysis\":{\"targets\":[", "{}", "]}", POST_TARGETS_MOST},
		    {"\"analysis\":{\"queries\":[", "{}", "]}", POST_QUERIES_MOST},
		    {"\"analysis\":{\"queries\":[{\"spans\":[", "{}", "]}]}", POST_SPANS_MOST},
		    {"\"analysis\":{\"tonality\":{\"why\":[", "{}", "]}}", POST_WHY_MOST},
		    {"\"analysis\":{\"targets\":[{\"why\":[", "{}", "]}]}", POST_WHY_MOST}};
	struct buf json;
	(void)state;
	buf_init(&json, MiB);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int n = rows[i].most; n <= rows[i].most + 1; n++) {
			struct post post;
			struct analysis a;
			bool has;
			buf_reset(&json);
			(void)buf_printf(&json, "{\"id\":\"a\",%s", rows[i].before);
			for (int k = 0; k < n; k++)
				(void)buf_printf(&json, "%s%s", k ? "," : "", rows[i].item);
			(void)buf_printf(&json, "%s}", rows[i].after);
			int rc = scored_parse(buf_view(&json), arena, &post, &a, &has, &err);
			assert_int_equal(rc, n > rows[i].most ? -1 : 0);
			assert_true(!rc || strstr(err.text, "expected a shorter list for"));
		}
	}
	buf_done(&json);
}

/* The digits of ten-thousandths are those of the double they stand for; read, they are the same. */
static void test_digits(void **state)
{
	struct buf out, want, json;
	(void)state;
	buf_init(&out, 10000), buf_init(&want, 100), buf_init(&json, 10000);
	for (int32_t v = -POST_ONE; v <= POST_ONE; v++) {
		struct analysis a, back;
		struct post post;
		bool has;
		analysis_init(&a);
		a.relevance = v;
		buf_reset(&out), buf_reset(&want), buf_reset(&json);
		assert_int_equal(analysis_write(&out, &a), 0);
		(void)buf_json_num(&want, (double)v / POST_ONE);
		const char *at = strstr(out.p, "\"relevance\":") + strlen("\"relevance\":");
		assert_true(strncmp(at, want.p, want.n) == 0 && at[want.n] == ',');
		assert_int_equal(scored_join(&json, STR("{\"id\":\"x\"}"), buf_view(&out)), 0);
		arena_reset(arena);
		assert_int_equal(scored_parse(buf_view(&json), arena, &post, &back, &has, &err), 0);
		assert_int_equal(back.relevance, v);
	}
	static const struct {
		const char *json;
		int32_t p;
	} rows[] = {{"0.00004", 0},    {"0.00005", 1},         {"-0.00005", -1},    {"5e-1", 5000},
		    {"1.0", POST_ONE}, {"1e300", INT32_MAX},   {"-0", 0},           {"-0.0", 0},
		    {"2", 20000},      {"-1e300", -INT32_MAX}, {"0.12344999", 1234}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct analysis back;
		bool has;
		buf_reset(&out);
		(void)buf_printf(&out, "{\"relevance\":%s}", rows[i].json);
		read_back("{\"id\":\"x\"}", buf_view(&out), &back, &has);
		if (back.relevance != rows[i].p)
			fail_msg("%s: %d", rows[i].json, back.relevance);
	}
	buf_done(&out), buf_done(&want), buf_done(&json);
}

static int setup(void **state)
{
	(void)state;
	arena = arena_create(16 * MiB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),  cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_ids),      cmocka_unit_test(test_join),
	    cmocka_unit_test(test_analysis), cmocka_unit_test(test_digits),
	    cmocka_unit_test(test_members),  cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_lists)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
