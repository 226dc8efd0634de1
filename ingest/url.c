/* RFC 3986: the five parts (appendix B), dot segments (5.2.4), resolution (5.2.2), normalising (6.2). */
#include "common/buf.h"
#include "common/mem.h"

#include "ingest/url.h"

struct url {
	struct str scheme, authority, path, query, fragment; /* null: absent; path never is */
};

static bool is_alpha(char c)
{
	c |= 32;
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static struct url split(struct str s)
{
	struct url u = {0};
	size_t i = 0;
	while (i < s.n && (is_alpha(s.p[i]) || (i && (is_digit(s.p[i]) || s.p[i] == '+' ||
						      s.p[i] == '-' || s.p[i] == '.'))))
		i++;
	if (i && i < s.n && s.p[i] == ':') {
		u.scheme = str_sub(s, 0, i);
		s = str_sub(s, i + 1, s.n);
	}
	size_t hash = str_find(s, '#', 0);
	if (hash < s.n)
		u.fragment = str_sub(s, hash + 1, s.n);
	s = str_sub(s, 0, hash);
	size_t question = str_find(s, '?', 0);
	if (question < s.n)
		u.query = str_sub(s, question + 1, s.n);
	s = str_sub(s, 0, question);
	if (s.n >= 2 && s.p[0] == '/' && s.p[1] == '/') {
		size_t end = str_find(s, '/', 2);
		u.authority = str_sub(s, 2, end);
		s = str_sub(s, end, s.n);
	}
	u.path = s;
	return u;
}

static bool is_web_scheme(struct str scheme)
{
	return str_ieq(scheme, "http") || str_ieq(scheme, "https");
}

/* White space off, also inside where a feed broke its lines; backslashes stay. */
static struct str tidy(struct arena *arena, struct str s)
{
	s = str_trim(s);
	char *out = arena_try(arena, s.n + 1);
	if (!out)
		return STR_NULL;
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n' && s.p[i] != '\r' && s.p[i] != '\t')
			out[n++] = s.p[i];
	out[n] = '\0';
	return (struct str){out, n};
}

static void remove_dots(struct buf *out, struct str path)
{
	size_t floor = out->n;
	bool rooted = path.n && path.p[0] == '/';
	struct str rest = rooted ? str_sub(path, 1, path.n) : path, part;
	if (rooted)
		(void)buf_char(out, '/'); /* callers check out->full */
	while (str_split(&rest, '/', &part)) {
		bool last = !rest.p;
		if (str_is(part, ".")) {
			continue;
		} else if (str_is(part, "..")) {
			if (out->n > floor + rooted)
				out->n--; /* the slash */
			while (out->n > floor + rooted && out->p[out->n - 1] != '/')
				out->n--;
		} else {
			(void)buf_str(out, part);
			if (!last)
				(void)buf_char(out, '/');
		}
	}
}

static void join(struct buf *out, const struct url *u)
{
	if (u->scheme.p) {
		(void)buf_str(out, u->scheme);
		(void)buf_char(out, ':');
	}
	if (u->authority.p) {
		(void)buf_z(out, "//");
		(void)buf_str(out, u->authority);
	}
	(void)buf_str(out, u->path);
	if (u->query.p) {
		(void)buf_char(out, '?');
		(void)buf_str(out, u->query);
	}
	if (u->fragment.p) {
		(void)buf_char(out, '#');
		(void)buf_str(out, u->fragment);
	}
}

static struct str finish(struct arena *arena, struct buf *out)
{
	char *p = out->full ? NULL : arena_try(arena, out->n + 1);
	struct str ret = {p, p ? out->n : 0};
	if (p)
		memcpy(p, buf_view(out).p, out->n + 1);
	buf_done(out);
	return ret;
}

struct str url_resolve(struct arena *arena, struct str base, struct str ref)
{
	if (!ref.p || ref.n > URL_MAX_BYTES || base.n > URL_MAX_BYTES)
		return STR_NULL;
	ref = tidy(arena, ref);
	if (!ref.p)
		return STR_NULL;
	struct url r = split(ref), b = split(str_trim(base)), t = r;
	if (!b.scheme.p ||
	    (r.scheme.p && !(str_ieq(r.scheme, "http") || str_ieq(r.scheme, "https"))))
		return ref;
	/* "http:page" is relative for browsers where the schemes agree */
	bool relative = !r.scheme.p || (!r.authority.p && str_eq(r.scheme, b.scheme));
	struct buf path, out;
	buf_init(&path, 2 * URL_MAX_BYTES);
	buf_init(&out, 4 * URL_MAX_BYTES);
	if (relative && !r.authority.p) {
		t.authority = b.authority;
		if (r.path.n == 0) {
			(void)buf_str(&path, b.path);
			if (!r.query.p)
				t.query = b.query;
		} else if (r.path.p[0] == '/') {
			remove_dots(&path, r.path);
		} else {
			size_t slash = b.path.n;
			while (slash && b.path.p[slash - 1] != '/')
				slash--;
			struct buf merged;
			buf_init(&merged, 2 * URL_MAX_BYTES);
			if (b.authority.p && b.path.n == 0)
				(void)buf_char(&merged, '/');
			(void)buf_str(&merged, str_sub(b.path, 0, slash));
			(void)buf_str(&merged, r.path);
			remove_dots(&path, buf_view(&merged));
			buf_done(&merged);
		}
	} else {
		remove_dots(&path, r.path);
	}
	if (relative)
		t.scheme = b.scheme;
	t.path = buf_view(&path);
	join(&out, &t);
	buf_done(&path);
	return finish(arena, &out);
}

bool url_is_web(struct str url)
{
	struct url u = split(str_trim(url));
	return u.scheme.p && is_web_scheme(u.scheme) && u.authority.n > 0;
}

static struct str host_of(struct str authority, struct str *ret_port)
{
	for (size_t i = authority.n; i-- > 0;)
		if (authority.p[i] == '@') {
			authority = str_sub(authority, i + 1, authority.n);
			break;
		}
	size_t from = authority.n && authority.p[0] == '[' ? str_find(authority, ']', 0) : 0;
	size_t colon = str_find(authority, ':', from);
	*ret_port = str_sub(authority, colon + 1, authority.n);
	return str_sub(authority, 0, colon);
}

struct str url_host(struct arena *arena, struct str url)
{
	struct url u = split(str_trim(url));
	struct str port, host = host_of(u.authority.p ? u.authority : STR(""), &port);
	if (!host.n || host.n > URL_MAX_BYTES)
		return STR_NULL;
	char *z = arena_try(arena, host.n + 1);
	if (!z)
		return STR_NULL;
	for (size_t i = 0; i < host.n; i++)
		z[i] = lower(host.p[i]);
	z[host.n] = '\0';
	return (struct str){z, host.n};
}

/* ---- tracking and sessions ---------------------------------------------------------- */

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(lower(s.p[i]) >= 'a' && lower(s.p[i]) <= 'f'))
			return false;
	return s.n > 0;
}

static bool is_tracking(struct str name, struct str value)
{
	static const char *const names[] = {
	    "fbclid",       "gclid",     "dclid",       "gbraid", "wbraid",    "msclkid",
	    "yclid",        "twclid",    "igshid",      "mc_cid", "mc_eid",    "_hsenc",
	    "_hsmi",        "mkt_tok",   "ocid",        "cmpid",  "wt_mc",     "wt.mc_id",
	    "wt_zmc",       "at_medium", "at_campaign", "xtor",   "phpsessid", "jsessionid",
	    "aspsessionid", "sessionid", "session_id"};
	if (name.n > 4 &&
	    (str_ieq(str_sub(name, 0, 4), "utm_") || str_ieq(str_sub(name, 0, 4), "mtm_")))
		return true;
	if (name.n > 3 && str_ieq(str_sub(name, 0, 3), "pk_"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(name, names[i]))
			return true;
	/* sid and s are sessions in forums only where they look like one */
	return (str_ieq(name, "sid") || str_ieq(name, "s") || str_ieq(name, "osCsid")) &&
	       (value.n == 32 || value.n == 26 || value.n == 40) && is_hex(value);
}

static void add_query(struct buf *out, struct str query, size_t *count)
{
	struct str part;
	while (str_split(&query, '&', &part)) {
		if (str_starts(part, "amp;")) /* escaped once too often */
			part = str_sub(part, 4, part.n);
		size_t eq = str_find(part, '=', 0);
		if (!part.n || is_tracking(str_sub(part, 0, eq), str_sub(part, eq + 1, part.n)))
			continue;
		if ((*count)++)
			(void)buf_char(out, '&');
		(void)buf_str(out, part);
	}
}

/* "/forum;jsessionid=0F3A": the parameter goes. */
static struct str without_path_session(struct str path)
{
	size_t at = str_find(path, ';', 0);
	if (at + 12 <= path.n && str_ieq(str_sub(path, at + 1, at + 12), "jsessionid="))
		return str_sub(path, 0, at);
	return path;
}

static int hex(char c)
{
	return is_digit(c)                          ? c - '0'
	       : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10
						    : -1;
}

/* "%7e" of what needs no escape becomes itself, other escapes get capital digits. */
static void add_escaped(struct buf *out, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		int a = i + 2 < s.n ? hex(s.p[i + 1]) : -1, b = i + 2 < s.n ? hex(s.p[i + 2]) : -1;
		unsigned char c = (unsigned char)s.p[i];
		if (c == '%' && a >= 0 && b >= 0) {
			c = (unsigned char)(a * 16 + b);
			i += 2;
			if (is_alpha((char)c) || is_digit((char)c) || strchr("-._~", c ? c : '/')) {
				(void)buf_char(out, (char)c);
				continue;
			}
		} else if (c > 32 && c < 127) {
			(void)buf_char(out, (char)c);
			continue;
		}
		char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
		(void)buf_add(out, escape, 3);
	}
}

struct str url_normalise(struct arena *arena, struct str url)
{
	if (!url.p || url.n > URL_MAX_BYTES)
		return STR_NULL;
	url = tidy(arena, url);
	if (!url.p)
		return STR_NULL;
	struct url u = split(url);
	if (!u.scheme.p || !is_web_scheme(u.scheme) || !u.authority.p)
		return url;
	struct buf path, query, out;
	buf_init(&path, 4 * URL_MAX_BYTES);
	buf_init(&query, 4 * URL_MAX_BYTES);
	buf_init(&out, 12 * URL_MAX_BYTES);
	bool tls = str_ieq(u.scheme, "https");
	(void)buf_z(&out, tls ? "https://" : "http://");
	struct str port, host = host_of(u.authority, &port);
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < host.n; i++)
		(void)buf_char(&out, lower(host.p[i]));
	if (port.n && !str_is(port, tls ? "443" : "80")) {
		(void)buf_char(&out, ':');
		(void)buf_str(&out, port);
	}
	remove_dots(&path, without_path_session(u.path));
	if (!path.n)
		(void)buf_char(&path, '/');
	add_escaped(&out, buf_view(&path));
	size_t count = 0;
	add_query(&query, u.query.p ? u.query : STR(""), &count);
	if (count) {
		(void)buf_char(&out, '?');
		add_escaped(&out, buf_view(&query));
	}
	out.full = out.full || path.full || query.full;
	buf_done(&path);
	buf_done(&query);
	return finish(arena, &out);
}

/* ---- for people ---------------------------------------------------------------------- */

/* The target of a link that only forwards, or null. */
static struct str forwarded(struct arena *arena, const struct url *u)
{
	struct str port, host = host_of(u->authority, &port), query = u->query, part;
	bool google = str_is(u->path, "/url") &&
		      (str_starts(host, "www.google.") || str_starts(host, "google."));
	while (google && query.p && str_split(&query, '&', &part)) {
		size_t eq = str_find(part, '=', 0);
		struct str name = str_sub(part, 0, eq), value = str_sub(part, eq + 1, part.n);
		if (!str_is(name, "url") && !str_is(name, "q"))
			continue;
		char *out = arena_try(arena, value.n + 1);
		size_t n = 0;
		if (!out)
			return STR_NULL;
		for (size_t i = 0; i < value.n; i++) {
			int a = i + 2 < value.n ? hex(value.p[i + 1]) : -1;
			int b = i + 2 < value.n ? hex(value.p[i + 2]) : -1;
			if (value.p[i] == '%' && a >= 0 && b >= 0) {
				out[n++] = (char)(a * 16 + b);
				i += 2;
			} else {
				out[n++] = value.p[i];
			}
		}
		struct str target = {out, n};
		if (url_is_web(target) && utf8_valid(target))
			return target;
	}
	return STR_NULL;
}

struct str url_clean(struct arena *arena, struct str url)
{
	if (!url.p || url.n > URL_MAX_BYTES)
		return STR_NULL;
	url = tidy(arena, url);
	if (!url.p)
		return STR_NULL;
	struct url u = split(url);
	if (!u.scheme.p || !is_web_scheme(u.scheme) || !u.authority.p)
		return url;
	struct str target = forwarded(arena, &u);
	if (target.p)
		return target;
	struct buf query, out;
	buf_init(&query, 2 * URL_MAX_BYTES);
	buf_init(&out, 4 * URL_MAX_BYTES);
	size_t count = 0;
	u.path = without_path_session(u.path);
	if (u.query.p) {
		add_query(&query, u.query, &count);
		u.query = count ? buf_view(&query) : STR_NULL;
	}
	join(&out, &u);
	buf_done(&query);
	return finish(arena, &out);
}
