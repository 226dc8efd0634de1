#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/mem.h"

#include "analyze/shipped.h"

char *shipped_path(const char *named, const char *file)
{
	static const char *const places[] = {"", "/../share/posthorn", "/../analyze/models",
					     "/../../analyze/models"};
	char program[PATH_MAX];
	if (named)
		return xstrdup(named);
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	while (n > 0 && program[n - 1] != '/')
		n--;
	if (n > 1) {
		program[n - 1] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(places); i++) {
			char *path = xasprintf("%s%s/%s", program, places[i], file);
			if (access(path, R_OK) == 0)
				return path;
			free(path);
		}
	}
	return xasprintf("analyze/models/%s", file);
}
