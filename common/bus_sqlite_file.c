#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus_sqlite.h"
#include "common/mem.h"

static int open_beside(const char *dir, const char *name, const char *ending, struct error *err)
{
	char *path = xasprintf("%s/%s.%s", dir, name, ending);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		(void)error_set(err, "could not open \"%s\": %s", path, strerror(errno));
	free(path);
	return fd;
}

static int lock(const struct sql_file *file)
{
	int rc;
	do
		rc = flock(file->lock_fd, LOCK_EX);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int sql_file_open(struct sql_file *file, const char *dir, const char *name, enum sq_sync sync,
		  const char *schema, struct error *err)
{
	struct stat st;
	*file = (struct sql_file){.lock_fd = -1, .notify_fd = -1};
	file->path = xasprintf("%s/%s.db", dir, name);
	if ((file->lock_fd = open_beside(dir, name, "lock", err)) < 0 ||
	    (file->notify_fd = open_beside(dir, name, "notify", err)) < 0)
		return -1;
	if (lock(file) < 0)
		return error_set(err, "could not lock \"%s\": %s", file->path, strerror(errno));
	file->db = sq_open(file->path, sync, err);
	int rc = file->db ? sq_exec(file->db, schema) : -1;
	if (rc && file->db)
		(void)error_set(err, "could not open \"%s\": %s", file->path, sq_reason(file->db));
	(void)flock(file->lock_fd, LOCK_UN); /* cannot fail on a lock we hold */
	if (rc == 0 && stat(file->path, &st) == 0)
		file->inode = st.st_ino;
	return rc;
}

void sql_file_close(struct sql_file *file)
{
	sq_close(file->db);
	if (file->path && file->lock_fd >= 0)
		close(file->lock_fd);
	if (file->path && file->notify_fd >= 0)
		close(file->notify_fd);
	free(file->path);
	*file = (struct sql_file){.lock_fd = -1, .notify_fd = -1};
}

int sql_file_watch(const struct sql_file *file, int inotify_fd)
{
	char *path = xstrdup(file->path);
	memcpy(path + strlen(path) - 2, "", 1); /* "....db" -> "...." */
	char *notify = xasprintf("%snotify", path);
	int wd = inotify_add_watch(inotify_fd, notify, IN_MODIFY);
	free(notify);
	free(path);
	return wd;
}

int sql_file_begin(struct sql_file *file)
{
	if (lock(file) < 0)
		return -1;
	file->locked = true;
	return sq_exec(file->db, "begin immediate");
}

static void unlock(struct sql_file *file)
{
	if (file->locked)
		(void)flock(file->lock_fd, LOCK_UN); /* cannot fail on a lock we hold */
	file->locked = false;
}

int sql_file_commit(struct sql_file *file)
{
	if (sq_exec(file->db, "commit"))
		return -1;
	unlock(file);
	return 0;
}

void sql_file_rollback(struct sql_file *file)
{
	if (file->db)
		sq_rollback(file->db);
	unlock(file);
}

void sql_file_notify(const struct sql_file *file)
{
	/* readers look by themselves from time to time, should this fail */
	ssize_t n = pwrite(file->notify_fd, "x", 1, 0);
	(void)n;
}

bool sql_file_replaced(const struct sql_file *file)
{
	struct stat st;
	return stat(file->path, &st) < 0 ? errno == ENOENT : st.st_ino != file->inode;
}

void sql_uuid(char out[37])
{
	unsigned char b[16];
	must(getrandom(b, sizeof b, 0) == sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0, at = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		at += (size_t)snprintf(out + at, 37 - at, "%02x", b[i]);
	}
}
