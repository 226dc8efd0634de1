#include <jansson.h>
#include <stdio.h>

#include "common/error.h"
#include "tests/support/schema.h"

static const char *type_of(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return "object";
	case JSON_ARRAY: return "array";
	case JSON_STRING: return "string";
	case JSON_INTEGER: return "integer";
	case JSON_REAL: return "number";
	case JSON_NULL: return "null";
	default: return "boolean";
	}
}

static int type_fits(const json_t *type, const json_t *v)
{
	if (json_is_array(type)) {
		for (size_t i = 0; i < json_array_size(type); i++)
			if (type_fits(json_array_get(type, i), v))
				return 1;
		return 0;
	}
	const char *want = json_string_value(type);
	return strcmp(want, type_of(v)) == 0 || (strcmp(want, "number") == 0 && json_is_integer(v));
}

static int in_enum(const json_t *list, const json_t *v)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), v))
			return 1;
	return 0;
}

static int check(const json_t *schema, const json_t *v, const char *path, int all,
		 struct error *err)
{
	const json_t *type = json_object_get(schema, "type"),
		     *list = json_object_get(schema, "enum");
	const json_t *props = json_object_get(schema, "properties");
	const json_t *items = json_object_get(schema, "items"), *sub, *member;
	const char *key;
	char below[300];
	if (type && !type_fits(type, v))
		return error_set(err, "%s: a %s does not fit", path, type_of(v));
	if (list && !in_enum(list, v))
		return error_set(err, "%s: not one of the values allowed", path);
	if (json_is_array(v) && items) {
		for (size_t i = 0; i < json_array_size(v); i++) {
			snprintf(below, sizeof below, "%.250s[%zu]", path, i);
			if (check(items, json_array_get(v, i), below, all, err))
				return -1;
		}
	}
	if (!json_is_object(v))
		return 0;
	const json_t *required = json_object_get(schema, "required");
	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(v, json_string_value(json_array_get(required, i))))
			return error_set(err, "%s: %s is missing", path,
					 json_string_value(json_array_get(required, i)));
	json_object_foreach((json_t *)props, key, sub)
	{
		snprintf(below, sizeof below, "%.200s.%.90s", path, key);
		if ((member = json_object_get(v, key)) && check(sub, member, below, all, err))
			return -1;
	}
	if ((all && props) || json_is_false(json_object_get(schema, "additionalProperties")))
		json_object_foreach(
		    (json_t *)v, key,
		    sub) if (!json_object_get(props,
					      key)) return error_set(err,
								     "%s: %s is not in the schema",
								     path, key);
	return 0;
}

static int check_file(const char *name, struct str json, int all, struct error *err)
{
	char path[200];
	json_error_t why;
	snprintf(path, sizeof path, "docs/schemas/%s.schema.json", name);
	json_auto_t *schema = json_load_file(path, 0, &why);
	if (!schema)
		return error_set(err, "could not read \"%s\": %s (run from the top folder)", path,
				 why.text);
	json_auto_t *v = json_loadb(json.p, json.n, JSON_ALLOW_NUL, &why);
	if (!v)
		return error_set(err, "no JSON: %s", why.text);
	return check(schema, v, name, all, err);
}

int schema_check(const char *name, struct str json, struct error *err)
{
	return check_file(name, json, 0, err);
}

int schema_check_all(const char *name, struct str json, struct error *err)
{
	return check_file(name, json, 1, err);
}
