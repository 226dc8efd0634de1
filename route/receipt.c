/*
 * receipt.c: writing by hand in a fixed order, so that equal decisions give equal bytes; reading
 * through jansson.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "common/hash.h"
#include "route/receipt.h"

static void hash12(struct str a, struct str b, char out[13])
{
	char hex[HASH_HEX_LEN + 1];
	struct str parts[] = {a, b};
	hash_sha256_hex_parts(parts, 2, hex);
	memcpy(out, hex, 12);
	out[12] = '\0';
}

int receipt_write(struct buf *out, const struct decision *d, const struct policy *policy,
		  const struct scored *s)
{
	char text[13];
	hash12(s->post.title, s->post.text, text);
	(void)buf_printf(out, "{\"v\":1,\"config\":\"%s\",\"engine\":", policy->hash);
	(void)buf_json_str(out, s->analysis.v.engine);
	(void)buf_z(out, ",\"model\":");
	(void)buf_json_str(out, s->analysis.v.model);
	(void)buf_printf(out, ",\"rule\":%d,\"post\":", d->rule->number);
	(void)buf_json_str(out, s->post.id);
	(void)buf_printf(out, ",\"text\":\"%s\",\"at\":%" PRId64 ",\"factors\":[", text, d->at);
	for (size_t i = 0; i < PRIORITY_FACTORS; i++) {
		const struct priority_factor *f = &d->priority.factors[i];
		/* a stranger's channel or role goes in only as far as a table may know it */
		struct str input = f->input.p ? utf8_cut(f->input, 40) : STR_NULL;
		(void)buf_printf(out, "%s{\"name\":\"%s\",\"input\":", i ? "," : "", f->name);
		(void)buf_json_str(out, input);
		(void)buf_printf(out, ",\"points\":%" PRId64 "}", f->points);
	}
	(void)buf_printf(out,
			 "],\"sum\":%" PRId64 ",\"promise\":%" PRId64 ",\"start\":%" PRId64
			 ",\"from_fetched\":%s,\"deadline\":",
			 d->priority.sum, d->promise.target_ms, d->promise.start,
			 d->promise.from_fetched ? "true" : "false");
	if (d->promise.target_ms)
		(void)buf_printf(out, "%" PRId64, d->promise.deadline);
	else
		(void)buf_z(out, "null");
	return buf_printf(
	    out,
	    ",\"work\":%" PRId64 ",\"k\":%" PRId64 ",\"boost\":%" PRId64 ",\"rank\":%" PRId64 "}",
	    policy->scale.work_ms, policy->scale.k, d->priority.boost_ms, d->priority.rank);
}

static int whole(const json_t *object, const char *name, int64_t *ret, struct error *err)
{
	const json_t *v = json_object_get(object, name);
	if (!json_is_integer(v))
		return error_set(err, "expected a whole number \"%s\" in the receipt", name);
	*ret = json_integer_value(v);
	return 0;
}

static int same(const char *what, int64_t stated, int64_t computed, struct error *err)
{
	if (stated == computed)
		return 0;
	return error_set(err, "\"%s\" says %" PRId64 ", the inputs give %" PRId64, what, stated,
			 computed);
}

static int sum_factors(const json_t *root, int64_t *ret, struct error *err)
{
	const json_t *list = json_object_get(root, "factors");
	size_t i;
	json_t *factor;
	if (!json_is_array(list))
		return error_set(err, "expected a list \"factors\" in the receipt");
	*ret = 0;
	json_array_foreach(list, i, factor)
	{
		const json_t *input = json_object_get(factor, "input");
		const char *name = json_string_value(json_object_get(factor, "name"));
		int64_t stated = 0, points = 0;
		if (!name || whole(factor, "points", &stated, err) ||
		    priority_points(str_of(name), str_of(json_string_value(input)), &points))
			return error_set(err, "expected a known factor with points, found \"%s\"",
					 name ? name : "?");
		if (same(name, stated, points, err))
			return -1;
		*ret += points;
	}
	return 0;
}

static int recompute(const json_t *root, struct error *err)
{
	int64_t sum = 0, stated = 0, start = 0, boost = 0, rank = 0, deadline = 0;
	struct promise promise = {0};
	struct priority_scale scale;
	if (sum_factors(root, &sum, err) || whole(root, "sum", &stated, err) ||
	    same("sum", stated, sum, err) || whole(root, "promise", &promise.target_ms, err) ||
	    whole(root, "start", &start, err) || whole(root, "work", &scale.work_ms, err) ||
	    whole(root, "k", &scale.k, err) || whole(root, "boost", &boost, err) ||
	    whole(root, "rank", &rank, err))
		return -1;
	promise.start = start;
	promise.deadline = start + promise.target_ms;
	if (promise.target_ms && (whole(root, "deadline", &deadline, err) ||
				  same("deadline", deadline, promise.deadline, err)))
		return -1;
	if (same("boost", boost, priority_boost(sum, &scale), err))
		return -1;
	return same("rank", rank, priority_rank(boost, &promise), err);
}

int receipt_recompute(struct str json, struct error *err)
{
	json_error_t why;
	json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return error_set(err, "could not read receipt: %s", why.text);
	int rc = recompute(root, err);
	json_decref(root);
	return rc;
}
