/*
 * json_twin.h: our JSON reader beside jansson: the same texts accepted, the same values.
 */
#ifndef TESTS_SUPPORT_JSON_TWIN_H
#define TESTS_SUPPORT_JSON_TWIN_H

#include <stdbool.h>

#include "common/str.h"

bool json_twin_ours(struct str json); /* does ours accept it? */
/* Ends the process where the two differ.  Known differences are not looked at: depth beyond JSON_DEPTH,
 * values that are no object or list, and NUL bytes, which jansson reads over behind a number and which are
 * no JSON. */
void json_twin_check(struct str json);
/* The same for every file below the folder, whole and line by line; returns how many texts. */
size_t json_twin_folder(const char *path);

#endif
