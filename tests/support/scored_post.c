/*
 * scored_post.c: defaults first, given members laid over them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "common/mem.h"

#include "tests/support/scored_post.h"

static const char defaults[] =
    "{\"v\":1,\"op\":\"create\",\"id\":\"t:s:1\",\"rev\":\"r\",\"conversation\":\"t:s:1\","
    "\"source\":\"forum-zustellung\",\"driver\":\"feed\",\"channel\":\"forum\","
    "\"place\":\"Zustellung\",\"owned\":false,\"url\":\"https://forum.example.org/p/1\","
    "\"author\":{\"id\":\"u1\",\"handle\":\"moni_k\",\"name\":\"Moni K.\",\"followers\":null,"
    "\"bot\":null,\"role\":\"customer\"},\"addressed\":\"none\",\"title\":null,"
    "\"text\":\"Seit drei Tagen kein Paket.\",\"quotes\":[],\"media\":[],\"lang\":\"de\","
    "\"created_at\":\"2026-11-22T08:00:00.000Z\",\"fetched_at\":\"2026-11-22T08:05:00.000Z\","
    "\"date_quality\":\"exact\",\"backfill\":false,\"kind\":\"post\"}";
static const char analysis_defaults[] =
    "{\"v\":{\"engine\":\"e\",\"model\":\"m\",\"queries\":\"\",\"config\":\"c\"},\"lang\":\"de\","
    "\"relevance\":null,\"tonality\":{\"label\":\"negative\",\"score\":-0.8,\"p\":0.9,\"why\":[]},"
    "\"answer\":null,\"urgency\":null}";

static json_t *merged(const char *base, const char *members)
{
	json_error_t why;
	json_t *root = json_loads(base, 0, &why);
	char text[4096];
	must(root && (size_t)snprintf(text, sizeof text, "{%s}", members) < sizeof text);
	json_t *over = json_loads(text, 0, &why);
	if (!over)
		fail_msg("bad JSON in the test: %s: %s", members, why.text);
	json_object_update_recursive(root, over);
	json_decref(over);
	return root;
}

struct scored scored_post(struct arena *arena, const char *members, const char *analysis)
{
	struct error err;
	json_t *root = merged(defaults, members);
	json_object_set_new(root, "analysis",
			    analysis ? merged(analysis_defaults, analysis) : json_null());
	char *text = json_dumps(root, JSON_COMPACT);
	struct scored s = {.json = arena_str(arena, str_of(text))};
	free(text);
	json_decref(root);
	if (scored_parse(s.json, arena, &s.post, &s.analysis, &s.has_analysis, &err))
		fail_msg("%s", err.text);
	return s;
}
