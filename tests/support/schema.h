/*
 * schema.h: checks JSON text against docs/schemas/NAME.schema.json in tests.
 *
 * Knows the part of JSON Schema that our schemas use: type (also a list of types), enum, required,
 * properties, additionalProperties false, items.  Returns 0, or -1 with the path of what is wrong.
 */
#ifndef TESTS_SUPPORT_SCHEMA_H
#define TESTS_SUPPORT_SCHEMA_H

#include "common/error.h"
#include "common/str.h"

int schema_check(const char *name, struct str json, struct error *err);
/* The same, and no member may be missing from the schema: what is written must be documented. */
int schema_check_all(const char *name, struct str json, struct error *err);

#endif
