/*
 * stats.c: counters in plain arrays; the endpoint is libmicrohttpd's epoll descriptor in our loop.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/num.h"
#include "common/stats.h"

enum { ROWS = 200, LABELS = 200 };

struct cell {
	char *label;
	int64_t value;
};

struct row {
	const struct stats_row *about;
	int64_t value;
	struct cell *cells;
	size_t n_cells;
};

static struct row rows[ROWS];
static int n_rows;

int stats_register(const struct stats_row *about, size_t n)
{
	must((size_t)n_rows + n <= ROWS);
	int base = n_rows;
	for (size_t i = 0; i < n; i++)
		rows[n_rows++] = (struct row){.about = &about[i]};
	return base;
}

void stats_reset(void)
{
	for (int i = 0; i < n_rows; i++) {
		for (size_t c = 0; c < rows[i].n_cells; c++)
			free(rows[i].cells[c].label);
		free(rows[i].cells);
		rows[i] = (struct row){0};
	}
	n_rows = 0;
}

static struct row *row_at(int index)
{
	must(index >= 0 && index < n_rows);
	return &rows[index];
}

void stats_add(int index, int64_t delta)
{
	row_at(index)->value += delta;
}

void stats_set(int index, int64_t value)
{
	row_at(index)->value = value;
}

int64_t stats_get(int index)
{
	return row_at(index)->value;
}

static struct cell *cell_find(struct row *row, const char *label)
{
	for (size_t i = 0; i < row->n_cells; i++)
		if (strcmp(row->cells[i].label, label) == 0)
			return &row->cells[i];
	return NULL;
}

static struct cell *cell_get(struct row *row, const char *label)
{
	struct cell *cell = cell_find(row, label);
	if (cell)
		return cell;
	if (row->n_cells >= LABELS - 1 && strcmp(label, "other") != 0)
		return cell_get(row, "other");
	row->cells = xrealloc(row->cells, (row->n_cells + 1) * sizeof *row->cells);
	cell = &row->cells[row->n_cells++];
	*cell = (struct cell){.label = xstrdup(label)};
	return cell;
}

void stats_add_label(int index, const char *value, int64_t delta)
{
	cell_get(row_at(index), value)->value += delta;
}

void stats_set_label(int index, const char *value, int64_t v)
{
	cell_get(row_at(index), value)->value = v;
}

int64_t stats_get_label(int index, const char *value)
{
	const struct cell *cell = cell_find(row_at(index), value);
	return cell ? cell->value : 0;
}

static void label_text(struct buf *out, const char *z)
{
	for (; *z; z++) {
		if (*z == '\\' || *z == '"')
			(void)buf_char(out, '\\');
		(void)buf_char(out, (unsigned char)*z < 0x20 ? ' ' : *z);
	}
}

/* A scrape that passes the buffer's limit is cut, not refused: `full` tells the caller. */
void stats_text(struct buf *out)
{
	for (int i = 0; i < n_rows; i++) {
		const struct stats_row *about = rows[i].about;
		(void)buf_printf(out, "# HELP posthorn_%s %s\n# TYPE posthorn_%s %s\n", about->name,
				 about->help, about->name,
				 about->kind == STATS_COUNTER ? "counter" : "gauge");
		if (!about->label)
			(void)buf_printf(out, "posthorn_%s %" PRId64 "\n", about->name,
					 rows[i].value);
		for (size_t c = 0; about->label && c < rows[i].n_cells; c++) {
			(void)buf_printf(out, "posthorn_%s{%s=\"", about->name, about->label);
			label_text(out, rows[i].cells[c].label);
			(void)buf_printf(out, "\"} %" PRId64 "\n", rows[i].cells[c].value);
		}
	}
}

void stats_doc(struct buf *out)
{
	(void)buf_z(out, "| counter | kind | label | meaning |\n| --- | --- | --- | --- |\n");
	for (int i = 0; i < n_rows; i++) {
		const struct stats_row *row = rows[i].about;
		const char *tick = row->label ? "`" : "";
		(void)buf_printf(out, "| `posthorn_%s` | %s | %s%s%s | %s |\n", row->name,
				 row->kind == STATS_COUNTER ? "counter" : "gauge", tick,
				 row->label ? row->label : "", tick, row->help);
	}
}

/* ---- the endpoint ---- */

struct stats_server {
	struct MHD_Daemon *daemon;
	struct loop_io *io;
	struct loop_timer *timer;
	int port;
};

static enum MHD_Result answer(void *cls, struct MHD_Connection *conn, const char *url,
			      const char *method, const char *version, const char *body,
			      size_t *body_size, void **state)
{
	(void)cls, (void)version, (void)body, (void)body_size, (void)state;
	struct buf text;
	buf_init(&text, 4 * MiB);
	unsigned status = MHD_HTTP_OK;
	if (strcmp(method, "GET") != 0) {
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
	} else if (strcmp(url, "/metrics") == 0) {
		stats_text(&text);
	} else {
		status = MHD_HTTP_NOT_FOUND;
		(void)buf_z(&text, "counters are at /metrics\n");
	}
	struct str view = buf_view(&text);
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(view.n, (void *)view.p, MHD_RESPMEM_MUST_COPY);
	buf_done(&text);
	if (!response)
		return MHD_NO;
	/* a missing header harms nobody */
	(void)MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4");
	enum MHD_Result result = MHD_queue_response(conn, status, response);
	MHD_destroy_response(response);
	return result;
}

static void serve(void *arg)
{
	struct stats_server *s = arg;
	(void)MHD_run(s->daemon); /* failures are per connection */
	MHD_UNSIGNED_LONG_LONG wait_ms;
	if (MHD_get_timeout(s->daemon, &wait_ms) == MHD_YES)
		loop_timer_set(s->timer, (int64_t)wait_ms);
	else
		loop_timer_clear(s->timer);
}

static void on_io(void *arg, int fd, int events)
{
	(void)fd, (void)events;
	serve(arg);
}

static int address_read(const char *address, struct sockaddr_in *ret, struct error *err)
{
	struct str text = str_of(address);
	size_t colon = text.n;
	while (colon && text.p[colon - 1] != ':')
		colon--;
	char host[64];
	int64_t port;
	*ret = (struct sockaddr_in){.sin_family = AF_INET};
	if (colon < 2 || colon > sizeof host ||
	    num_int(str_sub(text, colon, text.n), 0, 65535, &port))
		return error_set(err, "could not read address \"%s\": expected IPV4:PORT", address);
	memcpy(host, text.p, colon - 1);
	host[colon - 1] = '\0';
	ret->sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &ret->sin_addr) != 1)
		return error_set(err, "could not read address \"%s\": \"%s\" is no IPv4 address",
				 address, host);
	return 0;
}

struct stats_server *stats_serve(struct loop *loop, const char *address, struct error *err)
{
	struct sockaddr_in sin;
	if (address_read(address, &sin, err))
		return NULL;
	struct MHD_Daemon *daemon = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &sin,
	    MHD_OPTION_CONNECTION_LIMIT, 16u, MHD_OPTION_CONNECTION_TIMEOUT, 10u,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(16 * 1024), MHD_OPTION_END);
	if (!daemon) {
		(void)error_set(err,
				"could not listen on \"%s\": the address is taken or not ours; "
				"choose another in `metrics:`",
				address);
		return NULL;
	}
	struct stats_server *s = xcalloc(1, sizeof *s);
	s->daemon = daemon;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	s->port = info ? info->port : ntohs(sin.sin_port);
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	must(info);
	s->io = loop_io_add(loop, info->epoll_fd, LOOP_READ, on_io, s);
	s->timer = loop_timer_add(loop, serve, s);
	return s;
}

int stats_server_port(const struct stats_server *server)
{
	return server->port;
}

void stats_server_close(struct stats_server *server)
{
	if (!server)
		return;
	loop_io_del(server->io);
	loop_timer_del(server->timer);
	MHD_stop_daemon(server->daemon);
	free(server);
}
