/*
 * server.c: requests on the wire (libmicrohttpd on our loop, no threads).
 *
 * libmicrohttpd brings an epoll descriptor of its own; the loop watches it and asks after each turn
 * when it wants to run next.  Waiting (slow, drip) is done by suspending a connection and a
 * timer that resumes it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/world/folder.h"
#include "tests/world/http.h"
#include "tests/world/mischief.h"
#include "tests/world/pages.h"
#include "tests/world/server.h"

enum {
	REQUEST_MAGIC = 0x52717374,
	STREAM_MAGIC = 0x5374726d,
	MAX_CONNECTIONS = 1000,
	IDLE_SECONDS = 120,
	GZIP_FROM_BYTES = 256,
};

struct world {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct loop_io *io;
	struct loop_timer *timer;
	struct loop_hook *hook;
	struct world_site site;
	char *base;
	int port;
	bool log;
	struct request *waiting; /* suspended ones */
};

/* One request, from its headers to its end. */
struct request {
	unsigned magic;
	struct world *world;
	struct MHD_Connection *connection;
	struct loop_timer *timer; /* NULL until it has to wait */
	bool suspended, waited;
	struct request *next; /* in world->waiting while suspended */
};

/* A body that is made while it is sent. */
struct stream {
	unsigned magic;
	struct request *request;
	enum world_manner manner;
	struct buf body;
	int64_t wait_ms;
	bool due;
};

static struct request *request_of(void *p)
{
	struct request *request = p;
	must(request->magic == REQUEST_MAGIC);
	return request;
}

/* ---- waiting ------------------------------------------------------------------------- */

static void wake(struct request *request)
{
	struct request **at = &request->world->waiting;
	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	request->suspended = false;
	MHD_resume_connection(request->connection);
}

static void on_wait_over(void *arg)
{
	struct request *request = request_of(arg);
	struct world *world = request->world;
	request->waited = true;
	wake(request);
	/* it does not wake itself; may free the request */
	(void)MHD_run(world->daemon);
}

static void suspend(struct request *request, int64_t wait_ms)
{
	if (!request->timer)
		request->timer = loop_timer_add(request->world->loop, on_wait_over, request);
	MHD_suspend_connection(request->connection);
	request->suspended = true;
	request->next = request->world->waiting;
	request->world->waiting = request;
	loop_timer_set(request->timer, wait_ms);
}

/* ---- bodies made while they are sent ------------------------------------------------- */

static ssize_t read_endless(struct stream *stream, uint64_t pos, char *out, size_t max)
{
	struct str start = str_of(world_endless_start), item = str_of(world_endless_item);
	struct str piece = pos < start.n ? str_sub(start, pos, start.n)
					 : str_sub(item, (pos - start.n) % item.n, item.n);
	(void)stream;
	if (piece.n > max)
		piece.n = max;
	memcpy(out, piece.p, piece.n);
	return (ssize_t)piece.n;
}

static ssize_t read_drip(struct stream *stream, uint64_t pos, char *out)
{
	if (!stream->due) {
		stream->due = true;
		suspend(stream->request, stream->wait_ms);
		return 0;
	}
	stream->due = false;
	out[0] = stream->body.p[pos];
	return 1;
}

static ssize_t read_broken(struct stream *stream, uint64_t pos, char *out, size_t max)
{
	size_t half = stream->body.n / 2;
	if (pos >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (max > half - pos)
		max = half - pos;
	memcpy(out, stream->body.p + pos, max);
	return (ssize_t)max;
}

static ssize_t on_read(void *arg, uint64_t pos, char *out, size_t max)
{
	struct stream *stream = arg;
	must(stream->magic == STREAM_MAGIC && max > 0);
	switch (stream->manner) {
	case WORLD_ENDLESS: return read_endless(stream, pos, out, max);
	case WORLD_DRIP: return read_drip(stream, pos, out);
	default: return read_broken(stream, pos, out, max);
	}
}

static void on_read_free(void *arg)
{
	struct stream *stream = arg;
	must(stream->magic == STREAM_MAGIC);
	buf_done(&stream->body);
	free(stream);
}

/* Takes the page's body. */
static struct MHD_Response *streamed(struct request *request, const struct world_plan *plan,
				     struct world_page *page)
{
	struct stream *stream = xcalloc(1, sizeof *stream);
	*stream =
	    (struct stream){STREAM_MAGIC, request, plan->manner, page->body, plan->wait_ms, false};
	page->body = (struct buf){0};
	uint64_t size = plan->manner == WORLD_ENDLESS ? MHD_SIZE_UNKNOWN : stream->body.n;
	return MHD_create_response_from_callback(size, 32 * KiB, on_read, stream, on_read_free);
}

/* ---- answers ------------------------------------------------------------------------- */

static struct str header(struct request *request, const char *name)
{
	return str_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	/* refused where a stranger's value holds a line's end: then the answer goes without it */
	(void)MHD_add_response_header(response, name, value);
}

static void add_date(struct MHD_Response *response, const char *name, int64_t ms)
{
	char text[WORLD_DATE_LEN + 1];
	world_http_date(ms, text);
	add(response, name, text);
}

static struct MHD_Response *of_bytes(struct buf *body)
{
	return MHD_create_response_from_buffer(body->n, body->p ? body->p : (void *)(uintptr_t) "",
					       MHD_RESPMEM_MUST_COPY);
}

static struct MHD_Response *bomb(const struct world_plan *plan)
{
	struct buf body;
	buf_init(&body, 16 * MiB);
	must(world_http_gzip_bomb(plan->mib, &body) == 0); /* at most 4,000 MiB: about 4 MiB */
	struct MHD_Response *response = of_bytes(&body);
	buf_done(&body);
	if (response)
		add(response, "Content-Encoding", "gzip");
	return response;
}

/* The answer of a good server: validators, 304, gzip.  May change page->status. */
static struct MHD_Response *conditional(struct request *request, struct world_page *page)
{
	struct buf packed;
	char etag[WORLD_ETAG_LEN + 1];
	buf_init(&packed, WORLD_MAX_FILE + MiB);
	bool gzip = page->body.n >= GZIP_FROM_BYTES &&
		    world_http_accepts_gzip(header(request, "Accept-Encoding")) &&
		    world_http_gzip(buf_view(&page->body), &packed) == 0;
	world_http_etag(buf_view(&page->body), gzip, etag);
	bool same =
	    page->status == 200 &&
	    world_http_not_modified(header(request, "If-None-Match"),
				    header(request, "If-Modified-Since"), etag, page->modified_ms);
	if (same) {
		page->status = 304;
		buf_reset(&page->body);
		buf_reset(&packed);
	}
	struct MHD_Response *response = of_bytes(gzip ? &packed : &page->body);
	buf_done(&packed);
	if (!response)
		return NULL;
	if (gzip && !same)
		add(response, "Content-Encoding", "gzip");
	add(response, "Vary", "Accept-Encoding");
	if (page->status == 200 || same) {
		add(response, "ETag", etag);
		if (page->modified_ms != WORLD_NO_TIME)
			add_date(response, "Last-Modified", page->modified_ms);
	}
	return response;
}

static enum MHD_Result answer(struct request *request, const char *method,
			      const struct world_plan *plan)
{
	struct world *world = request->world;
	int64_t now_ms = clock_wall_ms();
	struct world_page page;
	struct MHD_Response *response;
	world_page(&world->site, plan->rest, now_ms, &page);
	if (plan->status)
		page.status = plan->status;
	size_t n = page.body.n;
	switch (plan->manner) {
	case WORLD_ENDLESS:
	case WORLD_DRIP:
	case WORLD_BROKEN: response = streamed(request, plan, &page); break;
	case WORLD_BOMB: response = bomb(plan); break;
	default: response = conditional(request, &page);
	}
	enum MHD_Result result = MHD_NO;
	if (response) {
		if (page.status != 304)
			add(response, "Content-Type", plan->type[0] ? plan->type : page.type);
		if (plan->retry_after[0])
			add(response, "Retry-After", plan->retry_after);
		if (plan->location.n)
			add(response, "Location", plan->location.p);
		add_date(response, "Date", now_ms);
		result = MHD_queue_response(request->connection, (unsigned)page.status, response);
		MHD_destroy_response(response);
	}
	if (world->log)
		log_info("request", "method=%s path=%s status=%d bytes=%zu agent=%s",
			 log_qz(method), log_q(plan->rest), page.status, n,
			 log_q(header(request, "User-Agent")));
	world_page_done(&page);
	return result;
}

static enum MHD_Result refuse(struct request *request)
{
	static char words[] = "only GET and HEAD\n";
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(sizeof words - 1, words, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	add(response, "Allow", "GET, HEAD");
	enum MHD_Result result =
	    MHD_queue_response(request->connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
	MHD_destroy_response(response);
	return result;
}

static const char *query(void *arg, const char *name)
{
	return MHD_lookup_connection_value(arg, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	(void)version, (void)upload; /* nothing with a body is taken */
	if (!*state) {
		struct request *created = xcalloc(1, sizeof *created);
		*created = (struct request){
		    .magic = REQUEST_MAGIC, .world = arg, .connection = connection};
		*state = created;
		/* an answer at the first call would close the connection: right for what is
		 * refused, wrong for all others */
		if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
			return refuse(created);
		return MHD_YES;
	}
	struct request *request = request_of(*state);
	if (*upload_size) {
		*upload_size = 0; /* a GET with a body: not read, not answered twice */
		return MHD_YES;
	}
	struct world_plan plan;
	(void)world_mischief(str_of(url), query, connection, &plan); /* else: a plain page */
	enum MHD_Result result = MHD_YES;
	if (plan.manner == WORLD_HANGUP)
		result = MHD_NO;
	else if (plan.manner == WORLD_SLOW && !request->waited)
		suspend(request, plan.wait_ms);
	else
		result = answer(request, method, &plan);
	world_plan_done(&plan);
	return result;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	(void)arg, (void)connection, (void)code; /* all ends are alike */
	if (!*state)
		return;
	struct request *request = request_of(*state);
	must(!request->suspended);
	loop_timer_del(request->timer);
	request->magic = 0;
	free(request);
	*state = NULL;
}

/* ---- the loop ------------------------------------------------------------------------ */

static void run(struct world *world)
{
	/* its failures are those of single connections, which it closes */
	(void)MHD_run(world->daemon);
}

static void on_io(void *arg, int fd, int events)
{
	(void)fd, (void)events; /* one descriptor, one direction */
	run(arg);
}

static void on_timer(void *arg)
{
	run(arg);
}

static void on_turn(void *arg)
{
	struct world *world = arg;
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	if (MHD_get_timeout(world->daemon, &timeout_ms) == MHD_YES)
		loop_timer_set(world->timer, timeout_ms > 60000 ? 60000 : (int64_t)timeout_ms);
	else
		loop_timer_clear(world->timer);
}

static void on_mhd_log(void *arg, const char *fmt, va_list ap)
{
	(void)arg, (void)fmt, (void)ap; /* what clients do wrong is no news here */
}

static int start(struct world *world, int port, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	errno = 0;
	world->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, (uint16_t)port, NULL,
	    NULL, on_request, world, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, world, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
	if (!world->daemon)
		return error_set(err, "could not listen on 127.0.0.1:%d: %s", port,
				 errno ? strerror(errno) : "refused");
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(world->daemon, MHD_DAEMON_INFO_BIND_PORT);
	must(info);
	world->port = info->port;
	info = MHD_get_daemon_info(world->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	must(info);
	world->io = loop_io_add(world->loop, info->epoll_fd, LOOP_READ, on_io, world);
	world->timer = loop_timer_add(world->loop, on_timer, world);
	world->hook = loop_hook_add(world->loop, on_turn, world);
	return 0;
}

struct world *world_open(const struct world_options *options, struct error *err)
{
	struct world *world = xcalloc(1, sizeof *world);
	world->loop = options->loop;
	world->log = options->log;
	world->site.feeds_dir = options->feeds_dir;
	world->site.robots_file = options->robots_file;
	world->site.poll = options->poll ? options->poll : "5m";
	if (options->town_dir && !(world->site.town = town_load(options->town_dir, err)))
		goto fail;
	if (start(world, options->port, err))
		goto fail;
	world->base = xasprintf("http://127.0.0.1:%d", world->port);
	world->site.base = world->base;
	return world;
fail:
	world_close(world);
	return NULL;
}

int world_port(const struct world *world)
{
	return world->port;
}

void world_close(struct world *world)
{
	if (!world)
		return;
	/* libmicrohttpd wants none suspended when it stops */
	while (world->waiting) {
		struct request *request = world->waiting;
		loop_timer_clear(request->timer);
		wake(request);
	}
	loop_hook_del(world->hook);
	loop_timer_del(world->timer);
	loop_io_del(world->io);
	if (world->daemon)
		MHD_stop_daemon(world->daemon);
	town_free(world->site.town);
	free(world->base);
	free(world);
}
