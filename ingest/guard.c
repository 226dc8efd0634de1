/*
 * guard.c: the table of special-purpose networks (IANA registries behind RFC 6890), and what a URL may
 * look like.
 *
 * IPv6 is judged the other way round from IPv4: only 2000::/3 is global unicast, so everything else is
 * refused by one rule and the table names the exceptions inside it.  6to4 and Teredo are refused
 * whole: they hide an IPv4 address and no site is reached only that way any more.
 *
 * The text is read by libcurl's URL parser, the one that later connects: what it says the host is, is
 * the host.  What it is lenient about is refused before (backslash, user name, percent in the
 * authority), because a reader of the configuration would see another host than curl does.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/num.h"

#include "ingest/guard.h"

struct network {
	uint8_t bytes[16];
	int bits;
	bool six;
	const char *why;
};

#define V4(a, b, c, d, bits, why)                                                                  \
	{                                                                                          \
		{a, b, c, d}, bits, false, why                                                     \
	}

static const struct network special4[] = {
    V4(0, 0, 0, 0, 8, "this network"),
    V4(10, 0, 0, 0, 8, "private network"),
    V4(100, 64, 0, 0, 10, "shared network of a carrier (CGNAT)"),
    V4(127, 0, 0, 0, 8, "loopback"),
    V4(169, 254, 0, 0, 16, "link-local (cloud metadata)"),
    V4(172, 16, 0, 0, 12, "private network"),
    V4(192, 0, 0, 0, 24, "protocol assignments"),
    V4(192, 0, 2, 0, 24, "documentation"),
    V4(192, 88, 99, 0, 24, "6to4 relay"),
    V4(192, 168, 0, 0, 16, "private network"),
    V4(198, 18, 0, 0, 15, "benchmarking"),
    V4(198, 51, 100, 0, 24, "documentation"),
    V4(203, 0, 113, 0, 24, "documentation"),
    V4(224, 0, 0, 0, 4, "multicast"),
    V4(240, 0, 0, 0, 4, "reserved or broadcast"),
};

/* inside 2000::/3 */
static const struct network special6[] = {
    {{0x20, 0x01, 0x00}, 23, true, "protocol assignments, Teredo, ORCHID"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, true, "documentation"},
    {{0x20, 0x02}, 16, true, "6to4"},
    {{0x3f, 0xff}, 20, true, "documentation"},
};

/* outside of it, for a better reason than "not global unicast" */
static const struct network named6[] = {
    {{0}, 127, true, "loopback or unspecified"}, /* :: and ::1 */
    {{0xfc}, 7, true, "unique-local"},
    {{0xfe, 0x80}, 10, true, "link-local"},
    {{0xff}, 8, true, "multicast"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, true, "local-use NAT64"},
    {{0x01}, 64, true, "discard-only"},
};

static const uint8_t mapped4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};

static const int plain_ports[] = {80, 443, 8080, 8443};

struct guard {
	struct network *allowed;
	size_t n_allowed;
};

struct guard *guard_create(void)
{
	return xcalloc(1, sizeof(struct guard));
}

void guard_free(struct guard *guard)
{
	if (!guard)
		return;
	free(guard->allowed);
	free(guard);
}

/* The first `bits` bits equal? */
static bool inside(const uint8_t *address, const struct network *network)
{
	int whole = network->bits / 8, rest = network->bits % 8;
	if (memcmp(address, network->bytes, (size_t)whole) != 0)
		return false;
	uint8_t mask = (uint8_t)(0xff << (8 - rest));
	return rest == 0 || (address[whole] & mask) == (network->bytes[whole] & mask);
}

static const struct network *find(const uint8_t *address, bool six, const struct network *table,
				  size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].six == six && inside(address, &table[i]))
			return &table[i];
	return NULL;
}

int guard_allow(struct guard *guard, struct str network, struct error *err)
{
	struct network new = {.why = "allowed by the configuration"};
	char text[64];
	struct str rest = network, address = network;
	int64_t bits = -1;
	size_t slash = str_find(network, '/', 0);
	if (slash < network.n) {
		address = str_sub(network, 0, slash);
		rest = str_sub(network, slash + 1, network.n);
		if (num_int(rest, 0, 128, &bits))
			return error_set(err,
					 "expected a network such as 10.0.0.0/8, found \"%.*s\"",
					 STR_ARG(network));
	}
	if (address.n == 0 || address.n >= sizeof text)
		return error_set(err, "expected a network such as 10.0.0.0/8, found \"%.*s\"",
				 STR_ARG(network));
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	if (inet_pton(AF_INET, text, new.bytes) == 1)
		new.bits = bits < 0 ? 32 : (int)bits;
	else if (inet_pton(AF_INET6, text, new.bytes) == 1) {
		new.six = true;
		new.bits = bits < 0 ? 128 : (int)bits;
	}
	if (new.bits > (new.six ? 128 : 32) ||
	    (!new.six &&inet_pton(AF_INET, text, new.bytes) != 1))
		return error_set(err, "expected a network such as 10.0.0.0/8, found \"%.*s\"",
				 STR_ARG(network));
	guard->allowed = xrealloc(guard->allowed, (guard->n_allowed + 1) * sizeof new);
	guard->allowed[guard->n_allowed++] = new;
	return 0;
}

static bool port_plain(int port)
{
	for (size_t i = 0; i < ARRAY_LEN(plain_ports); i++)
		if (plain_ports[i] == port)
			return true;
	return false;
}

static bool judge(const struct guard *guard, const uint8_t *bytes, bool six, int port,
		  const char **ret_why)
{
	const struct network *hit = NULL;
	if (six && (memcmp(bytes, mapped4, 12) == 0 || memcmp(bytes, nat64, 12) == 0)) {
		bytes += 12;
		six = false;
	}
	hit = find(bytes, six, guard->allowed, guard->n_allowed);
	if (hit) {
		*ret_why = hit->why;
		return true;
	}
	if (!six) {
		hit = find(bytes, false, special4, ARRAY_LEN(special4));
	} else if ((bytes[0] & 0xe0) == 0x20) {
		hit = find(bytes, true, special6, ARRAY_LEN(special6));
	} else {
		hit = find(bytes, true, named6, ARRAY_LEN(named6));
		if (!hit) {
			*ret_why = "not a global address";
			return false;
		}
	}
	if (hit) {
		*ret_why = hit->why;
		return false;
	}
	if (!port_plain(port)) {
		*ret_why = "port is not one of 80, 443, 8080, 8443";
		return false;
	}
	*ret_why = "global address";
	return true;
}

bool guard_address(const struct guard *guard, const struct sockaddr *address, const char **ret_why)
{
	/* copied, since curl's buffer need not be aligned for the type */
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof in);
		return judge(guard, (const uint8_t *)&in.sin_addr, false, ntohs(in.sin_port),
			     ret_why);
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, address, sizeof in6);
		return judge(guard, in6.sin6_addr.s6_addr, true, ntohs(in6.sin6_port), ret_why);
	}
	*ret_why = "not an internet address";
	return false;
}

/* ---- the text of a URL ---- */

static enum guard_verdict refuse(struct guard_target *ret, const char *why)
{
	(void)snprintf(ret->why, sizeof ret->why, "%s", why); /* our own short texts */
	return GUARD_REFUSE;
}

/* What is refused before anybody parses it; NULL: nothing. */
static const char *text_fault(struct str url)
{
	if (url.n == 0)
		return "empty";
	if (url.n > GUARD_URL_MAX)
		return "longer than 4096 bytes";
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c <= ' ' || c == 0x7f)
			return "white space or control byte";
		if (c == '\\')
			return "backslash";
	}
	struct str scheme_end = STR("://");
	size_t colon = str_find_str(url, scheme_end);
	if (!str_ieq(str_sub(url, 0, colon), "http") && !str_ieq(str_sub(url, 0, colon), "https"))
		return "scheme is not http or https";
	if (colon + 3 == url.n || strchr("/?#", url.p[colon + 3]))
		return "no host"; /* curl takes a third slash for a slip and goes on */
	for (size_t i = colon + 3; i < url.n && !strchr("/?#", url.p[i]); i++) {
		if (url.p[i] == '@')
			return "user name in the address";
		if (url.p[i] == '%')
			return "percent sign in the host (encoding or zone)";
	}
	return NULL;
}

/* Names that only ever mean this machine or this network. */
static bool name_local(const char *host)
{
	static const char *const exact[] = {"localhost", "ip6-localhost", "ip6-loopback",
					    "broadcasthost"};
	static const char *const suffix[] = {".localhost", ".local", ".internal", ".localdomain",
					     ".home.arpa", ".lan",   ".intranet", ".private"};
	for (size_t i = 0; i < ARRAY_LEN(exact); i++)
		if (str_ieq(str_of(host), exact[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(suffix); i++)
		if (str_ends(str_of(host), suffix[i]))
			return true;
	return false;
}

/* Would some resolver read the last label as part of an IPv4 address (WHATWG "ends in a number")? */
static bool ends_in_number(const char *host)
{
	const char *label = strrchr(host, '.');
	label = label ? label + 1 : host;
	size_t digits = strspn(label, "0123456789");
	if (digits > 0 && label[digits] == '\0')
		return true;
	return label[0] == '0' && label[1] == 'x' &&
	       strspn(label + 2, "0123456789abcdef") == strlen(label + 2);
}

static const char *host_fault(const char *host)
{
	size_t n = strlen(host);
	if (n == 0 || n > 253)
		return "host is empty or too long";
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)host[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '_' || c == '.' || c >= 0x80;
		if (!fine)
			return "host has a character that no name has";
		if (c == '.' && (i == 0 || host[i - 1] == '.'))
			return "host has an empty label";
	}
	return NULL;
}

static enum guard_verdict judge_literal(const struct guard *guard, const uint8_t *bytes, bool six,
					struct guard_target *ret)
{
	const char *why;
	bool fine = judge(guard, bytes, six, ret->port, &why);
	(void)snprintf(ret->why, sizeof ret->why, "%s", why);
	return fine ? GUARD_ALLOW : GUARD_REFUSE;
}

static enum guard_verdict judge_host(const struct guard *guard, struct guard_target *ret)
{
	uint8_t bytes[16];
	struct in_addr four;
	size_t n = strlen(ret->host);
	if (ret->host[0] == '[' && n > 2 && n - 2 < 64) {
		char six[64];
		memcpy(six, ret->host + 1, n - 2);
		six[n - 2] = '\0';
		if (inet_pton(AF_INET6, six, bytes) != 1)
			return refuse(ret, "not an IPv6 address");
		return judge_literal(guard, bytes, true, ret);
	}
	if (n && ret->host[n - 1] == '.')
		ret->host[n - 1] = '\0';
	const char *fault = host_fault(ret->host);
	if (fault)
		return refuse(ret, fault);
	/* inet_aton knows the octal, hexadecimal and shortened spellings */
	if (inet_aton(ret->host, &four)) {
		memcpy(bytes, &four, 4);
		return judge_literal(guard, bytes, false, ret);
	}
	if (ends_in_number(ret->host))
		return refuse(ret, "host ends in a number and is no address");
	if (guard->n_allowed == 0 && name_local(ret->host))
		return refuse(ret, "name of the local machine or network");
	if (guard->n_allowed == 0 && !port_plain(ret->port))
		return refuse(ret, "port is not one of 80, 443, 8080, 8443");
	(void)snprintf(ret->why, sizeof ret->why,
		       "a name: its addresses are checked on connecting");
	return GUARD_RESOLVE;
}

static int part(CURLU *u, CURLUPart what, unsigned flags, char *out, size_t room)
{
	char *text = NULL;
	if (curl_url_get(u, what, &text, flags) != CURLUE_OK)
		return -1;
	int n = snprintf(out, room, "%s", text);
	curl_free(text);
	return n >= 0 && (size_t)n < room ? 0 : -1;
}

enum guard_verdict guard_url(const struct guard *guard, struct str url, struct guard_target *ret)
{
	*ret = (struct guard_target){0};
	const char *fault = text_fault(url);
	if (fault)
		return refuse(ret, fault);

	enum guard_verdict verdict = GUARD_REFUSE;
	char port[16], scheme[16];
	char *z = xstrndup(url.p, url.n);
	CURLU *u = curl_url();
	must(u);
	if (curl_url_set(u, CURLUPART_URL, z, CURLU_URLENCODE) != CURLUE_OK ||
	    part(u, CURLUPART_HOST, 0, ret->host, sizeof ret->host) ||
	    part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
	    part(u, CURLUPART_SCHEME, 0, scheme, sizeof scheme)) {
		verdict = refuse(ret, "not a URL");
		goto done;
	}
	(void)curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0); /* removing cannot fail */
	if (part(u, CURLUPART_URL, 0, ret->url, sizeof ret->url)) {
		verdict = refuse(ret, "longer than 4096 bytes");
		goto done;
	}
	for (char *p = ret->host; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	int64_t number = 0;
	if (num_int(str_of(port), 0, 65535, &number)) {
		verdict = refuse(ret, "not a URL");
		goto done;
	}
	ret->port = (int)number;
	verdict = judge_host(guard, ret);
	(void)snprintf(ret->origin, sizeof ret->origin, "%s://%s:%d", scheme, ret->host, ret->port);
done:
	curl_url_cleanup(u);
	free(z);
	return verdict;
}

const char *guard_verdict_name(enum guard_verdict verdict)
{
	static const char *const names[] = {"allow", "refuse", "resolve"};
	return names[verdict];
}
