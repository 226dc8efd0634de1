/*
 * folder.h: a folder of recorded feeds, read at each request.
 *
 * Regular files below the folder, whatever their names; names beginning with a dot are not there.
 * A path never leads out of the folder.  Changing a file changes what is served at once.
 */
#ifndef TESTS_WORLD_FOLDER_H
#define TESTS_WORLD_FOLDER_H

#include <stdint.h>

#include "common/buf.h"

enum { WORLD_MAX_FILES = 20000, WORLD_MAX_DEPTH = 16 };
#define WORLD_MAX_FILE (64UL * 1024 * 1024)

/* Appends the file; 0, or an HTTP status: 404 not there, 500 could not be read. */
int world_folder_read(const char *dir, struct str path, struct buf *out, int64_t *ret_modified_ms);

/* Appends one line per file, sorted: prefix and percent-encoded path.  -1 where the folder cannot
 * be read or is too large. */
int world_folder_list(const char *dir, const char *prefix, struct buf *out);

/* The `sources:` list of posthorn's configuration for all files, in YAML; names are the paths.
 * tail: further YAML lines of each source, may be "". */
int world_folder_sources(const char *dir, const char *prefix, const char *tail, struct buf *out);

#endif
