#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus_core.h"
#include "common/hash.h"
#include "common/mem.h"

#define MARKER_MAGIC 0x32726b6d73756250ULL /* "Pbusmkr2" */

/* An input that is or was handled alone; its count goes up before it is given out. */
struct suspect {
	uint32_t count; /* 0: free */
	int32_t topic, partition;
	int64_t offset;
};

enum { SUSPECTS = 16 };

/* As it lies in the file.  Written by one process only. */
struct image {
	uint64_t magic;
	uint32_t running; /* 1 from open to a clean close */
	struct suspect suspects[SUSPECTS];
	uint64_t log[BUS_TOPICS];                     /* hash of the log's identity */
	int64_t high[BUS_TOPICS][BUS_PARTITIONS_MAX]; /* highest offset given out + 1 */
};

struct bus_marker {
	int fd;
	struct image *image;
	bool unclean;
	int64_t before[BUS_TOPICS][BUS_PARTITIONS_MAX]; /* `high` as the dead run left it */
};

struct bus_marker *bus_marker_open(const char *dir, const char *program, int instance,
				   struct error *err)
{
	if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
		(void)error_set(err, "could not make state directory \"%s\": %s", dir,
				strerror(errno));
		return NULL;
	}
	char *path = xasprintf("%s/bus-%s-%d.marker", dir, program, instance);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct image *image = MAP_FAILED;
	/* Held by a twin, who is leaving or will have us refused: its marker is not ours to touch. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		image = mmap(NULL, sizeof *image, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (fd >= 0 && ftruncate(fd, sizeof *image) == 0)
		image = mmap(NULL, sizeof *image, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (image == MAP_FAILED) {
		(void)error_set(err, "could not open crash marker \"%s\": %s", path,
				strerror(errno));
		if (fd >= 0)
			close(fd);
		free(path);
		return NULL;
	}
	free(path);

	struct bus_marker *marker = xcalloc(1, sizeof *marker);
	marker->fd = fd;
	marker->image = image;
	if (image->magic == MARKER_MAGIC && image->running) {
		marker->unclean = true;
		memcpy(marker->before, image->high, sizeof marker->before);
	} else {
		memset(image, 0, sizeof *image);
		image->magic = MARKER_MAGIC;
	}
	image->running = 1;
	return marker;
}

void bus_marker_close(struct bus_marker *marker, bool clean)
{
	if (!marker)
		return;
	if (clean)
		marker->image->running = 0;
	(void)munmap(marker->image, sizeof *marker->image);
	close(marker->fd);
	free(marker);
}

bool bus_marker_unclean(const struct bus_marker *marker)
{
	return marker && marker->unclean;
}

void bus_marker_log(struct bus_marker *marker, int topic, const char *log_id)
{
	if (!marker)
		return;
	uint64_t id = hash_fnv(str_of(log_id));
	if (marker->image->log[topic] == id)
		return;
	marker->image->log[topic] = id;
	memset(marker->image->high[topic], 0, sizeof marker->image->high[topic]);
	memset(marker->before[topic], 0, sizeof marker->before[topic]);
	for (int i = 0; i < SUSPECTS; i++)
		if (marker->image->suspects[i].topic == topic)
			marker->image->suspects[i].count = 0;
}

bool bus_marker_single(const struct bus_marker *marker, int topic, int partition, int64_t offset)
{
	return marker && offset < marker->before[topic][partition];
}

static struct suspect *find(const struct bus_marker *marker, int topic, int partition,
			    int64_t offset)
{
	for (int i = 0; marker && i < SUSPECTS; i++) {
		struct suspect *suspect = &marker->image->suspects[i];
		if (suspect->count && suspect->topic == topic && suspect->partition == partition &&
		    suspect->offset == offset)
			return suspect;
	}
	return NULL;
}

int bus_marker_count(const struct bus_marker *marker, int topic, int partition, int64_t offset)
{
	const struct suspect *suspect = find(marker, topic, partition, offset);
	return suspect ? (int)suspect->count : 0;
}

void bus_marker_hand(struct bus_marker *marker, int topic, int partition, int64_t offset)
{
	if (marker && offset >= marker->image->high[topic][partition])
		marker->image->high[topic][partition] = offset + 1;
}

void bus_marker_suspect(struct bus_marker *marker, int topic, int partition, int64_t offset)
{
	if (!marker)
		return;
	struct suspect *suspect = find(marker, topic, partition, offset);
	if (suspect) {
		suspect->count++;
		return;
	}
	/* a free place, or the one of which least is known */
	suspect = &marker->image->suspects[0];
	for (int i = 1; i < SUSPECTS; i++)
		if (marker->image->suspects[i].count < suspect->count)
			suspect = &marker->image->suspects[i];
	/* the end may come between any two stores: the count is valid last */
	suspect->count = 0;
	atomic_signal_fence(memory_order_seq_cst);
	suspect->topic = topic;
	suspect->partition = partition;
	suspect->offset = offset;
	atomic_signal_fence(memory_order_seq_cst);
	suspect->count = 1;
}

void bus_marker_cleared(struct bus_marker *marker, int topic, int partition, int64_t offset)
{
	struct suspect *suspect = find(marker, topic, partition, offset);
	if (suspect)
		suspect->count = 0;
}
