/*
 * bus_dead.c: the dead letter, one JSON object:
 *
 * {"v":1,"stage":"analyze","reason":"...","topic":"posts","partition":3,"offset":17,
 *  "key":"...","value":"BASE64 of the first 256 KiB","length":1234,"sha256":"...","at":"..."}
 */
#include "common/bus_core.h"
#include "common/hash.h"
#include "common/num.h"

enum { DEAD_VALUE_MAX = 256 * 1024, DEAD_REASON_MAX = 500 };

static void base64(struct buf *out, struct str s)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = buf_reserve(out, (s.n + 2) / 3 * 4);
	if (!p)
		return;
	char *start = p;
	for (size_t i = 0; i < s.n; i += 3) {
		unsigned v = (unsigned char)s.p[i] << 16;
		if (i + 1 < s.n)
			v |= (unsigned)(unsigned char)s.p[i + 1] << 8;
		if (i + 2 < s.n)
			v |= (unsigned char)s.p[i + 2];
		*p++ = digits[v >> 18];
		*p++ = digits[v >> 12 & 63];
		*p++ = i + 1 < s.n ? digits[v >> 6 & 63] : '=';
		*p++ = i + 2 < s.n ? digits[v & 63] : '=';
	}
	out->n += (size_t)(p - start);
	out->p[out->n] = '\0';
}

/* Keys and reasons may carry bytes of strangers: JSON wants valid UTF-8. */
static void json_repaired(struct buf *out, struct str s, size_t max)
{
	struct buf fixed;
	buf_init(&fixed, 4 * (max + 1));
	for (size_t pos = 0; pos < s.n && fixed.n < max;) {
		char c[4];
		size_t n = utf8_put(c, utf8_next(s, &pos));
		(void)buf_add(&fixed, c, n); /* room was made for four bytes each */
	}
	(void)buf_json_str(out, buf_view(&fixed)); /* a full buffer is seen at the end */
	buf_done(&fixed);
}

void bus_dead_letter(struct buf *out, const char *stage, const char *reason,
		     const struct bus_msg *msg, int64_t at_ms)
{
	char hex[HASH_HEX_LEN + 1], at[NUM_TIME_LEN + 1];
	hash_sha256_hex(msg->value, hex);
	num_time_text(at_ms, at);
	/* failures to add are remembered by the buffer; its limit is far above what is added */
	(void)buf_z(out, "{\"v\":1,\"stage\":");
	(void)buf_json_str(out, str_of(stage));
	(void)buf_z(out, ",\"reason\":");
	json_repaired(out, str_of(reason), DEAD_REASON_MAX);
	(void)buf_printf(out,
			 ",\"topic\":\"%s\",\"partition\":%d,\"offset\":%lld,\"key\":", msg->topic,
			 msg->partition, (long long)msg->offset);
	json_repaired(out, msg->key, 4096);
	(void)buf_z(out, ",\"value\":\"");
	base64(out, str_sub(msg->value, 0, DEAD_VALUE_MAX));
	(void)buf_printf(out, "\",\"length\":%zu,\"sha256\":\"%s\",\"at\":\"%s\"}", msg->value.n,
			 hex, at);
}
