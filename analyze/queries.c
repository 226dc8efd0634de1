#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/query/lint.h"

#include "analyze/queries.h"

struct queries *queries_load(const char *path, struct error *err)
{
	struct query_file *file = query_file_load(path, err);
	if (!file)
		return NULL;
	struct queries *queries = xcalloc(1, sizeof *queries);
	queries->file = file;
	queries->matcher = query_matcher_create(file->set);
	for (size_t i = 0; i < query_set_n(file->set); i++) {
		if (query_lint_cost(file->set, i) < LINT_COMMON)
			continue;
		queries->n_common++;
		queries->common = query_set_name(file->set, i);
	}
	return queries;
}

void queries_free(struct queries *queries)
{
	if (!queries)
		return;
	query_matcher_free(queries->matcher);
	query_file_free(queries->file);
	free(queries);
}

struct queries_reload {
	pthread_t thread;
	char *path;
	int ready; /* eventfd */
	struct loop_io *io;
	struct queries *loaded;
	struct error err;
	queries_loaded *done;
	void *arg;
};

static void *load(void *arg)
{
	struct queries_reload *r = arg;
	const uint64_t one = 1;
	r->loaded = queries_load(r->path, &r->err);
	(void)!write(r->ready, &one, sizeof one); /* cannot fail: the counter was 0 */
	return NULL;
}

static void on_ready(void *arg, int fd, int events)
{
	struct queries_reload *r = arg;
	uint64_t n;
	(void)events;
	if (read(fd, &n, sizeof n) != sizeof n)
		return;
	struct queries *loaded = r->loaded;
	r->loaded = NULL;
	r->done(r->arg, loaded, &r->err);
}

struct queries_reload *queries_reload_start(struct loop *loop, const char *path,
					    queries_loaded *done, void *arg)
{
	struct queries_reload *r = xcalloc(1, sizeof *r);
	query_prepare();
	r->path = xstrdup(path);
	r->done = done;
	r->arg = arg;
	r->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(r->ready >= 0);
	r->io = loop_io_add(loop, r->ready, EPOLLIN, on_ready, r);
	must(pthread_create(&r->thread, NULL, load, r) == 0);
	return r;
}

void queries_reload_free(struct queries_reload *r)
{
	if (!r)
		return;
	(void)pthread_join(r->thread, NULL); /* it ends by itself */
	loop_io_del(r->io);
	(void)close(r->ready);
	queries_free(r->loaded);
	free(r->path);
	free(r);
}
