/* server.c, pages.c, folder.c and mischief.c of tests/world, over a socket. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "tests/world/server.h"

struct fixture {
	struct loop *loop;
	struct world *world;
	char dir[64], feeds[200];
	struct buf answer; /* of the last request, headers and body */
	bool closed;       /* did the server close */
};

static void path_in(const struct fixture *fixture, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", fixture->dir, name);
}

static void write_file(const struct fixture *fixture, const char *name, const char *text)
{
	char path[200];
	path_in(fixture, name, path, sizeof path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static const char *const names[] = {
    "feeds/a b.xml", "feeds/deep/x.atom", "feeds/.hidden", "feeds/out",
    "secret",        "feeds/deep",        "feeds"};

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct error err = {""};
	char path[200], secret[200];
	strcpy(fixture->dir, "/tmp/posthorn-world-XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	path_in(fixture, "feeds", fixture->feeds, sizeof fixture->feeds);
	assert_int_equal(mkdir(fixture->feeds, 0700), 0);
	path_in(fixture, "feeds/deep", path, sizeof path);
	assert_int_equal(mkdir(path, 0700), 0);
	struct buf feed;
	buf_init(&feed, MiB);
	buf_z(&feed, "<rss version=\"2.0\"><channel>");
	for (int i = 0; i < 500; i++)
		buf_printf(&feed, "<item><title>%d</title></item>\n", i);
	write_file(fixture, "feeds/a b.xml", feed.p);
	buf_done(&feed);
	write_file(fixture, "feeds/deep/x.atom", "<feed/>");
	write_file(fixture, "feeds/.hidden", "hidden");
	write_file(fixture, "secret", "secret");
	path_in(fixture, "secret", secret, sizeof secret);
	path_in(fixture, "feeds/out", path, sizeof path);
	assert_int_equal(symlink(secret, path), 0);
	fixture->loop = loop_create();
	buf_init(&fixture->answer, 64 * MiB);
	struct world_options options = {.loop = fixture->loop, .feeds_dir = fixture->feeds};
	fixture->world = world_open(&options, &err);
	if (!fixture->world)
		fail_msg("%s", err.text);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char path[200];
	world_close(fixture->world);
	loop_free(fixture->loop);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		path_in(fixture, names[i], path, sizeof path);
		if (unlink(path))
			rmdir(path);
	}
	rmdir(fixture->dir);
	buf_done(&fixture->answer);
	free(fixture);
	return 0;
}

static int dial(struct fixture *fixture)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)world_port(fixture->world))};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Sends the request and turns the loop until the server closes, `max` bytes are there or wait_ms
 * have passed. */
static void ask(struct fixture *fixture, const char *request, size_t max, int64_t wait_ms)
{
	int fd = dial(fixture);
	size_t length = strlen(request);
	assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
	int64_t end_ms = clock_mono_ms() + wait_ms;
	buf_reset(&fixture->answer);
	fixture->closed = false;
	while (clock_mono_ms() < end_ms && fixture->answer.n < max && !fixture->closed) {
		loop_turn(fixture->loop, 5);
		char *room = buf_reserve(&fixture->answer, 64 * KiB);
		assert_non_null(room);
		ssize_t n = recv(fd, room, 64 * KiB - 1, MSG_DONTWAIT);
		fixture->closed = n == 0;
		if (n > 0)
			fixture->answer.n += (size_t)n;
		room[n > 0 ? n : 0] = '\0';
	}
	close(fd);
	for (int i = 0; i < 3; i++)
		loop_turn(fixture->loop, 1);
}

static void get(struct fixture *fixture, const char *path, const char *headers)
{
	char *request =
	    xasprintf("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
	ask(fixture, request, SIZE_MAX, 5000);
	free(request);
	assert_true(fixture->closed);
}

static int status_of(const struct fixture *fixture)
{
	return fixture->answer.n > 12 ? atoi(fixture->answer.p + 9) : 0;
}

/* A header's value in a static buffer, "" where it is missing. */
static const char *header(const struct fixture *fixture, const char *name)
{
	static char value[300];
	char *want = xasprintf("\r\n%s: ", name);
	const char *at = strstr(fixture->answer.p, want),
		   *end = strstr(fixture->answer.p, "\r\n\r\n");
	value[0] = '\0';
	if (at && end && at < end)
		snprintf(value, sizeof value, "%.*s", (int)strcspn(at + strlen(want), "\r"),
			 at + strlen(want));
	free(want);
	return value;
}

static struct str body(const struct fixture *fixture)
{
	struct str all = buf_view(&fixture->answer);
	return str_sub(all, str_find_str(all, STR("\r\n\r\n")) + 4, all.n);
}

static void test_validators(void **state)
{
	struct fixture *f = *state;
	char etag[300], modified[300], packed_etag[300];
	get(f, "/feeds/a%20b.xml", "");
	assert_int_equal(status_of(f), 200);
	assert_string_equal(header(f, "Content-Type"), "application/rss+xml");
	assert_int_equal(atoi(header(f, "Content-Length")), body(f).n);
	strcpy(etag, header(f, "ETag"));
	strcpy(modified, header(f, "Last-Modified"));
	assert_true(etag[0] == '"');
	assert_int_equal(strlen(modified), 29);

	char *headers = xasprintf("If-None-Match: %s\r\n", etag);
	get(f, "/feeds/a%20b.xml", headers);
	free(headers);
	assert_int_equal(status_of(f), 304);
	assert_int_equal(body(f).n, 0);
	assert_string_equal(header(f, "ETag"), etag);

	headers = xasprintf("If-Modified-Since: %s\r\n", modified);
	get(f, "/feeds/a%20b.xml", headers);
	free(headers);
	assert_int_equal(status_of(f), 304);

	headers = xasprintf("If-None-Match: \"other\"\r\nIf-Modified-Since: %s\r\n", modified);
	get(f, "/feeds/a%20b.xml", headers);
	free(headers);
	assert_int_equal(status_of(f), 200);

	get(f, "/feeds/a%20b.xml", "Accept-Encoding: gzip\r\n");
	strcpy(packed_etag, header(f, "ETag"));
	assert_string_not_equal(packed_etag, etag);
	headers = xasprintf("Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n", etag);
	get(f, "/feeds/a%20b.xml", headers); /* the other form's tag */
	free(headers);
	assert_int_equal(status_of(f), 200);

	write_file(f, "feeds/a b.xml", "<rss/>"); /* a change shows at once */
	headers = xasprintf("If-None-Match: %s\r\n", etag);
	get(f, "/feeds/a%20b.xml", headers);
	free(headers);
	assert_int_equal(status_of(f), 200);
	assert_string_not_equal(header(f, "ETag"), etag);
}

static void test_gzip(void **state)
{
	struct fixture *f = *state;
	static char plain[100000];
	get(f, "/feeds/a%20b.xml", "");
	size_t n = body(f).n;
	get(f, "/feeds/a%20b.xml", "Accept-Encoding: deflate, gzip\r\n");
	assert_string_equal(header(f, "Content-Encoding"), "gzip");
	assert_string_equal(header(f, "Vary"), "Accept-Encoding");
	assert_int_equal(atoi(header(f, "Content-Length")), body(f).n);
	assert_true(body(f).n < n / 4);
	z_stream z = {.next_in = (Bytef *)(uintptr_t)body(f).p,
		      .avail_in = (uInt)body(f).n,
		      .next_out = (Bytef *)plain,
		      .avail_out = sizeof plain};
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, n);
	inflateEnd(&z);
	assert_memory_equal(plain, "<rss", 4);
}

static void test_paths(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path;
		int status;
		const char *part; /* of the body */
	} rows[] = {
	    {"/", 200, "/feeds/\n"},
	    {"/feeds/", 200, "/feeds/a%20b.xml\n/feeds/deep/x.atom\n"},
	    {"/feeds.yaml", 200, "  - name: \"deep/x.atom\"\n    driver: feed\n    url: http://"},
	    {"/feeds/deep/x.atom", 200, "<feed/>"},
	    {"/feeds/deep", 404, ""},
	    {"/feeds/deep/", 404, ""},
	    {"/feeds//deep/x.atom", 404, ""},
	    {"/feeds/.hidden", 404, ""},
	    {"/feeds/../secret", 404, ""},
	    {"/feeds/%2e%2e/secret", 404, ""},
	    {"/feeds/deep/%2e%2e/%2e%2e/secret", 404, ""},
	    {"/feeds/out", 404, ""}, /* a link that leads out */
	    {"/feeds/a%20b.xml%00.png", 200, ""},
	    {"/robots.txt", 200, "User-agent: *\nDisallow:\n"},
	    {"/nothing", 404, "/ lists"},
	    {"/town/sources.yaml", 404, ""}, /* no town here */
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		get(f, rows[i].path, "");
		struct str text = body(f);
		if (status_of(f) != rows[i].status ||
		    (rows[i].part[0] && str_find_str(text, str_of(rows[i].part)) == text.n) ||
		    str_find_str(text, STR("secret")) < text.n)
			fail_msg("%s:\n%s", rows[i].path, f->answer.p);
	}
}

static void test_methods(void **state)
{
	struct fixture *f = *state;
	ask(f, "HEAD /feeds/deep/x.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", SIZE_MAX,
	    5000);
	assert_int_equal(status_of(f), 200);
	assert_string_equal(header(f, "Content-Length"), "7");
	assert_int_equal(body(f).n, 0);
	ask(f, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhallo", SIZE_MAX, 5000);
	assert_int_equal(status_of(f), 405);
	assert_true(f->closed);
	/* a connection is kept where nobody asks to close it */
	ask(f,
	    "GET /feeds/deep/x.atom HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	    SIZE_MAX, 5000);
	assert_non_null(strstr(f->answer.p, "<feed/>"));
	assert_non_null(strstr(f->answer.p, "User-agent"));
}

static void test_mischief(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *path;
		int status;
		const char *name, *value; /* of a header */
	} rows[] = {
	    {"/429?after=7", 429, "Retry-After", "7"},
	    {"/429", 429, "Retry-After", "120"},
	    {"/503", 503, "Retry-After", ""},
	    {"/503?after=60", 503, "Retry-After", "60"},
	    {"/429?after=1%0d%0aX:%20y", 429, "X", ""},
	    {"/status?code=410", 410, "Retry-After", ""},
	    {"/status?code=99", 404, "Retry-After", ""},
	    {"/redirect?to=http://h/a&n=1", 302, "Location", "http://h/a"},
	    {"/redirect?to=http://h/a&n=3&code=301", 301, "Location",
	     "/redirect?n=2&code=301&to=http%3A%2F%2Fh%2Fa"},
	    {"/redirect", 302, "Location", "/redirect?n=1"},
	    {"/wrong-type/feeds/deep/x.atom", 200, "Content-Type", "image/png"},
	    {"/wrong-type/feeds/deep/x.atom?type=text/html", 200, "Content-Type", "text/html"},
	    {"/gzipbomb?mib=3", 200, "Content-Encoding", "gzip"},
	    {"/slow/feeds/deep/x.atom?ms=1", 200, "Content-Length", "7"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		get(f, rows[i].path, "");
		if (status_of(f) != rows[i].status ||
		    strcmp(header(f, rows[i].name), rows[i].value) != 0)
			fail_msg("%s:\n%s", rows[i].path, f->answer.p);
	}
}

static void test_bad_bodies(void **state)
{
	struct fixture *f = *state;
	int64_t from_ms = clock_mono_ms();
	get(f, "/slow?ms=300", "");
	assert_true(clock_mono_ms() - from_ms >= 300);
	assert_int_equal(status_of(f), 200);

	get(f, "/broken", "");
	assert_true(body(f).n > 0 && body(f).n < (size_t)atoi(header(f, "Content-Length")));

	get(f, "/hangup", "");
	assert_int_equal(f->answer.n, 0);

	ask(f, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", 3 * MiB, 10000);
	assert_true(f->answer.n >= 3 * MiB);
	assert_false(f->closed);

	ask(f, "GET /drip?ms=20 HTTP/1.1\r\nHost: x\r\n\r\n", SIZE_MAX, 600);
	assert_true(body(f).n >= 3 && body(f).n <= 40);
	assert_memory_equal(body(f).p, "<?x", 3);
}

/* Requests that stop in the middle or wait are cleaned up with the server. */
static void test_close_while_waiting(void **state)
{
	struct fixture *f = *state;
	ask(f, "GET /slow?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n", SIZE_MAX, 50);
	ask(f, "GET /drip?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n", SIZE_MAX, 50);
	ask(f, "GET /feeds/ HT", SIZE_MAX, 20);
	ask(f, "\x16\x03\x01 rubbish\r\n\r\n", SIZE_MAX, 20);
	int fd = dial(f); /* a client that stays */
	assert_true(send(fd, "GET /slow?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n", 41, 0) == 41);
	for (int i = 0; i < 5; i++)
		loop_turn(f->loop, 5);
	world_close(f->world);
	f->world = NULL;
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_validators, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_gzip, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_methods, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_mischief, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_bad_bodies, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_close_while_waiting, setup, teardown),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
