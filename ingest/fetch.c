/*
 * fetch.c: libcurl's multi_socket interface on our loop.
 *
 * libcurl tells which descriptors and which time-out it waits for (on_socket, on_timeout) and is told
 * what happened (curl_multi_socket_action).  Results are given out from a timer of our own, never
 * from inside libcurl, so the caller may start and cancel as it likes.
 *
 * Redirects are followed here and not by libcurl: each target has to pass the guard as text before
 * anything connects, and the caller may want to ask another site's robots.txt first.
 */
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/mem.h"
#include "common/num.h"

#include "ingest/fetch.h"
#include "ingest/guard.h"

#define FETCH_MAGIC 0x66657463u

enum { MAX_CONNECTIONS = 256, MAX_FIELD = 1024 };

struct fetch {
	unsigned magic;
	struct fetcher *fetcher;
	struct fetch *prev, *next;
	CURL *easy;
	bool added; /* easy is in the multi handle */
	bool done;  /* waits for its function to be called */
	bool cut;
	struct curl_slist *headers;
	char *url, *origin, *accept, *etag, *last_modified;
	fetch_fn *fn;
	void *arg;
	size_t limit_bytes;
	int redirects_left, redirects;
	bool stop_at_origin, keep_cut;
	int64_t timeout_ms, started_ms;
	struct buf body;
	size_t header_bytes;
	bool header_full;
	const char *refused; /* why the guard refused an address; NULL: it did not */
	char got_etag[MAX_FIELD], got_modified[MAX_FIELD], got_type[MAX_FIELD],
	    got_location[MAX_FIELD];
	char retry_after[MAX_FIELD];
	char why[400];
	enum fetch_outcome outcome;
};

struct fetcher {
	struct loop *loop;
	const struct guard *guard;
	CURLM *multi;
	struct loop_timer *timer;   /* libcurl's */
	struct loop_timer *deliver; /* results wait */
	struct fetch *first;
	size_t n;
	char *user_agent;
};

static int users; /* of curl_global_init */

const char *fetch_outcome_name(enum fetch_outcome outcome)
{
	static const char *const names[FETCH_OUTCOMES] = {
	    "ok", "not_modified", "moved", "status", "too_large", "timeout", "refused", "failed"};
	return names[outcome];
}

int64_t fetch_retry_after(struct str value, int64_t wall_ms)
{
	int64_t seconds;
	value = str_trim(value);
	if (value.n == 0 || value.n >= MAX_FIELD)
		return -1;
	if (num_int(value, 0, INT64_MAX / 2000, &seconds) == 0)
		return seconds * 1000;
	char text[MAX_FIELD];
	memcpy(text, value.p, value.n);
	text[value.n] = '\0';
	time_t at = curl_getdate(text, NULL);
	if (at < 0)
		return -1;
	int64_t delay = (int64_t)at * 1000 - wall_ms;
	return delay > 0 ? delay : 0;
}

/* ---- results ---- */

static void unlink_and_free(struct fetch *fetch)
{
	struct fetcher *fetcher = fetch->fetcher;
	if (fetch->added)
		(void)curl_multi_remove_handle(fetcher->multi, fetch->easy); /* is in there */
	if (fetch->easy)
		curl_easy_cleanup(fetch->easy);
	curl_slist_free_all(fetch->headers);
	if (fetch->prev)
		fetch->prev->next = fetch->next;
	else
		fetcher->first = fetch->next;
	if (fetch->next)
		fetch->next->prev = fetch->prev;
	fetcher->n--;
	buf_done(&fetch->body);
	free(fetch->url);
	free(fetch->origin);
	free(fetch->accept);
	free(fetch->etag);
	free(fetch->last_modified);
	fetch->magic = 0;
	free(fetch);
}

static void finish(struct fetch *fetch, enum fetch_outcome outcome)
{
	fetch->outcome = outcome;
	fetch->done = true;
	loop_timer_set(fetch->fetcher->deliver, 0);
}

static struct str field(const char *text)
{
	return *text ? str_of(text) : STR_NULL;
}

static void hand_over(struct fetch *fetch)
{
	struct fetch_result result = {
	    .outcome = fetch->outcome,
	    .redirects = fetch->redirects,
	    .cut = fetch->cut,
	    .etag = field(fetch->got_etag),
	    .last_modified = field(fetch->got_modified),
	    .content_type = field(fetch->got_type),
	    .content_location = field(fetch->got_location),
	    .url = str_of(fetch->url),
	    .retry_after_ms = fetch_retry_after(str_of(fetch->retry_after), clock_wall_ms()),
	    .took_ms = clock_mono_ms() - fetch->started_ms,
	    .why = str_of(fetch->why),
	    .body = fetch->outcome == FETCH_OK ? buf_view(&fetch->body) : STR_NULL,
	};
	long status = 0;
	if (fetch->easy &&
	    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		result.status = (int)status;
	fetch_fn *fn = fetch->fn;
	void *arg = fetch->arg;
	/* out of libcurl first: the caller may start the next request to this host */
	if (fetch->added)
		(void)curl_multi_remove_handle(fetch->fetcher->multi,
					       fetch->easy); /* is in there */
	fetch->added = false;
	fn(arg, &result);
	unlink_and_free(fetch);
}

static void on_deliver(void *arg)
{
	struct fetcher *fetcher = arg;
	for (;;) { /* from the start each time: the function may cancel others */
		struct fetch *fetch = fetcher->first;
		while (fetch && !fetch->done)
			fetch = fetch->next;
		if (!fetch)
			return;
		fetch->done = false; /* handed over once; a cancel from inside is refused below */
		fetch->fetcher = fetcher;
		hand_over(fetch);
	}
}

/* ---- libcurl's callbacks ---- */

static struct fetch *checked(void *arg)
{
	struct fetch *fetch = arg;
	must(fetch && fetch->magic == FETCH_MAGIC);
	return fetch;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *fetch = checked(arg);
	(void)size; /* always 1 */
	size_t room = fetch->limit_bytes - fetch->body.n;
	if (n <= room && buf_add(&fetch->body, p, n) == 0)
		return n;
	(void)buf_add(&fetch->body, p, n < room ? n : room); /* up to the limit it fits */
	fetch->cut = true;
	return 0; /* ends the transfer */
}

static void keep(char *to, struct str value)
{
	value = str_trim(value);
	if (value.n >= MAX_FIELD)
		value.n = 0; /* no honest one is that long; cut it would be another one */
	if (value.n)
		memcpy(to, value.p, value.n);
	to[value.n] = '\0';
}

static void forget_headers(struct fetch *fetch)
{
	fetch->got_etag[0] = fetch->got_modified[0] = fetch->got_type[0] = '\0';
	fetch->got_location[0] = fetch->retry_after[0] = '\0';
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *fetch = checked(arg);
	(void)size; /* always 1 */
	struct str line = {p, n};
	fetch->header_bytes += n;
	if (fetch->header_bytes > FETCH_HEADER_MAX) {
		fetch->header_full = true;
		return 0; /* ends the transfer */
	}
	if (str_starts(line, "HTTP/")) {
		forget_headers(fetch); /* a new answer (after 100 Continue) */
		return n;
	}
	size_t colon = str_find(line, ':', 0);
	struct str name = str_sub(line, 0, colon), value = str_sub(line, colon + 1, line.n);
	if (str_ieq(name, "etag"))
		keep(fetch->got_etag, value);
	else if (str_ieq(name, "last-modified"))
		keep(fetch->got_modified, value);
	else if (str_ieq(name, "content-type"))
		keep(fetch->got_type, value);
	else if (str_ieq(name, "content-location"))
		keep(fetch->got_location, value);
	else if (str_ieq(name, "retry-after"))
		keep(fetch->retry_after, value);
	return n;
}

/* The one place that sees the address that is really connected to. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = checked(arg);
	const char *why;
	(void)purpose; /* there is only one */
	if (!guard_address(fetch->fetcher->guard, &address->addr, &why)) {
		fetch->refused = why;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void reap(struct fetcher *fetcher);

static void on_ready(void *arg, int fd, int events)
{
	struct fetcher *fetcher = arg;
	int running, mask = 0;
	if (events & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(fetcher->multi, fd, mask,
				       &running); /* errors show per transfer */
	reap(fetcher);
}

static void on_timer(void *arg)
{
	struct fetcher *fetcher = arg;
	int running;
	/* errors show per transfer */
	(void)curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(fetcher);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct fetcher *fetcher = arg;
	struct loop_io *io = socket_arg;
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		loop_io_del(io);
		(void)curl_multi_assign(fetcher->multi, fd, NULL); /* a known socket */
		return 0;
	}
	int events =
	    (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
	if (io) {
		loop_io_set(io, events);
	} else {
		io = loop_io_add(fetcher->loop, fd, events, on_ready, fetcher);
		(void)curl_multi_assign(fetcher->multi, fd, io); /* a known socket */
	}
	return 0;
}

static int on_timeout(CURLM *multi, long timeout_ms, void *arg)
{
	struct fetcher *fetcher = arg;
	(void)multi;
	if (timeout_ms < 0)
		loop_timer_clear(fetcher->timer);
	else
		loop_timer_set(fetcher->timer, timeout_ms);
	return 0;
}

/* ---- one transfer ---- */

static void set(CURLcode code)
{
	must(code == CURLE_OK); /* fixed options of a known version, or out of memory */
}

static void header_add(struct fetch *fetch, const char *name, const char *value)
{
	if (!value || !*value || strpbrk(value, "\r\n"))
		return;
	char *line = xasprintf("%s: %s", name, value);
	fetch->headers = curl_slist_append(fetch->headers, line);
	must(fetch->headers);
	free(line);
}

static void set_up(struct fetch *fetch)
{
	CURL *easy = fetch->easy;
	header_add(fetch, "Accept", fetch->accept ? fetch->accept : "*/*");
	header_add(fetch, "If-None-Match", fetch->etag);
	header_add(fetch, "If-Modified-Since", fetch->last_modified);
	set(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers));
	set(curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch));
	set(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
	set(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
	set(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
	set(curl_easy_setopt(easy, CURLOPT_PROXY, ""));
	set(curl_easy_setopt(easy, CURLOPT_USERAGENT, fetch->fetcher->user_agent));
	set(curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br"));
	set(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS));
	set(curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 10L));
	set(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body));
	set(curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch));
	set(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header));
	set(curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch));
	set(curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open));
	set(curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch));
}

/* Starts a request to `url` if the guard lets it pass; else the fetch is done. */
static void go(struct fetch *fetch, struct str url)
{
	struct guard_target target;
	char *shown = xstrndup(url.p, url.n);
	free(fetch->url);
	fetch->url = shown;
	if (guard_url(fetch->fetcher->guard, url, &target) == GUARD_REFUSE) {
		(void)snprintf(fetch->why, sizeof fetch->why, "%s refused: %s",
			       fetch->redirects ? "redirect" : "address", target.why);
		finish(fetch, FETCH_REFUSED);
		return;
	}
	int64_t left_ms = fetch->timeout_ms - (clock_mono_ms() - fetch->started_ms);
	if (left_ms < 1) {
		(void)snprintf(fetch->why, sizeof fetch->why, "took longer than %d s",
			       (int)(fetch->timeout_ms / 1000));
		finish(fetch, FETCH_TIMEOUT);
		return;
	}
	free(fetch->url);
	free(fetch->origin);
	fetch->url = xstrdup(target.url);
	fetch->origin = xstrdup(target.origin);
	fetch->header_bytes = 0;
	buf_reset(&fetch->body);
	forget_headers(fetch);
	set(curl_easy_setopt(fetch->easy, CURLOPT_TIMEOUT_MS, (long)left_ms));
	set(curl_easy_setopt(fetch->easy, CURLOPT_URL, fetch->url));
	must(curl_multi_add_handle(fetch->fetcher->multi, fetch->easy) == CURLM_OK);
	fetch->added = true;
}

static void redirect(struct fetch *fetch)
{
	char *to = NULL;
	struct guard_target target;
	if (curl_easy_getinfo(fetch->easy, CURLINFO_REDIRECT_URL, &to) != CURLE_OK || !to) {
		(void)snprintf(fetch->why, sizeof fetch->why, "redirect without a target");
		finish(fetch, FETCH_FAILED);
		return;
	}
	if (fetch->redirects_left == 0) {
		(void)snprintf(fetch->why, sizeof fetch->why, "more than %d redirects",
			       fetch->redirects);
		finish(fetch, FETCH_FAILED);
		return;
	}
	char *copy = xstrdup(to);
	fetch->redirects_left--;
	fetch->redirects++;
	bool other = guard_url(fetch->fetcher->guard, str_of(copy), &target) != GUARD_REFUSE &&
		     strcmp(target.origin, fetch->origin) != 0;
	if (other && fetch->stop_at_origin) {
		free(fetch->url);
		fetch->url = xstrdup(target.url);
		finish(fetch, FETCH_MOVED);
	} else {
		go(fetch, str_of(copy));
	}
	free(copy);
}

static enum fetch_outcome judge_failure(struct fetch *fetch, CURLcode code)
{
	const char *text = curl_easy_strerror(code);
	enum fetch_outcome outcome = FETCH_FAILED;
	if (fetch->refused) {
		(void)snprintf(fetch->why, sizeof fetch->why, "address refused: %s",
			       fetch->refused);
		return FETCH_REFUSED;
	}
	if (fetch->cut) {
		(void)snprintf(fetch->why, sizeof fetch->why, "body larger than %zu bytes",
			       fetch->limit_bytes);
		return FETCH_TOO_LARGE;
	}
	if (fetch->header_full) {
		(void)snprintf(fetch->why, sizeof fetch->why, "headers larger than %d bytes",
			       FETCH_HEADER_MAX);
		return FETCH_TOO_LARGE;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		text = "took too long";
		outcome = FETCH_TIMEOUT;
	}
	(void)snprintf(fetch->why, sizeof fetch->why, "%s", text); /* a short text of libcurl's */
	for (char *p = fetch->why; *p; p++)
		if (*p >= 'A' && *p <= 'Z' && p == fetch->why)
			*p = (char)(*p + 32);
	return outcome;
}

static void transfer_over(struct fetch *fetch, CURLcode code)
{
	long status = 0;
	(void)curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy); /* is in there */
	fetch->added = false;
	(void)curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status); /* 0 where none */
	bool moved =
	    status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
	if (code != CURLE_OK && !(fetch->cut && fetch->keep_cut) &&
	    !(fetch->cut && status >= 300)) {
		finish(fetch, judge_failure(fetch, code));
	} else if (moved) {
		fetch->cut = false;
		redirect(fetch);
	} else if (status == 304) {
		finish(fetch, FETCH_NOT_MODIFIED);
	} else if (status >= 200 && status < 300) {
		finish(fetch, FETCH_OK);
	} else {
		fetch->cut = false; /* nobody gets this body */
		(void)snprintf(fetch->why, sizeof fetch->why, "status %ld", status);
		finish(fetch, FETCH_STATUS);
	}
}

static void reap(struct fetcher *fetcher)
{
	CURLMsg *msg;
	int left;
	while ((msg = curl_multi_info_read(fetcher->multi, &left))) {
		char *arg = NULL;
		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode code = msg->data.result; /* msg goes with the handle */
		set(curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &arg));
		transfer_over(checked(arg), code);
	}
}

/* ---- life cycle ---- */

struct fetcher *fetcher_create(struct loop *loop, const struct guard *guard, const char *user_agent,
			       int host_connections)
{
	struct fetcher *fetcher = xcalloc(1, sizeof *fetcher);
	if (users++ == 0)
		must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	fetcher->loop = loop;
	fetcher->guard = guard;
	fetcher->user_agent = xstrdup(user_agent);
	fetcher->timer = loop_timer_add(loop, on_timer, fetcher);
	fetcher->deliver = loop_timer_add(loop, on_deliver, fetcher);
	fetcher->multi = curl_multi_init();
	must(fetcher->multi);
	CURLM *multi = fetcher->multi;
	must(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK);
	must(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, fetcher) == CURLM_OK);
	must(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout) == CURLM_OK);
	must(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, fetcher) == CURLM_OK);
	must(curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MAX_CONNECTIONS) ==
	     CURLM_OK);
	/* the scheduler sees to it for sources; this holds for targets of redirects too */
	must(curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)host_connections) ==
	     CURLM_OK);
	must(curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 32L) == CURLM_OK);
	return fetcher;
}

void fetcher_free(struct fetcher *fetcher)
{
	if (!fetcher)
		return;
	while (fetcher->first)
		unlink_and_free(fetcher->first);
	(void)curl_multi_cleanup(fetcher->multi); /* empty; closes idle connections */
	loop_timer_del(fetcher->timer);
	loop_timer_del(fetcher->deliver);
	free(fetcher->user_agent);
	free(fetcher);
	if (--users == 0)
		curl_global_cleanup();
}

static char *copy_given(const char *text)
{
	return text && *text ? xstrdup(text) : NULL;
}

struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_request *request)
{
	struct fetch *fetch = xcalloc(1, sizeof *fetch);
	fetch->magic = FETCH_MAGIC;
	fetch->fetcher = fetcher;
	fetch->accept = copy_given(request->accept);
	fetch->etag = copy_given(request->etag);
	fetch->last_modified = copy_given(request->last_modified);
	fetch->fn = request->fn;
	fetch->arg = request->arg;
	fetch->limit_bytes = request->limit_bytes ? request->limit_bytes : FETCH_BODY_MAX;
	fetch->redirects_left = request->redirects;
	fetch->stop_at_origin = request->stop_at_origin;
	fetch->keep_cut = request->keep_cut;
	fetch->timeout_ms = request->timeout_ms ? request->timeout_ms : FETCH_TOTAL_MS;
	fetch->started_ms = clock_mono_ms();
	buf_init(&fetch->body, fetch->limit_bytes);
	fetch->easy = curl_easy_init();
	must(fetch->easy);
	fetch->next = fetcher->first;
	if (fetch->next)
		fetch->next->prev = fetch;
	fetcher->first = fetch;
	fetcher->n++;
	set_up(fetch);
	go(fetch, str_of(request->url));
	return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
	if (fetch)
		unlink_and_free(checked(fetch));
}

size_t fetcher_bytes(const struct fetcher *fetcher)
{
	size_t n = 0;
	for (const struct fetch *fetch = fetcher->first; fetch; fetch = fetch->next)
		n += fetch->body.room;
	return n;
}

size_t fetcher_active(const struct fetcher *fetcher)
{
	return fetcher->n;
}
