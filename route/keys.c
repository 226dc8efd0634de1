/*
 * keys.c: see keys.h.
 */
#include <stdio.h>
#include <string.h>

#include "route/keys.h"

bool keys_tenant_valid(const char *tenant)
{
	size_t n = strlen(tenant);
	return n >= 1 && n <= 64 &&
	       strspn(tenant,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

struct str keys_prefix(const char *tenant, struct arena *arena)
{
	return str_of(arena_printf(arena, "{%s}:", tenant));
}

struct str keys_of(struct str prefix, const char *name, struct arena *arena)
{
	return str_of(arena_printf(arena, "%.*s%s", STR_ARG(prefix), name));
}

struct str keys_item(struct str prefix, const char *name, struct str id, struct arena *arena)
{
	return str_of(arena_printf(arena, "%.*s%s%.*s", STR_ARG(prefix), name, STR_ARG(id)));
}
