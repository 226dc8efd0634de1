/* The guard: which addresses and URLs the fetcher may talk to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common/mem.h"

#include "ingest/guard.h"

static const char *shared(const char *path, char *out, size_t room)
{
	const char *base = getenv("POSTHORN_SHARED");
	(void)snprintf(out, room, "%s/%s", base ? base : "../shared", path);
	return out;
}

/* A bare address as the socket layer sees it. */
static bool address_passes(const struct guard *guard, const char *text, int port,
			   const char **ret_why)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return guard_address(guard, (struct sockaddr *)&in, ret_why);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return guard_address(guard, (struct sockaddr *)&in6, ret_why);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *address;
		int port;
		const char *why; /* of the decision; starts with "global" where it passes */
	} cases[] = {
	    {"8.8.8.8", 443, "global address"},
	    {"9.255.255.255", 80, "global address"},
	    {"11.0.0.0", 80, "global address"},
	    {"126.255.255.255", 80, "global address"},
	    {"128.0.0.0", 80, "global address"},
	    {"172.15.255.255", 80, "global address"},
	    {"172.32.0.0", 80, "global address"},
	    {"100.63.255.255", 80, "global address"},
	    {"100.128.0.0", 80, "global address"},
	    {"223.255.255.255", 80, "global address"},
	    {"8.8.8.8", 22, "port is not one of 80, 443, 8080, 8443"},
	    {"8.8.8.8", 8080, "global address"},
	    {"10.255.255.255", 80, "private network"},
	    {"127.0.0.1", 80, "loopback"},
	    {"127.255.255.255", 80, "loopback"},
	    {"169.254.169.254", 80, "link-local (cloud metadata)"},
	    {"172.31.255.255", 80, "private network"},
	    {"100.127.255.255", 80, "shared network of a carrier (CGNAT)"},
	    {"192.168.1.1", 80, "private network"},
	    {"198.19.255.255", 80, "benchmarking"},
	    {"255.255.255.255", 80, "reserved or broadcast"},
	    {"0.0.0.0", 80, "this network"},
	    {"2a00:1450::1", 443, "global address"},
	    {"2001:200::1", 443, "global address"},
	    {"2001:1ff:ffff::1", 443, "protocol assignments, Teredo, ORCHID"},
	    {"::1", 80, "loopback or unspecified"},
	    {"::", 80, "loopback or unspecified"},
	    {"::ffff:10.0.0.1", 80, "private network"},
	    {"::ffff:8.8.8.8", 80, "global address"},
	    {"64:ff9b::7f00:1", 80, "loopback"},
	    {"64:ff9b::808:808", 80, "global address"},
	    {"64:ff9b:1::808:808", 80, "local-use NAT64"},
	    {"::127.0.0.1", 80, "not a global address"},
	    {"fe80::1", 80, "link-local"},
	    {"febf:ffff::1", 80, "link-local"},
	    {"fd00::1", 80, "unique-local"},
	    {"ff02::1", 80, "multicast"},
	    {"2002:808:808::1", 80, "6to4"},
	    {"3fff:fff::1", 80, "documentation"},
	    {"4000::1", 80, "not a global address"},
	};
	struct guard *guard = guard_create();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *why = "";
		bool passes = address_passes(guard, cases[i].address, cases[i].port, &why);
		if (strcmp(why, cases[i].why) != 0)
			print_error("%s: ", cases[i].address);
		assert_string_equal(why, cases[i].why);
		assert_int_equal(passes, strcmp(why, "global address") == 0);
	}
	guard_free(guard);
}

static void test_urls(void **state)
{
	static const struct {
		const char *url;
		enum guard_verdict verdict;
		const char *shown; /* the URL to fetch, or the reason of a refusal */
	} cases[] = {
	    {"http://8.8.8.8/a b", GUARD_REFUSE, "white space or control byte"},
	    {"http://8.8.8.8/a?b#c", GUARD_ALLOW, "http://8.8.8.8/a?b"},
	    {"HTTP://EXAMPLE.org", GUARD_RESOLVE, "http://EXAMPLE.org/"},
	    {"https://example.org./f", GUARD_RESOLVE, "https://example.org./f"},
	    {"https://b\xc3\xbc"
	     "cher.example/\xc3\xbc",
	     GUARD_RESOLVE,
	     "https://b\xc3\xbc"
	     "cher.example/%c3%bc"},
	    {"http://127.1/", GUARD_REFUSE, "loopback"},
	    {"http://0x7f.1/", GUARD_REFUSE, "loopback"},
	    {"http://0177.0.0.1/", GUARD_REFUSE, "loopback"},
	    {"http://2130706433/", GUARD_REFUSE, "loopback"},
	    {"http://127.0.0.1./", GUARD_REFUSE, "loopback"},
	    {"http://[::ffff:7f00:1]/", GUARD_REFUSE, "loopback"},
	    {"http://127.0.0.256/", GUARD_REFUSE, "host ends in a number and is no address"},
	    {"http://1.2.3.4.5/", GUARD_REFUSE, "host ends in a number and is no address"},
	    {"http://example.0x1/", GUARD_REFUSE, "host ends in a number and is no address"},
	    {"http://user@example.org/", GUARD_REFUSE, "user name in the address"},
	    {"http://8.8.8.8\\@127.0.0.1/", GUARD_REFUSE, "backslash"},
	    {"http://exa%6dple.org/", GUARD_REFUSE, "percent sign in the host (encoding or zone)"},
	    {"http://example.org/%40", GUARD_RESOLVE, "http://example.org/%40"},
	    {"http://example.org/a@b", GUARD_RESOLVE, "http://example.org/a@b"},
	    {"ftp://example.org/", GUARD_REFUSE, "scheme is not http or https"},
	    {"//example.org/", GUARD_REFUSE, "scheme is not http or https"},
	    {"http:/example.org/", GUARD_REFUSE, "scheme is not http or https"},
	    {"example.org", GUARD_REFUSE, "scheme is not http or https"},
	    {"", GUARD_REFUSE, "empty"},
	    {"http:///x", GUARD_REFUSE, "no host"},
	    {"http://a..b/", GUARD_REFUSE, "host has an empty label"},
	    {"http://localhost/", GUARD_REFUSE, "name of the local machine or network"},
	    {"http://LOCALHOST./", GUARD_REFUSE, "name of the local machine or network"},
	    {"http://db.internal/", GUARD_REFUSE, "name of the local machine or network"},
	    {"http://example.org:22/", GUARD_REFUSE, "port is not one of 80, 443, 8080, 8443"},
	    {"https://example.org:8443/", GUARD_RESOLVE, "https://example.org:8443/"},
	};
	struct guard *guard = guard_create();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct guard_target target;
		enum guard_verdict verdict = guard_url(guard, str_of(cases[i].url), &target);
		const char *shown = verdict == GUARD_REFUSE ? target.why : target.url;
		if (verdict != cases[i].verdict || strcmp(shown, cases[i].shown) != 0)
			print_error("%s: %s %s\n", cases[i].url, guard_verdict_name(verdict),
				    shown);
		assert_int_equal(verdict, cases[i].verdict);
		assert_string_equal(shown, cases[i].shown);
	}
	char url[GUARD_URL_MAX + 2];
	struct guard_target target;
	memset(url, 'a', sizeof url);
	memcpy(url, "http://e.org/", 13);
	assert_int_equal(guard_url(guard, (struct str){url, sizeof url}, &target), GUARD_REFUSE);
	assert_int_equal(guard_url(guard, (struct str){url, sizeof url - 2}, &target),
			 GUARD_RESOLVE);
	guard_free(guard);
}

static void test_allowed_networks(void **state)
{
	static const char *const wrong[] = {"",          "10.0.0.0/33", "10.0.0/8", "fd00::/129",
					    "localhost", "10.0.0.0/",   "/8",       "10.0.0.0/-1"};
	struct guard *guard = guard_create();
	struct guard_target target;
	struct error err;
	const char *why;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(guard_allow(guard, str_of(wrong[i]), &err), -1);
	assert_int_equal(guard_allow(guard, STR("127.0.0.0/8"), &err), 0);
	assert_int_equal(guard_allow(guard, STR("fd00:1::/32"), &err), 0);
	assert_int_equal(guard_allow(guard, STR("10.1.2.3"), &err), 0);
	assert_true(address_passes(guard, "127.0.0.1", 12345, &why));
	assert_true(address_passes(guard, "::ffff:127.0.0.1", 22, &why));
	assert_true(address_passes(guard, "fd00:1:ffff::1", 80, &why));
	assert_false(address_passes(guard, "fd00:2::1", 80, &why));
	assert_true(address_passes(guard, "10.1.2.3", 80, &why));
	assert_false(address_passes(guard, "10.1.2.2", 80, &why));
	assert_false(address_passes(guard, "169.254.169.254", 80, &why));
	assert_false(address_passes(guard, "8.8.8.8", 12345, &why));
	/* a name may now turn out to be local: its addresses decide */
	assert_int_equal(guard_url(guard, STR("http://localhost:12345/"), &target), GUARD_RESOLVE);
	assert_int_equal(guard_url(guard, STR("http://10.1.2.4/"), &target), GUARD_REFUSE);
	assert_string_equal(target.why, "private network");
	guard_free(guard);
}

/* The shared suite: addresses and URLs with `block`, and attack examples without. */
static void test_suite(void **state)
{
	char path[400], line[4096];
	size_t n = 0, examples[3] = {0, 0, 0};
	struct guard *guard = guard_create();
	FILE *f = fopen(shared("fixtures/ssrf/cases.jsonl", path, sizeof path), "r");
	(void)state;
	if (!f) {
		print_message("skipped: no %s; set POSTHORN_SHARED\n", path);
		guard_free(guard);
		skip();
	}
	while (fgets(line, sizeof line, f)) {
		json_t *row = json_loads(line, 0, NULL);
		assert_non_null(row);
		const char *url = json_string_value(json_object_get(row, "url"));
		const char *ip = json_string_value(json_object_get(row, "ip"));
		const json_t *block = json_object_get(row, "block");
		const char *why = "";
		struct guard_target target;
		enum guard_verdict verdict = GUARD_REFUSE;
		if (url)
			verdict = guard_url(guard, str_of(url), &target);
		else if (address_passes(guard, ip, 80, &why))
			verdict = GUARD_ALLOW;
		if (!block)
			examples[verdict]++;
		else if ((verdict == GUARD_REFUSE) != json_is_true(block))
			fail_msg("%s: %s", url ? url : ip, guard_verdict_name(verdict));
		json_decref(row);
		n++;
	}
	(void)fclose(f); /* only read */
	guard_free(guard);
	assert_true(n >= 75);
	/* by hand: one address that is global, six names that are not ours to judge before DNS */
	if (n == 75) {
		assert_int_equal(examples[GUARD_ALLOW], 1);
		assert_int_equal(examples[GUARD_RESOLVE], 6);
		assert_int_equal(examples[GUARD_REFUSE], 31);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_urls),
	    cmocka_unit_test(test_allowed_networks),
	    cmocka_unit_test(test_suite),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
