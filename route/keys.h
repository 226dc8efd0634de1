/*
 * keys.h: names of the tenant's keys in Redis; docs/INTERFACES.md lists them all.
 *
 * Scripts build item keys from the prefix themselves; C code needs only those it reads.
 */
#ifndef ROUTE_KEYS_H
#define ROUTE_KEYS_H

#include "common/arena.h"

/* "{TENANT}:" ; a tenant is [A-Za-z0-9._-], 1 to 64 (it is also the topic prefix). */
bool keys_tenant_valid(const char *tenant);
struct str keys_prefix(const char *tenant, struct arena *arena);

/* prefix + name, prefix + name + id */
struct str keys_of(struct str prefix, const char *name, struct arena *arena);
struct str keys_item(struct str prefix, const char *name, struct str id, struct arena *arena);

#endif
