/* The fetcher against a small server in this process: validators, compression, redirects, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/mem.h"

#include "ingest/fetch.h"
#include "ingest/guard.h"

static struct MHD_Daemon *server;
static int port;
static struct loop *loop;
static struct guard *guard;
static struct fetcher *fetcher;
static char seen_agent[200], seen_encoding[200], seen_etag[200], seen_since[200];
static int requests;

/* ---- the server ---- */

static ssize_t endless(void *arg, uint64_t at, char *to, size_t n)
{
	(void)arg, (void)at;
	memset(to, 'x', n);
	return (ssize_t)n;
}

static struct MHD_Response *gzipped(size_t n)
{
	Bytef *plain = xcalloc(1, n);
	uLongf room = compressBound(n) + 100;
	Bytef *out = xmalloc(room);
	z_stream z = {
	    .next_in = plain, .avail_in = (uInt)n, .next_out = out, .avail_out = (uInt)room};
	memset(plain, 'g', n);
	must(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	struct MHD_Response *r =
	    MHD_create_response_from_buffer(z.total_out, out, MHD_RESPMEM_MUST_COPY);
	must(deflateEnd(&z) == Z_OK);
	free(plain);
	free(out);
	MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

static struct MHD_Response *text(const char *body)
{
	return MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body,
					       MHD_RESPMEM_MUST_COPY);
}

static void keep_header(struct MHD_Connection *c, const char *name, char *to, size_t room)
{
	const char *v = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
	(void)snprintf(to, room, "%s", v ? v : "");
}

static enum MHD_Result serve(void *arg, struct MHD_Connection *c, const char *url,
			     const char *method, const char *version, const char *data,
			     size_t *size, void **state)
{
	struct MHD_Response *r = NULL;
	unsigned status = 200;
	char to[200];
	(void)arg, (void)method, (void)version, (void)data, (void)size, (void)state;
	requests++;
	keep_header(c, "User-Agent", seen_agent, sizeof seen_agent);
	keep_header(c, "Accept-Encoding", seen_encoding, sizeof seen_encoding);
	keep_header(c, "If-None-Match", seen_etag, sizeof seen_etag);
	keep_header(c, "If-Modified-Since", seen_since, sizeof seen_since);
	if (strcmp(url, "/plain") == 0) {
		bool same = strcmp(seen_etag, "W/\"v 1\"") == 0;
		r = text(same ? "" : "hello");
		status = same ? 304 : 200;
		MHD_add_response_header(r, "ETag", "W/\"v 1\"");
		MHD_add_response_header(r, "Last-Modified", "Sun, 22 Nov 2026 02:37:48 GMT");
		MHD_add_response_header(r, "Content-Type", "text/xml; charset=utf-8");
	} else if (strcmp(url, "/gzip") == 0) {
		r = gzipped(100000);
	} else if (strcmp(url, "/bomb") == 0) {
		r = gzipped(200 * MiB);
	} else if (strcmp(url, "/notgzip") == 0) {
		r = text("this is no gzip");
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	} else if (strcmp(url, "/endless") == 0) {
		r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, endless, NULL, NULL);
	} else if (strcmp(url, "/headers") == 0) {
		r = text("x");
		for (int i = 0; i < 100; i++) {
			char name[20], value[1001];
			(void)snprintf(name, sizeof name, "X-%d", i);
			memset(value, 'v', sizeof value - 1);
			value[sizeof value - 1] = '\0';
			MHD_add_response_header(r, name, value);
		}
	} else if (strcmp(url, "/busy") == 0) {
		r = text("later");
		status = 503;
		MHD_add_response_header(r, "Retry-After", "120");
	} else if (strncmp(url, "/to/", 4) == 0) {
		static const struct {
			const char *name, *target;
		} targets[] = {
		    {"relative", "../plain"},
		    {"metadata", "http://169.254.169.254/latest/"},
		    {"file", "file:///etc/passwd"},
		    {"private", "http://10.0.0.1/"},
		    {"tricky", "http://2852039166/"},
		    {"self", "/to/self"},
		};
		r = text("");
		status = 302;
		(void)snprintf(to, sizeof to, "http://localhost:%d/plain", port);
		for (size_t i = 0; i < ARRAY_LEN(targets); i++)
			if (strcmp(url + 4, targets[i].name) == 0)
				(void)snprintf(to, sizeof to, "%s", targets[i].target);
		MHD_add_response_header(r, "Location", to);
	} else {
		r = text("nothing here");
		status = 404;
	}
	enum MHD_Result rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

/* ---- one request and what came of it ---- */

struct got {
	bool over;
	enum fetch_outcome outcome;
	int status, redirects;
	size_t n;
	char first, why[300], url[300], etag[100], modified[100], type[100];
	int64_t retry_after_ms;
	bool cut;
};

static void keep(char *to, size_t room, struct str s)
{
	(void)snprintf(to, room, "%.*s", STR_ARG(s));
}

static void on_got(void *arg, const struct fetch_result *result)
{
	struct got *got = arg;
	assert_false(got->over);
	*got = (struct got){.over = true,
			    .outcome = result->outcome,
			    .status = result->status,
			    .redirects = result->redirects,
			    .n = result->body.n,
			    .first = result->body.n ? result->body.p[0] : 0,
			    .retry_after_ms = result->retry_after_ms,
			    .cut = result->cut};
	keep(got->why, sizeof got->why, result->why);
	keep(got->url, sizeof got->url, result->url);
	keep(got->etag, sizeof got->etag, result->etag);
	keep(got->modified, sizeof got->modified, result->last_modified);
	keep(got->type, sizeof got->type, result->content_type);
}

static struct got fetch(const char *path, struct fetch_request request)
{
	struct got got = {.over = false};
	char *url = path[0] == '/' ? xasprintf("http://127.0.0.1:%d%s", port, path) : xstrdup(path);
	int64_t until_ms = clock_mono_ms() + 20000;
	request.url = url;
	request.redirects = request.redirects ? request.redirects : FETCH_REDIRECTS;
	request.fn = on_got;
	request.arg = &got;
	assert_non_null(fetch_start(fetcher, &request));
	assert_false(got.over); /* never from inside */
	while (!got.over && clock_mono_ms() < until_ms)
		loop_turn(loop, 100);
	assert_true(got.over);
	assert_int_equal(fetcher_active(fetcher), 0);
	free(url);
	return got;
}

static void test_validators(void **state)
{
	(void)state;
	struct got got = fetch("/plain", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_OK);
	assert_int_equal(got.status, 200);
	assert_int_equal(got.n, 5);
	assert_string_equal(got.etag, "W/\"v 1\"");
	assert_string_equal(got.modified, "Sun, 22 Nov 2026 02:37:48 GMT");
	assert_string_equal(got.type, "text/xml; charset=utf-8");
	assert_string_equal(seen_agent, "posthorn-test/1");
	assert_string_equal(seen_etag, "");
	assert_string_equal(seen_since, "");
	got = fetch("/plain",
		    (struct fetch_request){.etag = got.etag, .last_modified = got.modified});
	assert_int_equal(got.outcome, FETCH_NOT_MODIFIED);
	assert_int_equal(got.n, 0);
	assert_string_equal(seen_etag, "W/\"v 1\"");
	assert_string_equal(seen_since, "Sun, 22 Nov 2026 02:37:48 GMT");
	/* a stored value must not become a header of its own */
	got = fetch("/plain", (struct fetch_request){.etag = "a\r\nX-Evil: 1"});
	assert_int_equal(got.outcome, FETCH_OK);
	assert_string_equal(seen_etag, "");
}

static void test_compression(void **state)
{
	(void)state;
	struct got got = fetch("/gzip", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_OK);
	assert_int_equal(got.n, 100000);
	assert_int_equal(got.first, 'g');
	assert_non_null(strstr(seen_encoding, "gzip"));
	got = fetch("/notgzip", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_FAILED);
	assert_true(got.why[0] != '\0');
}

static void test_limits(void **state)
{
	static const char *const paths[] = {"/bomb", "/endless"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct got got = fetch(paths[i], (struct fetch_request){0});
		assert_int_equal(got.outcome, FETCH_TOO_LARGE);
		assert_int_equal(got.n, 0);
		assert_string_equal(got.why, "body larger than 8388608 bytes");
		got =
		    fetch(paths[i], (struct fetch_request){.limit_bytes = 1000, .keep_cut = true});
		assert_int_equal(got.outcome, FETCH_OK);
		assert_int_equal(got.n, 1000);
		assert_true(got.cut);
	}
	struct got got = fetch("/gzip", (struct fetch_request){.limit_bytes = 100000});
	assert_int_equal(got.outcome, FETCH_OK); /* exactly the limit is fine */
	got = fetch("/gzip", (struct fetch_request){.limit_bytes = 99999});
	assert_int_equal(got.outcome, FETCH_TOO_LARGE);
	got = fetch("/headers", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_TOO_LARGE);
	assert_string_equal(got.why, "headers larger than 65536 bytes");
}

static void test_redirects(void **state)
{
	static const struct {
		const char *path, *why;
	} refused[] = {
	    {"/to/metadata", "redirect refused: link-local (cloud metadata)"},
	    {"/to/private", "redirect refused: private network"},
	    {"/to/tricky", "redirect refused: link-local (cloud metadata)"},
	    {"/to/file", "redirect refused: scheme is not http or https"},
	};
	(void)state;
	struct got got = fetch("/to/relative", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_OK);
	assert_int_equal(got.redirects, 1);
	assert_non_null(strstr(got.url, "/plain"));
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		int before = requests;
		got = fetch(refused[i].path, (struct fetch_request){0});
		assert_int_equal(got.outcome, FETCH_REFUSED);
		assert_string_equal(got.why, refused[i].why);
		assert_int_equal(requests, before + 1);
	}
	int before = requests;
	got = fetch("/to/self", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_FAILED);
	assert_string_equal(got.why, "more than 5 redirects");
	assert_int_equal(requests, before + 6);
	/* to another origin: followed, or handed back for its robots.txt */
	got = fetch("/to/other", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_OK);
	got = fetch("/to/other", (struct fetch_request){.stop_at_origin = true});
	assert_int_equal(got.outcome, FETCH_MOVED);
	assert_non_null(strstr(got.url, "localhost"));
	assert_int_equal(got.redirects, 1);
}

/* Names get past guard_url: the socket is where they end. */
static void test_guarded_at_connect(void **state)
{
	(void)state;
	struct guard *strict = guard_create();
	struct fetcher *usual = fetcher;
	assert_int_equal(guard_allow(strict, STR("192.0.2.0/24"), NULL), 0);
	fetcher = fetcher_create(loop, strict, "posthorn-test/1", 1);
	int before = requests;
	char *url = xasprintf("http://localhost:%d/plain", port);
	struct got got = fetch(url, (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_REFUSED);
	assert_non_null(strstr(got.why, "address refused: loopback"));
	assert_int_equal(requests, before);
	free(url);
	fetcher_free(fetcher);
	guard_free(strict);
	fetcher = usual;
}

static void test_status(void **state)
{
	(void)state;
	struct got got = fetch("/busy", (struct fetch_request){0});
	assert_int_equal(got.outcome, FETCH_STATUS);
	assert_int_equal(got.status, 503);
	assert_int_equal(got.retry_after_ms, 120000);
	assert_string_equal(got.why, "status 503");
	got = fetch("/missing", (struct fetch_request){0});
	assert_int_equal(got.status, 404);
	assert_int_equal(got.retry_after_ms, -1);
	assert_int_equal(got.n, 0);
}

static void test_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
	    {"120", 120000},
	    {" 0 ", 0},
	    {"Sun, 22 Nov 2026 08:02:00 GMT", 120000},
	    {"Sun, 22 Nov 2026 07:00:00 GMT", 0},
	    {"Sunday, 22-Nov-26 08:02:00 GMT", 120000},
	    {"", -1},
	    {"-5", -1},
	    {"soon", -1},
	    {"1e9", -1},
	    {"99999999999999999999", -1},
	};
	int64_t now_ms = 1795334400000; /* 2026-11-22T08:00:00Z */
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(fetch_retry_after(str_of(cases[i].text), now_ms), cases[i].ms);
}

/* A listener that never answers, a port where nobody listens, and a cancelled request. */
static void test_silence(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof in;
	struct got got = {.over = false};
	(void)state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	char *url = xasprintf("http://127.0.0.1:%d/", ntohs(in.sin_port));
	assert_int_equal(fetch(url, (struct fetch_request){0}).outcome, FETCH_FAILED);
	assert_int_equal(listen(fd, 5), 0);
	int64_t start_ms = clock_mono_ms();
	assert_int_equal(fetch(url, (struct fetch_request){.timeout_ms = 300}).outcome,
			 FETCH_TIMEOUT);
	assert_in_range(clock_mono_ms() - start_ms, 250, 5000);
	struct fetch_request request = {.url = url, .fn = on_got, .arg = &got};
	struct fetch *f = fetch_start(fetcher, &request);
	loop_turn(loop, 50);
	fetch_cancel(f);
	loop_turn(loop, 50);
	assert_false(got.over);
	assert_int_equal(fetcher_active(fetcher), 0);
	(void)close(fd); /* a socket without data */
	free(url);
}

static int set_up(void **state)
{
	(void)state;
	loop = loop_create();
	guard = guard_create();
	if (guard_allow(guard, STR("127.0.0.0/8"), NULL))
		return -1;
	fetcher = fetcher_create(loop, guard, "posthorn-test/1", 1);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server =
	    MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, NULL,
			     MHD_OPTION_SOCK_ADDR, &in, MHD_OPTION_CONNECTION_LIMIT, 50u,
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)262144, MHD_OPTION_END);
	if (!server)
		return -1;
	port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fetcher_free(fetcher);
	MHD_stop_daemon(server);
	guard_free(guard);
	loop_free(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_validators),  cmocka_unit_test(test_compression),
	    cmocka_unit_test(test_limits),      cmocka_unit_test(test_redirects),
	    cmocka_unit_test(test_status),      cmocka_unit_test(test_guarded_at_connect),
	    cmocka_unit_test(test_retry_after), cmocka_unit_test(test_silence),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
