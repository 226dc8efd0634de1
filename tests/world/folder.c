#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/mem.h"
#include "tests/world/folder.h"
#include "tests/world/http.h"

/* Opens path below dir, step by step, so that no name and no link leads out of it. */
static int open_below(const char *dir, struct str path)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct str rest = path, name;
	if (path.n == 0 || memchr(path.p, '\0', path.n))
		rest = STR_NULL;
	bool some = false;
	while (fd >= 0 && str_split(&rest, '/', &name)) {
		if (name.n == 0 || name.n > 255 || name.p[0] == '.') {
			some = false;
			break;
		}
		some = true;
		char *z = xstrndup(name.p, name.n);
		/* O_NONBLOCK: a named pipe in the folder must not hold us up */
		int next = openat(fd, z, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		free(z);
		close(fd);
		fd = next;
	}
	if (fd >= 0 && !some) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int world_folder_read(const char *dir, struct str path, struct buf *out, int64_t *ret_modified_ms)
{
	int fd = open_below(dir, path);
	struct stat st;
	if (fd < 0)
		return 404;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return 404;
	}
	int status = 0;
	for (;;) {
		char *room = buf_reserve(out, 64 * KiB);
		ssize_t n = room ? read(fd, room, 64 * KiB) : -1;
		if (n < 0 && room && errno == EINTR)
			continue;
		if (n < 0)
			status = 500;
		if (n <= 0)
			break;
		out->n += (size_t)n;
	}
	close(fd);
	*ret_modified_ms = (int64_t)st.st_mtim.tv_sec * 1000;
	return status;
}

/* ---- lists --------------------------------------------------------------------------- */

struct list {
	char **paths;
	size_t n;
};

/* relative: "" or "a/b/" */
static int collect(struct list *list, const char *dir, const char *relative, int depth)
{
	char *path = xasprintf("%s/%s", dir, relative);
	DIR *d = opendir(path);
	free(path);
	if (!d)
		return -1;
	int rc = 0;
	struct dirent *entry;
	while (!rc && (entry = readdir(d))) {
		struct stat st;
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISDIR(st.st_mode)) {
			char *below = xasprintf("%s%s/", relative, entry->d_name);
			rc = depth < WORLD_MAX_DEPTH ? collect(list, dir, below, depth + 1) : -1;
			free(below);
		} else if (S_ISREG(st.st_mode)) {
			if (list->n == WORLD_MAX_FILES)
				rc = -1;
			else
				list->paths[list->n++] = xasprintf("%s%s", relative, entry->d_name);
		}
	}
	closedir(d);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_make(struct list *list, const char *dir)
{
	*list = (struct list){xcalloc(WORLD_MAX_FILES, sizeof(char *)), 0};
	int rc = collect(list, dir, "", 0);
	qsort(list->paths, list->n, sizeof(char *), by_name);
	return rc;
}

static void list_done(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->paths[i]);
	free(list->paths);
}

int world_folder_list(const char *dir, const char *prefix, struct buf *out)
{
	struct list list;
	int rc = list_make(&list, dir);
	for (size_t i = 0; i < list.n; i++) {
		rc |= buf_z(out, prefix);
		rc |= world_http_encode(out, str_of(list.paths[i]), true);
		rc |= buf_char(out, '\n');
	}
	list_done(&list);
	return rc ? -1 : 0;
}

int world_folder_sources(const char *dir, const char *prefix, const char *tail, struct buf *out)
{
	struct list list;
	int rc = list_make(&list, dir) | buf_z(out, "sources:\n");
	for (size_t i = 0; i < list.n; i++) {
		struct str path = str_of(list.paths[i]);
		rc |= buf_z(out, "  - name: ") | buf_json_str(out, path);
		rc |= buf_printf(out, "\n    driver: feed\n    url: %s", prefix);
		rc |= world_http_encode(out, path, true) | buf_char(out, '\n') | buf_z(out, tail);
	}
	list_done(&list);
	return rc ? -1 : 0;
}
