#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "common/buf.h"
#include "common/mem.h"
#include "common/num.h"

#include "tests/kill/feed.h"

enum { FEEDS = 32, ITEMS = 600 };

struct feeds {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* the server's thread reads what the harness grows */
	int n, next;
	struct {
		int items;
		int64_t at_ms[ITEMS];
	} feed[FEEDS];
	size_t pages, unchanged;
};

static void write_feed(const struct feeds *feeds, int f, struct buf *to)
{
	char time[NUM_TIME_LEN + 1];
	int n = feeds->feed[f].items;
	num_time_text(n ? feeds->feed[f].at_ms[n - 1] : 0, time);
	(void)buf_printf(to,
			 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			 "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Forum %d</title>"
			 "<id>tag:kill.example,2026:feed-%d</id><updated>%s</updated>\n",
			 f, f, time);
	for (int i = n - 1; i >= 0; i--) {
		num_time_text(feeds->feed[f].at_ms[i], time);
		(void)buf_printf(
		    to,
		    "<entry><id>tag:kill.example,2026:f%d-%d</id><title>Frage %d</title>"
		    "<author><name>Gast %d</name></author><published>%s</published>"
		    "<updated>%s</updated><link href=\"http://kill.example/f%d/%d\"/>"
		    "<content type=\"text\">Mein Brief %d ist nicht da.</content></entry>\n",
		    f, i, i, i % 7, time, time, f, i, i);
	}
	(void)buf_z(to, "</feed>\n");
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct feeds *feeds = arg;
	struct MHD_Response *response;
	unsigned status = MHD_HTTP_OK;
	int f = -1, end = 0;
	char tag[64];
	(void)version, (void)upload, (void)upload_size;
	if (!*state) { /* first call: headers only; the answer is given at the second */
		*state = feeds;
		return MHD_YES;
	}
	if (strcmp(method, "GET") != 0 || sscanf(url, "/feed/%d%n", &f, &end) != 1 ||
	    url[end] != '\0' || f < 0 || f >= feeds->n) {
		response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
		status = MHD_HTTP_NOT_FOUND;
	} else {
		struct buf body;
		buf_init(&body, 4 * MiB);
		(void)pthread_mutex_lock(&feeds->lock);
		(void)snprintf(tag, sizeof tag, "\"f%d-%d\"", f, feeds->feed[f].items);
		const char *has = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							      MHD_HTTP_HEADER_IF_NONE_MATCH);
		if (has && strcmp(has, tag) == 0) {
			status = MHD_HTTP_NOT_MODIFIED;
			feeds->unchanged++;
		} else {
			write_feed(feeds, f, &body);
			feeds->pages++;
		}
		(void)pthread_mutex_unlock(&feeds->lock);
		response = MHD_create_response_from_buffer(body.n, body.p ? body.p : "",
							   MHD_RESPMEM_MUST_COPY);
		buf_done(&body);
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, tag);
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					      "application/atom+xml; charset=utf-8");
	}
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

struct feeds *feeds_open(int n, struct error *err)
{
	struct feeds *feeds = xcalloc(1, sizeof *feeds);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	must(n > 0 && n <= FEEDS);
	feeds->n = n;
	(void)pthread_mutex_init(&feeds->lock, NULL);
	feeds->daemon =
	    MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, answer,
			     feeds, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END);
	if (!feeds->daemon) {
		(void)error_set(err, "could not start the web server of the feeds");
		feeds_close(feeds);
		return NULL;
	}
	return feeds;
}

void feeds_close(struct feeds *feeds)
{
	if (!feeds)
		return;
	if (feeds->daemon)
		MHD_stop_daemon(feeds->daemon);
	(void)pthread_mutex_destroy(&feeds->lock);
	free(feeds);
}

int feeds_port(const struct feeds *feeds)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(feeds->daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info ? info->port : 0;
}

int feeds_count(const struct feeds *feeds)
{
	return feeds->n;
}

void feeds_grow(struct feeds *feeds, int items, int64_t now_ms)
{
	int f = feeds->next++ % feeds->n;
	(void)pthread_mutex_lock(&feeds->lock);
	while (items-- > 0 && feeds->feed[f].items < ITEMS)
		feeds->feed[f].at_ms[feeds->feed[f].items++] = now_ms - items;
	(void)pthread_mutex_unlock(&feeds->lock);
}

void feeds_wants(const struct feeds *feeds, struct wants *wants)
{
	for (int f = 0; f < feeds->n; f++) {
		for (int i = 0; i < feeds->feed[f].items; i++) {
			char id[80];
			(void)snprintf(id, sizeof id, "feed:f%d:tag:kill.example,2026:f%d-%d", f, f,
				       i);
			want_add(wants, id, id)->fate = FATE_TICKET;
		}
	}
}

void feeds_served(const struct feeds *feeds, size_t *ret_pages, size_t *ret_unchanged)
{
	*ret_pages = feeds->pages;
	*ret_unchanged = feeds->unchanged;
}
